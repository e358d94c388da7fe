"""Custom form: the operation at the cursor, with all in it, as the engine writes it for people.

%0 = "arith.addf"(%x, %y) <{fastmath = #arith.fastmath<none>}> : (f64, f64) -> f64
%0 = arith.addf %x, %y : f64
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.actions.forms import converted, convertible
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.features.operation_pages import full_name
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.verification.printed import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.customForm"


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """For an operation in which something is in generic form."""
    found = convertible(snapshot, span)
    if found is not None and any(one.is_generic for one in walk(found[1])):
        yield Offer("custom", f"Convert {full_name(found[1].name)} to custom form")


def steps(snapshot: Snapshot, span: Span, _id: str, /) -> Steps[EditSet]:
    found = convertible(snapshot, span)
    return EditSet(()) if found is None else (yield from converted(snapshot, *found, "custom"))
