"""Machine code runs in a process that it cannot leave, and whatever it does there is one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.engines.upstream import client
from enzyme_lsp.settings import EngineSettings
from tests.derivatives.machine import needs_the_bindings
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.engines.api import Answer


@pytest.fixture(scope="module")
def machine() -> Iterator[EngineThread]:
    settings = EngineSettings(workers=1)
    with EngineThread(settings) as thread:

        async def made() -> Pool:
            return Pool(settings, find=lambda: client.find_machine(settings))

        thread.pool = thread.wait(made())
        yield thread


F = {"name": "f", "arguments": [["f64", None, [[1.0, 0]]]], "results": [["f64", None]]}


def ran(machine: EngineThread, text: str, call: Any = F, values: Any = ([1.5],), deadline_s: float = 30.0) -> Answer:
    calls = json.dumps({"values": values, "calls": [call]})
    return machine.wait(machine.pool.run(Request(text.encode(), calls=calls, deadline_s=deadline_s)))


def reason(answer: Answer) -> str:
    assert answer.outcome is Outcome.REJECTED
    return answer.problems[0].message


def function(*lines: str, before: str = "") -> str:
    return "\n".join([before, "llvm.func @f(%x: f64) -> f64 {", *lines, "llvm.return %x : f64", "}"])


SINE = """
llvm.func @sin(f64) -> f64
llvm.func @g(%a: !llvm.ptr, %m: !llvm.ptr, %o: i64, %size: i64, %stride: i64) -> !llvm.struct<(f64, i32)> {
  %x = llvm.load %m : !llvm.ptr -> f64
  %y = llvm.call @sin(%x) : (f64) -> f64
  %p = llvm.getelementptr %m[1] : (!llvm.ptr) -> !llvm.ptr, f64
  llvm.store %y, %p : f64, !llvm.ptr
  %0 = llvm.mlir.undef : !llvm.struct<(f64, i32)>
  %1 = llvm.insertvalue %y, %0[0] : !llvm.struct<(f64, i32)>
  %n = llvm.mlir.constant(7 : i32) : i32
  %2 = llvm.insertvalue %n, %1[1] : !llvm.struct<(f64, i32)>
  llvm.return %2 : !llvm.struct<(f64, i32)>
}
"""


@needs_the_bindings
def test_numbers_and_memory_go_in_and_come_out(machine: EngineThread):
    # The argument is a sum of two rows of numbers, the second one halved.
    call = {"name": "g", "arguments": [["f64", [2], [[1.0, 0], [0.5, 1]]]], "results": [["f64", None], ["i32", None]]}
    answer = ran(machine, SINE, call, ([0.0, 5.0], [2.0, 0.0]))
    assert answer.output is not None
    (found,) = json.loads(answer.output)
    sine = 0.8414709848078965
    assert found == {"results": [[sine], [7]], "memory": [[1.0, sine]], "outside": []}
    call["arguments"] = [["f64", [1], [[1.0, 0]]]]
    (found,) = json.loads(ran(machine, SINE, call, ([0.0],)).output or "")
    assert found["outside"] == [0]


@needs_the_bindings
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (function(before="llvm.func @system(!llvm.ptr) -> i32"), "it calls @system, which it only declares, and ..."),
        (function(before="llvm.mlir.global external @environ() : i64"), "it uses the variable @environ, which ..."),
        (function('llvm.inline_asm "nop", "" : () -> ()'), "it has assembly in it"),
        (function('"test.thing"() : () -> ()'), "test.thing is left over, which no pass makes machine code of"),
        (function("%y = arith.addf %x, %x : f64"), "arith.addf is not lowered to LLVM's dialect"),
        (
            function("%0 = llvm.mlir.zero : !llvm.ptr", "llvm.store volatile %x, %0 : f64, !llvm.ptr"),
            "the process ended with SIGSEGV while it ran @f",
        ),
        (
            function("llvm.call @abort() : () -> ()", before="llvm.func @abort()"),
            "the process ended with SIGABRT while it ran @f",
        ),
    ],
)
def test_what_is_refused_or_ends_is_one_sentence(text: str, expected: str, machine: EngineThread):
    said = reason(ran(machine, text))
    assert said == expected or (expected.endswith("...") and said.startswith(expected[:-3])), said


@needs_the_bindings
def test_a_loop_without_an_end_is_ended(machine: EngineThread):
    forever = function(
        "%1 = llvm.mlir.constant(1 : i64) : i64",
        "%p = llvm.alloca %1 x f64 : (i64) -> !llvm.ptr",
        "llvm.br ^again",
        "^again:",
        "llvm.store volatile %x, %p : f64, !llvm.ptr",
        "llvm.br ^again",
        "^never:",
    )
    assert ran(machine, forever, deadline_s=0.5).outcome is Outcome.TIMED_OUT
    assert ran(machine, function(), deadline_s=30.0).outcome is Outcome.ACCEPTED


@needs_the_bindings
def test_a_function_that_is_called_as_one_of_the_library_is_not_taken_for_it(machine: EngineThread):
    """`llvm.intr.log` becomes a call of `log`."""
    text = "llvm.func @log(%x: f64) -> f64 {\n%y = llvm.intr.log(%x) : (f64) -> f64\nllvm.return %y : f64\n}"
    answer = ran(machine, text + function("%y = llvm.call @log(%x) : (f64) -> f64", "llvm.return %y : f64", "^never:"))
    assert json.loads(answer.output or "")[0]["results"] == [[0.4054651081081644]]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can take calls of the kernel away from a process")
@pytest.mark.parametrize(
    "attempt",
    ["open('/etc/passwd')", "os.fork()", "__import__('socket').socket()", "os.kill(os.getppid(), 0)", "os.mkdir('x')"],
)
def test_the_kernel_refuses_what_reaches_out(attempt: str, tmp_path: Any):
    code = f"""
        import os, socket
        from enzyme_lsp.engines.upstream import confined
        confined.confine()
        try:
            {attempt}
        except PermissionError:
            os.write(1, b"refused")
        os._exit(0)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    if b"not confined" in done.stderr:
        pytest.skip("this kernel confines nothing")
    assert (done.returncode, done.stdout) == (0, b"refused")
