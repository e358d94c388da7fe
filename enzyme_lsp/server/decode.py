"""The protocol's types to offsets and plain values; must not know what is done with them.

Functions are named after what they give and called qualified: `decode.edit(...)`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.code_lens import LensKind
from enzyme_lsp.features.completion.pipelines import program_of
from enzyme_lsp.server import bytecode, previews
from enzyme_lsp.server.encode.reading import lens_command
from enzyme_lsp.server.gradients import Wanted
from enzyme_lsp.server.progress import Purpose
from enzyme_lsp.server.protocol import BuilderCodeParams, ChosenAction, text_mark
from enzyme_lsp.text.document import Document, encode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.line_index import CODECS, Position
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enzyme_lsp.server.session import Session
    from enzyme_lsp.text.line_index import Encoding
    from enzyme_lsp.workspace.snapshot import Snapshot

_MANY = 64
"""From here on one pass over the text is cheaper than an edit at a time, for small texts and large ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks, in our own terms."""

    arguments: tuple[Any, ...]
    """Those of the feature."""
    uri: str | None = None
    """The document whose edit makes the answer worthless."""
    snapshot: Snapshot | None = None
    """What the offsets in the answer belong to."""
    purpose: Purpose | None = None
    """What it is for, if a newer request makes it worthless."""


class NotOpenError(Exception):
    """The request is about a document that the client has not opened, so that we have no text of it."""


class ReadOnlyError(Exception):
    """The request asks what could be changed in a document that only we make."""


def place(params: lsp.TextDocumentPositionParams, session: Session) -> Asked:
    """For `feature(snapshot, offset)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((snapshot, where), snapshot.uri, snapshot)


def changeable_place(params: lsp.TextDocumentPositionParams, session: Session) -> Asked:
    """For `feature(snapshot, offset)` that prepares a change."""
    snapshot = _changeable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((snapshot, where), snapshot.uri, snapshot)


def defined(params: lsp.TextDocumentPositionParams, session: Session) -> Asked:
    """For `definition(library, snapshot, offset, source_map)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((session.library, snapshot, where, session.previews.source_map(snapshot.uri)), snapshot.uri, snapshot)


