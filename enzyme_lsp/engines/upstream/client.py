"""Upstream MLIR seen from the server: finds its Python bindings and an interpreter; must not load or import either.

The bindings are an extension module for one version of Python, so the interpreter that has them installed is the one
that loads them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.interpreters import Interpreter, Missing, among, asked, worker
from enzyme_lsp.engines.supervisor import Launch

if TYPE_CHECKING:
    from enzyme_lsp.settings import EngineSettings

NAME = "upstream MLIR"

INSTALL = 'install its bindings with `pip install "enzyme-lsp[mlir]"`, or set `engine.python` to a Python that has them'

ON_PATH = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10")
"""The interpreters that may have the bindings, besides our own."""

_HERE = Path(__file__).parent
_HOST = _HERE / "host.py"
_LOCATE = _HERE / "locate.py"
_DIALECTS = _HERE / "enzyme.irdl"


async def find(settings: EngineSettings) -> Launch | Missing:
    """How to start a worker with the bindings, as far as `settings` say where they are."""
    if settings.python:
        found = await asked(settings.python, _LOCATE, NAME)
        if isinstance(found, Missing):
            return found
        return _launch(found) or Missing(f"engine.python: {settings.python} has no {NAME}; {INSTALL}")
    async for interpreter in among((sys.executable, *ON_PATH), _LOCATE, NAME):
        if (launch := _launch(interpreter)) is not None:
            return launch
    return Missing(f"{NAME} is not installed; {INSTALL}")


def _launch(interpreter: Interpreter) -> Launch | None:
    """A worker in an interpreter; None where it has no bindings."""
    native = interpreter.native
    if native is None:
        return None
    return Launch(
        name=f"mlir {native.version}".rstrip(),
        # The host itself reaches for the one folder of packages that it needs.
        argv=worker(interpreter.executable, _HOST, native.path, native.version, str(_DIALECTS)),
    )
