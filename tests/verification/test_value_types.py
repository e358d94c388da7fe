"""Types that the text does not tell: where an engine's lead back to, how long they hold, and what is asked for them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.syntax import values
from enzyme_lsp.syntax.scopes import Defined
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.value_types import NOTHING_KNOWN, TypeFinder, untyped
from enzyme_lsp.verification.verdict import NOTHING_YET, Unregistered, Verdict
from enzyme_lsp.workspace.workspace import Workspace
from tests.engines import scripted
from tests.engines.harness import opened
from tests.samples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from enzyme_lsp.syntax.scopes import Definition
    from enzyme_lsp.workspace.snapshot import Snapshot
    from tests.engines.harness import Opened
    from tests.judges import EngineThread

LOOPS = """\
#shift = affine_map<(d0)[s0] -> (d0 + s0)>
!view = memref<?xf64, #shift>
func.func private @g(%x: f64) -> f64
func.func @f(%m: memref<?xf64>, %x: f64, %v: !view) -> f64 {
  %c0 = arith.constant 0 : index
  %n = memref.dim %m, %c0 : memref<?xf64> loc("other.py":1:1)
  %less = arith.cmpf olt, %x, %x : f64
  %r:2 = scf.for %i = %c0 to %n step %n iter_args(%a = %x, %w = %v) -> (f64, !view) {
    %l = memref.load %w[%i] : !view
    %y = func.call @g(%l) : (f64) -> f64
    scf.yield %y, %w : f64, !view
  }
  affine.for %j = 0 to 10 {
  }
  scf.parallel (%p, %q) = (%c0, %c0) to (%n, %n) step (%n, %n) {
    scf.reduce
  }
  return %r#0 : f64
}
"""


def snapshot_of(text: str, workspace: Workspace | None = None) -> Snapshot:
    return (workspace or Workspace(Settings())).open(Document.of("untitled:1", text, version=1))


def edited(workspace: Workspace, snapshot: Snapshot, old: str, new: str) -> Snapshot:
    at = snapshot.document.data.index(old.encode())
    edit = Edit(Span(at, at + len(old.encode())), new.encode())
    return workspace.change(snapshot.document.edited(edit, version=(snapshot.document.version or 0) + 1), [edit])


def shown(finder: TypeFinder, snapshot: Snapshot) -> list[str]:
    """Each value without a type in the text: `%n: index`, with `(stale)` behind it, or `%n: ?`."""
    known, found = finder.known(snapshot), list[str]()
    for index, piece in enumerate(snapshot.layout.pieces):
        told = known.of(snapshot, index)
        for definition in piece.fact(untyped):
            name = piece.tree.tokens.word(definition.token).decode()
            types = told.types.get(definition.token)
            stale = " (stale)" if types and told.is_stale else ""
            found.append(f"{name}: {', '.join(types) if types else '?'}{stale}")
    return found


async def find(finder: TypeFinder, snapshot: Snapshot, verdict: Verdict = NOTHING_YET) -> int:
    """How many good answers came."""
    return len([step async for step in finder.find(snapshot, verdict)])


def asked(classic: EngineThread, text: str, verdict: Verdict = NOTHING_YET) -> list[str]:
    snapshot, finder = snapshot_of(text), TypeFinder(classic.pool)
    classic.wait(find(finder, snapshot, verdict))
    return shown(finder, snapshot)


def test_each_value_gets_its_type(classic: EngineThread) -> None:
    assert asked(classic, LOOPS) == [
        "%n: index",
        "%less: i1",
        "%i: index",
        "%l: f64",
        "%j: index",
        "%p: index",
        "%q: index",
    ]


@pytest.mark.parametrize(
    "attributes",
    [
        "{activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}",
        "<activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]>",
    ],
)
def test_a_text_in_either_spelling(classic: EngineThread, attributes: str) -> None:
    text = f"""\
