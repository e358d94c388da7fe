"""Rename: another name for a value, block, symbol, alias or resource, everywhere in the document that means it.

Nothing else changes: comments stay, and so do FileCheck's directives unless asked for. A name that is taken, that would
be captured by another definition or would capture what others mean is refused with the reason: with the new name in its
place, every name must mean what it meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import wrap
from enzyme_lsp.features import check_names
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.syntax.mentions import alias_mentions, at_token, defined_in, resource_mentions, symbol_mentions
from enzyme_lsp.syntax.scopes import names, resolve_renamed
from enzyme_lsp.text.document import encode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.occurrences import NameKind, Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.mentions import SymbolMention
    from enzyme_lsp.syntax.scopes import Names
    from enzyme_lsp.syntax.tokens import Tokens
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Renamable:
    """What a rename at a place would change: the span of the name under the cursor, and the name without its mark."""

    span: Span
    name: str


_MARKS: Final = {NameKind.VALUE: "%", NameKind.BLOCK: "^", NameKind.SYMBOL: "@", NameKind.RESOURCE: ""}
_SUFFIX: Final = re.compile(r"[0-9]+|[A-Za-z_$.-][\w$.-]*", re.ASCII)
_BARE: Final = re.compile(r"[A-Za-z_][\w$.]*", re.ASCII)
_ALIAS: Final = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)
_SHAPES: Final = {
    _SUFFIX: "letters, digits and _ $ . -, and only digits when one comes first",
    _BARE: "letters, digits and _ $ ., and no digit first",
    _ALIAS: "letters, digits and _ $ -, and no digit first",
}
_IN_COMMANDS: Final = re.compile(r"[\w.-]+", re.ASCII)
"""What neither a shell nor a list of options reads in another way."""
_NO_SYMBOL: Final = re.compile(r'["\\\x00-\x1f\x7f]')
_IN_SUFFIX: Final = re.compile(rb"[\w$.-]", re.ASCII)


def prepare(snapshot: Snapshot, offset: int) -> Renamable:
    """What would be renamed. Raises `RefusedError` where there is nothing that can be."""
    variable = check_names.variable_at(snapshot.document.data, offset)
    if variable is not None:
        return Renamable(variable, variable.of(snapshot.document.data).decode())
    found = _found(snapshot, offset)
    return Renamable(_inside(snapshot, found), _bare(found))


def rename(snapshot: Snapshot, offset: int, new_name: str) -> EditSet:
    """The edits that give what stands at a byte another name, with or without its mark.

    A symbol's name in FileCheck directives changes only with the setting `rename.checkLines`, a variable of FileCheck
    when it is what stands at the byte. Raises `RefusedError` with the reason when the name is none, is taken or would
    change what a name means, and `Outdated` when an edit has come.
    """
    variable = check_names.variable_at(snapshot.document.data, offset)
    if variable is not None:
        return check_names.renamed_variable(snapshot, variable, new_name)
    found = _found(snapshot, offset)
    wanted = _wanted(found, new_name)
    if wanted == _bare(found):
        return EditSet(())
    every = [*occurrences.all_of(snapshot, found)]
    edits = [_edit(snapshot, one, wanted) for one in every]
    match found.kind:
        case NameKind.VALUE | NameKind.BLOCK:
            _refuse_longer_name(snapshot, every, wanted)
            _refuse_other_value(snapshot, found, wanted)
            _refuse_other_meaning(snapshot, every, wanted)
        case NameKind.SYMBOL:
            _refuse_other_symbol(snapshot, every, wanted)
            edits += _in_run_lines(snapshot, found, wanted)
            if snapshot.settings.rename.check_lines:
                section = snapshot.sections[snapshot.scope_of(found.piece).section]
                edits += check_names.renamed_symbol(snapshot, section, _bare(found), wanted)
        case _:
            _refuse_same_name(snapshot, found, wanted)
    return EditSet(edits)


def _found(snapshot: Snapshot, offset: int) -> Occurrence:
    found = occurrences.at(snapshot, offset)
    # The mark of a block alone is half a name.
    if found is None or found.name == "^":
        raise RefusedError("There is no name here that can be changed")
    if not occurrences.definitions(snapshot, found):
        raise RefusedError(f"{found.name} is not defined in this file, so not all that means it can be found")
    return found


def _bare(found: Occurrence) -> str:
    """The name without mark and quotes."""
    name = found.name[1:] if found.kind is not NameKind.RESOURCE and found.name[:1] in "%^@#!" else found.name
    return name.strip('"')


def _inside(snapshot: Snapshot, found: Occurrence) -> Span:
    """The bytes of the name without mark and quotes."""
    text = found.span.of(snapshot.document.data)
    mark = 1 if found.kind is not NameKind.RESOURCE and text[:1] in (b"%", b"^", b"@", b"#", b"!") else 0
    quote = 1 if text[mark : mark + 1] == b'"' else 0
    return Span(found.span.start + mark + quote, found.span.end - quote)


def _wanted(found: Occurrence, new_name: str) -> str:
    """The new name without mark and quotes."""
    mark = found.name[0] if found.kind is NameKind.ALIAS else _MARKS[found.kind]
    name = new_name.strip().removeprefix(mark) if mark else new_name.strip()
    if found.kind is NameKind.SYMBOL:
        name = name[1:-1] if len(name) > 1 and name.startswith('"') and name.endswith('"') else name
        if not name or _NO_SYMBOL.search(name):
            raise RefusedError(f"{new_name!r} cannot be the name of a symbol")
        return name
    shape = _ALIAS if found.kind is NameKind.ALIAS else _BARE if found.kind is NameKind.RESOURCE else _SUFFIX
    if not shape.fullmatch(name):
        raise RefusedError(f"{new_name!r} is no name in MLIR: write {_SHAPES[shape]}")
    return name


def _edit(snapshot: Snapshot, one: Occurrence, wanted: str) -> Edit:
    text = one.span.of(snapshot.document.data)
    if one.kind is not NameKind.SYMBOL or not text.startswith(b"@"):
        return Edit(_inside(snapshot, one), encode(wanted))
    # As MLIR prints it, but where the quotes keep it apart from what follows.
    is_apart = not _IN_SUFFIX.match(snapshot.document.data, one.span.end)
    shown = wanted if _BARE.fullmatch(wanted) and is_apart else f'"{wanted}"'
    return Edit(Span(one.span.start + 1, one.span.end), encode(shown))


# Values and blocks


def _refuse_longer_name(snapshot: Snapshot, every: list[Occurrence], wanted: str) -> None:
    """Raises when what stands behind the name would become part of it: `%0-1` is a difference, `%i-1` is a name."""
    if wanted.isdigit():
        return
    for one in every:
        if _IN_SUFFIX.match(snapshot.document.data, one.span.end):
            raise RefusedError(
                f"In {_line(snapshot, one.span)} what follows {one.name} would become part of the new name; "
                "put a blank between them first"
            )


def _refuse_other_value(snapshot: Snapshot, found: Occurrence, wanted: str) -> None:
    """Raises when the name is that of a value of the outermost region that meets what is renamed."""
    defined, home = occurrences.definition_of(snapshot, found), found.target.home
    if found.kind is not NameKind.VALUE or defined is None or home is None or defined.is_isolated:
        return
    scope, word = snapshot.scopes.of_piece[home], encode(f"%{wanted}")
    taken = snapshot.fact(occurrences.outer_values).get((scope, word))
    if taken is not None:
        _refuse_taken(snapshot, found, wanted, *taken[0])


def _refuse_other_meaning(snapshot: Snapshot, every: list[Occurrence], wanted: str) -> None:
    """Raises unless every name of the pieces around means after the edits what it means now."""
    found = every[0]
    home, word = found.target.home, encode(f"{_MARKS[found.kind]}{wanted}")
    for index in sorted({one.piece for one in every} | _seeing(snapshot, found, word)):
        piece = snapshot.layout.pieces[index]
        others = _tokens(piece.tree.tokens, word)
        if not others:
            continue  # A name that nothing has cannot be mistaken.
        snapshot.check_current()
        before = piece.fact(names)
        if index != home and (other := _meeting(before, word, is_behind=home is None or index > home)) is not None:
            _refuse_taken(snapshot, found, wanted, index, other)
        renamed = frozenset(one.token for one in every if one.piece == index)
        clash = _clash(before, resolve_renamed(piece.tree, word, renamed, others), renamed, others)
        if clash is not None:
            _refuse_taken(snapshot, found, wanted, index, clash)


def _tokens(tokens: Tokens, word: bytes) -> frozenset[int]:
    """The tokens that are a word."""
    whole = re.compile(re.escape(word) + rb"(?![\w$.-])", re.ASCII)
    found = (tokens.at(match.start()) for match in whole.finditer(tokens.text))
    return frozenset(token for token in found if token is not None and tokens.word(token) == word)


def _meeting(known: Names, word: bytes, *, is_behind: bool) -> int | None:
    """What has a name in a piece and meets a value of the region around it: a use of what nothing defines, or a
    definition when the piece is behind that value.
    """
    tokens = known.tree.tokens
    used = next((token for token in known.free if tokens.word(token) == word), None)
    if used is not None or not is_behind:
        return used
    met = (one.token for one in known.definitions if not one.is_isolated)
    return next((token for token in met if tokens.word(token) == word), None)


def _clash(before: Names, after: Names, renamed: frozenset[int], others: frozenset[int]) -> int | None:
    """The one of `others`, which have the new name already, by which a name means something else after a rename."""
    for token in sorted(renamed | others):
        was, now = before.at.get(token), after.at.get(token)
        if was is not None and now is not None and was.token != now.token:
            return was.token if now.token in renamed else now.token
        if (was is None) != (now is None):
            return token
    for token in sorted((renamed | others).intersection(after.hidden).difference(before.hidden)):
        if token not in renamed:
            return token
        return max((one.token for one in after.definitions if one.token in others and one.token < token), default=token)
    return None


def _refuse_taken(snapshot: Snapshot, found: Occurrence, wanted: str, index: int, token: int) -> None:
    """Raises since the name stands at a token of a piece."""
    known = snapshot.layout.pieces[index].fact(names)
    defined = known.at.get(token)
    is_defined = defined is not None and defined.token == token
    line = _line(snapshot, snapshot.span_in(index, known.tree.token_span(token)))
    name = _MARKS[found.kind] + wanted
    if is_defined:
        raise RefusedError(f"{name} is defined already in {line}, where {found.name} can be seen too")
    raise RefusedError(f"{name} is used already in {line}, where {found.name} can be seen, and is not defined")


def _seeing(snapshot: Snapshot, found: Occurrence, word: bytes) -> set[int]:
    """The pieces that may use a value of the outermost region under a name."""
    home, defined = found.target.home, occurrences.definition_of(snapshot, found)
    if home is None or defined is None or defined not in snapshot.layout.pieces[home].fact(names).exported():
        return set()
    scope, section = snapshot.scopes.of_piece[home], snapshot.sections[snapshot.scope_of(home).section]
    return {
        index
        for index in range(section.first, section.last)
        if snapshot.scopes.of_piece[index] == scope and snapshot.layout.pieces[index].mentions(word)
    }


# Symbols


def _refuse_other_symbol(snapshot: Snapshot, every: list[Occurrence], wanted: str) -> None:
    """Raises when the name is taken in the symbol table, when another meaning would hide the new name from a place that
    it is used at, or when it would give a meaning to a name that has none."""
    renamed = every[0].target
    for one in every:
        mention = _mention(snapshot, one)
        other = (*mention.path[:-1], wanted)
        taken = (
            _beside(snapshot, one, mention, wanted)
            if one.defines
            else occurrences.resolve_path(snapshot, one.piece, mention.table, other)
        )
        if taken is not None:
            line = _line(snapshot, Span(snapshot.offset(taken[0]) + taken[1], snapshot.offset(taken[0]) + taken[1]))
            raise RefusedError(f"@{wanted} is defined already in {line}, where {one.name} can be named too")
    section = snapshot.sections[snapshot.scope_of(every[0].piece).section]
    for index in range(section.first, section.last):
        if not snapshot.layout.pieces[index].mentions(encode(wanted)):
            continue
        snapshot.check_current()
        for mention in snapshot.layout.pieces[index].fact(symbol_mentions):
            if mention.defines or mention.path[-1] != wanted:
                continue
            old = (*mention.path[:-1], renamed.name)
            if occurrences.resolve_path(snapshot, index, mention.table, old) == (renamed.home, renamed.start):
                span = snapshot.span_in(index, mention.operation.tree.token_span(mention.token))
                raise RefusedError(f"@{wanted} is named in {_line(snapshot, span)}, and would mean what is renamed")


def _beside(snapshot: Snapshot, definition: Occurrence, mention: SymbolMention, name: str) -> tuple[int, int] | None:
    """What defines a name in the table in which another symbol is defined: its piece and the byte in it."""
    if mention.table is not None:
        inside = snapshot.layout.pieces[definition.piece].fact(defined_in).get((mention.table.first, name))
        return None if inside is None else (definition.piece, mention.operation.tree.tokens.starts[inside.token])
    pieces = snapshot.scope_of(definition.piece).symbols.get(name)
    return None if pieces is None else (pieces[0], 0)


def _mention(snapshot: Snapshot, one: Occurrence) -> SymbolMention:
    found = at_token(snapshot.layout.pieces[one.piece].fact(symbol_mentions), one.token)
    if found is None:
        raise AssertionError(f"{one} was read from a mention")
    return found


def _in_run_lines(snapshot: Snapshot, found: Occurrence, wanted: str) -> Iterator[Edit]:
    """The function that `enzyme-wrap` is told to differentiate, if no other section has one of the name."""
    name = _bare(found)
    if sum(name in scope.symbols for scope in snapshot.scopes.scopes) > 1:
        return
    for use in wrap.uses(snapshot.document.data):
        infn = use.options.get("infn")
        if infn is not None and infn.text == name:
            if not _IN_COMMANDS.fullmatch(wanted):
                line = _line(snapshot, infn.span)
                raise RefusedError(f"{found.name} is named in {line}, where only letters, digits and _ . - can stand")
            yield Edit(infn.span, encode(wanted))


# Aliases and resources


def _refuse_same_name(snapshot: Snapshot, found: Occurrence, wanted: str) -> None:
    """Raises when the section has the name already, defined or not."""
    read = alias_mentions if found.kind is NameKind.ALIAS else resource_mentions
    name = found.name[0] + wanted if found.kind is NameKind.ALIAS else wanted
    section = snapshot.sections[snapshot.scope_of(found.piece).section]
    for index in range(section.first, section.last):
        piece = snapshot.layout.pieces[index]
        if not piece.mentions(encode(name)):
            continue
        snapshot.check_current()
        for mention in piece.fact(read):
            if mention.name == name:
                line = _line(snapshot, snapshot.span_in(index, piece.tree.token_span(mention.token)))
                raise RefusedError(f"{name} is {'defined' if mention.defines else 'used'} already in {line}")


def _line(snapshot: Snapshot, span: Span) -> str:
    return f"line {snapshot.document.lines.position(span.start, 'utf-8').line0 + 1}"