def implemented(params: lsp.TextDocumentPositionParams, session: Session) -> Asked:
    """For `implementation(snapshot, offset, shown)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((snapshot, where, tuple(session.previews.of(snapshot.uri))), snapshot.uri, snapshot)


def completion(params: lsp.CompletionParams, session: Session) -> Asked:
    """For `completion(snapshot, offset, trigger, types, passes)`."""
    snapshot = _changeable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    context = params.context
    is_triggered = context is not None and context.trigger_kind is lsp.CompletionTriggerKind.TriggerCharacter
    trigger = context.trigger_character if context is not None and is_triggered else None
    engine = session.compilers.judging(snapshot)
    known = engine.types.known(snapshot)
    return Asked((snapshot, where, trigger or "", known, engine.passes), snapshot.uri, snapshot)


def completion_item(params: lsp.CompletionItem, session: Session) -> Asked:
    """For `documented(item, key, passes)`. What another server has left in the data of an item has no documentation."""
    key = params.data if isinstance(params.data, str) else ""
    return Asked((params, key, session.compilers.passes_of(program_of(key))))


def actions(params: lsp.CodeActionParams, session: Session) -> Asked:
    """For `code_actions(snapshot, span, only, passes)`."""
    snapshot = _changeable(params.text_document.uri, session)
    where = span(snapshot.document, params.range, session.client.encoding)
    only = params.context.only
    # The kinds that the protocol has a name for come as members of an enumeration, all others as text.
    kinds = None if only is None else tuple(str(getattr(kind, "value", kind)) for kind in only)
    return Asked((snapshot, where, kinds, session.compilers.judging(snapshot).passes), snapshot.uri, snapshot)


def chosen_action(params: lsp.CodeAction, session: Session) -> Asked:
    """For `resolution(snapshot, span, kind, id, passes)`.

    Raises `Outdated` when the text is not the one it was offered for.
    """
    chosen = ChosenAction.read(params.data)
    if chosen is None:
        raise JsonRpcInvalidParams("the data of this action are not ours")
    snapshot = session.workspace.get(chosen.uri)
    if snapshot is None or text_mark(snapshot.document) != chosen.text:
        raise Outdated(chosen.uri)
    where = Span(chosen.start, chosen.end)
    passes = session.compilers.judging(snapshot).passes
    return Asked((snapshot, where, chosen.kind, chosen.id, passes), chosen.uri, snapshot)


def builder_code(arguments: Sequence[object], session: Session) -> Asked:
    """For `builder_code(snapshot, offset, language)`."""
    asked = BuilderCodeParams.read(arguments[0]) if len(arguments) == 1 else None
    if asked is None:
        raise JsonRpcInvalidParams("the argument is {uri, position, language}")
    snapshot = _open(asked.uri, session)
    at = lsp.Position(asked.position.line, asked.position.character)
    where = offset(snapshot.document, at, session.client.encoding)
    return Asked((snapshot, where, asked.language), snapshot.uri, snapshot)


def lenses(params: lsp.CodeLensParams, session: Session) -> Asked:
    """For `code_lenses(snapshot, wanted)`. What the client cannot run is not wanted."""
    snapshot = _changeable(params.text_document.uri, session)
    wanted = frozenset(kind for kind in LensKind if lens_command(kind, session.client))
    return Asked((snapshot, wanted), snapshot.uri, snapshot)


def whole(params: Any, session: Session) -> Asked:
    """For `feature(snapshot)`."""
    snapshot = _readable(params.text_document.uri, session)
    return Asked((snapshot,), snapshot.uri, snapshot)


def listed(params: Any, session: Session) -> Asked:
    """For `feature(library, snapshot)`."""
    snapshot = _readable(params.text_document.uri, session)
    return Asked((session.library, snapshot), snapshot.uri, snapshot)


def name(params: lsp.TextDocumentPositionParams, session: Session) -> Asked:
    """For `feature(library, snapshot, offset)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((session.library, snapshot, where), snapshot.uri, snapshot)


def references(params: lsp.ReferenceParams, session: Session) -> Asked:
    """For `references(snapshot, offset, include_definitions)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((snapshot, where, params.context.include_declaration), snapshot.uri, snapshot)


def lowering(params: dict[str, Any], session: Session) -> Asked:
    """For `lower(previews, snapshot, wish, stages)`."""
    snapshot = _open(_uri(params), session)
    wish, stages = previews.read_wish(params), params.get("stages", "changed")
    if wish is None or stages not in ("last", "changed", "all"):
        raise JsonRpcInvalidParams("section and runLine must be numbers; symbol, preset and pipeline must be texts")
    purpose = Purpose((snapshot.uri, wish.section, wish.symbol), wish)
    return Asked((session.previews, snapshot, wish, stages), snapshot.uri, snapshot, purpose)


def of_argument(decode: Callable[[dict[str, Any], Session], Asked]) -> Callable[[Sequence[object], Session], Asked]:
    """For a command whose one argument is what the parameters of a request are."""

    def decoded(arguments: Sequence[object], session: Session) -> Asked:
        if len(arguments) != 1 or not isinstance(arguments[0], dict):
            raise JsonRpcInvalidParams("there is one argument, an object")
        return decode(cast("dict[str, Any]", arguments[0]), session)

    return decoded


