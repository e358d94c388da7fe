"""Refactorings of generated operations: what is right stays right, and the way back leads back.

`python -m tests.differential --actions` does the same with many more cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential import actions
from tests.differential.actions import Made

if TYPE_CHECKING:
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
