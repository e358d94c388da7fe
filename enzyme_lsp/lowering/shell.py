"""Shell: the commands that RUN lines write, as words with places; nothing here or elsewhere ever runs one.

Read is what lit's own shell reads: words with quotes and backslashes, pipes, lists, redirections. Places are bytes of
the document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.text.document import decode, encode
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN: Final = re.compile(rb"RUN:([^\n\r]*)")
_OPERATORS: Final = re.compile(rb"\|\||&&|\d?>&\d?|&>>?|\d?>>?|<|\||;|&")
_BLANK: Final = b" \t"
_JOINS: Final = frozenset({"&&", "||", ";", "&"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes, and its place with them. `places` has for each byte of `raw` the byte it is from."""

    text: str
    span: Span
    raw: bytes
    places: tuple[int, ...]

    def place(self, start: int, end: int) -> Span:
        """Where two places in `text`, in characters, stand in the document."""
        # What is no UTF-8 has another size in `text`, and then the place is near.
        first, last = (min(len(encode(self.text[:at])), len(self.places)) for at in (start, end))
        if first >= len(self.places):
            return Span(self.span.end, self.span.end)
        return Span(self.places[first], self.places[last - 1] + 1 if last > first else self.places[first])


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, and where its input is from and its output goes besides pipes."""

    words: tuple[Word, ...]
    reads: str = ""
    """The file behind `<`, or empty."""
    writes: str = ""
    """The file behind `>`, or empty."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One RUN line with those that continue it: commands that hand their output on, one pipe after the other.

    `span` is from `RUN` to the end of the last line.
    """

    pipes: tuple[tuple[Command, ...], ...]
    span: Span


def run_lines(data: bytes) -> tuple[RunLine, ...]:
    """The RUN lines of a text, in order."""
    found: list[RunLine] = []
    if b"RUN:" not in data:
        return ()
    pieces: list[tuple[bytes, int]] = []
    first = 0
    for match in _RUN.finditer(data):
        text = match[1].rstrip(_BLANK)
        if not pieces:
            first = match.start()
        pieces.append((text, match.start(1)))
        if text.endswith(b"\\"):
            continue
        found.append(RunLine(tuple(_pipes(pieces)), Span(first, match.start(1) + len(text))))
        pieces = []
    if pieces:
        last, start = pieces[-1]
        found.append(RunLine(tuple(_pipes(pieces)), Span(first, start + len(last))))
    return tuple(found)


def _pipes(pieces: list[tuple[bytes, int]]) -> Iterator[tuple[Command, ...]]:
    pipe: list[Command] = []
    words: list[Word] = []
    files: dict[str, str] = {}
    to = ""
    for token in (*_tokens(pieces), ";"):
        if isinstance(token, Word):
            if to:
                files[to], to = token.text, ""
            else:
                words.append(token)
        elif token == "|" or token in _JOINS:
            if words:
                pipe.append(Command(tuple(words), files.get("<", ""), files.get(">", "")))
            words, files, to = [], {}, ""
            if token in _JOINS and pipe:
                yield tuple(pipe)
                pipe = []
        elif ">&" not in token:
            # `2>&1` names no file.
            to = token.replace(">>", ">").removeprefix("1")


def _tokens(pieces: list[tuple[bytes, int]]) -> Iterator[Word | str]:
    """Words, and operators as text."""
    text, places = _joined(pieces)
    index = 0
    while index < len(text):
        if text[index : index + 1] in (b" ", b"\t"):
            index += 1
            continue
        operator = _OPERATORS.match(text, index)
        if operator is not None:
            yield decode(operator[0])
            index = operator.end()
            continue
        start = index
        raw, from_, index = _word(text, places, index)
        span = Span(places[start], places[index - 1] + 1)
        yield Word(decode(bytes(raw)), span, bytes(raw), tuple(from_))


def _joined(pieces: list[tuple[bytes, int]]) -> tuple[bytes, list[int]]:
    """The text of a command over several lines, without the backslashes, and where each byte is from."""
    text = bytearray()
    places: list[int] = []
    for piece, start in pieces:
        part = piece.removesuffix(b"\\")
        text += part
        places += range(start, start + len(part))
        if piece is not pieces[-1][0]:
            text += b" "
            places.append(start + len(part))
    return bytes(text), places


def _word(text: bytes, places: list[int], index: int) -> tuple[bytearray, list[int], int]:
    """One word from `index` on: its bytes without quotes, where each is from, and where it ends."""
    raw, from_, quote = bytearray(), list[int](), b""
    while index < len(text):
        byte = text[index : index + 1]
        if quote:
            if byte == quote:
                quote = b""
            elif byte == b"\\" and quote == b'"' and text[index + 1 : index + 2] in (b'"', b"\\"):
                index += 1
                raw += text[index : index + 1]
                from_.append(places[index])
            else:
                raw += byte
                from_.append(places[index])
        elif byte in (b"'", b'"'):
            quote = byte
        elif byte == b"\\" and index + 1 < len(text):
            index += 1
            raw += text[index : index + 1]
            from_.append(places[index])
        elif byte in b" \t|;<>&":
            break
        else:
            raw += byte
            from_.append(places[index])
        index += 1
    return raw, from_, index
