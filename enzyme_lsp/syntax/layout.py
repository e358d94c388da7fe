"""Layout: where the sections and the top-level pieces of a text are; it must not know what an operation means.

A piece is one operation or alias definition at the top level of a section or of a `module` body. Modules nest,
so a module is three kinds of piece: its opening text up to `{`, its items, and its closing `}`.

Real modules are lists of symbols, and nearly all work is per piece: a keystroke re-reads one function, and a
bracket left open in one function is an error in that function alone. So pieces are cut by a scan of their own
that looks at brackets, strings, comments and line starts only. The scan reads forward from the start of a piece
and its state there is just the number of open modules; hence it can start again before an edit and stop at the
first old boundary behind it, and `edited` gives what `of` gives, for any text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from typing import Final

from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.text.span import Span

# One step of the scan. Group 1: a string; 2: a comment; 3: an opening, 4: a closing bracket; 5: the line break
# and blanks before something that can start a piece.
_HEAD: Final = (
    rb"%[^\s=,:#]+(?::\d+)?(?:[ \t]*,[ \t]*%[^\s=,:#]+(?::\d+)?)*[ \t]*="  # %a, %b:2 =
    rb'|"[^"\n\r]*"[ \t]*\('  # "dialect.op"(
    rb"|[A-Za-z_][\w$]*\.[\w$.]+(?![\w$.]*[ \t]*=[^=])"  # dialect.op, and no key of a dictionary
    rb"|(?:module|func|unrealized_conversion_cast)\b(?![ \t]*=)"
    rb"|[#!][A-Za-z_$][\w$.-]*[ \t]*="  # an alias
    rb"|\{-#"
)
_STEP: Final = re.compile(
    rb'("(?:[^"\\\n\r]|\\[^\n\r])*"?)|(//[^\n\r]*)|(\{-#|[(\[{])|([)\]}])|([\n\r][ \t]*(?=' + _HEAD + rb"))"
)
_SYMBOL: Final = (
    rb'"?(?:builtin\.)?module\b|"?(?:[\w$]+\.)*(?:func|module|global)"?[ \t(@]'
    rb"|[#!][A-Za-z_$][\w$.-]*[ \t]*="
)
# The same inside a bracket, where a piece may go on for a megabyte: what cannot end it is passed in C, and that is all
# but what can start a symbol. Brackets that pair on one line with none inside are passed too; not so braces, which may
# be the body of a module. It matches wherever it starts, at the end of the text with no group.
_INSIDE: Final = re.compile(
    rb'(?:[^"/()\[\]{}\n\r]++|/(?!/)|//(?! -----(?!-))[^\n\r]*+|\([^"/()\[\]{}\n\r]*+\)|\[[^"/()\[\]{}\n\r]*+\]'
    rb"|[\n\r](?![ \t]*+(?=" + _SYMBOL + rb")(?:" + _HEAD + rb")))*+"
    rb'(?:("(?:[^"\\\n\r]|\\[^\n\r])*"?)|(//[^\n\r]*)|(\{-#|[(\[{])|([)\]}])|([\n\r][ \t]*)|\Z)'
)
_BLANKS: Final = b" \t\r\n\x00"
"""What MLIR passes over: not form feeds, which Python would strip too."""
_GAP: Final = re.compile(rb"(?:[ \t\r\n\x00]|\xef\xbb\xbf)*")
# A line that starts a symbol no further right than the open piece does: the open piece lost a bracket.
_SYMBOL_HEAD: Final = re.compile(_SYMBOL)
_MARKER: Final = re.compile(rb"// -----(?!-)")
_MODULE_HEAD: Final = re.compile(rb"(?:[\w$]+\.)?module\b")
_GENERIC_MODULE_HEAD: Final = re.compile(rb'"(?:[\w$]+\.)?module"[ \t]*\(')
_RESOURCES_END: Final = b"#-}"


@dataclass(frozen=True, slots=True)
class Section:
    """The text between two `// -----` lines: a module of its own, as `-split-input-file` reads it.

    `span` is in bytes of the document; `first` and `last` bound its pieces, half-open.
    """

    span: Span
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Layout:
    """All pieces of a text in order, and the byte offset at which each starts.

    Invariant: `starts` ascends; `depths[i]` is the number of modules open at the start of piece i.
    """

    length: int
    starts: tuple[int, ...]
    pieces: tuple[Piece, ...]
    depths: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes) -> Layout:
        """The layout of a text. Never raises."""
        scan = _Scan(data)
        scan.run(0, 0, None)
        return cls(len(data), tuple(scan.starts), tuple(scan.pieces), tuple(scan.depths))

    def edited(self, start: int, old_end: int, new_end: int, data: bytes) -> Layout:
        """The layout of `data`, which differs from this layout's text only in [start, old_end) -> [start, new_end).

        Equal to `Layout.of(data)`; costs what the touched pieces cost.
        """
        # Where a piece ends depends on how the next one begins, so the piece before the touched one is read again,
        # and one more since the touched text may be the gap behind it.
        touched = bisect_right(self.starts, start) - 1
        keep = max(0, touched - 2)
        scan = _Scan(data)
        restart, depth = (self.starts[keep], self.depths[keep]) if keep else (0, 0)
        scan.run(restart, depth, _Old(self, old_end, new_end - old_end))
        resume = scan.resume
        delta = new_end - old_end
        starts = self.starts[:keep] + tuple(scan.starts)
        # What was read again and is as it was stays the same object, and with it all that is known of it.
        old = {piece: piece for piece in self.pieces[keep:resume]}
        pieces = self.pieces[:keep] + tuple([old.pop(piece, piece) for piece in scan.pieces])
        depths = self.depths[:keep] + tuple(scan.depths)
        if resume is not None:
            tail = self.starts[resume:]
            starts += tuple([s + delta for s in tail]) if delta else tail
            pieces += self.pieces[resume:]
            depths += self.depths[resume:]
        return Layout(len(data), starts, pieces, depths)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections in order; there is always one, and each marker line adds one."""
        found: list[Section] = []
        first, begin = 0, 0
        for index, piece in enumerate(self.pieces):
            if piece.kind is PieceKind.MARKER:
                found.append(Section(Span(begin, self.starts[index]), first, index))
                first, begin = index + 1, self.starts[index] + len(piece.text)
        found.append(Section(Span(begin, self.length), first, len(self.pieces)))
        return tuple(found)

    def span(self, index: int) -> Span:
        """The bytes that piece `index` covers in the document."""
        return Span(self.starts[index], self.starts[index] + len(self.pieces[index].text))

    def index_near(self, offset: int) -> int | None:
        """The last piece that starts at `offset` or before, else the first one; None when there are no pieces."""
        return max(bisect_right(self.starts, offset) - 1, 0) if self.pieces else None

    def index_at(self, offset: int) -> int | None:
        """The piece that covers `offset` or ends there; None in the gap between pieces."""
        index = bisect_right(self.starts, offset) - 1
        if index < 0 or offset > self.starts[index] + len(self.pieces[index].text):
            return None
        return index


