"""The experiments that the calling convention was learned from, asked again: what the engines say, and what we say.

    python -m tests.differential.experiments [--engine-path DIR]... [--table FILE] [--update]

Without `--engine-path` the default engine is asked; an empty one names it too. Prints how we compare; `--table` writes a
line for each experiment, and `--update` what the engines made of it into experiments.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.api import Outcome
from tests.differential.compare import Side, said, side_of
from tests.differential.forking_host import ALONE
from tests.differential.oracle import Found, Kind, Oracle, ignored_by, refusal
from tests.differential.written import all_asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.spelling import Spelling

FILE: Final = Path(__file__).with_name("experiments.txt")


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment. `text` has marks where spellings differ; `passes` is empty for the usual ones."""

    id: str
    what: str
    text: str
    passes: str = ""
    is_module: bool = False
    made: tuple[tuple[str, Kind], ...] = ()
    """What each version of the engine is known to make of it."""

    @property
    def usual(self) -> str:
        """The passes that make something of its operation."""
        if "enzyme.batch" in self.text:
            return "enzyme-batch"
        if "enzyme.jacobian" in self.text:
            return "lower-enzyme-jacobian-stablehlo"
        return "outline-enzyme-regions,enzyme" if "diff_region" in self.text else "enzyme"

    @property
    def runs(self) -> tuple[str, ...]:
        """The pipelines to ask for: its own, and the usual one where its own leaves the operation."""
        own = re.split(r",|\{.*\}", self.passes)
        missing = [name for name in self.usual.split(",") if name not in own]
        return (self.passes, *([self.usual] if missing else ())) if self.passes else (self.usual,)


@dataclass(frozen=True, slots=True)
class Experiments:
    """All of them, and what they are written with."""

    head: str
    """The text of the file before the first experiment."""
    values: Mapping[str, str]
    symbols: Mapping[str, str]
    listed: tuple[Experiment, ...]

    def module(self, experiment: Experiment, spelling: Spelling) -> str:
        """The text that an engine is asked about."""
        text = experiment.text if experiment.is_module else self._caller(experiment.text)
        return _spelled(self._with_symbols(text), spelling)

    def _caller(self, text: str) -> str:
        defined = set(re.findall(r"(%\w+)(?::\d+)?(?: =|: )", text))
        taken = [name for name in dict.fromkeys(re.findall(r"%\w+", text)) if name in self.values]
        arguments = ", ".join(f"{name}: {self.values[name]}" for name in taken if name not in defined)
        given = re.search(r"^return %\w+ : (.*)$", text, re.MULTILINE)
        lines = "".join(f"  {line}\n" for line in text.splitlines())
        leave = "" if given else "  return\n"
        return f"func.func @caller({arguments}) -> ({given[1] if given else ''}) {{\n{lines}{leave}}}\n"

    def _with_symbols(self, text: str) -> str:
        """The text behind what it names, and what that names."""
        named: dict[str, None] = {}
        waiting = [text]
        while waiting:
            for name in re.findall(r"@(\w+)", waiting.pop()):
                if name in self.symbols and name not in named:
                    named[name] = None
                    waiting.append(self.symbols[name])
        # A module may hold a symbol that is named as well.
        texts = dict.fromkeys(self.symbols[name] for name in self.symbols if name in named)
        return "\n".join([*texts, text])


def read(text: str) -> Experiments:
    """What the file says."""
    first = re.search(r"^=[=#] ", text, re.MULTILINE)
    assert first is not None
    head = text[: first.start()]
    values = {
        name: line.partition(": ")[2]
        for line in head.splitlines()
        if line.startswith("%")
        for name in line.partition(":")[0].split()
    }
    symbols: dict[str, str] = {}
    for item in head.split("-" * 10)[1].strip().split("\n\n"):
        for name in re.findall(r"^\s*(?:[\w.]+) .*?@(\w+)", item.partition("\n")[0]) + re.findall(
            r"^  [\w.]+\.func @(\w+)", item, re.MULTILINE
        ):
            symbols[name] = item
    return Experiments(head, values, symbols, tuple(_experiments(text[first.start() :])))


def _experiments(text: str) -> Iterator[Experiment]:
    for block in re.split(r"^(?==[=#] )", text, flags=re.MULTILINE)[1:]:
        title, *lines = block.rstrip().splitlines()
        made = tuple((line.split()[1], Kind(line.split(maxsplit=2)[2])) for line in lines if line.startswith("-- "))
        lines = [line for line in lines if not line.startswith("-- ")]
        passes = lines.pop(0).removeprefix("pass ") if lines and lines[0].startswith("pass ") else ""
        id_, _, what = title[3:].partition(": ")
        yield Experiment(id_, what, "\n".join(lines), passes, title.startswith("=#"), made)


def written(experiments: Experiments) -> str:
    """The text of the file."""
    parts: list[str] = []
    for one in experiments.listed:
        lines = [f"{'=#' if one.is_module else '=='} {one.id}: {one.what}"]
        lines += [f"pass {one.passes}"] * bool(one.passes)
        lines += [one.text, *(f"-- {version} {kind.value}" for version, kind in one.made)]
        parts.append("\n".join(lines) + "\n")
    return experiments.head + "\n".join(parts)


