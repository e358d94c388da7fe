"""Columns: where the lines of a piece are to stand, and the blanks between its tokens; it sees no comment.

What the rules are is told in `formatting`. Columns count characters from 0, offsets bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import is_type_word
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from enzyme_lsp.syntax.nodes import Tree
    from enzyme_lsp.syntax.tokens import Tokens

BLANKS: Final = b" \t"
"""What may be changed before a line and between tokens. MLIR passes over more."""

_LEVEL: Final = 2
"""Columns for each level, as MLIR's printer has them; whoever wants tabs gets one for each."""

_WIDEST_TAB: Final = 16

_FARTHEST: Final = 160
"""No line is moved to the right of this: a line at each of very many levels would make a text of their square."""

_BLANK_RUN: Final = re.compile(rb"[ \t]*")
_LINE_END: Final = re.compile(rb"\r\n?|\n")
_LATER_BYTES: Final = bytes(range(0x80, 0xC0))
"""The bytes of a character in UTF-8 behind its first."""

_COMMA, _COLON, _EQUALS, _LESS, _GREATER, _MINUS = b",:=<>-"
# Plain numbers, since a large text has hundreds of thousands of tokens.
_OPEN, _CLOSE, _PUNCTUATION = int(Kind.OPEN), int(Kind.CLOSE), int(Kind.PUNCTUATION)
_VALUE, _NUMBER = int(Kind.VALUE), int(Kind.NUMBER)
_NAMES: Final = frozenset({Kind.WORD, Kind.STRING})
_KEYWORDS: Final = frozenset({Kind.WORD, Kind.NUMBER})


class Indentation:
    """How the blanks before a line are counted and written."""

    def __init__(self, tab_size: int, *, insert_spaces: bool) -> None:
        self._tab_size = min(max(tab_size, _LEVEL), _WIDEST_TAB)
        self._insert_spaces = insert_spaces
        self.level = _LEVEL if insert_spaces else self._tab_size
        """Columns for each level."""

    def columns(self, blanks: bytes) -> int:
        """How wide blanks are at the start of a line."""
        return len(blanks.expandtabs(self._tab_size)) if b"\t" in blanks else len(blanks)

    def blanks(self, columns: int) -> bytes:
        tabs, rest = (0, columns) if self._insert_spaces else divmod(columns, self._tab_size)
        return b"\t" * tabs + b" " * rest


@dataclass(slots=True)
class Line:
    """A line that begins with a token: the column at which it stands and the one at which it is to stand."""

    first: int
    """The offset of its first token."""
    end: int
    """Behind its last token."""
    old: int
    new: int
    above: int
    """The column for a comment above it."""
    shift: int = 0
    """By how many columns it grows between its tokens."""


@dataclass(slots=True)
class Sheet:
    """What the pieces read so far say: their lines by the offset of the first token, and edits inside lines."""

    data: bytes
    indentation: Indentation
    lines: dict[int, Line] = field(default_factory=dict[int, Line])
    edits: list[Edit] = field(default_factory=list[Edit])
    line: Line = field(default_factory=lambda: Line(-1, 0, 0, 0, 0))
    """The last one; the next piece may begin in the middle of it."""


def read(sheet: Sheet, piece: Piece, start: int, depth: int, kept: Sequence[Span], where: Span) -> None:
    """Reads the lines in `where`, and the next one, of a piece at byte `start` inside `depth` modules.

    Lines that begin in `kept` are left. Invariants: `kept` is in order, `where` begins with a line, and the brackets of
    the piece pair, those of a module's body aside.
    """
    if len(piece.tree.tokens):
        _Pass(sheet, piece, start, depth, kept, where).run()


@dataclass(frozen=True, slots=True)
class Structure:
    """What tokens of a piece are to its lines. A level is that of an operation, from that of the piece."""

    begins: dict[int, tuple[int, int]]
    """The first tokens of operations and labels: the level; and the token behind the operation, 0 for a label."""
    braces: dict[int, int]
    """The braces of regions: the level of the operation that has the region."""
    angles: dict[int, int]
    """Each `<` that pairs: its `>`."""
    firsts: dict[int, int]
    """The tokens behind the first that begin a line: the start of that line."""
    first_tokens: list[int]
    """The same tokens, in order."""


