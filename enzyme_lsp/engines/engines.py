"""Engines: one pool for each engine that settings mean, made on first use and kept; must not know what uses them.

Settings that mean the same engine share a pool, and so its workers and its cache. Each pool is a world of its own: an
engine that is missing, hangs or dies costs nothing of another's.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.settings import EngineSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from enzyme_lsp.engines.api import Status


class Engines:
    """Pools by the engines that they ask. Made anywhere, used on one event loop."""

    def __init__(self, create: Callable[[EngineSettings], Pool] = Pool.create) -> None:
        self._create = create
        self._pools: dict[EngineSettings, Pool] = {}
        self._closing: dict[Pool, asyncio.Task[None]] = {}

    def of(self, settings: EngineSettings) -> Pool:
        """The pool that `settings` describe. Nothing is looked for or started before it is asked."""
        key = engine(settings)
        if key not in self._pools:
            self._pools[key] = self._twin(key) or self._create(key)
        return self._pools[key]

    def _twin(self, key: EngineSettings) -> Pool | None:
        """The pool that has turned out to be the one of `key`: "auto" means enzyme-ad where that is there."""
        # Of the engines that "auto" may mean, upstream MLIR alone reads the generic form.
        spellings = {"auto": ("classic", "strict"), "enzyme-ad": ("classic", "strict"), "upstream": ("generic",)}
        other = "enzyme-ad" if key.kind == "auto" else "auto"
        pool = self._pools.get(replace(key, kind=other))
        return pool if pool is not None and pool.status.spelling in spellings.get(key.kind, ()) else None

    async def differentiating(self, settings: EngineSettings) -> Pool:
        """The pool of `settings`; where its engine cannot differentiate, that of enzyme-ad if it is there and can.

        With "auto" there is no other: enzyme-ad is what it takes first.
        """
        pool = self.of(settings)
        if settings.kind == "auto" or not _lacks_enzyme(await pool.ready()):
            return pool
        other = self.of(settings.of_kind("enzyme-ad"))
        status = await other.ready()
        return pool if status.identity is None or _lacks_enzyme(status) else other

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Those that there are, in the order in which they were made."""
        return tuple(dict.fromkeys(self._pools.values()))

    def keep(self, wanted: Iterable[EngineSettings], *, idle_s: float = 0) -> None:
        """Close all pools but those of `wanted`, and those that were asked something in the last `idle_s` seconds."""
        kept = {self._pools.get(engine(settings)) for settings in wanted}
        for pool in self.pools:
            if pool not in kept and (not idle_s or pool.idle_s >= idle_s):
                self._pools = {key: other for key, other in self._pools.items() if other is not pool}
                task = self._closing[pool] = asyncio.create_task(pool.close())
                task.add_done_callback(lambda _, pool=pool: self._closing.pop(pool))

    async def close(self) -> None:
        """Close all; when this returns, no process is left."""
        self.keep(())
        while self._closing:
            await asyncio.gather(*self._closing.values())


def _lacks_enzyme(status: Status) -> bool:
    """Whether an engine is known not to have Enzyme's passes."""
    return status.identity is not None and not status.identity.can_differentiate


def engine(settings: EngineSettings) -> EngineSettings:
    """`settings` without what says nothing about the engine that they mean, so that equal ones mean the same."""
    if not settings.enabled:
        return EngineSettings(enabled=False)
    settings = replace(settings, files=())
    match settings.kind:
        case "none":
            return EngineSettings(kind="none")
        case "auto" | "enzyme-ad":
            made = replace(settings, program=(), command=())
        case "upstream":
            made = replace(settings, path="", program=(), command=())
        case "program":
            made = replace(settings, python="", path="", command=())
        case "command":
            made = replace(settings, python="", path="", program=())
    # Whose the Python is matters only where one is named.
    return made if made.is_beside and made.python else replace(made, meant="")
