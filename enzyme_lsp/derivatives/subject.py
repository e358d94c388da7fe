"""Subject: a function that a derivative can be taken of, with all that a new function beside it must know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.bodies import has_body
from enzyme_lsp.dialect.convention import Function
from enzyme_lsp.syntax import symbols, types
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.symbols import Signature
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot

FUNCTIONS: Final = ("func.func", "llvm.func")
"""The operations whose derivatives can be written."""
_ENOUGH: Final = 8
"""Pieces around a function that say in which spelling they are."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or result: its name (`%x`; empty for a result), its type, and that as it is written."""

    name: str
    type: Type
    written: str


@dataclass(frozen=True, slots=True)
class Callee:
    """A function as one that differentiates it sees it; `name` is its symbol, as between the quotes if it has some."""

    name: str
    arguments: tuple[Parameter, ...]
    results: tuple[Parameter, ...]
    is_llvm: bool

    @property
    def function(self) -> Function:
        """What the calling convention needs of it."""
        taken, given = (tuple(one.type for one in each) for each in (self.arguments, self.results))
        return Function(taken, given, is_llvm=self.is_llvm)


@dataclass(frozen=True, slots=True)
class Subject:
    """A function of a document. `piece` holds its operation.

    `table` is the operation whose symbols it sees; None: those around the piece. `spelling` is that of the text around
    it, and so of what is written beside it.
    """

    snapshot: Snapshot
    piece: int
    operation: Operation
    table: Operation | None
    callee: Callee
    spelling: Spelling

    @property
    def obstacle(self) -> str:
        """Why nothing at all can be made of it; empty when something can."""
        if not has_body(self.operation):
            return f"@{self.callee.name} is only declared here, and a derivative is made of a function's body"
        if any(region.close < 0 for region in self.operation.regions):
            return f"@{self.callee.name} has no closing brace"
        if any(one.type.kind is TypeKind.BROKEN for one in (*self.callee.arguments, *self.callee.results)):
            return f"the signature of @{self.callee.name} has something in it that is no type"
        return ""

    @property
    def text(self) -> bytes:
        """The function as it is written."""
        return self.operation.span.of(self.operation.tree.tokens.text)

    def new_name(self, beginning: str) -> str:
        """`beginning_f` for `@f`, with a number behind when there is such a symbol."""
        if self.table is not None:
            taken = {one.name for one in symbols.definitions(self.table)}
        else:
            taken = set(self.snapshot.scope_of(self.piece).symbols)
        return unused(f"{beginning}_{self.callee.name}", taken)


def unused(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with a number behind when that is taken."""
    name, number = wanted, 0
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def at(snapshot: Snapshot, span: Span) -> Subject | None:
    """The function in whose header, which is all of it but its body, a place begins.

    Looks at one piece, and for the spelling at some others around it.
    """
    index = snapshot.layout.index_near(span.start)
    if index is None or not _may_hold_a_function(snapshot, index):
        return None
    tree, offset = snapshot.layout.pieces[index].tree, span.start - snapshot.offset(index)
    operation = tree.operation_at(offset) or tree.operation_at(offset - 1)
    if operation is None or operation.name not in FUNCTIONS:
        return None
    starts = tree.tokens.starts
    for region in operation.regions:
        if starts[region.open] < offset and (region.close < 0 or offset <= starts[region.close]):
            return None
    table = None if operation in tree.operations else dict(symbols.with_tables(tree)).get(operation)
    return _subject(snapshot, index, operation, table)


def every(snapshot: Snapshot, name: str | None = None) -> Iterator[Subject]:
    """Every function of the document, or every one of that name, in the order of the text."""
    for index, piece in enumerate(snapshot.layout.pieces):
        if not _may_hold_a_function(snapshot, index) or (name is not None and not piece.mentions(name.encode())):
            continue
        for operation, table in symbols.with_tables(piece.tree):
            defined = symbols.definition(operation) if operation.name in FUNCTIONS else None
            if defined is None or name not in (None, defined.name):
                continue
            if (found := _subject(snapshot, index, operation, table)) is not None:
                yield found


def _may_hold_a_function(snapshot: Snapshot, index: int) -> bool:
    piece = snapshot.layout.pieces[index]
    return piece.kind is PieceKind.ITEM and piece.mentions(b"func")


def _subject(snapshot: Snapshot, index: int, operation: Operation, table: Operation | None) -> Subject | None:
    signature = symbols.signature(operation)
    if signature is None:
        return None
    aliases = snapshot.alias_texts[snapshot.scope_of(index).section]
    names = _argument_names(operation, signature)
    taken = tuple(
        Parameter(name, types.read(one.type, aliases), one.type)
        for name, one in zip(names, signature.arguments, strict=True)
    )
    given = tuple(Parameter("", types.read(one.type, aliases), one.type) for one in signature.results)
    callee = Callee(signature.name, taken, given, is_llvm=operation.name == "llvm.func")
    return Subject(snapshot, index, operation, table, callee, _spelling_around(snapshot, index))


def _argument_names(operation: Operation, signature: Signature) -> list[str]:
    """The names of the arguments; those of the first block where the signature has none, as in generic form."""
    tree, blocks = operation.tree, operation.regions[0].blocks if operation.regions else []
    tokens = [one.token for one in blocks[0].arguments] if blocks else []
    of_block = [tree.tokens.word(token).decode("utf-8", "replace") if token >= 0 else "" for token in tokens]
    found: list[str] = []
    for number, one in enumerate(signature.arguments):
        found.append(one.name or (of_block[number] if number < len(of_block) else "") or f"%arg{number}")
    return found


def _spelling_around(snapshot: Snapshot, index: int) -> Spelling:
    """The spelling of the nearest pieces that are in one; without any, classic, which the default engine reads."""
    pieces = snapshot.layout.pieces
    classic = strict = seen = 0
    for distance in range(len(pieces)):
        for number in {index - distance, index + distance}:
            if not 0 <= number < len(pieces) or not any(pieces[number].fact(spelling.may_hold)):
                continue
            counts = pieces[number].fact(spelling.tally)
            classic, strict, seen = classic + counts[0], strict + counts[1], seen + bool(counts[0] or counts[1])
        if seen >= _ENOUGH:
            break
    return "strict" if strict > classic else "classic"
