"""Signature help: the slots of a differentiation op while its operands or activities are typed, and those of a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.convention import Mode, Side
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.mentions import symbol_mentions
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.symbols import Signature
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SignatureHelp:
    """A signature as one line, its parameters as parts of that line, and the one that is being typed.

    `parameters` are start and end in characters of `label`; `active` is None when there is none at the place.
    """

    label: str
    parameters: tuple[tuple[int, int], ...]
    active: int | None
    documentation: str = ""


def signature_help(snapshot: Snapshot, offset: int) -> SignatureHelp | None:
    """The signature of what is being called at a byte of the document; None where nothing is."""
    index = snapshot.layout.index_near(offset)
    if index is None:
        return None
    piece = snapshot.layout.pieces[index]
    inside = offset - snapshot.offset(index)
    # Behind a comma that is the last of the text so far, the operation has ended before the cursor.
    typed = len(piece.text[:inside].rstrip())
    for reading in snapshot.readings_in(index):
        if reading.call.operation.span.start <= typed <= reading.call.operation.span.end:
            found = _of_lists(reading, inside) or _of_derivative(reading, inside)
            if found is not None:
                return found
    return _of_call(snapshot, index, piece.tree, inside, typed)


def _of_derivative(reading: Reading, inside: int) -> SignatureHelp | None:
    """Inside the parentheses of the operands, which may not be closed yet."""
    asked = guessed(reading)
    opened = _opened(reading.call)
    if asked is None or opened is None or inside < opened[0] or (opened[1] is not None and inside > opened[1]):
        return None
    tokens = reading.call.operation.tree.tokens
    position = _commas(tokens.text[opened[0] : inside])
    parts = [
        f"{slots.operand(reading, slot)}: {slot.type if slot.type is not None else '?'}" for slot in asked.operands
    ]
    name = f"{reading.call.op.name} {slots.callee(reading)}"
    results = ", ".join(f"{slots.result(reading, slot)}: {slot.type}" for slot in asked.results)
    return _signature(name, parts, position, f"gives {results}" if results else "gives nothing")


def guessed(reading: Reading) -> convention.Convention | None:
    """The slots; while the activities are still missing, those of the most likely ones."""
    if reading.slots is not None or reading.function is None or reading.width is None:
        return reading.slots
    if reading.mode not in (Mode.REVERSE, Mode.FORWARD) or reading.listed is not None:
        return None
    takes = tuple(activities.possible(reading, Side.ARGUMENT, type_)[0] for type_ in reading.function.arguments)
    gives = tuple(activities.possible(reading, Side.RESULT, type_)[0] for type_ in reading.function.results)
    make = convention.forward if reading.mode is Mode.FORWARD else convention.reverse
    return make(reading.function, takes, gives, reading.width)


def _opened(call: DerivativeCall) -> tuple[int, int | None] | None:
    """The bytes between the parentheses of the operands; the end is None when they are not closed."""
    if call.operands_inside is not None:
        return call.operands_inside.start, call.operands_inside.end
    tree = call.operation.tree
    for index in call.operation.own_tokens(call.operation.name_token + 1):
        if tree.tokens.word(index) == b"(":
            return tree.tokens.ends[index], None
    return None


def _of_lists(reading: Reading, inside: int) -> SignatureHelp | None:
    """Inside an activity list: what each entry is for."""
    function = reading.function
    if function is None:
        return None
    for side, key in ((Side.ARGUMENT, "activity"), (Side.RESULT, "ret_activity")):
        entry = reading.call.entry(key)
        if entry is None or not entry.value_span.start < inside <= entry.value_span.end:
            continue
        types = function.arguments if side is Side.ARGUMENT else function.results
        names = [slots.argument(reading, n) if side is Side.ARGUMENT else f"result {n}" for n in range(len(types))]
        parts = [f"{name}: {type_}" for name, type_ in zip(names, types, strict=True)]
        text = reading.call.operation.tree.tokens.text[entry.value_span.start + 1 : inside]
        return _signature(f"{key} of {slots.callee(reading)}", parts, _commas(text))
    return None


def _of_call(snapshot: Snapshot, index: int, tree: Tree, inside: int, typed: int) -> SignatureHelp | None:
    """Inside the parentheses behind a symbol: `call @f(`, `llvm.call @f(`. `typed` is the end of the text before."""
    operation = tree.operation_at(max(typed - 1, 0))
    if operation is None or operation.regions:
        return None
    tokens = tree.tokens
    for position in operation.own_tokens(operation.name_token):
        if tokens.kinds[position] != Kind.SYMBOL or tokens.word(position + 1) != b"(":
            continue
        close = tree.partners[position + 1]
        start = tokens.ends[position + 1]
        if inside < start or (close >= 0 and inside > tokens.starts[close]):
            continue
        signature = _callee(snapshot, index, operation, position)
        if signature is not None:
            parts = [": ".join(part for part in (one.name, one.type) if part) for one in signature.arguments]
            given = ", ".join(one.type for one in signature.results)
            return _signature(
                f"@{signature.name}", parts, _commas(tokens.text[start:inside]), f"gives {given or 'nothing'}"
            )
    return None


def _callee(snapshot: Snapshot, index: int, operation: Operation, token: int) -> Signature | None:
    mentions = snapshot.layout.pieces[index].fact(symbol_mentions)
    mention = next((one for one in mentions if one.token == token and one.operation is operation), None)
    if mention is None or mention.defines or len(mention.path) > 1:
        return None
    found = snapshot.resolve(index, mention.table, symbols.symbol_name(operation.tree.tokens.word(token)))
    return found.signature if found is not None else None


def _signature(name: str, parts: list[str], position: int, documentation: str = "") -> SignatureHelp:
    label, places = f"{name}(", list[tuple[int, int]]()
    for number, part in enumerate(parts):
        label += ", " if number else ""
        places.append((len(label), len(label) + len(part)))
        label += part
    active = position if position < len(parts) else None
    return SignatureHelp(f"{label})", tuple(places), active, documentation)


def _commas(text: bytes) -> int:
    """The commas of a text that are in no bracket."""
    depth = count = 0
    for byte in text:
        depth += (byte in b"([{<") - (byte in b")]}>")
        count += byte == 0x2C and depth <= 0
    return count
