"""The passes that a program lists are offered, explained and known wherever a pipeline stands; what it lacks is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines import catalogue
from enzyme_lsp.engines.api import Identity
from enzyme_lsp.engines.program import listing
from enzyme_lsp.features import completion, hover
from enzyme_lsp.features.code_actions import code_actions_with_edits
from enzyme_lsp.features.completion.pipelines import program_of
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.features.pipeline_help import pipeline_help
from enzyme_lsp.lowering import wish
from enzyme_lsp.lowering.passes import Passes
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.verdict import Unregistered, Verdict
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_expect

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot

HELP: Final = """\
OVERVIEW: a driver

Available Dialects: arith, enzyme, mine

  --allow-unregistered-dialect  - Allow operation with no registered dialects
  Compiler passes to run
    Passes:
      --canonicalize            -   Canonicalize operations
        --max-iterations=<long> - Max. iterations
      --composite-fixed-point-pass -   Composite fixed point pass
        --pipeline=<string>     - Composite pass inner pipeline
      --mine-first              -   Does what I want first.
        --how=<value>           - How it does so
    =well                       -   in the best way
    =badly                      -   in another
        --often=<int>           - How often
        --verbose               -
    Pass Pipelines:
      --mine-all                -   All that I want
  --pass-pipeline=<string>      - Textual description of the pass pipeline to run
