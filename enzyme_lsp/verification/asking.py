"""Asking: what an engine prints of some pieces, for work that needs it on its way; it must not know what for.

Work that needs an engine's word is written as a plain generator: it yields questions, is sent what was told, and
returns what it made. So whoever makes an edit may ask as often as it takes and never waits: `Asker` does that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from enzyme_lsp.dialect.spelling import as_meant
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.verification import locating, modules
from enzyme_lsp.workspace.snapshot import Outdated, Snapshot

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer, Spelling
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.verification.modules import ModuleText
    from enzyme_lsp.verification.verdict import Finding

T = TypeVar("T")

_logger = logging.getLogger(__name__)

_MOST_DIALECTS: Final = 32


@dataclass(frozen=True, slots=True)
class Question:
    """Pieces of one module, to be printed alone with what they need, after the passes of `pipeline`.

    `is_generic`: in generic form. Either way each operation is printed with its place. `waits`: until there is an
    answer; else there is only what has been told before, and for the next time the engine is asked. `about_problems`:
    what is wrong with the section that they are in, and no print.
    """

    snapshot: Snapshot
    pieces: tuple[int, ...]
    is_generic: bool = True
    pipeline: str = ""
    waits: bool = True
    about_problems: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What an engine printed; `module` is what it was sent, and leads from places in that to the document."""

    module: ModuleText
    output: str
    findings: tuple[Finding, ...] = ()
    """What the engine has to say of the section, errors and all else, where that was the question."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is nothing to be told, for people: a sentence without a period."""

    reason: str


_NOT_YET: Final = Refusal("the engine has been asked; look again in a moment")

Steps: TypeAlias = Generator[Question, Told | Refusal, T]
"""Work that asks on its way, and what it gives in the end."""


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    value: T


class Asker:
    """Carries out work that asks. One per server; calls may overlap."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._background: set[asyncio.Task[Told | Refusal]] = set()

    async def run(self, steps: Steps[T]) -> T:
        """What some work gives. What it does itself is done on a thread; what it raises is raised."""
        answer: Told | Refusal | None = None
        while True:
            step = await asyncio.to_thread(_advance, steps, answer)
            if isinstance(step, _Done):
                return step.value
            answer = await self.ask(step)

    async def ask(self, question: Question) -> Told | Refusal:
        """What an engine prints, or why it does not. Raises `Outdated` when an edit has come."""
        if question.about_problems:
            return await self._problems(question)
        dialects, spelling = frozenset[str](), await self._spelling(question)
        while True:
            module = await asyncio.to_thread(_module, question, dialects, spelling)
            answer = await self._answer(question, _request(question, module.text))
            if answer is None:
                return _NOT_YET
            question.snapshot.check_current()
            if answer.outcome is Outcome.UNAVAILABLE:
                return Refusal(answer.detail)
            if answer.engine.spelling != spelling:
                spelling = answer.engine.spelling
                continue
            if answer.outcome is Outcome.ACCEPTED and (output := _printed(answer)) is not None:
                return Told(module, as_meant(output, answer.engine.spelling))
            unknown = locating.unknown_dialects(question.snapshot, module, answer)
            if not unknown - dialects or len(dialects) >= _MOST_DIALECTS:
                return Refusal(_reason(answer))
            dialects |= unknown

    async def _problems(self, question: Question) -> Told | Refusal:
        while True:
            spelling = await self._spelling(question)
            module = await asyncio.to_thread(_section, question, frozenset[str](), spelling)
            answer = await self._pool.run(Request(module.text))
            question.snapshot.check_current()
            if answer.outcome is Outcome.UNAVAILABLE:
                return Refusal(answer.detail)
            if answer.engine.spelling != spelling:
                continue
            if answer.outcome in (Outcome.ACCEPTED, Outcome.REJECTED):
                return Told(module, "", tuple(locating.every(module, answer)))
            return Refusal(_reason(answer))

    async def _spelling(self, question: Question) -> Spelling:
        status = (await self._pool.ready()) if question.waits else self._pool.status
        return status.spelling

    async def _answer(self, question: Question, request: Request) -> Answer | None:
        """None where nobody waits and nothing is known; then the engine is asked without anybody who waits."""
        if question.waits:
            return await self._pool.run(request)
        known = self._pool.cached(request)
        if known is None:
            task = asyncio.create_task(self.ask(replace(question, waits=True)))
            self._background.add(task)  # The loop itself keeps no task alive.
            task.add_done_callback(self._ended)
        return known

    def _ended(self, task: asyncio.Task[Told | Refusal]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Outdated):
            _logger.error("asking the engine: %s", error, exc_info=error)


def after(snapshot: Snapshot, edits: EditSet) -> Snapshot:
    """The text that some edits make, so that an engine can be asked about it before anybody has it."""
    document = snapshot.document.edited_at_once(edits, version=snapshot.version)
    layout = snapshot.layout
    if edits.edits:
        start, end = edits.edits[0].span.start, edits.edits[-1].span.end
        layout = layout.edited(start, end, end + len(document.data) - len(snapshot.document.data), document.data)
    return Snapshot(document, snapshot.settings, layout)


def _advance(steps: Steps[T], answer: Told | Refusal | None) -> Question | _Done[T]:
    """The next question, or the end: a StopIteration does not get out of a thread."""
    try:
        return next(steps) if answer is None else steps.send(answer)
    except StopIteration as stop:
        return _Done(stop.value)


def _module(question: Question, dialects: frozenset[str], spelling: Spelling) -> ModuleText:
    """The pieces with what they need; the whole section where that cannot be put together."""
    snapshot, pieces = question.snapshot, [*question.pieces]
    found = modules.some(snapshot, pieces, dialects, spelling)
    if found is not None:
        return found
    return _section(question, dialects, spelling)


def _section(question: Question, dialects: frozenset[str], spelling: Spelling) -> ModuleText:
    snapshot = question.snapshot
    section = snapshot.sections[snapshot.scope_of(question.pieces[0]).section]
    return modules.whole(snapshot, section, dialects, spelling)


def _request(question: Question, text: bytes) -> Request:
    """What an engine gives as output in custom form has hidden functions that were public; what it prints has not."""
    if question.is_generic:
        return Request(text, question.pipeline, generic=True)
    return Request(text, elements=(question.pipeline,) if question.pipeline else (), is_trusted=True)


def _printed(answer: Answer) -> str | None:
    return answer.prints[-1].text if answer.prints else answer.output


def _reason(answer: Answer) -> str:
    if answer.outcome is Outcome.CRASHED:
        return f"the engine crashed: {answer.detail}"
    if answer.outcome is Outcome.TIMED_OUT:
        return f"the engine took too long: {answer.detail}"
    error = answer.first_error
    said = " ".join((answer.detail if error is None else error.message).split())
    return f"the engine refuses the text: {said}"
