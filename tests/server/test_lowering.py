"""Lowering on the wire: stages as answers, and as read-only documents that follow their source."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.lowering.wish import Wish
from enzyme_lsp.server.previews import Preview
from tests.engines import scripted
from tests.server.connection import NO_ENGINE, Connection, Message, insertion
from tests.server.test_workspace_files import in_folders

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

REQUEST_FAILED, INVALID_PARAMS, CONTENT_MODIFIED, CANCELED = -32803, -32602, -32801, -32800
SCRIPTED: Any = {**NO_ENGINE, "engine": {"kind": "command", "command": scripted.command(), "workers": 1}}
CONTENT: Any = {"workspace": {"textDocumentContent": {}}}
TEXT = """\
// RUN: enzymemlir-opt %s --cse | FileCheck %s
// RUN: cat %s
func.func @f() {
  return
}
"""


def asked(uri: str = "untitled:1", **fields: object) -> Message:
    return {"textDocument": {"uri": uri}, **fields}


def shown(stages: Iterable[Message]) -> list[tuple[str, bool, bool]]:
    return [(stage["name"], stage["changed"], bool(stage["text"])) for stage in stages]


async def test_stages_of_a_pipeline(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    answer = await connection.request("enzyme/lower", asked(pipeline="pass a,delay 0,pass b"))
    result = answer["result"]
    assert (result["outcome"], result["engine"], result["failed"], result["detail"]) == (
        "accepted",
        "scripted 1",
        "",
        "",
    )
    assert shown(result["stages"]) == [
        ("input", True, True),
        ("pass a", True, True),
        ("delay 0", False, False),
        ("pass b", True, True),
    ]
    last = result["stages"][-1]
    assert last["text"].startswith("// b\n// a\n")
    assert len(last["lines"]) == last["text"].count("\n")
    for stages, texts in (("last", [False, False, False, True]), ("all", [True] * 4)):
        answer = await connection.request("enzyme/lower", asked(pipeline="pass a,delay 0,pass b", stages=stages))
        assert [one[2] for one in shown(answer["result"]["stages"])] == texts


async def test_a_pass_that_fails_is_a_result(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    result = (await connection.request("enzyme/lower", asked(pipeline="pass a,bad,pass b")))["result"]
    assert (result["outcome"], result["failed"], result["detail"]) == ("rejected", "bad", "this pass fails")
    assert [one["name"] for one in result["stages"]] == ["input", "pass a"]
    problem = {"severity": "error", "message": "this pass fails", "line": 0, "character": 0}
    assert result["problems"] == [problem]
    result = (await connection.request("enzyme/lower", asked(pipeline="pass a,segfault,pass b")))["result"]
    assert (result["outcome"], result["failed"]) == ("crashed", "segfault")
    assert [one["name"] for one in result["stages"]] == ["input", "pass a"]


async def test_without_an_engine_that_is_the_result(connection: Connection) -> None:
    await connection.initialize()
    connection.open(TEXT)
    result = (await connection.request("enzyme/lower", asked()))["result"]
    assert (result["outcome"], result["stages"]) == ("unavailable", [])
    assert result["detail"] == "no engine is used, as `engine.kind` or `engine.files` says"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"preset": "simplfy"}, "there is no preset simplfy; did you mean simplify?"),
        ({"pipeline": "a("}, "the pipeline cannot be read at character 1: the parenthesis behind this is never closed"),
        ({"runLine": 2}, "RUN line 2 is not lowered: there is no program of the mlir-opt family in it"),
        ({"symbol": "@g"}, "there is no symbol @g"),
        ({"section": 3}, "there is no section 3; the document has 1"),
    ],
)
async def test_a_wish_that_means_nothing(connection: Connection, fields: Message, message: str) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    error = (await connection.request("enzyme/lower", asked(**fields)))["error"]
    assert (error["code"], error["message"]) == (REQUEST_FAILED, message)


@pytest.mark.parametrize(
    "params",
    [
        None,
        7,
        {},
        asked("untitled:9"),
        asked(section="1"),
        asked(pipeline=1),
        asked(stages="none"),
        {"textDocument": 1},
    ],
    ids=str,
)
async def test_what_is_no_question(connection: Connection, params: object) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    assert (await connection.request("enzyme/lower", params))["error"]["code"] == INVALID_PARAMS


async def test_an_edit_ends_a_lowering_and_so_does_the_client(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    number = connection.ask("enzyme/lower", asked(pipeline="hang"))
    await asyncio.sleep(0.05)
    connection.change(insertion(2, 0, "\n"))
    assert (await connection.answer(number))["error"]["code"] == CONTENT_MODIFIED
    number = connection.ask("enzyme/lower", asked(pipeline="hang"))
    await asyncio.sleep(0.05)
    connection.notify("$/cancelRequest", {"id": number})
    assert (await connection.answer(number))["error"]["code"] == CANCELED
    result = (await connection.request("enzyme/lower", asked(pipeline="pass a")))["result"]
    assert result["outcome"] == "accepted"


async def test_pipelines_that_can_be_offered(connection: Connection) -> None:
    await connection.initialize()
    connection.open(TEXT)
    found = (await connection.request("enzyme/pipelines", asked()))["result"]["pipelines"]
    assert found[0] == {
        "where": "preset",
        "name": "differentiate",
        "meaning": "What Enzyme makes of differentiation ops, as it is",
        "pipeline": "enzyme",
        "reason": "",
    }
    assert [(one["name"], one["pipeline"], bool(one["reason"])) for one in found if one["where"] == "run line"] == [
        ("1", "cse", False),
        ("2", "", True),
    ]


async def test_pipelines_of_the_settings(connection: Connection) -> None:
    own = {"lowering": {"pipelines": ["mine: pass a, pass b", "bad: cse{", "no name"]}}
    await connection.initialize(settings={**SCRIPTED, **own})
    connection.open(TEXT)
    found = (await connection.request("enzyme/pipelines", asked()))["result"]["pipelines"]
    mine = [(one["name"], one["pipeline"]) for one in found if one["where"] == "setting"]
    assert mine == [("mine", "pass a, pass b"), ("bad", "cse{")]
    result = (await connection.request("enzyme/lower", asked(preset="mine")))["result"]
    assert [one["name"] for one in result["stages"]] == ["input", "pass a", "pass b"]
    error = (await connection.request("enzyme/lower", asked(preset="bad")))["error"]
    assert error["message"] == "the pipeline cannot be read at character 4: this brace is never closed"


async def test_a_document_shows_a_stage_and_follows_its_source(connection: Connection) -> None:
    result = await connection.initialize(settings=SCRIPTED, **CONTENT)
    assert result["capabilities"]["workspace"]["textDocumentContent"] == {"schemes": ["enzyme-lowered"]}
    connection.open(TEXT)
    stages = (await connection.request("enzyme/lower", asked(pipeline="pass a,pass b")))["result"]["stages"]
    uri = stages[1]["uri"]
    assert uri.startswith("enzyme-lowered:/1?")

    async def content() -> str:
        return (await connection.request("workspace/textDocumentContent", {"uri": uri}))["result"]["text"]

    assert await content() == stages[1]["text"]

    def refreshed() -> list[Message]:
        method = "workspace/textDocumentContent/refresh"
        return [one["params"] for one in connection.received if one.get("method") == method]

    connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
    await connection.request("enzyme/lower", asked(pipeline="pass a,pass b"))
    assert refreshed() == []  # nothing has changed
    connection.change(insertion(3, 2, "scripted.error\n  "))
    connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
    await connection.until(lambda: bool(refreshed()))
    assert refreshed() == [{"uri": uri}]
    text = await content()
    assert text.startswith("// from before the last change: custom op 'scripted.error' is unknown\n// a\n")
    assert text.partition("\n")[2] == stages[1]["text"]
    connection.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:1"}})
    assert (await content()).startswith("// from before the last change: the source is not open\n")


async def test_a_document_follows_the_newest_save(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **CONTENT)
    connection.open(TEXT)
    uri = Preview("untitled:1", Wish(pipeline="delay 0.3")).uri
    shown = (await connection.request("workspace/textDocumentContent", {"uri": uri}))["result"]["text"]
    for version, line in ((2, "// one\n"), (3, "// two\n")):
        connection.change(insertion(0, 0, line), version=version)
        connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
        await asyncio.sleep(0.05)
    method = "workspace/textDocumentContent/refresh"
    await connection.notification(method)
    newest = (await connection.request("workspace/textDocumentContent", {"uri": uri}))["result"]["text"]
    assert newest == f"// two\n// one\n{shown}"
    assert [one["params"] for one in connection.received if one.get("method") == method] == [{"uri": uri}]


async def test_an_edit_while_a_document_is_made(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **CONTENT)
    connection.open(TEXT)
    number = connection.ask(
        "workspace/textDocumentContent", {"uri": Preview("untitled:1", Wish(pipeline="delay 0.2")).uri}
    )
    await asyncio.sleep(0.1)
    connection.change(insertion(0, 0, "// one\n"))
    assert (await connection.answer(number))["result"]["text"] == f"// one\n{TEXT}"


async def test_a_document_that_cannot_be_made_says_why(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **CONTENT)
    connection.open(TEXT)
    for preview, text in (
        (Preview("untitled:1", Wish(pipeline="bad")), "// not lowered: bad failed: this pass fails\n"),
        (Preview("untitled:1", Wish(preset="x")), "// not lowered: there is no preset x\n"),
        (Preview("untitled:1", Wish(pipeline="pass a"), 7), "// not lowered: there is no stage 7; there are 2\n"),
        (Preview("untitled:2", Wish()), "// not lowered: the source is not open\n"),
    ):
        answer = await connection.request("workspace/textDocumentContent", {"uri": preview.uri})
        assert answer["result"]["text"] == text
    for uri in ("enzyme-lowered:/x", "enzyme-lowered:/x?{", 'enzyme-lowered:/x?{"source":1}', "file:///x", ""):
        error = (await connection.request("workspace/textDocumentContent", {"uri": uri}))["error"]
        assert error["code"] == REQUEST_FAILED


def test_a_uri_says_all_of_a_preview() -> None:
    for preview in (
        Preview("file:///a%20b/c.mlir", Wish(2, "f", "", 'x{a="b c"}', None), 3),
        Preview("untitled:1", Wish(run_line=4)),
        Preview("file:///a.mlir", Wish(0, "", "llvm"), 0),
    ):
        assert Preview.read(preview.uri) == preview


async def test_pipelines_of_the_settings_are_trusted_where_the_user_trusts_the_workspace(
    connection: Connection,
) -> None:
    own = {"lowering": {"pipelines": ["mine: trusted,pass a"]}}
    await connection.initialize(settings={**SCRIPTED, **own}, experimental={"enzymeTrusted": True})
    connection.open(TEXT)
    result = (await connection.request("enzyme/lower", asked(preset="mine")))["result"]
    assert [one["name"] for one in result["stages"]] == ["input", "trusted", "pass a"]
    result = (await connection.request("enzyme/lower", asked(pipeline="trusted,pass a")))["result"]
    assert (result["outcome"], result["detail"]) == ("rejected", "trusted is not run for this text")


@pytest.mark.parametrize("declared", [{}, {"enzymeTrusted": False}, {"enzymeTrusted": 1}], ids=str)
async def test_else_they_are_not(connection: Connection, declared: Message) -> None:
    own = {"lowering": {"pipelines": ["mine: trusted,pass a"]}}
    await connection.initialize(settings={**SCRIPTED, **own}, experimental=declared)
    connection.open(TEXT)
    result = (await connection.request("enzyme/lower", asked(preset="mine")))["result"]
    assert (result["outcome"], result["detail"]) == ("rejected", "trusted is not run for this text")


async def test_pipelines_of_a_project_are_never_trusted(tmp_path: Path) -> None:
    (tmp_path / "enzyme-lsp.toml").write_text('lowering.pipelines = ["theirs: trusted", "mine: trusted,pass b"]\n')
    uri = f"{tmp_path.as_uri()}/a.mlir"
    trusts: Any = {"experimental": {"enzymeTrusted": True}}
    async with in_folders(tmp_path.as_uri(), **trusts) as connection:
        own = {"lowering": {"pipelines": ["mine: trusted,pass a"]}}
        connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": {**SCRIPTED, **own}}})
        connection.open(TEXT, uri=uri)
        result = (await connection.request("enzyme/lower", asked(uri, preset="theirs")))["result"]
        assert (result["outcome"], result["detail"]) == ("rejected", "trusted is not run for this text")
        result = (await connection.request("enzyme/lower", asked(uri, preset="mine")))["result"]
        assert [one["name"] for one in result["stages"]] == ["input", "trusted", "pass a"]


async def test_a_lowering_has_a_deadline_of_its_own(connection: Connection) -> None:
    settings: Any = {**SCRIPTED, "engine": {**SCRIPTED["engine"], "deadlineS": 0.3}}
    await connection.initialize(settings={**settings, "lowering": {"deadlineS": 5}})
    connection.open(TEXT)
    result = (await connection.request("enzyme/lower", asked(pipeline="delay 0.6")))["result"]
    assert result["outcome"] == "accepted"
    connection.notify(
        "workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": {**settings, "lowering": {"deadlineS": 0.2}}}}
    )
    result = (await connection.request("enzyme/lower", asked(pipeline="delay 0.7")))["result"]
    assert (result["outcome"], result["detail"]) == ("timed out", "no answer in 0.2 s")


@pytest.mark.parametrize(
    ("trouble", "outcome", "detail"),
    [
        ("kill", "crashed", "SIGKILL"),
        ("hang", "timed out", "no answer in 0.3 s"),
        ("allocate 4000", "crashed", "the memory limit of 600 MB (engine.memoryMb) was reached"),
    ],
)
async def test_what_ends_the_worker_costs_one_answer(
    connection: Connection, trouble: str, outcome: str, detail: str
) -> None:
    limited = {"engine": {**SCRIPTED["engine"], "memoryMb": 600}, "lowering": {"deadlineS": 0.3}}
    await connection.initialize(settings={**SCRIPTED, **limited})
    connection.open(TEXT)
    result = (await connection.request("enzyme/lower", asked(pipeline=f"pass a,{trouble},pass b")))["result"]
    assert result["outcome"] == outcome
    assert result["detail"].startswith(detail)
    result = (await connection.request("enzyme/lower", asked(pipeline="pass a,pass b")))["result"]
    assert (result["outcome"], len(result["stages"])) == ("accepted", 3)


def pass_problems(connection: Connection) -> list[tuple[str, int]]:
    """What is shown of passes, in the last report."""
    items = connection.published()[-1]["diagnostics"]
    return [(one["message"], one["range"]["start"]["line"]) for one in items if one["code"] == "pass-failed"]


async def test_a_saved_file_is_lowered_and_what_fails_is_shown_in_it(connection: Connection) -> None:
    own = {"lowering": {"onSave": "always", "onSavePipeline": "mine", "pipelines": ["mine: pass a,bad"]}}
    await connection.initialize(settings={**SCRIPTED, **own})
    connection.open(TEXT)
    await connection.quiet()
    assert pass_problems(connection) == []
    connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
    await connection.until(lambda: bool(pass_problems(connection)))
    assert pass_problems(connection) == [("bad fails: this pass fails", 0)]
    reports = len(connection.published())
    connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
    await connection.request("enzyme/lower", asked(preset="mine"))
    assert len(connection.published()) == reports  # nothing has changed
    connection.change(insertion(0, 0, "\n"))
    await connection.until(lambda: not pass_problems(connection))


async def test_a_saved_file_is_lowered_with_its_first_run_line(connection: Connection) -> None:
    await connection.initialize(settings={**SCRIPTED, "lowering": {"onSave": "always"}})
    connection.open("// RUN: enzymemlir-opt %s --bad | FileCheck %s\nfunc.func private @f()\n")
    await connection.quiet()
    connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
    await connection.until(lambda: bool(pass_problems(connection)))
    connection.open("// RUN: not enzymemlir-opt %s --bad | FileCheck %s\nfunc.func private @f()\n", version=2)
    connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
    await connection.request("enzyme/lower", asked(pipeline="pass a"))
    await connection.quiet()
    assert pass_problems(connection) == []


async def test_a_pipeline_for_saved_files_that_is_not_there_is_told_once(connection: Connection) -> None:
    await connection.initialize(settings={**SCRIPTED, "lowering": {"onSave": "always", "onSavePipeline": "mien"}})
    connection.open(TEXT)
    for _ in range(2):
        connection.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:1"}})
    logged = await connection.notification("window/logMessage", where=lambda one: "mien" in one["message"])
    assert logged["message"] == "1 was not lowered when it was saved: there is no preset mien"
    await connection.request("enzyme/lower", asked(pipeline="pass a"))
    assert sum("mien" in one.get("params", {}).get("message", "") for one in connection.received) == 1
