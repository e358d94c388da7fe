"""The dialect as IRDL, made from the tables, for whoever has upstream MLIR only; must not know who loads it.

IRDL is MLIR's own language for dialects. It can say how many operands, results and regions an operation has, which of
their types are the same or of one sort, and which attributes must be there. It cannot say

* what an attribute that may be missing is when it is there, such as `width`;
* what is in an array, or the element type of a memref;
* which operations end a block, so that no block may end with `enzyme.yield` or `enzyme.addTo` (`TERMINATORS`);
* names with capitals. What has some is defined and named in small letters, and an attribute `spelled` there has what
  shall stand instead before the dialect is loaded (`sym_name`, or `base_type`), when no verifier looks any more;
* operands of several types in any number: all of one group have the same type. So there are `GROUPS` groups of those,
  and an operation says with `operandSegmentSizes` and `resultSegmentSizes` how many are in each (`SPREAD`,
  `segments`), which the dialect itself does not have.

Operations have the generic form only, with all attributes in `{...}`.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.ops import OPS, AttributeKind, Op, ValueField
from enzyme_lsp.dialect.types_and_attributes import ATTRIBUTES, TYPES, Named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TERMINATORS: Final = frozenset(op.name for op in OPS.values() if op.is_terminator)
"""Operations with which no block may end under IRDL, as it must in the dialect itself."""

STAND_IN: Final = "vector.yield"
"""An operation of upstream MLIR that can stand where a terminator of ours does: it takes any operands, in any region,
has the custom form of `enzyme.yield`, and even as many letters."""

GROUPS: Final = 64
"""How many groups operands or results of any types are in."""


def _is_mixed(field: ValueField) -> bool:
    """Whether values of several types may be in it."""
    return field.is_variadic and field.constraint != "index"


SPREAD: Final = {
    op.name: (any(map(_is_mixed, op.operands)), any(map(_is_mixed, op.results)))
    for op in OPS.values()
    if any(map(_is_mixed, (*op.operands, *op.results))) and not op.is_terminator
}
"""Operations that say how many values are in each group, and whether those are operands and results."""


def segments(types: Sequence[str]) -> tuple[int, ...] | None:
    """How many values of these types are in each group; None when there are too few groups."""
    runs = [len(list(run)) for _, run in groupby(types)]
    return (*runs, *[0] * (GROUPS - len(runs))) if len(runs) <= GROUPS else None


def text() -> str:
    """The dialect as one `irdl.dialect` operation."""
    parts = [_parametrized("type", named) for named in TYPES.values()]
    parts += [_parametrized("attribute", named) for named in ATTRIBUTES.values()]
    parts += [_operation(op) for op in OPS.values()]
    return "irdl.dialect @enzyme {\n" + "".join(parts) + "}\n"


_ANY: Final = "irdl.any"

_PARAMETERS: Final = {
    "any type": _ANY,
    "flat symbol reference": 'irdl.base "#builtin.symbol_ref"',
    "unsigned integer": 'irdl.base "#builtin.integer"',
}
"""For the kinds of parameters, what they are in IRDL."""

_TYPES: Final = {
    "any type": _ANY,
    "index": "irdl.is index",
    "memref of any non-token type values": 'irdl.base "!builtin.memref"',
    "ranked tensor of any non-token type values": 'irdl.base "!builtin.tensor"',
    "shaped of any non-token type values": _ANY,
    # What a verifier of its own compares; IRDL has no word for it.
    "the element type of the memref": _ANY,
    "signless integer, index, or tensor thereof (0.0.15: unranked tensor)": _ANY,
}
"""For the constraints of operands and results, what they are in IRDL."""

_LAX: Final = frozenset({("enzyme.affine_atomic_rmw", "result")})
"""Results whose type is said to be that of an operand, which no verifier compares."""

_ELEMENT_OF: Final = "the element type of the "
_TYPE_OF: Final = "the type of "

_ATTRIBUTES: Final = {
    AttributeKind.FUNCTION: 'irdl.base "#builtin.symbol_ref"',
    AttributeKind.ACTIVITIES: 'irdl.base "#builtin.array"',
    AttributeKind.I64: 'irdl.base "#builtin.integer"',
    AttributeKind.BOOL: 'irdl.base "#builtin.integer"',
    AttributeKind.STRING: 'irdl.base "#builtin.string"',
    AttributeKind.I64_ARRAY: 'irdl.base "#builtin.dense_array"',
    AttributeKind.SEGMENTS: 'irdl.base "#builtin.dense_array"',
    AttributeKind.ENUM: 'irdl.base "#builtin.integer"',
    AttributeKind.MAP: 'irdl.base "#builtin.affine_map"',
    AttributeKind.MAP_ARRAY: 'irdl.base "#builtin.array"',
    AttributeKind.ARRAY: 'irdl.base "#builtin.array"',
}
"""For the kinds of attributes that can be demanded, what they are in IRDL."""


class _Body:
    """The lines of one definition, which name each constraint once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._count = 0

    def constraint(self, operation: str) -> str:
        name = f"%{self._count}"
        self._count += 1
        self.lines.append(f"    {name} = {operation}\n")
        return name

    def listing(self, operation: str, items: Iterable[str]) -> None:
        if found := ", ".join(items):
            self.lines.append(f"    {operation}({found})\n")

    def defined(self, operation: str, name: str) -> str:
        spelled = f' attributes {{spelled = "{name}"}}' if name != name.lower() else ""
        return f"  irdl.{operation} @{name.lower()}{spelled} {{\n{''.join(self.lines)}  }}\n"


