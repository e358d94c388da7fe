"""What we say of a case without any engine, held against what the engine makes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.syntax import types
from tests.differential.oracle import Kind
from tests.differential.snapshots import snapshot_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from tests.differential.operations import Case
    from tests.differential.oracle import Found, Oracle

LIMITS: Final = frozenset(
    {"batch-body", "complex-gradient", "dynamic-gradient", "jacobian-not-lowered", "wide-constant", "wide-memory"}
)
"""Codes of warnings that name a limit of the engine: it will refuse what is right by the convention."""


class Side(Enum):
    """Who is right about a case."""

    AGREE = "agree"
    FALSE_ERROR = "false error"
    """We give an error, and the engine does what was written."""
    MISS = "miss"
    """The engine refuses, dies, or does something else, and we say nothing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One case with both judgments."""

    case: Case
    found: Found
    ours: tuple[Diagnostic, ...]

    @property
    def side(self) -> Side:
        return side_of(self.found, self.ours)

    @property
    def reason(self) -> str:
        """Why a difference stands; empty for one that should not be."""
        return next((row.reason for row in EXPLAINED if row.side is self.side and row.covers(self)), "")

    def has(self, code: str) -> bool:
        """Whether we say `code`, whatever its severity."""
        return any(one.code == code for one in self.ours)


@dataclass(frozen=True, slots=True)
class Explained:
    """A class of differences that are known, and why they stand."""

    side: Side
    covers: Callable[[Compared], bool]
    reason: str


EXPLAINED: Final = (
    Explained(
        Side.MISS,
        lambda one: (
            _is_forward(one) and "type of return operand" in one.found.why and one.case.operation.width is not None
        ),
        "the body decides: a tangent that is constant inside has no width",
    ),
    Explained(
        Side.MISS,
        lambda one: _is_forward(one) and "memory identity forward handler" in one.found.why,
        "the body decides: it stores what has a tangent in memory that has no shadow",
    ),
    Explained(
        Side.MISS,
        lambda one: _is_forward(one) and "'memref.store' op failed to verify" in one.found.why,
        "the body decides: an integer that is computed has no wide tangent to store",
    ),
    Explained(
        Side.MISS,
        lambda one: _is_forward(one) and _returns_what_has_no_zero(one),
        "the body decides: the tangent of what is constant there is 0, and the type has no 0",
    ),
    Explained(
        Side.MISS,
        lambda one: "unbalanced '<' character" in one.found.why,
        "`<` is no bracket to our parser, since it is a comparison elsewhere; the engine's parser speaks at every key",
    ),
    Explained(
        Side.FALSE_ERROR,
        lambda one: one.has("forward-active"),
        "accepted by accident, when all arguments are constant and an operand too many stands where a seed would",
    ),
    Explained(
        Side.FALSE_ERROR,
        lambda one: one.has("active-memory"),
        "accepted by accident, when the memory that is returned is constant; the seed for it is dropped",
    ),
    Explained(
        Side.FALSE_ERROR,
        lambda one: one.has("bad-batch-shape") and 0 in one.case.operation.sizes,
        "a batch of no element computes nothing",
    ),
)


def _is_forward(one: Compared) -> bool:
    return one.case.operation.mode is Mode.FORWARD


def _returns_what_has_no_zero(one: Compared) -> bool:
    return any(
        "dup" in activity.word and convention.can_be_active(types.read(type_), 1) is not True
        for activity, type_ in zip(one.case.operation.returns, one.case.function.results, strict=False)
    )


@dataclass(slots=True)
class Tally:
    """What came of many cases."""

    cases: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter[Kind])
    sides: Counter[Side] = field(default_factory=Counter[Side])
    differences: list[Compared] = field(default_factory=list["Compared"])
    warned: dict[str, Counter[Kind]] = field(default_factory=dict[str, Counter[Kind]])
    """What the engine made of the cases that we warned of with each code of `LIMITS`, and gave no error."""

    def add(self, one: Compared) -> None:
        self.cases += 1
        self.kinds[one.found.kind] += 1
        self.sides[one.side] += 1
        if one.side is not Side.AGREE:
            self.differences.append(one)
        if not any(ours.severity is Severity.ERROR for ours in one.ours):
            for code in {ours.code for ours in one.ours} & LIMITS:
                self.warned.setdefault(code, Counter())[one.found.kind] += 1

    def take(self, other: Tally) -> None:
        """Add what came of further cases."""
        self.cases += other.cases
        self.kinds += other.kinds
        self.sides += other.sides
        self.differences += other.differences
        for code, kinds in other.warned.items():
            self.warned.setdefault(code, Counter()).update(kinds)

    def share(self, side: Side) -> float:
        """Of all cases."""
        return self.sides[side] / max(self.cases, 1)

    @property
    def unexplained(self) -> list[Compared]:
        return [one for one in self.differences if not one.reason]


def said(text: str) -> tuple[Diagnostic, ...]:
    """Our diagnostics of a text that no engine has seen."""
    return diagnostics(snapshot_of(text), None)


def side_of(found: Found, ours: Sequence[Diagnostic]) -> Side:
    """Who is right."""
    errors = any(one.severity is Severity.ERROR for one in ours)
    if found.kind is Kind.GOOD:
        return Side.FALSE_ERROR if errors else Side.AGREE
    return Side.AGREE if errors or any(one.code in LIMITS for one in ours) else Side.MISS


async def compare(oracle: Oracle, cases: Sequence[Case]) -> Tally:
    """Hold all cases against the engine. Where we differ it is asked again, in a process that has seen no other case."""
    tally = Tally()
    for case, found in zip(cases, await oracle.ask_all(cases), strict=True):
        one = Compared(case, found, said(case.text(oracle.spelling)))
        if one.side is not Side.AGREE:
            one = Compared(case, await oracle.ask(case, alone=True), one.ours)
        tally.add(one)
    return tally
