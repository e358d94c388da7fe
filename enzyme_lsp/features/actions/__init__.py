"""Refactorings: one file each, and this is the list of them; they change what is right, fixes what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from enzyme_lsp.features.actions import convert_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.actions.offer import Offer
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot


class ActionFile(Protocol):
    """What the file of a refactoring holds."""

    @property
    def KIND(self) -> str: ...  # noqa: N802 - the constant of the file

    def offered(self, snapshot: Snapshot, span: Span) -> Iterator[Offer]: ...

    def apply(self, snapshot: Snapshot, span: Span, id_: str, /) -> EditSet: ...


ACTIONS: Final[tuple[ActionFile, ...]] = (convert_spelling,)
"""In the order in which users see them."""
