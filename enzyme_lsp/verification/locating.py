"""Locating: where in a document an engine's problems are, and which of them only say that a dialect is unknown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.verification.verdict import Finding

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer, EngineProblem
    from enzyme_lsp.verification.modules import ModuleText
    from enzyme_lsp.workspace.snapshot import Snapshot

_NO_DIALECT: Final = re.compile(
    r"Dialect `(?P<custom>[\w$]+)' not found for custom op"
    r"|(?P<generic>operation being parsed with an unregistered dialect)"
    r"|^`?[#!]\"?(?P<other>[\w$]+)\"?<.*(?:type|attribute) created with unregistered dialect"
)


def located(module: ModuleText, answer: Answer) -> list[Finding]:
    """The errors of an answer, in places of the document."""
    return [finding for finding in every(module, answer) if finding.problem.severity == "error"]


def every(module: ModuleText, answer: Answer) -> list[Finding]:
    """All that an answer says, errors and the rest, in places of the document."""
    return [_finding(module, problem) for problem in answer.problems]


def unregistered(snapshot: Snapshot, finding: Finding) -> tuple[str | None, tuple[int, int] | None]:
    """The unregistered dialect that a finding is about; with a place and length when it is no operation's."""
    match = _NO_DIALECT.search(finding.problem.message)
    if match is None or finding.offset is None:
        return None, None
    if match["custom"]:
        return match["custom"], None
    index = snapshot.layout.index_at(finding.offset)
    if index is None:
        return match["other"], (finding.offset, 1) if match["other"] else None
    start, piece = snapshot.offset(index), snapshot.layout.pieces[index]
    tokens = piece.tree.tokens
    token = tokens.at(max(0, finding.offset - start))
    if match["other"]:
        span = piece.tree.token_span(token) if token is not None else None
        return match["other"], (span.start + start, len(span)) if span else (finding.offset, 1)
    # The engine names the token behind the quoted name. When that is no `(`, the operation is still being typed, and
    # what follows belongs to another one.
    if token is None or tokens.word(token) != b"(" or token == 0 or tokens.kinds[token - 1] != Kind.STRING:
        return None, None
    dialect, dot, _ = tokens.word(token - 1).strip(b'"').decode("utf-8", "replace").partition(".")
    return (dialect, None) if dot else (None, None)


def unknown_dialects(snapshot: Snapshot, module: ModuleText, answer: Answer) -> frozenset[str]:
    """Dialects that an engine does not know, whose operations can be left out."""
    found = (unregistered(snapshot, finding) for finding in located(module, answer))
    return frozenset(dialect for dialect, token in found if dialect is not None and token is None)


def _finding(module: ModuleText, problem: EngineProblem) -> Finding:
    found = (
        module.offset(problem.place.line, problem.place.column) if problem.place and problem.place.file == "-" else None
    )
    notes: list[tuple[str, int | None]] = []
    for note in problem.notes:
        if note.message.startswith("see current operation"):
            continue  # the operation that is underlined, in generic form
        place = module.offset(note.place.line, note.place.column) if note.place and note.place.file == "-" else None
        notes.append((note.message, place[0] if place else None))
    return Finding(problem, found[0] if found else None, tuple(notes), found[1].piece if found else None)
