"""Verifier: asks an engine about a snapshot, piece by piece and as a whole, and keeps what is known of each piece.

An engine stops at the first parse error of a module. So when a section is refused, each of its pieces is asked about
alone, with stubs of what it names, and one broken function hides no other. A small section is always asked about as a
whole first. In a large one a keystroke asks only about the pieces that changed, and the whole waits until the editor is
idle; its verdict wins.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.api import Answer, Identity, Outcome, Request, Spelling
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.verification import carry, locating, modules
from enzyme_lsp.verification.verdict import Failure, Finding, PieceVerdict, Unregistered, Verdict
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from enzyme_lsp.syntax.layout import Section
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.verification.modules import ModuleText
    from enzyme_lsp.workspace.snapshot import Snapshot

_SMALL: Final = 65_536
"""Bytes of a section that is verified as a whole at every keystroke: about 15 ms of an engine."""
_MOST_TOUCHED: Final = 24
"""Pieces that a keystroke may ask about; more have changed only when a file was opened or replaced."""
_GROUP_BYTES: Final = 131_072
_GROUP_PIECES: Final = 256
_MOST_DIALECTS: Final = 32

_UNDECLARED: Final = "undeclared SSA value"
_CONSEQUENCE: Final = re.compile(r"^failed (?:to (?:parse|infer)|parsing)\b")
"""What parsers of attributes and types add to the error that they have just reported."""


_ACCEPTED: Final = PieceVerdict(Outcome.ACCEPTED)
"""The one verdict of all pieces that are accepted as they stand."""


@dataclass(slots=True)
class _Known:
    """What is known of the pieces of one document, by identity: a piece stays the same object while its text does.

    Invariant: a key is the `id` of the piece beside it, which keeps that piece alive and so the key its own.
    """

    pieces: tuple[Piece, ...] = ()
    verdicts: dict[int, tuple[Piece, PieceVerdict]] = field(default_factory=dict[int, tuple[Piece, PieceVerdict]])
    dialects: set[str] = field(default_factory=set[str])
    """Dialects of the document that the engine has said it does not know."""

    def get(self, piece: Piece) -> PieceVerdict | None:
        found = self.verdicts.get(id(piece))
        return found[1] if found else None

    def put(self, piece: Piece, verdict: PieceVerdict) -> None:
        self.verdicts[id(piece)] = (piece, verdict)

    def forget_the_fleeting(self) -> None:
        """Verdicts that say more of the engine's moment than of the text are asked for again."""
        self.verdicts = {key: found for key, found in self.verdicts.items() if found[1].is_lasting}


@dataclass(slots=True)
class _SectionResult:
    findings: list[Finding] = field(default_factory=list[Finding])
    failures: list[Failure] = field(default_factory=list[Failure])
    unregistered: list[Unregistered] = field(default_factory=list[Unregistered])
    accepted: bool = False
    complete: bool = False
    trouble: str = ""


