"""Carry out: checks what is asked of a document with its engines, for terminals and editors alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.engines.upstream import client
from enzyme_lsp.gradient import asked
from enzyme_lsp.gradient.check import check
from enzyme_lsp.gradient.refusal import RefusedError
from enzyme_lsp.gradient.report import Entry, entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.engines.api import Spelling
    from enzyme_lsp.engines.engines import Engines
    from enzyme_lsp.gradient.check import Wish
    from enzyme_lsp.gradient.plan import Case, Unchecked
    from enzyme_lsp.workspace.snapshot import Snapshot


async def carried_out(
    engines: Engines, snapshot: Snapshot, wish: Wish, functions: Sequence[str] = (), offset: int | None = None
) -> tuple[Entry, ...]:
    """What comes of the checks of a document: of all its ops, of functions by their names, or at a place.

    Raises `RefusedError` where nothing can be run or there is nothing at the place, `Outdated` when an edit has come.
    """
    pool = await engines.differentiating(snapshot.settings.engine)
    spelling = await _spelling(pool)

    def wanted() -> Sequence[Case | Unchecked]:
        if offset is not None:
            return asked.at(snapshot, spelling, offset)
        return asked.asked(snapshot, spelling, functions)

    cases = await asyncio.to_thread(wanted)
    if not cases:
        return ()
    # Its processes are of no use to anybody else: each check has one of its own.
    settings = replace(snapshot.settings.engine, workers=1, cache_entries=0)
    machine = Pool(settings, find=lambda: client.find_machine(settings))
    try:
        status = await machine.ready()
        if not status.answers:
            raise RefusedError(f"nothing runs machine code: {status.message}")
        checked = await asyncio.gather(*(check(pool, machine, one, wish) for one in cases))
    finally:
        await machine.close()
    return tuple(entry(snapshot, one) for one in checked)


async def _spelling(pool: Pool) -> Spelling:
    status = await pool.ready()
    if not status.answers or status.identity is None:
        raise RefusedError(f"no engine answers: {status.message}")
    if not status.identity.can_differentiate:
        raise RefusedError(f"{status.identity} cannot differentiate: install enzyme-ad")
    return status.spelling
