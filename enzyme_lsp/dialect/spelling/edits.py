"""Edits: what a conversion is made of; positions are bytes from the start of the piece."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from enzyme_lsp.text.edit import Edit

if TYPE_CHECKING:
    from enzyme_lsp.text.span import Span

Spelling = Literal["classic", "strict"]
Read = Literal["classic", "strict", "generic"]
"""What engines read: one of the spellings, or the generic form as `generic.py` writes it."""

READ_BY: Final[dict[Spelling, str]] = {"classic": "enzyme-ad 0.0.15", "strict": "enzyme-ad 0.0.16"}
"""The engine that reads each spelling: the last one, and the first one."""

_OTHER: Final[dict[Spelling, Spelling]] = {"classic": "strict", "strict": "classic"}


def other(spelling: Spelling) -> Spelling:
    """The spelling that is not this one."""
    return _OTHER[spelling]


@dataclass(frozen=True, slots=True)
class Move(Edit):
    """An edit that puts text which stands elsewhere.

    `origins` are the stretches of `new` that are such text: the byte of `new` where each begins, and where it is from.
    """

    origins: tuple[tuple[int, Span], ...] = ()


def shifted(edit: Edit, delta: int) -> Edit:
    """The same edit of a text that begins `delta` bytes earlier."""
    if isinstance(edit, Move):
        origins = tuple((begin, span.shifted(delta)) for begin, span in edit.origins)
        return Move(edit.span.shifted(delta), edit.new, origins)
    return replace(edit, span=edit.span.shifted(delta))


@dataclass(frozen=True, slots=True)
class Conversion:
    """The edits that convert a text, in order and disjoint; or the reason why it cannot be, in words after "since".

    `is_wrong`: no engine reads the text as it stands, whatever the spelling. `stand_in`: for what cannot be converted,
    edits that leave out or make up what the other spelling lacks, so that an engine can check all the rest.
    """

    edits: tuple[Edit, ...] = ()
    reason: str = ""
    is_wrong: bool = False
    stand_in: tuple[Edit, ...] = ()


UNCHANGED: Final = Conversion()