class Verifier:
    """Judges snapshots with the engines of a pool. One per server; calls may overlap."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._engine: Identity | None = None
        self._known: dict[str, _Known] = {}

    async def quick(self, snapshot: Snapshot) -> Verdict:
        """What can be known at once: small sections as a whole, of large ones the pieces that changed.

        Never raises but CancelledError.
        """
        return await self._verdict(snapshot, Lane.INTERACTIVE, touched_only=True)

    async def full(self, snapshot: Snapshot) -> Verdict:
        """The verdict on every section as a whole, and on every piece where a section is refused. May take seconds.

        Never raises but CancelledError.
        """
        return await self._verdict(snapshot, Lane.BACKGROUND, touched_only=False)

    async def by_pieces(self, snapshot: Snapshot) -> dict[int, PieceVerdict]:
        """The verdict on each piece alone, whatever the whole says. For tests and the tools that hold both together."""
        known = _Known()
        for section in snapshot.sections:
            for index in _judged_pieces(snapshot, section):
                await self._judge(snapshot, known, [index], Lane.BACKGROUND)
        found = ((index, known.get(piece)) for index, piece in enumerate(snapshot.layout.pieces))
        return {index: verdict for index, verdict in found if verdict is not None}

    def forget(self, uri: str) -> None:
        """Called when a document is closed."""
        self._known.pop(uri, None)

    async def _verdict(self, snapshot: Snapshot, lane: Lane, *, touched_only: bool) -> Verdict:
        if not snapshot.is_laid_out and len(snapshot.document.data) > _SMALL:
            await asyncio.to_thread(lambda: snapshot.layout)  # up to a second, in which the editor may ask other things
        known = self._carry(snapshot)
        if not touched_only:
            known.forget_the_fleeting()
            # A dialect's name that was only half typed is not looked for ever after.
            known.dialects = {one for one in known.dialects if one.encode() + b"." in snapshot.document.data}
        try:
            return await self._sections(snapshot, known, lane, touched_only=touched_only)
        except Outdated:
            return Verdict(self._engine)  # an edit ended it; nobody waits for it

    async def _sections(self, snapshot: Snapshot, known: _Known, lane: Lane, *, touched_only: bool) -> Verdict:
        findings, failures, unregistered = list[Finding](), list[Failure](), list[Unregistered]()
        accepted: set[int] = set()
        complete, trouble = True, ""
        for index, section in enumerate(snapshot.sections):
            if section.first == section.last:
                accepted.add(index)
                continue
            if touched_only and len(section.span) > _SMALL:
                result = await self._touched(snapshot, known, index, section, lane)
            else:
                result = await self._section(snapshot, known, index, section, lane)
            findings += result.findings
            failures += result.failures
            unregistered += result.unregistered
            complete = complete and result.complete
            trouble = trouble or result.trouble
            if result.accepted:
                accepted.add(index)
            if result.trouble or not snapshot.is_current:
                complete = False
                break
        return Verdict(
            self._engine,
            tuple(findings),
            tuple(unregistered),
            tuple(failures),
            frozenset(accepted),
            _proven(snapshot, known),
            complete,
            trouble,
        )

    async def _section(
        self, snapshot: Snapshot, known: _Known, number: int, section: Section, lane: Lane
    ) -> _SectionResult:
        """A section as a whole, and piece by piece when that is refused."""
        result = _SectionResult()
        answer, module = await self._whole(snapshot, known, section, lane, result)
        if result.trouble:
            return result
        pieces = _judged_pieces(snapshot, section)
        if answer.outcome is Outcome.ACCEPTED and not module.left_out:
            for index in pieces:
                # Where something was replaced, the piece is not known to be right as it stands.
                same = index not in module.replaced
                known.put(snapshot.layout.pieces[index], _ACCEPTED if same else PieceVerdict(Outcome.ACCEPTED))
            result.complete = True
            if not module.replaced:
                result.findings += await self._locations(snapshot, section, module, lane, result)
                result.accepted = not result.findings
        else:
            start = snapshot.layout.starts[section.first]
            located = _relevant(snapshot, module, locating.located(module, answer))
            # What the engine says of no place in the text it says of the module.
            result.findings += [one if one.offset is not None else replace(one, offset=start) for one in located]
            result.trouble = await self._judge(snapshot, known, pieces, lane)
            _collect(snapshot, known, number, pieces, result)
            if answer.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT) and not result.failures:
                result.failures.append(Failure(answer.outcome, answer.detail, number, None))
        result.unregistered += _first_uses(snapshot, known, section, result.unregistered)
        return result

    async def _whole(
        self, snapshot: Snapshot, known: _Known, section: Section, lane: Lane, result: _SectionResult
    ) -> tuple[Answer, ModuleText]:
        """Sends a section, again without its operations for each dialect that turns out to be unregistered."""
        while True:
            dialects, spelling = frozenset(known.dialects), await self._spelling()
            if len(section.span) > _SMALL:
                # The first time, every piece is searched for locations: nothing for the event loop.
                module = await asyncio.to_thread(modules.whole, snapshot, section, dialects, spelling)
            else:
                module = modules.whole(snapshot, section, dialects, spelling)
            answer = await self._pool.run(Request(module.text), lane=lane)
            if self._heard(answer, result, spelling):
                continue
            if answer.outcome is not Outcome.REJECTED or len(known.dialects) >= _MOST_DIALECTS:
                return answer, module
            if not _learn(snapshot, known, module, answer, result):
                return answer, module

    async def _locations(
        self, snapshot: Snapshot, section: Section, module: ModuleText, lane: Lane, result: _SectionResult
    ) -> list[Finding]:
        """What is wrong with the locations of a section that is right without them."""
        written = section.span.of(snapshot.document.data)
        if b"loc" not in written or (text := module.with_locations(written)) == module.text:
            return []
        answer = await self._pool.run(Request(text), lane=lane)
        if self._heard(answer, result, module.spelling) or answer.outcome is not Outcome.REJECTED:
            return []
        return [one for one in locating.located(module, answer) if one.offset is not None]

    async def _touched(
        self, snapshot: Snapshot, known: _Known, number: int, section: Section, lane: Lane
    ) -> _SectionResult:
        """The pieces of a large section that nothing is known of, unless they are many."""
        result = _SectionResult()
        pieces = _judged_pieces(snapshot, section)
        unknown = [index for index in pieces if known.get(snapshot.layout.pieces[index]) is None]
        if len(unknown) <= _MOST_TOUCHED:
            result.trouble = await self._judge(snapshot, known, unknown, lane)
        _collect(snapshot, known, number, pieces, result)
        result.unregistered += _first_uses(snapshot, known, section, result.unregistered)
        return result

    async def _judge(self, snapshot: Snapshot, known: _Known, pieces: list[int], lane: Lane) -> str:
        """Makes sure that there is a verdict on each piece; gives the trouble that prevented it, or nothing."""
        unknown = [index for index in pieces if known.get(snapshot.layout.pieces[index]) is None]
        waiting = list(reversed(_groups(snapshot, unknown)))
        while waiting and snapshot.is_current:
            group = waiting.pop()
            result = _SectionResult()
            verdict = await self._group(snapshot, known, group, lane, result)
            if result.trouble:
                return result.trouble
            if len(group) > 1 and verdict.outcome is not Outcome.ACCEPTED:
                middle = len(group) // 2
                waiting += (group[middle:], group[:middle])
                continue
            for index in group:
                known.put(snapshot.layout.pieces[index], verdict)
        return ""

    async def _group(
        self, snapshot: Snapshot, known: _Known, pieces: list[int], lane: Lane, result: _SectionResult
    ) -> PieceVerdict:
        """The verdict on some pieces of one module together; findings are those of the piece, if it is one."""
        while True:
            spelling = await self._spelling()
            module = modules.some(snapshot, pieces, frozenset(known.dialects), spelling)
            if module is None:
                return PieceVerdict(None)
            answer = await self._pool.run(Request(module.text), lane=lane)
            if self._heard(answer, result, spelling):
                continue
            if answer.outcome is Outcome.ACCEPTED and not module.replaced:
                return _ACCEPTED
            if answer.outcome is not Outcome.REJECTED:
                return PieceVerdict(answer.outcome, detail=answer.detail, is_lasting=answer.repeatable)
            learned = _SectionResult()
            if len(known.dialects) < _MOST_DIALECTS and _learn(snapshot, known, module, answer, learned):
                continue
            if learned.unregistered:
                return PieceVerdict(None)  # a type or attribute of an unknown dialect: the rest cannot be read
            start = snapshot.layout.starts[pieces[0]]
            found = [f for f in _relevant(snapshot, module, locating.located(module, answer)) if f.offset is not None]
            found = [one for one in found if not _is_of_another_piece(snapshot, pieces[0], one)]
            if not found:
                return PieceVerdict(None)  # the error is in what stands for other pieces
            return PieceVerdict(Outcome.REJECTED, tuple(_shifted(finding, -start) for finding in found))

    async def _spelling(self) -> Spelling:
        """What the engine reads; waits until it is loaded, as for an answer. "none" when there is none."""
        if self._engine is not None:
            return self._engine.spelling
        return (await self._pool.ready()).spelling

    def _heard(self, answer: Answer, result: _SectionResult, spelling: Spelling) -> bool:
        """Notes which engine answered, or why none did; gives whether it reads another spelling than it was sent."""
        if answer.outcome is Outcome.UNAVAILABLE:
            result.trouble = answer.detail
            return False
        if self._engine != answer.engine:
            # Another engine judges otherwise: nothing that the last one said holds.
            if self._engine is not None:
                for known in self._known.values():
                    known.verdicts.clear()
                    known.dialects.clear()
            self._engine = answer.engine
        return answer.engine.spelling != spelling

    def _carry(self, snapshot: Snapshot) -> _Known:
        """What is known of the document, without what the last edit put in question: pieces that are gone, and pieces
        that see another one which now looks different.
        """
        known = self._known.setdefault(snapshot.uri, _Known())
        if known.pieces is snapshot.layout.pieces:
            return known
        before, known.pieces = known.pieces, snapshot.layout.pieces
        if known.verdicts:
            carry.keep(known.verdicts, before, known.pieces)
        return known


def _judged_pieces(snapshot: Snapshot, section: Section) -> list[int]:
    """The pieces of a section that have a verdict of their own."""
    pieces = snapshot.layout.pieces
    kinds = (PieceKind.ITEM, PieceKind.ALIAS)
    return [index for index in range(section.first, section.last) if pieces[index].kind in kinds]


def _learn(snapshot: Snapshot, known: _Known, module: ModuleText, answer: Answer, result: _SectionResult) -> bool:
    """Whether the answer names an unregistered dialect that was new, and that sending again may get past."""
    again = False
    for finding in locating.located(module, answer):
        dialect, token = locating.unregistered(snapshot, finding)
        if dialect is None:
            continue
        if token is not None:
            result.unregistered.append(Unregistered(dialect, *token))
        elif dialect not in known.dialects:
            known.dialects.add(dialect)
            again = True
    return again


def _first_uses(snapshot: Snapshot, known: _Known, section: Section, found: list[Unregistered]) -> list[Unregistered]:
    """The first operation of each unregistered dialect in a section, but for dialects already found there."""
    uses: list[Unregistered] = []
    for dialect in sorted(known.dialects - {one.dialect for one in found}):
        prefix = dialect.encode() + b"."
        for index in range(section.first, section.last):
            piece = snapshot.layout.pieces[index]
            if piece.kind is not PieceKind.ITEM or not piece.mentions(prefix):
                continue
            named = (operation for operation in piece.tree.walk() if operation.name.startswith(dialect + "."))
            if (operation := next(named, None)) is not None:
                span = snapshot.span_in(index, operation.name_span)
                uses.append(Unregistered(dialect, span.start, len(span)))
                break
    return uses


def _proven(snapshot: Snapshot, known: _Known) -> frozenset[int]:
    """The pieces that have been accepted and hold nothing that was replaced on the way."""
    return frozenset(index for index, piece in enumerate(snapshot.layout.pieces) if known.get(piece) is _ACCEPTED)


def _groups(snapshot: Snapshot, pieces: list[int]) -> list[list[int]]:
    """`pieces` in groups of one module each, of bounded size."""
    groups: list[list[int]] = []
    size, scope = 0, -1
    for index in pieces:
        length = len(snapshot.layout.pieces[index].text)
        here = snapshot.scopes.of_piece[index]
        if not groups or here != scope or size + length > _GROUP_BYTES or len(groups[-1]) >= _GROUP_PIECES:
            groups.append([])
            size, scope = 0, here
        groups[-1].append(index)
        size += length
    return groups


def _collect(snapshot: Snapshot, known: _Known, number: int, pieces: list[int], result: _SectionResult) -> None:
    """Adds what is known of each piece to a result."""
    result.complete = True
    for index in pieces:
        verdict = known.get(snapshot.layout.pieces[index])
        if verdict is None or verdict.outcome is None:
            result.complete = result.complete and verdict is not None
            continue
        start = snapshot.layout.starts[index]
        result.findings += [_shifted(finding, start, piece=index) for finding in verdict.findings]
        if verdict.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT):
            result.failures.append(Failure(verdict.outcome, verdict.detail, number, index))


def _shifted(finding: Finding, delta: int, *, piece: int | None = None) -> Finding:
    """A finding with its places moved: from the document into a piece, or back."""
    notes = tuple((message, None if at is None else at + delta) for message, at in finding.notes)
    offset = None if finding.offset is None else finding.offset + delta
    return Finding(finding.problem, offset, notes, piece if piece is not None else finding.piece)


def _relevant(snapshot: Snapshot, module: ModuleText, findings: list[Finding]) -> list[Finding]:
    """Findings that say something of the text as it is written.

    Not those about an unregistered dialect, which are reported apart, nor those that come from replaced operations: at
    one, around one, or at a use of its results.
    """
    found = [finding for finding in findings if locating.unregistered(snapshot, finding)[0] is None]
    causes = [finding for finding in found if not _CONSEQUENCE.search(finding.problem.message)]
    # Of several errors at one place the first is the cause.
    found = list({finding.offset: finding for finding in reversed(causes or found)}.values())[::-1]
    return [finding for finding in found if not (module.replaced and _is_artefact(snapshot, module, finding))]


def _is_of_another_piece(snapshot: Snapshot, index: int, finding: Finding) -> bool:
    """Whether a value that is said not to be defined is the result of another operation at the top."""
    if finding.offset is None or _UNDECLARED not in finding.problem.message:
        return False
    layout, start = snapshot.layout, snapshot.offset(index)
    tokens = layout.pieces[index].tree.tokens
    token = tokens.at(max(finding.offset - start, 0))
    word = tokens.word(token) if token is not None else b""
    return any(
        _result_word(operation, result.token) == word
        for number, piece in enumerate(layout.pieces)
        if number != index and piece.text.startswith(b"%") and snapshot.scope_of(number) is snapshot.scope_of(index)
        for operation in piece.tree.operations
        for result in operation.results
    )


def _is_artefact(snapshot: Snapshot, module: ModuleText, finding: Finding) -> bool:
    if finding.offset is None:
        return False
    message = finding.problem.message
    index = snapshot.layout.index_at(finding.offset)
    replaced = module.replaced.get(index, ()) if index is not None else ()
    if index is None or not replaced:
        return False
    operation = snapshot.layout.pieces[index].tree.operation_at(finding.offset - snapshot.offset(index))
    if operation is None:
        return False
    if any(one.span.covers(operation.span) for one in replaced):
        return True
    if _UNDECLARED in message:
        return False  # the results of what was replaced are declared
    if any(operation.span.covers(one.span) for one in replaced):
        return True
    if "type" not in message:
        return False  # only the types that we gave the results can be wrong
    names = {_result_word(one, result.token) for one in replaced for result in one.results}
    tokens = operation.tree.tokens
    return any(tokens.kinds[i] == Kind.VALUE and tokens.word(i) in names for i in operation.own_tokens())


def _result_word(operation: Operation, token: int) -> bytes:
    return operation.tree.tokens.word(token)
