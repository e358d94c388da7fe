"""What the client on the other side can take, read once from its capabilities; must not know our answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp
from pygls.capabilities import ServerCapabilitiesBuilder

if TYPE_CHECKING:
    from enzyme_lsp.text.line_index import Encoding


@dataclass(frozen=True, slots=True)
class ListClient:
    """What it takes in completion lists. The defaults are those of a client that declares nothing."""

    takes_snippets: bool = False
    takes_two_ranges: bool = False
    """Lets the user choose whether the rest of the word at the cursor goes."""
    shows_label_details: bool = False
    takes_common_range: bool = False
    """Takes the range of all items once for the list."""
    takes_markdown: bool = False

    @staticmethod
    def of(completion: lsp.CompletionClientCapabilities | None) -> ListClient:
        whole = completion or lsp.CompletionClientCapabilities()
        item = whole.completion_item or lsp.ClientCompletionItemOptions()
        listed = whole.completion_list or lsp.CompletionListCapabilities()
        return ListClient(
            takes_snippets=bool(item.snippet_support),
            takes_two_ranges=bool(item.insert_replace_support),
            shows_label_details=bool(item.label_details_support),
            takes_common_range="editRange" in (listed.item_defaults or ()),
            takes_markdown=lsp.MarkupKind.Markdown in (item.documentation_format or ()),
        )


@dataclass(frozen=True, slots=True)
class Client:
    """The defaults are those of a client that declares nothing."""

    encoding: Encoding = "utf-16"
    pulls_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    """Pulls again when told that an answer has become better."""
    refreshes_content: bool = False
    """Shows read-only documents of the server, and asks for one again when told that it has changed."""
    refreshes_hints: bool = False
    """Asks for inlay hints again when told that there are more."""
    takes_pushed: bool = False
    """Shows diagnostics that it has not asked for."""
    shows_version: bool = False
    shows_related: bool = False
    shows_page: bool = False
    """Makes the code of a diagnostic a link."""
    answers_configuration: bool = False
    registers_configuration: bool = False
    """Tells of changed settings when asked to."""
    shows_status: bool = False
    watches_files: bool = False
    """Tells of changed files when asked to."""
    shows_progress: bool = False
    shows_documents: bool = False
    """Shows a file when asked to."""
    shows_markdown: bool = False
    """In hovers; else they are shown as they are written."""
    links_definitions: bool = False
    """Takes for a definition what was asked about, and the whole of what is defined, beside its name."""
    links_declarations: bool = False
    links_type_definitions: bool = False
    links_implementations: bool = False
    nests_symbols: bool = False
    """Shows the symbols of a document in each other; else they are a list."""
    takes_label_places: bool = False
    """Parameters of a signature are taken as places in its label, not only as words."""
    takes_actions: bool = False
    """Takes code actions that are no commands."""
    resolves_edits: bool = False
    """Comes back for the edit of an action that was chosen."""
    shows_preferred: bool = False
    shows_disabled: bool = False
    is_trusted: bool = False
    """Its user trusts the workspace, and so its settings."""
    copies_code: bool = False
    """What a command of ours answers to an action that was chosen goes into its clipboard."""
    commands: frozenset[str] = frozenset()
    """Those of its own that it lets lenses run."""
    folds_lines_only: bool = False
    """Hides whole lines, and takes no columns."""
    most_folds: int | None = None
    completion: ListClient = field(default_factory=ListClient)
    edits_versions: bool = False
    """Applies an edit to the version that it was made for, and to no other."""
    edits_with_stops: bool = False
    """Leads the user through the parts of an edit that may be typed over."""

    @staticmethod
    def of(capabilities: lsp.ClientCapabilities) -> Client:
        text = capabilities.text_document or lsp.TextDocumentClientCapabilities()
        workspace = capabilities.workspace or lsp.WorkspaceClientCapabilities()
        published = text.publish_diagnostics or lsp.PublishDiagnosticsClientCapabilities()
        pulled = text.diagnostic or lsp.DiagnosticClientCapabilities()
        refresh = workspace.diagnostics or lsp.DiagnosticWorkspaceClientCapabilities()
        hints = workspace.inlay_hint or lsp.InlayHintWorkspaceClientCapabilities()
        configuration = workspace.did_change_configuration or lsp.DidChangeConfigurationClientCapabilities()
        actions = text.code_action or lsp.CodeActionClientCapabilities()
        resolvable = actions.resolve_support.properties if actions.resolve_support else ()
        edits = workspace.workspace_edit or lsp.WorkspaceEditClientCapabilities()
        watched = workspace.did_change_watched_files or lsp.DidChangeWatchedFilesClientCapabilities()
        folds = text.folding_range or lsp.FoldingRangeClientCapabilities()
        window = capabilities.window or lsp.WindowClientCapabilities()
        declared = capabilities.experimental
        experimental = cast("dict[str, Any]", declared) if isinstance(declared, dict) else {}
        return Client(
            encoding=_encoding(capabilities),
            pulls_diagnostics=text.diagnostic is not None,
            refreshes_diagnostics=bool(refresh.refresh_support),
            refreshes_content=workspace.text_document_content is not None,
            refreshes_hints=bool(hints.refresh_support),
            takes_pushed=text.publish_diagnostics is not None,
            shows_version=bool(published.version_support),
            # Protocol 3.18 gave pulled diagnostics capabilities of their own; clients of 3.17, such as
            # Neovim 0.11, declare these two for published ones and mean both.
            shows_related=bool(pulled.related_information or published.related_information),
            shows_page=bool(pulled.code_description_support or published.code_description_support),
            answers_configuration=bool(workspace.configuration),
            registers_configuration=bool(configuration.dynamic_registration),
            shows_status=experimental.get("enzymeStatus") is True,
            is_trusted=experimental.get("enzymeTrusted") is True,
            copies_code=experimental.get("enzymeClipboard") is True,
            commands=_commands(experimental.get("commands")),
            watches_files=bool(watched.dynamic_registration),
            shows_progress=bool(window.work_done_progress),
            shows_documents=window.show_document is not None and window.show_document.support,
            shows_markdown=lsp.MarkupKind.Markdown in ((text.hover and text.hover.content_format) or ()),
            links_definitions=text.definition is not None and bool(text.definition.link_support),
            links_declarations=text.declaration is not None and bool(text.declaration.link_support),
            links_type_definitions=text.type_definition is not None and bool(text.type_definition.link_support),
            links_implementations=text.implementation is not None and bool(text.implementation.link_support),
            nests_symbols=text.document_symbol is not None
            and bool(text.document_symbol.hierarchical_document_symbol_support),
            takes_label_places=_takes_label_places(text.signature_help),
            takes_actions=actions.code_action_literal_support is not None,
            resolves_edits=bool(actions.data_support) and "edit" in resolvable,
            shows_preferred=bool(actions.is_preferred_support),
            shows_disabled=bool(actions.disabled_support),
            folds_lines_only=bool(folds.line_folding_only),
            most_folds=folds.range_limit,
            completion=ListClient.of(text.completion),
            edits_versions=bool(edits.document_changes),
            # Such edits have a place only where versions have one.
            edits_with_stops=bool(edits.document_changes) and bool(edits.snippet_edit_support),
        )


def _commands(declared: object) -> frozenset[str]:
    listed = cast("dict[str, object]", declared).get("commands") if isinstance(declared, dict) else None
    names = cast("list[object]", listed) if isinstance(listed, list) else []
    return frozenset(name for name in names if isinstance(name, str))


def _takes_label_places(help_: lsp.SignatureHelpClientCapabilities | None) -> bool:
    signature = help_.signature_information if help_ is not None else None
    parameter = signature.parameter_information if signature is not None else None
    return parameter is not None and bool(parameter.label_offset_support)


def _encoding(capabilities: lsp.ClientCapabilities) -> Encoding:
    # pygls tells the client what this function says, so it is asked rather than written again.
    chosen = lsp.PositionEncodingKind(ServerCapabilitiesBuilder.choose_position_encoding(capabilities))
    encodings: dict[lsp.PositionEncodingKind, Encoding] = {
        lsp.PositionEncodingKind.Utf8: "utf-8",
        lsp.PositionEncodingKind.Utf16: "utf-16",
        lsp.PositionEncodingKind.Utf32: "utf-32",
    }
    return encodings[chosen]
