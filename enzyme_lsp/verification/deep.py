"""Deep: asks an engine to lower each differentiation op, alone with what it needs, which parser and verifier never do.

Whether each operation in a callee has a derivative, and whether the call that Enzyme makes fits the op, shows only when
its pass runs. It runs for one op at a time, in the background. What an engine said of an op is kept with the texts of
the op and of all that it needs: an edit elsewhere changes nothing, and an edit of these makes it unknown at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.engines.api import OWN_TEXT, Identity, Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.verification.deep_modules import Place, Question, Questions, Unasked
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.engines.api import Answer, Spelling
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that an engine says of an op. `offset` is the byte of the document that it names, or None.

    `is_within`: it names the op itself, not something that the op needs.
    """

    message: str
    offset: int | None
    is_within: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an engine says of one op.

    `outcome` is that of `pipeline`; `remedy` is another pipeline that accepts the op where that one does not, if one is
    known. `piece` holds the op, and `span` is the op in the document. `needs` are the pieces that hold its callee and
    what that needs, by identity.
    """

    piece: int
    call: DerivativeCall
    span: Span
    needs: frozenset[int]
    outcome: Outcome
    pipeline: str
    problems: tuple[Problem, ...] = ()
    detail: str = ""
    remedy: str = ""

    @property
    def is_clean(self) -> bool:
        return self.outcome is Outcome.ACCEPTED

    @property
    def is_certain(self) -> bool:
        """Whether the engine has been through with it, or has said what it stumbled over."""
        is_located = any(problem.offset is not None for problem in self.problems)
        return self.outcome in (Outcome.ACCEPTED, Outcome.REJECTED) or bool(self.remedy) or is_located


@dataclass(frozen=True, slots=True)
class DeepVerdict:
    """What is known of the differentiation ops of a snapshot. One that is in neither list has not been asked about.

    `open` are the pieces that hold the callees of such and what these need, by identity.
    """

    engine: Identity | None = None
    judgements: tuple[Judgement, ...] = ()
    unasked: tuple[Unasked, ...] = ()
    open: frozenset[int] = frozenset()


NOTHING_DEEP: Final = DeepVerdict()


@dataclass(frozen=True, slots=True)
class _Heard:
    """What an engine said of a question, in places of its parts. `outcome` is None when it could not be read alone."""

    outcome: Outcome | None
    problems: tuple[tuple[str, Place | None], ...] = ()
    detail: str = ""
    remedy: str = ""


def has_derivatives(snapshot: Snapshot) -> bool:
    """Whether there is anything to differentiate in a document, so that an engine that can is needed."""
    return any(piece.kind is PieceKind.ITEM and piece.fact(derivative_calls) for piece in snapshot.layout.pieces)


class DeepVerifier:
    """Judges the differentiation ops of snapshots with the engines of a pool. One per server."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._engine: Identity | None = None
        self._documents: dict[str, Known] = {}

    def known(self, snapshot: Snapshot) -> DeepVerdict:
        """What has been said of ops that are as they were then. Asks nobody; raises `Outdated` when an edit has come.

        May be called on any thread.
        """
        document = self._documents.get(snapshot.uri)
        if document is None or not document.heard:
            return DeepVerdict(self._engine)
        found, unasked, open_ = list[Judgement](), list[Unasked](), set[int]()
        places = {id(piece): index for index, piece in enumerate(snapshot.layout.pieces)}
        for asked, is_current in document.questions(snapshot, self._spelling(), every=False):
            if isinstance(asked, Unasked):
                unasked.append(asked)
                continue
            heard = document.heard.get(asked.key) if is_current else None
            if heard is None or heard.outcome is None:
                open_ |= asked.needs
            if heard is not None and heard.outcome is None:
                unasked.append(Unasked(asked.home, asked.call, heard.detail))
            elif heard is not None and heard.outcome is not None:
                found.append(_judgement(snapshot, places, asked, heard, heard.outcome))
        return DeepVerdict(self._engine, tuple(found), tuple(unasked), frozenset(open_))

    async def judge(
        self, snapshot: Snapshot, errors: Sequence[Span], *, most_crashes: int | None = None
    ) -> AsyncGenerator[None]:
        """Asks about each op of which nothing is known, one after the other; each answer is a step.

        Ops that have one of `errors` (spans of the document) in them or in what they need are left out: a wrong op may
        kill the engine, and its error is said already. After `most_crashes` the rest waits for the next call. Raises
        nothing but CancelledError.
        """
        if self._spelling() == "generic":
            return  # upstream MLIR has no pass that could fail
        document = self._documents.setdefault(snapshot.uri, Known())
        try:
            every = await asyncio.to_thread(document.questions, snapshot, self._spelling(), every=True)
        except Outdated:
            return
        questions = [asked for asked, _ in every if isinstance(asked, Question)]
        wrong = _Wrong(snapshot, errors)
        # What an op needs comes before it, and has fewer parts: so inner ops are known before those around them.
        crashes = 0
        for question in sorted(questions, key=lambda one: len(one.chunks)):
            if question.key in document.heard or wrong.concerns(question) or _is_blocked(document, question, questions):
                continue
            heard = await self._ask(question)
            if heard is None or not snapshot.is_current:
                return
            document.heard[question.key] = heard
            yield
            crashes += heard.outcome is Outcome.CRASHED
            if crashes == most_crashes:
                return
        # What an edit has undone the pool still knows; only the newest text is kept here.
        current = {question.key for question in questions}
        document.heard = {key: heard for key, heard in document.heard.items() if key in current}

    def _spelling(self) -> Spelling:
        """What the engine reads, as far as that is known."""
        return self._pool.status.spelling

    def forget(self, uri: str) -> None:
        """Called when a document is closed."""
        self._documents.pop(uri, None)

    async def _ask(self, question: Question) -> _Heard | None:
        """What an engine says of a question; None when there is nobody to ask."""
        text = question.text
        answer = await self._answer(text, question.pipeline)
        if answer is None or answer.outcome is Outcome.ACCEPTED:
            return None if answer is None else _Heard(Outcome.ACCEPTED)
        # Is it the pass that fails? A text that is not even read says nothing of the op.
        plain = await self._answer(text, "")
        if plain is None or plain.outcome is not Outcome.ACCEPTED:
            reason = plain.problems[0].message if plain is not None and plain.problems else "the engine fails"
            return None if plain is None else _Heard(None, detail=f"it cannot be read alone: {reason}")
        remedy = question.remedy(text)
        if remedy:
            better = await self._answer(text, remedy)
            if better is None:
                return None
            remedy = remedy if better.outcome is Outcome.ACCEPTED else ""
        problems: list[tuple[str, Place | None]] = []
        for problem in answer.problems:
            if problem.severity == "error":
                named = problem.place if problem.place is not None and problem.place.file == OWN_TEXT else None
                problems.append((problem.message, question.place(named.line, named.column) if named else None))
        return _Heard(answer.outcome, tuple(problems), answer.detail, remedy)

    async def _answer(self, text: bytes, pipeline: str) -> Answer | None:
        """An engine's answer; None when there is none to be had."""
        answer = await self._pool.run(Request(text, pipeline), lane=Lane.BACKGROUND)
        if answer.outcome is Outcome.UNAVAILABLE:
            return None
        if self._engine != answer.engine:
            # Another engine judges otherwise: nothing that the last one said holds.
            if self._engine is not None:
                for document in self._documents.values():
                    document.heard = {}
            self._engine = answer.engine
        return answer


