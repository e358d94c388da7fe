"""Names behind `@`, `^`, `#` and `!`: symbols, blocks, and aliases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import words
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS, OPS
from enzyme_lsp.features.completion.excerpt import LONGEST
from enzyme_lsp.features.completion.expected import Expected
from enzyme_lsp.features.completion.items import Completion, ItemKind
from enzyme_lsp.syntax import mentions, symbols
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import decode
from enzyme_lsp.workspace.snapshot import top_definition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.completion.context import Context
    from enzyme_lsp.syntax.symbols import Signature
    from enzyme_lsp.workspace.snapshot import Scope

_SHOWN: Final = 40
"""Symbols whose signatures are read."""
_COUNTED: Final = 200
"""Pieces in a table up to which it is told which symbols nothing names yet."""
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.")
_FLOAT: Final = re.compile(r"\b(?:b?f16|f32|f64|llvm\.ptr)\b")
_GLOBALS: Final = frozenset({"memref.get_global", "llvm.mlir.addressof", "ml_program.global_load"})


def offered_symbols(context: Context) -> Iterator[Completion]:
    """The symbols that the place can see: functions first where a callee is due."""
    if Expected.SYMBOL not in context.expected or not _names_symbols(context):
        return
    found = _of_holder(context)
    if found is None:
        found = _of_scope(context)
    if context.name in DERIVATIVE_OPS:
        # What has floating point numbers, and never the function that the operation stands in.
        found.sort(key=lambda one: (one[0] == context.piece.symbol, _FLOAT.search(str(one[1])) is None))
    for name, function in found:
        detail = f" {function}".partition(" : ")[2] if function is not None else ""
        kind = ItemKind.SYMBOL if function is None else ItemKind.FUNCTION
        yield Completion(f"@{written(name)}", kind, detail=detail)


def written(name: str) -> str:
    """A symbol as it is written behind its `@`: in quotes where it is no plain word."""
    data = name.encode("utf-8", "replace")
    is_plain = data and all(byte in _PLAIN for byte in data) and not (data[0] in b".$" or data[:1].isdigit())
    return name if is_plain else f'"{name}"'


def functions(context: Context) -> list[tuple[str, Signature]]:
    """The functions that an operation at the place can name, without the one that it stands in; the likeliest first."""
    found = _of_holder(context)
    if found is None:
        found = _of_scope(context)
    own = {context.piece.symbol}
    return [(name, function) for name, function in found if function is not None and name not in own]


def _names_symbols(context: Context) -> bool:
    """Whether a symbol is likely where the text has no `@` yet."""
    bracket = context.bracket
    if (opener := _attribute(context)) is not None:
        # `#sdy.sharding<@mesh`, and not what has words of its own.
        dialect, _, name = opener.partition(".")
        return context.last == bracket.token and dialect != "enzyme" and (dialect, name) not in words.ATTRIBUTES
    if bracket.token >= 0 and context.key and context.name in OPS:
        return context.key == "fn"
    if context.typed[:1] == b"@" or Expected.VALUE not in context.expected:
        return True
    return _takes_symbol(context.name)


def _attribute(context: Context) -> str | None:
    """The attribute in whose angle brackets the place is, `sdy.sharding`; None outside of all."""
    tokens = context.tree.tokens
    openers = (tokens.word(one.token - 1) for one in context.around if one.word == b"<")
    return next((decode(word[1:]) for word in openers if word[:1] == b"#"), None)


def _takes_symbol(name: str) -> bool:
    return name in _GLOBALS or name.endswith(("call", "invoke", "launch_func", "_wrapper"))


def _of_holder(context: Context) -> list[tuple[str, Signature | None]] | None:
    """The symbols of the innermost table in the piece; None where the table is that around the piece."""
    for inside in reversed(context.place.path):
        if mentions.is_table(inside.holder):
            defined = symbols.definitions(inside.holder)
            return [(one.name, symbols.signature(one.operation)) for one in defined]
    return None


def _of_scope(context: Context) -> list[tuple[str, Signature | None]]:
    snapshot, here = context.snapshot, context.index
    table: Scope | None = snapshot.scope_of(here)
    typed = decode(context.typed).lstrip('@"').lower() if context.typed[:1] == b"@" else ""
    if context.piece.kind is PieceKind.OPEN:
        table = next((one for one in snapshot.scopes.scopes if one.open == here), table)
    assert table is not None
    named = [(name, pieces[0]) for name, pieces in table.symbols.items() if _contains(name, typed)]
    pieces = snapshot.layout.pieces
    counts = _uses(context, [index for _, index in named]) if len(table.symbols) <= _COUNTED else {}
    wants_global = context.name in _GLOBALS or _attribute(context) is not None

    def cost(one: tuple[str, int]) -> tuple[bool, bool, bool, bool, int]:
        name, index = one
        is_function = symbols.is_function(pieces[index].head) is not False
        is_used = bool(counts.get(name))
        return (
            not name.lower().startswith(typed),
            is_function is wants_global,
            index == here,
            is_used,
            abs(index - here),
        )

    named.sort(key=cost)
    found: list[tuple[str, Signature | None]] = []
    for number, (name, index) in enumerate(named):
        found.append((name, pieces[index].fact(signature) if number < _SHOWN else None))
    return found


def signature(piece: Piece) -> Signature | None:
    """The signature of the function that a piece defines, without reading its body. Use through `piece.fact`."""
    head = _BODY.search(piece.text, 0, _LONGEST_HEAD)
    text = piece.text[: head.end() if head is not None else _LONGEST_HEAD]
    found = top_definition(Piece(piece.kind, text, piece.column))
    if found is None and len(piece.text) <= LONGEST:
        found = piece.fact(top_definition)  # its name stands behind its body, in generic form
    return found[1] if found is not None else None


_BODY: Final = re.compile(rb"\{[ \t]*(?=[\r\n])")
_LONGEST_HEAD: Final = 4_000


def _contains(name: str, typed: str) -> bool:
    return typed in name.lower()


def _uses(context: Context, around: list[int]) -> dict[str, int]:
    """How often the pieces of a table name each of its symbols, definitions and the place itself aside."""
    counts: dict[str, int] = {}
    layout = context.snapshot.layout
    for index in {*around, context.index}:
        piece = context.piece if index == context.index else layout.pieces[index]
        if len(piece.text) > LONGEST:
            continue
        for one in piece.fact(mentions.symbol_mentions):
            is_here = index == context.index and piece.tree.tokens.starts[one.token] == context.word.start
            if not one.defines and not is_here:
                counts[one.path[0]] = counts.get(one.path[0], 0) + 1
    return counts


def offered_blocks(context: Context) -> Iterator[Completion]:
    """The blocks of the region; where a block begins, those that are named and not there yet."""
    inside = context.place.innermost
    if inside is None or not {Expected.BLOCK, Expected.LABEL} & {*context.expected}:
        return
    if context.typed[:1] != b"^" and not context.name.endswith(("br", "switch", "assert")):
        return
    tokens = context.tree.tokens
    there = [one for one in inside.region.blocks if one.label >= 0 and tokens.starts[one.label] != context.word.start]
    names = [decode(tokens.word(one.label)) for one in there]
    if Expected.LABEL in context.expected:
        for name in _missing_labels(context, set(names)):
            yield Completion(f"{name}:", ItemKind.BLOCK)
        return
    here = context.word.start
    order = sorted(range(len(there)), key=lambda n: (tokens.starts[there[n].label] < here, n))
    for number in order:
        block = there[number]
        taken = [decode(context.tree.span(a.type_first, a.type_last).of(tokens.text)) for a in block.arguments]
        yield Completion(names[number], ItemKind.BLOCK, detail=f"({', '.join(taken)})" if taken else "")


def _missing_labels(context: Context, there: set[str]) -> list[str]:
    inside = context.place.innermost
    if inside is None:
        return []
    tokens, found = context.tree.tokens, dict[str, None]()
    for block in inside.region.blocks:
        for operation in block.operations[-1:]:
            for index in operation.own_tokens():
                if tokens.kinds[index] == Kind.CARET and decode(tokens.word(index)) not in there:
                    found[decode(tokens.word(index))] = None
    return [name for name in found if name.encode() != context.tree.tokens.word(context.last + 1)]


def offered_attribute_aliases(context: Context) -> Iterator[Completion]:
    """The aliases of attributes; where activities are due, of these alone."""
    if Expected.ATTRIBUTE not in context.expected or context.typed[:1] not in (b"", b"#"):
        return
    if context.bracket.word == b"<" and context.tree.tokens.word(context.bracket.token - 1)[:1] == b"#":
        return
    is_activity = context.name in DERIVATIVE_OPS and context.key in ("activity", "ret_activity")
    for one in aliases(context, "#"):
        if not is_activity or "#enzyme" in one.detail:
            yield one


def aliases(context: Context, mark: str) -> Iterator[Completion]:
    """The aliases of types, or those of attributes, by their mark."""
    scopes = context.snapshot.scopes
    section = context.snapshot.scope_of(context.index).section
    for name, index in scopes.aliases[section].items():
        if name.startswith(mark) and index != context.index:
            yield Completion(name, ItemKind.ALIAS, detail=_short(decode(context.aliases.get(name, b""))))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."
