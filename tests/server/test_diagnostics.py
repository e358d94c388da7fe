"""Diagnostics: pushed or pulled, of the newest version only, and told again when more is known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.checks.diagnostic import Diagnostic, error
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.verdict import Failure, Verdict
from tests.server.connection import NO_ENGINE, Connection, insertion

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot

PULL: dict[str, Any] = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
PULL_ONCE: dict[str, Any] = {"textDocument": {"diagnostic": {}}}
DOCUMENT = {"textDocument": {"uri": "untitled:1"}}


def finding(text: str) -> Failure:
    """A piece of a verdict; `findings` makes a diagnostic of it."""
    return Failure(Outcome.REJECTED, text, 0, None)


@pytest.fixture(autouse=True)
def findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours is that a text has an `x`, the engine's is what a test puts into the verdict."""

    def diagnostics(snapshot: Snapshot, verdict: Verdict | None, *_: object) -> tuple[Diagnostic, ...]:
        at = snapshot.document.data.find(b"x")
        ours = () if at < 0 else (error("ours", Span(at, at + 1), "an x"),)
        theirs = () if verdict is None else verdict.failures
        return *ours, *(error("theirs", Span(0, 0), each.detail) for each in theirs)

    monkeypatch.setattr("enzyme_lsp.server.publish.diagnostics", diagnostics)


def messages(items: list[dict[str, Any]]) -> list[str]:
    return [item["message"] for item in items]


def refreshes(connection: Connection) -> list[dict[str, Any]]:
    return [each for each in connection.received if each.get("method") == "workspace/diagnostic/refresh"]


async def test_a_client_that_cannot_pull_is_pushed_to(connection: Connection) -> None:
    result = await connection.initialize(textDocument={"publishDiagnostics": {"versionSupport": True}})
    assert "diagnosticProvider" not in result["capabilities"]
    connection.open("ax")
    params = await connection.notification("textDocument/publishDiagnostics")
    assert (params["uri"], params["version"], messages(params["diagnostics"])) == ("untitled:1", 1, ["an x"])
    assert params["diagnostics"][0]["range"] == {
        "start": {"line": 0, "character": 1},
        "end": {"line": 0, "character": 2},
    }
    assert (await connection.request("textDocument/diagnostic", DOCUMENT))["error"]["code"] == -32601


async def test_a_client_that_can_pull_is_never_pushed_to(connection: Connection) -> None:
    result = await connection.initialize(**PULL)
    assert result["capabilities"]["diagnosticProvider"] == {
        "identifier": "enzyme-lsp",
        "interFileDependencies": False,
        "workspaceDiagnostics": True,
    }
    connection.open("x")
    report = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    assert (report["kind"], messages(report["items"])) == ("full", ["an x"])
    connection.notify("textDocument/didClose", DOCUMENT)
    await connection.quiet()
    assert connection.published() == []


async def test_a_client_without_versions_gets_none(connection: Connection) -> None:
    await connection.initialize()
    connection.open("x")
    assert "version" not in await connection.notification("textDocument/publishDiagnostics")


async def test_what_is_wrong_goes_when_it_is_mended_and_when_the_file_is_closed(connection: Connection) -> None:
    await connection.initialize()
    connection.open("x")
    await connection.quiet()
    connection.change({"text": "y"})
    await connection.quiet()
    connection.change({"text": "x"}, version=3)
    await connection.quiet()
    connection.notify("textDocument/didClose", DOCUMENT)
    pushed = [messages(params["diagnostics"]) for params in connection.published()]
    assert pushed == [["an x"], [], ["an x"], []]
    assert ("forget untitled:1", 0) in connection.verifier.asked


async def test_our_findings_do_not_wait_for_a_slow_engine(connection: Connection) -> None:
    connection.verifier.may_answer.clear()
    connection.verifier.quick_verdict = Verdict(None, complete=True, failures=(finding("engine"),))
    connection.verifier.full_verdict = connection.verifier.quick_verdict
    await connection.initialize()
    connection.open("x")
    assert messages((await connection.notification("textDocument/publishDiagnostics"))["diagnostics"]) == ["an x"]
    connection.verifier.may_answer.set()
    await connection.quiet()
    pushed = [messages(params["diagnostics"]) for params in connection.published()]
    assert pushed == [["an x"], ["an x", "engine"]]


