"""Placing: where in a document new functions go: behind the one that they are of, with an empty line between."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from enzyme_lsp.derivatives.writing import Style, written
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.line_ends import line_end, line_start, next_line
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.derivatives.drafts import Draft
    from enzyme_lsp.derivatives.subject import Subject


@dataclass(frozen=True, slots=True)
class Placed:
    """The edit that puts new functions into a document, and the bytes that each then takes."""

    edit: Edit
    spans: tuple[Span, ...]


def placed(subject: Subject, drafts: Sequence[Draft]) -> Placed:
    """New functions in the document; lines end in LF. Nothing else of the text changes."""
    data, offset = subject.snapshot.document.data, subject.snapshot.offset(subject.piece)
    span = subject.operation.span.shifted(offset)
    first = data[line_start(data, span.start) : span.start]
    indent = first[: len(first) - len(first.lstrip(b" \t"))].decode()
    style = Style.of(subject, indent)
    functions = [written(draft, style) for draft in drafts]
    edit = behind(data, span, indent, functions)
    ends = [edit.span.start + size for size in accumulate(len(_text(lines)) for lines in functions)]
    spans = tuple(Span(end - len(_text(lines)), end) for lines, end in zip(functions, ends, strict=True))
    return Placed(edit, spans)


def behind(data: bytes, span: Span, indent: str, functions: Sequence[Sequence[str]]) -> Edit:
    """The edit that puts functions, as lines with their indent, behind the one that is at `span`."""
    text = b"".join(_text(lines) for lines in functions)
    end = line_end(data, span.end)
    rest = data[span.end : end].strip()
    if rest and not rest.startswith(b"//"):
        # Something else ends or begins on that line.
        return Edit(Span(span.end, span.end), text + f"\n{indent}".encode())
    return Edit(Span(end, end), text + _gap(data, end))


def _text(lines: Sequence[str]) -> bytes:
    """A function behind the end of a line, and an empty one."""
    return ("\n\n" + "\n".join(lines)).encode()


def _gap(data: bytes, end: int) -> bytes:
    """An empty line, where none is and what follows is not the end of something."""
    start = next_line(data, end)
    following = data[start : line_end(data, start)].strip()
    return b"\n" if following and not following.startswith((b"}", b"// -----")) else b""
