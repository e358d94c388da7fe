"""The real server in a folder of files, as two editors see it: symbols, calls, and a file that changes on disk."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator  # noqa: TC003  # pytest-lsp reads the annotations.
from pathlib import Path  # noqa: TC003
from typing import Any

import pytest  # noqa: TC002
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient

from enzyme_lsp.server.server import STRICT

MAIN = """\
func.func private @square(f64) -> f64
func.func @main(%x: f64) -> f64 {
  %0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
  return %0 : f64
}
"""
SQUARE = """\
func.func @square(%x: f64) -> f64 {
  %0 = arith.mulf %x, %x : f64
  return %0 : f64
}
"""


@pytest_lsp.fixture(  # pyright: ignore[reportUnknownMemberType]
    params=["visual-studio-code", "neovim"],
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "enzyme_lsp", "serve"], server_env={**os.environ, STRICT: "1"}
    ),
)
async def client(request: pytest.FixtureRequest, lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    (tmp_path / "main.mlir").write_text(MAIN)
    (tmp_path / "square.mlir").write_text(SQUARE)
    lsp_client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(registered(lsp_client))
    folder = lsp.WorkspaceFolder(uri=tmp_path.as_uri(), name="folder")
    await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=pytest_lsp.client_capabilities(request.param),
            workspace_folders=[folder],
            root_uri=folder.uri,
            initialization_options={"engine": {"kind": "none"}},
        )
    )
    yield
    await lsp_client.shutdown_session()
    process: asyncio.subprocess.Process = vars(lsp_client)["_server"]
    assert process.returncode == 0, "the server has logged a bug"


def registered(client: LanguageClient) -> Any:
    """Notes which methods the server registers."""
    methods: list[str] = []
    vars(client)["registered"] = methods

    def register(params: lsp.RegistrationParams) -> None:
        methods.extend(each.method for each in params.registrations)

    return register


async def found(client: LanguageClient, query: str, *names: str) -> list[str]:
    """Wait until these are what the query finds; gives the URIs of their files."""
    async with asyncio.timeout(10):
        while True:
            symbols = await client.workspace_symbol_async(lsp.WorkspaceSymbolParams(query)) or []
            if sorted(one.name for one in symbols) == sorted(names):
                return [one.location.uri for one in symbols]
            await asyncio.sleep(0.02)


async def test_files_on_disk(client: LanguageClient, tmp_path: Path):
    await found(client, "square", "square", "square")
    uris = await found(client, "sq", "square", "square")
    assert uris == [(tmp_path / name).as_uri() for name in ("square.mlir", "main.mlir")], "what is defined comes first"

    (tmp_path / "new.mlir").write_text("func.func private @brand_new()")
    assert client.capabilities is not None
    assert client.capabilities.workspace is not None
    watched = client.capabilities.workspace.did_change_watched_files
    if watched is not None and watched.dynamic_registration:
        assert lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES in vars(client)["registered"]
        change = lsp.FileEvent((tmp_path / "new.mlir").as_uri(), lsp.FileChangeType.Created)
        client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([change]))
        await found(client, "brandnew", "brand_new")


async def test_calls_across_files(client: LanguageClient, tmp_path: Path):
    await found(client, "square", "square", "square")
    uri = (tmp_path / "main.mlir").as_uri()
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "mlir", 1, MAIN)))
    place = lsp.CallHierarchyPrepareParams(lsp.TextDocumentIdentifier(uri), lsp.Position(2, 25))
    (square,) = await client.text_document_prepare_call_hierarchy_async(place) or []
    assert (square.name, square.uri) == ("square", (tmp_path / "square.mlir").as_uri())
    incoming = lsp.CallHierarchyIncomingCallsParams(square)
    (call,) = await client.call_hierarchy_incoming_calls_async(incoming) or []
    assert (call.from_.name, call.from_.uri) == ("main", uri)
    assert call.from_.detail == "differentiates it in reverse mode with enzyme.autodiff: (f64) -> f64"
    outgoing = lsp.CallHierarchyOutgoingCallsParams(call.from_)
    (back,) = await client.call_hierarchy_outgoing_calls_async(outgoing) or []
    assert back.to.detail == "differentiated in reverse mode by enzyme.autodiff: (f64) -> f64"
    assert list(back.from_ranges) == list(call.from_ranges)
