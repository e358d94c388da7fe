"""Answers: the plain values that features give: spans of the document in bytes, and text; no protocol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enzyme_lsp.checks.diagnostic import FilePlace
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.index import Place


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a name is in a file that the index of the workspace knows."""

    uri: str
    place: Place


class RefusedError(Exception):
    """What was asked for cannot be done; the text says why, for the user."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where something asked for is: in this document (`whole` is what it belongs to, `name` what to select there), in a
    file that the text names, or in another one of the workspace.

    `origin` is what was asked about. Invariant: there are the two spans, or `file`, or `elsewhere`.
    """

    origin: Span
    name: Span | None = None
    whole: Span | None = None
    file: FilePlace | None = None
    elsewhere: Elsewhere | None = None


class Access(Enum):
    """What a use does with what it names."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Highlight:
    """One occurrence of the name under the cursor."""

    span: Span
    access: Access


class SymbolKind(Enum):
    """What an outline shows an operation as."""

    MODULE = "module"
    FUNCTION = "function"
    GLOBAL = "global"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A named operation in an outline. `span` is all of it, `name_span` its name; `detail` is its signature."""

    name: str
    kind: SymbolKind
    detail: str
    span: Span
    name_span: Span
    children: tuple[OutlineItem, ...] = ()


class FoldKind(Enum):
    """What is folded away."""

    BRACKETS = "brackets"
    """The last line begins with what closes them, or has it at its end."""
    COMMENT = "comment"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines that can be folded away, from the line of the first byte of `span` to that of its last."""

    span: Span
    kind: FoldKind


@dataclass(frozen=True, slots=True)
class Hover:
    """What is known of the thing at `span`, as Markdown."""

    span: Span
    markdown: str
