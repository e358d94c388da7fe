"""Diagnostic: what is wrong, where, and how bad; plain data, no LSP."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enzyme_lsp.text.edit import EditSet
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


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the document that makes the finding go away.

    `title` says what it does, as an order: "Insert the shadow of %x". `edits` are in bytes of the document.
    `is_certain`: it is the one right answer, so that an editor may prefer it and "fix all" may take it.
    """

    title: str
    edits: EditSet
    is_certain: bool = True


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
    fixes: tuple[Fix, ...] = field(default=(), compare=False)
    """The most likely one first."""


def error(code: str, span: Span, message: str, *notes: Note, fixes: tuple[Fix, ...] = ()) -> Diagnostic:
    """An error found by us."""
    return Diagnostic(span, Severity.ERROR, code, message, notes, fixes=fixes)


def warning(code: str, span: Span, message: str, *notes: Note, fixes: tuple[Fix, ...] = ()) -> Diagnostic:
    """A warning found by us: the text is legal, and probably not what is meant."""
    return Diagnostic(span, Severity.WARNING, code, message, notes, fixes=fixes)


def hint(code: str, span: Span, message: str, *notes: Note, fixes: tuple[Fix, ...] = ()) -> Diagnostic:
    """A hint found by us: nothing is wrong, and it can be said better."""
    return Diagnostic(span, Severity.HINT, code, message, notes, fixes=fixes)


def quoted(text: str | bytes) -> str:
    """A part of the text as messages quote it: on one line, and no longer than 40 characters."""
    shown = " ".join((text if isinstance(text, str) else text.decode("utf-8", "replace")).split())
    return shown if len(shown) <= 40 else shown[:37] + "..."
