"""Diagnostics for people: a sentence, the line it is about, and carets; knows colors, not where it is printed.

The source is shown as it is but for what a terminal would obey or hide (`visible`), and a long line only in
part: the place that the diagnostic is about, with what fits around it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from enzyme_lsp.checks.diagnostic import OURS, Diagnostic, Severity
from enzyme_lsp.cli import visible
from enzyme_lsp.server import recorded
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import FilePlace
    from enzyme_lsp.text.document import Document

NAMES = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "information",
    Severity.HINT: "hint",
}
STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.INFORMATION: "bold blue",
    Severity.HINT: "bold cyan",
}
_NOTE = "bold green"
_FRAME = "blue"
_CUT = "\N{HORIZONTAL ELLIPSIS}"


def excerpt(file: str, document: Document, diagnostic: Diagnostic, width: int) -> Iterator[Text]:
    """A diagnostic in lines of at most `width` cells, its messages aside: a terminal breaks those itself."""
    style = STYLES[diagnostic.severity]
    code = f"[{diagnostic.code}]" if diagnostic.code else ""
    lines = visible.lines(diagnostic.message)
    if diagnostic.source != OURS:
        lines[0] += f" ({diagnostic.source})"
    yield from _sentence(f"{NAMES[diagnostic.severity]}{code}", style, lines, "bold")
    yield from _source(file, document, diagnostic.span, style, width)
    for note in diagnostic.notes:
        yield from _sentence("note", _NOTE, visible.lines(note.message), "")
        if note.span is not None:
            yield from _source(file, document, note.span, _NOTE, width)
        elif note.file is not None:
            yield _arrow(recorded.text(seen_from(file, document, note.file)), " ")


def seen_from(file: str, document: Document, place: FilePlace) -> FilePlace:
    """A recorded place as seen from where the user is, who called the document `file`."""
    if recorded.uri(place, document.uri) is None:
        return place
    # A relative path belongs to the document's folder, an absolute one stays.
    return replace(place, path=os.path.normpath(os.path.join(os.path.dirname(file), place.path)))


def _sentence(word: str, style: str, lines: list[str], message_style: str) -> Iterator[Text]:
    yield Text.assemble((word, style), (f": {lines[0]}", message_style))
    for line in lines[1:]:
        yield Text(f"  {line}", message_style)


def _source(file: str, document: Document, span: Span, style: str, width: int) -> Iterator[Text]:
    line0, column = document.lines.position(span.start, "utf-32")
    number = str(line0 + 1)
    gutter = " " * len(number)
    window = _window(document, span, document.lines.line_span(line0), width - len(gutter) - len(" | "))
    yield _arrow(f"{file}:{number}:{column + 1}", gutter)
    yield Text(f"{gutter} |", _FRAME)
    yield Text.assemble((f"{number} |", _FRAME), " ", window.text)
    yield Text.assemble((f"{gutter} |", _FRAME), " ", " " * window.before, ("^" * window.marked, style))


def _arrow(place: str, gutter: str) -> Text:
    return Text.assemble((f"{gutter}--> ", _FRAME), visible.line(place))


@dataclass(frozen=True, slots=True)
class _Window:
    """What is shown of a line. The marked part begins after `before` cells and is `marked` cells long."""

    text: str
    before: int
    marked: int


def _window(document: Document, span: Span, line: Span, width: int) -> _Window:
    """As much of a line as fits, the beginning of the span always; a span over several lines ends with the first."""
    width = max(width, 20)
    start, end = span.start, min(span.end, line.end)
    # A line may have megabytes; no character has more than four bytes, so that this much is always enough.
    first = _character_start(document, max(line.start, start - 4 * width), line)
    last = _character_start(document, min(line.end, start + 4 * width), line)
    marked = [visible.character(char) for char in document.text(Span(start, max(min(end, last), start)))]
    before = [visible.character(char) for char in document.text(Span(first, start))]
    after = [visible.character(char) for char in document.text(Span(max(min(end, last), start), last))]

    is_whole = first == line.start and last == line.end
    if is_whole and sum(map(cell_len, [*before, *marked, *after])) <= width:
        left, middle, right = before, marked, after
        prefix = suffix = ""
    else:
        space = width - 2  # for the ellipses
        middle = _fitting(marked, space)
        space -= sum(map(cell_len, middle))
        right = _fitting(after, space // 2) if len(middle) == len(marked) else []
        left = _fitting(before[::-1], space - sum(map(cell_len, right)))[::-1]
        right = right and _fitting(after, space - sum(map(cell_len, left)))
        prefix = _CUT if first > line.start or len(left) < len(before) else ""
        suffix = _CUT if last < line.end or len(middle) + len(right) < len(marked) + len(after) else ""
    shown = "".join(middle)
    return _Window(
        f"{prefix}{''.join(left)}{shown}{''.join(right)}{suffix}",
        cell_len(prefix) + sum(map(cell_len, left)),
        # An empty span, such as the end of a line that goes on too early, still gets a caret.
        max(sum(map(cell_len, middle)), 1),
    )


def _fitting(characters: list[str], space: int) -> list[str]:
    count = 0
    for char in characters:
        space -= cell_len(char)
        if space < 0:
            break
        count += 1
    return characters[:count]


def _character_start(document: Document, offset: int, line: Span) -> int:
    while line.start < offset < line.end and document.data[offset] & 0b1100_0000 == 0b1000_0000:
        offset -= 1
    return offset
