"""Scopes: which definition each SSA value and block label of a text means; nothing of what they compute.

MLIR's rules: a value is visible in the region that defines it and in all regions inside, up to an operation that is
isolated from above, before its definition too, since blocks may come in any order; a label is visible in its region.
The headers of operations with a syntax of their own define values for their regions, `scf.for %i = ...`; which ones is
told from the text, since no grammar knows them all.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax import symbols, values
from enzyme_lsp.syntax.parse import arguments, type_end
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from enzyme_lsp.syntax.nodes import Block, Operation, Region, Tree
    from enzyme_lsp.syntax.piece import Piece


class Defined(Enum):
    """How a name comes to be."""

    RESULT = "result"
    ARGUMENT = "argument"
    """Of a function or of a block, written with its type."""
    HEADER = "header"
    """By the header of an operation for its region, as the counter of a loop."""
    LABEL = "label"
    """A block."""


@dataclass(slots=True, eq=False)
class Definition:
    """The definition of a value or label: its token, the operation that it belongs to, and its uses in the text.

    `count` is that of `%name:count`. `type_first` and `type_last` are the tokens of an argument's type, half-open,
    equal where it has none. `block` is that of a label or of a block's argument. `behind` is the token from which on
    the definition stands before what uses it: a result is there when its operation has ended. `implied_type` is a type
    that goes without saying, as that of a loop's counter. `is_isolated`: nothing around the text can be seen there.
    """

    defined: Defined
    token: int
    operation: Operation | None
    count: int = 1
    type_first: int = 0
    type_last: int = 0
    block: Block | None = None
    behind: int = 0
    implied_type: str = ""
    is_isolated: bool = False
    uses: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class Names:
    """The values and labels of a text. `at` leads from each of their tokens, defining or using, to the definition.

    `unresolved` are the tokens of uses that nothing in the text defines; `free` are those of them that see the values
    around the text, which may. `hidden` are definitions whose name has been given before, where it can still be seen:
    MLIR refuses these, but not an inner one before an outer one.
    """

    tree: Tree
    definitions: tuple[Definition, ...]
    at: dict[int, Definition]
    unresolved: tuple[int, ...]
    free: tuple[int, ...]
    hidden: tuple[int, ...]

    def exported(self) -> Iterator[Definition]:
        """The values that the texts beside this one can see: the results of its outermost operations.

        A text that is a label, as a module's body may begin with one, has the arguments of its block.
        """
        for operation in self.tree.operations:
            for result in operation.results:
                yield self.at[result.token]
        if self.tree.tokens.kinds[:1] == [Kind.CARET]:
            yield from (one for one in self.definitions if one.defined is Defined.ARGUMENT and one.operation is None)

    def number(self, token: int) -> int:
        """The number of the result that a use of a value means: 1 in `%p#1`, else 0."""
        tokens = self.tree.tokens
        if not tokens.text.startswith(b"#", tokens.ends[token]) or tokens.kinds[token] != Kind.VALUE:
            return 0
        behind = tokens.word(token + 1)
        return int(behind[1:]) if behind[1:].isdigit() and len(behind) < 10 else 0


def names(piece: Piece) -> Names:
    """The names of a piece. Use through `piece.fact`. Takes time in proportion to the text."""
    return resolve(piece.tree)


def resolve(tree: Tree) -> Names:
    """The names of a tree."""
    return _resolved(_Resolver(tree, {}, None))


def resolve_renamed(tree: Tree, word: bytes, renamed: frozenset[int], others: frozenset[int]) -> Names:
    """The names of a tree in which the values or labels `renamed` are another word; only what is said of these tokens,
    and of `others`, which are that word already, counts. Takes time in proportion to the operations, not to the text.
    """
    return _resolved(_Resolver(tree, dict.fromkeys(renamed, word), sorted(renamed | others)))


def _resolved(resolver: _Resolver) -> Names:
    tree = resolver.tree
    resolver.run()
    return Names(
        tree,
        tuple(resolver.definitions),
        resolver.at,
        tuple(sorted(resolver.unresolved)),
        tuple(sorted(resolver.free)),
        tuple(resolver.hidden),
    )


def type_text(known: Names, definition: Definition, number: int | None = None) -> str | None:
    """The type of a value as the text gives it; None where the text does not tell.

    Of a name for several results `number` says which one is meant; None: all of them, whose types are listed.
    """
    tree, operation = known.tree, definition.operation
    if definition.type_last > definition.type_first:
        return tree.span(definition.type_first, definition.type_last).of(tree.tokens.text).decode("utf-8", "replace")
    if operation is None:
        return None
    if definition.defined is not Defined.RESULT:
        return definition.implied_type or None
    types, position = values.result_types(operation), 0
    for result in operation.results:
        if result.token == definition.token:
            mine = types[position : position + result.count]
            mine = mine if number is None else mine[number : number + 1]
            return ", ".join(mine) or None
        position += result.count
    return None


def is_isolated(name: str) -> bool:
    """Whether the regions of operations of this name see no value from outside, as far as the name tells."""
    return symbols.is_symbol_table(name) or symbols.is_function(name) is True or name in _ISOLATED


def is_function_like(operation: Operation) -> bool:
    """Whether an operation is written as a function: `@name(%x: f64) ... {`."""
    if operation.results:
        return False  # it defines no symbol
    may_be = operation.regions or symbols.is_function(operation.name)
    return bool(may_be) and not operation.is_generic and _parameter_list(operation) >= 0


def _parameter_list(operation: Operation) -> int:
    """The `(` behind the symbol that an operation defines, if the two stand together and are closed; else -1."""
    defined = symbols.definition(operation)
    at = operation.tree.tokens.at(defined.span.start) if defined is not None else None
    if at is None or operation.tree.tokens.word(at + 1) != b"(":
        return -1
    return at + 1 if operation.tree.partners[at + 1] > at else -1


def _are_of_one(one: Definition, other: Definition) -> bool:
    """Whether two definitions are results of one operation, of which neither stands before the other."""
    return one.defined is other.defined is Defined.RESULT and one.operation is other.operation


_ISOLATED: Final = frozenset({
    "llvm.mlir.global", "pdl.pattern", "irdl.dialect", "irdl.operation", "shape.function_library",
    "omp.declare_reduction", "omp.private",
})  # fmt: skip
_LISTS: Final = frozenset({b"blocks", b"threads", b"clusters"})
"""Words of `gpu.launch` before a list of values that it defines."""
_OPERAND_LISTS: Final = frozenset({b"ins", b"outs"})
"""Words of `linalg` before a list of values that it uses."""
_TYPE_STOPS: Final = frozenset({b",", b")", b"in"})
_LONGEST_TYPE: Final = 256
"""Tokens."""
_MOST_LISTS: Final = 8
"""In the header of one operation; real ones have two."""
_LIST_STOPS: Final = frozenset({b",", b"->", b"{", b"attributes", b"cond"})
_COUNTING: Final = frozenset({
    "affine.for", "affine.parallel", "gpu.launch", "scf.for", "scf.forall", "scf.parallel",
})  # fmt: skip
"""Operations whose headers define an index where they give no type."""
_CARRYING: Final = frozenset({b"iter_args", b"shared_outs"})
"""Words before a list of what such operations define besides."""
# Plain numbers, since a large text has hundreds of thousands of tokens.
_VALUE, _CARET = int(Kind.VALUE), int(Kind.CARET)
_NEAREST: Final = 16
"""Definitions of one name among which the nearest is looked for."""


class _Resolver:
    """Walks a tree with a list of steps that are still to be done, so that depth costs no stack."""

    __slots__ = (
        "at", "definitions", "free", "hidden", "labels", "only", "outermost", "pending", "renamed", "tokens", "tree",
        "unresolved", "visible",
    )  # fmt: skip

    def __init__(self, tree: Tree, renamed: Mapping[int, bytes], only: Sequence[int] | None) -> None:
        self.tree = tree
        self.tokens = tree.tokens
        self.renamed = renamed
        self.only = only
        """The tokens that are looked at, in order; None: all."""
        self.definitions: list[Definition] = []
        self.at: dict[int, Definition] = {}
        self.unresolved: list[int] = []
        self.free: list[int] = []
        self.hidden: list[int] = []
        self.visible: dict[bytes, list[Definition]] = {}
        """The definitions of each name that can be seen, innermost last."""
        self.outermost = self.visible
        """That of the text as a whole; another one is seen from what is isolated."""
        self.labels: dict[bytes, Definition] = {}
        """The blocks of the region that is being read."""
        self.pending: list[Callable[[], None]] = []

    def run(self) -> None:
        top = self.label()
        top += self.results(self.tree.operations)
        self.show(top)
        self.later(self.tree.operations)
        while self.pending:
            self.pending.pop()()

    def name(self, index: int) -> bytes:
        """The value or label at a token."""
        return self.renamed.get(index) or self.tokens.word(index)

    def label(self) -> list[Definition]:
        """What a text defines that is no operation but the label of a block: `^bb0(%x: f64):`."""
        if self.tokens.kinds[:1] != [Kind.CARET]:
            return []
        self.define(Defined.LABEL, 0, None)
        close = self.tree.partners[1] if self.tokens.word(1) == b"(" else -1
        return [
            self.define(Defined.ARGUMENT, one.token, None, one.type_first, one.type_last)
            for one in (arguments(self.tree, 2, close) if close > 1 else ())
            if one.token >= 0
        ]

    def later(self, operations: list[Operation]) -> None:
        looked_at = operations
        if self.only is not None:
            looked_at = [one for one in operations if self.is_looked_at(one.first, one.last)]
        self.pending.append(partial(self.operations, iter(looked_at)))

    def operations(self, waiting: Iterator[Operation]) -> None:
        """Reads operations up to the first with regions, and the others when these are read."""
        for operation in waiting:
            header = self.operation(operation)
            if operation.regions:
                self.pending.append(partial(self.operations, waiting))
                self.pending += [partial(self.region, operation, one, header) for one in reversed(operation.regions)]
                return

    def is_looked_at(self, first: int, last: int) -> bool:
        """Whether there is something to look at from token `first` to before token `last`."""
        return self.only is None or bisect_left(self.only, first) < bisect_left(self.only, last)

    def results(self, operations: list[Operation]) -> list[Definition]:
        """The results of some operations."""
        return [
            self.define(Defined.RESULT, result.token, operation, count=result.count)
            for operation in operations
            for result in operation.results
            if self.only is None or self.is_looked_at(result.token, result.token + 1)
        ]

    def operation(self, operation: Operation) -> list[Definition]:
        """Reads the uses in an operation; gives what its header defines for its regions."""
        header = self.parameters(operation) if is_function_like(operation) else self.header(operation)
        kinds, at = self.tokens.kinds, self.at
        for index in operation.own_tokens(self.behind_results(operation)):
            kind = kinds[index]
            if kind == _VALUE:
                if index not in at:
                    self.use(index, self.visible.get(self.name(index)))
            elif kind == _CARET and index not in at:
                label = self.labels.get(self.name(index))
                self.use(index, None if label is None else [label])
        return header

    def behind_results(self, operation: Operation) -> int:
        if not operation.results:
            return operation.first
        last = operation.results[-1].token
        return last + 3 if self.tokens.word(last + 1) == b":" else last + 1

    def region(self, operation: Operation, region: Region, header: list[Definition]) -> None:
        outside = self.visible
        if is_isolated(operation.name) or is_function_like(operation):
            self.visible = {}
        first = region is operation.regions[0]
        # `scf.while` names the arguments of its first region in its header, and those of the second in a label.
        sees_header = first or not (region.blocks and region.blocks[0].arguments)
        inside = [*(header if sees_header else ()), *self.arguments(operation, region)]
        labels: dict[bytes, Definition] = {}
        for block in region.blocks:
            if block.label >= 0:
                label = self.define(Defined.LABEL, block.label, operation, block=block)
                if labels.setdefault(self.name(block.label), label) is not label:
                    self.hidden.append(block.label)
            inside += self.results(block.operations)
        self.show(inside)
        self.pending.append(partial(self.leave, inside, outside, self.labels))
        self.labels = labels
        for block in reversed(region.blocks):
            self.later(block.operations)

    def leave(
        self, inside: list[Definition], outside: dict[bytes, list[Definition]], labels: dict[bytes, Definition]
    ) -> None:
        if self.visible is outside:
            for definition in inside:
                self.visible[self.name(definition.token)].pop()
        self.visible, self.labels = outside, labels

    def arguments(self, operation: Operation, region: Region) -> list[Definition]:
        """The arguments of the blocks of a region."""
        return [
            self.define(Defined.ARGUMENT, one.token, operation, one.type_first, one.type_last, block=block)
            for block in region.blocks
            for one in block.arguments
            if one.token >= 0
        ]

    def parameters(self, operation: Operation) -> list[Definition]:
        """The arguments of a function, in the parentheses behind its name."""
        opened = _parameter_list(operation)
        taken = arguments(self.tree, opened + 1, self.tree.partners[opened])
        return [
            self.define(Defined.ARGUMENT, one.token, operation, one.type_first, one.type_last)
            for one in taken
            if one.token >= 0
        ]

    def header(self, operation: Operation) -> list[Definition]:
        """What the header of an operation of its own syntax defines for its regions."""
        if not operation.regions or operation.is_generic or is_isolated(operation.name):
            return []
        found: list[Definition] = []
        around: list[int] = []
        blocks = operation.regions[0].blocks
        in_label = bool(blocks and blocks[0].arguments)
        for index in operation.own_tokens(self.behind_results(operation)):
            kind = self.tokens.kinds[index]
            if kind == Kind.OPEN:
                around.append(index)
            elif kind == Kind.CLOSE and around and self.tree.partners[around[-1]] == index:
                around.pop()
            elif kind == Kind.VALUE and self.is_defined_by_header(
                index, operation.name_token, around[-1] if around else -1, is_in_label=in_label
            ):
                typed = self.tokens.word(index + 1) == b":"
                first = index + 2 if typed else 0
                end = min(first + _LONGEST_TYPE, operation.regions[0].open)
                last = type_end(self.tree, first, end, _TYPE_STOPS) if typed else 0
                found.append(self.define(Defined.HEADER, index, operation, first, last))
                if operation.name in _COUNTING and not (around and self.tokens.word(around[-1] - 1) in _CARRYING):
                    found[-1].implied_type = "index"
        self.give_types(operation, found)
        return found

    def give_types(self, operation: Operation, found: list[Definition]) -> None:
        """The types of what a list `(%a = %x, %b = %y)` defines stand behind it: `-> (f32, i32)` or `: f32, i32`."""
        lists: dict[int, list[Definition]] = {}
        for one in found:
            opened = one.token - 1
            if self.tokens.word(opened) == b"," and lists:
                opened = next(reversed(lists))
            if self.tokens.word(one.token + 1) == b"=" and self.tree.partners[opened] > one.token:
                lists.setdefault(opened, []).append(one)
        for opened, defined in [*lists.items()][:_MOST_LISTS]:
            close = self.tree.partners[opened]
            if self.tokens.word(close + 1) not in (b"->", b":"):
                continue
            types = self.type_list(close + 2, operation.regions[0].open)
            for one, (first, last) in zip(defined, types, strict=False):
                one.type_first, one.type_last = first, last
        opened = operation.regions[0].open
        if operation.name == "scf.for" and found and self.tokens.word(opened - 2) == b":":
            found[0].type_first, found[0].type_last = opened - 1, opened

    def type_list(self, first: int, last: int) -> list[tuple[int, int]]:
        """The tokens of each type of a list, in parentheses or without."""
        close = self.tree.partners[first] if first < last and self.tokens.word(first) == b"(" else -1
        if first < close < last:
            first, last = first + 1, close
        found: list[tuple[int, int]] = []
        while first < last:
            end = type_end(self.tree, first, last, _LIST_STOPS)
            if end > first:
                found.append((first, end))
            if self.tokens.word(end) != b",":
                break
            first = end + 1
        return found

    def is_defined_by_header(self, index: int, name: int, opened: int, *, is_in_label: bool) -> bool:
        """Whether a value in the header of an operation, inside the bracket `opened`, is one that it defines.

        `name` is the token of the operation's name. `is_in_label`: a label of the region names its arguments, so that
        values with types in the header are operands.
        Where its surroundings leave that open, it is one when no value of the name can be seen: MLIR lets no name be
        given twice.
        """
        word = self.tokens.word
        before, behind = word(index - 1), word(self.behind_place(index))
        if behind == b"=" or before == b"as":
            return True
        if word(opened) == b"(":
            close = self.tree.partners[opened]
            if word(opened - 1) in _LISTS or (before in (b"(", b",") and word(close + 1) in (b"=", b"in")):
                return True
            if word(opened - 1) in _OPERAND_LISTS:
                return False
        typed = behind == b":" and not is_in_label and (word(opened) == b"(" or index - 1 == name)
        return (typed or before == b"->") and not self.visible.get(self.name(index))

    def behind_place(self, index: int) -> int:
        """The token behind a name, and behind the place that an engine may print with it: `%i loc(#loc3) = 0 to 4`."""
        close = self.tree.partners[index + 2] if self.tokens.word(index + 1) == b"loc" else -1
        return close + 1 if close > index else index + 1

    def define(
        self,
        defined: Defined,
        token: int,
        operation: Operation | None,
        type_first: int = 0,
        type_last: int = 0,
        *,
        count: int = 1,
        block: Block | None = None,
    ) -> Definition:
        behind = operation.last if defined is Defined.RESULT and operation is not None else token
        definition = Definition(defined, token, operation, count, type_first, type_last, block, behind)
        self.definitions.append(definition)
        self.at[token] = definition
        return definition

    def show(self, definitions: list[Definition]) -> None:
        is_isolated = self.visible is not self.outermost
        for definition in definitions:
            same = self.visible.setdefault(self.name(definition.token), [])
            definition.is_isolated = is_isolated
            if same and any(one.behind <= definition.token or _are_of_one(one, definition) for one in same[-_NEAREST:]):
                self.hidden.append(definition.token)
            same.append(definition)

    def use(self, index: int, definitions: list[Definition] | None) -> None:
        if not definitions:
            self.unresolved.append(index)
            if self.visible is self.outermost and self.tokens.kinds[index] == Kind.VALUE:
                self.free.append(index)
            return
        meant = definitions[-1]
        if len(definitions) > 1:
            # Where a name is defined twice, which is an error, the nearest definition before the use is meant.
            nearest = (one for one in reversed(definitions[-_NEAREST:]) if one.behind <= index)
            meant = next(nearest, meant)
        meant.uses.append(index)
        self.at[index] = meant
