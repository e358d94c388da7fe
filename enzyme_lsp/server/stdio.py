"""Standard input and output as a stream of framed messages; must not know what the messages say.

The protocol owns these two for the life of the process. `claim` keeps private copies, points descriptor 1 at
standard error and descriptor 0 at nothing: a stray `print`, here or in a library, cannot break a message, and
a child process cannot eat one.

Both are read and written on threads, since no other way works for pipes, sockets, files and terminals alike. The
event loop never waits for the client, so that one that neither reads nor writes can still be left.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import re
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

_logger = logging.getLogger(__name__)

_LENGTH = re.compile(rb"content-length:\s*(\d+)\s*", re.IGNORECASE)
_READ_BYTES = 1 << 20
_LONGEST_HEADER = 1 << 16

_LONGEST_MESSAGE = 256 << 20
"""No text that people edit comes near; a client that announces more is broken, and so is what follows."""

_UNHANDLED_BYTES = 64 << 20
"""How much is read ahead of the messages that are handled; after that the client has to wait with its writing."""

_WRITE_BYTES = 1 << 16
"""Written at once, so that it shows whether a client reads, if slowly."""

_UNREAD_S = 60.0
"""How long a client may read nothing before it counts as gone. That is seen when there is more to say to it: one that
was halted by a debugger hears of nothing new, and finds its server alive."""

_UNREAD_BYTES = 256 << 20
"""How much may wait for a client that does not read."""

_FAREWELL_S = 0.5
"""How long the last words may take."""


class Stdio:
    """The client at the other end of our standard input and output. Made and used on one running loop."""

    def __init__(self, read_from: int, write_to: int) -> None:
        self._read_from = read_from
        self._write_to = write_to
        self._loop = asyncio.get_running_loop()
        self._incoming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._is_gone = False
        self._has_room = threading.Condition()
        self._unhandled = 0
        """Bytes that were read and not handled. Only with `_has_room` held."""
        # Each of these two is changed by one thread only, so that they need no lock.
        self._sent = 0
        self._written = 0
        self._moved_s = time.monotonic()
        """When the client was last seen to read, or had nothing to read."""
        # They use the bare descriptors, and are daemons: one stuck in a buffered file's lock, or waited for, would
        # keep the interpreter from its exit.
        self._reader = threading.Thread(target=self._read, name="client reader", daemon=True)
        self._writer = threading.Thread(target=self._write, name="client writer", daemon=True)
        self._writer.start()

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
        self._reader.start()
        while (body := await self._incoming.get()) is not None:
            yield body
            with self._has_room:
                self._unhandled -= len(body)
                self._has_room.notify()

    def write(self, data: bytes) -> None:
        """Send bytes, all of them and later; to a client that has gone, none."""
        if self._is_gone:
            return
        now = time.monotonic()
        if self._sent == self._written:
            self._moved_s = now
        self._sent += len(data)
        self._outgoing.put(data)
        if now - self._moved_s > _UNREAD_S or self._sent - self._written > _UNREAD_BYTES:
            _logger.error("the client does not read what it is sent")
            self._leave()

    def close(self) -> None:
        """Stop writing, after what is still to be written if the client reads it soon."""
        self._outgoing.put(None)
        self._writer.join(_FAREWELL_S)
        if not self._writer.is_alive():  # Else it still uses the descriptor, and both go with the process.
            os.close(self._write_to)

    def _leave(self) -> None:
        """The client has gone; what it said before is still heard."""
        self._is_gone = True
        self._incoming.put_nowait(None)

    def _read(self) -> None:
        with suppress(RuntimeError):  # The loop has ended, and with it the wish to know.
            with suppress(OSError):
                for body in _bodies(lambda: os.read(self._read_from, _READ_BYTES)):
                    with self._has_room:
                        self._has_room.wait_for(lambda: self._unhandled < _UNHANDLED_BYTES)
                        self._unhandled += len(body)
                    self._loop.call_soon_threadsafe(self._incoming.put_nowait, body)
            # The answers are still written: a client may have closed one end only.
            self._loop.call_soon_threadsafe(self._incoming.put_nowait, None)

    def _write(self) -> None:
        try:
            while (data := self._outgoing.get()) is not None:
                view = memoryview(data)
                while view:
                    count = os.write(self._write_to, view[:_WRITE_BYTES])
                    view = view[count:]
                    self._written += count
                    self._moved_s = time.monotonic()
        except OSError:
            # Nobody reads any more, which is an end as good as a closed input.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._leave)


def _bodies(read: Callable[[], bytes]) -> Iterator[bytes]:
    """The body of each message. `read` gives the next bytes of the stream, and none at its end."""
    data = bytearray()
    length = 0
    while True:
        end = data.find(b"\n") + 1
        if not end:
            if len(data) > _LONGEST_HEADER:
                data.clear()  # Noise: longer than any header.
            if not (chunk := read()):
                return
            data += chunk
            continue
        line = bytes(data[:end])
        del data[:end]
        if header := _LENGTH.fullmatch(line):
            digits = header[1].lstrip(b"0")
            # Counted first, since Python converts no number of thousands of digits.
            if len(digits) > len(str(_LONGEST_MESSAGE)) or int(digits or b"0") > _LONGEST_MESSAGE:
                _logger.error("the client announces a message of %.30s bytes, more than is taken", digits.decode())
                return
            length = int(digits or b"0")
        elif line.strip():
            continue  # Content-Type, which has one value only, or noise: a header follows some time.
        elif length:
            while len(data) < length:
                if not (chunk := read()):
                    return
                data += chunk
            yield bytes(data[:length])
            del data[:length]
            length = 0
