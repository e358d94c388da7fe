"""Commands for clients that have none of our requests: the same questions and answers, and a file that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.workspace import paths
from tests.server.test_lowering import INVALID_PARAMS, REQUEST_FAILED, SCRIPTED, TEXT, asked

if TYPE_CHECKING:
    from tests.server.connection import Connection, Message

SHOWS: Any = {"window": {"showDocument": {"support": True}}}
DIFFERENTIATES = """\
func.func private @f(f64) -> f64
func.func @df(%x: f64, %dx: f64) -> f64 {
  %0 = enzyme.fwddiff @f(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""


async def run(connection: Connection, command: str, *arguments: object) -> Message:
    return await connection.request("workspace/executeCommand", {"command": command, "arguments": arguments})


async def test_commands_answer_as_requests_do(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    result = (await run(connection, "enzyme-lsp.lower", asked(pipeline="pass a,bad")))["result"]
    assert (result["outcome"], result["failed"]) == ("rejected", "bad")
    assert [one["name"] for one in result["stages"]] == ["input", "pass a"]
    offered = (await run(connection, "enzyme-lsp.pipelines", asked()))["result"]
    assert offered == (await connection.request("enzyme/pipelines", asked()))["result"]


@pytest.mark.parametrize("command", ["enzyme-lsp.lower", "enzyme-lsp.pipelines", "enzyme-lsp.showLowered"])
async def test_what_is_no_argument(connection: Connection, command: str) -> None:
    await connection.initialize(settings=SCRIPTED, **SHOWS)
    connection.open(TEXT)
    wrong: list[list[object]] = [[], [1], [asked(), asked()], [{}], [asked("untitled:9")]]
    for arguments in wrong:
        assert (await run(connection, command, *arguments))["error"]["code"] == INVALID_PARAMS


async def shown(connection: Connection, number: int) -> Path:
    """The file that the client is asked to show, which it does."""
    message = await connection.find(lambda one: one.get("method") == "window/showDocument")
    connection.received.remove(message)
    connection.send(id=message["id"], result={"success": True})
    assert (await connection.answer(number))["result"] == {"uri": message["params"]["uri"]}
    path = paths.path(message["params"]["uri"])
    assert path is not None
    return Path(path)


async def test_a_lowering_is_shown_as_a_file_until_the_server_ends(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **SHOWS)
    connection.open(TEXT, uri="file:///a/x%20%2F..mlir")
    ask = {"command": "enzyme-lsp.showLowered", "arguments": [asked("file:///a/x%20%2F..mlir", pipeline="pass a")]}
    first = await shown(connection, connection.ask("workspace/executeCommand", ask))
    assert first.name == "_.lowered.mlir"
    assert first.read_text() == f"// a\n{TEXT}"
    again = await shown(connection, connection.ask("workspace/executeCommand", ask))
    assert again == first
    ask["arguments"] = [asked("file:///a/x%20%2F..mlir", pipeline="pass a,bad", symbol="f")]
    failed = await shown(connection, connection.ask("workspace/executeCommand", ask))
    assert failed != first
    assert failed.read_text().startswith("// bad failed: this pass fails\n// a\n")
    assert failed.parent.parent.stat().st_mode & 0o77 == 0
    await connection.close()
    assert not failed.parent.parent.exists()


async def test_a_client_that_shows_nothing_is_told(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    error = (await run(connection, "enzyme-lsp.showLowered", asked()))["error"]
    assert error["code"] == REQUEST_FAILED
    assert error["message"] == "this client does not show documents (window.showDocument)"


@pytest.mark.parametrize(
    ("own", "command"),
    [([], "enzyme-lsp.showLowered"), (["enzyme-lsp.showLowering"], "enzyme-lsp.showLowering")],
)
async def test_the_lens_runs_what_the_client_has(connection: Connection, own: list[str], command: str) -> None:
    await connection.initialize(experimental={"commands": {"commands": own}}, **SHOWS)
    connection.open(DIFFERENTIATES)
    lenses = (await connection.request("textDocument/codeLens", {"textDocument": {"uri": "untitled:1"}}))["result"]
    (lens,) = lenses
    assert (lens["command"]["title"], lens["command"]["command"]) == ("Lower", command)
    if not own:
        assert lens["command"]["arguments"] == [asked(symbol="df")]
