"""Directives: what lit and FileCheck read in the comments of a test, as places; nothing of what they check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIXES: Final = re.compile(rb"--?check-prefix(?:es)?[= \t]+([\w,-]+)")
_KINDS: Final = rb"(?:-(?:NEXT|SAME|LABEL|DAG|NOT|EMPTY|COUNT-\d+))?(?:\{[A-Z]+\})?:"
_COMMENT: Final = re.compile(rb"//[^\n\r]*")
_VARIABLE: Final = re.compile(rb"\[\[(\$?[A-Za-z_]\w*)(?=:|\]\])", re.ASCII)
_RUN: Final = re.compile(rb"\bRUN:")
_GIVEN: Final = re.compile(rb"(?<=[ \t]-D)(\$?[A-Za-z_]\w*)(?==)", re.ASCII)


def check_lines(data: bytes, span: Span) -> Iterator[Span]:
    """The directives of FileCheck in a span of a text, from `//` to the end of the line, under any prefix that its RUN
    lines name.
    """
    prefixes = {b"CHECK", *(one for match in _PREFIXES.finditer(data) for one in match[1].split(b",") if one)}
    either = b"|".join(re.escape(one) for one in sorted(prefixes))
    directive = re.compile(rb"(?<![\w-])(?:" + either + rb")" + _KINDS)
    # A comment is read once, whatever it holds: a line may be as long as a text and have no directive.
    for comment in _COMMENT.finditer(data, span.start, span.end):
        if directive.search(data, *comment.span()):
            yield Span(*comment.span())


def variables(data: bytes) -> Iterator[Span]:
    """The names of FileCheck's variables in a text, `X` of `[[X:.*]]`, `[[X]]` and `-DX=1`, in no order.

    A variable lives from one directive to the end of the text, whatever section it stands in.
    """
    if b"[[" not in data:
        return
    for line in check_lines(data, Span(0, len(data))):
        for match in _VARIABLE.finditer(data, line.start, line.end):
            yield Span(*match.span(1))
    for comment in _COMMENT.finditer(data):
        if run := _RUN.search(data, *comment.span()):
            yield from (Span(*match.span(1)) for match in _GIVEN.finditer(data, run.end(), comment.end()))
