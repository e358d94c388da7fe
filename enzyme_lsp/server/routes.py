"""The table of requests: decode, feature, encode and lane side by side; nothing else happens here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from enzyme_lsp.server import decode, encode
from enzyme_lsp.server.lanes import Lane
from enzyme_lsp.server.publish import Publisher

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.server.client import Client
    from enzyme_lsp.server.decode import Asked
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.workspace.snapshot import Snapshot


def _always(_: Client) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """How one request is answered: `encode(feature(*decode(...).arguments), ...)`, in its lane."""

    method: str
    decode: Callable[[Any, Session], Asked]
    feature: Callable[..., Any]
    """A plain function; in the lane ENGINE a coroutine function."""
    encode: Callable[[Any, Snapshot | None, Client], object]
    lane: Lane
    options: object = None
    """What the client is told of the feature, where "it exists" is not enough."""
    offered: Callable[[Client], bool] = _always
    """Which clients are told of it; for the others it does not exist."""


def _pulls(client: Client) -> bool:
    # A client that cannot pull is pushed to; if it tried to pull all the same it would show everything twice.
    return client.pulls_diagnostics


_DIAGNOSTIC_OPTIONS = lsp.DiagnosticOptions(
    identifier="enzyme-lsp", inter_file_dependencies=False, workspace_diagnostics=True
)

ROUTES = (
    Route(
        lsp.TEXT_DOCUMENT_DIAGNOSTIC,
        decode.known_report,
        Publisher.pull,
        encode.document_report,
        Lane.ENGINE,
        options=_DIAGNOSTIC_OPTIONS,
        offered=_pulls,
    ),
    Route(
        lsp.WORKSPACE_DIAGNOSTIC,
        decode.known_reports,
        Publisher.pull_all,
        encode.workspace_report,
        Lane.ENGINE,
        offered=_pulls,
    ),
)
