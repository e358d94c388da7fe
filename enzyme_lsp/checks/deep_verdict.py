"""What an engine says when it lowers a differentiation op, as diagnostics: in the callee where that is at fault.

Several ops may lead to one operation without a derivative; it gets one diagnostic, and each of them is a note of it.
Everything else is said at the differentiation op.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, Severity
from enzyme_lsp.checks.engine_verdict import source
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.engines.api import Identity
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.deep import DeepVerdict, Judgement, Problem
    from enzyme_lsp.workspace.snapshot import Snapshot

NO_DERIVATIVE: Final = "no-derivative"
REFUSED: Final = "derivative-refused"
OTHER_PASSES: Final = "derivative-passes"
CRASH: Final = "derivative-crash"
TIMEOUT: Final = "derivative-timeout"
CODES: Final = frozenset({NO_DERIVATIVE, REFUSED, OTHER_PASSES, CRASH, TIMEOUT})

_MOST_NOTES: Final = 8

_NO_ADJOINT: Final = re.compile(
    r"could not compute the adjoint for this operation\s+(?:%[^=\n]*=\s*)?\"(?P<op>[^\"\n]+)\""
)
_NO_BODY: Final = re.compile(
    r"cannot differentiate a (?P<call>call to a )?function without a body.*\"(?P<name>[^\"\n]+)\"$"
)
_CONSEQUENCE: Final = re.compile(r"failed to create \w+-mode \w+ for callee")
_DECLARATION: Final = re.compile(r"last words: (?:func\.func private|llvm\.func) @(?:\"([^\"\n]+)\"|([\w.$-]+))\(")
_GENERATED: Final = re.compile(r"'[^']+' op |type of return operand |operand #\d+ does not dominate ")
"""How messages begin that speak of operations which Enzyme has made, at the place of the one that they were made for."""
_OPERAND_TYPE: Final = re.compile(
    r"op operand type mismatch(?:: expected operand type '(?P<wanted>.*)', but provided '(?P<given>.*)' for operand number"
    r" (?P<number>\d+)| for operand (?P<number2>\d+): '(?P<given2>.*)' != '(?P<wanted2>.*)')"
)
_RESULT_TYPE: Final = re.compile(
    r"type of return operand (?P<number>\d+) \('(?P<given>.*)'\) doesn't match function result type \('(?P<written>.*)'\)"
)

_NAMED: Final = (
    ("remove-unnecessary-enzyme-ops", b"postpasses"),
    ("arith-raise", b"arith-raise"),
    ("enzyme-batch", b"enzyme-batch"),
)
"""What stands in a remedy, and what in a file that knows of it."""

_SENTENCES: Final = tuple(
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (r"^Too few arguments to", "its activities ask for more operands than it has"),
        (
            r"^Incorrect number of argument activities.*expected (?P<wanted>\d+) found (?P<found>\d+)\s*$",
            "`activity` lists {found} activities where {wanted} are expected",
        ),
        (
            r"^Incorrect number of result activities.*expected (?P<wanted>\d+) found (?P<found>\d+)\s*$",
            "`ret_activity` lists {found} activities where {wanted} are expected",
        ),
        (
            r"^Incorrect number of results for enzyme operation",
            "its activities give another number of results than it has",
        ),
        (
            r"op incorrect number of operands for callee",
            "its activities ask for another number of operands than it has",
        ),
        (
            r"^could not invert pointer v (?P<value>.*)$",
            "no shadow goes with {value}, which enzyme_dup would bring",
        ),
        (r"^'(?P<op>[^']+)' op created with unregistered dialect", "it makes {op}, whose dialect it has not loaded"),
        (r"^type does not have autodifftypeinterface: (?P<type>.*)$", "{type} has no derivative type"),
        (
            r"^SmallVector unable to grow",
            "it reads memory that it never wrote, as it does when the callee holds a scalar constant or memory",
        ),
        (
            r"^Unsupported constant arg to memory identity forward handler",
            "a value that is differentiated meets memory that is not: give that memory enzyme_dup and a shadow",
        ),
    )
)
"""What an engine says of the whole op, in words that can follow a colon."""


def diagnose(snapshot: Snapshot, deep: DeepVerdict) -> Iterator[Diagnostic]:
    """All that a deep verdict says of its snapshot."""
    missing: dict[tuple[Span, str], _Missing] = {}
    for judgement in deep.judgements:
        yield from _diagnose(snapshot, deep.engine, judgement, missing)
    for (span, _), one in missing.items():
        yield Diagnostic(
            span,
            Severity.ERROR,
            NO_DERIVATIVE,
            one.message(_name(deep.engine)),
            one.notes(snapshot),
            source(deep.engine),
        )


@dataclass(slots=True)
class _Missing:
    """An operation in a callee that an engine cannot differentiate, and the ops that lead there."""

    subject: str
    """The operation, when the engine says no more than that it has no derivative; else what it says."""
    is_operation: bool
    ops: list[Judgement] = field(default_factory=list["Judgement"])

    def message(self, engine: str) -> str:
        if not self.is_operation:
            return f"{engine} cannot differentiate this: {self.subject}"
        modes = {_mode(one) for one in self.ops}
        mode = f"{modes.pop()}-mode derivative" if len(modes) == 1 else "derivative"
        return f"{self.subject} has no {mode} in {engine}, and it takes part in what is differentiated here"

    def notes(self, snapshot: Snapshot) -> tuple[Note, ...]:
        shown = [Note(_leads_here(one), _op_span(snapshot, one)) for one in self.ops[:_MOST_NOTES]]
        if len(self.ops) > _MOST_NOTES:
            shown.append(Note(f"and {len(self.ops) - _MOST_NOTES} more operations lead here"))
        return tuple(shown)


def _diagnose(
    snapshot: Snapshot,
    engine: Identity | None,
    judgement: Judgement,
    missing: dict[tuple[Span, str], _Missing],
) -> Iterator[Diagnostic]:
    """What is said at the op itself; what is said in its callee goes to `missing`."""
    if judgement.is_clean:
        return
    if judgement.remedy:
        if not _names_passes(snapshot, judgement.remedy):
            yield _other_passes(snapshot, engine, judgement)
        return
    causes = [one for one in judgement.problems if not _CONSEQUENCE.match(one.message)] or judgement.problems
    inside = [one for one in causes if _is_missing(snapshot, judgement, one, missing)]
    rest = [one for one in causes if one not in inside]
    if judgement.outcome is Outcome.REJECTED:
        for one in rest[:1]:
            yield _refused(snapshot, engine, judgement, one)
        if not causes:
            yield _refused(snapshot, engine, judgement, None)
    elif not inside:
        yield _failed(snapshot, engine, judgement)


def _is_missing(
    snapshot: Snapshot, judgement: Judgement, problem: Problem, missing: dict[tuple[Span, str], _Missing]
) -> bool:
    """Whether a problem is one of an operation in the callee, which then is in `missing`."""
    if problem.offset is None:
        return False
    found = snapshot.operation_at(problem.offset)
    if found is None or found[1] is judgement.call.operation or _GENERATED.match(problem.message):
        return False
    index, operation = found
    span = snapshot.span_in(index, operation.name_span)
    said = _NO_ADJOINT.match(problem.message)
    if said is not None and (operation.name or "") != said["op"] and not said["op"].endswith("." + operation.name):
        return False  # Enzyme made it, and names the place of what it made it for.
    no_body = _NO_BODY.match(problem.message)
    if no_body is not None and not no_body["call"]:
        return False  # the callee itself: that is said where it is named
    if said is not None:
        subject = said["op"]
    elif no_body is not None:
        subject = f"@{no_body['name']} has no body"
    else:
        subject = _words(problem.message)
    one = missing.setdefault((span, subject), _Missing(subject, is_operation=said is not None))
    one.ops.append(judgement)
    return True


def _refused(snapshot: Snapshot, engine: Identity | None, judgement: Judgement, problem: Problem | None) -> Diagnostic:
    """An engine says no, and what it says is about the op."""
    span, words = _op_span(snapshot, judgement), "it does not say why"
    notes = list(_callee(snapshot, judgement))
    if problem is not None:
        span, words = _at_op(snapshot, judgement, problem)
        if problem.offset is not None and not problem.is_within and not _NO_BODY.match(problem.message):
            found = snapshot.operation_at(problem.offset)
            if found is not None:
                name = snapshot.span_in(found[0], found[1].name_span)
                notes.append(Note("what Enzyme makes of this is at fault", name))
    message = f"{_name(engine)} cannot lower this {judgement.call.op.name}: {words}"
    return Diagnostic(span, Severity.ERROR, REFUSED, message, tuple(notes), source(engine))


def _at_op(snapshot: Snapshot, judgement: Judgement, problem: Problem) -> tuple[Span, str]:
    """The part of the op that a message is about, and its words."""
    call, whole = judgement.call, _op_span(snapshot, judgement)
    if problem.is_within and (match := _OPERAND_TYPE.search(problem.message)) is not None:
        number = int(match["number"] or match["number2"])
        wanted, given = match["wanted"] or match["wanted2"], match["given"] or match["given2"]
        if number < len(call.operands):
            operand = call.operands[number]
            words = f"operand {number} ({operand.text}) must be {wanted} by the activities, and is {given}"
            return snapshot.span_in(judgement.piece, operand.span), words
    if problem.is_within and (match := _RESULT_TYPE.search(problem.message)) is not None:
        number, written = int(match["number"]), call.type.results if call.type else None
        if written is not None and number < len(written):
            words = f"result {number} is {match['given']} by the activities, and is written as {match['written']}"
            return snapshot.span_in(judgement.piece, written[number].span), words
    if (match := _NO_ADJOINT.match(problem.message)) is not None:
        return whole, f"{match['op']}, which Enzyme made on its way, has no derivative"
    if (match := _NO_BODY.match(problem.message)) is not None:
        return whole, f"@{match['name']} has no body"
    return whole, _words(problem.message)


def _names_passes(snapshot: Snapshot, remedy: str) -> bool:
    """Whether the file names what the remedy needs, as a `RUN:` line does: then it is known."""
    needed = [written for passes, written in _NAMED if passes in remedy]
    return all(written in snapshot.document.data for written in needed)


def _other_passes(snapshot: Snapshot, engine: Identity | None, judgement: Judgement) -> Diagnostic:
    """It depends on the passes: the plain ones fail, and better ones do not."""
    first = judgement.problems[0].message if judgement.problems else ""
    if first:
        said = _NO_ADJOINT.match(first)
        words = f": {said['op']} has no derivative" if said else f": {_words(first)}"
    else:
        words = ""
    fails = "fails" if judgement.outcome is Outcome.REJECTED else "crashes"
    message = f"`{judgement.pipeline}` of {_name(engine)} {fails} on this{words}; `{judgement.remedy}` accepts it"
    return Diagnostic(_op_span(snapshot, judgement), Severity.INFORMATION, OTHER_PASSES, message, (), source(engine))


def _failed(snapshot: Snapshot, engine: Identity | None, judgement: Judgement) -> Diagnostic:
    """The engine crashed, or did not end."""
    span, subject = _op_span(snapshot, judgement), _subject(judgement)
    if judgement.outcome is Outcome.TIMED_OUT:
        message = f"{_name(engine)} did not finish {subject}: {judgement.detail}"
        return Diagnostic(span, Severity.INFORMATION, TIMEOUT, message, (), source(engine))
    notes: list[Note] = []
    why = judgement.detail
    if (match := _DECLARATION.search(judgement.detail)) is not None:
        name = match[1] or match[2]
        why = f"@{name} has no body"
        notes += _uses(snapshot, judgement, name)
    elif judgement.problems:
        why = f"{_words(judgement.problems[0].message)} ({judgement.detail.partition(';')[0]})"
    message = f"{_name(engine)} crashes at {subject}: {why}"
    return Diagnostic(span, Severity.WARNING, CRASH, message, tuple(notes), source(engine))


def _words(message: str) -> str:
    """An engine's message as the end of a sentence, on one line."""
    for pattern, sentence in _SENTENCES:
        if (match := pattern.search(message.strip())) is not None:
            return sentence.format_map(match.groupdict())
    line = " ".join(message.split()).rstrip(".")
    return line if len(line) <= 200 else line[:197] + "..."


