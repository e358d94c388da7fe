"""Leftovers: what one context keeps of the texts that it has read, where that changes what the next text means.

A struct of LLVM's or SPIR-V's dialect that has a name gets its body once, so that in the same context the next text may
not give it another. A resource whose name was there before gets another one, and is printed with that. It must import
the standard library only, since a worker loads it.
"""

from __future__ import annotations

import re

_STRUCT = re.compile(r'\bstruct<\s*(?:"((?:[^"\\]|\\.)*)"|(\w+)\s*(?=,))')
_ALIAS = re.compile(r"![A-Za-z_][\w$]*(?![\w$.<])")
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|->|[<>]')
_RESOURCES = "dialect_resources"


class Leftovers:
    """Of one context."""

    def __init__(self) -> None:
        self._bodies: dict[str, frozenset[str]] = {}
        self._has_resources = False

    def disturb(self, text: str, *, is_printed: bool) -> bool:
        """Whether `text` would mean, or if it is to be printed show, something else than in a new context."""
        if is_printed and self._has_resources and _RESOURCES in text:
            return True
        return any(
            # What an alias in a body stands for is written elsewhere.
            self._bodies.get(name, bodies) != bodies or (name in self._bodies and any(map(_ALIAS.search, bodies)))
            for name, bodies in _bodies(text).items()
        )

    def keep(self, text: str) -> None:
        """Note what a text leaves behind that is read now."""
        self._has_resources = self._has_resources or _RESOURCES in text
        self._bodies.update(_bodies(text))


def _bodies(text: str) -> dict[str, frozenset[str]]:
    """The bodies that a text gives to each name. A struct in its own body has its name alone."""
    found: dict[str, set[str]] = {}
    for match in _STRUCT.finditer(text) if "struct<" in text else ():
        body = _up_to_closing(text, match.end())
        if body:
            found.setdefault(match[1] if match[1] is not None else match[2], set()).add(body)
    return {name: frozenset(bodies) for name, bodies in found.items()}


def _up_to_closing(text: str, start: int) -> str:
    """What stands before the `>` that closes the bracket around `start`, without blanks."""
    depth = 1
    for match in _BRACKET.finditer(text, start):
        depth += {"<": 1, ">": -1}.get(match[0], 0)
        if not depth:
            return "".join(text[start : match.start()].split())
    return "".join(text[start:].split())
