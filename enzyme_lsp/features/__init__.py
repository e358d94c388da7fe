"""Editor questions: functions of a snapshot and a place, in plain values; and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features import diagnostics, message_places

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature, asked either of a whole document or of one byte offset in it."""

    name: str
    of_document: Callable[[Snapshot], object] | None = None
    at_place: Callable[[Snapshot, int], object] | None = None


FEATURES: Final = (
    Feature("diagnostics", of_document=lambda snapshot: diagnostics.diagnostics(snapshot, None)),
    Feature("message places", at_place=message_places.message_places),
)
"""What `enzyme-lsp probe` asks at every token."""
