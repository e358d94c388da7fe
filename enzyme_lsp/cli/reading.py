"""The text of files that the command line names, also of those that hold bytecode; must not know what it is for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from enzyme_lsp.cli import files, options
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.lowering import bytecode
from enzyme_lsp.lowering.bytecode import SCHEME, NotConvertedError
from enzyme_lsp.syntax.binary import is_bytecode
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.settings import Settings
    from enzyme_lsp.workspace.snapshot import Snapshot


def document(path: str, settings: Settings) -> Document:
    """A file's text, or the text that its bytecode means, whose URI says so. Raises `files.UnreadableError`."""
    found = files.read(path)
    if not is_bytecode(found.data):
        return found
    try:
        text = asyncio.run(as_text(found.data, settings))
    except NotConvertedError as error:
        raise files.UnreadableError(f"cannot read {files.shown(path)}, which is bytecode: {error}") from None
    scheme, _, rest = found.uri.partition(":")
    return Document.of(f"{SCHEME if scheme == 'file' else scheme}:{rest}", text)


def snapshot(path: str, settings: Settings) -> Snapshot:
    """The same under the settings of its project too. Raises `files.UnreadableError`."""
    found = document(path, settings)
    return Workspace(options.ProjectSettings(settings).of(path)).open(found)


def is_converted(document: Document) -> bool:
    """Whether a text is not that of a file, which holds bytecode, so that it cannot be written to it."""
    return document.uri.startswith(f"{SCHEME}:")


async def as_text(data: bytes, settings: Settings) -> str:
    """The text of bytecode. Raises `NotConvertedError`."""
    pool, engine = bytecode.converters(settings), Pool.create(settings.engine)
    try:
        return await bytecode.text(pool, data, settings=settings, engine=engine)
    finally:
        await asyncio.gather(pool.close(), engine.close())
