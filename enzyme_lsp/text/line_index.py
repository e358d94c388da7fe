"""Byte offsets to lines and columns and back, in the three encodings clients use; must not know the protocol.

This is the only place where columns are converted. Two notations meet here:

* `offset` counts bytes of the UTF-8 text from its beginning; all code inside uses it.
* `Position(line0, column)` counts lines from 0, and columns from 0 in units of an `Encoding`: bytes
  ("utf-8"), UTF-16 code units ("utf-16") or characters ("utf-32").

Conversions never raise: offsets and positions outside the text are moved to the nearest place inside, and a
place inside a character or between the two bytes of a CR LF is moved to its start. Text that is not UTF-8 is
allowed: a byte that cannot begin a character belongs to the character before it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.text.edit import Edit

Encoding = Literal["utf-8", "utf-16", "utf-32"]

CODECS: Final[dict[Encoding, tuple[str, int]]] = {
    "utf-8": ("utf-8", 1),
    "utf-16": ("utf-16-le", 2),
    "utf-32": ("utf-32-le", 4),
}
"""What writes a text in units of an encoding, and the bytes of a unit."""


class Position(NamedTuple):
    line0: int
    column: int


class LineIndex:
    """Where the lines of one text begin. Never changes; `edited` makes the index of the next text.

    The lines are kept in blocks of some hundred. A flat list of line starts would have to be shifted behind
    each edit, 10 ms in a text of 200,000 lines; of the blocks only the edited one is read anew and the
    others are shared with the index before.

    Invariants: each block but the last ends with a line terminator; no block is empty; the last line, which
    has no terminator and may be empty, is in the last block.
    """

    __slots__ = ("_block_line0s", "_block_starts", "_blocks", "_data", "line_count")

    def __init__(self, data: bytes, blocks: Sequence[_Block]) -> None:
        """For `of` and `edited`; `blocks` must be those of `data`."""
        self._data = data
        self._blocks = blocks
        self._block_starts = [0, *accumulate(block[-1] for block in blocks)]
        self._block_line0s = [0, *accumulate(map(len, blocks))]
        self.line_count = self._block_line0s.pop()
        self._block_starts.pop()

    @staticmethod
    def of(data: bytes) -> LineIndex:
        return LineIndex(data, list(_blocks(_line_sizes(data, last=True))))

    def edited(self, edit: Edit, new_data: bytes) -> LineIndex:
        """The index of `new_data`, which must be this index's text after `edit`; equal to a fresh one."""
        # The byte before the edit counts as touched: a CR there and a LF behind it become one terminator.
        # So does the byte behind the edit, for the same reason and because it may continue the last new line.
        first = self._block_at(edit.span.start - 1)
        last = self._block_at(edit.span.end)
        is_last = last == len(self._blocks) - 1
        start = self._block_starts[first]
        end = len(new_data) if is_last else self._block_starts[last + 1] + edit.delta
        fresh = _blocks(_line_sizes(new_data[start:end], last=is_last))
        return LineIndex(new_data, [*self._blocks[:first], *fresh, *self._blocks[last + 1 :]])

    def line_span(self, line0: int) -> Span:
        """The line without its terminator; beyond the last line, the empty span at the end of the text."""
        if line0 >= self.line_count:
            return Span(len(self._data), len(self._data))
        line0 = max(line0, 0)
        block = bisect_right(self._block_line0s, line0) - 1
        return self._line_span(block, line0 - self._block_line0s[block])

    def position(self, offset: int, encoding: Encoding) -> Position:
        data = self._data
        offset = min(max(offset, 0), len(data))
        block = self._block_at(offset)
        ends, base = self._blocks[block], self._block_starts[block]
        # At the end of the text `bisect` points behind the last line.
        line = min(bisect_right(ends, offset - base), len(ends) - 1)
        start = base + (ends[line - 1] if line else 0)
        if data[offset - 1 : offset + 1] == b"\r\n":
            offset -= 1
        column = _units(data[start : self._character_start(offset, start)], encoding)
        return Position(self._block_line0s[block] + line, column)

    def positions(self, span: Span, encoding: Encoding) -> tuple[Position, Position]:
        """Those of the two ends, in less time where the text between them is short and simple."""
        start, data = self.position(span.start, encoding), self._data
        inside = data[span.start : span.end + 1] if len(span) < _SHORT else b"\n"
        if not inside.isascii() or b"\n" in inside or b"\r" in inside or span.end >= len(data):
            return start, self.position(span.end, encoding)
        return start, Position(start.line0, start.column + len(span))

    def offset(self, position: Position, encoding: Encoding) -> int:
        line0, column = position
        span = self.line_span(line0)
        if line0 < 0 or column <= 0:
            return span.start
        if encoding == "utf-8":
            return self._character_start(min(span.start + column, span.end), span.start)
        line = span.of(self._data)
        if line.isascii():
            return min(span.start + column, span.end)
        return span.start + _byte_column(line, column, encoding)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same text and lines, however these are spread over blocks."""
        if not isinstance(other, LineIndex):
            return NotImplemented
        return self._data == other._data and [*self._starts()] == [*other._starts()]

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # Equality reads the whole text.

    def _starts(self) -> Iterator[int]:
        for start, ends in zip(self._block_starts, self._blocks, strict=True):
            yield start
            yield from (start + end for end in ends[:-1])

    def _block_at(self, offset: int) -> int:
        return max(bisect_right(self._block_starts, offset) - 1, 0)

    def _line_span(self, block: int, line: int) -> Span:
        ends = self._blocks[block]
        start = self._block_starts[block] + (ends[line - 1] if line else 0)
        end = self._block_starts[block] + ends[line]
        if self._data.endswith(b"\r\n", start, end):
            return Span(start, end - 2)
        if self._data.endswith((b"\n", b"\r"), start, end):
            return Span(start, end - 1)
        return Span(start, end)

    def _character_start(self, offset: int, line_start: int) -> int:
        data = self._data
        if offset == len(data):
            return offset
        while offset > line_start and data[offset] & 0b1100_0000 == 0b1000_0000:
            offset -= 1
        return offset


_Block: TypeAlias = "array[int]"
"""The end of each line in it, terminator included, counted from the block's start."""

