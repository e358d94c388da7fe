"""Printed module: what an engine printed at some point of a lowering, written as its reader would: with the names that
values have in the source, without places, and with the line of the source that each line came from.

Locations lead the way: an operation of a stage that has the place and the name of one of the source is taken for that
one. Where several are, as in a function and its derivative, each function has the name once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.scopes import Defined, is_isolated, names, resolve
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.scopes import Definition, Names
    from enzyme_lsp.verification.modules import ModuleText
    from enzyme_lsp.workspace.snapshot import Snapshot

_NAMED_LINE: Final = re.compile(rb"^(#loc\d*) = .*\n?", re.MULTILINE)
_PLACE_NAME: Final = re.compile(rb"#loc\d*")
_NAMED_PLACE: Final = re.compile(rb"^(#loc\d*) = (.*)$", re.MULTILINE)
_PLACE: Final = re.compile(rb'"-":(\d{1,9}):(\d{1,9})|(#loc\d*)')
_BLANKS: Final = b" \t"
_MOST_STEPS: Final = 32
"""Locations that are followed from one to the next."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A stage as it is shown. `offsets` has, for each of its lines, the byte of the source that it came from."""

    text: str
    offsets: tuple[int | None, ...]


def shown(snapshot: Snapshot, module: ModuleText, printed: str) -> Shown:
    """What an engine printed of `module`, with names and places of `snapshot`. Raises `Outdated` when an edit came."""
    data = printed.encode("utf-8", "surrogatepass")
    tree = parse(data)
    source = _Source(snapshot, module, data)
    places = [*_locations(tree)]
    edits = [Edit(span, b"") for span in (*_unused_places(data, places), *places)]
    edits += _Namer(tree, source).edits()
    done = EditSet(sorted(_disjoint(edits), key=lambda one: one.span))
    text = decode(done.apply(data)).strip("\n") + "\n"
    return Shown(text, _offsets(tree, source, done, data, text.count("\n")))


class _Source:
    """The way from places in a stage to the operations and values of the source."""

    def __init__(self, snapshot: Snapshot, module: ModuleText, data: bytes) -> None:
        self._snapshot = snapshot
        self._module = module
        self._named = {match[1]: match[2] for match in _NAMED_PLACE.finditer(data)}
        self._known: dict[bytes, tuple[int, int] | None] = {}

    def offset(self, tree: Tree, first: int) -> int | None:
        """The byte of the document for the `loc(...)` that begins at a token; None for one that is from elsewhere."""
        close = tree.partners[first + 1] if first + 1 < len(tree.tokens) else -1
        if close < 0 or tree.tokens.word(first) != b"loc":
            return None
        place = self._place(tree.span(first, close + 1).of(tree.tokens.text))
        found = self._module.offset(*place) if place is not None and place[0] else None
        return None if found is None else found[0]

    def operation(self, offset: int) -> tuple[int, Operation] | None:
        """The operation of the source at whose name a place is, and the piece that it is in."""
        index = self._snapshot.layout.index_at(offset)
        if index is None:
            return None
        tree, inside = self._snapshot.layout.pieces[index].tree, offset - self._snapshot.offset(index)
        found = tree.operation_at(inside)
        if found is None or found.name_token < 0:
            return None
        # Some parsers of operations take the place behind the name.
        starts = [tree.tokens.starts[token] for token in (found.name_token, found.name_token + 1) if token < found.last]
        return (index, found) if inside in (*starts, tree.tokens.starts[found.first]) else None

    def value(self, offset: int) -> bytes | None:
        """The name of the argument that begins at a byte of the document."""
        index = self._snapshot.layout.index_at(offset)
        if index is None:
            return None
        tree, inside = self._snapshot.layout.pieces[index].tree, offset - self._snapshot.offset(index)
        token = tree.tokens.at(inside)
        is_name = token is not None and tree.tokens.starts[token] == inside and tree.tokens.kinds[token] == Kind.VALUE
        return tree.tokens.word(token) if token is not None and is_name else None

    def names_of(self, piece: int) -> Names:
        return self._snapshot.layout.pieces[piece].fact(names)

    def _place(self, text: bytes) -> tuple[int, int] | None:
        """The first place in the source that a location names."""
        if text not in self._known:
            found, steps = text, 0
            place = None
            while place is None and steps < _MOST_STEPS:
                steps += 1
                match = _PLACE.search(found)
                if match is None:
                    break
                if match[3] is None:
                    place = int(match[1]), int(match[2])
                else:
                    found = self._named.get(match[3], b"")
            self._known[text] = place
        return self._known[text]


def _unused_places(data: bytes, places: list[Span]) -> Iterator[Span]:
    """The lines that give places a name, but for those that attributes use: `startLoc = #loc3` of a loop."""
    lines = {match[1]: Span(match.start(), match.end()) for match in _NAMED_LINE.finditer(data)}
    gone = EditSet([Edit(span, b"") for span in sorted([*places, *lines.values()])])
    waiting = set(_PLACE_NAME.findall(gone.apply(data)))
    used: set[bytes] = set()
    while waiting:
        name = waiting.pop()
        if name in lines and name not in used:
            used.add(name)
            waiting |= set(_PLACE_NAME.findall(lines[name].of(data).partition(b"=")[2]))
    return (span for name, span in lines.items() if name not in used)


