"""The real server in a process of its own: what only a process has, and what editors see from outside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.server.server import STRICT
from tests.engines import scripted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

SERVER = (sys.executable, "-m", "enzyme_lsp", "serve")

PULLS: dict[str, Any] = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}

TEXT = "func.func private @f()\n"


class Process:
    """A server and the client's end of its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.stdin = process.stdin
        self.stdout = process.stdout

    def send(self, **message: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def receive(self) -> dict[str, Any]:
        length = 0
        async with asyncio.timeout(10):
            while line := (await self.stdout.readline()).strip():
                name, _, value = line.partition(b":")
                length = int(value) if name == b"Content-Length" else length
            return json.loads(await self.stdout.readexactly(length))

    async def answer(self, number: int) -> dict[str, Any]:
        while (message := await self.receive()).get("id") != number or "method" in message:
            pass
        return message

    async def notification(self, method: str) -> Any:
        while (message := await self.receive()).get("method") != method:
            pass
        return message["params"]

    async def initialize(self, *, pulls: bool = False, **settings: object) -> None:
        params = {"processId": None, "capabilities": PULLS if pulls else {}, "initializationOptions": settings}
        self.send(id=0, method="initialize", params=params)
        await self.answer(0)
        self.send(method="initialized", params={})

    def open(self, text: str) -> None:
        item = {"uri": "untitled:1", "languageId": "mlir", "version": 1, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": item})

    def change(self, text: str, *, version: int) -> None:
        params = {"textDocument": {"uri": "untitled:1", "version": version}, "contentChanges": [{"text": text}]}
        self.send(method="textDocument/didChange", params=params)

    async def exit_code(self) -> int:
        async with asyncio.timeout(10):
            return await self.process.wait()


@asynccontextmanager
async def started() -> AsyncGenerator[Process]:
    pipe = asyncio.subprocess.PIPE
    environment = {**os.environ, STRICT: "1"}
    process = await asyncio.create_subprocess_exec(*SERVER, stdin=pipe, stdout=pipe, env=environment)
    server = Process(process)
    try:
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        server.stdin.close()
        await process.wait()


async def with_engine(server: Process, log: Path, text: str = TEXT, *, pulls: bool = False) -> list[int]:
    """Let the server start its compiler; gives the process ids of the compiler."""
    engine = {"kind": "command", "command": scripted.command(log=log)}
    await server.initialize(pulls=pulls, engine=engine, diagnostics={"debounceMs": 5, "idleMs": 20})
    server.open(text)
    await server.notification("window/logMessage")
    return started_in(log)


def started_in(log: Path) -> list[int]:
    """The process ids of all compilers so far."""
    return [int(line) for line in log.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_running(pid: int) -> bool:
    """Whether a process that nobody may have buried yet still does something."""
    listing = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(listing.stdout.strip()) and not listing.stdout.startswith("Z")


async def test_exit_after_shutdown_is_success_and_leaves_no_process(tmp_path: Path) -> None:
    async with started() as server:
        pids = await with_engine(server, tmp_path / "log")
        assert all(is_alive(pid) for pid in pids)
        server.send(id=1, method="shutdown")
        await server.answer(1)
        server.send(method="exit")
        assert await server.exit_code() == 0
        assert not any(is_alive(pid) for pid in pids)


async def test_exit_without_shutdown_is_a_failure() -> None:
    async with started() as server:
        await server.initialize(engine={"kind": "none"})
        server.send(method="exit")
        assert await server.exit_code() == 1


async def test_a_server_whose_client_is_gone_ends_and_leaves_no_process(tmp_path: Path) -> None:
    async with started() as server:
        pids = await with_engine(server, tmp_path / "log")
        server.stdin.close()
        assert await server.exit_code() == 1
        assert not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_server_and_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    async with started() as server:
        pids = await with_engine(server, tmp_path / "log", f"// scripted: delay 0.01\n{TEXT}")
        server.process.send_signal(number)
        assert await server.exit_code() == 128 + number
        assert not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize("text", [TEXT, f"// scripted: hang\n{TEXT}"], ids=["idle", "hung"])
async def test_a_server_that_is_killed_leaves_no_process(tmp_path: Path, text: str) -> None:
    async with started() as server:
        await with_engine(server, tmp_path / "log")
        server.change(text, version=2)
        await server.notification("textDocument/publishDiagnostics")
        pids = started_in(tmp_path / "log")
        assert all(is_running(pid) for pid in pids)
        server.process.kill()
        assert await server.exit_code() == -signal.SIGKILL
        # Where the system does not tell a process that its parent has ended, its own alarm comes after the deadline.
        async with asyncio.timeout(2 if sys.platform == "linux" else 20):
            while any(is_running(pid) for pid in pids):  # noqa: ASYNC110  # Other people's children have no event.
                await asyncio.sleep(0.01)


async def test_a_client_that_does_not_read_keeps_no_server_alive(tmp_path: Path) -> None:
    async with started() as server:
        pids = await with_engine(server, tmp_path / "log")
        await talk_on(server)
        server.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2):
            while server.process.returncode is None:  # noqa: ASYNC110  # `wait` would wait for the pipes too.
                await asyncio.sleep(0.01)
        assert server.process.returncode == 128 + signal.SIGTERM
        await server.stdout.read()
        assert not any(is_alive(pid) for pid in pids)


async def test_a_client_may_read_late() -> None:
    async with started() as server:
        await server.initialize(engine={"kind": "none"})
        numbers = await talk_on(server)
        assert [(await server.receive())["id"] for _ in numbers] == list(numbers)


async def talk_on(server: Process) -> range:
    """Ask so much that the answers fill every pipe, and read none of them; gives the numbers of the questions."""
    numbers = range(1000, 1300)
    for number in numbers:
        server.send(id=number, method="no/such/method/" + "x" * 5000, params={})
        await server.stdin.drain()
    await asyncio.sleep(0.3)
    return numbers


async def test_a_hung_compiler_does_not_keep_the_server_alive(tmp_path: Path) -> None:
    async with started() as server:
        await with_engine(server, tmp_path / "log")
        server.change(f"// scripted: hang\n{TEXT}", version=2)
        await server.notification("textDocument/publishDiagnostics")
        pids = started_in(tmp_path / "log")
        server.send(id=1, method="shutdown")
        await server.answer(1)
        server.send(method="exit")
        assert await server.exit_code() == 0
        assert not any(is_alive(pid) for pid in pids)


async def test_compilers_killed_at_random_moments_cost_no_answer(tmp_path: Path) -> None:
    random = Random(7)
    log = tmp_path / "log"
    async with started() as server:
        await with_engine(server, log, pulls=True)
        answers: dict[int, int] = {}
        for version in range(2, 40):
            text = f"func.func @f{version}() {{\n  // scripted: delay 0.005\n  return\n}}\n"
            server.change(text, version=version)
            server.send(id=version, method="textDocument/diagnostic", params={"textDocument": {"uri": "untitled:1"}})
            await asyncio.sleep(random.uniform(0, 0.08))
            for pid in started_in(log)[-2:]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        server.send(id=1, method="shutdown")  # Ends what is still under way, which is answered too.
        while len(answers) < 39:
            message = await server.receive()
            if "id" in message and "method" not in message:
                answers[message["id"]] = answers.get(message["id"], 0) + 1
        assert answers == dict.fromkeys(range(1, 40), 1)
        server.send(method="exit")
        assert await server.exit_code() == 0


async def test_noise_between_messages_is_skipped() -> None:
    async with started() as server:
        server.stdin.write(b"\r\n\r\nhello\r\n" + b"x" * 200_000 + b"\r\nContent-Type: a\r\nCONTENT-LENGTH: 1\r\n\r\n{")
        assert (await server.receive())["error"]["code"] == -32700
        server.stdin.write(b"Content-Length: 0\r\n\r\n")
        await server.initialize(engine={"kind": "none"})


async def test_a_message_may_come_in_pieces() -> None:
    async with started() as server:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": "é"}, ensure_ascii=False).encode()
        for byte in b"Content-Length: %d\r\n\r\n%s" % (len(body), body):
            server.stdin.write(bytes([byte]))
            await server.stdin.drain()
        assert (await server.answer(1))["error"]["code"] == -32002


async def test_what_the_compiler_prints_does_not_reach_the_client(tmp_path: Path) -> None:
    async with started() as server:
        await with_engine(server, tmp_path / "log", f"// scripted: print hello\n{TEXT}")
        server.send(id=1, method="shutdown")
        assert (await server.answer(1))["result"] is None


async def test_two_servers_do_not_know_of_each_other(tmp_path: Path) -> None:
    async with started() as one, started() as other:
        await asyncio.gather(with_engine(one, tmp_path / "one"), with_engine(other, tmp_path / "other"))
        one.send(method="exit")
        assert await one.exit_code() == 1
        other.send(id=1, method="shutdown")
        assert (await other.answer(1))["result"] is None
