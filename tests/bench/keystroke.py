"""Times a keystroke, from the change to the diagnostics of its version, in this server and in mlir-lsp-server.

    tests/bench/set_up_peer.sh build/peer
    python -m tests.bench.keystroke --peer build/peer/mlir-lsp-server [--functions 1000 10000] [--rounds 9]

Both servers hold the same text of small functions and get the same edits in turn, a letter typed into an operation's
name in the middle of the file and deleted again, so that what the machine does besides weighs on both. The peer takes
whole texts only; they are encoded before the clock starts. Each figure is a median.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

FUNCTION = """\
func.func @f{0}(%a: f32, %b: f32, %m: memref<16xf32>) -> f32 {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %0 = arith.addf %a, %b : f32
  %1 = arith.mulf %0, %a : f32
  %2 = scf.for %i = %c0 to %c16 step %c1 iter_args(%acc = %1) -> (f32) {{
    %v = memref.load %m[%i] : memref<16xf32>
    %w = arith.mulf %v, %acc : f32
    %x = arith.addf %w, %b : f32
    memref.store %x, %m[%i] : memref<16xf32>
    scf.yield %x : f32
  }}
  // The small functions of real modules are mostly of this size.
  %3 = arith.cmpf olt, %2, %a : f32
  %4 = scf.if %3 -> (f32) {{
    %5 = arith.subf %2, %b : f32
    scf.yield %5 : f32
  }} else {{
    scf.yield %2 : f32
  }}
  return %4 : f32
}}
"""
URI = "file:///bench.mlir"
TYPED = "arith.subf"


class Server:
    """A language server on a pipe, spoken to in bare JSON-RPC so that little but the server is timed."""

    def __init__(self, name: str, command: list[str], *, whole_texts: bool, folder: Path | None = None) -> None:
        self.name = name
        self.whole_texts = whole_texts
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.pid = self._process.pid
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._read = b""
        capabilities = {"textDocument": {"publishDiagnostics": {"versionSupport": True}}}
        root_uri = None if folder is None else folder.as_uri()
        parameters = {"processId": None, "rootUri": root_uri, "capabilities": capabilities}
        self.send(message("initialize", parameters, id=1))
        while self.receive().get("id") != 1:
            pass
        self.send(message("initialized", {}))

    def open(self, text: str) -> None:
        document = {"uri": URI, "languageId": "mlir", "version": 0, "text": text}
        self.send(message("textDocument/didOpen", {"textDocument": document}))

    def diagnostics(self, version: int, count: int) -> None:
        """Waits until there are `count` errors for a version of the document."""
        while True:
            got = self.receive()
            if got.get("method") != "textDocument/publishDiagnostics":
                continue
            errors = [one for one in got["params"]["diagnostics"] if one.get("severity", 1) == 1]
            if got["params"].get("version") == version and len(errors) == count:
                return

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._in.write(view) :]

    def receive(self) -> dict[str, Any]:
        while b"\r\n\r\n" not in self._read:
            self._more()
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(self._read) < length:
            self._more()
        body, self._read = self._read[:length], self._read[length:]
        got: dict[str, Any] = json.loads(body)
        return got

    def _more(self) -> None:
        more = self._out.read(1 << 16)
        if not more:
            raise EOFError(f"{self.name} ended")
        self._read += more

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def message(method: str, parameters: object, *, id: int | None = None) -> bytes:  # noqa: A002 - the protocol's word
    body: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": parameters}
    if id is not None:
        body["id"] = id
    data = json.dumps(body).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


def change(version: int, line0: int, column: int, text: str, *, typed: bool, whole: bool) -> bytes:
    """The message of a letter typed behind `TYPED`, or deleted there."""
    if whole:
        changes: list[object] = [{"text": text}]
    else:
        start, end = {"line": line0, "character": column}, {"line": line0, "character": column + (0 if typed else 1)}
        changes = [{"range": {"start": start, "end": end}, "text": "f" if typed else ""}]
    return message(
        "textDocument/didChange", {"textDocument": {"uri": URI, "version": version}, "contentChanges": changes}
    )


def measure(servers: list[Server], functions: int, rounds: int) -> None:
    text = "".join(FUNCTION.format(number) for number in range(functions))
    at = text.index(TYPED, len(text) // 2) + len(TYPED)
    broken = text[:at] + "f" + text[at:]
    line0 = text.count("\n", 0, at)
    column = at - text.rfind("\n", 0, at) - 1
    print(f"{functions} functions, {len(text) / 1e6:.2f} MB")
    opened: dict[str, float] = {}
    seconds: dict[str, list[float]] = {server.name: [] for server in servers}
    for server in servers:
        start = time.perf_counter()
        server.open(text)
        server.diagnostics(0, 0)
        opened[server.name] = time.perf_counter() - start
    time.sleep(5)  # what a server does when the editor is idle is no part of a keystroke
    for version in range(1, 2 * rounds + 1):
        typed = version % 2 == 1
        for server in servers:
            new = broken if typed else text
            data = change(version, line0, column, new, typed=typed, whole=server.whole_texts)
            start = time.perf_counter()
            server.send(data)
            server.diagnostics(version, 1 if typed else 0)
            seconds[server.name].append(time.perf_counter() - start)
            time.sleep(1)
    for server in servers:
        found = seconds[server.name]
        print(
            f"  {server.name:16} opened {opened[server.name]:7.3f} s   keystroke {statistics.median(found):7.3f} s"
            f"   (from {min(found):.3f} to {max(found):.3f})"
        )
    if len(servers) == 2:
        ours, theirs = (statistics.median(seconds[server.name]) for server in servers)
        print(f"  keystroke, ours / theirs: {ours / theirs:.3f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peer", type=Path, help="an mlir-lsp-server; without it only this server is timed")
    parser.add_argument("--functions", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    for functions in arguments.functions:
        servers = [Server("enzyme-lsp", [sys.executable, "-m", "enzyme_lsp", "serve"], whole_texts=False)]
        if arguments.peer:
            servers.append(Server("mlir-lsp-server", [str(arguments.peer)], whole_texts=True))
        try:
            measure(servers, functions, arguments.rounds)
        finally:
            for server in servers:
                server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
