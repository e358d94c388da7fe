"""Folding: what can be folded away: regions, attribute dictionaries, runs of comments, sections.

It reads brackets alone and parses nothing, since an editor asks for a whole document as soon as it is opened.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.answers import Fold, FoldKind
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.snapshot import Snapshot

_COMMENTS: Final = re.compile(rb"(?:^[ \t]*+//(?! -----(?!-))[^\n]*(?:\n|\Z)){2,}", re.MULTILINE)
"""Two and more lines that are nothing but a comment."""
_RUN_LINES: Final = re.compile(
    rb"(?:^[ \t]*+//[ \t]*(?:RUN:|REQUIRES:|UNSUPPORTED:|XFAIL:|(?:RE)?DEFINE:)[^\n]*(?:\n|\Z))+", re.MULTILINE
)
_STEP: Final = re.compile(
    rb'("(?:[^"\\\n\r]|\\[^\n\r])*"?|//[^\n\r]*'  # 1: what hides brackets, and pairs that need no stack
    rb"|\([^][(){}<\"/\n]*\)|\[[^][(){}<\"/\n]*\]|\{[^][(){}<\"/\n]*\})"
    rb"|([(\[{]|<(?=[ \t]*(?://[^\n]*)?\r?\n))"  # 2: opening; `<` at the end of its line
    rb"|([)\]}]|\n[ \t]*>)"  # 3: closing; `>` at the start of its line
)
_PAIRS: Final = {b")": b"(", b"]": b"[", b"}": b"{", b">": b"<"}


def folding(snapshot: Snapshot, most: int | None = None) -> tuple[Fold, ...]:
    """The folds, in order of their start; when there are more than `most`, the outer ones.

    Raises `Outdated` when an edit has come.
    """
    found: list[Fold] = [*_sections(snapshot), *_comments(snapshot.document.data)]
    opened: list[int] = []
    for index, piece in enumerate(snapshot.layout.pieces):
        start = snapshot.offset(index)
        if piece.kind is PieceKind.OPEN:
            # The body begins where its `{` does; what stands before may fold by itself.
            opened.append(start + len(piece.text) - 1)
        elif piece.kind is PieceKind.CLOSE and opened:
            found.append(Fold(Span(opened.pop(), start + 1), FoldKind.BRACKETS))
        elif piece.kind is PieceKind.MARKER:
            opened.clear()
        snapshot.check_current()
        found += [Fold(span.shifted(start), FoldKind.BRACKETS) for span in piece.fact(brackets)]
    found.sort(key=lambda fold: (fold.span.start, -fold.span.end))
    return tuple(found if most is None or len(found) <= most else _outer(found, most))


def _outer(folds: list[Fold], most: int) -> list[Fold]:
    """The first `most` of folds in order that have the fewest around them, in order."""
    around: list[int] = []
    depths: list[int] = []
    for fold in folds:
        while around and around[-1] <= fold.span.start:
            around.pop()
        depths.append(len(around))
        around.append(fold.span.end)
    kept = sorted(range(len(folds)), key=depths.__getitem__)[: max(most, 0)]
    return [folds[index] for index in sorted(kept)]


def brackets(piece: Piece) -> tuple[Span, ...]:
    """The bracket pairs of a piece that begin and end on different lines, one a line. Use through `piece.fact`."""
    text = piece.text
    if b"\n" not in text:
        return ()
    stack: list[tuple[bytes, int]] = []
    found: dict[int, Span] = {}
    for step in _STEP.finditer(text):
        if step.lastindex == 2:
            stack.append((step[0], step.start()))
        elif step.lastindex == 3:
            opened = _opened(stack, _PAIRS[step[0].lstrip()])
            if opened is not None and text.find(b"\n", opened, step.end()) >= 0:
                line = text.rfind(b"\n", 0, opened)
                span = Span(opened, step.end())
                # `({` and `<{` open two on one line: the outer one folds, which is closed last.
                if line not in found or found[line].start > opened:
                    found[line] = span
    return tuple(found.values())


def _opened(stack: list[tuple[bytes, int]], wanted: bytes) -> int | None:
    """Where the innermost bracket of a kind opens, which is closed now; None when there is none to close."""
    if wanted == b"{":
        while stack and stack[-1][0] != wanted:
            stack.pop()
    elif wanted != b"<":
        while stack and stack[-1][0] == b"<":
            stack.pop()
    return stack.pop()[1] if stack and stack[-1][0] == wanted else None


def _sections(snapshot: Snapshot) -> Iterator[Fold]:
    """The sections between `// -----` lines: the line of the marker stays, and says that a section begins.

    Of the first one the last of the RUN lines stays. Without any it has no line of its own, and is not folded.
    """
    data = snapshot.document.data
    header = _RUN_LINES.match(data)
    for section in snapshot.sections if len(snapshot.sections) > 1 else ():
        start, end = section.span.start, section.span.end
        if not start:
            start = len(data[: header.end()].rstrip()) if header is not None else end
        end = start + len(data[start:end].rstrip(b" \t\r\n\x00"))
        if end > start:
            yield Fold(Span(start, end), FoldKind.SECTION)


def _comments(data: bytes) -> Iterator[Fold]:
    """Runs of comment lines: the RUN lines of a test apart from what follows, CHECK blocks, prose."""
    for match in _COMMENTS.finditer(data):
        header = _RUN_LINES.match(data, match.start(), match.end())
        parts = [match.start(), match.end()] if header is None else [match.start(), header.end(), match.end()]
        for start, end in pairwise(parts):
            span = Span(start, start + len(data[start:end].rstrip()))
            if data.find(b"\n", span.start, span.end) >= 0:
                yield Fold(span, FoldKind.COMMENT)
