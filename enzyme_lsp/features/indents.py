"""Indents: the blanks that a line just typed begins with, judged by the lines around it; no other line is moved.

`formatting` puts lines where MLIR's printer has them. While somebody types, in a text that may be indented in another
way and is mostly broken, what counts is that the new line goes with its neighbors: an operation stands as the one
before it in its block, a closing bracket as the line that opened it.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.columns import blanks_at, line_start, opens_region, width
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from enzyme_lsp.syntax.layout import Layout
    from enzyme_lsp.syntax.nodes import Block, Operation, Region, Tree
    from enzyme_lsp.workspace.snapshot import Snapshot

_GOES_ON: Final = frozenset({b",", b"=", b":", b"->"})
"""What no operation ends with."""


def wanted(snapshot: Snapshot, first: int) -> bytes | None:
    """The blanks for the line whose first byte that is no blank is `first`. None: those that it has."""
    layout, data = snapshot.layout, snapshot.document.data
    if data.startswith(b"//", first):
        return None
    index = layout.index_near(first)
    if index is None or first < layout.starts[index]:
        return b""
    piece, start = layout.pieces[index], layout.starts[index]
    if piece.kind is PieceKind.RESOURCES and first < start + len(piece.text):
        return None
    if first == start:
        return _before_piece(data, layout, index)
    return _Place(data, start, piece.tree, first).blanks()


def _before_piece(data: bytes, layout: Layout, index: int) -> bytes:
    """The blanks for the line that a piece begins: those of the piece before it, or of the module that it closes."""
    if layout.pieces[index].kind is PieceKind.CLOSE:
        depth = layout.depths[index] - 1
        index = next(i for i in reversed(range(index)) if layout.depths[i] == depth)
        return _blanks(data, layout.starts[index])
    if index == 0 or layout.pieces[index - 1].kind is PieceKind.MARKER:
        return b""
    before = _blanks(data, layout.starts[index - 1])
    return _deeper(before) if layout.pieces[index - 1].kind is PieceKind.OPEN else before


def _blanks(data: bytes, offset: int) -> bytes:
    """The blanks that the line of a byte begins with."""
    return blanks_at(data, line_start(data, offset))


def _deeper(blanks: bytes) -> bytes:
    """One level in from these blanks."""
    return blanks + (b"\t" if blanks.endswith(b"\t") else b"  ")


class _Place:
    """A line of a piece or of the gap behind it, and what stands around its beginning."""

    def __init__(self, data: bytes, start: int, tree: Tree, first: int) -> None:
        self._data = data
        self._start = start
        self._tree = tree
        self._tokens = tree.tokens
        self._token = bisect_left(tree.tokens.starts, first - start)
        """The first token of the line, or the next one."""
        self._is_empty = data[first : first + 1] in (b"", b"\n", b"\r")
        self._around: tuple[Operation, Region] | None = None
        """The innermost region around it, with the operation that has the region."""
        self._block: Block | None = None
        self._before: Operation | None = None
        """The last operation that begins before it in that block."""
        self._look()

    def _look(self) -> None:
        operations = self._tree.operations
        while True:
            number = bisect_left(operations, self._token, key=lambda operation: operation.first) - 1
            self._before = operations[number] if number >= 0 else None
            region = self._region_of(self._before) if self._before else None
            if self._before is None or region is None:
                return
            self._around = self._before, region
            begun = (block for block in reversed(region.blocks) if _first(block, region) < self._token)
            self._block = next(begun, None)
            operations = self._block.operations if self._block else []

    def _region_of(self, operation: Operation) -> Region | None:
        token = self._token
        around = (one for one in operation.regions if one.open < token and (one.close < 0 or token <= one.close))
        return next(around, None)

    def blanks(self) -> bytes:
        if self._around is not None and not self._is_empty:
            owner, region = self._around
            if self._token == region.close:
                return self._of_region(owner, region)
            if any(block.label == self._token for block in region.blocks):
                beside = self._as_last([block.label for block in region.blocks if block.label >= 0])
                return self._of_region(owner, region) if beside is None else beside
        inside = self._in_statement()
        return self._as_operation() if inside is None else inside

    def _as_operation(self) -> bytes:
        """For an operation: as the one before it in its region, or one level in."""
        if self._around is None:
            return self._of(self._before.first) if self._before else b""
        owner, region = self._around
        beside = self._as_last([one.first for block in region.blocks for one in block.operations])
        return _deeper(self._of_region(owner, region)) if beside is None else beside

    def _in_statement(self) -> bytes | None:
        """For a further line of the operation or label before it; None when that has ended."""
        token, before, block = self._token, self._before, self._block
        if before is not None:
            first, last = before.first, before.last
            read = takewhile(token.__gt__, before.own_tokens())
            braces = {brace for region in before.regions for brace in (region.open, region.close)}
        elif block is not None and block.label >= 0:
            first, last = block.label, block.operations[0].first if block.operations else len(self._tokens)
            read, braces = iter(range(first, token)), set[int]()
        else:
            return None
        opened, beside = self._opened(read, braces)
        goes_on = bool(opened) or (before is not None and self._tokens.word(token - 1) in _GOES_ON)
        # What is on the line behind the last token was read as something new, and a label ends where it may.
        is_behind = token >= last or (before is None and self._is_empty)
        if is_behind and not (goes_on and self._is_empty):
            return None
        if opened:
            return self._in_bracket(opened[-1], beside.get(opened[-1]))
        if not self._is_empty and (token in braces or self._is_header(token, braces)):
            return self._of(first)
        return _deeper(self._of(first)) if -1 not in beside else self._of(beside[-1])

    def _opened(self, tokens: Iterable[int], braces: Container[int]) -> tuple[list[int], dict[int, int]]:
        """The brackets among tokens that stay open, `<` too, and the last line begun in each; that in none is at -1."""
        words, opened, beside = self._tokens, list[int](), dict[int, int]()
        for number, index in enumerate(tokens):
            word, kind = words.word(index), words.kinds[index]
            closes = kind == Kind.CLOSE or word == b">"
            if number and not closes and index not in braces and words.starts_line(index):
                outer = opened[-1] if opened else -1
                if outer >= 0 or not self._is_header(index, braces):
                    beside[outer] = index
            if index in braces:
                continue
            if kind == Kind.OPEN or word == b"<":
                opened.append(index)
            elif kind == Kind.CLOSE:
                while opened and words.word(opened[-1]) == b"<":
                    opened.pop()
                del opened[-1:]
            elif word == b">" and opened and words.word(opened[-1]) == b"<":
                opened.pop()
        return opened, beside

    def _in_bracket(self, opener: int, beside: int | None) -> bytes:
        """In a bracket that is open: as the line before in it, or under what stands behind it, or one level in."""
        tokens, token = self._tokens, self._token
        closes = self._tree.partners[opener] == token or (tokens.word(opener) == b"<" and tokens.word(token) == b">")
        if closes and not self._is_empty:
            return self._of(opener)
        if beside is not None:
            return self._of(beside)
        if opener + 1 >= token or tokens.starts_line(opener + 1):
            return _deeper(self._of(opener))
        line = line_start(self._data, self._start + tokens.starts[opener])
        blanks = blanks_at(self._data, line)
        return blanks + b" " * width(self._data[line + len(blanks) : self._start + tokens.starts[opener + 1]])

    def _is_header(self, token: int, braces: Container[int]) -> bool:
        """Whether token `token` begins a line that opens a region with keywords alone before it."""
        last = token + 1
        while last < len(self._tokens) and not self._tokens.starts_line(last):
            last += 1
        return opens_region(self._tree, token, last, braces) is True

    def _of_region(self, owner: Operation, region: Region) -> bytes:
        """The blanks of the line that the `}` of a region stands under: of its operation or of its keyword."""
        first = region.open
        while first > owner.first and not self._tokens.starts_line(first):
            first -= 1
        of_owner, of_keyword = self._of(owner.first), self._of(first)
        # One blank more is how StableHLO prints the keyword, and its `}` stands under the operation all the same.
        is_apart = of_keyword != of_owner + b" " and self._is_header(first, {region.open})
        return of_keyword if is_apart else of_owner

    def _as_last(self, firsts: Sequence[int]) -> bytes | None:
        """The blanks of the last line that one of these tokens, in order, begins above this line."""
        for first in reversed(firsts):
            if first < self._token and self._begins_line(first):
                return self._of(first)
        return None

    def _begins_line(self, token: int) -> bool:
        at = self._start + self._tokens.starts[token]
        line = line_start(self._data, at)
        return line + len(blanks_at(self._data, line)) == at

    def _of(self, token: int) -> bytes:
        """The blanks of the line that a token stands on."""
        return _blanks(self._data, self._start + self._tokens.starts[token])


def _first(block: Block, region: Region) -> int:
    """The token that begins a block."""
    return block.label if block.label >= 0 else region.open
