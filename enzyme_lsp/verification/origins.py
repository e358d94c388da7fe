"""Origins: where each byte of an edited text is from; it must not know what the text says."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.spelling import Move
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.text.edit import Edit


@dataclass(frozen=True, slots=True)
class Origins:
    """The way back from a text to the one that it was made of.

    `edits` are in order and disjoint; `starts` are the bytes of the new text at which what each has put begins.
    """

    edits: tuple[Edit, ...]
    starts: tuple[int, ...]

    @staticmethod
    def of(edits: Sequence[Edit]) -> Origins:
        if not edits:
            return UNTOUCHED
        starts, moved = list[int](), 0
        for edit in edits:
            starts.append(edit.span.start + moved)
            moved += edit.delta
        return Origins(tuple(edits), tuple(starts))

    def of_byte(self, offset: int) -> int:
        """The byte of the old text that byte `offset` of the new one is from.

        For what has been put there it is the byte that it stands for, or else the end of what was taken before it, or
        the place where it was put.
        """
        index = bisect_right(self.starts, offset) - 1
        if index < 0:
            return offset
        edit, inside = self.edits[index], offset - self.starts[index]
        if inside >= len(edit.new):
            return edit.span.end + inside - len(edit.new)
        if isinstance(edit, Move) and edit.origins:
            at = edit.span.start
            for begin, span in edit.origins:
                if inside < begin:
                    break
                if inside < begin + len(span):
                    return span.start + inside - begin
                at = span.end
            return at
        return edit.span.start + inside if len(edit.new) == len(edit.span) else edit.span.start


UNTOUCHED: Final = Origins((), ())


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes [old, old + old_length) of a text, which after edits are `length` bytes from `new` on."""

    new: int
    length: int
    old: int
    old_length: int
    origins: Origins


@dataclass(frozen=True, slots=True)
class StretchOrigins:
    """The way back from a text of which some stretches were edited, each on its own; these are in order."""

    stretches: tuple[Stretch, ...]

    def of_byte(self, offset: int) -> int:
        """The byte of the old text that byte `offset` of the new one is from."""
        index = bisect_right(self.stretches, offset, key=_new) - 1
        if index < 0:
            return offset
        one = self.stretches[index]
        inside = offset - one.new
        if inside < one.length:
            return one.old + one.origins.of_byte(inside)
        return one.old + one.old_length + inside - one.length

    def apply(self, data: bytes) -> bytes:
        """The same edits in a text in which all these stretches stand as in the old one."""
        parts, behind = list[bytes](), 0
        for one in self.stretches:
            end = one.old + one.old_length
            parts += (data[behind : one.old], EditSet(one.origins.edits).apply(data[one.old : end]))
            behind = end
        parts.append(data[behind:])
        return b"".join(parts)


def _new(one: Stretch) -> int:
    return one.new
