"""Properties of navigation: any text is navigated, and the places that mean the same say so of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp.features import definition, highlights, links, outline, references
from enzyme_lsp.features.call_hierarchy import alone
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.workspace import Workspace
from tests.fuzz.test_syntax import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.features.answers import OutlineItem
    from enzyme_lsp.workspace.snapshot import Snapshot


def opened(text: bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:1", text))


@settings(deadline=None, max_examples=60)
@given(TEXTS, st.data())
def test_places_that_mean_the_same_say_so_of_each_other(text: bytes, drawn: st.DataObject) -> None:
    snapshot = opened(text)
    offset = drawn.draw(st.integers(0, len(text)))
    asked = occurrences.at(snapshot, offset)
    found = references.references(snapshot, offset, include_definitions=True)
    defined = [link.name for link in definition.definition(snapshot.fact(alone), snapshot, offset)]
    assert list(found) == sorted(set(found))
    assert asked is None or asked.number is not None or asked.span in found
    for span in found:
        assert 0 <= span.start < span.end <= len(text)
        there = occurrences.at(snapshot, span.start)
        assert there is not None
        assert there.span == span
        assert asked is not None
        assert there.target == asked.target
        assert [link.name for link in definition.definition(snapshot.fact(alone), snapshot, span.start)] == defined
    definition.type_definition(snapshot, offset)
    highlights.highlights(snapshot, offset)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_an_outline_is_nested_and_its_names_are_in_it(text: bytes) -> None:
    snapshot = opened(text)
    links.links(snapshot.fact(alone), snapshot)
    _hold(outline.outline(snapshot), 0, len(text))


def _hold(items: Iterable[OutlineItem], first: int, last: int) -> None:
    for item in items:
        assert item.name
        assert first <= item.span.start <= item.name_span.start <= item.name_span.end <= item.span.end <= last
        _hold(item.children, item.span.start, item.span.end)
