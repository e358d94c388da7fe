"""Edits of small texts; the laws for all texts are in tests/fuzz/test_text.py."""

from __future__ import annotations

import pytest

from enzyme_lsp.text.document import Document, decode, encode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span


def test_an_edit_says_how_far_it_moves_what_follows() -> None:
    edit = Edit(Span(1, 3), b"xyz")
    assert (edit.apply(b"abcd"), edit.delta, edit.new_span) == (b"axyzd", 1, Span(1, 4))


def test_edits_of_a_set_speak_of_the_same_text() -> None:
    edits = EditSet([Edit(Span(3, 4), b"D"), Edit(Span(0, 1), b""), Edit(Span(1, 1), b"-")])
    assert edits.apply(b"abcd") == b"-bcD"


def test_edits_that_overlap_are_a_bug() -> None:
    with pytest.raises(ValueError, match="overlap"):
        EditSet([Edit(Span(0, 2), b""), Edit(Span(1, 3), b"")])


@pytest.mark.parametrize(
    ("old", "new", "edit"),
    [
        (b"aa", b"a", Edit(Span(1, 2), b"")),
        (b"abcd", b"abXcd", Edit(Span(2, 2), b"X")),
        (b"same", b"same", Edit(Span(4, 4), b"")),
        (b"", b"new", Edit(Span(0, 0), b"new")),
    ],
)
def test_the_edit_between_two_texts_leaves_what_they_share(old: bytes, new: bytes, edit: Edit) -> None:
    assert Edit.between(old, new) == edit


def test_half_an_emoji_is_kept_and_can_be_shown() -> None:
    document = Document.of("untitled:1", "a\ud83db")
    assert document.lines.position(4, "utf-16").column == 2
    assert document.text(Span(0, 5)) == "a\ufffd\ufffd\ufffdb"


def test_edits_one_after_the_other_stay_apart_where_they_are_apart() -> None:
    first = EditSet([Edit(Span(0, 1), b"AA"), Edit(Span(3, 3), b"-")])
    later = EditSet([Edit(Span(5, 5), b"+"), Edit(Span(6, 7), b"")])
    assert first.then(later, first.apply(b"abcdef")) == EditSet(
        [Edit(Span(0, 1), b"AA"), Edit(Span(3, 3), b"-+"), Edit(Span(4, 5), b"")]
    )


def test_edits_take_over_the_line_ends_of_their_text() -> None:
    edits = EditSet([Edit(Span(0, 0), b"a\nb\r\nc\rd\n")])
    assert edits.in_line_ends_of(b"x\r\ny\n") == EditSet([Edit(Span(0, 0), b"a\r\nb\r\nc\rd\r\n")])
    assert edits.in_line_ends_of(b"x\ry\r") == EditSet([Edit(Span(0, 0), b"a\rb\r\nc\rd\r")])
    assert edits.in_line_ends_of(b"x\ny\r\n") is edits
    assert edits.in_line_ends_of(b"x\ry\n") is edits
    assert edits.in_line_ends_of(b"\n") is edits
    assert edits.in_line_ends_of(b"x") is edits


def test_what_was_encoded_can_be_decoded() -> None:
    for text in ("a\ud83db", "é😀"):
        assert decode(encode(text)) == text
    assert decode(b"a\xff\xfeb") == "a\ufffd\ufffdb"
