"""Inside: what the checks share that look into the function which a call differentiates; other functions are not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.bodies import bodies, has_body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.dialect.dependence import Dependence
    from enzyme_lsp.workspace.readings import Reading

CONSTANT: Final = frozenset({Activity.CONST, Activity.CONST_NO_NEED})


def body(reading: Reading) -> Dependence | None:
    """What depends on what in the body of the callee, or the region that takes its place; None for a declaration and for what is unknown."""
    names = reading.call.op.names_callee
    operation, home = (reading.definition, reading.home) if names else (reading.call.operation, reading.piece)
    if operation is None or home is None or not has_body(operation):
        return None
    return home.fact(bodies).of(operation)


def bits(activities: Iterable[Activity] | None) -> int:
    """A number with bit n set where activity n is not constant."""
    return sum(1 << index for index, activity in enumerate(activities or ()) if activity not in CONSTANT)
