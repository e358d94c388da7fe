"""Extract a derivative: the operation as a private function of its own behind the one that it is in, and a call of it.

    %0 = enzyme.autodiff @f(%x, %dr) {...} : (f64, f64) -> f64

    %0 = func.call @grad_f(%x, %dr) : (f64, f64) -> f64

    func.func private @grad_f(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @f(%x, %dr) {...} : (f64, f64) -> f64
      return %0 : f64
    }

The operation is taken over as it is written. What its region uses from around it becomes an argument too. In a function
of LLVM the new one is of LLVM as well, where its types allow.

Kind: refactor.rewrite.enzyme.extract. Id: extract derivative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import rewriting
from enzyme_lsp.derivatives import placing, writing
from enzyme_lsp.derivatives.subject import unused
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.features.actions import bodies, places, stops
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.problems import problems
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.types import Type, TypeKind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.line_ends import lines_of
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.extract"

_ID: Final = "extract derivative"
_NAMES: Final = {Mode.REVERSE: "grad", Mode.FORWARD: "jvp", Mode.JACOBIAN: "jacobian", Mode.BATCH: "batch"}
_OF_LLVM: Final = frozenset({TypeKind.FLOAT, TypeKind.INTEGER, TypeKind.POINTER, TypeKind.AGGREGATE})


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """For the operation at the place, if it stands in a function and all of it is there."""
    found = places.reading_at(snapshot, span)
    if found is None:
        return
    made = _made(snapshot, *found)
    if made is None:
        return
    is_refused = isinstance(made, str)
    title = "Extract as a function of its own" if is_refused else f"Extract as a function {writing.symbol(made.name)}"
    yield Offer(_ID, title, made if is_refused else None)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    found = places.reading_at(snapshot, span)
    made = _made(snapshot, *found) if found is not None else None
    if found is None or made is None or isinstance(made, str) or id_ != _ID:
        return EditSet(())
    index, reading = found
    called = Span(reading.call.name_span.start, _end(reading.call.operation))
    here = places.placed(snapshot, index, [Edit(called, _call(reading, made).encode())])
    data, holder = snapshot.document.data, made.holder.span.shifted(snapshot.offset(index))
    indent = places.indent_at(data, holder.start)
    lines = [f"{indent}{line}" if line else line for line in _function(reading, made)]
    return stops.led(EditSet([*here.edits, placing.behind(data, holder, indent, [lines])]), stops.symbol(made.name))


@dataclass(frozen=True, slots=True)
class _Made:
    """The new function: its name, the function that it stands behind, and each of its arguments.

    `values` are what the call hands over, with types as they are written; `names` are those values in the function.
    """

    name: str
    holder: Operation
    values: tuple[tuple[str, str], ...]
    names: Mapping[str, str]
    is_llvm: bool


def _made(snapshot: Snapshot, index: int, reading: Reading) -> _Made | str | None:
    """The new function, or why there is none; None where nothing can be said of it."""
    call = reading.call
    operation, written, taken = call.operation, call.type, reading.operands
    holders = places.around(operation)
    holder = next((one for one in holders if symbols.is_function(one.name)), None)
    if holder is None or written is None or written.operands is None or written.results is None or taken is None:
        return None
    if any(one.span.touches(operation.span) for one in reading.piece.fact(problems)):
        return "it cannot be taken over as it is written: it has a syntax error"
    values = dict(zip((one.text for one in call.operands), (one.text for one in written.operands), strict=True))
    captured = [name for name in bodies.captured(reading) if name not in values]
    known = rewriting.visible(reading) if captured else dict[str, Type]()
    for name in captured:
        if name not in known:
            return f"the type of {name}, which the region uses, cannot be told from the text"
        values[name] = str(known[name])
    results = [one.text for one in written.results]
    types = [reading.type_of(one) for one in (*values.values(), *results)]
    is_llvm = holder.name == "llvm.func" and len(results) < 2 and all(one.kind in _OF_LLVM for one in types)
    beginning = f"{_NAMES[reading.mode]}_{call.callee or _symbol(holder)}"
    table = places.table_of(holders[: holders.index(holder)])
    return _Made(
        _unused(snapshot, index, table, beginning), holder, tuple(values.items()), _names(reading, values), is_llvm
    )


def _symbol(holder: Operation) -> str:
    defined = symbols.definition(holder)
    return defined.name if defined is not None else "region"


def _unused(snapshot: Snapshot, index: int, table: Operation | None, beginning: str) -> str:
    """A name that no symbol of a table has."""
    if table is not None:
        return unused(beginning, {one.name for one in symbols.definitions(table)})
    return unused(beginning, snapshot.scope_of(index).symbols)


def _names(reading: Reading, values: Mapping[str, str]) -> dict[str, str]:
    """A name for each value in the new function: its own, where that is one of a single value."""
    found: dict[str, str] = {}
    for name in values:
        found[name] = (
            name if "#" not in name else rewriting.unused_name(reading, name.replace("#", "_"), [*found.values()])
        )
    return found


def _call(reading: Reading, made: _Made) -> str:
    """The call that takes the place of the operation."""
    results = [one.text for one in (reading.call.type.results if reading.call.type else None) or ()]
    word = "llvm.call" if made.is_llvm else "func.call"
    operands, types = (", ".join(one) for one in ([v for v, _ in made.values], [t for _, t in made.values]))
    return (
        f"{word} {writing.symbol(made.name)}({operands}) : ({types}) -> {writing.listed(results) if results else '()'}"
    )


def _function(reading: Reading, made: _Made) -> list[str]:
    """The lines of the new function, without the indent of the one that it stands behind."""
    operation = reading.call.operation
    results = [one.text for one in (reading.call.type.results if reading.call.type else None) or ()]
    taken = ", ".join(f"{made.names[name]}: {type_}" for name, type_ in made.values)
    kind, leave = ("llvm.func", "llvm.return") if made.is_llvm else ("func.func", "return")
    given = f" -> {writing.listed(results)}" if results else ""
    result = unused("%result", set(made.names.values()) | _words(operation))
    names = [result] if len(results) == 1 else [f"{result}#{number}" for number in range(len(results))]
    bound = "" if not results else f"{result} = " if len(results) == 1 else f"{result}:{len(results)} = "
    returned = f"{leave} {', '.join(names)} : {', '.join(results)}" if results else leave
    indent = places.indent(operation)
    text = bound + _renamed(operation, made.names)
    body = [line.removeprefix(indent) for line in lines_of(text)]
    return [
        f"{kind} private {writing.symbol(made.name)}({taken}){given} {{",
        *(f"  {line}" if line.strip() else line for line in (*body, returned)),
        "}",
    ]


def _renamed(operation: Operation, names: Mapping[str, str]) -> str:
    """The operation from its name on, with its values as they are called in the new function."""
    tree, start = operation.tree, operation.name_span.start
    edits: list[Edit] = []
    for token in range(operation.name_token, operation.last):
        behind = tree.tokens.word(token + 1)
        word = (tree.tokens.word(token) + behind if behind[:1] == b"#" else b"").decode("utf-8", "replace")
        if tree.tokens.kinds[token] == Kind.VALUE and word in names:
            edits.append(Edit(tree.span(token, token + 2).shifted(-start), names[word].encode()))
    text = Span(start, operation.span.end).of(tree.tokens.text)
    return EditSet(edits).apply(text).decode("utf-8", "replace")


def _words(operation: Operation) -> set[str]:
    """Every name of a value in an operation."""
    tokens = operation.tree.tokens
    return {
        tokens.word(token).decode("utf-8", "replace")
        for token in range(operation.name_token, operation.last)
        if tokens.kinds[token] == Kind.VALUE
    }


def _end(operation: Operation) -> int:
    """Where an operation ends, without its location."""
    tree = operation.tree
    last = operation.location[0] if operation.location is not None else operation.last
    return tree.tokens.ends[last - 1]
