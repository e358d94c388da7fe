"""Attributes: their names, and what they can be: activities, widths, sizes of a batch, words of enumerations."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.dialect import catalog, words
from enzyme_lsp.dialect.activity import BY_WORD, Activity
from enzyme_lsp.dialect.convention import Mode, Side
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS, OPS, AttributeKind
from enzyme_lsp.dialect.types_and_attributes import ATTRIBUTES
from enzyme_lsp.features.completion import spelling
from enzyme_lsp.features.completion.expected import Expected
from enzyme_lsp.features.completion.items import Completion, Hole, ItemKind
from enzyme_lsp.features.completion.wanted import reading_of
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.ops import AttributeField
    from enzyme_lsp.features.completion.context import Context
    from enzyme_lsp.features.completion.expected import Bracket
    from enzyme_lsp.features.completion.items import Template
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.workspace.readings import Reading

_SIDES: Final = {"activity": Side.ARGUMENT, "ret_activity": Side.RESULT}
_WORD_OF: Final = re.compile(rb"#(\w+)(?:<\s*(\w+)\s+|\.(\w+)\s*<\s*)([A-Za-z]\w*)\s*>")
_KEY: Final = re.compile(rb'[{,<]\s*"?([A-Za-z_][\w$.]*)"?\s*=[^=]')
_WIDTHS: Final = (2, 4, 8)
_MOST_KEYS: Final = 30
_FUNCTION_KEYS: Final = ("llvm.noalias", "llvm.nocapture", "llvm.align", "tf.aliasing_output")


def offered_keys(context: Context) -> Iterator[Completion]:
    """The names of attributes that the operation has and the text lacks; then those that the document has elsewhere."""
    operation = context.operation
    if Expected.KEY not in context.expected or operation is None:
        return
    present = _present(context)
    own = OPS.get(operation.name)
    if own is not None:
        for field in own.attributes:
            if field.name not in present and (operation.is_generic or not _is_in_syntax(own.classic, field)):
                yield _key(context, field)
    elif (page := catalog.operation(operation.name)) is not None:
        for name in page.attributes:
            if name not in present:
                yield Completion(name, ItemKind.ATTRIBUTE, (f"{name} = ", Hole("")), f"attribute of {operation.name}")
    known = {field.name for field in own.attributes} if own is not None else set[str]()
    counts: Counter[str] = Counter()
    for piece in _around(context):
        counts.update(piece.fact(used_keys))
    for name, _ in counts.most_common(_MOST_KEYS) if own is None else ():
        if name not in present | known:
            yield Completion(name, ItemKind.ATTRIBUTE, (f"{name} = ", Hole("")))


def offered_values(context: Context) -> Iterator[Completion]:
    """What the attribute can be whose value is being typed."""
    if Expected.ATTRIBUTE not in context.expected:
        return
    if (found := _inside_attribute(context)) is not None:
        yield from found
        return
    reading = reading_of(context)
    key = context.key
    if key in _SIDES and (reading is not None or context.name in DERIVATIVE_OPS):
        yield from _activity_list(context, reading, _SIDES[key])
        return
    own = OPS.get(context.name)
    field = own.attribute(key) if own is not None else None
    if field is not None:
        yield from _of_field(context, field)
        return
    if (listed := words.KEYS.get((context.name, key))) is not None:
        yield from (Completion(word, ItemKind.WORD) for word in listed)
        return
    if context.typed[:1] == b"#" or Expected.VALUE not in context.expected:
        yield from _attributes(context)


def offered_words(context: Context) -> Iterator[Completion]:
    """The words that an operation has in its own syntax: predicates, linkages, orderings."""
    if Expected.WORD not in context.expected or context.operation is None:
        return
    tokens, bracket = context.tree.tokens, context.bracket
    if bracket.word == b"<":
        flags = words.FLAGS.get(decode(tokens.word(bracket.token - 1)), ())
        yield from (Completion(word, ItemKind.WORD) for word in flags)
        return
    if bracket.token >= 0:
        return
    name = context.name
    own = OPS.get(name)
    if context.last == context.operation.name_token:
        kinds = own.attribute("kind") if own is not None else None
        found = tuple(word for word, _ in kinds.words) if kinds is not None else words.OPERATIONS.get(name, ())
        yield from (Completion(word, ItemKind.WORD) for word in found)
    elif context.previous == b"," and bracket.commas >= 3:
        yield from (Completion(word, ItemKind.WORD) for word in words.LAST.get(name, ()))
    elif own is not None and (ordering := own.attribute("ordering")) is not None and context.previous == b"]":
        yield from (Completion(word, ItemKind.WORD) for word, _ in ordering.words)


def page(name: str) -> str:
    """The documentation of an attribute of an operation, `enzyme.autodiff activity`, or of one of Enzyme's own."""
    operation, _, key = name.partition(" ")
    own = OPS.get(operation)
    field = own.attribute(key) if own is not None else None
    if field is not None:
        default = f" Without it: `{field.default}`." if field.default else ""
        return f"{field.meaning}: {field.kind.value}.{default}"
    one = ATTRIBUTES.get(name)
    return f"{one.meaning}.\n\n```mlir\n{one.example}\n```" if one is not None else ""


