"""Times each step and handler on texts of 1 MB, in processor time, here and in another checkout, in one run.

    python -m tests.bench.speed [--against FOLDER] [--megabytes 1] [--rounds 3]

One text has many functions, every third of which is differentiated; the other is a single function. `first` is what is
asked of a text just opened, `key` the same after a letter is typed in its middle; each step finds done what the steps
above it do. Figures are the best of the rounds, which the two checkouts take in turn, and the ratio is that of this one
to the other.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features import diagnostics, folding, formatting, highlights, references, rename, semantic_tokens
from enzyme_lsp.server.tokens import TokenStore
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.mentions import symbol_mentions
from enzyme_lsp.syntax.problems import problems
from enzyme_lsp.syntax.scopes import names
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.bench.aids import many_functions, one_function

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.workspace.snapshot import Snapshot

Times = dict[str, float]
LINES: Final = 2_000
"""The bytes of some 60 lines, which an editor shows."""


def timed(found: Times, name: str, ask: Callable[[], object]) -> None:
    start = time.process_time()
    ask()
    found[name] = (time.process_time() - start) * 1000


def steps(found: Times, when: str, snapshot: Snapshot, at: int, store: TokenStore) -> None:
    """All that is timed of a snapshot of which nothing but the layout is known."""
    pieces, shown = snapshot.layout.pieces, Span(at, at + LINES)
    timed(found, f"{when}: parse", lambda: [piece.tree for piece in pieces])
    timed(found, f"{when}: names", lambda: [piece.fact(names) for piece in pieces])
    timed(found, f"{when}: symbols", lambda: [piece.fact(symbol_mentions) for piece in pieces])
    timed(found, f"{when}: syntax problems", lambda: [piece.fact(problems) for piece in pieces])
    timed(found, f"{when}: diagnostics", lambda: diagnostics.diagnostics(snapshot, None))
    timed(found, f"{when}: active values", lambda: semantic_tokens.active_names(snapshot))
    timed(found, f"{when}: tokens of 60 lines", lambda: store.within(snapshot, shown, "utf-16"))
    timed(found, f"{when}: tokens", lambda: store.full(snapshot, "utf-16"))
    timed(found, f"{when}: folding", lambda: folding.folding(snapshot))
    timed(
        found,
        f"{when}: formatting 60 lines",
        lambda: formatting.formatted(snapshot, shown, 4, insert_spaces=True),
    )
    timed(found, f"{when}: formatting", lambda: formatting.formatted(snapshot, None, 4, insert_spaces=True))
    timed(found, f"{when}: highlights", lambda: highlights.highlights(snapshot, at))


def uses(found: Times, snapshot: Snapshot, at: int) -> None:
    """What is asked of a value with as many uses as the text has lines."""
    timed(found, "many uses: highlights", lambda: highlights.highlights(snapshot, at))
    timed(found, "many uses: references", lambda: references.references(snapshot, at, include_definitions=True))
    timed(found, "many uses: rename", lambda: rename.rename(snapshot, at, "never_seen"))


def measured(data: bytes, place: bytes) -> Times:
    found: Times = {}
    workspace, store = Workspace(Settings()), TokenStore()
    at = data.index(place, len(data) // 2) + 1
    snapshot = workspace.open(Document.of("untitled:any", data))
    timed(found, "first: cutting", lambda: snapshot.layout)
    steps(found, "first", snapshot, at, store)
    edit = Edit(Span(at + 1, at + 1), b"x")
    edited = snapshot.document.edited(edit, version=2)
    timed(found, "key: cutting", lambda: workspace.change(edited, [edit]).layout)
    (snapshot,) = workspace.snapshots()
    steps(found, "key", snapshot, at, store)
    if b"%x" in data:
        uses(found, snapshot, data.index(b"%x"))
    return found


def everything(size: int) -> dict[str, Times]:
    return {
        "many functions": measured(many_functions(size), b"%0"),
        "one function": measured(one_function(size), b"%v"),
    }


def in_checkout(folder: Path, size: int) -> dict[str, Times]:
    """What this script measures of the package in a folder."""
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path[:0] = [{str(folder)!r}]; sys.argv[0] = {__file__!r}\n{_RUN}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run([*command, str(size)], capture_output=True, check=True, env=environment, cwd=folder)
    found: dict[str, Times] = json.loads(done.stdout)
    return found


_RUN: Final = "import runpy; runpy.run_path(sys.argv[0], run_name='measure')"


def best(rounds: list[dict[str, Times]]) -> dict[str, Times]:
    return {
        title: {name: min(one[title][name] for one in rounds) for name in times} for title, times in rounds[0].items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--against", type=Path, help="another checkout, such as a git worktree")
    parser.add_argument("--megabytes", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    size, here = int(arguments.megabytes * 1_000_000), Path(__file__).parents[2]
    folders = [here] if arguments.against is None else [arguments.against.resolve(), here]
    rounds = [[in_checkout(folder, size) for folder in folders] for _ in range(arguments.rounds)]
    figures = [best([one[number] for one in rounds]) for number in range(len(folders))]
    for title, after in figures[-1].items():
        print(f"{title}\n" + ("        ms" if len(figures) == 1 else "    before      after  ratio  ms"))
        for name, ms in after.items():
            before = figures[0][title][name]
            compared = "" if len(figures) == 1 else f" {ms:10.1f} {ms / max(before, 0.1):6.2f}"
            print(f"{before:10.1f}{compared}  {name}")
    return 0


if __name__ == "measure":
    print(json.dumps(everything(int(sys.argv[1]))))
if __name__ == "__main__":
    sys.exit(main())
