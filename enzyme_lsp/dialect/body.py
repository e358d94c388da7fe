"""Body: the values of a function and what its operations do with them, as far as differentiation is concerned.

It is data; `bodies` reads it from a text, and `dependence` draws conclusions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enzyme_lsp.dialect.derivative_rules import Rule
    from enzyme_lsp.syntax.nodes import Operation


class Role(Enum):
    """What an operation does with values, beyond making results of operands."""

    PLAIN = "makes its results of its operands"
    LOAD = "reads memory"
    STORE = "writes a value to memory"
    CALL = "calls a function by its name"
    DERIVATIVE = "differentiates or batches"
    HOLDER = "has its results from the ends of its regions"
    BRANCH = "hands values to other blocks"


@dataclass(slots=True, eq=False)
class Step:
    """An operation of a body. Values are numbers.

    `rule` is what is known of the operation, None when nothing is. `memory` are the operands that are places in memory.
    `moves` says, of a BRANCH, which value becomes which.
    """

    operation: Operation
    name: str
    role: Role
    rule: Rule | None
    operands: tuple[int, ...]
    results: tuple[int, ...]
    memory: tuple[int, ...] = ()
    callee: str = ""
    written: int = -1
    """Of a STORE, the value that it writes; -1 when the text does not have it."""
    moves: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True, eq=False)
class Body:
    """The values and steps of a function or of a region that takes the place of one.

    `floats` says which values hold floating point numbers; `places` gives for each value that is a place in memory the
    value that it is a view of, at last an argument or an allocation, and -1 for all others.
    """

    operation: Operation
    arguments: tuple[int, ...] = ()
    returns: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    steps: list[Step] = field(default_factory=list[Step])
    floats: bytearray = field(default_factory=bytearray)
    places: list[int] = field(default_factory=list[int])
    copies: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Which values become which others: at the ends of regions and blocks."""
    allocations: set[int] = field(default_factory=set[int])
    sources: set[int] = field(default_factory=set[int])
    """The values that are made of nothing, such as constants; memory aside."""

    @property
    def calls(self) -> list[Step]:
        """Every call of a function by its name."""
        return [step for step in self.steps if step.role is Role.CALL]
