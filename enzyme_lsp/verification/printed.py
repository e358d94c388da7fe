"""Printed: a piece as an engine printed it, led back to its text: which operation, block and value of ours each one is.

An engine gives every value and block a name of its own. Its operations have places that lead to ours, and in the blocks
of two that are the same stand the same arguments; so what it printed can be written with the names of the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.scopes import Defined, names, resolve
from enzyme_lsp.syntax.tokens import Kind, tokenize
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from enzyme_lsp.syntax.nodes import Block, Operation, Region, Tree
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.syntax.scopes import Definition, Names
    from enzyme_lsp.syntax.tokens import Tokens
    from enzyme_lsp.verification.asking import Told
    from enzyme_lsp.verification.modules import ModuleText

_LONGEST: Final = 4_096
"""Characters of a type that is written out in the place of its alias, for those who show it."""
_MOST_EXPANDED: Final = 1 << 20
"""Bytes of aliases that are written out in one text."""

_ALIAS: Final = re.compile(rb"^([#!][A-Za-z_][\w$]*) = (.+)$", re.MULTILINE)
_ALIAS_USE: Final = re.compile(r"[#!][A-Za-z_][\w$]*(?![\w$.])")
_PLACE: Final = re.compile(rb'loc\s*\(\s*(?:"-"\s*:\s*(\d{1,9})\s*:\s*(\d{1,9})|(#[\w$]+))\s*\)')
_IN_HEADER: Final = re.compile(rb" loc\((?:[^()\"\n]|\"[^\"\n]*\")*\)(?= = )")
"""Behind what the header of an operation defines: no text of ours has a place there, and its parser looks for none."""
_COMMENT: Final = re.compile(rb"[ \t]*//[^\n\r]*")
_NO_LOCATION_BEHIND: Final = frozenset({b"=", b"[", b",", b"(", b"<"})
"""Words before a `loc(...)` that is a value and records no place."""
_REPLACEMENT: Final = "builtin.unrealized_conversion_cast"
"""What stands in what was sent for an operation of a dialect that the engine does not know."""
_LOCATION: Final = b"loc("
_BLANKS: Final = b" \t"


@dataclass(frozen=True, slots=True)
class Printed:
    """What an engine printed of a piece.

    `ours` leads from its operations, by identity, to those of the piece, and `theirs` from those to its own. `words`
    has the text for each of its tokens that names a value or a block, and `results` what stands before the name of an
    operation, by its first token.
    """

    piece: Piece
    tree: Tree
    names: Names
    expansions: dict[bytes, bytes]
    """The aliases that it defines, written out."""
    ours: dict[int, Operation] = field(default_factory=dict[int, "Operation"])
    theirs: dict[int, Operation] = field(default_factory=dict[int, "Operation"])
    words: dict[int, bytes] = field(default_factory=dict[int, bytes])
    results: dict[int, bytes] = field(default_factory=dict[int, bytes])


def read(piece: Piece, index: int, whole: Span, told: Told) -> Printed:
    """What was told of piece `index` of a document, in which it is `whole`."""
    data = _IN_HEADER.sub(b"", told.output.encode("utf-8", "replace"))
    tree = parse(data)
    found = Printed(piece, tree, resolve(tree), _expansions(data))
    _Matcher(found, (index, whole), told.module, Aliases(data)).run()
    _Namer(found).run()
    return found


def text(printed: Printed, operation: Operation, *, with_locations: bool) -> bytes | None:
    """A printed operation with the names of the text and without aliases, as if it began at the start of a line.

    `with_locations`: with those that the text records; those of what was sent are left out always. None where a value
    has no name that is known, and where it would be too long.
    """
    tree, tokens = printed.tree, printed.tree.tokens
    recorded = _recorded(printed, operation) if with_locations else {}
    named = {one.first: one.name_token for one in walk(operation) if one.first in printed.results}
    made, expanded = list[bytes](), 0
    index, behind = operation.first, tokens.starts[operation.first]
    while index < operation.last:
        gap = _COMMENT.sub(b"", tokens.text[behind : tokens.starts[index]])
        last, new = index, tokens.word(index)
        if index in named:
            made += (gap, printed.results[index])
            index, behind = named[index], tokens.starts[named[index]]
            continue
        if tokens.kinds[index] in (Kind.VALUE, Kind.CARET):
            if index not in printed.words:
                return None
            new = printed.words[index]
            last += _is_numbered(tokens, index)
        elif new in printed.expansions:
            new = printed.expansions[new]
            expanded += len(new)
        elif (close := _location_end(tree, index)) is not None:
            last, new = close, recorded.get(index, b"")
            gap = gap if new else b""
        made += (gap, new)
        index, behind = last + 1, tokens.ends[last]
    return None if expanded > _MOST_EXPANDED else _dedented(b"".join(made), tokens.column(operation.first))


def bare(index: int, whole: Span, told: Told) -> list[bytes]:
    """The words of what was told of piece `index`, which is `whole` in the document: without places and aliases."""
    data = told.output.encode("utf-8", "replace")
    tree, aliases, expansions, found = parse(data), Aliases(data), _expansions(data), list[bytes]()
    pending = list(reversed(tree.operations))
    while pending:
        operation = pending.pop()
        place = aliases.place(tree, operation.location[0]) if operation.location is not None else None
        if offset_in(index, whole, told.module, place) is not None:
            found += _bare_words(operation, expansions)
        else:
            inside = [one for region in operation.regions for block in region.blocks for one in block.operations]
            pending.extend(reversed(inside))
    return found


def _bare_words(operation: Operation, expansions: Mapping[bytes, bytes]) -> Iterator[bytes]:
    tree, index = operation.tree, operation.first
    while index < operation.last:
        close = _location_end(tree, index)
        if close is None:
            word = tree.tokens.word(index)
            yield expansions.get(word, word)
        index = (index if close is None else close) + 1


def walk(operation: Operation) -> Iterator[Operation]:
    """An operation and all in it, each before those of its regions."""
    pending = [operation]
    while pending:
        one = pending.pop()
        yield one
        for region in reversed(one.regions):
            for block in reversed(region.blocks):
                pending.extend(reversed(block.operations))


def offset_in(index: int, whole: Span, module: ModuleText, place: tuple[int, int] | None) -> int | None:
    """The byte of piece `index`, which is `whole` in the document, that a place in what was sent is from, or None."""
    found = module.offset(*place) if place is not None else None
    # A part without a piece is the section, of which the piece is a part.
    is_in = found is not None and found[1].piece in (index, None) and whole.start <= found[0] <= whole.end
    return found[0] - whole.start if found is not None and is_in else None


class Aliases:
    """The aliases that a printed module defines, for places, types and attributes, each on a line of its own."""

    def __init__(self, data: bytes) -> None:
        self._places: dict[bytes, tuple[int, int]] = {}
        self._texts: dict[str, str] = {}
        for match in _ALIAS.finditer(data):
            name, text = match[1], match[2]
            if (place := _PLACE.match(text)) is not None and place[1] is not None:
                self._places[name] = int(place[1]), int(place[2])
            elif len(text) <= _LONGEST:
                # One that is used in another stands before it.
                self._texts[name.decode("utf-8", "replace")] = self.expanded(text.decode("utf-8", "replace"))

    def expanded(self, text: str) -> str:
        """A type without aliases, which mean nothing outside of the printed module; with them if it were too long."""
        long = _ALIAS_USE.sub(lambda match: self._texts.get(match[0], match[0]), text)
        return long if len(long) <= _LONGEST else text

    def place(self, tree: Tree, token: int) -> tuple[int, int] | None:
        """The line and column of the location that begins at a token; None where there is none in the text itself."""
        close = tree.partners[token + 1] if token + 1 < len(tree.tokens) else -1
        match = _PLACE.fullmatch(tree.span(token, close + 1).of(tree.tokens.text)) if close > token else None
        if match is None:
            return None
        return self._places.get(match[3]) if match[3] is not None else (int(match[1]), int(match[2]))


def _expansions(data: bytes) -> dict[bytes, bytes]:
    """The aliases that a printed module defines, written out; those of places too, which attributes may hold."""
    found, written = dict[bytes, bytes](), 0
    for match in _ALIAS.finditer(data):
        # One that is used in another stands before it.
        tokens = tokenize(match[2])
        spans = [Span(start, end) for start, end in zip(tokens.starts, tokens.ends, strict=True)]
        named = [(span, found[word]) for span in spans if (word := span.of(match[2])) in found]
        if match[2].startswith(_LOCATION):
            # One place in another stands there without a `loc` of its own.
            named = [(span, new[len(_LOCATION) : -1] if new.startswith(_LOCATION) else new) for span, new in named]
        expansion = EditSet(Edit(span, new) for span, new in named).apply(match[2])
        written += len(expansion)
        if written > _MOST_EXPANDED:
            break  # What uses the rest is refused by the engine, which does not know their names.
        found[match[1]] = expansion
    return found


def _location_end(tree: Tree, index: int) -> int | None:
    """The last token of the recorded location that begins at a token."""
    tokens = tree.tokens
    close = tree.partners[index + 1] if tokens.word(index) == b"loc" and tokens.word(index + 1) == b"(" else -1
    return close if close > index and tokens.word(index - 1) not in _NO_LOCATION_BEHIND else None


def _is_numbered(tokens: Tokens, index: int) -> bool:
    """Whether `#1` stands behind a value."""
    behind = tokens.word(index + 1)
    return behind[:1] == b"#" and behind[1:].isdigit() and tokens.starts[index + 1] == tokens.ends[index]


def _recorded(printed: Printed, operation: Operation) -> dict[int, bytes]:
    """The locations that the text records, by the token of the printed one that stands in the place of each."""
    found: dict[int, bytes] = {}
    for theirs in walk(operation):
        ours = printed.ours.get(id(theirs))
        if ours is None:
            continue
        tree = ours.tree
        if theirs.location is not None and ours.location is not None:
            found[theirs.location[0]] = tree.span(*ours.location).of(tree.tokens.text)
        for one, other in _blocks(theirs, ours):
            for argument, mine in zip(one.arguments, other.arguments, strict=False):
                end = _location_end(tree, mine.type_last)
                if end is not None:
                    found[argument.type_last] = tree.span(mine.type_last, end + 1).of(tree.tokens.text)
    return found


def _dedented(text: bytes, column: int) -> bytes:
    """A text whose first line begins at a column, as if it began at the start of the line."""
    first, *others = text.split(b"\n")
    return b"\n".join([first, *(line[min(column, len(line) - len(line.lstrip(_BLANKS))) :] for line in others)])


def _blocks(one: Operation, other: Operation) -> Iterator[tuple[Block, Block]]:
    """The blocks of two operations that are the same, of each region of which both have as many."""
    for mine, theirs in zip(one.regions, other.regions, strict=False):
        if len(mine.blocks) == len(theirs.blocks):
            yield from zip(mine.blocks, theirs.blocks, strict=True)


class _Matcher:
    """Finds which operation of a piece each printed one is: by its place, else by what stands around it."""

    def __init__(self, printed: Printed, where: tuple[int, Span], module: ModuleText, aliases: Aliases) -> None:
        self._printed = printed
        self._where = where
        self._module = module
        self._aliases = aliases
        self._at: dict[int, list[Operation]] = defaultdict(list)
        tokens = printed.piece.tree.tokens
        for operation in printed.piece.tree.walk():
            # Some parsers of operations take the place behind the name; what was replaced is at its beginning.
            for token in {operation.first, operation.name_token, operation.name_token + 1}:
                if operation.name_token >= 0 and token < len(tokens):
                    self._at[tokens.starts[token]].append(operation)

    def run(self) -> None:
        for operation in self._printed.tree.walk():
            if id(operation) not in self._printed.ours:
                found = self._by_place(operation)
                if found is not None:
                    self._put(operation, found)
            ours = self._printed.ours.get(id(operation))
            if ours is not None:
                self._match_inside(operation, ours)

    def _put(self, theirs: Operation, ours: Operation) -> None:
        self._printed.ours[id(theirs)] = ours
        self._printed.theirs[id(ours)] = theirs

    def _by_place(self, operation: Operation) -> Operation | None:
        if operation.location is None:
            return None
        place = self._aliases.place(self._printed.tree, operation.location[0])
        offset = offset_in(*self._where, self._module, place)
        found = self._at.get(offset, ()) if offset is not None else ()
        return next((one for one in found if id(one) not in self._printed.theirs and _is_same(operation, one)), None)

    def _match_inside(self, theirs: Operation, ours: Operation) -> None:
        """Matches what has no place of its own, in the blocks of two that are the same."""
        for one, other in _blocks(theirs, ours):
            if len(one.operations) != len(other.operations):
                continue
            for mine, yours in zip(one.operations, other.operations, strict=True):
                is_known = id(mine) in self._printed.ours or id(yours) in self._printed.theirs
                if not is_known and _is_same(mine, yours) and self._by_place(mine) is None:
                    self._put(mine, yours)


def _is_same(theirs: Operation, ours: Operation) -> bool:
    """Whether both have one name: one without a dialect is of the dialect that is due where it stands."""
    one, other = theirs.name, ours.name
    return one in (other, _REPLACEMENT) or one.endswith(f".{other}") or other.endswith(f".{one}")


class _Namer:
    """Gives what an engine printed the names of the text."""

    def __init__(self, printed: Printed) -> None:
        self._printed = printed
        self._ours = printed.piece.fact(names)
        tokens = printed.piece.tree.tokens
        self._taken = {tokens.word(i) for i in range(len(tokens)) if tokens.kinds[i] == Kind.VALUE}
        self._values: dict[tuple[int, int], bytes] = {}
        """The text for each value, by the token that defines its printed name and its number."""
        self._labels: dict[int, bytes] = {}
        """The text for each block, by the token of its printed label."""

    def run(self) -> None:
        printed = self._printed
        theirs, ours = _arguments(printed.names), _arguments(self._ours)
        for operation in printed.tree.walk():
            mine = printed.ours.get(id(operation))
            self._name_results(operation, mine)
            same = dict(_blocks(operation, mine)) if mine is not None else dict["Block", "Block"]()
            for region in operation.regions:
                self._name_labels(region, same)
                for block in region.blocks:
                    # The header of an operation may name the arguments of its first block.
                    is_first = block is operation.regions[0].blocks[0]
                    defined = [*(theirs[id(operation)] if is_first else ()), *theirs[id(block)]]
                    other = same.get(block)
                    known = [] if other is None else [*(ours[id(mine)] if is_first else ()), *ours[id(other)]]
                    if other is not None and not known and block is region.blocks[0]:
                        known = ours[id(mine)]  # `stablehlo.while` names those of both its regions
                    self._name_arguments(defined, known)
        for token, definition in printed.names.at.items():
            if definition.defined is Defined.LABEL:
                word = self._labels.get(definition.token)
            else:
                word = self._values.get((definition.token, printed.names.number(token)))
            if word is not None:
                printed.words[token] = word

    def _name_results(self, operation: Operation, mine: Operation | None) -> None:
        if not operation.results:
            return
        printed = self._printed
        numbers = [(result.token, number) for result in operation.results for number in range(result.count)]
        groups = [(mine.tree.tokens.word(one.token), one.count) for one in mine.results] if mine is not None else []
        is_used = any(printed.names.at[result.token].uses for result in operation.results)
        if sum(count for _, count in groups) != len(numbers) and (groups or is_used or mine is None):
            groups = [(self._new(result.token), result.count) for result in operation.results]
        values = [
            word if count == 1 else b"%b#%d" % (word, number) for word, count in groups for number in range(count)
        ]
        self._values |= dict(zip(numbers, values, strict=False))
        shown = [word if count == 1 else b"%b:%d" % (word, count) for word, count in groups]
        printed.results[operation.first] = b", ".join(shown) + b" = " if shown else b""

    def _name_labels(self, region: Region, same: Mapping[Block, Block]) -> None:
        word, mine = self._printed.tree.tokens.word, self._printed.piece.tree.tokens.word
        taken = {mine(same[block].label) for block in region.blocks if block in same}
        for block in region.blocks:
            if block.label < 0:
                continue
            known = mine(same[block].label) if block in same else b""
            label, number = known or word(block.label), 0
            while not known and label in taken:
                label, number = b"^bb%d" % number, number + 1
            taken.add(label)
            self._labels[block.label] = label

    def _name_arguments(self, defined: Sequence[Definition], known: Sequence[Definition]) -> None:
        mine = self._printed.piece.tree.tokens.word
        for number, definition in enumerate(defined):
            word = mine(known[number].token) if len(known) == len(defined) else self._new(definition.token)
            self._values[definition.token, 0] = word

    def _new(self, token: int) -> bytes:
        """A name that the text does not have: the printed one, or else a number."""
        word, number = self._printed.tree.tokens.word(token), 0
        while word in self._taken:
            word, number = b"%%%d" % number, number + 1
        self._taken.add(word)
        return word


def _arguments(found: Names) -> Mapping[int, list[Definition]]:
    """The arguments that are named in the header of an operation or the label of a block, by the identity of that."""
    of: dict[int, list[Definition]] = defaultdict(list)
    for definition in found.definitions:
        if definition.defined in (Defined.ARGUMENT, Defined.HEADER):
            of[id(definition.operation if definition.block is None else definition.block)].append(definition)
    return of
