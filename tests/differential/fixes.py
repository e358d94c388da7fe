"""Whether a fix mends: after all certain fixes we find no error, and the engine does what is then written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.features.fix_all import fix_all
from tests.differential.compare import Compared, Side
from tests.differential.operations import Form
from tests.differential.oracle import Found, Kind, ignored_by, pipeline, refusal
from tests.differential.snapshots import snapshot_of
from tests.differential.written import all_asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from tests.differential.operations import Case
    from tests.differential.oracle import Oracle


class Mended(Enum):
    """What came of the fixes of a case."""

    NOTHING_WRONG = "no error of ours"
    NOTHING_CERTAIN = "an error, and no certain fix"
    GOOD = "fixed, and the engine does it"
    KNOWN = "fixed, and the engine fails for a reason that is known"
    LEFT = "fixed, and an error of another mistake is left, which has no certain fix"
    UNCOVERED = "fixed, and an error of another mistake shows that could not be seen before"
    STUCK = "fixed, and an error with a certain fix is left"
    BAD = "fixed, and the engine does not do it"


@dataclass(frozen=True, slots=True)
class Mending:
    """A case before and after its fixes."""

    case: Case
    mended: Mended
    before: tuple[Diagnostic, ...] = ()
    text: str = ""
    after: tuple[Diagnostic, ...] = ()
    found: Found | None = None


@dataclass(slots=True)
class Mendings:
    """What came of many cases. `bad` are those that should not be."""

    counts: Counter[Mended] = field(default_factory=Counter[Mended])
    by_code: dict[str, Counter[Mended]] = field(default_factory=dict[str, Counter[Mended]])
    bad: list[Mending] = field(default_factory=list[Mending])

    def add(self, one: Mending) -> None:
        self.counts[one.mended] += 1
        for code in {before.code for before in one.before if before.severity is Severity.ERROR}:
            self.by_code.setdefault(code, Counter())[one.mended] += 1
        if one.mended in (Mended.STUCK, Mended.BAD):
            self.bad.append(one)


async def mend(oracle: Oracle, cases: Sequence[Case]) -> Mendings:
    """Apply what fixes there are to each case, and ask the engine about what comes of it."""
    mendings = Mendings()
    for case in cases:
        mendings.add(await _mended(oracle, case))
    return mendings


async def _mended(oracle: Oracle, case: Case) -> Mending:
    snapshot = snapshot_of(case.text(oracle.spelling))
    before = diagnostics(snapshot, None)
    if not _errors(before):
        return Mending(case, Mended.NOTHING_WRONG)
    fixed = fix_all(snapshot)
    if not fixed.count:
        return Mending(case, Mended.NOTHING_CERTAIN, before)
    text = fixed.edits.apply(snapshot.document.data).decode()
    after = diagnostics(snapshot_of(text), None)
    answer = await oracle.run(text, pipeline(case))
    if (found := refusal(answer)) is None:
        ignored = list(ignored_by(all_asked(text), answer.output or ""))
        found = Found(Kind.SILENTLY_WRONG, "; ".join(ignored)) if ignored else Found(Kind.GOOD)
    compared = Compared(case, found, after)
    if left := _errors(after):
        known = {one.code for one in _errors(before)}
        mended = Mended.LEFT if all(one.code in known for one in left) else Mended.UNCOVERED
        mended = Mended.STUCK if any(_is_certain(one) for one in left) else mended
    elif found.kind is Kind.GOOD:
        mended = Mended.GOOD
    else:
        is_known = compared.side is Side.AGREE or compared.reason or await _is_beyond_the_text(oracle, case)
        mended = Mended.KNOWN if is_known else Mended.BAD
    return Mending(case, mended, before, text, after, found)


async def _is_beyond_the_text(oracle: Oracle, case: Case) -> bool:
    """Whether no fix could do better: the text does not tell the spelling of an activity, or the caller multiplies a
    Jacobian with what does not fit the type that is written for it.
    """
    text = case.text(oracle.spelling)
    if "#enzyme" not in text and case.operation.form in (Form.GENERIC, Form.GENERIC_DICTIONARY):
        return True
    if case.operation.mode is not Mode.JACOBIAN:
        return False
    return (await oracle.run(text, "")).outcome is Outcome.REJECTED


def _errors(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    return [one for one in found if one.severity is Severity.ERROR]


def _is_certain(one: Diagnostic) -> bool:
    return any(fix.is_certain for fix in one.fixes)