def _locations(tree: Tree) -> Iterator[Span]:
    """Every `loc(...)` with the blanks before it: of operations and of arguments, not those that are attributes."""
    tokens = tree.tokens
    for token in range(1, len(tokens)):
        is_place = tokens.word(token) == b"loc" and tokens.word(token + 1) == b"("
        if is_place and tokens.word(token - 1) not in _BEFORE_VALUE:
            close = tree.partners[token + 1]
            if close > token:
                start = tokens.starts[token]
                while start > 0 and tokens.text[start - 1] in _BLANKS:
                    start -= 1
                yield Span(start, tokens.ends[close])


_BEFORE_VALUE: Final = frozenset({b"=", b"[", b",", b"(", b"<"})
"""Words before a `loc(...)` that is the value of an attribute."""


class _Namer:
    """Gives the values of a printed module the names that they have in the source."""

    def __init__(self, tree: Tree, source: _Source) -> None:
        self._tree = tree
        self._source = source
        self._known = resolve(tree)
        self._same: dict[int, dict[int, bytes]] = {}
        """By the first token of an operation, the names of what it defines that come from the source."""

    def edits(self) -> Iterator[Edit]:
        for scope in self._scopes():
            chosen = self._from_source(scope)
            # What has no definition keeps its name, which nothing else may get.
            taken = {*chosen.values(), *(self._tree.tokens.word(token) for token in self._known.unresolved)}
            number = 0
            for definition in scope:
                name = chosen.get(definition.token)
                if name is None:
                    printed = self._tree.tokens.word(definition.token)
                    if printed[1:].isdigit():
                        while (name := b"%%%d" % number) in taken:
                            number += 1
                    else:
                        # The engine's own words, as %cst, tell something.
                        name = printed if printed not in taken else _numbered(printed, taken)
                    taken.add(name)
                if name != self._tree.tokens.word(definition.token):
                    for token in (definition.token, *definition.uses):
                        yield Edit(self._tree.token_span(token), name)

    def _scopes(self) -> Iterator[list[Definition]]:
        """The definitions of each function, and those outside of all."""
        holders = [one for one in self._tree.walk() if one.regions and is_isolated(one.name)]
        scopes: dict[int, list[Definition]] = {}
        around: list[Operation] = []
        behind = 0
        for definition in sorted(self._known.definitions, key=lambda one: one.token):
            if definition.defined is Defined.LABEL:
                continue
            while behind < len(holders) and holders[behind].first <= definition.token:
                around.append(holders[behind])
                behind += 1
            while around and around[-1].last <= definition.token:
                around.pop()
            scopes.setdefault(around[-1].first if around else -1, []).append(definition)
        yield from scopes.values()

    def _from_source(self, scope: list[Definition]) -> dict[int, bytes]:
        """The names that come from the source, by token; each once, and a further argument of one place numbered."""
        chosen: dict[int, bytes] = {}
        taken: set[bytes] = set()
        for definition in scope:
            name = self._name(definition, chosen)
            if name is None:
                continue
            if name in taken:
                if definition.defined is Defined.RESULT:
                    continue
                # The shadow of an argument stands behind it and has its place.
                name = _numbered(name, taken)
            taken.add(name)
            chosen[definition.token] = name
        return chosen

    def _name(self, definition: Definition, chosen: dict[int, bytes]) -> bytes | None:
        """The name of the value in the source that this one is; `chosen` are those of the values before it."""
        operation = definition.operation
        # The place of a value that is no result stands behind its type, or behind its name where there is none.
        behind = definition.type_last if definition.defined is Defined.ARGUMENT else definition.token + 1
        if definition.defined is not Defined.RESULT and self._tree.tokens.word(behind) == b"loc":
            offset = self._source.offset(self._tree, behind)
            return None if offset is None else self._source.value(offset)
        if operation is None:
            return None
        if operation.first not in self._same:
            self._same[operation.first] = self._origin(operation, chosen)
        return self._same[operation.first].get(definition.token)

    def _origin(self, operation: Operation, chosen: dict[int, bytes]) -> dict[int, bytes]:
        """The names that the results of an operation, and the values of its header, have in the source."""
        offset = self._source.offset(self._tree, operation.location[0]) if operation.location is not None else None
        found = self._source.operation(offset) if offset is not None else None
        if found is None or not _is_same(found[1].name, operation.name):
            return {}
        # What differentiation adds has the place of what it is the derivative of, and may be of the same kind.
        theirs = self._source.names_of(found[0])
        given = [self._known.at[token] for token in _uses(self._known, operation)]
        wanted = [theirs.tree.tokens.word(token) for token in _uses(theirs, found[1])]
        if len(given) != len(wanted) or not all(
            chosen.get(one.token, word if _is_constant(one) else b"") == word
            for one, word in zip(given, wanted, strict=True)
        ):
            return {}
        ours, source = _defines(self._known, operation), _defines(theirs, found[1])
        if [(one.defined, one.count) for one in ours] != [(one.defined, one.count) for one in source]:
            return {}
        words = (theirs.tree.tokens.word(one.token) for one in source)
        return {one.token: word for one, word in zip(ours, words, strict=True)}


