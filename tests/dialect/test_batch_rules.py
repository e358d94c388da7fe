"""Batch rules: what the table says of an operation is what the engine makes of a function that holds it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.batch_rules import takes_no_batch
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from enzyme_lsp.syntax import types
from tests.bench.rule_callees import CALLEES

if TYPE_CHECKING:
    from tests.bench.rule_callees import Callee
    from tests.judges import EngineThread

_OTHERWISE: Final = {"sdy.sharding_constraint", "enzymexla.extend"}
"""Refused for what they say besides, or by one release."""


def test_the_table_and_the_engine_agree(classic: EngineThread):
    # A constant that is no tensor is an obstacle of its own.
    alone = [callee for callee in CALLEES.values() if not re.search(r"arith\.constant (?!dense)", callee.body)]
    answers = classic.wait(_batched(classic, alone))
    assert len(answers) > 200
    wrong = [
        f"{name}: {outcome.value}"
        for name, outcome in answers.items()
        if takes_no_batch(name) is not (outcome is not Outcome.ACCEPTED) and name not in _OTHERWISE
    ]
    assert not wrong


async def _batched(engine: EngineThread, callees: list[Callee]) -> dict[str, Outcome]:
    """By operation, what comes of a batch of a function with it; those aside that the engine does not know."""
    known, passed = [
        await asyncio.gather(*(engine.pool.run(Request(_module(one), passes), lane=Lane.BACKGROUND) for one in callees))
        for passes in ("", "enzyme-batch")
    ]
    return {
        callee.operation: lowered.outcome
        for callee, parsed, lowered in zip(callees, known, passed, strict=True)
        if parsed.outcome is Outcome.ACCEPTED
    }


def _module(callee: Callee) -> bytes:
    taken, given = (convention.batched(types.read(text), (2,)) for text in (callee.takes, callee.gives))
    return (
        f"{callee.around}\nfunc.func private @f(%x: {callee.takes}) -> {callee.gives} {{\n{callee.body}\n"
        f"return %y : {callee.gives}\n}}\nfunc.func @d(%a: {taken}) -> {given} {{\n"
        f"%r = enzyme.batch @f(%a) {{batch_shape = array<i64: 2>}} : ({taken}) -> {given}\nreturn %r : {given}\n}}\n"
    ).encode()
