"""Hover: what the thing under the cursor is: Enzyme's meaning first, then its type, definition and documentation.

Everything comes from the text and from what is installed; no engine is waited for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import slots
from enzyme_lsp.dialect import activity, catalog, convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.dialect.types_and_attributes import ATTRIBUTES, TYPES
from enzyme_lsp.features import constants
from enzyme_lsp.features.answers import Hover
from enzyme_lsp.features.definition import type_of
from enzyme_lsp.features.told_types import told
from enzyme_lsp.syntax import symbols, types
from enzyme_lsp.syntax.scopes import Defined, names
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.verification.value_types import NOTHING_KNOWN, KnownTypes
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.occurrences import NameKind, Occurrence

if TYPE_CHECKING:
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.dialect.ops import Op
    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

_MOST: Final = 8
"""Derivatives of a function, or uses by them, that are listed."""


def hover(snapshot: Snapshot, offset: int, known: KnownTypes = NOTHING_KNOWN) -> Hover | None:
    """What is known of the thing at a byte; None where there is nothing. Raises `Outdated` when an edit has come.

    `known` are the types that an engine has told.
    """
    index = snapshot.layout.index_near(offset)
    if index is None:
        return None
    if (word := _activity(snapshot, index, offset)) is not None:
        return word
    found = occurrences.at(snapshot, offset)
    if found is not None:
        is_value = found.kind is NameKind.VALUE
        text = _value(snapshot, found, known) if is_value else _OF_NAME[found.kind](snapshot, found)
        return Hover(found.span, text)
    return _operation(snapshot, index, offset) or _literal(snapshot, index, offset)


# Activities


def _activity(snapshot: Snapshot, index: int, offset: int) -> Hover | None:
    """The activity under the cursor, in the mode of the operation that it stands in."""
    tree, start = snapshot.layout.pieces[index].tree, snapshot.offset(index)
    token = tree.tokens.at(offset - start)
    if token is None:
        return None
    named = activity.BY_WORD.get(tree.tokens.word(token).strip(b'"').decode("ascii", "replace"))
    if named is None:
        return None
    span = tree.token_span(token)
    reading = _reading_at(snapshot, index, offset)
    parts = [f"**{named.value}**"]
    if reading is None or reading.mode not in (Mode.REVERSE, Mode.FORWARD):
        parts += [_meaning(named, mode, side) for mode in (Mode.REVERSE, Mode.FORWARD) for side in Side]
        return Hover(span.shifted(start), "\n\n".join(parts))
    for side, listed in ((Side.ARGUMENT, reading.listed), (Side.RESULT, reading.listed_returns)):
        for number, element in enumerate((listed.elements if listed is not None else None) or ()):
            if element.span.covers(span):
                of = slots.argument(reading, number) if side is Side.ARGUMENT else f"result {number}"
                parts.append(f"of {of} of {slots.callee(reading)}")
                parts.append(_meaning(named, reading.mode, side))
    return Hover(span.shifted(start), "\n\n".join(parts))


def _meaning(named: Activity, mode: Mode, side: Side) -> str:
    """What an activity takes and gives, read off the calling convention itself."""
    f64 = types.read("f64")
    callee = convention.Function((f64,), (f64,))
    slots_of = convention.reverse if mode is Mode.REVERSE else convention.forward
    other = Activity.CONST_NO_NEED if side is Side.ARGUMENT else Activity.CONST
    pair = ((named,), (other,)) if side is Side.ARGUMENT else ((other,), (named,))
    asked = slots_of(callee, *pair, 1)
    what = f"{mode.value} mode, as {'an argument' if side is Side.ARGUMENT else 'a result'}"
    if asked.faults:
        return f"*{what}*: not possible"
    taken = [_ROLE_WORDS[s.role] for s in asked.operands if s.side is side]
    given = [_ROLE_WORDS[s.role] for s in asked.results if s.side is side]
    return f"*{what}*: takes {' and '.join(taken) or 'nothing'}, gives {' and '.join(given) or 'nothing'}"


_ROLE_WORDS: Final = {
    Role.PRIMAL: "the primal",
    Role.SHADOW: "the shadow",
    Role.SEED: "the seed",
    Role.GRADIENT: "the gradient",
    Role.JACOBIAN: "the Jacobian",
    Role.PACKED: "a struct",
}


def _reading_at(snapshot: Snapshot, index: int, offset: int) -> Reading | None:
    """The derivative call in whose own text a byte is."""
    operation = snapshot.layout.pieces[index].tree.operation_at(offset - snapshot.offset(index))
    return None if operation is None else _reading_of(snapshot, index, operation)


def _reading_of(snapshot: Snapshot, index: int, operation: Operation) -> Reading | None:
    return next((one for one in snapshot.readings_in(index) if one.call.operation is operation), None)


# Names


def _value(snapshot: Snapshot, value: Occurrence, types_told: KnownTypes) -> str:
    known = snapshot.layout.pieces[value.piece].fact(names)
    definition = known.at[value.token]
    type_, source = type_of(snapshot, value), ""
    if type_ is None and (by_engine := told(snapshot, value, types_told)) is not None:
        type_, source = by_engine
    number = "" if value.number is None or definition.count == 1 else f"#{value.number}"
    parts = [_code(f"{value.name}{number} : {type_ if type_ is not None else '?'}")]
    uses = len(definition.uses)
    where = _where(definition.defined, definition.operation, known.tree.tokens.word(definition.token))
    parts.append(f"{where}, {uses or 'no'} use{'' if uses == 1 else 's'}")
    if source:
        parts.append(f"type {source}")
    if type_ is not None and (size := _size(types.read(type_, _aliases(snapshot, value.piece)))) is not None:
        parts.append(size)
    parts += _roles(snapshot, value)
    return "\n\n".join(parts)


def _where(defined: Defined, operation: Operation | None, name: bytes) -> str:
    if operation is None:
        return "defined here"
    if defined is Defined.RESULT:
        results = sum(one.count for one in operation.results)
        of_many = f" ({results} results)" if results > 1 else ""
        return f"result of `{operation.name or _text(name)}`{of_many}"
    holder = symbols.definition(operation)
    of = f"@{holder.name}" if holder is not None else f"`{operation.name}`"
    return f"argument of {of}" if defined is Defined.ARGUMENT else f"defined by the header of {of}"


def _roles(snapshot: Snapshot, value: Occurrence) -> list[str]:
    """What derivative calls take a value for, and what they make of it when their callee has it as an argument."""
    name = value.name if value.number is None else f"{value.name}#{value.number}"
    found: list[str] = []
    for reading in snapshot.readings_in(value.piece):
        alignment, convention_ = reading.operand_alignment, reading.slots
        if alignment is None or convention_ is None or reading.operands is None:
            continue
        for pair in alignment.pairs:
            if pair.slot is not None and pair.written is not None:
                written = reading.operands[pair.written].name
                if written == name or written == value.name:
                    what = slots.operand(reading, convention_.operands[pair.slot])
                    found.append(f"`{reading.call.op.name}` takes it as {what}")
    found += _as_argument(snapshot, value)
    return found[:_MOST]


def _as_argument(snapshot: Snapshot, value: Occurrence) -> list[str]:
    """The activities that an argument of a function has where the function is differentiated."""
    piece = snapshot.layout.pieces[value.piece]
    if piece.symbol is None:
        return []
    found: list[str] = []
    for index, readings in snapshot.readings():
        for reading in readings:
            if reading.call.callee != piece.symbol or reading.signature is None:
                continue
            for number, argument in enumerate(reading.signature.arguments):
                if argument.name == value.name and reading.activities is not None:
                    word = reading.activities[number].value
                    line = snapshot.line_of(index, reading.call.operation.span.start)
                    found.append(f"{word} under `{reading.call.op.name}` in line {line}")
    return found


def _block(snapshot: Snapshot, block: Occurrence) -> str:
    known = snapshot.layout.pieces[block.piece].fact(names)
    definition = known.at[block.token]
    taken: list[str] = []
    if definition.block is not None:
        tree = known.tree
        for one in definition.block.arguments:
            type_ = _text(tree.span(one.type_first, one.type_last).of(tree.tokens.text))
            taken.append(f"{_text(tree.tokens.word(one.token))}: {type_}" if one.token >= 0 else type_)
    uses = len(definition.uses)
    shown = f"{block.name}({', '.join(taken)})"
    return f"{_code(shown)}\n\nblock, {uses or 'no'} use{'' if uses == 1 else 's'}"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _symbol(snapshot: Snapshot, symbol: Occurrence) -> str:
    definitions = occurrences.definitions(snapshot, symbol)
    if not definitions:
        return f"{_code(symbol.name)}\n\nnot defined in this file"
    operation = occurrences.operation_of(snapshot, definitions[0])
    if operation is None:
        return _code(symbol.name)
    signature = symbols.signature(operation)
    parts = [_code(f"{operation.name} {signature if signature is not None else symbol.name}")]
    name = symbol.target.name
    derivatives: list[str] = []
    for index, readings in snapshot.readings():
        for reading in readings:
            if reading.call.callee == name:
                line = snapshot.line_of(index, reading.call.operation.span.start)
                derivatives.append(f"- `{reading.call.op.name}` in line {line}")
    if derivatives:
        more = [f"- and {len(derivatives) - _MOST} more"] if len(derivatives) > _MOST else []
        parts.append("\n".join(["differentiated or batched by", "", *derivatives[:_MOST], *more]))
    return "\n\n".join(parts)


def _alias(snapshot: Snapshot, alias: Occurrence) -> str:
    text = _aliases(snapshot, alias.piece).get(alias.name, b"").decode("utf-8", "replace")
    parts = [_code(f"{alias.name} = {constants.shortened(text)}")]
    if alias.name.startswith("!") and (size := _size(types.read(text, _aliases(snapshot, alias.piece)))) is not None:
        parts.append(size)
    return "\n\n".join(parts)


def _resource(snapshot: Snapshot, resource: Occurrence) -> str:
    uses = sum(not one.defines for one in occurrences.all_of(snapshot, resource))
    return f"{_code(resource.name)}\n\nhandle of a blob, {uses or 'no'} use{'' if uses == 1 else 's'}"


_OF_NAME: Final = {
    NameKind.BLOCK: _block,
    NameKind.SYMBOL: _symbol,
    NameKind.ALIAS: _alias,
    NameKind.RESOURCE: _resource,
}


def _aliases(snapshot: Snapshot, index: int) -> dict[str, bytes]:
    return snapshot.alias_texts[snapshot.scope_of(index).section]


# Operations


def _operation(snapshot: Snapshot, index: int, offset: int) -> Hover | None:
    """The operation whose name is under the cursor."""
    tree, start = snapshot.layout.pieces[index].tree, snapshot.offset(index)
    operation = tree.operation_at(offset - start)
    if operation is None or operation.name_token < 0:
        return None
    span = operation.name_span.shifted(start)
    if not span.start <= offset <= span.end:
        return None
    parts = [f"**{operation.name}**"]
    reading = _reading_of(snapshot, index, operation)
    if reading is not None and (table := _table(reading)):
        parts.append(table)
    if (own := OPS.get(operation.name)) is not None:
        parts.append(_page(own))
    elif (page := catalog.operation(_full_name(operation.name))) is not None:
        parts.append(page.documentation or "no documentation")
    elif reading is None:
        parts.append("no documentation of this operation is installed")
    return Hover(span, "\n\n".join(parts))


def _full_name(name: str) -> str:
    """`func.return` for `return`, which the dialect of functions lets go without its name."""
    return name if "." in name else f"builtin.{name}" if name == "module" else f"func.{name}"


def _table(reading: Reading) -> str:
    """The slots of a derivative call: role, of which argument or result, type, value."""
    convention_ = reading.slots
    if convention_ is None:
        return ""
    rows = ["| | | type | value |", "| --- | --- | --- | --- |"]
    written = {p.slot: p.written for p in (reading.operand_alignment.pairs if reading.operand_alignment else ())}
    for number, slot in enumerate(convention_.operands):
        position = written.get(number)
        value = f"`{reading.operands[position].name}`" if position is not None and reading.operands else "missing"
        rows.append(_row("takes", slot, slots.operand(reading, slot), value))
    for number, slot in enumerate(convention_.results):
        rows.append(_row("gives", slot, slots.result(reading, slot), f"result {number}"))
    return "\n".join(rows)


def _row(verb: str, slot: Slot, what: str, value: str) -> str:
    type_ = f"`{slot.type}`" if slot.type is not None else "?"
    return f"| {verb} | {what} | {type_} | {value} |"


def _page(op: Op) -> str:
    parts = [f"{op.meaning}."]
    if op.attributes:
        rows = [f"- `{one.name}`: {one.meaning}" for one in op.attributes]
        parts.append("\n".join(rows))
    if op.example:
        parts.append(_code(op.example.strip()))
    if op.lowered_by:
        parts.append("lowered by " + ", ".join(f"`{name}`" for name in op.lowered_by))
    return "\n\n".join(parts)


# Types, attributes, literals


def _literal(snapshot: Snapshot, index: int, offset: int) -> Hover | None:
    """A type, an attribute of Enzyme's, or a constant."""
    piece, start = snapshot.layout.pieces[index], snapshot.offset(index)
    tree = piece.tree
    token = tree.tokens.at(offset - start)
    if token is None:
        return None
    if (constant := constants.at(tree, token)) is not None:
        return Hover(constant.span.shifted(start), constant.markdown)
    return _type(snapshot, index, token)


