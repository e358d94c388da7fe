"""Refactorings: one file each, and this is the list of them; they change what is right, fixes what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from enzyme_lsp.features.actions import (
    add_derivative,
    change_activity,
    convert_spelling,
    create_callee,
    differentiate,
    drop_unused,
    expected_errors,
    extract_derivative,
    inline_region,
    outline_region,
    replace_by_derivative,
    return_primal,
    set_width,
    switch_mode,
    to_custom_form,
    to_generic_form,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.actions.offer import Offer
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.workspace.snapshot import Snapshot


class ActionFile(Protocol):
    """What the file of a refactoring holds."""

    @property
    def KIND(self) -> str: ...  # noqa: N802 - the constant of the file

    def offered(self, snapshot: Snapshot, span: Span, /) -> Iterator[Offer]: ...

    def apply(self, snapshot: Snapshot, span: Span, id_: str, /) -> EditSet: ...


class EngineActionFile(Protocol):
    """What the file of a refactoring holds whose edits cannot be made without an engine.

    `steps` yields what an engine is to be asked, and raises `RefusedError` with the reason when there is no edit. It
    asks about the text that the edits make as well, so that none is given that the engine would refuse.
    """

    @property
    def KIND(self) -> str: ...  # noqa: N802 - the constant of the file

    def offered(self, snapshot: Snapshot, span: Span, /) -> Iterator[Offer]: ...

    def steps(self, snapshot: Snapshot, span: Span, id_: str, /) -> Steps[EditSet]: ...


ACTIONS: Final[tuple[ActionFile, ...]] = (
    *differentiate.ACTIONS,
    switch_mode,
    change_activity,
    return_primal,
    set_width,
    drop_unused,
    extract_derivative,
    inline_region,
    outline_region,
    add_derivative,
    replace_by_derivative,
    create_callee,
    convert_spelling,
)
"""In the order in which users see them."""

ENGINE_ACTIONS: Final[tuple[EngineActionFile, ...]] = (to_generic_form, to_custom_form, expected_errors)
"""Those that clients are offered who come back for the edits of what they choose; behind all others."""
