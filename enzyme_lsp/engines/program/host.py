"""A program of the mlir-opt family inside a worker: run once for each request; must import the standard library only.

Loaded by `worker.py`. Its arguments are a file with dialects as IRDL, the program, and arguments that it always gets.
All such programs share a command line, MlirOptMain's: text on standard input, diagnostics on standard error. One that
does not have the Enzyme dialect gets it as IRDL, if it can load that.

A module is printed after each element of a pipeline by running the program for each, on what it printed before:
`--mlir-print-ir-after-all` prints it after each pass within an element too, and for each function that this runs on.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enzyme_lsp.engines import missing_pass, probes
    from enzyme_lsp.engines.enzyme import allowed
    from enzyme_lsp.engines.program import listing
else:
    # By the worker, which has loaded this file by its path too.
    load_beside = sys.modules["__main__"].load_beside
    allowed, listing = load_beside("enzyme", "allowed.py"), load_beside("program", "listing.py")
    missing_pass, probes = load_beside("missing_pass.py"), load_beside("probes.py")

_IRDL_PROBE = '%0 = "enzyme.init"() : () -> !enzyme.Cache<f64>\n'

_NEEDED = ("pass-pipeline", "mlir-print-debuginfo")

_VERSION = re.compile(rb"version ([\w.+-]+)")
_PLACE = re.compile(rb"^<stdin>(?=:\d+:\d+: )", re.MULTILINE)
_NO_PLACE = re.compile(rb"^<unknown>:0: (?:error: (?=MLIR Textual PassPipeline Parser:))?", re.MULTILINE)
_SPELLED = re.compile(rb'irdl\.\w+ @(\w+) attributes \{spelled = "(\w+)"\}')
_FATAL = frozenset({signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGFPE, signal.SIGBUS, signal.SIGSEGV})

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""


class ProgramHost:
    """The program. What it has is read from its `--help`, what it reads is found by trying."""

    def __init__(self, command: list[str], dialects: str) -> None:
        self._command = command
        self._names: list[tuple[bytes, bytes]] = []
        listed = listing.read(self._said("--help"))
        missing = [option for option in _NEEDED if option not in listed.options]
        if missing:
            raise RuntimeError(f"{command[0]} has no option --{missing[0]}, so it is no program as mlir-opt is")
        self.name = os.path.basename(command[0])
        version = _VERSION.search(self._said("--version").encode())
        self.version = version[1].decode() if version is not None else ""
        self.spelling = next((name for name, text in probes.PROBES if self._is_read(text)), probes.NONE)
        if self.spelling == probes.NONE and "irdl-file" in listed.options:
            self._load(dialects)

    def run(self, text: str, pipeline: str, *, generic: bool) -> tuple[bool, str]:
        """Parse and verify `text` and run `pipeline` over it."""
        accepted, printed = self._run(text.encode(), pipeline, generic=generic, is_read=bool(pipeline) or generic)
        return accepted, self._shown(printed).decode("utf-8", "replace")

    def lower(self, text: str, elements: list[str], *, is_trusted: bool) -> tuple[bool, str, list[tuple[bytes, int]]]:
        """Run the elements of a pipeline one after the other, each on what the one before has printed."""
        refusal = None if is_trusted else allowed.refusal(",".join(elements), text)
        if refusal is not None:
            return False, refusal, []
        accepted, printed = self._run(text.encode(), "", generic=False, is_read=True)
        if not accepted:
            return False, "", []
        # All before the first runs, so that a mistake in the last one is found at once.
        if elements and not self._run(b"", ",".join(elements), generic=False, is_read=False)[0]:
            return False, "", []
        prints = [(self._shown(printed), time.time_ns())]
        for element in elements:
            # It is ours no more: what it has of capitals has been put away already.
            accepted, printed = self._run(printed, element, generic=False, is_read=True)
            if not accepted:
                return False, "", prints
            prints.append((self._shown(printed), time.time_ns()))
        return True, "", prints

    def _is_read(self, text: str) -> bool:
        return self._ended(self._start(text.encode(), ["-o", os.devnull])).returncode == 0

    def _load(self, dialects: str) -> None:
        """Have the program load the dialects, if it can."""
        with open(dialects, "rb") as file:
            names = _SPELLED.findall(file.read())
        command = self._command
        # IRDL's own verifier refuses names with capitals, and this program runs it.
        self._command = [*command, f"--irdl-file={dialects}"]
        self._names = [(spelled, name) for name, spelled in names]
        if self._is_read(self._put_away(_IRDL_PROBE.encode()).decode()):
            self.spelling = "generic"
        else:
            self._command, self._names = command, []

    def _put_away(self, text: bytes) -> bytes:
        """A text with names as they were defined, which have as many letters."""
        for spelled, name in self._names if b"enzyme" in text else ():
            text = re.sub(rb"(\benzyme[.<])" + spelled + rb"\b", rb"\1" + name, text)
        return text

    def _shown(self, printed: bytes) -> bytes:
        """What was printed, with names as they are spelled; places in our text as places of no file."""
        for spelled, name in self._names if b"enzyme" in printed else ():
            printed = re.sub(rb"(\benzyme[.<])" + name + rb"\b", rb"\1" + spelled, printed)
        return printed.replace(b'loc("<stdin>"', b'loc("-"')

    def _run(self, text: bytes, pipeline: str, *, generic: bool, is_read: bool) -> tuple[bool, bytes]:
        """Whether the program is content, and what it prints; its diagnostics go to descriptor 2."""
        arguments = ["--mlir-print-debuginfo"]
        arguments += ["--mlir-print-op-generic"] if generic else []
        arguments += [f"--pass-pipeline=builtin.module({pipeline})"] if pipeline else []
        arguments += [] if is_read else ["-o", os.devnull]
        done = self._ended(self._start(self._put_away(text), arguments))
        said = _NO_PLACE.sub(b"", _PLACE.sub(b"-", self._shown(done.stderr)))
        words = missing_pass.explained(said.decode("utf-8", "replace"), allowed.pass_table.PASSES)
        os.write(2, words.encode())
        return done.returncode == 0, done.stdout

    def _start(self, text: bytes, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*self._command, *arguments], input=text, capture_output=True, check=False, preexec_fn=_end_with_us
        )

    def _ended(self, done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[bytes]:
        """The same; a program that died of a signal takes this process with it, which is how a crash is told."""
        number = -done.returncode if done.returncode < 0 else done.returncode - 128
        if done.returncode < 0 or number in _FATAL:
            # Not its list of stack frames, which says nothing to whoever has not built it.
            os.write(2, done.stderr.partition(b"PLEASE submit a bug report")[0])
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        return done

    def _said(self, option: str) -> str:
        done = subprocess.run(
            [*self._command, option], stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True
        )
        return done.stdout + done.stderr


def _end_with_us() -> None:
    """Arrange that the program does not outlive this process, which is killed at its deadline."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def open_host(arguments: list[str]) -> ProgramHost:
    """Try the program."""
    dialects, *command = arguments
    return ProgramHost(command, dialects)
