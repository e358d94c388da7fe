"""Read-only documents that show what a pipeline makes of a text: they are asked like files, and lead to their source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.lowering.wish import Wish
from enzyme_lsp.server.previews import Preview
from tests.engines import scripted
from tests.server.connection import NO_ENGINE, Connection, Message, insertion

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST_FAILED, INVALID_PARAMS = -32803, -32602
SCRIPTED: Any = {**NO_ENGINE, "engine": {"kind": "command", "command": scripted.command(), "workers": 1}}
REAL: Any = {"engine": {"workers": 1}, "diagnostics": {"debounceMs": 0, "idleMs": 0}}
LINKS: Any = {
    "workspace": {"textDocumentContent": {}},
    "textDocument": {"definition": {"linkSupport": True}, "implementation": {"linkSupport": True}},
}
URI = "untitled:1"
TEXT = """\
func.func @f(%x: f64) -> f64 {
  %y = math.sin %x : f64
  return %y : f64
}
func.func @df(%x: f64, %t: f64) -> f64 {
  %dx = enzyme.fwddiff @f(%x, %t) {
    activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %dx : f64
}
"""
DIFFERENTIATED = """\
module {
  func.func @f(%x: f64) -> f64 {
    %y = math.sin %x : f64
    return %y : f64
  }
  func.func @df(%x: f64, %t: f64) -> f64 {
    %0 = call @fwddiffef(%x, %t) : (f64, f64) -> f64
    return %0 : f64
  }
  func.func private @fwddiffef(%x: f64, %x_0: f64) -> f64 {
    %0 = math.cos %x : f64
    %1 = arith.mulf %x_0, %0 : f64
    %y = math.sin %x : f64
    return %1 : f64
  }
}
"""


async def content(connection: Connection, uri: str) -> str:
    return (await connection.request("workspace/textDocumentContent", {"uri": uri}))["result"]["text"]


async def source_map(connection: Connection, uri: str) -> Message:
    return (await connection.request("enzyme/sourceMap", {"uri": uri}))["result"]


def at(uri: str, text: str, words: str) -> Message:
    """The place at which some words of a text begin, the first of them."""
    before = text[: text.index(words)]
    position = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
    return {"textDocument": {"uri": uri}, "position": position}


def reached(found: list[Message], texts: dict[str, str]) -> Iterator[str]:
    """The words at which links lead, and the line in which they stand, from 1."""
    for link in found:
        start, end = link["targetSelectionRange"]["start"], link["targetSelectionRange"]["end"]
        line0: int = start["line"]
        line = texts[link["targetUri"]].splitlines()[line0]
        yield f"{line0 + 1}: {line[start['character'] : end['character']]}"


@pytest.mark.usefixtures("classic")
async def test_a_lowered_text_leads_to_its_source_and_back(connection: Connection) -> None:
    await connection.initialize(settings=REAL, **LINKS)
    connection.open(TEXT)
    uri = Preview(URI, Wish(preset="differentiate")).uri
    text = await content(connection, uri)
    assert text == DIFFERENTIATED
    lines = [-1, 0, 1, 2, -1, 4, 5, 8, -1, 0, 1, 1, 1, 2, -1, -1]
    assert await source_map(connection, uri) == {"source": URI, "lines": lines, "stale": False}
    for words, target in (
        ("%y = math.sin", "2: %y = math.sin %x : f64"),
        ("cos %x", "2: %y = math.sin %x : f64"),
        ("%0 : f64\n    %y", "2: %y = math.sin %x : f64"),
        ("call @", "6: %dx = enzyme.fwddiff @f(%x, %t) {"),
        ("@fwddiffef(%x, %t)", "1: @f"),
        ("@fwddiffef(%x: f64", "1: @f"),
        ("@df", "5: @df"),
        ("return %1", "3: return %y : f64"),
        ("}\n}", None),
    ):
        answer = await connection.request("textDocument/definition", at(uri, text, words))
        assert [*reached(answer["result"], {URI: TEXT})] == ([target] if target else []), words
    answer = await connection.request("textDocument/implementation", at(URI, TEXT, "@f("))
    assert [*reached(answer["result"], {URI: TEXT, uri: text})] == ["6: enzyme.fwddiff", "10: @fwddiffef"]


@pytest.mark.usefixtures("classic")
async def test_places_of_the_source_follow_its_edits(connection: Connection) -> None:
    await connection.initialize(settings=REAL, **LINKS)
    connection.open(TEXT)
    uri = Preview(URI, Wish(symbol="f", preset="differentiate")).uri
    text = await content(connection, uri)
    connection.change(insertion(0, 0, "// one\n"))
    assert await source_map(connection, uri) == {"source": URI, "lines": [-1, 1, 2, 3, -1, -1], "stale": True}
    answer = await connection.request("textDocument/definition", at(uri, text, "math.sin"))
    assert [*reached(answer["result"], {URI: f"// one\n{TEXT}"})] == ["3: %y = math.sin %x : f64"]
    connection.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert await source_map(connection, uri) == {"source": URI, "lines": [-1, 0, 1, 2, -1, -1], "stale": True}


@pytest.mark.usefixtures("classic")
async def test_a_broken_source_leaves_the_last_good_text_and_its_places(connection: Connection) -> None:
    await connection.initialize(settings=REAL, **LINKS)
    connection.open(TEXT)
    uri = Preview(URI, Wish(symbol="f", preset="differentiate")).uri
    good = await content(connection, uri)
    connection.change(insertion(1, 2, "%z = arith.addf %x,\n  "))
    stale = await content(connection, uri)
    header, _, rest = stale.partition("\n")
    assert header.startswith("// from before the last change: ")
    assert rest == good
    assert await source_map(connection, uri) == {"source": URI, "lines": [-1, -1, 0, 2, 3, -1, -1], "stale": True}
    connection.change(insertion(0, 0, TEXT), version=3)
    connection.change({"text": TEXT}, version=4)
    assert await content(connection, uri) == good
    assert await source_map(connection, uri) == {"source": URI, "lines": [-1, 0, 1, 2, -1, -1], "stale": False}


@pytest.mark.usefixtures("classic")
async def test_the_difference_of_two_stages_is_a_document(connection: Connection) -> None:
    await connection.initialize(settings=REAL, **LINKS)
    connection.open(TEXT)
    asked = {"textDocument": {"uri": URI}, "pipeline": "cse,enzyme,canonicalize"}
    stages = (await connection.request("enzyme/lower", asked))["result"]["stages"]
    assert stages[0]["diff"] == ""
    uri = stages[2]["diff"]
    assert uri.startswith("enzyme-lowered:/1.diff?")
    text = await content(connection, uri)
    assert text.startswith("--- cse\n+++ enzyme\n@@ -4,7 +4,13 @@\n")
    assert "\n+    %0 = math.cos %x : f64\n" in text
    places = await source_map(connection, uri)
    by_line = dict(zip(text.splitlines(), places["lines"], strict=True))
    assert by_line["+    %0 = math.cos %x : f64"] == 1
    assert by_line["+    %0 = call @fwddiffef(%x, %t) : (f64, f64) -> f64"] == 5
    assert by_line["-    return %dx : f64"] == 8
    assert [by_line[line] for line in text.splitlines()[:3]] == [-1, -1, -1]
    answer = await connection.request("textDocument/definition", at(uri, text, "+    %0 = math.cos"))
    assert [*reached(answer["result"], {URI: TEXT})] == ["2: %y = math.sin %x : f64"]
    same = Preview(URI, Wish(pipeline="cse,enzyme,canonicalize"), 1, against=0).uri
    assert await content(connection, same) == "// input and cse are the same\n"


async def test_what_only_reads_is_answered_without_opening(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **LINKS)
    connection.open(TEXT)
    uri = Preview(URI, Wish(pipeline="delay 0")).uri
    document = {"textDocument": {"uri": uri}}
    assert (await connection.request("textDocument/documentSymbol", document))["error"]["code"] == INVALID_PARAMS
    text = await content(connection, uri)
    found = (await connection.request("textDocument/documentSymbol", document))["result"]
    assert [one["name"] for one in found] == ["f", "df"]
    assert (await connection.request("textDocument/foldingRange", document))["result"]
    assert (await connection.request("textDocument/semanticTokens/full", document))["result"]["data"]
    assert (await connection.request("textDocument/hover", at(uri, text, "enzyme.fwddiff")))["result"]["contents"]
    symbol = at(uri, text, "@f(%x, ")
    highlights = (await connection.request("textDocument/documentHighlight", symbol))["result"]
    assert [one["range"]["start"]["line"] for one in highlights] == [0, 5]


async def test_nothing_can_be_changed_in_what_only_we_make(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **LINKS)
    connection.open(TEXT)
    uri = Preview(URI, Wish(pipeline="delay 0")).uri
    text = await content(connection, uri)
    item = {"uri": uri, "languageId": "mlir", "version": 1, "text": "nonsense("}
    connection.notify("textDocument/didOpen", {"textDocument": item})
    connection.change(insertion(0, 0, "more nonsense"), uri=uri)
    place = at(uri, text, "@f")
    options = {"tabSize": 2, "insertSpaces": True}
    for method, params in (
        ("textDocument/prepareRename", place),
        ("textDocument/rename", {**place, "newName": "@g"}),
        ("textDocument/completion", place),
        ("textDocument/formatting", {**place, "options": options}),
    ):
        answer = await connection.request(method, params)
        assert answer["result"] is None, method
    assert await content(connection, uri) == text
    assert connection.published(uri) == []


async def test_a_source_map_of_what_was_never_read_or_lowered(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **LINKS)
    connection.open(TEXT)
    bad = Preview(URI, Wish(pipeline="bad")).uri
    for uri in (bad, "file:///x", "enzyme-lowered:/x", ""):
        error = (await connection.request("enzyme/sourceMap", {"uri": uri}))["error"]
        assert error["code"] == REQUEST_FAILED
    assert (await connection.request("enzyme/sourceMap", {"uri": 1}))["error"]["code"] == INVALID_PARAMS
    assert await content(connection, bad) == "// not lowered: bad failed: this pass fails\n"
    assert await source_map(connection, bad) == {"source": URI, "lines": [-1], "stale": True}
    answer = await connection.request("textDocument/definition", at(bad, "// not", "//"))
    assert answer["result"] == []
