"""Diagnostics: syntax, our checks and the engine's verdict as one list, in which each mistake stands once."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from enzyme_lsp import checks
from enzyme_lsp.checks import EXPLAINS, deep_verdict, engine_verdict, syntax_problems
from enzyme_lsp.checks.diagnostic import Diagnostic, Note, Severity
from enzyme_lsp.lowering.passes import TABLE, Passes
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.deep import NOTHING_DEEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enzyme_lsp.verification.deep import DeepVerdict, Judgement
    from enzyme_lsp.verification.verdict import Verdict
    from enzyme_lsp.workspace.snapshot import Snapshot

_FAR_REACHING = frozenset(
    {"generic-operands", "missing-operation", "unclosed-bracket", "unmatched-bracket", "unterminated-string"}
)
"""Syntax problems that make a parser stumble lines later."""
_ENDS = re.compile(r"expected operation name in quotes|is defined a second time|expected '}'")
"""What a parser says at the end of a text in which a brace is missing, or at the next function, then inside."""
_MANY = 1_000
"""Pieces that take so long to look at for the first time that the engine's verdict on the whole comes sooner."""
_PARSER_CODES = frozenset(
    {
        "engine-error",
        "invalid-syntax",
        "missing-terminator",
        "redefinition",
        "result-count",
        "undeclared-value",
        "unknown-operation",
    }
)
"""What an engine's parser says, which stops there, so that a broken bracket may be all that is behind it."""


_FORETOLD = frozenset(
    {
        "batch-body",
        "calls-declaration",
        "complex-gradient",
        "derivative-of-derivative",
        "memory-call",
        "no-derivative-rule",
        "wide-constant",
        "wide-memory",
    }
)
"""What our checks foretell of the pass; where it has run, what it said counts."""
_DEEPEST = 16
"""How many ops before a place are looked at for the one that it is in."""


def diagnostics(
    snapshot: Snapshot,
    verdict: Verdict | None,
    deep: DeepVerdict = NOTHING_DEEP,
    lowered: Sequence[Diagnostic] = (),
    passes: Passes = TABLE,
) -> tuple[Diagnostic, ...]:
    """All diagnostics of a snapshot, sorted by place.

    `verdict` must be of this snapshot; None while no engine has answered, which leaves syntax and our checks. A section
    that the engine accepted as it stands has no syntax problem, whatever our parser thinks. `deep`, of this snapshot
    too, is what an engine has said of differentiation ops by now. `lowered` is what came of lowering the snapshot,
    which is left out where an error is shown anyway. `passes` are those of the engine, where the verdict does not tell.
    """
    if not snapshot.settings.diagnostics.enabled:
        return ()
    if snapshot.is_bytecode:
        return (on_one_line(snapshot, syntax_problems.no_text(snapshot)),)
    syntax = list(syntax_problems.check(snapshot, _unproven(snapshot, verdict)))
    if verdict is not None and verdict.engine is not None and verdict.engine.catalogue is not None:
        passes = Passes(verdict.engine.catalogue)
    ours = list(checks.found(snapshot, passes))
    theirs = list(engine_verdict.diagnose(snapshot, verdict)) if verdict else []
    known = _Known(snapshot, syntax, ours)
    kept = [*syntax, *ours, *_once_a_place({one for one in theirs if not known.says(one)})]
    if deep.judgements:
        deep = _of_right_ops(deep, kept)
        kept = _Settled(snapshot, deep).merged(kept)
    errors = {one.span.start for one in kept if one.severity is Severity.ERROR}
    kept += [one for one in lowered if one.span.start not in errors]
    return tuple(sorted({on_one_line(snapshot, one) for one in kept}))


def _of_right_ops(deep: DeepVerdict, found: Sequence[Diagnostic]) -> DeepVerdict:
    """The deep verdict without what it says of ops that have an error: that comes first."""
    errors = sorted(one.span.start for one in found if one.severity is Severity.ERROR)

    def is_right(span: Span) -> bool:
        at = bisect_left(errors, span.start)
        return at == len(errors) or errors[at] > span.end

    return replace(deep, judgements=tuple(one for one in deep.judgements if is_right(one.span)))


