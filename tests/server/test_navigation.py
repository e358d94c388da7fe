"""Navigation on the wire: what each client can take, columns in its encoding, other files, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.connection import Connection, Message, insertion

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = {"uri": "untitled:1"}
TEXT = """\
!t = f64
module @m {
  func.func @f(%x: !t) -> !t {
    "a.b"() {s = "😀"} : () -> () "my.use"(%x, %x) : (!t, !t) -> ()
    return %x : !t
  }
}
"""
BEFORE_USE = '    "a.b"() {s = "😀"} : () -> () "my.use"('
LINKS: Any = {
    "textDocument": {
        "definition": {"linkSupport": True},
        "declaration": {"linkSupport": True},
        "typeDefinition": {"linkSupport": True},
    }
}
NESTS: Any = {"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}}


def units(text: str) -> int:
    """The columns that a text takes."""
    return len(text.encode("utf-16-le")) // 2


def span(line: int, character: int, length: int) -> Message:
    return {"start": {"line": line, "character": character}, "end": {"line": line, "character": character + length}}


async def ask(connection: Connection, what: str, line: int, character: int, **more: object) -> Any:
    where = {"textDocument": DOCUMENT, "position": {"line": line, "character": character}, **more}
    answer = await connection.request(f"textDocument/{what}", where)
    assert "error" not in answer, answer
    return answer["result"]


async def test_it_is_offered(connection: Connection):
    capabilities = (await connection.initialize())["capabilities"]
    for what in ("definition", "declaration", "typeDefinition", "references", "documentHighlight", "documentSymbol"):
        assert capabilities[f"{what}Provider"], what
    assert capabilities["documentLinkProvider"] is not None


@pytest.mark.parametrize("what", ["definition", "declaration"])
async def test_a_client_without_links_gets_the_name(connection: Connection, what: str):
    await connection.initialize()
    connection.open(TEXT)
    found = await ask(connection, what, 3, units(BEFORE_USE) + 1)
    assert found == [{"uri": "untitled:1", "range": span(2, 15, 2)}]


@pytest.mark.parametrize("what", ["definition", "declaration"])
async def test_a_client_with_links_gets_what_was_asked_and_what_is_defined(connection: Connection, what: str):
    await connection.initialize(**LINKS)
    connection.open(TEXT)
    (found,) = await ask(connection, what, 3, units(BEFORE_USE) + 1)
    assert found["originSelectionRange"] == span(3, units(BEFORE_USE), 2)
    assert found["targetUri"] == "untitled:1"
    assert found["targetSelectionRange"] == span(2, 15, 2)
    assert found["targetRange"] == {"start": {"line": 2, "character": 2}, "end": {"line": 5, "character": 3}}


@pytest.mark.parametrize("capabilities", [{}, LINKS])
async def test_the_type_of_a_value(connection: Connection, capabilities: dict[str, object]):
    await connection.initialize(**capabilities)
    connection.open(TEXT)
    (found,) = await ask(connection, "typeDefinition", 3, units(BEFORE_USE))
    assert found.get("targetSelectionRange", found.get("range")) == span(0, 0, 2)


async def test_nothing_is_found(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    for what in ("definition", "declaration", "typeDefinition", "documentHighlight"):
        assert await ask(connection, what, 6, 1) == []
    assert await ask(connection, "references", 6, 1, context={"includeDeclaration": True}) == []


async def test_references_with_the_declaration_and_without(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    uses = [span(3, units(BEFORE_USE), 2), span(3, units(BEFORE_USE) + 4, 2), span(4, 11, 2)]
    found = await ask(connection, "references", 4, 12, context={"includeDeclaration": False})
    assert found == [{"uri": "untitled:1", "range": use} for use in uses]
    found = await ask(connection, "references", 4, 12, context={"includeDeclaration": True})
    assert [one["range"] for one in found] == [span(2, 15, 2), *uses]


async def test_highlights_are_reads_and_writes(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    found = await ask(connection, "documentHighlight", 2, 15)
    assert [one["kind"] for one in found] == [3, 2, 2, 2]


async def test_an_outline(connection: Connection):
    await connection.initialize(**NESTS)
    connection.open(TEXT)
    (module,) = (await connection.request("textDocument/documentSymbol", {"textDocument": DOCUMENT}))["result"]
    assert (module["name"], module["kind"], module["selectionRange"]) == ("m", 2, span(1, 7, 2))
    assert module["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 6, "character": 1}}
    assert module["children"] == [
        {
            "name": "f",
            "kind": 12,
            "detail": "(!t) -> !t",
            "range": {"start": {"line": 2, "character": 2}, "end": {"line": 5, "character": 3}},
            "selectionRange": span(2, 12, 2),
        }
    ]


async def test_a_client_that_nests_nothing_gets_a_list(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    found = (await connection.request("textDocument/documentSymbol", {"textDocument": DOCUMENT}))["result"]
    assert [(one["name"], one["kind"], one.get("containerName")) for one in found] == [("m", 2, None), ("f", 12, "m")]
    assert found[1]["location"]["range"]["start"] == {"line": 2, "character": 2}


async def test_another_file_of_the_workspace(connection: Connection):
    await connection.initialize()
    connection.open('"😀"() : () -> () func.func @g() {}', uri="file:///g.mlir")
    connection.open('"my.use"() {f = @g} : () -> ()')
    found = await ask(connection, "definition", 0, 17)
    assert found == [{"uri": "file:///g.mlir", "range": span(0, units('"😀"() : () -> () func.func '), 2)}]


async def test_a_place_that_a_location_records(connection: Connection, tmp_path: Path):
    (tmp_path / "a model.py").write_text("import jax")
    await connection.initialize(**LINKS)
    uri = (tmp_path / "test.mlir").as_uri()
    text = '"my.op"() : () -> () loc("a model.py":3:5)'
    connection.open(text, uri=uri)
    where = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": text.index("model")}}
    (found,) = (await connection.request("textDocument/definition", where))["result"]
    assert found["originSelectionRange"] == span(0, text.index('"a model'), len('"a model.py":3:5'))
    assert (found["targetUri"], found["targetRange"]) == ((tmp_path / "a model.py").as_uri(), span(2, 4, 0))
    links = (await connection.request("textDocument/documentLink", {"textDocument": {"uri": uri}}))["result"]
    assert links == [{"range": found["originSelectionRange"], "target": f"{found['targetUri']}#L3,5"}]


async def test_after_an_edit(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    connection.change(insertion(0, 0, "// note\n"), version=2)
    found = await ask(connection, "definition", 5, 11)
    assert found == [{"uri": "untitled:1", "range": span(3, 15, 2)}]


async def test_a_document_that_is_not_open(connection: Connection):
    await connection.initialize()
    for what in ("documentSymbol", "documentLink"):
        answer = await connection.request(f"textDocument/{what}", {"textDocument": DOCUMENT})
        assert answer["error"]["message"] == "untitled:1 is not open"
