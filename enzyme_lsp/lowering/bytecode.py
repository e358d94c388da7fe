"""Bytecode: MLIR's binary form as text, and text as that; must not know who asks, nor how a worker does it.

Upstream MLIR reads and writes it without the Enzyme dialect, so that its operations are kept as they are: in generic
form, in the spelling of the text. An Enzyme that reads this spelling reads the bytecode too (`VERSION`).
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.spelling.plain import plain
from enzyme_lsp.engines.api import OWN_TEXT, TO_TEXT, Outcome, Request
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.engines.upstream import client as upstream
from enzyme_lsp.syntax.binary import external_resources
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.piece import PieceKind

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer, EngineProblem
    from enzyme_lsp.settings import Settings

SCHEME: Final = "mlir.bytecode-mlir"
"""Of the URIs of documents that show a file of bytecode, whose path they have. Upstream's extension has named it so."""

VERSION: Final = 4
"""The version of bytecode that is written: the last one that all later MLIRs read. Since version 5 an operation that
MLIR knows is stored as the C++ of its release has it: enzyme-ad 0.0.15 cannot read `func.func` of MLIR 22.1.8 in that.
In this one everything is an attribute with a name, so that Enzyme reads and verifies its operations, though they were
stored by an MLIR that does not know them. It has no place for the flags of a few LLVM operations, such as `inbounds` of
`llvm.getelementptr`: a module that has those is written in the newest version."""

MOST_BYTES: Final = 128 << 20
"""Of what is converted."""
TOO_LARGE: Final = f"it has more than {MOST_BYTES >> 20} MB, which is the most that is converted"

_OWN_PLACE: Final = re.compile(rf'"(?:[^"\\\n]|\\.)*"|(loc\("{OWN_TEXT}":\d+:\d+\))')
_EXTERNAL: Final = re.compile(rb"\bexternal_resources\s*:")
_UNKNOWN: Final = re.compile(r"custom op '((\w+)\.[\w$.]+)' is unknown|Dialect `(\w+)' not found")


class NotConvertedError(Exception):
    """Why there is no conversion, in a sentence without a period."""


def converters(settings: Settings) -> Pool:
    """Those who convert: workers beside the engine that `settings` mean, and also without one. Started when asked."""
    if settings.engine.kind == "command":
        return Pool.create(settings.engine)
    return Pool(settings.engine, find=lambda: upstream.find_converter(settings.engine))


async def text(pool: Pool, data: bytes, *, settings: Settings, engine: Pool | None = None) -> str:
    """What bytecode says. Places that it has recorded are part of it. Raises `NotConvertedError`.

    `engine`: what upstream MLIR does not read, the user's own program may.
    """
    _check_size(data)
    request = Request(data, bytecode_version=TO_TEXT, deadline_s=settings.lowering.deadline_s)
    answer = await pool.run(request)
    if answer.output is not None:
        return _lost(data) + answer.output
    if engine is not None and settings.engine.kind == "program":
        other = await engine.run(request)
        if other.output is not None:
            return other.output
    refused = f"{_who(answer)} cannot read it: " if answer.outcome is Outcome.REJECTED else ""
    raise NotConvertedError(f"{refused}{_reason(answer)}")


async def bytecode(
    pool: Pool, source: bytes, *, settings: Settings, engine: Pool | None = None, layout: Layout | None = None
) -> bytes:
    """A text as bytecode, which has no names of values, comments or aliases. Raises `NotConvertedError`.

    `engine`: has operations of dialects that upstream MLIR does not know printed in generic form, which that keeps.
    `layout`: that of the text, where it is known.
    """
    _check_size(source)
    answer = await _written(pool, await asyncio.to_thread(_sent, source, layout), settings)
    if answer.outcome is Outcome.ACCEPTED:
        return answer.bytecode
    reason = _reason(answer)
    if _UNKNOWN.search(reason) is None:
        raise NotConvertedError(reason)
    printed = None if engine is None else await engine.run(_in_generic_form(source, settings))
    if printed is None or printed.outcome is Outcome.UNAVAILABLE:
        raise NotConvertedError(f"{reason}; of a dialect that it does not have, MLIR keeps what is in generic form")
    if printed.output is None:
        raise NotConvertedError(f"{reason}; {printed.engine} says {_reason(printed)}")
    again = await _written(pool, await asyncio.to_thread(_printed, printed.output), settings)
    if again.outcome is not Outcome.ACCEPTED:
        made = f"what {printed.engine} makes of it in generic form"
        raise NotConvertedError(f"{reason}; of {made} {_who(again)} says {_reason(again)}")
    return again.bytecode


def _in_generic_form(source: bytes, settings: Settings) -> Request:
    return Request(source, generic=True, deadline_s=settings.lowering.deadline_s)


async def _written(pool: Pool, data: bytes, settings: Settings) -> Answer:
    return await pool.run(Request(data, bytecode_version=VERSION, deadline_s=settings.lowering.deadline_s))


def _printed(output: str) -> bytes:
    """What the worker gets of what an engine has printed: without places in the text, which it has recorded."""
    made = _OWN_PLACE.sub(lambda found: "loc(unknown)" if found[1] else found[0], output).encode()
    return plain(made, Layout.of(made))


def _lost(data: bytes) -> str:
    """A comment that says what is not in the text of bytecode; mostly empty."""
    names = external_resources(data)
    shown = ", ".join("".join(one if one.isprintable() else "?" for one in name) for name in names)
    return f"// external_resources are not in this text, and lost when it is saved: {shown}\n" if names else ""


def _check_size(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise NotConvertedError(TOO_LARGE)


def _sent(source: bytes, layout: Layout | None) -> bytes:
    """What the worker gets of a text. Raises `NotConvertedError`."""
    try:
        source.decode()
    except UnicodeDecodeError as error:
        # A worker would take each such byte for a `?`.
        raise NotConvertedError(f"it is not UTF-8 at byte {error.start}") from None
    layout = layout or Layout.of(source)
    sections = [section for section in layout.sections if section.first < section.last]
    if len(sections) > 1:
        raise NotConvertedError(
            f"bytecode holds one module, and here are {len(sections)}, between lines `// -----`: please remove those"
        )
    if any(piece.kind is PieceKind.RESOURCES and _EXTERNAL.search(piece.text) for piece in layout.pieces):
        raise NotConvertedError(
            "MLIR's bindings do not write external_resources, which would be lost: please remove them"
        )
    return plain(source, layout)


def _reason(answer: Answer) -> str:
    match answer.outcome:
        case Outcome.REJECTED:
            said = answer.first_error
            return _in_words(said) if said is not None else f"{_who(answer)} refuses it and does not say why"
        case Outcome.CRASHED:
            return f"{_who(answer)} crashes on it: {answer.detail}"
        case Outcome.ACCEPTED | Outcome.TIMED_OUT | Outcome.UNAVAILABLE:
            return answer.detail


def _who(answer: Answer) -> str:
    return str(answer.engine).removeprefix("bytecode of ").replace("mlir ", "MLIR ")


def _in_words(said: EngineProblem) -> str:
    place = f"line {said.place.line}: " if said.place is not None and said.place.line else ""
    notes = "".join(f", {' '.join(note.message.split())}" for note in said.notes if "bytecode version" in note.message)
    return f"{place}{' '.join(said.message.split())}{notes}"
