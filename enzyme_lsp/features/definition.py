"""Definition: from a name to where it is defined, from a location to the file that it records.

On the name of an operation that differentiates it leads to the function that is differentiated. A name that is its own
definition leads to itself, which lets an editor show the uses instead. A symbol that its text lacks, or declares only,
is looked for in the other files of the workspace.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import FilePlace
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.features import lowered
from enzyme_lsp.features.answers import Elsewhere, Link
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.mentions import at_token, symbol_mentions
from enzyme_lsp.syntax.scopes import names, type_text
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace import occurrences, paths
from enzyme_lsp.workspace.occurrences import NameKind, Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.source_map import SourceMap
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.library import Library
    from enzyme_lsp.workspace.snapshot import Snapshot

_STRING: Final = rb'"((?:[^"\\\n\r]|\\[^\n\r])*+)'
_PLACE: Final = rb'"[ \t]*:[ \t]*(\d{1,9})[ \t]*:[ \t]*(\d{1,9})'
_FILE: Final = re.compile(_STRING + _PLACE)
"""`"file":line:column`, as in `loc("file":1:2)` and in `loc("file":1:2 to :3:4)`."""
_STRING_OR_FILE: Final = re.compile(_STRING + rb"(?:" + _PLACE + rb")?")
"""Takes every string whole, so that each byte is read once, whatever stands behind it."""
_ALIAS: Final = re.compile(r"![A-Za-z_$][\w$-]*(?![\w$.<-])")
_TOKENS_OF_A_PLACE: Final = 5
"""A string, a colon, a number, a colon, a number."""
_MOST_ELSEWHERE: Final = 32
"""Of a symbol that more files define nobody looks through all."""


def definition(
    library: Library, snapshot: Snapshot, offset: int, source_map: SourceMap | None = None
) -> tuple[Link, ...]:
    """Where what stands at a byte is defined; nothing when nobody knows.

    A function that its text declares only is followed to the file that defines it with the same signature. When several
    do, the declaration comes first. With `source_map` the text was lowered, and what defines things is the source.
    """
    if source_map is not None:
        return lowered.definition(snapshot, offset, source_map)
    asked = _asked(snapshot, offset)
    if asked is None:
        return _of_location(library, snapshot, offset)
    origin, name = asked
    here = tuple(_link(snapshot, origin, one) for one in occurrences.definitions(snapshot, name))
    if name.kind is not NameKind.SYMBOL:
        return here
    others = _of_other_files(library, snapshot, origin, name)
    return others if len(others) == 1 else here + others


def declaration(library: Library, snapshot: Snapshot, offset: int) -> tuple[Link, ...]:
    """Where the text says what stands at a byte; only for what it does not say, where another file does."""
    asked = _asked(snapshot, offset)
    if asked is not None:
        found = occurrences.definitions(snapshot, asked[1])
        if found:
            return tuple(_link(snapshot, asked[0], one) for one in found)
    return definition(library, snapshot, offset)


def type_definition(snapshot: Snapshot, offset: int) -> tuple[Link, ...]:
    """The aliases in the type of the value at a byte; on an alias the alias itself."""
    found = occurrences.at(snapshot, offset)
    if found is None:
        return ()
    if found.kind is NameKind.ALIAS:
        return tuple(_link(snapshot, found.span, one) for one in occurrences.definitions(snapshot, found))
    if found.kind is not NameKind.VALUE:
        return ()
    text = type_of(snapshot, found) or ""
    aliases = snapshot.scopes.aliases[snapshot.scope_of(found.piece).section]
    places = (aliases.get(name) for name in dict.fromkeys(_ALIAS.findall(text)))
    at = (occurrences.at(snapshot, snapshot.offset(index)) for index in places if index is not None)
    return tuple(_link(snapshot, found.span, one) for one in at if one is not None)


def type_of(snapshot: Snapshot, value: Occurrence) -> str | None:
    """The type of a value as the text gives it, the types of all where a name stands for several."""
    defined = occurrences.definition_of(snapshot, value)
    if defined is None or value.target.home is None:
        return None
    return type_text(snapshot.layout.pieces[value.target.home].fact(names), defined, value.number)


def recorded(data: bytes) -> Iterator[tuple[Span, FilePlace]]:
    """The places of other files that a text records, in order, each with where it stands."""
    for match in _STRING_OR_FILE.finditer(data):
        if match[2] is not None:
            yield Span(match.start(), match.end()), _file_place(match)


def _asked(snapshot: Snapshot, offset: int) -> tuple[Span, Occurrence] | None:
    """The name at a byte; on the name of an operation that differentiates its callee. With what is under the cursor."""
    found = occurrences.at(snapshot, offset)
    if found is not None:
        return found.span, found
    index = snapshot.layout.index_near(offset)
    if index is None:
        return None
    inside = offset - snapshot.offset(index)
    for call in snapshot.layout.pieces[index].fact(derivative_calls):
        if call.name_span.start <= inside <= call.name_span.end and call.callee_span is not None:
            callee = occurrences.at(snapshot, snapshot.span_in(index, call.callee_span).start)
            return None if callee is None else (snapshot.span_in(index, call.name_span), callee)
    return None


def _link(snapshot: Snapshot, origin: Span, target: Occurrence) -> Link:
    operation = occurrences.operation_of(snapshot, target)
    whole = snapshot.span_in(target.piece, operation.span) if operation is not None else target.span
    return Link(origin, target.span, whole if whole.covers(target.span) else target.span)


# Symbols of other files


def _of_other_files(library: Library, snapshot: Snapshot, origin: Span, name: Occurrence) -> tuple[Link, ...]:
    """Where other files define a symbol that this one lacks or declares only; the nearest files first."""
    here = next(iter(occurrences.definitions(snapshot, name)), None)
    declared = "" if here is None else _declared(occurrences.operation_of(snapshot, here))
    mention = at_token(snapshot.layout.pieces[name.piece].fact(symbol_mentions), name.token)
    if mention is None or (here is not None and not declared):
        return ()
    own, around = paths.key(snapshot.uri), "".join(f"::@{module}" for module in mention.path[:-1])
    named = [
        one
        for one in library.named(mention.path[-1], beside=own)
        if f"::{one.modules}".endswith(around) and (not declared or _fits(declared, one.signature))
    ]
    defined = [one for one in named if one.has_body or symbols.is_function(one.operation) is False]
    # A declaration elsewhere tells nothing to whom the text has one.
    found = defined or ([] if declared else named)
    by_file = {file: number for number, file in enumerate(paths.nearest(own, {one.file for one in found}))}
    found.sort(key=lambda one: by_file[one.file])
    return tuple(
        Link(origin, elsewhere=Elsewhere(library.uri(one.file), one.place)) for one in islice(found, _MOST_ELSEWHERE)
    )


def _declared(operation: Operation | None) -> str:
    """The signature, `(types) -> type`, of a function that has no body; empty for all else."""
    if operation is None or any(
        block.operations or block.label >= 0 for region in operation.regions for block in region.blocks
    ):
        return ""
    signature = symbols.signature(operation)
    return "" if signature is None else str(signature).partition(" : ")[2]


def _fits(written: str, indexed: str) -> bool:
    """Whether two signatures are the same; of a long one the index keeps the two ends."""
    first, is_cut, last = indexed.partition(" ... ")
    return written == indexed or (bool(is_cut) and written.startswith(first) and written.endswith(last))


# Recorded places


def _of_location(library: Library, snapshot: Snapshot, offset: int) -> tuple[Link, ...]:
    """The file of `"file":line:column`, where the cursor is in it."""
    index = snapshot.layout.index_near(offset)
    if index is None:
        return ()
    tokens, start = snapshot.layout.pieces[index].tree.tokens, snapshot.offset(index)
    last = tokens.at(offset - start)
    if last is None:
        return ()
    # The cursor may stand right behind the place, where the next token begins.
    for token in range(last, max(last - _TOKENS_OF_A_PLACE, 0) - 1, -1):
        if tokens.kinds[token] == Kind.STRING:
            match = _FILE.match(snapshot.document.data, start + tokens.starts[token])
            if match is None or offset > match.end():
                return ()
            place = _file_place(match)
            path = library.recorded(place.path, snapshot.uri)
            return (Link(Span(match.start(), match.end()), file=replace(place, path=path or place.path)),)
    return ()


def _file_place(match: re.Match[bytes]) -> FilePlace:
    path = match[1].decode("utf-8", "replace")
    return FilePlace(path, max(int(match[2]) - 1, 0), max(int(match[3]) - 1, 0))
