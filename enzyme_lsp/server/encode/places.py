"""Places: positions, ranges and links as the protocol has them; must not compute anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from lsprotocol import types as lsp

from enzyme_lsp.features.answers import Access, SymbolKind
from enzyme_lsp.server import recorded
from enzyme_lsp.server.protocol import (
    Position,
)
from enzyme_lsp.server.rpc import Plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.checks.diagnostic import FilePlace
    from enzyme_lsp.features.answers import Highlight, Link
    from enzyme_lsp.server.client import Client
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.line_index import Encoding
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.index import Place
    from enzyme_lsp.workspace.snapshot import Snapshot


def position(document: Document, offset: int, encoding: Encoding) -> lsp.Position:
    line0, column = document.lines.position(offset, encoding)
    return lsp.Position(line=line0, character=column)


def range(document: Document, span: Span, encoding: Encoding) -> lsp.Range:  # noqa: A001  # Always `encode.range`.
    return lsp.Range(start=position(document, span.start, encoding), end=position(document, span.end, encoding))


def own_position(document: Document, offset: int, client: Client) -> Position:
    at = position(document, offset, client.encoding)
    return Position(at.line, at.character)


def definitions(found: Iterable[Link], snapshot: Snapshot, client: Client) -> Places:
    return _places(found, snapshot, client) if client.links_definitions else _locations(found, snapshot, client)


def declarations(found: Iterable[Link], snapshot: Snapshot, client: Client) -> Places:
    return _places(found, snapshot, client) if client.links_declarations else _locations(found, snapshot, client)


def type_definitions(found: Iterable[Link], snapshot: Snapshot, client: Client) -> Places:
    return _places(found, snapshot, client) if client.links_type_definitions else _locations(found, snapshot, client)


def implementations(found: Iterable[Link], snapshot: Snapshot, client: Client) -> Places:
    return _places(found, snapshot, client) if client.links_implementations else _locations(found, snapshot, client)


Places: TypeAlias = "list[lsp.LocationLink] | list[lsp.Location]"


def _places(found: Iterable[Link], snapshot: Snapshot, client: Client) -> list[lsp.LocationLink]:
    places: list[lsp.LocationLink] = []
    for link in found:
        target = _target(link, snapshot, client)
        if target is not None:
            uri, whole, name = target
            origin = range(snapshot.document, link.origin, client.encoding)
            places.append(lsp.LocationLink(uri, whole, name, origin))
    return places


def _locations(found: Iterable[Link], snapshot: Snapshot, client: Client) -> list[lsp.Location]:
    targets = (_target(link, snapshot, client) for link in found)
    return [lsp.Location(uri, name) for uri, _, name in filter(None, targets)]


def _target(link: Link, snapshot: Snapshot, client: Client) -> tuple[str, lsp.Range, lsp.Range] | None:
    """Where a link leads: the document, and all of the thing and its name there; None: nobody knows."""
    document = snapshot.document
    if link.name is not None and link.whole is not None:
        whole, name = (range(document, span, client.encoding) for span in (link.whole, link.name))
        return document.uri, whole, name
    if link.elsewhere is not None:
        name = line_range(link.elsewhere.place, client.encoding)
        return link.elsewhere.uri, name, name
    uri = None if link.file is None else recorded.uri(link.file, document.uri)
    if link.file is None or uri is None:
        return None
    name = file_range(link.file)
    return uri, name, name


def document_links(found: Iterable[Link], snapshot: Snapshot, client: Client) -> list[lsp.DocumentLink]:
    links: list[lsp.DocumentLink] = []
    for link in found:
        uri = None if link.file is None else recorded.uri(link.file, snapshot.uri)
        if link.file is not None and uri is not None:
            # What stands behind `#` is read by editors as `L` with the line and the column, from 1.
            place = f"#L{link.file.line0 + 1},{link.file.column + 1}" if link.file.line0 or link.file.column else ""
            where = range(snapshot.document, link.origin, client.encoding)
            links.append(lsp.DocumentLink(range=where, target=uri + place))
    return links


def references(found: Iterable[Span], snapshot: Snapshot, client: Client) -> Plain:
    """Of `lsp.Location`."""
    document = snapshot.document
    return Plain([{"uri": document.uri, "range": plain_range(document, span, client.encoding)} for span in found])


def highlights(found: Iterable[Highlight], snapshot: Snapshot, client: Client) -> list[lsp.DocumentHighlight]:
    kinds = {Access.READ: lsp.DocumentHighlightKind.Read, Access.WRITE: lsp.DocumentHighlightKind.Write}
    return [
        lsp.DocumentHighlight(range(snapshot.document, one.span, client.encoding), kinds[one.access]) for one in found
    ]


def plain_range(document: Document, span: Span, encoding: Encoding) -> dict[str, object]:
    """An `lsp.Range` as JSON has it."""
    start, end = document.lines.positions(span, encoding)
    return {
        "start": {"line": start.line0, "character": start.column},
        "end": {"line": end.line0, "character": end.column},
    }


SYMBOL_KINDS = {
    SymbolKind.MODULE: lsp.SymbolKind.Module,
    SymbolKind.FUNCTION: lsp.SymbolKind.Function,
    SymbolKind.GLOBAL: lsp.SymbolKind.Variable,
    SymbolKind.OTHER: lsp.SymbolKind.Constant,
}
"""All of those that every client knows."""


def line_range(place: Place, encoding: Encoding) -> lsp.Range:
    start, end = place.columns(encoding)
    return lsp.Range(start=lsp.Position(place.line0, start), end=lsp.Position(place.line0, end))


def file_range(place: FilePlace) -> lsp.Range:
    # The column counts bytes of a file that is not open and not read for this; in a line of ASCII it is right
    # in every encoding.
    at = lsp.Position(line=place.line0, character=place.column)
    return lsp.Range(start=at, end=at)
