"""Refactorings of generated operations: what is right stays right, and the way back leads back.

`python -m tests.differential --actions` does the same with many more cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.features.actions import drop_unused
from enzyme_lsp.features.actions.plan import plan_of
from tests.differential import actions
from tests.differential.actions import Made
from tests.differential.operations import Form
from tests.differential.snapshots import snapshot_of

if TYPE_CHECKING:
    from enzyme_lsp.features.actions.plan import Plan
    from tests.differential.conftest import Asked

SEED, NUMBERS = 21, (*range(12), 39)
"""The last one has a region."""


def test_what_an_action_makes_the_engine_does(asked: Asked):
    tally = asked.wait(actions.try_all(asked.oracle, [actions.case(SEED, number) for number in NUMBERS]))
    assert not tally.bad, (
        f"{tally.bad[0].made.value}: {tally.bad[0].action.id}: {tally.bad[0].why}\n{tally.bad[0].after}"
    )
    # Every kind is there and was applied, so that this means something.
    assert {kind for kind, made in tally.counts if made is Made.GOOD} == set(actions.KINDS)


def test_all_that_the_engine_drops_is_dropped(asked: Asked):
    dropped = 0
    for number in range(60):
        case = actions.case(SEED, number)
        if case.operation.form is Form.REGION:
            continue
        text = case.text(asked.oracle.spelling)
        now, ours = _plans(text)
        answer = asked.wait(asked.oracle.run(text, "canonicalize"))
        theirs, _ = _plans(answer.output or "")
        if now is None or ours is None or theirs is None:
            continue
        dropped += theirs != now
        # The engine leaves some of what nothing uses, but drops nothing that we do not.
        each = zip(
            (*theirs.activities, *theirs.returns),
            (*ours.activities, *ours.returns),
            (*now.activities, *now.returns),
            strict=True,
        )
        assert all(one in pair for one, *pair in each), text
    assert dropped > 5


def _plans(text: str) -> tuple[Plan | None, Plan | None]:
    """The only operation of a text, and without what is unused; None where it is not right."""
    for _, (reading, *_) in snapshot_of(text).readings():
        now = plan_of(reading)
        return now, None if now is None else drop_unused.without_unused(reading, now)
    return None, None
