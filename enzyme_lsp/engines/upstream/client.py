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
_MACHINE = _HERE / "machine.py"
_CONVERTER = _HERE / "converter.py"
_LOCATE = _HERE / "locate.py"
_DIALECTS = _HERE / "enzyme.irdl"


async def find(settings: EngineSettings) -> Launch | Missing:
    """How to start a worker with the bindings, as far as `settings` say where they are."""
    if settings.python:
        found = await asked(settings.python, _LOCATE, NAME)
        if isinstance(found, Missing):
            return found
        launch = _launch(found)
        if launch is not None or not settings.is_beside:
            return launch or Missing(f"engine.python: {settings.python} has no {NAME}; {INSTALL}")
    async for interpreter in among((sys.executable, *ON_PATH), _LOCATE, NAME):
        if (launch := _launch(interpreter)) is not None:
            return launch
    return Missing(f"{NAME} is not installed; {INSTALL}")


async def find_machine(settings: EngineSettings) -> Launch | Missing:
    """How to start a worker that runs machine code, as far as `settings` say where the bindings are.

    It is another one than that which verifies: what the code does to its process must cost nobody else an answer.
    """
    found = await _find_other(settings, _MACHINE, "machine code")
    return found or Missing(f"{NAME}, whose bindings run machine code, is not installed; {INSTALL}")


async def find_converter(settings: EngineSettings) -> Launch | Missing:
    """How to start a worker that reads and writes bytecode, as far as `settings` say where the bindings are."""
    found = await _find_other(settings, _CONVERTER, "bytecode")
    return found or Missing(f"{NAME}, whose bindings read and write bytecode, is not installed; {INSTALL}")


async def _find_other(settings: EngineSettings, host: Path, what: str) -> Launch | None:
    names = (sys.executable, *ON_PATH)
    async for interpreter in among((settings.python, *names) if settings.python else names, _LOCATE, NAME):
        native = interpreter.native
        if native is not None:
            argv = worker(interpreter.executable, host, native.path, native.version)
            return Launch(name=f"{what} of mlir {native.version}".rstrip(), argv=argv)
    return None


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
