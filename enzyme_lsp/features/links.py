"""Links: the files that a text names: where locations come from, and those that RUN lines read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import FilePlace
from enzyme_lsp.features.answers import Link
from enzyme_lsp.features.definition import recorded
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot

_MOST: Final = 2_000
"""Links of one document. Dumps of programs have a location for each operation; from those one goes by definition."""
_SUFFIX: Final = re.compile(r"\w\.\w{1,8}$")
_RUN: Final = re.compile(rb"//[^\n\r]*?\b(?:RUN|DEFINE|REDEFINE):[^\n\r]*")
_RUN_FILE: Final = re.compile(rb"%(?:S|p|\{S\})/([\w./+-]*\w)")
"""`%S/Inputs/a.mlir`, where `%S` is the folder of the document."""


def links(snapshot: Snapshot) -> tuple[Link, ...]:
    """In order. Raises `Outdated` when an edit has come."""
    found = sorted(_links(snapshot), key=lambda link: link.origin)
    return tuple(found[:_MOST])


def _links(snapshot: Snapshot) -> Iterator[Link]:
    data = snapshot.document.data
    count = 0
    for link in recorded(data, 0, len(data)):
        if link.file is not None and _is_meant(link.file.path):
            snapshot.check_current()
            yield link
            count += 1
            if count == _MOST:
                break
    for line in _RUN.finditer(data):
        for match in _RUN_FILE.finditer(data, line.start(), line.end()):
            path = match[1].decode("ascii", "replace")
            yield Link(Span(match.start(), match.end()), file=FilePlace(path, 0, 0))


def _is_meant(path: str) -> bool:
    """Whether a file is meant: it has a folder or a suffix. Tests are full of `loc("foo":1:2)`."""
    return "/" in path or _SUFFIX.search(path) is not None
