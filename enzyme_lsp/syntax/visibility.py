"""Visibility: where in a text a byte stands, and which values can be used there: those whose definition dominates it.

Unlike `scopes`, which finds what a name that is written means, this asks what could be written. It works while the
operation at the place is half typed, and needs only that those before it can be told apart.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.scopes import Defined, is_function_like, is_isolated, names
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Block, Operation, Region, Tree
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.syntax.scopes import Definition


@dataclass(frozen=True, slots=True)
class Inside:
    """A block around a place, with the operation and the region that hold it."""

    holder: Operation
    region: Region
    block: Block


@dataclass(frozen=True, slots=True)
class Place:
    """A byte of a tree: the blocks around it, outermost first, and the last operation that begins before it in the
    innermost one; None where it is the first."""

    offset: int
    path: tuple[Inside, ...]
    before: Operation | None

    @property
    def innermost(self) -> Inside | None:
        return self.path[-1] if self.path else None


def place_at(tree: Tree, offset: int) -> Place:
    """Where a byte stands. What begins at it is not before it."""
    path: list[Inside] = []
    operations = tree.operations
    while True:
        number = bisect_left(operations, offset, key=lambda one: tree.tokens.starts[one.first]) - 1
        before = operations[number] if number >= 0 else None
        region = _region_at(before, offset) if before is not None else None
        if before is None or region is None or not region.blocks:
            return Place(offset, tuple(path), before)
        block = _block_at(tree, region, offset)
        path.append(Inside(before, region, block))
        operations = block.operations


def visible(piece: Piece, place: Place) -> list[Definition]:
    """The values that can be used at a place, those of the outermost operations first; in a block in their order.

    Those around the piece, in the body of a module, are not among them. The results of the last operation before the
    place are, also where it may go on there.
    """
    own = piece.fact(own_definitions)
    at = piece.fact(names).at
    found: list[Definition] = []
    if not any(_is_wall(one.holder) for one in place.path):
        found += _results(piece.tree.operations, at, place.offset)
    for one in place.path:
        if _is_wall(one.holder):
            found = []
        is_first = one.region is one.holder.regions[0]
        # The second region of `scf.while` names its arguments in a label.
        if is_first or not one.region.blocks[0].arguments:
            found += own.get(one.holder.first, ())
        for block in dominating(one.region, one.block):
            found += _arguments(block, at)
            found += _results(block.operations, at, place.offset)
    return found


def own_definitions(piece: Piece) -> dict[int, list[Definition]]:
    """What the header of each operation defines for its regions, by its first token. Use through `piece.fact`."""
    found: dict[int, list[Definition]] = {}
    for one in piece.fact(names).definitions:
        if one.operation is not None and one.block is None and one.defined in (Defined.ARGUMENT, Defined.HEADER):
            found.setdefault(one.operation.first, []).append(one)
    return found


def dominating(region: Region, block: Block) -> list[Block]:
    """The blocks of a region that are passed on every way to one of them, and that one, in the order of the text."""
    blocks = region.blocks
    if len(blocks) == 1:
        return blocks
    at = next((number for number, one in enumerate(blocks) if one is block), 0)
    if len(blocks) > _MOST_BLOCKS:
        return [blocks[0], block] if at else [block]
    entries = _entries(blocks)
    # The classic iteration over sets, as numbers with a bit for each block.
    every = (1 << len(blocks)) - 1
    sets = [1, *([every] * (len(blocks) - 1))]
    changed = True
    while changed:
        changed = False
        for number in range(1, len(blocks)):
            new = every
            for entry in entries[number]:
                new &= sets[entry]
            # A block that nothing leads to yet is half typed; the first one is taken to lead there.
            new = (new if entries[number] else 1) | 1 << number
            if new != sets[number]:
                sets[number], changed = new, True
    return [one for number, one in enumerate(blocks) if sets[at] >> number & 1]


_MOST_BLOCKS: Final = 128


def _entries(blocks: list[Block]) -> list[list[int]]:
    """For each block those that branch to it."""
    numbers: dict[bytes, int] = {}
    for number, block in enumerate(blocks):
        if block.label >= 0 and block.operations:
            numbers.setdefault(block.operations[0].tree.tokens.word(block.label), number)
    entries: list[list[int]] = [[] for _ in blocks]
    for number, block in enumerate(blocks):
        if not block.operations:
            continue
        last = block.operations[-1]
        tokens = last.tree.tokens
        for index in last.own_tokens():
            if tokens.kinds[index] == Kind.CARET and (to := numbers.get(tokens.word(index))) is not None:
                entries[to].append(number)
    return entries


def _region_at(operation: Operation, offset: int) -> Region | None:
    starts = operation.tree.tokens.starts
    for region in operation.regions:
        if starts[region.open] < offset and (region.close < 0 or offset <= starts[region.close]):
            return region
    return None


def _block_at(tree: Tree, region: Region, offset: int) -> Block:
    found = region.blocks[0]
    for block in region.blocks[1:]:
        if block.label >= 0 and tree.tokens.starts[block.label] < offset:
            found = block
    return found


def _is_wall(holder: Operation) -> bool:
    return is_isolated(holder.name) or is_function_like(holder)


def _arguments(block: Block, at: dict[int, Definition]) -> Iterator[Definition]:
    for one in block.arguments:
        if one.token >= 0 and one.token in at:
            yield at[one.token]


def _results(operations: list[Operation], at: dict[int, Definition], offset: int) -> Iterator[Definition]:
    """The results of the operations that end before a byte."""
    for one in operations:
        tokens = one.tree.tokens
        if tokens.ends[one.last - 1] > offset:
            if tokens.starts[one.first] >= offset:
                return
            continue
        for result in one.results:
            yield at[result.token]
