"""Set the width: take several directions or seeds at once, or one again.

    %0 = enzyme.fwddiff @f(%x, %dx) {...} : (f64, f64) -> f64
    %0 = enzyme.fwddiff @f(%x, %dxs) {..., width = 4 : i64} : (f64, tensor<4xf64>) -> tensor<4xf64>

Shadows, seeds and results get the types of the new width, but for memory, whose shadows stay. For operands there are
values in scope whose names say so, else placeholders. Where nothing calls the function around, its arguments that only
the operation takes get other types too, and so do its results that are only returned. A result that is used otherwise
keeps the operation from getting another width. The number is no stop: most that follows from it stands elsewhere.

Kind: refactor.rewrite.enzyme.width. Ids: `width 2`, `width 4`, `width 8`, `width 1`, and so for twice and half of what
there is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.actions import choices
from enzyme_lsp.features.actions.choices import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.actions.offer import Offer
    from enzyme_lsp.features.actions.plan import Plan
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


KIND: Final = "refactor.rewrite.enzyme.width"

_WIDTHS: Final = (2, 4, 8)


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """Some widths where there is none, else twice and half of what there is, and back to none."""
    return choices.offered(snapshot, span, _choices)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    return choices.applied(snapshot, span, id_, _choices)


def _choices(_: Reading, now: Plan, __: Span) -> Iterator[Choice]:
    for width in _WIDTHS if now.width == 1 else _near(now.width):
        title = f"Set width {width}" if width != 1 else "Set width back to 1"
        yield Choice(f"width {width}", title, replace(now, width=width))


def _near(width: int) -> tuple[int, ...]:
    """Twice a width, half of it where that is a whole number of several, and 1."""
    half = (width // 2,) if width > 2 and width % 2 == 0 else ()
    return (width * 2, *half, 1)
