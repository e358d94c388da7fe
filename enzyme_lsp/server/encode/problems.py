"""Problems: diagnostics as far as this client can show them; must not compute anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from enzyme_lsp.checks import pages
from enzyme_lsp.server import recorded
from enzyme_lsp.server.encode import places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.checks.diagnostic import Diagnostic, Note
    from enzyme_lsp.server.client import Client
    from enzyme_lsp.server.publish import Pulled
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.workspace.snapshot import Snapshot


def diagnostics(document: Document, found: Iterable[Diagnostic], client: Client) -> list[lsp.Diagnostic]:
    return [diagnostic(document, each, client) for each in found]


def diagnostic(document: Document, found: Diagnostic, client: Client) -> lsp.Diagnostic:
    where = places.range(document, found.span, client.encoding)
    href = page_href(found.code) if client.shows_page else None
    related = client.shows_related and found.notes
    return lsp.Diagnostic(
        range=where,
        severity=lsp.DiagnosticSeverity(found.severity),
        code=found.code,
        code_description=None if href is None else lsp.CodeDescription(href=href),
        source=found.source,
        message=found.message if client.shows_related else _with_notes(found),
        related_information=[_related(document, note, where, client) for note in found.notes] if related else None,
    )


def document_report(pulled: Pulled, _: Snapshot | None, _client: Client) -> lsp.DocumentDiagnosticReport:
    if pulled.is_known:
        return lsp.RelatedUnchangedDocumentDiagnosticReport(result_id=pulled.report.result_id)
    return lsp.RelatedFullDocumentDiagnosticReport(items=pulled.report.items, result_id=pulled.report.result_id)


def workspace_report(pulled: Iterable[Pulled], _: Snapshot | None, _client: Client) -> lsp.WorkspaceDiagnosticReport:
    return lsp.WorkspaceDiagnosticReport(items=[_workspace_document_report(each) for each in pulled])


def page_href(code: str) -> str | None:
    """The manual page of a check, as a link that an editor can open."""
    return pages.href(code)


def _workspace_document_report(pulled: Pulled) -> lsp.WorkspaceDocumentDiagnosticReport:
    report = pulled.report
    if pulled.is_known:
        return lsp.WorkspaceUnchangedDocumentDiagnosticReport(
            uri=report.uri, version=report.version, result_id=report.result_id
        )
    return lsp.WorkspaceFullDocumentDiagnosticReport(
        uri=report.uri, version=report.version, items=report.items, result_id=report.result_id
    )


def _with_notes(found: Diagnostic) -> str:
    """All in one message, for a client that would drop the notes otherwise."""
    return "\n".join((found.message, *(f"note: {_with_place(note)}" for note in found.notes)))


def _related(document: Document, note: Note, where: lsp.Range, client: Client) -> lsp.DiagnosticRelatedInformation:
    if note.file is not None and (uri := recorded.uri(note.file, document.uri)) is not None:
        location = lsp.Location(uri=uri, range=places.file_range(note.file))
        return lsp.DiagnosticRelatedInformation(location=location, message=note.message)
    # A note without a place to go to speaks of the diagnostic's own; the protocol has no note without a place.
    at = where if note.span is None else places.range(document, note.span, client.encoding)
    return lsp.DiagnosticRelatedInformation(
        location=lsp.Location(uri=document.uri, range=at), message=_with_place(note)
    )


def _with_place(note: Note) -> str:
    return note.message if note.file is None else f"{note.message} ({recorded.text(note.file)})"