class Known:
    """What is known of the ops of one document: what an engine said, by the key of the question; and the questions.

    `heard` is replaced or added to on the event loop alone; any thread may read. Questions are made on any thread.
    """

    def __init__(self) -> None:
        self.heard: dict[tuple[str | bytes, ...], _Heard] = {}
        self._lock = Lock()
        self._snapshot: Snapshot | None = None
        self._target: Spelling = "none"
        # By the identity of the piece beside them, which is so kept alive; and whether each is what would be asked now.
        self._questions: dict[int, tuple[Piece, list[tuple[Question | Unasked, bool]]]] = {}

    def questions(self, snapshot: Snapshot, target: Spelling, *, every: bool) -> list[tuple[Question | Unasked, bool]]:
        """The questions of a snapshot in the order of the text, in the spelling `target`, and whether each is what
        would be asked now.

        Those of pieces that have changed are made anew, and with `every` also those that need something that has
        changed: it is for lack of time that the others are only known to be out of date. Raises `Outdated` when an edit
        has come.
        """
        with self._lock:
            if self._target != target:
                self._questions, self._target = {}, target
            if self._snapshot is not snapshot:
                self._carry(snapshot)
            made, found = Questions(snapshot, target), list[tuple[Question | Unasked, bool]]()
            for index, piece in enumerate(snapshot.layout.pieces):
                if piece.kind is not PieceKind.ITEM or not piece.fact(derivative_calls):
                    continue
                known = self._questions.get(id(piece))
                if known is None or (every and not all(is_current for _, is_current in known[1])):
                    known = piece, [(one, True) for one in made.of_piece(index)]
                    self._questions[id(piece)] = known
                found += known[1]
            return found

    def _carry(self, snapshot: Snapshot) -> None:
        """Marks the questions that another snapshot may ask otherwise."""
        old, self._snapshot = self._snapshot, snapshot
        changes = None if old is None else _changes(old, snapshot)
        if changes is None:
            self._questions = {}
            return
        here = {id(piece) for piece in snapshot.layout.pieces}
        for key, (piece, entries) in tuple(self._questions.items()):
            if key not in here:
                del self._questions[key]
            elif any(is_current and changes.concern(one) for one, is_current in entries):
                self._questions[key] = piece, [(one, now and not changes.concern(one)) for one, now in entries]


