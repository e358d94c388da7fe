"""Message places: which part of the text each kind of engine message would underline at a place.

An engine may name any line and column, also ones where the text has changed its meaning since; this says where the
message would go, and it does so without an engine. `enzyme-lsp probe` asks it at every token of a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import engine_verdict
from enzyme_lsp.checks.engine_words import Part

if TYPE_CHECKING:
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot


def message_places(snapshot: Snapshot, offset: int) -> dict[Part, Span]:
    """For each part that a message can speak of, the bytes of the document that it would underline."""
    return {part: engine_verdict.place(snapshot, offset, part) for part in Part}
