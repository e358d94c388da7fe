"""Rewriting: the edits that fixes of derivative calls are made of; positions are bytes from the start of the piece.

Each changes the least: a comma goes with what it separates, comments and line breaks elsewhere stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import slots
from enzyme_lsp.checks.diagnostic import Fix
from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.convention import Role
from enzyme_lsp.syntax import scopes
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.line_ends import line_start
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.dialect.calls import Activities, Element, Entry
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.syntax.tokens import Tokens
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.workspace.readings import Reading


@dataclass(frozen=True, slots=True)
class Insertion:
    """A list and where in it something is put: the spans of its elements, and what lies between its brackets."""

    elements: Sequence[Span]
    inside: Span


def inserted(into: Insertion, position: int, text: str) -> Edit:
    """The edit that puts `text` before element `position` of a list, or behind the last."""
    if not into.elements:
        return Edit(Span(into.inside.start, into.inside.start), text.encode())
    if position < len(into.elements):
        at = into.elements[position].start
        return Edit(Span(at, at), f"{text}, ".encode())
    at = into.elements[-1].end
    return Edit(Span(at, at), f", {text}".encode())


def removed(tokens: Tokens, elements: Sequence[Span], first: int, count: int = 1) -> list[Edit]:
    """The edits that take elements out of a list, with a comma for each. Comments between them stay."""
    last = first + count - 1
    if first > 0 and last + 1 < len(elements):
        before, behind = (
            Span(elements[first - 1].end, elements[first].start),
            Span(elements[last].end, elements[last + 1].start),
        )
        if b"\n" in before.of(tokens.text) and not any(behind.contains(start) for start, _ in tokens.comments):
            # They begin a line: the comma behind goes, since comments may follow the one before.
            return cut(tokens, Span(elements[first].start, behind.end))
    if first > 0:
        return cut(tokens, Span(elements[first - 1].end, elements[last].end))
    return cut(
        tokens, Span(elements[0].start, elements[last + 1].start if last + 1 < len(elements) else elements[last].end)
    )


def cut(tokens: Tokens, span: Span) -> list[Edit]:
    """Without what is in a span, comments aside, which nobody wants to lose."""
    comments = [comment for comment in tokens.comments if span.start <= comment[0] < span.end]
    if not comments:
        return [Edit(span, b"")]
    edits: list[Edit] = []
    starts, ends = [span.start, *(end for _, end in comments)], [*(start for start, _ in comments), span.end]
    for start, end in zip(starts, ends, strict=True):
        text = tokens.text[start:end]
        if text.strip():
            edits.append(Edit(Span(start + len(text) - len(text.lstrip()), start + len(text.rstrip())), b""))
    return edits


def operands_inserted(reading: Reading, position: int, names: str, types: str) -> list[Edit]:
    """Operands and their types, with commas between them, before operand `position`."""
    call = reading.call
    if call.type is None or call.type.operands is None or call.type.inside is None or call.operands_inside is None:
        return []
    into_names = Insertion([one.span for one in call.operands], call.operands_inside)
    into_types = Insertion([one.span for one in call.type.operands], call.type.inside)
    return [inserted(into_names, position, names), inserted(into_types, position, types)]


def operand_removed(reading: Reading, position: int) -> list[Edit]:
    """Without operand `position` and its type."""
    call = reading.call
    if call.type is None or call.type.operands is None:
        return []
    tokens = call.operation.tree.tokens
    return [
        *removed(tokens, [one.span for one in call.operands], position),
        *removed(tokens, [one.span for one in call.type.operands], position),
    ]


def result_types_set(reading: Reading, wanted: Sequence[Type]) -> Edit | None:
    """The result types behind the arrow, as many as wanted; None where there is no arrow, or one is no type yet."""
    written = reading.call.type
    if written is None or written.results_span is None or any(one.kind is TypeKind.BROKEN for one in wanted):
        return None
    return Edit(written.results_span, result_list([one.text for one in wanted]).encode())


def result_list(texts: Sequence[str]) -> str:
    """Result types as they stand behind an arrow."""
    alone = len(texts) == 1 and not texts[0].startswith("(")
    return texts[0] if alone else f"({', '.join(texts)})"


def activity_set(reading: Reading, element: Element, activity: Activity) -> Edit:
    """Another word in an activity attribute; where an alias stands for it, the attribute itself."""
    if element.word_span is not None:
        return Edit(element.word_span, activity.value.encode())
    return Edit(element.span, attribute(reading, activity).encode())


def activities_inserted(
    reading: Reading, into: Activities, position: int, activities: Sequence[Activity]
) -> Edit | None:
    """More entries in an activity list, before entry `position`; None when the list stands in an alias."""
    elements = into.elements
    text = reading.call.operation.tree.tokens.text
    if elements is None or text[into.span.start : into.span.start + 1] != b"[":
        return None
    inside = Span(into.span.start + 1, into.span.end - 1)
    new = listed_inside(reading, activities)
    return inserted(Insertion([one.span for one in elements], inside), position, new)


def listed(reading: Reading, activities: Sequence[Activity]) -> str:
    """An activity list in the spelling of the call."""
    return f"[{listed_inside(reading, activities)}]"


def listed_inside(reading: Reading, activities: Sequence[Activity]) -> str:
    """The entries of an activity list, with commas."""
    return ", ".join(attribute(reading, activity) for activity in activities)


def attribute(reading: Reading, activity: Activity) -> str:
    """An activity attribute in the spelling of the call."""
    if spelling_of(reading) == "strict":
        return f"#enzyme.activity<{activity.value}>"
    return f"#enzyme<activity {activity.value}>"


def spelling_of(reading: Reading) -> Spelling | None:
    """The spelling of the call; where aliases hold all it has, theirs; None when nothing tells."""
    if (written := spelling.of_call(reading.call)) is not None:
        return written
    listed = (reading.listed, reading.listed_returns)
    known = {one.written.strict for of in listed if of is not None for one in of.elements or () if one.written}
    return ("strict" if known.pop() else "classic") if len(known) == 1 else None


def entry_removed(reading: Reading, entry: Entry, title: str, *, certain: bool) -> tuple[Fix, ...]:
    """The fix that takes one attribute out, with the comma before or behind it. Comments between them stay.

    None where what stands behind the comma is no attribute, since the braces might then be read as something else.
    """
    edits = _entry_removed(reading, entry)
    return (Fix(title, EditSet(edits), is_certain=certain),) if edits else ()


def _entry_removed(reading: Reading, entry: Entry) -> list[Edit]:
    tokens = reading.call.operation.tree.tokens
    whole, first = Span(entry.key_span.start, entry.value_span.end), tokens.at(entry.key_span.start) or 0
    if tokens.word(first - 1) == b",":
        return cut(tokens, Span(tokens.ends[first - 2], whole.end))
    if tokens.word(entry.last) == b",":
        following = tokens.starts[entry.last + 1] if entry.last + 1 < len(tokens) else -1
        known = any(one.key_span.start == following for one in reading.call.entries)
        return cut(tokens, Span(whole.start, following)) if known else []
    return [Edit(whole, b"")]


def line_before(operation: Operation, text: str) -> Edit:
    """A line of its own in front of an operation, indented like it."""
    data = operation.tree.tokens.text
    at = operation.span.start
    line = data[line_start(data, at) : at]
    indent = line if not line.strip() else b""
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    return Edit(Span(at, at), text.encode() + newline + indent)


@dataclass(frozen=True, slots=True)
class Supply:
    """A value for an operand: its name, and the edit that defines it when it is new.

    `is_sure`: it is the only value that it can be. A placeholder never is.
    """

    name: str
    edit: Edit | None
    is_sure: bool


_NEAR: Final = 100
"""Values whose names are looked at, from both ends: a function may have thousands, and each of them wrong calls."""


def values_for(reading: Reading, slot: Slot, primal: str | None = None, taken: Sequence[str] = ()) -> Sequence[Supply]:
    """Values that can be the operand of a slot of known type, the most likely first; there is one at least.

    They are of its type, and the call does not use them yet: those whose names say that they are for the slot, or the
    only one there is. Else a new one: for a seed the constant 1 where the type has one, else a placeholder, which the
    engine accepts and a warning reminds of. `primal` is the operand that a shadow is of, where the call has none yet;
    `taken` are values that are put in together with this one.
    """
    type_ = slot.type
    if type_ is None:
        return ()
    used = {*taken, *(operand.text for operand in reading.call.operands)}
    fitting = [name for name in _visible_by_type(reading).get(type_.text, ()) if name not in used]
    # The arguments of the function come first, what stands close to the call last.
    near = fitting if len(fitting) < 2 * _NEAR else fitting[:_NEAR] + fitting[-_NEAR:]
    named = slots.suggested(reading, slot, near, primal)
    if named:
        return [Supply(named[-1], None, is_sure=len(named) == 1)]
    name = unused_name(reading, slots.new_name(reading, slot, primal), taken)
    one = _one(type_) if slot.role is Role.SEED else None
    made = f"{name} = arith.constant {one}" if one else f'{name} = "enzyme.placeholder"() : () -> {type_.text}'
    new = Supply(name, line_before(reading.call.operation, made), is_sure=one is not None and not fitting)
    return [Supply(fitting[0], None, is_sure=False), new] if len(fitting) == 1 else [new]


@lru_cache(maxsize=4)
def visible(reading: Reading) -> Mapping[str, Type]:
    """The values that a call can use by name, as far as the text tells their types.

    Remembered while the findings of a call are made, each of which may ask.
    """
    return {one.name: reading.type_of(one.type) for one in reading.visible() if one.type is not None}


@lru_cache(maxsize=4)
def _visible_by_type(reading: Reading) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for name, type_ in visible(reading).items():
        found.setdefault(type_.text, []).append(name)
    return found


def unused_name(reading: Reading, wanted: str, also: Sequence[str] = ()) -> str:
    """`%wanted`, or with a number behind when the text, or `also`, has such a value already."""
    return unused_in(reading.piece, wanted, also)


def unused_in(piece: Piece, wanted: str, also: Sequence[str] = ()) -> str:
    """The same for any piece."""
    taken = piece.fact(value_names)
    base = re.sub(r"[^\w$.-]", "_", wanted.removeprefix("%"))
    base = base if not base[:1].isdigit() else f"v{base}"
    name, number = f"%{base}", 0
    while name in taken or name in also:
        number += 1
        name = f"%{base}_{number}"
    return name


def value_names(piece: Piece) -> frozenset[str]:
    """Every name of a value in a piece, defined or not. Use through `piece.fact`."""
    tokens = piece.tree.tokens
    words = {tokens.word(index) for index, kind in enumerate(tokens.kinds) if kind == Kind.VALUE}
    return frozenset(word.decode("utf-8", "replace") for word in words)


@dataclass(frozen=True, slots=True)
class Binding:
    """How the results of an operation are named, as edits, and whether names that are used were lost."""

    edits: tuple[Edit, ...]
    loses_uses: bool


def results_bound(reading: Reading, kept: Sequence[int | None]) -> Binding | None:
    """The names of the results when result k is the one that was number `kept[k]`, or a new one (None).

    Uses follow. None when the names are bound in a way that does not carry over.
    """
    return rebound(reading.piece, reading.call.operation, kept)


def rebound(piece: Piece, operation: Operation, kept: Sequence[int | None]) -> Binding | None:
    """The same for any operation of a piece."""
    if not operation.results:
        return Binding((), loses_uses=False)
    used = uses(piece, operation)
    moved = {old: new for new, old in enumerate(kept) if old is not None}
    loses = any(number not in moved for number, _ in used)
    if not kept:
        return Binding((_unbound(operation),), loses)
    if len(operation.results) == 1:
        token = operation.results[0].token
        text = operation.tree.tokens.word(token).decode("utf-8", "replace")
        edits = [Edit(_group(operation, 0), (text if len(kept) == 1 else f"{text}:{len(kept)}").encode())]
        for number, span in used:
            new = moved.get(number)
            if new is not None:
                edits.append(Edit(span, (text if len(kept) == 1 else f"{text}#{new}").encode()))
        return Binding(_changed(edits, operation.tree.tokens.text), loses)
    if any(one.count != 1 for one in operation.results):
        return None
    names = names_after(piece, operation, kept)
    span = Span(_group(operation, 0).start, _group(operation, len(operation.results) - 1).end)
    return Binding(_changed([Edit(span, ", ".join(names).encode())], operation.tree.tokens.text), loses)


def names_after(piece: Piece, operation: Operation, kept: Sequence[int | None]) -> list[str]:
    """What the results are called when `rebound` has named them."""
    tokens = operation.tree.tokens
    words = [tokens.word(one.token).decode("utf-8", "replace") for one in operation.results]
    if len(words) == 1:
        return words if len(kept) == 1 else [f"{words[0]}#{number}" for number in range(len(kept))]
    names: list[str] = []
    for old in kept:
        names.append(words[old] if old is not None else unused_in(piece, "result", names))
    return names


def result_is_used(reading: Reading, number: int) -> bool:
    """Whether anything uses result `number` of the call."""
    return any(used == number for used, _ in uses(reading.piece, reading.call.operation))


def is_used(reading: Reading) -> bool:
    """Whether anything uses a result of the call."""
    return has_uses(reading.piece, reading.call.operation)


def has_uses(piece: Piece, operation: Operation) -> bool:
    """Whether anything uses a result of an operation of a piece."""
    return bool(uses(piece, operation))


def uses(piece: Piece, operation: Operation) -> list[tuple[int, Span]]:
    """The uses of the results: number of the result and span, with `#1`."""
    names = piece.fact(scopes.names)
    tree, position = operation.tree, 0
    found: list[tuple[int, Span]] = []
    for result in operation.results:
        for use in names.at[result.token].uses:
            number = names.number(use)
            is_numbered = tree.tokens.word(use + 1) == b"#%d" % number
            if number < result.count or result.count == 1:
                found.append((position + number, tree.span(use, use + 2 if is_numbered else use + 1)))
        position += result.count
    return found


def _group(operation: Operation, index: int) -> Span:
    """`%r:2` of the results, whole."""
    tree, token = operation.tree, operation.results[index].token
    last = token + 2 if tree.tokens.word(token + 1) == b":" else token
    return tree.span(token, last + 1)


def _unbound(operation: Operation) -> Edit:
    """Without `%r =`."""
    return Edit(Span(operation.span.start, operation.name_span.start), b"")


def _changed(edits: list[Edit], text: bytes) -> tuple[Edit, ...]:
    return tuple(edit for edit in edits if edit.span.of(text) != edit.new)


def _one(type_: Type) -> str | None:
    """The constant 1 of a type with the type, as `arith.constant` reads it; None when the type has no such constant."""
    scalar = type_.scalar
    if scalar.kind is not TypeKind.FLOAT:
        return None
    if type_.kind is TypeKind.FLOAT:
        return f"1.0 : {type_.text}"
    if type_.kind is TypeKind.TENSOR and type_.is_static:
        return f"dense<1.0> : {type_.text}"
    return None
