"""Check: lowers an op, has machine code of it and of its function run, and says whether the derivative is right.

The engine that differentiates lowers as far as it can, and the worker that runs lowers the rest, if any.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.gradient import points, precision, program
from enzyme_lsp.gradient.judge import Judged, Verdict, judged
from enzyme_lsp.gradient.lowerings import Lowering, lowerings
from enzyme_lsp.gradient.plan import Unchecked
from enzyme_lsp.gradient.program import Program
from enzyme_lsp.gradient.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.engines.api import Answer
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.gradient.plan import Case
    from enzyme_lsp.gradient.points import Numbers, Point
    from enzyme_lsp.gradient.precision import Precision
    from enzyme_lsp.gradient.program import Direction

MOST_NUMBERS: Final = 1 << 20
"""In the answers to the calls of one check: a few seconds of writing and reading."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How to check. `at` has numbers of arguments by their names without `%`; `full` varies each number alone."""

    seed: int = 0
    full: bool = False
    at: Mapping[str, Numbers] = field(default_factory=dict[str, "Numbers"])
    deadline_s: float = 60.0
    """How long the lowering may take. Machine code may take as long as any answer of the engine (engine.deadlineS)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check, and the point that it was done at."""

    case: Case
    judged: Judged
    at: Point
    pipeline: str
    """The passes of the engine that the machine code came from."""


async def check(pool: Pool, machine: Pool, one: Case | Unchecked, wish: Wish) -> Checked | Unchecked:
    """Whether a derivative is right. `machine` runs the code. Raises nothing but CancelledError."""
    if isinstance(one, Unchecked):
        return one
    try:
        return await _checked(pool, machine, one, wish)
    except RefusedError as refused:
        return Unchecked(one.op, one.callee, one.mode, one.offset, str(refused))


async def _checked(pool: Pool, machine: Pool, case: Case, wish: Wish) -> Checked:
    attempts = len(points.RANGES) if points.is_drawn(case, wish.at) else 1
    code: Code | None = None
    best: Checked | None = None
    for attempt in range(attempts):
        at = points.point(case, wish.seed, attempt, wish.at)
        if code is None:
            code, found = await _first(pool, machine, case, at, wish)
        else:
            found = await _at(machine, code, case, at, wish)
        if best is None or found.verdict is not Verdict.UNCLEAR:
            best = Checked(case, found, at, code.lowering.pipeline)
        if found.verdict is not Verdict.UNCLEAR:
            break
    assert best is not None
    return best


class _TooSlowError(RefusedError):
    """Another lowering would take as long."""


@dataclass(frozen=True, slots=True)
class Code:
    """A module that the worker can make machine code of, and how it came about."""

    lowering: Lowering
    text: bytes


async def _first(pool: Pool, machine: Pool, case: Case, at: Point, wish: Wish) -> tuple[Code, Judged]:
    """The code of the first lowering that goes through, and what it gives at a point. Raises `RefusedError`."""
    reasons: list[str] = []
    for lowering in lowerings(case):
        request = Request(case.text, lowering.pipeline, generic=True, deadline_s=wish.deadline_s)
        answer = await pool.run(request)
        if answer.outcome is not Outcome.ACCEPTED or answer.output is None:
            reasons.append(f"the engine does not lower it: {_said(answer)}")
            continue
        code = Code(lowering, lowering.finished(answer.output).encode())
        try:
            return code, await _at(machine, code, case, at, wish)
        except _TooSlowError:
            raise
        except RefusedError as refused:
            reasons.append(str(refused))
    raise RefusedError(reasons[0])


async def _at(machine: Pool, code: Code, case: Case, at: Point, wish: Wish) -> Judged:
    """What machine code gives at a point. Raises `RefusedError`."""
    exact = precision.of(case.text)
    ways = await asyncio.to_thread(_ways, case, at, exact, wish)
    made = Program(case, at, exact, ways)
    calls = await asyncio.to_thread(made.text)
    answer = await machine.run(Request(code.text, code.lowering.passes, calls=calls))
    if answer.outcome is Outcome.TIMED_OUT:
        raise _TooSlowError(f"its machine code does not run: {answer.detail}")
    if answer.outcome is not Outcome.ACCEPTED or answer.output is None:
        raise RefusedError(f"its machine code does not run: {_said(answer)}")
    heard = await asyncio.to_thread(made.heard, answer.output)
    return await asyncio.to_thread(judged, case, at, exact, ways, heard)


def _ways(case: Case, at: Point, exact: Precision, wish: Wish) -> tuple[Direction, ...]:
    """As many directions as there is time for: all arguments together, if not each alone. Raises `RefusedError`."""
    varied = [one.form.count for one in case.arguments if one.is_varied]
    memory = [one.form for one in case.arguments if one.form.is_memory]
    each = sum(form.count for form in (*case.results, *memory)) * 2 * exact.steps
    count = sum(varied) if wish.full else len(varied) + 1
    if wish.full and max(each, sum(varied)) * count > MOST_NUMBERS:
        raise RefusedError("its arguments and results have too many numbers to vary each alone")
    ways = tuple(program.directions(case, at, full=wish.full))
    return ways if each * count <= MOST_NUMBERS else ways[:1]


def _said(answer: Answer) -> str:
    """Why there is no more, as the end of a sentence."""
    error = answer.first_error
    return " ".join((answer.detail or answer.outcome.value if error is None else error.message).split())
