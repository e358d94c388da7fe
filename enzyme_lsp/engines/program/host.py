"""A program of the mlir-opt family inside a worker: run once for each request; must import the standard library only.

Loaded by `worker.py`. Its arguments are a file with dialects as IRDL, the program, and arguments that it always gets.
All such programs share a command line, MlirOptMain's: text on standard input, diagnostics on standard error. One that
does not have the Enzyme dialect gets it as IRDL, if it can load that.

A module is printed after each element of a pipeline in one run (`stages.py`). Where that does not tell all, it is by a
run for each element, on what the one before printed: with a program that has not the options or the pass which that
takes, for a text with `external_resources`, and where a print is missing, as for a module whose name makes no file's.
That is the worse way: MLIR does not print all places, and now and then prints what it does not read.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.engines import missing_pass, probes, unknown_places
    from enzyme_lsp.engines.enzyme import allowed
    from enzyme_lsp.engines.program import listing, process, stages
    from enzyme_lsp.engines.program.process import Ended
    from enzyme_lsp.engines.worker import EngineDiedError, EngineGoneError
else:
    # By the worker, which has loaded this file by its path too.
    _worker = sys.modules["__main__"]
    load_beside = _worker.load_beside
    EngineDiedError, EngineGoneError = _worker.EngineDiedError, _worker.EngineGoneError
    process, stages = load_beside("program", "process.py"), load_beside("program", "stages.py")
    allowed, listing = load_beside("enzyme", "allowed.py"), load_beside("program", "listing.py")
    missing_pass, probes = load_beside("missing_pass.py"), load_beside("probes.py")
    unknown_places = load_beside("unknown_places.py")

_IRDL_PROBE = '%0 = "enzyme.init"() : () -> !enzyme.Cache<f64>\n'

_NEEDED = ("pass-pipeline", "mlir-print-debuginfo")

_VERSION = re.compile(rb"version ([\w.+-]+)")
_PLACE = re.compile(rb"^<stdin>(?=:\d+:\d+: )", re.MULTILINE)
_NO_PLACE = re.compile(rb"^<unknown>:0: (?:error: (?=MLIR Textual PassPipeline Parser:))?", re.MULTILINE)
_OTHER_PLACE = re.compile(
    rb'^<unknown>:0: ((?:error|warning|remark|note): )(loc\((?:[^()"\n]|"(?:[^"\\\n]|\\.)*"|\([^()\n]*\))*\): )',
    re.MULTILINE,
)
"""A place that is no line of a file, such as a name, stands in the message."""
_SPELLED = re.compile(rb'irdl\.\w+ @(\w+) attributes \{spelled = "(\w+)"\}')
_NO_PIPELINE = re.compile(
    rb"<unknown>:0: error: (?:MLIR Textual PassPipeline Parser:|<Pass-Options-Parser>:)|^failed to add `", re.MULTILINE
)
_TIMING = ("--mlir-timing", "--mlir-output-format=json")
_UNREAD = ("-o", os.devnull)
_MOST_BYTES = 2_000
_ERROR = re.compile(rb"^(?:[^\n]*: )?error: ", re.MULTILINE)
_DIAGNOSTIC = re.compile(rb"^(?:[^\n]*: )?(?:error|warning|remark): ", re.MULTILINE)


class ProgramHost:
    """The program. What it has is read from its `--help`, what it reads is found by trying."""

    def __init__(self, command: list[str], dialects: str) -> None:
        self._command = command
        self._names: list[tuple[bytes, bytes]] = []
        self.name = _readable(os.path.basename(command[0]))
        stages.clear()
        helped = self._start(b"", ["--help"])
        listed = listing.read(helped.printed.decode("utf-8", "replace"))
        self.catalogue = listed.plain()
        options = listed.options
        missing = next((option for option in _NEEDED if option not in options), None)
        if missing is not None:
            raise EngineGoneError(f"it is no program as mlir-opt is: {_complaint(helped, missing)}")
        version = _VERSION.search(self._start(b"", ["--version"]).printed)
        self.version = version[1].decode() if version is not None else ""
        self.spelling = next((name for name, text in probes.PROBES if self._is_read(text)), probes.NONE)
        if self.spelling == probes.NONE and "irdl-file" in options:
            self._load(dialects)
        self._timing = _TIMING if options.issuperset(stages.TIMING) else ()
        marker = listed.passes.get(stages.MARKER)
        self._is_one_run = (
            marker is not None and {"name", "pipeline"} <= {*marker.options} and options.issuperset(stages.NEEDED)
        )

    def run(self, text: str, pipeline: str, *, generic: bool) -> tuple[bool, str]:
        """Parse and verify `text` and run `pipeline` over it."""
        arguments = self._arguments(pipeline)
        arguments += ["--mlir-print-op-generic"] if generic else []
        arguments += [] if pipeline or generic else _UNREAD
        ended = self._ended(self._put_away(text.encode()), arguments)
        # What is said while a text is read and verified is against it, whatever a script makes of the program's end.
        if ended.status or (not pipeline and _ERROR.search(ended.said)):
            return False, self._silence(ended)
        return True, self._shown(ended.printed).decode("utf-8", "replace")

    def lower(self, text: str, elements: list[str], *, is_trusted: bool) -> tuple[bool, str, list[tuple[bytes, int]]]:
        """Run the elements of a pipeline one after the other."""
        refusal = None if is_trusted else allowed.refusal(",".join(elements), text)
        if refusal is not None:
            return False, refusal, []
        data = self._put_away(text.encode())
        if self._is_one_run and stages.are_told(data):
            found = self._in_one_run(data, elements)
            if found is not None:
                return found
        return self._one_by_one(data, elements)

    def to_text(self, data: bytes) -> tuple[bool, str, bytes]:
        """Bytecode as text, as the program prints it."""
        ended = self._ended(data, self._arguments(""))
        if ended.status:
            return False, self._silence(ended), b""
        return True, "", unknown_places.left_out(self._spelled(ended.printed))

    def _in_one_run(self, text: bytes, elements: Sequence[str]) -> tuple[bool, str, list[tuple[bytes, int]]] | None:
        """The same as `lower`; None where the prints do not tell how far the program came."""
        marked = stages.Marked(elements)
        try:
            with stages.folder() as path:
                arguments = [*self._arguments(marked.pipeline), *marked.arguments(path), *self._timing, *_UNREAD]
                ended = self._start(text, arguments)
                dumps = marked.dumps(path)
        except OSError:
            return None
        is_all = marked.is_all(dumps)
        if is_all != (ended.status == 0) or not dumps:
            return None
        clock = marked.clock(dumps, ended.said)
        ended = replace(ended, said=stages.without_times(ended.said))
        self._say(ended)
        prints = [(self._shown(dump.text), at) for dump, at in zip(dumps, clock, strict=True)]
        if ended.signal:
            raise EngineDiedError(ended.signal, prints)
        return is_all, "" if is_all else self._silence(ended), prints

    def _one_by_one(self, text: bytes, elements: Sequence[str]) -> tuple[bool, str, list[tuple[bytes, int]]]:
        """The same as `lower`, by a run for each element, on what the one before has printed."""
        parsed = self._ended(text, self._arguments(""))
        if parsed.status:
            return False, self._silence(parsed), []
        # All before the first runs, so that a mistake in the last one is found at once.
        if elements:
            checked = self._start(b"", [*self._arguments(",".join(elements)), *_UNREAD])
            # A pass may well fail over nothing, and then tells it again where it does over something.
            if checked.status and _NO_PIPELINE.search(checked.said):
                self._say(checked)
                return False, "", []
        printed = self._placed(parsed.printed)
        prints = [(self._spelled(printed), time.time_ns())]
        for element in elements:
            # It is ours no more: what it has of capitals has been put away already.
            ended = self._start(printed, self._arguments(element))
            # Places in what it was given, which is no text of anybody's, stay as it calls them.
            self._pass_on(ended, self._spelled(ended.said))
            if ended.signal:
                raise EngineDiedError(ended.signal, prints)
            if ended.status:
                return False, self._silence(ended), prints
            printed = ended.printed
            prints.append((self._spelled(printed), time.time_ns()))
        return True, "", prints

    def _is_read(self, text: str) -> bool:
        return self._start(text.encode(), [*_UNREAD]).status == 0

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
        """What was printed of our text: with names as they are spelled, and its places as places of no file."""
        return self._placed(self._spelled(printed))

    def _placed(self, printed: bytes) -> bytes:
        return printed.replace(b'loc("<stdin>"', b'loc("-"')

    def _spelled(self, printed: bytes) -> bytes:
        for spelled, name in self._names if b"enzyme" in printed else ():
            printed = re.sub(rb"(\benzyme[.<])" + name + rb"\b", rb"\1" + spelled, printed)
        return printed

    def _arguments(self, pipeline: str) -> list[str]:
        return ["--mlir-print-debuginfo", *([f"--pass-pipeline=builtin.module({pipeline})"] if pipeline else [])]

    def _start(self, text: bytes, arguments: Sequence[str]) -> Ended:
        """Run the program to its end, whatever that is. Raises `EngineGoneError`."""
        try:
            return process.run([*self._command, *arguments], text)
        except process.EndlessError as error:
            return process.Ended(1, b"", f"error: {error}\n".encode())
        except ValueError:
            return process.Ended(1, b"", b"error: a pipeline with a NUL in it is none\n")
        except OSError as error:
            if error.errno == errno.E2BIG:
                return process.Ended(1, b"", b"error: the pipeline is too long for a command line\n")
            raise EngineGoneError(f"{_readable(self._command[0])} cannot be run: {error.strerror}") from error

    def _ended(self, text: bytes, arguments: Sequence[str]) -> Ended:
        """The same, saying what it said; a program that died of a signal takes this process with it."""
        ended = self._start(text, arguments)
        self._say(ended)
        if ended.signal:
            signal.signal(ended.signal, signal.SIG_DFL)
            os.kill(os.getpid(), ended.signal)
        return ended

    def _say(self, ended: Ended) -> None:
        """Pass on what the program said of our text."""
        self._pass_on(ended, _PLACE.sub(b"-", self._shown(ended.said)))

    def _pass_on(self, ended: Ended, said: bytes) -> None:
        # Not its list of stack frames, which says nothing to whoever has not built it.
        said = said.partition(b"PLEASE submit a bug report")[0] if ended.signal else said
        if not ended.signal and not _DIAGNOSTIC.search(said) and not _is_text(said):
            return
        said = _NO_PLACE.sub(b"", _OTHER_PLACE.sub(rb"\2\1", said))
        words = missing_pass.explained(said.decode("utf-8", "replace"), allowed.pass_table.PASSES)
        os.write(2, words.encode())

    def _silence(self, ended: Ended) -> str:
        """Why the program is not content, where no diagnostic says so."""
        if _DIAGNOSTIC.search(ended.said):
            return ""
        return f"{self.name} ended with {ended.end} and said {ended.last_words or 'nothing'}"


def _is_text(said: bytes) -> bool:
    """Whether what a program said without any form can be shown as it stands."""
    if len(said) > _MOST_BYTES:
        return False
    try:
        return all(one.isprintable() or one in "\n\t" for one in said.decode())
    except UnicodeDecodeError:
        return False


def _complaint(helped: Ended, missing: str) -> str:
    if helped.status:
        return f"its --help ended with {helped.end} and said {helped.last_words or 'nothing'}"
    return f"its --help has no option --{missing}"


def _readable(path: str) -> str:
    """A path can be of any bytes, and of some no message could be made."""
    return path.encode("utf-8", "replace").decode()


def open_host(arguments: list[str]) -> ProgramHost:
    """Try the program."""
    dialects, *command = arguments
    return ProgramHost(command, dialects)