def activity_page(word: str) -> str:
    """The documentation of an activity."""
    named = BY_WORD.get(word)
    return _MEANINGS[named] if named is not None else ""


_MEANINGS: Final = {
    Activity.ACTIVE: "Active: in reverse mode its gradient is a result, or, of a result, its seed is an operand.",
    Activity.DUP: "Has a shadow beside it: its tangent, or the memory that its gradient is added to.",
    Activity.CONST: "Constant: no derivative is taken by it or of it.",
    Activity.DUP_NO_NEED: "Has a shadow beside it, and its own value is not needed.",
    Activity.ACTIVE_NO_NEED: "Active, and its own value is not needed: of a result only the seed is taken.",
    Activity.CONST_NO_NEED: "Constant, and its own value is not needed.",
}


def used_keys(piece: Piece) -> Counter[str]:
    """How often each name stands before a `=` in the dictionaries of a piece. Use through `piece.fact`."""
    return Counter(decode(match[1]) for match in _KEY.finditer(piece.text))


def used_words(piece: Piece) -> Counter[tuple[str, str, str]]:
    """How often each word stands in an attribute of a piece: dialect, attribute, word. Use through `piece.fact`."""
    found: Counter[tuple[str, str, str]] = Counter()
    for match in _WORD_OF.finditer(piece.text):
        found[decode(match[1]), decode(match[2] or match[3]), decode(match[4])] += 1
    return found


def likely(reading: Reading, side: Side, type_: Type) -> tuple[Activity, ...]:
    """The activities that are possible and sensible for a type, the most likely first."""
    if reading.mode is not Mode.JACOBIAN:
        return activities.possible(reading, side, type_)
    is_number = type_.scalar.kind in (TypeKind.FLOAT, TypeKind.COMPLEX)
    return (Activity.ACTIVE, Activity.CONST) if is_number else (Activity.CONST,)


# Keys


def _present(context: Context) -> set[str]:
    """The attributes that the dictionary at the place has already."""
    tokens, opened = context.tree.tokens, context.bracket.token
    close = context.tree.partners[opened] if opened >= 0 else -1
    last = close if close > opened else min(context.last + 64, len(tokens))
    found: set[str] = set()
    for index in range(opened + 1, last):
        if tokens.word(index + 1) == b"=" and tokens.word(index - 1) in (b"{", b",", b"<"):
            found.add(decode(tokens.word(index)).strip('"'))
    return found


def _is_in_syntax(form: str, field: AttributeField) -> bool:
    """Whether the custom form has an attribute at a place of its own."""
    return f"${field.name}" in form.split() or field.kind is AttributeKind.SEGMENTS


def _key(context: Context, field: AttributeField) -> Completion:
    operation = context.operation
    name = operation.name if operation is not None else ""
    value: Template = (Hole(""),)
    is_bare = context.bracket.word == b"<"
    if field.kind is AttributeKind.ACTIVITIES:
        value = _list_template(context, _SIDES[field.name])
    elif field.kind is AttributeKind.I64:
        value = (Hole("2"), "" if is_bare else " : i64")
    elif field.kind is AttributeKind.BOOL:
        value = (Hole("true", ("true", "false")),)
    elif field.kind is AttributeKind.I64_ARRAY:
        value = ("[" if is_bare else "array<i64: ", Hole("2"), "]" if is_bare else ">")
    detail = "required" if field.required else ""
    return Completion(
        field.name, ItemKind.ATTRIBUTE, (f"{field.name} = ", *value), detail, f"attribute {name} {field.name}"
    )


