"""Type pages: what a hover says of types and of Enzyme's own types and attributes: meaning, and sizes in bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.types_and_attributes import ATTRIBUTES, TYPES
from enzyme_lsp.features.constants import shortened
from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.dialect.types_and_attributes import Named
    from enzyme_lsp.syntax.nodes import Tree
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.text.span import Span

_DIGITS: Final = re.compile(r"\d+")
_ANGLE: Final = frozenset({b">"})
_FARTHEST: Final = 64
"""Tokens before one in the brackets of a type that are looked at."""
_WIDTHS: Final = {"tf32": 19}
"""Bits of floating point types whose name says another number."""


def code(text: str) -> str:
    """MLIR in a page."""
    return f"```mlir\n{text}\n```"


def of_token(tree: Tree, token: int, aliases: Mapping[str, bytes]) -> tuple[Span, str] | None:
    """The type or attribute that begins at a token, and what there is to say of it; None where there is none."""
    named = _own(tree, token)
    if named is not None:
        span = type_span(tree, token)
        shown = shortened(decode(span.of(tree.tokens.text)))
        return tree.token_span(token), f"{code(shown)}\n\n{named.meaning}\n\n{_parameters(named)}".rstrip()
    for first in (token, _opener(tree, token)):
        if tree.tokens.kinds[first] not in (Kind.WORD, Kind.BANG):
            continue
        span = type_span(tree, first)
        read = types.read(decode(span.of(tree.tokens.text)), aliases)
        if read.kind not in (TypeKind.BROKEN, TypeKind.OTHER):
            size_ = size(read)
            return span, "\n\n".join([code(shortened(str(read))), *([size_] if size_ is not None else [])])
    return None


def _opener(tree: Tree, token: int) -> int:
    """The word whose angle brackets a token stands in, as `tensor` for a token of its shape; else the token itself."""
    depth = 0
    for before in range(token - 1, max(token - _FARTHEST, 0), -1):
        word = tree.tokens.word(before)
        depth += (word == b">") - (word == b"<")
        if depth < 0:
            return before - 1
    return token


def type_span(tree: Tree, token: int) -> Span:
    """The type that begins at a token: alone, or with the angle brackets behind it."""
    if tree.tokens.word(token + 1) != b"<":
        return tree.token_span(token)
    last = len(tree.tokens)
    return tree.span(token, min(type_end(tree, token + 2, last, _ANGLE) + 1, last))


def size(type_: Type) -> str | None:
    """The size of a value of a type in bytes, where its text tells."""
    bits = _bits(type_.scalar)
    if bits is None or not type_.is_static or type_.kind in (TypeKind.UNRANKED_TENSOR, TypeKind.UNRANKED_MEMREF):
        return None
    count = 1
    for length in type_.shape:
        count *= length or 0
    total = -(-count * bits // 8)
    amount = f"{total:,} byte{'' if total == 1 else 's'}"
    if type_.kind not in (TypeKind.TENSOR, TypeKind.MEMREF):
        return amount
    return f"{count:,} element{'' if count == 1 else 's'} of {bits} bits, {amount}"


def _bits(scalar: Type) -> int | None:
    if scalar.kind is TypeKind.COMPLEX and scalar.element is not None:
        half = _bits(scalar.element)
        return None if half is None else 2 * half
    if scalar.kind in (TypeKind.INTEGER, TypeKind.FLOAT):
        width = _DIGITS.search(scalar.text)
        return _WIDTHS.get(scalar.text) or (int(width[0][:9]) if width is not None else None)
    return None


def _own(tree: Tree, token: int) -> Named | None:
    """The type or attribute of Enzyme's that is named at a token: `!enzyme.Cache`, `#enzyme<activity`, `activity`."""
    word = decode(tree.tokens.word(token))
    for mark, known in (("!", TYPES), ("#", ATTRIBUTES)):
        if word == f"{mark}enzyme" and tree.tokens.word(token + 1) == b"<":
            return known.get(decode(tree.tokens.word(token + 2)))
        if word.startswith(f"{mark}enzyme."):
            return known.get(word[len("!enzyme.") :])
        if tree.tokens.word(token - 1) == b"<" and decode(tree.tokens.word(token - 2)) == f"{mark}enzyme":
            return known.get(word)
    return None


def _parameters(named: Named) -> str:
    return "\n".join(f"- `{one.name}`: {one.meaning} ({one.kind})" for one in named.parameters)
