"""Spelling: the generations of Enzyme's text form, told from the text; which one an engine reads it says itself.

Found by asking the engines 0.0.15 (classic) and 0.0.16 (strict): classic operations carry their attributes in `{...}`,
strict ones in `<...>` or `<{...}>`; the attributes themselves differ too. The generic form has their spelling only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from enzyme_lsp.dialect import activity

if TYPE_CHECKING:
    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.syntax.piece import Piece

Spelling = Literal["classic", "strict"]

_OF_STRICTNESS: Final[dict[bool, Spelling]] = {False: "classic", True: "strict"}


def of_call(call: DerivativeCall) -> Spelling | None:
    """The spelling of an operation; None when the text does not tell, or is in both."""
    found: set[Spelling] = {_OF_STRICTNESS[strict] for strict in _strictness(call)}
    return found.pop() if len(found) == 1 else None


def of_alias(piece: Piece) -> Spelling | None:
    """The spelling of an alias that stands for an activity; None for all others."""
    written = activity.read(piece.text.partition(b"=")[2].strip())
    return None if written is None else _OF_STRICTNESS[written.strict]


def _strictness(call: DerivativeCall) -> set[bool]:
    found: set[bool] = set()
    for key in ("activity", "ret_activity"):
        listed = call.activities(key, {})
        found |= {one.written.strict for one in (listed.elements if listed else None) or () if one.written is not None}
    tokens = call.operation.tree.tokens
    if call.entries and not call.operation.is_generic:
        first = tokens.at(call.entries[0].key_span.start)
        opened = -1 if first is None else first - 1
        # `<{` is strict, like `<`.
        found.add(tokens.word(opened) == b"<" or tokens.word(opened - 1) == b"<")
    return found