@dataclass(frozen=True, slots=True)
class _Changes:
    """How two snapshots of a document with the same modules and aliases differ."""

    names: frozenset[str]
    """The symbols that pieces define which are in one of them only."""
    pieces: frozenset[int]
    """Those pieces, by identity."""

    def concern(self, one: Question | Unasked) -> bool:
        """Whether the question may be another one now."""
        if any(not self.names.isdisjoint(names) for names in one.names):
            return True
        return isinstance(one, Question) and (one.has_module or not self.pieces.isdisjoint(one.needs))


def _changes(old: Snapshot, new: Snapshot) -> _Changes | None:
    """How the two differ; None when modules or aliases do, so that everything may be otherwise."""
    before, after = old.layout.pieces, new.layout.pieces
    first = next((i for i, (one, other) in enumerate(zip(before, after, strict=False)) if one is not other), None)
    if first is None:
        first = min(len(before), len(after))
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] is after[-1 - last]:
        last += 1
    changed = (*before[first : len(before) - last], *after[first : len(after) - last])
    if any(piece.kind is not PieceKind.ITEM for piece in changed):
        return None
    names = frozenset(piece.symbol for piece in changed if piece.symbol is not None)
    return _Changes(names, frozenset(map(id, changed)))


class _Wrong:
    """Where a document has errors."""

    def __init__(self, snapshot: Snapshot, errors: Sequence[Span]) -> None:
        self._errors: dict[int, list[int]] = {}
        for error in errors:
            index = snapshot.layout.index_near(error.start)
            if index is not None:
                piece = snapshot.layout.pieces[index]
                self._errors.setdefault(id(piece), []).append(error.start - snapshot.offset(index))

    def concerns(self, question: Question) -> bool:
        """Whether one is in the op or in something that it needs."""
        if not question.needs.isdisjoint(self._errors):
            return True
        span = question.parts[0].span
        return any(span.start <= at <= span.end for at in self._errors.get(id(question.home), ()))


def _is_blocked(document: Known, question: Question, questions: list[Question]) -> bool:
    """Whether an op that this one needs is refused itself: then this one is too, and the other says why."""
    if not question.inner:
        return False
    inner = set(question.inner)
    return any(
        (id(one.home), one.call.operation.span) in inner
        and (heard := document.heard.get(one.key)) is not None
        and heard.outcome is not Outcome.ACCEPTED
        and not heard.remedy
        for one in questions
    )


def _judgement(
    snapshot: Snapshot, places: dict[int, int], question: Question, heard: _Heard, outcome: Outcome
) -> Judgement:
    """What was heard, in places of a snapshot; `places` are the numbers of its pieces by identity."""

    def offset(place: Place) -> int:
        part = question.parts[place.part]
        return snapshot.offset(places[id(part.piece)]) + part.span.start + min(place.offset, len(part.span))

    index = places[id(question.home)]
    problems = tuple(
        Problem(message, offset(place) if place else None, is_within=place is not None and place.part == 0)
        for message, place in heard.problems
    )
    return Judgement(
        index,
        question.call,
        snapshot.span_in(index, question.parts[0].span),
        question.needs,
        outcome,
        question.pipeline,
        problems,
        heard.detail,
        heard.remedy,
    )
