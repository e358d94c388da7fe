"""What pipelines of a text may do, and what none of them may, however it is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.enzyme import allowed
from enzyme_lsp.engines.enzyme.allowed import refusal
from enzyme_lsp.engines.enzyme.pass_table import ONLY_CLASSIC, ONLY_STRICT, PASSES
from enzyme_lsp.lowering.presets import PRESETS

if TYPE_CHECKING:
    from tests.judges import EngineThread

TARGET = "/tmp/enzyme-lsp-must-not-be-written"
PRINT = f"print{{stdout=false filename={TARGET}}}"

HOSTILE = (
    PRINT,
    "print",
    f"print{{filename={TARGET}}}",
    f'print{{filename="{TARGET}"}}',
    f"print{{filename='{TARGET}'}}",
    f"print{{filename={{{TARGET}}}}}",
    f"print {{filename={TARGET}}}",
    f" print{{filename={TARGET}}}",
    f"\tprint\n{{filename={TARGET}}}",
    f"cse,{PRINT}",
    f"cse, {PRINT} ,cse",
    f"builtin.module({PRINT})",
    f"any({PRINT})",
    f"func.func({PRINT})",
    f"func.func(cse,{PRINT})",
    f"builtin.module(func.func(builtin.module({PRINT})))",
    f'enzyme{{postpasses="{PRINT}"}}',
    f"enzyme{{postpasses='{PRINT}'}}",
    f"enzyme{{postpasses={{{PRINT}}}}}",
    f"enzyme{{postpasses={PRINT}}}",
    f'enzyme{{postpasses="cse,{PRINT}"}}',
    f'enzyme{{postpasses="func.func({PRINT})"}}',
    f"inline{{default-pipeline={PRINT}}}",
    f"inline{{op-pipelines=func.func({PRINT})}}",
    f'inline{{op-pipelines="func.func(cse),func.func({PRINT})"}}',
    f"inline{{default-pipeline=cse op-pipelines=func.func({PRINT})}}",
    f"composite-fixed-point-pass{{name=x pipeline={PRINT}}}",
    f'composite-fixed-point-pass{{name=x pipeline="composite-fixed-point-pass{{name=y pipeline={PRINT}}}"}}',
    f"expand-impulse{{postpasses={PRINT}}}",
    "expand-impulse{debug-dump}",
    f"snapshot-op-locations{{filename={TARGET}}}",
    f"snapshot-op-locations{{filename={TARGET} tag=x}}",
    f"location-snapshot{{filename={TARGET}}}",
    "view-op-graph",
    "view-op-graph{print-attrs=true}",
    "print-op-graph",
    "gpu-module-to-binary{toolkit=/tmp}",
    "gpu-lower-to-nvvm-pipeline",
    "gpu-lower-to-rocdl-pipeline",
    "enzymexla-gpu-module-to-binary",
    "lower-jit{jit=true}",
    "lower-kernel{jit=true}",
    "lower-triton",
    "fuse-jit",
    "transform-preload-library{transform-library-paths=/etc}",
    "transform-interpreter{transform-library-paths=/etc}",
    "opt-reduction-pass{test=/bin/sh}",
    "reduction-tree{test=/bin/sh}",
    "load-dialect-plugin{path=x.so}",
    "test-polymer",
    "sdy-propagation-pipeline{dump-directory=/tmp}",
    "cse{",
    "cse{filename=x",
    "cse}",
    "cse)",
    "(cse",
    "cse cse",
    "cse,,cse",
    "cse,",
    "{}",
    "canonicalize{nosuch=1}",
    "cse\x00",
    "cse;print",
    "--print",
    "canonicalize{enable-patterns=a'}",
    "func.func(" * 40 + "cse" + ")" * 40,
    'enzyme{postpasses="' * 20,
)


@pytest.mark.parametrize("pipeline", HOSTILE)
def test_what_could_do_harm_is_refused(pipeline: str) -> None:
    reason = refusal(pipeline, "module {}")
    assert reason
    assert not reason.endswith(".")


@pytest.mark.parametrize("pipeline", HOSTILE[:30])
def test_the_worker_refuses_it_as_well(pipeline: str, classic: EngineThread) -> None:
    answer = classic.wait(classic.pool.run(Request(b"module {}", elements=(pipeline,))))
    assert answer.outcome is Outcome.REJECTED
    assert answer.prints == ()
    assert not Path(TARGET).exists()


@pytest.mark.parametrize(
    "pipeline",
    [
        "",
        "cse",
        " cse , canonicalize ",
        "canonicalize{max-iterations=3 top-down=false}",
        "builtin.module(func.func(canonicalize,cse),enzyme)",
        'enzyme{postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize"}',
        "enzyme-wrap{infn=main outfn= retTys=enzyme_active argTys=enzyme_active,enzyme_dup mode=ReverseModeCombined}",
        "enzyme-hlo-generate-td{patterns=while_simplify<1>(1);cse_add},transform-interpreter,enzyme-hlo-remove-transform",
        "inline{op-pipelines=func.func(canonicalize,cse),llvm.func(cse)}",
        *(one.pipeline for one in PRESETS.values()),
    ],
)
def test_what_only_computes_is_allowed(pipeline: str) -> None:
    assert refusal(pipeline, "module {}") is None


@pytest.mark.parametrize(
    "text",
    [
        '"transform.apply_registered_pass"(%0)',
        '%1 = transform.apply_registered_pass "print" to %0',
        r'"transform.apply\5Fregistered_pass"(%0)',
        '"transform.apply\\5Fregistered_pass" // a comment\n  (%0)',
    ],
)
def test_a_module_that_names_passes_is_not_interpreted(text: str) -> None:
    assert refusal("transform-interpreter", text)
    assert refusal("cse", text) is None


def test_what_is_refused_is_in_the_table_of_passes() -> None:
    """Else a new name of a pass would be allowed for want of an old one."""
    assert set(allowed.REFUSED) <= set(PASSES)
    assert all(option in PASSES[name] for name, option in allowed.REFUSED_OPTIONS)


def test_the_table_is_what_the_engines_have(classic: EngineThread, strict: EngineThread) -> None:
    """No pass runs: the last one of each pipeline is unknown, and the first that is unknown is what an engine tells."""
    unknown = "no-pass-has-this-name"
    for engine, others in ((classic, ONLY_STRICT), (strict, ONLY_CLASSIC)):
        pipeline = ",".join([*(name for name in PASSES if name not in others), unknown])
        answer = engine.wait(engine.pool.run(Request(b"module {}", pipeline)))
        assert f"'{unknown}'" in answer.problems[0].message
        for name in others:
            answer = engine.wait(engine.pool.run(Request(b"module {}", f"{name},{unknown}")))
            assert f"'{name}'" in answer.problems[0].message
