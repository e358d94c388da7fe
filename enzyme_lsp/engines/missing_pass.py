"""Missing pass: what is said of a name that is no pass of an engine's; must import the standard library only.

Workers load it by its path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_UNKNOWN = re.compile(r"'([^'\n]*)' does not refer to a registered pass or pass pipeline")
_LACKS = "this engine has no pass"


def explained(said: str, known_to_enzyme: Container[str]) -> str:
    """What MLIR says, and what to do where it speaks of a pass that `known_to_enzyme` has."""

    def sentence(match: re.Match[str]) -> str:
        name = match[1]
        if name not in known_to_enzyme:
            return match[0]
        return (
            f"{_LACKS} {name}, which is in enzyme-ad: install that with"
            ' `pip install "enzyme-lsp[enzyme]"` on Python 3.11, and `engine.kind` "auto" uses it'
        )

    return _UNKNOWN.sub(sentence, said)


def is_told(said: str) -> bool:
    """Whether a message says that an engine lacks a pass."""
    return _LACKS in said or _UNKNOWN.search(said) is not None
