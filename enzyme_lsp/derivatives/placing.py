"""Placing: where in a document new functions go: behind the one that they are of, with an empty line between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.derivatives.writing import Style, written
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.derivatives.drafts import Draft
    from enzyme_lsp.derivatives.subject import Subject


def placed(subject: Subject, drafts: Sequence[Draft]) -> Edit:
    """The edit that puts new functions into the document; its lines end in LF. Nothing else of the text changes."""
    data, offset = subject.snapshot.document.data, subject.snapshot.offset(subject.piece)
    span = subject.operation.span.shifted(offset)
    first = data[data.rfind(b"\n", 0, span.start) + 1 : span.start]
    indent = first[: len(first) - len(first.lstrip(b" \t"))].decode()
    style = Style.of(subject, indent)
    text = "".join("\n\n" + "\n".join(written(draft, style)) for draft in drafts)
    end = data.find(b"\n", span.end)
    end = len(data) if end < 0 else end - (data[end - 1 : end] == b"\r")
    rest = data[span.end : end].strip()
    if rest and not rest.startswith(b"//"):
        # Something else ends or begins on that line.
        return Edit(Span(span.end, span.end), f"{text}\n{indent}".encode())
    return Edit(Span(end, end), f"{text}{_gap(data, end)}".encode())


def _gap(data: bytes, end: int) -> str:
    """An empty line, where none is and what follows is not the end of something."""
    following = data[end:].lstrip(b"\r").removeprefix(b"\n").partition(b"\n")[0].strip()
    return "\n" if following and not following.startswith((b"}", b"// -----")) else ""
