"""The command line: what can be asked and with which options; must not know how anything is answered.

Each command's module is imported when the command is chosen, so that `check` does not wait for the protocol's
thousand classes, nor the server for the terminal's colors.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from enzyme_lsp import __version__
from enzyme_lsp.cli import streams
from enzyme_lsp.cli.misuse import complain
from enzyme_lsp.lowering.presets import DEFAULT, PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code. Misuse ends in SystemExit with code 2."""
    streams.make_sure()
    try:
        try:
            return _run(_with_command(sys.argv[1:] if argv is None else argv))
        finally:
            sys.stdout.flush()  # Also what argparse has printed, or it would be lost without a word.
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader, `head` perhaps, has seen enough. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        # Commands answer for the files that they read; what is left is that the output cannot be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        complain(f"cannot write the output: {error.strerror or error}")
        return 2


def _run(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    # Each command has the name of the module that has its `run`.
    code: int = import_module(f"enzyme_lsp.cli.{arguments.command}").run(arguments)
    return code


def _with_command(argv: Sequence[str]) -> Sequence[str]:
    """Editors start the server with no command, some with `--stdio` alone."""
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        return ["serve", *argv]
    return argv


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="enzyme-lsp",
        description="A language server for MLIR with the Enzyme dialect, and its checks in a terminal.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"enzyme-lsp {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser(
        "serve",
        help="talk to an editor over standard input and output (the default)",
        description="Talk to an editor over standard input and output.",
        allow_abbrev=False,
    )
    serve.add_argument("--stdio", action="store_true", help="accepted for editors that insist; there is no other way")

    check = commands.add_parser(
        "check",
        help="report the problems of files",
        description="Report the problems of files. Exits 0 without errors, 1 with errors, 2 on misuse and for a file"
        " that cannot be read or written.",
        allow_abbrev=False,
    )
    check.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, a folder (every *.mlir below it, hidden folders aside), or - for standard input",
    )
    check.add_argument("--fix", action="store_true", help="first apply the fixes that are certain to the files")
    check.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text", help="default: text")
    check.add_argument(
        "--deep",
        action=argparse.BooleanOptionalAction,
        help="have the compiler differentiate what the files say, to find what has no derivative; default: yes",
    )
    check.add_argument(
        "--compare-engines",
        action="store_true",
        help="ask every engine that is installed, and report where they differ; exits 1 where they do",
    )
    check.add_argument("--explain", metavar="CODE", help="print the page about a problem's code, and check nothing")
    _add_engine_options(check)

    differentiate = commands.add_parser(
        "differentiate",
        help="write the derivative of a function behind it",
        description="Write the derivative of a function behind it, and the text to standard output. Exits 0 when it is"
        " written, 1 when there is no such derivative, which the reason follows, 2 on misuse and for a file that cannot"
        " be read or written.",
        allow_abbrev=False,
    )
    differentiate.add_argument("path", metavar="FILE", help="a file, or - for standard input")
    differentiate.add_argument("--function", required=True, metavar="NAME", help="its symbol, with or without @")
    differentiate.add_argument("--line", type=int, help="the line of its name, where several have that name")
    differentiate.add_argument("--mode", required=True, choices=("reverse", "forward", "jacobian", "hvp", "batch"))
    differentiate.add_argument(
        "--width", type=int, metavar="N", help="seeds, directions or rows of a batch at once; default: 1, of a batch 2"
    )
    differentiate.add_argument(
        "--activity", metavar="WORDS", help="one for each argument, with commas: active, dup, const..."
    )
    differentiate.add_argument(
        "--primal",
        action=argparse.BooleanOptionalAction,
        help="give what the function itself gives, too; default: in forward mode",
    )
    differentiate.add_argument(
        "--spelling",
        choices=("classic", "strict"),
        help="that of Enzyme's text; default: the file's own, and classic where it has none",
    )
    target = differentiate.add_mutually_exclusive_group()
    target.add_argument("-o", "--output", metavar="OUT", help="write the text to another file")
    target.add_argument("--in-place", action="store_true", help="change the file")
    target.add_argument("--diff", action="store_true", help="show what would change")

    lower = commands.add_parser(
        "lower",
        help="print what a file becomes, pass by pass",
        description="Print what a file becomes. Exits 0 when all of it was lowered, 1 when a pass failed, 2 on misuse,"
        " without an engine and for a file that cannot be read or written.",
        allow_abbrev=False,
    )
    lower.add_argument("path", metavar="FILE", help="a file, or - for standard input")
    lower.add_argument("--function", metavar="NAME", help="only this symbol and what it needs")
    how = lower.add_mutually_exclusive_group()
    how.add_argument("--pipeline", metavar="TEXT", help="passes as MLIR writes them: enzyme,canonicalize")
    how.add_argument(
        "--preset",
        metavar="NAME",
        help=f"passes that have a name: {', '.join(PRESETS)}, or one of the settings"
        f" (lowering.pipelines); default: {DEFAULT}",
    )
    how.add_argument("--run-line", type=int, metavar="N", help="the passes of the file's Nth RUN line")
    lower.add_argument("--stages", action="store_true", help="the module after each pass that changes it")
    lower.add_argument("--diff", action="store_true", help="what changes: from first to last, with --stages each time")
    lower.add_argument("--timing", action="store_true", help="how long each pass took, on standard error")
    lower.add_argument("-o", "--output", metavar="OUT", help="write to a file")
    lower.add_argument(
        "--reproducer", metavar="OUT", help="when the compiler crashes, write the smallest module found that crashes it"
    )
    _add_engine_options(lower)

    convert = commands.add_parser(
        "convert",
        help="make text of MLIR bytecode, or bytecode of a text",
        description="Make text of a file of MLIR bytecode, and bytecode of any other. Exits 0 when it is made, 1 when"
        " it cannot be, which the reason follows, 2 on misuse and for a file that cannot be read or written.",
        allow_abbrev=False,
    )
    convert.add_argument("path", metavar="FILE", help="a file, or - for standard input")
    convert.add_argument("-o", "--output", metavar="OUT", help="write to a file; default: to standard output")
    _add_engine_options(convert)

    gradcheck = commands.add_parser(
        "gradcheck",
        help="run derivatives, and compare them with differences of their functions",
        description="Run what a file differentiates as machine code, in a process of its own, and compare each"
        " derivative with central differences of its function. Exits 0 when those that can be told agree, 1 when one"
        " disagrees, 2 when none can be told, on misuse and without an engine.",
        allow_abbrev=False,
    )
    gradcheck.add_argument("path", metavar="FILE", help="a file, or - for standard input")
    gradcheck.add_argument(
        "--function",
        action="append",
        metavar="NAME",
        help="only what differentiates this function or stands in it; where nothing does, its gradient and its"
        " derivative in a direction; may be given again",
    )
    gradcheck.add_argument(
        "--at", action="append", metavar="NAME=NUMBERS", help="the numbers of an argument: x=1.5, or m=1,2,3"
    )
    gradcheck.add_argument("--seed", type=int, default=0, metavar="N", help="of the other numbers; default: 0")
    gradcheck.add_argument("--full", action="store_true", help="vary each number alone, and not all in one direction")
    gradcheck.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    _add_engine_options(gradcheck)

    doctor = commands.add_parser(
        "doctor",
        help="say what is installed and whether the Enzyme compiler answers",
        description="Say what is installed, which engine answers what, and whether it does. Exits 0 when all that"
        " the settings mean do, else 1.",
        allow_abbrev=False,
    )
    doctor.add_argument("paths", nargs="*", metavar="PATH", help="files or folders: which engine is theirs")
    doctor.add_argument("--json", action="store_true", help="the report as JSON")
    _add_engine_options(doctor)

    probe = commands.add_parser(
        "probe",
        help="run every editor feature at every token of files, for bug reports",
        description="Run every editor feature at every token of files. Exits 1 when one raised an exception.",
        allow_abbrev=False,
    )
    probe.add_argument("paths", nargs="+", metavar="FILE", help="a file, a folder, or - for standard input")
    return parser


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    options = parser.add_argument_group("engine")
    options.add_argument(
        "--engine",
        action=argparse.BooleanOptionalAction,
        help="demand the Enzyme compiler (exit 2 without it), or do without; default: use it where it is",
    )
    options.add_argument("--engine-python", metavar="PATH", help="the Python interpreter that has enzyme-ad")
    options.add_argument("--engine-path", metavar="DIR", help="a folder made by `pip install --target DIR enzyme-ad`")
    options.add_argument("--config", metavar="FILE", help="settings as JSON, as an editor would send them")
