"""Records what the stand-in of Enzyme's programs says, from real ones; run it to make `opt_recording.json` anew.

    . ./.engines/environment; python -m tests.engines.record_opt PATH/TO/mlir-opt

What Enzyme says of a few texts comes from enzyme-ad 0.0.15 and 0.0.16, which are built from its sources: messages and
their places, what crashes it, and the module after each pass. How a program of the family takes its arguments, ends and
prints is MlirOptMain's, which all of them share, and comes from upstream's mlir-opt. `test_opt_recording.py` holds the
recording against both, where they are.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from enzyme_lsp.engines import probes
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.enzyme.pass_table import ONLY_CLASSIC, ONLY_STRICT, PASSES
from enzyme_lsp.settings import EngineSettings
from tests.engines import opt_stand_in
from tests.engines.harness import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.engines.api import Answer

RELEASES: Final = {
    "0.0.15": EngineSettings(kind="enzyme-ad"),
    "0.0.16": EngineSettings(path=os.environ.get("ENZYME_LSP_TEST_STRICT", "") or "ENZYME_LSP_TEST_STRICT"),
}

_FORWARD: Final = {
    "0.0.15": "{activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}",
    "0.0.16": "<activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]>",
}
_REVERSE: Final = {
    "0.0.15": "{activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]}",
    "0.0.16": "<activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]>",
}
LOWERED: Final = ("canonicalize", "enzyme", "cse")


def _function(operation: str) -> str:
    return f"func.func private @g(f64) -> f64\nfunc.func @f(%x: f64) -> f64 {{\n  %y = {operation}\n  return %y : f64\n}}\n"


def texts(release: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """A name, a text, and the elements of a pipeline that is run over it."""
    square = _function("arith.mulf %x, %x : f64")
    forward = (
        "func.func @d(%x: f64, %dx: f64) -> f64 {\n"
        f"  %0 = enzyme.fwddiff @f(%x, %dx) {_FORWARD[release]} : (f64, f64) -> f64\n  return %0 : f64\n}}\n"
    )
    reverse = (
        "func.func @d(%x: f64, %dr: f64) -> f64 {\n"
        f"  %0 = enzyme.autodiff @f(%x, %dr) {_REVERSE[release]} : (f64, f64) -> f64\n  return %0 : f64\n}}\n"
    )
    yield from ((f"probe {name}", text, ()) for name, text in probes.PROBES)
    yield "valid", square + forward, ()
    yield "stages", square + forward, LOWERED
    yield "unknown callee", square + forward.replace("@f(", "@nobody("), LOWERED
    yield "unclosed", square + forward.replace("%dx) ", "%dx "), ()
    yield "no activity", square + forward.replace("enzyme_dup>", "enzyme_nonsense>"), ()
    yield "other types", square + forward.replace("(f64, f64)", "(f32, f64)"), ()
    yield "unknown dialect", square + "func.func @u() {\n  mine.op\n  return\n}\n", ()
    yield "no derivative", _function("math.tan %x : f64") + reverse, LOWERED
    yield "of a declaration", _function("func.call @g(%x) : (f64) -> f64") + reverse, LOWERED


def messages(release: str) -> list[dict[str, Any]]:
    """What a release of enzyme-ad says of each text."""
    return asyncio.run(_messages(release))


async def _messages(release: str) -> list[dict[str, Any]]:
    async with opened(RELEASES[release]) as engine:
        return [await _recorded(engine, *one) for one in texts(release)]


async def _recorded(engine: Any, name: str, text: str, elements: tuple[str, ...]) -> dict[str, Any]:
    answer: Answer = await engine.pool.run(Request(text.encode(), elements=elements, is_trusted=True))
    assert answer.outcome in (Outcome.ACCEPTED, Outcome.REJECTED, Outcome.CRASHED), answer
    prints = [one.text for one in answer.prints]
    known = len(elements)
    while answer.outcome is Outcome.CRASHED and not prints and known:
        # An engine in the worker takes what it had printed with it, so that is asked for again.
        known -= 1
        some = await engine.pool.run(Request(text.encode(), elements=elements[:known], is_trusted=True))
        prints = [one.text for one in some.prints]
    return {
        "name": name,
        "text": text,
        "elements": list(elements),
        "outcome": answer.outcome.value,
        "signal": answer.detail.partition(";")[0],
        "problems": [
            [one.severity, one.message, *((one.place.line, one.place.column) if one.place else (0, 0))]
            for one in answer.problems
        ],
        "prints": prints,
    }


# The command line

_SHARED: Final = re.compile(
    r"^  --(?:allow-unregistered-dialect|mlir-(?:print|timing|output|disable-threading)[\w-]*|pass-pipeline|verify-each|"
    r"split-input-file|verify-diagnostics|show-dialects|list-passes)\b"
)
_KEPT: Final = ("affine-loop-fusion", "canonicalize", "composite-fixed-point-pass", "cse", "inline", "symbol-dce")
_ARGUMENTS: Final = ("--mlir-print-debuginfo",)
COMMANDS: Final = {
    "valid": ((), "func.func @f() {\n  return\n}\n"),
    "a text that is none": ((), "func.func @f() {\n  return\n"),
    "in the middle": ((), "func.func @f(%x: f64) {\n  %y = arith.addf %x, %z : f64\n  return\n}\n"),
    "a type": ((), "func.func @f() {\n  %0 = arith.constant 1 : nosuch\n  return\n}\n"),
    "a dialect": ((), "func.func @f() {\n\tmine.op\n  return\n}\n"),
    "a pass that is none": (("--pass-pipeline=builtin.module(cse,nosuch)",), "module {}\n"),
    "an option that is none": (("--pass-pipeline=builtin.module(cse{nosuch=1})",), "module {}\n"),
    "an argument that is none": (("--nosuch-argument",), "module {}\n"),
    "a pass that crashes": (("--pass-pipeline=builtin.module(test-pass-crash)",), "module {}\n"),
    "marked": (
        (
            f"--pass-pipeline=builtin.module({opt_stand_in.MARKER}{{name=one pipeline=}},cse)",
            f"--mlir-print-ir-after={opt_stand_in.MARKER}",
            "--mlir-print-ir-tree-dir=FOLDER",
        ),
        "func.func @f() {\n  return\n}\n",
    ),
}
"""Arguments and a text. FOLDER stands for one that is empty."""


def command_line(program: str) -> dict[str, Any]:
    """How a program of the family takes its arguments, ends and prints."""
    helped, version = ([*said(program, (option,), "")["printed"].splitlines()] for option in ("--help", "--version"))
    return {
        "version": version,
        "help": [*_general(helped), *_passes(helped)],
        "said": {name: said(program, (*_ARGUMENTS, *more), text) for name, (more, text) in COMMANDS.items()},
    }


def _general(helped: list[str]) -> Iterator[str]:
    yield from (line for line in helped if line.startswith(("OVERVIEW:", "Available Dialects:", "OPTIONS:")))
    yield from (line for line in helped if _SHARED.match(line))


def _passes(helped: list[str]) -> Iterator[str]:
    """Some passes, as the list of all has them."""
    start = helped.index("  Compiler passes to run")
    is_kept = True
    for line in helped[start:]:
        if (heading := re.match(r"^(?:  |    )(\S.*)", line)) and not line.strip().startswith("="):
            if not (heading[1].startswith("Compiler") or heading[1].endswith(":")):
                return
            is_kept = True
        elif match := re.match(r"^      --([\w-]+)", line):
            is_kept = match[1] in _KEPT
        if is_kept:
            yield line


def said(program: str, arguments: tuple[str, ...], text: str) -> dict[str, Any]:
    """How a program ends and what it prints, without what is different every time: paths, and stacks of frames."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, *(one.replace("FOLDER", folder) for one in arguments)]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
        files = {
            str(path.relative_to(folder)): path.read_text()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }
    # A wrapper starts the program by another path.
    words = re.sub(r"(?:[^\s']*/)?(?:mlir-opt[\w.-]*)(?=[: ])", "PROGRAM", done.stderr.decode())
    words = re.sub(r"(?s)(PLEASE submit a bug report[^\n]*\n).*", r"\1", words)
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    found = {"status": status, "printed": done.stdout.decode(), "said": words}
    return {**found, "files": files} if files else found


def recording(program: str) -> dict[str, Any]:
    return {
        "command line": command_line(program),
        "messages": {release: messages(release) for release in RELEASES},
        "passes": {
            release: {name: options for name, options in PASSES.items() if "enzyme" in name and name not in others}
            for release, others in (("0.0.15", ONLY_STRICT), ("0.0.16", ONLY_CLASSIC))
        },
    }


def main() -> None:
    opt_stand_in.RECORDING.write_text(json.dumps(recording(sys.argv[1]), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
