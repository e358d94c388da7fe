"""Text in the spelling that the engine does not read: checked all the same, with every error where it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings

from enzyme_lsp.engines.api import Answer, Outcome, Request
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification import modules
from enzyme_lsp.verification.origins import Origins, Stretch, StretchOrigins
from enzyme_lsp.workspace.workspace import Workspace
from tests import spellings
from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot
    from tests.judges import EngineThread

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

CLASSIC = """\
#act = #enzyme<activity enzyme_dup>
func.func @f(%x: f64) -> f64 {
  return %x : f64
}
func.func @d(%x: f64, %t: tensor<2xf64>) -> (f64, tensor<2xf64>) {
  %0 = enzyme.fwddiff @f(%x, %x) {activity = [#act], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width = 1 : i64} : (f64, f64) -> f64
  %1 = enzyme.batch @f(%t) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
  return %0, %1 : f64, tensor<2xf64>
}
"""
STRICT = spellings.converted(CLASSIC.encode(), "strict")[0].decode()


def test_strict_text_and_a_classic_engine(classic: EngineThread) -> None:
    check_diagnostics(STRICT, engine=classic)


def test_classic_text_and_a_strict_engine(strict: EngineThread) -> None:
    check_diagnostics(CLASSIC, engine=strict)


@pytest.mark.parametrize(
    "text", [CLASSIC, STRICT, CLASSIC.replace("#enzyme<activity enzyme_dupn", "#enzyme.activity<enzyme_dupn")]
)
def test_sections_are_accepted_by_both(text: str, classic: EngineThread, strict: EngineThread) -> None:
    snapshot = _opened(text.encode())
    for engine in (classic, strict):
        verdict = engine(snapshot)
        assert verdict.accepted == {0}, verdict.findings
        assert verdict.proven == {0, 1, 2}
        alone = engine.wait(engine.verifier().by_pieces(snapshot))
        assert all(one.outcome is Outcome.ACCEPTED for one in alone.values())


def test_a_mistake_behind_a_converted_attribute_is_where_it_is(classic: EngineThread, strict: EngineThread) -> None:
    fixture = """
        func.func private @g(f64) -> f64
        func.func @h(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64, %t: tensor<2xf64>) -> f64 {
          %0 = enzyme.batch @h(%t) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64> %1 = arith.negf %nosuch : f64
          //                                                                                                        ^^^^^^^ error[undeclared-value]: %nosuch is not defined before this use
          return %x : f64
        }
        func.func @e(%x: f64, %t: tensor<2xf64>) -> f64 {
          %0 = enzyme.batch @h(%t) <batch_shape = [2]> {a.b = #nosuch} : (tensor<2xf64>) -> tensor<2xf64>
          //   ^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.batch is in the strict spelling, but 2 of 3 in this file are in the classic one, and no engine reads both
          //                                                  ^^^^^^^ error[undefined-alias]: no alias #nosuch is defined before this
          return %x : f64
        }
        func.func @i(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @h(%x, %x) {activity = [#enzyme<activity enzyme_dup>], b.c = #nosuch2, ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                                                                               ^^^^^^^^ error[undefined-alias]: no alias #nosuch2 is defined before this
          return %0 : f64
        }
        """
    check_diagnostics(fixture, engine=classic)
    check_diagnostics(fixture, engine=strict)


def test_a_mistake_in_what_is_converted_is_where_it_is(classic: EngineThread, strict: EngineThread) -> None:
    fixture = """
        func.func @d(%x: f64) attributes {a.b = #enzyme<activity enzyme_dup>, c.d = #enzyme<activity enzyme_nosuch>} {
        //                                                                                           ^^^^^^^^^^^^^ error[invalid-activity]: this is no activity, write one of enzyme_active, enzyme_dup, enzyme_const, enzyme_dupnoneed, enzyme_activenoneed, enzyme_constnoneed
          return
        }
        """
    check_diagnostics(fixture, engine=classic)
    check_diagnostics(fixture, engine=strict)


def test_a_verdict_in_pieces_leads_back_too(strict: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = arith.mulff %x, %x : f64
          //   ^^^^^^^^^^^ error[unknown-operation]: arith.mulff is no operation that the engine knows
          return %0 : f64
        }
        func.func @d(%t: tensor<2xf64>) {
          %0 = enzyme.batch @f(%t) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64> loc("here") %1 = arith.negf %u : f64
          //                                                                                                                    ^^ error[undeclared-value]: %u is not defined before this use
          return
        }
        module attributes {a.b = #enzyme<activity enzyme_dup>} {
          func.func @e(%x: f64) {
            %0 = enzyme.dump %x {label = "l"} : (f64) -> f64 "mine.op"() : () -> () %2 = arith.negf %v : f64
            //                                               ^^^^^^^^^ info[unregistered-dialect]: the dialect mine is not registered in...
            //                                                                                      ^^ error[undeclared-value]: %v is not defined before this use
            return
          }
        }
        """,
        engine=strict,
    )


def test_what_cannot_be_converted_is_said_once_and_hides_nothing(strict: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @a(%x: f64, %m: memref<4xf64>, %i: index) -> f64 {
          %0 = enzyme.affine_atomic_rmw addf %x, %m, (affine_map<(d0) -> (d0)>) [%i] {alignment = 8 : i64} : (f64, memref<4xf64>) -> f64
          //   ^^^^^^^^^^^^^^^^^^^^^^^^ info[other-spelling]: enzyme-ad 0.0.16 cannot read enzyme.affine_atomic_rmw here, since strict spelling needs its ordering, which classic does not have; enzyme-ad 0.0.15 reads the classic spelling: set `engine.path` to a folder that holds it
          %1 = enzyme.affine_atomic_rmw addf %x, %n, (affine_map<(d0) -> (d0)>) [%i] : (f64, memref<4xf64>) -> f64
          //                                     ^^ error[undeclared-value]: %n is not defined before this use
          return %0 : f64
        }
        func.func @b(%x: f64) -> f64 {
          %0 = arith.mulf %x, %y : f64
          //                  ^^ error[undeclared-value]: %y is not defined before this use
          return %0 : f64
        }
        // -----
        func.func @c(%x: f64, %m: memref<4xf64>, %i: index) -> f64 {
          %0 = enzyme.affine_atomic_rmw addf %x, %m, (affine_map<(d0) -> (d0)>) [%i] : (f64, memref<4xf64>) -> f64
          //   ^^^^^^^^^^^^^^^^^^^^^^^^ info[other-spelling]: enzyme-ad 0.0.16 cannot read enzyme.affine_atomic_rmw here, ...
          return %0 : f64
        }
        """,
        engine=strict,
    )


def test_other_dialects_changed_in_the_same_release(strict: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @a(%x: f64, %p: !llvm.ptr) attributes {a.b = #enzyme<activity enzyme_dup>} {
          %0 = llvm.load %p {alignment = 8 : i64} : !llvm.ptr -> f64
          //   ^^^^^^^^^ info[other-spelling]: enzyme-ad 0.0.16 cannot read llvm.load here, since alignment stands in `{...}` and not in `<...>`; enzyme-ad 0.0.15 reads...
          return
        }
        func.func @b(%x: f64) attributes {a.b = [#enzymexla<guaranteed GUARANTEED>]} {
          return
        }
        func.func @c(%x: tensor<6xf32>) {
          %0 = enzymexla.math.gelu %x, approximation = NONE : (tensor<6xf32>) -> tensor<6xf32>
          return
        }
        func.func @d(%x: f64) -> f64 {
          %0 = arith.mulf %x, %y : f64
          //                  ^^ error[undeclared-value]: %y is not defined before this use
          return %0 : f64
        }
        """,
        engine=strict,
    )


def test_other_dialects_before_that_release(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @b(%x: f64) attributes {a.b = [#enzymexla.guaranteed<GUARANTEED>]} {
        //                                       ^^^^^^^^^^^^^^^^^^^^^ info[other-spelling]: enzyme-ad 0.0.15 cannot read #enzymexla.guaranteed<...> here, since it was written #enzymexla<guaranteed ...> then; enzyme-ad 0.0.16 reads...
          return
        }
        func.func @a(%x: f64, %p: !llvm.ptr) attributes {a.b = #enzyme.activity<enzyme_dup>} {
          %0 = llvm.load %p <alignment = 8> : !llvm.ptr -> f64
          return
        }
        """,
        engine=classic,
    )


def test_without_the_other_spelling_around_them_they_are_errors(strict: EngineThread, classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @a(%x: f64, %p: !llvm.ptr) attributes {a.b = #enzyme.activity<enzyme_dup>} {
          %0 = llvm.load %p {alignment = 8 : i64} : !llvm.ptr -> f64
          //                 ^^^^^^^^^^^^^^^^^^^ error[invalid-attribute]: alignment is an attribute that this operation has itself, which stands in `<...>` and not in `{...}`
          return
        }
        func.func @b(%p: !llvm.ptr) {
          %0 = llvm.load %p : !llvm.ptr f64
          //                            ^^^ error[invalid-syntax]: expected '->'
          return
        }
        """,
        engine=strict,
    )
    check_diagnostics(
        """
        func.func @a(%x: f64, %p: !llvm.ptr) {
          %0 = llvm.load %p <alignment = 8> : !llvm.ptr -> f64
          //                ^ error[invalid-syntax]: expected ':'
          return
        }
        """,
        engine=classic,
    )


def test_what_no_engine_reads_is_an_error(strict: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>]} {ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                                                                         ^ error[invalid-syntax]: enzyme.fwddiff cannot be read, since it has more brackets with attributes than either spelling
          return %0 : f64
        }
        """,
        engine=strict,
    )


def test_text_in_the_engines_spelling_is_sent_as_it_is() -> None:
    snapshot = _opened(CLASSIC.encode())
    (section,) = snapshot.sections
    assert modules.whole(snapshot, section, frozenset(), "classic").text == CLASSIC.encode()
    assert modules.whole(snapshot, section, frozenset(), "strict").text == STRICT.encode()
    alone = modules.some(snapshot, [2], frozenset(), "strict")
    assert alone is not None
    assert b"#act = #enzyme.activity<enzyme_dup>" in alone.text
    assert b"<batch_shape = [2]>" in alone.text


def test_a_keystroke_after_the_engine_is_known_sends_one_text(strict: EngineThread) -> None:
    workspace, verifier = Workspace(Settings()), strict.verifier()
    document = Document.of("untitled:a", CLASSIC)
    assert strict.wait(verifier.full(workspace.open(document))).accepted == {0}
    at = CLASSIC.index("%0, %1 : f64")
    edit = Edit(Span(at, at + 2), b"%2")
    broken = workspace.change(document.edited(edit, version=1), [edit])
    findings = strict.wait(verifier.quick(broken)).findings
    assert {one.offset for one in findings} == {at}


@SLOW
@given(text=spellings.modules("classic"))
def test_both_engines_read_classic_text(text: bytes, classic: EngineThread, strict: EngineThread) -> None:
    assert _asked(classic, text).outcome is Outcome.ACCEPTED
    _, left, _ = spellings.converted(text, "strict")
    assume(all(one.stand_in for one in left))
    there = _asked(strict, spellings.as_sent(text, "strict"))
    assert there.outcome is Outcome.ACCEPTED, there.problems
    if not left:
        here = _asked(classic, text, printed=True)
        there = _asked(strict, spellings.converted(text, "strict")[0], printed=True)
        assert _operations(_printed_by(strict, here)) == _operations(there)


@SLOW
@given(text=spellings.modules("strict"))
def test_both_engines_read_strict_text(text: bytes, classic: EngineThread, strict: EngineThread) -> None:
    here = _asked(strict, text, printed=True)
    assert here.outcome is Outcome.ACCEPTED, here.problems
    there = _asked(classic, spellings.converted(text, "classic")[0], printed=True)
    assert there.outcome is Outcome.ACCEPTED, there.problems
    assert _operations(_printed_by(strict, there)) == _operations(here)
    # What the engine prints goes there and back.
    printed = (here.output or "").encode()
    assert spellings.converted(spellings.converted(printed, "classic")[0], "strict")[0] == printed


@SLOW
@given(text=spellings.modules("classic"))
def test_an_error_leads_back_to_its_bytes(text: bytes, classic: EngineThread, strict: EngineThread) -> None:
    _, left, _ = spellings.converted(text, "strict")
    assume(all(one.stand_in for one in left))
    # On the line of the last operation, behind what is converted.
    broken = text.replace(b"\n  return\n}", b' "func.return"(%nosuch) : (f64) -> ()\n}')
    snapshot = _opened(broken)
    for engine in (classic, strict):
        found = {one.offset for one in engine(snapshot).findings if "undeclared" in one.problem.message}
        assert found == {broken.index(b"%nosuch")}


def test_origins() -> None:
    old = b"0123456789"
    edits = (
        Edit(Span(2, 3), b"a"),
        Edit(Span(4, 4), b"bcd"),
        Edit(Span(5, 7), b""),
        spellings.spelling.Move(Span(9, 9), b"<89>", ((1, Span(7, 9)),)),
    )
    new = b"01a3bcd478<89>9"
    assert spellings.EditSet(edits).apply(old) == new
    origins = Origins.of(edits)
    assert [origins.of_byte(offset) for offset in range(len(new) + 1)] == [
        0,
        1,
        2,
        3,
        4,
        4,
        4,
        4,
        7,
        8,
        9,
        7,
        8,
        9,
        9,
        10,
    ]
    assert Origins.of(()).of_byte(7) == 7
    # The same in two stretches of a longer text.
    of_both = StretchOrigins((Stretch(2, 15, 2, 10, origins), Stretch(20, 15, 15, 10, origins)))
    assert of_both.apply(b"--" + old + b"---" + old + b"--") == b"--" + new + b"---" + new + b"--"
    assert [of_both.of_byte(offset) for offset in (0, 1, 2, 4, 17, 19, 20, 34, 35, 36)] == [
        0,
        1,
        2,
        4,
        12,
        14,
        15,
        24,
        25,
        26,
    ]


def _opened(text: bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:spelled", text))


def _asked(engine: EngineThread, text: bytes, *, printed: bool = False) -> Answer:
    return engine.wait(engine.pool.run(Request(text, "print{stdout=false}" if printed else "")))


def _printed_by(strict: EngineThread, answer: Answer) -> Answer:
    """What the strict engine makes of what the classic one has printed: it has another order of attributes."""
    text, left, _ = spellings.converted((answer.output or "").encode(), "strict")
    assert not left
    return _asked(strict, text, printed=True)


def _operations(answer: Answer) -> list[str]:
    """The Enzyme operations of a printed module, without locations."""
    lines = re.sub(r" loc\([^\n]*?\)(?=\n|,|\))", "", answer.output or "").split("\n")
    return [line.strip() for line in lines if "enzyme." in line]
