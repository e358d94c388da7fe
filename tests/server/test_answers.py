"""Every request gets exactly one answer: the result, or why there is none."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types as lsp

from enzyme_lsp.server import decode
from enzyme_lsp.server.lanes import Lane
from enzyme_lsp.server.routes import Route
from tests.server.connection import Connection, insertion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from enzyme_lsp.workspace.snapshot import Snapshot

CANCELED, CONTENT_MODIFIED, INTERNAL_ERROR, INVALID_PARAMS = -32800, -32801, -32603, -32602

PLACE = {"textDocument": {"uri": "untitled:1"}, "position": {"line": 0, "character": 1}}


class Slow:
    """Features that last until the test ends them."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.may_end = threading.Event()
        self.outdated: list[int] = []
        self._loop = asyncio.get_running_loop()

    def on_thread(self, snapshot: Snapshot, _: int) -> None:
        self._loop.call_soon_threadsafe(self.started.set)
        self.may_end.wait(5)
        if not snapshot.is_current:
            self.outdated.append(snapshot.version)
        snapshot.check_current()

    async def on_loop(self, _: Snapshot, _offset: int) -> None:
        self.started.set()
        await asyncio.Event().wait()


def route(method: str, feature: Callable[..., Any], lane: Lane) -> Route:
    def encode(answer: object, *_: object) -> object:
        return answer

    return Route(method, decode.place, feature, encode, lane)


def shout(snapshot: Snapshot, offset: int) -> lsp.Hover:
    return lsp.Hover(contents=f"{snapshot.document.data[offset:].decode()}!")


def running(connection: Connection) -> object:
    """What the lanes keep of each document."""
    return vars(connection.server.session.lanes)["_running"]


def fail(_: Snapshot, _offset: int) -> None:
    raise ZeroDivisionError("cannot divide")


@pytest.fixture
async def slow() -> AsyncIterator[Slow]:
    slow = Slow()
    yield slow
    slow.may_end.set()


@pytest.fixture
async def connection(slow: Slow) -> AsyncIterator[Connection]:
    connection = Connection(
        [
            route(lsp.TEXT_DOCUMENT_HOVER, shout, Lane.THREAD),
            route(lsp.TEXT_DOCUMENT_DECLARATION, shout, Lane.INLINE),
            route(lsp.TEXT_DOCUMENT_DEFINITION, slow.on_thread, Lane.THREAD),
            route(lsp.TEXT_DOCUMENT_IMPLEMENTATION, slow.on_loop, Lane.ENGINE),
            route(lsp.TEXT_DOCUMENT_REFERENCES, fail, Lane.THREAD),
        ]
    )
    await connection.initialize()
    connection.open("abc")
    yield connection
    slow.may_end.set()
    await connection.close()


SLOW = pytest.mark.parametrize("method", ["textDocument/definition", "textDocument/implementation"])


@pytest.mark.parametrize("method", ["textDocument/hover", "textDocument/declaration"])
async def test_a_feature_answers_from_its_lane(connection: Connection, method: str) -> None:
    answer = await connection.request(method, PLACE)
    assert answer["result"]["contents"] == "bc!"


async def test_a_request_sees_the_text_as_of_its_place_among_the_messages(connection: Connection) -> None:
    connection.change(insertion(0, 0, ">>"))
    assert (await connection.request("textDocument/hover", PLACE))["result"]["contents"] == ">abc!"


@SLOW
async def test_a_canceled_request_is_answered_at_once(connection: Connection, slow: Slow, method: str) -> None:
    number = connection.ask(method, PLACE)
    await slow.started.wait()
    connection.notify("$/cancelRequest", {"id": number})
    answer = await connection.answer(number)
    assert answer["error"]["code"] == CANCELED


async def test_a_request_canceled_before_it_starts_is_answered(connection: Connection) -> None:
    number = connection.ask("textDocument/hover", PLACE)
    connection.notify("$/cancelRequest", {"id": number})
    assert (await connection.answer(number))["error"]["code"] == CANCELED


