"""Derivative rules: what Enzyme can differentiate, by operation, mode and release; the facts are in `derivative_table`.

A release stands here for the spelling that it reads: 0.0.15 for classic text, 0.0.16 for strict.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.dialect.derivative_table import ROWS, TOUCH_MEMORY

if TYPE_CHECKING:
    from enzyme_lsp.dialect.spelling import Spelling

RELEASES: Final[dict[Spelling, str]] = {"classic": "0.0.15", "strict": "0.0.16"}
"""The release that was asked, for each spelling."""


class Support(Enum):
    """What a release makes of an operation through which a derivative must pass; the values are the table's letters."""

    RULE = "+"
    NONE = "-"
    UNFINISHED = "u"
    CRASH = "!"
    UNCLEAR = "?"
    """It failed in the one case that was tried, for a reason that lies in the types of that case."""
    UNKNOWN = "."
    """The release does not know the operation."""

    @property
    def is_lacking(self) -> bool:
        """Whether differentiation is sure to fail."""
        return self in (Support.NONE, Support.UNFINISHED, Support.CRASH)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of an operation. `cells` and `passing` are as in the table."""

    cells: str
    passing: str

    def support(self, release: Spelling, mode: Mode) -> Support:
        """Whether `release` has a rule for the operation in reverse or forward mode."""
        return Support(self.cells[_RELEASE[release] * 2 + (mode is Mode.FORWARD)])

    def is_lacking(self, release: Spelling) -> bool:
        """Whether `release` surely fails on the operation in one mode at least."""
        return any(self.support(release, mode).is_lacking for mode in (Mode.REVERSE, Mode.FORWARD))

    def passes(self, release: Spelling) -> bool:
        """Whether what the operation makes of active values is active for `release`."""
        return self.passing[_RELEASE[release]] == "y"


_RELEASE: Final[dict[Spelling, int]] = {"classic": 0, "strict": 1}

RULES: Final = {name: Rule(*row.split()) for name, row in ROWS.items()}
"""By the name of the operation; those that work on memory and have no result have ` memory` behind it."""


def touches_memory(name: str) -> bool:
    """Whether an operation of this name surely reads or writes memory, or has another effect."""
    return name in TOUCH_MEMORY


# Found by declaring each and calling it with an active value: in reverse mode both releases let it be.
INACTIVE_FUNCTIONS: Final = frozenset({
    "MPI_Barrier", "MPI_Comm_rank", "MPI_Comm_size", "MPI_Init", "_ZdlPv", "__assert_fail", "__cxa_atexit",
    "__kmpc_barrier", "__kmpc_global_thread_num", "abort", "fflush", "fprintf", "fputc", "free", "gettimeofday", "logb",
    "memcmp", "printf", "putchar", "puts", "snprintf", "sprintf", "time", "vprintf",
})  # fmt: skip
"""Functions of C's library and others that no derivative passes through, so that a call without their body is fine."""
