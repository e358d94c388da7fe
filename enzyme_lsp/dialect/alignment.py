"""Alignment: what is written held against the slots of the calling convention, so that one mistake is found as one.

An operand that is missing shifts all behind it. Held together by position that looks like many wrong types; the best
match, in which slots and written values may stay alone, shows what happened. Types decide; names and order settle what
types leave open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Role, Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.syntax.types import Type


@dataclass(frozen=True, slots=True)
class Written:
    """An operand or result as it is written: its name, or empty, and its type, or None when that is not known."""

    name: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A slot and what is written for it; `slot` or `written` is None when one has no partner."""

    slot: int | None
    written: int | None
    fits: bool
    """Whether both are there and their types do not differ."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The pairs in order. Every slot and every written value is in exactly one of them."""

    pairs: tuple[Pair, ...]

    @property
    def is_perfect(self) -> bool:
        return all(pair.fits for pair in self.pairs)

    @property
    def missing(self) -> tuple[Pair, ...]:
        """The slots that nothing is written for."""
        return tuple(pair for pair in self.pairs if pair.written is None)

    @property
    def surplus(self) -> tuple[Pair, ...]:
        """What is written for no slot."""
        return tuple(pair for pair in self.pairs if pair.slot is None)

    @property
    def mistyped(self) -> tuple[Pair, ...]:
        """What stands in its place and has the wrong type."""
        return tuple(p for p in self.pairs if p.slot is not None and p.written is not None and not p.fits)

    def slot_of(self, written: int) -> int | None:
        """The slot that written value `written` is for."""
        return next((pair.slot for pair in self.pairs if pair.written == written), None)


# Costs are small integers, so that the sums are exact. A wrong type costs more than a value that is missing but less
# than one missing and one too many, so that a single operand of the wrong type is called that.
_ALONE: Final = 60
_WRONG_TYPE: Final = 90
_UNKNOWN_TYPE: Final = 5
_UNLIKELY_NAME: Final = 8
_OTHER_NAME: Final = 2
_FAR: Final = 1 << 60
"""The cost of what is not looked at."""
_FIRST_BAND: Final = 4
_FEW_CELLS: Final = 2_500
_MOST_CELLS: Final = 250_000
"""Pairs that are looked at, half a second's work; what needs more is held together by position."""


def align(slots: Sequence[Slot], written: Sequence[Written], arguments: Sequence[str] = ()) -> Alignment:
    """The cheapest way to hold `written` against `slots`, both in order.

    `arguments` are the names of the callee's arguments, `%x`, or empty where it gives none.
    """
    if len(slots) == len(written) and all(map(_fits, slots, written)):
        return Alignment(tuple(Pair(index, index, fits=True) for index in range(len(slots))))
    return _cheapest(slots, written, arguments) or _by_position(slots, written)


def mismatches(slots: Sequence[Slot], written: Sequence[Written]) -> int:
    """How many slots and values have no partner or one of the wrong type; in long lists about so many.

    For comparing many ways to read one call, so it costs no more than the length of a long list.
    """
    if len(slots) * len(written) <= _FEW_CELLS:
        return sum(not pair.fits for pair in align(slots, written).pairs)
    return sum(not pair.fits for pair in _by_position(slots, written).pairs)


def permutation(slots: Sequence[Slot], written: Sequence[Written]) -> tuple[int, ...] | None:
    """For each slot the written value that fits it, if the values are all there in another order; else None.

    Only where that order is the one possible one: a type for which several slots are out of order tells nothing.
    """
    if len(slots) != len(written) or any(w.type is None for w in written) or any(s.type is None for s in slots):
        return None
    wrong = [index for index in range(len(slots)) if not _fits(slots[index], written[index])]
    found = list(range(len(slots)))
    for index in wrong:
        fitting = [other for other in wrong if _fits(slots[index], written[other])]
        if len(fitting) != 1:
            return None
        found[index] = fitting[0]
    return tuple(found) if sorted(found) == list(range(len(slots))) and wrong else None


def suggests_shadow(name: str, primal: str) -> bool:
    """Whether the name of a value says that it is the shadow of the value named `primal`: `%dx`, `%x_shadow`..."""
    base, of = _core(primal), _core(name)
    if not base or not of or base == of:
        return False
    return (of.endswith(base) and of.removesuffix(base) in _BEFORE) or (
        of.startswith(base) and of.removeprefix(base) in _BEHIND
    )


def suggests_seed(name: str) -> bool:
    """Whether the name of a value says that it is the seed of a result: `%seed`, `%dr`, `%dy`..."""
    return _SEED.fullmatch(name.removeprefix("%")) is not None


def _fits(slot: Slot, written: Written) -> bool:
    return slot.type is None or written.type is None or not slot.type.differs(written.type)


def _cheapest(slots: Sequence[Slot], written: Sequence[Written], arguments: Sequence[str]) -> Alignment | None:
    """The cheapest alignment; None where finding it takes too long.

    Only pairs close to the diagonal are looked at, first those next to it: whoever leaves a band of that many pairs to
    both sides, and comes back, passes that many alone. If this alone would cost more, all that is cheapest lies inside.
    """
    longer, band = abs(len(slots) - len(written)), _FIRST_BAND
    while (longer + 2 * band + 1) * len(slots) <= _MOST_CELLS:
        table = _Table(slots, written, arguments, band)
        if table.cost < (longer + 2 * band + 2) * _ALONE or band >= max(len(slots), len(written)):
            return table.alignment()
        band *= 2
    return None


