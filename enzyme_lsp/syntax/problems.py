"""Problems: what is wrong with a text as MLIR's syntax, whatever the operations mean; several per text, one per place.

Only what every MLIR parser refuses is a problem here. What an operation's own syntax asks for is known to the engine
and, for Enzyme's operations, to `checks/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import UNDOTTED
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation, Tree


@dataclass(frozen=True, slots=True)
class Problem:
    """One syntax error: a stable code, its bytes from the start of the piece, and one sentence."""

    code: str
    span: Span
    message: str


_NAMES: Final[dict[int, str]] = {Kind.VALUE: "value", Kind.SYMBOL: "symbol", Kind.CARET: "block"}
_SUSPECTS: Final[frozenset[int]] = frozenset({Kind.BAD_STRING, Kind.UNKNOWN, *_NAMES})
_COMMA: Final = ord(",")
# Nearly all texts are right, and a large one has hundreds of thousands of tokens, which are looked at one by one only
# where one of these is found.
_ALONE: Final = re.compile(rb"[%^](?![\w$.-])|@(?![\w\"])", re.ASCII)
"""A sigil that may have no name."""
_DANGLING: Final = re.compile(rb",[ \t\r\n\x00]*+(?:[]:),/}]|\Z)")
"""A comma that may have nothing behind it."""
_WORD, _OPEN, _CLOSE = int(Kind.WORD), int(Kind.OPEN), int(Kind.CLOSE)
_NO_ELEMENT: Final = frozenset({b":", b")", b"]", b"}", b",", b""})
_PARTNER: Final = {b"(": ")", b"[": "]", b"{": "}", b")": "(", b"]": "[", b"}": "{"}


def problems(piece: Piece) -> tuple[Problem, ...]:
    """The syntax problems of a piece in the order of the text. Use through `piece.fact`."""
    if piece.kind in (PieceKind.MARKER, PieceKind.RESOURCES):
        return ()
    tree = piece.tree
    found = [*_words(tree), *_brackets(piece, tree), *_commas(tree)]
    if piece.kind is PieceKind.ITEM:
        for operation in tree.walk():
            if not _is_named(operation):
                found += _operation(operation)
    elif piece.kind is PieceKind.ALIAS and len(tree.tokens) <= 2:
        found.append(Problem("incomplete-alias", Span(0, len(piece.text)), f"{piece.head} needs a value after `=`"))
    found.sort(key=lambda problem: (problem.span, problem.code))
    strings = [problem.span for problem in found if problem.code == "unterminated-string"]
    places: set[int] = set()
    first_of_place: list[Problem] = []
    for problem in found:
        if problem.span.start not in places and not _hidden(tree, problem, strings):
            places.add(problem.span.start)
            first_of_place.append(problem)
    return tuple(first_of_place)


def _hidden(tree: Tree, problem: Problem, strings: list[Span]) -> bool:
    """Whether an unterminated string, which hides what is behind it, may be all that is wrong here."""
    if problem.code == "unterminated-string" or not strings:
        return False
    if problem.code in ("unclosed-bracket", "unmatched-bracket"):
        return True
    operation = tree.operation_at(problem.span.start)
    return operation is not None and any(operation.span.covers(string) for string in strings)


def _words(tree: Tree) -> Iterator[Problem]:
    """Tokens that are none: unterminated strings, stray characters, sigils without a name."""
    tokens = tree.tokens
    behind = -1
    if not (Kind.BAD_STRING in tokens.kinds or Kind.UNKNOWN in tokens.kinds or _ALONE.search(tokens.text)):
        return
    for index, (kind, start, end) in enumerate(zip(tokens.kinds, tokens.starts, tokens.ends, strict=True)):
        if kind not in _SUSPECTS or (kind in _NAMES and end - start > 1):
            continue
        span = Span(start, end)
        if kind == Kind.BAD_STRING:
            message = "this string has no closing quote on its line"
            yield Problem("unterminated-string", _without_blanks(span, tokens.text), message)
        elif kind == Kind.UNKNOWN:
            if start != behind:
                run = Span(start, _unknown_end(tree, index))
                shown = run.of(tokens.text).decode("utf-8", "replace")
                yield Problem("unexpected-character", run, f"{_quoted(shown)} has no meaning here")
            behind = end
        else:
            sigil = tokens.word(index).decode()
            yield Problem("incomplete-name", span, f"a {_NAMES[kind]} needs a name after `{sigil}`")


def _unknown_end(tree: Tree, index: int) -> int:
    """Where the run of unknown bytes that begins at token `index` ends."""
    tokens = tree.tokens
    while (
        index + 1 < len(tokens)
        and tokens.kinds[index + 1] == Kind.UNKNOWN
        and tokens.starts[index + 1] == tokens.ends[index]
    ):
        index += 1
    return tokens.ends[index]


def _quoted(text: str) -> str:
    shown = text if len(text) <= 20 else text[:20] + "..."
    return f"`{shown}`" if shown.isprintable() else ascii(shown)


def _brackets(piece: Piece, tree: Tree) -> Iterator[Problem]:
    tokens = tree.tokens
    if tokens.kinds.count(_OPEN) + tokens.kinds.count(_CLOSE) == len(tokens) - tree.partners.count(-1):
        return
    elsewhere = _paired_elsewhere(piece, tree)
    for index, kind in enumerate(tokens.kinds):
        if kind not in (_OPEN, _CLOSE) or tree.partners[index] >= 0 or index in elsewhere:
            continue
        word = tokens.word(index)
        if kind == _OPEN:
            yield Problem(
                "unclosed-bracket",
                tree.token_span(index),
                f"`{word.decode()}` is never closed by `{_PARTNER[word]}`",
            )
        else:
            yield Problem(
                "unmatched-bracket",
                tree.token_span(index),
                f"`{word.decode()}` closes nothing, there is no `{_PARTNER[word]}` for it",
            )


def _paired_elsewhere(piece: Piece, tree: Tree) -> range:
    """The brackets that pair with those of another piece: `{` or `({` of a module, `}` or `})` at its end."""
    count = len(tree.tokens)
    if piece.kind is PieceKind.OPEN:
        return range(count - 2 if tree.tokens.word(count - 2) == b"(" else count - 1, count)
    if piece.kind is PieceKind.CLOSE:
        return range(2 if tree.tokens.word(1) == b")" else 1)
    return range(0)


def _commas(tree: Tree) -> Iterator[Problem]:
    """A comma with nothing behind it. No list in MLIR allows one at its end."""
    tokens, text = tree.tokens, tree.tokens.text
    punctuation = int(Kind.PUNCTUATION)
    if not _DANGLING.search(text):
        return
    for index, (kind, start) in enumerate(zip(tokens.kinds, tokens.starts, strict=True)):
        if kind != punctuation or text[start] != _COMMA:
            continue
        behind = tokens.word(index + 1)
        if behind in _NO_ELEMENT:
            place = f"`{behind.decode()}`" if behind else "the end"
            yield Problem("missing-element", tree.token_span(index), f"something is missing between `,` and {place}")


def _is_named(operation: Operation) -> bool:
    """Whether an operation has a name with its dialect, in the syntax of its own: nothing is wrong with that."""
    tokens, name = operation.tree.tokens, operation.name_token
    return name >= 0 and tokens.kinds[name] == _WORD and b"." in tokens.word(name)


def _operation(operation: Operation) -> Iterator[Problem]:
    tokens = operation.tree.tokens
    if operation.name_token < 0:
        if operation.results:
            name = tokens.word(operation.results[0].token).decode("utf-8", "replace")
            yield Problem("missing-operation", operation.span, f"{name} needs an operation after `=`")
        elif tokens.kinds[operation.first] not in (
            Kind.HASH,
            Kind.BANG,
            Kind.UNKNOWN,
            Kind.BAD_STRING,
            Kind.CLOSE,
        ):
            yield Problem("expected-operation", _first_line(operation), f"{_shown(operation)} is no operation")
        return
    word = tokens.word(operation.name_token)
    if operation.is_generic:
        yield from _generic(operation)
    elif b"." not in word and word not in UNDOTTED and not operation.results:
        yield Problem(
            "expected-operation",
            operation.name_span,
            f"`{word.decode()}` is no operation: a dialect's name is missing before it",
        )


def _generic(operation: Operation) -> Iterator[Problem]:
    tree, tokens = operation.tree, operation.tree.tokens
    index = operation.name_token + 1
    if index >= operation.last or tokens.word(index) != b"(":
        yield Problem(
            "generic-operands",
            operation.name_span,
            f'"{operation.name}" needs its operands in parentheses after its name',
        )
        return
    own = list(operation.own_tokens(index))
    depth_end = tree.partners[index]
    if depth_end < 0:
        return  # the bracket is a problem already
    colon = _colon(tree, [i for i in own if i > depth_end])
    arrow = next((i for i in own if i > colon and tokens.word(i) == b"->"), -1) if colon >= 0 else -1
    if arrow < 0:
        message = f'"{operation.name}" needs its type at the end, such as `: (f64) -> f64`'
        yield Problem("generic-type", operation.name_span, message)


def _colon(tree: Tree, indices: list[int]) -> int:
    """The first `:` among some tokens that is in no bracket which opens among them, or -1."""
    inside = -1
    for index in indices:
        if index < inside:
            continue
        if tree.tokens.word(index) == b":":
            return index
        inside = tree.partners[index]
    return -1


def _first_line(operation: Operation) -> Span:
    """The operation up to the end of its first line: a long run of what is no operation is one mistake."""
    tokens = operation.tree.tokens
    last = operation.first + 1
    while last < operation.last and not tokens.starts_line(last):
        last += 1
    return operation.tree.span(operation.first, last)


def _shown(operation: Operation) -> str:
    text = _first_line(operation).of(operation.tree.tokens.text).decode("utf-8", "replace")
    return _quoted(text)


def _without_blanks(span: Span, text: bytes) -> Span:
    return Span(span.start, span.start + len(span.of(text).rstrip()))