_SHORT = 256
"""Bytes."""

_LINES_PER_BLOCK = 512
"""A block is read anew at each edit, the list of blocks is copied; this keeps both well under 0.1 ms."""

_CONTINUATION = bytes(range(0x80, 0xC0))
"""The bytes that continue a character in UTF-8."""

_LONG = bytes(range(0xF0, 0x100))
"""The bytes that begin a character of four bytes, which takes two code units in UTF-16."""


def _line_sizes(data: bytes, *, last: bool) -> list[int]:
    # `bytes.splitlines` splits at \n, \r\n and \r only, as the protocol does; `str.splitlines` at ten more.
    sizes = [len(line) for line in data.splitlines(keepends=True)]
    if last and (not data or data.endswith((b"\n", b"\r"))):
        sizes.append(0)
    return sizes


def _blocks(line_sizes: Sequence[int]) -> Iterator[_Block]:
    for first in range(0, len(line_sizes), _LINES_PER_BLOCK):
        yield array("Q", accumulate(line_sizes[first : first + _LINES_PER_BLOCK]))


def _units(characters: bytes, encoding: Encoding) -> int:
    # Counting the bytes that begin characters needs no decoding, so it also works for text that is not UTF-8
    # and for lone surrogates, and adds up over any two parts of a line.
    if encoding == "utf-8" or characters.isascii():
        return len(characters)
    starts = characters.translate(None, _CONTINUATION)
    if encoding == "utf-32":
        return len(starts)
    return 2 * len(starts) - len(starts.translate(None, _LONG))


def _byte_column(line: bytes, column: int, encoding: Encoding) -> int:
    """The start of the character that holds unit `column`, or the end of the line."""
    low, high = 0, len(line)
    if _units(line, encoding) <= column:
        return high
    # Halving reads each part once, in C: a line may have megabytes.
    while high - low > 1:
        middle = (low + high) // 2
        units = _units(line[low:middle], encoding)
        if units > column:
            high = middle
        else:
            low, column = middle, column - units
    return low
