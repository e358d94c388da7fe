"""Lower: runs a pipeline over a section, or over a function with what it needs, and keeps the module after every pass.

One run of an engine gives all stages. A pass that fails ends it, with the stages before; one that crashes the engine is
found by running the first half of the passes, and so on, where the engine took what it had printed with it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.spelling import as_meant
from enzyme_lsp.engines.api import EngineProblem, Outcome, Request
from enzyme_lsp.lowering import printed_module
from enzyme_lsp.lowering.pipeline import Nest, Pipeline
from enzyme_lsp.lowering.source_map import SourceMap
from enzyme_lsp.lowering.stand_ins import StandIns
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.verification import locating, modules
from enzyme_lsp.verification.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.engines.api import Answer, Identity, Spelling
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.lowering.pipeline import Element
    from enzyme_lsp.verification.modules import ModuleText
    from enzyme_lsp.workspace.snapshot import Snapshot

_MOST_DIALECTS: Final = 8
_STOOD_FOR: Final = "it is lowered as a call that may do anything"
INPUT: Final = "input"
"""The name of the stage before the first pass."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is lowered: a section of a document; with `piece`, only that one with all that it names."""

    section: int = 0
    piece: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """The module after a pass, and where its lines came from in the document."""

    name: str
    text: str
    source_map: SourceMap
    seconds: float
    changed: bool

    @property
    def lines(self) -> tuple[int | None, ...]:
        """For each line of the text the line of the document that it came from, from 0."""
        return self.source_map.lines()


@dataclass(frozen=True, slots=True)
class Lowered:
    """What came of a lowering. `failed` is the pass that did not go through, empty when all did or none ran.

    `findings` are what the engine said, in places of the document, and what it does not know, so that calls stood for
    it; `detail` says why there is nothing more.
    """

    outcome: Outcome
    stages: tuple[Stage, ...]
    failed: str
    findings: tuple[Finding, ...]
    detail: str
    engine: Identity


def elements(pipeline: Pipeline) -> tuple[str, ...]:
    """The steps of a pipeline: each pass of it, within what it is nested in."""
    return tuple(step for element in pipeline.inside_module().elements for step in _steps(element))


def _steps(element: Element) -> Iterator[str]:
    if not isinstance(element, Nest):
        yield str(element)
        return
    for inner in element.elements:
        for step in _steps(inner):
            yield f"{element.anchor}({step})"


async def lower(
    pool: Pool, snapshot: Snapshot, target: Target, pipeline: Pipeline, *, is_trusted: bool = False
) -> Lowered:
    """The stages of a lowering. Raises `Outdated` when an edit has come, and CancelledError."""
    steps = elements(pipeline)
    module, stand_ins, answer = await _asked(pool, snapshot, target, steps, is_trusted=is_trusted)
    failed = ""
    if answer.outcome is Outcome.CRASHED and answer.repeatable and not answer.prints:
        before = await _last_good(pool, module.text, steps, is_trusted=is_trusted, deadline_s=_deadline_s(snapshot))
        failed = steps[len(before.prints) - 1] if before is not None and before.prints else INPUT
        prints = before.prints if before is not None else ()
    else:
        prints = answer.prints
        if answer.outcome in (Outcome.REJECTED, Outcome.CRASHED) and prints:
            failed = steps[len(prints) - 1]
    snapshot.check_current()
    texts = [(one.text, one.seconds) for one in prints]
    stages = await asyncio.to_thread(_stages, snapshot, module, stand_ins, steps, texts)
    findings = (*locating.located(module, answer), *_unknown(snapshot, module))
    return Lowered(answer.outcome, stages, failed, findings, _detail(answer), answer.engine)


async def _asked(
    pool: Pool, snapshot: Snapshot, target: Target, steps: tuple[str, ...], *, is_trusted: bool
) -> tuple[ModuleText, StandIns, Answer]:
    """What was sent, what stands in it for operations that the engine does not know, and the answer."""
    spelling, dialects, first = (await pool.ready()).spelling, frozenset[str](), None
    while True:
        stand_ins = StandIns()
        module = await asyncio.to_thread(_module, snapshot, target, spelling, dialects, stand_ins)
        if module.left_out and first is not None:
            return first
        request = Request(module.text, elements=steps, is_trusted=is_trusted, deadline_s=_deadline_s(snapshot))
        answer = await pool.run(request)
        snapshot.check_current()
        if answer.engine.spelling not in (spelling, "none"):
            spelling = answer.engine.spelling
            continue
        is_read = answer.outcome is not Outcome.REJECTED or bool(answer.prints)
        # What is wrong with a text in which something stands for something else tells less than what was said first.
        first = first if first is not None and not is_read else (module, stand_ins, answer)
        unknown = frozenset[str]() if is_read else locating.unknown_dialects(snapshot, module, answer)
        if unknown <= dialects or len(dialects) >= _MOST_DIALECTS:
            return first
        dialects |= unknown


