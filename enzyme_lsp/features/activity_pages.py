"""Activity pages: what a hover says of an activity: what it takes and gives in the mode of its operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import slots
from enzyme_lsp.dialect import activity, convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.syntax import types
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading

_MODES: Final = {Mode.REVERSE: convention.reverse, Mode.FORWARD: convention.forward}
"""The modes in which activities ask for operands and results."""
_F64: Final = types.read("f64")
_ONE_TO_ONE: Final = convention.Function((_F64,), (_F64,))


def named(word: bytes) -> Activity | None:
    """The activity that a token names: a word, which may be quoted."""
    return activity.BY_WORD.get(decode(word.strip(b'"')))


def page(found: Activity, span: Span, reading: Reading | None) -> str:
    """What an activity at a span of its piece means; in an operation that differentiates, in its mode alone."""
    parts = [f"**{found.value}**"]
    if reading is None or reading.mode not in _MODES:
        parts += [_meaning(found, mode, side) for mode in _MODES for side in Side]
    else:
        for side, number in _entries(reading, span):
            parts.append(f"of {slots.of_callee(reading, side, number)} of {slots.callee(reading)}")
            parts.append(_meaning(found, reading.mode, side))
    return "\n\n".join(parts)


def _entries(reading: Reading, span: Span) -> Iterator[tuple[Side, int]]:
    """The arguments or results of the callee whose activity stands at a span. Two lists may be one alias."""
    for side, listed in ((Side.ARGUMENT, reading.listed), (Side.RESULT, reading.listed_returns)):
        for number, element in enumerate((listed.elements if listed is not None else None) or ()):
            if element.span.covers(span):
                yield side, number


def _meaning(found: Activity, mode: Mode, side: Side) -> str:
    """What an activity takes and gives, read off the calling convention itself."""
    what = f"*{mode.value} mode, {'argument' if side is Side.ARGUMENT else 'result'}*"
    pair = ((found,), (Activity.CONST_NO_NEED,)) if side is Side.ARGUMENT else ((Activity.CONST,), (found,))
    asked = _MODES[mode](_ONE_TO_ONE, *pair, 1)
    if asked.faults:
        return f"{what}: not possible"
    taken = [_ROLE_WORDS[slot.role] for slot in asked.operands if slot.side is side]
    given = [_RESULT_WORDS[slot.role, side] for slot in asked.results if slot.side is side]
    return f"{what}: takes {' and '.join(taken) or 'nothing'}, gives {' and '.join(given) or 'nothing'}"


_ROLE_WORDS: Final = {Role.PRIMAL: "the primal", Role.SHADOW: "the shadow", Role.SEED: "the seed"}
_RESULT_WORDS: Final = {
    (Role.PRIMAL, Side.RESULT): "the primal",
    (Role.SHADOW, Side.RESULT): "the tangent",
    (Role.GRADIENT, Side.ARGUMENT): "the gradient",
}
