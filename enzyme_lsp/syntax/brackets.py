"""Brackets: which ones of a text pair, also when some are missing; it must not know what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from enzyme_lsp.syntax.tokens import Tokens

_OPENERS: Final = {b")": b"(", b"]": b"[", b"}": b"{"}
_PAIRS: Final = frozenset({b"()", b"[]", b"{}"})
# Plain numbers, since a large text has hundreds of thousands of tokens.
_OPEN, _CLOSE = int(Kind.OPEN), int(Kind.CLOSE)


def pair(tokens: Tokens) -> list[int]:
    """For each token the bracket that it pairs with, or -1.

    When the brackets of a text do not all pair, indentation decides which one is at fault: a `}` that starts its line
    closes the innermost `{` whose own line is indented as far, if there is one.
    """
    return _paired(tokens) or _paired_by_indentation(tokens)


def _paired(tokens: Tokens) -> list[int] | None:
    """The partners of brackets that all pair; None when some do not."""
    partners, stack = [-1] * len(tokens), list[int]()
    text, starts = tokens.text, tokens.starts
    for index, kind in enumerate(tokens.kinds):
        if kind == _OPEN:
            stack.append(index)
        elif kind == _CLOSE:
            if not stack:
                return None
            opener = stack.pop()
            if text[starts[opener] : starts[opener] + 1] + text[starts[index] : starts[index] + 1] not in _PAIRS:
                return None
            partners[index], partners[opener] = opener, index
    return None if stack else partners


def _paired_by_indentation(tokens: Tokens) -> list[int]:
    partners = [-1] * len(tokens)
    stack, indents = _Openers(tokens), _line_indents(tokens)
    for index, kind in enumerate(tokens.kinds):
        if kind == _OPEN:
            stack.push(index, indents[index])
        elif kind == _CLOSE:
            depth = stack.innermost(_OPENERS[tokens.word(index)])
            if tokens.word(index) == b"}" and tokens.starts_line(index):
                depth = stack.indented(indents[index], otherwise=depth)
            if depth >= 0:
                opener = stack.tokens[depth]
                partners[index], partners[opener] = opener, index
                stack.cut(depth)
    return partners


class _Openers:
    """The brackets that are open, outermost first.

    Every question is answered at the end of a list, so that a hostile text costs no more than its length.
    """

    __slots__ = ("_by_indent", "_by_word", "_words", "tokens")

    def __init__(self, tokens: Tokens) -> None:
        self.tokens: list[int] = []
        self._words = tokens
        self._by_word: dict[bytes, list[int]] = {b"(": [], b"[": [], b"{": []}
        """The depths at which each kind of bracket is open."""
        self._by_indent: dict[int, list[tuple[int, int]]] = {}
        """Depth and token of each `{` whose line is indented so far. Those that were closed may still be there."""

    def push(self, token: int, indent: int) -> None:
        word, depth = self._words.word(token), len(self.tokens)
        self.tokens.append(token)
        self._by_word[word].append(depth)
        if word == b"{":
            self._by_indent.setdefault(indent, []).append((depth, token))

    def innermost(self, word: bytes) -> int:
        """The depth of the innermost open bracket `word`; -1 when there is none inside the braces that are open.

        `)` and `]` close nothing beyond the braces that they stand in.
        """
        found = self._by_word[word]
        depth = found[-1] if found else -1
        braces = self._by_word[b"{"]
        return depth if word == b"{" or not braces or depth > braces[-1] else -1

    def indented(self, indent: int, *, otherwise: int) -> int:
        """The depth of the innermost open `{` whose line is indented by `indent`."""
        kept = self._by_indent.get(indent, [])
        while kept and not self._is_open(*kept[-1]):
            kept.pop()
        return kept[-1][0] if kept else otherwise

    def cut(self, depth: int) -> None:
        """Closes all from `depth` inward."""
        del self.tokens[depth:]
        for depths in self._by_word.values():
            while depths and depths[-1] >= depth:
                depths.pop()

    def _is_open(self, depth: int, token: int) -> bool:
        return depth < len(self.tokens) and self.tokens[depth] == token


def _line_indents(tokens: Tokens) -> list[int]:
    """For each token the column of the first token on its line."""
    indents: list[int] = []
    for index in range(len(tokens)):
        indents.append(tokens.column(index) if tokens.starts_line(index) else indents[-1])
    return indents
