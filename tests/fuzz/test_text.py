"""Properties of the text layer over any bytes and any edits; must not know MLIR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.line_index import Encoding, LineIndex, Position
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

encodings = st.sampled_from(("utf-8", "utf-16", "utf-32"))
# Few letters, many line ends: collisions of CR and LF at the borders of edits are what goes wrong.
characters = st.sampled_from(["a", "\n", "\r", "\r\n", "é", "→", "😀", "\u2028", "\f", "\ud83d", "\ude00"])
texts = st.lists(characters, max_size=30).map("".join)
valid = texts.map(lambda text: text.encode(errors="surrogatepass"))
any_bytes = st.one_of(st.binary(max_size=40), valid)


@st.composite
def edits(draw: st.DrawFn, size: int, new: st.SearchStrategy[bytes] = any_bytes) -> Edit:
    start = draw(st.integers(0, size))
    return Edit(Span(start, draw(st.integers(start, size))), draw(new))


@st.composite
def edit_sets(draw: st.DrawFn, size: int) -> EditSet:
    bounds = sorted(draw(st.lists(st.integers(0, size), max_size=8)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return EditSet(Edit(Span(start, end), draw(any_bytes)) for start, end in pairs)


@given(any_bytes, st.data())
def test_an_edited_index_equals_a_fresh_one(data: bytes, drawn: st.DataObject) -> None:
    lines = LineIndex.of(data)
    for _ in range(drawn.draw(st.integers(1, 5))):
        edit = drawn.draw(edits(len(data)))
        data = edit.apply(data)
        lines = lines.edited(edit, data)
        assert lines == LineIndex.of(data)


@given(st.integers(0, 3000), st.data())
def test_an_edited_index_of_many_blocks_equals_a_fresh_one(count: int, drawn: st.DataObject) -> None:
    data = drawn.draw(st.sampled_from([b"a\n", b"\r", b"\r\n", b"\n"])) * count
    lines = LineIndex.of(data)
    for _ in range(3):
        many = st.integers(0, 1500).map(lambda length: b"b\n" * length)
        edit = drawn.draw(edits(len(data), st.one_of(any_bytes, many)))
        data = edit.apply(data)
        lines = lines.edited(edit, data)
        fresh = LineIndex.of(data)
        assert lines == fresh
        assert lines.line_count == fresh.line_count
        line0 = drawn.draw(st.integers(0, lines.line_count))
        assert lines.line_span(line0) == fresh.line_span(line0)
        offset = drawn.draw(st.integers(0, len(data)))
        assert lines.position(offset, "utf-16") == fresh.position(offset, "utf-16")


@given(any_bytes)
def test_lines_and_their_terminators_make_the_text(data: bytes) -> None:
    lines = LineIndex.of(data)
    spans = [lines.line_span(line0) for line0 in range(lines.line_count)]
    assert [span.of(data) for span in spans] == data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    assert spans[-1].end == len(data)


@given(any_bytes, st.integers(-3, 50), encodings)
def test_any_offset_has_a_position_that_leads_to_a_fixed_point(data: bytes, offset: int, encoding: Encoding) -> None:
    lines = LineIndex.of(data)
    position = lines.position(offset, encoding)
    settled = lines.offset(position, encoding)
    assert 0 <= settled <= len(data)
    assert lines.position(settled, encoding) == position


@given(any_bytes, st.data(), encodings)
def test_the_ends_of_a_span_are_where_each_alone_is(data: bytes, drawn: st.DataObject, encoding: Encoding) -> None:
    lines, span = LineIndex.of(data), drawn.draw(edits(len(data))).span
    alone = lines.position(span.start, encoding), lines.position(span.end, encoding)
    assert lines.positions(span, encoding) == alone


@given(any_bytes, st.integers(-3, 50), st.integers(-3, 50), encodings)
def test_any_position_is_clamped_into_the_text(data: bytes, line0: int, column: int, encoding: Encoding) -> None:
    lines = LineIndex.of(data)
    offset = lines.offset(Position(line0, column), encoding)
    assert 0 <= offset <= len(data)
    clamped = lines.position(offset, encoding)
    assert clamped.line0 == min(max(line0, 0), lines.line_count - 1)
    # Bytes that begin no character have no column of their own, so that these two need not be equal.
    assert lines.offset(clamped, encoding) <= offset


@given(texts, encodings, st.data())
def test_positions_count_as_clients_do(text: str, encoding: Encoding, drawn: st.DataObject) -> None:
    """Against a client that splits its own text at line ends and encodes the part before the cursor."""
    index = drawn.draw(st.integers(0, len(text)))
    before = text[:index]
    if before.endswith("\r") and text[index:].startswith("\n"):
        before = before[:-1]
    # A client whose strings are UTF-16 sees two surrogates side by side as one character.
    units: dict[str, Callable[[str], int]] = {
        "utf-8": lambda line: len(line.encode(errors="surrogatepass")),
        "utf-16": lambda line: len(line.encode("utf-16-le", errors="surrogatepass")) // 2,
        "utf-32": len,
    }
    head = before.replace("\r\n", "\n").replace("\r", "\n")
    line0, line = head.count("\n"), head.rpartition("\n")[2]
    offset = len(before.encode(errors="surrogatepass"))
    lines = LineIndex.of(text.encode(errors="surrogatepass"))
    position = Position(line0, units[encoding](line))
    assert lines.position(offset, encoding) == position
    assert lines.offset(position, encoding) == offset


@given(texts, texts)
def test_a_document_keeps_any_text(old: str, new: str) -> None:
    document = Document.of("made-up:1", old)
    edited = document.edited(Edit.between(document.data, new.encode(errors="surrogatepass")), version=7)
    assert edited.data.decode(errors="surrogatepass") == new
    assert edited == Document.of("made-up:1", new, version=7)
    assert edited.lines == LineIndex.of(edited.data)


@given(any_bytes, any_bytes)
def test_the_edit_between_two_texts_is_small_and_right(old: bytes, new: bytes) -> None:
    edit = Edit.between(old, new)
    assert edit.apply(old) == new
    removed = edit.span.of(old)
    assert not removed or not edit.new or (removed[0] != edit.new[0] and removed[-1] != edit.new[-1])


@given(any_bytes, st.data())
def test_a_set_of_edits_equals_its_edits_from_the_last_to_the_first(data: bytes, drawn: st.DataObject) -> None:
    cuts = sorted(drawn.draw(st.lists(st.integers(0, len(data)), max_size=8).filter(lambda cuts: len(cuts) % 2 == 0)))
    some = [Edit(Span(start, end), drawn.draw(any_bytes)) for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
    one_by_one = data
    for edit in sorted(some, key=lambda edit: edit.span, reverse=True):
        one_by_one = edit.apply(one_by_one)
    # Insertions at one offset keep the order in which they were given; this loop gives them reversed.
    if len({edit.span for edit in some}) == len(some):
        assert EditSet(some).apply(data) == one_by_one
        document = Document.of("untitled:1", data).edited_at_once(EditSet(some), version=1)
        assert (document.data, document.lines) == (one_by_one, LineIndex.of(one_by_one))


@given(any_bytes, st.data())
def test_two_sets_of_edits_are_one(data: bytes, drawn: st.DataObject) -> None:
    first = drawn.draw(edit_sets(len(data)))
    between = first.apply(data)
    later = drawn.draw(edit_sets(len(between)))
    assert first.then(later, between).apply(data) == later.apply(between)


@given(any_bytes, st.data())
def test_no_edits_change_nothing_before_or_after_others(data: bytes, drawn: st.DataObject) -> None:
    some = drawn.draw(edit_sets(len(data)))
    assert EditSet(()).then(some, data).apply(data) == some.apply(data)
    assert some.then(EditSet(()), some.apply(data)).apply(data) == some.apply(data)
