"""Generated operations: what the convention says is right the engines do as written, and else we say so or they do.

`python -m tests.differential` does the same with many more cases.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Severity
from tests.differential import generate
from tests.differential.compare import Compared, Side, compare, said
from tests.differential.fixes import Mended, mend
from tests.differential.oracle import Kind

if TYPE_CHECKING:
    from tests.differential.conftest import Asked

SEED = 20
RIGHT, ANY, FIXED = 300, 400, 200


def test_what_the_convention_asks_for_is_what_the_engine_does(asked: Asked):
    cases = [generate.right(random.Random(f"{SEED}/{number}"), number) for number in range(RIGHT)]
    for case, found in zip(cases, asked.wait(asked.oracle.ask_all(cases)), strict=True):
        assert found.kind is Kind.GOOD, f"{found}\n{case.text(asked.oracle.spelling)}"
        errors = [one for one in said(case.text(asked.oracle.spelling)) if one.severity is Severity.ERROR]
        assert not errors, case.text(asked.oracle.spelling)


def test_we_say_what_the_engine_refuses_or_ignores_and_nothing_else(asked: Asked):
    tally = asked.wait(compare(asked.oracle, list(generate.cases(SEED, ANY))))
    assert not tally.unexplained, _shown(tally.unexplained[0], asked)
    # All four outcomes are there, so that agreeing means something.
    assert all(tally.kinds[kind] > ANY / 50 for kind in Kind)
    assert tally.share(Side.FALSE_ERROR) < 0.01


def test_what_is_certainly_fixed_the_engine_does(asked: Asked):
    mendings = asked.wait(mend(asked.oracle, [case for case in generate.cases(SEED, FIXED) if case.changes]))
    assert not mendings.bad, mendings.bad[0]
    assert mendings.counts[Mended.GOOD] > FIXED / 20


def test_a_case_is_made_of_its_seed_and_number_alone():
    first = [generate.case(SEED, number).text("classic") for number in range(50)]
    assert [generate.case(SEED, number).text("classic") for number in reversed(range(50))] == first[::-1]
    assert len(set(first)) == 50
    assert generate.case(SEED + 1, 0).text("classic") != first[0]


def _shown(one: Compared, asked: Asked) -> str:
    ours = [f"{found.severity.name} {found.code}: {found.message}" for found in one.ours]
    return f"{one.side.value}: {one.found}; ours: {ours}; {one.case.changes}\n{one.case.text(asked.oracle.spelling)}"