def _list_template(context: Context, side: Side) -> Template:
    """`[#enzyme<activity enzyme_active>, ...]`, one for each argument or result of the callee."""
    reading = reading_of(context)
    function = reading.function if reading is not None else None
    if reading is None or function is None:
        return ("[", Hole(""), "]")
    types = function.arguments if side is Side.ARGUMENT else function.results
    choices = [likely(reading, side, type_) for type_ in types]
    strict = _is_strict(context)
    parts: list[str | Hole] = ["["]
    for number, possible in enumerate(choices):
        parts.append(", " if number else "")
        before, _, behind = spelling.activity("|", strict=strict).partition("|")
        named = tuple(one.value for one in possible)
        parts += [before, Hole(named[0], named), behind]
    return (*parts, "]")


# Values


def _is_strict(context: Context) -> bool:
    """Whether the brackets around the place, or else the text, are in the strict spelling."""
    opened = next((one for one in context.around if one.word in (b"{", b"<") and one.key in ("", *_SIDES)), None)
    if opened is not None and opened.word == b"<" and opened.key:
        return True
    return spelling.is_strict(context)


def _inside_attribute(context: Context) -> Iterator[Completion] | None:
    """Inside `#enzyme<activity ` and its like; None elsewhere."""
    tokens, bracket = context.tree.tokens, context.bracket
    if bracket.word != b"<":
        return None
    opener = tokens.word(bracket.token - 1)
    if opener[:1] != b"#":
        # `#enzyme<activity<` is the strict spelling in long form.
        outer = context.around[1]
        if opener != b"activity" or tokens.word(outer.token - 1) != b"#enzyme":
            return None
        return _activity_words(context)
    dialect, _, name = decode(opener[1:]).partition(".")
    if not name and context.last == bracket.token:
        return _long_names(context, dialect)
    name = name or decode(tokens.word(bracket.token + 1))
    if (dialect, name) == ("enzyme", "activity"):
        return _activity_words(context)
    return _words(context, dialect, name)


def _long_names(context: Context, dialect: str) -> Iterator[Completion]:
    """The attributes of a dialect behind `#dialect<`."""
    if dialect == "enzyme":
        for one in ATTRIBUTES.values():
            yield Completion(one.name, ItemKind.ATTRIBUTE, (f"{one.name} ",), one.meaning, f"attribute {one.name}")
        return
    known = {name for of, name in words.ATTRIBUTES if of == dialect}
    for piece in _around(context):
        known.update(name for of, name, _ in piece.fact(used_words) if of == dialect)
    yield from (Completion(name, ItemKind.ATTRIBUTE, (f"{name} ",)) for name in sorted(known))


def _words(context: Context, dialect: str, name: str) -> Iterator[Completion]:
    counts: Counter[str] = Counter()
    for piece in _around(context):
        for (of, attribute, word), count in piece.fact(used_words).items():
            if (of, attribute) == (dialect, name):
                counts[word] += count
    known = words.ATTRIBUTES.get((dialect, name), ())
    order = sorted({*known, *counts}, key=lambda word: (-counts[word], known.index(word) if word in known else 99))
    yield from (Completion(word, ItemKind.WORD) for word in order)


def _activity_words(context: Context) -> Iterator[Completion]:
    side = _SIDES.get(context.key)
    listed = next((one for one in context.around if one.word == b"["), None)
    for one, detail in _ranked(context, reading_of(context), side, listed):
        yield Completion(one.value, ItemKind.WORD, detail=detail, page=f"activity {one.value}")


def _activity_list(context: Context, reading: Reading | None, side: Side) -> Iterator[Completion]:
    """Whole activities in a list, or the list itself."""
    bracket = context.bracket
    strict = _is_strict(context)
    if bracket.word != b"[":
        template = _list_template(context, side)
        yield Completion("[...]", ItemKind.WORD, template, "an activity for each")
        return
    for one, detail in _ranked(context, reading, side, bracket):
        label = spelling.activity(one.value, strict=strict)
        yield Completion(label, ItemKind.WORD, detail=detail, page=f"activity {one.value}")


