"""The life of a connection and the form of its messages, over pygls; must not know any feature.

pygls decodes messages, calls handlers, keeps requests under way and builds the answer to `initialize`. Added
here is what it leaves out: every request is answered, also one that comes too early, too late or malformed,
and whatever comes, the server goes on.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from cattrs import ClassValidationError, transform_error
from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from enzyme_lsp.server.protocol import AT_PLACE, CONTENT_SCHEME, OF_FIELDS

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_logger = logging.getLogger(__name__)

# pygls writes a traceback for every request that is refused, canceled or outdated. What is a fault it also
# gives to `report_server_error`, from where it reaches our log.
logging.getLogger("pygls").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Plain:
    """A result that is JSON already, for answers of thousands of parts: the protocol's types take 50 us for each range,
    and on the thread that everybody waits for.
    """

    value: object


@dataclass
class _PlaceRequest:
    """A request of ours about a place: it has the form of the protocol's own."""

    id: int | str
    params: lsp.TextDocumentPositionParams
    method: str
    jsonrpc: str


@dataclass
class _FieldsRequest:
    """A request of ours whose fields are read where it is decoded."""

    id: int | str
    params: dict[str, Any]
    method: str
    jsonrpc: str


class Protocol(LanguageServerProtocol):
    """One client, from its first message to `exit`."""

    # pygls's own handlers for these keep a copy of each text, by lines, which costs 60 to 240 ms for each key
    # in a file of 7 MB. A method that is not callable is not registered, so that the handlers of sync.py,
    # which have our text layer behind them, are all that is called.
    lsp_text_document__did_open = None  # pyright: ignore[reportAssignmentType]
    lsp_text_document__did_change = None  # pyright: ignore[reportAssignmentType]
    lsp_text_document__did_close = None  # pyright: ignore[reportAssignmentType]
    lsp_notebook_document__did_open = None  # pyright: ignore[reportAssignmentType]
    lsp_notebook_document__did_change = None  # pyright: ignore[reportAssignmentType]
    lsp_notebook_document__did_close = None  # pyright: ignore[reportAssignmentType]

    exit_code: int | None = None
    """Set when the client has said `exit`."""
    folders: Sequence[str] = ()
    """The URIs of the workspace's folders, as the client has named them at the beginning."""
    _is_initialized = False

    def get_message_type(self, method: str) -> type[Any] | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        if method in OF_FIELDS:
            return _FieldsRequest
        return _PlaceRequest if method in AT_PLACE else super().get_message_type(method)

    @lsp_method(lsp.INITIALIZE)
    def lsp_initialize(self, params: lsp.InitializeParams) -> Generator[Any, Any, lsp.InitializeResult]:
        folders = [folder.uri for folder in params.workspace_folders or ()]
        self.folders = folders or [uri for uri in (params.root_uri,) if uri]
        # pygls reads folders only for the workspace that we do not use, and fails for some URIs.
        params.root_uri = params.root_path = params.workspace_folders = None
        result = yield from super().lsp_initialize(params)
        if result.capabilities.workspace is not None:
            # A capability of protocol 3.18, which pygls does not announce.
            schemes = lsp.TextDocumentContentOptions(schemes=[CONTENT_SCHEME])
            result.capabilities.workspace.text_document_content = schemes
        return result

    @lsp_method(lsp.EXIT)
    def lsp_exit(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        # pygls ends the process here, in the middle of whatever else is under way, compilers included.
        self.exit_code = self.code_of_exit()

    def code_of_exit(self) -> int:
        """What the protocol says of a server that ends now: success if the client has asked for it."""
        return 0 if self._shutdown else 1

    def receive(self, body: bytes) -> None:
        """Handle one message of the client."""
        try:
            data = _parsed(body)
        except JsonRpcException as error:
            # The answer to a message that cannot be read has the id null, which lsprotocol would leave out.
            answer = {"code": error.code, "message": error.message}
            self._send_data({"jsonrpc": self.VERSION, "id": None, "error": answer})
            return
        request_id = data.get("id") if "method" in data else None
        try:
            if not self._is_due(data):
                return
            message = self._structured(data)
            self._is_initialized = self._is_initialized or data.get("method") == lsp.INITIALIZE
            self.handle_message(message)
        except JsonRpcException as error:
            if isinstance(request_id, int | str):
                self._send_response(request_id, error=error.to_response_error())
            else:
                _logger.warning("ignored %.200s: %.1000s", data.get("method", "a response"), error.message)

    def _is_due(self, data: dict[str, Any]) -> bool:
        """Whether a message fits the life of the connection. Raises what a request that does not is told."""
        method, is_request = data.get("method"), "id" in data
        if method is None:
            return True
        if "result" in data or "error" in data:
            raise JsonRpcInvalidRequest("a message is either a request or an answer")
        if method == lsp.EXIT:
            return True
        if self._shutdown:
            if is_request:
                raise JsonRpcInvalidRequest("the server has been shut down")
            return False
        if not self._is_initialized and method != lsp.INITIALIZE:
            if is_request:
                raise JsonRpcServerNotInitialized("the first request must be initialize")
            return False
        if self._is_initialized and method == lsp.INITIALIZE:
            raise JsonRpcInvalidRequest("the server is initialized already")
        return True

    def _structured(self, data: dict[str, Any]) -> Any:
        try:
            message = self.structure_message(data)
        except JsonRpcException as error:
            raise JsonRpcInvalidParams(_reason(error)) from error
        if "id" in data and not hasattr(message, "id") and data["method"] != lsp.EXIT:
            raise JsonRpcInvalidRequest(f"{data['method']} is a notification and has no id")
        return message

    def _send_response(
        self, msg_id: int | str, result: Any | None = None, error: lsp.ResponseError | None = None
    ) -> None:
        if error is None and isinstance(result, Plain):
            self._result_types.pop(msg_id, None)
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": result.value})
        else:
            super()._send_response(msg_id, result, error)

    def _handle_cancel_notification(self, msg_id: object) -> None:
        if isinstance(msg_id, int | str):
            super()._handle_cancel_notification(msg_id)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        data: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise JsonRpcParseError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise JsonRpcInvalidRequest("a message must be a JSON object")
    message = cast("dict[str, Any]", data)
    if message.get("jsonrpc") != "2.0":
        raise JsonRpcInvalidRequest('a message must have "jsonrpc": "2.0"')
    if not isinstance(message.get("id", 0), int | str) or not isinstance(message.get("method", ""), str):
        raise JsonRpcInvalidRequest("an id must be a number or a text, a method must be a text")
    return message


def _reason(error: JsonRpcException) -> str:
    """pygls says only "Invalid Params"; the reasons are in the error behind that one."""
    cause = error.__cause__
    if isinstance(cause, ClassValidationError):
        return "; ".join(transform_error(cause, path="message"))
    return str(cause or error)
