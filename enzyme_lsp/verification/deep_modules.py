"""Deep modules: for each differentiation op a small module that holds it alone, with all that it needs to be lowered.

    aliases that are used
    module @as @in {                                      the modules around
    func.func @callee(...) { ... }                        the callee, whole, with all that it names, and so on
    func.func @enzyme_lsp_alone(%0: f64, ...) -> f64 {    takes the operands, gives the results
      %r:1 = enzyme.autodiff @callee(%0, ...) ...         as it is written, but for the names of values
      func.return %r#0 : f64
    }
    }

Functions stand in the order of the document, in which Enzyme lowers what they hold, and so does the op. So what is said
of an op depends on it and on its callee, and is the same until one of the two changes. A region that is differentiated
brings the values that it captures as further arguments.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.syntax import symbols, values
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification import masking, modules
from enzyme_lsp.verification.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.dialect.calls import DerivativeCall, TypeText
    from enzyme_lsp.engines.api import Spelling
    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.workspace.snapshot import Snapshot

_LARGEST: Final = 1 << 20
"""Bytes of a module that is asked about: about a quarter of a second of an engine."""

_VALUE: Final = b"%%enzyme_lsp%d"
_WRAPPER: Final = "enzyme_lsp_alone"

_TENSOR_DIALECTS: Final = (b"stablehlo.", b"chlo.", b"enzymexla.")
_CLEANING: Final = ("canonicalize", "remove-unnecessary-enzyme-ops", "canonicalize")


@dataclass(frozen=True, slots=True)
class Place:
    """A byte of a part of a question: of the operation itself (part 0) or of something that it needs."""

    part: int
    offset: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part as it is sent: its text, and where in the part each byte of that is from."""

    text: bytes
    part: int
    origins: Origins


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes `span` of a piece."""

    piece: Piece
    span: Span


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask an engine about one op, and the way back to the text. It knows pieces and no places of a document."""

    call: DerivativeCall
    pipeline: str
    """The passes that lower the op."""
    chunks: tuple[bytes | Stretch, ...]
    parts: tuple[Part, ...]
    """What the stretches are from; the first one is the op, without the names of its results."""
    needs: frozenset[int]
    """The pieces that hold the callee and what it needs, by identity; `parts` keep them alive."""
    inner: tuple[tuple[int, Span], ...]
    """The derivative ops in what it needs, those in its own regions included: the piece by identity, and the span."""
    inner_names: frozenset[str]
    """The names of these."""
    key: tuple[str | bytes, ...]
    """Equal for questions with equal texts."""
    names: tuple[frozenset[str], ...]
    """The symbols that were looked up around the piece of the op: another definition of one makes another question."""
    has_module: bool
    """Whether what it needs holds a module, which is as many pieces as there are up to its end."""

    @property
    def home(self) -> Piece:
        """The piece that the op is in."""
        return self.parts[0].piece

    @property
    def text(self) -> bytes:
        return b"".join(chunk.text if isinstance(chunk, Stretch) else chunk for chunk in self.chunks)

    def remedy(self, text: bytes) -> str:
        """A pipeline that accepts some of what `pipeline` does not, given the text; empty when none is known.

        Measured on engines 0.0.15 and 0.0.16: derivatives of derivatives need the first ones tidied up; a function that
        has a batch can be differentiated when that has been lowered; and of complex tensors Enzyme makes operations
        on scalars, which are right only when they have been raised to tensors.
        """
        if self.call.op.name == "enzyme.batch":
            return ""
        has_tensors = any(dialect in text for dialect in _TENSOR_DIALECTS)
        before = _outlining({*self.inner_names, self.call.op.name})
        if "enzyme.batch" in self.inner_names:
            before += "enzyme-batch,inline,enzyme-hlo-opt," if has_tensors else "enzyme-batch,"
        after = ["arith-raise{stablehlo=true}"] if has_tensors else []
        if self.inner_names - {"enzyme.batch", "enzyme.jacobian"}:
            after += _CLEANING
        better = f'enzyme{{postpasses="{",".join(after)}"}}' if after else "enzyme"
        return before + better if before + better != self.pipeline else ""

    def place(self, line: int, column: int) -> Place | None:
        """Where a place in the text is from (both from 1, bytes); None when it is from around all parts.

        What stands around the op, such as the arguments that hand it its operands, counts as the op.
        """
        text = self.text
        start = 0
        for _ in range(line - 1):
            start = text.find(b"\n", start) + 1
            if not start:
                return None
        end = text.find(b"\n", start)
        at, begins = min(start + max(column, 1), end if end > start else start + 1) - 1, list(_begins(self.chunks))
        index = bisect_right(begins, at) - 1
        if index < 0:
            return None
        chunk = self.chunks[index]
        if isinstance(chunk, Stretch):
            return Place(chunk.part, chunk.origins.of_byte(at - begins[index]))
        first = next(i for i, one in enumerate(self.chunks) if isinstance(one, Stretch) and one.part == 0)
        return Place(0, 0) if index in (first - 1, first + 1) else None


