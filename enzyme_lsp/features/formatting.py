"""Formatting: indentation and blanks by structure, as MLIR's printer has them; no token, comment or name is changed.

Lines stay the lines that they are. What begins one says where it stands:

* an operation: one level in for each region around it; a block label and the brace that ends a region: as the operation
  that has the region;
* a further line of an operation: one level in. Inside a bracket: one level in from the line of a bracket that ends its
  line, else under the text behind the bracket if it stood about there, or else two levels in;
* the line of a region that has a keyword (`case 0 {`): as its operation;
* a comment: as what follows it; at the end of a region, as what is in it. One that stands under the comment at the end
  of the line before stays there. A directive of FileCheck or lit at column 0 stays there, and `// -----` goes there.

Blanks at the ends of lines go, and of several empty lines one stays. Inside a line only what printers agree on is done:
one blank behind a comma, around the `=` of results and dictionaries, the `->` of function types and the `:` before the
type of an operation. Nothing is touched between `<` and `>`.

What is broken is left as it is, byte for byte: an operation with a syntax problem, a piece whose brackets do not pair,
and the modules of a section whose braces do not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features import indents
from enzyme_lsp.features.columns import BLANKS, Indentation, Line, Sheet, blanks_at, line_start, read, width
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.problems import problems
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.syntax.layout import Layout, Section
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.workspace.snapshot import Snapshot

_LINE: Final = re.compile(rb"([ \t]*)([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_LINE_END: Final = re.compile(rb"\r\n?|\n|\Z")
# A prefix that FileCheck or lit looks for: `CHECK-NEXT:`, `RUN:`, `FIRST{LITERAL}:`.
_DIRECTIVE: Final = re.compile(rb"//[ \t]*[A-Z][A-Z0-9_-]*(?:\{LITERAL\})?:")
# How a comment names another line by its distance, for MLIR's diagnostic verifier and for FileCheck.
_DISTANCE: Final = re.compile(rb"@(?:LINE[ \t]*)?([+-])[ \t]*(\d{1,9})")


def formatted(
    snapshot: Snapshot,
    span: Span | None,
    tab_size: int,
    insert_spaces: bool,  # noqa: FBT001  # The protocol has it so.
) -> EditSet:
    """The edits that format the lines that `span` touches, or all. Raises `Outdated` when an edit has come.

    `tab_size` is how wide a tab is shown. A level is two blanks; without `insert_spaces`, one tab.
    """
    data, layout = snapshot.document.data, snapshot.layout
    where = Span(0, len(data)) if span is None else _selected(data, span)
    around = Span(_code_before(data, where.start), where.end)
    pieces = _touched(layout, around)
    sheet = Sheet(data, Indentation(tab_size, insert_spaces=insert_spaces))
    modules, broken = _modules_that_do_not_pair(snapshot, pieces), list[Span]()
    for index in pieces:
        snapshot.check_current()
        if _holding(modules, layout.starts[index]) is None:
            _read(sheet, layout, index, broken, around)
    lines = _Lines(sheet, _merged(sorted([*modules, *broken])))
    for match in _LINE.finditer(data, around.start):
        if match.start() == len(data):
            lines.end(_depth_behind(layout, len(layout.pieces)) * sheet.indentation.level)
        elif match.start() < where.end or lines.has_waiting:
            lines.read(match)
        else:
            break
    edits = [*lines.edits, *(Edit(line, b"") for line in _removable(snapshot.document, lines.surplus))]
    return EditSet(edit for edit in edits if where.start <= edit.span.start < where.end)


def on_type(snapshot: Snapshot, offset: int, typed: str) -> EditSet:
    """The edits when a line end or a `}` has just been typed before `offset`.

    Only that line is moved, and to where the lines around it, formatted or not, let one expect it.
    """
    data = snapshot.document.data
    start = line_start(data, offset)
    blanks = blanks_at(data, start)
    first = start + len(blanks)
    edits: list[Edit] = []
    if typed == "\n":
        edits += _left_blank(data, start)
    elif typed != "}" or not data.startswith(b"}", first):
        return EditSet(())
    wanted = indents.wanted(snapshot, first)
    if wanted is not None and wanted != blanks:
        edits.append(Edit(Span(start, first), wanted))
    return EditSet(edits)


def _left_blank(data: bytes, start: int) -> Iterator[Edit]:
    """The blanks of the line before the one that starts at `start`, if they are all of it: an indentation not used."""
    end = start - (2 if data.endswith(b"\r\n", 0, start) else 1)
    before = line_start(data, max(end, 0))
    blanks = blanks_at(data, before)
    if blanks and before + len(blanks) == end:
        yield Edit(Span(before, end), b"")


def _selected(data: bytes, span: Span) -> Span:
    """The lines that a span touches; one that ends where a line starts does not touch that."""
    end = span.end - 1 if span.start < span.end == line_start(data, span.end) else span.end
    return _whole_lines(data, Span(span.start, end))


def _whole_lines(data: bytes, span: Span) -> Span:
    """A span from the start of its first line to the end of its last, line end included."""
    end = _LINE_END.search(data, span.end)
    return Span(line_start(data, span.start), end.end() if end else len(data))


def _code_before(data: bytes, start: int) -> int:
    """The start of the last line before the one at `start` that has more than blanks and a comment; else 0.

    A comment may stand under the one at the end of that line, and an empty line behind an empty one goes.
    """
    while start > 0:
        start = line_start(data, start - (2 if data.endswith(b"\r\n", 0, start) else 1))
        code = start + len(blanks_at(data, start))
        if not data.startswith((b"\n", b"\r", b"//"), code):
            return start
    return 0


def _touched(layout: Layout, where: Span) -> range:
    """The pieces that a span touches, those before them on their line, and the next one, by which comments stand."""
    first, last = layout.index_near(where.start), layout.index_near(where.end)
    if first is None or last is None:
        return range(0)
    start = layout.starts[first] - layout.pieces[first].column
    return range(bisect_left(layout.starts, start), min(last + 2, len(layout.pieces)))


def _depth_behind(layout: Layout, index: int) -> int:
    """How many modules are open behind the piece before piece `index`."""
    if not index or layout.pieces[index - 1].kind is PieceKind.MARKER:
        return 0
    kind = layout.pieces[index - 1].kind
    return layout.depths[index - 1] + (kind is PieceKind.OPEN) - (kind is PieceKind.CLOSE)


def _modules_that_do_not_pair(snapshot: Snapshot, pieces: range) -> list[Span]:
    """For sections with a module whose braces do not pair, all from the first one: nobody knows what is in what."""
    layout, found = snapshot.layout, list[Span]()
    for section in snapshot.sections:
        if section.last <= pieces.start or section.first >= pieces.stop:
            continue
        members = range(section.first, section.last)
        opened = next((index for index in members if layout.pieces[index].kind is PieceKind.OPEN), None)
        if opened is not None and not _pairs(layout, section):
            found.append(Span(layout.starts[opened] - layout.pieces[opened].column, section.span.end))
    return found


def _pairs(layout: Layout, section: Section) -> bool:
    """Whether each brace of the modules in a section has its partner."""
    if _depth_behind(layout, section.last):
        return False
    stray = (piece for piece in layout.pieces[section.first : section.last] if piece.text == b"}")
    return all(piece.kind is PieceKind.CLOSE for piece in stray)


def _read(sheet: Sheet, layout: Layout, index: int, broken: list[Span], where: Span) -> None:
    """Reads the lines in `where` of a piece, and adds to `broken` the lines of what is wrong in it."""
    piece, start, depth = layout.pieces[index], layout.starts[index], layout.depths[index]
    if piece.kind is PieceKind.MARKER:
        old = sheet.indentation.columns(sheet.data[start - piece.column : start])
        above = depth * sheet.indentation.level
        sheet.lines[start] = Line(start, start + len(piece.text), old, 0, above)
        return
    before = layout.pieces[index - 1] if index else None
    # Where a piece with an open bracket ends, the next one is recognized by its column: it must not move either.
    goes_on = before is not None and before.kind is not PieceKind.RESOURCES and before.fact(_wrong) is None
    wrong = None if goes_on else piece.fact(_wrong)
    found = broken[-1:]
    for operation in [layout.span(index)] if wrong is None else (span.shifted(start) for span in wrong):
        # What ends in lines that are found is in them. Else a line of many mistakes would be searched for each.
        if not found or operation.end > found[-1].end:
            lines = _whole_lines(sheet.data, operation)
            found.append(lines)
            broken.append(lines)
    if wrong is not None:
        read(sheet, piece, start, depth - (piece.kind is PieceKind.CLOSE), _merged(found), where)


def _wrong(piece: Piece) -> list[Span] | None:
    """What is wrong in a piece, from its start, in order: the operations with a syntax problem. None: all of it.

    Use through `piece.fact`.
    """
    if piece.kind is PieceKind.RESOURCES:
        return None
    found = piece.fact(problems)
    if not found:
        return []
    tree = piece.tree
    pairs = all(
        partner >= 0
        for kind, partner in zip(tree.tokens.kinds, tree.partners, strict=True)
        if kind in (Kind.OPEN, Kind.CLOSE)
    )
    if piece.kind is not PieceKind.ITEM or not pairs or Kind.BAD_STRING in tree.tokens.kinds:
        return None
    places = {bisect_right(tree.tokens.starts, problem.span.start) - 1 for problem in found}
    return [operation.span for operation in tree.walk() if not places.isdisjoint(operation.own_tokens())]


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, with those that overlap as one."""
    found: list[Span] = []
    for span in spans:
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def _holding(spans: Sequence[Span], offset: int) -> Span | None:
    """The one of disjoint spans in order that holds a byte."""
    number = bisect_right(spans, offset, key=lambda span: span.start) - 1
    return spans[number] if number >= 0 and offset < spans[number].end else None


