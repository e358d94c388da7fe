"""Edits: code actions, renamings and changes of a text; must not compute anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from enzyme_lsp.server import snippets
from enzyme_lsp.server.encode import places, problems
from enzyme_lsp.server.protocol import (
    BUILDER_CODE,
    BuilderCodeParams,
    ChosenAction,
    text_mark,
)
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.features.builder_code import Language
    from enzyme_lsp.features.code_actions import Action
    from enzyme_lsp.features.rename import Renamable
    from enzyme_lsp.server.client import Client
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.edit import Edit, EditSet
    from enzyme_lsp.text.line_index import Encoding
    from enzyme_lsp.workspace.snapshot import Snapshot


def code_actions(found: Iterable[Action], snapshot: Snapshot, client: Client) -> list[lsp.CodeAction]:
    shown = (
        each
        for each in found
        if (each.disabled_reason is None or client.shows_disabled) and (each.copies is None or client.copies_code)
    )
    return [code_action(each, snapshot, client) for each in shown]


def code_action(action: Action, snapshot: Snapshot, client: Client) -> lsp.CodeAction:
    """With its edit if that is made, else with what its client must hand back for it."""
    document, place = snapshot.document, action.place
    later = action.edits is None and action.disabled_reason is None and action.copies is None
    chosen = ChosenAction(document.uri, text_mark(document), place.start, place.end, action.kind, action.id)
    return lsp.CodeAction(
        title=action.title,
        kind=action.kind,
        diagnostics=[problems.diagnostic(document, each, client) for each in action.mends] or None,
        is_preferred=True if action.is_preferred and client.shows_preferred else None,
        disabled=None if action.disabled_reason is None else lsp.CodeActionDisabled(action.disabled_reason),
        edit=None if action.edits is None else workspace_edit(document, action.edits, client),
        command=None if action.copies is None else _copy(action, action.copies, document, client),
        data=chosen.as_json() if later else None,
    )


def _copy(action: Action, language: Language, document: Document, client: Client) -> lsp.Command:
    at = places.own_position(document, action.place.start, client)
    params = BuilderCodeParams(document.uri, at, language)
    return lsp.Command(title=action.title, command=BUILDER_CODE, arguments=[params.as_json()])


def workspace_edit(document: Document, edits: EditSet, client: Client) -> lsp.WorkspaceEdit:
    if not client.edits_versions:
        return lsp.WorkspaceEdit(
            changes={document.uri: [text_edit(document, one, client.encoding) for one in edits.edits]}
        )
    versioned = lsp.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    changes: list[lsp.TextEdit | lsp.AnnotatedTextEdit | lsp.SnippetTextEdit] = []
    if client.edits_with_stops and any(edit.stops for edit in edits.edits):
        for span, text in snippets.snippets(document.data, edits.edits):
            changes.append(lsp.SnippetTextEdit(places.range(document, span, client.encoding), lsp.StringValue(text)))
    else:
        changes += [text_edit(document, one, client.encoding) for one in edits.edits]
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(text_document=versioned, edits=changes)])


def text_edits(edits: EditSet, snapshot: Snapshot, client: Client) -> list[lsp.TextEdit]:
    return [text_edit(snapshot.document, each, client.encoding) for each in edits.edits]


def text_edit(document: Document, edit: Edit, encoding: Encoding) -> lsp.TextEdit:
    return lsp.TextEdit(range=places.range(document, edit.span, encoding), new_text=decode(edit.new))


def renamable(found: Renamable, snapshot: Snapshot, client: Client) -> lsp.PrepareRenamePlaceholder:
    return lsp.PrepareRenamePlaceholder(places.range(snapshot.document, found.span, client.encoding), found.name)


def renaming(edits: EditSet, snapshot: Snapshot, client: Client) -> lsp.WorkspaceEdit:
    return workspace_edit(snapshot.document, edits, client)
