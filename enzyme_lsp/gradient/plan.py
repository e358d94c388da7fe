"""Plan: the differentiation ops of a document that can be held against differences, and why the others cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives.subject import FUNCTIONS
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.alignment import mismatches
from enzyme_lsp.dialect.bodies import has_body
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.gradient.forms import Form, form
from enzyme_lsp.gradient.refusal import RefusedError
from enzyme_lsp.syntax import symbols
from enzyme_lsp.verification.deep_modules import Question, Questions, Stretch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.engines.api import Spelling
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

DERIVATIVE: Final = "enzyme_lsp_alone"
"""The function around the op in the module that is lowered, as `deep_modules` names it."""
PRIMAL: Final = "enzyme_lsp_primal"

_HAS_SHADOW: Final = (Activity.DUP, Activity.DUP_NO_NEED)
_HAS_GRADIENT: Final = (Activity.ACTIVE, Activity.ACTIVE_NO_NEED)
_ONE_MODULE: Final = 1


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of the callee. `is_varied`: the derivative by it is asked for."""

    name: str
    form: Form
    is_varied: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An operand or result of the op: its role, and the argument or result of the callee that it belongs to."""

    role: Role
    side: Side
    index: int
    form: Form


@dataclass(frozen=True, slots=True)
class Case:
    """An op that can be checked. `offset` is the byte of its name in the document, `text` the module that is lowered.

    `seeded` are the results of the callee that the derivative is taken of, and `memory` the arguments whose memory is
    one of those too.
    """

    op: str
    callee: str
    mode: Mode
    width: int
    offset: int
    arguments: tuple[Argument, ...]
    results: tuple[Form, ...]
    operands: tuple[Place, ...]
    given: tuple[Place, ...]
    seeded: tuple[int, ...]
    memory: tuple[int, ...]
    text: bytes
    pipelines: tuple[str, ...]
    """The passes that differentiate it, those first that are needed for what its callee differentiates."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An op that cannot be, and why, in words that end a sentence."""

    op: str
    callee: str
    mode: Mode
    offset: int
    reason: str


def cases(snapshot: Snapshot, spelling: Spelling, functions: Collection[str] = ()) -> Iterator[Case | Unchecked]:
    """The ops of a document in order; with `functions`, those that differentiate one of these or stand in one."""
    questions = Questions(snapshot, spelling)
    for piece, readings in snapshot.readings():
        asked = None
        for number, reading in enumerate(readings):
            if reading.mode is Mode.BATCH or not _is_wanted(snapshot, piece, reading, functions):
                continue
            asked = asked or questions.of_piece(piece)
            call = reading.call
            offset = snapshot.offset(piece) + call.name_span.start
            callee = call.callee or ""
            try:
                question = asked[number]
                if not isinstance(question, Question):
                    raise RefusedError(question.reason)
                yield _case(snapshot, piece, reading, question, offset)
            except RefusedError as refused:
                yield Unchecked(call.op.name, callee, reading.mode, offset, str(refused))


def _is_wanted(snapshot: Snapshot, piece: int, reading: Reading, functions: Collection[str]) -> bool:
    if not functions or reading.call.callee in functions:
        return True
    inner = reading.call.operation.span
    for operation, _ in symbols.with_tables(snapshot.layout.pieces[piece].tree):
        if operation.name in FUNCTIONS and operation.span.covers(inner):
            defined = symbols.definition(operation)
            if defined is not None and defined.name in functions:
                return True
    return False