def structure(piece: Piece) -> Structure:
    """The structure of a piece: a fact of it, to be kept or not."""
    tree = piece.tree
    begins, braces = {0: (0, len(tree.tokens))}, dict[int, int]()
    if piece.kind is PieceKind.CLOSE:
        begins, braces = dict[int, tuple[int, int]](), {0: 0}
    elif piece.kind in (PieceKind.ITEM, PieceKind.OPEN):
        waiting = [(tree.operations, 0)]
        while waiting:
            operations, level = waiting.pop()
            for operation in operations:
                begins[operation.first] = (level, operation.last)
                for region in operation.regions:
                    braces[region.open] = level
                    if region.close >= 0:
                        braces[region.close] = level
                    for block in region.blocks:
                        if block.label >= 0:
                            begins[block.label] = (level, 0)
                        waiting.append((block.operations, level + 1))
    firsts = _line_firsts(tree.tokens)
    return Structure(begins, braces, _angles(tree.tokens, begins), firsts, list(firsts))


def _angles(tokens: Tokens, begins: Container[int]) -> dict[int, int]:
    """The angle brackets that pair, inside one operation and one other bracket."""
    text, starts = tokens.text, tokens.starts
    found: dict[int, int] = {}
    if b"<" not in text:
        return found
    stack: list[int] = []
    floors = [0]
    for index, kind in enumerate(tokens.kinds):
        if kind == _PUNCTUATION:
            mark = text[starts[index]]
            if mark == _LESS:
                stack.append(index)
            elif mark == _GREATER and len(stack) > floors[-1] and tokens.ends[index] == starts[index] + 1:
                found[stack.pop()] = index
        elif kind == _OPEN:
            floors.append(len(stack))
        elif kind == _CLOSE:
            del stack[floors[-1] :]
            if len(floors) > 1:
                floors.pop()
        elif index in begins:
            del stack[floors[-1] :]
    return found


def _line_firsts(tokens: Tokens) -> dict[int, int]:
    starts, found = tokens.starts, dict[int, int]()
    index = 0
    for match in _LINE_END.finditer(tokens.text):
        index = bisect_left(starts, match.end(), index)
        if index < len(starts):
            found[index] = match.end()
    return found


def opens_region(tree: Tree, first: int, last: int, braces: Container[int]) -> bool | None:
    """Whether the line of tokens [first, last) opens a region with nothing but keywords before it, as `case 0 {` does.

    None: it opens no region.
    """
    kinds = tree.tokens.kinds
    for index in range(first, last):
        if index in braces and kinds[index] == Kind.OPEN:
            return all(kind in _KEYWORDS for kind in kinds[first:index])
    return None


class _Bracket:
    """An open bracket of an operation that is no region's; angle brackets that pair are among them.

    Of what it holds a line stands at `level`, and at `base` one that begins with its closing bracket. `text_old` and
    `text_new` are the columns of the text behind it on its line, -1 when it ends its line. All are known once its line
    has been read.
    """

    __slots__ = ("base", "close", "hides", "level", "line", "opener", "shift", "text_new", "text_old")

    def __init__(self, opener: int, close: int, line: Line, *, hides: bool) -> None:
        self.opener = opener
        self.close = close
        self.line = line
        self.shift = line.shift
        self.hides = hides
        """Whether it is an angle bracket, inside which no blank is touched."""
        self.base = self.level = self.text_old = self.text_new = -1


@dataclass(slots=True)
class _Statement:
    """What is being read: an operation, or a label."""

    column: int
    line: Line | None
    """The line that it begins, if it begins one."""
    is_label: bool = False
    brackets: list[_Bracket] = field(default_factory=list[_Bracket])
    known: int = 0
    """How many of the brackets, from the outermost, have their columns."""
    hidden: int = 0
    """How many of them hide what they hold, and how many `<` do not pair."""


