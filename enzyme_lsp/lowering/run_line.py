"""Run lines: the lowerings that the RUN lines of a test describe, read from the options of `*-opt` programs.

What such a program is told on its command line is the same as a pipeline: `--enzyme-wrap="infn=f outfn=g" --cse` is
`enzyme-wrap{infn=f outfn=g},cse`; a pass that runs on functions alone is put into them. Nothing is run here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.lowering import pipeline as pipelines
from enzyme_lsp.lowering import shell
from enzyme_lsp.lowering.function_passes import FUNCTION_PASSES
from enzyme_lsp.lowering.pipeline import Nest, Option, Pass, Pipeline
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from enzyme_lsp.lowering.shell import Command, Word

_PROGRAM: Final = re.compile(r"(?:.*/)?%?\{?[\w.+-]*opt(?:-\d+)?\}?")
_OPTION: Final = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_SOURCE: Final = frozenset({"%s", "%S/%basename_s", "%{s}"})
_PIPELINE: Final = "pass-pipeline"

GENERAL: Final = frozenset(
    {
        "allow-unregistered-dialect",
        "color",
        "debug",
        "debug-only",
        "disable-i2p-p2i-opt",
        "emit-bytecode",
        "emit-bytecode-version",
        "irdl-file",
        "log-actions-to",
        "log-mlir-actions-filter",
        "mlir-disable-threading",
        "mlir-elide-elementsattrs-if-larger",
        "mlir-elide-resource-strings-if-larger",
        "mlir-pass-pipeline-crash-reproducer",
        "mlir-pass-statistics",
        "mlir-pass-statistics-display",
        "mlir-pretty-debuginfo",
        "mlir-print-assume-verified",
        "mlir-print-debuginfo",
        "mlir-print-elementsattrs-with-hex-if-larger",
        "mlir-print-ir-after",
        "mlir-print-ir-after-all",
        "mlir-print-ir-after-change",
        "mlir-print-ir-after-failure",
        "mlir-print-ir-before",
        "mlir-print-ir-before-all",
        "mlir-print-ir-module-scope",
        "mlir-print-ir-tree-dir",
        "mlir-print-local-scope",
        "mlir-print-op-generic",
        "mlir-print-op-on-diagnostic",
        "mlir-print-skip-regions",
        "mlir-print-stacktrace-on-diagnostic",
        "mlir-print-unique-ssa-ids",
        "mlir-print-value-users",
        "mlir-timing",
        "mlir-timing-display",
        "mlir-use-nameloc-as-prefix",
        "mlir-very-unsafe-disable-verifier-on-parsing",
        "no-implicit-module",
        "o",
        "output-split-marker",
        "profile-actions-to",
        "remarks-filter",
        "run-reproducer",
        "show-dialects",
        "split-input-file",
        "stats",
        "use-unknown-loc",
        "verify-diagnostics",
        "verify-each",
        "verify-roundtrip",
    }
)
"""Options of MlirOptMain that are no passes: they change how a text is read and printed, not what it becomes."""
_WITH_VALUE: Final = frozenset({"o", "debug-only", "irdl-file", "mlir-print-ir-after", "mlir-print-ir-before"})
"""Those whose value may be a word of its own."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A pass of a command line and where it is named; or an option of one."""

    element: Pass
    word: Word
    start: int
    """The character of the word's text at which the name begins."""


@dataclass(frozen=True, slots=True)
class Lowering:
    """What one command of a RUN line makes of a text.

    `number` is that of the RUN line, from 1. `reason` says why there is nothing to run, and is empty otherwise.
    `texts` are the pipelines that stand in the text as such, each with its word and where in that it begins.
    `checker` are the arguments of the FileCheck that reads the output.
    """

    number: int
    span: Span
    program: str
    pipeline: Pipeline
    passes: tuple[Placed, ...] = ()
    texts: tuple[tuple[Word, int], ...] = ()
    splits: bool = False
    verifies_diagnostics: bool = False
    allows_unregistered: bool = False
    fails: bool = False
    checker: tuple[str, ...] | None = None
    reason: str = ""


