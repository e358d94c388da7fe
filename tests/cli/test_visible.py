"""Characters that a terminal would obey or hide."""

from __future__ import annotations

import unicodedata
from itertools import chain

from enzyme_lsp.cli import visible


def test_no_character_gets_through_that_has_no_picture():
    # The last ranges: lone surrogates, private use and what follows it, and the tags, which hide a whole text.
    for code in chain(range(0x3000), range(0xD800, 0x10000), range(0xE0000, 0xE0200)):
        shown = visible.character(chr(code))
        assert shown
        assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in shown), hex(code)


def test_plain_text_stays_as_it_is():
    assert visible.line('%x = arith.addf %y, %z : f64 loc("é")') == '%x = arith.addf %y, %z : f64 loc("é")'


def test_a_message_keeps_its_lines():
    assert visible.lines("one\ntwo\r\n") == ["one", "two\N{SYMBOL FOR CARRIAGE RETURN}", ""]