def gradcheck(params: dict[str, Any], session: Session) -> Asked:
    """For `checked(gradients, snapshot, wanted)`."""
    snapshot = _open(_uri(params), session)
    at, function = params.get("position"), params.get("function", "")
    seed, full = params.get("seed", 0), params.get("full", False)
    if not isinstance(function, str) or not isinstance(seed, int) or not isinstance(full, bool):
        raise JsonRpcInvalidParams("function must be a text, seed a number, and full true or false")
    where = None
    match at:
        case None:
            pass
        case {"line": int(line), "character": int(character)} if line >= 0 and character >= 0:
            where = offset(snapshot.document, lsp.Position(line, character), session.client.encoding)
        case _:
            raise JsonRpcInvalidParams("position must be {line, character}")
    wanted = Wanted(where, function, seed, full)
    purpose = Purpose((snapshot.uri, "gradcheck"), wanted)
    return Asked((session.gradients, snapshot, wanted), snapshot.uri, snapshot, purpose)


def shown_lowering(params: dict[str, Any], session: Session) -> Asked:
    """For `show(files, snapshot, wish)`."""
    asked = lowering(params, session)
    _, snapshot, wish, _ = asked.arguments
    return replace(asked, arguments=(session.shown_files, snapshot, wish))


def pipelines(params: dict[str, Any], session: Session) -> Asked:
    """For `choices(snapshot, passes)`."""
    snapshot = _open(_uri(params), session)
    return Asked((snapshot, session.compilers.judging(snapshot).passes), snapshot.uri, snapshot)


def pipeline_text(params: dict[str, Any], session: Session) -> Asked:
    """For `pipeline_help(text, character, snapshot, passes)`."""
    text, at = params.get("text"), params.get("character")
    if not isinstance(text, str) or not (at is None or isinstance(at, int)):
        raise JsonRpcInvalidParams("text is the pipeline, and character a number")
    snapshot = _open(_uri(params), session) if params.get("textDocument") is not None else None
    # What is no character of any text is no name either, and could not be sent back.
    text = text.encode("utf-8", "replace").decode()
    where = None if at is None else characters(text, max(at, 0), session.client.encoding)
    engine = session.settings.engine if snapshot is None else snapshot.settings.engine
    passes = session.compilers.of(engine).passes
    return Asked((text, where, snapshot, passes), None if snapshot is None else snapshot.uri, snapshot)


def content(params: lsp.TextDocumentContentParams, session: Session) -> Asked:
    """For `content(previews, uri)`."""
    return Asked((session.previews, params.uri))


def source_map(params: dict[str, Any], session: Session) -> Asked:
    """For `moved(origin)`."""
    uri: object = params.get("uri")
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("uri is the read-only document that is asked about")
    return Asked((session.previews.origin(uri),))


def bytecode_file(params: dict[str, Any], session: Session) -> Asked:
    """For `opened(bytecode, uri)`."""
    return Asked((session.bytecode, _own_uri(params)))


def bytecode_text(params: dict[str, Any], session: Session) -> Asked:
    """For `saved(bytecode, snapshot)`. An edit does not end it: what was asked for is the text as it is now."""
    uri = _own_uri(params)
    snapshot = session.workspace.get(uri)
    if snapshot is None and (path := bytecode.file(uri)) is not None:
        # In upstream's server a document is its path, whatever its scheme and however that is written.
        snapshot = next((one for one in session.workspace.snapshots() if bytecode.file(one.uri) == path), None)
    if snapshot is None:
        raise RefusedError(f"{uri} is not open")
    return Asked((session.bytecode, snapshot), snapshot=snapshot)


def _own_uri(params: dict[str, Any]) -> str:
    uri: object = params.get("uri")
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("uri is the file or document that is converted")
    return uri


def _uri(params: dict[str, Any]) -> str:
    document: object = params.get("textDocument")
    uri = cast("dict[str, object]", document).get("uri") if isinstance(document, dict) else None
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("textDocument.uri is the document that is asked about")
    return uri


