"""Diagnostics as people see them: carets under the right cells, nothing that a terminal would obey."""

from __future__ import annotations

from rich.cells import cell_len

from enzyme_lsp.checks.diagnostic import Diagnostic, FilePlace, Note, Severity
from enzyme_lsp.cli.excerpt import excerpt
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from tests.fixture import check_expect


def shown(text: str | bytes, span: Span, *notes: Note, message: str = "wrong", width: int = 60) -> str:
    diagnostic = Diagnostic(span, Severity.ERROR, "code", message, notes)
    lines = excerpt("file.mlir", Document.of("file:///file.mlir", text), diagnostic, width)
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)


def found(text: str, words: str) -> Span:
    start = text.encode(errors="surrogatepass").index(words.encode())
    return Span(start, start + len(words.encode()))


def test_carets_are_under_the_words():
    text = "module {\n  %x = arith.addf %y, %y : f64\n}\n"
    check_expect(
        shown(text, found(text, "arith.addf")),
        """
        error[code]: wrong
         --> file.mlir:2:8
          |
        2 |   %x = arith.addf %y, %y : f64
          |        ^^^^^^^^^^
        """,
    )


def test_notes_follow_where_they_are():
    text = "a\nb\n" * 6
    notes = (
        Note("a place in the text", Span(20, 21)),
        Note("a recorded place", file=FilePlace("model.py", 6, 4)),
        Note("no place,\nin two lines"),
    )
    check_expect(
        shown(text, Span(2, 3), *notes, message="two\nlines"),
        """
        error[code]: two
          lines
         --> file.mlir:2:1
          |
        2 | b
          | ^
        note: a place in the text
          --> file.mlir:11:1
           |
        11 | a
           | ^
        note: a recorded place
         --> model.py:7:5
        note: no place,
          in two lines
        """,
    )


def test_wide_characters_and_tabs_take_the_cells_they_take():
    text = '\t"漢字 é e\u0301" nope\n'
    check_expect(
        shown(text, found(text, "nope")),
        """
        error[code]: wrong
         --> file.mlir:1:12
          |
        1 |     "漢字 é é" nope
          |                ^^^^
        """,
    )


def test_what_a_terminal_would_obey_or_hide_is_made_visible():
    text = '"\x1b[2J\x07\x7f\x9b\u202e\u200b\ud800" nope [bold]\n'
    check_expect(
        shown(text, found(text, "nope"), message="[red]\x1b[0m", width=80),
        """
        error[code]: [red]␛[0m
         --> file.mlir:1:14
          |
        1 | "␛[2J␇␡<U+009B><U+202E><U+200B>���" nope [bold]
          |                                     ^^^^
        """,
    )


def test_bytes_that_are_no_text_are_shown_as_such():
    assert "1 | \N{REPLACEMENT CHARACTER} x" in shown(b"\xff x", Span(2, 3))


def test_a_long_line_is_shown_around_the_place():
    text = f"{'before ' * 100}nope{' after' * 100}\n"
    check_expect(
        shown(text, found(text, "nope")),
        """
        error[code]: wrong
         --> file.mlir:1:701
          |
        1 | …ore before before before nope after after after after …
          |                           ^^^^
        """,
    )


def test_a_place_that_is_too_long_shows_its_beginning():
    text = f"{'x' * 50}{'y' * 500}\n"
    check_expect(
        shown(text, Span(50, 550), width=30),
        """
        error[code]: wrong
         --> file.mlir:1:51
          |
        1 | …yyyyyyyyyyyyyyyyyyyyyyyy…
          |  ^^^^^^^^^^^^^^^^^^^^^^^^
        """,
    )


def test_the_beginning_of_a_long_line_has_no_ellipsis_on_the_left():
    line = shown("nope" + " after" * 100, Span(0, 4)).splitlines()[3]
    assert line.startswith("1 | nope after")
    assert line.endswith("…")


def test_no_line_of_an_excerpt_is_wider_than_the_terminal():
    text = "漢" * 400 + "\n"
    for start in range(0, 1200, 3):
        for line in shown(text, Span(start, start + 30), width=50).splitlines():
            assert cell_len(line) <= 50, line


def test_an_empty_place_and_one_at_the_end_get_a_caret():
    assert shown("ab\n", Span(1, 1)).splitlines()[4] == "  |  ^"
    assert shown("ab", Span(2, 2)).splitlines()[4] == "  |   ^"
    assert shown("ab\n", Span(3, 3)).splitlines()[1:] == [" --> file.mlir:2:1", "  |", "2 |", "  | ^"]


def test_a_place_over_several_lines_is_marked_to_the_end_of_the_first():
    assert shown("ab\ncd\n", Span(1, 5)).splitlines()[3:] == ["1 | ab", "  |  ^"]


def test_a_line_of_megabytes_is_not_read_whole():
    text = b"x" * 20_000_000
    document = Document.of("file:///file.mlir", text)
    diagnostic = Diagnostic(Span(10_000_000, 10_000_004), Severity.HINT, "code", "wrong")
    lines = [line.plain for line in excerpt("file.mlir", document, diagnostic, 40)]
    assert lines[0] == "hint[code]: wrong"
    assert cell_len(lines[3]) <= 40


def test_the_compilers_words_name_the_compiler():
    document = Document.of("file:///file.mlir", "x")
    diagnostic = Diagnostic(Span(0, 1), Severity.WARNING, "code", "wrong", source="enzyme-ad 0.0.15")
    assert next(excerpt("file.mlir", document, diagnostic, 80)).plain == "warning[code]: wrong (enzyme-ad 0.0.15)"
