"""Our own messages on the wire, and the files that are made of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.server import protocol_pages
from tests.engines import scripted
from tests.server.connection import NO_ENGINE, Connection, Message

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
REQUEST_FAILED, INVALID_PARAMS = -32803, -32602
SCRIPTED: Any = {**NO_ENGINE, "engine": {"kind": "command", "command": scripted.command(), "workers": 1}}


@pytest.mark.parametrize(
    ("path", "generate"),
    [("schemas/protocol.schema.json", protocol_pages.json_schema), ("docs/protocol.md", protocol_pages.markdown)],
    ids=["schema", "page"],
)
def test_the_committed_files_are_current(path: str, generate: Callable[[], str]) -> None:
    file = ROOT / path
    if os.environ.get("UPDATE_EXPECT"):
        file.write_text(generate(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == generate(), "run again with UPDATE_EXPECT=1"


def place(line: int, character: int, uri: str = "untitled:1") -> Message:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


async def test_the_generic_form_of_an_operation(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    text = 'func.func private @f( // scripted: generic "func.func"() ({}) : () -> () loc("-":1:1)\n)\n'
    connection.open(text)
    answer = await connection.request("enzyme/genericForm", place(0, 3))
    assert answer["result"] == {"text": '"func.func"() ({}) : () -> ()'}


async def test_without_an_engine_the_generic_form_is_refused_with_the_reason(connection: Connection) -> None:
    await connection.initialize()
    connection.open("func.func private @f()\n")
    error = (await connection.request("enzyme/genericForm", place(0, 3)))["error"]
    assert (error["code"], error["message"]) == (
        REQUEST_FAILED,
        "no engine is used, as `engine.kind` or `engine.files` says",
    )


@pytest.mark.parametrize(
    "params", [None, 7, {}, {"textDocument": 1, "position": {}}, place(0, 0, "untitled:2")], ids=str
)
async def test_what_is_no_place_in_an_open_document_is_refused(connection: Connection, params: object) -> None:
    await connection.initialize()
    connection.open("func.func private @f()\n")
    assert (await connection.request("enzyme/genericForm", params))["error"]["code"] == INVALID_PARAMS


CALL = """\
func.func private @f(f64) -> f64
func.func @d(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @f(%x, %dr) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
  return %0 : f64
}
"""
ACTIONS: Any = {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}}}


async def test_a_command_gives_the_code_that_builds_an_op(connection: Connection) -> None:
    result = await connection.initialize()
    assert "enzyme-lsp.builderCode" in result["capabilities"]["executeCommandProvider"]["commands"]
    connection.open(CALL)
    at = {"uri": "untitled:1", "position": {"line": 2, "character": 10}}
    answer = await execute(connection, {**at, "language": "python"})
    assert answer["result"].startswith('v0 = enzyme.autodiff(\n    "f",\n    [x, dr],\n')
    error = (await execute(connection, {**at, "position": {"line": 0, "character": 0}, "language": "rust"}))["error"]
    assert (error["code"], error["message"]) == (REQUEST_FAILED, "no differentiation op stands here")


@pytest.mark.parametrize(
    "arguments", [[], [7], [{}], [{"uri": "untitled:1", "position": {"line": 0, "character": 0}, "language": "cobol"}]]
)
async def test_arguments_that_mean_nothing_are_refused(connection: Connection, arguments: list[object]) -> None:
    await connection.initialize()
    connection.open(CALL)
    assert (await execute(connection, *arguments))["error"]["code"] == INVALID_PARAMS


async def test_only_who_can_copy_is_offered_it(connection: Connection) -> None:
    await connection.initialize(textDocument=ACTIONS, experimental={"enzymeClipboard": True})
    connection.open(CALL)
    found = await copies(connection)
    assert [one["kind"].rpartition(".")[2] for one in found] == ["copyPython", "copyRust"]
    assert "edit" not in found[0]
    command = found[0]["command"]
    assert command["command"] == "enzyme-lsp.builderCode"
    answer = await execute(connection, *command["arguments"])
    assert answer["result"].startswith("v0 = enzyme.autodiff(")
    other = Connection()
    await other.initialize(textDocument=ACTIONS)
    other.open(CALL)
    assert await copies(other) == []
    await other.close()


async def execute(connection: Connection, *arguments: object) -> Message:
    params = {"command": "enzyme-lsp.builderCode", "arguments": list(arguments)}
    return await connection.request("workspace/executeCommand", params)


async def copies(connection: Connection) -> list[Message]:
    at = {"line": 2, "character": 10}
    kinds = ["refactor.rewrite.enzyme.copyPython", "refactor.rewrite.enzyme.copyRust"]
    asked = {
        "textDocument": {"uri": "untitled:1"},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "only": kinds},
    }
    return (await connection.request("textDocument/codeAction", asked))["result"]


async def test_lenses_are_those_that_the_client_can_run(connection: Connection) -> None:
    commands = {"commands": ["enzyme-lsp.showReferences", "enzyme-lsp.showLowering", 7]}
    result = await connection.initialize(experimental={"commands": commands})
    assert "codeLensProvider" in result["capabilities"]
    connection.open(CALL)
    found = (await connection.request("textDocument/codeLens", {"textDocument": {"uri": "untitled:1"}}))["result"]
    assert [(one["command"]["title"], one["command"]["command"]) for one in found] == [
        ("1 derivative", "enzyme-lsp.showReferences"),
        ("Lower", "enzyme-lsp.showLowering"),
    ]
    assert found[0]["command"]["arguments"] == [
        {
            "uri": "untitled:1",
            "position": {"line": 0, "character": 18},
            "ranges": [{"start": {"line": 2, "character": 23}, "end": {"line": 2, "character": 25}}],
        }
    ]
    assert found[1]["command"]["arguments"] == [{"uri": "untitled:1", "symbol": "d"}]


async def test_differentiate_names_the_actions_that_it_offers(connection: Connection) -> None:
    await connection.initialize(experimental={"commands": {"commands": ["enzyme-lsp.showActions"]}})
    connection.open(CALL)
    (lens,) = (await connection.request("textDocument/codeLens", {"textDocument": {"uri": "untitled:1"}}))["result"]
    (argument,) = lens["command"]["arguments"]
    assert (lens["command"]["title"], argument["position"]) == ("Differentiate", {"line": 1, "character": 10})
    assert "refactor.rewrite.enzyme.reverse" in argument["only"]


@pytest.mark.parametrize("declared", [None, {}, {"commands": {"commands": ["editor.other"]}}, {"commands": 7}], ids=str)
async def test_who_can_run_none_is_not_told_of_lenses(connection: Connection, declared: object) -> None:
    result = await connection.initialize(experimental=declared)
    assert "codeLensProvider" not in result["capabilities"]


async def test_a_pipeline_that_is_being_typed(connection: Connection) -> None:
    await connection.initialize()
    connection.open("func.func private @square(f64) -> f64\n")
    text = 'nosuch{label="😀"},enzyme-wrap{infn=sq}'
    at = len(text.encode("utf-16-le")) // 2 - 1
    document = {"uri": "untitled:1"}
    asked = {"textDocument": document, "text": text, "character": at}
    found = (await connection.request("enzyme/pipeline", asked))["result"]
    meaning = "makes a derivative of one function, without an operation that asks for it"
    assert found["passes"][1] == {"name": "enzyme-wrap", "start": 19, "end": 30, "meaning": meaning}
    assert found["problems"] == [{"start": 0, "end": 6, "message": "Enzyme has no pass nosuch"}]
    (square,) = found["completions"]
    assert square == {
        "label": "square", "insert": "square", "start": at - 2, "end": at, "detail": "", "documentation": "",
    }  # fmt: skip
    assert (await connection.request("enzyme/pipeline", {"text": ""}))["result"]["completions"][0]["label"] == "enzyme"
    assert "result" in await connection.request("enzyme/pipeline", {"text": "\ud800", "character": 10**9})


@pytest.mark.parametrize(
    "params",
    [None, 7, {}, {"text": 1}, {"text": "", "character": "1"}, {"text": "", "textDocument": {"uri": "untitled:2"}}],
    ids=str,
)
async def test_what_is_no_pipeline_text_is_refused(connection: Connection, params: object) -> None:
    await connection.initialize()
    assert (await connection.request("enzyme/pipeline", params))["error"]["code"] == INVALID_PARAMS