def hovered(params: lsp.HoverParams, session: Session) -> Asked:
    """For `hovered(snapshot, offset, types, passes)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    engine = session.compilers.judging(snapshot)
    return Asked((snapshot, where, engine.types.known(snapshot), engine.passes), snapshot.uri, snapshot)


def stretch(params: lsp.InlayHintParams, session: Session) -> Asked:
    """For `feature(snapshot, span, types)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = span(snapshot.document, params.range, session.client.encoding)
    return Asked((snapshot, where, session.compilers.judging(snapshot).types.known(snapshot)), snapshot.uri, snapshot)


def tokens(params: lsp.SemanticTokensParams, session: Session) -> Asked:
    """For `TokenStore.full`."""
    snapshot = _readable(params.text_document.uri, session)
    return Asked((session.tokens, snapshot, session.client.encoding), snapshot.uri, snapshot)


def token_changes(params: lsp.SemanticTokensDeltaParams, session: Session) -> Asked:
    """For `TokenStore.delta`."""
    snapshot = _readable(params.text_document.uri, session)
    known = params.previous_result_id
    return Asked((session.tokens, snapshot, known, session.client.encoding), snapshot.uri, snapshot)


def tokens_within(params: lsp.SemanticTokensRangeParams, session: Session) -> Asked:
    """For `TokenStore.within`."""
    snapshot = _readable(params.text_document.uri, session)
    encoding = session.client.encoding
    where = span(snapshot.document, params.range, encoding)
    return Asked((session.tokens, snapshot, where, encoding), snapshot.uri, snapshot)


def renaming(params: lsp.RenameParams, session: Session) -> Asked:
    """For `rename(snapshot, offset, new_name)`."""
    snapshot = _changeable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((snapshot, where, params.new_name), snapshot.uri, snapshot)


def folding(params: lsp.FoldingRangeParams, session: Session) -> Asked:
    """For `folding(snapshot, most)`."""
    snapshot = _readable(params.text_document.uri, session)
    return Asked((snapshot, session.client.most_folds), snapshot.uri, snapshot)


def places(params: lsp.SelectionRangeParams, session: Session) -> Asked:
    """For `feature(snapshot, offsets)`."""
    snapshot = _readable(params.text_document.uri, session)
    where = [offset(snapshot.document, one, session.client.encoding) for one in params.positions]
    return Asked((snapshot, where), snapshot.uri, snapshot)


def formatting(params: lsp.DocumentFormattingParams, session: Session) -> Asked:
    """For `formatted(snapshot, None, tab_size, insert_spaces)`."""
    snapshot = _changeable(params.text_document.uri, session)
    options = params.options
    return Asked((snapshot, None, options.tab_size, options.insert_spaces), snapshot.uri, snapshot)


def range_formatting(params: lsp.DocumentRangeFormattingParams, session: Session) -> Asked:
    """For `formatted(snapshot, span, tab_size, insert_spaces)`."""
    snapshot = _changeable(params.text_document.uri, session)
    where, options = span(snapshot.document, params.range, session.client.encoding), params.options
    return Asked((snapshot, where, options.tab_size, options.insert_spaces), snapshot.uri, snapshot)


def typed(params: lsp.DocumentOnTypeFormattingParams, session: Session) -> Asked:
    """For `on_type(snapshot, offset, typed)`."""
    snapshot = _changeable(params.text_document.uri, session)
    where = offset(snapshot.document, params.position, session.client.encoding)
    return Asked((snapshot, where, params.ch), snapshot.uri, snapshot)


def _open(uri: str, session: Session) -> Snapshot:
    snapshot = session.workspace.get(uri)
    if snapshot is None:
        raise NotOpenError(uri)
    return snapshot


def _readable(uri: str, session: Session) -> Snapshot:
    """A document that is open, or one of ours that the client has read."""
    return session.previews.snapshot(uri) or _open(uri, session)


def _changeable(uri: str, session: Session) -> Snapshot:
    if previews.is_ours(uri):
        raise ReadOnlyError(uri)
    return _open(uri, session)


def known_report(params: lsp.DocumentDiagnosticParams, session: Session) -> Asked:
    """For `Publisher.pull`, whose answer is of the newest text whatever comes meanwhile, so that no edit ends it: VS
    Code takes an error for a document without problems, and pulls again only after an edit of its own."""
    return Asked((session.publisher, params.text_document.uri, params.previous_result_id))


def known_reports(params: lsp.WorkspaceDiagnosticParams, session: Session) -> Asked:
    """For `Publisher.pull_all`."""
    return Asked((session.publisher, {each.uri: each.value for each in params.previous_result_ids}))


def query(params: lsp.WorkspaceSymbolParams, session: Session) -> Asked:
    """For `feature(library, query)`."""
    return Asked((session.library, params.query))


def call_item(
    params: lsp.CallHierarchyIncomingCallsParams | lsp.CallHierarchyOutgoingCallsParams, session: Session
) -> Asked:
    """For `feature(library, uri, name, start)`. An item that lost its data is found by its name."""
    item = params.item
    start: object = cast("dict[str, object]", item.data).get("start") if isinstance(item.data, dict) else 0
    where = start if isinstance(start, int) else 0
    return Asked((session.library, item.uri, item.name, where), item.uri)


def document(item: lsp.TextDocumentItem) -> Document:
    # The languages that the protocol has a name for come as members of an enumeration, all others as text.
    language = item.language_id.value if isinstance(item.language_id, lsp.LanguageKind) else item.language_id
    return Document.of(item.uri, item.text, version=item.version, language_id=language)


def offset(text: Document, position: lsp.Position, encoding: Encoding) -> int:
    return text.lines.offset(Position(position.line, position.character), encoding)


def span(text: Document, range_: lsp.Range, encoding: Encoding) -> Span:
    """The span of a range; one that ends before it starts is empty."""
    start = offset(text, range_.start, encoding)
    return Span(start, max(start, offset(text, range_.end, encoding)))


def characters(text: str, units: int, encoding: Encoding) -> int:
    """The characters in the first units of a text; one that is cut does not count."""
    codec, size = CODECS[encoding]
    return len(text.encode(codec)[: units * size].decode(codec, "ignore"))


def edit(text: Document, change: lsp.TextDocumentContentChangeEvent, encoding: Encoding) -> Edit:
    new = encode(change.text)
    if isinstance(change, lsp.TextDocumentContentChangePartial):
        return Edit(span(text, change.range, encoding), new)
    return Edit.between(text.data, new)


def changed(
    text: Document,
    changes: Sequence[lsp.TextDocumentContentChangeEvent],
    *,
    version: int,
    encoding: Encoding,
) -> tuple[Document, Sequence[Edit]]:
    """The document after all changes of one notification, and the edits, each against the text before it."""
    if len(changes) >= _MANY and (at_once := _from_the_end(text, changes, encoding)) is not None:
        return text.edited_at_once(EditSet(at_once), version=version), at_once
    edits: list[Edit] = []
    for change in changes:
        one = edit(text, change, encoding)
        edits.append(one)
        text = text.edited(one, version=version)
    return text, edits


def _from_the_end(
    text: Document, changes: Sequence[lsp.TextDocumentContentChangeEvent], encoding: Encoding
) -> list[Edit] | None:
    """The edits, if each change ends before the one before it starts: then all can be read in the old text.

    A rename of a name with thousands of uses comes like this. Copying a text of megabytes for each use took
    tens of seconds.
    """
    edits: list[Edit] = []
    behind = len(text.data) + 1
    for change in changes:
        if not isinstance(change, lsp.TextDocumentContentChangePartial):
            return None
        one = edit(text, change, encoding)
        # Strictly before: a CR in front of a change and an LF that it brings become one line end. And not
        # clamped: a column beyond the line's end may exist after the changes before this one.
        if one.span.end >= behind or _is_clamped(text, one.span, change.range, encoding):
            return None
        edits.append(one)
        behind = one.span.start
    return edits


def _is_clamped(text: Document, where: Span, asked: lsp.Range, encoding: Encoding) -> bool:
    ends = ((where.start, asked.start), (where.end, asked.end))
    return any(
        text.lines.position(offset_, encoding) != (position.line, position.character) for offset_, position in ends
    )