def lowerings(data: bytes) -> tuple[Lowering, ...]:
    """The lowerings of a text's RUN lines, in order: one for each pipe that begins with the file."""
    found: list[Lowering] = []
    for number, line in enumerate(shell.run_lines(data), 1):
        found += [_of_pipe(number, line.span, pipe) for pipe in line.pipes]
    return tuple(found)


@dataclass(slots=True)
class _Arguments:
    """What the command lines of one pipe say together."""

    passes: list[Placed]
    elements: list[pipelines.Element]
    problems: list[pipelines.Problem]
    texts: list[tuple[Word, int]]
    flags: set[str]
    files: list[str]


def _of_pipe(number: int, span: Span, pipe: tuple[Command, ...]) -> Lowering:
    said = _Arguments([], [], [], [], set(), [])
    program, fails, reason, checker = "", False, "", None
    reads_source = False
    for command in pipe:
        words, negated = _without_prefix(command.words)
        name = words[0].text if words else ""
        if _PROGRAM.fullmatch(name):
            if checker is not None:
                reason = reason or f"`{name}` does not read the module itself"
                continue
            program, fails = program or _base(name), fails or negated
            before = len(said.files)
            _read_arguments(words[1:], said)
            sources = [*said.files[before:], *([command.reads] if command.reads else [])]
            reads_source = reads_source or any(one in _SOURCE for one in sources)
            others = [one for one in sources if one not in _SOURCE and one != "-"]
            if others:
                reason = reason or f"it reads {others[0]}, not this file"
        elif _base(name) == "FileCheck":
            checker = tuple(word.text for word in words[1:])
        elif name == "cat" and not program:
            reads_source = reads_source or any(word.text in _SOURCE for word in words[1:])
        elif not program:
            reason = reason or f"`{name}` is no program of the mlir-opt family"
    if not program:
        reason = reason or "there is no program of the mlir-opt family in it"
    elif not reads_source:
        reason = reason or "it does not read this file"
    elif "show-dialects" in said.flags or "run-reproducer" in said.flags:
        reason = reason or "it prints something else than what the module becomes"
    return Lowering(
        number,
        span,
        program,
        Pipeline(tuple(said.elements), tuple(said.problems)),
        tuple(said.passes),
        tuple(said.texts),
        splits="split-input-file" in said.flags,
        verifies_diagnostics="verify-diagnostics" in said.flags,
        allows_unregistered="allow-unregistered-dialect" in said.flags,
        fails=fails,
        checker=checker,
        reason=reason,
    )


def _without_prefix(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], bool]:
    """A command without `env A=B` and `not` before it; and whether it is expected to fail."""
    negated = False
    while words:
        text = words[0].text
        if text == "not":
            negated = not negated
        elif text not in ("env", "--crash") and not re.fullmatch(r"[A-Za-z_]\w*=.*", text, re.DOTALL):
            break
        words = words[1:]
    return words, negated


def _read_arguments(words: tuple[Word, ...], said: _Arguments) -> None:
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        option = _OPTION.fullmatch(word.text)
        if option is None:
            said.files.append(word.text)
            continue
        name, value = option[1], option[2]
        if name == _PIPELINE:
            if value is None and index < len(words):
                _add_pipeline(words[index], 0, said)
                index += 1
            elif value is not None:
                _add_pipeline(word, option.start(2), said)
        elif name in GENERAL:
            if value != "false":
                said.flags.add(name)
            index += name in _WITH_VALUE and value is None
        else:
            _add_pass(word, option, said)


def _add_pipeline(word: Word, start: int, said: _Arguments) -> None:
    read = pipelines.parse(word.text[start:]).inside_module()
    said.elements += read.elements
    said.problems += read.problems
    said.texts.append((word, start))


def _add_pass(word: Word, option: re.Match[str], said: _Arguments) -> None:
    found: tuple[Option, ...] = ()
    if option[2] is not None:
        found, problems = pipelines.options(option[2], option.start(2))
        said.problems += problems
    span = Span(option.start(1), len(word.text))
    element = Pass(option[1], found, span, Span(option.start(1), option.end(1)))
    is_inside = element.name in FUNCTION_PASSES
    said.elements.append(Nest("func.func", (element,), span, element.name_span) if is_inside else element)
    said.passes.append(Placed(element, word, option.start(1)))


def _base(name: str) -> str:
    return name.rpartition("/")[2].strip("%{}")
