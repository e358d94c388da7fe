"""Upstream MLIR and the real Enzyme say the same of spoiled texts: valid or not, and where the first error is."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from enzyme_lsp.engines.api import Outcome
from tests import mutants
from tests.bench.upstream import OWN

if TYPE_CHECKING:
    from tests.judges import EngineThread

pytestmark = pytest.mark.engine

SEED: Final = 5
COUNT: Final = 240
OTHER_LINES: Final = 0.04
"""The share of texts of which the two may name other lines: where a bracket is lost or one too many, a parser of an
operation's own form and one of the generic form lose their way in other places.
"""


def test_spoiled_operations(upstream: EngineThread, classic: EngineThread):
    chance, elsewhere = Random(SEED), list[str]()
    for number in range(COUNT):
        mutant = mutants.mutant(OWN[number % len(OWN)], chance)
        if mutant is None:
            continue
        snapshot = mutants.opened(mutant.text)
        one, other = (engine.wait(mutants.heard(engine.pool, snapshot, 0)) for engine in (upstream, classic))
        text = mutant.text.decode("utf-8", "replace")
        if one.outcome is not other.outcome:
            assert any(word in text for word in EXPLAINED), f"{text}\n{one}\n{other}"
        elif one.outcome is Outcome.REJECTED and one.line0 != other.line0:
            elsewhere.append(f"{text}\n{one}\n{other}")
    assert len(elsewhere) <= COUNT * OTHER_LINES, "\n".join(elsewhere)


EXPLAINED: Final = (
    # Enzyme 0.0.15 reads an activity that is written twice as one.
    "enzyme_activenoneed enzyme_activenoneed",
    # IRDL has no word for what is in an attribute that may be missing; our checks say it.
    "width = ",
    "batch_shape = ",
)
"""What is in a text of which the two may say different things, since they are different."""
