"""Stages: the module after each element of a pipeline, of one run of a program; must import the standard library only.

Workers load it by its path. `--mlir-print-ir-after-all` alone does not tell: it prints within an element too, and once
for each function that a pass runs on. So a pass that does nothing, a composite of no passes with a name of ours, stands
before the first element and after each, and `--mlir-print-ir-after` has only that printed: as MLIR prints a whole
module, into a file for each. (On standard error it would stand between the diagnostics, written letter by letter.)

What the elements took is what `--mlir-timing` says of the passes between two marks. A program that died says nothing;
then it is the time between the end of one file, when it was changed last, and the beginning of the next.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

MARKER = "composite-fixed-point-pass"
"""The pass that does nothing, when it is given no pipeline."""

NEEDED = ("mlir-print-ir-after", "mlir-print-ir-tree-dir")
"""Options without which a program cannot do this."""

TIMING = ("mlir-timing", "mlir-output-format")
"""Options of one that says what passes take in a form that can be read."""

_FOLDER = "enzyme-lsp-stages-"
_HEAD = re.compile(rb"\A// -----// IR Dump After stage-([0-9a-f]+)-(\d+) \([^\n]*\) //----- //\n")
_TIMED = re.compile(
    rb'^\{(?:"user": \{[^{}]*\}, )?"wall": \{"duration": +([\d.]+), [^{}]*\}, '
    rb'"name": "([^\n]*?)"(?:, "passes": \[|\},?)$',
    re.MULTILINE,
)
"""What each element of the outermost pipeline took. The processor's time is left out where it is none."""

_TIMES = re.compile(rb'^\[\n\{"(?:user|wall)": [^\0]*^\]\n', re.MULTILINE)
_LOST = re.compile(rb"\bexternal_resources\b")
"""What MLIR prints at the end of a run, but not after a pass."""


@dataclass(frozen=True)
class Dump:
    """The module at one point, and when its print began and ended, in nanoseconds of the file system's clock."""

    text: bytes
    began: int
    ended: int


def are_told(text: bytes) -> bool:
    """Whether a run over a text can tell all that the module has."""
    return _LOST.search(text) is None


def clear() -> None:
    """Remove what is left of workers that were killed in the middle."""
    parent = tempfile.gettempdir()
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            number = name.removeprefix(_FOLDER).partition("-")[0]
            if name.startswith(_FOLDER) and number.isdigit() and not _runs(int(number)):
                shutil.rmtree(os.path.join(parent, name), ignore_errors=True)


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is another user's
    return True


@contextlib.contextmanager
def folder() -> Generator[str]:
    """A folder for the files of one run. Raises OSError where there is none to be had."""
    with tempfile.TemporaryDirectory(prefix=f"{_FOLDER}{os.getpid()}-", ignore_cleanup_errors=True) as path:
        yield path


class Marked:
    """A pipeline with marks between its elements, which nothing in a text can pass for."""

    def __init__(self, elements: Sequence[str]) -> None:
        self._key = secrets.token_hex(8)
        self._wanted = len(elements) + 1
        parts = [self._mark(0)]
        for number, element in enumerate(elements, 1):
            parts += (element, self._mark(number))
        self.pipeline = ",".join(parts)

    def arguments(self, path: str) -> list[str]:
        """What a program is told besides the pipeline, so that it prints into a folder."""
        return [f"--mlir-print-ir-after={MARKER}", f"--mlir-print-ir-tree-dir={path}"]

    def clock(self, dumps: Sequence[Dump], said: bytes) -> list[int]:
        """When each print was there, in nanoseconds of a clock that stands still while something is printed."""
        taken = self._taken(said)
        at = 0
        found: list[int] = []
        for number, dump in enumerate(dumps):
            if number:
                at += taken.get(number, max(dump.began - dumps[number - 1].ended, 0))
            found.append(at)
        return found

    def _taken(self, said: bytes) -> dict[int, int]:
        """The nanoseconds that each element took, as a program says; none for elements of which it says nothing."""
        taken: dict[int, int] = {}
        since = -1
        own = re.compile(rb"stage-%s-(\d+)" % self._key.encode())
        for match in _TIMED.finditer(said):
            mark = own.fullmatch(match[2])
            if mark is not None:
                since = int(mark[1])
                taken.setdefault(since, 0)
            elif since >= 0:
                taken[since + 1] = taken.get(since + 1, 0) + round(float(match[1]) * 1e9)
        return taken

    def dumps(self, path: str) -> list[Dump]:
        """The prints in a folder, from the first on, without gaps."""
        found = dict(self._read(os.path.join(here, name) for here, _, names in os.walk(path) for name in names))
        dumps: list[Dump] = []
        while len(dumps) in found:
            dumps.append(found[len(dumps)])
        return dumps

    def is_all(self, dumps: Sequence[Dump]) -> bool:
        """Whether there is a print for each mark."""
        return len(dumps) == self._wanted

    def _mark(self, number: int) -> str:
        return f"{MARKER}{{name=stage-{self._key}-{number} pipeline=}}"

    def _read(self, paths: Iterable[str]) -> Iterator[tuple[int, Dump]]:
        for path in paths:
            status = os.stat(path)
            with open(path, "rb") as file:
                data = file.read()
            head = _HEAD.match(data)
            # A file that is not ended as all are is one in the middle of which the program died.
            if head is not None and head[1].decode() == self._key and data.endswith(b"\n\n"):
                # The print has one line end more than that of a whole run.
                yield int(head[2]), Dump(data[head.end() : -1], status.st_atime_ns, status.st_mtime_ns)


def without_times(said: bytes) -> bytes:
    """What a program said, without what passes took."""
    return _TIMES.sub(b"", said)
