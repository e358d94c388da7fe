"""Standard input and output as a stream of framed messages; must not know what the messages say.

The protocol owns these two for the life of the process. `claim` keeps private copies, points descriptor 1 at
standard error and descriptor 0 at nothing: a stray `print`, here or in a library, cannot break a message, and
a child process cannot eat one.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LENGTH = re.compile(rb"content-length:\s*(\d+)\s*", re.IGNORECASE)
_CHUNK = 1 << 20
_LONGEST_HEADER = 1 << 16


class Stdio:
    """The client at the other end of our standard input and output."""

    def __init__(self, read_from: int, write_to: int) -> None:
        self._read_from = read_from
        self._write_to = write_to
        self._incoming = asyncio.StreamReader(limit=_LONGEST_HEADER)

    @staticmethod
    def claim() -> Stdio:
        """Take the process's own descriptors. Call it once, before anything may print, in a running loop."""
        stdio = Stdio(os.dup(0), os.dup(1))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return stdio

    async def messages(self) -> AsyncIterator[bytes]:
        """The body of each message, until the client closes its end."""
        # A thread, since no way to read without one works for pipes, sockets, files and terminals alike. It
        # reads the bare descriptor: one stuck in a buffered file's lock would break the interpreter's exit.
        threading.Thread(target=self._read, args=(asyncio.get_running_loop(),), daemon=True).start()
        with suppress(asyncio.IncompleteReadError):
            length = 0
            while line := await self._header_line():
                if header := _LENGTH.fullmatch(line):
                    length = int(header[1])
                elif line.strip():
                    continue  # Content-Type, which has one value only, or noise: a header follows some time.
                elif length:
                    yield await self._incoming.readexactly(length)
                    length = 0

    def write(self, data: bytes) -> None:
        """Send bytes, all of them; to a client that has gone, none."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._write_to, view) :]
        except OSError:
            # Nobody reads any more, which is an end as good as a closed input.
            self._incoming.feed_eof()

    def close(self) -> None:
        os.close(self._write_to)

    async def _header_line(self) -> bytes:
        while True:
            with suppress(ValueError):  # Longer than any header: noise, and dropped by the reader.
                return await self._incoming.readline()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # The loop has ended, and with it the wish to know.
            with suppress(OSError):
                while chunk := os.read(self._read_from, _CHUNK):
                    loop.call_soon_threadsafe(self._incoming.feed_data, chunk)
            loop.call_soon_threadsafe(self._incoming.feed_eof)
