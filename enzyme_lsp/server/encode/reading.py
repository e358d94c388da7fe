"""Reading: hovers, hints, lenses, outline, folds and selections; must not compute anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from enzyme_lsp.features.answers import FoldKind
from enzyme_lsp.features.code_lens import LensKind
from enzyme_lsp.features.inlay_hints import HintKind
from enzyme_lsp.server.encode import places
from enzyme_lsp.server.protocol import (
    GRADCHECK_COMMAND,
    SHOW_ACTIONS,
    SHOW_LOWERED,
    SHOW_LOWERING,
    SHOW_REFERENCES,
    Range,
    ShowActionsParams,
    ShowLoweringParams,
    ShowReferencesParams,
)
from enzyme_lsp.server.rpc import Plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.features.answers import Fold, Hover, OutlineItem
    from enzyme_lsp.features.code_lens import Lens
    from enzyme_lsp.features.inlay_hints import Hint
    from enzyme_lsp.features.signature_help import SignatureHelp
    from enzyme_lsp.features.workspace_symbols import WorkspaceSymbol
    from enzyme_lsp.server.client import Client
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot


def folds(found: Iterable[Fold], snapshot: Snapshot, client: Client) -> list[lsp.FoldingRange]:
    return [one for fold in found if (one := _fold(fold, snapshot.document, client)) is not None]


def _fold(fold: Fold, document: Document, client: Client) -> lsp.FoldingRange | None:
    """None when no line would be hidden."""
    kind = _FOLD_KINDS[fold.kind]
    if fold.kind is not FoldKind.BRACKETS:
        first, last = (document.lines.position(at, "utf-8").line0 for at in (fold.span.start, fold.span.end))
        return lsp.FoldingRange(first, last, kind=kind)
    if not client.folds_lines_only:
        start = places.position(document, fold.span.start + 1, client.encoding)
        end = places.position(document, fold.span.end - 1, client.encoding)
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
    around = lsp.SelectionRange(places.range(document, outermost, client.encoding))
    for span in reversed(inner):
        around = lsp.SelectionRange(places.range(document, span, client.encoding), parent=around)
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
            range=places.range(snapshot.document, lens.span, client.encoding),
            command=lsp.Command(lens.title, command, arguments=[_lens_params(lens, command, snapshot, client)]),
        )
        for lens in found
        if (command := lens_command(lens.kind, client))
    ]


def _lens_params(lens: Lens, command: str, snapshot: Snapshot, client: Client) -> dict[str, object]:
    document = snapshot.document
    at = places.own_position(document, lens.span.start, client)
    if lens.kind is LensKind.DERIVATIVES:
        spans = ((places.own_position(document, one, client) for one in (span.start, span.end)) for span in lens.places)
        return ShowReferencesParams(document.uri, at, tuple(Range(*ends) for ends in spans)).as_json()
    if lens.kind is LensKind.DIFFERENTIATE:
        return ShowActionsParams(document.uri, at, lens.actions).as_json()
    if lens.kind is LensKind.GRADCHECK:
        return {"textDocument": {"uri": document.uri}, "position": {"line": at.line, "character": at.character}}
    if command == SHOW_LOWERED:
        return {"textDocument": {"uri": document.uri}, "symbol": lens.symbol}
    return ShowLoweringParams(document.uri, lens.symbol).as_json()


def inlay_hints(found: Iterable[Hint], snapshot: Snapshot, client: Client) -> list[lsp.InlayHint]:
    return [
        lsp.InlayHint(
            position=places.position(snapshot.document, hint.offset, client.encoding),
            label=hint.label,
            kind=lsp.InlayHintKind.Type if hint.kind is HintKind.TYPE else lsp.InlayHintKind.Parameter,
            tooltip=hint.tooltip,
            padding_right=hint.kind is HintKind.PARAMETER,
        )
        for hint in found
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
        "kind": places.SYMBOL_KINDS[item.kind].value,
        "range": places.plain_range(document, item.span, client.encoding),
        "selectionRange": places.plain_range(document, item.name_span, client.encoding),
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
        where = {"uri": document.uri, "range": places.plain_range(document, item.span, client.encoding)}
        symbol: dict[str, object] = {"name": item.name, "kind": places.SYMBOL_KINDS[item.kind].value, "location": where}
        if around:
            symbol["containerName"] = around
        yield symbol
        yield from _flat_symbols(item.children, item.name, document, client)


def hover(found: Hover | None, snapshot: Snapshot, client: Client) -> lsp.Hover | None:
    if found is None:
        return None
    kind = lsp.MarkupKind.Markdown if client.shows_markdown else lsp.MarkupKind.PlainText
    return lsp.Hover(
        lsp.MarkupContent(kind, found.markdown), places.range(snapshot.document, found.span, client.encoding)
    )


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
            location=lsp.Location(uri=one.uri, range=places.line_range(one.place, client.encoding)),
            name=one.name,
            kind=places.SYMBOL_KINDS[one.kind],
            container_name=one.detail or None,
        )
        for one in found
    ]
