"""`enzyme-lsp gradcheck`: whether the derivatives of a file are right, in a terminal; must not know how one tells.

That somebody runs it is their word that the file's code may run, which it does in a process of its own.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import re
import sys
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, cast

from rich.console import Console
from rich.text import Text

from enzyme_lsp import log
from enzyme_lsp.cli import files, options, reading, visible
from enzyme_lsp.cli.misuse import complain, misuse
from enzyme_lsp.derivatives import subject
from enzyme_lsp.engines.engines import Engines
from enzyme_lsp.gradient import report
from enzyme_lsp.gradient.carry_out import carried_out
from enzyme_lsp.gradient.check import Wish
from enzyme_lsp.gradient.judge import Verdict
from enzyme_lsp.gradient.refusal import RefusedError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from enzyme_lsp.gradient.points import Numbers
    from enzyme_lsp.gradient.report import Comparison, Entry
    from enzyme_lsp.workspace.snapshot import Snapshot

_COLORS: Final = {
    Verdict.AGREE.value: "green",
    Verdict.DISAGREE.value: "bold red",
    Verdict.UNCLEAR.value: "yellow",
    report.NOT_CHECKED: "dim",
}
_WIDTH: Final = 120
"""Where there is no terminal."""


def run(arguments: Namespace) -> int:
    """Exit code 0 when all that could be told agree, 1 when one disagrees, 2 when none could be told and on misuse."""
    path = files.one(arguments.path, "one file is checked at a time")
    settings = options.settings_from(arguments)
    log.set_up(settings.log)
    try:
        snapshot = reading.snapshot(path, settings)
    except files.UnreadableError as error:
        complain(str(error))
        return 2
    functions = [name.removeprefix("@") for name in arguments.function or ()]
    _refuse_unknown(snapshot, functions, path)
    wish = Wish(arguments.seed, arguments.full, _given(arguments.at or ()), snapshot.settings.lowering.deadline_s)
    entries = asyncio.run(_entries(snapshot, functions, wish))
    _refuse_unused(wish, entries)
    if arguments.format == "json":
        _print_json(path, wish, entries)
    else:
        _print_text(path, wish, entries)
    verdicts = {one.verdict for one in entries}
    if not entries:
        complain(f"{files.shown(path)} differentiates nothing; name a function of it with --function")
    return 1 if Verdict.DISAGREE.value in verdicts else 0 if Verdict.AGREE.value in verdicts else 2


def _refuse_unknown(snapshot: Snapshot, functions: Sequence[str], path: str) -> None:
    names = {one.callee.name for one in subject.every(snapshot)} if functions else set[str]()
    for name in functions:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean @{close[0]}?" if close else ""
            misuse(f"there is no function @{name} in {files.shown(path)}{hint}")


_GIVEN: Final = re.compile(r"\s*%?(?P<name>[\w$.-]+)\s*=\s*(?P<numbers>.+)")


def _given(written: Sequence[str]) -> dict[str, Numbers]:
    """The numbers of arguments by their names: `x=1.5`, `m=1,2,3`."""
    found: dict[str, Numbers] = {}
    for one in written:
        match = _GIVEN.fullmatch(one)
        try:
            numbers = [float(number) for number in match["numbers"].strip(" []").split(",")] if match else []
        except ValueError:
            numbers = []
        if match is None or not numbers:
            misuse(f"--at {one} is not the name of an argument and its numbers, as in --at x=1.5 or --at m=1,2,3")
        found[match["name"]] = tuple(numbers)
    return found


def _refuse_unused(wish: Wish, entries: Sequence[Entry]) -> None:
    names = {one.partition(" = ")[0].removeprefix("%") for entry in entries for one in entry.at}
    for name in wish.at:
        if names and name not in names:
            complain(f"no function that was checked has an argument %{name}; there are: {', '.join(sorted(names))}")


async def _entries(snapshot: Snapshot, functions: Sequence[str], wish: Wish) -> tuple[Entry, ...]:
    engines = Engines()
    try:
        return await carried_out(engines, snapshot, wish, functions)
    except RefusedError as refused:
        misuse(str(refused))
    finally:
        await engines.close()


def _print_json(path: str, wish: Wish, entries: Sequence[Entry]) -> None:
    found = {"file": files.shown(path), "seed": wish.seed, "summary": report.summary(entries)}
    derivatives = [_finite(asdict(one)) for one in entries]
    sys.stdout.write(json.dumps({**found, "derivatives": derivatives}, indent=2) + "\n")


def _finite(value: Any) -> Any:
    """JSON has no numbers that are not finite; they are null."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in cast("list[Any]", value)]
    return None if isinstance(value, float) and not isfinite(value) else value


def _print_text(path: str, wish: Wish, entries: Sequence[Entry]) -> None:
    console = Console(
        width=None if sys.stdout.isatty() else _WIDTH, markup=False, highlight=False, emoji=False, soft_wrap=True
    )
    name = files.shown(path)
    for one in entries:
        verdict = f"{one.verdict}: {one.reason}" if one.reason else one.verdict
        head = Text(visible.line(f"{name}:{one.line}: {one.title}: "))
        console.print(head.append(visible.line(verdict), _COLORS[one.verdict]))
        for row in _rows(one, full=wish.full):
            console.print(visible.line(f"    {_row(row)}"))
        if one.verdict != report.NOT_CHECKED and one.verdict != Verdict.AGREE.value:
            console.print(visible.line(f"    at {', '.join(one.at)}"))
    if entries:
        again = " --full" if wish.full else ""
        console.print(visible.line(f"{report.summary(entries)} (--seed {wish.seed}{again})"))


def _rows(one: Entry, *, full: bool) -> Sequence[Comparison]:
    """The worst comparison; all where something is wrong or everything was asked for."""
    return one.comparisons if full or one.verdict != Verdict.AGREE.value else one.comparisons[:1]


def _row(row: Comparison) -> str:
    numbers = f"{report.shown(row.derivative)}, differences {report.shown(row.differences)}"
    off = f" ± {row.uncertainty:.1g}, relative error {row.error:.1g}"
    return f"{row.verdict}: {row.output} by {row.argument} {numbers}{off}"