def _parametrized(operation: str, named: Named) -> str:
    body = _Body()
    items: list[str] = []
    for parameter in named.parameters:
        if parameter.kind == "one of six words":
            words = [body.constraint(f'irdl.is "{activity.value}"') for activity in Activity]
            constraint = body.constraint(f"irdl.any_of({', '.join(words)})")
        else:
            constraint = body.constraint(_PARAMETERS[parameter.kind])
        items.append(f"{parameter.name.lower()}: {constraint}")
    body.listing("irdl.parameters", items)
    return body.defined(operation, named.name)


def _operation(op: Op) -> str:
    body = _Body()
    operands, results = SPREAD.get(op.name, (False, False))
    constraints = _constraints(body, op)
    body.listing("irdl.operands", _values(body, op.operands, constraints, is_spread=operands))
    body.listing("irdl.results", _values(body, op.results, constraints, is_spread=results))
    demanded = [
        (field.name, body.constraint(_ATTRIBUTES[field.kind]))
        for field in op.attributes
        if field.required and not field.since and not (operands and field.kind is AttributeKind.SEGMENTS)
    ]
    if demanded:
        pairs = ", ".join(f'"{name}" = {constraint}' for name, constraint in demanded)
        body.lines.append(f"    irdl.attributes {{{pairs}}}\n")
    regions = [f"{region.name}: {body.constraint('irdl.region')}" for region in op.regions]
    body.listing("irdl.regions", regions)
    return body.defined("operation", op.mnemonic)


def _constraints(body: _Body, op: Op) -> dict[str, str]:
    """For each operand and result, the constraint on its type; the same one where the types are."""
    fields = {field.name: field for field in (*op.operands, *op.results)}
    found: dict[str, str] = {}
    for field in fields.values():
        of = field.constraint.removeprefix(_ELEMENT_OF)
        if of != field.constraint and (container := _container(of)) is not None:
            found[field.name] = body.constraint(_ANY)
            found[of] = body.constraint(
                f"irdl.parametric @enzyme::@{container.name.lower()}<{found[field.name]}>"
                f" {{spelled = @enzyme::@{container.name}}}"
            )
    for field in fields.values():
        if field.name not in found:
            same = found.get(field.constraint.removeprefix(_TYPE_OF).removeprefix("the "))
            if (op.name, field.name) in _LAX:
                same = body.constraint(_ANY)
            found[field.name] = same or body.constraint(_TYPES[field.constraint])
    return found


def _container(name: str) -> Named | None:
    """The type of ours that an operand of this name has: a `cache` is a `Cache`."""
    return next((named for named in TYPES.values() if named.name.lower() == name), None)


def _values(
    body: _Body, fields: Sequence[ValueField], constraints: dict[str, str], *, is_spread: bool
) -> Iterable[str]:
    """The operands or results; `is_spread`: those that are mixed make `GROUPS` groups, whatever groups they are in."""
    mixed = [field for field in fields if is_spread and _is_mixed(field)]
    for field in fields:
        if field not in mixed:
            variadic = "variadic " if field.is_variadic else ""
            yield f"{field.name.lower()}: {variadic}{constraints[field.name]}"
        elif field is mixed[0]:
            for number in range(GROUPS):
                yield f"{field.name.lower()}_{number}: variadic {body.constraint(_TYPES[field.constraint])}"
