"""Properties of syntax: any bytes give a layout, a tree and problems; an edited layout equals a fresh one."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp.checks import CHECKS, syntax_problems
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.features.message_places import message_places
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.problems import problems
from enzyme_lsp.syntax.tokens import tokenize
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification import modules
from enzyme_lsp.workspace.workspace import Workspace
from tests.samples import SAMPLES

# Pieces of MLIR and of noise that, put together, reach the branches that random bytes never would.
_FRAGMENTS = (
    b"func.func @f(%x: f64) -> f64 {\n",
    b"  return %x : f64\n",
    b"}\n",
    b"module {\n",
    b"module @m attributes {a = 1} {\n",
    b"\n// -----\n",
    b"// comment {\n",
    b'"a.b"(%x) ({\n',
    b"}) : (f64) -> f64\n",
    b"#map = affine_map<(d0) -> (d0)>\n",
    b"%0 = enzyme.autodiff @f(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = []} : (f64, f64) -> f64\n",
    b"%a, %b:2 =",
    b"^bb0(%y: i32):\n",
    b"{-# x #-}\n",
    b'"unterminated\n',
    b"<{",
    b"}>",
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"->",
    b"=",
    b"@",
    b"%",
    b"#",
    b"!",
    b"^",
    b"loc(",
    b'loc("a":1:2)',
    b"\r\n",
    b"\r",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\x00",
    b"\x0c",
    b"\x0b",
    b"enzyme.fwddiff",
    b"@f",
    b"<activity = [#enzyme.activity<enzyme_dup>]>",
    b"llvm.mlir.global",
    b"attributes",
    b"  ",
    b"\n",
)


def _cut(sample: tuple[bytes, int]) -> bytes:
    text, at = sample
    return text[: at % (len(text) + 1)]


TEXTS = st.one_of(
    st.binary(max_size=80),
    st.lists(st.sampled_from(_FRAGMENTS), max_size=24).map(b"".join),
    st.tuples(st.sampled_from(SAMPLES), st.integers(0, 100_000)).map(_cut),
)


@given(TEXTS)
def test_any_text_is_covered_by_its_tokens(text: bytes) -> None:
    tokens = tokenize(text)
    spans = sorted([*zip(tokens.starts, tokens.ends, strict=True), *tokens.comments])
    behind = 0
    for start, end in spans:
        assert start >= behind
        assert end > start
        assert not text[behind:start].strip(b" \t\r\n\x00")
        behind = end
    assert not text[behind:].strip(b" \t\r\n\x00")


@given(TEXTS)
def test_any_text_has_a_tree_whose_operations_nest(text: bytes) -> None:
    tree = parse(text)
    behind = 0
    for operation in tree.operations:
        assert operation.first >= behind
        assert operation.last > operation.first
        behind = operation.last
    assert behind == len(tree.tokens)
    for operation in tree.walk():
        for region in operation.regions:
            for block in region.blocks:
                for inner in block.operations:
                    assert operation.span.covers(inner.span)


@given(TEXTS)
def test_any_text_is_in_pieces_in_order(text: bytes) -> None:
    layout = Layout.of(text)
    behind = 0
    for index, piece in enumerate(layout.pieces):
        span = layout.span(index)
        assert span.start >= behind
        assert span.of(text) == piece.text
        assert len(piece.text) > 0
        behind = span.end
    assert layout.sections[0].span.start == 0
    assert layout.sections[-1].span.end == len(text)
    assert len(layout.sections) == 1 + sum(piece.kind is PieceKind.MARKER for piece in layout.pieces)


@given(TEXTS)
def test_any_text_is_checked(text: bytes) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:any", text))
    found = [*syntax_problems.check(snapshot), *(one for check in CHECKS for one in check.run(snapshot))]
    for one in found:
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert one.message
        assert "\n" not in one.message


@settings(max_examples=400)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 40), TEXTS), min_size=1, max_size=5))
def test_an_edited_layout_equals_a_fresh_one(text: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    workspace = Workspace(Settings())
    document = Document.of("untitled:any", text)
    together = Workspace(Settings())
    for opened in (workspace.open(document), together.open(document)):
        assert opened.layout == Layout.of(text)  # laid out before the edits, which otherwise begin afresh
    edits: list[Edit] = []
    for version, (at, length, new) in enumerate(changes):
        start = at % (len(document.data) + 1)
        edit = Edit(Span(start, min(start + length, len(document.data))), new)
        document = document.edited(edit, version=version)
        edits.append(edit)
        one_by_one = workspace.change(document, [edit])
        assert one_by_one.is_laid_out
        assert one_by_one.layout == Layout.of(document.data)
    snapshot = together.change(document, edits)
    assert snapshot.is_laid_out
    assert snapshot.layout == Layout.of(document.data)


@given(st.sampled_from(SAMPLES), st.integers(0, 100_000))
def test_a_sample_cut_at_any_byte_is_checked(text: bytes, at: int) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:cut", text[: at % (len(text) + 1)]))
    for check in CHECKS:
        list(check.run(snapshot))
    list(syntax_problems.check(snapshot))


@given(TEXTS, st.integers(0, 10_000))
def test_any_text_can_be_asked_about(text: bytes, at: int) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:any", text))
    for one in diagnostics(snapshot, None):
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert snapshot.document.lines.position(one.span.start, "utf-8").line0 == (
            snapshot.document.lines.position(one.span.end, "utf-8").line0
        )
    for span in message_places(snapshot, at % (len(text) + 1)).values():
        assert 0 <= span.start <= span.end <= len(text)


@given(TEXTS)
def test_what_is_sent_has_the_lines_of_any_text(text: bytes) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:any", text))
    for section in snapshot.sections:
        sent = modules.whole(snapshot, section, frozenset({"a", "enzyme"}))
        assert sent.text.count(b"\n") == section.span.of(text).count(b"\n")
        plain = modules.whole(snapshot, section, frozenset())
        assert len(plain.text) == len(section.span)
    for index, piece in enumerate(snapshot.layout.pieces):
        if piece.kind in (PieceKind.ITEM, PieceKind.ALIAS):
            alone = modules.some(snapshot, [index], frozenset({"a"}))
            assert alone is None or alone.offset(alone.parts[0].first_line, 1) is not None


def test_hostile_nesting_costs_no_more_than_its_length() -> None:
    values = b"return " + b",\n ".join(b"%%a%d" % number for number in range(8_000))
    indented = b"".join(b" " * (number % 997) + b"{\n" for number in range(2_000))
    closed = b"".join(b" " * (number % 991) + b"}\n" for number in range(3_000))
    for text in (values, indented + closed, b"(" * 12_000 + b"]" * 12_000, b"%a,\n" * 12_000):
        start = time.process_time()
        problems(Piece(PieceKind.ITEM, text, 0))
        # A quadratic step would take half a minute; a slow machine does not.
        assert time.process_time() - start < 8
