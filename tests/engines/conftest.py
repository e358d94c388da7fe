"""The engines that are here to be tested, and what their tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.settings import EngineSettings
from tests.engines import scripted
from tests.engines.harness import Subject, children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _scripted() -> Subject:
    return Subject("scripted", EngineSettings(kind="command", command=scripted.command()), "classic", 100)


def _classic() -> Subject:
    return Subject("enzyme-ad", EngineSettings(kind="enzyme-ad"), "classic", 430)


def _strict() -> Subject:
    folder = os.environ.get("ENZYME_LSP_TEST_STRICT", "")
    # Without one the folder is missing, and the test says so.
    return Subject("enzyme-ad", EngineSettings(path=folder or "ENZYME_LSP_TEST_STRICT"), "strict", 430)


def _upstream() -> Subject:
    return Subject("mlir", EngineSettings(kind="upstream"), "generic", 450)


def _program() -> Subject:
    command = os.environ.get("ENZYME_LSP_TEST_PROGRAM", "") or shutil.which("mlir-opt-22") or "mlir-opt"
    settings = EngineSettings(kind="program", program=(command,))
    return Subject(Path(command).name, settings, "generic", 380, quick_s=1.0, many=60)


@pytest.fixture(
    params=[
        pytest.param(_scripted, id="scripted"),
        pytest.param(_classic, id="classic", marks=pytest.mark.engine),
        pytest.param(_strict, id="strict", marks=pytest.mark.engine),
        pytest.param(_upstream, id="upstream", marks=pytest.mark.engine),
        # A process for each request: what asks hundreds of times takes its time.
        pytest.param(_program, id="program", marks=pytest.mark.slow),
    ]
)
def subject(request: pytest.FixtureRequest) -> Subject:
    """Each engine that is here. One that is not skips its tests, unless this run demands all."""
    make: Callable[[], Subject] = request.param
    subject = make()
    reason = subject.absence()
    if reason and os.environ.get("ENZYME_LSP_REQUIRE_ENGINES") and subject.settings.kind != "program":
        pytest.fail(f"this run demands the engines: {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)
    return subject


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """After every test of engines, whatever it did to them, each process that it started is gone."""
    before = children()
    yield
    assert not children() - before
