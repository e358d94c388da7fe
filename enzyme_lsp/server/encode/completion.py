"""Completions as this client takes them; must not compute anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from enzyme_lsp.features.completion.items import Hole, ItemKind, plain
from enzyme_lsp.server import snippets
from enzyme_lsp.server.encode import edits, places
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from enzyme_lsp.features.completion.items import Completion, Completions, Template
    from enzyme_lsp.server.client import Client, ListClient
    from enzyme_lsp.workspace.snapshot import Snapshot


def completions(found: Completions, snapshot: Snapshot, client: Client) -> lsp.CompletionList:
    document, takes = snapshot.document, client.completion
    word = places.range(document, found.word, client.encoding)
    typed = places.range(document, Span(found.word.start, found.cursor), client.encoding)
    shared: lsp.CompletionItemDefaults | None = None
    if takes.takes_common_range:
        both = lsp.EditRangeWithInsertReplace(insert=typed, replace=word)
        shared = lsp.CompletionItemDefaults(edit_range=both if takes.takes_two_ranges else word)
    items = [_completion(one, number, snapshot, client) for number, one in enumerate(found.items)]
    for one, item in zip(found.items, items, strict=True):
        text = _inserted(one.inserted, takes)
        if shared is not None:
            item.text_edit_text = text
        elif takes.takes_two_ranges:
            item.text_edit = lsp.InsertReplaceEdit(new_text=text, insert=typed, replace=word)
        else:
            item.text_edit = lsp.TextEdit(range=word, new_text=text)
    return lsp.CompletionList(is_incomplete=found.is_cut, items=items, item_defaults=shared)


def _completion(one: Completion, number: int, snapshot: Snapshot, client: Client) -> lsp.CompletionItem:
    """All of an item but the text that it inserts."""
    takes, detail = client.completion, one.detail or None
    is_snippet = takes.takes_snippets and any(isinstance(part, Hole) for part in one.inserted)
    return lsp.CompletionItem(
        label=one.label,
        label_details=lsp.CompletionItemLabelDetails(description=detail)
        if detail is not None and takes.shows_label_details
        else None,
        kind=_ITEM_KINDS[one.kind],
        detail=None if takes.shows_label_details else detail,
        sort_text=f"{number:04}",
        insert_text_format=lsp.InsertTextFormat.Snippet if is_snippet else None,
        additional_text_edits=[edits.text_edit(snapshot.document, each, client.encoding) for each in one.edits] or None,
        data=one.page or None,
    )


_ITEM_KINDS = {
    ItemKind.OPERATION: lsp.CompletionItemKind.Keyword,
    ItemKind.DIALECT: lsp.CompletionItemKind.Module,
    ItemKind.DERIVATIVE: lsp.CompletionItemKind.Snippet,
    ItemKind.FUNCTION: lsp.CompletionItemKind.Function,
    ItemKind.SYMBOL: lsp.CompletionItemKind.Reference,
    ItemKind.VALUE: lsp.CompletionItemKind.Variable,
    ItemKind.BLOCK: lsp.CompletionItemKind.Reference,
    ItemKind.ALIAS: lsp.CompletionItemKind.Reference,
    ItemKind.TYPE: lsp.CompletionItemKind.Class,
    ItemKind.ATTRIBUTE: lsp.CompletionItemKind.Property,
    ItemKind.WORD: lsp.CompletionItemKind.Value,
    ItemKind.PASS: lsp.CompletionItemKind.Function,
    ItemKind.OPTION: lsp.CompletionItemKind.Property,
}
"""All of those that every client knows."""


def _inserted(template: Template, takes: ListClient) -> str:
    """The text of a template, with the marks of the protocol's snippets for who takes them."""
    if not takes.takes_snippets or all(isinstance(part, str) for part in template):
        return plain(template)
    text, number = "", 0
    for part in template:
        if isinstance(part, str):
            text += snippets.escaped(part)
            continue
        number += 1
        if len(part.choices) > 1:
            choices = ",".join(_CHOICE_MARK.sub(_escaped, choice) for choice in part.choices)
            text += f"${{{number}|{choices}|}}"
        else:
            text += f"${{{number}:{snippets.escaped(part.text)}}}" if part.text else f"${number}"
    return text


_CHOICE_MARK = re.compile(r"[\\$},|]")


def _escaped(mark: re.Match[str]) -> str:
    return f"\\{mark[0]}"


def documented_item(found: tuple[lsp.CompletionItem, str], _: Snapshot | None, client: Client) -> lsp.CompletionItem:
    item, markdown = found
    if markdown:
        kind = lsp.MarkupKind.Markdown if client.completion.takes_markdown else lsp.MarkupKind.PlainText
        item.documentation = lsp.MarkupContent(kind=kind, value=markdown)
    return item
