"""Constants: what a large literal says in a few words: its shape, element type, and splat value or range."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.syntax.nodes import Tree
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.text.span import Span

_LONGEST: Final = 200
"""Characters of a text that is shown whole."""
_LARGEST: Final = 1_000_000
"""Bytes of a literal whose numbers are read: some 50 ms."""
_TYPE_STOPS: Final = frozenset({b",", b"}", b")", b"]", b">", b"{", b"loc"})
_ANGLE: Final = frozenset({b">"})
_WORDS: Final = (b"dense_resource", b"dense")
_CODES: Final = {"f32": "f", "f64": "d", "i8": "b", "i16": "h", "i32": "i", "i64": "q", "ui8": "B", "ui16": "H"}
"""By element type, how Python's arrays call it."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: its bytes in the text; what it is, without its elements; and what these are, in words."""

    span: Span
    shown: str
    words: str


def shortened(text: str) -> str:
    """A text on one line, with its middle left out when it is long."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 40]} ... {text[-30:]}"


def at(tree: Tree, token: int, aliases: Mapping[str, bytes]) -> Constant | None:
    """The `dense<...> : type` that a token stands in; None where there is none."""
    tokens = tree.tokens
    found = tokens.text.rfind(_WORDS[1], 0, tokens.ends[token])
    first = bisect_left(tokens.starts, found) if found >= 0 else -1
    if first < 0 or tokens.word(first) not in _WORDS or tokens.word(first + 1) != b"<":
        return None
    close = type_end(tree, first + 2, len(tokens), _ANGLE)
    if close >= len(tokens):
        return None
    last, type_ = close + 1, None
    if tokens.word(last) == b":":
        last = min(type_end(tree, last + 1, len(tokens), _TYPE_STOPS), _line_end(tree, last + 1))
        type_ = types.read(decode(tree.span(close + 2, last).of(tokens.text)), aliases)
    if token >= last:
        return None
    shown = f"{decode(tokens.word(first))}<...>" + (f" : {shortened(type_.text)}" if type_ is not None else "")
    inside = tree.span(first + 2, close).of(tokens.text).strip()
    return Constant(tree.span(first, last), shown, _said(inside, type_, tokens.word(first)))


def _line_end(tree: Tree, token: int) -> int:
    """The token that begins the next line."""
    index = token
    while index < len(tree.tokens) and (index == token or not tree.tokens.starts_line(index)):
        index += 1
    return index


def _said(inside: bytes, type_: Type | None, word: bytes) -> str:
    """What the elements are."""
    if word == _WORDS[0]:
        return f"the blob `{shortened(decode(inside))}`"
    if not inside:
        return "no elements"
    if inside[:1] == b'"':
        return _of_digits(inside.strip(b'"'), type_)
    if inside[:1] not in b"[(":
        return f"every element is `{shortened(decode(inside))}`"
    if len(inside) > _LARGEST:
        return f"{len(inside):,} characters of elements"
    if inside[:1] == b"(":
        return f"every element is `{shortened(decode(inside))}`"
    trues, falses = inside.count(b"true"), inside.count(b"false")
    if trues or falses:
        return f"{trues:,} true, {falses:,} false"
    words = inside.translate(None, b"[] \t\r\n").split(b",")
    try:
        numbers = [*map(float, words)]
    except ValueError:
        # Complex numbers, hexadecimal digits, strings, and what is half typed.
        return f"{len(words):,} elements" if b"(" not in inside else f"{inside.count(b'('):,} elements"
    return _range(numbers)


def _of_digits(digits: bytes, type_: Type | None) -> str:
    """Of elements that are written as hexadecimal digits, which are their bytes, the lowest first."""
    size = max(len(digits) - len(b"0x"), 0) // 2
    words = f"{size:,} bytes, written as hexadecimal digits"
    element = type_.element if type_ is not None and type_.kind is TypeKind.TENSOR else None
    letter = _CODES.get(element.text) if element is not None else None
    if letter is None or len(digits) > 2 * _LARGEST:
        return words
    numbers: array[float] = array(letter)
    try:
        numbers.frombytes(bytes.fromhex(digits[2:].decode("ascii")))
    except ValueError:
        return words
    if sys.byteorder == "big":
        numbers.byteswap()
    return f"{words}: {_range(numbers)}" if numbers else words


def _range(numbers: list[float] | array[float]) -> str:
    lowest, highest = min(numbers), max(numbers)
    count = f"{len(numbers):,} element{'' if len(numbers) == 1 else 's'}"
    return f"{count}, all {lowest:g}" if lowest == highest else f"{count} from {lowest:g} to {highest:g}"
