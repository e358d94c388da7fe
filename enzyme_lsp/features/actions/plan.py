"""Plan: what a derivative call is, or is to be, apart from the names of its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.workspace.readings import Reading

WORDS: Final = {Mode.REVERSE: "autodiff", Mode.FORWARD: "fwddiff"}
"""The names of the operations that have a plan, by their modes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an operation is to be. There is one activity for each argument and result of its callee."""

    mode: Mode
    activities: tuple[Activity, ...]
    returns: tuple[Activity, ...]
    width: int


def plan_of(reading: Reading) -> Plan | None:
    """The operation as it is; None unless all of it is there and fits."""
    found, given = reading.operand_alignment, reading.result_alignment
    if reading.mode not in WORDS or found is None or given is None or not (found.is_perfect and given.is_perfect):
        return None
    if reading.activities is None or reading.return_activities is None or reading.width is None:
        return None
    if any(
        one.type is None or one.type.kind is TypeKind.BROKEN
        for one in (*(reading.operands or ()), *(reading.results or ()))
    ):
        return None
    operation = reading.call.operation
    named = sum(one.count for one in operation.results)
    if named not in (0, len(reading.results or ())) or operation in operation.tree.operations:
        return None
    return Plan(reading.mode, reading.activities, reading.return_activities, reading.width)
