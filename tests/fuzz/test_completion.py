"""Properties of completion: it takes any text and place; what it offers replaces the word there, and stays on its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp.features.completion import completion, documentation
from enzyme_lsp.features.completion.excerpt import LONGEST, excerpt
from enzyme_lsp.features.completion.items import plain
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.workspace.workspace import Workspace
from tests.fuzz.test_checks import mutated
from tests.fuzz.test_syntax import TEXTS

if TYPE_CHECKING:
    from enzyme_lsp.features.completion.items import Completions


def asked(text: bytes, offset: int, trigger: str) -> Completions:
    return completion(Workspace(Settings()).open(Document.of("untitled:1", text)), offset, trigger)


@settings(max_examples=50, deadline=None)
@given(st.one_of(TEXTS, mutated()), st.data())
def test_any_place_of_any_text(text: bytes, data: st.DataObject):
    offset = data.draw(st.integers(0, len(text)))
    text = data.draw(st.sampled_from([text, text[:offset]]))
    found = asked(text, offset, data.draw(st.sampled_from(["", " ", "%", ","])))
    assert 0 <= found.word.start <= found.cursor == offset <= found.word.end <= len(text)
    word = found.word.of(text)
    assert b"\n" not in word
    assert b"\r" not in word
    labels = [one.label for one in found.items]
    assert len(labels) == len(set(labels))
    for one in found.items[:20]:
        assert plain(one.inserted)
        documentation(one.page)
        # What is changed elsewhere is apart from the word, so that an editor can do both.
        EditSet([*one.edits, Edit(found.word, b"")])


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.data())
def test_an_excerpt_keeps_what_is_next_to_the_place(text: bytes, data: st.DataObject):
    text = (text + b"\n") * (2 * LONGEST // (len(text) + 1) + 1)
    offset = data.draw(st.integers(0, len(text)))
    found = excerpt(text, offset)
    if found is None:
        return
    short, at = found
    assert short[at:].startswith(text[offset : offset + 500])
    assert short[:at].endswith(text[max(offset - 500, 0) : offset])
