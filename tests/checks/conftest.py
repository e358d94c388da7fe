"""What the tests of checks share: a fix is right when nothing of ours is left to say and an engine takes the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from tests import update
from tests.fixture import Fixture, check_diagnostics, check_fix

if TYPE_CHECKING:
    from tests.judges import EngineThread


class CheckMended(Protocol):
    """`check_fix`, and then the text is right: we say nothing of it, and the engine of its spelling lowers it."""

    def __call__(self, before: str, after: str, *, title: str | None = None, pipeline: str = "enzyme") -> None: ...


@pytest.fixture
def check_mended(classic: EngineThread, strict: EngineThread) -> CheckMended:
    def check(before: str, after: str, *, title: str | None = None, pipeline: str = "enzyme") -> None:
        __tracebackhide__ = True
        check_fix(before, after, title=title)
        if update.is_wanted():
            return
        check_diagnostics(after)
        text = Fixture.parse(after).file.text
        engine = strict if "#enzyme.activity<" in text or "<batch_shape" in text else classic
        answer = engine.wait(engine.pool.run(Request(text.encode(), pipeline), lane=Lane.BACKGROUND))
        assert answer.outcome is Outcome.ACCEPTED, (answer.engine, answer.problems, answer.detail)

    return check
