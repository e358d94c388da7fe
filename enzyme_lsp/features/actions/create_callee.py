"""Create the callee: a declaration for a function that is called and that nothing defines, behind the function around.

    %0 = enzyme.autodiff @f(%x, %dr) {activity = [active], ret_activity = [active]} : (f64, f64) -> (f64, f64)
    func.func private @f(f64) -> f64

Its type follows from the operands, the results and the activities of the call; a result that the call leaves no trace
of is the reason why not. Its name is that of the call, so nothing of it is a stop.

Kind: refactor.rewrite.enzyme.createCallee. Id: create callee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.unknown_callee import reference
from enzyme_lsp.dialect import callee_types
from enzyme_lsp.dialect.callee_types import UnknownError
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.features.actions import places
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.features.columns import blanks_at, line_start
from enzyme_lsp.syntax import symbols, values
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.dialect.calls import Activities
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.createCallee"

_ID: Final = "create callee"
_CALLS: Final = frozenset({"call", "func.call", "llvm.call"})


@dataclass(frozen=True, slots=True)
class _Missing:
    """A call in piece `index` of `name`, which nothing defines; `table` in the piece is where it is looked up."""

    index: int
    operation: Operation
    name: str
    table: Operation | None
    reading: Reading | None


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """For a call whose callee is missing; with the reason where the call does not tell its type."""
    missing = _missing(snapshot, span)
    if missing is None:
        return
    reason = None
    try:
        _declaration(missing)
    except UnknownError as error:
        reason = f"the type of @{missing.name} is not to be told: {error}"
    yield Offer(_ID, f"Declare {reference(missing.name).decode()}", reason)


def apply(snapshot: Snapshot, span: Span, _id: str, /) -> EditSet:
    """The declaration; nothing where none is missing."""
    missing = _missing(snapshot, span)
    if missing is None:
        return EditSet(())
    try:
        text = _declaration(missing)
    except UnknownError:
        return EditSet(())
    data, start = snapshot.document.data, snapshot.offset(missing.index)
    around = _around(snapshot, missing)
    line = snapshot.document.lines.position(start + around.span.end, "utf-8").line0
    end = snapshot.document.lines.line_span(line).end
    at = start + around.span.end
    # What else stands behind the function in its line is a comment, unless another operation begins there.
    at = end if data[at:end].lstrip(b" \t").startswith(b"//") else at
    blanks = blanks_at(data, line_start(data, start + around.span.start))
    return EditSet([Edit(Span(at, at), b"\n" + blanks + text)])


def _missing(snapshot: Snapshot, span: Span) -> _Missing | None:
    found = places.operation_at(snapshot, span)
    if found is None:
        return None
    index, operation = found
    reading = next((one for one in snapshot.readings_in(index) if one.call.operation is operation), None)
    if reading is not None:
        name, table = reading.call.callee, reading.call.table
        is_known = not reading.call.op.names_callee or snapshot.callee(index, reading.call) is not None
    else:
        name, table = _called(operation), _table_around(snapshot, index, operation)
        is_known = name is not None and snapshot.resolve(index, table, name) is not None
    return None if name is None or is_known else _Missing(index, operation, name, table, reading)


def _called(operation: Operation) -> str | None:
    """The function that a call in custom form names."""
    tokens = operation.tree.tokens
    if operation.name not in _CALLS or operation.is_generic:
        return None
    for index in range(operation.name_token + 1, operation.last):
        if tokens.kinds[index] == Kind.SYMBOL:
            is_nested = tokens.word(index + 1) == b"::"
            return None if is_nested else symbols.symbol_name(tokens.word(index)) or None
        if tokens.kinds[index] != Kind.WORD:
            break
    return None


def _table_around(snapshot: Snapshot, index: int, operation: Operation) -> Operation | None:
    """The innermost operation of a piece around another that is a symbol table."""
    found: Operation | None = None
    for one in _path(snapshot, index, operation):
        if one is not operation and symbols.is_symbol_table(one.name):
            found = one
    return found


def _path(snapshot: Snapshot, index: int, operation: Operation) -> Iterator[Operation]:
    """The operations of a piece around another, outermost first, and that one."""
    inner = list(snapshot.layout.pieces[index].tree.operations)
    while inner:
        around = next((one for one in inner if one.span.covers(operation.span)), None)
        if around is None:
            return
        yield around
        inner = [one for region in around.regions for block in region.blocks for one in block.operations]


def _around(snapshot: Snapshot, missing: _Missing) -> Operation:
    """What the declaration goes behind: what the call stands in, directly in the table of its callee."""
    path = list(_path(snapshot, missing.index, missing.operation))
    if missing.table is None:
        return path[0]
    return path[path.index(missing.table) + 1]


def _declaration(missing: _Missing) -> bytes:
    name = reference(missing.name).decode()
    if missing.reading is not None:
        arguments, results = _of_derivative(missing.reading)
        is_llvm = False
    else:
        arguments, results = _of_call(missing.operation)
        is_llvm = missing.operation.name == "llvm.call"
    given = ", ".join(results)
    if is_llvm:
        return f"llvm.func {name}({', '.join(arguments)}){f' -> {given}' if given else ''}".encode()
    shown = f" -> {given}" if len(results) == 1 else f" -> ({given})" if results else ""
    return f"func.func private {name}({', '.join(arguments)}){shown}".encode()


def _of_derivative(reading: Reading) -> tuple[Sequence[str], Sequence[str]]:
    if reading.operands is None or reading.results is None:
        raise UnknownError("the types of the operation are not complete")
    operands = [one.type for one in reading.operands if one.type is not None]
    results = [one.type for one in reading.results if one.type is not None]
    if reading.mode is Mode.BATCH:
        if not reading.sizes:
            raise UnknownError("the batch has no shape")
        function = callee_types.of_batch(reading.sizes, operands, results)
    elif reading.mode is Mode.JACOBIAN:
        function = callee_types.of_jacobian(operands, results)
    else:
        listed, returned = (_activities(one) for one in (reading.listed, reading.listed_returns))
        if reading.width is None:
            raise UnknownError("the width is no number")
        function = callee_types.of_derivative(reading.mode, listed, returned, reading.width, operands, results)
    return [one.text for one in function.arguments], [one.text for one in function.results]


def _activities(listed: Activities | None) -> list[Activity]:
    elements = listed.elements if listed is not None else None
    found = [one.written.activity if one.written is not None else None for one in elements or ()]
    if elements is None or None in found:
        raise UnknownError("the activities are not complete")
    return [one for one in found if one is not None]


def _of_call(operation: Operation) -> tuple[Sequence[str], Sequence[str]]:
    tree, last = operation.tree, operation.location[0] if operation.location is not None else operation.last
    colon = next((i for i in reversed(range(operation.name_token, last)) if tree.tokens.word(i) == b":"), -1)
    close = tree.partners[colon + 1] if colon >= 0 and tree.tokens.word(colon + 1) == b"(" else -1
    if close < 0 or tree.tokens.word(close + 1) != b"->":
        raise UnknownError("the types of the call are not complete")
    results = values.listed_types(tree, close + 2, last)
    return values.listed_types(tree, colon + 2, close), results