class _Lines:
    """One pass over lines, in order: their beginnings and ends, comments and empty lines."""

    def __init__(self, sheet: Sheet, kept: Sequence[Span]) -> None:
        self.edits = [edit for edit in sheet.edits if _holding(kept, edit.span.start) is None]
        self.surplus: list[Span] = []
        """The empty lines behind an empty line."""
        self._data = sheet.data
        self._lines = sheet.lines
        self._indentation = sheet.indentation
        self._kept = kept
        self._waiting: list[int] = []
        """The starts of the lines of comments that will stand as the next line does."""
        self._under: tuple[int, int] | None = None
        """The column at which the comment at the end of the line before stands, and the one at which it will."""
        self._is_empty = False

    @property
    def has_waiting(self) -> bool:
        """Whether what follows still matters for lines that have been read."""
        return bool(self._waiting)

    def read(self, match: re.Match[bytes]) -> None:
        """Reads the next line."""
        was_empty, self._is_empty = self._is_empty, False
        under, self._under = self._under, None
        start, first = match.span(1)
        if _holding(self._kept, start) is not None:
            self._waiting.clear()
            return
        body = match[2].rstrip(BLANKS)
        end = first + len(body)
        if not body:
            self._is_empty = True
            if was_empty:
                self.surplus.append(Span(*match.span()))
            else:
                self._replace(start, first, b"")
            return
        self._replace(end, match.end(2), b"")
        line = self._lines.get(first)
        if line is not None:
            self._code(line, start, end)
        elif body.startswith(b"//"):
            self._comment(start, body, under)
        else:
            self._waiting.clear()

    def end(self, column: int) -> None:
        """The text has ended: comments stand at `column`."""
        self._stand(column)

    def _code(self, line: Line, start: int, end: int) -> None:
        self._stand(line.above)
        self._indent(start, line.new)
        between = len(blanks_at(self._data, line.end))
        comment = line.end + between
        if comment >= end:
            return
        # One that is set off by more than a blank keeps its column in the line, if it can.
        room = between
        if between > 1 and line.shift and b"\t" not in self._data[line.end : comment]:
            room = max(between - line.shift, 1)
            self._replace(line.end, comment, b" " * room)
        wide = width(self._data[line.first : comment])
        self._under = line.old + wide, line.new + wide + line.shift + room - between

    def _comment(self, start: int, body: bytes, under: tuple[int, int] | None) -> None:
        blanks = blanks_at(self._data, start)
        if under is not None and under[0] == self._indentation.columns(blanks):
            self._under = under
            self._indent(start, under[1])
        elif blanks or not _DIRECTIVE.match(body):
            self._waiting.append(start)

    def _stand(self, column: int) -> None:
        for start in self._waiting:
            self._indent(start, column)
        self._waiting.clear()

    def _indent(self, start: int, column: int) -> None:
        self._replace(start, start + len(blanks_at(self._data, start)), self._indentation.blanks(column))

    def _replace(self, start: int, end: int, new: bytes) -> None:
        if self._data[start:end] != new:
            self.edits.append(Edit(Span(start, end), new))


def _removable(document: Document, surplus: Sequence[Span]) -> Iterator[Span]:
    """The empty lines that no comment counts, as `expected-error @+2` counts lines."""
    if not surplus:
        return
    lines = document.lines
    counted: list[Span] = []
    for match in _DISTANCE.finditer(document.data):
        line0, distance = lines.position(match.start(), "utf-8").line0, int(match[2])
        other = line0 + distance if match[1] == b"+" else line0 - distance
        counted.append(Span(max(min(line0, other), 0), max(line0, other) + 1))
    counted = _merged(sorted(counted))
    for line in surplus:
        if _holding(counted, lines.position(line.start, "utf-8").line0) is None:
            yield line
