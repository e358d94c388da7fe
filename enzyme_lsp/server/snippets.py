"""Snippets: edits with stops in the notation of the protocol's snippets; must not know what is edited.

VS Code puts the blanks that begin the line of a snippet before each further line of it, and before those of the plain
edits beside it. At the start of a line there are none, so edits of several lines begin there where it is indented.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.text.document import decode
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MARK: Final = re.compile(r"[\\$}]")


def escaped(text: str) -> str:
    """A text as it stands in a snippet."""
    return _MARK.sub(lambda match: f"\\{match[0]}", text)


def snippets(data: bytes, edits: Iterable[Edit]) -> Iterator[tuple[Span, str]]:
    """The edits of a text as snippets, in order and disjoint.

    Every place of a stop has its text, so that it is there too when a client takes each edit on its own.
    """
    for edit in _at_line_starts(data, edits):
        text, at = "", 0
        for stop in edit.stops:
            text += escaped(decode(edit.new[at : stop.span.start]))
            text += f"${{{stop.number}:{escaped(decode(stop.span.of(edit.new)))}}}"
            at = stop.span.end
        yield edit.span, text + escaped(decode(edit.new[at:]))


def _at_line_starts(data: bytes, edits: Iterable[Edit]) -> list[Edit]:
    """The edits, where those of several lines begin at the start of one, joined with what is before them there."""
    found: list[Edit] = []
    for edit in edits:
        wide = _widened(data, edit)
        while found and found[-1].span.end > wide.span.start:
            edit = _joined(data, found.pop(), edit)  # noqa: PLW2901 - grows until it fits behind the others
            wide = _widened(data, edit)
        found.append(wide)
    return found


def _widened(data: bytes, edit: Edit) -> Edit:
    if b"\n" not in edit.new:
        return edit
    start = max(data.rfind(b"\n", 0, edit.span.start), data.rfind(b"\r", 0, edit.span.start)) + 1
    is_indented = start < edit.span.start and data[start : start + 1] in (b" ", b"\t")
    return _joined(data, Edit(Span(start, start), b""), edit) if is_indented else edit


def _joined(data: bytes, first: Edit, second: Edit) -> Edit:
    """Two edits as one, with the text between them."""
    before = first.new + data[first.span.end : second.span.start]
    moved = (replace(stop, span=stop.span.shifted(len(before))) for stop in second.stops)
    return Edit(Span(first.span.start, second.span.end), before + second.new, stops=(*first.stops, *moved))
