"""Process: one run of a program, and what it left; must import the standard library only, since workers load it.

The program reads and writes files without names. A pipe would have to be emptied while it runs, would be kept open by
whatever it has started, and has no limit; of a file the system lets it write no more than the worker may.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typing import BinaryIO

    from enzyme_lsp.engines import endings
    from enzyme_lsp.engines.worker import FILE_BYTES
else:
    worker = sys.modules["__main__"]
    FILE_BYTES, endings = worker.FILE_BYTES, worker.endings

_FATAL = frozenset({signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGFPE, signal.SIGBUS, signal.SIGSEGV})
_LONGEST = 300
"""Characters of a program's words that are quoted."""


class EndlessError(Exception):
    """The program printed more than it may."""


@dataclass(frozen=True)
class Ended:
    """What a program left: its exit status, or the signal that ended it, and all that it printed."""

    status: int
    printed: bytes
    said: bytes

    @property
    def signal(self) -> int:
        """The signal of which it died; 0 for none. A shell that started it tells of it by a status above 128."""
        if self.status < 0:
            return -self.status
        return self.status - 128 if self.status - 128 in _FATAL else 0

    @property
    def end(self) -> str:
        """How it ended, in words."""
        return endings.words(-self.signal or self.status)

    @property
    def last_words(self) -> str:
        """The last line that it said, cut to a length that can be shown."""
        lines = [line.strip() for line in self.said.decode("utf-8", "replace").splitlines() if line.strip()]
        line = "".join(one for one in lines[-1] if one.isprintable()) if lines else ""
        return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def run(command: list[str], text: bytes) -> Ended:
    """Run a program to its end. Raises OSError where it cannot be started, and `EndlessError`."""
    with _scratch() as given, _scratch() as printed, _scratch() as said:
        given.write(text)
        given.seek(0)
        # It must not outlive this process, which is killed at its deadline.
        # A worker has one thread, so that nothing can hold a lock that the child would wait for.
        process = subprocess.Popen(
            command,
            stdin=given,
            stdout=printed,
            stderr=said,
            preexec_fn=endings.end_with_parent,  # noqa: PLW1509
        )
        try:
            status = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        for file in (printed, said):
            if os.fstat(file.fileno()).st_size >= FILE_BYTES:
                raise EndlessError(f"{command[0]} printed more than {FILE_BYTES >> 20} MB, and was stopped")
        return Ended(status, _read(printed), _read(said))


def _scratch() -> BinaryIO:
    """A file without a name."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("enzyme-lsp-program"), "w+b", buffering=0)
    return cast("BinaryIO", tempfile.TemporaryFile(buffering=0))


def _read(file: BinaryIO) -> bytes:
    # The position is shared with the program's descriptors.
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