class _Old:
    """What an earlier layout still offers behind an edit."""

    __slots__ = ("by_start", "delta", "layout", "old_end")

    def __init__(self, layout: Layout, old_end: int, delta: int) -> None:
        self.layout = layout
        self.old_end = old_end
        self.delta = delta

    def same(self, start: int, depth: int, column: int) -> int | None:
        """The index of the old piece that starts here, when all from it on is as it was."""
        layout, old_start = self.layout, start - self.delta
        if old_start <= self.old_end:
            return None
        index = bisect_right(layout.starts, old_start) - 1
        if index < 0 or layout.starts[index] != old_start:
            return None
        if layout.depths[index] != depth or layout.pieces[index].column != column:
            return None
        return index


class _Container(Enum):
    """How a module is written, which says where its body opens."""

    NONE = 0
    CUSTOM = 1
    """`module @name attributes {...} {`"""
    GENERIC = 2
    """`"builtin.module"() <{...}> ({`"""


class _End(Enum):
    """Why the scan of one piece stopped."""

    BOUNDARY = 0
    OPENED = 1


class _Scan:
    """One forward pass over a text."""

    __slots__ = ("data", "depths", "pieces", "resume", "starts")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.starts: list[int] = []
        self.pieces: list[Piece] = []
        self.depths: list[int] = []
        self.resume: int | None = None

    def run(self, offset: int, depth: int, old: _Old | None) -> None:
        data = self.data
        while True:
            offset = _skip(data, offset)
            if offset >= len(data):
                return
            column = offset - _line_start(data, offset)
            if old is not None and (same := old.same(offset, depth, column)) is not None:
                self.resume = same
                return
            if data.startswith(b"//", offset):
                end = _line_end(data, offset)
                self._add(PieceKind.MARKER, offset, end, depth, column)
                depth = 0
            elif data.startswith(b"{-#", offset):
                close = data.find(_RESOURCES_END, offset)
                end = len(data) if close < 0 else close + len(_RESOURCES_END)
                self._add(PieceKind.RESOURCES, offset, end, depth, column)
            elif depth and data.startswith(b"}", offset):
                end, _ = self._piece_end(offset + 1, column, _Container.NONE)
                self._add(PieceKind.CLOSE, offset, end, depth, column)
                depth -= 1
            elif data.startswith(b"}", offset):
                end = offset + 1
                self._add(PieceKind.ITEM, offset, end, depth, column)
            else:
                end, why = self._piece_end(offset, column, _container(data, offset))
                if why is _End.OPENED:
                    self._add(PieceKind.OPEN, offset, end, depth, column)
                    depth += 1
                else:
                    alias = data[offset : offset + 1] in (b"#", b"!")
                    self._add(PieceKind.ALIAS if alias else PieceKind.ITEM, offset, end, depth, column)
            offset = end

    def _add(self, kind: PieceKind, start: int, end: int, depth: int, column: int) -> None:
        self.starts.append(start)
        self.depths.append(depth)
        self.pieces.append(Piece(kind, self.data[start:end], column))

    def _piece_end(self, offset: int, column: int, container: _Container) -> tuple[int, _End]:
        """Where the piece that starts at `offset` ends: behind its last byte that is no blank and no comment."""
        data = self.data
        stack: list[int] = []
        end = offset  # behind the last string seen, or a bracket behind it
        behind = offset
        while step := (_INSIDE.match(data, behind) if stack else _STEP.search(data, behind)):
            group, behind = step.lastindex, step.end()
            if group is None:
                break
            at = step.start(group)
            if group == 3:
                bracket = data[at]
                if bracket == 0x7B and _opens(container, stack, data, offset, at):
                    return behind, _End.OPENED
                stack.append(bracket)
            elif group == 4:
                bracket = data[at]
                if bracket == 0x7D:
                    while stack and stack[-1] != 0x7B:
                        stack.pop()
                    if not stack:
                        return _trimmed(data, end, at), _End.BOUNDARY
                    stack.pop()
                elif stack and stack[-1] == (0x28 if bracket == 0x29 else 0x5B):
                    stack.pop()
            elif group == 5:
                if not stack:
                    return _trimmed(data, end, at), _End.BOUNDARY
                if behind - at - 1 <= column and _SYMBOL_HEAD.match(data, behind):
                    return _trimmed(data, end, at), _End.BOUNDARY
                continue
            elif group == 2:
                if _is_marker(data, at):
                    return _trimmed(data, end, at), _End.BOUNDARY
                continue
            end = behind
        return _trimmed(data, end, len(data)), _End.BOUNDARY


