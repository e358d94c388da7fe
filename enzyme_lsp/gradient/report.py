"""Report: what came of checks as plain data, for terminals and editors alike; must not know how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.gradient.check import Checked
from enzyme_lsp.gradient.judge import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enzyme_lsp.gradient.judge import Row
    from enzyme_lsp.gradient.plan import Unchecked
    from enzyme_lsp.workspace.snapshot import Snapshot

NOT_CHECKED: Final = "not checked"
_MOST_NUMBERS: Final = 16
"""Of an argument that are shown."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number of the derivative beside what differences say, which may be off by `uncertainty`.

    `argument` is what varies, `output` what of the function is looked at. `error` is relative.
    """

    argument: str
    output: str
    derivative: float
    differences: float
    uncertainty: float
    error: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One op. `line` is from 1, `offset` the byte of its name.

    `verdict` is "agree", "disagree", "cannot tell" or "not checked", and `reason` says why, as the end of a sentence;
    it is empty where the numbers say it. `argument` is the one that is off most. `at` has the arguments, each as
    `name = numbers`.
    """

    offset: int
    line: int
    operation: str
    function: str
    mode: str
    verdict: str
    reason: str = ""
    argument: str = ""
    at: tuple[str, ...] = ()
    pipeline: str = ""
    comparisons: tuple[Comparison, ...] = ()

    @property
    def title(self) -> str:
        """`enzyme.autodiff @f (reverse)`."""
        function = f" @{self.function}" if self.function else ""
        return f"{self.operation}{function} ({self.mode})"

    @property
    def sentence(self) -> str:
        """What came of it, without a period."""
        what = f"the derivative of @{self.function}" if self.function else "the derivative"
        match self.verdict:
            case Verdict.AGREE.value:
                return f"{what} agrees with differences"
            case Verdict.DISAGREE.value:
                by = f" by {self.argument}" if self.argument else ""
                return f"{what}{by} disagrees: {self.reason or self.numbers}"
            case Verdict.UNCLEAR.value:
                return f"{what} cannot be told right or wrong: {self.reason}"
            case _:
                return f"{what} is not checked: {self.reason}"

    @property
    def numbers(self) -> str:
        """The numbers of the worst comparison."""
        one = self.worst
        return "" if one is None else f"it is {shown(one.derivative)}, and differences say {shown(one.differences)}"

    @property
    def worst(self) -> Comparison | None:
        """The comparison of `argument`, or the first."""
        return next((one for one in self.comparisons if one.argument == self.argument), None) or next(
            iter(self.comparisons), None
        )


def entry(snapshot: Snapshot, found: Checked | Unchecked) -> Entry:
    """What to tell of one check."""
    one = found.case if isinstance(found, Checked) else found
    line = snapshot.document.lines.position(one.offset, "utf-8").line0 + 1
    if not isinstance(found, Checked):
        return Entry(one.offset, line, one.op, one.callee, one.mode.value, NOT_CHECKED, found.reason)
    judged, worst = found.judged, found.judged.worst
    rows = sorted(judged.rows, key=lambda row: row is not worst)
    return Entry(
        one.offset,
        line,
        one.op,
        one.callee,
        one.mode.value,
        judged.verdict.value,
        judged.reason,
        worst.argument if worst is not None else "",
        tuple(
            f"{argument.name} = {_listed(numbers)}"
            for argument, numbers in zip(found.case.arguments, found.at.arguments, strict=True)
        ),
        found.pipeline,
        tuple(_comparison(row) for row in rows),
    )


def summary(entries: Iterable[Entry]) -> str:
    """`3 derivatives: 2 agree, 1 disagrees`."""
    verdicts = [one.verdict for one in entries]
    counts = [(verdict, verdicts.count(verdict)) for verdict in (*(one.value for one in Verdict), NOT_CHECKED)]
    words = [f"{count} {_singular(verdict) if count == 1 else verdict}" for verdict, count in counts if count]
    noun = "derivative" if len(verdicts) == 1 else "derivatives"
    return f"{len(verdicts)} {noun}: {', '.join(words)}"


def told(entries: Sequence[Entry]) -> str:
    """What came of some checks in a line or two: what is wrong first."""
    if len(entries) == 1:
        return f"{entries[0].title}: {entries[0].sentence}"
    order = (Verdict.DISAGREE.value, Verdict.UNCLEAR.value, NOT_CHECKED, Verdict.AGREE.value)
    worst = min(entries, key=lambda one: order.index(one.verdict), default=None)
    if worst is None or worst.verdict == Verdict.AGREE.value:
        return summary(entries)
    return f"{summary(entries)}; {worst.title}: {worst.sentence}"


def is_fine(entries: Iterable[Entry]) -> bool:
    """Whether nothing is wrong, and everything could be told."""
    return all(one.verdict == Verdict.AGREE.value for one in entries)


def shown(number: float) -> str:
    """A number for people."""
    return f"{number:.10g}"


def _singular(verdict: str) -> str:
    return {Verdict.AGREE.value: "agrees", Verdict.DISAGREE.value: "disagrees"}.get(verdict, verdict)


def _comparison(row: Row) -> Comparison:
    return Comparison(
        row.argument,
        row.output,
        row.derivative,
        row.differences,
        row.uncertainty,
        row.error,
        row.verdict.value,
    )


def _listed(numbers: tuple[float, ...]) -> str:
    if len(numbers) == 1:
        return f"{numbers[0]:.17g}"
    more = ", ..." if len(numbers) > _MOST_NUMBERS else ""
    return f"[{', '.join(f'{number:.17g}' for number in numbers[:_MOST_NUMBERS])}{more}]"
