"""Endings: how a process ends, in words and together with its parent; must import the standard library only.

The server and its workers load this, these by its path.
"""

from __future__ import annotations

import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""


def end_with_parent() -> bool:
    """Arrange that the system ends this process when its parent ends, where it can: on Linux.

    False when the parent has ended meanwhile. The parent is the thread that started this process, so it must live as
    long as the process that it belongs to.
    """
    if not sys.platform.startswith("linux"):
        return True
    parent = os.getppid()
    try:
        # Here and not above, since an interpreter may have been built without it.
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (ImportError, OSError, AttributeError):
        return True
    return os.getppid() == parent


def words(code: int | None) -> str:
    """What an exit code means, as `subprocess` has it: a negative one is that of a signal."""
    if code is None or code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
