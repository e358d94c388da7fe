"""What the real engine makes of an operation: good, rejected, crashed, or accepted and not what was written.

Engines check little. So where one accepts, the call that it made of the operation is held against the operation: the
operands and results that were written, how many activities there are, and what the width and the attributes say.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.engines.api import Outcome, Request, State
from enzyme_lsp.engines.enzyme import client
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.settings import EngineSettings
from enzyme_lsp.syntax import types
from tests.differential.forking_host import ALONE, CRASHED
from tests.differential.operations import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.engines.api import Answer, EngineProblem
    from tests.differential.operations import Case


class Kind(Enum):
    """What became of an operation."""

    GOOD = "good"
    REJECTED = "rejected"
    CRASHED = "crashed"
    SILENTLY_WRONG = "silently wrong"
    """Accepted, and something that was written was dropped, moved or ignored."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine made of a case, and why not what was asked: its own words, or what it ignored."""

    kind: Kind
    why: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.why}" if self.why else self.kind.value


class Absent(Exception):  # noqa: N818 - the engine is not installed, which is no error
    """There is no such engine here."""


class Oracle:
    """An engine to ask about cases, with workers that survive crashes. Use as a context manager."""

    def __init__(self, pool: Pool, spelling: Spelling, version: str) -> None:
        self._pool = pool
        self.spelling: Spelling = spelling
        self.version = version

    @staticmethod
    async def settings(path: str = "", workers: int = 2) -> EngineSettings:
        """Those of a pool of the engine in the folder `path`, or the default one. Raises `Absent`."""
        launch = await client.find(EngineSettings(path=path))
        if isinstance(launch, Missing):
            raise Absent(launch.reason)
        host = next(index for index, word in enumerate(launch.argv) if Path(word).name == _HOST.name)
        command = (*launch.argv[:host], str(_FORKING_HOST), *launch.argv[host:])
        return EngineSettings(kind="command", command=command, workers=workers, cache_entries=0, deadline_s=_DEADLINE_S)

    @staticmethod
    async def of(pool: Pool) -> Oracle:
        """The engine behind a pool with such settings, which it now owns. Raises `Absent`."""
        status = await pool.ready()
        if status.state is not State.READY or status.identity is None:
            await pool.close()
            raise Absent(status.message)
        spelling = status.identity.spelling
        if spelling not in ("classic", "strict"):
            await pool.close()
            raise Absent(f"{status.identity.name} does not differentiate")
        return Oracle(pool, spelling, status.identity.version)

    @staticmethod
    async def open(path: str = "") -> Oracle:
        """The engine in the folder `path`, or the default one. Raises `Absent`."""
        return await Oracle.of(Pool.create(await Oracle.settings(path)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close()

    async def ask(self, case: Case, *, alone: bool = False) -> Found:
        """What becomes of a case. `alone`: in a process that has seen no other, since some errors read memory that
        others have written."""
        text = (ALONE if alone else "") + case.text(self.spelling)
        return judge(case, await self.run(text, pipeline(case)))

    async def run(self, text: str, passes: str) -> Answer:
        """The engine's answer to any text."""
        return await self._pool.run(Request(text.encode(), passes))

    async def ask_all(self, cases: Iterable[Case]) -> list[Found]:
        """What becomes of each case, in order."""
        return await asyncio.gather(*(self.ask(case) for case in cases))


_DEADLINE_S: Final = 2.0
"""A thousand times what a case takes. A width of some billions is counted up to."""
_HOST: Final = Path("host.py")
_FORKING_HOST: Final = Path(__file__).with_name("forking_host.py")


def pipeline(case: Case) -> str:
    """The passes that make something of the operation."""
    mode = case.operation.mode
    if mode is Mode.BATCH:
        return "enzyme-batch"
    # Sums of complex tensors are made of operations that do not take tensors; this pass makes them ones that do.
    complex_ = case.is_careful and any(
        "xcomplex" in text for text in (*case.function.arguments, *case.function.results)
    )
    enzyme = 'enzyme{postpasses="arith-raise{stablehlo=true}"}' if complex_ else "enzyme"
    if mode is Mode.JACOBIAN:
        return f"lower-enzyme-jacobian-stablehlo,{enzyme}"
    return f"outline-enzyme-regions,{enzyme}" if case.operation.form is Form.REGION else enzyme


def crash(answer: Answer) -> str:
    """The signal or status by which the engine died of a request; empty when it did not."""
    if answer.outcome is Outcome.CRASHED:
        return answer.detail
    said = [one.message for one in answer.problems if one.message.startswith(CRASHED)]
    return said[0].removeprefix(CRASHED) if said else ""


def words(problems: Iterable[EngineProblem]) -> str:
    """The first error among what an engine says."""
    return next((one.message for one in problems if one.severity == "error"), "").partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operation says, as far as an engine may ignore it. `takes` and `gives` are the types of its callee."""

    mode: Mode
    operands: tuple[str, ...]
    results: tuple[str, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    activities: int
    returns: int
    junk: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    """All but those that say which function and how it is differentiated or batched."""
    width: str | None = None
    sizes: tuple[int, ...] = ()
    is_region: bool = False
    captured: int = 0
    """How many values its region takes from around it; its function takes them behind its own arguments."""

    @staticmethod
    def by(case: Case) -> Asked:
        """What the operation of a case says."""
        op, function = case.operation, case.function
        return Asked(
            op.mode,
            op.operands,
            op.results,
            function.arguments,
            function.results,
            len(op.activities),
            len(op.returns),
            tuple(one.junk for one in op.activities if one.junk),
            tuple(op.attributes),
            op.width,
            op.sizes,
            op.form is Form.REGION,
            sum(f"%k{index}" in line for index in range(len(case.captured)) for line in function.body),
        )


def judge(case: Case, answer: Answer) -> Found:
    """What an answer says about a case."""
    if (refused := refusal(answer)) is not None:
        return refused
    asked, printed = Asked.by(case), answer.output or ""
    left = ["a product is still there"] if case.operation.mode is Mode.JACOBIAN and _PRODUCT in printed else []
    if ignored := [*ignored_by([asked], printed), *left]:
        return Found(Kind.SILENTLY_WRONG, "; ".join(ignored))
    return Found(Kind.GOOD)


def refusal(answer: Answer) -> Found | None:
    """How the engine said no; None when it accepted."""
    if died := crash(answer):
        said = [one.message for one in answer.problems if not one.message.startswith(CRASHED)]
        return Found(Kind.CRASHED, " ".join([died, *said[:1]]))
    if answer.outcome is Outcome.TIMED_OUT:
        return Found(Kind.CRASHED, answer.detail)
    if answer.outcome is not Outcome.ACCEPTED or answer.output is None:
        return Found(Kind.REJECTED, words(answer.problems) or answer.detail or answer.outcome.value)
    return None


def ignored_by(asked: Sequence[Asked], printed: str) -> Iterator[str]:
    """What the engine made no use of, or took for something else, of the operations in `@caller`, in their order."""
    made = _made(printed)
    for one in asked:
        if one.mode is Mode.JACOBIAN:
            yield from _ignored_of_jacobian(one)
        elif (call := next(made, None)) is None:
            yield "the operation is still there"
        else:
            yield from _differences(one, call)
        yield from _ignored_attributes(one)


def _ignored_attributes(asked: Asked) -> Iterator[str]:
    if asked.mode is not Mode.BATCH:
        for what, listed, expected in (
            ("activity", asked.activities, asked.takes),
            ("ret_activity", asked.returns, asked.gives),
        ):
            if listed != len(expected):
                yield f"{what} lists {listed} for {len(expected)}"
        yield from (f"{junk!r} in an activity ignored" for junk in asked.junk)
    known = {"strong_zero"} if asked.mode is not Mode.BATCH else set[str]()
    known |= {"atomic_add"} if asked.mode is Mode.REVERSE else set[str]()
    known |= {"fn", "fn_attrs"} if asked.is_region else set[str]()
    yield from (f"attribute {name} ignored" for name in asked.attributes if name not in known)
    yield from (f"a batch of {size}" for size in asked.sizes if size < 0)
    width = 1 if asked.width is None else int(asked.width.partition(" ")[0])
    if asked.mode in (Mode.BATCH, Mode.JACOBIAN):
        yield from ["width ignored"] * (width != 1)
    elif not 1 <= width < 1 << 32:
        yield f"a width of {asked.width}"


def _differences(asked: Asked, made: tuple[tuple[str, ...], tuple[str, ...]]) -> Iterator[str]:
    for what, written, used in (("operands", asked.operands, made[0]), ("results", asked.results, made[1])):
        texts, more = tuple(types.read(text).text for text in written), asked.captured if what == "operands" else 0
        if not any(used[:at] + used[at + more :] == texts for at in range(len(used) - more + 1)):
            yield f"{what} ({', '.join(texts)}) were taken for ({', '.join(used)})"


def _ignored_of_jacobian(asked: Asked) -> Iterator[str]:
    """Its pass reads a result by its number, and writes a derivative where it is multiplied."""
    takes, gives = asked.takes, asked.gives
    texts, known = ([types.read(text).text for text in listed] for listed in (asked.operands, takes))
    if texts != known:
        yield f"operands ({', '.join(texts)}) are handed on as ({', '.join(known)}) where it is multiplied"
    if len(asked.results) != len(takes) * len(gives):
        yield f"{len(asked.results)} results for {len(takes) * len(gives)}"
    for number, written in enumerate(asked.results[: len(takes) * len(gives)]):
        given = gives[number // len(takes)]
        if types.read(written).scalar != types.read(given).scalar:
            yield f"result {number} of {written} was multiplied as {given}"


_PRODUCT: Final = "stablehlo.dot_general"
_CALL: Final = re.compile(r"(?:func\.|llvm\.)?call @\"?(?:fwd)?(?:diffe|batched_)[^(\n]*\(.*?\)(?: vararg\(.*?\))? : ")


def _made(printed: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The types that go into and come out of each call to a derivative or batch in `@caller`."""
    aliases = {name: text.encode() for name, text in _ALIAS.findall(printed)}
    rest = printed.partition("@caller(")[2]
    while match := _CALL.search(rest):
        operands, rest = listed(rest[match.end() :], aliases)
        results, rest = listed(rest.removeprefix(" -> "), aliases)
        yield operands, results


_ALIAS: Final = re.compile(r"^([#!]\w+) = (.*)$", re.MULTILINE)


def listed(text: str, aliases: Mapping[str, bytes]) -> tuple[tuple[str, ...], str]:
    """The types at the start of a text, one or several in parentheses, and what is behind them."""
    if not text.startswith("("):
        end = _end(text, " ,\n")
        one = text[:end]
        return ((types.read(one, aliases).text,), text[end:])
    found, at = list[str](), 1
    while text[at] != ")":
        end = at + _end(text[at:], ",)")
        found.append(types.read(text[at:end], aliases).text)
        at = end + 2 if text[end] == "," else end
    return tuple(found), text[at + 1 :]


def _end(text: str, stops: str) -> int:
    """Where the first of some characters stands that is in no brackets."""
    depth = 0
    for index, character in enumerate(text):
        if depth == 0 and character in stops:
            return index
        if character in "<([{":
            depth += 1
        elif character in ">)]}" and text[index - 1] != "-":
            depth -= 1
    return len(text)
