"""Definition: from a name to where it is defined, from a location to the file that it records.

On the name of an operation that differentiates it leads to the function that is differentiated. A name that is its own
definition leads to itself, which lets an editor show the uses instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import FilePlace
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.features.answers import Link
from enzyme_lsp.syntax.scopes import names, type_text
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.occurrences import NameKind, Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot

_FILE: Final = re.compile(rb'"((?:[^"\\\n\r]|\\[^\n\r])*)"[ \t]*:[ \t]*(\d{1,9})[ \t]*:[ \t]*(\d{1,9})')
"""`"file":line:column`, as in `loc("file":1:2)` and in `loc("file":1:2 to :3:4)`."""
_ALIAS: Final = re.compile(r"![A-Za-z_$][\w$-]*(?![\w$.<-])")
_LONGEST_LINE: Final = 4_096
"""Bytes of a line before a place that are looked at."""


def definition(snapshot: Snapshot, offset: int) -> tuple[Link, ...]:
    """Where what stands at a byte is defined; nothing when the text does not say."""
    found = occurrences.at(snapshot, offset)
    if found is not None:
        return tuple(_link(snapshot, found.span, one) for one in occurrences.definitions(snapshot, found))
    return _of_location(snapshot, offset) or _of_derivative(snapshot, offset)


def type_definition(snapshot: Snapshot, offset: int) -> tuple[Link, ...]:
    """The aliases in the type of the value at a byte; on an alias the alias itself."""
    found = occurrences.at(snapshot, offset)
    if found is None:
        return ()
    if found.kind is NameKind.ALIAS:
        return definition(snapshot, offset)
    if found.kind is not NameKind.VALUE:
        return ()
    text = type_of(snapshot, found) or ""
    aliases = snapshot.scopes.aliases[snapshot.scope_of(found.piece).section]
    places = (aliases.get(name) for name in dict.fromkeys(_ALIAS.findall(text)))
    at = (occurrences.at(snapshot, snapshot.offset(index)) for index in places if index is not None)
    return tuple(_link(snapshot, found.span, one) for one in at if one is not None)


def type_of(snapshot: Snapshot, value: Occurrence) -> str | None:
    """The type of a value as the text gives it, the types of all where a name stands for several."""
    defined = occurrences.definition_of(snapshot, value)
    if defined is None or value.target.home is None:
        return None
    return type_text(snapshot.layout.pieces[value.target.home].fact(names), defined, value.number)


def recorded(data: bytes, first: int, last: int) -> Iterator[Link]:
    """The places of other files that a text records between two bytes, in order."""
    for match in _FILE.finditer(data, first, last):
        path = match[1].decode("utf-8", "replace")
        place = FilePlace(path, max(int(match[2]) - 1, 0), max(int(match[3]) - 1, 0))
        yield Link(Span(match.start(), match.end()), file=place)


def _link(snapshot: Snapshot, origin: Span, target: Occurrence) -> Link:
    operation = occurrences.operation_of(snapshot, target)
    whole = snapshot.span_in(target.piece, operation.span) if operation is not None else target.span
    return Link(origin, target.span, whole if whole.covers(target.span) else target.span)


def _of_location(snapshot: Snapshot, offset: int) -> tuple[Link, ...]:
    """The file of `"file":line:column`, where the cursor is in it."""
    data = snapshot.document.data
    first = max(data.rfind(b"\n", 0, offset) + 1, offset - _LONGEST_LINE)
    last = data.find(b"\n", offset, offset + _LONGEST_LINE)
    found = recorded(data, first, last if last >= 0 else min(len(data), offset + _LONGEST_LINE))
    return tuple(link for link in found if link.origin.start <= offset <= link.origin.end)[:1]


def _of_derivative(snapshot: Snapshot, offset: int) -> tuple[Link, ...]:
    index = snapshot.layout.index_near(offset)
    if index is None:
        return ()
    inside = offset - snapshot.offset(index)
    for call in snapshot.layout.pieces[index].fact(derivative_calls):
        if call.name_span.start <= inside <= call.name_span.end and call.callee_span is not None:
            at = occurrences.at(snapshot, snapshot.span_in(index, call.callee_span).start)
            if at is not None:
                name = snapshot.span_in(index, call.name_span)
                return tuple(_link(snapshot, name, one) for one in occurrences.definitions(snapshot, at))
    return ()
