"""Whether a refactoring keeps what is right: the text that it makes has no error of ours, and the engine does it."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.features import code_actions
from enzyme_lsp.features.actions import (
    add_derivative,
    change_activity,
    drop_unused,
    extract_derivative,
    inline_region,
    outline_region,
    replace_by_derivative,
    return_primal,
    set_width,
    switch_mode,
)
from enzyme_lsp.features.actions.plan import plan_of
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.span import Span
from tests.differential import generate
from tests.differential.operations import Activity, Form
from tests.differential.oracle import Found, Kind, ignored_by, pipeline, refusal
from tests.differential.snapshots import snapshot_of
from tests.differential.written import all_asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.features.code_actions import Action
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot
    from tests.differential.operations import Case
    from tests.differential.oracle import Oracle

KINDS: Final = tuple(
    one.KIND
    for one in (
        switch_mode,
        change_activity,
        return_primal,
        set_width,
        drop_unused,
        extract_derivative,
        inline_region,
        outline_region,
        add_derivative,
        replace_by_derivative,
    )
)


class Made(Enum):
    """What came of one offer."""

    DISABLED = "shown with a reason why not"
    GOOD = "applied, and the engine does it"
    KNOWN = "applied, and the engine fails for a reason that only the body tells"
    WRONG = "applied, and we find an error"
    BAD = "applied, and the engine does not do it"
    NOT_BACK = "applied and undone by the action's own way back, and something else came of it"


@dataclass(frozen=True, slots=True)
class Applied:
    """One offer of one case."""

    case: Case
    before: str
    action: Action
    made: Made
    after: str = ""
    why: str = ""


@dataclass(slots=True)
class Tally:
    """What came of many offers, by their kinds."""

    cases: int = 0
    counts: Counter[tuple[str, Made]] = field(default_factory=Counter[tuple[str, Made]])
    reasons: Counter[str] = field(default_factory=Counter[str])
    bad: list[Applied] = field(default_factory=list[Applied])

    def add(self, one: Applied) -> None:
        self.counts[one.action.kind, one.made] += 1
        if one.made is Made.DISABLED:
            self.reasons[one.action.disabled_reason or ""] += 1
        elif one.made not in (Made.GOOD, Made.KNOWN):
            self.bad.append(one)


def case(seed: int, number: int) -> Case:
    """A right case whose caller uses some of the results alone."""
    chance = random.Random(f"{seed}/{number}/actions")
    made = replace(generate.right(chance, number), style=generate.style(chance))
    while made.operation.mode not in (Mode.REVERSE, Mode.FORWARD):
        made = replace(generate.right(chance, number), style=generate.style(chance))
    used = frozenset(
        index for index in range(len(made.operation.results)) if chance.random() < chance.choice((0.2, 0.9))
    )
    return replace(made, used=used)


async def try_all(oracle: Oracle, cases: Sequence[Case]) -> Tally:
    """Apply what is offered for each case that nothing is wrong with, and for a call of its callee."""
    tally = Tally()
    for one in cases:
        texts = [unpacked(one, one.text(oracle.spelling))]
        if one.operation.form is not Form.REGION:
            texts.append(called(one, oracle.spelling))
        for text in texts:
            found = diagnostics(snapshot_of(text), None)
            if any(each.severity is not Severity.HINT for each in found):
                continue
            if (await _found(oracle, one, text)).kind is not Kind.GOOD:
                continue
            tally.cases += 1
            offered = list(_offered(snapshot_of(text)))
            for applied in await asyncio.gather(*(_applied(oracle, one, text, action) for action in offered)):
                tally.add(applied)
    return tally


_STRUCT: Final = re.compile(r"!llvm\.struct<\(([^()]*)\)>")


def unpacked(case: Case, text: str) -> str:
    """The text of a case whose caller takes some members out of the struct that it has returned."""
    returned = re.search(rf"  return (%\w+) : {_STRUCT.pattern}\n", text)
    if returned is None:
        return text
    types_ = [one if one[0] in "fib" else f"!llvm.{one}" for one in returned[2].split(", ")]
    chance = random.Random(case.number)
    chosen = [index for index in range(len(types_)) if chance.random() < 0.5]
    struct = returned[0].partition(" : ")[2].strip()
    lines = [f"  %m{index} = llvm.extractvalue {returned[1]}[{index}] : {struct}\n" for index in chosen]
    given = ", ".join(types_[index] for index in chosen)
    leave = f"  return {', '.join(f'%m{index}' for index in chosen)} : {given}\n" if chosen else "  return\n"
    text = text[: returned.start()] + "".join(lines) + leave + text[returned.end() :]
    return text.replace(f"-> ({struct}) {{", f"-> ({given}) {{")


def called(case: Case, spelling: Spelling) -> str:
    """The callee of a case, and a function that calls it and returns what the case's caller does of its results."""
    function, style = case.function, replace(case.style, has_named_results=False)
    operation = replace(case.operation, results=function.results, bound=None)
    names = operation.names(style)
    taken = ", ".join(f"%a{index}: {type_}" for index, type_ in enumerate(function.arguments))
    given = [index for index in range(len(names)) if case.used is None or index in case.used]
    values, types_ = ", ".join(names[index] for index in given), ", ".join(function.results[index] for index in given)
    bound = f"%r:{len(names)} = " if len(names) > 1 else "%r = " if names else ""
    word = "llvm.call" if function.is_llvm else "func.call"
    results = function.results[0] if len(function.results) == 1 else f"({', '.join(function.results)})"
    operands = ", ".join(f"%a{index}" for index in range(len(function.arguments)))
    call = f"{bound}{word} {style.symbol}({operands}) : ({', '.join(function.arguments)}) -> {results}"
    leave = f"return {values} : {types_}" if given else "return"
    # Nothing else of the text is in a spelling.
    alias = f"#spelled = {Activity('enzyme_dup').text(spelling)}\n"
    caller = f"func.func @caller({taken}) -> ({types_}) {{\n  {call}\n  {leave}\n}}\n"
    return alias + function.text(style) + caller


