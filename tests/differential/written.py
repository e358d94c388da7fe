"""What operations in a text say, so that an engine's answer can be held against a text that nobody generated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Mode
from tests.differential.oracle import Asked
from tests.differential.snapshots import snapshot_of

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading


def all_asked(text: str, *, anywhere: bool = False) -> list[Asked]:
    """What the operations in `@caller` say, or `anywhere`."""
    snapshot = snapshot_of(text)
    return [
        asked(reading)
        for index, readings in snapshot.readings()
        if anywhere or snapshot.layout.pieces[index].symbol == "caller"
        for reading in readings
    ]


_JUNK: Final = re.compile(r"#enzyme(?:\.activity<|<activity )\"?\w+\"?([^\w\">][^>]*)>")


def asked(reading: Reading) -> Asked:
    """What an operation in a text says."""
    call, function = reading.call, reading.function
    type_ = call.type
    width, is_region = call.entry("width"), not call.op.names_callee
    text = call.operation.tree.tokens.text
    known = {"batch_shape"} if reading.mode is Mode.BATCH else {"activity", "ret_activity"}
    known |= {"width"} | ({"fn"} if call.operation.is_generic else set[str]())
    return Asked(
        reading.mode,
        tuple(str(reading.type_of(one.text)) for one in (type_.operands if type_ else None) or ()),
        tuple(str(reading.type_of(one.text)) for one in (type_.results if type_ else None) or ()),
        tuple(one.text for one in function.arguments) if function else (),
        tuple(one.text for one in function.results) if function else (),
        len(reading.listed.elements or ()) if reading.listed else 0,
        len(reading.listed_returns.elements or ()) if reading.listed_returns else 0,
        tuple(_JUNK.findall(text.decode())),
        tuple(entry.key for entry in call.entries if entry.key not in known),
        width and width.value_span.of(text).decode(),
        reading.sizes or (),
        is_region,
        len(_captured(call.operation)) if is_region else 0,
    )


def _captured(operation: Operation) -> set[bytes]:
    """The values that the region of an operation names and does not define."""
    text = b"".join(
        operation.tree.span(region.open, region.close).of(operation.tree.tokens.text) for region in operation.regions
    )
    return set(re.findall(rb"%\w+", text)) - set(re.findall(rb"(%\w+)(?::\d+)?(?: =|: )", text))