@dataclass(frozen=True, slots=True)
class Unasked:
    """An op that is not asked about, and why, in words that end a sentence."""

    home: Piece
    call: DerivativeCall
    reason: str
    names: tuple[frozenset[str], ...] = ()
    """As in a question."""


class Questions:
    """Makes the questions of a snapshot; what several of them need is found once.

    `target` is the spelling that the engine reads, to which all text is converted; "none" leaves it as it is.
    """

    def __init__(self, snapshot: Snapshot, target: Spelling) -> None:
        self._snapshot = snapshot
        self._target: Spelling = target
        self._tables: dict[tuple[int, int], _Table] = {}

    def of_piece(self, index: int) -> tuple[Question | Unasked, ...]:
        """One for each derivative call of a piece, in order. Raises `Outdated` when an edit has come."""
        self._snapshot.check_current()
        piece = self._snapshot.layout.pieces[index]
        return tuple(
            _question(self._snapshot, index, call, self._table(index, call)) for call in piece.fact(derivative_calls)
        )

    def _table(self, index: int, call: DerivativeCall) -> _Table:
        key = (self._snapshot.scopes.of_piece[index], -1) if call.table is None else (index, call.table.first)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = _Table.of(self._snapshot, index, call.table, self._target)
        return table


def as_sent(piece: Piece, span: Span | None, target: Spelling, edits: Sequence[Edit] = ()) -> tuple[bytes, Origins]:
    """The bytes `span` of a piece, or all, as an engine is to read them, and where from `span` on each byte is from.

    `edits` are in bytes of the piece, and come to what it takes to write it in the spelling `target`.
    """
    masked = masking.masked(piece, target)
    if span is None and not edits:
        return masked.text, Origins.of(masked.edits)
    text = piece.fact(masking.without_locations)
    span = span or Span(0, len(text))
    parts, done, behind = list[bytes](), list[Edit](), span.start
    for edit in sorted([*(one for one in masked.edits if span.covers(one.span)), *edits], key=lambda one: one.span):
        if edit.span.start < behind:
            continue  # Two that overlap cannot both be; a text that this makes wrong is not read, and says nothing.
        parts += (text[behind : edit.span.start], edit.new)
        behind = edit.span.end
        done.append(Edit(edit.span.shifted(-span.start), edit.new))
    parts.append(text[behind : span.end])
    return b"".join(parts), Origins.of(done)


@dataclass(frozen=True, slots=True)
class _Member:
    """Something that a symbol table holds: whole pieces, or an operation inside one (`span` in bytes of the piece)."""

    first: int
    last: int
    span: Span | None = None

    def place(self) -> tuple[int, int]:
        """Where it begins, for sorting."""
        return self.first, self.span.start if self.span else 0

    def holds(self, piece: int, span: Span) -> bool:
        return self.first <= piece < self.last and (self.span is None or self.span.covers(span))


@dataclass(frozen=True, slots=True)
class _Closure:
    """What a set of symbols needs; `aliases` are the names of those that are used, `names` all that was looked up."""

    members: frozenset[_Member]
    aliases: frozenset[str]
    names: frozenset[str]
    size: int


