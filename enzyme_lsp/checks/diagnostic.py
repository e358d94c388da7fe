"""Diagnostic: what is wrong, where, and how bad; plain data, no LSP."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enzyme_lsp.text.span import Span

OURS: Final = "enzyme-lsp"
"""The source of what we found ourselves; an engine's verdict carries the engine's name."""


class Severity(IntEnum):
    """How bad it is; the numbers are LSP's."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A place that the text records with `loc("path":line:column)`; `line0` and `column` count from 0, in bytes."""

    path: str
    line0: int
    column: int


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that helps to understand: a span of the same document, or else a place in another file, or none.

    Invariant: one of `span` and `file` is None.
    """

    message: str
    span: Span | None = None
    file: FilePlace | None = None


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding.

    `code` is stable and has a page in docs/checks.md. `span` is in bytes of the document. `message` is one sentence
    without a full stop that names the values, types and numbers involved.
    """

    span: Span
    severity: Severity
    code: str
    message: str
    notes: tuple[Note, ...] = field(default=(), compare=False)
    source: str = OURS


def error(code: str, span: Span, message: str, *notes: Note) -> Diagnostic:
    """An error found by us."""
    return Diagnostic(span, Severity.ERROR, code, message, notes)