def _case(snapshot: Snapshot, piece: int, reading: Reading, question: Question, offset: int) -> Case:
    function, slots, call = reading.function, reading.slots, reading.call
    if not call.op.names_callee:
        raise RefusedError("what it differentiates is a region and not a function; outline it first")
    if function is None or slots is None or reading.activities is None or reading.return_activities is None:
        raise RefusedError("what it takes and gives cannot be told; `enzyme-lsp check` says why")
    if reading.operands is None or reading.results is None or _differs(reading):
        raise RefusedError("its operands or results are not those that its activities ask for")
    if reading.definition is None or not has_body(reading.definition):
        raise RefusedError(f"@{call.callee} is only declared, so that there is nothing to run")
    if call.table is not None or _depth(snapshot, piece) > _ONE_MODULE:
        raise RefusedError("it stands in a module inside another one")
    names = [one.name for one in reading.signature.arguments] if reading.signature is not None else []
    reverse, width = reading.mode is Mode.REVERSE, reading.width or 1
    arguments: list[Argument] = []
    for index, (type_, activity) in enumerate(zip(function.arguments, reading.activities, strict=True)):
        made = form(type_)
        # A gradient by a number that is `dup` is thrown away in reverse mode: there is nowhere to add it.
        has_derivative = activity in _HAS_SHADOW if not reverse or made.is_memory else activity in _HAS_GRADIENT
        name = names[index] if index < len(names) and names[index] else f"argument {index}"
        arguments.append(Argument(name, made, has_derivative and made.is_float))
    results = tuple(form(type_) for type_ in function.results)
    wanted = _HAS_GRADIENT if reverse else _HAS_SHADOW
    seeded = tuple(
        index
        for index, activity in enumerate(reading.return_activities)
        if activity in wanted and results[index].is_float
    )
    memory = tuple(index for index, one in enumerate(arguments) if one.form.is_memory and one.is_varied)
    if not any(one.is_varied for one in arguments) or not (seeded or memory):
        raise RefusedError("it gives no derivative of a number by a number")
    if width > 1 and any(one.form.is_memory for one in arguments if one.is_varied):
        raise RefusedError(f"memory that is differentiated has no form at width {width}")
    if not all(type_.is_static for type_ in function.results):
        raise RefusedError("what its function gives does not say how many numbers it has")
    if any(result.is_memory for result in results):
        raise RefusedError("its function gives memory back, which may be any")
    if reverse and any(one.form.is_complex for one in arguments if one.is_varied):
        raise RefusedError("in reverse mode it is not settled what a gradient by a complex number is")
    text = _with_primal(question, call.callee or "", function.arguments, function.results, is_llvm=function.is_llvm)
    remedy = question.remedy(text)
    parts = [part for slot in slots.results for part in (slot.parts or (slot,))]
    return Case(
        call.op.name,
        call.callee or "",
        reading.mode,
        width,
        offset,
        tuple(arguments),
        results,
        tuple(_place(slot) for slot in slots.operands),
        tuple(_place(slot) for slot in parts),
        seeded,
        memory,
        text,
        (remedy, question.pipeline) if remedy else (question.pipeline,),
    )


def _differs(reading: Reading) -> bool:
    slots, operands, results = reading.slots, reading.operands or (), reading.results or ()
    if slots is None or len(slots.operands) != len(operands) or len(slots.results) != len(results):
        return True
    return bool(mismatches(slots.operands, operands) + mismatches(slots.results, results))


def _place(slot: Slot) -> Place:
    if slot.type is None:
        raise RefusedError("the types of its operands and results cannot be told")
    return Place(slot.role, slot.side, slot.index, form(slot.type))


def _depth(snapshot: Snapshot, piece: int) -> int:
    """How many modules a piece stands in."""
    scopes, found = snapshot.scopes.scopes, 0
    index: int | None = snapshot.scopes.of_piece[piece]
    while index is not None:
        found += scopes[index].open is not None
        index = scopes[index].parent
    return found


def _with_primal(
    question: Question, callee: str, taken: tuple[Type, ...], given: tuple[Type, ...], *, is_llvm: bool
) -> bytes:
    """The module of a question, with a function beside that of the op which calls the callee itself."""
    chunks = [chunk.text if isinstance(chunk, Stretch) else chunk for chunk in question.chunks]
    alone = next(number for number, one in enumerate(question.chunks) if isinstance(one, Stretch) and not one.part)
    types_in, types_out = (", ".join(map(str, types)) for types in (taken, given))
    arguments = ", ".join(f"%a{number}: {type_}" for number, type_ in enumerate(taken))
    values = ", ".join(f"%a{number}" for number in range(len(taken)))
    results = ", ".join(f"%r#{number}" for number in range(len(given)))
    call = f'{"llvm" if is_llvm else "func"}.call @"{callee}"({values}) : ({types_in}) -> ({types_out})'
    lines = [
        f'func.func @"{PRIMAL}"({arguments}) -> ({types_out}) {{',
        f"  %r:{len(given)} = {call}" if given else f"  {call}",
        f"  func.return {results} : {types_out}" if given else "  func.return",
        "}",
        "",
    ]
    # Behind the function of the op, which two chunks make with it.
    chunks.insert(alone + 2, "\n".join(lines).encode())
    return b"".join(chunks)