def _ranked(
    context: Context, reading: Reading | None, side: Side | None, listed: Bracket | None
) -> list[tuple[Activity, str]]:
    """The activities, those that are possible for the slot first, each with what it is for."""
    if side is None:
        return [(one, "") for one in Activity]
    mode = reading.mode if reading is not None else Mode.FORWARD if "fwd" in context.name else Mode.REVERSE
    usual = _USUAL[mode if mode in (Mode.FORWARD, Mode.BATCH) else Mode.REVERSE, side]
    function = reading.function if reading is not None else None
    if reading is None or function is None or listed is None:
        return [(one, "") for one in usual]
    types = function.arguments if side is Side.ARGUMENT else function.results
    if listed.commas >= len(types):
        return [(one, f"{slots.callee(reading)} has no such {side.value}") for one in usual]
    type_ = types[listed.commas]
    possible = likely(reading, side, type_)
    of = f"{slots.of_callee(reading, side, listed.commas)}: {type_}"
    return [
        *((one, of) for one in possible),
        *((one, f"not usual for {type_}") for one in usual if one not in possible),
    ]


_REVERSE_ARGUMENTS: Final = (Activity.ACTIVE, Activity.CONST, Activity.DUP, Activity.DUP_NO_NEED)
_USUAL: Final = {
    (Mode.REVERSE, Side.ARGUMENT): (*_REVERSE_ARGUMENTS, Activity.ACTIVE_NO_NEED, Activity.CONST_NO_NEED),
    (Mode.REVERSE, Side.RESULT): (
        Activity.ACTIVE_NO_NEED, Activity.ACTIVE, Activity.CONST, Activity.CONST_NO_NEED, Activity.DUP,
        Activity.DUP_NO_NEED,
    ),
    (Mode.FORWARD, Side.ARGUMENT): (
        Activity.DUP, Activity.CONST, Activity.DUP_NO_NEED, Activity.CONST_NO_NEED, Activity.ACTIVE,
        Activity.ACTIVE_NO_NEED,
    ),
    (Mode.FORWARD, Side.RESULT): (
        Activity.DUP, Activity.DUP_NO_NEED, Activity.CONST, Activity.CONST_NO_NEED, Activity.ACTIVE,
        Activity.ACTIVE_NO_NEED,
    ),
    (Mode.BATCH, Side.ARGUMENT): (),
    (Mode.BATCH, Side.RESULT): (),
}  # fmt: skip


def _of_field(context: Context, field: AttributeField) -> Iterator[Completion]:
    """The values of one of Enzyme's attributes."""
    is_bare = context.bracket.word == b"<"
    is_listed = context.bracket.word == b"["
    match field.kind:
        case AttributeKind.BOOL:
            yield from (Completion(word, ItemKind.WORD) for word in ("true", "false"))
        case AttributeKind.I64:
            for number in _WIDTHS:
                yield Completion(f"{number}" if is_bare else f"{number} : i64", ItemKind.WORD)
        case AttributeKind.I64_ARRAY if not is_listed:
            for number in _WIDTHS:
                yield Completion(f"[{number}]" if is_bare else f"array<i64: {number}>", ItemKind.WORD)
        case AttributeKind.ENUM:
            for word, number in field.words:
                yield Completion(f"{number} : i64" if not is_bare else word, ItemKind.WORD, detail=word)
        case _:
            return


def _attributes(context: Context) -> Iterator[Completion]:
    """Attributes of Enzyme's, and of other dialects as the document has them."""
    strict = spelling.is_strict(context)
    for one in ATTRIBUTES.values():
        opened = one.example_in(strict=strict).partition("<")[0]
        label = f"{opened}<{'activity ' if one.name == 'activity' and not strict else ''}"
        yield Completion(label, ItemKind.ATTRIBUTE, detail=one.meaning, page=f"attribute {one.name}")
    counts: Counter[str] = Counter()
    for piece in _around(context):
        for (dialect, name, _), count in piece.fact(used_words).items():
            if dialect != "enzyme":
                counts[f"#{dialect}<{name} "] += count
    yield from (Completion(label, ItemKind.ATTRIBUTE) for label, _ in counts.most_common(_MOST_KEYS))


def _around(context: Context) -> list[Piece]:
    """The pieces near the place."""
    pieces, here = context.snapshot.layout.pieces, context.index
    return [context.piece, *pieces[max(here - _NEAR, 0) : here], *pieces[here + 1 : here + _NEAR]]


_NEAR: Final = 64
