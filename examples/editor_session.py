"""What an editor receives: starts the real server, opens an example, mends a mistake, and prints the messages.

    python examples/editor_session.py

Everything below `Wire` is plain LSP over the server's standard input and output, as any editor speaks it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parent / "wrong" / "several_functions.mlir"
WRONG, MENDED = "arith.addf %x, : f64", "arith.addf %x, %x : f64"

Message = dict[str, Any]

console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)


async def main() -> int:
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "enzyme_lsp", "serve"), stdin=PIPE, stdout=PIPE, limit=1 << 24
    )
    wire = Wire(server)
    async with asyncio.timeout(120):
        number = await wire.request("initialize", {"processId": None, "rootUri": None, "capabilities": CAPABILITIES})
        info = (await wire.answer(number))["serverInfo"]
        show("<-", "result", f"{info['name']} {info['version']}")
        await wire.notify("initialized", {})

        text = EXAMPLE.read_text(encoding="utf-8")
        uri = EXAMPLE.absolute().as_uri()
        item = {"uri": uri, "languageId": "mlir", "version": 1, "text": text}
        await wire.notify("textDocument/didOpen", {"textDocument": item}, EXAMPLE.name)
        first = await wire.settled(version=1)
        show("  ", "the first of them as it is on the wire:", json.dumps(first[0]))

        # The editor sends what was typed, and where.
        before = text[: text.index(WRONG)]
        line, character = before.count("\n"), len(before.rpartition("\n")[2])
        place = {"start": at(line, character), "end": at(line, character + len(WRONG))}
        change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": place, "text": MENDED}]}
        await wire.notify("textDocument/didChange", change, f"line {line + 1} is now `{MENDED}`")
        last = await wire.settled(version=2)

        await wire.answer(await wire.request("shutdown", None))
        await wire.notify("exit", None)
        code = await server.wait()
    show("  ", "the server has ended", f"exit code {code}")
    return 0 if code == 0 and len(last) < len(first) else 1


CAPABILITIES: Message = {
    "textDocument": {"publishDiagnostics": {"relatedInformation": True, "versionSupport": True}},
    # An editor with a status line asks for it like this. Here it tells when all has been said.
    "experimental": {"enzymeStatus": True},
}


class Wire:
    """The messages between this editor and its server, printed as they pass."""

    def __init__(self, server: Process) -> None:
        self._server = server
        self._ids = count(1)
        self._sent_at = 0.0
        self._status = ""
        self._diagnostics: tuple[int, list[Message]] = (0, [])

    async def request(self, method: str, params: object) -> int:
        number = next(self._ids)
        show("->", method)
        await self._send({"id": number, "method": method, "params": params})
        return number

    async def notify(self, method: str, params: object, words: str = "") -> None:
        show("->", method, words)
        await self._send({"method": method, "params": params})

    async def answer(self, number: int) -> Any:
        return (await self._until(lambda message: message.get("id") == number))["result"]

    async def settled(self, *, version: int) -> list[Message]:
        """The diagnostics of a version of the document, once the server says that there are no more to come."""

        def is_last(message: Message) -> bool:
            quiescent = message.get("method") == "enzyme/status" and message["params"]["quiescent"]
            return quiescent and self._diagnostics[0] == version

        await self._until(is_last)
        return self._diagnostics[1]

    async def _send(self, message: Message) -> None:
        if self._server.stdin is None:
            raise RuntimeError("the server has no standard input")
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await self._server.stdin.drain()
        self._sent_at = time.perf_counter()

    async def _until(self, is_it: Callable[[Message], bool]) -> Message:
        while True:
            message = await self._receive()
            self._print(message)
            if is_it(message):
                return message

    async def _receive(self) -> Message:
        if self._server.stdout is None:
            raise RuntimeError("the server has no standard output")
        head = await self._server.stdout.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return json.loads(await self._server.stdout.readexactly(length))

    def _print(self, message: Message) -> None:
        method, params = message.get("method"), message.get("params")
        if method == "textDocument/publishDiagnostics" and params is not None:
            self._diagnostics = (params["version"], params["diagnostics"])
            after_ms = (time.perf_counter() - self._sent_at) * 1000
            show("<-", method, f"version {params['version']}, after {after_ms:.0f} ms")
            for each in params["diagnostics"]:
                start = each["range"]["start"]
                place = f"{start['line'] + 1}:{start['character'] + 1}"
                show("  ", f"  {place} {SEVERITIES[each['severity']]}[{each['code']}]", each["message"])
            if not params["diagnostics"]:
                show("  ", "  no problems")
        elif method == "enzyme/status" and params is not None:
            words = params["message"] or ("all has been said" if params["quiescent"] else "at work")
            if words != self._status:
                show("<-", method, words)
            self._status = words
        elif method is not None and params is not None:
            show("<-", method, str(params.get("message", "")))


SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}


def at(line: int, character: int) -> Message:
    return {"line": line, "character": character}


def show(direction: str, what: str, words: str = "") -> None:
    style = {"->": "cyan", "<-": "green"}.get(direction, "")
    console.print(Text.assemble((f"{direction} {what}", style), f"  {words}" if words else ""))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
