"""Code actions at a place, in process: which are offered, and what their edits make of the text."""

from __future__ import annotations

import pytest

from enzyme_lsp import checks
from enzyme_lsp.features import code_actions
from enzyme_lsp.features.code_actions import FIX_ALL, QUICK_FIX
from enzyme_lsp.settings import DiagnosticSettings, Settings
from enzyme_lsp.syntax.piece import _parsed as parsed  # pyright: ignore[reportPrivateUsage]
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.snapshot import Outdated, Snapshot
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import Fixture, check_fix, check_no_fix
from tests.samples import SAMPLES

SURPLUS = """\
func.func @f(%a: f64) -> f64 { return %a : f64 }
func.func @d(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @f(%x, %dr) {activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
  return %0 : f64
}
"""


def opened(text: str | bytes, settings: Settings | None = None) -> Snapshot:
    return Workspace(settings or Settings()).open(Document.of("untitled:1", text))


def everywhere(snapshot: Snapshot) -> Span:
    return Span(0, len(snapshot.document.data))


def at(snapshot: Snapshot, text: bytes) -> Span:
    """The empty place in front of a text."""
    offset = snapshot.document.data.index(text)
    return Span(offset, offset)


def kinds(*asked: object) -> list[str]:
    return [action.kind for action in code_actions.code_actions(*asked)]  # pyright: ignore[reportArgumentType]


def test_a_fix_is_offered_where_its_finding_is_touched():
    for fixture in (
        "[#enzyme<activity enzyme_active>, <|>#enzyme<activity enzyme_const>]",
        "[#enzyme<activity enzyme_active>, #enzyme<activity <|>enzyme_const>]",
        "[#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const><|>]",
        "<|>[#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]<|>",
    ):
        text = SURPLUS.replace("[#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]", fixture)
        check_fix(text, SURPLUS.replace(", #enzyme<activity enzyme_const>", ""))
    for fixture in (
        "[<|>#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]",
        "[#enzyme<activity enzyme_active>,<|> #enzyme<activity enzyme_const>]",
        "[#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]<|>",
    ):
        check_no_fix(SURPLUS.replace("[#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]", fixture))


def test_what_a_fix_says_of_itself():
    snapshot = opened(SURPLUS)
    place = at(snapshot, b"enzyme_const")
    fix, everything, *_ = code_actions.code_actions(snapshot, place)
    assert (fix.kind, fix.title, fix.is_preferred, fix.place) == (QUICK_FIX, "Remove the surplus activity", True, place)
    assert [found.code for found in fix.mends] == ["activity-count"]
    assert (everything.kind, everything.id, everything.mends, everything.is_preferred) == (FIX_ALL, FIX_ALL, (), False)
    assert [fix.edits, everything.edits] == [None, None]


def test_edits_come_with_the_action_or_after_it():
    snapshot = opened(SURPLUS)
    place = at(snapshot, b"enzyme_const")
    complete = [one for one in code_actions.code_actions_with_edits(snapshot, place) if one.copies is None]
    later = [
        code_actions.resolved(snapshot, place, each.kind, each.id)
        for each in code_actions.code_actions(snapshot, place)
        if each.kind in code_actions.KINDS and each.copies is None
    ]
    assert complete == later
    fixed = SURPLUS.replace(", #enzyme<activity enzyme_const>", "").encode()
    assert [each.edits.apply(snapshot.document.data) for each in complete if each.edits][:2] == [fixed, fixed]


def test_an_action_that_is_not_offered_any_more_is_outdated():
    snapshot = opened(SURPLUS)
    place = at(snapshot, b"enzyme_const")
    (fix, *_) = code_actions.code_actions(snapshot, place)
    for asked in ((place, fix.kind, "made up"), (Span(0, 0), fix.kind, fix.id), (place, "refactor", fix.id)):
        with pytest.raises(Outdated):
            code_actions.resolved(snapshot, *asked)