class _Table:
    """The costs of the cheapest alignments of the first i slots with the first j values, for j - i within a band."""

    def __init__(self, slots: Sequence[Slot], written: Sequence[Written], arguments: Sequence[str], band: int) -> None:
        self.slots, self.written = slots, written
        longer = len(written) - len(slots)
        self.low, self.high = min(longer, 0) - band, max(longer, 0) + band
        names = [
            _Name(value.name, suggests_shadow(value.name, before.name), suggests_seed(value.name))
            for before, value in zip((Written("", None), *written), written, strict=False)
        ]
        self.rows = [[j * _ALONE for j in range(self.ends(0)[1] + 1)]]
        for i, slot in enumerate(slots, 1):
            (before_first, _), (first, last) = self.ends(i - 1), self.ends(i)
            # The row above, from the place above and left of the first of this row to that above its last.
            above = [_FAR, *self.rows[-1], _FAR][first - before_first :]
            follows = slots[i - 2].role if i > 1 else None
            argument = arguments[slot.index] if slot.role is Role.PRIMAL and slot.index < len(arguments) else None
            row, beside = list[int](), _FAR
            for j in range(first, last + 1):
                best = min(above[j - first + 1], beside) + _ALONE
                if j:
                    best = min(best, above[j - first] + _cost(slot, written[j - 1], names[j - 1], follows, argument))
                row.append(best)
                beside = best
            self.rows.append(row)

    @property
    def cost(self) -> int:
        return self.rows[-1][-1]

    def ends(self, i: int) -> tuple[int, int]:
        """The first and the last j of row i."""
        return max(i + self.low, 0), min(i + self.high, len(self.written))

    def at(self, i: int, j: int) -> int:
        if i < 0 or j < 0:
            return _FAR
        first, last = self.ends(i)
        return self.rows[i][j - first] if first <= j <= last else _FAR

    def alignment(self) -> Alignment:
        pairs: list[Pair] = []
        i, j = len(self.slots), len(self.written)
        while i or j:
            # From the end: a gap first, so that of equal matches the one is taken that fills the earlier slots.
            if i and self.at(i, j) == self.at(i - 1, j) + _ALONE:
                i -= 1
                pairs.append(Pair(i, None, fits=False))
            elif j and self.at(i, j) == self.at(i, j - 1) + _ALONE:
                j -= 1
                pairs.append(Pair(None, j, fits=False))
            else:
                i, j = i - 1, j - 1
                pairs.append(Pair(i, j, fits=_fits(self.slots[i], self.written[j])))
        return Alignment(tuple(reversed(pairs)))


@dataclass(frozen=True, slots=True)
class _Name:
    """What the name of a value says: whether it is the shadow of the value before it, or a seed."""

    text: str
    is_shadow: bool
    is_seed: bool


def _cost(slot: Slot, value: Written, name: _Name, follows: Role | None, argument: str | None) -> int:
    """What it costs to hold a value for a slot that follows one of a role; `argument` is the callee's name for it."""
    if slot.type is None or value.type is None:
        return _UNKNOWN_TYPE
    if slot.type.differs(value.type):
        return _WRONG_TYPE
    if not name.text:
        return 0
    match slot.role:
        case Role.SHADOW if follows is Role.PRIMAL:
            return 0 if name.is_shadow else _UNLIKELY_NAME
        case Role.SEED:
            return 0 if name.is_seed else _OTHER_NAME
        case Role.PRIMAL:
            if name.text == argument:
                return 0
            return _UNLIKELY_NAME if name.is_shadow or name.is_seed else _OTHER_NAME
        case _:
            return 0


def _by_position(slots: Sequence[Slot], written: Sequence[Written]) -> Alignment:
    common = min(len(slots), len(written))
    pairs = [Pair(index, index, fits=_fits(slots[index], written[index])) for index in range(common)]
    pairs += [Pair(index, None, fits=False) for index in range(common, len(slots))]
    pairs += [Pair(None, index, fits=False) for index in range(common, len(written))]
    return Alignment(tuple(pairs))


_BEFORE: Final = frozenset(
    word + joint for word in ("d", "dot", "bar", "shadow", "tangent", "diff", "grad", "t") for joint in ("", "_")
)
_BEHIND: Final = frozenset(
    joint + word
    for word in ("d", "dot", "bar", "shadow", "tangent", "t", "p", "prime", "diff", "grad")
    for joint in ("", "_")
)
"""What stands before and behind the name of a primal in that of its shadow."""


def _core(name: str) -> str:
    """`x` for `%x`, `x_1` for `%x#1`."""
    return name.removeprefix("%").replace("#", "_").lower()


_SEED: Final = re.compile(
    r"seed\w*|d(?:r|res|ret|y|out|z|f|loss)\w*|one|cst_?1?|cotangent\w*|ct\w*|.*bar|adj\w*", re.IGNORECASE
)
