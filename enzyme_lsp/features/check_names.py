"""Check names: other names in FileCheck's directives, for its own variables and for symbols that it looks for.

What a directive matches is not known here, so that it changes only for who asks for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.syntax import directives
from enzyme_lsp.text.document import encode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.layout import Section
    from enzyme_lsp.workspace.snapshot import Snapshot

_VARIABLE: Final = re.compile(r"\$?[A-Za-z_]\w*", re.ASCII)
_BARE: Final = re.compile(r"[A-Za-z_][\w$.]*", re.ASCII)
_MADE: Final = rb"(?:fwddiffe\d*|diffe)?"
"""What Enzyme puts before the name of a function to name its derivative."""


def variable_at(data: bytes, offset: int) -> Span | None:
    """The name of the FileCheck variable at a byte, or that ends there."""
    start = data.rfind(b"\n", 0, offset) + 1
    end = data.find(b"\n", offset)
    # A cheap look at the line, since nearly every place that is asked about has no directive.
    if data.find(b"//", start, offset) < 0 or data.find(b"[[", start, end if end >= 0 else len(data)) < 0:
        return None
    return next((span for span in directives.variables(data) if span.start <= offset <= span.end), None)


def renamed_variable(snapshot: Snapshot, variable: Span, new_name: str) -> EditSet:
    """The edits that give a variable of FileCheck another name in all directives. Raises `RefusedError`."""
    data, wanted = snapshot.document.data, new_name.strip()
    if not _VARIABLE.fullmatch(wanted):
        raise RefusedError(f"{new_name!r} is no name in FileCheck: write letters, digits, and the character _")
    name = variable.of(data)
    if name == encode(wanted):
        return EditSet(())
    every = [*directives.variables(data)]
    taken = next((span for span in every if span.of(data) == encode(wanted)), None)
    if taken is not None:
        line0 = snapshot.document.lines.position(taken.start, "utf-8").line0
        raise RefusedError(f"FileCheck has a variable {wanted} already in line {line0 + 1}")
    return EditSet(Edit(span, encode(wanted)) for span in every if span.of(data) == name)


def renamed_symbol(snapshot: Snapshot, section: Section, name: str, wanted: str) -> Iterator[Edit]:
    """A symbol's name in the directives of its section, and in the names that Enzyme makes of it.

    None where the section defines several symbols of the name, since a directive does not tell which is meant.
    """
    tables = [scope for scope in snapshot.scopes.scopes if scope.section == snapshot.scope_of(section.first).section]
    if sum(len(table.symbols.get(name, ())) for table in tables) > 1:
        return
    data, old = snapshot.document.data, re.escape(encode(name))
    mention = re.compile(rb"@(?:(" + _MADE + rb")" + old + rb'(?![\w$.])|"(' + _MADE + rb")" + old + rb'")', re.ASCII)
    for line in directives.check_lines(data, section.span):
        for match in mention.finditer(data, line.start, line.end):
            made = (match[1] if match[1] is not None else match[2]).decode()
            if made and any(made + name in table.symbols for table in tables):
                continue  # A function of its own.
            shown = made + wanted if _BARE.fullmatch(made + wanted) else f'"{made}{wanted}"'
            yield Edit(Span(match.start() + 1, match.end()), encode(shown))
