"""Paths: URIs of files to paths and back, without loss for any name that a file can have; it reads no file."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILE = re.compile(r"file://([^/?#]*)(/[^?#]*)", re.IGNORECASE)
_DRIVE = re.compile(r"/([A-Za-z]):(?=/|$)")


@lru_cache(maxsize=1024)
def path(uri: str) -> str | None:
    """The path of a file by its URI; None for what is no file, such as a document that was never saved."""
    match = _FILE.fullmatch(uri)
    if match is None or "\x00" in (found := os.fsdecode(unquote_to_bytes(match[2]))):
        return None
    if os.name == "nt":
        host = "" if match[1].lower() == "localhost" else match[1]
        found = f"//{host}{found}" if host else _DRIVE.sub(r"\1:", found)
    return os.path.normpath(found)


def name(uri: str) -> str:
    """What people call a document: the last part of its path."""
    return unquote(urlsplit(uri).path).rpartition("/")[2]


def key(uri: str) -> str:
    """One name for all URIs of a file, which clients spell in several ways; for what is no file, the URI."""
    found = path(uri)
    return uri if found is None else normalized(found)


def normalized(path_: str) -> str:
    """The key of a file by its path, where letters' case may not matter."""
    return os.path.normcase(path_)


def uri_below(folder_uri: str, folder: str, file: str) -> str:
    """The URI of a file in a folder, with the folder spelled as its owner does."""
    below = os.path.relpath(file, folder).replace(os.sep, "/")
    return f"{folder_uri.rstrip('/')}/{quote(os.fsencode(below))}"


def nearest(own: str, files: Iterable[str]) -> list[str]:
    """Files in the order of how much of their path they share with one of them, those that share most first."""
    parts = own.split(os.sep)

    def apart(file: str) -> int:
        shared = takewhile(lambda pair: pair[0] == pair[1], zip(file.split(os.sep), parts, strict=False))
        return -sum(1 for _ in shared)

    return sorted(files, key=lambda file: (apart(file), file))


def is_below(folder: str, file: str) -> bool:
    """Whether a path is that of something in a folder, by its name alone."""
    return file.startswith(folder.rstrip(os.sep) + os.sep)
