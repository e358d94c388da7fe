"""Several files at once: what comes of each, in their order; must not know what is asked of them."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, TypeVar

from enzyme_lsp.cli import files
from enzyme_lsp.cli.misuse import complain

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

_T = TypeVar("_T")


async def each(tasks: dict[str, asyncio.Task[_T]]) -> AsyncGenerator[_T | None]:
    """What comes of the tasks of some files, by their paths; None where nothing does, which has been said then.

    What has come is not kept. Whoever stops early must close this, which cancels the tasks that are left.
    """
    try:
        for path in list(tasks):
            found = None
            try:
                found = await tasks.pop(path)
            except files.UnreadableError as error:
                complain(str(error))
            except Exception:  # noqa: BLE001  # A bug costs one file, and is told with all that helps to mend it.
                complain(f"{files.shown(path)}: a bug in enzyme-lsp, please report it\n{traceback.format_exc()}")
            yield found
    finally:
        # When the output breaks, nobody waits for the rest.
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
