"""Completion: what can stand at the cursor, the most likely first, while the text is broken.

`context` says what is being typed, and each source offers its kind of thing for that; here they are put together,
filtered by what is typed, and cut. Documentation is read when somebody asks for that of one item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from enzyme_lsp.features.completion import (
    attributes,
    derivative_snippets,
    names,
    operations,
    pipelines,
    types,
    values,
)
from enzyme_lsp.features.completion.context import context_at
from enzyme_lsp.features.completion.expected import Expected
from enzyme_lsp.features.completion.items import Completion, Completions, ItemKind
from enzyme_lsp.lowering.passes import TABLE, Passes
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.value_types import NOTHING_KNOWN, KnownTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.features.completion.context import Context
    from enzyme_lsp.workspace.snapshot import Snapshot

T = TypeVar("T")

SOURCES: Final[tuple[Callable[[Context], Iterator[Completion]], ...]] = (
    derivative_snippets.offered,
    attributes.offered_words,
    attributes.offered_values,
    names.offered_symbols,
    values.offered,
    names.offered_blocks,
    attributes.offered_keys,
    names.offered_attribute_aliases,
    types.offered,
    operations.offered,
)
"""In this order where several have something to offer."""

TRIGGERS: Final = ("@", "%", "^", "#", "!", ".", "<", "{", ",", ":", " ")
"""Behind a blank a list comes only where something has to follow, so that blanks stay blanks: see `_is_due`."""

_PAGES: Final = {
    "operation": operations.page,
    "type": types.page,
    "attribute": attributes.page,
    "activity": attributes.activity_page,
}
"""What documents an item, by the first word of its key."""
_MOST: Final = 100
"""Items of a list; with more, the client asks again as the word grows."""


def completion(
    snapshot: Snapshot,
    offset: int,
    trigger: str = "",
    known: KnownTypes = NOTHING_KNOWN,
    passes: Passes = TABLE,
) -> Completions:
    """What can stand at a byte of the document. Raises `Outdated` when an edit has come.

    `trigger` is the character that has made the client ask; empty when the user has, or has typed a word. `known` are
    the types that an engine has told, and `passes` those that it has.
    """
    in_run_line = pipelines.in_run_line(snapshot.document.data, offset, passes)
    if in_run_line is not None:
        return in_run_line
    context = context_at(snapshot, offset, known)
    if context is None or (trigger == " " and not _is_due(context)):
        return Completions((), Span(offset, offset), offset)
    found: dict[str, Completion] = {}
    for source in SOURCES:
        snapshot.check_current()
        for one in source(context):
            found.setdefault(one.label, one)
    ranked = _filtered(context, list(found.values()))
    # Of operations there are thousands, which are not all looked at before more is typed.
    grows = Expected.OPERATION in context.expected and b"." not in context.typed
    word = context.word.shifted(context.begin)
    return Completions(tuple(ranked[:_MOST]), word, offset, is_cut=grows or len(ranked) > _MOST)


def documentation(key: str, passes: Passes = TABLE) -> str:
    """The documentation of an item by the key that it came with, in Markdown; empty where there is none.

    `passes` are those of the engine that the key names.
    """
    kind, _, name = key.partition(" ")
    if kind == "pass":
        return pipelines.page(name.partition(" ")[0], passes)
    page = _PAGES.get(kind)
    return page(name) if page is not None else ""


def documented(item: T, key: str, passes: Passes = TABLE) -> tuple[T, str]:
    """An item, as whoever asks has it, with its documentation."""
    return item, documentation(key, passes)


def _is_due(context: Context) -> bool:
    """Whether something has to follow the blank that has just been typed."""
    if context.is_new_line or context.typed:
        return False
    is_in_attribute = context.bracket.word == b"<" and Expected.ATTRIBUTE in context.expected
    return (
        context.previous in _BEFORE_MORE
        or Expected.ARGUMENTS in context.expected
        or is_in_attribute
        or (context.operation is not None and context.last == context.operation.name_token)
    )


_BEFORE_MORE: Final = frozenset({b"=", b",", b":", b"->"})


def _filtered(context: Context, found: list[Completion]) -> list[Completion]:
    """Those that begin with what is typed, then those that have it elsewhere."""
    typed = decode(context.typed).lower()
    if not typed:
        return found
    inner = typed.lstrip('%@#!^"')
    first = [one for one in found if one.label.lower().startswith(typed)]
    if not inner or (typed[0] in "!^" and first):
        return first
    chosen = {one.label for one in first}
    rest = [one for one in found if one.label not in chosen and inner in one.label.lower() and _is_alike(one, typed)]
    return [*first, *rest]


def _is_alike(one: Completion, typed: str) -> bool:
    """Whether an item that only has what is typed somewhere has at least its mark."""
    if one.kind in (ItemKind.OPERATION, ItemKind.DERIVATIVE):
        return "." not in typed
    return typed[0] not in '%@#!^"' or one.label.startswith(typed[0])
