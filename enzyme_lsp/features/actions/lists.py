"""Lists: the edits that make one list between brackets another; it must not know what the elements are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.syntax.tokens import Tokens


def changed(tokens: Tokens, into: rewriting.Insertion, wanted: Sequence[int | str]) -> list[Edit]:
    """The edits that make a list `wanted`: elements of it by their numbers, and new ones as text.

    The numbers must rise. What stays is not touched, and neither are comments.
    """
    edits: list[Edit] = []
    before, new = -1, list[str]()
    for one in (*wanted, len(into.elements)):
        if isinstance(one, str):
            new.append(one)
            continue
        edits += _between(tokens, into, before + 1, one, new)
        before, new = one, []
    return edits


def _between(tokens: Tokens, into: rewriting.Insertion, first: int, end: int, new: Sequence[str]) -> list[Edit]:
    """The edits that put `new` in the place of elements [first, end)."""
    if not new:
        return rewriting.removed(tokens, into.elements, first, end - first) if first < end else []
    text = ", ".join(new)
    if first == end:
        return [rewriting.inserted(into, first, text)]
    rest = Span(into.elements[first].end, into.elements[end - 1].end)
    return [Edit(into.elements[first], text.encode()), *(rewriting.cut(tokens, rest) if end - first > 1 else ())]
