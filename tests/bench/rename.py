"""Holds rename against its promises over a folder of .mlir files, and says which file breaks which.

    python -m tests.bench.rename FOLDER [--engine] [--samples 8] [--show 20]

In each file some names, chosen by chance and always the same, are given a new name, and one that the text has already.
The new name must be refused with a reason, or leave what every name means, comments and the engine's verdict as they
were; renaming back must give the text from before. A developer's script: it takes files that are not part of the
project. The tests ask the same of the project's own texts.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.api import Request
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.rename import prepare, rename
from enzyme_lsp.settings import EngineSettings
from enzyme_lsp.syntax.scopes import names
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.workspace import occurrences
from tests.bench.formatting import PASS, opened
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.engines.api import Answer
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot

NEW: Final = ("renamed", "r$.1", "987654", "re named")
"""What no text of ours has; some are no name of some kinds."""
_NAMES: Final = (Kind.VALUE, Kind.CARET, Kind.SYMBOL, Kind.HASH, Kind.BANG)
_BARE: Final = re.compile(r"[A-Za-z_][\w$.]*", re.ASCII)


@dataclass(slots=True)
class Tally:
    counts: Counter[str] = field(default_factory=Counter[str])
    broken: list[str] = field(default_factory=list[str])
    worst_ms: float = 0


def broken_promises(snapshot: Snapshot, offset: int, new_name: str) -> Iterator[str]:
    """What another name for that at a byte breaks: other tokens, comments, a meaning, or the way back.

    Raises `RefusedError` when it is refused.
    """
    data, old = snapshot.document.data, prepare(snapshot, offset)
    edits = rename(snapshot, offset, new_name)
    renamed = opened(edits.apply(data))
    if _comments(renamed) != _comments(snapshot):
        yield "comments have changed"
    if meanings(renamed) != meanings(snapshot):
        yield "a name means something else"
    if not _can_go_back(snapshot, offset, old.name):
        return
    moved = sum(edit.delta for edit in edits.edits if edit.span.end <= old.span.start)
    try:
        again = rename(renamed, old.span.start + moved, old.name).apply(renamed.document.data)
    except RefusedError as refusal:
        yield f"the way back is refused: {refusal}"
        return
    if again != data:
        yield f"renamed back it is another text: {_first_difference(data, again)}"


def meanings(snapshot: Snapshot) -> list[object]:
    """What each token means: its kind, and a number that all names of the same thing have."""
    found: list[object] = []
    numbers: dict[object, int] = {}
    for index, piece in enumerate(snapshot.layout.pieces):
        tokens = piece.tree.tokens
        for token, kind in enumerate(tokens.kinds):
            one = occurrences.at(snapshot, snapshot.offset(index) + tokens.starts[token]) if kind in _NAMES else None
            found.append((kind, None if one is None else numbers.setdefault(one.target, len(numbers))))
    return found


def _can_go_back(snapshot: Snapshot, offset: int, name: str) -> bool:
    """Whether the old name is written as we write it, and given once: a name that is given twice is refused."""
    found = occurrences.at(snapshot, offset)
    if found is None:
        return name.replace("$", "").isidentifier()  # a variable of FileCheck
    if len(occurrences.definitions(snapshot, found)) > 1:
        return False
    quoted = found.kind is occurrences.NameKind.SYMBOL and _BARE.fullmatch(name) is not None
    words = [one.name for one in occurrences.all_of(snapshot, found)] if quoted else []
    return not any(word.startswith('@"') for word in words) and not _is_given_twice(snapshot, found)


def _is_given_twice(snapshot: Snapshot, found: occurrences.Occurrence) -> bool:
    if found.target.home is None or found.kind not in (occurrences.NameKind.VALUE, occurrences.NameKind.BLOCK):
        return False
    return bool(snapshot.layout.pieces[found.target.home].fact(names).hidden)


def _comments(snapshot: Snapshot) -> list[bytes]:
    return [piece.text[start:end] for piece in snapshot.layout.pieces for start, end in piece.tree.tokens.comments]


def _first_difference(one: bytes, other: bytes) -> str:
    for number, (left, right) in enumerate(zip(one.splitlines(), other.splitlines(), strict=False), 1):
        if left != right:
            return f"line {number}: {left!r} to {right!r}"
    return "in the number of lines"


def _samples(snapshot: Snapshot, chance: random.Random, count: int) -> list[tuple[int, str]]:
    """Places of names, with another name of the same kind in the same piece."""
    found: list[tuple[int, str]] = []
    for index, piece in enumerate(snapshot.layout.pieces):
        tokens = piece.tree.tokens
        words: dict[int, list[str]] = {kind: [] for kind in _NAMES}
        mine = [token for token, kind in enumerate(tokens.kinds) if kind in _NAMES]
        for token in mine:
            words[tokens.kinds[token]].append(tokens.word(token).decode("utf-8", "replace"))
        found += [
            (snapshot.offset(index) + tokens.starts[token], chance.choice(words[tokens.kinds[token]])) for token in mine
        ]
    return chance.sample(found, min(count, len(found)))


def hold(folder: Path, engine: EngineThread | None, count: int, tally: Tally) -> None:
    """Renames in every file below `folder`."""
    chance = random.Random(0)
    for path in sorted(folder.rglob("*.mlir")):
        snapshot = opened(path.read_bytes())
        tally.counts["files"] += 1
        for offset, taken in _samples(snapshot, chance, count):
            for new_name in (chance.choice(NEW), taken):
                line0, column = snapshot.document.lines.position(offset, "utf-8")
                place = f"{path.relative_to(folder)}:{line0 + 1}:{column + 1} to {new_name}"
                _hold_one(snapshot, offset, new_name, place, engine, tally)


def _hold_one(
    snapshot: Snapshot, offset: int, new_name: str, place: str, engine: EngineThread | None, tally: Tally
) -> None:
    started = time.perf_counter()
    try:
        edits = rename(snapshot, offset, new_name)
        tally.worst_ms = max(tally.worst_ms, (time.perf_counter() - started) * 1000)
        tally.counts["renamed"] += 1
        tally.broken += [f"{place}: {one}" for one in broken_promises(snapshot, offset, new_name)]
    except RefusedError as refusal:
        tally.counts["refused: " + re.sub(r"[@%^#!'][^ ,]*|line \d+", "...", str(refusal))] += 1
        return
    if engine is not None:
        tally.broken += [
            f"{place}: {one}" for one in _broken_verdicts(snapshot, offset, edits, new_name, engine, tally)
        ]


def _broken_verdicts(
    snapshot: Snapshot, offset: int, edits: EditSet, new_name: str, engine: EngineThread, tally: Tally
) -> Iterator[str]:
    """What the engine says of the section around a byte that it did not say before, or prints in another way."""
    section = next(one for one in snapshot.sections if one.span.start <= offset <= one.span.end)
    text = section.span.of(snapshot.document.data)
    inside = [
        Edit(one.span.shifted(-section.span.start), one.new) for one in edits.edits if _is_in(one.span, section.span)
    ]
    before = engine.wait(engine.pool.run(Request(text, PASS)))
    after = engine.wait(engine.pool.run(Request(EditSet(inside).apply(text), PASS)))
    tally.counts[f"the engine: {before.outcome.value}"] += 1
    if before.outcome != after.outcome or _lines(before) != _lines(after):
        yield f"the engine says {before.outcome}, {before.problems}, then {after.outcome}, {after.problems}"
    elif (
        before.output is not None and after.output is not None and snapshot.document.data[offset : offset + 1] in b"%^"
    ):
        tally.counts["the engine: printed alike"] += 1
        if _without_places(before.output) != _without_places(after.output):
            yield "the engine prints another module"


def _is_in(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _lines(answer: Answer) -> list[tuple[str, int]]:
    return [(one.severity, 0 if one.place is None else one.place.line) for one in answer.problems]


def _without_places(printed: str) -> str:
    kept = [line for line in printed.splitlines() if not line.startswith("#loc")]
    return re.sub(r"loc\(.*?\)+", "", "\n".join(kept))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", action="store_true", help="ask the engine too")
    parser.add_argument("--samples", type=int, default=8, help="names for each file")
    parser.add_argument("--show", type=int, default=20, help="how many broken promises to print")
    arguments = parser.parse_args()
    tally, start = Tally(), time.perf_counter()
    with EngineThread(EngineSettings(workers=1)) if arguments.engine else nullcontext() as engine:
        hold(arguments.folder, engine, arguments.samples, tally)
    for name, count in sorted(tally.counts.items()):
        print(f"{count:10} {name}")
    print(f"{tally.worst_ms:10.1f} ms for the slowest answer")
    print(f"{time.perf_counter() - start:10.1f} s")
    print(f"{len(tally.broken):10} broken promises")
    for line in tally.broken[: arguments.show]:
        print(line)
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