def _type(snapshot: Snapshot, index: int, token: int) -> Hover | None:
    tree, start = snapshot.layout.pieces[index].tree, snapshot.offset(index)
    word = tree.tokens.word(token).decode("utf-8", "replace")
    for mark, known in (("!", TYPES), ("#", ATTRIBUTES)):
        name = word.removeprefix(f"{mark}enzyme.")
        if name != word and name in known:
            return Hover(tree.token_span(token).shifted(start), f"**{word}**\n\n{known[name].meaning}.")
    if tree.tokens.kinds[token] not in (Kind.WORD, Kind.BANG):
        return None
    span = _type_span(tree, token)
    read = types.read(span.of(tree.tokens.text).decode("utf-8", "replace"), _aliases(snapshot, index))
    if read.kind in (TypeKind.BROKEN, TypeKind.OTHER):
        return None
    size = _size(read)
    parts = [_code(str(read)), *([size] if size is not None else [])]
    return Hover(span.shifted(start), "\n\n".join(parts))


def _type_span(tree: Tree, token: int) -> Span:
    """The type that begins at a token: alone, or with the brackets behind it."""
    if tree.tokens.word(token + 1) != b"<":
        return tree.token_span(token)
    depth, last = 0, token + 1
    while last < len(tree.tokens):
        depth += (tree.tokens.word(last) == b"<") - (tree.tokens.word(last) == b">")
        last += 1
        if depth == 0:
            break
    return tree.span(token, last)


def _size(type_: Type) -> str | None:
    """The size of a value of a type in bytes, where its text tells."""
    bits = _bits(type_.scalar)
    if bits is None or not type_.is_static or type_.kind in (TypeKind.UNRANKED_TENSOR, TypeKind.UNRANKED_MEMREF):
        return None
    count = 1
    for size in type_.shape:
        count *= size or 0
    total = count * bits
    each = f"{count:,} elements of {bits} bits, " if type_.kind in (TypeKind.TENSOR, TypeKind.MEMREF) else ""
    return f"{each}{-(-total // 8):,} bytes"


def _bits(scalar: Type) -> int | None:
    if scalar.kind is TypeKind.COMPLEX and scalar.element is not None:
        half = _bits(scalar.element)
        return None if half is None else 2 * half
    if scalar.kind is TypeKind.INTEGER:
        return int(scalar.text.lstrip("sui"))
    if scalar.kind is TypeKind.FLOAT:
        width = _DIGITS.search(scalar.text)
        return 19 if scalar.text == "tf32" else int(width[0]) if width is not None else None
    return None


_DIGITS: Final = re.compile(r"\d+")


def _code(text: str) -> str:
    return f"```mlir\n{text}\n```"
