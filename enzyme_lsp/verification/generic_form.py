"""Generic form: an operation in generic form, or in its custom one again, as an engine writes it with the text's names.

The engine is asked to print the piece that the operation is in, which tells all that a custom form leaves unsaid. What
is put in its place is asked about again: it must be printed as the same module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from enzyme_lsp.dialect import spelling
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind, tokenize
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.verification import printed
from enzyme_lsp.verification.asking import Question, Refusal, after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.verification.asking import Steps, Told
    from enzyme_lsp.verification.printed import Printed
    from enzyme_lsp.workspace.snapshot import Snapshot

Form: TypeAlias = Literal["generic", "custom"]

_LARGEST: Final = 1 << 20
"""Bytes of a piece that is asked about: printing and reading it takes about a second for each megabyte."""
_SHORTEST_ALIAS: Final = 3
"""Tokens of what an alias stands for. What is shorter, such as `f64`, means the alias in few of its places."""
_MOST_ALIASES: Final = 64


def form(
    snapshot: Snapshot, index: int, operation: Operation, wanted: Form, *, with_locations: bool, waits: bool = True
) -> Steps[bytes | Refusal]:
    """An operation of piece `index` in a form, in lines that MLIR's printer indents, as if it began a line.

    `with_locations`: with those that the text records. All that the engine left out is written out. `waits`: until the
    engine has answered.
    """
    piece = snapshot.layout.pieces[index]
    if len(piece.text) > _LARGEST:
        return Refusal("this is too large to be converted")
    if not _is_utf8(operation.span.of(piece.text)):
        return Refusal("there are bytes in it that are no text")  # The engine would be sent a `?` for each.
    told = yield Question(snapshot, (index,), is_generic=wanted == "generic", waits=waits)
    return (
        told
        if isinstance(told, Refusal)
        else _read(snapshot, index, operation, told, wanted, with_locations=with_locations)
    )


def is_same(snapshot: Snapshot, index: int, edits: EditSet) -> Steps[Refusal | None]:
    """Why a text with edits in piece `index` is not what it was, as an engine reads it; None when it is."""
    before = yield Question(snapshot, (index,))
    if isinstance(before, Refusal):
        return before
    edited = after(snapshot, edits)
    end = edits.edits[-1].span.end + sum(edit.delta for edit in edits.edits)
    there = edited.layout.index_near(max(end - 1, 0))
    if there is None:
        return Refusal("nothing is left of the text")
    behind = yield Question(edited, (there,))
    if isinstance(behind, Refusal):
        return behind
    words = printed.bare(index, snapshot.layout.span(index), before)
    if not words or words != printed.bare(there, edited.layout.span(there), behind):
        return Refusal("the engine reads the converted text as something else")
    return None


def with_aliases(text: bytes, used: Iterable[str], aliases: Mapping[str, bytes]) -> bytes:
    """A text with the names of those of `aliases` that are `used` wherever all of what one stands for stands; the
    longest first.
    """
    words = {name: _words(_written_out(aliases[name], aliases)) for name in [*used][:_MOST_ALIASES] if name in aliases}
    for name, known in sorted(words.items(), key=lambda item: len(item[1]), reverse=True):
        if len(known) >= _SHORTEST_ALIAS:
            text = _shortened(text, known, name.encode())
    return text


def _read(
    snapshot: Snapshot, index: int, operation: Operation, told: Told, wanted: Form, *, with_locations: bool
) -> bytes | Refusal:
    name, piece = operation.name, snapshot.layout.pieces[index]
    if index in told.module.replaced:
        unread = [one for one in told.module.replaced[index] if operation.span.covers(one.span)]
        if unread:
            return Refusal(f"the engine does not know {unread[0].name}")
    found = printed.read(piece, index, snapshot.layout.span(index), told)
    theirs = found.theirs.get(id(operation))
    if theirs is None:
        return Refusal(f"the engine does not print this {name} as an operation of its own")
    if wanted == "custom" and not _is_any_custom(found, operation):
        return Refusal(f"{name} has no custom form")
    text = printed.text(found, theirs, with_locations=with_locations)
    if text is None:
        return Refusal("the engine's text has a name that is nowhere in this one")
    if wanted == "custom" and "." in name and "." not in theirs.name:
        # It would be of another dialect around an operation that stays as it is.
        start = len(found.results.get(theirs.first, b""))
        text = text[:start] + name.encode() + text[start + len(theirs.name_span) :]
    return _spelled(piece, operation, text)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_any_custom(found: Printed, operation: Operation) -> bool:
    """Whether an engine has a custom form for anything in an operation that is in generic form."""
    pairs = ((one, found.theirs.get(id(one))) for one in printed.walk(operation))
    return any(ours.is_generic and theirs is not None and not theirs.is_generic for ours, theirs in pairs)


def _spelled(piece: Piece, operation: Operation, text: bytes) -> bytes | Refusal:
    """A text in the spelling that an operation is written in."""
    own = [unit.spellings for unit in piece.fact(spelling.units) if operation.span.covers(unit.span)]
    known = frozenset[spelling.Spelling]().union(*own)
    if len(known) != 1:
        return text
    converted = spelling.converted(Piece(PieceKind.ITEM, text, 0), next(iter(known)))
    if converted.left:
        return Refusal(f"{converted.left[0].unit.name} cannot be converted, since {converted.left[0].reason}")
    return EditSet(converted.edits).apply(text)


def _written_out(text: bytes, aliases: Mapping[str, bytes]) -> bytes:
    """What an alias stands for, without other aliases."""
    for _ in range(len(aliases)):
        tokens = tokenize(text)
        named = range(len(tokens))
        used = [i for i in named if tokens.kinds[i] in (Kind.HASH, Kind.BANG) and tokens.word(i).decode() in aliases]
        if not used or len(text) > _LARGEST:
            break
        first = used[0]
        text = text[: tokens.starts[first]] + aliases[tokens.word(first).decode()] + text[tokens.ends[first] :]
    return text


def _words(text: bytes) -> list[bytes]:
    tokens = tokenize(text)
    return [tokens.word(index) for index in range(len(tokens))]


def _shortened(text: bytes, known: list[bytes], name: bytes) -> bytes:
    """A text with a name in the place of each stretch of tokens that are `known`."""
    tokens, made, behind, index = tokenize(text), list[bytes](), 0, 0
    words = [tokens.word(number) for number in range(len(tokens))]
    while index < len(words):
        if words[index] == known[0] and words[index : index + len(known)] == known:
            made += (text[behind : tokens.starts[index]], name)
            index += len(known)
            behind = tokens.ends[index - 1]
        else:
            index += 1
    return b"".join([*made, text[behind:]])
