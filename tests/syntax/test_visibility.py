"""Which values can be used at a place."""

from __future__ import annotations

from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.visibility import place_at, visible

CURSOR = b"<|>"


def seen(text: bytes) -> list[str]:
    at = text.index(CURSOR)
    piece = Piece(PieceKind.ITEM, text.replace(CURSOR, b""), 0)
    tokens = piece.tree.tokens
    return [tokens.word(one.token).decode() for one in visible(piece, place_at(piece.tree, at))]


def test_what_stands_before_in_the_same_block() -> None:
    assert seen(b"func.func @f(%x: f64) {\n  %a = a.b\n  <|>%b = a.b\n}") == ["%x", "%a"]


def test_what_is_open_while_it_is_typed() -> None:
    # Whether the last operation goes on at the place is for others to tell.
    assert seen(b"func.func @f(%x: f64) {\n  %a = a.b\n  %b = a.b %a, <|>") == ["%x", "%a", "%b"]


def test_blocks_that_are_passed_on_every_way() -> None:
    text = (
        b"func.func @f(%c: i1) {\n  %a = a.b\n  cf.cond_br %c, ^one, ^two\n^one:\n  %b = a.b\n  cf.br ^three\n"
        b"^two:\n  %d = a.b\n  cf.br ^three\n^three(%e: f64):\n  <|>\n}"
    )
    assert seen(text) == ["%c", "%a", "%e"]


def test_a_loop_sees_what_leads_to_it() -> None:
    text = (
        b"func.func @f(%c: i1) {\n  cf.br ^head\n^head:\n  %a = a.b\n  cf.cond_br %c, ^body, ^end\n"
        b"^body:\n  %b = a.b\n  cf.br ^head\n^end:\n  <|>a.b\n}"
    )
    assert seen(text) == ["%c", "%a"]


def test_a_block_that_nothing_leads_to_sees_the_first() -> None:
    assert seen(b"func.func @f() {\n  %a = a.b\n  a.ret\n^one:\n  %b = a.b\n  a.ret\n^two:\n  <|>\n}") == ["%a"]


def test_headers_of_loops_and_walls() -> None:
    text = b"%o = a.b\nfunc.func @f(%n: index) {\n  scf.for %i = %n to %n step %n {\n    <|>\n  }\n}"
    assert seen(text) == ["%n", "%i"]


def test_regions_that_see_what_is_around() -> None:
    assert seen(b"a.b {\n  %a = a.b\n  %r = a.c ({\n  ^bb0(%x: f64):\n    <|>\n  }) : () -> f64\n}") == ["%a", "%x"]
