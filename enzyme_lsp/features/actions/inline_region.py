"""Inline as a region: `enzyme.autodiff` or `enzyme.fwddiff` with the body of its callee in itself.

    %0 = enzyme.autodiff @f(%x, %dr) {activity = [...], ret_activity = [...]} : (f64, f64) -> f64

    %0 = enzyme.autodiff_region(%x, %dr) {
    ^bb0(%x_1: f64):
      %y = arith.mulf %x_1, %x_1 : f64
      enzyme.yield %y : f64
    } attributes {activity = [...], ret_activity = [...], fn = "f"} : (f64, f64) -> f64

The text is ours and not that of the pass `inline-enzyme-regions`, which takes all operations of a module at once, and
of a text keeps neither names nor comments. But the pass says what it must mean: `tests/differential/test_regions.py`
has the engine lower both, and holds them to be the same. Only what is a single block can be a region there; the
function itself stays.

Kind: refactor.rewrite.enzyme.region.inline. Id: inline region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.bodies import has_body
from enzyme_lsp.features.actions import bodies, places, reshaping
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.features.actions.plan import plan_of
from enzyme_lsp.syntax.problems import problems
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.region.inline"

_ID: Final = "inline region"
_RETURNS: Final = frozenset({"return", "func.return"})


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """For the operation at the place, if it names its callee."""
    found = places.reading_at(snapshot, span)
    if found is None or not found[1].call.op.names_callee or plan_of(found[1]) is None:
        return
    reading = found[1]
    yield Offer(_ID, f"Inline @{reading.call.callee} as the region of {reading.call.op.name}_region", _refusal(reading))


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    found = places.reading_at(snapshot, span)
    if found is None or id_ != _ID or plan_of(found[1]) is None or _refusal(found[1]) is not None:
        return EditSet(())
    return places.placed(snapshot, found[0], _edits(found[1]))


def _refusal(reading: Reading) -> str | None:
    """Why the callee cannot be a region; None when it can."""
    callee = reading.definition
    name = f"@{reading.call.callee}"
    if callee is None or not has_body(callee) or callee.regions[0].close < 0:
        return f"{name} has no body here"
    if callee.name != "func.func":
        return f"{name} is an {callee.name}, and a region becomes a func.func again"
    if len(callee.regions[0].blocks) != 1:
        return f"{name} has {len(callee.regions[0].blocks)} blocks, and the passes take one"
    operations = callee.regions[0].blocks[0].operations
    if not operations or operations[-1].name not in _RETURNS or operations[-1].results:
        return f"{name} does not end with a return"
    operation = reading.call.operation
    if callee.tree is operation.tree and callee.span.covers(operation.span):
        return f"the operation stands in {name} itself"
    if reading.home is not None and any(one.span.touches(callee.span) for one in reading.home.fact(problems)):
        return f"{name} has a syntax error, which would be there twice"
    return None


def _edits(reading: Reading) -> Iterator[Edit]:
    call, inside = reading.call, reading.call.operands_inside
    if inside is None:
        return
    operation, name = call.operation, call.op.name
    region = f"({_region(reading)})" if operation.is_generic else _region(reading)
    if operation.is_generic:
        yield Edit(call.name_span, f'"{name}_region"'.encode())
        behind = _behind_properties(reading)
        yield Edit(Span(behind, behind), f" {region}".encode())
        if (fn := call.entry("fn")) is not None:
            yield Edit(fn.value_span, _quoted(reading).encode())
        return
    yield Edit(Span(call.name_span.start, inside.start), f"{name}_region(".encode())
    yield Edit(Span(inside.end + 1, inside.end + 1), f" {region}".encode())
    yield from _keywords(operation, inside.end)
    yield from reshaping.attribute_added(reading, f"fn = {_quoted(reading)}")


def _quoted(reading: Reading) -> str:
    return f'"{reading.call.callee}"'


def _keywords(operation: Operation, behind: int) -> Iterator[Edit]:
    """`attributes` before the dictionary of an operation with a region."""
    tree, tokens = operation.tree, operation.tree.tokens
    index, end = (tokens.at(behind) or 0) + 1, operation.last
    while index < end and tokens.word(index) != b":":
        if tokens.word(index) == b"{" and tokens.word(index - 1) != b"<":
            yield Edit(Span(tokens.starts[index], tokens.starts[index]), b"attributes ")
        index = max(tree.partners[index], index) + 1


def _behind_properties(reading: Reading) -> int:
    """Where regions stand in generic form: behind the operands and `<{...}>`."""
    operation, inside = reading.call.operation, reading.call.operands_inside
    tree, tokens = operation.tree, operation.tree.tokens
    index = tokens.at(inside.end) if inside is not None else None
    if index is None:
        return operation.name_span.end
    if tokens.word(index + 1) == b"<" and tokens.word(index + 2) == b"{" and tree.partners[index + 2] > index:
        return tokens.ends[tree.partners[index + 2] + 1]
    return tokens.ends[index]


def _region(reading: Reading) -> str:
    """The body of the callee as a region, from brace to brace."""
    callee, home = reading.definition, reading.home
    if callee is None or home is None or reading.signature is None:
        return "{}"
    region = callee.regions[0]
    block = region.blocks[0]
    names = bodies.renamed(home, callee.first, region.close, reading.piece)
    of_block = [one.token for one in block.arguments]
    taken: list[str] = []
    for number, one in enumerate(reading.signature.arguments):
        word = one.name
        if not word and number < len(of_block):
            word = home.tree.tokens.word(of_block[number]).decode("utf-8", "replace")
        taken.append(f"{names.get(word, word)}: {one.type}")
    indent = places.indent(reading.call.operation)
    lines = bodies.lines(region, block, names, block.operations[-1], "enzyme.yield")
    label = [f"{indent}^bb0({', '.join(taken)}):"] if taken else []
    step = bodies.step_of(reading.call.operation)
    return "\n".join(["{", *label, *bodies.indented(lines, f"{indent}{step}"), f"{indent}}}"])
