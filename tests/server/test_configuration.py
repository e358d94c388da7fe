"""Settings reach the server in three ways; what it cannot use is said once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from enzyme_lsp import log
from enzyme_lsp.engines.api import State
from tests.server.connection import NO_ENGINE, Connection

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

PULLED: dict[str, Any] = {"workspace": {"configuration": True}}


def shown(messages: Iterable[dict[str, Any]]) -> list[str]:
    return [each["params"]["message"] for each in messages if each.get("method") == "window/showMessage"]


async def give_configuration(connection: Connection, settings: object, *, nth: int = 0) -> None:
    seen: list[dict[str, Any]] = []

    def is_it(message: dict[str, Any]) -> bool:
        if message.get("method") == "workspace/configuration" and message not in seen:
            seen.append(message)
        return len(seen) > nth

    await connection.find(is_it)
    assert seen[nth]["params"] == {"items": [{"section": "enzyme-lsp"}]}
    connection.send(id=seen[nth]["id"], result=[settings])


async def test_settings_come_with_initialize(connection: Connection) -> None:
    await connection.initialize(settings={**NO_ENGINE, "diagnostics": {"idleMs": 7}})
    assert connection.server.session.settings.diagnostics.idle_ms == 7


async def test_settings_are_asked_for_and_win_over_the_first_ones(connection: Connection) -> None:
    await connection.initialize(settings={**NO_ENGINE, "diagnostics": {"idleMs": 7, "debounceMs": 8}}, **PULLED)
    await give_configuration(connection, {"diagnostics": {"idleMs": 9}})
    await connection.server.session.configured.wait()
    diagnostics = connection.server.session.settings.diagnostics
    assert (diagnostics.idle_ms, diagnostics.debounce_ms) == (9, 8)


async def test_nothing_is_verified_before_the_settings_are_known(connection: Connection) -> None:
    await connection.initialize(**PULLED)
    connection.open("x")
    await connection.find(lambda message: message.get("method") == "workspace/configuration")
    assert connection.verifier.asked == []
    await give_configuration(connection, None)
    await connection.notification("textDocument/publishDiagnostics")
    assert connection.verifier.asked[0] == ("quick", 1)


async def test_a_client_that_does_not_answer_is_not_waited_for(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enzyme_lsp.server.session._CONFIGURATION_S", 0.01)
    await connection.initialize(**PULLED)
    connection.open("x")
    await connection.notification("textDocument/publishDiagnostics")


async def test_an_answer_that_comes_late_still_applies(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("enzyme_lsp.server.session._CONFIGURATION_S", 0.01)
    bugs = log.bugs()
    await connection.initialize(**PULLED)
    connection.open("x")
    await connection.notification("textDocument/publishDiagnostics")
    await connection.quiet()
    await give_configuration(connection, {"diagnostics": {"idleMs": 9, "enabled": False}})
    await connection.until(lambda: connection.published()[-1]["diagnostics"] == [])
    assert connection.server.session.settings.diagnostics.idle_ms == 9
    assert (log.bugs(), caplog.text) == (bugs, "")


async def test_an_old_answer_does_not_undo_a_newer_one(connection: Connection) -> None:
    await connection.initialize(**PULLED)
    connection.notify("workspace/didChangeConfiguration", {"settings": None})
    await give_configuration(connection, {"diagnostics": {"idleMs": 9}}, nth=1)
    await connection.until(lambda: connection.server.session.settings.diagnostics.idle_ms == 9)
    await give_configuration(connection, {"diagnostics": {"idleMs": 8}})
    await asyncio.sleep(0.01)
    assert connection.server.session.settings.diagnostics.idle_ms == 9


async def test_a_client_that_refuses_leaves_the_defaults(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    await connection.initialize(**PULLED)
    asked = await connection.find(lambda message: message.get("method") == "workspace/configuration")
    connection.send(id=asked["id"], error={"code": -32601, "message": "no"})
    connection.open("x")
    await connection.notification("textDocument/publishDiagnostics")
    assert "the client refused workspace/configuration: no" in caplog.text


async def test_a_change_is_asked_for_again_when_the_client_answers(connection: Connection) -> None:
    await connection.initialize(**PULLED)
    await give_configuration(connection, None)
    connection.notify("workspace/didChangeConfiguration", {"settings": None})
    await give_configuration(connection, {"diagnostics": {"idleMs": 9}}, nth=1)
    await connection.until(lambda: connection.server.session.settings.diagnostics.idle_ms == 9)


async def test_a_change_is_taken_from_the_message_otherwise(connection: Connection) -> None:
    await connection.initialize()
    connection.notify("workspace/didChangeConfiguration", {"settings": {"other": {"a": 1}}})
    connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": {"diagnostics": {"idleMs": 9}}}})
    assert connection.server.session.settings.diagnostics.idle_ms == 9


async def test_the_server_asks_to_be_told_of_changes_where_that_is_supported(connection: Connection) -> None:
    await connection.initialize(workspace={"didChangeConfiguration": {"dynamicRegistration": True}})
    (registration,) = (await connection.notification("client/registerCapability"))["registrations"]
    assert registration["method"] == "workspace/didChangeConfiguration"
    assert registration["registerOptions"] == {"section": "enzyme-lsp"}


async def test_what_cannot_be_used_is_said_once(connection: Connection) -> None:
    await connection.initialize(settings={"engine": {"kind": "none", "pyton": "p", "workers": 0}}, **PULLED)
    await give_configuration(connection, None)
    await connection.server.session.configured.wait()
    assert shown(connection.received) == [
        (
            "There is no setting engine.pyton. Did you mean engine.python?\n"
            "The setting engine.workers must be at least 1, not 0."
        )
    ]


async def test_another_engine_is_used_at_once(connection: Connection) -> None:
    await connection.initialize()
    session = connection.server.session
    before = session.compilers.of(session.settings.engine)
    connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": {"engine": {"kind": "auto"}}}})
    assert session.compilers.of(session.settings.engine) is not before
    await connection.until(lambda: before.pool.status.state is State.CLOSED)
