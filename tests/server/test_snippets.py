"""A property of edits with stops: as snippets whose defaults are kept they make the text that they make without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp

from enzyme_lsp.features import code_actions
from enzyme_lsp.server import decode, encode
from enzyme_lsp.server.client import Client
from enzyme_lsp.server.snippets import snippets
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.document import encode as encoded
from enzyme_lsp.text.edit import Edit, EditSet, Stop
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fuzz.test_checks import mutated
from tests.fuzz.test_fixes import spoiled

if TYPE_CHECKING:
    from enzyme_lsp.text.line_index import Encoding

_STOP = re.compile(r"\$\{(\d+):((?:\\.|[^\\}])*)\}|\\(.)", re.DOTALL)


def expanded(snippet: str) -> str:
    """A snippet as it stands in the text when its user only accepts; a `$` of no stop is a mistake."""
    assert "$" not in re.sub(r"\\.", "", _STOP.sub("", snippet))
    return _STOP.sub(lambda match: match[3] or re.sub(r"\\(.)", r"\1", match[2]), snippet)


def defaults(snippet: str) -> list[tuple[str, str]]:
    return [(number, text) for number, text, _ in _STOP.findall(snippet) if number]


def applied(document: Document, edit: lsp.WorkspaceEdit, encoding: Encoding) -> tuple[bytes, list[tuple[str, str]]]:
    """The text that a client makes, and the stops that it leads through."""
    assert edit.document_changes is not None
    (change,) = edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    stops: list[tuple[str, str]] = []
    edits: list[Edit] = []
    for one in change.edits:
        is_snippet = isinstance(one, lsp.SnippetTextEdit)
        text = expanded(one.snippet.value) if is_snippet else one.new_text
        stops += defaults(one.snippet.value) if is_snippet else []
        edits.append(Edit(decode.span(document, one.range, encoding), encoded(text)))
    return EditSet(edits).apply(document.data), stops


@settings(deadline=None, max_examples=15)
@given(st.one_of(spoiled(), mutated()), st.data(), st.sampled_from(["utf-8", "utf-16"]))
def test_actions_make_the_same_text_with_stops_and_without(
    text: bytes, data: st.DataObject, encoding: Encoding
) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", text.decode("utf-8", "replace")))
    document = snapshot.document
    places = [match.start() for match in re.finditer(rb"func\.func|enzyme\.\w+ |\bcall ", document.data)] or [0]
    place = data.draw(st.sampled_from(places))
    plain = Client(encoding=encoding, edits_versions=True)
    led = Client(encoding=encoding, edits_versions=True, edits_with_stops=True)
    for action in code_actions.code_actions_with_edits(snapshot, Span(place, place), ("refactor",)):
        if action.edits is None:
            continue
        without, none = applied(document, encode.edits.workspace_edit(document, action.edits, plain), encoding)
        with_stops, stops = applied(document, encode.edits.workspace_edit(document, action.edits, led), encoding)
        assert without == with_stops == action.edits.apply(document.data)
        assert not none
        assert len({number for number, _ in stops}) == len(set(stops)), "one number has one text"


@settings(deadline=None, max_examples=50)
@given(
    st.text(st.sampled_from("a $}\\\r\n\t{😀")),
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 3), st.text(st.sampled_from("b$}\\\n {😀"), min_size=1)),
        max_size=4,
    ),
)
def test_any_edits(text: str, drawn: list[tuple[int, int, str]]) -> None:
    data, edits, behind = encoded(text), list[Edit](), 0
    for start, size, new in drawn:
        begin = min(behind + start, len(text))
        end = min(begin + size, len(text))
        behind = end
        span = Span(len(encoded(text[:begin])), len(encoded(text[:end])))
        middle = len(encoded(new[: len(new) // 2]))
        stops = (Stop(Span(middle, len(encoded(new))), len(edits) + 1),)
        edits.append(Edit(span, encoded(new), stops=stops))
    made = [Edit(span, encoded(expanded(snippet))) for span, snippet in snippets(data, edits)]
    assert EditSet(made).apply(data) == EditSet(edits).apply(data)
    numbers = [number for _, snippet in snippets(data, edits) for number, _ in defaults(snippet)]
    assert numbers == [str(number + 1) for number in range(len(edits))]


def test_edits_of_several_lines_begin_with_their_line() -> None:
    data = b"  call @f // $\n"
    edits = [Edit(Span(2, 2), b"%0 = "), Edit(Span(7, 9), b"@g\n  done", stops=(Stop(Span(1, 2), 1),))]
    assert [*snippets(data, edits)] == [(Span(0, 9), "  %0 = call @${1:g}\n  done")]
