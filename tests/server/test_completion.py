"""Completion on the wire: what each client gets of one list, and documentation when it asks for that of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.server.connection import Connection

TEXT = """\
func.func @f(%x: f64) -> f64 {
  return %x : f64
}
func.func @d(%x: f64, %dr: f64) -> f64 { // 😀
  %0 = enzyme.autodiff @
  return %x : f64
}
"""
HERE: Any = {"textDocument": {"uri": "untitled:1"}, "position": {"line": 4, "character": 24}}
EVERYTHING: Any = {
    "textDocument": {
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "insertReplaceSupport": True,
                "labelDetailsSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
            },
            "completionList": {"itemDefaults": ["editRange"]},
        }
    }
}


def at(character: int, end: int | None = None) -> dict[str, Any]:
    behind = character if end is None else end
    return {"start": {"line": 4, "character": character}, "end": {"line": 4, "character": behind}}


async def test_a_client_that_takes_everything(connection: Connection):
    result = await connection.initialize(**EVERYTHING)
    provider = result["capabilities"]["completionProvider"]
    assert provider["triggerCharacters"] == ["@", "%", "^", "#", "!", ".", "<", "{", ",", ":", " "]
    assert provider["resolveProvider"] is True
    connection.open(TEXT)
    found = (await connection.request("textDocument/completion", HERE))["result"]
    assert found["itemDefaults"] == {"editRange": {"insert": at(23, 24), "replace": at(23, 24)}}
    whole, plain = found["items"][:2]
    assert whole["textEditText"] == (
        "@f(${1:%x}, ${2:%dr}) {activity = [#enzyme<activity ${3|enzyme_active,enzyme_const|}>], ret_activity = "
        "[#enzyme<activity ${4|enzyme_activenoneed,enzyme_active,enzyme_const,enzyme_constnoneed|}>]\\} : "
        "(f64, f64) -> ${5:f64}"
    )
    assert whole["insertTextFormat"] == 2
    assert plain["label"] == plain["textEditText"] == "@f"
    assert plain["labelDetails"] == {"description": "(f64) -> f64"}
    assert "insertTextFormat" not in plain
    resolved = (await connection.request("completionItem/resolve", whole))["result"]
    assert resolved["documentation"]["kind"] == "markdown"
    assert "reverse mode" in resolved["documentation"]["value"]
    assert resolved["textEditText"] == whole["textEditText"]


async def test_a_client_that_declares_nothing(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    found = (await connection.request("textDocument/completion", HERE))["result"]
    assert "itemDefaults" not in found
    whole, plain = found["items"][:2]
    assert whole["textEdit"]["range"] == at(23, 24)
    assert whole["textEdit"]["newText"].startswith("@f(%x, %dr) {activity = [#enzyme<activity enzyme_active>]")
    assert plain["detail"] == "(f64) -> f64"
    assert "labelDetails" not in plain
    resolved = (await connection.request("completionItem/resolve", whole))["result"]
    assert resolved["documentation"]["kind"] == "plaintext"


async def test_two_ranges_in_the_middle_of_a_word(connection: Connection):
    both: Any = {"textDocument": {"completion": {"completionItem": {"insertReplaceSupport": True}}}}
    await connection.initialize(**both)
    connection.open(TEXT.replace("enzyme.autodiff @", "enzyme.autodiff @fgh"))
    place: Any = {**HERE, "position": {"line": 4, "character": 25}}
    _, one = (await connection.request("textDocument/completion", place))["result"]["items"]
    assert one["textEdit"] == {"newText": "@f", "insert": at(23, 25), "replace": at(23, 27)}


async def test_what_was_left_in_the_data_by_another_server(connection: Connection):
    await connection.initialize()
    item = {"label": "x", "data": {"page": 1}}
    assert (await connection.request("completionItem/resolve", item))["result"] == item
