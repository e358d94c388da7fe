"""Asks engines which passes and options they have, and writes `enzyme_lsp/engines/enzyme/pass_table.py`.

    python -m tests.bench.probe_passes FOLDER_OF_0.0.15 FOLDER_OF_0.0.16 [--help-text FILE] [--words FILE]
                                       [--definitions FOLDER] [--tests FOLDER] > enzyme_lsp/engines/enzyme/pass_table.py

An engine does not list them, so what may be one is taken from elsewhere: names from words, one on a line (`strings` of
the engine's library), options from what `mlir-opt --help` prints, from files in TableGen and from RUN lines. Nothing
runs meanwhile: each pipeline ends in something that no engine has, and is refused for that or for what comes before.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from enzyme_lsp.lowering import run_line

if TYPE_CHECKING:
    from collections.abc import Iterable

_NO_PASS: Final = "no-pass-has-this-name"
_REFUSED: Final = "cse{no-option-has-this-name=1}"
_NAME: Final = re.compile(r"[a-z][\w.-]{2,50}")
_HELP_PASS: Final = re.compile(r"^      --([\w-]+)(?:=<[^>]*>)?\s+-")
_HELP_OPTION: Final = re.compile(r"^        --([\w.-]+)(?:=<([^>]*)>)?\s+-")
_HELP_VALUE: Final = re.compile(r"^    =([\w.-]+)\s+-")
_DEFINED: Final = re.compile(r'def \w+\s*:\s*\w*Pass\w*<\s*"([\w-]+)"(.*?)(?=\ndef |\Z)', re.DOTALL)
_DEFINED_OPTION: Final = re.compile(r'(?:List)?Option<\s*"\w+"\s*,\s*"([\w-]+)"\s*,\s*"([^"]+)"')

KINDS: Final = (
    (re.compile(r"bool"), "bool"),
    (re.compile(r"u?int\d*|uint|ulong|long|unsigned|int64_t|size_t"), "int"),
    (re.compile(r"number|float|double"), "number"),
)
"""What an option takes, by how it is described; else it is a text."""

KNOWN: Final = {
    "enzyme": {"postpasses": "pipeline", "verifyPostPasses": "bool", "dataflow": "bool"},
    "enzyme-wrap": {
        "infn": "text",
        "outfn": "text",
        "argTys": "text",
        "retTys": "text",
        "mode": "text",
        "dataflow": "bool",
        "strongZero": "bool",
    },
    "print-activity-analysis": {
        "funcs": "text",
        "annotate": "bool",
        "duplicated-ret": "bool",
        "inactive-args": "bool",
        "verbose": "bool",
        "relative": "bool",
        "dataflow": "bool",
        "infer": "bool",
    },
    "enzyme-hlo-generate-td": {"patterns": "text", "flags": "text", "max-iterations": "int"},
    "print": {"stdout": "bool", "filename": "text", "generic": "bool", "debug": "bool"},
    "expand-impulse": {"postpasses": "pipeline", "debug-dump": "bool"},
    "enzyme-activity-opt": {"dataflow": "bool"},
    "inline": {"default-pipeline": "pipeline", "op-pipelines": "pipeline"},
    "composite-fixed-point-pass": {"pipeline": "pipeline"},
}
"""Of passes that nothing else describes; and options that are pipelines themselves."""


class Engine:
    """An engine that is asked what it would say of a pipeline."""

    def __init__(self, folder: Path) -> None:
        (path,) = folder.rglob("enzyme_call.so")
        spec = importlib.util.spec_from_file_location("enzyme_call", path)
        assert spec is not None
        assert spec.loader is not None
        self._module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self._module)

    def has_pass(self, name: str) -> bool:
        said = self._said(f"{name},{_NO_PASS}")
        return f"'{_NO_PASS}'" in said and f"'{name}' does not" not in said

    def has_option(self, name: str, option: str) -> bool:
        said = self._said(f"{name}{{{option}=1}},{_REFUSED}")
        return f"no such option {option}\n" not in f"{said}\n"

    def _said(self, pipeline: str) -> str:
        try:
            self._module.run_pass_pipeline([], "module {}", pipeline)
        except ValueError as error:
            return str(error)
        raise AssertionError(f"{pipeline} was to be refused")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("engines", nargs="+", type=Path)
    parser.add_argument("--help-text", type=Path)
    parser.add_argument("--words", type=Path)
    parser.add_argument("--definitions", type=Path)
    parser.add_argument("--tests", type=Path)
    arguments = parser.parse_args()
    candidates: dict[str, dict[str, str]] = defaultdict(dict)
    if arguments.help_text is not None:
        read_help(arguments.help_text.read_text(), candidates)
    for path in sorted(arguments.definitions.rglob("*.td")) if arguments.definitions is not None else ():
        for name, body in _DEFINED.findall(path.read_text()):
            candidates[name] |= {option: kind_of(words) for option, words in _DEFINED_OPTION.findall(body)}
    for path in sorted(arguments.tests.rglob("*.mlir")) if arguments.tests is not None else ():
        for lowering in run_line.lowerings(path.read_bytes()):
            for each in lowering.pipeline.passes():
                for option in each.options:
                    candidates[each.name].setdefault(option.name, "text")
    for name, options in KNOWN.items():
        candidates[name] |= options
    if arguments.words is not None:
        for word in arguments.words.read_text().split():
            if _NAME.fullmatch(word):
                candidates.setdefault(word, {})
    found = [in_a_process(folder, candidates) for folder in arguments.engines]
    print(table(candidates, found))


def read_help(text: str, candidates: dict[str, dict[str, str]]) -> None:
    name = option = ""
    for line in text.partition("    Passes:")[2].splitlines():
        if (match := _HELP_PASS.match(line)) is not None:
            name, option = match[1], ""
            candidates.setdefault(name, {})
        elif (match := _HELP_OPTION.match(line)) is not None and name:
            option = match[1]
            candidates[name][option] = kind_of(match[2] or "bool")
        elif (match := _HELP_VALUE.match(line)) is not None and option:
            before = candidates[name][option]
            candidates[name][option] = match[1] if before == "text" else f"{before}|{match[1]}"


def kind_of(words: str) -> str:
    return next((kind for pattern, kind in KINDS if pattern.fullmatch(words.removeprefix("std::"))), "text")


def in_a_process(folder: Path, candidates: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """The passes of an engine, each with those of the options that it has. Two engines do not live in one process."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        with os.fdopen(writer, "w") as out:
            engine = Engine(folder)
            names = [name for name in candidates if engine.has_pass(name)]
            json.dump({name: [o for o in candidates[name] if engine.has_option(name, o)] for name in names}, out)
            out.flush()
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        return json.load(answer)


