"""Work that a user waits for: it is shown after a while, can be canceled, and ends for newer work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.server import progress
from tests.server.test_lowering import CANCELED, SCRIPTED, TEXT, asked

if TYPE_CHECKING:
    from tests.server.connection import Connection, Message

SHOWS: Any = {"window": {"workDoneProgress": True}}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", 0.1)


def shown(connection: Connection) -> list[tuple[object, Message]]:
    found = [one["params"] for one in connection.received if one.get("method") == "$/progress"]
    return [(one["token"], one["value"]) for one in found]


async def created(connection: Connection) -> str:
    """The token under which the client is asked to show something, and agrees."""
    message = await connection.find(lambda one: one.get("method") == "window/workDoneProgress/create")
    connection.send(id=message["id"], result=None)
    return message["params"]["token"]


async def test_long_work_is_shown_and_short_work_is_not(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **SHOWS)
    connection.open(TEXT)
    session = connection.server.session
    await session.compilers.of(session.settings.engine).pool.ready()
    await connection.request("enzyme/lower", asked(pipeline="pass a"))
    assert not [one for one in connection.received if one.get("method") == "window/workDoneProgress/create"]
    number = connection.ask("enzyme/lower", asked(pipeline="delay 0.4"))
    token = await created(connection)
    assert (await connection.answer(number))["result"]["outcome"] == "accepted"
    await connection.until(lambda: len(shown(connection)) == 2)
    assert shown(connection) == [
        (token, {"kind": "begin", "title": "Lowering", "cancellable": True}),
        (token, {"kind": "end"}),
    ]


@pytest.mark.parametrize("token", ["mine", 7], ids=str)
async def test_the_token_of_a_request_is_used(connection: Connection, token: object) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    await connection.request("enzyme/lower", asked(pipeline="delay 0.3", workDoneToken=token))
    await connection.until(lambda: len(shown(connection)) == 2)
    assert [(one, value["kind"]) for one, value in shown(connection)] == [(token, "begin"), (token, "end")]


async def test_without_a_token_and_without_support_nothing_is_shown(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    await connection.request("enzyme/lower", asked(pipeline="delay 0.3"))
    assert shown(connection) == []


async def test_the_user_cancels(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **SHOWS)
    connection.open(TEXT)
    number = connection.ask("enzyme/lower", asked(pipeline="hang"))
    token = await created(connection)
    await connection.until(lambda: len(shown(connection)) == 1)
    connection.notify("window/workDoneProgress/cancel", {"token": token})
    error = (await connection.answer(number))["error"]
    assert (error["code"], error["message"]) == (CANCELED, "it was canceled")
    await connection.until(lambda: len(shown(connection)) == 2)
    result = (await connection.request("enzyme/lower", asked(pipeline="pass a")))["result"]
    assert result["outcome"] == "accepted"
    connection.notify("window/workDoneProgress/cancel", {"token": token})


async def test_a_client_that_will_not_show_it_gets_its_answer(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **SHOWS)
    connection.open(TEXT)
    number = connection.ask("enzyme/lower", asked(pipeline="delay 0.3"))
    message = await connection.find(lambda one: one.get("method") == "window/workDoneProgress/create")
    connection.send(id=message["id"], error={"code": -32603, "message": "no"})
    assert "result" in await connection.answer(number)
    assert shown(connection) == []


async def test_a_newer_lowering_of_the_same_ends_the_one_before(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    first = connection.ask("enzyme/lower", asked(pipeline="hang"))
    same = connection.ask("enzyme/lower", asked(pipeline="hang", stages="last"))
    await asyncio.sleep(0.05)
    # The engine does not yield, so that its process is killed.
    result = (await connection.request("enzyme/lower", asked(pipeline="pass a")))["result"]
    assert result["outcome"] == "accepted"
    for number in (first, same):
        error = (await connection.answer(number))["error"]
        assert (error["code"], error["message"]) == (CANCELED, "a newer request has taken its place")


async def test_lowerings_of_different_symbols_do_not_disturb_each_other(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    first = connection.ask("enzyme/lower", asked(pipeline="delay 0.2"))
    second = connection.ask("enzyme/lower", asked(pipeline="delay 0", symbol="f"))
    assert "result" in await connection.answer(first)
    assert "result" in await connection.answer(second)
