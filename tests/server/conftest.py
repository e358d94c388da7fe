"""Fixtures of the server's tests."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp import log
from enzyme_lsp.settings import LogSettings
from tests.server.connection import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(autouse=True)
def logged() -> None:
    """The log is as at a server's start, whatever a test before has set, and `caplog` sees it."""
    log.set_up(LogSettings())
    logging.getLogger("enzyme_lsp").propagate = True


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    connection = Connection()
    yield connection
    await connection.close()
