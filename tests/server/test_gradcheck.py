"""Gradients are checked for editors: on request, by a command and its lenses, where the user trusts the workspace."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.gradient import refusal as gradient
from enzyme_lsp.gradient.report import Comparison, Entry
from enzyme_lsp.server import gradients
from enzyme_lsp.server.gradients import UNTRUSTED
from tests.server.test_lowering import INVALID_PARAMS, REQUEST_FAILED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.gradient.check import Wish
    from tests.server.connection import Connection, Message

TEXT = """\
func.func @square(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}
func.func @df(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""
TRUSTED = {"enzymeTrusted": True}
INFORMATION, WARNING = 3, 2
DOCUMENT = {"textDocument": {"uri": "untitled:1"}}


def at(line: int, character: int) -> dict[str, Any]:
    return {**DOCUMENT, "position": {"line": line, "character": character}}


async def run(connection: Connection, argument: object) -> Message:
    asked = {"command": "enzyme-lsp.gradcheck", "arguments": [argument]}
    return await connection.request("workspace/executeCommand", asked)


def entry(verdict: str, mode: str) -> Entry:
    row = Comparison("%x", "the gradient", math.nan, 1.5, 1e-12, math.nan, verdict)
    place = TEXT.index("enzyme.autodiff")
    return Entry(place, 6, "enzyme.autodiff", "square", mode, verdict, argument="%x", comparisons=(row,))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was asked to be checked, in place of which this answers: without engines, that takes seconds."""
    seen: list[tuple[Any, ...]] = []

    async def carried_out(
        _engines: object, _snapshot: object, wish: Wish, functions: Sequence[str], offset: int | None
    ) -> tuple[Entry, ...]:
        seen.append((wish.seed, wish.full, *functions, offset))
        if offset is not None:
            return (entry("agree", "reverse"),)
        if not functions:
            raise gradient.RefusedError("nothing runs machine code")
        return (entry("agree", "forward"), entry("disagree", "reverse")) if functions == ["square"] else ()

    monkeypatch.setattr(gradients, "carried_out", carried_out)
    return seen


async def test_a_gradient_is_checked_and_told(connection: Connection, asked: list[tuple[Any, ...]]) -> None:
    await connection.initialize(experimental=TRUSTED)
    connection.open(TEXT)
    result = (await connection.request("enzyme/gradcheck", at(5, 12)))["result"]
    assert result["summary"] == "enzyme.autodiff @square (reverse): the derivative of @square agrees with differences"
    (one,) = result["derivatives"]
    assert (one["line"], one["character"], one["verdict"], one["reason"]) == (5, 7, "agree", "")
    assert one["comparisons"] == [
        {
            "argument": "%x",
            "output": "the gradient",
            "derivative": "nan",
            "differences": "1.5",
            "uncertainty": "1e-12",
            "error": "nan",
            "verdict": "agree",
        }
    ]
    assert not [one for one in connection.received if one.get("method") == "window/showMessage"]
    await run(connection, at(5, 12))
    assert (await connection.notification("window/showMessage"))["type"] == INFORMATION
    answer = await run(connection, {**DOCUMENT, "function": "@square", "seed": 3, "full": True})
    assert [one["verdict"] for one in answer["result"]["derivatives"]] == ["agree", "disagree"]
    told = await connection.notification("window/showMessage", where=lambda params: params["type"] == WARNING)
    assert told["message"] == (
        "2 derivatives: 1 agrees, 1 disagrees; enzyme.autodiff @square (reverse): the derivative of @square by %x "
        "disagrees: it is nan, and differences say 1.5"
    )
    assert asked == [
        (0, False, TEXT.index("e.autodiff")),
        (0, False, TEXT.index("e.autodiff")),
        (3, True, "square", None),
    ]


async def test_what_is_not_checked_has_a_reason(connection: Connection, asked: list[tuple[Any, ...]]) -> None:
    await connection.initialize(experimental=TRUSTED)
    connection.open(TEXT)
    error = (await connection.request("enzyme/gradcheck", DOCUMENT))["error"]
    assert (error["code"], error["message"]) == (REQUEST_FAILED, "nothing runs machine code")
    error = (await connection.request("enzyme/gradcheck", {**DOCUMENT, "function": "g"}))["error"]
    assert error["message"] == "no gradient is checked: @g is no function of this document"
    assert len(asked) == 2


async def test_nothing_runs_where_the_workspace_is_not_trusted(connection: Connection) -> None:
    await connection.initialize()
    connection.open(TEXT)
    for answer in (await connection.request("enzyme/gradcheck", DOCUMENT), await run(connection, DOCUMENT)):
        assert (answer["error"]["code"], answer["error"]["message"]) == (REQUEST_FAILED, UNTRUSTED)


async def test_what_is_no_wish(connection: Connection) -> None:
    await connection.initialize(experimental=TRUSTED)
    connection.open(TEXT)
    wrong: list[dict[str, Any]] = [
        {"textDocument": {"uri": "untitled:9"}},
        {**DOCUMENT, "position": 1},
        {**DOCUMENT, "position": {"line": -1, "character": 0}},
        {**DOCUMENT, "function": 1},
        {**DOCUMENT, "seed": "x"},
        {**DOCUMENT, "full": 1},
    ]
    for params in wrong:
        assert (await connection.request("enzyme/gradcheck", params))["error"]["code"] == INVALID_PARAMS


async def test_lenses_are_shown_to_those_who_trust_the_workspace(connection: Connection) -> None:
    result = await connection.initialize(experimental=TRUSTED)
    assert "codeLensProvider" in result["capabilities"]
    assert "enzyme-lsp.gradcheck" in result["capabilities"]["executeCommandProvider"]["commands"]
    connection.open(TEXT)
    found = (await connection.request("textDocument/codeLens", DOCUMENT))["result"]
    assert [(one["command"]["title"], one["command"]["command"], one["command"]["arguments"]) for one in found] == [
        ("Check the gradients", "enzyme-lsp.gradcheck", [at(0, 10)]),
        ("Check the gradient", "enzyme-lsp.gradcheck", [at(5, 7)]),
    ]
