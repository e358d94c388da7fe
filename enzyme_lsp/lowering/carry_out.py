"""Carry out: lowers with the engine of a document, or with enzyme-ad where that one lacks a pass of the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.engines import missing_pass
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.lowering.lower import lower

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Identity
    from enzyme_lsp.engines.engines import Engines
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.lowering.lower import Lowered
    from enzyme_lsp.lowering.wish import Order
    from enzyme_lsp.workspace.snapshot import Snapshot


async def carried_out(engines: Engines, snapshot: Snapshot, order: Order) -> Lowered:
    """What comes of an order; `Lowered.engine` says who lowered. Raises as `lower` does."""
    settings = snapshot.settings.engine
    pool = engines.of(settings)
    found = await lower(pool, snapshot, order.target, order.pipeline, is_trusted=order.is_trusted)
    # Asking shows what an engine has: no table says which passes a release or a build of MLIR came with.
    if not _lacks_a_pass(found) or (other := await engines.differentiating(settings)) is pool:
        return found
    return await lower(other, snapshot, order.target, order.pipeline, is_trusted=order.is_trusted)


async def pool_of(engines: Engines, snapshot: Snapshot, engine: Identity) -> Pool:
    """The pool of the engine that has lowered a document."""
    pool = engines.of(snapshot.settings.engine)
    if (await pool.ready()).identity == engine:
        return pool
    return await engines.differentiating(snapshot.settings.engine)


def _lacks_a_pass(found: Lowered) -> bool:
    said = (found.detail, *(one.problem.message for one in found.findings))
    return found.outcome is Outcome.REJECTED and any(map(missing_pass.is_told, said))
