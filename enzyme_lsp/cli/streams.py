"""The three standard streams, made sure of before anything is opened; must not know what is read or written.

Whoever starts a program may close one of them (`>&-`). Python then has None for it, `print` writes what was meant for
standard error into the results, and the next file that is opened gets its number.
"""

from __future__ import annotations

import io
import os
import sys


def make_sure() -> None:
    """Put something in the place of each stream that is closed: input ends, output fails, errors are not heard."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # It gets the lowest number that is free, which is this one. Into the output nobody can write, so that it
            # is not lost in silence; whom errors are told is for whoever closed that stream to say.
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # As long as the process.
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A file's name or text may hold what the terminal's encoding cannot say; that must not end the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