func.func @g(%x: f64) -> f64 {{
  return %x : f64
}}
func.func @f(%x: f64) -> i1 {{
  %r = enzyme.fwddiff @g(%x, %x) {attributes} : (f64, f64) -> f64 %b = arith.cmpf olt, %r, %x : f64
  return %b : i1
}}
"""
    assert asked(classic, text) == ["%b: i1"]


def test_a_piece_inside_modules_and_sections(classic: EngineThread) -> None:
    text = (
        "func.func @f(%x: f32) {\n  %b = arith.cmpf olt, %x, %x : f32\n  return\n}\n// -----\n"
        "module @m {\n  func.func @f(%x: tensor<4xf64>) {\n    %c = arith.cmpf olt, %x, %x : tensor<4xf64>\n"
        "    return\n  }\n}\n"
    )
    assert asked(classic, text) == ["%b: i1", "%c: tensor<4xi1>"]


def test_a_refused_piece_hides_no_other(classic: EngineThread) -> None:
    text = (
        "func.func @f(%x: f32) {\n  %b = arith.cmpf olt, %x, %y : f32\n  return\n}\n"
        "func.func @g(%x: f32) {\n  %b = arith.cmpf olt, %x, %x : f32\n  return\n}\n"
    )
    assert asked(classic, text) == ["%b: ?", "%b: i1"]


def test_operations_of_unregistered_dialects_are_left_out(classic: EngineThread) -> None:
    text = (
        "func.func @f(%x: f32) {\n  %a = unheard.of %x : f32\n  %z = unheard.of2 %x : (f32) -> f32\n"
        "  %b = arith.cmpf olt, %z, %x : f32\n  return\n}\n"
    )
    verdict = Verdict(None, unregistered=(Unregistered("unheard", 0, 1),))
    assert asked(classic, text.replace("  %a = unheard.of %x : f32\n", ""), verdict) == ["%b: i1"]


def test_every_value_of_the_examples_gets_a_type(classic: EngineThread) -> None:
    count = 0
    for path in sorted(EXAMPLES.glob("*.mlir")):
        found = asked(classic, path.read_text(encoding="utf-8"))
        assert not [one for one in found if one.endswith("?")], path
        count += len(found)
    assert count


CONTROL = """\
func.func @f(%c: i1, %i: index, %x: f64) -> f64 {
  %a = scf.if %c -> (f64) {
    scf.yield %x : f64
  } else {
    scf.yield %x : f64
  }
  %b:2 = scf.for %j = %i to %i step %i iter_args(%p = %x, %q = %c) -> (f64, i1) {
    scf.yield %p, %q : f64, i1
  }
  %d = scf.while (%p = %a) : (f64) -> f64 {
    scf.condition(%c) %p : f64
  } do {
  ^bb0(%p: f64):
    scf.yield %p : f64
  }
  %e = scf.index_switch %i -> i1
  case 2 {
    scf.yield %c : i1
  }
  default {
    scf.yield %c : i1
  }
  %g = scf.execute_region -> i64 {
    %k = arith.constant 1 : i64
    scf.yield %k : i64
  }
  return %d : f64
}
"""


def _is_result(definition: Definition) -> bool:
    return definition.defined is Defined.RESULT


@pytest.mark.parametrize("text", [CONTROL, *(path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.mlir"))])
def test_what_the_text_tells_is_what_the_engine_says(
    text: str, classic: EngineThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("enzyme_lsp.verification.value_types._is_untyped", _is_result)
    snapshot = snapshot_of(text)
    known, count = classic.types(snapshot), 0
    for index, piece in enumerate(snapshot.layout.pieces):
        told = known.of(snapshot, index).types
        for operation in piece.tree.walk():
            written = values.result_types(operation)
            # What is written with an alias the engine spells out.
            if written and not any(mark in "".join(written) for mark in "!#"):
                said = [one.replace(" ", "") for result in operation.results for one in told[result.token]]
                assert said == [one.replace(" ", "") for one in written]
                count += 1
    assert count


# Who is asked when, with an engine that says what its text tells it to.


@asynccontextmanager
async def scripted_engine() -> AsyncGenerator[Opened]:
    async with opened(EngineSettings(kind="command", command=scripted.command())) as engine:
        yield engine


def function(name: str, type_: str, *, body: str = "  %a = test.a %x\n", more: str = "") -> str:
    """A function of which the scripted engine says that `%a`, in its third line, has a type."""
    return (
        f"func.func @{name}(%x: f64) {{\n"
        f'  // scripted: generic %0 = "test.a"() : () -> {type_} loc("-":LINE:8)\n{body}{more}  return\n}}\n'
    ).replace("LINE", "3")


async def test_an_answer_is_kept_while_its_piece_stays() -> None:
    workspace = Workspace(Settings())
    async with scripted_engine() as engine:
        finder = TypeFinder(engine.pool)
        first = snapshot_of(function("f", "i1") + function("g", "i2"), workspace)
        assert await find(finder, first) == 2
        assert shown(finder, first) == ["%a: i1", "%a: i2"]
        second = edited(workspace, first, "i2 loc", "i3 loc")
        assert shown(finder, second) == ["%a: i1", "%a: i2 (stale)"]
        assert await find(finder, second) == 1
        assert shown(finder, second) == ["%a: i1", "%a: i3"]
        assert await find(finder, second) == 0


async def test_the_last_good_answer_stands_in_while_a_piece_is_broken() -> None:
    workspace = Workspace(Settings())
    async with scripted_engine() as engine:
        finder = TypeFinder(engine.pool)
        good = snapshot_of(function("f", "i1"), workspace)
        await find(finder, good)
        broken = edited(workspace, good, "  return", "  %b = test.b %a\n  scripted.error\n  return")
        assert await find(finder, broken) == 0
        # A value that was not there has no type, and one that another operation gives now has none either.
        assert shown(finder, broken) == ["%a: i1 (stale)", "%b: ?"]
        other = edited(workspace, broken, "%a = test.a", "%a = test.c")
        assert shown(finder, other) == ["%a: ?", "%b: ?"]
        whole = edited(workspace, edited(workspace, other, "test.c", "test.a"), "  scripted.error\n", "")
        await find(finder, whole)
        assert shown(finder, whole) == ["%a: i1", "%b: ?"]


async def test_a_changed_alias_puts_answers_in_question() -> None:
    workspace = Workspace(Settings())
    async with scripted_engine() as engine:
        finder = TypeFinder(engine.pool)
        first = snapshot_of("!t = i1\n" + function("f", "i1"), workspace)
        await find(finder, first)
        second = edited(workspace, first, "!t = i1", "!t = i2")
        assert shown(finder, second) == ["%a: i1 (stale)"]


async def test_pieces_with_errors_and_pieces_that_tell_all_are_not_asked_about() -> None:
    async with scripted_engine() as engine:
        finder = TypeFinder(engine.pool)
        snapshot = snapshot_of("func.func @f(%x: f64) {\n  // scripted: segfault\n  return\n}\n")
        assert not snapshot.layout.pieces[0].fact(untyped)
        assert await find(finder, snapshot) == 0
        assert not engine.pids


async def test_after_some_crashes_the_rest_waits() -> None:
    async with scripted_engine() as engine:
        finder = TypeFinder(engine.pool)
        crashing = [f"func.func @f{n}() {{\n  // scripted: segfault\n  %a = test.a\n  return\n}}\n" for n in range(5)]
        snapshot = snapshot_of("".join(crashing) + function("g", "i1"))
        assert await find(finder, snapshot) == 0
        assert shown(finder, snapshot)[-1] == "%a: ?"
        # What has crashed it is not asked about again.
        assert await find(finder, snapshot) == 1
        assert shown(finder, snapshot)[-1] == "%a: i1"


async def test_a_closed_document_is_forgotten() -> None:
    async with scripted_engine() as engine:
        finder = TypeFinder(engine.pool)
        snapshot = snapshot_of(function("f", "i1"))
        await find(finder, snapshot)
        finder.forget(snapshot.uri)
        assert shown(finder, snapshot) == ["%a: ?"]


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "%0",
        '%0:3 = "test.a"() : () -> i1 loc("-":3:8)',
        '%0 = "test.a"() : () -> i1 loc("-":99999:8)',
        '%0 = "test.a"() : () -> i1 loc("-":3:99999)',
        '%0 = "test.a"() : () -> i1 loc(#loc9)',
        '%0 = "test.a"() : () -> i1 loc(',
        '%0 = "test.b"() : () -> i1 loc("-":3:8)',
        '"test.r"() ({ ^bb0(%0: i1 loc("-":3:3)): }) : () -> () loc("x":3:8)',
    ],
)
async def test_an_output_that_does_not_fit_tells_nothing(printed: str) -> None:
    async with scripted_engine() as engine:
        finder = TypeFinder(engine.pool)
        text = f"func.func @f(%x: f64) {{\n  // scripted: generic {printed}\n  %a = test.a %x\n  return\n}}\n"
        snapshot = snapshot_of(text)
        await find(finder, snapshot)
        assert shown(finder, snapshot) == ["%a: ?"]


def test_nothing_is_known_without_an_engine() -> None:
    snapshot = snapshot_of(LOOPS)
    assert all(not NOTHING_KNOWN.of(snapshot, index).types for index in range(len(snapshot.layout.pieces)))
    assert snapshot.layout.pieces[-1].fact(untyped)
