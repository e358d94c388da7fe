"""The real engines as oracles, opened once for all tests of this folder."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.differential.oracle import Absent, Oracle
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """An oracle for tests that are no coroutines."""

    oracle: Oracle
    engine: EngineThread

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine of the oracle's."""
        return self.engine.wait(work)


@pytest.fixture(
    scope="session",
    params=[pytest.param("classic", marks=pytest.mark.engine), pytest.param("strict", marks=pytest.mark.engine)],
)
def asked(request: pytest.FixtureRequest) -> Iterator[Asked]:
    """Each engine that is here. One that is not skips its tests, unless this run demands all."""
    folder = os.environ.get("ENZYME_LSP_TEST_STRICT", "") if request.param == "strict" else ""
    if request.param == "strict" and not folder:
        _missing("ENZYME_LSP_TEST_STRICT names no folder with enzyme-ad 0.0.16")
    try:
        settings = asyncio.run(Oracle.settings(folder, workers=1))
        with EngineThread(settings) as engine:
            yield Asked(engine.wait(Oracle.of(engine.pool)), engine)
    except Absent as absent:
        _missing(str(absent))


def _missing(reason: str) -> None:
    if os.environ.get("ENZYME_LSP_REQUIRE_ENGINES"):
        pytest.fail(f"this run demands the engines: {reason}", pytrace=False)
    pytest.skip(reason)
