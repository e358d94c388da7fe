"""Outline a region: a differentiation op with a region becomes one that names a function, which is put behind.

    %0 = enzyme.autodiff_region(%x, %dr) {
    ^bb0(%y: f64):
      %z = arith.mulf %y, %k : f64
      enzyme.yield %z : f64
    } attributes {activity = [active], ret_activity = [...], fn = "f"} : (f64, f64) -> f64

    %0 = enzyme.autodiff @f(%x, %k, %dr) {activity = [active, const], ret_activity = [...]} : (f64, f64, f64) -> f64

    func.func private @f(%y: f64, %k: f64) -> f64 {
      %z = arith.mulf %y, %k : f64
      return %z : f64
    }

The text is ours and not that of the pass `outline-enzyme-regions`, which takes all operations of a module at once, and
of a text keeps neither names nor comments. But the pass says what it must mean: `tests/differential/test_regions.py`
has the engine lower both, and holds them to be the same. What the region uses from around it becomes an argument
that is constant.

Kind: refactor.rewrite.enzyme.region.outline. Id: outline region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import rewriting
from enzyme_lsp.derivatives import placing, writing
from enzyme_lsp.derivatives.subject import unused
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role
from enzyme_lsp.features.actions import bodies, lists, places, reshaping, stops
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.features.actions.plan import plan_of
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.types import Type
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.region.outline"

_ID: Final = "outline region"
_SUFFIXES: Final = {Mode.REVERSE: "to_diff", Mode.FORWARD: "to_fwddiff"}


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """For the operation at the place, if it has a region."""
    found = places.reading_at(snapshot, span)
    made = _made(snapshot, *found) if found is not None else None
    if isinstance(made, str):
        yield Offer(_ID, "Outline the region as a function", made)
    elif made is not None:
        yield Offer(_ID, f"Outline the region as a function {writing.symbol(made.name)}")


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    found = places.reading_at(snapshot, span)
    made = _made(snapshot, *found) if found is not None else None
    if found is None or made is None or isinstance(made, str) or id_ != _ID:
        return EditSet(())
    index, reading = found
    data, holder = snapshot.document.data, made.holder.span.shifted(snapshot.offset(index))
    indent = places.indent_at(data, holder.start)
    function = placing.behind(data, holder, indent, [bodies.indented(_function(reading, made), indent)])
    edits = EditSet([*places.placed(snapshot, index, _edits(reading, made)).edits, function])
    return stops.led(edits, stops.symbol(made.name))


@dataclass(frozen=True, slots=True)
class _Made:
    """The new function: its name, the function that it stands behind, and what it takes besides the region's arguments.

    `captured` are values of the function around with their types, and `names` what they are called in the new one.
    """

    name: str
    holder: Operation
    captured: dict[str, str]
    names: dict[str, str]


def _made(snapshot: Snapshot, index: int, reading: Reading) -> _Made | str | None:
    """The new function, or why there is none; None where the operation has no region, or is not right."""
    call = reading.call
    region = call.region
    if region is None or region.results is None or plan_of(reading) is None:
        return None
    holders = places.around(call.operation)
    holder = next((one for one in holders if symbols.is_function(one.name)), None)
    if holder is None:
        return None
    if region.blocks != 1:
        return f"its region has {region.blocks} blocks, and the passes take one"
    operations = call.operation.regions[0].blocks[0].operations
    if not operations or operations[-1].name != "enzyme.yield" or call.operation.regions[0].close < 0:
        return "its region does not end with enzyme.yield"
    if any(not 0 <= one.token < one.type_last for one in call.operation.regions[0].blocks[0].arguments):
        return "the arguments of its region cannot be read"
    names = bodies.captured(reading)
    known = rewriting.visible(reading) if names else dict[str, Type]()
    for name in names:
        if name not in known:
            return f"the type of {name}, which the region uses, cannot be told from the text"
    wanted = [entry for entry in map(call.entry, ("fn", "fn_attrs")) if entry is not None]
    if not call.operation.is_generic and not all(reshaping.attribute_removed(reading, entry) for entry in wanted):
        return "its attributes cannot be read"
    captured = {name: str(known[name]) for name in names}
    taken = {name: rewriting.unused_name(reading, name.replace("#", "_")) if "#" in name else name for name in captured}
    return _Made(_name(snapshot, index, reading, holders), holder, captured, taken)


def _name(snapshot: Snapshot, index: int, reading: Reading, holders: list[Operation]) -> str:
    """That of `fn`, else one after the function around; with a number where there is such a symbol."""
    entry, table = reading.call.entry("fn"), places.table_of(holders)
    text = entry.value_span.of(reading.piece.text).decode("utf-8", "replace") if entry is not None else ""
    around = next((one for one in map(symbols.definition, holders) if one is not None), None)
    usual = f"{around.name if around is not None else 'region'}_{_SUFFIXES[reading.mode]}"
    wanted = text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else usual
    if table is not None:
        return unused(wanted, {one.name for one in symbols.definitions(table)})
    return unused(wanted, snapshot.scope_of(index).symbols)


def _edits(reading: Reading, made: _Made) -> Iterator[Edit]:
    """What makes the operation one that names the function."""
    call, inside = reading.call, reading.call.operands_inside
    if inside is None:
        return
    operation, name, symbol = call.operation, call.op.name.removesuffix("_region"), writing.symbol(made.name)
    tree, region = operation.tree, operation.regions[0]
    fn = call.entry("fn")
    if operation.is_generic:
        yield Edit(call.name_span, f'"{name}"'.encode())
        first, last = region.open - 1, region.close + 1
        if fn is not None:
            yield Edit(fn.value_span, symbol.encode())
        else:
            yield from reshaping.attribute_added(reading, f"fn = {symbol}")
    else:
        yield Edit(Span(call.name_span.start, inside.start), f"{name} {symbol}(".encode())
        first, last = region.open, region.close
        if fn is not None:
            yield from reshaping.attribute_removed(reading, fn)
        yield from _without_keywords(operation, region.close)
    if (more := call.entry("fn_attrs")) is not None:
        yield from reshaping.attribute_removed(reading, more)
    yield Edit(Span(tree.tokens.ends[first - 1], tree.tokens.ends[last]), b"")
    yield from _captures(reading, made)


def _without_keywords(operation: Operation, behind: int) -> Iterator[Edit]:
    """Without `attributes`, which stands before the dictionary of an operation with a region alone."""
    tree, tokens = operation.tree, operation.tree.tokens
    index = behind + 1
    while index < operation.last and tokens.word(index) != b":":
        if tokens.word(index) == b"attributes" and tokens.word(index + 1) == b"{":
            yield Edit(Span(tokens.starts[index], tokens.starts[index + 1]), b"")
        index = max(tree.partners[index], index) + 1


def _captures(reading: Reading, made: _Made) -> Iterator[Edit]:
    """The captured values as operands behind those of the region's arguments, and constant."""
    call, wanted, listed = reading.call, reading.slots, reading.listed
    if not made.captured or wanted is None or listed is None or reading.activities is None:
        return
    if call.type is None or call.type.operands is None or call.type.inside is None or call.operands_inside is None:
        return
    count = sum(slot.role is not Role.SEED for slot in wanted.operands)
    tokens = call.operation.tree.tokens
    for elements, inside, new in (
        (call.operands, call.operands_inside, made.captured),
        (call.type.operands, call.type.inside, made.captured.values()),
    ):
        into = rewriting.Insertion([one.span for one in elements], inside)
        yield from lists.changed(tokens, into, [*range(count), *new, *range(count, len(elements))])
    constant = [Activity.CONST] * len(made.captured)
    added = rewriting.activities_inserted(reading, listed, len(reading.activities), constant)
    whole = rewriting.listed(reading, [*reading.activities, *constant])
    yield added or Edit(listed.span, whole.encode())


def _function(reading: Reading, made: _Made) -> list[str]:
    """The lines of the new function."""
    operation, region = reading.call.operation, reading.call.operation.regions[0]
    block, given = (
        region.blocks[0],
        [one.text for one in (reading.call.region.results if reading.call.region else None) or ()],
    )
    tree = operation.tree
    taken = [
        tree.span(one.token, one.type_last).of(tree.tokens.text).decode("utf-8", "replace") for one in block.arguments
    ]
    taken += [f"{made.names[name]}: {type_}" for name, type_ in made.captured.items()]
    results = f" -> {writing.listed(given)}" if given else ""
    more = reading.call.entry("fn_attrs")
    attributes = f" attributes {more.value_span.of(tree.tokens.text).decode()}" if more is not None else ""
    last = block.operations[-1]
    lines = bodies.lines(region, block, made.names, last, "func.return" if last.is_generic else "return")
    step = bodies.step_of(operation)
    return [
        f"func.func private {writing.symbol(made.name)}({', '.join(taken)}){results}{attributes} {{",
        *bodies.indented(lines, step),
        "}",
    ]
