"""Nodes: typed views of a parsed text: operations, regions, blocks; they say what is written, not whether it is right.

A tree is over tokens: a node holds token numbers, half-open, and turns them into byte spans on demand. Any part may be
missing: numbers are -1 and accessors give None, since the text may be half typed. Offsets are bytes from the start of
the text that was parsed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from enzyme_lsp.syntax.tokens import Kind, Tokens
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True, eq=False)
class Tree:
    """All operations at the top of a text. `partners[i]` is the token that closes or opens bracket i, or -1."""

    tokens: Tokens
    partners: list[int]
    operations: list[Operation] = field(default_factory=list["Operation"])

    def walk(self) -> Iterator[Operation]:
        """Every operation, each before those of its regions, in the order of the text."""
        pending = list(reversed(self.operations))
        while pending:
            operation = pending.pop()
            yield operation
            for region in reversed(operation.regions):
                for block in reversed(region.blocks):
                    pending.extend(reversed(block.operations))

    def span(self, first: int, last: int) -> Span:
        """The bytes from token `first` to before token `last`."""
        if first >= last:
            at = self.tokens.starts[first] if first < len(self.tokens) else len(self.tokens.text)
            return Span(at, at)
        return Span(self.tokens.starts[first], self.tokens.ends[last - 1])

    def token_span(self, index: int) -> Span:
        """The bytes of one token."""
        return Span(self.tokens.starts[index], self.tokens.ends[index])

    def operation_at(self, offset: int) -> Operation | None:
        """The innermost operation whose text covers `offset`."""
        found: Operation | None = None
        inner = covering(self.operations, offset)
        while inner is not None:
            found = inner
            blocks = (self._block_at(region, offset) for region in inner.regions if region.blocks)
            inner = next((one for block in blocks if (one := covering(block.operations, offset)) is not None), None)
        return found

    def _block_at(self, region: Region, offset: int) -> Block:
        """The last block of a region that starts at an offset or before, else the first."""

        def start(block: Block) -> int:
            first = block.label if block.label >= 0 or not block.operations else block.operations[0].first
            return self.tokens.starts[first] if first >= 0 else 0

        return region.blocks[max(bisect_right(region.blocks, offset, key=start) - 1, 0)]


@dataclass(slots=True, eq=False)
class Result:
    """`%name` or `%name:count` before the `=` of an operation."""

    token: int
    count: int


@dataclass(slots=True, eq=False)
class Argument:
    """`%name: type` of a block or function, or a type alone; type tokens are half-open, equal when there are none."""

    token: int
    type_first: int
    type_last: int


@dataclass(slots=True, eq=False)
class Block:
    """Operations in order, after an optional `^label(arguments):`."""

    label: int = -1
    arguments: list[Argument] = field(default_factory=list[Argument])
    operations: list[Operation] = field(default_factory=list["Operation"])


@dataclass(slots=True, eq=False)
class Region:
    """`{ ... }`. `close` is the token of `}`, or -1 when the text has none."""

    open: int
    close: int
    blocks: list[Block] = field(default_factory=list[Block])


@dataclass(slots=True, eq=False)
class Operation:
    """One operation: tokens [first, last), its results, the token of its name (-1: none), its regions and location."""

    tree: Tree
    first: int
    last: int
    name_token: int
    results: list[Result] = field(default_factory=list[Result])
    regions: list[Region] = field(default_factory=list[Region])
    location: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """`arith.addf`, without the quotes of the generic form; empty when the text has no name here."""
        if self.name_token < 0:
            return ""
        return _name(self.tree.tokens.word(self.name_token))

    @property
    def is_generic(self) -> bool:
        """Whether the operation is written as `"name"(operands) ... : type`."""
        return self.name_token >= 0 and self.tree.tokens.kinds[self.name_token] == Kind.STRING

    @property
    def span(self) -> Span:
        """All of the operation, its results, regions and location included."""
        return self.tree.span(self.first, self.last)

    @property
    def name_span(self) -> Span:
        """The name, or the first token when there is no name."""
        return self.tree.token_span(self.name_token if self.name_token >= 0 else self.first)

    def own_tokens(self, first: int | None = None) -> Iterator[int]:
        """The tokens of the operation that are in none of its regions, braces of regions included."""
        index = self.first if first is None else first
        return self._outside_regions(index) if self.regions else iter(range(index, self.last))

    def _outside_regions(self, index: int) -> Iterator[int]:
        for region in self.regions:
            if index > region.open:
                continue
            yield from range(index, region.open + 1)
            if region.close < 0:
                return
            yield region.close
            index = region.close + 1
        yield from range(index, self.last)


@lru_cache(maxsize=4096)
def _name(word: bytes) -> str:
    """Of an operation. A text has few names, and many operations of each."""
    return word.strip(b'"').decode("utf-8", "replace")


def covering(operations: list[Operation], offset: int) -> Operation | None:
    """The one of some operations in order whose text covers an offset."""
    index = bisect_right(operations, offset, key=lambda operation: operation.tree.tokens.starts[operation.first]) - 1
    if index < 0:
        return None
    return operations[index] if operations[index].span.contains(offset) else None
