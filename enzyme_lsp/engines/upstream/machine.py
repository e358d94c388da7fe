"""Machine code inside a worker: lowers a module with upstream MLIR's bindings and calls its functions; must import the
standard library only.

Loaded by `worker.py`. Its arguments are the folder that holds the package `mlir`, and the version of that. Each request
is done in a child of this process, so that whatever the code does costs one answer, and nothing that it leaves in
memory meets the next. `calls.py` says what is asked and answered, and `confined.py` what the code may do.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from enzyme_lsp.engines import endings
    from enzyme_lsp.engines.upstream import bindings, calls, confined, stablehlo
else:
    # By the worker, which has loaded this file by its path too.
    load_beside = sys.modules["__main__"].load_beside
    bindings, calls = load_beside("upstream", "bindings.py"), load_beside("upstream", "calls.py")
    confined, stablehlo = load_beside("upstream", "confined.py"), load_beside("upstream", "stablehlo.py")
    endings = sys.modules["__main__"].endings

MOST_BYTES: Final = 1 << 28
"""Of an answer."""
_READ_BYTES: Final = 1 << 20


class MachineHost:
    """The loaded bindings, of which every child gets its own copy."""

    name = "machine code of mlir"
    spelling = "none"

    def __init__(self, version: str) -> None:
        self.version = version
        self._ir = importlib.import_module("mlir.ir")
        self._passmanager = importlib.import_module("mlir.passmanager")
        self._engine = importlib.import_module("mlir.execution_engine")

    def execute(self, text: str, passes: str, asked: str, *, alarm_s: int) -> tuple[bool, str, bytes]:
        """(True, "", the answers to `asked`), or (False, why there are none, nothing)."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            # Nothing of this process's own may be done twice, so the child never returns.
            try:
                os.close(reading)
                signal.alarm(alarm_s)
                if not endings.end_with_parent():
                    os._exit(1)
                self._work(text, passes, json.loads(asked), writing)
                os._exit(0)
            except BaseException as error:  # noqa: BLE001 - The last thing that this process says.
                _say(writing, {"error": " ".join(str(error).split()) or type(error).__name__})
                os._exit(1)
        os.close(writing)
        said, status = _heard(reading, child)
        last: dict[str, Any] = said[-1] if said else {}
        if "answers" in last:
            return True, "", json.dumps(last["answers"]).encode()
        if "error" in last:
            return False, last["error"], b""
        doing = f" while it {last['doing']}" if "doing" in last else ""
        return False, f"the process ended with {endings.words(os.waitstatus_to_exitcode(status))}{doing}", b""

    def _work(self, text: str, passes: str, asked: Any, writing: int) -> None:
        """Lower, compile and call, saying before each what it is about to do."""
        _say(writing, {"doing": "lowered the module"})
        ir = self._ir
        with ir.Context() as context, ir.Location.unknown():
            context.enable_multithreading(enable=False)
            # So that what is unknown can be named.
            context.allow_unregistered_dialects = True
            module = ir.Module.parse(text)
            stablehlo.convert(module.operation, ir)
            confined.refuse_unknown(module.operation, ir)
            if passes:
                self._passmanager.PassManager.parse(f"builtin.module({passes})").run(module.operation)
            confined.refuse(module.operation, ir)
            confined.rename(module.operation, ir)
            _say(writing, {"doing": "compiled the module"})
            engine = self._engine.ExecutionEngine(module)
            # All code is there before the first of it runs.
            found = {one["name"]: engine.raw_lookup(one["name"]) for one in asked["calls"]}
            confined.close_all_but(writing)
            confined.confine()
            answers: list[Any] = []
            for one in asked["calls"]:
                _say(writing, {"doing": f"ran @{one['name']}"})
                answers.append(calls.answer(found[one["name"]], one, asked["values"]))
            _say(writing, {"answers": answers})


def _say(descriptor: int, what: Any) -> None:
    data = json.dumps(what).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]


def _heard(reading: int, child: int) -> tuple[list[Any], int]:
    """What a child said until it ended, and how it did."""
    parts: list[bytes] = []
    size = 0
    with os.fdopen(reading, "rb", buffering=0) as stream:
        while part := stream.read(_READ_BYTES):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                os.kill(child, signal.SIGKILL)
                break
    _, status = os.waitpid(child, 0)
    said: list[Any] = []
    for line in b"".join(parts).split(b"\n"):
        try:
            said.append(json.loads(line))
        except ValueError:
            break  # it ended in the middle of a line, or the code wrote something of its own
    return said, status


def open_host(arguments: list[str]) -> MachineHost:
    """Load the bindings."""
    folder, version = arguments
    bindings.reach(folder)
    return MachineHost(version)