@dataclass(slots=True)
class _Table:
    """A symbol table with the text around it; it keeps what was found of its symbols."""

    snapshot: Snapshot
    target: Spelling
    headers: tuple[bytes, ...]
    endings: tuple[bytes, ...]
    aliases: frozenset[str]
    """The names of those that the headers use."""
    members: dict[str, _Member]
    section: int
    is_inside: bool
    """Whether it is in a piece, so that nothing in it is seen from another one."""
    free_name: str
    """A name that nothing in it has."""
    closures: dict[frozenset[str], _Closure] = field(default_factory=dict[frozenset[str], "_Closure"])

    @staticmethod
    def of(snapshot: Snapshot, piece: int, table: Operation | None, target: Spelling) -> _Table:
        """The table that operations of `piece` see: that of `table` in it, or else the one around it."""
        headers, endings = list[bytes](), list[bytes]()
        aliases: set[str] = set()
        scopes = snapshot.scopes
        index: int | None = scopes.of_piece[piece]
        section = scopes.scopes[index].section
        while index is not None:
            scope = scopes.scopes[index]
            if scope.open is not None:
                opened = snapshot.layout.pieces[scope.open]
                headers.insert(0, as_sent(opened, None, target)[0])
                endings.append(modules.closing(headers[0]))
                aliases |= opened.fact(symbols.alias_uses)
            index = scope.parent
        if table is None:
            members = {
                name: _Member(found[0], _end(snapshot, found[0]))
                for name, found in snapshot.scope_of(piece).symbols.items()
            }
        else:
            for around in _inside(snapshot.layout.pieces[piece], table):
                header, ending = (as_sent(snapshot.layout.pieces[piece], span, target)[0] for span in around)
                headers.append(header)
                endings.insert(0, ending)
                aliases |= symbols.alias_uses(Piece(PieceKind.ITEM, header + ending, 0))
            members = {
                found.name: _Member(piece, piece + 1, found.operation.span)
                for found in reversed(list(symbols.definitions(table)))
            }
        return _Table(
            snapshot,
            target,
            tuple(headers),
            tuple(endings),
            frozenset(aliases),
            members,
            section,
            is_inside=table is not None,
            free_name=_free_name(members),
        )

    def closure(self, names: frozenset[str]) -> _Closure:
        """All that the symbols `names` need, themselves included."""
        found = self.closures.get(names)
        if found is None:
            found = self.closures[names] = self._closure(names)
        return found

    def _closure(self, names: Iterable[str]) -> _Closure:
        chosen, looked_up, aliases = set[_Member](), set[str](), set[str]()
        wanted, size = list(names), 0
        while wanted and size <= _LARGEST:
            name = wanted.pop()
            looked_up.add(name)
            member = self.members.get(name)
            if member is None or member in chosen:
                continue
            chosen.add(member)
            for index in range(member.first, member.last):
                piece = self.snapshot.layout.pieces[index]
                size += len(piece.text if member.span is None else member.span)
                wanted += piece.fact(_named) if member.span is None else _named_in(piece, member.span)
                aliases |= piece.fact(symbols.alias_uses)
        return _Closure(frozenset(chosen), frozenset(aliases), frozenset(looked_up), size)


