"""Bytecode for editors: a file of it as text, and an open text as that; must not know how either is made.

The requests are those of `mlir-lsp-server`, so that its clients work: a file of bytecode is shown as a document with
the path of the file and the scheme `mlir.bytecode-mlir`, which is served as any other.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.lowering import bytecode
from enzyme_lsp.lowering.bytecode import SCHEME, NotConvertedError
from enzyme_lsp.syntax.binary import is_bytecode
from enzyme_lsp.workspace import paths

if TYPE_CHECKING:
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.settings import EngineSettings
    from enzyme_lsp.workspace.snapshot import Snapshot

IDLE_S: Final = 120.0
"""How long the process that converts is kept after it was last asked. It takes 100 MB, and half a second to start."""


class Bytecode:
    """One per session; used on its event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pool: Pool | None = None
        self._settings: EngineSettings | None = None
        self._end: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def opened(self, uri: str) -> str:
        """The text of the file behind a URI; one that is text already is that. Raises `RefusedError`."""
        path = file(uri)
        if path is None:
            raise RefusedError(f"{uri} is no file")
        data = await asyncio.to_thread(_read, path)
        if len(data) > bytecode.MOST_BYTES:
            raise RefusedError(f"{os.path.basename(path)} is not opened: {bytecode.TOO_LARGE}")
        if not is_bytecode(data):
            return _as_text(path, data)
        try:
            settings = self._session.workspace.settings(uri)
            engine = self._session.compilers.of(settings.engine).pool
            return await bytecode.text(self._converters(), data, settings=settings, engine=engine)
        except NotConvertedError as error:
            raise RefusedError(f"{os.path.basename(path)} is not opened: {error}") from None

    async def saved(self, snapshot: Snapshot) -> bytes:
        """An open document as bytecode. Raises `RefusedError`."""
        try:
            return await bytecode.bytecode(
                self._converters(),
                snapshot.document.data,
                settings=snapshot.settings,
                engine=self._session.compilers.judging(snapshot).pool,
                layout=snapshot.layout,
            )
        except NotConvertedError as error:
            raise RefusedError(f"{paths.name(snapshot.uri)} is not made bytecode: {error}") from None

    async def close(self) -> None:
        """When this returns, no process is left."""
        if self._end is not None:
            self._end.cancel()
        self._retire()
        await asyncio.gather(*self._closing)

    def _converters(self) -> Pool:
        """Those of the settings as they are now; they end when nobody has asked for a while."""
        settings = self._session.settings
        if self._pool is None or self._settings != settings.engine:
            self._retire()
            self._pool, self._settings = bytecode.converters(settings), settings.engine
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_running_loop().call_later(IDLE_S, self._retire)
        return self._pool

    def _retire(self) -> None:
        if self._pool is not None:
            task = asyncio.create_task(self._pool.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._pool = None


def file(uri: str) -> str | None:
    """The path of the file that a document shows; None for what is none."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == SCHEME:
        uri = f"file:{rest}" if rest.startswith("//") else f"file://{rest}"
    return paths.path(uri)


def _read(path: str) -> bytes:
    if not os.path.isfile(path):  # A pipe or a device may never end.
        raise RefusedError(f"{path} is no file")
    try:
        with open(path, "rb") as opened:
            return opened.read(bytecode.MOST_BYTES + 1)
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}") from None


def _as_text(path: str, data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise RefusedError(f"{os.path.basename(path)} is neither MLIR bytecode, which begins with ML\\xEFR, nor text")
    return text
