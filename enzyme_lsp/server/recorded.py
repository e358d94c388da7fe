"""Recorded places of other files, as links for both edges; must not know the protocol's types.

A relative path was written by a program that ran somewhere. What it means now is a guess: the folder of the
document that records it, where the document has one.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from enzyme_lsp.checks.diagnostic import FilePlace

_FILE = re.compile("file:(?://[^/]*)?", re.IGNORECASE)


def uri(place: FilePlace, document_uri: str) -> str | None:
    """The file that a note leads to. None: nobody knows what its path is relative to."""
    # No other function of the standard library takes every text that a client may call a URI, or a program a path.
    path = quote(place.path, errors="surrogatepass")
    if path.startswith("/"):
        return f"file://{path}"
    root = _FILE.match(document_uri)
    if root is None:
        return None
    folder = posixpath.dirname(document_uri[root.end() :])
    return root[0] + posixpath.normpath(posixpath.join(folder, path))


def text(place: FilePlace) -> str:
    """The place for people, as recorded."""
    return f"{place.path}:{place.line0 + 1}:{place.column + 1}"
