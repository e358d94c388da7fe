"""Enzyme seen from the server: finds enzyme-ad and an interpreter for it; must not load or import either.

The package and the interpreter are two questions. pip installs enzyme-ad's wheel into Pythons in which its native
module then does not load, and `pip install --target` makes a folder that belongs to no interpreter; in both cases
any interpreter that can load the module will do.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.enzyme import locate
from enzyme_lsp.engines.interpreters import Interpreter, Missing, Native, among, asked, worker
from enzyme_lsp.engines.supervisor import Launch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from enzyme_lsp.settings import EngineSettings

NAME = "enzyme-ad"

LOADING = ((3, 11), (3, 12))
"""The Python versions in which the native module loads, tried with 0.0.14 to 0.0.16. The wheel's tag names only the
first and its metadata no end."""

INSTALL = 'install it with `pip install "enzyme-lsp[enzyme]"` on Python 3.11, or set `engine.python`'

_HERE = Path(__file__).parent
_HOST = _HERE / "host.py"
_LOCATE = _HERE / "locate.py"


async def find(settings: EngineSettings) -> Launch | Missing:
    """How to start a worker with Enzyme, as far as `settings` say where it is."""
    if settings.path:
        return await _in_folder(settings.path, "" if settings.is_beside else settings.python)
    if settings.python:
        found = await _in_interpreter(settings.python)
        if isinstance(found, Launch) or not settings.is_beside:
            return found
    stray: Native | None = None
    async for interpreter in _interpreters():
        if interpreter.native is None:
            continue
        if interpreter.version in LOADING:
            return _launch(interpreter, interpreter.native)
        stray = stray or interpreter.native
    if stray is None:
        return Missing(f"{NAME} is not installed; {INSTALL}")
    return await _somewhere(stray)


async def _in_folder(folder: str, python: str) -> Launch | Missing:
    found = await asyncio.to_thread(_look_into, folder)
    if found is None:
        return Missing(f"engine.path: {folder} holds no enzyme_ad, as `pip install --target` would make it there")
    native = Native(*found)
    if not python:
        return await _somewhere(native)
    interpreter = await asked(python, _LOCATE, NAME)
    return interpreter if isinstance(interpreter, Missing) else _launch(interpreter, native)


async def _in_interpreter(python: str) -> Launch | Missing:
    interpreter = await asked(python, _LOCATE, NAME)
    if isinstance(interpreter, Missing):
        return interpreter
    if interpreter.native is None:
        return Missing(
            f"engine.python: {python} has no {NAME}; install it there with `pip install --no-deps {NAME}==0.0.15`"
        )
    # Whoever names an interpreter gets it, also one in which the module did not load when we tried.
    return _launch(interpreter, interpreter.native)


async def _somewhere(native: Native) -> Launch | Missing:
    """A worker in any interpreter that can load `native`."""
    async for interpreter in _interpreters():
        if interpreter.version in LOADING:
            return _launch(interpreter, native)
    names = " or ".join(".".join(map(str, version)) for version in LOADING)
    return Missing(f"{NAME} needs Python {names}, and none was found; set `engine.python` to one")


def _launch(interpreter: Interpreter, native: Native) -> Launch:
    return Launch(
        name=f"{NAME} {native.version}".rstrip(),
        argv=worker(interpreter.executable, _HOST, native.path, native.version),
    )


def _interpreters() -> AsyncIterator[Interpreter]:
    """The interpreters worth asking, best first: ours, then those on PATH in which the module loads."""
    return among((sys.executable, *(f"python3.{minor}" for _, minor in LOADING)), _LOCATE, NAME)


def _look_into(folder: str) -> tuple[str, str] | None:
    return locate.in_folder(os.path.expanduser(folder))
