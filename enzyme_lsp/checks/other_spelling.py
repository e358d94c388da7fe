"""Other spelling: tells which errors of an engine come of a text that was written for another generation of engines.

Enzyme's operations are converted on their way to the engine. What cannot be converted, and what other dialects have
changed in the same release, it refuses all the same; that is no mistake in the text, and the engine that reads it can be
named. An error counts as such only when the text around it shows it: the section is in the other spelling, the words
are those of a parser that met it, and what it stopped at looks just like it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Diagnostic, Severity
from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.spelling import READ_BY
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.problems import problems
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.engines.api import Identity
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE: Final = "other-spelling"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error that is no mistake of the text, or not the one that the engine names.

    `span` is in bytes of the document, `reason` in words after "since". `is_wrong`: no engine reads what stands there.
    """

    span: Span
    name: str
    reason: str
    spelling: Spelling
    is_wrong: bool


def left(snapshot: Snapshot, engine: Identity, index: int) -> Iterator[Refusal]:
    """What of piece `index` cannot be converted to the spelling that the engine reads."""
    if engine.spelling == "none":
        return
    for one in spelling.converted(snapshot.layout.pieces[index], engine.spelling).left:
        written = one.unit.spelling or _written_for_another(engine)
        span = snapshot.span_in(index, one.span)
        yield Refusal(span, one.unit.name, one.reason, written, one.is_wrong)


def is_of_left(snapshot: Snapshot, engine: Identity, index: int, at: int) -> bool:
    """Whether byte `at` of piece `index` is in something that the engine cannot read, so that its words mislead."""
    if engine.spelling == "none":
        return False
    piece = snapshot.layout.pieces[index]
    found = [one for one in spelling.converted(piece, engine.spelling).left if one.unit.span.contains(at)]
    return any(not one.stand_in and one.unit.operation in (None, piece.tree.operation_at(at)) for one in found)


def refusal(snapshot: Snapshot, engine: Identity, index: int, at: int, message: str) -> Refusal | None:
    """What an error at byte `at` of piece `index` means, if another dialect has changed there too; else None."""
    if engine.spelling not in READ_BY:
        return None
    piece = snapshot.layout.pieces[index]
    found = _changed_with_it(piece, at, message, engine.spelling)
    if found is None or _spelling_around(snapshot, index) != spelling.other(engine.spelling):
        return None
    if any(found[0].touches(problem.span) for problem in piece.fact(problems)):
        return None
    return Refusal(snapshot.span_in(index, found[0]), *found[1:], spelling.other(engine.spelling), is_wrong=False)


def _written_for_another(engine: Identity) -> Spelling:
    """The spelling of what this engine does not read, where the text does not tell."""
    return spelling.other(engine.spelling) if engine.spelling in READ_BY else "classic"


def diagnostic(engine: Identity, found: Refusal) -> Diagnostic:
    """What to say of a refusal."""
    if found.is_wrong:
        message = f"{found.name} cannot be read, since {found.reason}"
        return Diagnostic(found.span, Severity.ERROR, "invalid-syntax", message, (), engine.name)
    reader = READ_BY[found.spelling]
    message = (
        f"{engine} cannot read {found.name} here, since {found.reason}; {reader} reads the {found.spelling} spelling:"
        f" set `engine.path` to a folder that holds it"
    )
    return Diagnostic(found.span, Severity.INFORMATION, CODE, message, (), engine.name)


_INHERENT: Final = re.compile(r"inherent attribute '(?P<name>[^']+)' cannot be parsed from attr-dict when strict")
_REQUIRED: Final = re.compile(r"properties dictionary is missing required attribute: (?P<name>[\w$.]+)")
_CLASSIC_ATTRIBUTE: Final = re.compile(rb"#([\w$]+)<\s*([\w$.]+)\s*$", re.ASCII)
_STRICT_ATTRIBUTE: Final = re.compile(rb"#([\w$]+)\.([\w$.]+)$", re.ASCII)
_LONGEST: Final = 200
"""Bytes before an error that are looked at for the beginning of an attribute."""


def _changed_with_it(piece: Piece, at: int, message: str, read: Spelling) -> tuple[Span, str, str] | None:
    """The span, name and reason of what another dialect writes otherwise since the release that changed Enzyme."""
    return _refused_by_strict(piece, at, message) if read == "strict" else _refused_by_classic(piece, at, message)


def _refused_by_strict(piece: Piece, at: int, message: str) -> tuple[Span, str, str] | None:
    operation = piece.tree.operation_at(at)
    named = _INHERENT.search(message) or _REQUIRED.search(message)
    if named is not None:
        key = named["name"].encode()
        if operation is None or operation.is_generic or symbols.attribute_value(operation, key) is None:
            return None
        return operation.name_span, operation.name, f"{named['name']} stands in `{{...}}` and not in `<...>`"
    if message != "expected '<'":
        return None
    text, tokens = piece.text, piece.tree.tokens
    if (before := _CLASSIC_ATTRIBUTE.search(text, max(0, at - _LONGEST), at)) is not None:
        token = tokens.at(before.start() + 1)
        if token is None or re.match(rb'\s*[\w"]', text[at : at + _LONGEST]) is None:
            return None
        dialect, mnemonic = before[1].decode(), before[2].decode()
        reason = f"it is written #{dialect}.{mnemonic}<...> now"
        return piece.tree.token_span(token), f"#{dialect}<{mnemonic} ...>", reason
    token = tokens.at(at)
    token = token + 1 if token is not None and tokens.ends[token] == at else token
    if token is None or operation is None or tokens.kinds[token : token + 1] != [Kind.WORD]:
        return None
    if tokens.word(token - 1) != b"=" or operation.name.startswith("enzyme."):
        return None
    word = tokens.word(token).decode("utf-8", "replace")
    return operation.name_span, operation.name, f"{word} is written <{word}> now"


def _refused_by_classic(piece: Piece, at: int, message: str) -> tuple[Span, str, str] | None:
    tree, text = piece.tree, piece.text
    operation = tree.operation_at(at)
    tokens = tree.tokens
    if message == "expected ':'" and operation is not None and not operation.is_generic:
        token = tokens.at(at)
        token = token + 1 if token is not None and tokens.ends[token] == at else token
        if token is None or tokens.word(token) != b"<":
            return None
        inside = tokens.word(token + 1) == b"{" or (
            tokens.kinds[token + 1 : token + 2] == [Kind.WORD] and tokens.word(token + 2) == b"="
        )
        return (operation.name_span, operation.name, "its attributes stand in `<...>`") if inside else None
    before = _STRICT_ATTRIBUTE.search(text, max(0, at - _LONGEST), at)
    if not message.startswith("expected valid keyword") or before is None or text[at : at + 1] != b"<":
        return None
    token = tokens.at(before.start() + 1)
    if token is None:
        return None
    dialect, mnemonic = before[1].decode(), before[2].decode()
    return tree.token_span(token), f"#{dialect}.{mnemonic}<...>", f"it was written #{dialect}<{mnemonic} ...> then"


def _spelling_around(snapshot: Snapshot, index: int) -> Spelling | None:
    """The spelling that most of the section of a piece is in, or else most of the document; None when none is."""
    section = snapshot.sections[snapshot.scope_of(index).section]
    pieces = snapshot.layout.pieces
    for numbers in (range(section.first, section.last), range(len(pieces))):
        tallies = [pieces[number].fact(spelling.tally) for number in numbers]
        classic, strict = sum(one[0] for one in tallies), sum(one[1] for one in tallies)
        if classic != strict:
            return "classic" if classic > strict else "strict"
    return None
