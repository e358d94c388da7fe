"""The operations that a derivative passes through have derivative rules.

Enzyme differentiates operation by operation. For some it has no rule, which its pass says when it comes to them: only
operations between the active arguments and the results that are wanted need one. Which release has which rule was found
by asking 0.0.15 and 0.0.16 about some 400 operations; the spelling of the call tells which release is meant.

    func.func @f(%x: f64) -> f64 {
      %y = math.tan %x : f64
      //   ^^^^^^^^ note: math.tan works on active values
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @f(%x, %dx) {
        //                ^^ warning[no-derivative-rule]: @f cannot be differentiated in forward mode: math.tan has no derivative rule in Enzyme 0.0.15, nor in 0.0.16
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

Write the operation with others (`math.tan` as `math.sin` by `math.cos`), or, where its derivative is not wanted, put
`enzyme.ignore_derivatives` behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import obstacles
from enzyme_lsp.checks.diagnostic import Note, Severity, warning
from enzyme_lsp.checks.obstacles import What
from enzyme_lsp.dialect.derivative_rules import RELEASES, Support

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.checks.obstacles import Obstacle, Prospect
    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "no-derivative-rule"
SEVERITY = Severity.WARNING


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for prospect in snapshot.fact(obstacles.prospects):
        if not (found := prospect.of(What.NO_RULE)):
            continue
        notes = tuple(
            Note(
                f"{one.step.name} works on active values",
                obstacles.place(snapshot, one.function, one.step.operation),
            )
            for one in found
        )
        yield warning(CODE, obstacles.span(snapshot, prospect), _message(prospect, found), *notes)


_LACKS: Final = {
    Support.NONE: ("has no derivative rule in", "have no derivative rules in"),
    Support.UNFINISHED: ("has no finished derivative rule in", "have no finished derivative rules in"),
    Support.CRASH: ("has a derivative that crashes", "have derivatives that crash"),
}
"""Of one operation and of several."""


def _message(prospect: Prospect, found: list[Obstacle]) -> str:
    mode = prospect.reading.mode
    first = _support(found[0], prospect, prospect.release)
    alike = [one for one in found if _support(one, prospect, prospect.release) is first]
    names = list(dict.fromkeys(one.step.name for one in alike))
    shown = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    lacks = _LACKS[first][len(names) > 1]
    other: Spelling = "strict" if prospect.release == "classic" else "classic"
    what = obstacles.subject(prospect)
    return (
        f"{what} cannot be differentiated in {mode.value} mode: {shown} {lacks} Enzyme {RELEASES[prospect.release]}"
        + _other(prospect, alike, first, other)
    )


def _other(prospect: Prospect, found: list[Obstacle], lacking: Support, release: Spelling) -> str:
    """What is to be said of the other release: whether it can do better."""
    names = {one.step.name for one in found}
    supports = {_support(one, prospect, release) for one in found}
    if supports == {Support.RULE}:
        them = "one" if len(names) == 1 else "them"
        return f"; {RELEASES[release]} has {them}" if lacking is Support.NONE else ""
    if all(support.is_lacking for support in supports):
        return f", nor in {RELEASES[release]}" if Support.CRASH not in supports else f" and {RELEASES[release]}"
    return ""


def _support(obstacle: Obstacle, prospect: Prospect, release: Spelling) -> Support:
    rule = obstacle.step.rule
    return Support.UNKNOWN if rule is None else rule.support(release, prospect.reading.mode)
