"""Unit: what is in a spelling, and is converted as a whole or not at all: an operation of Enzyme's, or whatever else
holds activities, such as an alias.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.spelling import activities, brackets, writing
from enzyme_lsp.dialect.spelling.brackets import FORMS
from enzyme_lsp.dialect.spelling.edits import Conversion
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.dialect.spelling.activities import ActivityText
    from enzyme_lsp.dialect.spelling.brackets import Brackets, Form
    from enzyme_lsp.dialect.spelling.edits import Spelling
    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.piece import Piece

_ANYTHING: Final = re.compile(
    rb"#enzyme(?:<|\.activity)|enzyme\.(?:" + b"|".join(name.partition(".")[2].encode() for name in FORMS) + rb")"
)
"""What no text lacks that is in a spelling."""
_STRICT: Final = re.compile(
    rb"#enzyme\.activity|activity[ \t\r\n]*(?:<|//)|affine_atomic_rmw|fastmath"
    rb'|<[ \t\r\n]*(?:[{>"]|//|[\w$.]+[ \t\r\n]*(?:=|//))',
    re.ASCII,
)
"""What no text lacks that has something in strict. Cheaper than parsing ten thousand functions to find nothing."""
_CLASSIC: Final = re.compile(
    rb'#enzyme<|affine_atomic_rmw|\{[ \t\r\n]*(?:"|//|[\w$.]+[ \t\r\n]*(?:[=,}]|//))', re.ASCII
)
"""What no text lacks that has something in classic."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that is in a spelling; spans are bytes from the start of the piece.

    `name` is that of the operation or alias, `name_span` where it stands, `span` all of it. `form` and `brackets` are
    None for what is no operation of Enzyme's in custom form. `spellings` has that of each of its parts: one, none when
    it is the same in both, or two that do not go together.
    """

    name: str
    name_span: Span
    span: Span
    form: Form | None
    brackets: Brackets | None
    activities: tuple[ActivityText, ...]
    operation: Operation | None
    spellings: frozenset[Spelling]

    @property
    def spelling(self) -> Spelling | None:
        """The spelling; None when it is in both."""
        return next(iter(self.spellings)) if len(self.spellings) == 1 else None

    def to(self, target: Spelling) -> Conversion:
        """The edits that write it in the spelling `target`; none when it is in that, or cannot be."""
        edits: list[Edit] = []
        for one in self.activities:
            if one.spelling == target:
                continue
            made = one.edits()
            if made is None:
                return Conversion(reason="an activity in it is not one word alone", is_wrong=one.is_wrong)
            edits += made
        if self.operation is None or self.form is None or self.brackets is None:
            return Conversion(tuple(edits))
        return writing.convert(self.operation, self.form, self.brackets, target, edits)


@dataclass(frozen=True, slots=True)
class Left:
    """A unit that cannot be converted, and why, in words after "since"; the rest as in `Conversion`.

    `at` is where that shows, in bytes of the piece; None: in its name.
    """

    unit: Unit
    reason: str
    is_wrong: bool
    stand_in: tuple[Edit, ...]
    at: Span | None = None

    @property
    def span(self) -> Span:
        """Where it shows that the unit cannot be converted."""
        return self.unit.name_span if self.at is None else self.at


@dataclass(frozen=True, slots=True)
class Converted:
    """What it takes to write a piece in one spelling: edits in bytes of the piece, and the units that stay."""

    edits: tuple[Edit, ...] = ()
    left: tuple[Left, ...] = ()


_NOTHING: Final = Converted()
_NONE: Final = (0, 0, 0)


def units(piece: Piece) -> tuple[Unit, ...]:
    """All that is in a spelling, in the order of the text, operations before those of their regions.

    Use through `piece.fact`.
    """
    if not any(piece.fact(may_hold)):
        return ()
    tree, whole = piece.tree, Span(0, len(piece.text))
    found = list(activities.find(tree.tokens, whole))
    if piece.kind is PieceKind.ALIAS:
        return (_unit(piece.head, Span(0, len(piece.head)), whole, found),) if found else ()
    held: dict[int, list[ActivityText]] = {}
    made: list[Unit] = []
    for one, holder in _holders(tree, found):
        if holder is None or holder.name_token < 0:
            made.append(_unit(one.span.of(piece.text).decode("utf-8", "replace"), one.span, one.span, [one]))
        else:
            held.setdefault(id(holder), []).append(one)
    for operation in tree.walk():
        if operation.name in FORMS or id(operation) in held:
            unit = _of_operation(operation, held.get(id(operation), ()))
            made += [unit] if unit.spellings else []
    return tuple(sorted(made, key=lambda one: one.span))


def of_operation(operation: Operation) -> Unit:
    """An operation as a unit; it may be one that is in no spelling."""
    tree = operation.tree
    inside = [tree.span(one.open, one.close if one.close >= 0 else operation.last) for one in operation.regions]
    found = activities.find(tree.tokens, operation.span)
    return _of_operation(operation, [one for one in found if not any(r.contains(one.span.start) for r in inside)])


def _of_operation(operation: Operation, held: Sequence[ActivityText]) -> Unit:
    form = None if operation.is_generic else FORMS.get(operation.name)
    read = brackets.read(operation, form) if form is not None else None
    return _unit(operation.name, operation.name_span, operation.span, held, operation, form, read)


def _holders(tree: Tree, found: Sequence[ActivityText]) -> Iterator[tuple[ActivityText, Operation | None]]:
    """Each of some activities, in order, with the innermost operation that it stands in."""
    if not found:
        return
    starts, ends = tree.tokens.starts, tree.tokens.ends
    around: list[Operation] = []
    coming = tree.walk()
    following = next(coming, None)
    for one in found:
        at = one.span.start
        while following is not None and starts[following.first] <= at:
            while around and ends[around[-1].last - 1] <= starts[following.first]:
                around.pop()
            around.append(following)
            following = next(coming, None)
        while around and ends[around[-1].last - 1] <= at:
            around.pop()
        yield one, around[-1] if around else None


def _unit(
    name: str,
    name_span: Span,
    span: Span,
    held: Sequence[ActivityText],
    operation: Operation | None = None,
    form: Form | None = None,
    read: Brackets | None = None,
) -> Unit:
    spellings: set[Spelling] = {one.spelling for one in held}
    if form is not None and read is not None and (own := read.spelling(form)) is not None:
        spellings.add(own)
    return Unit(name, name_span, span, form, read, tuple(held), operation, frozenset(spellings))


def may_hold(piece: Piece) -> tuple[bool, bool]:
    """Whether the text may hold something in classic, and in strict; it is not parsed. Use through `piece.fact`."""
    if piece.kind not in _KINDS or not piece.mentions(b"enzyme") or _ANYTHING.search(piece.text) is None:
        return False, False
    return _CLASSIC.search(piece.text) is not None, _STRICT.search(piece.text) is not None


def tally(piece: Piece) -> tuple[int, int, int]:
    """How many units are in classic, in strict, and in both. Use through `piece.fact`."""
    found = [unit.spelling for unit in piece.fact(units)]
    return (found.count("classic"), found.count("strict"), found.count(None)) if found else _NONE


def converted(piece: Piece, target: Spelling) -> Converted:
    """How to write a piece in one spelling; computed once."""
    return piece.fact(_TO[target])


def of_call(call: DerivativeCall) -> Spelling | None:
    """The spelling of an operation; None when the text does not tell, or is in both."""
    return of_operation(call.operation).spelling


def of_alias(piece: Piece) -> Spelling | None:
    """The spelling of an alias that stands for activities; None for all others."""
    found = piece.fact(units) if piece.kind is PieceKind.ALIAS else ()
    return found[0].spelling if found else None


def _to_classic(piece: Piece) -> Converted:
    if not piece.fact(may_hold)[1]:
        return _NOTHING
    return _converted(piece, "classic")


def _to_strict(piece: Piece) -> Converted:
    if not piece.fact(may_hold)[0]:
        return _NOTHING
    return _converted(piece, "strict")


def _converted(piece: Piece, target: Spelling) -> Converted:
    edits, left = list[Edit](), list[Left]()
    for unit in piece.fact(units):
        conversion = unit.to(target)
        edits += conversion.edits
        if conversion.reason:
            left.append(Left(unit, conversion.reason, conversion.is_wrong, conversion.stand_in, _fault(unit)))
    if not edits and not left:
        return _NOTHING
    return Converted(tuple(sorted(edits, key=lambda edit: edit.span)), tuple(left))


def _fault(unit: Unit) -> Span | None:
    """Where the brackets of an operation stop making sense."""
    if unit.operation is None or unit.brackets is None or unit.brackets.fault_token < 0:
        return None
    return unit.operation.tree.token_span(min(unit.brackets.fault_token, unit.operation.last - 1))


_TO: Final[dict[Spelling, Callable[[Piece], Converted]]] = {"classic": _to_classic, "strict": _to_strict}
_KINDS: Final = frozenset({PieceKind.ITEM, PieceKind.ALIAS, PieceKind.OPEN, PieceKind.CLOSE})
