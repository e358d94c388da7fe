"""A name of the Enzyme dialect is one that it has.

The dialect has 26 operations, two types (`!enzyme.Cache`, `!enzyme.Gradient`) and four attributes. A module with another
name in the dialect's place is not parsed at all.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwdiff @square(%x, %dx) {
      //   ^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.fwdiff is no operation of the dialect enzyme, did you mean enzyme.fwddiff?
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

Operations for probabilistic programs, such as `sample`, have moved to the dialect `impulse`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.closest import closest
from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, error
from enzyme_lsp.dialect.ops import IMPULSE_OPS, OPS
from enzyme_lsp.dialect.types_and_attributes import ATTRIBUTES, TYPES
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "unknown-enzyme-name"

_DIALECT: Final = "enzyme."
_MNEMONICS: Final = tuple(op.mnemonic for op in OPS.values())
# `!enzyme.Name`, `!enzyme<Name`, and the same with `#`; the name may still be missing.
_NAMED: Final = re.compile(rb"([!#])enzyme(?:\.|(\s*<\s*))([A-Za-z_][\w$.-]*)?")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that the dialect does not have, in bytes from the start of the piece. `name` is without the dialect.

    `span` is what is underlined, `name_span` what a fix replaces.
    """

    kind: str
    name: str
    span: Span
    name_span: Span


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    pieces = snapshot.layout.pieces
    for index in snapshot.looked_at():
        for unknown in pieces[index].fact(_unknown):
            start = snapshot.offset(index)
            message, fixes = _said(unknown, start)
            yield error(CODE, unknown.span.shifted(start), message, fixes=fixes)


def names(piece: Piece, span: Span) -> bool:
    """Whether a name that the dialect does not have begins inside `span` of a piece."""
    return any(span.contains(unknown.span.start) for unknown in piece.fact(_unknown))


def _unknown(piece: Piece) -> tuple[Unknown, ...]:
    """The unknown names of a piece in the order of the text. Use through `piece.fact`."""
    if piece.kind in (PieceKind.MARKER, PieceKind.RESOURCES) or not piece.mentions(b"enzyme"):
        return ()
    found = [*_types_and_attributes(piece)]
    if piece.kind is PieceKind.ITEM and piece.mentions(b"enzyme."):
        found += (unknown for operation in piece.tree.walk() if (unknown := _operation(operation)) is not None)
    return tuple(sorted(found, key=lambda unknown: unknown.span))


def _operation(operation: Operation) -> Unknown | None:
    name = operation.name
    if not name.startswith(_DIALECT) or name in OPS or _may_be_key(operation):
        return None
    span = operation.name_span
    quote = 1 if operation.is_generic else 0
    name_span = Span(min(span.start + quote + len(_DIALECT), span.end), max(span.end - quote, span.start))
    return Unknown("operation", name.removeprefix(_DIALECT), span, name_span)


def _may_be_key(operation: Operation) -> bool:
    """Whether it is a name alone in its braces: `{ enzyme.note }` may be attributes that the parser took for a body."""
    tokens = operation.tree.tokens
    alone = operation.last == operation.first + 1 and not operation.is_generic
    return alone and tokens.word(operation.first - 1) == b"{" and tokens.word(operation.last) == b"}"


def _types_and_attributes(piece: Piece) -> Iterator[Unknown]:
    tokens = piece.tree.tokens
    for match in _NAMED.finditer(piece.text):
        mark, opened, word = match[1], match[2], match[3] or b""
        known, kind = (TYPES, "type") if mark == b"!" else (ATTRIBUTES, "attribute")
        name = word.decode("utf-8", "replace")
        token = tokens.at(match.start())
        if name in known or token is None or tokens.starts[token] != match.start():
            continue  # in a string or in a comment it is no token
        if tokens.kinds[token] not in (Kind.BANG, Kind.HASH):
            continue
        if opened is not None and not word and tokens.word(token + 2) != b">":
            continue  # a string or number: the name is not what is wrong
        name_span = Span(match.end() - len(word), match.end())
        yield Unknown(kind, name, name_span if opened and word else Span(match.start(), match.end()), name_span)


def _said(unknown: Unknown, start: int) -> tuple[str, tuple[Fix, ...]]:
    """The sentence about a name, and its fixes; `start` is where the piece starts in the document."""
    kind, name = unknown.kind, unknown.name
    mark = {"type": "!", "attribute": "#"}.get(kind, "")
    if not name:
        return f"the name of {'an' if kind != 'type' else 'a'} {kind} of the dialect enzyme is missing here", ()
    message = f"{mark}enzyme.{name} is no {kind} of the dialect enzyme"
    if kind == "operation" and name in IMPULSE_OPS:
        edit = Edit(Span(unknown.name_span.start - len(_DIALECT), unknown.name_span.start).shifted(start), b"impulse.")
        fix = Fix(f"Write impulse.{name}", EditSet([edit]), is_certain=False)
        return f"{message}, the dialect impulse has it", (fix,)
    known = _MNEMONICS if kind == "operation" else tuple(TYPES if kind == "type" else ATTRIBUTES)
    guess = closest(name, known)
    if guess is None:
        return message + ("" if kind == "operation" else f", which has {', '.join(known[:-1])} and {known[-1]}"), ()
    shown = f"{mark}enzyme.{guess.name}"
    edit = Edit(unknown.name_span.shifted(start), guess.name.encode())
    return f"{message}, did you mean {shown}?", (Fix(f"Write {shown}", EditSet([edit]), is_certain=guess.is_certain),)
