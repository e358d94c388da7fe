"""The stream of messages on bare descriptors: what no client may do to it, and what it does for every client."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.server import stdio
from enzyme_lsp.server.stdio import Stdio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

WHOLE = b"Content-Length: 3\r\n\r\nabc"


@dataclass
class Ends:
    """A stream and the client's ends of its pipes."""

    stdio: Stdio
    say: int
    hear: int

    async def heard(self, count: int) -> bytes:
        return await asyncio.to_thread(self._heard, count)

    def _heard(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += os.read(self.hear, count - len(data))
        return data

    async def messages(self) -> list[bytes]:
        """All until the end, which the stream has reason to see."""
        async with asyncio.timeout(5):
            return [body async for body in self.stdio.messages()]


@asynccontextmanager
async def opened() -> AsyncGenerator[Ends]:
    (theirs_in, say), (hear, theirs_out) = os.pipe(), os.pipe()
    ends = Ends(Stdio(theirs_in, theirs_out), say, hear)
    try:
        yield ends
    finally:
        os.close(hear)
        os.close(say)
        with suppress(OSError):  # A test may have closed it.
            ends.stdio.close()


async def said(data: bytes) -> list[bytes]:
    """The messages in what a client said before it went."""
    async with opened() as ends:
        threading.Thread(target=_say, args=(os.dup(ends.say), data)).start()
        os.dup2(os.open(os.devnull, os.O_WRONLY), ends.say)
        return await ends.messages()


def _say(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (WHOLE + WHOLE, [b"abc", b"abc"]),
        (b"Content-Length: 0003\n\nabc", [b"abc"]),
        (b"noise\r\nContent-Length: 3\r\nContent-Type: x\r\n\r\nabc", [b"abc"]),
        (b"x" * 1_000_000 + b"\n" + WHOLE, [b"abc"]),
        (b"Content-Length: 0\r\n\r\n" + WHOLE, [b"abc"]),
        (WHOLE + b"Content-Length: 3\r\n\r\nab", [b"abc"]),
        (b"Content-Length: 5000000\r\n\r\n" + b"y" * 5_000_000 + WHOLE, [b"y" * 5_000_000, b"abc"]),
    ],
)
async def test_messages_are_found_in_what_is_said(data: bytes, messages: list[bytes]) -> None:
    assert await said(data) == messages


@pytest.mark.parametrize("length", ["1000000000", "9" * 5000])
async def test_a_message_of_absurd_length_ends_the_stream(length: str, caplog: pytest.LogCaptureFixture) -> None:
    assert await said(WHOLE + f"Content-Length: {length}\r\n\r\n".encode() + WHOLE) == [b"abc"]
    assert "more than is taken" in caplog.text


async def test_little_is_read_ahead_of_what_is_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdio, "_UNHANDLED_BYTES", 10)
    monkeypatch.setattr(stdio, "_READ_BYTES", 100)
    async with opened() as ends:
        os.set_blocking(ends.say, False)
        messages = ends.stdio.messages()
        os.write(ends.say, WHOLE)
        assert await anext(messages) == b"abc"
        written = 0
        for _ in range(20):  # A pipe holds 64 KiB, and the rest of 6.5 MB must wait outside.
            await asyncio.sleep(0.001)
            while written < 300_000:
                try:
                    os.write(ends.say, WHOLE)
                except BlockingIOError:
                    break
                written += 1
        assert written < 10_000
        for _ in range(written):
            assert await anext(messages) == b"abc"


async def test_nobody_waits_for_a_client_that_does_not_read_and_nothing_is_lost() -> None:
    async with opened() as ends:
        for number in range(20):
            ends.stdio.write(b"%d" % number * 100_000)
        expected = b"".join(b"%d" % number * 100_000 for number in range(20))
        assert await ends.heard(len(expected)) == expected


async def test_a_client_that_reads_nothing_for_long_counts_as_gone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stdio, "_UNREAD_S", 0.05)
    async with opened() as ends:
        ends.stdio.write(b"x" * 1_000_000)
        await asyncio.sleep(0.2)
        ends.stdio.write(b"more")
        assert await ends.messages() == []
    assert "the client does not read what it is sent" in caplog.text


async def test_a_client_that_had_nothing_to_read_for_long_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdio, "_UNREAD_S", 0.05)
    async with opened() as ends:
        for _ in range(3):
            ends.stdio.write(b"abc")
            assert await ends.heard(3) == b"abc"
            await asyncio.sleep(0.1)
        os.write(ends.say, WHOLE)
        assert await anext(ends.stdio.messages()) == b"abc"


async def test_too_much_unread_counts_as_gone_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdio, "_UNREAD_BYTES", 1_000_000)
    async with opened() as ends:
        for _ in range(20):
            ends.stdio.write(b"x" * 100_000)
        assert await ends.messages() == []


async def test_last_words_are_written() -> None:
    async with opened() as ends:
        ends.stdio.write(b"x" * 1_000_000)
        hearing = asyncio.create_task(ends.heard(1_000_000))
        await asyncio.sleep(0)
        await asyncio.to_thread(ends.stdio.close)
        assert len(await hearing) == 1_000_000
