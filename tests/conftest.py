"""What every test shares: the real engines where they are installed, and the rewriting of expectations."""

from __future__ import annotations

import pytest

from tests import update


def pytest_configure(config: pytest.Config) -> None:
    if update.is_wanted() and hasattr(config, "workerinput"):
        raise pytest.UsageError("UPDATE_EXPECT needs one process: two would rewrite the same file (use -n 0)")


def pytest_sessionfinish(session: pytest.Session) -> None:
    for path in update.write():
        print(f"rewrote {path.relative_to(session.config.rootpath)}")
