"""A stand-in for Enzyme's own programs of the mlir-opt family, which are not to be had as packages; run as a program.

    python opt_stand_in.py NAME RELEASE [ARGUMENT ...]

NAME is `enzymemlir-opt` or `enzymexlamlir-opt`, and RELEASE that of an enzyme-ad whose words it has. It knows the texts
of `opt_recording.json`, which `record_opt.py` makes of real programs, and refuses any other with status 99.

Recorded from enzyme-ad, which is built from the same sources: what Enzyme says of a text and at which place, what
crashes it, the module after each pass, and the names and options of its passes. Recorded from upstream's mlir-opt, with
which Enzyme's programs share MlirOptMain: options, `--help` and `--version`, exit statuses, the form in which
diagnostics and prints of a pass are written. Read in the sources of Enzyme and Enzyme-JAX: that the line at the top of
`--help` is "Enzyme modular optimizer driver", and that enzymexlamlir-opt registers all of MLIR's general passes, while
enzymemlir-opt registers some by name, without the pass that `program/stages.py` marks stages with.

Not recorded: the words that `--help` has for Enzyme's passes, which are left out; the dialects, of which a few stand
here; the note "see current operation", which MlirOptMain adds and enzyme-ad does not.

It must import the standard library only.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

RECORDING = Path(__file__).with_name("opt_recording.json")
MARKER = "composite-fixed-point-pass"
NAMES = ("enzymemlir-opt", "enzymexlamlir-opt")
UNKNOWN = 99
"""The exit status for what has not been recorded."""

_OVERVIEW = ("OVERVIEW: Enzyme modular optimizer driver", "Available Dialects: affine, arith, enzyme, func, math")
_NOT_IN = {"enzymemlir-opt": frozenset({MARKER}), "enzymexlamlir-opt": frozenset[str]()}
_MARK = re.compile(MARKER + r"\{name=([\w-]+) pipeline=\}")
_JAX_S = re.compile("xla|hlo")
"""In the names of passes that Enzyme-JAX has, and Enzyme has not."""

_NAME = re.compile(r"[A-Za-z][\w.-]*")


def installed(folder: Path, name: str, release: str) -> Path:
    """The program, in a folder, as if it had been built there."""
    path = folder / name
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" {name} {release} "$@"\n')
    path.chmod(0o755)
    return path


def help_of(name: str, release: str, recorded: dict[str, Any]) -> str:
    """What `--help` prints."""
    lines: list[str] = [*_OVERVIEW]
    is_kept = True
    for line in recorded["command line"]["help"][len(_OVERVIEW) :]:
        if match := re.match(r"^      --([\w-]+)", line):
            is_kept = match[1] not in _NOT_IN[name]
        elif not line.startswith("        "):
            is_kept = True
        if line.strip() == "Pass Pipelines:":
            own: dict[str, dict[str, str]] = recorded["passes"][release]
            lines += _own_passes(
                {one: options for one, options in own.items() if not _JAX_S.search(one) or _has_all(name)}
            )
        lines += [line] if is_kept else []
    return "\n".join(lines) + "\n"


def _has_all(name: str) -> bool:
    return name != "enzymemlir-opt"


def _own_passes(passes: dict[str, dict[str, str]]) -> list[str]:
    lines: list[str] = []
    for name, options in passes.items():
        lines.append(f"      --{name}".ljust(72) + " -   ")
        for option, kind in options.items():
            written = {"bool": "", "int": "=<int>", "number": "=<number>"}.get(kind, "=<string>")
            if option[0] != "{":
                lines.append(f"        --{option}{written if '|' not in kind else '=<value>'}".ljust(72) + " - ")
            if "|" in kind:
                lines += [f"    ={word}".ljust(72) + " -   " + word for word in kind.split("|")]
    return lines


def written(problems: list[list[Any]], text: str | None) -> str:
    """Diagnostics of a text, in the form of MLIR's programs.

    None: of one whose places are in another file, which is not there to be quoted.
    """
    lines: list[str] = text.split("\n") if text is not None else []
    found: list[str] = []
    for severity, message, line, column in problems:
        if not line:
            found.append(f"<unknown>:0: {severity}: {message}\n")
            continue
        if text is None:
            found.append(f"-:{line}:{column}: {severity}: {message}\n")
            continue
        shown: str = lines[int(line) - 1]
        before = " " * len(shown[: column - 1].expandtabs())
        found.append(f"<stdin>:{line}:{column}: {severity}: {message}\n{shown.expandtabs()}\n{before}^\n")
    return "".join(found)


class StandIn:
    """One run of the program."""

    def __init__(self, name: str, release: str) -> None:
        self._recorded: dict[str, Any] = json.loads(RECORDING.read_text())
        self._name, self._release = name, release
        self._cases: list[dict[str, Any]] = self._recorded["messages"][release]

    def run(self, arguments: list[str]) -> int:
        if "--help" in arguments:
            sys.stdout.write(help_of(self._name, self._release, self._recorded))
            return 0
        if "--version" in arguments:
            sys.stdout.write("\n".join(self._recorded["command line"]["version"]) + "\n")
            return 0
        text = sys.stdin.buffer.read().decode()
        pipeline = _value(arguments, "--pass-pipeline").removeprefix("builtin.module(")[:-1]
        if (unknown := self._unknown(pipeline)) is not None:
            at = pipeline.index(unknown) + 1
            what = f"'{unknown}' does not refer to a registered pass or pass pipeline"
            place = f"<unknown>:0: error: MLIR Textual PassPipeline Parser:1:{at}: error: {what}"
            sys.stderr.write(f"{place}\n{pipeline}\n{' ' * (at - 1)}^\n\n")
            return 1
        folder = _value(arguments, "--mlir-print-ir-tree-dir")
        printed = self._marked(text, pipeline, folder) if folder else self._plain(text, pipeline)
        if isinstance(printed, int):
            return printed
        if "-o" not in arguments:
            sys.stdout.write(printed)
        return 0

    def _unknown(self, pipeline: str) -> str | None:
        known = {*re.findall(r"^      --([\w-]+)", help_of(self._name, self._release, self._recorded), re.MULTILINE)}
        names = _NAME.findall(re.sub(r"\{[^{}]*\}", "", pipeline))
        return next((one for one in names if one not in known and "." not in one), None)

    def _plain(self, text: str, pipeline: str) -> str | int:
        """What is printed of a run; the exit status where it fails."""
        if not text.strip():
            return "module {\n}\n\n"
        for case in self._cases:
            prints: list[str] = case["prints"]
            whole = ",".join(case["elements"])
            if text == case["text"] and (not pipeline or pipeline == whole):
                wanted = len(case["elements"]) if pipeline else 0
                return _as_own(prints[wanted]) if wanted < len(prints) else self._failed(case, text)
            for number, element in enumerate(case["elements"][: len(prints)]):
                # Where a text is what was printed of the one that is recorded.
                if text.rstrip() == prints[number].rstrip() and pipeline == element:
                    after = number + 1
                    return _ended(prints[after]) if after < len(prints) else self._failed(case, None)
        sys.stderr.write("error: the stand-in has no recording of this\n")
        return UNKNOWN

    def _marked(self, text: str, pipeline: str, folder: str) -> str | int:
        """The same, with a file for the print at each mark."""
        names = _MARK.findall(pipeline)
        elements = [one.strip(",") for one in _MARK.split(pipeline)[::2]]
        elements = [one for one in elements if one]
        for case in self._cases:
            prints: list[str] = case["prints"]
            if text != case["text"] or elements != case["elements"]:
                continue
            for number, (name, print_) in enumerate(zip(names, prints, strict=False)):
                path = Path(folder, "builtin_module_no-symbol-name", f"{number}_{MARKER}.mlir")
                path.parent.mkdir(exist_ok=True)
                head = f"// -----// IR Dump After {name} ({MARKER}) //----- //\n"
                path.write_text(head + _as_own(print_) + "\n")
            return _as_own(prints[-1]) if case["outcome"] == "accepted" else self._failed(case, text)
        sys.stderr.write("error: the stand-in has no recording of this\n")
        return UNKNOWN

    def _failed(self, case: dict[str, Any], text: str | None) -> int:
        sys.stderr.write(written(case["problems"], text))
        if case["outcome"] == "crashed":
            sys.stderr.write(self._recorded["command line"]["said"]["a pass that crashes"]["said"])
            sys.stderr.flush()
            os.kill(os.getpid(), signal.Signals[case["signal"]])
        return 1


def _value(arguments: list[str], option: str) -> str:
    return next((one.removeprefix(option + "=") for one in arguments if one.startswith(option + "=")), "")


def _as_own(print_: str) -> str:
    """A print of enzyme-ad, which calls its text by another name."""
    return _ended(print_.replace('loc("-"', 'loc("<stdin>"'))


def _ended(print_: str) -> str:
    """A print that ends as those of MlirOptMain do."""
    return print_.rstrip("\n") + "\n\n"


if __name__ == "__main__":
    sys.exit(StandIn(*sys.argv[1:3]).run(sys.argv[3:]))
