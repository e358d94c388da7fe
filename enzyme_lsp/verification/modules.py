"""Modules: the texts that are sent to an engine: a whole section, or some of its pieces with all that they need.

All of them are in the spelling that the engine reads, whatever that of the document.

A piece verifies alone when it stands in the modules that it stands in, behind the aliases that it uses, and beside
stubs of the symbols that it names: a function becomes a declaration, anything else comes whole. What a stub's
signature names is needed too.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.nodes import Operation
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification import masking
from enzyme_lsp.verification.masking import Masked
from enzyme_lsp.verification.origins import UNTOUCHED, Origins, Stretch, StretchOrigins
from enzyme_lsp.workspace.snapshot import Snapshot, top_definition

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Spelling
    from enzyme_lsp.syntax.layout import Section
    from enzyme_lsp.verification.masking import Replacing

_LARGEST_STUB: Final = 65_536
"""Bytes. A symbol that is no function and is larger is left out; then only the whole section can tell."""


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of a sent text from `first_line` on are the document from byte `offset` on, but for some edits.

    `length` is that of the text as sent, and `starts` are the line starts in it as MLIR counts them, which ends lines
    at line feeds alone. `origins` leads from its bytes to those of the document, both from the beginning of the part.
    """

    first_line: int
    offset: int
    length: int
    starts: tuple[int, ...]
    origins: Origins | StretchOrigins
    piece: int | None


@dataclass(frozen=True, slots=True)
class ModuleText:
    """A text for an engine, and the way back to the document."""

    text: bytes
    parts: tuple[Part, ...]
    replaced: dict[int, tuple[Operation, ...]] = field(default_factory=dict[int, "tuple[Operation, ...]"])
    """For each piece that the text does not say in full, the operations in it that the engine cannot read."""
    left_out: bool = False
    """Whether a piece of the section is missing from the text."""
    spelling: Spelling = "none"
    """The spelling that it has been converted to; "none": it is as written."""

    def offset(self, line: int, column: int) -> tuple[int, Part] | None:
        """The byte of the document for a place in the text (both from 1, bytes); None when it is in no part."""
        index = bisect_right([part.first_line for part in self.parts], line) - 1
        if index < 0:
            return None
        part = self.parts[index]
        row = line - part.first_line
        if row >= len(part.starts):
            return None
        end = part.starts[row + 1] - 1 if row + 1 < len(part.starts) else part.length
        return part.offset + part.origins.of_byte(min(part.starts[row] + max(column, 1) - 1, end)), part

    def with_locations(self, written: bytes) -> bytes:
        """The text of a section with its locations; `written` is the section as it stands."""
        origins = self.parts[0].origins
        return origins.apply(written) if isinstance(origins, StretchOrigins) else written


def whole(
    snapshot: Snapshot,
    section: Section,
    dialects: frozenset[str],
    spelling: Spelling = "none",
    *,
    replacing: Replacing | None = None,
) -> ModuleText:
    """The text of a section, in its own lines, without locations and without operations of `dialects`.

    In their place stands what `masking.without_dialects` puts there. A piece whose operations cannot be replaced gives
    way to its stub. Raises `Outdated` when an edit has come.
    """
    data, layout = snapshot.document.data, snapshot.layout
    parts, stretches, moved = list[bytes](), list[Stretch](), 0
    replaced: dict[int, tuple[Operation, ...]] = {}
    left_out = False
    behind = section.span.start
    for index in range(section.first, section.last):
        snapshot.check_current()
        piece = layout.pieces[index]
        masked = masking.masked(piece, spelling)
        if dialects and piece.kind is PieceKind.ITEM:
            masked = masking.without_dialects(piece, dialects, spelling, replacing)
            if masked is None:
                left_out = True
                masked = _left_out(piece, spelling)
        if not masked.is_faithful:
            replaced[index] = masked.replaced
        if masked.text is piece.text:
            continue
        start = layout.starts[index]
        parts += (data[behind:start], masked.text)
        behind = start + len(piece.text)
        if masked.origins is not UNTOUCHED:
            at = start - section.span.start
            stretches.append(Stretch(at + moved, len(masked.text), at, len(piece.text), masked.origins))
            moved += len(masked.text) - len(piece.text)
    parts.append(data[behind : section.span.end])
    text = b"".join(parts)
    if text.startswith(b"\xef\xbb\xbf"):
        text = b"   " + text[3:]
    part = _part(1, section.span.start, text, StretchOrigins(tuple(stretches)), None)
    return ModuleText(text, (part,), replaced, left_out, spelling)


