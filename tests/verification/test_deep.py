"""Which differentiation ops are asked about, how often, and what is kept of the answers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Answer, Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.deep import DeepVerifier
from enzyme_lsp.verification.deep_modules import Question, Questions, Unasked
from enzyme_lsp.workspace.workspace import Workspace
from tests.engines import scripted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from enzyme_lsp.workspace.snapshot import Snapshot
    from tests.judges import EngineThread

ACTIVE = "activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]"
OP = f"enzyme.autodiff @{{callee}}(%x, %dx) {{{{{ACTIVE}}}}} : (f64, f64) -> f64"


UNTYPED = (
    "func.func @d(%x: f64) {\n  %d = t.op %x\n"
    "  enzyme.autodiff_region(%x) {\n  ^bb0(%a: f64):\n    enzyme.yield %d : f64\n  } : (f64) -> ()\n  return\n}\n"
)


def function(name: str, body: str = "", *, result: str = "%x") -> str:
    return f"func.func @{name}(%x: f64) -> f64 {{\n{body}  return {result} : f64\n}}\n"


def gradient(name: str, *callees: str) -> str:
    """A function that differentiates others."""
    ops = "".join(f"  %{number} = {OP.format(callee=callee)}\n" for number, callee in enumerate(callees))
    return f"func.func @{name}(%x: f64, %dx: f64) -> f64 {{\n{ops}  return %0 : f64\n}}\n"


def opened(text: str) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:a", text))


def asked_about(text: str) -> list[str]:
    """The text of each question, or why there is none."""
    return [one.text.decode() if isinstance(one, Question) else one.reason for one in questions(opened(text))]


def questions(snapshot: Snapshot) -> list[Question | Unasked]:
    made = Questions(snapshot, "none")
    return [one for index in range(len(snapshot.layout.pieces)) for one in made.of_piece(index)]


class CountingPool(Pool):
    """Keeps what it was asked, cached or not."""

    def __init__(self, settings: EngineSettings) -> None:
        made = Pool.create(settings)
        super().__init__(settings, find=made._find)
        self.asked: list[Request] = []

    async def run(self, request: Request, *, lane: Lane = Lane.INTERACTIVE) -> Answer:
        self.asked.append(request)
        assert lane is Lane.BACKGROUND
        return await super().run(request, lane=lane)


class Editor:
    """A document that is edited and judged."""

    def __init__(self, text: str, pool: CountingPool) -> None:
        self.pool = pool
        self.verifier = DeepVerifier(pool)
        self._workspace = Workspace(Settings())
        self.snapshot = self._workspace.open(Document.of("untitled:a", text))

    def replace(self, old: str, new: str) -> None:
        document = self.snapshot.document
        at = document.data.index(old.encode())
        edit = Edit(Span(at, at + len(old.encode())), new.encode())
        self.snapshot = self._workspace.change(document.edited(edit, version=document.version + 1), [edit])

    async def judge(self, *errors: Span, most_crashes: int | None = None) -> int:
        """How many questions it took."""
        before = len(self.pool.asked)
        async for _ in self.verifier.judge(self.snapshot, errors, most_crashes=most_crashes):
            pass
        return len(self.pool.asked) - before

    def outcomes(self) -> list[tuple[str | None, Outcome]]:
        return [(one.call.callee, one.outcome) for one in self.verifier.known(self.snapshot).judgements]

    def reasons(self) -> list[str]:
        return [one.reason for one in self.verifier.known(self.snapshot).unasked]


@asynccontextmanager
async def editor(text: str, **settings: object) -> AsyncGenerator[Editor]:
    made = EngineSettings(kind="command", command=scripted.command(), workers=1, **settings)  # pyright: ignore[reportArgumentType]
    pool = CountingPool(made)
    try:
        yield Editor(text, pool)
    finally:
        await pool.close()


def test_an_op_stands_alone_with_what_its_callee_needs() -> None:
    inner = function("inner")
    callee = function("f", "  %0 = func.call @inner(%x) : (f64) -> f64\n", result="%0")
    text = "module @m {\n" + inner + function("other") + callee + gradient("d", "f", "other") + "}\n"
    first, second = asked_about(text)
    assert inner.rstrip() in first
    assert callee.rstrip() in first
    assert "@other" not in first
    assert "@d(" not in first
    assert "@inner" not in second
    assert first.startswith("module @m {\n")
    assert first.endswith("}\n}\n")


def test_operands_become_arguments_and_results_are_returned() -> None:
    text = function("f") + (
        "func.func @d(%p: f64, %q: f64) -> f64 {\n"
        '  %w:2 = "t.pair"() : () -> (f64, f64)\n'
        "  %r:2 = enzyme.autodiff @f(%w#1, %w#1) {\n"
        "    activity = [#enzyme<activity enzyme_active>], // %w#1 stays here\n"
        "    ret_activity = [#enzyme<activity enzyme_active>]\n"
        '  } : (f64, f64) -> (f64, f64) loc("x":1:1)\n'
        "  return %r#0 : f64\n}\n"
    )
    (sent,) = asked_about(text)
    assert sent.partition("\n}\n")[2].splitlines() == [
        'func.func @"enzyme_lsp_alone"(%enzyme_lsp0: f64, %enzyme_lsp1: f64) -> (f64, f64) {',
        "%enzyme_lsp:2 = enzyme.autodiff @f(%enzyme_lsp0, %enzyme_lsp1) {",
        "    activity = [#enzyme<activity enzyme_active>], // %w#1 stays here",
        "    ret_activity = [#enzyme<activity enzyme_active>]",
        f"  }} : (f64, f64) -> (f64, f64) {' ' * len('loc(`x`:1:1)')}",
        "func.return %enzyme_lsp#0, %enzyme_lsp#1 : f64, f64",
        "}",
    ]


def test_aliases_come_with_those_that_they_use() -> None:
    text = (
        "#unused = 1\n#act = #enzyme<activity enzyme_active>\n#acts = [#act]\n!n = f64\n"
        "func.func @f(%x: !n) -> !n {\n  return %x : !n\n}\n"
        "func.func @d(%x: f64, %dx: f64) -> f64 {\n"
        "  %0 = enzyme.autodiff @f(%x, %dx) {activity = #acts, ret_activity = #acts} : (f64, f64) -> !n\n"
        "  return %0 : f64\n}\n"
    )
    (sent,) = asked_about(text)
    assert sent.startswith("#act = #enzyme<activity enzyme_active>\n#acts = [#act]\n!n = f64\nfunc.func @f(")


def test_a_module_inside_a_piece_is_kept_around() -> None:
    text = "gpu.module @g attributes {a.b} {\n" + function("f") + function("other") + gradient("d", "f") + "}\n"
    (sent,) = asked_about(text)
    assert sent.startswith("gpu.module @g attributes {a.b} {\nfunc.func @f(")
    assert "@other" not in sent
    assert sent.endswith("\n}\n}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (gradient("d", "nope"), "no function with a readable signature is its callee"),
        (gradient("d", "d"), "its callee leads back to the function that it stands in"),
        (
            function("f", "  %0 = func.call @d(%x, %x) : (f64, f64) -> f64\n") + gradient("d", "f"),
            "its callee leads back to the function that it stands in",
        ),
        (
            function("f") + gradient("d", "f").replace("autodiff", "jacobian"),
            "no pass of Enzyme's own lowers enzyme.jacobian",
        ),
        (
            function("f") + gradient("d", "f").replace("(%x, %dx)", "(%x)"),
            "its operands and their types are not one for one",
        ),
        (function("f") + gradient("d", "f").replace(": (f64, f64) -> f64", ""), "its type cannot be read"),
        (
            function("f", "  // " + "x" * (1 << 20) + "\n") + gradient("d", "f"),
            "its callee and what that needs are too large",
        ),
        (
            UNTYPED,
            "the type of %d, which its region captures, is not in the text",
        ),
    ],
)
def test_what_is_not_asked_has_a_reason(text: str, reason: str) -> None:
    assert asked_about(text) == [reason]


def test_every_place_leads_back() -> None:
    text = "#a = 1\nmodule {\n" + function("f", "  // #a\n") + gradient("d", "f") + "}\n"
    snapshot = opened(text)
    (question,) = questions(snapshot)
    assert isinstance(question, Question)
    data = snapshot.document.data
    op = data.index(b"enzyme.autodiff")
    for number, line in enumerate(question.text.decode().splitlines(), 1):
        for column in range(1, len(line) + 1):
            place = question.place(number, column)
            if place is None:
                assert line in ("module {", "}"), line
                continue
            part = question.parts[place.part]
            at = snapshot.offset(snapshot.layout.pieces.index(part.piece)) + part.span.start + place.offset
            same = data[at : at + 1].decode() == line[column - 1]
            # The op's own values have other names, and what is around it counts as the op.
            assert same or at == op or b"(%x, %dx)" in data[at - 8 : at + 10], (line, column, at)
    assert question.place(1000, 1) is None
    assert question.place(1, 1000) is not None


async def test_each_op_is_asked_about_once() -> None:
    async with editor(function("f") + function("g") + gradient("d", "f", "g", "f")) as open_:
        assert open_.outcomes() == []
        # Two ops on @f differ in nothing but the name of their result.
        assert await open_.judge() == 2
        assert open_.outcomes() == [("f", Outcome.ACCEPTED), ("g", Outcome.ACCEPTED), ("f", Outcome.ACCEPTED)]
        assert await open_.judge() == 0


async def test_an_edit_elsewhere_changes_nothing() -> None:
    async with editor(function("f") + function("g") + gradient("d", "f", "g")) as open_:
        await open_.judge()
        open_.replace("func.func @d(%x: f64, %dx: f64)", "func.func @renamed(%x: f64, %dx: f64)")
        assert open_.outcomes() == [("f", Outcome.ACCEPTED), ("g", Outcome.ACCEPTED)]
        open_.replace("func.func @f", "\n\nfunc.func @unrelated() {\n  return\n}\nfunc.func @f")
        assert open_.outcomes() == [("f", Outcome.ACCEPTED), ("g", Outcome.ACCEPTED)]
        assert await open_.judge() == 0


async def test_an_edit_of_a_callee_makes_its_ops_unknown() -> None:
    refused = "  // scripted: lowering error no\n"
    async with editor(function("f", refused) + function("g") + gradient("d", "f", "g")) as open_:
        # The refused one is also asked about without a pass, to see that it can be read.
        assert await open_.judge() == 3
        assert open_.outcomes() == [("f", Outcome.REJECTED), ("g", Outcome.ACCEPTED)]
        open_.replace(refused, "")
        assert open_.outcomes() == [("g", Outcome.ACCEPTED)]
        assert await open_.judge() == 1
        assert open_.outcomes() == [("f", Outcome.ACCEPTED), ("g", Outcome.ACCEPTED)]


async def test_an_op_that_is_edited_is_unknown_and_its_neighbor_is_not() -> None:
    async with editor(function("f") + function("g") + gradient("d", "f", "g")) as open_:
        await open_.judge()
        open_.replace("enzyme_activenoneed", "enzyme_active")
        assert open_.outcomes() == [("g", Outcome.ACCEPTED)]
        assert await open_.judge() == 1


async def test_places_move_with_the_text() -> None:
    async with editor(
        function("f", "  // scripted: lowering error Too few arguments to this\n") + gradient("d", "f")
    ) as open_:
        await open_.judge()
        open_.replace("func.func @f", "// ä\nfunc.func @f")
        (judgement,) = open_.verifier.known(open_.snapshot).judgements
        data = open_.snapshot.document.data
        assert judgement.span.start == data.index(b"enzyme.autodiff")
        assert judgement.span.of(data).endswith(b"(f64, f64) -> f64")


async def test_ops_with_errors_are_left_out_and_so_are_those_that_need_what_has_errors() -> None:
    text = function("f") + function("g") + gradient("d", "f", "g")
    async with editor(text) as open_:
        of_f = Span(text.index("@f(%x, %dx)"), text.index("@f(%x, %dx)") + 2)
        assert await open_.judge(of_f) == 1
        assert open_.outcomes() == [("g", Outcome.ACCEPTED)]
        in_g = Span(text.index("return", text.index("@g(")), text.index("return", text.index("@g(")))
        open_.verifier.forget("untitled:a")
        assert await open_.judge(in_g) == 1
        assert open_.outcomes() == [("f", Outcome.ACCEPTED)]


async def test_a_text_that_cannot_be_read_alone_says_nothing() -> None:
    async with editor(function("f", "  scripted.error\n") + gradient("d", "f")) as open_:
        assert await open_.judge() == 2
        assert open_.outcomes() == []
        assert open_.reasons() == ["it cannot be read alone: custom op 'scripted.error' is unknown"]
        assert await open_.judge() == 0


async def test_an_op_around_one_that_is_refused_is_not_asked_about() -> None:
    refused = function("f", "  // scripted: lowering error no\n")
    text = gradient("dd", "d").replace("(%x, %dx)", "(%x, %dx, %x)").replace("(f64, f64) ->", "(f64, f64, f64) ->")
    async with editor(text + gradient("d", "f") + refused) as open_:
        assert await open_.judge() == 2
        assert open_.outcomes() == [("f", Outcome.REJECTED)]


async def test_crashes_cost_no_other_answer_and_are_limited() -> None:
    crashing = [function(f"f{number}", "  // scripted: lowering segfault\n") for number in range(3)]
    async with editor("".join(crashing) + function("g") + gradient("d", "f0", "f1", "f2", "g")) as open_:
        await open_.judge(most_crashes=2)
        assert [outcome for _, outcome in open_.outcomes()].count(Outcome.CRASHED) == 2
        await open_.judge(most_crashes=2)
        assert dict(open_.outcomes()) == dict.fromkeys(("f0", "f1", "f2"), Outcome.CRASHED) | {"g": Outcome.ACCEPTED}
        assert await open_.judge() == 0


async def test_a_deadline_is_not_run_into_twice() -> None:
    async with editor(function("f", "  // scripted: lowering sleep\n") + gradient("d", "f"), deadline_s=0.3) as open_:
        await open_.judge()
        open_.replace("func.func @d(%x: f64, %dx: f64)", "func.func @renamed(%x: f64, %dx: f64)")
        assert open_.outcomes() == [("f", Outcome.TIMED_OUT)]
        assert await open_.judge() == 0


async def test_one_request_at_a_time_and_an_edit_ends_it() -> None:
    slow = [function(f"f{number}", "  // scripted: lowering delay 0.2\n") for number in range(20)]
    text = "".join(slow) + gradient("d", *(f"f{number}" for number in range(20)))
    async with editor(text) as open_:
        task = asyncio.ensure_future(open_.judge())
        async with asyncio.timeout(5):
            while not open_.outcomes():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert len(open_.pool.asked) <= 2
        open_.replace("func.func @f0", "func.func @g")
        await task
        assert len(open_.pool.asked) <= 3


async def test_without_an_engine_nothing_is_known() -> None:
    made = EngineSettings(kind="none")
    pool = CountingPool(made)
    open_ = Editor(function("f") + gradient("d", "f"), pool)
    assert await open_.judge() == 1
    assert open_.outcomes() == []
    await pool.close()


def test_the_other_spelling_is_converted_and_places_stay() -> None:
    callee = gradient("f", "g").replace("%dx: f64", "%dx: f64, %dy: f64")
    text = function("g") + callee + f"#act = #enzyme<activity enzyme_dup>\n{gradient('d', 'f')}"
    text = text.replace("[#enzyme<activity enzyme_active>], ret", "[#act], ret", 1)
    snapshot = opened(text)
    made = Questions(snapshot, "strict")
    _, question = (one for index in range(len(snapshot.layout.pieces)) for one in made.of_piece(index))
    assert isinstance(question, Question)
    sent = question.text.decode()
    assert "#act = #enzyme.activity<enzyme_dup>" in sent
    assert "enzyme.autodiff @g(%x, %dx) <activity = [#act], ret_activity = [#enzyme.activity<" in sent
    assert "enzyme.autodiff @f(%enzyme_lsp0, %enzyme_lsp1) <activity = [#enzyme.activity<enzyme_active>]" in sent
    assert "<activity enzyme" not in sent
    # Behind what was converted, a place is that of the same text.
    line = next(number for number, each in enumerate(sent.splitlines(), 1) if "@g(%x, %dx)" in each)
    column = sent.splitlines()[line - 1].index(" : (f64, f64)") + 1
    place = question.place(line, column)
    assert place is not None
    part = question.parts[place.part]
    at = snapshot.offset(snapshot.layout.pieces.index(part.piece)) + part.span.start + place.offset
    assert at == text.index(" : (f64, f64)")


def test_an_engine_of_the_other_spelling_judges_too(strict: EngineThread) -> None:
    snapshot = opened(function("f", "  %0 = math.tan %x : f64\n", result="%0") + gradient("d", "f"))
    (judgement,) = strict.deep(snapshot).judgements
    assert judgement.outcome is Outcome.REJECTED
    (problem,) = judgement.problems
    assert problem.offset == snapshot.document.data.index(b"math.tan")
