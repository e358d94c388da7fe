"""Verdict: what an engine says of one snapshot, in places of the document; plain data, no words for users yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import EngineProblem, Identity, Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem that an engine reported.

    `offset` is the byte of the document (in a `PieceVerdict`: of the piece) that the engine named, or None when it
    named none. `notes` are its notes with their places. `piece` is the piece that it was found in, when that is known.
    """

    problem: EngineProblem
    offset: int | None
    notes: tuple[tuple[str, int | None], ...] = ()
    piece: int | None = None


@dataclass(frozen=True, slots=True)
class PieceVerdict:
    """What an engine says of one piece with stubs around it.

    `outcome` is None when the piece could not be sent alone. Findings of an engine crash are the failure itself.
    """

    outcome: Outcome | None
    findings: tuple[Finding, ...] = ()
    detail: str = ""
    is_lasting: bool = True
    """Whether the same text would get the same verdict again; not after a deadline or a killed process."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The engine crashed or gave no answer; on `piece` alone when that is known, else on the section."""

    outcome: Outcome
    detail: str
    section: int
    piece: int | None


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A dialect that the engine does not know: its first operation, type or attribute in a section."""

    dialect: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that an engine says of a snapshot.

    `accepted`: the sections that it accepted as a whole and untouched, which no other finding can contradict.
    `proven`: the pieces that it accepted as they stand, alone or in their section.
    `complete`: whether every piece of the document has been judged. `trouble`: why not, in one sentence for the user
    that is no error of the text; empty when all is well.
    """

    engine: Identity | None
    findings: tuple[Finding, ...] = ()
    unregistered: tuple[Unregistered, ...] = ()
    failures: tuple[Failure, ...] = ()
    accepted: frozenset[int] = frozenset()
    proven: frozenset[int] = frozenset()
    complete: bool = False
    trouble: str = ""


NOTHING_YET: Final = Verdict(None)
"""While an engine has not answered but is about to."""
