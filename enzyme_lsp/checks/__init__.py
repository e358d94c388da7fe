"""What is wrong with a text: one file per check, its docstring is its manual page, and this is the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from enzyme_lsp.checks import (
    active_integer,
    active_memory,
    activity_count,
    activity_junk,
    bad_batch_shape,
    bad_flag,
    bad_width,
    batch_body,
    callee_declaration,
    callee_not_a_function,
    calls,
    calls_declaration,
    complex_gradient,
    constant_memory,
    constant_tangent,
    derivative_of_derivative,
    duplicate_attribute,
    duplicate_symbol,
    dynamic_gradient,
    forward_active,
    jacobian_not_lowered,
    lost_gradient,
    malformed_operation,
    memory_call,
    missing_activity,
    missing_primal,
    missing_result,
    missing_seed,
    missing_shadow,
    mixed_operation,
    mixed_spelling,
    no_derivative_rule,
    no_derivative_type,
    no_effect,
    no_gradient,
    noneed_argument,
    operand_order,
    outside_function,
    packed_results,
    placeholder_left,
    region_arguments,
    region_yield,
    result_names,
    result_order,
    return_activity_count,
    self_differentiation,
    surplus_operand,
    surplus_result,
    swapped_operands,
    unbatchable,
    unknown_activity,
    unknown_attribute,
    unknown_callee,
    unknown_enzyme_name,
    unknown_pass,
    unpaired_operand,
    wide_constant,
    wide_llvm,
    wide_memory,
    width_mismatch,
    wrap_options,
    wrong_kind_of_function,
    wrong_operand_type,
    wrong_result_type,
    zero_gradient,
)
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.lowering.passes import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


class CheckFile(Protocol):
    """What the file of a check holds: this, and either `check(snapshot)` or, for a check that looks at one derivative
    call at a time, `check_call(reading)`, or, for one that asks which passes the engine has, `check_passes(snapshot,
    passes)`. One that gives no errors says so with SEVERITY, and one with a remedy that a
    file may know of has its word for it as REMEDY.
    """

    __doc__: str | None

    @property
    def CODE(self) -> str: ...  # noqa: N802 - the constant of the file


@dataclass(frozen=True, slots=True)
class Check:
    """A check of ours: its code, its function, its manual page, and what an engine says of the same mistake.

    One of `check`, `check_call` and `check_passes` is not None.
    """

    code: str
    severity: Severity
    manual: str
    explains: frozenset[str]
    """The codes of the engine that are left out for an operation which this check has found wrong."""
    remedy: str
    """What a file names, as a `RUN:` line does, that knows how to do without what this check of calls finds; or empty."""
    check: Callable[[Snapshot], Iterator[Diagnostic]] | None
    check_call: Callable[[Reading], Iterator[Diagnostic]] | None
    check_passes: Callable[[Snapshot, Passes], Iterator[Diagnostic]] | None

    def run(self, snapshot: Snapshot) -> Iterator[Diagnostic]:
        """What this check alone finds. Raises `Outdated` when an edit has come."""
        if self.check is not None:
            yield from self.check(snapshot)
        if self.check_passes is not None:
            yield from self.check_passes(snapshot, TABLE)
        if self.check_call is not None:
            yield from _unremedied(snapshot, calls.found(snapshot, (self.check_call,)))


def _check(file: CheckFile, *explains: str) -> Check:
    return Check(
        file.CODE,
        getattr(file, "SEVERITY", Severity.ERROR),
        file.__doc__ or "",
        frozenset(explains),
        getattr(file, "REMEDY", ""),
        getattr(file, "check", None),
        getattr(file, "check_call", None),
        getattr(file, "check_passes", None),
    )


CHECKS: Final = (
    _check(
        unknown_enzyme_name,
        "unknown-operation",
        "invalid-attribute",
        "invalid-type",
        "invalid-activity",
        "invalid-syntax",
        "engine-error",
    ),
    _check(unknown_callee, "unknown-symbol", "invalid-syntax", "engine-error", "missing-attribute"),
    _check(callee_not_a_function, "unknown-symbol"),
    _check(callee_declaration),
    _check(wrong_kind_of_function, "unknown-symbol"),
    _check(
        malformed_operation,
        "invalid-syntax",
        "engine-error",
        "invalid-operation",
        "invalid-attribute",
        "misplaced-terminator",
    ),
    _check(outside_function),
    _check(self_differentiation),
    _check(missing_activity, "missing-attribute", "invalid-attribute"),
    _check(
        unknown_activity, "invalid-activity", "undefined-alias", "invalid-attribute", "invalid-syntax", "engine-error"
    ),
    _check(activity_count),
    _check(return_activity_count),
    _check(width_mismatch),
    _check(missing_primal),
    _check(missing_shadow),
    _check(missing_seed),
    _check(surplus_operand),
    _check(operand_order),
    _check(wrong_operand_type),
    _check(unpaired_operand, "operand-count", "invalid-syntax", "engine-error"),
    _check(missing_result),
    _check(surplus_result),
    _check(result_order),
    _check(wrong_result_type),
    _check(packed_results),
    _check(result_names, "result-count", "engine-error"),
    _check(forward_active),
    _check(active_memory),
    _check(no_gradient),
    _check(no_derivative_type),
    _check(constant_memory),
    _check(constant_tangent),
    _check(bad_width, "invalid-attribute", "engine-error", "invalid-syntax"),
    _check(bad_flag, "invalid-attribute", "engine-error", "invalid-syntax"),
    _check(unknown_attribute, "invalid-attribute", "missing-attribute", "engine-error", "invalid-syntax"),
    _check(duplicate_attribute, "invalid-attribute", "invalid-syntax", "engine-error", "redefinition"),
    _check(activity_junk, "invalid-syntax", "engine-error", "invalid-activity"),
    _check(bad_batch_shape, "missing-attribute", "invalid-attribute", "engine-error", "invalid-syntax"),
    _check(unbatchable),
    _check(region_arguments),
    _check(region_yield, "missing-terminator", "misplaced-terminator", "engine-error"),
    _check(lost_gradient),
    _check(zero_gradient),
    _check(swapped_operands),
    _check(active_integer),
    _check(no_effect),
    _check(placeholder_left),
    _check(noneed_argument),
    _check(wide_llvm),
    _check(wide_memory),
    _check(wide_constant),
    _check(complex_gradient),
    _check(dynamic_gradient),
    _check(batch_body),
    _check(jacobian_not_lowered),
    _check(wrap_options),
    _check(unknown_pass),
    _check(no_derivative_rule),
    _check(calls_declaration),
    _check(memory_call),
    _check(derivative_of_derivative),
    _check(duplicate_symbol, "redefinition"),
    _check(mixed_operation, "invalid-syntax", "engine-error", "missing-attribute", "invalid-attribute"),
    _check(mixed_spelling),
)
"""In the order in which docs/checks.md shows them."""

EXPLAINS: Final = {check.code: check.explains for check in CHECKS}

_OF_CALLS: Final = tuple(check.check_call for check in CHECKS if check.check_call is not None)


def found(snapshot: Snapshot, passes: Passes = TABLE) -> Iterator[Diagnostic]:
    """What all checks find. Those of single calls are asked only where something changed.

    `passes` are those of the engine. Raises `Outdated` when an edit has come.
    """
    for check in CHECKS:
        if check.check is not None:
            yield from check.check(snapshot)
        if check.check_passes is not None:
            yield from check.check_passes(snapshot, passes)
    yield from _unremedied(snapshot, calls.found(snapshot, _OF_CALLS))


_REMEDIES: Final = {check.code: check.remedy.encode() for check in CHECKS if check.remedy}


def _unremedied(snapshot: Snapshot, found: Iterator[Diagnostic]) -> Iterator[Diagnostic]:
    """Without that for which the file knows a remedy."""
    knows: dict[str, bool] = {}
    for one in found:
        if (remedy := _REMEDIES.get(one.code)) is not None and one.code not in knows:
            knows[one.code] = remedy in snapshot.document.data
        if not knows.get(one.code, False):
            yield one
