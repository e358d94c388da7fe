"""What is wrong with a text: one file per check, its docstring is its manual page, and this is the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

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


class CheckFile(Protocol):
    """What the file of a check holds."""

    __doc__: str | None

    @property
    def CODE(self) -> str: ...  # noqa: N802 - the constant of the file

    def check(self, snapshot: Snapshot) -> Iterator[Diagnostic]: ...


@dataclass(frozen=True, slots=True)
class Check:
    """A check of ours: its code, its function, its manual page, and what an engine says of the same mistake."""

    code: str
    run: Callable[[Snapshot], Iterator[Diagnostic]]
    manual: str
    explains: frozenset[str]
    """The codes of the engine that are left out for an operation which this check has found wrong."""


def _check(file: CheckFile, *explains: str) -> Check:
    return Check(file.CODE, file.check, file.__doc__ or "", frozenset(explains))


CHECKS: Final = (
    _check(unknown_callee, "unknown-symbol", "invalid-syntax", "engine-error", "missing-attribute"),
    _check(callee_not_a_function, "unknown-symbol"),
    _check(missing_activity, "missing-attribute", "invalid-attribute"),
    _check(
        unknown_activity, "invalid-activity", "undefined-alias", "invalid-attribute", "invalid-syntax", "engine-error"
    ),
    _check(activity_count),
    _check(return_activity_count),
    _check(duplicate_symbol, "redefinition"),
)
"""In the order in which docs/checks.md shows them."""

EXPLAINS: Final = {check.code: check.explains for check in CHECKS}
