"""Wrapping: the function around a call, when its own arguments and results can get other types along with the call.

So it is for a function that nothing in the document names: what only the call takes may be another argument, and what
is only returned another result. Where the call takes and gives other things then, so does the function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import rewriting
from enzyme_lsp.derivatives import writing
from enzyme_lsp.features.actions import lists, places
from enzyme_lsp.syntax import scopes, symbols
from enzyme_lsp.syntax.parse import arguments, type_end
from enzyme_lsp.syntax.scopes import Defined
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

_RETURNS: Final = frozenset({"return", "func.return"})
_COMMA: Final = frozenset({b","})


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function around a call. `returned` has for each value that it returns, as it is named there, the spans of its
    type there and in the signature. `taken` are its arguments, and `given` is the arrow with all behind it.
    """

    piece: Piece
    holder: Operation
    taken: tuple[Span, ...]
    given: Span
    returned: tuple[tuple[Span, tuple[Span, Span]], ...]

    def types_of_result(self, uses: list[Span]) -> list[Span] | None:
        """Where the type of a value stands that is used at some places; None when it is not only returned."""
        found: list[Span] = []
        for use in uses:
            places_ = [types for value, types in self.returned if value == use]
            if not places_:
                return None
            found += places_[0]
        return found

    def type_of_argument(self, operand: Span) -> Span | None:
        """Where the type of an operand stands; None when it is no argument, or something else uses it too."""
        tree, names = self.piece.tree, self.piece.fact(scopes.names)
        token = tree.tokens.at(operand.start)
        defined = names.at.get(token) if token is not None else None
        if defined is None or defined.defined is not Defined.ARGUMENT or defined.operation is not self.holder:
            return None
        if defined.block is not None or len(defined.uses) != 1 or defined.type_last <= defined.type_first:
            return None
        return tree.span(defined.type_first, defined.type_last)

    def with_arguments(self, gone: Collection[Span], new: Sequence[str]) -> list[Edit]:
        """The edits that put other arguments in the place of those whose types stand at some places."""
        numbers = [number for number, one in enumerate(self.taken) if not any(one.covers(type_) for type_ in gone)]
        at = next(number for number in range(len(self.taken) + 1) if number not in numbers)
        wanted = [number for number in numbers if number < at], [number for number in numbers if number > at]
        inside = Span(self.taken[0].start, self.taken[-1].end)
        into = rewriting.Insertion(list(self.taken), inside)
        return lists.changed(self.piece.tree.tokens, into, [*wanted[0], *new, *wanted[1]])

    def returning(self, values: Sequence[tuple[str, str]]) -> list[Edit]:
        """The edits that make it return other values of some types."""
        last = self.returned[-1][1][0].end
        names, types = (", ".join(one[number] for one in values) for number in (0, 1))
        arrow = f" -> {writing.listed([type_ for _, type_ in values])}" if values else ""
        first = self.returned[0][0].start
        if not values:
            first = len(self.piece.text[:first].rstrip())
        text = f"{names} : {types}" if values else ""
        return [Edit(self.given, arrow.encode()), Edit(Span(first, last), text.encode())]

    @property
    def can_return_others(self) -> bool:
        """Whether what it returns stands alone in the text: a comment or an attribute among that would be lost."""
        if not self.returned:
            return False
        listed = Span(self.returned[0][0].start, self.returned[-1][1][0].end)
        text = self.piece.text
        return b"//" not in listed.of(text) and not any(mark in self.given.of(text) for mark in (b"//", b"{"))


