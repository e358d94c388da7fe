"""Plain values to the protocol's types, as far as this client can show them; must not compute anything.

Functions are named after the type they make and called qualified: `encode.range(...)`.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from lsprotocol import types as lsp

from enzyme_lsp.checks import pages
from enzyme_lsp.features.answers import Access, FoldKind, SymbolKind
from enzyme_lsp.features.call_hierarchy import Here
from enzyme_lsp.features.code_lens import LensKind
from enzyme_lsp.features.completion.items import Hole, ItemKind, plain
from enzyme_lsp.features.inlay_hints import HintKind
from enzyme_lsp.gradient import report
from enzyme_lsp.server import recorded, snippets
from enzyme_lsp.server.protocol import (
    BUILDER_CODE,
    GRADCHECK_COMMAND,
    SHOW_ACTIONS,
    SHOW_LOWERED,
    SHOW_LOWERING,
    SHOW_REFERENCES,
    BuilderCodeParams,
    ChosenAction,
    ConvertBytecodeResult,
    GenericForm,
    GradcheckComparison,
    GradcheckEntry,
    GradcheckResult,
    LoweredStage,
    LoweringProblem,
    LowerResult,
    PipelineChoice,
    PipelineCompletion,
    PipelinePass,
    PipelineProblem,
    PipelineResult,
    PipelinesResult,
    Position,
    Range,
    ShowActionsParams,
    ShowLoweringParams,
    ShownLowered,
    ShowReferencesParams,
    SourceMapResult,
    text_mark,
)
from enzyme_lsp.server.rpc import Plain
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.line_index import CODECS
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.checks.diagnostic import Diagnostic, FilePlace, Note
    from enzyme_lsp.features.answers import Fold, Highlight, Hover, Link, OutlineItem
    from enzyme_lsp.features.builder_code import Language
    from enzyme_lsp.features.call_hierarchy import Call, CallItem
    from enzyme_lsp.features.code_actions import Action
    from enzyme_lsp.features.code_lens import Lens
    from enzyme_lsp.features.completion.items import Completion, Completions, Template
    from enzyme_lsp.features.inlay_hints import Hint
    from enzyme_lsp.features.pipeline_help import PipelineHelp
    from enzyme_lsp.features.rename import Renamable
    from enzyme_lsp.features.signature_help import SignatureHelp
    from enzyme_lsp.features.workspace_symbols import WorkspaceSymbol
    from enzyme_lsp.gradient.report import Comparison, Entry
    from enzyme_lsp.lowering.wish import Choice
    from enzyme_lsp.server.client import Client, ListClient
    from enzyme_lsp.server.previews import Origin, ShownLowering
    from enzyme_lsp.server.publish import Pulled
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.edit import Edit, EditSet
    from enzyme_lsp.text.line_index import Encoding
    from enzyme_lsp.verification.verdict import Finding
    from enzyme_lsp.workspace.index import Place
    from enzyme_lsp.workspace.snapshot import Snapshot


def position(document: Document, offset: int, encoding: Encoding) -> lsp.Position:
    line0, column = document.lines.position(offset, encoding)
    return lsp.Position(line=line0, character=column)


def range(document: Document, span: Span, encoding: Encoding) -> lsp.Range:  # noqa: A001  # Always `encode.range`.
    return lsp.Range(start=position(document, span.start, encoding), end=position(document, span.end, encoding))


def diagnostics(document: Document, found: Iterable[Diagnostic], client: Client) -> list[lsp.Diagnostic]:
    return [diagnostic(document, each, client) for each in found]


def diagnostic(document: Document, found: Diagnostic, client: Client) -> lsp.Diagnostic:
    where = range(document, found.span, client.encoding)
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
        diagnostics=[diagnostic(document, each, client) for each in action.mends] or None,
        is_preferred=True if action.is_preferred and client.shows_preferred else None,
        disabled=None if action.disabled_reason is None else lsp.CodeActionDisabled(action.disabled_reason),
        edit=None if action.edits is None else workspace_edit(document, action.edits, client),
        command=None if action.copies is None else _copy(action, action.copies, document, client),
        data=chosen.as_json() if later else None,
    )


def _copy(action: Action, language: Language, document: Document, client: Client) -> lsp.Command:
    at = _own_position(document, action.place.start, client)
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
            changes.append(lsp.SnippetTextEdit(range(document, span, client.encoding), lsp.StringValue(text)))
    else:
        changes += [text_edit(document, one, client.encoding) for one in edits.edits]
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(text_document=versioned, edits=changes)])


def completions(found: Completions, snapshot: Snapshot, client: Client) -> lsp.CompletionList:
    document, takes = snapshot.document, client.completion
    word = range(document, found.word, client.encoding)
    typed = range(document, Span(found.word.start, found.cursor), client.encoding)
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
        additional_text_edits=[text_edit(snapshot.document, each, client.encoding) for each in one.edits] or None,
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


def text_edits(edits: EditSet, snapshot: Snapshot, client: Client) -> list[lsp.TextEdit]:
    return [text_edit(snapshot.document, each, client.encoding) for each in edits.edits]


def text_edit(document: Document, edit: Edit, encoding: Encoding) -> lsp.TextEdit:
    return lsp.TextEdit(range=range(document, edit.span, encoding), new_text=decode(edit.new))


def renamable(found: Renamable, snapshot: Snapshot, client: Client) -> lsp.PrepareRenamePlaceholder:
    return lsp.PrepareRenamePlaceholder(range(snapshot.document, found.span, client.encoding), found.name)


def renaming(edits: EditSet, snapshot: Snapshot, client: Client) -> lsp.WorkspaceEdit:
    return workspace_edit(snapshot.document, edits, client)


def folds(found: Iterable[Fold], snapshot: Snapshot, client: Client) -> list[lsp.FoldingRange]:
    return [one for fold in found if (one := _fold(fold, snapshot.document, client)) is not None]


def _fold(fold: Fold, document: Document, client: Client) -> lsp.FoldingRange | None:
    """None when no line would be hidden."""
    kind = _FOLD_KINDS[fold.kind]
    if fold.kind is not FoldKind.BRACKETS:
        first, last = (document.lines.position(at, "utf-8").line0 for at in (fold.span.start, fold.span.end))
        return lsp.FoldingRange(first, last, kind=kind)
    if not client.folds_lines_only:
        start = position(document, fold.span.start + 1, client.encoding)
        end = position(document, fold.span.end - 1, client.encoding)
        return lsp.FoldingRange(start.line, end.line, start.character, end.character, kind)
    first, _ = document.lines.position(fold.span.start, "utf-8")
    last, column = document.lines.position(fold.span.end - 1, "utf-8")
    start = document.lines.line_span(last).start
    # The line of a bracket that closes stays in sight.
    last -= not document.data[start : start + column].strip()
    return lsp.FoldingRange(first, last, kind=kind) if first < last else None


_FOLD_KINDS = {
    FoldKind.BRACKETS: None,
    FoldKind.COMMENT: lsp.FoldingRangeKind.Comment,
    FoldKind.SECTION: lsp.FoldingRangeKind.Region,
}
"""Both are as old as folding, so that every client knows them."""


def selections(found: Iterable[Sequence[Span]], snapshot: Snapshot, client: Client) -> list[lsp.SelectionRange]:
    return [_selection(spans, snapshot.document, client) for spans in found]


def _selection(spans: Sequence[Span], document: Document, client: Client) -> lsp.SelectionRange:
    """The smallest span, with those around it as its parents."""
    *inner, outermost = spans
    around = lsp.SelectionRange(range(document, outermost, client.encoding))
    for span in reversed(inner):
        around = lsp.SelectionRange(range(document, span, client.encoding), parent=around)
    return around


_LENS_COMMANDS = {
    LensKind.DERIVATIVES: SHOW_REFERENCES,
    LensKind.DIFFERENTIATE: SHOW_ACTIONS,
    LensKind.LOWER: SHOW_LOWERING,
    LensKind.GRADCHECK: GRADCHECK_COMMAND,
}
"""What a client must be able to run to be shown a lens."""


def lens_command(kind: LensKind, client: Client) -> str:
    """What a lens runs; empty when the client can run nothing for it."""
    if kind is LensKind.GRADCHECK:
        # The command is the server's own, which every client can run; but not every user wants the code to run.
        return GRADCHECK_COMMAND if client.is_trusted else ""
    if (command := _LENS_COMMANDS[kind]) in client.commands:
        return command
    return SHOW_LOWERED if kind is LensKind.LOWER and client.shows_documents else ""


def code_lenses(found: Iterable[Lens], snapshot: Snapshot, client: Client) -> list[lsp.CodeLens]:
    return [
        lsp.CodeLens(
            range=range(snapshot.document, lens.span, client.encoding),
            command=lsp.Command(lens.title, command, arguments=[_lens_params(lens, command, snapshot, client)]),
        )
        for lens in found
        if (command := lens_command(lens.kind, client))
    ]


def _lens_params(lens: Lens, command: str, snapshot: Snapshot, client: Client) -> dict[str, object]:
    document = snapshot.document
    at = _own_position(document, lens.span.start, client)
    if lens.kind is LensKind.DERIVATIVES:
        spans = ((_own_position(document, one, client) for one in (span.start, span.end)) for span in lens.places)
        return ShowReferencesParams(document.uri, at, tuple(Range(*ends) for ends in spans)).as_json()
    if lens.kind is LensKind.DIFFERENTIATE:
        return ShowActionsParams(document.uri, at, lens.actions).as_json()
    if lens.kind is LensKind.GRADCHECK:
        return {"textDocument": {"uri": document.uri}, "position": {"line": at.line, "character": at.character}}
    if command == SHOW_LOWERED:
        return {"textDocument": {"uri": document.uri}, "symbol": lens.symbol}
    return ShowLoweringParams(document.uri, lens.symbol).as_json()


def _own_position(document: Document, offset: int, client: Client) -> Position:
    at = position(document, offset, client.encoding)
    return Position(at.line, at.character)


def inlay_hints(found: Iterable[Hint], snapshot: Snapshot, client: Client) -> list[lsp.InlayHint]:
    return [
        lsp.InlayHint(
            position=position(snapshot.document, hint.offset, client.encoding),
            label=hint.label,
            kind=lsp.InlayHintKind.Type if hint.kind is HintKind.TYPE else lsp.InlayHintKind.Parameter,
            tooltip=hint.tooltip,
            padding_right=hint.kind is HintKind.PARAMETER,
        )
        for hint in found
    ]


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
        name = _line_range(link.elsewhere.place, client.encoding)
        return link.elsewhere.uri, name, name
    uri = None if link.file is None else recorded.uri(link.file, document.uri)
    if link.file is None or uri is None:
        return None
    name = _file_range(link.file)
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
    return Plain([{"uri": document.uri, "range": _plain_range(document, span, client.encoding)} for span in found])


def highlights(found: Iterable[Highlight], snapshot: Snapshot, client: Client) -> list[lsp.DocumentHighlight]:
    kinds = {Access.READ: lsp.DocumentHighlightKind.Read, Access.WRITE: lsp.DocumentHighlightKind.Write}
    return [
        lsp.DocumentHighlight(range(snapshot.document, one.span, client.encoding), kinds[one.access]) for one in found
    ]


def outline(found: Iterable[OutlineItem], snapshot: Snapshot, client: Client) -> Plain:
    """Of `lsp.DocumentSymbol`, of `lsp.SymbolInformation` for a client that does not nest them."""
    if client.nests_symbols:
        return Plain([_document_symbol(one, snapshot.document, client) for one in found])
    return Plain([*_flat_symbols(found, "", snapshot.document, client)])


def _document_symbol(item: OutlineItem, document: Document, client: Client) -> dict[str, object]:
    # An outline is no deeper than `features.outline` lets it be, and so is this.
    symbol: dict[str, object] = {
        "name": item.name,
        "kind": _SYMBOL_KINDS[item.kind].value,
        "range": _plain_range(document, item.span, client.encoding),
        "selectionRange": _plain_range(document, item.name_span, client.encoding),
    }
    if item.detail:
        symbol["detail"] = item.detail
    if item.children:
        symbol["children"] = [_document_symbol(child, document, client) for child in item.children]
    return symbol


def _flat_symbols(
    found: Iterable[OutlineItem], around: str, document: Document, client: Client
) -> Iterator[dict[str, object]]:
    for item in found:
        where = {"uri": document.uri, "range": _plain_range(document, item.span, client.encoding)}
        symbol: dict[str, object] = {"name": item.name, "kind": _SYMBOL_KINDS[item.kind].value, "location": where}
        if around:
            symbol["containerName"] = around
        yield symbol
        yield from _flat_symbols(item.children, item.name, document, client)


def _plain_range(document: Document, span: Span, encoding: Encoding) -> dict[str, object]:
    """An `lsp.Range` as JSON has it."""
    start, end = document.lines.positions(span, encoding)
    return {
        "start": {"line": start.line0, "character": start.column},
        "end": {"line": end.line0, "character": end.column},
    }


def hover(found: Hover | None, snapshot: Snapshot, client: Client) -> lsp.Hover | None:
    if found is None:
        return None
    kind = lsp.MarkupKind.Markdown if client.shows_markdown else lsp.MarkupKind.PlainText
    return lsp.Hover(lsp.MarkupContent(kind, found.markdown), range(snapshot.document, found.span, client.encoding))


def signature_help(found: SignatureHelp | None, _: Snapshot, client: Client) -> lsp.SignatureHelp | None:
    if found is None:
        return None
    parameters = [lsp.ParameterInformation(label=_part(found, part, client)) for part in found.parameters]
    words = found.documentation or None
    one = lsp.SignatureInformation(found.label, words, parameters, active_parameter=found.active)
    return lsp.SignatureHelp(signatures=[one], active_signature=0, active_parameter=found.active)


def _part(found: SignatureHelp, part: tuple[int, int], client: Client) -> str | tuple[int, int]:
    """A part of the label, by its place where the client takes that: the same words may stand in it twice."""
    start, end = part
    if not client.takes_label_places:
        return found.label[start:end]
    return _utf16(found.label[:start]), _utf16(found.label[:end])


def _utf16(text: str) -> int:
    # Offsets in labels count in UTF-16 whatever the encoding of positions is.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def workspace_symbols(
    found: Iterable[WorkspaceSymbol], _: Snapshot | None, client: Client
) -> list[lsp.WorkspaceSymbol]:
    # To a client of before protocol 3.17 the same is a list of SymbolInformation.
    return [
        lsp.WorkspaceSymbol(
            location=lsp.Location(uri=one.uri, range=_line_range(one.place, client.encoding)),
            name=one.name,
            kind=_SYMBOL_KINDS[one.kind],
            container_name=one.detail or None,
        )
        for one in found
    ]


def call_items(found: Sequence[CallItem], _: Snapshot | None, client: Client) -> list[lsp.CallHierarchyItem] | None:
    return [_call_item(one, client) for one in found] or None


def incoming_calls(found: Iterable[Call], _: Snapshot | None, client: Client) -> list[lsp.CallHierarchyIncomingCall]:
    return [
        lsp.CallHierarchyIncomingCall(from_=_call_item(one.item, client), from_ranges=_call_ranges(one, client))
        for one in found
    ]


def outgoing_calls(found: Iterable[Call], _: Snapshot | None, client: Client) -> list[lsp.CallHierarchyOutgoingCall]:
    return [
        lsp.CallHierarchyOutgoingCall(to=_call_item(one.item, client), from_ranges=_call_ranges(one, client))
        for one in found
    ]


_SYMBOL_KINDS = {
    SymbolKind.MODULE: lsp.SymbolKind.Module,
    SymbolKind.FUNCTION: lsp.SymbolKind.Function,
    SymbolKind.GLOBAL: lsp.SymbolKind.Variable,
    SymbolKind.OTHER: lsp.SymbolKind.Constant,
}
"""All of those that every client knows."""


def _call_item(item: CallItem, client: Client) -> lsp.CallHierarchyItem:
    where = item.where
    if isinstance(where, Here):
        uri = where.document.uri
        name = range(where.document, where.name, client.encoding)
        whole = range(where.document, where.whole, client.encoding)
    else:
        uri, name = where.uri, _line_range(where.place, client.encoding)
        whole = name
    return lsp.CallHierarchyItem(
        name=item.name,
        kind=_SYMBOL_KINDS[item.kind],
        uri=uri,
        range=whole,
        selection_range=name,
        detail=item.detail or None,
        data={"start": item.start},
    )


def _call_ranges(call: Call, client: Client) -> list[lsp.Range]:
    return [range(call.document, span, client.encoding) for span in call.spans]


def _line_range(place: Place, encoding: Encoding) -> lsp.Range:
    start, end = place.columns(encoding)
    return lsp.Range(start=lsp.Position(place.line0, start), end=lsp.Position(place.line0, end))


def generic_form(found: str, _: Snapshot, _client: Client) -> dict[str, object]:
    return GenericForm(found).as_json()


def gradcheck(found: Sequence[Entry], snapshot: Snapshot, client: Client) -> dict[str, object]:
    entries = tuple(_gradient(one, snapshot, client) for one in found)
    return GradcheckResult(report.told(found), entries).as_json()


def _gradient(one: Entry, snapshot: Snapshot, client: Client) -> GradcheckEntry:
    at = _own_position(snapshot.document, one.offset, client)
    return GradcheckEntry(
        at.line,
        at.character,
        one.operation,
        one.function,
        one.mode,
        cast("Any", one.verdict),
        one.reason,
        one.argument,
        one.at,
        tuple(_comparison(each) for each in one.comparisons),
    )


def _comparison(one: Comparison) -> GradcheckComparison:
    return GradcheckComparison(
        one.argument,
        one.output,
        repr(one.derivative),
        repr(one.differences),
        repr(one.uncertainty),
        repr(one.error),
        cast("Any", one.verdict),
    )


def lowered(found: ShownLowering, snapshot: Snapshot, client: Client) -> dict[str, object]:
    wanted, stages = found.wanted, found.lowered.stages
    last = len(stages) - 1
    return LowerResult(
        cast("Any", found.lowered.outcome.value),
        str(found.lowered.engine),
        found.lowered.failed,
        found.lowered.detail,
        tuple(
            _stage(
                found, number, is_wanted=wanted == "all" or number == last or (wanted == "changed" and stage.changed)
            )
            for number, stage in enumerate(stages)
        ),
        tuple(_lowering_problem(one, snapshot, client) for one in found.lowered.findings),
    ).as_json()


def _stage(found: ShownLowering, number: int, *, is_wanted: bool) -> LoweredStage:
    stage = found.lowered.stages[number]
    lines = _lines(stage.lines) if is_wanted else ()
    change = found.change(number)
    return LoweredStage(
        name=stage.name,
        uri=found.preview(number).uri,
        diff="" if change is None else change.uri,
        changed=stage.changed,
        milliseconds=round(stage.seconds * 1000, 3),
        text=stage.text if is_wanted else "",
        lines=lines,
    )


def source_map(found: tuple[Origin, tuple[int | None, ...]], _: Snapshot | None, _client: Client) -> dict[str, object]:
    (origin, lines), source_map = found, found[0].shown.source_map
    is_stale = origin.now is None or source_map is None or not source_map.is_of(origin.now)
    return SourceMapResult(origin.source, _lines(lines), is_stale).as_json()


def _lines(lines: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(-1 if line is None else line for line in lines)


def _lowering_problem(one: Finding, snapshot: Snapshot, client: Client) -> LoweringProblem:
    message = " ".join(one.problem.message.split())
    if one.offset is None:
        return LoweringProblem(one.problem.severity, message, -1, 0)
    at = position(snapshot.document, one.offset, client.encoding)
    return LoweringProblem(one.problem.severity, message, at.line, at.character)


def pipelines(found: Iterable[Choice], _: Snapshot, _client: Client) -> dict[str, object]:
    return PipelinesResult(
        tuple(PipelineChoice(cast("Any", one.where), one.name, one.meaning, one.pipeline, one.reason) for one in found)
    ).as_json()


def pipeline_help(found: PipelineHelp, _: Snapshot | None, client: Client) -> dict[str, object]:
    def ends(span: Span) -> tuple[int, int]:
        return _units(found.text, span.start, client.encoding), _units(found.text, span.end, client.encoding)

    return PipelineResult(
        tuple(PipelinePass(one.name, *ends(one.span), one.meaning) for one in found.passes),
        tuple(PipelineProblem(*ends(one.span), one.message) for one in found.problems),
        tuple(
            PipelineCompletion(one.label, one.inserted, *ends(one.span), one.detail, one.page)
            for one in found.proposals
        ),
    ).as_json()


def _units(text: str, characters: int, encoding: Encoding) -> int:
    codec, size = CODECS[encoding]
    return len(text[:characters].encode(codec)) // size


def content(text: str, _: Snapshot | None, _client: Client) -> lsp.TextDocumentContentResult:
    return lsp.TextDocumentContentResult(text)


def as_it_is(found: object, _: Snapshot | None, _client: Client) -> object:
    """For answers that are made in the protocol's types already."""
    return found


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
        location = lsp.Location(uri=uri, range=_file_range(note.file))
        return lsp.DiagnosticRelatedInformation(location=location, message=note.message)
    # A note without a place to go to speaks of the diagnostic's own; the protocol has no note without a place.
    at = where if note.span is None else range(document, note.span, client.encoding)
    return lsp.DiagnosticRelatedInformation(
        location=lsp.Location(uri=document.uri, range=at), message=_with_place(note)
    )


def _with_place(note: Note) -> str:
    return note.message if note.file is None else f"{note.message} ({recorded.text(note.file)})"


def _file_range(place: FilePlace) -> lsp.Range:
    # The column counts bytes of a file that is not open and not read for this; in a line of ASCII it is right
    # in every encoding.
    at = lsp.Position(line=place.line0, character=place.column)
    return lsp.Range(start=at, end=at)


def shown_lowered(found: str, _: Snapshot, _client: Client) -> dict[str, object]:
    return ShownLowered(found).as_json()


def from_bytecode(text: str, _: Snapshot | None, _client: Client) -> dict[str, object]:
    return ConvertBytecodeResult(text).as_json()


def to_bytecode(data: bytes, _: Snapshot, _client: Client) -> dict[str, object]:
    return ConvertBytecodeResult(base64.b64encode(data).decode()).as_json()