def _numbered(name: bytes, taken: set[bytes]) -> bytes:
    if name[1:].isdigit():
        name = b"%_" + name[1:]  # What begins with a digit is digits to its end.
    return next(one for number in count() if (one := b"%s_%d" % (name, number)) not in taken)


def _is_constant(definition: Definition) -> bool:
    """Whether a value is a constant: passes make them anew, without the place that they had."""
    return definition.operation is not None and definition.operation.name.endswith(".constant")


def _uses(known: Names, operation: Operation) -> list[int]:
    """The tokens of the values that an operation itself takes."""
    own = operation.own_tokens(operation.name_token + 1)
    kinds = operation.tree.tokens.kinds
    return [
        token for token in own if kinds[token] == Kind.VALUE and token in known.at and known.at[token].token != token
    ]


def _defines(known: Names, operation: Operation) -> list[Definition]:
    """The results of an operation and the values of its header."""
    kinds = operation.tree.tokens.kinds
    own = (known.at.get(token) for token in operation.own_tokens() if kinds[token] == Kind.VALUE)
    return [one for one in dict.fromkeys(own) if one is not None and one.operation is operation]


_IN_LLVM: Final = {
    "arith.addf": "fadd",
    "arith.addi": "add",
    "arith.andi": "and",
    "arith.bitcast": "bitcast",
    "arith.cmpf": "fcmp",
    "arith.cmpi": "icmp",
    "arith.constant": "mlir.constant",
    "arith.divf": "fdiv",
    "arith.divsi": "sdiv",
    "arith.divui": "udiv",
    "arith.extf": "fpext",
    "arith.extsi": "sext",
    "arith.extui": "zext",
    "arith.fptosi": "fptosi",
    "arith.fptoui": "fptoui",
    "arith.maximumf": "intr.maximum",
    "arith.maxnumf": "intr.maxnum",
    "arith.minimumf": "intr.minimum",
    "arith.minnumf": "intr.minnum",
    "arith.mulf": "fmul",
    "arith.muli": "mul",
    "arith.negf": "fneg",
    "arith.ori": "or",
    "arith.remf": "frem",
    "arith.remsi": "srem",
    "arith.remui": "urem",
    "arith.select": "select",
    "arith.shli": "shl",
    "arith.shrsi": "ashr",
    "arith.shrui": "lshr",
    "arith.sitofp": "sitofp",
    "arith.subf": "fsub",
    "arith.subi": "sub",
    "arith.truncf": "fptrunc",
    "arith.trunci": "trunc",
    "arith.uitofp": "uitofp",
    "arith.xori": "xor",
    "func.call": "call",
}
"""What operations become in LLVM's dialect where one becomes one; those of `math` become what is named like them."""


def _is_same(source: str, printed: str) -> bool:
    """Whether an operation of the source can have become this one as it is, or as LLVM writes it."""
    source = _full(source)
    dialect, _, name = source.partition(".")
    in_llvm = f"intr.{name}" if dialect == "math" else _IN_LLVM.get(source)
    return _full(printed) == source or printed == f"llvm.{in_llvm}"


def _full(name: str) -> str:
    """The dialect of functions may be left out."""
    return name if "." in name else f"func.{name}"


def _disjoint(edits: list[Edit]) -> Iterator[Edit]:
    """Without those that lie in another: a name in the line of a place is gone with it."""
    end = -1
    for edit in sorted(edits, key=lambda one: (one.span.start, -one.span.end)):
        if edit.span.start >= end:
            yield edit
            end = edit.span.end


def _offsets(tree: Tree, source: _Source, done: EditSet, data: bytes, size: int) -> tuple[int | None, ...]:
    """For each line of the edited text, the byte of the source that the first operation in it came from."""
    found: list[int | None] = [None] * size
    gone = [edit.span.start for edit in done.edits if b"\n" in edit.span.of(data)]
    starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
    # What is left out at the front is whole lines, and what was stripped from the ends is empty ones.
    text = done.apply(data)
    front = len(text) - len(text.lstrip(b"\n"))
    for operation in tree.walk():
        if operation.location is None:
            continue
        offset = source.offset(tree, operation.location[0])
        if offset is None:
            continue
        at = tree.tokens.starts[operation.first]
        line = bisect_right(starts, at) - 1 - bisect_right(gone, at) - front
        if 0 <= line < size and found[line] is None:
            found[line] = offset
    return tuple(found)
