"""SSA values behind `%`: those that dominate the place, by the type that is due, what is unused and near first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.completion.context import Expected
from enzyme_lsp.features.completion.items import Completion, ItemKind
from enzyme_lsp.features.completion.wanted import wanted
from enzyme_lsp.syntax import scopes, types
from enzyme_lsp.syntax.scopes import Defined
from enzyme_lsp.syntax.visibility import visible
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.completion.context import Context
    from enzyme_lsp.features.completion.wanted import Wanted
    from enzyme_lsp.syntax.scopes import Definition
    from enzyme_lsp.syntax.types import Type

_NEAREST: Final = 400
"""Definitions, counted from the place outward, whose types are looked at."""
_MOST_RESULTS: Final = 64
"""Of one name."""


def offered(context: Context) -> Iterator[Completion]:
    """The values, the most likely first."""
    if Expected.VALUE not in context.expected:
        return
    for name, type_ in in_scope(context, wanted(context), context.typed):
        yield Completion(name, ItemKind.VALUE, detail=type_.text if type_ is not None else "")


def in_scope(context: Context, due: Wanted, typed: bytes = b"") -> list[tuple[str, Type | None]]:
    """The values that begin with what is typed, with their types, the most likely for what is due first."""
    known = context.piece.fact(scopes.names)
    found: list[tuple[str, Type | None, Definition]] = []
    words = known.tree.tokens
    near = [
        one
        for one in visible(context.piece, context.place)
        if words.word(one.token).startswith(typed) and not _is_own(context, one)
    ]
    seen: set[bytes] = set()
    for definition in near[: -_NEAREST - 1 : -1]:
        word = known.tree.tokens.word(definition.token)
        if word in seen:
            continue  # an inner one hides it
        seen.add(word)
        for number in range(min(definition.count, _MOST_RESULTS)):
            text = scopes.type_text(known, definition, number)
            type_ = types.read(text, context.aliases) if text is not None else None
            name = decode(word) if definition.count == 1 else f"{decode(word)}#{number}"
            found.append((name, type_, definition))
    fitting = [one for one in found if not _differs(due, one[1])]
    kept = fitting if any(one[1] is not None for one in fitting) else found
    preferred = due.prefers([name for name, _, _ in kept]) if due.prefers is not None else []
    at = context.last + 1
    ranked = sorted(
        enumerate(kept),
        key=lambda one: (
            _misfit(due, one[1][1]),
            one[1][0] not in preferred,
            _is_used(one[1][2], at),
            _distance(one[1][2], at),
            one[0],
        ),
    )
    return [(name, type_) for _, (name, type_, _) in ranked]


def _is_own(context: Context, definition: Definition) -> bool:
    """Whether a value is a result of the operation that is being typed."""
    return definition.operation is context.operation and definition.defined is Defined.RESULT


def _is_used(definition: Definition, at: int) -> bool:
    """Whether a value has a use other than the one at token `at`."""
    return any(use != at for use in definition.uses)


def _distance(definition: Definition, at: int) -> int:
    """How many tokens before `at` a value was named last, so that what is used again and again stays in sight.

    Arguments that nothing has used come in their order, behind all else.
    """
    seen = max((use for use in definition.uses if use < at), default=-1)
    if seen < 0 and definition.defined is Defined.ARGUMENT:
        return at + definition.token
    return at - max(seen, definition.token)


def _differs(due: Wanted, type_: Type | None) -> bool:
    return due.type is not None and type_ is not None and due.type.differs(type_)


def _misfit(due: Wanted, type_: Type | None) -> int:
    """How badly a type suits what is due."""
    if type_ is None:
        return 1
    if due.type is not None:
        return 2 * due.type.differs(type_)
    if not due.likely and not due.kinds:
        return 0
    return 0 if type_.kind in due.kinds or any(type_.text == one.text for one in due.likely) else 2
