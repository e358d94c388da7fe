"""The name that was probably meant."""

from __future__ import annotations

import time

from enzyme_lsp.checks.closest import Guess, closest

NAMES = ("autodiff", "fwddiff", "fwddiff_region", "batch", "Cache")


def test_close_names_are_found_capitals_aside():
    assert closest("fwdiff", NAMES) == Guess("fwddiff", is_certain=True)
    assert closest("cache", NAMES) == Guess("Cache", is_certain=True)
    assert closest("autodif", NAMES) == Guess("autodiff", is_certain=True)


def test_beginnings_mean_the_whole():
    assert closest("bat", NAMES) == Guess("batch", is_certain=False)
    assert closest("fwd", NAMES) == Guess("fwddiff", is_certain=False)
    assert closest("ba", NAMES) is None


def test_what_is_not_close_is_not_guessed():
    assert closest("frobnicate", NAMES) is None
    assert closest("", NAMES) is None
    assert closest("fwddiff", ()) is None


def test_one_of_two_that_are_as_close_is_not_certain():
    assert closest("square3", ("square1", "square2")) == Guess("square1", is_certain=False)


def test_what_does_not_fit_is_passed_over():
    assert closest("square3", ("square1", "square2"), lambda name: name == "square2") == Guess(
        "square2", is_certain=True
    )


def test_among_very_many_names_one_letter_may_be_wrong():
    names = {f"kernel{number}": number for number in range(50_000)}
    start = time.perf_counter()
    for word in ("kernl123", "kernnel123", "krenel123", "kermel123"):
        assert closest(word, names) == Guess("kernel123", is_certain=False)
    assert closest("something", names) is None
    assert time.perf_counter() - start < 1
