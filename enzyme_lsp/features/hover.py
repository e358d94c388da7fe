"""Hover: what the thing under the cursor is: Enzyme's meaning first, then its type, definition and documentation.

Everything comes from the text, from what is installed, and from what an engine has told before; none is waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import slots
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.features import activity_pages, constants, operation_pages, pass_hover, reach, type_pages
from enzyme_lsp.features.answers import Hover
from enzyme_lsp.features.constants import shortened
from enzyme_lsp.features.definition import type_of
from enzyme_lsp.features.told_types import told
from enzyme_lsp.features.type_pages import code
from enzyme_lsp.lowering.passes import TABLE, Passes
from enzyme_lsp.syntax import symbols, types
from enzyme_lsp.syntax.scopes import Defined
from enzyme_lsp.text.document import decode
from enzyme_lsp.verification.value_types import NOTHING_KNOWN, KnownTypes
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.occurrences import NameKind, Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.scopes import Definition
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

_MOST: Final = 8
"""Lines of one sort that are listed."""


def hover(snapshot: Snapshot, offset: int, known: KnownTypes = NOTHING_KNOWN, passes: Passes = TABLE) -> Hover | None:
    """What is known of the thing at a byte; None where there is nothing. Raises `Outdated` when an edit has come.

    `known` are the types that an engine has told, and `passes` those that it has.
    """
    if (of_pass := pass_hover.hover(snapshot, offset, passes)) is not None:
        return of_pass
    index = snapshot.layout.index_near(offset)
    if index is None:
        return None
    if (of_activity := _activity(snapshot, index, offset)) is not None:
        return of_activity
    found = occurrences.at(snapshot, offset)
    if found is not None:
        is_value = found.kind is NameKind.VALUE
        text = _value(snapshot, found, known) if is_value else _OF_NAME[found.kind](snapshot, found)
        return Hover(found.span, text)
    return _operation(snapshot, index, offset) or _literal(snapshot, index, offset)


def _activity(snapshot: Snapshot, index: int, offset: int) -> Hover | None:
    tree, start = snapshot.layout.pieces[index].tree, snapshot.offset(index)
    token = tree.tokens.at(offset - start)
    found = activity_pages.named(tree.tokens.word(token)) if token is not None else None
    if token is None or found is None:
        return None
    span = tree.token_span(token)
    operation = tree.operation_at(span.start)
    reading = _reading_of(snapshot, index, operation) if operation is not None else None
    return Hover(span.shifted(start), activity_pages.page(found, span, reading))


def _reading_of(snapshot: Snapshot, index: int, operation: Operation) -> Reading | None:
    return next((one for one in snapshot.readings_in(index) if one.call.operation is operation), None)


# Values


def _value(snapshot: Snapshot, value: Occurrence, known: KnownTypes) -> str:
    definition, home = occurrences.definition_of(snapshot, value), value.target.home
    if definition is None or home is None:
        return code(value.name)
    type_, source = type_of(snapshot, value), ""
    if type_ is None and (by_engine := told(snapshot, value, known)) is not None:
        type_, source = by_engine
    number = "" if value.number is None or definition.count == 1 else f"#{value.number}"
    uses = len(definition.uses)
    tree = snapshot.layout.pieces[home].tree
    parts = [
        code(f"{value.name}{number} : {shortened(type_) if type_ is not None else '?'}"),
        f"{_where(tree, definition)}, {uses or 'no'} use{'' if uses == 1 else 's'}",
    ]
    if source:
        parts.append(f"type {source}")
    if type_ is not None and (size := type_pages.size(types.read(type_, _aliases(snapshot, home)))) is not None:
        parts.append(size)
    said = dict.fromkeys([*_activities(snapshot, home, definition), *_roles(snapshot, value)])
    parts += [f"- {words}" for words in [*said][:_MOST]]
    return "\n\n".join(parts)


def _where(tree: Tree, definition: Definition) -> str:
    """What defines a value."""
    operation, block = definition.operation, definition.block
    if definition.defined is Defined.ARGUMENT and block is not None and block.label >= 0:
        return f"argument of {decode(tree.tokens.word(block.label))}"
    if operation is None:
        return "defined here"
    if definition.defined is Defined.RESULT:
        results = sum(one.count for one in operation.results)
        of_many = f" ({results} results)" if results > 1 else ""
        return f"result of `{operation_pages.full_name(operation.name)}`{of_many}"
    holder = symbols.definition(operation)
    of = f"@{holder.name}" if holder is not None else f"`{operation_pages.full_name(operation.name)}`"
    return f"argument of {of}" if definition.defined is Defined.ARGUMENT else f"defined by the header of {of}"


def _activities(snapshot: Snapshot, home: int, definition: Definition) -> Iterator[str]:
    """Under which differentiation ops a value is active, as far as the text tells.

    What is not said to be active may still be: the engines find more.
    """
    operation = definition.operation
    if operation is None:
        return
    number = _argument_number(definition)
    for way in reach.around(snapshot, home, operation):
        line = snapshot.line_of(way.index, way.reading.call.operation.span.start)
        of = f"`{way.reading.call.op.name}` of {_callee(way.reading)} in line {line}"
        if number is not None and operation is way.function:
            listed = way.reading.activities
            if way.is_direct and listed is not None and number < len(listed):
                yield f"{listed[number].value} under {of}"
            elif way.active >> number & 1:
                yield f"active under {of}"
        elif definition.defined is Defined.RESULT and reach.is_active(snapshot, way, operation):
            yield f"active under {of}"


def _argument_number(definition: Definition) -> int | None:
    """Which argument of a function a value is; None for one that is none."""
    operation = definition.operation
    if operation is None or definition.defined is not Defined.ARGUMENT:
        return None
    tokens = operation.tree.tokens
    entry = next((block for region in operation.regions for block in region.blocks), None)
    if entry is not None and entry.label >= 0:
        arguments = [argument.token for argument in entry.arguments]
        return arguments.index(definition.token) if definition.token in arguments else None
    signature = symbols.signature(operation)
    name = decode(tokens.word(definition.token))
    named = [argument.name for argument in signature.arguments] if signature is not None else []
    return named.index(name) if name in named else None


def _roles(snapshot: Snapshot, value: Occurrence) -> Iterator[str]:
    """What differentiation ops take a value for."""
    name = value.name if value.number is None else f"{value.name}#{value.number}"
    for reading in snapshot.readings_in(value.piece):
        alignment, asked = reading.operand_alignment, reading.slots
        if alignment is None or asked is None or reading.operands is None:
            continue
        for pair in alignment.pairs:
            written = reading.operands[pair.written].name if pair.written is not None else ""
            if pair.slot is not None and written in (name, value.name):
                line = snapshot.line_of(value.piece, reading.call.operation.span.start)
                what = slots.operand(reading, asked.operands[pair.slot])
                yield f"{what} under `{reading.call.op.name}` in line {line}"


def _callee(reading: Reading) -> str:
    return f"@{reading.call.callee}" if reading.call.callee else "its region"


# Other names


def _block(snapshot: Snapshot, block: Occurrence) -> str:
    definition, home = occurrences.definition_of(snapshot, block), block.target.home
    if definition is None or home is None:
        return code(block.name)
    tree, taken = snapshot.layout.pieces[home].tree, list[str]()
    for one in definition.block.arguments if definition.block is not None else ():
        type_ = decode(tree.span(one.type_first, one.type_last).of(tree.tokens.text))
        taken.append(f"{decode(tree.tokens.word(one.token))}: {type_}" if one.token >= 0 else type_)
    uses = len(definition.uses)
    shown = shortened(f"{block.name}({', '.join(taken)})")
    return f"{code(shown)}\n\nblock, {uses or 'no'} use{'' if uses == 1 else 's'}"


def _symbol(snapshot: Snapshot, symbol: Occurrence) -> str:
    definitions = occurrences.definitions(snapshot, symbol)
    operation = occurrences.operation_of(snapshot, definitions[0]) if definitions else None
    if operation is None:
        return f"{code(symbol.name)}\n\nnot defined in this file"
    parts = [code(_header(operation))]
    found = [
        (index, reading)
        for index, readings in snapshot.readings()
        for reading in readings
        if reading.definition is operation
    ]
    if found:
        parts.append(_taken_by(snapshot, found))
    return "\n\n".join(parts)


def _taken_by(snapshot: Snapshot, found: list[tuple[int, Reading]]) -> str:
    """The differentiation ops of a function: what they do, and the first of them."""
    modes = {reading.mode for _, reading in found}
    words = (("differentiated", modes - {Mode.BATCH}), ("batched", modes & {Mode.BATCH}))
    rows = [
        f"- `{reading.call.op.name}` in line {snapshot.line_of(index, reading.call.operation.span.start)}"
        for index, reading in found[:_MOST]
    ]
    more = [f"- and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return "\n".join([f"{' and '.join(word for word, some in words if some)} by", "", *rows, *more])


def _header(operation: Operation) -> str:
    """An operation up to its first region, on one line."""
    tree = operation.tree
    last = operation.regions[0].open if operation.regions else operation.last
    return shortened(decode(tree.span(operation.first, last).of(tree.tokens.text))).removesuffix("(").rstrip()


def _alias(snapshot: Snapshot, alias: Occurrence) -> str:
    known = _aliases(snapshot, alias.piece)
    text = decode(known.get(alias.name, b""))
    parts = [code(f"{alias.name} = {shortened(text)}")]
    if alias.name.startswith("!") and (size := type_pages.size(types.read(text, known))) is not None:
        parts.append(size)
    return "\n\n".join(parts)


def _resource(snapshot: Snapshot, resource: Occurrence) -> str:
    uses = sum(not one.defines for one in occurrences.all_of(snapshot, resource))
    return f"{code(resource.name)}\n\nhandle of a blob, {uses or 'no'} use{'' if uses == 1 else 's'}"


_OF_NAME: Final = {
    NameKind.BLOCK: _block,
    NameKind.SYMBOL: _symbol,
    NameKind.ALIAS: _alias,
    NameKind.RESOURCE: _resource,
}


def _aliases(snapshot: Snapshot, index: int) -> Mapping[str, bytes]:
    return snapshot.alias_texts[snapshot.scope_of(index).section]


# Operations, types, constants


def _operation(snapshot: Snapshot, index: int, offset: int) -> Hover | None:
    """The operation whose name is under the cursor."""
    tree, start = snapshot.layout.pieces[index].tree, snapshot.offset(index)
    operation = tree.operation_at(offset - start) or tree.operation_at(offset - start - 1)
    if operation is None or operation.name_token < 0:
        return None
    span = operation.name_span.shifted(start)
    if not span.start <= offset <= span.end:
        return None
    return Hover(span, operation_pages.page(operation.name, _reading_of(snapshot, index, operation)))


def _literal(snapshot: Snapshot, index: int, offset: int) -> Hover | None:
    """A type, an attribute of Enzyme's, or a constant."""
    tree, start = snapshot.layout.pieces[index].tree, snapshot.offset(index)
    token = tree.tokens.at(offset - start)
    if token is None:
        return None
    aliases = _aliases(snapshot, index)
    if (constant := constants.at(tree, token, aliases)) is not None:
        return Hover(constant.span.shifted(start), f"{code(constant.shown)}\n\n{constant.words}")
    typed = type_pages.of_token(tree, token, aliases)
    return None if typed is None else Hover(typed[0].shifted(start), typed[1])
