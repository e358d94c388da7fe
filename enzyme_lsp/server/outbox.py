"""Everything the server says without being asked, one method each; must not know why it is said."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol, cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from enzyme_lsp.server import protocol
from enzyme_lsp.settings import PROJECT_FILE, SECTION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence


_logger = logging.getLogger(__name__)


class Wire(Protocol):
    """The part of pygls's protocol object that sends."""

    def notify(self, method: str, params: object) -> None: ...

    def send_request_async(self, method: str, params: object) -> Awaitable[object]: ...


class Outbox:
    """What clients may not support is asked of `Client` by the callers, not here."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def publish(self, uri: str, items: Sequence[lsp.Diagnostic], *, version: int | None) -> None:
        params = lsp.PublishDiagnosticsParams(uri=uri, diagnostics=items, version=version)
        self._wire.notify(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def status(self, params: protocol.StatusParams) -> None:
        self._wire.notify(protocol.STATUS, params.as_json())

    def log(self, message: str) -> None:
        params = lsp.LogMessageParams(type=lsp.MessageType.Info, message=message)
        self._wire.notify(lsp.WINDOW_LOG_MESSAGE, params)

    def warn(self, message: str) -> None:
        """Into the client's log."""
        params = lsp.LogMessageParams(type=lsp.MessageType.Warning, message=message)
        self._wire.notify(lsp.WINDOW_LOG_MESSAGE, params)

    def show_information(self, message: str) -> None:
        """Before the user's eyes, so only for what the user has asked for."""
        params = lsp.ShowMessageParams(type=lsp.MessageType.Info, message=message)
        self._wire.notify(lsp.WINDOW_SHOW_MESSAGE, params)

    def show_warning(self, message: str) -> None:
        """Before the user's eyes, so only for what the user can do something about."""
        params = lsp.ShowMessageParams(type=lsp.MessageType.Warning, message=message)
        self._wire.notify(lsp.WINDOW_SHOW_MESSAGE, params)

    async def create_progress(self, token: str) -> bool:
        """Whether the client will show work under this token."""
        return (await self._answer(lsp.WINDOW_WORK_DONE_PROGRESS_CREATE, lsp.WorkDoneProgressCreateParams(token)))[0]

    def begin_progress(self, token: str, title: str) -> None:
        self._progress(token, lsp.WorkDoneProgressBegin(title=title, cancellable=True, percentage=0))

    def begin_work(self, token: int | str, title: str) -> None:
        """Work of which nobody knows how much is done."""
        self._progress(token, lsp.WorkDoneProgressBegin(title=title, cancellable=True))

    def report_progress(self, token: str, message: str, percentage: int) -> None:
        self._progress(token, lsp.WorkDoneProgressReport(message=message, percentage=percentage))

    def end_progress(self, token: int | str, message: str) -> None:
        self._progress(token, lsp.WorkDoneProgressEnd(message=message or None))

    def _progress(self, token: int | str, value: object) -> None:
        self._wire.notify(lsp.PROGRESS, lsp.ProgressParams(token=token, value=value))

    async def refresh_diagnostics(self) -> None:
        await self._ask(lsp.WORKSPACE_DIAGNOSTIC_REFRESH, None)

    async def refresh_hints(self) -> None:
        await self._ask(lsp.WORKSPACE_INLAY_HINT_REFRESH, None)

    async def refresh_content(self, uri: str) -> None:
        """Have the client ask again for a read-only document."""
        await self._ask(lsp.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH, lsp.TextDocumentContentRefreshParams(uri))

    async def show_document(self, uri: str) -> None:
        """Before the user's eyes."""
        await self._ask(lsp.WINDOW_SHOW_DOCUMENT, lsp.ShowDocumentParams(uri=uri, take_focus=True))

    async def configuration(self) -> object:
        """The client's settings for our section, None when it has none."""
        items = [lsp.ConfigurationItem(section=SECTION)]
        answer = await self._ask(lsp.WORKSPACE_CONFIGURATION, lsp.ConfigurationParams(items=items))
        return next(iter(cast("Sequence[object]", answer or ())), None)

    async def register_configuration(self) -> None:
        """Ask to be told of changed settings."""
        registration = lsp.Registration(
            id="configuration",
            method=lsp.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options=lsp.DidChangeConfigurationRegistrationOptions(section=SECTION),
        )
        params = lsp.RegistrationParams(registrations=[registration])
        await self._ask(lsp.CLIENT_REGISTER_CAPABILITY, params)

    async def register_watched_files(self) -> None:
        """Ask to be told of our files that are made, written and removed, by whomever."""
        watchers = [lsp.FileSystemWatcher(glob_pattern=f"**/{name}") for name in ("*.mlir", PROJECT_FILE)]
        registration = lsp.Registration(
            id="watched-files",
            method=lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            register_options=lsp.DidChangeWatchedFilesRegistrationOptions(watchers),
        )
        await self._ask(lsp.CLIENT_REGISTER_CAPABILITY, lsp.RegistrationParams(registrations=[registration]))

    async def _ask(self, method: str, params: object) -> object:
        """The client's answer; None when it refuses, which is its right and changes nothing for us."""
        return (await self._answer(method, params))[1]

    async def _answer(self, method: str, params: object) -> tuple[bool, object]:
        """Whether the client has answered and not refused, and its answer."""
        try:
            return True, await self._wire.send_request_async(method, params)
        except JsonRpcException as error:
            _logger.warning("the client refused %s: %s", method, error)
            return False, None
