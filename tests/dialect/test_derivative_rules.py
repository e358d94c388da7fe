"""The table of derivative rules is what the engines say; a part of it is asked for again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.dialect.derivative_rules import INACTIVE_FUNCTIONS, RULES, Support, touches_memory
from enzyme_lsp.dialect.derivative_table import ROWS, TOUCH_MEMORY
from enzyme_lsp.engines.api import Outcome
from tests.bench.probe_rules import TABLE, Prober, row, written
from tests.bench.rule_callees import CALLEES, MEMORY

if TYPE_CHECKING:
    from tests.judges import EngineThread

# Crashes are asked for too, but each costs the start of an engine.
CRASHING = [key for key, cells in ROWS.items() if "!" in cells]
OTHERS = [key for key, cells in ROWS.items() if "!" not in cells]
SAMPLE = [*random.Random(16).sample(OTHERS, 40), "complex.create"]


def test_a_row_for_every_callee():
    assert set(ROWS) == set(CALLEES)
    assert set(MEMORY) >= TOUCH_MEMORY
    assert len(CRASHING) < 20


def test_the_table_is_written_as_the_script_writes_it():
    assert TABLE.read_text() == written(ROWS, TOUCH_MEMORY)


def test_rows_are_read():
    tanh, create = RULES["math.tanh"], RULES["complex.create"]
    assert tanh.support("classic", Mode.REVERSE) is Support.NONE
    assert tanh.support("strict", Mode.FORWARD) is Support.RULE
    assert create.support("classic", Mode.FORWARD) is Support.CRASH
    assert not create.support("classic", Mode.REVERSE).is_lacking
    assert create.is_lacking("strict")
    assert RULES["math.floor"].passes("classic")
    assert not RULES["math.floor"].passes("strict")
    assert touches_memory("memref.load")
    assert not touches_memory("memref.dim")


@pytest.mark.engine
@pytest.mark.parametrize("key", SAMPLE)
def test_the_engines_say_it_again(key: str, classic: EngineThread, strict: EngineThread):
    assert row(Prober(classic), Prober(strict), CALLEES[key]) == ROWS[key]


@pytest.mark.engine
def test_what_touches_memory(strict: EngineThread):
    prober = Prober(strict)
    assert {name for name in MEMORY if prober.touches_memory(name)} == TOUCH_MEMORY


@pytest.mark.engine
@pytest.mark.parametrize("name", [*sorted(INACTIVE_FUNCTIONS), "someone_elses"])
def test_functions_that_no_derivative_passes_through(name: str, strict: EngineThread):
    text = (
        f"func.func private @{name}(f64)\nfunc.func @f(%x: f64) -> f64 {{\nfunc.call @{name}(%x) : (f64) -> ()\n"
        "%y = arith.mulf %x, %x : f64\nreturn %y : f64\n}\nfunc.func @d(%x: f64) -> f64 {\n"
        "%0 = enzyme.autodiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_active>], ret_activity ="
        " [#enzyme.activity<enzyme_activenoneed>]> : (f64, f64) -> f64\nreturn %0 : f64\n}\n"
    )
    answer = Prober(strict).ask(text, "enzyme")
    assert (answer.outcome is Outcome.ACCEPTED) == (name in INACTIVE_FUNCTIONS)
