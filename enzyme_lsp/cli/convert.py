"""`enzyme-lsp convert`: bytecode as text, and text as bytecode; must not know how either is made."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from enzyme_lsp import log
from enzyme_lsp.cli import files, options, reading
from enzyme_lsp.cli.misuse import complain, misuse
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.lowering import bytecode
from enzyme_lsp.lowering.bytecode import NotConvertedError
from enzyme_lsp.syntax.binary import is_bytecode

if TYPE_CHECKING:
    from argparse import Namespace

    from enzyme_lsp.settings import Settings


def run(arguments: Namespace) -> int:
    """Exit code 0 when it was converted, 1 when it could not be, 2 on misuse and where files stand in the way."""
    path = files.one(arguments.path, "one file is converted at a time")
    settings = options.settings_from(arguments)
    log.set_up(settings.log)
    try:
        data = files.read(path).data
    except files.UnreadableError as error:
        complain(str(error))
        return 2
    is_shown = arguments.output in (None, files.STDIN)
    if is_shown and not is_bytecode(data) and sys.stdout.isatty():
        misuse("bytecode is nothing to look at; name a file for it with --output")
    try:
        made = asyncio.run(_made(data, settings))
    except NotConvertedError as error:
        complain(f"{files.shown(path)} is not converted: {error}")
        return 1
    if is_shown:
        sys.stdout.buffer.write(made)
        return 0
    try:
        files.write(arguments.output, made)
    except files.UnwritableError as error:
        complain(str(error))
        return 2
    return 0


async def _made(data: bytes, settings: Settings) -> bytes:
    """What comes of a file, whichever it is."""
    if is_bytecode(data):
        return (await reading.as_text(data, settings)).encode("utf-8", "surrogatepass")
    pool, engine = bytecode.converters(settings), Pool.create(settings.engine)
    try:
        return await bytecode.bytecode(pool, data, settings=settings, engine=engine)
    finally:
        await asyncio.gather(pool.close(), engine.close())