"""


def passes(name: str = "mine-opt", version: str = "1.2") -> Passes:
    return Passes(catalogue.read(name, version, listing.read(HELP).plain()))


def opened(text: str) -> Snapshot:
    return Workspace(Settings()).open(Document.of("file:///a.mlir", text))


def completed(text: str, engine: Passes | None = None) -> list[str]:
    at = text.index("<|>")
    snapshot = opened(text.replace("<|>", ""))
    found = completion.completion(snapshot, at, "", passes=engine or passes())
    return [f"{one.label}  {one.detail}".rstrip() for one in found.items]


def shown(text: str, engine: Passes | None = None) -> str:
    at = text.index("<|>")
    found = hover.hover(opened(text.replace("<|>", "")), at, passes=engine or passes())
    return found.markdown if found is not None else "nothing"


def said(text: str, engine: Passes | None = None) -> list[str]:
    return [one.message for one in diagnostics(opened(text), None, passes=engine or passes())]


def test_what_a_program_has_is_read() -> None:
    listed = passes().catalogue
    assert listed is not None
    assert (listed.name, listed.program) == ("mine-opt", "mine-opt 1.2")
    assert listed.dialects == {"arith", "enzyme", "mine"}
    assert [*listed.passes] == ["canonicalize", "composite-fixed-point-pass", "mine-first", "mine-all"]
    assert listed.passes["mine-first"].options == {"how": "well|badly", "often": "int", "verbose": "bool"}
    assert listed.passes["mine-first"].meanings == {"how": "How it does so", "often": "How often"}


def test_what_is_no_catalogue_is_none() -> None:
    assert catalogue.read("a", "", None) is None
    for written in ({}, {"passes": [1], "dialects": {"a": 1}}, {"passes": {"a": 1}, "dialects": [1, "b"]}):
        found = catalogue.read("a", "", written)
        assert found is not None
        assert not any(one.options for one in found.passes.values())
        assert found.program == "a"


def test_an_option_that_takes_a_pipeline_is_known_to_do_so() -> None:
    assert passes().options("composite-fixed-point-pass") == {"pipeline": "pipeline"}


def test_passes_are_offered() -> None:
    assert completed("// RUN: mine-opt %s --mine<|>\n") == [
        "--mine-all  all that I want",
        "--mine-first  does what I want first",
    ]
    assert completed('// RUN: mine-opt %s --pass-pipeline="builtin.module(mine-f<|>\n') == [
        "mine-first  does what I want first"
    ]
    assert completed('// RUN: mine-opt %s --mine-first="<|>\n') == [
        "how  how it does so (well|badly)",
        "often  how often (int)",
        "verbose  bool",
    ]
    assert completed('// RUN: mine-opt %s --mine-first="how=<|>\n') == ["well", "badly"]


def test_lines_of_another_program_have_its_passes() -> None:
    assert "--mine-first  does what I want first" in completed("// RUN: mine-opt-22 %s --mine<|>\n")
    assert completed("// RUN: enzymemlir-opt %s --mine-f<|>\n") == []
    assert completed("// RUN: enzymemlir-opt %s --enzyme-wr<|>\n") != []
    assert completed("// RUN: mine-opt %s --enzyme-wr<|>\n") == []


def test_passes_are_explained() -> None:
    check_expect(
        shown("// RUN: mine-opt %s --mine<|>-first\n"),
        """
    `mine-first`

    Does what I want first.

    - `how`: how it does so (well|badly)
    - `often`: how often (int)
    - `verbose`: bool

    In mine-opt 1.2.
    """,
    )
    check_expect(
        shown('// RUN: mine-opt %s --mine-first="of<|>ten=3"\n'),
        """
    `often` of `mine-first`

    How often.

    It takes: int.
    """,
    )


def test_an_item_leads_to_the_page_of_its_program() -> None:
    text = "// RUN: mine-opt %s --mine-f"
    (item,) = completion.completion(opened(text), len(text), "", passes=passes()).items
    assert program_of(item.page) == "mine-opt 1.2"
    assert completion.documentation(item.page, passes()).startswith("Does what I want first.")
    assert completion.documentation(item.page) == ""
    assert program_of("pass enzyme") == ""
    assert program_of("operation enzyme.autodiff of") == ""


def test_what_a_program_has_is_not_unknown() -> None:
    assert said('// RUN: mine-opt %s --mine-first="how=well often=3" --mine-all --canonicalize\n') == []


def test_what_a_program_lacks_is_told() -> None:
    assert said("// RUN: mine-opt %s --mine-frist\n") == [
        "mine-opt 1.2 has no pass mine-frist; did you mean mine-first?"
    ]
    assert said("// RUN: mine-opt %s --enzyme\n") == ["mine-opt 1.2 has no pass enzyme, which enzyme-ad has"]
    assert said('// RUN: mine-opt %s --pass-pipeline="builtin.module(mine-first{how=ill ofter=3})"\n') == [
        "how of mine-first is one of well, badly",
        "mine-first has no option ofter; did you mean often?",
    ]


def test_an_enzyme_program_is_held_against_its_own_list() -> None:
    text = "// RUN: enzymemlir-opt %s --mine-first\n"
    assert said(text, Passes()) == ["Enzyme has no pass mine-first"]
    assert said(text) == ["Enzyme has no pass mine-first"]
    assert said(text, passes("enzymemlir-opt")) == []
    engine = Identity("enzymemlir-opt", "1.2", "classic", passes("enzymemlir-opt").catalogue)
    assert diagnostics(opened(text), Verdict(engine)) == ()


def test_a_dialect_that_is_misspelled_is_one_of_the_program() -> None:
    snapshot = opened('"arih.x"() : () -> ()\n"other.x"() : () -> ()\n')
    engine = Identity("mine-opt", "1.2", "classic", passes().catalogue)
    unregistered = (Unregistered("arih", 0, 8), Unregistered("other", 22, 9))
    assert [one.message for one in diagnostics(snapshot, Verdict(engine, unregistered=unregistered))] == [
        "the dialect arih is not registered in mine-opt 1.2, so what it holds is not checked; did you mean arith?",
        "the dialect other is not registered in mine-opt 1.2, so what it holds is not checked",
    ]


def test_a_fix_writes_what_the_program_has() -> None:
    snapshot = opened("// RUN: mine-opt %s --mine-frist\n")
    at = snapshot.document.data.index(b"frist")
    (fix,) = code_actions_with_edits(snapshot, Span(at, at), ("quickfix",), passes())
    assert fix.title == "Write mine-first"
    assert code_actions_with_edits(snapshot, Span(at, at), ("quickfix",)) == ()


def test_a_typed_pipeline_is_held_against_the_program() -> None:
    found = pipeline_help("mine-first{how=well},enzyme,nosuch", passes=passes())
    assert [one.meaning for one in found.passes] == [
        "does what I want first",
        "differentiates: replaces enzyme.autodiff and enzyme.fwddiff by calls of functions that it makes",
        "",
    ]
    assert [one.message for one in found.problems] == [
        "mine-opt 1.2 has no pass enzyme, which enzyme-ad has",
        "mine-opt 1.2 has no pass nosuch",
    ]
    (proposal,) = pipeline_help("mine-f", passes=passes()).proposals
    assert proposal.page.startswith("Does what I want first.")


def test_pipelines_of_settings_are_held_against_the_program() -> None:
    settings = Settings()
    lowering = settings.lowering
    own = type(lowering)(pipelines=("own: mine-first",))
    snapshot = Workspace(type(settings)(lowering=own)).open(Document.of("file:///a.mlir", ""))
    for engine, reason in ((passes(), ""), (Passes(), "Enzyme has no pass mine-first")):
        (choice,) = (one for one in wish.choices(snapshot, engine) if one.name == "own")
        assert choice.reason == reason