def some(
    snapshot: Snapshot,
    pieces: list[int],
    dialects: frozenset[str],
    spelling: Spelling = "none",
    *,
    replacing: Replacing | None = None,
) -> ModuleText | None:
    """Pieces of one module with what they need around them; None when that cannot be put together."""
    layout, scopes = snapshot.layout, snapshot.scopes
    scope_index = scopes.of_piece[pieces[0]]
    before, chosen, replaced = list[bytes](), list[tuple[int, Masked]](), dict[int, tuple[Operation, ...]]()
    for index in pieces:
        masked = masking.without_dialects(layout.pieces[index], dialects, spelling, replacing)
        if masked is None:
            return None
        if not masked.is_faithful:
            replaced[index] = masked.replaced
        chosen.append((index, masked))
    stubs, needed_aliases = _stubs(snapshot, pieces, spelling)
    if stubs is None:
        return None
    headers: list[bytes] = []
    index: int | None = scope_index
    while index is not None:
        scope = scopes.scopes[index]
        if scope.open is not None:
            header = layout.pieces[scope.open]
            headers.insert(0, masking.masked(header, spelling).text)
            needed_aliases |= header.fact(symbols.alias_uses)
        index = scope.parent
    aliases = alias_pieces(snapshot, scopes.scopes[scope_index].section, needed_aliases, set(pieces))
    before += [masking.masked(layout.pieces[index], spelling).text for index in aliases]
    # The stubs come first: an operation may have to be the last one of its module.
    before += [*headers, *stubs]
    lines = sum(text.count(b"\n") + 1 for text in before)
    parts: list[Part] = []
    for index, masked in chosen:
        parts.append(_part(lines + 1, layout.starts[index], masked.text, masked.origins, index))
        lines += masked.text.count(b"\n") + 1
    texts = [*before, *(masked.text for _, masked in chosen), *(closing(header) for header in reversed(headers))]
    return ModuleText(b"\n".join(texts) + b"\n", tuple(parts), replaced, spelling=spelling)


def closing(header: bytes) -> bytes:
    """What ends a module that begins with `header`."""
    return b"}) : () -> ()" if header.removesuffix(b"{").rstrip().endswith(b"(") else b"}"


def interface(piece: Piece) -> tuple[str, bytes] | None:
    """What other pieces can see of this one: the name it defines, and its stub. Use through `piece.fact`."""
    if piece.kind is PieceKind.ALIAS:
        return piece.head, piece.text
    if piece.symbol is None:
        return None
    return f"@{piece.symbol}", stub(piece) or b""


def stub(piece: Piece, spelling: Spelling = "none") -> bytes | None:
    """A text that stands for the symbol that a piece defines; None when there is none of sensible size."""
    if piece.kind is PieceKind.OPEN:
        return None  # a module: what is inside may be named, so it would have to come whole
    found = piece.fact(top_definition)
    if found is None:
        return None
    definition, signature = found
    name = definition.operation.name
    # The generic form of llvm.func writes its types in LLVM's short form, which a declaration does not read.
    declarable = name in ("func.func", "func") or (name == "llvm.func" and not definition.operation.is_generic)
    if signature is not None and declarable:
        taken = ", ".join([a.type for a in signature.arguments] + (["..."] if signature.variadic else []))
        given = ", ".join(r.type for r in signature.results)
        word = "llvm.func" if name == "llvm.func" else "func.func private"
        result = (f" -> {given}" if name == "llvm.func" else f" -> ({given})") if given else ""
        return f'{word} @"{definition.name}"({taken}){result}'.encode()
    text = masking.masked(piece, spelling).text
    return text if len(text) <= _LARGEST_STUB else None


def _left_out(piece: Piece, spelling: Spelling) -> Masked:
    """The stub of a piece in as many lines."""
    text = stub(piece, spelling) or b""
    text += b"\n" * (piece.text.count(b"\n") - text.count(b"\n"))
    return Masked(text, Origins.of([Edit(Span(0, len(piece.text)), text)]), is_faithful=False)


def _stubs(snapshot: Snapshot, pieces: list[int], spelling: Spelling) -> tuple[list[bytes] | None, set[str]]:
    """Stubs of all symbols of the same module that `pieces` need, and the aliases that all of them use.

    No stubs (None) when one of them cannot be made.
    """
    layout = snapshot.layout
    table = snapshot.scope_of(pieces[0]).symbols
    chosen, found, aliases = set(pieces), list[bytes](), set[str]()
    wanted: list[str] = []
    for index in pieces:
        # In an order that does not change from one text or process to the next.
        wanted += sorted(layout.pieces[index].fact(symbols.references))
        aliases |= layout.pieces[index].fact(symbols.alias_uses)
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        for index in table.get(name, ())[:1]:
            if index in chosen:
                continue
            piece = layout.pieces[index]
            text = stub(piece, spelling)
            if text is None:
                return None, aliases
            found.append(text)
            stubbed = Piece(PieceKind.ITEM, text, 0)
            wanted += sorted(symbols.references(stubbed))
            aliases |= symbols.alias_uses(stubbed)
    return found, aliases


def alias_pieces(snapshot: Snapshot, section: int, used: set[str], chosen: set[int]) -> list[int]:
    """The pieces of aliases that are used, and of those that they use, but for the pieces `chosen`."""
    layout, defined = snapshot.layout, snapshot.scopes.aliases[section]
    # A name that is defined twice is not needed by its own definition.
    used = used - {layout.pieces[index].head for index in chosen}
    wanted, found = [name for name in used if name in defined], set[int]()
    while wanted:
        index = defined[wanted.pop()]
        if index in found:
            continue
        found.add(index)
        wanted += [name for name in layout.pieces[index].fact(symbols.alias_uses) if name in defined]
    return sorted(found - chosen)


def _part(first_line: int, offset: int, text: bytes, origins: Origins | StretchOrigins, piece: int | None) -> Part:
    starts = [0]
    at = text.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find(b"\n", at + 1)
    return Part(first_line, offset, len(text), tuple(starts), origins, piece)