async def test_an_idle_editor_gets_the_verdict_on_the_whole(connection: Connection) -> None:
    connection.verifier.quick_verdict = Verdict(None)
    connection.verifier.full_verdict = Verdict(None, complete=True, failures=(finding("whole"),))
    await connection.initialize()
    connection.open("x")
    await connection.quiet()
    assert connection.verifier.asked == [("quick", 1), ("full", 1)]
    assert [messages(params["diagnostics"]) for params in connection.published()] == [["an x"], ["an x", "whole"]]


async def test_a_verdict_that_changes_nothing_is_not_told(connection: Connection) -> None:
    connection.verifier.quick_verdict = Verdict(None)
    await connection.initialize()
    connection.open("x")
    await connection.quiet()
    assert len(connection.published()) == 1


async def test_saving_ends_the_wait_for_an_idle_editor(connection: Connection) -> None:
    await connection.initialize(settings={**NO_ENGINE, "diagnostics": {"idleMs": 100_000}})
    connection.open("x")
    await connection.notification("textDocument/publishDiagnostics")
    connection.notify("textDocument/didSave", DOCUMENT)
    await connection.quiet()
    assert connection.verifier.asked == [("quick", 1), ("full", 1)]


async def test_a_verdict_on_an_old_version_is_never_shown(connection: Connection) -> None:
    connection.verifier.may_answer.clear()
    connection.verifier.quick_verdict = Verdict(None, complete=True, failures=(finding("engine"),))
    connection.verifier.full_verdict = connection.verifier.quick_verdict
    await connection.initialize(textDocument={"publishDiagnostics": {"versionSupport": True}})
    connection.open("x")
    await connection.find(lambda message: message.get("method") == "textDocument/publishDiagnostics")
    connection.change({"text": "no"})
    connection.verifier.may_answer.set()
    await connection.quiet()
    told = [(params["version"], messages(params["diagnostics"])) for params in connection.published()]
    assert told == [(1, ["an x"]), (2, ["engine"])]


async def test_fast_typing_is_checked_once(connection: Connection) -> None:
    await connection.initialize(settings={**NO_ENGINE, "diagnostics": {"debounceMs": 30, "idleMs": 0}})
    connection.open("")
    await connection.quiet()
    for version in range(2, 12):
        connection.change(insertion(0, 0, "x"), version=version)
        await asyncio.sleep(0)
    await connection.quiet()
    asked = [version for what, version in connection.verifier.asked if what == "quick"]
    # The first key of a burst is checked at once, the rest when it ends.
    assert asked in ([1, 11], [1, 2, 11])


async def test_an_unchanged_report_is_said_to_be_so(connection: Connection) -> None:
    await connection.initialize(**PULL)
    connection.open("x")
    first = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    again = {**DOCUMENT, "previousResultId": first["resultId"]}
    unchanged = {"kind": "unchanged", "resultId": first["resultId"]}
    assert (await connection.request("textDocument/diagnostic", again))["result"] == unchanged
    connection.change(insertion(0, 1, " more"))
    assert (await connection.request("textDocument/diagnostic", again))["result"] == unchanged
    connection.change(insertion(0, 0, "a"), version=3)
    changed = (await connection.request("textDocument/diagnostic", again))["result"]
    assert changed["kind"] == "full"
    assert changed["resultId"] != first["resultId"]


