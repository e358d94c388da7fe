"""Folding and selection ranges on the wire, as each client can take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.server.connection import replacement

if TYPE_CHECKING:
    from tests.server.connection import Connection

TEXT = """\
// RUN: opt %s
// RUN: opt %s --enzyme
func.func @f(%x: f64) -> f64 {
  %0 = "test.😀"(%x) {a = [1,
    2]} : (f64) -> f64
  return %0 : f64
}
// -----
func.func private @g()
"""
DOCUMENT = {"uri": "untitled:1"}
ASKED = {"textDocument": DOCUMENT}


def folding(**capabilities: object) -> Any:
    return {"textDocument": {"foldingRange": capabilities}}


async def test_lines_alone(connection: Connection):
    result = await connection.initialize(**folding(lineFoldingOnly=True))
    assert result["capabilities"]["foldingRangeProvider"] is True
    connection.open(TEXT)
    found = (await connection.request("textDocument/foldingRange", ASKED))["result"]
    # The `}` of the function stays in sight.
    assert found == [
        {"startLine": 0, "endLine": 1, "kind": "comment"},
        {"startLine": 1, "endLine": 6, "kind": "region"},
        {"startLine": 2, "endLine": 5},
        {"startLine": 3, "endLine": 4},
        {"startLine": 7, "endLine": 8, "kind": "region"},
    ]


async def test_columns(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    found = (await connection.request("textDocument/foldingRange", ASKED))["result"]
    # What stands between the brackets is hidden. The emoji takes two units of UTF-16.
    assert found[2:4] == [
        {"startLine": 2, "startCharacter": 30, "endLine": 6, "endCharacter": 0},
        {"startLine": 3, "startCharacter": 22, "endLine": 4, "endCharacter": 6},
    ]


async def test_no_more_than_the_client_takes(connection: Connection):
    await connection.initialize(**folding(lineFoldingOnly=True, rangeLimit=3))
    connection.open(TEXT)
    found = (await connection.request("textDocument/foldingRange", ASKED))["result"]
    assert [one["startLine"] for one in found] == [0, 1, 7]


async def test_selections_of_several_cursors(connection: Connection):
    result = await connection.initialize()
    assert result["capabilities"]["selectionRangeProvider"] is True
    connection.open(TEXT)
    asked = {**ASKED, "positions": [{"line": 3, "character": 17}, {"line": 8, "character": 0}]}
    first, second = (await connection.request("textDocument/selectionRange", asked))["result"]
    assert first["range"] == replacement(3, 17, 3, 19, "")["range"]
    assert second["range"] == replacement(8, 0, 8, 9, "")["range"]
    for outer in (first, second):
        while "parent" in outer:
            outer = outer["parent"]  # noqa: PLW2901  # Up to the last one.
        assert outer["range"] == replacement(0, 0, 9, 0, "")["range"]
