"""Wrap: the options of the pass `enzyme-wrap` as they stand in RUN lines, with their places in bytes of the document.

The pass makes a function of its own instead of an operation: `--enzyme-wrap="infn=f outfn=df argTys=enzyme_dup
retTys=enzyme_dup mode=ForwardMode"` on a command line, `enzyme-wrap{infn=f ...}` in a pipeline. Its lists have one
entry for each argument and result of `infn`. Measured on engines 0.0.15 and 0.0.16.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT: Final = re.compile(rb"//[^\n]*")
_RUN: Final = re.compile(rb"RUN[\w-]{0,40}:")
_CONTINUED: Final = re.compile(rb"[^\n]*\\\s*\n\s*//[^\n]*")
_WRAP: Final = re.compile(
    rb"\benzyme-wrap(?:\s*=\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|\\\"([^\"\n\\]*))|\s*\{([^}\n]*)\}|()(?=[\s,)'\"|]|$))"
)
_OPTION: Final = re.compile(rb"([\w-]+)=(\S*)")
_ENTRY: Final = re.compile(rb"[^,]+")


@dataclass(frozen=True, slots=True)
class Option:
    """The value of an option and where it stands."""

    text: str
    span: Span

    @property
    def entries(self) -> tuple[Option, ...]:
        """The value as a list with commas."""
        return tuple(_option(match, 0, self.span.start) for match in _ENTRY.finditer(self.text.encode()))


@dataclass(frozen=True, slots=True)
class WrapOptions:
    """One use of the pass: its options by name, and the place of all of them."""

    options: dict[str, Option]
    keys: tuple[Option, ...]
    """The names of the options, with their places."""
    span: Span
    is_generated: bool
    """Whether a script fills in parts of it: `%name` or `$name`."""


def uses(data: bytes) -> Iterator[WrapOptions]:
    """The uses of `enzyme-wrap` in the RUN lines of a text."""
    if b"enzyme-wrap" not in data:
        return
    # A comment is read once, whatever it holds: a line may be as long as a text and run nothing.
    for line in _COMMENT.finditer(data):
        if _RUN.search(data, *line.span()) is None:
            continue
        end = line.end()
        while (more := _CONTINUED.match(data, data.rfind(b"\n", 0, end) + 1)) is not None and more.end() > end:
            end = more.end()
        for match in _WRAP.finditer(data, line.start(), end):
            group = next(number for number in range(1, 6) if match[number] is not None)
            found, start = list(_OPTION.finditer(match[group])), match.start(group)
            options = {one[1].decode(): _option(one, 2, start) for one in found}
            keys = tuple(_option(one, 1, start) for one in found)
            is_generated = b"%" in match[group] or b"$" in match[group]
            yield WrapOptions(options, keys, Span(match.start(), match.end()), is_generated)


def _option(match: re.Match[bytes], group: int, offset: int) -> Option:
    span = Span(offset + match.start(group), offset + match.end(group))
    return Option(match[group].decode("utf-8", "replace"), span)