class _Pass:
    """One pass over the tokens of one piece, in order."""

    def __init__(self, sheet: Sheet, piece: Piece, start: int, depth: int, kept: Sequence[Span], where: Span) -> None:
        self.sheet = sheet
        self.level = sheet.indentation.level
        self.start = start
        self.column = piece.column
        self.depth = depth
        self.is_alias = piece.kind is PieceKind.ALIAS
        self.tree = piece.tree
        self.tokens = piece.tree.tokens
        self.kept = kept
        self.kept_starts = [span.start for span in kept]
        self.where = where
        # Kept only for who reads a part of a piece and will read other parts: it is as large as the tree.
        is_whole = where.covers(Span(start, start + len(piece.text)))
        self.structure = structure(piece) if is_whole else piece.fact(structure)
        self.firsts = self.structure.firsts
        self.statement = _Statement(self.column_of(0), None)
        self.around: list[_Statement] = []
        """The operations whose regions are open."""
        self.flow = 0
        """The column from which brackets opened on this line count: that of the operation, or that of the line."""
        self.spaced = 0
        """The last token before which blanks were looked at."""
        self.is_kept = False

    def run(self) -> None:
        tokens, begins, firsts = self.tokens, self.structure.begins, self.firsts
        start = self.start - self.column
        if start + len(blanks_at(self.sheet.data, start)) >= self.start:
            self.new_line(0, start)
        else:
            self.is_kept = self.is_in_kept(start)
            if self.sheet.line.first < start:
                # What stands before the piece on its line has not been read, and so the line stays where it is.
                self.sheet.line = Line(self.start, self.start, self.column, self.column, 0)
        # A large function has a hundred thousand tokens, most of which say nothing: the tests for that must be cheap.
        actions = {_OPEN: self.open, _CLOSE: self.close, _PUNCTUATION: self.punctuation}
        kinds, index, count = tokens.kinds, 0, len(tokens)
        while index < count:
            if index in firsts:
                self.new_line(index, self.start + firsts[index])
                if self.start + firsts[index] >= self.where.end:
                    return
            if index in begins:
                level, last = begins[index]
                if self.is_before(last):
                    self.statement = _Statement(0, None)
                    index = last
                    continue
                self.begin(index, level, is_label=not last)
            kind = kinds[index]
            if kind in actions:
                actions[kind](index)
            index += 1
        self.sheet.line.end = self.start + tokens.ends[-1]

    def is_before(self, last: int) -> bool:
        """Whether an operation that ends with a line, before token `last`, is above the lines that are wanted."""
        ends_line = last in self.firsts or last == len(self.tokens)
        return ends_line and self.start + self.tokens.ends[last - 1] < self.where.start

    def begin(self, index: int, level: int, *, is_label: bool) -> None:
        """An operation or a label begins."""
        line, column = self.sheet.line, self.column_of(level)
        begins_line = line.first == self.start + self.tokens.starts[index]
        self.statement = _Statement(column, line if begins_line else None, is_label)
        self.flow = column

    def column_of(self, level: int) -> int:
        return min((self.depth + level) * self.level, _FARTHEST)

    def new_line(self, index: int, start: int) -> None:
        """Token `index` begins the line that starts at byte `start`."""
        first = self.start + self.tokens.starts[index]
        if index:
            self.sheet.line.end = self.start + self.tokens.ends[index - 1]
        self.resolve()
        blanks = self.sheet.data[start:first]
        # There may be other bytes before it that MLIR passes over, such as a byte order mark.
        self.is_kept = self.is_in_kept(start) or bool(blanks.strip(BLANKS))
        line = Line(first, first, self.sheet.indentation.columns(blanks), 0, 0)
        new, line.above = self.place(index, line.old)
        line.new = self.flow = line.old if self.is_kept else min(new, _FARTHEST)
        self.sheet.line = line
        if not self.is_kept:
            self.sheet.lines[first] = line

    def place(self, index: int, old: int) -> tuple[int, int]:
        """The column of a line that token `index` begins and that stands at `old`; and that of a comment above it."""
        found = self.structure.begins.get(index)
        if found is not None:
            column = self.column_of(found[0])
            return column, column
        level = self.structure.braces.get(index)
        if level is not None:
            is_end = self.tokens.kinds[index] == _CLOSE
            return self.column_of(level), self.column_of(level + is_end)
        statement = self.statement
        if statement.brackets:
            bracket = statement.brackets[-1]
            if bracket.close == index:
                return bracket.base, bracket.level
            column = _inside(bracket, old)
            return column, column
        last = self.line_end(index)
        alone = opens_region(self.tree, index, last, self.structure.braces)
        if alone is not None and statement.line is not None and old == statement.line.old + 1:
            # So StableHLO prints the regions of `stablehlo.while` and `stablehlo.reduce`.
            return statement.column + 1, statement.column
        column = statement.column + (0 if alone else self.level)
        return column, column

    def resolve(self) -> None:
        """All of the line is read on which the last brackets stand: says where what they hold is to stand."""
        statement, line = self.statement, self.sheet.line
        at, wide = line.first, 0
        for number in range(statement.known, len(statement.brackets)):
            bracket = statement.brackets[number]
            bracket.base = self.flow
            if number > statement.known:
                # The bracket around it is of this line too. `({` and `<{` that end on one line are as one.
                outer = statement.brackets[number - 1]
                bracket.base = outer.base if self.end_together(bracket, outer) else outer.level
            behind = bracket.opener + 1
            if behind in self.firsts or behind == len(self.tokens):
                bracket.level = min(bracket.base + self.level, _FARTHEST)
                continue
            bracket.level = min(bracket.base + 2 * self.level, _FARTHEST)
            text = self.start + self.tokens.starts[behind]
            wide += width(self.sheet.data[at:text])
            at = text
            bracket.text_old = line.old + wide
            bracket.text_new = line.new + wide + bracket.shift
        statement.known = len(statement.brackets)

    def end_together(self, bracket: _Bracket, outer: _Bracket) -> bool:
        firsts = self.structure.first_tokens
        return bisect_right(firsts, bracket.close) == bisect_right(firsts, outer.close)

    def open(self, index: int) -> None:
        if index in self.structure.braces:
            self.resolve()
            self.around.append(self.statement)
            self.statement = _Statement(self.statement.column, None)
        else:
            self.push(_Bracket(index, self.tree.partners[index], self.sheet.line, hides=False))

    def close(self, index: int) -> None:
        if index not in self.structure.braces:
            self.pop(index)
        elif self.around:
            self.statement = self.around.pop()
            self.flow = self.statement.column

    def push(self, bracket: _Bracket) -> None:
        self.statement.brackets.append(bracket)
        self.statement.hidden += bracket.hides

    def pop(self, closed: int) -> None:
        statement = self.statement
        if statement.brackets and statement.brackets[-1].close == closed:
            statement.hidden -= statement.brackets.pop().hides
            statement.known = min(statement.known, len(statement.brackets))

    def punctuation(self, index: int) -> None:
        tokens = self.tokens
        mark = tokens.text[tokens.starts[index]]
        if mark == _LESS:
            self.angle(index)
        elif mark == _GREATER:
            self.pop(index)
        elif self.statement.hidden or self.is_kept:
            return
        elif mark == _COMMA:
            if tokens.ends[index - 1] != tokens.starts[index]:
                self.space(index, b"")
            self.space(index + 1, b" ")
        elif mark == _COLON:
            self.colon(index)
        elif (mark == _EQUALS and self.is_definition(index)) or (mark == _MINUS and self.is_function_type(index)):
            self.space(index, b" ")
            self.space(index + 1, b" ")

    def angle(self, index: int) -> None:
        close = self.structure.angles.get(index)
        if close is None:
            self.statement.hidden += 1
            return
        tokens = self.tokens
        # The properties of an operation, ` <{...}>`, are a dictionary; in `#a<{...}>` the attribute says what it is.
        is_apart = index > 0 and tokens.ends[index - 1] < tokens.starts[index]
        opens_brace = tokens.word(index + 1) == b"{" and tokens.ends[index] == tokens.starts[index + 1]
        is_dictionary = is_apart and opens_brace
        self.push(_Bracket(index, close, self.sheet.line, hides=not is_dictionary))

    def is_definition(self, index: int) -> bool:
        """Whether the `=` at token `index` is that of results, of arguments, of a dictionary or of an alias."""
        kinds, brackets = self.tokens.kinds, self.statement.brackets
        kind = kinds[index - 1] if index else Kind.UNKNOWN
        if kind == _VALUE or (self.is_alias and index == 1):
            return True
        if kind == _NUMBER:
            return index > 2 and self.tokens.word(index - 2) == b":" and kinds[index - 3] == _VALUE
        return kind in _NAMES and bool(brackets) and self.tokens.word(brackets[-1].opener) == b"{"

    def is_function_type(self, index: int) -> bool:
        """Whether the `->` at token `index` stands between types; others are a matter of the operation."""
        tokens = self.tokens
        if not 0 < index < len(tokens) - 1:
            return False
        before, kind_behind = tokens.word(index - 1), tokens.kinds[index + 1]
        ends_type = before in (b")", b">") or tokens.kinds[index - 1] == Kind.BANG or is_type_word(before)
        return ends_type and (kind_behind in (Kind.WORD, Kind.BANG) or tokens.word(index + 1) == b"(")

    def colon(self, index: int) -> None:
        tokens, statement = self.tokens, self.statement
        if not 0 < index < len(tokens) - 1 or tokens.kinds[index + 1] == _NUMBER:
            return  # `%a:2`
        kind = tokens.kinds[index - 1]
        if not statement.brackets:
            if not statement.is_label and (kind in (_VALUE, _CLOSE) or tokens.word(index - 1) == b">"):
                self.space(index, b" ")
                self.space(index + 1, b" ")
        elif kind == _VALUE and tokens.word(statement.brackets[-1].opener) == b"(":
            # Of an argument. Printers differ on the blank before it.
            self.space(index + 1, b" ")

    def space(self, index: int, wanted: bytes) -> None:
        """Wants these blanks before token `index`, if it stands behind another one on its line."""
        tokens = self.tokens
        kinds = tokens.kinds
        if index <= self.spaced or index in self.firsts or index >= len(kinds) or kinds[index - 1] == _OPEN:
            return
        self.spaced = index
        start, end = tokens.ends[index - 1], tokens.starts[index]
        blanks = tokens.text[start:end]
        if blanks != wanted and not blanks.strip(BLANKS):
            self.sheet.edits.append(Edit(Span(self.start + start, self.start + end), wanted))
            self.sheet.line.shift += len(wanted) - len(blanks)

    def line_end(self, index: int) -> int:
        """The token that begins the line behind that of token `index`."""
        firsts = self.structure.first_tokens
        number = bisect_right(firsts, index)
        return firsts[number] if number < len(firsts) else len(self.tokens)

    def is_in_kept(self, start: int) -> bool:
        number = bisect_right(self.kept_starts, start) - 1
        return number >= 0 and start < self.kept[number].end


def _inside(bracket: _Bracket, old: int) -> int:
    """The column of a line that stands at `old` in an open bracket: under its text if it stood about there."""
    if not 0 <= bracket.text_new <= _FARTHEST:
        return bracket.level
    level_old = bracket.level - bracket.line.new + bracket.line.old
    return bracket.text_new if abs(old - bracket.text_old) <= abs(old - level_old) else bracket.level


def width(text: bytes) -> int:
    """How many characters a text has."""
    return len(text) if text.isascii() else len(text.translate(None, _LATER_BYTES))


def blanks_at(data: bytes, offset: int) -> bytes:
    """The run of blanks that starts at a byte."""
    found = _BLANK_RUN.match(data, offset)
    return found[0] if found else b""


def line_start(data: bytes, offset: int) -> int:
    """Where the line of byte `offset` starts."""
    if offset and data.startswith(b"\r\n", offset - 1):
        offset -= 1  # The place between the two belongs to the line that they end.
    newline = data.rfind(b"\n", 0, offset)
    # The second search is bounded by the first: a text without carriage returns would be read from its start.
    return max(newline, data.rfind(b"\r", newline + 1, offset)) + 1
