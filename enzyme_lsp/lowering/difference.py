"""Difference: what two stages have not in common, as a unified diff whose lines still know where they came from."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enzyme_lsp.lowering.lower import Stage

_HUNK: Final = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Difference:
    """A unified diff, empty for equal texts; `offsets` are those of the source maps of the stages, line by line."""

    text: str
    offsets: tuple[int | None, ...]


def difference(before: Stage, after: Stage) -> Difference:
    """What leads from one stage to another."""
    # Not `splitlines`, which takes a form feed for the end of a line; a stage ends with a line end.
    old, new = ([f"{line}\n" for line in stage.text.split("\n")[:-1]] for stage in (before, after))
    lines = [*difflib.unified_diff(old, new, before.name, after.name)]
    offsets: list[int | None] = []
    at = {"-": 0, "+": 0}
    for number, line in enumerate(lines):
        # The names of the stages stand in the first two lines.
        hunk = _HUNK.match(line) if number > 1 else None
        if hunk is not None:
            # Of an empty stretch the line before it is told.
            at = {"-": int(hunk[1]) - (hunk[2] != "0"), "+": int(hunk[3]) - (hunk[4] != "0")}
        if number < 2 or hunk is not None:
            offsets.append(None)
            continue
        sign = line[0]
        stage, side = (before, "-") if sign == "-" else (after, "+")
        offsets.append(stage.source_map.offsets[at[side]])
        for side in at:
            at[side] += sign in (side, " ")
    return Difference("".join(lines), tuple(offsets))
