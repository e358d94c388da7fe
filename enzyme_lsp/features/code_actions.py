"""Code actions: what can be changed at a place: fixes of our findings, all of these at once, and refactorings.

Fixes are made anew from the snapshot, not taken from what an editor shows, so that they fit its text. An engine is
asked for the edits of some refactorings, when they are chosen; nobody waits for one before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from enzyme_lsp import checks
from enzyme_lsp.features import builder_code, fix_all
from enzyme_lsp.features.actions import ACTIONS, ENGINE_ACTIONS
from enzyme_lsp.features.builder_code import LANGUAGES, Language
from enzyme_lsp.features.diagnostics import on_one_line
from enzyme_lsp.lowering.passes import TABLE
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from enzyme_lsp.checks.diagnostic import Diagnostic, Fix
    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.workspace.snapshot import Snapshot

QUICK_FIX: Final = "quickfix"
FIX_ALL: Final = "source.fixAll.enzyme"
_COPY: Final[dict[Language, str]] = {
    "python": "refactor.rewrite.enzyme.copyPython",
    "rust": "refactor.rewrite.enzyme.copyRust",
}
KINDS: Final = (QUICK_FIX, FIX_ALL, *dict.fromkeys(action.KIND for action in ACTIONS), *_COPY.values())
"""As the protocol names them: `source.fixAll.enzyme` is a `source.fixAll`, and that is a `source`."""
ALL_KINDS: Final = (*KINDS, *dict.fromkeys(action.KIND for action in ENGINE_ACTIONS))
"""With those of actions whose edits are made by asking an engine, for whoever comes back for edits."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done. `place`, `kind` and `id` are what `resolved` needs to find it again."""

    id: str
    kind: str
    title: str
    place: Span
    """What it was offered for."""
    mends: tuple[Diagnostic, ...] = ()
    """The findings that it makes go away, as they are shown; empty for what is no quick fix."""
    is_preferred: bool = False
    """It is the one right answer."""
    disabled_reason: str | None = None
    """Why it cannot be done here; None when it can."""
    edits: EditSet | None = None
    """None until somebody asks for them."""
    copies: Language | None = None
    """The language of the builder code that it gives instead of edits, to a client that can copy."""


def code_actions(
    snapshot: Snapshot, span: Span, only: Sequence[str] | None = None, passes: Passes = TABLE
) -> tuple[Action, ...]:
    """What can be done at a place, without edits. `only` names the kinds that are asked for; None: whatever there is.

    Looks at the calls around the place alone, unless it is asked for fixes of the whole document. `passes` are those
    of the engine.
    """
    offered = (*_offered(snapshot, span, only, passes), *_offered_by_engine(snapshot, span, only))
    return (*(action for action, _ in offered), *_copies(snapshot, span, only))


def code_actions_with_edits(
    snapshot: Snapshot, span: Span, only: Sequence[str] | None = None, passes: Passes = TABLE
) -> tuple[Action, ...]:
    """The same with all edits, for whoever cannot come back for those of one; without what an engine must make."""
    made = (_with_edits(snapshot, *offered) for offered in _offered(snapshot, span, only, passes))
    return (*made, *_copies(snapshot, span, only))


def resolved(snapshot: Snapshot, span: Span, kind: str, id_: str, passes: Passes = TABLE) -> Action:
    """One action with its edits.

    Raises `Outdated` when it is not offered any more, which other settings can do to it; and when an edit has come.
    """
    for action, edits in _offered(snapshot, span, (kind,), passes):
        if action.id == id_:
            return _with_edits(snapshot, action, edits)
    raise Outdated(snapshot.uri)


def resolution(snapshot: Snapshot, span: Span, kind: str, id_: str, passes: Passes = TABLE) -> Steps[Action]:
    """The same, also for what an engine must be asked about."""
    for action, steps in _offered_by_engine(snapshot, span, (kind,)):
        if action.id == id_ and action.disabled_reason is None:
            edits = yield from steps()
            return replace(action, edits=edits.in_line_ends_of(snapshot.document.data))
    return resolved(snapshot, span, kind, id_, passes)