def _question(snapshot: Snapshot, index: int, call: DerivativeCall, table: _Table) -> Question | Unasked:
    """The question about one op, or why it is not asked."""
    piece, operation = snapshot.layout.pieces[index], call.operation
    mentioned = frozenset(_named_in(piece, operation.span))
    seen = () if table.is_inside else (mentioned,)
    reason = _obstacle(snapshot, index, call)
    if reason:
        return Unasked(piece, call, reason, seen)
    closure = table.closure(mentioned)
    seen = () if table.is_inside else (mentioned, closure.names)
    if closure.size + len(operation.span) > _LARGEST:
        return Unasked(piece, call, "its callee and what that needs are too large", seen)
    if any(member.holds(index, operation.span) for member in closure.members):
        return Unasked(piece, call, "its callee leads back to the function that it stands in", seen)

    arguments = [one.text for one in _types(call, operands=True)]
    edits = [Edit(one.span, _VALUE % number) for number, one in enumerate(call.operands)]
    for name, type_, uses in [] if call.op.names_callee else _captured(piece.tree, operation):
        if type_ is None:
            reason = f"the type of {name}, which its region captures, is not in the text"
            return Unasked(piece, call, reason, seen)
        edits += [Edit(span, _VALUE % len(arguments)) for span in uses]
        arguments.append(type_)
    parts = _Parts(table.target)
    alone = parts.stretch(piece, Span(call.name_span.start, operation.span.end), edits)
    head, tail = _around(arguments, [one.text for one in _types(call, operands=False)], table.free_name)
    used = closure.aliases | table.aliases | symbols.alias_uses(Piece(PieceKind.ITEM, alone.text + head, 0))
    chunks: list[bytes | Stretch] = []
    for number in modules.alias_pieces(snapshot, table.section, set(used), set()):
        chunks += (parts.stretch(snapshot.layout.pieces[number]), b"\n")
    chunks += [header + b"\n" for header in table.headers]
    needed: list[Part] = []
    in_order = sorted([*closure.members, _Member(index, index + 1, operation.span)], key=_Member.place)
    for member in in_order:
        if member not in closure.members:
            chunks += (head, alone, tail)
            continue
        for each in snapshot.layout.pieces[member.first : member.last]:
            needed.append(Part(each, member.span or Span(0, len(each.text))))
            chunks += (parts.stretch(each, member.span), b"\n")
    chunks += [ending + b"\n" for ending in table.endings]
    inner = [(id(part.piece), one) for part in needed for one in _calls_in(part.piece, part.span)]
    if call.region is not None:
        inner += [(id(piece), one) for one in _calls_in(piece, operation.span) if one is not call]
    inner_names = frozenset(one.op.name for _, one in inner)
    pipeline = "enzyme-batch" if call.op.name == "enzyme.batch" else _outlining({*inner_names, call.op.name}) + "enzyme"
    return Question(
        call,
        pipeline,
        tuple(chunks),
        tuple(parts.made),
        frozenset(id(part.piece) for part in needed),
        tuple((home, one.operation.span) for home, one in inner),
        inner_names,
        (pipeline, *(chunk.text if isinstance(chunk, Stretch) else chunk for chunk in chunks)),
        seen,
        any(part.piece.kind is PieceKind.OPEN for part in needed),
    )


def _obstacle(snapshot: Snapshot, index: int, call: DerivativeCall) -> str:
    """What in the op itself, or in the signature of its callee, keeps it from being asked about; else nothing."""
    written = call.type
    if call.op.name == "enzyme.jacobian":
        return "no pass of Enzyme's own lowers enzyme.jacobian"
    if written is None or written.operands is None or written.results is None:
        return "its type cannot be read"
    if call.operands_inside is None or len(call.operands) != len(written.operands):
        return "its operands and their types are not one for one"
    if call.op.names_callee:
        callee = snapshot.callee(index, call)
        if callee is None or callee.signature is None:
            return "no function with a readable signature is its callee"
    return ""


def _types(call: DerivativeCall, *, operands: bool) -> tuple[TypeText, ...]:
    found = None if call.type is None else call.type.operands if operands else call.type.results
    return found or ()


def _calls_in(piece: Piece, span: Span) -> list[DerivativeCall]:
    """The derivative calls of a piece that stand in some of its bytes."""
    if piece.kind is not PieceKind.ITEM:
        return []
    return [one for one in piece.fact(derivative_calls) if span.covers(one.operation.span)]


class _Parts:
    """Numbers the parts of a question as they are cut; the first one is the op itself."""

    def __init__(self, target: Spelling) -> None:
        self._target: Spelling = target
        self.made: list[Part] = []

    def stretch(self, piece: Piece, span: Span | None = None, edits: Sequence[Edit] = ()) -> Stretch:
        """The next part: the bytes `span` of a piece, or all, with `edits` (in bytes of the piece)."""
        text, origins = as_sent(piece, span, self._target, edits)
        self.made.append(Part(piece, span or Span(0, len(piece.text))))
        return Stretch(text, len(self.made) - 1, origins)


def _outlining(names: Iterable[str]) -> str:
    """The pass that makes functions of regions, which `enzyme` alone leaves as they are."""
    return "outline-enzyme-regions," if any(name.endswith("_region") for name in names) else ""


