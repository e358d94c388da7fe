"""What every test shares: the real engines where they are installed, and the rewriting of expectations."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from enzyme_lsp import log
from enzyme_lsp.engines.api import State
from enzyme_lsp.settings import EngineSettings, LogSettings
from tests import update
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINE = EngineSettings(kind="enzyme-ad", workers=1)


@pytest.fixture
def logged() -> None:
    """The log is as at a server's start, whatever a test before has set, and `caplog` sees it.

    It has to be so before the test begins: pytest listens to a logger that hands nothing on as well.
    """
    log.set_up(LogSettings())
    logging.getLogger("enzyme_lsp").propagate = True


@pytest.fixture(scope="session")
def classic() -> Iterator[EngineThread]:
    """Enzyme in the default version, as `pip install 'enzyme-lsp[enzyme]'` brings it."""
    yield from _engine(ENGINE)


@pytest.fixture(scope="session")
def strict() -> Iterator[EngineThread]:
    """Enzyme in the version that reads the strict spelling."""
    folder = os.environ.get("ENZYME_LSP_TEST_STRICT")
    if not folder:
        _missing("ENZYME_LSP_TEST_STRICT names no folder with enzyme-ad 0.0.16")
    yield from _engine(replace(ENGINE, path=folder))


@pytest.fixture(scope="session")
def upstream() -> Iterator[EngineThread]:
    """Upstream MLIR, as `pip install 'enzyme-lsp[mlir]'` brings it."""
    yield from _engine(replace(ENGINE, kind="upstream"))


def _engine(settings: EngineSettings) -> Iterator[EngineThread]:
    with EngineThread(settings) as engine:
        status = engine.wait(engine.pool.ready())
        if status.state is not State.READY:
            _missing(status.message)
        yield engine


def _missing(reason: str) -> NoReturn:
    if os.environ.get("ENZYME_LSP_REQUIRE_ENGINES"):
        pytest.fail(f"this run demands the engines: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    if update.is_wanted() and hasattr(config, "workerinput"):
        raise pytest.UsageError("UPDATE_EXPECT needs one process: two would rewrite the same file (use -n 0)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for path in update.write():
        terminalreporter.write_line(f"rewrote {path}")
