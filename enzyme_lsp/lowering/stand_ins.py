"""Stand-ins: calls in the place of operations that an engine does not know, so that it lowers what is around them.

Such an operation might do anything with its operands, and so might a call of something unknown. In what the engine
prints the operations are put back, with the operands that the calls have by then. It must not know how engines run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import parse, type_end
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation, Tree

_PREFIX: Final = b"enzyme_lsp."
_CALLEE: Final = re.compile(rb'@"?enzyme_lsp\.(\d{1,9})"?$')
_COMMA: Final = frozenset({b","})
_UNREADABLE: Final = frozenset({Kind.CARET, Kind.BANG, Kind.BAD_STRING, Kind.UNKNOWN, Kind.COMMENT})
"""What makes it uncertain which of the words are types, or where the operation leads to."""


@dataclass(frozen=True, slots=True)
class _Written:
    """An operation as the text has it: its words from its name on, its operands, and what its types stand for."""

    text: bytes
    operands: tuple[Span, ...]
    """In `text`."""
    types: Span
    """All that is behind the last colon, in `text`."""
    is_functional: bool
    """Whether that is `(operands) -> results`; else it is one type for each operand, or one for all."""
    taken: tuple[bytes, ...]
    given: bytes
    """The types of the results, with parentheses where there is not one."""


@dataclass(slots=True)
class StandIns:
    """The operations of one text that something stands for. Its calls are told from others by their number."""

    operations: list[Operation] = field(default_factory=list["Operation"])
    _written: list[_Written] = field(default_factory=list[_Written])
    _declared: list[bytes] = field(default_factory=list[bytes])

    def replacement(self, operation: Operation) -> bytes | None:
        """The call that stands for an operation, in as many lines; None when its types are not to be seen."""
        written = _read(operation)
        if written is None:
            return None
        name = b"%s%d" % (_PREFIX, len(self.operations))
        taken = b"(" + b", ".join(written.taken) + b")"
        operands = b", ".join(span.of(written.text) for span in written.operands)
        if all(one.startswith(b"tensor<") for one in (*written.taken, *_listed(written.given))):
            callee = b'"stablehlo.custom_call"(%s) <{call_target_name = "%s", has_side_effect = true}>'
        else:
            callee = b'"func.call"(%s) <{callee = @%s}>'
            self._declared.append(b"func.func private @%s%s -> %s" % (name, taken, written.given))
        self.operations.append(operation)
        self._written.append(written)
        tree = operation.tree
        results = tree.span(operation.first, operation.name_token).of(tree.tokens.text) if operation.results else b""
        call = b" ".join(results.split()) + b" " * bool(results) + callee % (operands, name)
        breaks = operation.span.of(tree.tokens.text).count(b"\n")
        return b"%s : %s -> %s" % (call, taken, written.given) + b"\n" * breaks

    def behind(self) -> bytes:
        """The declarations of what is called, behind the piece in which it is."""
        text = b"".join(b" " + one for one in self._declared)
        self._declared.clear()
        return text

    def put_back(self, printed: str) -> str:
        """What an engine has printed, with the operations in the place of their calls."""
        data = printed.encode("utf-8", "surrogatepass")
        if _PREFIX not in data:
            return printed
        tree = parse(data)
        return EditSet([*self._edits(tree)]).apply(data).decode("utf-8", "surrogatepass")

    def _edits(self, tree: Tree) -> Iterator[Edit]:
        text = tree.tokens.text
        for operation in tree.walk():
            number = _number(operation)
            if number is None or number >= len(self._written):
                continue
            if operation.name.rpartition(".")[2] == "func":
                start, end = operation.span.start, operation.span.end
                line_start = text.rfind(b"\n", 0, start) + 1
                yield Edit(Span(line_start, end + text[end : end + 1].count(b"\n")), b"")
                continue
            now = _read(operation)
            if now is not None:
                place = Span(tree.tokens.starts[operation.name_token], _end(operation))
                yield Edit(place, _again(self._written[number], now))


def _again(written: _Written, now: _Written) -> bytes:
    """An operation as it was written, with the operands and types that its call has now."""
    operands = [span.of(now.text) for span in now.operands]
    functional = b"(%s) -> %s" % (b", ".join(now.taken), now.given)
    if len(operands) != len(written.operands):
        name = written.text.split(b"(")[0].split()[0].strip(b'"')
        return b'"%s"(%s) : %s' % (name, b", ".join(operands), functional)
    if written.is_functional:
        types = functional
    else:
        types = b", ".join(now.taken if len(_listed(written.types.of(written.text))) > 1 else now.taken[:1])
    edits = [Edit(span, new) for span, new in zip(written.operands, operands, strict=True)]
    return EditSet([*edits, Edit(written.types, types)]).apply(written.text)


def _number(operation: Operation) -> int | None:
    """Which operation something stands for, by the symbol that its text names."""
    tokens = operation.tree.tokens
    for token in operation.own_tokens(operation.name_token + 1) if operation.name_token >= 0 else ():
        if tokens.kinds[token] == Kind.SYMBOL:
            match = _CALLEE.match(tokens.word(token))
            return None if match is None else int(match[1])
    return None


def _read(operation: Operation) -> _Written | None:
    """None when the operation has regions or successors, or its text does not show the types of all its operands."""
    tree, tokens, first = operation.tree, operation.tree.tokens, operation.name_token
    if operation.regions or first < 0:
        return None
    start, end = tokens.starts[first], _end(operation)
    last = operation.location[0] if operation.location is not None else operation.last
    operands: list[Span] = []
    colon, depth = -1, 0
    for token in range(first + 1, last):
        kind, word = tokens.kinds[token], tokens.word(token)
        if kind in _UNREADABLE and not (kind == Kind.BANG and colon >= 0):
            return None
        depth += (kind == Kind.OPEN) - (kind == Kind.CLOSE) + (word == b"<") - (word == b">")
        if kind == Kind.VALUE:
            operands.append(Span(tokens.starts[token] - start, tokens.ends[token] - start))
        elif kind == Kind.HASH and tokens.kinds[token - 1] == Kind.VALUE and operands:
            operands[-1] = Span(operands[-1].start, tokens.ends[token] - start)
        elif kind == Kind.HASH and b"." not in word and tokens.word(token + 1) != b"<":
            return None  # An alias, which the engine does not print when nothing else uses it.
        elif word == b":" and depth == 0:
            colon = token
    text = tokens.text[start:end]
    if colon < 0 or colon + 1 >= last:
        return None
    types = Span(tokens.starts[colon + 1] - start, end - start)
    arrow = type_end(tree, colon + 1, last, frozenset({b"->"}))
    if tokens.word(arrow) == b"->" and arrow < last and tokens.word(colon + 1) == b"(":
        taken = _listed(tree.span(colon + 2, arrow - 1).of(tokens.text)) if arrow - 1 > colon + 2 else ()
        given = b" ".join(tree.span(arrow + 1, last).of(tokens.text).split())
        if len(taken) != len(operands) or len(_listed(given)) != sum(one.count for one in operation.results):
            return None
        return _Written(text, tuple(operands), types, is_functional=True, taken=taken, given=given)
    listed = _listed(types.of(text))
    if operation.results or len(listed) not in (1, len(operands)) or not operands:
        return None
    taken = listed if len(listed) == len(operands) else listed * len(operands)
    return _Written(text, tuple(operands), types, is_functional=False, taken=taken, given=b"()")


def _end(operation: Operation) -> int:
    """The byte behind an operation, without its location."""
    tokens = operation.tree.tokens
    last = operation.location[0] if operation.location is not None else operation.last
    return tokens.ends[last - 1]


def _listed(types: bytes) -> tuple[bytes, ...]:
    """The types of a list, which may stand in parentheses."""
    tree = parse(types)
    first, last = 0, len(tree.tokens)
    if last > 1 and tree.tokens.word(0) == b"(" and tree.partners[0] == last - 1:
        first, last = 1, last - 1
    found: list[bytes] = []
    while first < last:
        end = type_end(tree, first, last, _COMMA)
        found.append(b" ".join(tree.span(first, end).of(types).split()) if end > first else b"")
        first = end + 1
    return tuple(found)