def table(candidates: dict[str, dict[str, str]], found: list[dict[str, list[str]]]) -> str:
    """The file."""
    rows = list[str]()
    for name in sorted({name for one in found for name in one}):
        here = [number for number, one in enumerate(found) if name in one]
        options = {option for number in here for option in found[number][name]}
        kinds = {option: kind for option, kind in sorted(candidates[name].items()) if option in options}
        rows.append(f"    {json.dumps(name)}: {json.dumps(kinds)},")
    lines = [HEAD, "PASSES = {", *rows, "}", "", *only(found)]
    return "\n".join(lines)


def only(found: list[dict[str, list[str]]]) -> Iterable[str]:
    first, last = set(found[0]), set(found[-1])
    for title, names in (("ONLY_CLASSIC", first - last), ("ONLY_STRICT", last - first)):
        yield f"{title} = frozenset("
        yield "    {" + ", ".join(json.dumps(name) for name in sorted(names)) + "}" if names else "    ()"
        yield ")"


HEAD = '''\
"""The passes of the engines 0.0.15 and 0.0.16 with their options; must import nothing, since workers load it.

Found by asking both (`tests/bench/probe_passes.py`, which writes this file). An option is a "bool", "int", "number",
"text" or "pipeline", or one of some words between `|`. Options that nothing public describes may be missing.
"""
'''


if __name__ == "__main__":
    sys.exit(main())
