"""Page: the manual page of a code, as text with indented examples and as Markdown; it knows no code in particular."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from enzyme_lsp.checks.diagnostic import Severity

Finder = Literal["check", "syntax", "engine", "deep", "lowering", "comparison"]
"""Whose finding it is: a check's or the parser's of ours, or an engine's when it verifies, differentiates or lowers, or
that of several which are held against each other."""

_FINDERS: Final[dict[Finder, str]] = {
    "check": "Enzyme check",
    "syntax": "syntax",
    "engine": "engine's verdict",
    "deep": "engine's pass",
    "lowering": "engine's pass, when saved",
    "comparison": "several engines, on the command line",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a code means: a title, the severity that it usually has, and text in Markdown with its examples."""

    code: str
    title: str
    severity: Severity
    found_by: Finder
    text: str

    @property
    def markdown(self) -> str:
        """The page as a section of docs/checks.md."""
        severity = self.severity.name.lower()
        return (
            f"## {self.code}\n\n*{severity}, {_FINDERS[self.found_by]}*\n\n**{self.title}**\n\n{_fenced(self.text)}\n"
        )

    @property
    def examples(self) -> tuple[str, ...]:
        """The indented examples, dedented."""
        return tuple(dedent(match[0]).strip("\n") for match in _EXAMPLE.finditer(self.text + "\n"))


_EXAMPLE: Final = re.compile(r"(?:^(?: {4}.*)?\n)*^ {4}.*\n(?:^(?: {4}.*)?\n)*", re.MULTILINE)


def _fenced(text: str) -> str:
    """The text with its indented examples in fences."""
    return _EXAMPLE.sub(lambda m: "\n```mlir\n" + dedent(m[0]).strip("\n") + "\n```\n\n", text + "\n").strip("\n")