def _offered(snapshot: Snapshot) -> Iterator[Action]:
    """Each offer once, for the operation and for each of its activities, or for the call."""
    if next(iter(snapshot.readings()), None) is None:
        at = snapshot.document.data.index(b".call")
        yield from code_actions.code_actions(snapshot, Span(at, at), KINDS)
        return
    (reading,), offset = _reading(snapshot)
    lists = (reading.listed, reading.listed_returns)
    elements = [one.span for of in lists if of is not None for one in of.elements or ()]
    seen = set[str]()
    for span in (reading.call.name_span, *elements):
        at = Span(span.start + offset, span.start + offset)
        for action in code_actions.code_actions(snapshot, at, KINDS):
            if action.id not in seen or action.id.startswith("primal"):
                seen.add(action.id)
                yield action


def _reading(snapshot: Snapshot) -> tuple[tuple[Reading, ...], int]:
    index, readings = next(iter(snapshot.readings()))
    return readings, snapshot.offset(index)


async def _applied(oracle: Oracle, case: Case, text: str, action: Action) -> Applied:
    if action.disabled_reason is not None:
        return Applied(case, text, action, Made.DISABLED)
    after = _after(text, action)
    wrong = [one for one in diagnostics(snapshot_of(after), None) if one.severity is Severity.ERROR]
    if wrong:
        return Applied(case, text, action, Made.WRONG, after, wrong[0].message)
    found = await _found(oracle, case, after)
    if found.kind is not Kind.GOOD:
        is_known = _is_of_the_body(found) or _returns_what_has_no_zero(after) or _is_of_the_pass(case, found)
        return Applied(case, text, action, Made.KNOWN if is_known else Made.BAD, after, str(found))
    # What a region uses from around it is an argument ever after.
    if not (case.captured and action.kind == outline_region.KIND) and (back := _differs_back(text, after, action)):
        return Applied(case, text, action, Made.NOT_BACK, after, back)
    return Applied(case, text, action, Made.GOOD, after)


def _after(text: str, action: Action) -> str:
    snapshot = snapshot_of(text)
    edits = code_actions.resolved(snapshot, action.place, action.kind, action.id).edits
    assert edits is not None, action
    assert edits.edits, action
    return edits.apply(snapshot.document.data).decode()


