"""The texts of open documents follow the client's; must not know any feature.

Each handler runs on the event loop when its message is read, so that a request behind it sees its effect. A client may
open the documents that only we make; what is in them nobody needs to tell us.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from enzyme_lsp import log
from enzyme_lsp.server import decode, previews
from enzyme_lsp.workspace.project import is_project_file

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from enzyme_lsp.server.session import Session

_logger = logging.getLogger(__name__)


def did_open(session: Session, params: lsp.DidOpenTextDocumentParams) -> None:
    uri = params.text_document.uri
    if previews.is_ours(uri):
        return
    with log.span("open", uri):
        session.indexing.hold()
        session.lanes.outdate(uri)  # A client that opens twice has lost track; the newer text counts.
        snapshot = session.workspace.open(decode.document(params.text_document))
        session.publisher.follow(snapshot, pause_ms=0)


def did_change(session: Session, params: lsp.DidChangeTextDocumentParams) -> None:
    uri = params.text_document.uri
    if previews.is_ours(uri):
        return
    before = session.workspace.get(uri)
    if before is None:
        _logger.warning("ignored a change of %s, which is not open", uri)
        return
    with log.span("change", uri):
        session.indexing.hold()
        session.lanes.outdate(uri)
        document, edits = decode.changed(
            before.document,
            params.content_changes,
            version=params.text_document.version,
            encoding=session.client.encoding,
        )
        snapshot = session.workspace.change(document, edits)
        session.publisher.edited(snapshot)


def did_save(session: Session, params: lsp.DidSaveTextDocumentParams) -> None:
    if is_project_file(params.text_document.uri):
        session.projects.changed([params.text_document.uri])
    session.publisher.saved(params.text_document.uri)
    session.previews.saved(params.text_document.uri)
    session.on_save.saved(params.text_document.uri)


def did_close(session: Session, params: lsp.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    session.lanes.outdate(uri)
    session.workspace.close(uri)
    session.publisher.forget(uri)
    session.tokens.forget(uri)
    session.compilers.forget(uri)
    session.library.closed(uri)
    session.indexing.wake()


def did_change_files(session: Session, params: lsp.DidChangeWatchedFilesParams) -> None:
    """Files have changed on disk, as far as the client watches them."""
    uris = [change.uri for change in params.changes]
    if projects := [uri for uri in uris if is_project_file(uri)]:
        session.projects.changed(projects)
    for uri in uris:
        if uri not in projects:
            session.library.changed(uri)
    session.indexing.wake()