def _spelled(text: str, spelling: Spelling) -> str:
    if spelling == "classic":
        text = re.sub(r"'(\w+)", r"#enzyme<activity enzyme_\1>", text)
        return text.replace("{| ", "{").replace(" |}", "}")
    text = re.sub(r"'(\w+)", r"#enzyme.activity<enzyme_\1>", text)
    text = re.sub(r"#enzyme<(\w+) ([^<>]*)>", r"#enzyme.\1<\2>", text)
    return text.replace("attributes {| ", "{| ").replace("{| ", "<{").replace(" |}", "}>")


async def ask(oracle: Oracle, experiment: Experiment, text: str) -> Found:
    """What an engine makes of an experiment: of the passes that it names, and of those that use the operation."""
    printed = ""
    for passes in experiment.runs:
        answer = await oracle.run(ALONE + text, passes)
        if (refused := refusal(answer)) is not None:
            return refused
        printed = answer.output or ""
    ignored = list(ignored_by(all_asked(text, anywhere=experiment.is_module), printed))
    return Found(Kind.SILENTLY_WRONG, "; ".join(ignored)) if ignored else Found(Kind.GOOD)


@dataclass(frozen=True, slots=True)
class Replayed:
    """An experiment with what one engine and we say of it in the engine's spelling."""

    experiment: Experiment
    version: str
    found: Found
    by_parser: bool
    """Whether the engine refuses the text before any pass runs, which it says at every key."""
    ours: tuple[Diagnostic, ...]

    @property
    def side(self) -> Side:
        return side_of(self.found, self.ours)

    @property
    def verdict(self) -> str:
        """In a word: `agree`, or who misses what, and why where that is known."""
        if self.side is Side.AGREE:
            return "agree"
        reason = EXPLAINED.get(self.experiment.id, "")
        if self.side is Side.FALSE_ERROR:
            return f"ours stricter: {reason}" if reason else "FALSE"
        if self.by_parser:
            return "agree: the engine's parser or verifier says so at every key"
        return f"not ours: {reason}" if reason else "MISS"


_BODY: Final = "what the callee holds decides, and running the pass tells"

EXPLAINED: Final = {
    **dict.fromkeys(("F11", "F13"), "accepted by accident, with a seed that forward mode does not read"),
    **dict.fromkeys(
        ("J4", "J22"), "nothing checks the type of a jacobian; its pass reads the sizes of the result first"
    ),
    "B15": "a batch of no element computes nothing",
    **dict.fromkeys(("K9", "K10", "K13", "K27", "K32", "K36", "K47", "K48", "K49", "K50", "L11", "L12"), _BODY),
    **dict.fromkeys(("X7", "X10", "Y1", "Y4", "B48"), _BODY),
    **dict.fromkeys(
        ("K22", "K23"), "a derivative of a derivative needs passes between the two, which are not in the text"
    ),
}
"""Why we differ from an engine, by experiment."""


async def replay(oracle: Oracle, experiments: Experiments) -> list[Replayed]:
    """Ask an engine about all of them."""
    return await asyncio.gather(*(_replayed(oracle, experiments, one) for one in experiments.listed))


async def _replayed(oracle: Oracle, experiments: Experiments, one: Experiment) -> Replayed:
    text = experiments.module(one, oracle.spelling)
    found = await ask(oracle, one, text)
    by_parser = found.kind is Kind.REJECTED and (await oracle.run(text, "")).outcome is Outcome.REJECTED
    return Replayed(one, oracle.version, found, by_parser, said(text))


def table(replayed: Sequence[Sequence[Replayed]]) -> Iterator[str]:
    """A line for each experiment, one column for each engine."""
    yield " | ".join(["id", "what", *(of_one[0].version for of_one in replayed if of_one), "ours", "verdict"])
    for rows in zip(*replayed, strict=True):
        codes = dict.fromkeys(", ".join(_codes(row.ours)) or "-" for row in rows)
        verdicts = dict.fromkeys(row.verdict for row in rows)
        kinds = (f"{row.found.kind.value}{' (parser)' if row.by_parser else ''}" for row in rows)
        one = rows[0].experiment
        yield " | ".join([one.id, one.what, *kinds, " / ".join(codes), " / ".join(verdicts)])


def _codes(ours: Sequence[Diagnostic]) -> list[str]:
    return [f"{one.code} ({one.severity.name.lower()})" if one.severity > 1 else one.code for one in ours]


async def _run(arguments: argparse.Namespace) -> int:
    experiments, replayed = read(FILE.read_text()), list[list[Replayed]]()
    for path in arguments.engine_path or [""]:
        async with await Oracle.open(path) as oracle:
            replayed.append(await replay(oracle, experiments))
    if arguments.table:
        arguments.table.write_text("".join(f"{line}\n" for line in table(replayed)))
    for of_one in replayed:
        counts = Counter(row.verdict.partition(":")[0] for row in of_one)
        print(f"engine {of_one[0].version}: {', '.join(f'{count} {word}' for word, count in counts.most_common())}")
    for row in (row for of_one in replayed for row in of_one if row.verdict in ("MISS", "FALSE")):
        print(
            f"{row.verdict} {row.experiment.id} ({row.experiment.what}), {row.version}: {row.found}; {_codes(row.ours)}"
        )
    if arguments.update:
        listed = tuple(
            replace(rows[0].experiment, made=tuple((row.version, row.found.kind) for row in rows))
            for rows in zip(*replayed, strict=True)
        )
        FILE.write_text(written(replace(experiments, listed=listed)))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--engine-path", action="append", help="a folder that holds enzyme_ad; several may be named")
    parser.add_argument("--table", type=Path, help="the file to write the table to")
    parser.add_argument("--update", action="store_true", help="write what the engines made into experiments.txt")
    return asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
