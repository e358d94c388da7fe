"""Lines and columns of small texts; the laws for all texts are in tests/fuzz/test_text.py."""

from __future__ import annotations

import time

import pytest

from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.line_index import Encoding, LineIndex, Position
from enzyme_lsp.text.span import Span


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\n\r", ["", "", ""]),
        ("a\r\r\n", ["a", "", ""]),
        # A form feed, a vertical tab, NEL and U+2028 end lines for `str.splitlines`, not for an editor.
        ("a\fb\vc\x85d\u2028e", ["a\fb\vc\x85d\u2028e"]),
    ],
)
def test_lines_end_as_the_protocol_says(text: str, lines: list[str]) -> None:
    document = Document.of("untitled:1", text)
    index = document.lines
    assert [document.text(index.line_span(line0)) for line0 in range(index.line_count)] == lines


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 9), ("utf-16", 6), ("utf-32", 5)])
def test_a_column_behind_an_emoji_depends_on_the_encoding(encoding: Encoding, column: int) -> None:
    data = 'x\n"😀é" %y'.encode()
    offset = data.index(b"%y")
    lines = LineIndex.of(data)
    assert lines.position(offset, encoding) == Position(1, column)
    assert lines.offset(Position(1, column), encoding) == offset


@pytest.mark.parametrize(("encoding", "columns"), [("utf-8", (1, 2, 3)), ("utf-16", (1,)), ("utf-32", ())])
def test_a_place_inside_a_character_is_its_start(encoding: Encoding, columns: tuple[int, ...]) -> None:
    lines = LineIndex.of("😀b".encode())
    assert [lines.offset(Position(0, column), encoding) for column in columns] == [0] * len(columns)


@pytest.mark.parametrize(
    ("position", "offset"),
    [
        (Position(0, 99), 2),
        (Position(1, 99), 6),
        (Position(2, 99), 7),
        (Position(99, 0), 7),
        (Position(99, 99), 7),
        (Position(-1, 1), 0),
        (Position(1, -1), 4),
    ],
)
def test_a_position_outside_is_clamped(position: Position, offset: int) -> None:
    assert LineIndex.of(b"ab\r\ncd\ne"[:7]).offset(position, "utf-16") == offset


def test_an_offset_between_cr_and_lf_is_the_end_of_the_line() -> None:
    assert LineIndex.of(b"ab\r\ncd").position(3, "utf-16") == Position(0, 2)


def test_a_byte_order_mark_is_one_character() -> None:
    assert LineIndex.of("\ufeffa".encode()).position(3, "utf-16") == Position(0, 1)


def test_an_edit_of_a_large_text_is_fast() -> None:
    """16 ms is a frame of the screen; an edit takes 0.3 ms here, so that a slow machine passes too."""
    line = b"  %0 = arith.mulf %x, %y : f64\n"
    document = Document.of("untitled:1", line * (7_400_000 // len(line)))
    spent_s: list[float] = []
    for version in range(9):
        started = time.perf_counter()
        middle = len(document.data) // 2
        document = document.edited(Edit(Span(middle, middle), b"x"), version=version)
        document.lines.position(middle, "utf-16")
        spent_s.append(time.perf_counter() - started)
    assert sorted(spent_s)[4] < 0.016
