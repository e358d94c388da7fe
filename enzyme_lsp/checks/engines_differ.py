"""Where engines differ about a text: one accepts what another refuses, or they name other places or use other words.

It holds verdicts side by side and must not know who asked for them. An engine that cannot judge a section, since it
does not know a dialect or cannot read a spelling, takes no side.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import Enum
from textwrap import dedent
from typing import TYPE_CHECKING, Final, Literal

from enzyme_lsp.checks import engine_verdict
from enzyme_lsp.checks.diagnostic import Diagnostic, Note, Severity
from enzyme_lsp.checks.engine_words import Part
from enzyme_lsp.checks.page import Page
from enzyme_lsp.engines.api import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.syntax.layout import Section
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.verdict import Finding, Verdict
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE: Final = "engines-differ"
PAGE: Final = Page(
    CODE,
    "Two engines do not say the same of this",
    Severity.WARNING,
    "comparison",
    dedent("""\
        `enzyme-lsp check --compare-engines` asks every engine that is installed, each in the spelling that it reads, and
        shows where one accepts what another refuses or crashes on, and where they name other places or use other words.
        The notes are what each engine says, in its own words.
        An engine that does not know a dialect of a section, or that cannot be given it in its spelling, takes no side;
        what is judged by fewer than two is counted as not compared.

        With `--format json`, the output is an object: `engines` has the `label`, `name`, `version` and `spelling` of
        each; `files` and `sections` say how much was compared; `differences` has one object for each difference, and
        `notCompared` one for each section that fewer than two engines judged; `isCanceled` is true when it was
        interrupted before the end.
        Both have the `file`, the number of the `section` from 0, a `position`, and `opinions`: for each engine its
        `label` as `engine`, a `verdict` (`valid`, `invalid`, `crashed`, `timed out` or `not judged`), `detail`, which is
        why there is no other verdict, and `errors`, each with `position`, `message` and `notes`.
        A difference also has a `kind`: `verdict`, `place` or `words`.
        Positions are those of the language server protocol: lines and columns from 0, columns in UTF-16 code units."""),
)

Kind = Literal["verdict", "place", "words"]


class Judgement(Enum):
    """What an engine makes of a section."""

    VALID = "valid"
    INVALID = "invalid"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    NONE = "not judged"


@dataclass(frozen=True, slots=True)
class Said:
    """An error: the byte of the document that the engine named, its words in one line, and its notes with their places."""

    offset: int
    message: str
    notes: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one engine makes of one section.

    `engine` is what it is called. `detail` says why there is no other judgement: how it crashed, what it does not know.
    """

    engine: str
    judgement: Judgement
    errors: tuple[Said, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Opinions on section `number` that are not the same; `offset` is the byte of the document that they are about."""

    kind: Kind
    number: int
    offset: int
    opinions: tuple[Opinion, ...]


def judged(snapshot: Snapshot) -> list[int]:
    """The numbers of the sections that hold something."""
    return [number for number, section in enumerate(snapshot.sections) if section.first < section.last]


def opinion(snapshot: Snapshot, engine: str, verdict: Verdict, number: int) -> Opinion:
    """What a verdict says of section `number`; `engine` is what to call whose it is."""
    section = snapshot.sections[number]
    if verdict.engine is None:
        return Opinion(engine, Judgement.NONE, (), verdict.trouble or "it gave no answer")
    findings, refusals = engine_verdict.readable(snapshot, verdict, verdict.engine)
    here = [one for one in refusals if _is_in(section, one.span.start)]
    errors = [_said(one) for one in findings if one.offset is not None and _is_in(section, one.offset)]
    errors += [
        Said(one.span.start, f"{one.name} cannot be given to it, since {one.reason}") for one in here if one.is_wrong
    ]
    # A section as a whole and a piece of it may get the same error.
    errors = sorted({_place(one): one for one in errors}.values(), key=_place)
    failure = next((one for one in verdict.failures if one.section == number), None)
    if failure is not None:
        judgement = Judgement.CRASHED if failure.outcome is Outcome.CRASHED else Judgement.TIMED_OUT
        return Opinion(engine, judgement, tuple(errors), failure.detail)
    if errors:
        return Opinion(engine, Judgement.INVALID, tuple(errors))
    unknown = dict.fromkeys(one.dialect for one in verdict.unregistered if _is_in(section, one.offset))
    if unknown:
        word = "dialect" if len(unknown) == 1 else "dialects"
        return Opinion(engine, Judgement.NONE, (), f"it does not know the {word} {listed(unknown)}")
    if here:
        return Opinion(engine, Judgement.NONE, (), f"it cannot read {here[0].name}, since {here[0].reason}")
    if number in verdict.accepted:
        return Opinion(engine, Judgement.VALID)
    return Opinion(engine, Judgement.NONE, (), verdict.trouble or "it could not be asked about the whole section")


def is_compared(opinions: Iterable[Opinion]) -> bool:
    """Whether two engines have judged it."""
    return sum(one.judgement is not Judgement.NONE for one in opinions) > 1


def differences(snapshot: Snapshot, number: int, opinions: Sequence[Opinion]) -> Iterator[Difference]:
    """Where the opinions on a section are not the same: one difference in verdicts, or one for each piece."""
    judging = [one for one in opinions if one.judgement is not Judgement.NONE]
    if len(judging) < 2:
        return
    start = snapshot.layout.starts[snapshot.sections[number].first]
    if len({one.judgement for one in judging}) > 1:
        named = [error.offset for one in judging for error in one.errors]
        yield Difference("verdict", number, min(named, default=start), tuple(opinions))
        return
    tally = Counter(_place(error) for one in judging for error in one.errors)
    pieces: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    for place, count in tally.items():
        if count < len(judging):
            pieces[snapshot.layout.index_near(place[0]) or 0].add(place)
    for _, apart in sorted(pieces.items()):
        narrowed = [
            replace(one, errors=tuple(error for error in one.errors if _place(error) in apart)) for one in opinions
        ]
        places = {
            tuple(error.offset for error in one.errors) for one in narrowed if one.judgement is not Judgement.NONE
        }
        yield Difference("words" if len(places) == 1 else "place", number, min(apart)[0], tuple(narrowed))


def diagnostic(snapshot: Snapshot, difference: Difference) -> Diagnostic:
    """A difference in words for people, with what each engine says as notes."""
    notes: list[Note] = []
    for one in difference.opinions:
        notes += [_note(snapshot, one, error) for error in one.errors]
        if one.judgement is Judgement.NONE:
            notes.append(Note(f"{one.engine} does not judge this: {one.detail}"))
        elif one.detail:
            notes.append(Note(f"{one.engine}: {' '.join(one.detail.split())}"))
        elif not one.errors and difference.kind != "verdict":
            notes.append(Note(f"{one.engine} names no error here"))
    span = _span(snapshot, difference.offset)
    return Diagnostic(span, Severity.WARNING, CODE, _sentence(difference), tuple(notes))


_PHRASES: Final = {
    Judgement.VALID: "is accepted by",
    Judgement.INVALID: "is refused by",
    Judgement.CRASHED: "crashes",
    Judgement.TIMED_OUT: "gets no answer in time from",
}


def _sentence(difference: Difference) -> str:
    judging = [one for one in difference.opinions if one.judgement is not Judgement.NONE]
    if difference.kind == "words":
        return f"{listed(one.engine for one in judging)} do not use the same words"
    if difference.kind == "place":
        return f"{listed(one.engine for one in judging)} do not find the same errors"
    parts = [
        f"{phrase} {listed(names)}"
        for judgement, phrase in _PHRASES.items()
        if (names := [one.engine for one in judging if one.judgement is judgement])
    ]
    return f"this section {listed(parts)}"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _note(snapshot: Snapshot, one: Opinion, error: Said) -> Note:
    more = "".join(f"; {' '.join(message.split())}" for message, _ in error.notes)
    return Note(f"{one.engine}: {error.message}{more}", _span(snapshot, error.offset))


def _span(snapshot: Snapshot, offset: int) -> Span:
    return engine_verdict.place(snapshot, offset, Part.TOKEN)


def _said(finding: Finding) -> Said:
    return Said(finding.offset or 0, " ".join(finding.problem.message.split()), finding.notes)


def _place(error: Said) -> tuple[int, str]:
    return error.offset, error.message


def _is_in(section: Section, offset: int) -> bool:
    return section.span.start <= offset <= section.span.end