@SLOW
async def test_an_edit_outdates_what_is_asked_about_its_document(
    connection: Connection, slow: Slow, method: str
) -> None:
    number = connection.ask(method, PLACE)
    await slow.started.wait()
    connection.open("other", uri="untitled:2")
    connection.change({"text": "x"}, uri="untitled:2")
    assert "error" not in (await connection.request("textDocument/hover", PLACE))
    connection.change(insertion(0, 0, "x"))
    answer = await connection.answer(number)
    assert answer["error"]["code"] == CONTENT_MODIFIED


@pytest.mark.parametrize("method", ["textDocument/didOpen", "textDocument/didClose"])
async def test_opening_again_and_closing_outdate_too(connection: Connection, slow: Slow, method: str) -> None:
    number = connection.ask("textDocument/definition", PLACE)
    await slow.started.wait()
    item = {"uri": "untitled:1", "languageId": "mlir", "version": 1, "text": "new"}
    connection.notify(method, {"textDocument": item})
    assert (await connection.answer(number))["error"]["code"] == CONTENT_MODIFIED


async def test_work_on_a_thread_learns_that_nobody_waits(connection: Connection, slow: Slow) -> None:
    number = connection.ask("textDocument/definition", PLACE)
    await slow.started.wait()
    connection.change(insertion(0, 0, "x"))
    await connection.answer(number)
    slow.may_end.set()
    await connection.until(lambda: slow.outdated == [1])


async def test_a_fault_costs_one_answer_and_is_logged_with_its_request(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await connection.request("textDocument/references", {**PLACE, "context": {"includeDeclaration": True}})
    assert answer["error"]["code"] == INTERNAL_ERROR
    assert answer["error"]["message"] == "textDocument/references failed: ZeroDivisionError: cannot divide"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "position=0:1" in record.getMessage()
    assert record.exc_info is not None
    assert "result" in await connection.request("textDocument/hover", PLACE)


async def test_a_document_that_is_not_open_has_no_answers(connection: Connection) -> None:
    answer = await connection.request("textDocument/hover", {**PLACE, "textDocument": {"uri": "untitled:9"}})
    assert answer["error"] == {"code": INVALID_PARAMS, "message": "untitled:9 is not open"}


async def test_shutdown_cancels_what_is_under_way(connection: Connection, slow: Slow) -> None:
    number = connection.ask("textDocument/implementation", PLACE)
    await slow.started.wait()
    assert (await connection.request("shutdown", None))["result"] is None
    assert (await connection.answer(number))["error"]["code"] == CANCELED


async def test_a_storm_of_edits_and_cancels_leaves_one_answer_to_each_request(connection: Connection) -> None:
    numbers: list[int] = []
    for version in range(2, 60):
        numbers += [connection.ask("textDocument/hover", PLACE), connection.ask("textDocument/implementation", PLACE)]
        if version % 3 == 0:
            connection.notify("$/cancelRequest", {"id": numbers[-1]})
        if version % 2 == 0:
            await asyncio.sleep(0)
        connection.change(insertion(0, 0, "x"), version=version)
        connection.notify("$/cancelRequest", {"id": numbers[-2]})
    await asyncio.gather(*(connection.answer(number) for number in numbers[:-1]))
    connection.notify("$/cancelRequest", {"id": numbers[-1]})
    await connection.answer(numbers[-1])
    answered = [message["id"] for message in connection.received if "id" in message and "method" not in message]
    assert sorted(answered) == sorted({1, *numbers})


async def test_nothing_is_kept_of_documents_that_were_asked_about(connection: Connection) -> None:
    connection.open("ab")
    assert "result" in await connection.request(lsp.TEXT_DOCUMENT_HOVER, PLACE)
    assert "error" in await connection.request(lsp.TEXT_DOCUMENT_REFERENCES, PLACE)
    assert running(connection) == {}


async def test_an_edit_during_a_request_leaves_nothing_either(connection: Connection, slow: Slow) -> None:
    connection.open("ab")
    number = connection.ask(lsp.TEXT_DOCUMENT_IMPLEMENTATION, PLACE)
    await slow.started.wait()
    connection.change(insertion(0, 0, "x"))
    await connection.answer(number)
    assert running(connection) == {}