async def _found(oracle: Oracle, case: Case, text: str) -> Found:
    passes = pipeline(case)
    if "_region" in text and "outline" not in passes:
        passes = f"outline-enzyme-regions,{passes}"
    answer = await oracle.run(text, passes)
    if answer.outcome is Outcome.TIMED_OUT:
        answer = await oracle.run(text, passes)  # The machine may have had other work.
    if (found := refusal(answer)) is not None:
        return found
    if any(f"{name} @" in (answer.output or "") for name in ("enzyme.autodiff", "enzyme.fwddiff")):
        return Found(Kind.SILENTLY_WRONG, "the operation is still there")
    ignored = list(ignored_by(all_asked(text), answer.output or ""))
    return Found(Kind.SILENTLY_WRONG, "; ".join(ignored)) if ignored else Found(Kind.GOOD)


_OF_THE_BODY: Final = (
    "type of return operand",
    "memory identity forward handler",
    "'memref.store' op failed to verify",
    "could not compute the adjoint",
)


def _is_of_the_body(found: Found) -> bool:
    return any(words in found.why for words in _OF_THE_BODY)


def _is_of_the_pass(case: Case, found: Found) -> bool:
    """Whether it is the pass that adds complex tensors which cannot take what a width makes of scalars."""
    types_ = (*case.function.arguments, *case.function.results)
    return any("xcomplex" in one for one in types_) and "SmallVector unable to grow" in found.why


def _returns_what_has_no_zero(text: str) -> bool:
    """The tangent of what is constant in the body is 0, and not every type has a 0."""
    (reading,), _ = _reading(snapshot_of(text))
    plan, function = plan_of(reading), reading.function
    if plan is None or function is None or plan.mode is not Mode.FORWARD:
        return False
    return any(
        "dup" in one.value and convention.can_be_active(type_, 1) is not True
        for one, type_ in zip(plan.returns, function.results, strict=True)
    )


_BACK: Final = {
    "switch mode": "switch mode",
    "inline region": "outline region",
    "outline region": "inline region",
}


def _differs_back(text: str, after: str, action: Action) -> str:
    """What the way back makes other than it was; empty where there is none, or it is the same."""
    back = _BACK.get(action.id)
    if action.kind == set_width.KIND and action.id != "width 1":
        now = next((plan_of(one) for one in _reading(snapshot_of(text))[0]), None)
        back = None if now is None else f"width {now.width}"
    if back is None:
        return ""
    snapshot = snapshot_of(after)
    (reading,), offset = _reading(snapshot)
    at = Span(reading.call.name_span.start + offset, reading.call.name_span.start + offset)
    found = next((one for one in code_actions.code_actions(snapshot, at, KINDS) if one.id == back), None)
    if found is None:
        return "the way back is not offered"
    if found.disabled_reason is not None:
        return f"the way back is disabled: {found.disabled_reason}"
    meant, again = (_meaning(one) for one in (text, _after(after, found)))
    return "" if meant == again else f"{meant} became {again}"


def _meaning(text: str) -> tuple[object, ...]:
    """What an operation computes: what it is, its primals, and the types of its results.

    An integer has no tangent to speak of, and a result that takes no seed is as good as constant.
    """
    (reading,), _ = _reading(snapshot_of(text))
    plan, function = plan_of(reading), reading.function
    assert plan is not None, text
    assert function is not None, text
    taken, given = (
        tuple(
            one.value.replace("dup", "const").replace("active", "const")
            if _has_no_tangent(type_)
            else one.value.replace("dup", "const")
            if of_results
            else one.value
            for one, type_ in zip(listed, types_, strict=True)
        )
        for listed, types_, of_results in (
            (plan.activities, function.arguments, False),
            (plan.returns, function.results, plan.mode is Mode.REVERSE),
        )
    )
    primals = tuple(name for _, name in sorted(reading.primals.items()))
    results = [one.type for one in reading.results or () if one.type is not None and not _has_no_tangent(one.type)]
    return plan.mode, taken, given, plan.width, primals, tuple(str(one) for one in results)


def _has_no_tangent(type_: Type) -> bool:
    """Whether a tangent of the type is nothing to speak of. A struct may be memory or not, and moves either way."""
    if type_.is_memory:
        return False
    is_number = type_.scalar.kind not in (TypeKind.INTEGER, TypeKind.INDEX, TypeKind.AGGREGATE)
    return not is_number or convention.can_be_active(type_, 1) is not True
