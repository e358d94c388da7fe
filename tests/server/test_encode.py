"""What a client sees of a diagnostic depends on what it says it can show."""

from __future__ import annotations

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
        encoding: encode.range(DOCUMENT, X, encoding).start.character for encoding in ("utf-8", "utf-16", "utf-32")
    }
    assert columns == {"utf-8": 7, "utf-16": 5, "utf-32": 4}


def test_notes_are_related_places_for_a_client_that_shows_them() -> None:
    shown = encode.diagnostic(DOCUMENT, FOUND, Client(shows_related=True))
    related = shown.related_information or ()
    assert shown.message == "no x"
    assert [(each.message, each.location.uri, each.location.range.start.line) for each in related] == [
        ("there", "untitled:1", 1),
        ("once", "file:///old%20file.mlir", 3),
        ("somewhere", "untitled:1", 0),
    ]


def test_notes_are_in_the_message_for_any_other() -> None:
    shown = encode.diagnostic(DOCUMENT, FOUND, Client())
    assert shown.message == "no x\nnote: there\nnote: once\nnote: somewhere"
    assert shown.related_information is None


def test_the_code_is_a_link_for_a_client_that_opens_it() -> None:
    shown = encode.diagnostic(DOCUMENT, FOUND, Client(shows_page=True))
    assert shown.code_description is not None
    assert shown.code_description.href.startswith("file://")
    assert shown.code_description.href.endswith("#unknown-callee")
    assert encode.diagnostic(DOCUMENT, FOUND, Client()).code_description is None


def test_the_rest_is_for_every_client() -> None:
    shown = encode.diagnostic(DOCUMENT, FOUND, Client())
    assert (shown.severity, shown.code, shown.source, shown.data) == (2, "unknown-callee", "enzyme-lsp", None)
