"""Mutants: a text with one token spoiled, and what an engine says of it, told in lines of the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import other_spelling
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.tokens import Kind, tokenize
from enzyme_lsp.text.document import Document
from enzyme_lsp.verification import locating, modules
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.syntax.tokens import Tokens
    from enzyme_lsp.workspace.snapshot import Snapshot

SORTS: Final = ("deleted", "doubled", "swapped", "type", "name", "number")

_TYPES: Final = (b"f64", b"f32", b"i32", b"i64", b"i1", b"index")
_NAMES: Final = {Kind.VALUE, Kind.SYMBOL, Kind.CARET, Kind.HASH, Kind.BANG, Kind.WORD}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spoiled text, and how: `sort` is one of SORTS, `at` the byte where it differs."""

    text: bytes
    sort: str
    at: int


def mutant(text: bytes, chance: Random) -> Mutant | None:
    """`text` with one token deleted, doubled, exchanged with the next, or another type, name or number in its place.

    Every second one is in an operation of Enzyme's, where there is one. None when no token can be spoiled so.
    """
    tokens = tokenize(text)
    indices = _in_enzyme(tokens) if chance.random() < 0.5 else []
    indices = indices or list(range(len(tokens)))
    sort = chance.choice(SORTS)
    chance.shuffle(indices)
    for index in indices:
        new, last = _spoiled(tokens, index, sort, chance)
        if new is not None:
            start, end = tokens.starts[index], tokens.ends[last]
            if new != text[start:end]:
                return Mutant(text[:start] + new + text[end:], sort, start)
    return None


def _in_enzyme(tokens: Tokens) -> list[int]:
    """The tokens from the name of an operation of Enzyme's to the next line that starts another operation."""
    found, inside = list[int](), False
    for index in range(len(tokens)):
        word = tokens.word(index)
        starts = tokens.starts_line(index)
        if starts and (tokens.kinds[index] in (Kind.VALUE, Kind.CARET) or (b"." in word and word[:1] != b"#")):
            inside = False
        if word.strip(b'"').startswith(b"enzyme.") and tokens.kinds[index] in (Kind.WORD, Kind.STRING):
            inside = True
        if inside:
            found.append(index)
    return found


def _spoiled(tokens: Tokens, index: int, sort: str, chance: Random) -> tuple[bytes | None, int]:
    """What stands for token `index`, and the last token that it stands for; None where that cannot be."""
    word, kind = tokens.word(index), tokens.kinds[index]
    match sort:
        case "deleted":
            return b"", index
        case "doubled":
            return word + b" " + word, index
        case "swapped" if index + 1 < len(tokens):
            between = tokens.text[tokens.ends[index] : tokens.starts[index + 1]]
            return tokens.word(index + 1) + (between or b" ") + word, index + 1
        case "type" if word in _TYPES:
            return chance.choice([one for one in _TYPES if one != word]), index
        case "name" if kind in _NAMES:
            return _renamed(tokens, index, chance), index
        case "number" if kind == Kind.NUMBER:
            return chance.choice([b"0", b"1", b"2", b"7", b"4294967296", b"1.5"]), index
        case _:
            return None, index


def _renamed(tokens: Tokens, index: int, chance: Random) -> bytes:
    """Another name of the same kind in the text, or one that is a letter longer."""
    others = {tokens.word(one) for one in range(len(tokens)) if tokens.kinds[one] == tokens.kinds[index]}
    others.discard(tokens.word(index))
    if others and chance.random() < 0.7:
        return chance.choice(sorted(others))
    word = tokens.word(index)
    return word[:-1] + b'q"' if word.endswith(b'"') else word + b"q"


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine says of a section: its outcome, and of each error its line, from 0, and its words.

    The first error is that of the text itself, in order of lines.
    """

    outcome: Outcome
    errors: tuple[tuple[int, str], ...] = ()
    detail: str = ""

    @property
    def line0(self) -> int:
        """The line of the first error; -1 where there is none."""
        return self.errors[0][0] if self.errors else -1

    @property
    def words(self) -> str:
        return self.errors[0][1] if self.errors else self.detail


async def heard(pool: Pool, snapshot: Snapshot, number: int) -> Heard:
    """What the engine of a pool says of a section as a whole, in the spelling that it reads.

    What cannot be put into that spelling since no engine reads it is an error, as it is for users.
    """
    identity = (await pool.ready()).identity
    assert identity is not None
    section, lines = snapshot.sections[number], snapshot.document.lines
    module = modules.whole(snapshot, section, frozenset(), identity.spelling)
    answer = await pool.run(Request(module.text), lane=Lane.BACKGROUND)
    found = [
        (lines.position(one.span.start, "utf-8").line0, f"{one.name} cannot be read, since {one.reason}")
        for index in range(section.first, section.last)
        for one in other_spelling.left(snapshot, identity, index)
        if one.is_wrong
    ]
    outcome = Outcome.REJECTED if found and answer.outcome is Outcome.ACCEPTED else answer.outcome
    for one in locating.located(module, answer):
        at = section.span.start if one.offset is None else one.offset
        index = snapshot.layout.index_near(at)
        if index is not None and other_spelling.is_of_left(snapshot, identity, index, at - snapshot.offset(index)):
            continue
        found.append((lines.position(at, "utf-8").line0, " ".join(one.problem.message.split())))
    return Heard(outcome, tuple(sorted(found, key=_line0)), answer.detail)


def opened(text: bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:1", text))


def _line0(error: tuple[int, str]) -> int:
    return error[0]


def sections(snapshot: Snapshot) -> Sequence[bytes]:
    """The texts of the sections that hold something."""
    found = [section.span.of(snapshot.document.data) for section in snapshot.sections]
    return [text for text in found if text.strip()]
