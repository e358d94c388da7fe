"""Wanted: what is known of the value that is due at a place, from the calling convention, the callee, or the types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import slots
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS
from enzyme_lsp.features import signature_help
from enzyme_lsp.features.completion.expected import Expected
from enzyme_lsp.syntax import scopes, symbols, types
from enzyme_lsp.syntax.mentions import is_table
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.document import decode
from enzyme_lsp.workspace.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enzyme_lsp.features.completion.context import Context
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.types import Type


@dataclass(frozen=True, slots=True)
class Wanted:
    """`type` is the one that the value must have, None where that is not known; `likely` are some that it may have, and
    `kinds` the sorts. `prefers` says which of some names sound like what is due.
    """

    type: Type | None = None
    likely: tuple[Type, ...] = ()
    kinds: frozenset[TypeKind] = frozenset()
    prefers: Callable[[Sequence[str]], list[str]] | None = None


def wanted(context: Context) -> Wanted:
    """What is due at a place where a value can stand."""
    operation = context.operation
    if operation is None or Expected.VALUE not in context.expected:
        return Wanted()
    found = _of_derivative(context) or _of_call(context) or _of_types(context, operation)
    if found.type is None and not found.likely:
        found = _of_surroundings(context, operation)
    return found


def reading_of(context: Context) -> Reading | None:
    """The derivative call that is being typed."""
    calls = context.piece.fact(derivative_calls) if context.name in DERIVATIVE_OPS else ()
    call = next((one for one in calls if one.operation is context.operation), None)
    if call is None:
        return None
    found = context.snapshot.callee(context.index, call)
    home = context.snapshot.layout.pieces[found.piece] if found is not None else None
    definition = found.definition.operation if found is not None else None
    signature = found.signature if found is not None else None
    return Reading(context.piece, call, home, definition, signature, context.aliases)


def _of_derivative(context: Context) -> Wanted | None:
    reading = reading_of(context)
    bracket = context.bracket
    if reading is None or bracket.word != b"(" or context.colon >= 0:
        return None
    asked = signature_help.guessed(reading)
    if asked is None or bracket.commas >= len(asked.operands):
        return None
    slot = asked.operands[bracket.commas]
    return Wanted(slot.type, prefers=lambda names: slots.suggested(reading, slot, names))


def _of_call(context: Context) -> Wanted | None:
    tokens, bracket = context.tree.tokens, context.bracket
    if bracket.word != b"(" or tokens.kinds[bracket.token - 1 : bracket.token] != [Kind.SYMBOL]:
        return None
    table = next((one.holder for one in reversed(context.place.path) if is_table(one.holder)), None)
    name = symbols.symbol_name(tokens.word(bracket.token - 1))
    found = context.snapshot.resolve(context.index, table, name)
    signature = found.signature if found is not None else None
    if signature is None or bracket.commas >= len(signature.arguments):
        return None
    name = signature.arguments[bracket.commas].name
    return Wanted(types.read(signature.arguments[bracket.commas].type, context.aliases), prefers=lambda _: [name])


_INDEX: Final = types.read("index")
_BOOL: Final = types.read("i1")
_CONDITIONS: Final = frozenset({"if", "cond_br", "assert"})
"""Operations, without their dialect, that begin with a condition, if the operand is no attribute."""
_SAME_TYPE: Final = frozenset({"arith", "math", "complex"})
_LOOPS: Final = frozenset({"scf.for", "scf.parallel", "scf.forall", "affine.for", "affine.parallel"})
_STOPS: Final = frozenset({b","})
_FAR: Final = 4_096
"""Tokens that are read for the types of an operation."""


def _of_types(context: Context, operation: Operation) -> Wanted:
    """From the types that stand behind the place already."""
    tree, tokens = context.tree, context.tree.tokens
    dialect, _, name = operation.name.partition(".")
    if name in _CONDITIONS and context.last == operation.name_token:
        return Wanted(_BOOL)
    if dialect == "affine" and context.bracket.word == b"(" and name not in ("for", "parallel"):
        return Wanted(_INDEX)
    if context.bracket.word == b"[":
        return Wanted(_INDEX if operation.name.partition(".")[0] in ("memref", "affine", "tensor", "enzyme") else None)
    last = operation.location[0] if operation.location is not None else operation.last
    last = min([last, *(one.open for one in operation.regions if one.open > context.last)])
    inner = context.bracket
    if inner.word == b"(" and (close := tree.partners[inner.token]) > context.last:
        own = _colon(context, context.last + 1, close)
        if own >= 0 and tokens.word(inner.token - 1)[:1] == b"^":
            return _nth(_listed(context, own + 1, close), inner.commas)
        if own >= 0 and tokens.word(inner.token - 1) in (b"ins", b"outs"):
            return _nth(_listed(context, own + 1, close), inner.commas)
    first = context.last + 1
    if inner.token >= 0:
        first = max(first, tree.partners[context.around[-2].token] + 1)
    colon = _colon(context, first, last)
    if colon < 0:
        return Wanted()
    first = colon + 1
    close = tree.partners[first] if tokens.word(first) == b"(" else -1
    number = _number(context, operation)
    if first < close < last and tokens.word(close + 1) == b"->":
        return _nth(_listed(context, first + 1, close), number)
    found = _listed(context, first, last)
    if len(found) > 1:
        exact = _nth(found, number)
        is_each = operation.name.endswith((".yield", "return", ".br"))
        return exact if is_each else Wanted(None, tuple(found))
    if not found:
        return Wanted()
    (one,) = found
    if dialect in _SAME_TYPE:
        return Wanted(one) if name != "select" or number else Wanted(None, (_BOOL,))
    if dialect == "llvm" and not name.startswith(("load", "store", "getelement", "alloca", "mlir", "call")):
        return Wanted(one)
    inside = (one.element,) if one.element is not None else ()
    return Wanted(None, (*(inside if number == 0 and name == "store" else ()), one, *inside))


def _nth(found: Sequence[Type], number: int) -> Wanted:
    return Wanted(found[number]) if number < len(found) else Wanted(None, tuple(found))


def _number(context: Context, operation: Operation) -> int:
    """How many operands stand before the place."""
    kinds = context.tree.tokens.kinds
    return sum(kinds[index] == Kind.VALUE for index in range(operation.name_token + 1, context.last + 1))


def _colon(context: Context, first: int, last: int) -> int:
    """The first colon of some tokens that is in no bracket; -1 where there is none."""
    tree, index = context.tree, first
    while index < min(last, first + _FAR):
        if tree.tokens.word(index) == b":":
            return index
        if tree.tokens.kinds[index] == Kind.OPEN and tree.partners[index] > index:
            index = tree.partners[index]
        index += 1
    return -1


def _listed(context: Context, first: int, last: int) -> list[Type]:
    """The types of a list, up to `->` or `to`."""
    tree, found = context.tree, list[types.Type]()
    last = min(last, first + _FAR)
    while first < last:
        end = type_end(tree, first, last, _LIST_STOPS)
        found.append(types.read(decode(tree.span(first, end).of(tree.tokens.text)), context.aliases))
        if tree.tokens.word(end) != b",":
            break
        first = end + 1
    return found


_LIST_STOPS: Final = frozenset({b",", b"->", b"to", b"into", b"{"})


def _of_surroundings(context: Context, operation: Operation) -> Wanted:
    """From what is around an operation that has no types yet: its function, its other operands, its name."""
    name = operation.name
    if name in ("return", "func.return", "llvm.return"):
        holders = (one.holder for one in reversed(context.place.path) if symbols.is_function(one.holder.name))
        holder = next(holders, None)
        signature = symbols.signature(holder) if holder is not None else None
        if signature is not None:
            number = _number(context, operation)
            return _nth([types.read(one.type, context.aliases) for one in signature.results], number)
    dialect, _, rest = name.partition(".")
    if dialect in _LIKE_THE_FIRST and (first := _first_operand(context, operation)) is not None:
        return Wanted(None, (first,))
    if name in _LOOPS:
        return Wanted(None, (_INDEX,))
    if dialect == "arith":
        return Wanted(kinds=_FLOATS if rest.endswith("f") else _INTEGERS if rest.endswith("i") else frozenset())
    return Wanted(kinds=_KINDS.get(dialect, frozenset()))


_LIKE_THE_FIRST: Final = frozenset({"arith", "math", "complex", "stablehlo"})
_FLOATS: Final = frozenset({TypeKind.FLOAT})
_INTEGERS: Final = frozenset({TypeKind.INTEGER, TypeKind.INDEX})
_KINDS: Final = {
    "math": _FLOATS,
    "memref": frozenset({TypeKind.MEMREF}),
    "affine": frozenset({TypeKind.MEMREF}),
    "stablehlo": frozenset({TypeKind.TENSOR}),
    "chlo": frozenset({TypeKind.TENSOR}),
    "tensor": frozenset({TypeKind.TENSOR}),
    "complex": frozenset({TypeKind.COMPLEX}),
    "vector": frozenset({TypeKind.VECTOR}),
    "llvm": frozenset({TypeKind.POINTER}),
}
"""By dialect, what its operations mostly take first."""


def _first_operand(context: Context, operation: Operation) -> Type | None:
    """The type of the first operand, if it stands before the place."""
    known, kinds = context.piece.fact(scopes.names), context.tree.tokens.kinds
    for index in range(operation.name_token + 1, context.last + 1):
        if kinds[index] == Kind.VALUE and (definition := known.at.get(index)) is not None:
            text = context.type_of(definition, known.number(index))
            return types.read(text, context.aliases) if text is not None else None
    return None
