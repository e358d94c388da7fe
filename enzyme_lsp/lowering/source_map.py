"""Source map: where in the source the lines of a lowered text are from, also after edits; not who shows that text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.text.edit import Edit

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SourceMap:
    """`offsets` has, for each line of the text, the byte of `source` that it came from."""

    source: Snapshot
    offsets: tuple[int | None, ...]

    def offset(self, line0: int) -> int | None:
        """The byte that a line of the text came from; a text may have lines that nothing is known of."""
        return self.offsets[line0] if line0 < len(self.offsets) else None

    def lines(self) -> tuple[int | None, ...]:
        """For each line of the text the line of the source, from 0."""
        lines = self.source.document.lines
        return tuple(None if one is None else lines.position(one, "utf-8").line0 for one in self.offsets)

    def moved(self, newer: Snapshot) -> SourceMap:
        """The same for a later text of the source. What lies in the changed stretch is not there any more."""
        before, after = self.source.document.data, newer.document.data
        if newer is self.source or before == after:
            return SourceMap(newer, self.offsets)
        edit = Edit.between(before, after)
        return SourceMap(newer, tuple(None if one is None else _moved(one, edit) for one in self.offsets))

    def is_of(self, newer: Snapshot) -> bool:
        """Whether a snapshot has the text that was lowered."""
        return newer is self.source or newer.document.data == self.source.document.data


def _moved(offset: int, edit: Edit) -> int | None:
    if offset < edit.span.start:
        return offset
    return offset + edit.delta if offset >= edit.span.end else None