def _offered_by_engine(
    snapshot: Snapshot, span: Span, only: Sequence[str] | None
) -> Iterator[tuple[Action, Callable[[], Steps[EditSet]]]]:
    """The actions whose edits an engine must be asked for, and what asks for those of each."""
    for module in ENGINE_ACTIONS:
        if not _is_wanted(module.KIND, only):
            continue
        for offer in module.offered(snapshot, span):
            action = Action(offer.id, module.KIND, offer.title, span, disabled_reason=offer.disabled_reason)
            yield action, partial(module.steps, snapshot, span, offer.id)


def _copies(snapshot: Snapshot, span: Span, only: Sequence[str] | None) -> Iterator[Action]:
    """What copies the op at a place as code that builds it."""
    wanted: list[Language] = [language for language, kind in _COPY.items() if _is_wanted(kind, only)]
    name = builder_code.offered_at(snapshot, span) if wanted else None
    for language in wanted if name is not None else []:
        yield Action(
            f"copy {language}",
            _COPY[language],
            f"Copy {name} as {LANGUAGES[language]} builder code",
            span,
            copies=language,
        )


def _offered(
    snapshot: Snapshot, span: Span, only: Sequence[str] | None, passes: Passes
) -> Iterator[tuple[Action, Callable[[], EditSet]]]:
    """The actions, and what makes the edits of each, in the order in which users see them."""
    fixes = _quick_fixes(snapshot, span, passes) if _is_wanted(QUICK_FIX, only) else []
    yield from fixes
    # Where no kind is asked for, only beside a fix of its sort: a cursor that moves must not cost a look at all calls.
    beside = any(action.is_preferred for action, _ in fixes)
    if beside if only is None else _is_wanted(FIX_ALL, only) and fix_all.is_anything_certain(snapshot):
        yield Action(FIX_ALL, FIX_ALL, "Apply all certain fixes in this file", span), partial(_all_fixed, snapshot)
    for module in ACTIONS:
        if not _is_wanted(module.KIND, only):
            continue
        for offer in module.offered(snapshot, span):
            action = Action(offer.id, module.KIND, offer.title, span, disabled_reason=offer.disabled_reason)
            yield action, partial(module.apply, snapshot, span, offer.id)


def _is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(wanted in ("", kind) or kind.startswith(f"{wanted}.") for wanted in only)


def _quick_fixes(snapshot: Snapshot, span: Span, passes: Passes) -> list[tuple[Action, Callable[[], EditSet]]]:
    """One for each change, also where several findings ask for the same."""
    if not snapshot.settings.diagnostics.enabled:
        return []
    changes: dict[Fix, list[Diagnostic]] = {}
    for found in sorted(checks.found(snapshot.near(span), passes)):
        shown = on_one_line(snapshot, found)
        if shown.span.touches(span):
            for fix in shown.fixes:
                changes.setdefault(fix, []).append(shown)
    return [
        (
            Action(
                id=f"{mended[0].code} {mended[0].span.start} {fix.title}",
                kind=QUICK_FIX,
                title=fix.title,
                place=span,
                mends=tuple(mended),
                is_preferred=fix.is_certain,
            ),
            partial(_edits_of, fix),
        )
        for fix, mended in changes.items()
    ]


def _edits_of(fix: Fix) -> EditSet:
    return fix.edits


def _all_fixed(snapshot: Snapshot) -> EditSet:
    return fix_all.fix_all(snapshot).edits


def _with_edits(snapshot: Snapshot, action: Action, edits: Callable[[], EditSet]) -> Action:
    if action.disabled_reason is not None:
        return action
    return replace(action, edits=edits().in_line_ends_of(snapshot.document.data))
