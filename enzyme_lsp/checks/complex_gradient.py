"""Engines 0.0.15 and 0.0.16 cannot add derivatives of complex tensors, nor complex derivatives of a width other than 1.

They add them with `complex.add`, which takes scalars only, and the pass fails on code that is not in the file:
`'complex.add' op operand #0 must be complex type`. In reverse mode a gradient is added for each use of a value; in
forward mode the derivative of a product or power is a sum. For tensors
`enzyme{postpasses="arith-raise{stablehlo=true}"}` helps, and nothing is said where the file names that pass, as a `RUN:`
line does.

    func.func @twice(%z: complex<f64>) -> complex<f64> {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @twice : (complex<f64>) -> complex<f64>
      %y = complex.add %z, %z : complex<f64>
      return %y : complex<f64>
    }
    func.func @d(%z: complex<f64>, %dr: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
      %0 = enzyme.autodiff @twice(%z, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        //                           ^^^^^^^^^^^^^ warning[complex-gradient]: engines 0.0.15 and 0.0.16 cannot add derivatives of type tensor<2xcomplex<f64>>, as they must here
        ret_activity = [#enzyme<activity enzyme_activenoneed>],
        width = 2
      } : (complex<f64>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
      return %0 : tensor<2xcomplex<f64>>
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.convention import Convention, Slot
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.workspace.readings import Reading

CODE = "complex-gradient"
SEVERITY = Severity.WARNING
REMEDY = "arith-raise"
_CONSTANT = frozenset({Activity.CONST, Activity.CONST_NO_NEED})
_SUMS = ("mul", "multiply", "pow", "power")
"""The operations, in whatever dialect, whose tangent is a sum."""


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    slot = _added(reading)
    if slot is None:
        return
    message = f"engines 0.0.15 and 0.0.16 cannot add derivatives of type {slot.type}, as they must here"
    yield warning(CODE, activities.place(reading, slot.side, slot.index), message, *callee_note(reading))


def _added(reading: Reading) -> Slot | None:
    """A slot whose derivatives are added and cannot be; None where there is none, as far as the text tells."""
    convention, holder = reading.slots, reading.definition or reading.call.operation
    if convention is None or not holder.regions or not _is_asked_for(reading, convention):
        return None
    if reading.mode is Mode.REVERSE:
        # The shadow of a value is added to as well, and what comes of it is lost.
        added = (*_flat(convention.results), *(slot for slot in convention.operands if slot.role is Role.SHADOW))
        return next(
            (
                slot
                for slot in added
                if slot.role in (Role.GRADIENT, Role.SHADOW)
                and _is_refused(slot.type)
                and _is_used(holder, reading, slot.index)
            ),
            None,
        )
    if reading.mode is Mode.FORWARD:
        tangents = [slot for slot in convention.operands if slot.role is Role.SHADOW and _is_refused(slot.type)]
        return tangents[0] if tangents and _multiplies(holder, is_wide=reading.width != 1) else None
    return None


def _is_asked_for(reading: Reading, convention: Convention) -> bool:
    """Whether a derivative comes in at one end and goes out at the other; otherwise none is made."""
    of_memory = any(
        slot.role is Role.SHADOW and slot.type is not None and slot.type.is_memory for slot in convention.operands
    )
    if reading.mode is Mode.REVERSE:
        return of_memory or any(activity not in _CONSTANT for activity in reading.return_activities or ())
    return of_memory or any(slot.role is Role.SHADOW for slot in _flat(convention.results))


def _flat(results: tuple[Slot, ...]) -> tuple[Slot, ...]:
    return tuple(part for slot in results for part in (slot.parts or (slot,)))


def _is_refused(type_: Type | None) -> bool:
    """Whether `complex.add` does not take the type of a derivative, though it is one of complex numbers."""
    return type_ is not None and type_.kind is TypeKind.TENSOR and type_.scalar.kind is TypeKind.COMPLEX


def _is_used(holder: Operation, reading: Reading, index: int) -> bool:
    """Whether the function uses its argument `index`."""
    tree, region = holder.tree, holder.regions[0]
    arguments = region.blocks[0].arguments if region.blocks else []
    if index < len(arguments) and arguments[index].token >= 0:
        name = tree.tokens.word(arguments[index].token)
    else:
        name = reading.signature.arguments[index].name.encode() if reading.signature is not None else b""
    first = region.blocks[0].operations[0].first if region.blocks and region.blocks[0].operations else holder.last
    return any(tree.tokens.word(token) == name for token in range(first, holder.last)) and bool(name)


def _multiplies(holder: Operation, *, is_wide: bool) -> bool:
    """Whether the function holds an operation whose tangent is a sum, of two values that are no constants."""
    tree = holder.tree
    constants: set[bytes] = set()
    pending = list(holder.regions)
    while pending:
        for block in pending.pop().blocks:
            for operation in block.operations:
                pending += operation.regions
                dialect, _, name = operation.name.rpartition(".")
                if name == "constant":
                    constants.update(tree.tokens.word(one.token) for one in operation.results)
                sums = name in _SUMS or (is_wide and (dialect, name) == ("complex", "add"))
                if not sums or b"complex<" not in operation.span.of(tree.tokens.text):
                    continue
                own = (index for index in operation.own_tokens(operation.name_token))
                used = [tree.tokens.word(index) for index in own if tree.tokens.kinds[index] == Kind.VALUE]
                if len(used) > 1 and not any(one in constants for one in used):
                    return True
    return False
