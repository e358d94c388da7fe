"""Fix all: every fix that is certain, applied together, and again to what comes of it, until there is none left.

Two fixes that meet may need each other's text, so the first by place is applied and the other waits for the next round,
where it is made anew or has gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp import checks
from enzyme_lsp.checks import syntax_problems
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.workspace.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.checks.diagnostic import Fix
    from enzyme_lsp.text.span import Span


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is to be changed, and how many fixes that is."""

    edits: EditSet
    count: int


_NOTHING: Final = Fixed(EditSet(()), 0)
_ROUNDS: Final = 100
"""Far more than files need: a round applies one fix at least for each function that has any."""
_PATIENCE: Final = 8
"""Rounds in a row with too many errors: fixes that uncover more and more would go on until the text is huge."""
_DEFINED: Final = re.compile(rb"(%[\w$.-]+)(?::\d+)?\s*=")


def fix_all(snapshot: Snapshot) -> Fixed:
    """The certain fixes of a document, as edits of its text as it stands.

    What a fix uncovers may be worse than what it mends, and may be mended in its turn. So the last text counts that has
    no more errors of ours than the first; that may be the first itself, and then each fix can still be chosen alone.
    Raises `Outdated` when an edit has come.
    """
    if not snapshot.settings.diagnostics.enabled:
        return _NOTHING
    now, done, best = snapshot, _NOTHING, _NOTHING
    allowed, fixes = _judged(now)
    seen = {hash(now.document.data)}
    fruitless = 0
    for _ in range(_ROUNDS):
        chosen = _apart(now, fixes)
        if not chosen or fruitless == _PATIENCE:
            break
        edits = EditSet(edit for fix in chosen for edit in fix.edits.edits).in_line_ends_of(now.document.data)
        done = Fixed(done.edits.then(edits, now.document.data), done.count + len(chosen))
        now = _after(now, edits)
        if hash(now.document.data) in seen:
            break  # Some fixes undo what others do.
        seen.add(hash(now.document.data))
        snapshot.check_current()
        errors, fixes = _judged(now)
        best, fruitless = (done, 0) if errors <= allowed else (best, fruitless + 1)
    return best


def is_anything_certain(snapshot: Snapshot) -> bool:
    """Whether `fix_all` has something to try. Raises `Outdated` when an edit has come."""
    if not snapshot.settings.diagnostics.enabled:
        return False
    return any(fix.is_certain for found in checks.found(snapshot) for fix in found.fixes)


def _judged(snapshot: Snapshot) -> tuple[int, list[Fix]]:
    """The number of errors of ours, and the certain fixes."""
    found = [*syntax_problems.check(snapshot), *checks.found(snapshot)]
    errors = sum(one.severity is Severity.ERROR for one in found)
    certain = (next((fix for fix in one.fixes if fix.is_certain), None) for one in found)
    return errors, [fix for fix in certain if fix is not None]


def _apart(snapshot: Snapshot, fixes: Iterable[Fix]) -> list[Fix]:
    """Those that do not meet another one before them, from the first byte that each changes to the last.

    Nor do two define a value of the same name in one function, since each took a name that was free for it alone.
    """
    chosen: list[Fix] = []
    end, named = -1, set[tuple[int | None, bytes]]()
    for fix in sorted((fix for fix in fixes if fix.edits.edits), key=_first):
        start = _first(fix).start
        piece = snapshot.layout.index_near(start)
        names = {(piece, name) for edit in fix.edits.edits for name in _DEFINED.findall(edit.new)}
        if start > end and not names & named:
            chosen.append(fix)
            end = fix.edits.edits[-1].span.end
            named |= names
    return chosen


def _first(fix: Fix) -> Span:
    return fix.edits.edits[0].span


def _after(snapshot: Snapshot, edits: EditSet) -> Snapshot:
    """The next text, which no editor has seen. What is known of a piece that stays is known there too."""
    document = snapshot.document.edited_at_once(edits, version=snapshot.version)
    layout = Layout.of(document.data)
    known = {piece: piece for piece in snapshot.layout.pieces}
    pieces = tuple(known.get(piece, piece) for piece in layout.pieces)
    return Snapshot(document, snapshot.settings, replace(layout, pieces=pieces))
