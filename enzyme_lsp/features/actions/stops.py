"""Stops: which parts of the text that an action writes its user may want to type over; it must not know how they do.

A name that stands in several places is one stop, in whatever edits these are.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.tokens import Kind, tokenize
from enzyme_lsp.text.edit import EditSet, Stop
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.syntax.tokens import Tokens

    Finder = Callable[[Tokens], Iterator[tuple[Span, str]]]
    """Where in a new text something stands, and a key that all places of one stop have."""

_CONSTANTS: Final = frozenset({b"arith.constant", b"llvm.mlir.constant", b"stablehlo.constant"})
_VALUE: Final = frozenset({b"dense", b"<", b"("})
"""What may stand between the name of a constant and its number."""
_BEHIND: Final = rb"(?![\w$.-])"


def led(edits: EditSet, *finders: Finder) -> EditSet:
    """The edits with stops at all that is found, in the order of the text."""
    numbers: dict[str, int] = {}
    found = [
        replace(
            edit,
            stops=tuple(
                Stop(span, numbers.setdefault(key, len(numbers) + 1))
                for span, key in sorted(place for finder in finders for place in finder(tokenize(edit.new)))
            ),
        )
        for edit in edits.edits
    ]
    return EditSet(found)


def symbol(name: str) -> Finder:
    """The name of a new symbol: where it is defined, named, and spoken of in comments."""
    quoted, word = f'"{name}"'.encode(), f"@{name}".encode()
    mention = re.compile(rb"@\"?" + re.escape(name.encode()) + _BEHIND)

    def find(tokens: Tokens) -> Iterator[tuple[Span, str]]:
        size = len(name.encode())
        for index, kind in enumerate(tokens.kinds):
            start, end = tokens.starts[index], tokens.ends[index]
            if kind == Kind.SYMBOL and symbols.symbol_name(tokens.word(index)) == name:
                start += 1 if tokens.word(index) == word else 2
                yield Span(start, start + size), word.decode()
            elif kind == Kind.STRING and tokens.word(index - 2) == b"sym_name" and tokens.word(index) == quoted:
                yield Span(start + 1, end - 1), word.decode()
        for start, end in tokens.comments:
            for match in mention.finditer(tokens.text, start, end):
                yield Span(match.end() - size, match.end()), word.decode()

    return find


def value(name: str) -> Finder:
    """The name of a new value, without its `%`."""

    def find(tokens: Tokens) -> Iterator[tuple[Span, str]]:
        for index, kind in enumerate(tokens.kinds):
            if kind == Kind.VALUE and tokens.word(index) == name.encode():
                yield Span(tokens.starts[index] + 1, tokens.ends[index]), name

    return find


def constants(tokens: Tokens) -> Iterator[tuple[Span, str]]:
    """The number of each new constant, on its own."""
    for index in range(len(tokens)):
        if tokens.word(index) not in _CONSTANTS:
            continue
        at = index + 1
        while tokens.word(at) in _VALUE:
            at += 1
        if at < len(tokens) and tokens.kinds[at] == Kind.NUMBER:
            yield Span(tokens.starts[at], tokens.ends[at]), f"constant {tokens.starts[at]}"


def differing(other: bytes) -> Finder:
    """What a text has otherwise than another one of its length, as one stop; nothing where that is not one word."""

    def find(tokens: Tokens) -> Iterator[tuple[Span, str]]:
        text = tokens.text
        if len(text) != len(other):
            return
        places = list[Span]()
        for at in (at for at, (one, two) in enumerate(zip(text, other, strict=True)) if one != two):
            if places and places[-1].end == at:
                places[-1] = Span(places[-1].start, at + 1)
            else:
                places.append(Span(at, at + 1))
        if len({span.of(text) for span in places}) == 1:
            yield from ((span, "number") for span in places)

    return find
