"""Names of operations and dialects: those that the text shows to be likely here first, then the common ones, then all.

What is likely is told from the operations of the same document: how often each is used, which one follows which, and
what is like the rest of the line, where the name alone is missing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import log1p
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import catalog
from enzyme_lsp.dialect import words as fixed_words
from enzyme_lsp.dialect.common_operations import COMMON, UNDESCRIBED, terminators
from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.features.completion.expected import Expected
from enzyme_lsp.features.completion.items import Completion, ItemKind
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.parse import UNDOTTED
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.common_operations import Common
    from enzyme_lsp.features.completion.context import Context


def offered(context: Context) -> Iterator[Completion]:
    """The names that the word can become, the most likely first."""
    if Expected.OPERATION not in context.expected:
        return
    quote = '"' if context.typed[:1] == b'"' else ""
    typed = decode(context.typed[len(quote) :]).lower()
    likely = _Likelihood(context)
    names = sorted(_candidates(typed, likely), key=lambda one: (likely.cost(one), one))
    for name in names:
        yield _item(name, quote)
    if "." not in typed:
        for dialect in _dialects():
            if dialect.startswith(typed):
                yield Completion(f"{quote}{dialect}.", ItemKind.DIALECT, detail="dialect")


def page(name: str) -> str:
    """The documentation of an operation in Markdown; empty where there is none."""
    own = OPS.get(name)
    if own is not None:
        example = f"\n\n```mlir\n{own.example.strip()}\n```" if own.example else ""
        return f"{own.meaning}.{example}"
    found = catalog.operation(_full_name(name))
    return found.documentation if found is not None else ""


def _item(name: str, quote: str) -> Completion:
    own = OPS.get(name)
    detail = own.meaning if own is not None else ""
    return Completion(f"{quote}{name}{quote}", ItemKind.OPERATION, detail=detail, page=f"operation {name}")


def _full_name(name: str) -> str:
    """`func.return` for `return`, which the dialect of functions lets go without its name."""
    return name if "." in name else f"builtin.{name}" if name == "module" else f"func.{name}"


def _dialects() -> list[str]:
    return sorted({*catalog.dialects(), *UNDESCRIBED, "enzyme"})


def _candidates(typed: str, likely: _Likelihood) -> set[str]:
    """The names that begin with what is typed, or whose part behind the dialect does."""
    near = {*likely.used, *COMMON, *OPS, *likely.endings}
    dialect, dot, _ = typed.partition(".")
    if dot and dialect != "enzyme":
        near.update(catalog.names(dialect), UNDESCRIBED.get(dialect, ()))
    elif typed:
        for one in {name.partition(".")[0] for name in near}:
            near.update(catalog.names(one), UNDESCRIBED.get(one, ()))
    return {name for name in near if _begins(name, typed)}


def _begins(name: str, typed: str) -> bool:
    lower = name.lower()
    return lower.startswith(typed) or (bool(typed) and lower.partition(".")[2].startswith(typed))


# Likelihood

_STATEMENT: Final = re.compile(
    rb'^[ \t]*(?P<results>%[^\n=]*=[ \t]*)?(?P<name>"?[A-Za-z_]\w*(?:\.[\w$]+)*"?)(?P<rest>[^\n\r]*)', re.MULTILINE
)
_SHAPED: Final = re.compile(rb"(?:tensor|memref|vector|complex)<")
_SCALAR: Final = re.compile(rb"[!a-z][\w.]*")
_NEAR_BYTES: Final = 50_000
"""Of the text on each side of the place that is looked at for what is used."""
_UNKNOWN: Final = 400
"""The place of an operation that is not among the common ones."""

Shape = tuple[int, bytes, int, bytes]
"""Results, what follows the name, operands, and the kind of the first type."""


@dataclass(frozen=True, slots=True)
class Use:
    """How often a piece has each operation, in each shape, and behind each other one."""

    names: Counter[str]
    shapes: Counter[tuple[str, Shape]]
    pairs: Counter[tuple[str, str]]


def use(piece: Piece) -> Use:
    """The operations of a piece by its lines, without parsing it. Use through `piece.fact`."""
    found = Use(Counter(), Counter(), Counter())
    before = ""
    for match in _STATEMENT.finditer(piece.text):
        name = decode(match["name"]).strip('"')
        is_name = "." in name or name.encode() in UNDOTTED
        if not is_name or match["rest"].lstrip()[:1] == b"=":
            continue
        found.names[name] += 1
        results = _count(match["results"] or b"")
        found.shapes[name, shape(results, match["rest"])] += 1
        found.pairs[before, name] += 1
        before = name
    return found


def shape(results: int, rest: bytes) -> Shape:
    """What a line is like, by the number of results and what stands behind the name."""
    # The types stand behind the attributes, in which there are colons too.
    head, attributes, tail = rest.rpartition(b"} : ")
    if not attributes:
        head, _, tail = rest.partition(b" : ")
    stripped = head.lstrip(b' \t"')
    lead = stripped[:1]
    if lead.isalpha():
        lead = re.split(rb"\W", stripped, maxsplit=1)[0]
    elif lead.isdigit() or lead == b"-":
        lead = b"0"
    return min(results, 2), lead, min(head.count(b"%"), 4), _kind(tail.lstrip())


def _kind(text: bytes) -> bytes:
    """Of a type: whether it is a function, a tensor, a memref, or the letter that it begins with."""
    if text[:1] == b"(":
        return b"("
    shaped = _SHAPED.match(text)
    if shaped is not None:
        return text[:2]
    scalar = _SCALAR.match(text)
    return scalar[0][:1] if scalar is not None else b""


def _count(results: bytes) -> int:
    return results.count(b"%") + results.count(b":")


class _Likelihood:
    """How likely each operation is at a place: the less it costs, the likelier."""

    def __init__(self, context: Context) -> None:
        self.used: Counter[str] = Counter()
        self._shaped: Counter[str] = Counter()
        self._following: Counter[str] = Counter()
        self._results = context.results
        self._rest = context.behind
        self._shape = shape(context.results, context.behind)
        before = _before(context)
        for piece in _near(context):
            found = piece.fact(use)
            self.used.update(found.names)
            for (name, one), count in found.shapes.items():
                if one == self._shape:
                    self._shaped[name] += count
            for (first, name), count in found.pairs.items():
                if first == before:
                    self._following[name] += count
        self._dialects: Counter[str] = Counter()
        for name, count in self.used.items():
            self._dialects[name.partition(".")[0]] += count
        # What is being typed is there already, and is no use of what it looks like so far.
        here = decode(context.word.of(context.piece.text)).strip('"')
        if self.used[here] > 1:
            self.used[here] -= 1
        else:
            del self.used[here]
        self._holder = context.holder.name if context.holder is not None else ""
        self.endings = _endings(self._holder)
        self._ends = _is_last(context) and not context.results
        self._is_table = context.holder is None or symbols.is_symbol_table(self._holder)

    def cost(self, name: str) -> float:
        common = COMMON.get(name)
        cost = log1p(common.place if common is not None else _UNKNOWN)
        cost -= 1.5 * log1p(self.used[name]) + 1.5 * log1p(self._following[name])
        cost -= 0.7 * log1p(self._dialects[name.partition(".")[0]])
        if common is not None and common.results not in (None, min(self._results, 2)):
            cost += 3
        if self._rest.strip():
            cost -= 4 * log1p(self._shaped[name])
            cost += self._misfit(name, common)
        if name in self.endings or name == "return" or name.endswith((".return", ".yield")):
            cost += -4 if self._ends and name in self.endings else 4
        if self._is_table is not _is_of_table(name):
            cost += 8
        return cost

    def _misfit(self, name: str, common: Common | None) -> float:
        """How badly an operation suits the rest of the line."""
        _, lead, operands, kind = self._shape
        cost = 0.0
        if lead and lead in (word.encode() for word in fixed_words.OPERATIONS.get(name, ())):
            cost -= 6
        dialect, _, rest = name.partition(".")
        if kind and kind[:1] != b"(":
            cost += 4 * (kind not in _KINDS.get(dialect, {kind}) and kind[:2] not in _KINDS.get(dialect, {kind}))
            if dialect == "arith" and kind in (b"f", b"i"):
                cost += 3 * (rest[-1:] in "fi" and rest[-1:] != kind.decode())
        if common is None:
            return cost
        if common.operands is not None and common.operands != operands:
            cost += 1 if 0 < common.operands < operands else 2
        if common.lead and common.lead != lead:
            cost += 3
        elif common.lead not in (b"", b"%"):
            cost -= 4
        if common.has_function is not None and kind and common.has_function is not (kind == b"("):
            cost += 3
        for word in common.words:
            cost -= 3 * (re.search(rb"\b" + word + rb" ?[=:]", self._rest) is not None)
        return cost


_INDEX_KINDS: Final = {b"te", b"ve", b"f", b"b", b"i"}
_KINDS: Final[dict[str, set[bytes]]] = {
    "stablehlo": {b"te"},
    "chlo": {b"te"},
    "memref": {b"me"},
    "affine": {b"me", b"v"},
    "tensor": {b"te"},
    "arith": {*_INDEX_KINDS, b"co"},
    "math": _INDEX_KINDS,
    "vector": {b"ve", b"me", b"te"},
    "complex": {b"co"},
    "llvm": {*_INDEX_KINDS, b"!"},
}
"""By dialect how the types behind the colon begin: two letters of a shaped type, one of others."""


def _is_of_table(name: str) -> bool:
    """Whether an operation stands in a symbol table, as functions and globals do."""
    is_global = name.endswith((".global", ".mesh"))
    return is_global or symbols.is_function(name) is True or symbols.is_symbol_table(name)


def _endings(holder: str) -> tuple[str, ...]:
    """The terminators of an operation; of a dialect that is not well known those that it has."""
    found = terminators(holder)
    known = set(catalog.names(holder.partition(".")[0]))
    return tuple(name for name in found if name in COMMON or name in OPS or name in known)


def _near(context: Context) -> Iterator[Piece]:
    """The pieces around the place."""
    layout, here = context.snapshot.layout, context.index
    if not layout.pieces:
        return
    start = layout.starts[here]
    yield context.piece
    for index in range(here - 1, -1, -1):
        if layout.starts[index] < start - _NEAR_BYTES:
            break
        if layout.pieces[index].kind is PieceKind.ITEM:
            yield layout.pieces[index]
    for index in range(here + 1, len(layout.pieces)):
        if layout.starts[index] > start + _NEAR_BYTES:
            break
        if layout.pieces[index].kind is PieceKind.ITEM:
            yield layout.pieces[index]


def _before(context: Context) -> str:
    """The operation before the one that is being typed."""
    place = context.place
    if context.operation is None:
        before = place.before or context.holder
        return before.name if before is not None else ""
    inside = place.innermost
    if inside is None:
        return ""
    number = next((n for n, one in enumerate(inside.block.operations) if one is context.operation), 0)
    return inside.block.operations[number - 1].name if number else inside.holder.name


def _is_last(context: Context) -> bool:
    """Whether the block ends behind the line of the place."""
    text = context.piece.text
    at = context.word.end + len(context.behind)
    following = text[at : at + 512].lstrip()
    return following[:1] in (b"}", b"^") or not following
