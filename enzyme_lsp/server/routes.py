"""The table of requests: decode, feature, encode and lane side by side; nothing else happens here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from enzyme_lsp.features import (
    builder_code,
    call_hierarchy,
    code_actions,
    code_lens,
    completion,
    definition,
    folding,
    formatting,
    generic_form,
    highlights,
    implementation,
    inlay_hints,
    links,
    outline,
    pipeline_help,
    references,
    rename,
    selection,
    signature_help,
    workspace_symbols,
)
from enzyme_lsp.server import decode, encode, previews, protocol
from enzyme_lsp.server.bytecode import Bytecode
from enzyme_lsp.server.gradients import Gradients
from enzyme_lsp.server.lanes import Lane
from enzyme_lsp.server.previews import Previews
from enzyme_lsp.server.publish import Publisher
from enzyme_lsp.server.shown_files import ShownFiles
from enzyme_lsp.server.tokens import LEGEND, TokenStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.server.client import Client
    from enzyme_lsp.server.decode import Asked
    from enzyme_lsp.server.session import Session


def _always(_: Client) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """How one request is answered: `encode(feature(*decode(...).arguments), ...)`, in its lane."""

    method: str
    decode: Callable[[Any, Session], Asked]
    feature: Callable[..., Any]
    """A plain function; in the lane ENGINE a coroutine function, in the lane STEPS a generator function."""
    encode: Callable[[Any, Any, Client], object]
    """Beside the answer it gets the snapshot that the request is about, if it is about one."""
    lane: Lane
    options: object = None
    """What the client is told of the feature, where "it exists" is not enough."""
    offered: Callable[[Client], bool] = _always
    """Which clients are told of it; for the others it does not exist."""
    shown_as: str = ""
    """What a client is shown while its user waits for it, and may cancel; in the lanes ENGINE and STEPS."""


def _pulls(client: Client) -> bool:
    # A client that cannot pull is pushed to; if it tried to pull all the same it would show everything twice.
    return client.pulls_diagnostics


def _takes_actions_at_once(client: Client) -> bool:
    # A client of before protocol 3.8 takes commands alone. Ours would have to be sent back to us, for an edit that we
    # then ask the client to apply: two more messages during which its text may change. So it is offered none.
    return client.takes_actions and not client.resolves_edits


def _runs_lenses(client: Client) -> bool:
    return any(encode.reading.lens_command(kind, client) for kind in code_lens.LensKind)


def _resolves_actions(client: Client) -> bool:
    return client.takes_actions and client.resolves_edits


_DIAGNOSTIC_OPTIONS = lsp.DiagnosticOptions(
    identifier="enzyme-lsp", inter_file_dependencies=False, workspace_diagnostics=True
)

_LOWERING = "Lowering"
_ASKING = "Asking the compiler"
_CONVERTING = "Converting bytecode"
_CHECKING = "Checking gradients"

ROUTES = (
    Route(
        lsp.TEXT_DOCUMENT_DIAGNOSTIC,
        decode.known_report,
        Publisher.pull,
        encode.problems.document_report,
        Lane.ENGINE,
        options=_DIAGNOSTIC_OPTIONS,
        offered=_pulls,
    ),
    Route(
        lsp.WORKSPACE_DIAGNOSTIC,
        decode.known_reports,
        Publisher.pull_all,
        encode.problems.workspace_report,
        Lane.ENGINE,
        offered=_pulls,
    ),
    Route(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        decode.actions,
        code_actions.code_actions,
        encode.edits.code_actions,
        Lane.THREAD,
        options=lsp.CodeActionOptions(code_action_kinds=code_actions.ALL_KINDS, resolve_provider=True),
        offered=_resolves_actions,
    ),
    Route(
        lsp.CODE_ACTION_RESOLVE,
        decode.chosen_action,
        code_actions.resolution,
        encode.edits.code_action,
        Lane.STEPS,
        offered=_resolves_actions,
        shown_as=_ASKING,
    ),
    Route(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        decode.actions,
        code_actions.code_actions_with_edits,
        encode.edits.code_actions,
        Lane.THREAD,
        options=lsp.CodeActionOptions(code_action_kinds=code_actions.KINDS),
        offered=_takes_actions_at_once,
    ),
    Route(protocol.LOWER, decode.lowering, Previews.asked, encode.ours.lowered, Lane.ENGINE, shown_as=_LOWERING),
    Route(protocol.PIPELINES, decode.pipelines, previews.choices, encode.ours.pipelines, Lane.THREAD),
    Route(protocol.PIPELINE, decode.pipeline_text, pipeline_help.pipeline_help, encode.ours.pipeline_help, Lane.THREAD),
    Route(protocol.SOURCE_MAP, decode.source_map, previews.moved, encode.ours.source_map, Lane.THREAD),
    Route(
        protocol.GRADCHECK,
        decode.gradcheck,
        Gradients.checked,
        encode.ours.gradcheck,
        Lane.ENGINE,
        shown_as=_CHECKING,
    ),
    Route(
        protocol.FROM_BYTECODE,
        decode.bytecode_file,
        Bytecode.opened,
        encode.ours.from_bytecode,
        Lane.ENGINE,
        shown_as=_CONVERTING,
    ),
    Route(
        protocol.TO_BYTECODE,
        decode.bytecode_text,
        Bytecode.saved,
        encode.ours.to_bytecode,
        Lane.ENGINE,
        shown_as=_CONVERTING,
    ),
    Route(
        lsp.WORKSPACE_TEXT_DOCUMENT_CONTENT,
        decode.content,
        Previews.content,
        encode.ours.content,
        Lane.ENGINE,
        shown_as=_LOWERING,
    ),
    Route(
        protocol.GENERIC_FORM,
        decode.place,
        generic_form.generic_form,
        encode.ours.generic_form,
        Lane.STEPS,
        shown_as=_ASKING,
    ),
    Route(lsp.TEXT_DOCUMENT_HOVER, decode.hovered, generic_form.hovered, encode.reading.hover, Lane.STEPS),
    Route(lsp.TEXT_DOCUMENT_DEFINITION, decode.defined, definition.definition, encode.places.definitions, Lane.THREAD),
    Route(lsp.TEXT_DOCUMENT_DECLARATION, decode.name, definition.declaration, encode.places.declarations, Lane.THREAD),
    Route(
        lsp.TEXT_DOCUMENT_TYPE_DEFINITION,
        decode.place,
        definition.type_definition,
        encode.places.type_definitions,
        Lane.THREAD,
    ),
    Route(
        lsp.TEXT_DOCUMENT_IMPLEMENTATION,
        decode.implemented,
        implementation.implementation,
        encode.places.implementations,
        Lane.THREAD,
    ),
    Route(
        lsp.TEXT_DOCUMENT_REFERENCES, decode.references, references.references, encode.places.references, Lane.THREAD
    ),
    Route(
        lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, decode.place, highlights.highlights, encode.places.highlights, Lane.THREAD
    ),
    Route(
        lsp.TEXT_DOCUMENT_CODE_LENS,
        decode.lenses,
        code_lens.code_lenses,
        encode.reading.code_lenses,
        Lane.THREAD,
        offered=_runs_lenses,
    ),
    Route(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, decode.whole, outline.outline, encode.reading.outline, Lane.THREAD),
    Route(lsp.TEXT_DOCUMENT_DOCUMENT_LINK, decode.listed, links.links, encode.places.document_links, Lane.THREAD),
    Route(
        lsp.TEXT_DOCUMENT_PREPARE_RENAME, decode.changeable_place, rename.prepare, encode.edits.renamable, Lane.THREAD
    ),
    Route(lsp.TEXT_DOCUMENT_RENAME, decode.renaming, rename.rename, encode.edits.renaming, Lane.THREAD),
    Route(lsp.TEXT_DOCUMENT_FOLDING_RANGE, decode.folding, folding.folding, encode.reading.folds, Lane.THREAD),
    Route(
        lsp.TEXT_DOCUMENT_SELECTION_RANGE, decode.places, selection.selections, encode.reading.selections, Lane.THREAD
    ),
    Route(
        lsp.TEXT_DOCUMENT_COMPLETION,
        decode.completion,
        completion.completion,
        encode.completion.completions,
        Lane.THREAD,
        options=lsp.CompletionOptions(
            trigger_characters=completion.TRIGGERS,
            resolve_provider=True,
            completion_item=lsp.ServerCompletionItemOptions(label_details_support=True),
        ),
    ),
    Route(
        lsp.COMPLETION_ITEM_RESOLVE,
        decode.completion_item,
        completion.documented,
        encode.completion.documented_item,
        Lane.THREAD,
    ),
    Route(
        lsp.TEXT_DOCUMENT_INLAY_HINT, decode.stretch, inlay_hints.inlay_hints, encode.reading.inlay_hints, Lane.THREAD
    ),
    Route(
        lsp.TEXT_DOCUMENT_SIGNATURE_HELP,
        decode.place,
        signature_help.signature_help,
        encode.reading.signature_help,
        Lane.THREAD,
        options=lsp.SignatureHelpOptions(trigger_characters=["(", ",", "["], retrigger_characters=[","]),
    ),
    Route(
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        decode.tokens,
        TokenStore.full,
        encode.ours.as_it_is,
        Lane.THREAD,
        options=LEGEND,
    ),
    Route(
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA,
        decode.token_changes,
        TokenStore.delta,
        encode.ours.as_it_is,
        Lane.THREAD,
        options=LEGEND,
    ),
    Route(
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        decode.tokens_within,
        TokenStore.within,
        encode.ours.as_it_is,
        Lane.THREAD,
        options=LEGEND,
    ),
    Route(
        lsp.WORKSPACE_SYMBOL,
        decode.query,
        workspace_symbols.workspace_symbols,
        encode.reading.workspace_symbols,
        Lane.THREAD,
    ),
    Route(
        lsp.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY,
        decode.name,
        call_hierarchy.prepare,
        encode.calls.call_items,
        Lane.THREAD,
    ),
    Route(
        lsp.CALL_HIERARCHY_INCOMING_CALLS,
        decode.call_item,
        call_hierarchy.incoming,
        encode.calls.incoming_calls,
        Lane.THREAD,
    ),
    Route(
        lsp.CALL_HIERARCHY_OUTGOING_CALLS,
        decode.call_item,
        call_hierarchy.outgoing,
        encode.calls.outgoing_calls,
        Lane.THREAD,
    ),
    Route(
        lsp.TEXT_DOCUMENT_FORMATTING,
        decode.formatting,
        formatting.formatted,
        encode.edits.text_edits,
        Lane.THREAD,
    ),
    Route(
        lsp.TEXT_DOCUMENT_RANGE_FORMATTING,
        decode.range_formatting,
        formatting.formatted,
        encode.edits.text_edits,
        Lane.THREAD,
    ),
    Route(
        lsp.TEXT_DOCUMENT_ON_TYPE_FORMATTING,
        decode.typed,
        formatting.on_type,
        encode.edits.text_edits,
        Lane.THREAD,
        options=lsp.DocumentOnTypeFormattingOptions(first_trigger_character="}", more_trigger_character=["\n"]),
    ),
)

COMMANDS = (
    Route(protocol.BUILDER_CODE, decode.builder_code, builder_code.builder_code, encode.ours.as_it_is, Lane.THREAD),
    Route(
        protocol.LOWER_COMMAND,
        decode.of_argument(decode.lowering),
        Previews.asked,
        encode.ours.lowered,
        Lane.ENGINE,
        shown_as=_LOWERING,
    ),
    Route(
        protocol.PIPELINES_COMMAND,
        decode.of_argument(decode.pipelines),
        previews.choices,
        encode.ours.pipelines,
        Lane.THREAD,
    ),
    Route(
        protocol.GRADCHECK_COMMAND,
        decode.of_argument(decode.gradcheck),
        Gradients.told,
        encode.ours.gradcheck,
        Lane.ENGINE,
        shown_as=_CHECKING,
    ),
    Route(
        protocol.SHOW_LOWERED,
        decode.of_argument(decode.shown_lowering),
        ShownFiles.show,
        encode.ours.shown_lowered,
        Lane.ENGINE,
        shown_as=_LOWERING,
    ),
)
"""What `workspace/executeCommand` knows: `method` is the name of the command, and its arguments are decoded."""
