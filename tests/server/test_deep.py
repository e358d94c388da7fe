"""What an engine says of differentiation ops: when it is asked, when that is told, and when it is no longer true."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.engines import scripted
from tests.server.connection import Connection, insertion, replacement

if TYPE_CHECKING:
    import pytest

REFUSED = "  // scripted: lowering error no rule\n"
SAID = "scripted 1 cannot lower this enzyme.autodiff: no rule"
URI = {"textDocument": {"uri": "untitled:1"}}
PUSH: dict[str, Any] = {"textDocument": {"publishDiagnostics": {"relatedInformation": True}}}
PULL: dict[str, Any] = {
    "textDocument": {"diagnostic": {"relatedInformation": True}, **PUSH["textDocument"]},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}


def text(body: str = REFUSED, *, after: str = "") -> str:
    """A function on the first line, and one that differentiates it."""
    return (
        f"func.func @f(%x: f64) -> f64 {{\n{body}  return %x : f64\n}}\n"
        "func.func @d(%x: f64, %dx: f64) -> f64 {\n"
        "  %0 = enzyme.autodiff @f(%x, %dx) {activity = [#enzyme<activity enzyme_active>],"
        " ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64\n"
        "  return %0 : f64\n}\n" + after
    )


def settings(deep: str, **diagnostics: object) -> dict[str, Any]:
    return {
        "engine": {"kind": "command", "command": scripted.command(), "workers": 1},
        "diagnostics": {"deep": deep, "debounceMs": 0, "idleMs": 0, **diagnostics},
    }


def messages(connection: Connection) -> list[list[str]]:
    """All that was pushed, in order."""
    return [[each["message"] for each in params["diagnostics"]] for params in connection.published()]


async def test_in_a_pause_ops_are_lowered_and_it_is_told(connection: Connection) -> None:
    await connection.initialize(settings=settings("pause"), **PUSH)
    connection.open(text())
    await connection.quiet()
    assert messages(connection) == [[], [SAID]]


async def test_an_edit_elsewhere_keeps_it_and_an_edit_of_the_callee_drops_it_at_once(connection: Connection) -> None:
    await connection.initialize(settings=settings("pause"), **PUSH)
    connection.open(text(after="func.func @other() {\n  return\n}\n"))
    await connection.quiet()
    connection.verifier.may_answer.clear()
    connection.change(insertion(10, 0, " "))
    # The first report of the new version comes before any engine has been asked.
    await asyncio.sleep(0.3)
    assert messages(connection)[-1] == [SAID]
    line = replacement(1, 0, 2, 0, "")
    connection.change(line, version=3)
    await asyncio.sleep(0.3)
    assert messages(connection)[-1] == []
    connection.verifier.may_answer.set()
    await connection.quiet()
    assert messages(connection)[-1] == []


async def test_on_saving_and_not_before(connection: Connection) -> None:
    await connection.initialize(settings=settings("save"), **PUSH)
    connection.open(text())
    await connection.quiet()
    assert messages(connection) == [[]]
    connection.notify("textDocument/didSave", URI)
    await connection.until(lambda: messages(connection) == [[], [SAID]])
    # It stays until something that it is about is edited, and is not found again before the next saving.
    connection.change(insertion(4, 0, "\n"))
    await connection.quiet()
    assert messages(connection)[-1] == [SAID]
    connection.change(replacement(1, 0, 1, 0, "  // more\n"), version=3)
    await connection.quiet()
    assert messages(connection)[-1] == []
    connection.notify("textDocument/didSave", URI)
    await connection.until(lambda: messages(connection)[-1] == [SAID])


async def test_saving_before_the_verdict_counts_too(connection: Connection) -> None:
    await connection.initialize(settings=settings("save", idleMs=100_000), **PUSH)
    connection.open(text())
    await connection.notification("textDocument/publishDiagnostics")
    connection.notify("textDocument/didSave", URI)
    await connection.until(lambda: messages(connection)[-1] == [SAID])


async def test_never(connection: Connection) -> None:
    await connection.initialize(settings=settings("off"), **PUSH)
    connection.open(text())
    await connection.quiet()
    connection.notify("textDocument/didSave", URI)
    await connection.quiet()
    assert messages(connection) == [[]]


async def test_switched_off_it_goes(connection: Connection) -> None:
    await connection.initialize(settings=settings("pause"), **PUSH)
    connection.open(text())
    await connection.quiet()
    connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": settings("off")}})
    await connection.quiet()
    assert messages(connection)[-1] == []


async def test_a_client_that_pulls_is_told_to_pull_again(connection: Connection) -> None:
    await connection.initialize(settings=settings("pause"), **PULL)
    connection.open(text())
    first = (await connection.request("textDocument/diagnostic", URI))["result"]
    assert first["items"] == []
    refresh = await connection.find(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    connection.send(id=refresh["id"], result=None)
    again = {**URI, "previousResultId": first["resultId"]}
    report = (await connection.request("textDocument/diagnostic", again))["result"]
    assert [each["message"] for each in report["items"]] == [SAID]


async def test_many_ops_are_told_of_as_they_come(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enzyme_lsp.server.publish._PACE_S", 0.0)
    await connection.initialize(settings=settings("pause"), **PUSH)
    connection.open(text() + text().replace("@f(", "@g(").replace("@d(", "@e("))
    await connection.quiet()
    assert messages(connection) == [[], [SAID], [SAID, SAID]]


async def test_typing_does_not_wait_for_ops_that_are_being_lowered(connection: Connection) -> None:
    await connection.initialize(settings=settings("pause"), **PUSH)
    connection.open(text("  // scripted: lowering sleep\n"))
    publisher = connection.server.session.publisher
    await connection.until(lambda: len(connection.verifier.asked) == 2)
    assert not publisher.is_quiescent
    began = asyncio.get_running_loop().time()
    connection.change(replacement(1, 0, 2, 0, REFUSED))
    await connection.until(lambda: ("quick", 2) in connection.verifier.asked)
    assert asyncio.get_running_loop().time() - began < 0.2
    await connection.until(lambda: bool(messages(connection)) and messages(connection)[-1] == [SAID])


async def test_a_closed_document_is_forgotten(connection: Connection) -> None:
    await connection.initialize(settings=settings("pause"), **PUSH)
    connection.open(text())
    await connection.quiet()
    snapshot = connection.server.session.workspace.get("untitled:1")
    assert snapshot is not None
    assert connection.server.session.compilers.judging(snapshot).deep.known(snapshot).judgements
    connection.notify("textDocument/didClose", URI)
    await connection.quiet()
    assert not connection.server.session.compilers.judging(snapshot).deep.known(snapshot).judgements