class _Settled:
    """Where an engine has been through with differentiation, so that nothing is left to foretell."""

    def __init__(self, snapshot: Snapshot, deep: DeepVerdict) -> None:
        self._snapshot = snapshot
        self._deep = deep
        self._ops = sorted(deep.judgements, key=lambda judgement: judgement.span.start)
        self._starts = [judgement.span.start for judgement in self._ops]
        lowered, others = set[int](), set(deep.open)
        for judgement in deep.judgements:
            (lowered if judgement.is_certain else others).update(judgement.needs)
        self._callees = lowered - others

    def merged(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """`found` and what the engine says, without what our checks have foretold of the ops that it has lowered.

        What was foretold of an op that is refused tells why, and is a note of what the engine says. What was foretold
        of one that crashes the engine stays instead of that, since the engine does not say why.
        """
        kept: list[Diagnostic] = []
        reasons: dict[Span, list[Note]] = {}
        for one in found:
            op = self._op(one.span) if one.code in _FORETOLD else None
            if op is not None:
                reasons.setdefault(op.span, []).append(Note(one.message, one.span))
            if one.code not in _FORETOLD or not self._covers(one):
                kept.append(one)
        for one in deep_verdict.diagnose(self._snapshot, self._deep):
            op = self._op(one.span) if one.code != deep_verdict.NO_DERIVATIVE else None
            notes = () if op is None else reasons.get(op.span, ())
            if not notes or one.code != deep_verdict.CRASH:
                kept.append(replace(one, notes=(*one.notes, *notes)))
        return kept

    def _covers(self, one: Diagnostic) -> bool:
        """Whether every op that the finding is about has been lowered, or refused with a reason."""
        if (op := self._op(one.span)) is not None:
            return op.is_certain
        index = self._snapshot.layout.index_near(one.span.start)
        return index is not None and id(self._snapshot.layout.pieces[index]) in self._callees

    def _op(self, span: Span) -> Judgement | None:
        """The innermost op that a span is in. Ops nest in the regions of others, and not deeply."""
        last = bisect_right(self._starts, span.start)
        near = self._ops[max(0, last - _DEEPEST) : last]
        return next((judgement for judgement in reversed(near) if judgement.span.covers(span)), None)


def _unproven(snapshot: Snapshot, verdict: Verdict | None) -> list[int] | None:
    """The pieces that no engine has accepted as they stand; None when that is all of them."""
    if verdict is None or verdict.trouble:
        return None
    found: list[int] = []
    for number, section in enumerate(snapshot.sections):
        if number not in verdict.accepted:
            found += [index for index in range(section.first, section.last) if index not in verdict.proven]
    if not verdict.complete and len(found) > _MANY:
        return []
    return found


class _Known:
    """What we have found ourselves, so that an engine's word for the same mistake can be left out."""

    def __init__(self, snapshot: Snapshot, syntax: list[Diagnostic], ours: list[Diagnostic]) -> None:
        self._snapshot = snapshot
        self._syntax: dict[int, list[Diagnostic]] = {}
        self._ours: dict[int, list[Diagnostic]] = {}
        for by_piece, found in ((self._syntax, syntax), (self._ours, ours)):
            for one in found:
                by_piece.setdefault(self._piece(one.span.start), []).append(one)

    def says(self, theirs: Diagnostic) -> bool:
        if theirs.severity is not Severity.ERROR:
            return False
        piece = self._piece(theirs.span.start)
        if _ENDS.search(theirs.message) and self._is_in_open_module(piece):
            return True
        if any(self._same_operation(piece, one, theirs) for one in self._ours.get(piece, ())):
            return True
        return theirs.code in _PARSER_CODES and any(self._led_to(one, theirs) for one in self._syntax.get(piece, ()))

    def _is_in_open_module(self, piece: int) -> bool:
        """Whether a module of the section is never closed, which is said already."""
        section = self._snapshot.scope_of(piece).section
        return any(self._snapshot.scope_of(opened).section == section for opened in self._snapshot.scopes.unclosed)

    def _same_operation(self, piece: int, ours: Diagnostic, theirs: Diagnostic) -> bool:
        if theirs.code not in EXPLAINS[ours.code]:
            return False
        if theirs.code == "redefinition":
            return ours.message == theirs.message or ours.span.overlaps(theirs.span)
        start, tree = self._snapshot.offset(piece), self._snapshot.layout.pieces[piece].tree
        operation = tree.operation_at(theirs.span.start - start)
        return operation is not None and operation is tree.operation_at(ours.span.start - start)

    def _led_to(self, syntax: Diagnostic, theirs: Diagnostic) -> bool:
        """Whether a parser that met the syntax problem may well say the other for it."""
        lines, data = self._snapshot.document.lines, self._snapshot.document.data
        if lines.position(syntax.span.start, "utf-8").line0 == lines.position(theirs.span.start, "utf-8").line0:
            return True
        # A parser stumbles behind what it could not read, never before it.
        if syntax.code not in _FAR_REACHING or theirs.span.start < syntax.span.start:
            return False
        # A brace that is never closed does not keep it from reading what is behind: only where that ends it stumbles.
        return data[syntax.span.start : syntax.span.end] != b"{" or _ENDS.search(theirs.message) is not None

    def _piece(self, offset: int) -> int:
        return self._snapshot.layout.index_near(offset) or 0


def on_one_line(snapshot: Snapshot, one: Diagnostic) -> Diagnostic:
    """The diagnostic with its span cut at the end of its first line: editors underline what is longer as a block."""
    lines = snapshot.document.lines
    line = lines.line_span(lines.position(one.span.start, "utf-8").line0)
    if one.span.end <= line.end:
        return one
    return replace(one, span=Span(one.span.start, max(line.end, one.span.start)))


def _once_a_place(found: set[Diagnostic]) -> list[Diagnostic]:
    """Without the same message twice on one span, as when a piece and its module report it."""
    seen: set[tuple[Span, str, str]] = set()
    kept: list[Diagnostic] = []
    for one in sorted(found):
        key = (one.span, one.code, one.message)
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept
