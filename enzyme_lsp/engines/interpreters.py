"""Interpreters: what other Pythons say of themselves and of an engine's package; must not load any engine.

An engine has a script `locate.py`, which any Python can run and which prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

_WORKER: Final = str(Path(__file__).with_name("worker.py"))

_QUESTION_S = 20.0
"""How long an interpreter may take to say what it has. The first start from a cold disk takes seconds."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """An engine was not found."""

    reason: str
    """One sentence without a period: what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Native:
    """What a worker loads: its path, and its version, which is empty where nothing tells."""

    path: str
    version: str


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python interpreter and the engine's package that it would import."""

    executable: str
    version: tuple[int, int]
    native: Native | None


def worker(python: str, host: Path, *arguments: str) -> tuple[str, ...]:
    """The command of a worker with a host and its arguments.

    Isolated: neither the working directory nor the user's environment decides what a worker imports. Without
    site-packages, which it does not need, and without leaving files beside ours.
    """
    return (python, "-I", "-S", "-B", _WORKER, str(host), *arguments)


async def among(names: Iterable[str], locate: Path, package: str) -> AsyncIterator[Interpreter]:
    """The interpreters of some names or paths that are there and answer, each once."""
    tried: set[str] = set()
    for name in names:
        path = await asyncio.to_thread(shutil.which, name)
        if path is None or path in tried:
            continue
        tried.add(path)
        interpreter = await asked(path, locate, package)
        if isinstance(interpreter, Missing):
            _logger.info("looking for %s: %s", package, interpreter.reason)
        else:
            yield interpreter


async def asked(python: str, locate: Path, package: str) -> Interpreter | Missing:
    """What an interpreter says about itself, asked with an engine's script about its `package`.

    One that is killed is asked once more: it has said nothing, and a lesser engine would be used to the end.
    """
    said = await _asked_once(python, locate, package) or await _asked_once(python, locate, package)
    return said or Missing(f"engine.python: {python} was killed; set it to a Python that has {package}")


async def _asked_once(python: str, locate: Path, package: str) -> Interpreter | Missing | None:
    """None when it was killed."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(await asyncio.to_thread(os.path.expanduser, python), str(locate)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except (OSError, ValueError) as error:
        return Missing(f"engine.python: {python} does not run ({error}); set it to a Python that has {package}")
    try:
        async with asyncio.timeout(_QUESTION_S):
            output, errors = await process.communicate()
    except TimeoutError:
        return Missing(f"engine.python: {python} did not answer in {_QUESTION_S:g} s")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode is not None and process.returncode < 0:
        return None
    interpreter = _read(output)
    if interpreter is None:
        words = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return Missing(f"engine.python: {python} is no Python that could have {package} ({words or 'no answer'})")
    return interpreter


def _read(output: bytes) -> Interpreter | None:
    """What `locate.py` printed. None: something else did."""
    try:
        report = json.loads(output)
        major, minor = report["version"]
        native = report["native"]
        return Interpreter(
            executable=cast("str", report["executable"]),
            version=(cast("int", major), cast("int", minor)),
            native=Native(*native) if native else None,
        )
    except (ValueError, TypeError, KeyError):
        return None
