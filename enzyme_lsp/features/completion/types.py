"""Types behind `:` and `!`, and in the brackets of other types: what the place asks for, then what the text has."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.types_and_attributes import TYPES
from enzyme_lsp.features import signature_help
from enzyme_lsp.features.completion import names
from enzyme_lsp.features.completion.excerpt import LONGEST
from enzyme_lsp.features.completion.expected import Expected
from enzyme_lsp.features.completion.items import Completion, Hole, ItemKind
from enzyme_lsp.features.completion.wanted import reading_of
from enzyme_lsp.syntax import scopes, types
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.completion.context import Context

_SCALARS: Final = ("f64", "f32", "i32", "i64", "i1", "index", "bf16", "f16", "i8", "i16")
_SHAPED: Final = ("tensor", "memref", "vector", "complex")
_OTHERS: Final = ("!llvm.ptr", "!llvm.struct", "!llvm.array")
_SIZES: Final = re.compile(rb"(?:(?:\d+|\?|\*)?x)*")
_COLON: Final = re.compile(rb"(?::|->|,)\s*((?:tensor|memref|vector|complex|!llvm\.\w+)<)")
_STOPS: Final = frozenset({b",", b")", b"{", b"}", b"->", b"=", b"loc", b"]", b">", b"to", b"into", b"attributes"})
_MOST: Final = 40
_LONGEST: Final = 120
"""Bytes, and tokens, of a type that is offered again."""
_NEAR: Final = 16
"""Pieces around the place whose types are offered."""


def offered(context: Context) -> Iterator[Completion]:
    """Whole types; inside `tensor<4x` the element types."""
    if Expected.TYPE not in context.expected:
        return
    bracket = context.bracket
    if bracket.word == b"<" and context.tree.tokens.word(bracket.token - 1).decode("utf-8", "replace") in _SHAPED:
        yield from _elements(context)
        return
    due = list(dict.fromkeys(_due(context)))
    for name in due:
        yield Completion(name, ItemKind.TYPE, detail="due here")
    yield from names.aliases(context, "!")
    known = set(due)
    for name in _used(context):
        if name not in known:
            known.add(name)
            yield Completion(name, ItemKind.TYPE)
    yield from (Completion(name, ItemKind.TYPE) for name in _SCALARS if name not in known)
    yield from (Completion(f"{name}<>", ItemKind.TYPE, (f"{name}<", Hole(""), ">")) for name in _SHAPED)
    for one in TYPES.values():
        template = (f"{one.full_name}<", Hole("f64"), ">")
        yield Completion(f"{one.full_name}<>", ItemKind.TYPE, template, one.meaning, f"type {one.name}")
    yield from (Completion(name, ItemKind.TYPE) for name in _OTHERS if name not in known)


def page(name: str) -> str:
    """The documentation of one of Enzyme's types."""
    one = TYPES.get(name)
    return f"{one.meaning}.\n\n```mlir\n{one.example}\n```" if one is not None else ""


def _elements(context: Context) -> Iterator[Completion]:
    """Element types behind the sizes that are typed, which are a part of the word."""
    sizes = _SIZES.match(context.typed)
    before = decode(sizes[0]) if sizes is not None else ""
    for name in _SCALARS:
        yield Completion(f"{before}{name}", ItemKind.TYPE)


def _due(context: Context) -> Iterator[str]:
    """The types that the calling convention, the callee or the operands ask for."""
    operation = context.operation
    if operation is None:
        return
    tokens, bracket = context.tree.tokens, context.bracket
    is_result = tokens.word(bracket.token - 1) == b"->" or context.previous == b"->"
    reading = reading_of(context)
    asked = signature_help.guessed(reading) if reading is not None else None
    if asked is not None and reading is not None:
        wanted = asked.results if is_result else asked.operands
        if bracket.token < 0 and not is_result:
            yield _function_type([one.type for one in asked.operands], [one.type for one in asked.results])
        elif bracket.token < 0:
            yield _listed([one.type for one in asked.results])
        elif bracket.commas < len(wanted):
            one = wanted[bracket.commas].type
            yield from () if one is None else (one.text,)
        return
    yield from _of_operands(context, is_result=is_result)


def _of_operands(context: Context, *, is_result: bool) -> Iterator[str]:
    """The types of the operands, in order, as far as the text tells them."""
    operation, bracket = context.operation, context.bracket
    if operation is None or is_result:
        return
    known, tokens = context.piece.fact(scopes.names), context.tree.tokens
    last = context.colon if context.colon >= 0 else context.last
    found: list[str] = []
    # Those in brackets are indices, whose type is not written.
    for index in _outside(context, operation.name_token + 1, last):
        if tokens.kinds[index] == Kind.VALUE and (definition := known.at.get(index)) is not None:
            if definition.operation is operation:
                continue  # it makes this one, and takes it not
            text = context.type_of(definition, known.number(index))
            found.append(text or "")
    if bracket.token >= 0 and bracket.commas < len(found):
        found = found[bracket.commas : bracket.commas + 1]
    yield from (text for text in found if text)


def _outside(context: Context, first: int, last: int) -> Iterator[int]:
    """Some tokens without those between square brackets."""
    tree, index = context.tree, first
    while index < last:
        if tree.tokens.word(index) == b"[" and tree.partners[index] > index:
            index = tree.partners[index]
        yield index
        index += 1


def _function_type(taken: list[types.Type | None], given: list[types.Type | None]) -> str:
    inside = ", ".join(one.text if one is not None else "?" for one in taken)
    return f"({inside}) -> {_listed(given)}"


def _listed(given: list[types.Type | None]) -> str:
    texts = [one.text if one is not None else "?" for one in given]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _used(context: Context) -> list[str]:
    """The types around the place, the most frequent first."""
    layout = context.snapshot.layout
    counts: Counter[str] = Counter()
    first, last = max(context.index - _NEAR, 0), min(context.index + _NEAR, len(layout.pieces) - 1)
    for index in range(first, last + 1):
        piece = context.piece if index == context.index else layout.pieces[index]
        if piece.kind is PieceKind.ITEM and len(piece.text) <= LONGEST:
            counts.update(piece.fact(used_types))
    return [name for name, _ in counts.most_common(_MOST)]


def used_types(piece: Piece) -> Counter[str]:
    """How often each type stands in a piece behind a colon, arrow or comma. Use through `piece.fact`."""
    tree, found = piece.tree, Counter[str]()
    for match in _COLON.finditer(piece.text):
        token = tree.tokens.at(match.start(1))
        if token is not None:
            end = type_end(tree, token, min(token + _LONGEST, len(tree.tokens)), _STOPS)
            end = next((one for one in range(token + 1, end) if tree.tokens.starts_line(one)), end)
            span = tree.span(token, end)
            if len(span) <= _LONGEST:
                found[" ".join(decode(span.of(piece.text)).split())] += 1
    return found
