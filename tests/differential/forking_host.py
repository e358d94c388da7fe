"""Enzyme in a child of the worker, so that a crash costs a fork and no start; must import the standard library only.

Loaded by the worker in place of `engines/enzyme/host.py`, whose path is the first argument; the others are that one's
own. The worker keeps the engine loaded and untouched. A fork of it, which takes some milliseconds, answers requests
until it dies of one, and is replaced. What it dies of is told as a refusal that begins with `CRASHED`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import BinaryIO

CRASHED = "the engine crashed: "
"""How the reason of a refusal begins that was a crash. What follows is the signal, or the status of the exit."""
ALONE = "// alone\n"
"""How a text begins that is asked of a child which has answered nothing before."""
_PR_SET_PDEATHSIG = 1


class ForkingHost:
    """The engine behind a fork of this process."""

    def __init__(self, host: Any) -> None:
        self._host = host
        self.name, self.version, self.spelling = host.name, host.version, host.spelling
        self._child = 0
        self._requests: BinaryIO | None = None
        self._answers: BinaryIO | None = None

    def run(self, text: str, pipeline: str, *, generic: bool) -> tuple[bool, str]:
        """Ask the child."""
        if text.startswith(ALONE):
            self._end()
        if self._requests is None or self._answers is None:
            self._requests, self._answers = self._fork()
        try:
            _write(self._requests, (text, pipeline, generic))
            return _read(self._answers)
        except (EOFError, BrokenPipeError):
            reason = CRASHED + self._end()
            # Where diagnostics go: one of them would be taken for the reason otherwise. It may have died within a line.
            os.write(2, f"\nerror: {reason}\n".encode())
            return False, reason

    def _fork(self) -> tuple[BinaryIO, BinaryIO]:
        there_in, here_out = os.pipe()
        here_in, there_out = os.pipe()
        parent = os.getpid()
        self._child = os.fork()
        if self._child:
            os.close(there_in)
            os.close(there_out)
            return os.fdopen(here_out, "wb"), os.fdopen(here_in, "rb")
        try:
            os.close(here_in)
            os.close(here_out)
            self._serve(parent, os.fdopen(there_in, "rb"), os.fdopen(there_out, "wb"))
        finally:
            # Whatever happened, a child must never return into the worker's own loop.
            os._exit(0)

    def _serve(self, parent: int, requests: BinaryIO, answers: BinaryIO) -> None:
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return
        while True:
            text, pipeline, generic = _read(requests)
            _write(answers, self._host.run(text, pipeline, generic=generic))

    def _end(self) -> str:
        """End the child, if there is one, and say how it ended."""
        for pipe in (self._requests, self._answers):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # What was not sent is not wanted any more.
                    pipe.close()
        self._requests = self._answers = None
        if not self._child:
            return ""
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        code = os.waitstatus_to_exitcode(status)
        return signal.Signals(-code).name if code < 0 else f"exit({code})"


def open_host(arguments: list[str]) -> ForkingHost:
    """Load the engine as its own host does."""
    path, *rest = arguments
    return ForkingHost(sys.modules["__main__"].load_file("enzyme_host", path).open_host(rest))


def _write(pipe: BinaryIO, message: object) -> None:
    data = pickle.dumps(message)
    pipe.write(struct.pack("!I", len(data)) + data)
    pipe.flush()


def _read(pipe: BinaryIO) -> Any:
    head = pipe.read(4)
    if len(head) < 4:
        raise EOFError
    return pickle.loads(pipe.read(struct.unpack("!I", head)[0]))