def _around(arguments: Sequence[str], results: Sequence[str], name: str) -> tuple[bytes, bytes]:
    """The text before and behind the op in the function that holds it."""
    taken = b", ".join(_VALUE % number + b": " + one.encode() for number, one in enumerate(arguments))
    given = ", ".join(results).encode()
    head = b'func.func @"%s"(%s) -> (%s) {\n' % (name.encode(), taken, given)
    if not results:
        return head, b"\nfunc.return\n}\n"
    values_ = b", ".join(b"%%enzyme_lsp#%d" % number for number in range(len(results)))
    return head + b"%%enzyme_lsp:%d = " % len(results), b"\nfunc.return " + values_ + b" : " + given + b"\n}\n"


def _captured(tree: Tree, operation: Operation) -> list[tuple[str, str | None, list[Span]]]:
    """The values from around an op that its regions use: each with its type, if the text tells, and its uses.

    A name that is visible from around cannot be defined again inside, so any use of it is of that value. Names that
    the syntax of an operation defines, such as the variable of a loop, are not known to be visible.
    """
    visible = {value.name: value.type for value in values.visible(tree, operation)}
    tokens = tree.tokens
    found: dict[str, list[Span]] = {}
    for region in operation.regions:
        for index in range(region.open, region.close):
            if tokens.kinds[index] != Kind.VALUE:
                continue
            numbered = tokens.kinds[index + 1] == Kind.HASH and tokens.word(index + 1)[1:].isdigit()
            span = tree.span(index, index + 2 if numbered else index + 1)
            name = b"".join(span.of(tokens.text).split()).decode("utf-8", "replace")
            if name in visible:
                found.setdefault(name, []).append(span)
            elif numbered and name.endswith("#0") and name[:-2] in visible:
                found.setdefault(name[:-2], []).append(span)
    return [(name, visible[name], uses) for name, uses in found.items()]


def _inside(piece: Piece, table: Operation) -> Iterator[tuple[Span, Span]]:
    """What stands before and behind the bodies of the operations around those of `table`, from outside in."""
    tree, start = piece.tree, table.span.start
    operations = tree.operations
    while (holder := next((one for one in operations if one.span.contains(start)), None)) is not None:
        region = next((one for one in holder.regions if one.close >= 0), None)
        if region is None:
            return
        opened, closed = tree.tokens.ends[region.open], tree.tokens.starts[region.close]
        yield Span(holder.span.start, opened), Span(closed, holder.span.end)
        if holder is table:
            return
        operations = [one for block in region.blocks for one in block.operations]


def _end(snapshot: Snapshot, index: int) -> int:
    """The piece behind the symbol that begins with piece `index`: the next one, or for a module the one behind it."""
    pieces, depth = snapshot.layout.pieces, 0
    for number in range(index, len(pieces)):
        kind = pieces[number].kind
        depth += (kind is PieceKind.OPEN) - (kind is PieceKind.CLOSE)
        if depth <= 0:
            return number + 1
    return len(pieces)


def _named(piece: Piece) -> frozenset[str]:
    """The symbols of the table around a piece that it may name. Use through `piece.fact`."""
    return frozenset(_named_in(piece, Span(0, len(piece.text))))


def _named_in(piece: Piece, span: Span) -> Iterator[str]:
    tokens = piece.tree.tokens
    first = bisect_right(tokens.starts, span.start - 1)
    for index in range(first, len(tokens)):
        if tokens.starts[index] >= span.end:
            return
        # Behind `::` stands the name of something inside another symbol.
        if tokens.kinds[index] == Kind.SYMBOL and tokens.word(index - 1) != b"::":
            yield symbols.symbol_name(tokens.word(index))


def _free_name(taken: Iterable[str]) -> str:
    """A name for the function around the op that nothing else has."""
    name, names = _WRAPPER, set(taken)
    while name in names:
        name += "_"
    return name


def _begins(chunks: Sequence[bytes | Stretch]) -> Iterator[int]:
    """Where each chunk begins in the text."""
    at = 0
    for chunk in chunks:
        yield at
        at += len(chunk.text if isinstance(chunk, Stretch) else chunk)
