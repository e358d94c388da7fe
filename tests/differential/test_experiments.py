"""The experiments behind the calling convention: engines make of them what the file says, and we agree or know why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential import experiments
from tests.differential.compare import Side
from tests.differential.oracle import Kind

if TYPE_CHECKING:
    from tests.differential.conftest import Asked

ALL = experiments.read(experiments.FILE.read_text())


def test_the_file_is_written_as_it_is_read():
    assert experiments.written(ALL) == experiments.FILE.read_text()
    assert len({one.id for one in ALL.listed}) == len(ALL.listed) == 424


def test_engines_and_we_agree_on_every_experiment(asked: Asked):
    replayed = asked.wait(experiments.replay(asked.oracle, ALL))
    different = [
        f"{row.experiment.id}: {row.found}, not {known.value}"
        for row in replayed
        if (known := dict(row.experiment.made)[row.version]) is not row.found.kind
    ]
    assert not different
    assert not [
        f"{row.verdict} {row.experiment.id}: {row.found}" for row in replayed if row.verdict in ("MISS", "FALSE")
    ]
    # Half of the experiments are wrong on purpose, and we say so of nearly all of these.
    assert sum(row.side is Side.AGREE and row.found.kind is not Kind.GOOD for row in replayed) > len(ALL.listed) / 3


def test_an_explanation_is_of_an_experiment():
    assert set(experiments.EXPLAINED) <= {one.id for one in ALL.listed}