@pytest.mark.parametrize(
    ("only", "offered"),
    [
        (None, [QUICK_FIX, FIX_ALL]),
        ((), []),
        (("",), [QUICK_FIX, FIX_ALL]),
        (("quickfix",), [QUICK_FIX]),
        (("quick",), []),
        (("quickfix.enzyme",), []),
        (("source",), [FIX_ALL]),
        (("source.fixAll",), [FIX_ALL]),
        (("source.fixAll.enzyme",), [FIX_ALL]),
        (("source.fixAll.other",), []),
        (("source.organizeImports", "quickfix"), [QUICK_FIX]),
    ],
)
def test_kinds_are_asked_for_by_their_beginnings(only: tuple[str, ...] | None, offered: list[str]):
    snapshot = opened(SURPLUS)
    place = at(snapshot, b"enzyme_const")
    assert [kind for kind in kinds(snapshot, place, only) if not kind.startswith("refactor")] == offered


def test_all_fixes_are_offered_anywhere_to_who_asks_for_them_and_else_beside_one():
    snapshot = opened(SURPLUS)
    assert kinds(snapshot, Span(0, 0), ("source.fixAll",)) == [FIX_ALL]
    assert FIX_ALL not in kinds(snapshot, Span(0, 0))
    assert kinds(opened(b"func.func private @f()"), Span(0, 0), ("source.fixAll",)) == []


def test_what_is_not_shown_is_not_fixed():
    snapshot = opened(SURPLUS, Settings(diagnostics=DiagnosticSettings(enabled=False)))
    assert kinds(snapshot, everywhere(snapshot), (QUICK_FIX, "source.fixAll")) == []


def test_fixes_take_over_the_line_ends_of_the_text():
    snapshot = opened(SURPLUS.replace("\n", "\r\n"))
    (fix,) = code_actions.code_actions_with_edits(snapshot, at(snapshot, b"enzyme_const"), (QUICK_FIX,))
    assert fix.edits is not None
    assert fix.edits.apply(snapshot.document.data).count(b"\n") == snapshot.document.data.count(b"\r\n")


def test_a_retired_snapshot_gives_no_answer():
    workspace = Workspace(Settings())
    snapshot = workspace.open(Document.of("untitled:1", SURPLUS))
    near = snapshot.near(everywhere(snapshot))
    workspace.open(Document.of("untitled:1", "", version=2))
    assert not near.is_current
    with pytest.raises(Outdated):
        code_actions.code_actions(snapshot, everywhere(snapshot))


def test_what_is_far_away_is_not_read():
    """The budget of 100 ms is kept in files of any size, also in one just opened, whose functions nobody has parsed."""
    far = "func.func @far{0}(%x: f64) {{\n  enzyme.autodiff @far{0}(%x) : (f64) -> ()\n  return\n}}\n"
    before, behind = ("".join(far.format(number) for number in range(*part)) for part in ((50,), (50, 100)))
    snapshot = opened(before + SURPLUS + behind)
    assert code_actions.code_actions(snapshot, at(snapshot, b"enzyme_const"))
    read = [piece for piece in snapshot.layout.pieces if parsed in vars(piece)["_facts"]]
    assert len(snapshot.layout.pieces) == 102
    assert len(read) <= 3


def _texts() -> list[bytes]:
    manuals = [Fixture.parse(f"\n{check.manual.partition(chr(10) * 2)[2]}").files for check in checks.CHECKS]
    return [*SAMPLES, SURPLUS.encode(), *(file.text.encode() for files in manuals for file in files)]


@pytest.mark.parametrize("text", _texts(), ids=lambda text: str(len(text)))
def test_what_is_found_near_a_place_is_what_is_found_there(text: bytes):
    """Holds every check to what `Snapshot.near` promises: it speaks of each call on its own."""
    snapshot = opened(text)
    found = sorted(checks.found(snapshot))
    for one in found:
        near = [each for each in checks.found(opened(text).near(one.span)) if each.span.touches(one.span)]
        assert sorted(near) == [each for each in found if each.span.touches(one.span)]


@pytest.mark.parametrize("text", _texts(), ids=lambda text: str(len(text)))
def test_every_fix_is_offered_at_its_finding(text: bytes):
    snapshot = opened(text)
    for one in checks.found(snapshot):
        offered = code_actions.code_actions_with_edits(snapshot, Span(one.span.start, one.span.start), (QUICK_FIX,))
        for fix in one.fixes:
            assert (fix.title, fix.edits) in [(each.title, each.edits) for each in offered]
