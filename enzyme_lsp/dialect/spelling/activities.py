"""Activities: the attribute that holds one activity, in its three forms; found and converted wherever it stands.

    #enzyme<activity enzyme_dup>     classic
    #enzyme.activity<enzyme_dup>     strict, as it is printed
    #enzyme<activity<enzyme_dup>>    strict

The parser finds the end of such an attribute by its brackets alone, those in comments too, and then reads what is
inside as words. So nothing with a bracket in a comment is recognized here. Measured on the engines 0.0.15 and 0.0.16.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.spelling.edits import Spelling
    from enzyme_lsp.syntax.tokens import Tokens

_GAP: Final = rb'((?:[ \t\r\n]|//[^\n\r<>()\[\]{}"]*(?=[\n\r]))*)'
_WORD: Final = rb'([A-Za-z_][\w$.]*|"[^"\\<>()\[\]{}\n\r]*")'
_KEYWORD: Final = rb"activity(?![\w$.])"

_CLASSIC: Final = re.compile(rb"#enzyme<" + _GAP + _KEYWORD + _GAP + _WORD + _GAP + rb">", re.ASCII)
_PRINTED: Final = re.compile(rb"#enzyme\.activity<" + _GAP + _WORD + _GAP + rb">", re.ASCII)
_NESTED: Final = re.compile(
    rb"#enzyme<" + _GAP + _KEYWORD + _GAP + rb"<" + _GAP + _WORD + _GAP + rb">" + _GAP + rb">", re.ASCII
)
_BEGINNING: Final = re.compile(rb"#enzyme(?:\.activity|<" + _GAP + _KEYWORD + _GAP + rb"(<)?)", re.ASCII)
_FOLLOWED: Final = re.compile(
    rb"#enzyme<" + _GAP + _KEYWORD + _GAP + rb"(?:" + _WORD + rb"|<" + _GAP + _WORD + _GAP + rb">)", re.ASCII
)
"""What is behind this is dropped by the engine of its spelling, whatever it is."""
_HEAD: Final = re.compile(rb"#enzyme(?:(?=<)|\.activity(?![\w$.-]))", re.ASCII)


@dataclass(frozen=True, slots=True)
class ActivityText:
    """An activity attribute as it is written, in bytes from the start of the piece.

    `match` is None when it does not hold just one word; then `span` is its beginning, and `is_wrong` says whether no
    engine reads it.
    """

    span: Span
    spelling: Spelling
    match: re.Match[bytes] | None
    is_wrong: bool = False

    def edits(self) -> tuple[Edit, ...] | None:
        """What makes it one of the other spelling; None when it cannot be."""
        if self.match is None:
            return None
        if self.spelling == "classic":
            return _to_strict(self.match)
        return _printed_to_classic(self.match) if self.match.re is _PRINTED else _nested_to_classic(self.match)


def find(tokens: Tokens, within: Span) -> Iterator[ActivityText]:
    """The activity attributes that begin in a stretch of a text, in order."""
    text = tokens.text
    for head in _HEAD.finditer(text, within.start, within.end):
        start = head.start()
        index = tokens.at(start)
        if index is None or tokens.starts[index] != start or tokens.kinds[index] != Kind.HASH:
            continue  # in a comment or a string
        match = _CLASSIC.match(text, start) or _PRINTED.match(text, start) or _NESTED.match(text, start)
        if match is not None:
            yield ActivityText(Span(*match.span()), "classic" if match.re is _CLASSIC else "strict", match)
        elif match := _BEGINNING.match(text, start):
            is_strict = match[3] is not None or head.end() > start + len(b"#enzyme")
            is_wrong = _FOLLOWED.match(text, start) is None
            yield ActivityText(Span(*match.span()), "strict" if is_strict else "classic", None, is_wrong)


def _to_strict(match: re.Match[bytes]) -> tuple[Edit, ...]:
    """As it is printed if it is written as it is printed; else nested, which keeps what stands between the words."""
    angle = match.start(1) - 1
    if match[1] == b"" and match[2] == b" ":
        return _put(angle, 1, b"."), _put(match.start(2), 1, b"<")
    return _put(match.start(2), 0, b"<"), _put(match.end(), 0, b">")


def _printed_to_classic(match: re.Match[bytes]) -> tuple[Edit, ...]:
    dot, angle = match.start() + len(b"#enzyme"), match.start(1) - 1
    return _put(dot, 1, b"<"), _put(angle, 1, b"" if match[1] else b" ")


def _nested_to_classic(match: re.Match[bytes]) -> tuple[Edit, ...]:
    # Two words need a blank between them, a word and a string none.
    apart = match[2] or match[3] or match[4].startswith(b'"')
    return _put(match.start(3) - 1, 1, b"" if apart else b" "), _put(match.end(5), 1, b"")


def _put(at: int, length: int, new: bytes) -> Edit:
    return Edit(Span(at, at + length), new)
