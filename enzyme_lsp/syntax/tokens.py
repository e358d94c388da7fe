"""Tokens: the words of MLIR's text, with comments apart; it must not know what they are for.

The rules are those of MLIR's own lexer (mlir/lib/AsmParser/Lexer.cpp), made total: any bytes give tokens, and what MLIR
would refuse becomes a token of its own kind. Offsets are bytes from the start of the text given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum
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


_SUFFIX: Final = rb"(?:[0-9]+|[A-Za-z_$.-][\w$.-]*)"
_TOKEN: Final = re.compile(
    rb"(//[^\n\r]*)"
    rb'|("(?:[^"\\\n\r]|\\[^\n\r])*")'
    rb"|(%(?:" + _SUFFIX + rb")?)"
    rb"|([A-Za-z_][\w$.]*)"
    rb"|(0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]*(?:[eE][-+]?[0-9]+)?)?)"
    rb'|(@(?:"(?:[^"\\\n\r]|\\[^\n\r])*"|[A-Za-z_][\w$.]*|[0-9]+)?)'
    rb"|(#(?:" + _SUFFIX + rb")?)"
    rb"|(!(?:" + _SUFFIX + rb")?)"
    rb"|(\^(?:" + _SUFFIX + rb")?)"
    rb"|([(\[{])"
    rb"|([)\]}])"
    rb"|(->|::|\.\.\.|==|>=|[:,=<>+?*/|-])"
    rb'|("[^\n\r]*)'
    rb"|([^ \t\r\n\x00])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of `text`, as three lists of one length, and the comments between them as (start, end)."""

    text: bytes
    kinds: list[int]
    starts: list[int]
    ends: list[int]
    comments: list[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.kinds)

    def word(self, index: int) -> bytes:
        """The bytes of token `index`; empty when there is no such token."""
        if not 0 <= index < len(self.kinds):
            return b""
        return self.text[self.starts[index] : self.ends[index]]

    def starts_line(self, index: int) -> bool:
        """Whether token `index` is the first of its line (comments before it do not count)."""
        if index == 0:
            return True
        between = self.text[self.ends[index - 1] : self.starts[index]]
        return b"\n" in between or b"\r" in between

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
    add_kind, add_start, add_end = kinds.append, starts.append, ends.append
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        start, end = match.span()
        if kind == Kind.COMMENT:
            comments.append((start, end))
            continue
        add_kind(kind or Kind.UNKNOWN)
        add_start(start)
        add_end(end)
    return Tokens(text, kinds, starts, ends, comments)
