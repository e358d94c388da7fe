"""Crawl: the `.mlir` files below a folder, and the text of one of them; it keeps nothing.

What is left out is what `enzyme-lsp check` leaves out in a folder: hidden files and folders, which tools make, and
folders behind links, which may lead back to where they stand. Everything is done in small steps.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX: Final = ".mlir"
LONGEST: Final = 16 << 20
"""Bytes. What is longer was written by a program, and is mostly constants."""

_STEP: Final = 256
"""Entries of a folder that are looked at in one step."""
_BYTECODE: Final = b"ML\xefR"


class SkippedError(Exception):
    """A file or folder is left out; says why, as the rest of a sentence that begins with its path."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a walk leaves out, and why."""

    path: str
    reason: str


def is_wanted(name: str) -> bool:
    """Whether a file of this name is read."""
    return name.endswith(SUFFIX) and not name.startswith(".")


def is_hidden(folder: str, file: str) -> bool:
    """Whether a file is below a hidden folder of `folder`, or hidden itself."""
    return any(part.startswith(".") for part in os.path.relpath(file, folder).split(os.sep))


def walk(folder: str) -> Iterator[list[str | Skipped]]:
    """The files below a folder, some at a time; each step takes about a millisecond. Never raises."""
    pending = [folder]
    while pending:
        parent = pending.pop()
        found: list[str | Skipped] = []
        inside: list[str] = []
        try:
            with os.scandir(parent) as entries:
                for count, entry in enumerate(entries, 1):
                    _sort(entry, found, inside)
                    if count % _STEP == 0:
                        yield found
                        found = []
        except OSError as error:
            found.append(Skipped(parent, _reason(error)))
        pending += sorted(inside, reverse=True)
        yield sorted(found, key=str)


def _sort(entry: os.DirEntry[str], found: list[str | Skipped], inside: list[str]) -> None:
    """Puts what an entry of a folder is where it belongs."""
    try:
        if entry.name.startswith("."):
            return
        if entry.is_dir(follow_symlinks=False):
            inside.append(entry.path)
        elif entry.is_symlink() and entry.is_dir():
            found.append(Skipped(entry.path, "is a link to a folder"))
        elif is_wanted(entry.name):
            found.append(entry.path)
    except OSError as error:
        found.append(Skipped(entry.path, _reason(error)))


def stamp(path: str) -> int:
    """Another number when the file has been written. Raises SkippedError for what is not to be read."""
    try:
        found = os.stat(path)
    except (OSError, ValueError) as error:
        raise SkippedError(_reason(error)) from error
    if not stat.S_ISREG(found.st_mode):
        raise SkippedError("is no file")
    if found.st_size > LONGEST:
        raise SkippedError(f"has {found.st_size >> 20} MB; files up to {LONGEST >> 20} MB are read")
    return hash((found.st_mtime_ns, found.st_size, found.st_ino))


def read(path: str) -> bytes:
    """The text of a file. Raises SkippedError."""
    try:
        with open(path, "rb", buffering=0) as file:
            parts: list[bytes] = []
            rest = LONGEST + 1
            while rest > 0 and (part := file.read(rest)):
                parts.append(part)
                rest -= len(part)
    except (OSError, ValueError) as error:
        raise SkippedError(_reason(error)) from error
    if rest <= 0:
        raise SkippedError(f"has more than {LONGEST >> 20} MB")
    text = b"".join(parts)
    if text.startswith(_BYTECODE):
        raise SkippedError("is MLIR's bytecode, not text")
    return text


def _reason(error: OSError | ValueError) -> str:
    words = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot be read: {words}"
