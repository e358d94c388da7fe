"""Listing: what `--help` of a program of the mlir-opt family lists; must import the standard library only.

Compiler passes to run                                         a heading, indented by two
  Passes:                                                      another, by four
    --canonicalize                 -   Canonicalize operations  a pass or pipeline, by six
      --region-simplify=<value>    - Perform control flow ...   an option of it, by eight
  =disabled                        -   Don't run any            a word that this can be
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_DIALECTS = re.compile(r"^Available Dialects: *([\w ,]*)$", re.MULTILINE)
_LINE = re.compile(r"^( *)-{1,2}([A-Za-z][\w.-]*)(?:=<([^>]*)>)?(?:\[=<[^>]*>\])? *(?:- *(.*))?$")
_VALUE = re.compile(r"^ +=([\w.+-]+) +-")


@dataclass
class Pass:
    """A pass or a pipeline of some: what it does, and its options with the sort of value that each takes."""

    meaning: str
    options: dict[str, str] = field(default_factory=dict[str, str])
    meanings: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Listing:
    """The options of the program itself, its passes by name, and the dialects that it says it has."""

    options: set[str] = field(default_factory=set[str])
    passes: dict[str, Pass] = field(default_factory=dict[str, Pass])
    dialects: list[str] = field(default_factory=list[str])

    def plain(self) -> dict[str, object]:
        """The same as JSON has it, without the options of the program."""
        return {"passes": {name: vars(one) for name, one in self.passes.items()}, "dialects": self.dialects}


def read(text: str) -> Listing:
    """What a text lists. Lines of another form are passed over."""
    found = Listing()
    if dialects := _DIALECTS.search(text):
        found.dialects = [name.strip() for name in dialects[1].split(",") if name.strip()]
    in_passes, current, last = False, None, ""
    for line in text.splitlines():
        if line.strip() == "Compiler passes to run":
            in_passes = True
            continue
        value = _VALUE.match(line)
        if value is not None and in_passes and current is not None and last:
            before = current.options[last]
            current.options[last] = f"{before}|{value[1]}" if before != "value" else value[1]
            continue
        match = _LINE.match(line)
        if match is None:
            in_passes = in_passes and (not line.strip() or line.startswith("    "))
            continue
        indent, name, value, meaning = match.groups()
        if in_passes and len(indent) == 6:
            last = ""
            current = found.passes.setdefault(name, Pass((meaning or "").strip()))
        elif in_passes and len(indent) >= 8 and current is not None:
            current.options[name], last = value or "bool", name
            current.meanings[name] = (meaning or "").strip()
        else:
            in_passes = in_passes and len(indent) > 4
            found.options.add(name)
    return found
