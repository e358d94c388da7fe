"""Syntax problems as diagnostics: what `syntax.problems` finds in each piece, and modules that are never closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Diagnostic, error
from enzyme_lsp.syntax.problems import problems
from enzyme_lsp.text.span import Span

_NO_TEXT: Final = (
    "this is MLIR bytecode, which is no text: the extension for VS Code and the plugin for Neovim open it as text, and"
    " `enzyme-lsp convert` makes text of it"
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot


def no_text(snapshot: Snapshot) -> Diagnostic:
    """What is said of bytecode that was opened as text, and nothing else is."""
    data = snapshot.document.data
    return error("bytecode", Span(0, data.index(b"R") + 1), _NO_TEXT)


def check(snapshot: Snapshot, pieces: Iterable[int] | None = None) -> Iterator[Diagnostic]:
    """The syntax problems of some pieces, by number; of all when `pieces` is None."""
    unclosed = frozenset(snapshot.scopes.unclosed)
    for index in range(len(snapshot.layout.pieces)) if pieces is None else pieces:
        # The first look at a piece parses it, so that a large file takes seconds: an edit must be able to end this.
        snapshot.check_current()
        for problem in snapshot.layout.pieces[index].fact(problems):
            yield error(problem.code, snapshot.span_in(index, problem.span), problem.message)
        if index in unclosed:
            end = snapshot.layout.span(index).end
            yield error("unclosed-bracket", Span(end - 1, end), "`{` of this module is never closed by `}`")
