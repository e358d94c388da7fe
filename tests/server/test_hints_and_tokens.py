"""Inlay hints, signature help and semantic tokens on the wire."""

from __future__ import annotations

from typing import Any

from tests.server.connection import Connection, insertion

TEXT = """\
func.func @f(%x: f64) -> f64 {
  return %x : f64
}
func.func @d(%x: f64, %dx: f64) -> f64 { // 😀
  %0 = enzyme.fwddiff @f(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
  return %0 : f64
}
"""
DOCUMENT = {"uri": "untitled:1"}
ALL = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
PLACES: Any = {
    "textDocument": {"signatureHelp": {"signatureInformation": {"parameterInformation": {"labelOffsetSupport": True}}}}
}


async def test_hints_stand_before_their_operands(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    found = (await connection.request("textDocument/inlayHint", {"textDocument": DOCUMENT, "range": ALL}))["result"]
    assert [(one["position"]["line"], one["position"]["character"], one["label"]) for one in found] == [
        (4, 4, ": tangent 0"),
        (4, 25, "primal x:"),
        (4, 29, "shadow x:"),
    ]
    assert [one["kind"] for one in found] == [1, 2, 2]
    lines = {"start": {"line": 0, "character": 0}, "end": {"line": 3, "character": 0}}
    answer = await connection.request("textDocument/inlayHint", {"textDocument": DOCUMENT, "range": lines})
    assert answer["result"] == []


async def test_the_active_parameter_is_marked_by_its_place(connection: Connection):
    result = await connection.initialize(**PLACES)
    assert result["capabilities"]["signatureHelpProvider"]["triggerCharacters"] == ["(", ",", "["]
    connection.open(TEXT)
    place = {"textDocument": DOCUMENT, "position": {"line": 4, "character": 29}}
    found = (await connection.request("textDocument/signatureHelp", place))["result"]
    (signature,) = found["signatures"]
    start, end = signature["parameters"][found["activeParameter"]]["label"]
    assert signature["label"][start:end] == "the shadow of %x: f64"


async def test_an_older_client_gets_the_words_of_parameters(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    place = {"textDocument": DOCUMENT, "position": {"line": 4, "character": 29}}
    found = (await connection.request("textDocument/signatureHelp", place))["result"]
    assert found["signatures"][0]["parameters"][1]["label"] == "the shadow of %x: f64"


async def test_tokens_and_then_what_changed(connection: Connection):
    result = await connection.initialize()
    provider = result["capabilities"]["semanticTokensProvider"]
    assert provider["full"] == {"delta": True}
    assert provider["range"] is True
    connection.open(TEXT)
    before = (await connection.request("textDocument/semanticTokens/full", {"textDocument": DOCUMENT}))["result"]
    kinds = provider["legend"]["tokenTypes"]
    assert [kinds[kind] for kind in before["data"][3:15:5]] == ["namespace", "function", "function"]
    connection.change(insertion(1, 2, "// note\n  "), version=2)
    asked = {"textDocument": DOCUMENT, "previousResultId": before["resultId"]}
    delta = (await connection.request("textDocument/semanticTokens/full/delta", asked))["result"]
    (edit,) = delta["edits"]
    assert len(edit["data"]) < len(before["data"]) / 4
    data = before["data"]
    data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
    again = (await connection.request("textDocument/semanticTokens/full", {"textDocument": DOCUMENT}))["result"]
    assert again["data"] == data


async def test_tokens_of_a_part(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    line = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 99}}
    asked = {"textDocument": DOCUMENT, "range": line}
    found = (await connection.request("textDocument/semanticTokens/range", asked))["result"]
    assert found["data"][:3] == [1, 2, len("return")]
    assert len(found["data"]) == 15
