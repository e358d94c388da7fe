"""The server's text is the client's, whatever is typed, in every encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp

from enzyme_lsp.server import decode
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.line_index import LineIndex
from tests.server.connection import Connection, insertion, replacement

if TYPE_CHECKING:
    from enzyme_lsp.text.line_index import Encoding


async def test_changes_of_one_notification_apply_in_sequence(connection: Connection) -> None:
    await connection.initialize()
    connection.open("one\ntwo\n")
    connection.change(insertion(0, 0, "zero\n"), replacement(1, 0, 1, 3, "1"), {"text": "new"}, insertion(0, 3, "!"))
    assert connection.text() == "new!"
    snapshot = connection.server.session.workspace.get("untitled:1")
    assert snapshot is not None
    assert snapshot.version == 2


@pytest.mark.parametrize(
    "uri", ["untitled:1", "vscode-vfs://github/a/b.mlir", "made-up:x?y#z", "file:///a%20b.mlir", "no uri"]
)
@pytest.mark.parametrize("language", ["mlir", "klingon", "cpp"])
async def test_any_uri_and_language_will_do(connection: Connection, uri: str, language: str) -> None:
    await connection.initialize()
    connection.open("a", uri=uri, language=language)
    connection.change(insertion(0, 1, "b"), uri=uri)
    snapshot = connection.server.session.workspace.get(uri)
    assert snapshot is not None
    assert (snapshot.document.data, snapshot.document.language_id) == (b"ab", language)
    connection.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    connection.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert connection.text(uri) is None


@pytest.mark.parametrize("text", ["", "\ufeffmodule {}", "a\r\nb\rc\nd", "no final newline", "\r", "\ud83d"])
async def test_any_text_is_kept_as_it_is(connection: Connection, text: str) -> None:
    await connection.initialize()
    connection.open(text)
    assert connection.text() == text
    connection.change(insertion(99, 99, "é"))
    assert connection.text() == text + "é"


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
async def test_columns_are_in_the_negotiated_encoding(connection: Connection, encoding: str, column: int) -> None:
    await connection.initialize(general={"positionEncodings": [encoding]})
    connection.open("😀b")
    connection.change(insertion(0, column, "a"))
    assert connection.text() == "😀ab"


async def test_a_range_that_ends_before_it_starts_is_an_insertion(connection: Connection) -> None:
    await connection.initialize()
    connection.open("abc")
    connection.change(replacement(0, 2, 0, 1, "-"))
    assert connection.text() == "ab-c"


async def test_a_change_of_a_document_that_is_not_open_is_ignored(connection: Connection) -> None:
    await connection.initialize()
    connection.change({"text": "x"})
    connection.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:1"}})
    assert connection.text() is None


async def test_opening_an_open_document_replaces_it(connection: Connection) -> None:
    await connection.initialize()
    connection.open("old", version=5)
    connection.open("new", version=1)
    connection.change(insertion(0, 3, "!"))
    assert connection.text() == "new!"


texts = st.lists(st.sampled_from(["a", "\n", "\r", "\r\n", "é", "😀"]), max_size=12).map("".join)
places = st.tuples(st.integers(0, 5), st.integers(0, 5))


@given(texts, st.lists(st.tuples(places, places, texts), max_size=6), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_many_changes_at_once_equal_them_one_by_one(
    text: str, drawn: list[tuple[tuple[int, int], tuple[int, int], str]], encoding: Encoding
) -> None:
    """The fast way for a rename is taken only where it gives what the slow way gives."""
    changes = [
        lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(*start), lsp.Position(*end)), new)
        for start, end, new in drawn
    ]

    def ends(change: lsp.TextDocumentContentChangePartial) -> tuple[int, int]:
        return change.range.end.line, change.range.end.character

    for many in (changes, sorted(changes, key=ends, reverse=True)):
        document = Document.of("untitled:1", text, version=2)
        slow = document
        for change in many:
            slow = slow.edited(decode.edit(slow, change, encoding), version=2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("enzyme_lsp.server.decode._MANY", 0)
            fast, edits = decode.changed(document, many, version=2, encoding=encoding)
        assert fast == slow
        assert fast.lines == LineIndex.of(slow.data)
        data = document.data
        for edit in edits:
            data = edit.apply(data)
        assert data == slow.data


def test_a_rename_of_thousands_of_uses_copies_the_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document.of("untitled:1", "%old = x\n" * 5000)
    changes = [
        lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(line, 1), lsp.Position(line, 4)), "new")
        for line in reversed(range(5000))
    ]
    monkeypatch.delattr(Document, "edited")
    after, edits = decode.changed(document, changes, version=2, encoding="utf-16")
    assert after.data == b"%new = x\n" * 5000
    assert len(edits) == 5000
