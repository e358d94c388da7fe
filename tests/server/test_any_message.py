"""Whatever a client sends, every request gets exactly one answer and the server goes on."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp

from tests.server.connection import Connection, replacement

if TYPE_CHECKING:
    from collections.abc import Generator

WORDS = ["textDocument", "position", "range", "contentChanges", "text", "uri", "id", "settings", "value", "items"]
DOCUMENT: dict[str, object] = {"uri": "untitled:1", "version": 2}
LITERALS: dict[str, object] = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}
CAPABILITIES: dict[str, dict[str, object]] = {
    "pushed to": {"codeAction": LITERALS},
    "pulling": {
        "diagnostic": {},
        "codeAction": {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
    },
}


def change(line: int, character: int, text: str) -> dict[str, object]:
    return {"textDocument": DOCUMENT, "contentChanges": [replacement(0, 1, line, character, text)]}


def question(start: int, end: int, only: object) -> dict[str, object]:
    where = {"start": {"line": 0, "character": start}, "end": {"line": end, "character": end}}
    return {"textDocument": DOCUMENT, "range": where, "context": {"diagnostics": [], "only": only}}


plain = st.sampled_from([None, True, 0, -1, 2**70, 1.5, "untitled:1", "\ud83d", DOCUMENT, {"line": 0, "character": 1}])
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=5,
)
changes = st.builds(change, st.integers(0, 3), st.integers(0, 9), st.sampled_from(["", "é\r\n", "func.func @f() {"]))
kinds = st.lists(st.sampled_from(["", "quickfix", "source", "refactor", ".", "\ud83d"]), max_size=2)
questions = st.builds(question, st.integers(-1, 99), st.integers(-1, 9), st.none() | kinds | values)
actions = st.fixed_dictionaries({"title": st.just("Mine")}, optional={"data": values, "kind": values, "edit": values})
methods = st.sampled_from(sorted({*lsp.METHOD_TO_TYPES, "$/unknown"} - {"exit", "shutdown"}))
frequent = st.sampled_from(
    ["textDocument/didChange", "textDocument/diagnostic", "textDocument/codeAction", "codeAction/resolve"]
)
messages: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"method": methods | frequent},
    optional={"params": values | changes | questions | actions, "result": plain, "error": plain},
)


@settings(max_examples=40, deadline=None)
@given(st.lists(messages, max_size=15), st.lists(messages, max_size=15), st.sampled_from(sorted(CAPABILITIES)))
def test_every_request_gets_one_answer(
    requests: list[dict[str, Any]], notifications: list[dict[str, Any]], client: str
) -> None:
    async def converse() -> Counter[object]:
        connection = Connection()
        await connection.initialize(textDocument=CAPABILITIES[client])
        connection.open("func.func @f()\n")
        for number in range(max(len(requests), len(notifications))):
            for message in requests[number : number + 1]:
                connection.send(id=f"r{number}", **message)
            for message in notifications[number : number + 1]:
                connection.send(**message)
            if number % 3 == 0:
                await asyncio.sleep(0)
        await connection.quiet()
        await connection.request("shutdown", None)
        await asyncio.sleep(0)
        await connection.close()
        return Counter(each.get("id") for each in connection.received if "method" not in each)

    with logged_exceptions() as exceptions:
        answered = asyncio.run(converse())
    assert exceptions == []
    assert [answered[f"r{number}"] for number in range(len(requests))] == [1] * len(requests)


@contextmanager
def logged_exceptions() -> Generator[list[str]]:
    """What was logged as a bug meanwhile; `caplog` is of one test, not of one example."""
    found: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info:
                found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")

    collector = Collector()
    logger = logging.getLogger("enzyme_lsp")
    logger.addHandler(collector)
    try:
        yield found
    finally:
        logger.removeHandler(collector)
