"""Constants: what a large literal says in a few words: its shape, element type, and splat value or range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.parse import type_end

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Tree
    from enzyme_lsp.text.span import Span

_LONGEST: Final = 200
"""Characters of a text that is shown whole."""
_LARGEST: Final = 1_000_000
"""Bytes of a literal whose numbers are read."""
_NUMBER: Final = re.compile(rb"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?)")
_TYPE_STOPS: Final = frozenset({b",", b"}", b")", b"]", b">"})


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: its bytes in the text, and what it says as Markdown."""

    span: Span
    markdown: str


def shortened(text: str) -> str:
    """A text in one piece, with its middle left out when it is long."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 40]} ... {text[-30:]}"


def at(tree: Tree, token: int) -> Constant | None:
    """The `dense<...> : type` that a token stands in; None where there is none."""
    tokens = tree.tokens
    first = token
    # Elements are lists in lists; the word stands in front of the first bracket.
    while first >= 0 and tokens.word(first) not in (b"dense", b"dense_resource"):
        if token - first > 64 and tokens.word(first) not in _INSIDE:
            return None
        first -= 1
        if token - first > 4_096:
            return None
    if first < 0 or tokens.word(first + 1) != b"<":
        return None
    close = type_end(tree, first + 2, len(tokens), frozenset({b">"}))
    if close < token or tokens.word(close) != b">":
        return None
    last = close + 1
    type_ = None
    if tokens.word(last) == b":":
        end = type_end(tree, last + 1, len(tokens), _TYPE_STOPS)
        end = min(end, _line_end(tree, last + 1))
        type_ = types.read(tree.span(last + 1, end).of(tokens.text).decode("utf-8", "replace"))
        last = end
    inside = tree.span(first + 2, close).of(tokens.text)
    shown = f"{tokens.word(first).decode()}<...>" + (f" : {type_}" if type_ is not None else "")
    return Constant(tree.span(first, last), f"```mlir\n{shown}\n```\n\n{_said(inside)}")


_INSIDE: Final = frozenset({b",", b"[", b"]", b"-", b"(", b")"})


def _line_end(tree: Tree, token: int) -> int:
    """The token that begins the next line."""
    index = token
    while index < len(tree.tokens) and (index == token or not tree.tokens.starts_line(index)):
        index += 1
    return index


def _said(inside: bytes) -> str:
    text = inside.strip()
    if not text:
        return "no elements"
    if text[:1] == b'"':
        return f"{max(len(text) - 4, 0) // 2:,} bytes, written as hexadecimal digits"
    if text[:1] not in b"[(":
        return f"every element is `{shortened(text.decode('utf-8', 'replace'))}`"
    if len(text) > _LARGEST:
        return f"{len(text):,} characters of elements"
    numbers = [float(one) for one in _NUMBER.findall(text)]
    if not numbers or b"true" in text or b"false" in text:
        trues, falses = text.count(b"true"), text.count(b"false")
        return f"{trues:,} true, {falses:,} false" if trues or falses else f"{text.count(b',') + 1:,} elements"
    return f"{len(numbers):,} numbers from {min(numbers):g} to {max(numbers):g}"