def module_text(snapshot: Snapshot, target: Target, spelling: Spelling) -> bytes:
    """What an engine that reads some spelling is sent for a target."""
    return _module(snapshot, target, spelling, frozenset(), StandIns()).text


def _deadline_s(snapshot: Snapshot) -> float:
    return snapshot.settings.lowering.deadline_s


async def _last_good(
    pool: Pool, text: bytes, steps: tuple[str, ...], *, is_trusted: bool, deadline_s: float
) -> Answer | None:
    """The answer for as many of the first steps as do not crash the engine; None when the text alone does."""
    good, bad, best = -1, len(steps), None
    while bad - good > 1:
        middle = (good + bad) // 2
        some = Request(text, elements=steps[:middle], is_trusted=is_trusted, deadline_s=deadline_s)
        answer = await pool.run(some)
        if answer.outcome is Outcome.CRASHED:
            bad = middle
        elif answer.outcome is Outcome.ACCEPTED:
            good, best = middle, answer
        else:
            return best
    return best


def _detail(answer: Answer) -> str:
    if answer.outcome is Outcome.ACCEPTED:
        return ""
    error = answer.first_error
    return answer.detail or ("" if error is None else " ".join(error.message.split()))


def _unknown(snapshot: Snapshot, module: ModuleText) -> Iterator[Finding]:
    """The first operation of each name for which a call stands."""
    seen: set[str] = set()
    for piece, operations in module.replaced.items():
        for operation in operations:
            if operation.name not in seen:
                seen.add(operation.name)
                yield Finding(
                    EngineProblem("warning", f"{operation.name} is unknown to the engine; {_STOOD_FOR}"),
                    snapshot.offset(piece) + operation.name_span.start,
                    piece=piece,
                )


def _module(
    snapshot: Snapshot, target: Target, spelling: Spelling, dialects: frozenset[str], stand_ins: StandIns
) -> ModuleText:
    section = snapshot.sections[target.section]
    if target.piece is not None and (closure := needed(snapshot, target.piece)) is not None:
        focused = modules.some(snapshot, closure, dialects, spelling, replacing=stand_ins)
        if focused is not None:
            return focused
    return modules.whole(snapshot, section, dialects, spelling, replacing=stand_ins)


def needed(snapshot: Snapshot, piece: int) -> list[int] | None:
    """A piece and all that it names, and that this names, in the order of the text; None when that takes all.

    Modules in modules are pieces by the dozen, whose symbols are named by paths: these come with the whole section.
    """
    pieces, table = snapshot.layout.pieces, snapshot.scope_of(piece).symbols
    found, waiting = {piece}, [piece]
    while waiting:
        snapshot.check_current()
        index = waiting.pop()
        if pieces[index].kind is not PieceKind.ITEM:
            return None
        for name in pieces[index].fact(symbols.references):
            for other in table.get(name, ())[:1]:
                if other not in found:
                    found.add(other)
                    waiting.append(other)
    return sorted(found)


def _stages(
    snapshot: Snapshot,
    module: ModuleText,
    stand_ins: StandIns,
    steps: tuple[str, ...],
    prints: list[tuple[str, float]],
) -> tuple[Stage, ...]:
    found: list[Stage] = []
    last = ""
    for number, (text, seconds) in enumerate(prints):
        snapshot.check_current()
        name = steps[number - 1] if number else INPUT
        if found and text == last:
            before = found[-1]
            found.append(replace(before, name=name, seconds=seconds, changed=False))
            continue
        last = text
        shown = printed_module.shown(snapshot, module, as_meant(stand_ins.put_back(text), module.spelling))
        changed = not found or shown.text != found[-1].text
        found.append(Stage(name, shown.text, SourceMap(snapshot, shown.offsets), seconds, changed))
    return tuple(found)
