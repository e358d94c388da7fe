"""Trial: what our checks would say of a derivative call that is not written yet; it must not know how it came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp import checks
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.workspace.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.symbols import Signature

_LIMITS: Final = frozenset({"complex-gradient", "dynamic-gradient", "wide-constant", "wide-memory"})
"""Warnings of what the engines are known to refuse."""


def mistakes(
    text: bytes,
    home: Piece | None,
    definition: Operation | None,
    signature: Signature | None,
    aliases: Mapping[str, bytes],
) -> Iterator[tuple[str, str]]:
    """Code and message of what keeps an engine from taking a derivative call, whose text is read alone in a function.

    The callee is `definition` in the piece `home`.
    """
    alone = Piece(PieceKind.ITEM, b"func.func @alone() {\n" + text + b"\n}", 0)
    calls = alone.fact(derivative_calls)
    if not calls:
        return
    made = Reading(alone, calls[0], home, definition, signature, aliases)
    for check in checks.CHECKS:
        for one in check.check_call(made) if check.check_call is not None else ():
            if one.severity is Severity.ERROR or one.code in _LIMITS:
                yield one.code, one.message
