"""What the client on the other side can take, read once from its capabilities; must not know our answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp
from pygls.capabilities import ServerCapabilitiesBuilder

if TYPE_CHECKING:
    from enzyme_lsp.text.line_index import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """The defaults are those of a client that declares nothing."""

    encoding: Encoding = "utf-16"
    pulls_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    """Pulls again when told that an answer has become better."""
    shows_version: bool = False
    shows_related: bool = False
    shows_page: bool = False
    """Makes the code of a diagnostic a link."""
    answers_configuration: bool = False
    registers_configuration: bool = False
    """Tells of changed settings when asked to."""
    shows_status: bool = False

    @staticmethod
    def of(capabilities: lsp.ClientCapabilities) -> Client:
        text = capabilities.text_document or lsp.TextDocumentClientCapabilities()
        workspace = capabilities.workspace or lsp.WorkspaceClientCapabilities()
        published = text.publish_diagnostics or lsp.PublishDiagnosticsClientCapabilities()
        pulled = text.diagnostic or lsp.DiagnosticClientCapabilities()
        refresh = workspace.diagnostics or lsp.DiagnosticWorkspaceClientCapabilities()
        configuration = workspace.did_change_configuration or lsp.DidChangeConfigurationClientCapabilities()
        experimental = capabilities.experimental
        return Client(
            encoding=_encoding(capabilities),
            pulls_diagnostics=text.diagnostic is not None,
            refreshes_diagnostics=bool(refresh.refresh_support),
            shows_version=bool(published.version_support),
            # Protocol 3.18 gave pulled diagnostics capabilities of their own; clients of 3.17, such as
            # Neovim 0.11, declare these two for published ones and mean both.
            shows_related=bool(pulled.related_information or published.related_information),
            shows_page=bool(pulled.code_description_support or published.code_description_support),
            answers_configuration=bool(workspace.configuration),
            registers_configuration=bool(configuration.dynamic_registration),
            shows_status=isinstance(experimental, dict)
            and cast("dict[str, Any]", experimental).get("enzymeStatus") is True,
        )


def _encoding(capabilities: lsp.ClientCapabilities) -> Encoding:
    # pygls tells the client what this function says, so it is asked rather than written again.
    chosen = lsp.PositionEncodingKind(ServerCapabilitiesBuilder.choose_position_encoding(capabilities))
    encodings: dict[lsp.PositionEncodingKind, Encoding] = {
        lsp.PositionEncodingKind.Utf8: "utf-8",
        lsp.PositionEncodingKind.Utf16: "utf-16",
        lsp.PositionEncodingKind.Utf32: "utf-32",
    }
    return encodings[chosen]
