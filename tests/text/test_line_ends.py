"""Where lines begin and end, whatever ends them."""

from __future__ import annotations

import pytest

from enzyme_lsp.text.line_ends import line_end, line_start, lines_of, next_line


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_line_ends_where_the_next_one_begins(end: str):
    lines = ["a", "", "bc", "d"]
    data = end.join(lines).encode()
    at = 0
    for number, line in enumerate(lines):
        inside = at + len(line)
        assert line_start(data, inside) == at
        assert line_end(data, at) == inside
        at = next_line(data, at)
        assert at == (len(data) if number == 3 else inside + len(end))
    assert lines_of(data.decode()) == lines


def test_line_ends_of_all_sorts_in_one_text():
    data = b"a\rb\nc\r\nd"
    assert [line_start(data, at) for at in (0, 2, 4, 7)] == [0, 2, 4, 7]
    assert [line_end(data, at) for at in (0, 2, 4, 7)] == [1, 3, 5, 8]
    assert lines_of("a\rb\nc") == ["a\rb", "c"]