def _container(data: bytes, offset: int) -> _Container:
    """Whether the piece at `offset` is a module, and in which form."""
    if _MODULE_HEAD.match(data, offset):
        return _Container.CUSTOM
    return _Container.GENERIC if _GENERIC_MODULE_HEAD.match(data, offset) else _Container.NONE


def _opens(container: _Container, stack: list[int], data: bytes, start: int, brace: int) -> bool:
    """Whether the `{` at `brace` opens the body of the module that starts at `start`, inside the brackets `stack`."""
    if container is _Container.CUSTOM:
        return not stack and not data[start:brace].rstrip(_BLANKS).endswith(b"attributes")
    return container is _Container.GENERIC and stack == [0x28] and data[start:brace].rstrip(_BLANKS).endswith(b"(")


def _is_marker(data: bytes, offset: int) -> bool:
    """Whether the comment at `offset` is a line of its own that splits the text."""
    return bool(_MARKER.match(data, offset)) and not data[_line_start(data, offset) : offset].strip(_BLANKS)


def _skip(data: bytes, offset: int) -> int:
    """The next offset that is no blank and in no comment, a marker line aside."""
    while True:
        gap = _GAP.match(data, offset)
        offset = gap.end() if gap else offset
        if not data.startswith(b"//", offset) or _is_marker(data, offset):
            return offset
        offset = _line_end(data, offset)


def _trimmed(data: bytes, end: int, limit: int) -> int:
    """Behind the last byte of [end, limit), which holds no string, that belongs to a token."""
    while True:
        offset = _skip(data, end)
        if offset >= limit:
            return end
        comment = data.find(b"//", offset, limit)
        stop = limit if comment < 0 else comment
        end = offset + len(data[offset:stop].rstrip(_BLANKS))
        if comment < 0:
            return end


def _line_start(data: bytes, offset: int) -> int:
    # The second search is bounded by the first: a text without carriage returns would be read from its start.
    newline = data.rfind(b"\n", 0, offset)
    return max(newline, data.rfind(b"\r", newline + 1, offset)) + 1


def _line_end(data: bytes, offset: int) -> int:
    newline = data.find(b"\n", offset)
    newline = len(data) if newline < 0 else newline
    carriage = data.find(b"\r", offset, newline)
    return newline if carriage < 0 else carriage
