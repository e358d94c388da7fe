"""SSA values behind `%`: those that dominate the place, by the type that is due, what is unused and near first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.completion.expected import Expected
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
    if Expected.VALUE not in context.expected or _takes_block(context):
        return
    for name, type_ in ranked(context, in_scope(context, context.typed), wanted(context)):
        yield Completion(name, ItemKind.VALUE, detail=type_.text if type_ is not None else "")


def _takes_block(context: Context) -> bool:
    """Whether a branch names a block here, so that no value can stand."""
    is_branch = context.name.endswith(("br", "switch")) and context.bracket.token < 0 and not context.typed
    return is_branch and (context.previous == b"," or context.name.endswith(".br"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A value that can be used at a place: its name, with the number of the result, its type, where that is known."""

    name: str
    type: Type | None
    definition: Definition


def in_scope(context: Context, typed: bytes = b"") -> list[Seen]:
    """The values that begin with what is typed, the nearest first."""
    known = context.piece.fact(scopes.names)
    found: list[Seen] = []
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
            text = context.type_of(definition, number)
            type_ = types.read(text, context.aliases) if text is not None else None
            name = decode(word) if definition.count == 1 else f"{decode(word)}#{number}"
            found.append(Seen(name, type_, definition))
    return found


def ranked(context: Context, found: list[Seen], due: Wanted) -> list[tuple[str, Type | None]]:
    """The values with their types, the most likely for what is due first; without those that cannot be it."""
    fitting = [one for one in found if not _differs(due, one.type)]
    kept = fitting if any(one.type is not None for one in fitting) else found
    preferred = due.prefers([one.name for one in kept]) if due.prefers is not None else []
    at = context.last + 1
    kept = sorted(
        kept,
        key=lambda one: (
            _misfit(due, one.type),
            one.name not in preferred,
            _is_used(one.definition, at),
            _distance(one.definition, at),
        ),
    )
    return [(one.name, one.type) for one in kept]


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