def around(snapshot: Snapshot, index: int, reading: Reading) -> Wrapper | None:
    """The function that a call stands in, if it can follow."""
    holders = places.around(reading.call.operation)
    if not holders or holders[-1].name != "func.func" or holders[-1].is_generic:
        return None
    holder = holders[-1]
    defined = symbols.definition(holder)
    if defined is None or _is_named(snapshot, index, defined.name):
        return None
    leaves = [one for block in holder.regions[0].blocks for one in block.operations if one.name in _RETURNS]
    given = _result_types(holder, defined.span)
    if len(leaves) != 1 or leaves[0].is_generic or given is None:
        return None
    values, types = _returned(leaves[0])
    if not len(values) == len(types) == len(given):
        return None
    taken, arrow = _head(holder, defined.span)
    return Wrapper(reading.piece, holder, taken, arrow, tuple(zip(values, zip(types, given, strict=True), strict=True)))


def _is_named(snapshot: Snapshot, index: int, name: str) -> bool:
    """Whether anything in the section names a symbol, beside the one definition. Comments do not count."""
    span = snapshot.sections[snapshot.scope_of(index).section].span
    pattern = re.compile(rb'@"?' + re.escape(name.encode()) + rb"(?![\w$.-])")
    found = [match.start() for match in pattern.finditer(snapshot.document.data, span.start, span.end)]
    return len(found) > 1 and sum(_is_symbol(snapshot, at) for at in found) != 1


def _is_symbol(snapshot: Snapshot, at: int) -> bool:
    """Whether a symbol begins at a byte of the document."""
    index = snapshot.layout.index_at(at)
    if index is None:
        return False
    tokens, start = snapshot.layout.pieces[index].tree.tokens, at - snapshot.offset(index)
    token = tokens.at(start)
    return token is not None and tokens.kinds[token] == Kind.SYMBOL and tokens.starts[token] == start


def _head(holder: Operation, name: Span) -> tuple[tuple[Span, ...], Span]:
    """The arguments of a function whose head can be read, and what stands between them and its attributes or body.

    No arguments where one of them has no name, as in text that is being typed.
    """
    tree, tokens = holder.tree, holder.tree.tokens
    opened = (tokens.at(name.start) or 0) + 1
    close = tree.partners[opened]
    listed = arguments(tree, opened + 1, close)
    ends = [*(one.token - 1 for one in listed[1:]), close][: len(listed)]
    is_whole = all(opened < one.token < end for one, end in zip(listed, ends, strict=True))
    taken = tuple(tree.span(one.token, end) for one, end in zip(listed, ends, strict=True)) if is_whole else ()
    types = _result_types(holder, name)
    end = tokens.ends[close] if not types else types[-1].end
    if types and tokens.word(close + 2) == b"(" and tree.partners[close + 2] > 0:
        end = max(end, tokens.ends[tree.partners[close + 2]])
    return taken, Span(tokens.ends[close], end)


def _result_types(holder: Operation, name: Span) -> list[Span] | None:
    """The types behind the arrow of a function; None where there is none to be read."""
    tree, tokens = holder.tree, holder.tree.tokens
    opened = (tokens.at(name.start) or 0) + 1
    close = tree.partners[opened] if tokens.word(opened) == b"(" else -1
    if close < 0:
        return None
    if tokens.word(close + 1) != b"->":
        return []
    first = close + 2
    if tokens.word(first) == b"(" and tree.partners[first] > first:
        listed = arguments(tree, first + 1, tree.partners[first])
        return [tree.span(one.type_first, one.type_last) for one in listed]
    end = type_end(tree, first, holder.regions[0].open, frozenset({b"{", b"attributes"}))
    return [tree.span(first, end)]


def _returned(leave: Operation) -> tuple[list[Span], list[Span]]:
    """The values that a return names, and their types."""
    tokens = leave.tree.tokens
    last = leave.location[0] if leave.location is not None else leave.last
    colon = next((index for index in range(leave.name_token, last) if tokens.word(index) == b":"), last)
    return list(_listed(leave, leave.name_token + 1, colon)), list(_listed(leave, colon + 1, last))


def _listed(operation: Operation, first: int, last: int) -> Iterator[Span]:
    tree = operation.tree
    while first < last:
        end = type_end(tree, first, last, _COMMA)
        yield tree.span(first, end)
        first = end + 1
