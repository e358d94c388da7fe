"""Spans: half-open stretches of bytes."""

from __future__ import annotations

import pytest

from enzyme_lsp.text.span import Span


def test_a_span_is_half_open() -> None:
    span = Span(2, 4)
    assert [offset for offset in range(6) if span.contains(offset)] == [2, 3]
    assert len(span) == 2
    assert span.of("aébc".encode()) == "\u00e9".encode()[1:] + b"b"


def test_touching_spans_do_not_overlap() -> None:
    assert not Span(0, 2).overlaps(Span(2, 4))
    assert Span(0, 3).overlaps(Span(2, 4))
    assert not Span(2, 2).overlaps(Span(0, 4))


def test_a_cursor_touches_what_it_stands_before_or_behind() -> None:
    assert all(Span(2, 4).touches(Span(offset, offset)) for offset in (2, 3, 4))
    assert not any(Span(2, 4).touches(Span(offset, offset)) for offset in (1, 5))
    assert Span(0, 2).touches(Span(2, 4))
    assert Span(2, 4).touches(Span(0, 2))
    assert Span(0, 9).touches(Span(2, 4))


def test_a_span_covers_its_own_ends() -> None:
    assert Span(1, 3).covers(Span(1, 3))
    assert Span(1, 3).covers(Span(3, 3))
    assert not Span(1, 3).covers(Span(3, 4))


def test_spans_sort_by_start_then_end() -> None:
    assert sorted([Span(2, 3), Span(1, 5), Span(1, 2)]) == [Span(1, 2), Span(1, 5), Span(2, 3)]


def test_an_empty_span_is_not_false() -> None:
    assert Span(3, 3)


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (3, 2)])
def test_a_span_that_runs_backwards_is_a_bug(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="0 <= start <= end"):
        Span(start, end)