async def test_a_client_is_told_to_pull_again_when_more_is_known(connection: Connection) -> None:
    connection.verifier.may_answer.clear()
    connection.verifier.quick_verdict = Verdict(None, complete=True, failures=(finding("engine"),))
    connection.verifier.full_verdict = connection.verifier.quick_verdict
    await connection.initialize(**PULL)
    connection.open("x")
    report = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    assert messages(report["items"]) == ["an x"]
    connection.verifier.may_answer.set()
    refresh = await connection.find(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    connection.send(id=refresh["id"], result=None)
    again = {**DOCUMENT, "previousResultId": report["resultId"]}
    report = (await connection.request("textDocument/diagnostic", again))["result"]
    assert messages(report["items"]) == ["an x", "engine"]
    await connection.quiet()
    assert len(refreshes(connection)) == 1


async def test_an_edit_alone_is_no_reason_to_pull_again(connection: Connection) -> None:
    await connection.initialize(**PULL)
    connection.open("x")
    await connection.request("textDocument/diagnostic", DOCUMENT)
    connection.change({"text": "y"})
    await connection.quiet()
    assert refreshes(connection) == []


async def test_a_client_that_pulls_only_once_waits_for_the_engine(connection: Connection) -> None:
    connection.verifier.quick_verdict = Verdict(None)
    connection.verifier.full_verdict = Verdict(None, complete=True, failures=(finding("whole"),))
    await connection.initialize(**PULL_ONCE)
    connection.open("x")
    report = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    assert messages(report["items"]) == ["an x", "whole"]
    assert refreshes(connection) == []


async def test_no_pull_waits_until_the_editor_is_idle_when_all_is_judged(connection: Connection) -> None:
    connection.verifier.quick_verdict = Verdict(None, complete=True, failures=(finding("engine"),))
    connection.verifier.full_verdict = connection.verifier.quick_verdict
    await connection.initialize(settings={**NO_ENGINE, "diagnostics": {"idleMs": 100_000}}, **PULL_ONCE)
    connection.open("x")
    report = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    assert messages(report["items"]) == ["an x", "engine"]


async def test_a_client_that_pulls_only_once_does_not_wait_for_a_hung_engine(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enzyme_lsp.server.publish._PATIENCE_WITHOUT_REFRESH_S", 0.2)
    connection.verifier.may_answer.clear()
    await connection.initialize(**PULL_ONCE)
    connection.open("x")
    report = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    assert messages(report["items"]) == ["an x"]


async def test_a_workspace_pull_waits_for_a_hung_engine_once(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enzyme_lsp.server.publish._PATIENCE_WITHOUT_REFRESH_S", 0.4)
    connection.verifier.may_answer.clear()
    await connection.initialize(**PULL_ONCE)
    for number in range(4):
        connection.open("x", uri=f"untitled:{number}")
    began = asyncio.get_running_loop().time()
    report = (await connection.request("workspace/diagnostic", {"previousResultIds": []}))["result"]
    assert asyncio.get_running_loop().time() - began < 0.8
    assert [messages(each["items"]) for each in report["items"]] == [["an x"]] * 4


async def test_a_late_answer_to_a_refresh_is_no_fault(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("enzyme_lsp.server.refresh._REFRESH_S", 0.01)
    connection.verifier.may_answer.clear()
    connection.verifier.quick_verdict = Verdict(None, complete=True, failures=(finding("engine"),))
    connection.verifier.full_verdict = connection.verifier.quick_verdict
    await connection.initialize(**PULL)
    connection.open("x")
    await connection.request("textDocument/diagnostic", DOCUMENT)
    connection.verifier.may_answer.set()
    refresh = await connection.find(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    await asyncio.sleep(0.05)
    connection.send(id=refresh["id"], result=None)
    await connection.quiet()
    assert caplog.text == ""


async def test_a_pull_that_an_edit_overtakes_is_answered_with_the_newest_text(connection: Connection) -> None:
    connection.verifier.may_answer.clear()
    await connection.initialize(**PULL)
    connection.open("y")
    number = connection.ask("textDocument/diagnostic", DOCUMENT)
    await asyncio.sleep(0)
    connection.change({"text": "x"})
    assert messages((await connection.answer(number))["result"]["items"]) == ["an x"]


async def test_a_pull_that_new_settings_overtake_is_answered_too(connection: Connection) -> None:
    connection.verifier.may_answer.clear()
    await connection.initialize(**PULL)
    connection.open("x")
    number = connection.ask("textDocument/diagnostic", DOCUMENT)
    await asyncio.sleep(0)
    settings = {"enzyme-lsp": {**NO_ENGINE, "diagnostics": {"idleMs": 1}}}
    connection.notify("workspace/didChangeConfiguration", {"settings": settings})
    assert messages((await connection.answer(number))["result"]["items"]) == ["an x"]


async def test_a_document_that_is_not_open_has_an_empty_report(connection: Connection) -> None:
    await connection.initialize(**PULL)
    report = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    assert (report["kind"], report["items"]) == ("full", [])


async def test_the_workspace_is_what_is_open(connection: Connection) -> None:
    await connection.initialize(**PULL)
    connection.open("x", uri="untitled:1")
    connection.open("y", uri="untitled:2", version=7)
    report = (await connection.request("workspace/diagnostic", {"previousResultIds": []}))["result"]
    told = [(each["uri"], each["version"], each["kind"], messages(each["items"])) for each in report["items"]]
    assert told == [("untitled:1", 1, "full", ["an x"]), ("untitled:2", 7, "full", [])]
    known = [{"uri": each["uri"], "value": each["resultId"]} for each in report["items"]]
    connection.change({"text": "x"}, uri="untitled:2", version=8)
    report = (await connection.request("workspace/diagnostic", {"previousResultIds": known}))["result"]
    assert [(each["uri"], each["kind"]) for each in report["items"]] == [
        ("untitled:1", "unchanged"),
        ("untitled:2", "full"),
    ]


async def test_a_workspace_pull_survives_edits_and_closing(connection: Connection) -> None:
    connection.verifier.may_answer.clear()
    await connection.initialize(settings={**NO_ENGINE, "diagnostics": {"debounceMs": 10}}, **PULL)
    connection.open("x", uri="untitled:1")
    connection.open("x", uri="untitled:2")
    number = connection.ask("workspace/diagnostic", {"previousResultIds": []})
    await asyncio.sleep(0.01)
    connection.change({"text": "y"}, uri="untitled:1")
    connection.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:2"}})
    report = (await connection.answer(number))["result"]
    assert report["items"][0]["version"] == 2
    assert messages(report["items"][1]["items"]) == []


async def test_a_fault_in_a_check_is_logged_and_costs_that_report(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def diagnostics(snapshot: Snapshot, *_: object) -> tuple[Diagnostic, ...]:
        if snapshot.document.data == b"bad":
            raise ZeroDivisionError
        return ()

    monkeypatch.setattr("enzyme_lsp.server.publish.diagnostics", diagnostics)
    await connection.initialize(**PULL)
    connection.open("bad")
    report = (await connection.request("textDocument/diagnostic", DOCUMENT))["result"]
    assert report["items"] == []
    assert "the diagnostics of untitled:1 failed" in caplog.text
    caplog.clear()
    connection.change({"text": "good"})
    assert "result" in await connection.request("textDocument/diagnostic", DOCUMENT)
    assert caplog.text == ""


async def test_diagnostics_can_be_switched_off_and_on(connection: Connection) -> None:
    await connection.initialize(settings={**NO_ENGINE, "diagnostics": {"enabled": False, "idleMs": 0}})
    connection.open("x")
    await connection.quiet()
    connection.notify(
        "workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": {"diagnostics": {"enabled": True}}}}
    )
    await connection.quiet()
    assert [messages(params["diagnostics"]) for params in connection.published()] == [[], ["an x"]]
    assert connection.verifier.asked == [("quick", 1), ("full", 1)]


async def test_an_engine_that_comes_back_is_asked_again_where_it_was_missed(connection: Connection) -> None:
    connection.verifier.quick_verdict = connection.verifier.full_verdict = Verdict(None, trouble="no engine")
    await connection.initialize()
    connection.open("x")
    connection.open("y", uri="untitled:2")
    await connection.quiet()
    session = connection.server.session
    publisher = session.publisher
    assert publisher.trouble(["untitled:2"]) == "no engine"
    connection.verifier.quick_verdict = connection.verifier.full_verdict = Verdict(None, complete=True)
    publisher.retry(session.compilers.of(session.settings.engine))
    await connection.quiet()
    assert publisher.trouble(["untitled:1", "untitled:2"]) == ""
