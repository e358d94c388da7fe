"""The server as a whole: made from the table of routes, started, stopped; must not know any feature."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcContentModified,
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcRequestCancelled,
)
from pygls.lsp.server import LanguageServer

from enzyme_lsp import __version__, log
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.server import sync
from enzyme_lsp.server.client import Client
from enzyme_lsp.server.decode import NotOpenError, ReadOnlyError
from enzyme_lsp.server.lanes import Lane
from enzyme_lsp.server.outbox import Outbox
from enzyme_lsp.server.progress import CanceledError
from enzyme_lsp.server.routes import COMMANDS, ROUTES
from enzyme_lsp.server.rpc import Protocol
from enzyme_lsp.server.session import Session
from enzyme_lsp.server.stdio import Stdio
from enzyme_lsp.settings import SECTION, LogSettings
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pygls.exceptions import PyglsError

    from enzyme_lsp.server.decode import Asked
    from enzyme_lsp.server.routes import Route

_logger = logging.getLogger(__name__)

STRICT = "ENZYME_LSP_STRICT"
"""Environment variable for tests: with any value, a server that has logged a bug ends with `BUG_EXIT`."""

BUG_EXIT = 70


def serve() -> int:
    """Serve the client at standard input and output until it leaves; gives the exit code."""
    log.set_up(LogSettings())
    # What is imported stays: the search for garbage, which can come with any keystroke, need not pass over it.
    gc.freeze()
    code = asyncio.run(_serve())
    return BUG_EXIT if log.bugs() and os.environ.get(STRICT) else code


class Server(LanguageServer):
    """One connection. Made with a running loop."""

    protocol: Protocol  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, routes: Sequence[Route] = ROUTES) -> None:
        super().__init__("enzyme-lsp", __version__, protocol_cls=Protocol)  # pyright: ignore[reportUnknownMemberType]
        self._routes = routes
        self.session = Session(Outbox(self.protocol))
        for route in COMMANDS:
            self.command(route.method)(self._command(route))
        self._on(lsp.INITIALIZE, self._initialize)
        self._on(lsp.INITIALIZED, self._initialized)
        self._on(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, self._did_change_configuration)
        self._on(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._did_change_folders)
        self._on(lsp.WINDOW_WORK_DONE_PROGRESS_CANCEL, self._cancel_progress)
        self._on(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, partial(sync.did_change_files, self.session))
        self._on(lsp.TEXT_DOCUMENT_DID_OPEN, partial(sync.did_open, self.session))
        self._on(lsp.TEXT_DOCUMENT_DID_CHANGE, partial(sync.did_change, self.session))
        self._on(lsp.TEXT_DOCUMENT_DID_SAVE, partial(sync.did_save, self.session))
        self._on(lsp.TEXT_DOCUMENT_DID_CLOSE, partial(sync.did_close, self.session))

    async def run(self, stdio: Stdio) -> int:
        """Handle messages until the client says `exit` or goes away; gives the exit code."""
        self.protocol.set_writer(stdio)
        async for message in stdio.messages():
            try:
                self.protocol.receive(message)
            except Exception:
                _logger.exception("a message was dropped: %.1000r", message)
            if self.protocol.exit_code is not None:
                return self.protocol.exit_code
            # A request's handler begins at the next turn of the loop. Without this pause an edit that is in
            # the buffer already would be applied before the request in front of it has taken its snapshot.
            await asyncio.sleep(0)
        _logger.warning("the client has gone without saying exit")
        return self.protocol.code_of_exit()

    def report_server_error(self, error: Exception, source: type[PyglsError | JsonRpcException]) -> None:
        """What pygls calls with each failure. Its own version shows all of them to the user."""
        expected = isinstance(error, JsonRpcException) and not isinstance(error, JsonRpcInternalError)
        if expected or isinstance(error, FeatureError):
            _logger.debug("%s", error)
            return
        # The traceback that pygls has written down says more than that of its own exception.
        data = error.data if isinstance(error, JsonRpcInternalError) else None
        _logger.error("%s, %s", source.__name__, data, exc_info=error)

    def _on(self, method: str, handler: Callable[[Any], object], options: object = None) -> None:
        # pygls leaves a mark on what it is given, which a bound method does not allow.
        self.feature(method, options)(partial(handler))

    def _command(self, route: Route) -> Callable[..., Any]:
        # pygls looks up the type of what a handler takes first, and gives the server to one that would take that.
        async def run(*arguments: Any) -> object:
            return await self._answer(route, arguments)

        return run

    def _initialize(self, params: lsp.InitializeParams) -> None:
        client = Client.of(params.capabilities)
        for route in self._routes:
            if route.offered(client):
                self._on(route.method, partial(self._answer, route), route.options)
        self.session.begin(client, params.initialization_options)

    def _initialized(self, _: lsp.InitializedParams) -> None:
        session = self.session
        if session.client.registers_configuration:
            session.spawn(session.outbox.register_configuration())
        if session.client.answers_configuration:
            session.spawn(session.fetch_settings())
        session.show_status()
        session.projects.set_folders(self.protocol.folders)
        session.spawn(session.indexing.begin(self.protocol.folders))

    def _did_change_folders(self, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        added, removed = ([folder.uri for folder in some] for some in (params.event.added, params.event.removed))
        self.session.indexing.change_folders(added, removed)
        self.session.projects.set_folders(self.session.indexing.folders)

    def _cancel_progress(self, params: lsp.WorkDoneProgressCancelParams) -> None:
        self.session.indexing.cancel(params.token)
        self.session.progress.cancel(params.token)

    def _did_change_configuration(self, params: lsp.DidChangeConfigurationParams) -> None:
        if self.session.client.answers_configuration:
            # Then what the message holds is null, or the settings of all servers, as each client likes.
            self.session.spawn(self.session.fetch_settings())
        else:
            # Settings of other servers may lie beside ours; what has no section of ours is not for us.
            settings: object = params.settings
            if isinstance(settings, dict) and SECTION in settings:
                self.session.configure(cast("object", settings))

    async def _answer(self, route: Route, params: Any) -> object:
        """The answer to one request. Raises only what pygls makes an error answer of."""
        try:
            asked = route.decode(params, self.session)
            work = {Lane.ENGINE: self._engine_work, Lane.STEPS: self._steps_work}.get(route.lane, self._work)
            if route.shown_as:
                work = partial(self._shown_work, work, _token(params))
            return await self.session.lanes.run(route.lane, partial(work, route, asked), uri=asked.uri)
        except CanceledError as error:
            raise JsonRpcRequestCancelled(str(error)) from None
        except Outdated:
            raise JsonRpcContentModified("the document has changed") from None
        except RefusedError as error:
            raise RequestFailed(str(error)) from None
        except ReadOnlyError:
            return None  # There is nothing, as the protocol lets each of these say.
        except NotOpenError as error:
            raise JsonRpcInvalidParams(f"{error} is not open") from None
        except JsonRpcException:
            raise
        except Exception as error:
            _logger.exception("%s failed; it was asked with %.1000r", route.method, params)
            raise FeatureError(f"{route.method} failed: {type(error).__name__}: {error}") from None

    def _work(self, route: Route, asked: Asked) -> object:
        with log.span(route.method, asked.uri or "the workspace"):
            return route.encode(route.feature(*asked.arguments), asked.snapshot, self.session.client)

    async def _shown_work(
        self, work: Callable[..., Any], token: int | str | None, route: Route, asked: Asked
    ) -> object:
        progress = self.session.progress
        return await progress.follow(route.shown_as, work(route, asked), token=token, purpose=asked.purpose)

    async def _engine_work(self, route: Route, asked: Asked) -> object:
        return route.encode(await route.feature(*asked.arguments), asked.snapshot, self.session.client)

    async def _steps_work(self, route: Route, asked: Asked) -> object:
        compilers, snapshot = self.session.compilers, asked.snapshot
        compiler = compilers.of(self.session.settings.engine) if snapshot is None else compilers.judging(snapshot)
        found = await compiler.asker.run(route.feature(*asked.arguments))
        return route.encode(found, asked.snapshot, self.session.client)


def _token(params: Any) -> int | str | None:
    """Under which a client wants to be shown the work for its request; None if it leaves that to us."""
    token: object = getattr(params, "work_done_token", None)
    if isinstance(params, dict):  # Our own requests have no types.
        token = cast("dict[str, object]", params).get("workDoneToken")
    return token if isinstance(token, int | str) and not isinstance(token, bool) else None


class RequestFailed(JsonRpcException):
    """The request is fine, but it cannot be done; the user is told why."""

    CODE = lsp.LSPErrorCodes.RequestFailed.value


class FeatureError(JsonRpcInternalError):
    """A bug that is in the log with its traceback already; the client gets one sentence."""


async def _serve() -> int:
    stdio = Stdio.claim()
    server = Server()
    running = asyncio.ensure_future(server.run(stdio))
    stopped: list[int] = []

    def stop(number: int) -> None:
        stopped.append(number)
        running.cancel()

    # Event loops of Windows have no such handlers; there a server ends with its input.
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await running
    except asyncio.CancelledError:
        if not stopped:
            raise  # Nobody has sent a signal; whoever canceled this wants to see it.
        return 128 + stopped[0]
    finally:
        await server.session.close()
        stdio.close()
