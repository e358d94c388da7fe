"""What a client sees of a diagnostic depends on what it says it can show."""

from __future__ import annotations

import pytest

from enzyme_lsp.checks.diagnostic import Diagnostic, FilePlace, Note, Severity
from enzyme_lsp.server import encode
from enzyme_lsp.server.client import Client
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span

DOCUMENT = Document.of("untitled:1", '"😀" x\ny')
X = Span(DOCUMENT.data.index(b"x"), DOCUMENT.data.index(b"x") + 1)
Y = Span(len(DOCUMENT.data) - 1, len(DOCUMENT.data))
FOUND = Diagnostic(
    X,
    Severity.WARNING,
    "unknown-callee",
    "no x",
    (Note("there", Y), Note("once", file=FilePlace("/old file.mlir", 3, 5)), Note("somewhere")),
)


def test_columns_are_in_the_clients_encoding() -> None:
    columns = {
        encoding: encode.places.range(DOCUMENT, X, encoding).start.character
        for encoding in ("utf-8", "utf-16", "utf-32")
    }
    assert columns == {"utf-8": 7, "utf-16": 5, "utf-32": 4}


def test_notes_are_related_places_for_a_client_that_shows_them() -> None:
    shown = encode.problems.diagnostic(DOCUMENT, FOUND, Client(shows_related=True))
    related = shown.related_information or ()
    assert shown.message == "no x"
    assert [(each.message, each.location.uri, each.location.range.start.line) for each in related] == [
        ("there", "untitled:1", 1),
        ("once", "file:///old%20file.mlir", 3),
        ("somewhere", "untitled:1", 0),
    ]


def test_notes_are_in_the_message_for_any_other() -> None:
    shown = encode.problems.diagnostic(DOCUMENT, FOUND, Client())
    assert shown.message == "no x\nnote: there\nnote: once (/old file.mlir:4:6)\nnote: somewhere"
    assert shown.related_information is None


def location(path: str, uri: str) -> tuple[str, str]:
    """The document and the words of a note that records `path`."""
    document = Document.of(uri, "x")
    found = Diagnostic(Span(0, 1), Severity.ERROR, "code", "no", (Note("once", file=FilePlace(path, 3, 5)),))
    (related,) = encode.problems.diagnostic(document, found, Client(shows_related=True)).related_information or [None]
    assert related is not None
    return related.location.uri, related.message


@pytest.mark.parametrize(
    ("path", "uri", "leads_to"),
    [
        ("model.py", "file:///a%20b/c.mlir", "file:///a%20b/model.py"),
        ("./deep/../model.py", "file:///a/c.mlir", "file:///a/model.py"),
        ("../../../model #1?.py", "file:///a/b/c.mlir", "file:///model%20%231%3F.py"),
        ("model.py", "FILE://host/a/c.mlir", "FILE://host/a/model.py"),
        ("model.py", "file://[bad/c.mlir", "file://[bad/model.py"),
        ("/model.py", "file:///a/c.mlir", "file:///model.py"),
        ("/model.py", "untitled:1", "file:///model.py"),
        ("\ud800", "file:///a/c.mlir", "file:///a/%ED%A0%80"),
    ],
)
def test_a_recorded_file_is_looked_for_beside_the_document(path: str, uri: str, leads_to: str) -> None:
    assert location(path, uri) == (leads_to, "once")


@pytest.mark.parametrize("uri", ["untitled:1", "vscode-remote://host/a/c.mlir"])
def test_a_recorded_file_that_nobody_can_find_is_said_in_words(uri: str) -> None:
    assert location("model.py", uri) == (uri, "once (model.py:4:6)")


def test_the_code_is_a_link_for_a_client_that_opens_it() -> None:
    shown = encode.problems.diagnostic(DOCUMENT, FOUND, Client(shows_page=True))
    assert shown.code_description is not None
    assert shown.code_description.href.startswith("file://")
    assert shown.code_description.href.endswith("#unknown-callee")
    assert encode.problems.diagnostic(DOCUMENT, FOUND, Client()).code_description is None


def test_the_rest_is_for_every_client() -> None:
    shown = encode.problems.diagnostic(DOCUMENT, FOUND, Client())
    assert (shown.severity, shown.code, shown.source, shown.data) == (2, "unknown-callee", "enzyme-lsp", None)
