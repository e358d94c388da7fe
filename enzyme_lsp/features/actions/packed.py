"""Packed: the results of a call to a function of LLVM, which come in one struct when there are several.

What uses one of them takes it out of the struct: `%1 = llvm.extractvalue %0[1] : !llvm.struct<(f64, f64)>`. When the
struct becomes another one, or none, these operations follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import rewriting
from enzyme_lsp.features.actions import places
from enzyme_lsp.syntax import scopes
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.line_ends import line_start, next_line
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading

_EXTRACT: Final = "llvm.extractvalue"


def flat(results: Sequence[Slot]) -> tuple[Slot, ...]:
    """The results that a call gives, those in a struct one by one."""
    return tuple(part for slot in results for part in (slot.parts or (slot,)))


def taken_out(reading: Reading, count: int) -> Mapping[int, list[Operation]] | None:
    """For each of `count` results the operations that take it out of the struct; of a single one those that use it.

    None when something else uses the struct.
    """
    operation, names = reading.call.operation, reading.piece.fact(scopes.names)
    found: dict[int, list[Operation]] = {}
    for result in operation.results:
        for use in names.at[result.token].uses:
            user = operation.tree.operation_at(operation.tree.tokens.starts[use])
            number = 0 if count == 1 else _position(user, use)
            if user is None or number is None or number >= count:
                return None
            found.setdefault(number, []).append(user)
    return found


def _position(user: Operation | None, use: int) -> int | None:
    """The number of the member that an operation takes out of a struct that is used at a token."""
    if user is None or user.name != _EXTRACT or user.is_generic or use != user.name_token + 1:
        return None
    tokens = user.tree.tokens
    is_one = tokens.word(use + 1) == b"[" and tokens.word(use + 3) == b"]" and tokens.word(use + 4) == b":"
    if not is_one or tokens.kinds[use + 2] != Kind.NUMBER or len(user.results) != 1:
        return None
    word = tokens.word(use + 2)
    return int(word) if word.isdigit() and len(word) < 10 else None


def moved(reading: Reading, before: int, kept: Sequence[int | None], type_: str) -> Iterator[Edit]:
    """The edits of names and uses when result k is the one that was number `kept[k]` of `before`, or a new one (None).

    All that is used must be kept. `type_` is that of the new struct, where there is one.
    """
    operation, piece = reading.call.operation, reading.piece
    users = taken_out(reading, before)
    if not operation.results or users is None:
        return
    name = operation.tree.tokens.word(operation.results[0].token).decode("utf-8", "replace")
    if not kept:
        yield Edit(Span(operation.span.start, operation.name_span.start), b"")
        return
    at = {old: new for new, old in enumerate(kept) if old is not None}
    if before == 1:
        if len(kept) > 1 and users:
            new = rewriting.unused_in(piece, "%derivative")
            yield Edit(operation.tree.token_span(operation.results[0].token), new.encode())
            indent, end = places.indent(operation), operation.span.end
            yield Edit(Span(end, end), f"\n{indent}{name} = {_EXTRACT} {new}[{at[0]}] : {type_}".encode())
        return
    for number, operations in users.items():
        for user in operations:
            yield from (_renumbered(user, at[number], type_) if len(kept) > 1 else _replaced(reading, user, name))


def _renumbered(user: Operation, number: int, type_: str) -> Iterator[Edit]:
    """Another member of another struct is taken out."""
    tree, index = user.tree, user.name_token + 3
    last = user.location[0] if user.location is not None else user.last
    yield Edit(tree.token_span(index), str(number).encode())
    yield Edit(tree.span(index + 3, last), type_.encode())


def _replaced(reading: Reading, user: Operation, name: str) -> Iterator[Edit]:
    """Nothing is taken out any more: what uses the member uses the result itself."""
    data, span = user.tree.tokens.text, user.span
    for use in reading.piece.fact(scopes.names).at[user.results[0].token].uses:
        yield Edit(user.tree.token_span(use), name.encode())
    line = Span(line_start(data, span.start), next_line(data, span.end))
    is_alone = line.of(data).strip() == span.of(data)
    yield Edit(line if is_alone else span, b"")