def _uses(snapshot: Snapshot, judgement: Judgement, name: str) -> Iterator[Note]:
    """Where a function without a body is declared, and where what is differentiated names it."""
    for index, piece in enumerate(snapshot.layout.pieces):
        if id(piece) not in judgement.needs or piece.kind is not PieceKind.ITEM or not piece.mentions(name.encode()):
            continue
        tokens = piece.tree.tokens
        for token, kind in enumerate(tokens.kinds):
            if kind == Kind.SYMBOL and symbols.symbol_name(tokens.word(token)) == name:
                word = f"@{name} is declared here" if piece.symbol == name else f"@{name} is used here"
                yield Note(word, snapshot.span_in(index, piece.tree.token_span(token)))


def _callee(snapshot: Snapshot, judgement: Judgement) -> Iterator[Note]:
    """The signature of the callee, and where it stands."""
    found = snapshot.callee(judgement.piece, judgement.call)
    if found is not None and found.signature is not None:
        yield Note(f"the callee: {found.signature}", found.signature.span.shifted(found.offset))


def _op_span(snapshot: Snapshot, judgement: Judgement) -> Span:
    return snapshot.span_in(judgement.piece, judgement.call.name_span)


def _leads_here(judgement: Judgement) -> str:
    return (
        f"{judgement.call.op.name} leads here" if judgement.call.callee is None else f"{_subject(judgement)} leads here"
    )


def _subject(judgement: Judgement) -> str:
    """What the engine was at, as a noun."""
    word = "the batch" if judgement.call.op.name == "enzyme.batch" else f"the {_mode(judgement)}-mode derivative"
    return f"{word} of {'this region' if judgement.call.callee is None else f'@{judgement.call.callee}'}"


def _mode(judgement: Judgement) -> str:
    return "forward" if judgement.call.op.name.startswith("enzyme.fwddiff") else "reverse"


def _name(engine: Identity | None) -> str:
    return str(engine) if engine is not None else "the engine"
