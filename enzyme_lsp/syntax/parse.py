"""Parse: text to a tree of operations, for any text; it knows MLIR's structure and no operation's own syntax.

MLIR lets each operation have its own syntax, so no grammar finds the end of one it does not know. What holds for all of
them is used instead: brackets pair; a region is `{` with an operation or a block in it; an operation begins with
`%results =`, with `"name"(` or with `dialect.name`, at the start of a line, or in mid-line behind what can end one.
The tests hold the operations found against the locations that the Enzyme engine reports for the same text.

No step recurses: regions wait in a list, so nesting is bounded by memory and not by Python's stack.
"""

from __future__ import annotations

from typing import Final

from enzyme_lsp.syntax.brackets import pair
from enzyme_lsp.syntax.nodes import Argument, Block, Operation, Region, Result, Tree
from enzyme_lsp.syntax.tokens import Kind, tokenize

# Plain numbers and bytes, since a large text has hundreds of thousands of tokens.
_STRING, _VALUE, _WORD, _CARET = int(Kind.STRING), int(Kind.VALUE), int(Kind.WORD), int(Kind.CARET)
_OPEN, _PUNCTUATION, _NUMBER = int(Kind.OPEN), int(Kind.PUNCTUATION), int(Kind.NUMBER)
_INSIDE: Final = frozenset(map(int, Kind)) - {_STRING, _VALUE, _WORD, _CARET, _OPEN}
"""Kinds of tokens that neither begin an operation or a block nor open a bracket: most are."""
_ENDS: Final = frozenset(map(int, (Kind.CLOSE, Kind.VALUE, Kind.BANG, Kind.HASH, Kind.SYMBOL, Kind.CARET)))
_GREATER: Final = ord(">")
_BRACE: Final = ord("{")

UNDOTTED: Final = frozenset({
    b"return", b"call", b"call_indirect", b"constant", b"module", b"func", b"unrealized_conversion_cast",
    b"rewrite", b"replace", b"erase",
})  # fmt: skip
"""Operation names without a dialect: `func.func` lets its own dialect's prefix go, modules that of `builtin`,
`pdl.pattern` that of `pdl`."""

_TYPE_WORDS: Final = (b"f", b"i", b"si", b"ui", b"bf", b"tf", b"index", b"none")
_TERMINATORS: Final = (b".yield", b".return", b".terminator", b".unreachable", b".condition")
_NO_LOCATION_BEHIND: Final = frozenset({b"=", b"[", b",", b"(", b"<"})
"""Words before a `loc(...)` that is a value and records no place."""


def parse(text: bytes) -> Tree:
    """The operations of any text. Never raises."""
    tokens = tokenize(text)
    tree = Tree(tokens, pair(tokens))
    parser = _Parser(tree)
    top = Block()
    index = parser.statements(top, 0, len(tokens))
    while index < len(tokens):
        # A label stands here, which no block of ours begins with: it is text that is no operation.
        top.operations.append(parser.operation(index, len(tokens)))
        index = parser.statements(top, top.operations[-1].last, len(tokens))
    tree.operations = top.operations
    while parser.waiting:
        region, last = parser.waiting.pop()
        parser.blocks(region, last)
    return tree


class _Parser:
    __slots__ = (
        "barren", "ends", "firsts", "kinds", "known", "partners", "regions", "starts", "text", "tokens", "tree",
        "waiting",
    )  # fmt: skip

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.tokens = tree.tokens
        self.text = tree.tokens.text
        self.kinds = tree.tokens.kinds
        self.starts = tree.tokens.starts
        self.ends = tree.tokens.ends
        self.firsts = tree.tokens.firsts
        self.partners = tree.partners
        self.regions: list[Region] = []
        """Those of the operation that is being read."""
        self.waiting: list[tuple[Region, int]] = []
        """Regions whose inside is still to be read, each with the token before which it ends."""
        self.known: tuple[int, int, list[Result], int] = (-1, -1, [], -1)
        """The results that were read last, and where: an operation's are asked for when the one before it ends."""
        self.barren = (0, 0)
        """Tokens of the last list of values that no `=` follows: no results begin in it, so it is not read again."""

    def blocks(self, region: Region, last: int) -> None:
        """Reads the inside of a region: an optional unlabelled block, then labelled ones."""
        index = region.open + 1
        block = Block()
        if not self.is_label(index, last):
            region.blocks.append(block)
            index = self.statements(block, index, last)
        while index < last:
            block = Block(label=index)
            region.blocks.append(block)
            index += 1
            if index < last and self.tokens.word(index) == b"(" and self.partners[index] > index:
                block.arguments = arguments(self.tree, index + 1, self.partners[index])
                index = self.partners[index] + 1
            if index < last and self.tokens.word(index) == b":":
                index += 1
            index = self.statements(block, index, last)

    def statements(self, block: Block, first: int, last: int) -> int:
        """Reads operations into `block` up to a label or `last`; gives where it stopped."""
        kinds, operations, index = self.kinds, block.operations, first
        while index < last and not (kinds[index] == _CARET and self.is_label(index, last)):
            operation = self.operation(index, last)
            operations.append(operation)
            index = operation.last
        return index

    def is_label(self, index: int, last: int) -> bool:
        """Whether token `index` is the `^name` that begins a block, and not a successor."""
        if index >= last or self.kinds[index] != _CARET:
            return False
        begins_line = self.tokens.starts_line(index)
        if not begins_line and self.tokens.word(index - 1) != b"{" and not self.can_end(index - 1):
            return False
        behind = index + 1
        if behind < last and self.tokens.word(behind) == b"(" and self.partners[behind] > behind:
            behind = self.partners[behind] + 1
        if behind < last and self.tokens.word(behind) == b":":
            return True
        return begins_line and behind >= last

    def operation(self, first: int, last: int) -> Operation:
        """The operation that begins at token `first`; takes at least one token."""
        results, index = self.results(first, last)
        operation = Operation(self.tree, first, last, -1, results)
        kinds, starts, ends, firsts = self.kinds, self.starts, self.ends, self.firsts
        if index < last and kinds[index] in (_WORD, _STRING):
            broken = index > first and firsts[index] and self.starts_operation(index, last)
            if broken and kinds[index] == _WORD and b"." not in self.tokens.word(index):
                # `%y =` and then a line with `return`: the name is still to be typed.
                operation.last = index
                return operation
            operation.name_token = index
            index += 1
        elif index == first:
            index += 1
        while index < last:
            kind = kinds[index]
            if kind in _INSIDE:
                index += 1
            elif kind == _VALUE:
                if (firsts[index] or self.can_end(index - 1)) and self.results_start_operation(index, last):
                    break
                index += 1
            elif kind == _WORD:
                word = self.text[starts[index] : ends[index]]
                if (b"." in word or word in UNDOTTED) and self.word_starts_operation(index, word):
                    break
                index = self.location(operation, index, last) if word == b"loc" else index + 1
            elif kind == _OPEN:
                index = self.bracket(index, last)
            elif self.starts_operation(index, last) or self.is_label(index, last):
                break
            else:
                index += 1
        operation.last = min(index, last)
        if self.regions:
            operation.regions, self.regions = self.regions, []
        return operation

    def results(self, first: int, last: int) -> tuple[list[Result], int]:
        """`%a, %b:2 =` when it is there, and the token behind; else nothing, and `first`."""
        if self.kinds[first] != _VALUE or self.barren[0] <= first < self.barren[1]:
            return [], first
        if self.known[:2] != (first, last):
            self.known = (first, last, *self.read_results(first, last))
        return self.known[2:]

    def read_results(self, first: int, last: int) -> tuple[list[Result], int]:
        if first + 1 < last and self.tokens.word(first + 1) == b"=":
            return [Result(first, 1)], first + 2
        index, found = first, list[Result]()
        while index < last and self.kinds[index] == _VALUE:
            count = 1
            token = index
            index += 1
            if index + 1 < last and self.tokens.word(index) == b":" and self.kinds[index + 1] == _NUMBER:
                number = self.tokens.word(index + 1)
                count = int(number) if number.isdigit() and len(number) < 10 else 1
                index += 2
            found.append(Result(token, count))
            if index < last and self.tokens.word(index) == b",":
                index += 1
                continue
            break
        if index >= last or self.tokens.word(index) != b"=":
            self.barren = (first, index)
            return [], first
        return found, index + 1

    def location(self, operation: Operation, index: int, last: int) -> int:
        """Passes the word `loc`, with what is in parentheses behind it where it records a place."""
        if self.tokens.word(index + 1) == b"(":
            close = self.partners[index + 1]
            if index + 1 < close < last and self.tokens.word(index - 1) not in _NO_LOCATION_BEHIND:
                operation.location = (index, close + 1)
                return close + 1
        return index + 1

    def bracket(self, index: int, last: int) -> int:
        """Passes one bracket with all in it."""
        close = self.partners[index]
        is_brace = self.text[self.starts[index]] == _BRACE
        if close < 0 or close >= last:
            if is_brace and self.is_region(index, last):
                # The `}` is missing: the region takes all that is left.
                self.add_region(index, -1, last)
                return last
            return index + 1
        if is_brace and self.is_region(index, last):
            self.add_region(index, close, close)
            return close + 1
        is_list = self.tokens.word(index) == b"(" and self.tokens.word(index + 1) == b"{"
        if is_list and self.is_region(index + 1, last):
            self.region_list(index + 1, close)
        return close + 1

    def region_list(self, index: int, last: int) -> None:
        """Reads the regions of a generic operation: `({ ... }, { ... })`."""
        while index < last:
            if self.tokens.word(index) == b"{" and index < self.partners[index] < last:
                close = self.partners[index]
                self.add_region(index, close, close)
                index = close
            index += 1

    def add_region(self, opened: int, close: int, last: int) -> None:
        region = Region(opened, close)
        self.regions.append(region)
        self.waiting.append((region, last))

    def is_region(self, index: int, last: int) -> bool:
        """Whether the `{` at token `index` opens a region, and not a dictionary or part of an attribute."""
        word = self.tokens.word
        before = word(index - 1)
        if before in (b"attributes", b"<", b"=", b":"):
            return False
        first = index + 1
        if first >= last:
            return True
        kind = self.kinds[first]
        if kind == Kind.CLOSE:
            return word(first) == b"}" and (before == b"(" or self.tokens.starts_line(first))
        if kind in (Kind.VALUE, Kind.CARET):
            return True
        if kind == Kind.STRING:
            # Alone on its line it is a name whose operands are still to be typed.
            alone = self.tokens.starts_line(first) and first + 1 < last and self.tokens.starts_line(first + 1)
            return word(first + 1) == b"(" or (alone and word(first + 1) not in (b"=", b",", b"}"))
        if kind != Kind.WORD:
            return False
        name, behind = word(first), word(first + 1)
        if name in UNDOTTED:
            return behind != b"="
        if behind == b"," and b"." in name:
            # An operation whose first operand is still to be typed: no dictionary has values.
            return first + 2 < last and self.kinds[first + 2] == Kind.VALUE
        if behind in (b"=", b","):
            return False
        if behind in (b"}", b""):
            return name.endswith(_TERMINATORS) or (b"." in name and self.tokens.starts_line(first))
        return b"." in name or self.tokens.starts_line(first)

    def starts_operation(self, index: int, last: int) -> bool:
        """Whether an operation begins at token `index`, which some other operation's tokens precede."""
        kind = self.kinds[index]
        if kind == _VALUE:
            begins = self.firsts[index] or self.can_end(index - 1)
            return bool(begins) and self.results_start_operation(index, last)
        if kind == _WORD:
            return self.word_starts_operation(index, self.tokens.word(index))
        if kind == _STRING:
            begins_line = self.tokens.starts_line(index)
            if self.tokens.word(index + 1) == b"(":
                return begins_line or self.can_end(index - 1)
            # Alone on its line it is a name whose operands are still to be typed.
            return begins_line and (index + 1 >= last or self.tokens.starts_line(index + 1))
        return False

    def word_starts_operation(self, index: int, word: bytes) -> bool:
        if b"." in word:
            if self.firsts[index]:
                return self.tokens.word(index - 1) not in (b"=", b"->")
            return self.can_end(index - 1) and self.tokens.word(index + 1) not in (b"=", b":", b",")
        if word not in UNDOTTED:
            return False
        if self.firsts[index]:
            return True
        return word == b"return" and self.can_end(index - 1)

    def results_start_operation(self, index: int, last: int) -> bool:
        begins_line = self.tokens.starts_line(index)
        _, behind = self.results(index, last)
        if behind == index:
            return False
        if behind >= last or (begins_line and self.tokens.starts_line(behind)):
            return begins_line
        kind = self.kinds[behind]
        if kind == Kind.STRING:
            return self.tokens.word(behind + 1) == b"(" or begins_line
        if kind != Kind.WORD:
            # `%i = %low to %high` and `%i = 0 to 10` are loop headers, which may stand on a line of their own.
            return False
        word = self.tokens.word(behind)
        return begins_line or b"." in word or word in UNDOTTED

    def can_end(self, index: int) -> bool:
        """Whether token `index` can be the last of an operation: a bracket, a value, the end of a type."""
        kind = self.kinds[index]
        if kind == _PUNCTUATION:
            # No `>=` and no `->`.
            return self.text[self.starts[index]] == _GREATER and self.ends[index] == self.starts[index] + 1
        if kind == _WORD:
            return is_type_word(self.tokens.word(index))
        return kind in _ENDS or kind == _NUMBER


def is_type_word(word: bytes) -> bool:
    """Whether a bare word is a scalar type: `f64`, `i1`, `index`..."""
    if word in (b"index", b"none"):
        return True
    return word[:1] in b"fisubt" and word[-1:].isdigit() and word.rstrip(b"0123456789") in _TYPE_WORDS


def type_end(tree: Tree, first: int, last: int, stops: frozenset[bytes]) -> int:
    """Where a type or attribute that begins at token `first` ends: before a word of `stops` outside all brackets.

    Angle brackets pair here, since types use them so; those inside round or square brackets are comparisons or `->`.
    """
    tokens, depth, index = tree.tokens, 0, first
    while index < last:
        word = tokens.word(index)
        if depth <= 0 and word in stops:
            return index
        if word == b"<":
            depth += 1
        elif word == b">":
            depth -= 1
        elif tokens.kinds[index] == Kind.OPEN and tree.partners[index] > index:
            index = tree.partners[index]
        index += 1
    return min(index, last)


_ARGUMENT_STOPS: Final = frozenset({b",", b"{", b"loc", b"="})
_COMMA: Final = frozenset({b","})


def arguments(tree: Tree, first: int, last: int) -> list[Argument]:
    """The arguments of a block or function between its parentheses: `%x: f64 {a = 1} loc(...), f64, ...`."""
    found: list[Argument] = []
    index = first
    while index < last:
        token = -1
        end = type_end(tree, index, last, _COMMA)
        if tree.tokens.kinds[index] == Kind.VALUE:
            token = index
            index += 1
            if tree.tokens.word(index) == b":" and index < last:
                index += 1
        type_last = type_end(tree, index, end, _ARGUMENT_STOPS)
        if type_last > index or token >= 0:
            found.append(Argument(token, index, type_last))
        index = end + 1
    return found
