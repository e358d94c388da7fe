"""Syntax problems as diagnostics: what `syntax.problems` finds in each piece, and modules that are never closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, error
from enzyme_lsp.syntax.problems import Problem, problems
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot


def check(snapshot: Snapshot, skip: frozenset[int] = frozenset()) -> Iterator[Diagnostic]:
    """The syntax problems of all sections but those in `skip`, which an engine has accepted as they are."""
    for number, section in enumerate(snapshot.sections):
        if number in skip:
            continue
        for index in range(section.first, section.last):
            found = snapshot.layout.pieces[index].fact(problems)
            if found:
                snapshot.check_current()
                yield from (_diagnostic(snapshot, index, problem) for problem in found)
    for index in snapshot.scopes.unclosed:
        if snapshot.scope_of(index).section not in skip:
            end = snapshot.layout.span(index).end
            yield error("unclosed-bracket", Span(end - 1, end), "`{` of this module is never closed by `}`")


def _diagnostic(snapshot: Snapshot, piece: int, problem: Problem) -> Diagnostic:
    return error(problem.code, snapshot.span_in(piece, problem.span), problem.message)
