"""Tokens: the words of MLIR's text, with comments apart; it must not know what they are for.

The rules are those of MLIR's own lexer (mlir/lib/AsmParser/Lexer.cpp), made total: any bytes give tokens, and what MLIR
would refuse becomes a token of its own kind. Offsets are bytes from the start of the text given.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import IntEnum
from itertools import compress, islice
from operator import attrgetter
from typing import Final


class Kind(IntEnum):
    """What a token is. The values are the groups of the expression below."""

    COMMENT = 1
    STRING = 2
    VALUE = 3
    """`%name`, without `#1` or `:2`."""
    WORD = 4
    """A bare identifier: keywords, operation names, types such as `f64`, and the `x4xf32` of shapes."""
    NUMBER = 5
    SYMBOL = 6
    """`@name` or `@"any name"`."""
    HASH = 7
    """`#name`: an attribute, an alias, or the number of a result."""
    BANG = 8
    """`!name`: a type or an alias."""
    CARET = 9
    """`^name`: a block."""
    OPEN = 10
    """`(`, `[` or `{`. Angle brackets are PUNCTUATION: whether they pair depends on where they stand."""
    CLOSE = 11
    PUNCTUATION = 12
    """One of `: , = < > - + ? * / |` and the longer `->`, `::`, `==`, `>=`, `...`."""
    BAD_STRING = 13
    """A string whose line ends before its closing quote."""
    UNKNOWN = 14
    """Bytes that begin no token."""


_SUFFIX: Final = rb"(?:[0-9]++|[A-Za-z_$.-][\w$.-]*+)"
# What is blank behind a token is read with it: between tokens nothing is then searched.
_TOKEN: Final = re.compile(
    rb"(?:(//[^\n\r]*+)"
    rb'|("(?:[^"\\\n\r]++|\\[^\n\r])*+")'
    rb"|(%(?:" + _SUFFIX + rb")?)"
    rb"|([A-Za-z_][\w$.]*+)"
    rb"|(0x[0-9a-fA-F]++|[0-9]++(?:\.[0-9]*+(?:[eE][-+]?[0-9]++)?)?)"
    rb'|(@(?:"(?:[^"\\\n\r]++|\\[^\n\r])*+"|[A-Za-z_][\w$.]*+|[0-9]++)?)'
    rb"|(#(?:" + _SUFFIX + rb")?)"
    rb"|(!(?:" + _SUFFIX + rb")?)"
    rb"|(\^(?:" + _SUFFIX + rb")?)"
    rb"|([(\[{])"
    rb"|([)\]}])"
    rb"|(->|::|\.\.\.|==|>=|[:,=<>+?*/|-])"
    rb'|("[^\n\r]*+)'
    rb"|([^ \t\r\n\x00]))"
    rb"[ \t\r\n\x00]*+",
    re.ASCII,
)
_LINE_END: Final = re.compile(rb"[\n\r]")
_BATCH: Final = 512
"""Matches that are alive at once."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of `text`, as three lists of one length, and the comments between them as (start, end).

    `firsts[i]` is 1 where token i is the first of its line, comments aside.
    """

    text: bytes
    kinds: list[int]
    starts: list[int]
    ends: list[int]
    comments: list[tuple[int, int]]
    firsts: bytearray

    def __len__(self) -> int:
        return len(self.kinds)

    def word(self, index: int) -> bytes:
        """The bytes of token `index`; empty when there is no such token."""
        if not 0 <= index < len(self.kinds):
            return b""
        return self.text[self.starts[index] : self.ends[index]]

    def starts_line(self, index: int) -> bool:
        """Whether token `index` is the first of its line (comments before it do not count)."""
        return bool(self.firsts[index])

    def column(self, index: int) -> int:
        """The column in bytes of token `index` in its line; in the first line counted from the start of the text."""
        start = self.starts[index]
        newline = self.text.rfind(b"\n", 0, start)
        return start - max(newline, self.text.rfind(b"\r", newline + 1, start)) - 1

    def at(self, offset: int) -> int | None:
        """The token that covers `offset`, or else the one that ends there."""
        index = bisect_right(self.starts, offset) - 1
        if index < 0:
            return None
        if offset < self.ends[index]:
            return index
        return index if offset == self.ends[index] else None


def tokenize(text: bytes) -> Tokens:
    """The tokens of any bytes, in order. Every byte is in a token, in a comment, or blank."""
    kinds: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    comments: list[tuple[int, int]] = []
    comment, matches = int(Kind.COMMENT), _TOKEN.finditer(text)
    # A large text has hundreds of thousands of tokens: whole batches pass through functions in C.
    while batch := list(islice(matches, _BATCH)):
        new_kinds = list(map(_GROUP, batch))
        new_starts, new_ends = map(_START, batch), map(_END, batch, new_kinds)
        if comment in new_kinds:
            is_token = [kind != comment for kind in new_kinds]
            comments += [batch[at].span(comment) for at, kind in enumerate(new_kinds) if kind == comment]
            new_kinds = compress(new_kinds, is_token)
            new_starts, new_ends = compress(new_starts, is_token), compress(new_ends, is_token)
        kinds += new_kinds
        starts += new_starts
        ends += new_ends
    return Tokens(text, kinds, starts, ends, comments, _firsts(text, starts))


_GROUP: Final = attrgetter("lastindex")
_START: Final = re.Match[bytes].start
_END: Final = re.Match[bytes].end


def _firsts(text: bytes, starts: list[int]) -> bytearray:
    found = bytearray(len(starts) + 1)
    found[0], index = 1, 0
    for match in _LINE_END.finditer(text):
        # No token holds a line end, so the next token is the first of a line.
        index = bisect_left(starts, match.start(), index)
        found[index] = 1
    del found[-1]
    return found
