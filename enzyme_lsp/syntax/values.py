"""Values: the SSA values that an operation can use, with their types where the text alone tells them.

Types are given by function signatures, block arguments, function types behind a colon, and by operations whose one type
is that of their result. For all others the type is None; an engine knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.nodes import covering
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enzyme_lsp.syntax.nodes import Block, Operation, Region, Tree
    from enzyme_lsp.syntax.piece import Piece


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is named, `%x` or `%x#1`, and its type as written; None where the text does not tell."""

    name: str
    type: str | None


def visible(tree: Tree, operation: Operation, known: Mapping[int, tuple[Value, ...]] | None = None) -> list[Value]:
    """The values that `operation` may use, outermost first: those that are defined before it in its block, in the
    entry block of its region, and so on outward up to the function that it is in.

    `known` is what `results` says of the piece, so that many questions read each operation once.
    """
    found: list[Value] = []
    for holder, region, block in _path(tree, operation):
        if symbols.is_function(holder.name):
            found = _arguments_of(holder)
        if region.blocks[0] is not block:
            found += _of_block(region.blocks[0], None, known)
        found += _of_block(block, operation, known)
    return found


def results(piece: Piece) -> Mapping[int, tuple[Value, ...]]:
    """The results of every operation of a piece, by its first token. Use through `piece.fact`."""
    return {one.first: tuple(_results(one)) for one in piece.tree.walk() if one.results}


def result_types(operation: Operation) -> tuple[str, ...]:
    """The type of each result of an operation; empty where the text does not tell them all."""
    found = _result_types(operation)
    return found if len(found) == sum(result.count for result in operation.results) else ()


_COMMA: Final = frozenset({b","})
_ONE_TYPE: Final = frozenset({"arith", "math", "complex", "stablehlo", "chlo"})
"""Dialects in which a single type behind the colon is that of the result, comparisons aside."""
_BEHIND_TYPES: Final = frozenset({b"case", b"attributes", b"cond", b"reducer"})
"""Words that may stand between types and regions."""
_MOST_NAMED: Final = 1_000
"""Results of one name that are told of: `%r:123456789` is a slip of the hand."""
_ALLOCATIONS: Final = frozenset({"memref.alloc", "memref.alloca", "tensor.empty", "memref.get_global"})


def _path(tree: Tree, operation: Operation) -> Iterator[tuple[Operation, Region, Block]]:
    """The blocks around an operation from outside in, each with the operation and the region that hold it."""
    start = tree.tokens.starts[operation.first]
    holder = covering(tree.operations, start)
    while holder is not None and holder is not operation:
        inside = _inside(holder, start)
        if inside is None:
            return
        region, block, inner = inside
        yield holder, region, block
        holder = inner


def _inside(holder: Operation, offset: int) -> tuple[Region, Block, Operation] | None:
    """The operation in a region of another one that covers `offset`."""
    for region in holder.regions:
        for block in region.blocks:
            if (inner := covering(block.operations, offset)) is not None:
                return region, block, inner
    return None


def _arguments_of(function: Operation) -> list[Value]:
    signature = symbols.signature(function)
    if signature is None:
        return []
    return [Value(one.name, one.type) for one in signature.arguments if one.name]


def _of_block(
    block: Block, until: Operation | None, known: Mapping[int, tuple[Value, ...]] | None = None
) -> list[Value]:
    """The arguments of a block and the results of its operations, up to `until` when it stands in this block."""
    found: list[Value] = []
    for argument in block.arguments:
        if argument.token >= 0 and block.operations:
            tree = block.operations[0].tree
            text = tree.span(argument.type_first, argument.type_last).of(tree.tokens.text)
            found.append(Value(_word(tree, argument.token), text.decode("utf-8", "replace")))
    last = until.first if until is not None else None
    for operation in block.operations:
        if last is not None and operation.last > last:
            break
        if operation.results:
            found += _results(operation) if known is None else known[operation.first]
    return found


def _results(operation: Operation) -> Iterator[Value]:
    types, position = result_types(operation), 0
    for result in operation.results:
        name = _word(operation.tree, result.token)
        for number in range(min(result.count, _MOST_NAMED)):
            yield Value(name if result.count == 1 else f"{name}#{number}", types[position + number] if types else None)
        position += result.count


def _result_types(operation: Operation) -> tuple[str, ...]:
    tree, tokens = operation.tree, operation.tree.tokens
    last = operation.location[0] if operation.location is not None else operation.last
    outside = list(_outside(operation, last))
    colon = next((i for i in reversed(outside) if tokens.word(i) == b":"), -1)
    first = colon + 1 or next((i for i in reversed(outside) if tokens.word(i) == b"->"), -1) + 1
    if not first:
        return ()
    # Regions of operations with a syntax of their own stand behind the types.
    last = min([last, *(region.open for region in operation.regions if region.open > first)])
    last = next((i for i in range(first, last) if tokens.word(i) in _BEHIND_TYPES), last)
    if colon < 0:
        # The region of an operation that has no type yet.
        return () if tokens.word(first) == b"{" else listed_types(tree, first, last)
    arrow = type_end(tree, first, last, frozenset({b"->"}))
    if arrow < last:
        return listed_types(tree, arrow + 1, last)
    if operation.is_generic:
        return ()
    to = next((i for i in range(first, last) if tokens.word(i) == b"to"), -1)
    if to >= 0:
        return listed_types(tree, to + 1, last)
    dialect, _, name = operation.name.partition(".")
    parts = listed_types(tree, first, last)
    if len(parts) != 1:
        return ()
    if operation.name in _ALLOCATIONS:
        return parts
    return parts if dialect in _ONE_TYPE and not name.startswith(("cmp", "compare")) else ()


def _outside(operation: Operation, last: int) -> Iterator[int]:
    """The tokens of an operation up to `last` that are in no bracket, angle brackets included."""
    tree, index, depth = operation.tree, operation.name_token + 1, 0
    while index < last:
        word = tree.tokens.word(index)
        depth += (word == b"<") - (word == b">")
        if tree.tokens.kinds[index] == Kind.OPEN and tree.partners[index] > index:
            index = tree.partners[index]
        elif depth <= 0:
            yield index
        index += 1


def listed_types(tree: Tree, first: int, last: int) -> tuple[str, ...]:
    """The types in `(a, b)`, or the one or more that stand there without parentheses."""
    close = tree.partners[first] if first < last and tree.tokens.word(first) == b"(" else -1
    if first < close < last and tree.tokens.word(close + 1) != b"->":
        first, last = first + 1, close
    found: list[str] = []
    while first < last:
        end = type_end(tree, first, last, _COMMA)
        found.append(tree.span(first, end).of(tree.tokens.text).decode("utf-8", "replace"))
        first = end + 1
    return tuple(found)


def _word(tree: Tree, index: int) -> str:
    return tree.tokens.word(index).decode("utf-8", "replace")
