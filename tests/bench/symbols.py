"""Measures the symbols of a large workspace: time and memory to read it, answers, and what it costs a keystroke.

    python -m tests.bench.symbols [--files 10000] [--functions 50] [--folder DIR]

A folder of files of about 40 kB is made in a temporary place, or `--folder` is taken. The server is started in it and
gets keystrokes once a second, so that each finds the reading of files under way; then, when all is read, the same again.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.keystroke import FUNCTION, TYPED, Server, change, message

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = ("reverse", "forward", "square", "scalar", "tensor", "matmul", "grad", "diff", "jit", "main", "helper", "kernel",
         "reduce", "softmax", "attention", "layer", "norm", "conv", "batch", "inner", "outer", "loop", "body", "cond",
         "region", "private", "callee", "caller")  # fmt: skip
QUERIES = ("", "e", "rs", "fun", "revsq", "square", "reverse_square", "no_such_symbol_anywhere", "zqx")


def make(folder: Path, files: int, functions: int) -> None:
    """Files with functions whose names are made of a few words, as people's are."""
    pick = random.Random(0)
    body = FUNCTION.partition("(")[2].format(0)
    for number in range(files):
        below = folder / f"group{number % 100}"
        below.mkdir(exist_ok=True)
        names = ("_".join(pick.choices(WORDS, k=pick.randint(1, 4))) for _ in range(functions))
        text = "".join(f"func.func @{name}_{number}({body}" for name in names)
        (below / f"file{number}.mlir").write_text(text)


class Session:
    """A server with one open document and a workspace."""

    def __init__(self, folder: Path) -> None:
        self._ids = count(10)
        self._versions = count(1)
        self.server = Server(
            "enzyme-lsp", [sys.executable, "-m", "enzyme_lsp", "serve"], whole_texts=False, folder=folder
        )
        self._text = "".join(FUNCTION.format(number) for number in range(1_000))
        self.server.open(self._text)
        self.server.diagnostics(0, 0)
        self.keystroke()  # Now the compiler is there.

    def ask(self, method: str, params: object) -> tuple[Any, float]:
        """The result of a request, and the seconds that it took."""
        number = next(self._ids)
        start = time.perf_counter()
        self.server.send(message(method, params, id=number))
        while (got := self.server.receive()).get("id") != number:
            pass
        return got["result"], time.perf_counter() - start

    def keystroke(self) -> float:
        """The seconds from a letter to its error; then the letter is taken back."""
        at = self._text.index(TYPED, len(self._text) // 2) + len(TYPED)
        line0, column = self._text.count("\n", 0, at), at - self._text.rfind("\n", 0, at) - 1
        version = next(self._versions)
        start = time.perf_counter()
        self.server.send(change(version, line0, column, "f", typed=True, whole=False))
        self.server.diagnostics(version, 1)
        spent = time.perf_counter() - start
        version = next(self._versions)
        self.server.send(change(version, line0, column, "", typed=False, whole=False))
        self.server.diagnostics(version, 0)
        return spent

    def symbols(self, query: str) -> tuple[list[Any], float]:
        return self.ask("workspace/symbol", {"query": query})

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.server.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def measure(folder: Path, rounds: int) -> None:
    paths = sorted(folder.rglob("*.mlir"))
    size = sum(path.stat().st_size for path in paths)
    print(f"{len(paths):,} files, {size / 1e6:.0f} MB")
    empty = folder / ".empty"
    empty.mkdir(exist_ok=True)
    alone = Session(empty)
    session = Session(folder)
    try:
        start = time.perf_counter()
        strokes(session, alone, rounds, "while files are read", while_=lambda: not is_read(session, paths))
        while not is_read(session, paths):
            time.sleep(0.5)
        print(f"  all is read after {time.perf_counter() - start:.1f} s")
        print(f"  memory {session.memory_mb():.1f} MB; without a workspace {alone.memory_mb():.1f} MB")
        strokes(session, alone, rounds, "when all is read", while_=lambda: True)
        for query in QUERIES:
            session.symbols(query)
            answers = [session.symbols(query) for _ in range(5)]
            spent = statistics.median(seconds for _, seconds in answers)
            print(f"  workspace/symbol {query!r:28} {1000 * spent:6.1f} ms, {len(answers[0][0])} symbols")
    finally:
        session.server.close()
        alone.server.close()


def strokes(session: Session, alone: Session, rounds: int, when: str, *, while_: Callable[[], bool]) -> None:
    """Keystrokes in turn in a server with a workspace and in one without, so that other load weighs on both."""
    found: dict[str, list[float]] = {f"keystroke {when}": [], "  without a workspace": []}
    while len(found["  without a workspace"]) < rounds and while_():
        for one, seconds in zip((session, alone), found.values(), strict=True):
            time.sleep(1)
            seconds.append(one.keystroke())
    for what, seconds in found.items():
        show(what, seconds)


def is_read(session: Session, paths: list[Path]) -> bool:
    """Whether the last file, which is read last, is known."""
    last = max(paths, key=lambda path: (path.parent.as_posix(), path.name))
    name = last.read_text().partition("@")[2].partition("(")[0]
    return any(one["location"]["uri"] == last.as_uri() for one in session.symbols(name)[0])


def show(what: str, seconds: list[float]) -> None:
    if seconds:
        print(
            f"  {what:32} {1000 * statistics.median(seconds):6.1f} ms"
            f"   (from {1000 * min(seconds):.1f} to {1000 * max(seconds):.1f}, {len(seconds)} times)"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--functions", type=int, default=55)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    if arguments.folder is not None:
        measure(arguments.folder.resolve(), arguments.rounds)
        return 0
    with tempfile.TemporaryDirectory() as made:
        make(Path(made), arguments.files, arguments.functions)
        measure(Path(made), arguments.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
