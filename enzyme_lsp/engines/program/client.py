"""A program of the mlir-opt family seen from the server: found by the setting that names it; must not run it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.interpreters import Missing, worker
from enzyme_lsp.engines.supervisor import Launch

if TYPE_CHECKING:
    from enzyme_lsp.settings import EngineSettings

_HERE = Path(__file__).parent
_HOST = _HERE / "host.py"
_DIALECTS = _HERE.parent / "upstream" / "enzyme.irdl"


async def find(settings: EngineSettings) -> Launch | Missing:
    """How to start a worker that runs the program for each request."""
    if not settings.program:
        return Missing('`engine.kind` is "program"; set `engine.program` to one, such as ["/path/to/enzymemlir-opt"]')
    name, *arguments = settings.program
    path = await asyncio.to_thread(_found, name)
    if isinstance(path, Missing):
        return path
    return Launch(
        # A path can be of any bytes, and of some no message could be made.
        name=Path(path).name.encode("utf-8", "replace").decode(),
        # The worker needs the standard library only, so it is a process of our own Python.
        argv=worker(sys.executable, _HOST, str(_DIALECTS), path, *arguments),
    )


def _found(name: str) -> str | Missing:
    """The path of a program, as a shell would find it."""
    path = os.path.expanduser(name)
    if (found := shutil.which(path)) is not None:
        return found
    reason = f"there is no program {name}"
    if os.path.isdir(path):
        reason = f"{name} is a folder, and the program in it must be named"
    elif os.path.exists(path):
        reason = f"{name} is a file that may not be run; `chmod +x` changes that"
    return Missing(f"engine.program or engine.files: {reason}")
