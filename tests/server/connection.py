"""A server in this process, spoken to in plain JSON: the wire is real, the process, the clock and engines are not."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from enzyme_lsp.server.routes import ROUTES
from enzyme_lsp.server.server import Server
from enzyme_lsp.verification.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enzyme_lsp.server.routes import Route
    from enzyme_lsp.verification.verifier import Verifier
    from enzyme_lsp.workspace.snapshot import Snapshot

Message = dict[str, Any]

NO_ENGINE = {"engine": {"kind": "none"}, "diagnostics": {"debounceMs": 0, "idleMs": 0}}


class Connection:
    """The client's end. Everything that the server sends is kept in `received`."""

    def __init__(self, routes: Sequence[Route] = ROUTES) -> None:
        self.received: list[Message] = []
        self.verifier = FakeVerifier()
        self.server = Server(routes)
        self.server.protocol.set_writer(cast("Any", self))
        self.server.session.compilers.make_verifier = lambda _: cast("Verifier", self.verifier)
        self._news = asyncio.Event()
        self._ids = count(1)

    def write(self, data: bytes) -> None:
        """The server's writer."""
        head, _, body = data.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
        self.received.append(json.loads(body))
        self._news.set()

    async def initialize(self, *, settings: object = NO_ENGINE, **capabilities: object) -> Message:
        answer = await self.request(
            "initialize",
            {"processId": None, "rootUri": None, "capabilities": capabilities, "initializationOptions": settings},
        )
        self.notify("initialized", {})
        return answer["result"]

    def raw(self, body: bytes) -> None:
        self.server.protocol.receive(body)

    def send(self, **message: object) -> None:
        self.raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: object) -> None:
        self.send(method=method, params=params)

    def ask(self, method: str, params: object) -> int:
        """Send a request and do not wait."""
        number = next(self._ids)
        self.send(id=number, method=method, params=params)
        return number

    async def request(self, method: str, params: object) -> Message:
        return await self.answer(self.ask(method, params))

    async def answer(self, number: object) -> Message:
        def is_answer(message: Message) -> bool:
            return message.get("id") == number and "method" not in message

        return await self.find(is_answer)

    async def notification(self, method: str, *, where: Callable[[Any], bool] = lambda _: True) -> Any:
        """The parameters of the first such message, a past one too."""
        found = await self.find(lambda message: message.get("method") == method and where(message["params"]))
        return found["params"]

    async def find(self, is_it: Callable[[Message], bool]) -> Message:
        async with asyncio.timeout(5):
            while True:
                for message in self.received:
                    if is_it(message):
                        return message
                self._news.clear()
                await self._news.wait()

    def open(self, text: str, *, uri: str = "untitled:1", version: int = 1, language: str = "mlir") -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, *changes: Message, uri: str = "untitled:1", version: int = 2) -> None:
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}
        self.notify("textDocument/didChange", params)

    def text(self, uri: str = "untitled:1") -> str | None:
        """What the server takes for the text of a document."""
        snapshot = self.server.session.workspace.get(uri)
        return None if snapshot is None else snapshot.document.data.decode(errors="surrogatepass")

    def published(self, uri: str = "untitled:1") -> list[Message]:
        return [
            message["params"]
            for message in self.received
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
        ]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not is_so():  # noqa: ASYNC110  # What a test looks at has no event of its own.
                await asyncio.sleep(0.001)

    async def quiet(self) -> None:
        """All that can happen without a further message has happened."""
        await self.until(lambda: self.server.session.publisher.is_quiescent)

    async def close(self) -> None:
        await self.server.session.close()


class FakeVerifier:
    """Says what a test tells it to say, when the test lets it."""

    def __init__(self) -> None:
        self.quick_verdict = Verdict(None, complete=True)
        self.full_verdict = Verdict(None, complete=True)
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked: list[tuple[str, int]] = []

    async def quick(self, snapshot: Snapshot) -> Verdict:
        self.asked.append(("quick", snapshot.version))
        await self.may_answer.wait()
        return self.quick_verdict

    async def full(self, snapshot: Snapshot) -> Verdict:
        self.asked.append(("full", snapshot.version))
        return self.full_verdict

    def forget(self, uri: str) -> None:
        self.asked.append((f"forget {uri}", 0))


def insertion(line: int, character: int, text: str) -> Message:
    return replacement(line, character, line, character, text)


def replacement(line: int, character: int, end_line: int, end_character: int, text: str) -> Message:
    start, end = {"line": line, "character": character}, {"line": end_line, "character": end_character}
    return {"range": {"start": start, "end": end}, "text": text}
