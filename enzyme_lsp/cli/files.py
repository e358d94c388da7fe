"""The files that the command line names; knows the file system, not what is in the files."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.cli.misuse import misuse
from enzyme_lsp.text.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"


class UnreadableError(Exception):
    """A file that was there cannot be read; the reason in the system's words."""


def named(paths: Iterable[str]) -> list[str]:
    """Each file once, in the order given; folders are searched, their files sorted by name."""
    found = [file for path in paths for file in _files(path)]
    return list(dict.fromkeys(found))


def one(path: str, why: str) -> str:
    """The file that a path names. Ends the program for what is none, for a folder with the words `why` not that."""
    if os.path.isdir(path):
        misuse(f"{path} is a folder, and {why}")
    (found,) = named([path])
    return found


def read(path: str) -> Document:
    """The file's text. Raises UnreadableError."""
    if path == STDIN:
        if sys.stdin is None:  # A shell may have closed it.
            raise UnreadableError("cannot read standard input: it is closed")
        try:
            return Document.of("untitled:stdin", sys.stdin.buffer.read())
        except OSError as error:
            raise UnreadableError(f"cannot read standard input: {error.strerror}") from error
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot read {path}: {error.strerror}") from error
    return Document.of(Path(path).absolute().as_uri(), data)


class UnwritableError(Exception):
    """A file cannot be changed; the reason in the system's words or ours."""


def replace(path: str, old: bytes, new: bytes) -> None:
    """Put `new` in the place of `old`, all of it or nothing, in a file with the same owner and mode.

    Raises UnwritableError, and then the file is as it was; also when its text is not `old` any more. A change between
    that look and the rename is lost: to prevent that takes locks, which editors do not ask for.
    """
    # A link stays one: the file that it leads to is replaced.
    file = Path(path).resolve()
    try:
        if not os.access(file, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        status = file.stat()
        # In the same folder, since only there a rename is sure to stay on one file system.
        descriptor, made = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".tmp", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as temporary:
                temporary.write(new)
                temporary.flush()
                os.fsync(temporary.fileno())
            with suppress(PermissionError, AttributeError):  # The owner is root's to give, and Windows has none.
                os.chown(made, status.st_uid, status.st_gid)
            os.chmod(made, stat.S_IMODE(status.st_mode))
            if file.read_bytes() != old:
                raise UnwritableError(f"{path} has changed meanwhile")
            os.replace(made, file)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as error:
        raise UnwritableError(f"cannot write {path}: {error.strerror}") from error


def write(path: str, data: bytes) -> None:
    """Make a file that holds `data`, all of it or nothing, also in the place of another. Raises UnwritableError."""
    file = Path(path).resolve()
    try:
        if file.exists():
            replace(path, file.read_bytes(), data)
            return
        descriptor, made = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".tmp", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as temporary:
                temporary.write(data)
                temporary.flush()
                os.fsync(temporary.fileno())
            # As any new file, and not as a temporary one, which nobody else may read.
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(made, 0o666 & ~mask)
            os.replace(made, file)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as error:
        raise UnwritableError(f"cannot write {path}: {error.strerror}") from error


def shown(path: str) -> str:
    """The name of a file for people."""
    return "<stdin>" if path == STDIN else path


def _files(path: str) -> Iterator[str]:
    if path == STDIN:
        yield path
    elif os.path.isdir(path):
        files = list(_below(path))
        if not files:
            misuse(f"no .mlir file in {path}")
        yield from files
    elif os.path.exists(path) and not os.path.isfile(path):
        misuse(f"{path} is no file: a pipe or a device may never end, use - for standard input")
    elif os.path.exists(path):
        # `Path` takes `./` away but keeps `..`, which a symbolic link may turn elsewhere.
        yield str(Path(path))
    else:
        misuse(f"no such file or folder: {path}")


def _below(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        # Hidden folders hold what tools made: .git, .venv and their like.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        # Hidden files too are tools', such as an editor's locks; and a pipe may never end, nor does a device behind a
        # link. A link that leads nowhere is a file that cannot be read, which is said.
        visible = (str(Path(parent, name)) for name in sorted(files) if name.endswith(".mlir") and name[0] != ".")
        yield from (path for path in visible if os.path.isfile(path) or not os.path.exists(path))
