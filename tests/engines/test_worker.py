"""The worker process by itself: how it ends, and what the wire carries."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp.engines import wire, worker
from tests.engines import scripted

if TYPE_CHECKING:
    from typing import BinaryIO

MESSAGES = [
    wire.Start(memory_mb=0, alarm_s=60),
    wire.Ready(name="é", version="1", spelling="classic"),
    wire.Failed(message="because\n\udcff"),
    wire.Run(number=1, pipeline="a,b", generic=True, alarm_s=60, text=b"\xff\0\n"),
    wire.Run(number=1, pipeline="", generic=False, alarm_s=60, text=b""),
    wire.Done(number=1, accepted=True, error="", output=b"text"),
    wire.Done(number=1, accepted=True, error="", output=b""),
    wire.Done(number=1, accepted=False, error="no", output=None),
    wire.Convert(number=1, version=-1, alarm_s=60, text=b"ML\xefR\0"),
    wire.Converted(number=1, accepted=True, error="", output=b"ML\xefR\0"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_the_wire_carries_a_message_unchanged(message: wire.Message) -> None:
    stream = io.BytesIO(wire.encode(message) + wire.encode(message))
    assert wire.read(stream) == message
    assert wire.read(stream) == message
    assert wire.read(stream) is None


@pytest.mark.parametrize(
    "data",
    [
        b"h",
        b"hello, this is no worker",
        wire.encode(MESSAGES[3])[:-1],
        wire.encode(MESSAGES[0])[:20],
        wire.encode(MESSAGES[0]).replace(b"Start", b"Strat"),
        wire.encode(MESSAGES[0]).replace(b"{", b"["),
        wire.encode(MESSAGES[0]).replace(b'"memory_mb": 0', b'"memory_mb": 0'.replace(b"0", b"[")),
        wire.encode(MESSAGES[0]).replace(b"60", b'""'),
        wire.encode(MESSAGES[5]).replace(b"true", b"1234", 1),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.read(io.BytesIO(data))


@settings(deadline=None)  # A busy machine is no failure.
@given(st.binary() | st.text().map(str.encode))
def test_the_text_of_any_bytes_is_as_long(data: bytes) -> None:
    text = worker.text_of(data)
    assert len(text.encode()) == len(data)
    assert text.encode() == data or b"?" in text.encode()


def test_ends_with_its_input() -> None:
    with started() as process:
        stdin, _ = pipes(process)
        stdin.close()
        assert process.wait(10) == 0


def test_ends_by_its_own_alarm_when_nobody_is_left_to_kill_it() -> None:
    with started() as process:
        stdin, _ = pipes(process)
        wire.write(stdin, wire.Run(number=1, pipeline="", generic=False, alarm_s=1, text=b"// scripted: sleep"))
        assert process.wait(10) == -signal.SIGALRM


def test_ends_by_its_own_alarm_while_it_loads() -> None:
    process = subprocess.Popen(scripted.command(start="sleep"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        stdin, _ = pipes(process)
        wire.write(stdin, wire.Start(memory_mb=0, alarm_s=1))
        assert process.wait(10) == -signal.SIGALRM


def test_an_alarm_does_not_outlast_its_request() -> None:
    with started() as process:
        stdin, stdout = pipes(process)
        wire.write(stdin, wire.Run(number=1, pipeline="", generic=False, alarm_s=1, text=b""))
        wire.read(stdout)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.1)
        stdin.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the system kills orphans on Linux only")
@pytest.mark.parametrize("directive", ["hang", "sleep", "delay 100", ""])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_ends_with_the_server_however_that_ends(directive: str, number: signal.Signals) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER, directive], stdout=subprocess.PIPE, cwd=ROOT)
    with server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        # A descriptor and not the number, which another process might get. It becomes readable at the end.
        watch = os.pidfd_open(pid)
        server.send_signal(number)
        ended, _, _ = select.select([watch], [], [], 10)
        os.close(watch)
        assert ended


ROOT = Path(__file__).parents[2]
SERVER = textwrap.dedent("""
    import asyncio, sys
    from enzyme_lsp.engines.api import Request, State
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.settings import EngineSettings
    from tests.engines import scripted

    async def main():
        pool = Pool.create(EngineSettings(kind="command", command=scripted.command()))
        await pool.ready()
        (pid,) = pool.pids
        pool.on_status(lambda status: print(pid, flush=True))
        await asyncio.gather(pool.run(Request(b"// scripted: " + sys.argv[1].encode() if sys.argv[1] else b"")))
        await asyncio.sleep(100)

    asyncio.run(main())
""")


def started() -> subprocess.Popen[bytes]:
    """A worker that is ready."""
    process = subprocess.Popen(scripted.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stdin, stdout = pipes(process)
    wire.write(stdin, wire.Start(memory_mb=0, alarm_s=10))
    assert isinstance(wire.read(stdout), wire.Ready)
    return process


def pipes(process: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout  # pyright: ignore[reportReturnType]
