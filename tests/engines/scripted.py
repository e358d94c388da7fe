"""An engine that does as the text says: a host for the real worker, to make on cue whatever an engine may do.

It accepts every text but one with a line that begins an operation `scripted.error`, which it rejects where that
stands. Comments in the text tell it to do something first, in their order:

    // scripted: delay 0.5       wait so many seconds
    // scripted: hang            never answer, with SIGTERM ignored and every signal blocked that can be
    // scripted: sleep           never answer, without any defense
    // scripted: segfault        die of a signal: also abort, trap, kill, terminate
    // scripted: exit 1          end with this status
    // scripted: allocate 100    take so many megabytes of memory
    // scripted: flood 10        write so many megabytes to stderr
    // scripted: say text        write a line to stderr
    // scripted: print text      write a line to stdout
    // scripted: raise text      fail as no engine should
    // scripted: error text      reject, with nothing on stderr
    // scripted: lowering ...    any of these, but only when a pipeline is to be run
    // scripted: generic text    print this line, when the generic form is asked for

Its output, but for these lines, is the pipeline and the text. A pipeline "bad" is rejected. Elements that are run one
after the other are done as directives, but for `pass NAME`, which changes what is printed, and "bad".

It must import the standard library only, since it is loaded as `enzyme/host.py` is. Tests import it for `command`.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import time
from pathlib import Path

WORKER = Path(__file__).parents[2] / "enzyme_lsp" / "engines" / "worker.py"

BAD_OPERATION = "scripted.error"
MAGIC = b"ML\xefR"

_DIRECTIVE = re.compile(r"// scripted: (\w+) ?(.*)")
_SIGNALS = {
    "segfault": signal.SIGSEGV,
    "abort": signal.SIGABRT,
    "trap": signal.SIGTRAP,
    "kill": signal.SIGKILL,
    "terminate": signal.SIGTERM,
}


def command(**arguments: object) -> tuple[str, ...]:
    """The command line of a worker with this engine, for `EngineSettings(kind="command", command=...)`.

    `spelling`: what it says it reads. `start`: "fail", or a directive such as "hang" or "exit 1" that it carries out
    when it is loaded. `log`: the path of a file in which every start leaves a line with its process id. `times`:
    how many starts, counted in the log, `start` has an effect on; all if it is not given. `name`: what it is called.
    `deaf`: accept every text and do nothing that one says.
    """
    pairs = (f"{name}={value}" for name, value in arguments.items())
    return (sys.executable, "-I", "-S", "-B", str(WORKER), __file__, *pairs)


class ScriptedHost:
    """The engine, loaded."""

    version = "1"

    def __init__(self, spelling: str) -> None:
        self.name = "scripted"
        self.spelling = spelling
        self.is_deaf = False
        self._kept: list[bytearray] = []

    def run(self, text: str, pipeline: str, *, generic: bool) -> tuple[bool, str]:
        """Do as the text says."""
        if self.is_deaf:
            return True, ""
        printed: list[str] = []
        for directive in _DIRECTIVE.finditer(text):
            what, argument = directive[1], directive[2]
            if what == "lowering":
                if not pipeline:
                    continue
                what, _, argument = argument.partition(" ")
            if what == "generic":
                printed.append(argument)
                continue
            if what == "error":
                return False, argument
            self.obey(what, argument)
        if pipeline == "bad":
            message = f"MLIR Textual PassPipeline Parser:1:1: error: '{pipeline}' does not refer to a registered pass"
            return False, f"INVALID_ARGUMENT: Failed to parse pipeline\n{message}\n{pipeline}\n^\n"
        bad = _place_of_operation(text.encode())
        if bad is not None:
            line, column = bad
            _say(2, f"loc(\"-\":{line}:{column}): error: custom op '{BAD_OPERATION}' is unknown")
            return False, "INVALID_ARGUMENT: Failed to parse module"
        return True, "\n".join(printed) if generic and printed else f"{pipeline}\n{text}"

    def lower(self, text: str, elements: list[str], *, is_trusted: bool) -> tuple[bool, str, list[tuple[bytes, int]]]:
        """Do as the elements say, and print the text before and after each."""
        accepted, result = self.run(text, "", generic=False)
        if not accepted:
            return False, result, []
        if not is_trusted and "trusted" in elements:
            return False, "trusted is not run for this text", []
        prints = [(text.encode(), time.time_ns())]
        for element in elements:
            what, _, argument = element.partition(" ")
            if element == "bad":
                _say(2, 'loc("-":1:1): error: this pass fails')
                return False, "INTERNAL: Pipeline failed", prints
            if what == "pass":
                text = f"// {argument}\n{text}"
            elif element != "trusted":
                self.obey(what, argument)
            prints.append((text.encode(), time.time_ns()))
        return True, "", prints

    def to_text(self, data: bytes) -> tuple[bool, str, bytes]:
        """Do as the bytecode says, which is a mark and a text."""
        text = data[len(MAGIC) :]
        accepted, result = self.run(text.decode("utf-8", "replace"), "", generic=False)
        return accepted, "" if accepted else result, text

    def to_bytecode(self, text: str, version: int) -> tuple[bool, str, bytes]:
        """Do as the text says."""
        del version
        accepted, result = self.run(text, "", generic=False)
        return accepted, "" if accepted else result, MAGIC + text.encode()

    def obey(self, what: str, argument: str) -> None:
        """Carry out one directive."""
        if what == "delay":
            time.sleep(float(argument))
        elif what == "hang":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            while True:
                # Native code that holds the interpreter's lock, as an engine does.
                ctypes.PyDLL(None).sleep(1000)
        elif what == "sleep":
            while True:
                ctypes.PyDLL(None).sleep(1000)
        elif what in _SIGNALS:
            signal.signal(_SIGNALS[what], signal.SIG_DFL) if what != "kill" else None
            os.kill(os.getpid(), _SIGNALS[what])
        elif what == "exit":
            os._exit(int(argument))
        elif what == "allocate":
            self._kept.append(bytearray(int(argument) << 20))
        elif what == "flood":
            for _ in range(int(argument)):
                _say(2, "x" * (1 << 20))
        elif what == "say":
            _say(2, argument)
        elif what == "print":
            _say(1, argument)
        elif what == "raise":
            raise RuntimeError(argument)
        else:
            raise ValueError(f"no such directive: {what}")


def open_host(arguments: list[str]) -> ScriptedHost:
    """Load the engine, which takes no time unless `start` says so."""
    given = dict(argument.split("=", 1) for argument in arguments)
    starts = _leave_line(given["log"]) if "log" in given else 0
    host = ScriptedHost(given.get("spelling", "classic"))
    host.name, host.is_deaf = given.get("name", host.name), "deaf" in given
    start = given.get("start", "")
    if start and starts <= int(given.get("times", sys.maxsize)):
        if start == "fail":
            raise RuntimeError("told to fail")
        what, _, argument = start.partition(" ")
        host.obey(what, argument)
    return host


def _leave_line(path: str) -> int:
    """Write our process id, and say how many lines there are now."""
    with open(path, "a+", encoding="utf-8") as log:
        log.write(f"{os.getpid()}\n")
        log.seek(0)
        return len(log.readlines())


def _place_of_operation(data: bytes) -> tuple[int, int] | None:
    offset = data.find(BAD_OPERATION.encode())
    if offset < 0:
        return None
    before = data[:offset]
    return before.count(b"\n") + 1, offset - before.rfind(b"\n")


def _say(descriptor: int, line: str) -> None:
    data = line.encode("utf-8", "replace") + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]
