"""Project: what is wrong with a project file, with what is wrong with its pipelines; it reads no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.engines.enzyme import allowed
from enzyme_lsp.lowering import pipeline as pipelines
from enzyme_lsp.lowering.mistakes import mistakes
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.project import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.project import Project


def troubles(project: Project) -> list[Trouble]:
    """All that is wrong with a file, in the order of its text."""
    found = [*project.troubles, *(one for text, span in project.pipelines for one in _of_pipeline(text, span))]
    return sorted(found, key=lambda one: one.span)


def _of_pipeline(text: str, span: Span) -> Iterator[Trouble]:
    read = pipelines.parse(text)
    wrong = mistakes(read)
    is_verbatim = len(span) == len(text.encode())
    for one in wrong:
        start, end = (len(text[:at].encode()) for at in (one.span.start, one.span.end))
        yield Trouble(Span(span.start + start, span.start + end) if is_verbatim else span, one.message)
    reason = None if wrong else allowed.refusal(str(read.inside_module()), "")
    if reason is not None:
        yield Trouble(span, reason.replace("for this text", "for a project file"))
