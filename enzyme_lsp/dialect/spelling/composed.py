"""Composed: a text that is put together from parts of another, each with its origin; it knows no operation."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.spelling.edits import Move
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enzyme_lsp.syntax.tokens import Tokens

_BARE_KEY: Final = re.compile(r"[A-Za-z_][\w$.]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute to be written: its text is `before`, what stands at `span`, and `behind`.

    `key_span` is where its key stands; None for one that the text does not have.
    """

    key: str
    span: Span | None
    before: bytes = b""
    behind: bytes = b""
    key_span: Span | None = None


class Composed:
    """A text that is put together from others, with the origins of its parts."""

    __slots__ = ("inner", "length", "origins", "parts", "text")

    def __init__(self, text: bytes, inner: Sequence[Edit]) -> None:
        self.text = text
        self.inner = inner
        """Edits of attributes, in order, which are made on the way."""
        self.parts: list[bytes] = []
        self.length = 0
        self.origins: list[tuple[int, Span]] = []

    def put(self, new: bytes) -> None:
        self.parts.append(new)
        self.length += len(new)

    def take(self, span: Span) -> None:
        behind = span.start
        first = bisect_left(self.inner, span.start, key=_start)
        after = bisect_left(self.inner, span.end, first, key=_start)
        for edit in self.inner[first:after]:
            self._copy(Span(behind, edit.span.start))
            if isinstance(edit, Move):
                self.origins += [(self.length + begin, origin) for begin, origin in edit.origins]
            self.put(edit.new)
            behind = edit.span.end
        self._copy(Span(behind, span.end))

    def _copy(self, span: Span) -> None:
        if len(span):
            self.origins.append((self.length, span))
            self.put(span.of(self.text))

    def listed(self, spans: Iterable[Span]) -> None:
        for number, span in enumerate(spans):
            if number:
                self.put(b", ")
            self.take(span)

    def put_attributes(self, attributes: Sequence[Attribute]) -> None:
        for number, attribute in enumerate(attributes):
            self.put(b", " if number else b" {")
            key = attribute.key if _BARE_KEY.fullmatch(attribute.key) else f'"{attribute.key}"'
            if attribute.key_span is not None and attribute.key_span.of(self.text) == key.encode():
                self._copy(attribute.key_span)
            else:
                self.put(key.encode())
            if attribute.span is not None or attribute.before:
                self.put(b" = " + attribute.before)
                if attribute.span is not None:
                    self.take(attribute.span)
                self.put(attribute.behind)
        if attributes:
            self.put(b"}")

    def put_types(self, listed: Sequence[Span | bytes]) -> None:
        for number, one in enumerate(listed):
            if number:
                self.put(b", ")
            if isinstance(one, Span):
                self.take(one)
            else:
                self.put(one)

    def instead_of(self, start: int, end: int) -> Move:
        """The edit that puts this there; as many lines as there were."""
        new = b"".join(self.parts)
        missing = self.text.count(b"\n", start, end) - new.count(b"\n")
        return Move(Span(start, end), new + b"\n" * missing, tuple(self.origins))


class InOneLine(Composed):
    """The same in one line, without comments: for what leaves its line breaks where it was."""

    __slots__ = ("_tokens",)

    def __init__(self, tokens: Tokens, inner: Sequence[Edit]) -> None:
        super().__init__(tokens.text, [_in_one_line(edit) for edit in inner])
        self._tokens = tokens

    def _copy(self, span: Span) -> None:
        starts, ends, behind = self._tokens.starts, self._tokens.ends, span.start
        index = bisect_right(ends, span.start)
        while index < len(starts) and starts[index] < span.end:
            start = max(starts[index], span.start)
            if start > behind:
                self.put(b" ")
            behind = min(ends[index], span.end)
            super()._copy(Span(start, behind))
            index += 1
        if behind < span.end:
            self.put(b" ")


def _in_one_line(edit: Edit) -> Edit:
    new = edit.new.replace(b"\n", b" ")
    return Move(edit.span, new, edit.origins) if isinstance(edit, Move) else Edit(edit.span, new)


def _start(edit: Edit) -> int:
    return edit.span.start
