"""Links: the files that a text names and that are there: those of its locations, and those that RUN lines read."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import FilePlace
from enzyme_lsp.features.answers import Link
from enzyme_lsp.features.definition import recorded
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.library import Library
    from enzyme_lsp.workspace.snapshot import Snapshot

_MOST: Final = 2_000
"""Locations of one document. Dumps of programs have one for each operation; from those one goes by definition."""
_RUN: Final = re.compile(rb"\b(?:RUN|(?:RE)?DEFINE):[^\n\r]*")
_RUN_FILE: Final = re.compile(rb"%(?:S|p|\{S\})/([\w./+-]*\w)")
"""`%S/Inputs/a.mlir`, where `%S` is the folder of the document."""


def links(library: Library, snapshot: Snapshot) -> tuple[Link, ...]:
    """In order. Raises `Outdated` when an edit has come."""
    data = snapshot.document.data
    where = cache(partial(library.recorded, uri=snapshot.uri))
    found: list[Link] = []
    for span, place in sorted([*islice(recorded(data), _MOST), *_run_files(data)], key=itemgetter(0)):
        snapshot.check_current()
        path = where(place.path)
        if path is not None:
            found.append(Link(span, file=replace(place, path=path)))
    return tuple(found)


def _run_files(data: bytes) -> Iterator[tuple[Span, FilePlace]]:
    for line in _RUN.finditer(data):
        for match in _RUN_FILE.finditer(data, line.start(), line.end()):
            path = match[1].decode("ascii", "replace")
            yield Span(match.start(), match.end()), FilePlace(path, 0, 0)
