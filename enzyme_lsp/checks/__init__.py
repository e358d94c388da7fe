"""What is wrong with a text: one file per check, its docstring is its manual page, and this is the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import (
    activity_count,
    callee_not_a_function,
    duplicate_symbol,
    missing_activity,
    return_activity_count,
    unknown_activity,
    unknown_callee,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Check:
    """A check of ours: its code, its function, and the engine's codes that say the same of the same operation."""

    code: str
    run: Callable[[Snapshot], Iterator[Diagnostic]]
    explains: frozenset[str] = frozenset()


CHECKS: Final = (
    Check(
        unknown_callee.CODE,
        unknown_callee.check,
        frozenset({"unknown-symbol", "invalid-syntax", "engine-error", "missing-attribute"}),
    ),
    Check(callee_not_a_function.CODE, callee_not_a_function.check, frozenset({"unknown-symbol"})),
    Check(
        missing_activity.CODE,
        missing_activity.check,
        frozenset({"missing-attribute", "invalid-attribute", "invalid-syntax", "engine-error"}),
    ),
    Check(
        unknown_activity.CODE,
        unknown_activity.check,
        frozenset({"invalid-activity", "invalid-attribute", "invalid-syntax", "engine-error"}),
    ),
    Check(activity_count.CODE, activity_count.check),
    Check(return_activity_count.CODE, return_activity_count.check),
    Check(duplicate_symbol.CODE, duplicate_symbol.check, frozenset({"redefinition"})),
)
"""In the order in which docs/checks.md shows them."""

EXPLAINS: Final = {check.code: check.explains for check in CHECKS}
