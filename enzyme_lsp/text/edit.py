"""Replacements of stretches of a text; must not know where edits come from or who keeps the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Stop:
    """A stretch of new text that a user may be led to, to keep it or to type another.

    They are visited by `number`, from 1; those of one number, in all edits of a set, hold the same and change together.
    """

    span: Span
    number: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `new` in the place of the bytes in `span`.

    Invariant: `stops` are in `new`, sorted and disjoint.
    """

    span: Span
    new: bytes
    stops: tuple[Stop, ...] = field(default=(), kw_only=True)

    @property
    def delta(self) -> int:
        """How far this edit moves the text behind it."""
        return len(self.new) - len(self.span)

    @property
    def new_span(self) -> Span:
        """Where the new bytes are after the edit."""
        return Span(self.span.start, self.span.start + len(self.new))

    def apply(self, data: bytes) -> bytes:
        view = memoryview(data)  # Slices of bytes would copy a large text twice.
        return b"".join((view[: self.span.start], self.new, view[self.span.end :]))

    @staticmethod
    def between(old: bytes, new: bytes) -> Edit:
        """The one edit, as small as possible, that makes `new` of `old`.

        A client that sends the whole text for each key still gives us a small edit, so that what was
        computed for the rest of the text stays.
        """
        start = _common_prefix(old, new)
        # What both begin with must not be counted again at the end: "aa" to "a" has one `a` in common.
        tail = _common_suffix(old[start:], new[start:])
        return Edit(Span(start, len(old) - tail), new[start : len(new) - tail])


@dataclass(frozen=True, slots=True)
class EditSet:
    """Edits that all speak of the same text.

    Invariant: sorted by span and disjoint. Edits may touch; of two insertions at one offset the first given
    comes first in the result.
    """

    edits: tuple[Edit, ...]

    def __init__(self, edits: Iterable[Edit]) -> None:
        ordered = tuple(sorted(edits, key=lambda edit: edit.span))
        for before, after in pairwise(ordered):
            if after.span.start < before.span.end:
                raise ValueError(f"edits overlap: {before.span} and {after.span}")
        object.__setattr__(self, "edits", ordered)

    def apply(self, data: bytes) -> bytes:
        view = memoryview(data)
        pieces: list[bytes | memoryview] = []
        kept = 0
        for edit in self.edits:
            pieces += (view[kept : edit.span.start], edit.new)
            kept = edit.span.end
        pieces.append(view[kept:])
        return b"".join(pieces)

    def then(self, later: EditSet, between: bytes) -> EditSet:
        """The edits that do at once what this set and then `later` do; `between` is the text that this one makes.

        What touches becomes one edit, so that the order of insertions at one place is kept. Stops are lost.
        """
        # Both sets as stretches of the text between them, with the bytes that each has added to it.
        stretches: list[tuple[Span, int, Edit | None]] = []
        moved = 0
        for edit in self.edits:
            stretches.append((edit.new_span.shifted(moved), edit.delta, None))
            moved += edit.delta
        stretches += [(edit.span, 0, edit) for edit in later.edits]
        stretches.sort(key=lambda stretch: stretch[0])
        made: list[Edit] = []
        moved = index = 0
        while index < len(stretches):
            start, end = stretches[index][0].start, stretches[index][0].end
            added, inside = 0, list[Edit]()
            while index < len(stretches) and stretches[index][0].start <= end:
                span, delta, edit = stretches[index]
                end = max(end, span.end)
                added += delta
                inside += [Edit(span.shifted(-start), edit.new)] if edit is not None else []
                index += 1
            made.append(Edit(Span(start - moved, end - moved - added), EditSet(inside).apply(between[start:end])))
            moved += added
        return EditSet(made)

    def in_line_ends_of(self, data: bytes) -> EditSet:
        """With CR LF for each LF, if that is how the first line of `data` ends, and CR where no line ends with LF.

        Whoever makes edits writes LF.
        """
        end = data.find(b"\n")
        if end >= 1 and data[end - 1] == ord("\r"):
            return EditSet(_with_ends(edit, b"\r\n") for edit in self.edits)
        if end < 0 and b"\r" in data:
            return EditSet(_with_ends(edit, b"\r") for edit in self.edits)
        return self


def _with_ends(edit: Edit, end: bytes) -> Edit:
    # What a longer end adds moves what is behind it.
    added = [match.start() for match in _LONE_LF.finditer(edit.new)] if len(end) > 1 else []
    stops = tuple(
        Stop(Span(*(at + bisect_left(added, at) for at in (stop.span.start, stop.span.end))), stop.number)
        for stop in edit.stops
    )
    return Edit(edit.span, _LONE_LF.sub(end, edit.new), stops=stops)


_LONE_LF: Final = re.compile(rb"(?<!\r)\n")


def _common_prefix(one: bytes, other: bytes) -> int:
    # Halving compares whole slices, which is one call into C each; a loop over bytes would take a second for
    # a few megabytes.
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
