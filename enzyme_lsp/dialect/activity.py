"""Activity: the six ways an argument or result takes part in differentiation, and how their attributes are written.

Names and spellings are those of the Enzyme engines 0.0.15 (classic) and 0.0.16 (strict).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Activity(Enum):
    """One of Enzyme's activities; the value is the word in the text."""

    ACTIVE = "enzyme_active"
    DUP = "enzyme_dup"
    CONST = "enzyme_const"
    DUP_NO_NEED = "enzyme_dupnoneed"
    ACTIVE_NO_NEED = "enzyme_activenoneed"
    CONST_NO_NEED = "enzyme_constnoneed"

    @property
    def mnemonic(self) -> str:
        """The word in the text, by the name that MLIR has for it."""
        return self.value


BY_WORD: Final = {activity.value: activity for activity in Activity}

FORMER: Final = {"enzyme_out": Activity.ACTIVE}
"""Words of earlier times, which no engine reads any more."""


@dataclass(frozen=True, slots=True)
class Written:
    """An activity attribute as it is written: the word in it, where that stands in the text given, and its spelling."""

    word: str
    start: int
    end: int
    strict: bool

    @property
    def activity(self) -> Activity | None:
        """The activity named, or None when the word names none."""
        return BY_WORD.get(self.word)


# Classic: #enzyme<activity enzyme_dup>. Strict: #enzyme.activity<enzyme_dup> and #enzyme<activity<enzyme_dup>>.
# In all of them the word may be quoted. Found by asking both engines.
_ATTRIBUTE: Final = re.compile(
    rb'#enzyme(?:\s*<\s*activity\s*(<)?|(\.activity)\s*<)\s*(?:"([^"\n\r]*)"|([\w$.]*))', re.ASCII
)


def read(text: bytes) -> Written | None:
    """The activity attribute that `text` begins with; None when it is some other attribute."""
    match = _ATTRIBUTE.match(text)
    if match is None:
        return None
    group = 3 if match[3] is not None else 4
    strict = match[1] is not None or match[2] is not None
    return Written(match[group].decode("utf-8", "replace"), match.start(group), match.end(group), strict)
