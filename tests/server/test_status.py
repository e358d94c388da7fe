"""What is told about the compiler: all of it to a status line, each event once in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.engines.api import Identity, Request, State, Status
from enzyme_lsp.server.outbox import Outbox
from enzyme_lsp.server.status import CompilerStatus, Reporter

if TYPE_CHECKING:
    from tests.server.connection import Connection

ENZYME = Identity("enzyme-ad", "0.0.15", "classic")


class Wire:
    """Keeps what would be sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def notify(self, method: str, params: object) -> None:
        self.sent.append((method, params))

    async def send_request_async(self, method: str, params: object) -> object:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("state", "health", "quiescent", "message"),
    [
        (State.ABSENT, "warning", True, "so it is"),
        (State.STARTING, "ok", True, "so it is"),
        (State.READY, "ok", True, ""),
        (State.BUSY, "ok", False, ""),
        (State.RESTARTING, "warning", False, "so it is"),
        (State.FAILED, "error", True, "so it is"),
        (State.CLOSED, "ok", True, "so it is"),
    ],
)
def test_each_state_has_its_health(state: State, health: str, message: str, *, quiescent: bool) -> None:
    wire = Wire()
    Reporter(Outbox(wire)).show(CompilerStatus(Status(state, ENZYME, "so it is")), quiescent=True)
    assert wire.sent == [
        (
            "enzyme/status",
            {
                "health": health,
                "quiescent": quiescent,
                "message": message,
                "engine": "enzyme-ad",
                "version": "0.0.15",
                "spelling": "classic",
                "engines": (),
            },
        )
    ]


def test_trouble_with_a_document_is_a_warning() -> None:
    wire = Wire()
    Reporter(Outbox(wire)).show(CompilerStatus(Status(State.READY, None, "ready"), "no answer in 10 s"), quiescent=True)
    ((_, params),) = wire.sent
    assert (params["health"], params["message"], params["engine"]) == ("warning", "no answer in 10 s", "")


def test_no_compiler_by_choice_is_no_warning() -> None:
    wire = Wire()
    absent = Status(State.ABSENT, None, "switched off")
    Reporter(Outbox(wire)).show(CompilerStatus(absent, "switched off", is_wanted=False), quiescent=True)
    ((_, params),) = wire.sent
    assert (params["health"], params["message"]) == ("ok", "switched off")


def test_only_changes_are_shown() -> None:
    wire = Wire()
    reporter = Reporter(Outbox(wire))
    for state in (State.READY, State.READY, State.BUSY, State.READY):
        reporter.show(CompilerStatus(Status(state, ENZYME, "")), quiescent=True)
    assert [params["quiescent"] for _, params in wire.sent] == [True, False, True]


def test_readiness_is_logged_once_and_absence_shown_once() -> None:
    wire = Wire()
    reporter = Reporter(Outbox(wire))
    for _ in range(2):
        reporter.tell(Status(State.READY, ENZYME, "ready"))
        reporter.tell(Status(State.ABSENT, None, "no engine was found; install enzyme-ad"))
    assert [(method, params.message) for method, params in wire.sent] == [
        ("window/logMessage", "enzyme-ad 0.0.15 is ready and reads the classic spelling"),
        ("window/showMessage", "no engine was found; install enzyme-ad"),
    ]


def test_every_death_is_logged() -> None:
    wire = Wire()
    reporter = Reporter(Outbox(wire))
    for _ in range(2):
        reporter.tell(Status(State.RESTARTING, ENZYME, "the engine died of SIGSEGV and is started anew"))
    assert [method for method, _ in wire.sent] == ["window/logMessage"] * 2


async def test_only_a_client_with_a_status_line_is_sent_the_status(connection: Connection) -> None:
    await connection.initialize(experimental={"enzymeStatus": True})
    connection.open("module {}")
    await connection.notification("enzyme/status", where=lambda params: not params["quiescent"])
    await connection.quiet()
    assert shown(connection)[-1]["quiescent"]


async def test_other_settings_are_seen_in_the_status_line_of_an_editor_without_documents(
    connection: Connection,
) -> None:
    await connection.initialize(settings={}, experimental={"enzymeStatus": True})
    await connection.until(lambda: bool(shown(connection)))
    assert "starts with the first request" in shown(connection)[-1]["message"]
    session = connection.server.session
    connection.notify(
        "workspace/didChangeConfiguration",
        {"settings": {"enzyme-lsp": {"engine": {"kind": "command", "command": ["no-such-engine"]}}}},
    )
    await session.compilers.of(session.settings.engine).pool.run(Request(b"module {}"))
    await connection.until(lambda: shown(connection)[-1]["health"] == "error")
    connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": {"engine": {"enabled": False}}}})
    assert shown(connection)[-1]["health"] == "ok"


async def test_no_status_is_sent_before_the_answer_to_initialize(connection: Connection) -> None:
    await connection.initialize(experimental={"enzymeStatus": True})
    assert "result" in connection.received[0]


def shown(connection: Connection) -> list[Any]:
    return [each["params"] for each in connection.received if each.get("method") == "enzyme/status"]


@pytest.mark.parametrize("experimental", [None, True, {}, {"enzymeStatus": "yes"}, {"enzymeStatus": False}])
async def test_any_other_client_is_not(connection: Connection, experimental: object) -> None:
    await connection.initialize(experimental=experimental)
    connection.open("module {}")
    await connection.quiet()
    assert not shown(connection)
