"""Random operations of Enzyme: right ones by the calling convention, and what becomes of them by mistakes.

A case is a pure function of the seed and its number, so that one of them can be looked at again alone.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import BY_WORD
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax import types
from tests.differential import activities, functions
from tests.differential.operations import Activity, Case, Form, Function, Operation, Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_MODES: Final = (*((Mode.REVERSE,) * 9), *((Mode.FORWARD,) * 9), Mode.BATCH, Mode.BATCH, Mode.JACOBIAN, Mode.JACOBIAN)
_FORMS: Final = (*((Form.CUSTOM,) * 6), *((Form.CUSTOM_DICTIONARY,) * 2), Form.GENERIC, Form.GENERIC_DICTIONARY)
_CHANGES: Final = (0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2)
"""How many mistakes a case has, by how often."""
_WORDS: Final = tuple(BY_WORD)


def cases(seed: int, count: int) -> Iterator[Case]:
    """The first `count` cases of a seed."""
    return (case(seed, number) for number in range(count))


def careless(seed: int, number: int) -> Case:
    """A case with no mistake, of any activities and width, whatever the engines make of it."""
    return right(random.Random(f"{seed}/{number}/careless"), number, is_careful=False)


def case(seed: int, number: int) -> Case:
    """One case."""
    chance = random.Random(f"{seed}/{number}")
    made = replace(right(chance, number), style=style(chance))
    for _ in range(chance.choice(_CHANGES)):
        made = _changed(chance, made)
    return made


def style(chance: random.Random) -> Style:
    """How the module is written. Half of them are written plainly."""
    if chance.random() < 0.5:
        return Style()
    symbols = ("@f", "@f", "@f", '@"f"', '@"a f (x"', "@f.1$x_")
    flags = (chance.random() < 0.2 for _ in range(9))
    return Style(chance.choice(symbols), *flags)


def right(chance: random.Random, number: int, *, is_careful: bool = True) -> Case:
    """A case with no mistake, as the convention has it.

    `is_careful`: and with nothing that the convention allows and the engines cannot do.
    """
    mode = chance.choice(_MODES)
    form = chance.choice(_FORMS)
    if mode in (Mode.REVERSE, Mode.FORWARD) and chance.random() < 0.12:
        form = Form.REGION
    if mode is Mode.BATCH:
        return _batch(chance, number, form)
    if mode is Mode.JACOBIAN:
        return _jacobian(chance, number, form)
    # An engine that reads the classic spelling takes no function of LLVM in forward mode.
    is_llvm = mode is Mode.REVERSE and form is not Form.REGION and chance.random() < 0.12
    captured = chance.choice(((), (), ("f64",), ("f32", "i32"))) if form is Form.REGION else ()
    function, flows = functions.function(
        chance, functions.OF_LLVM if is_llvm else functions.ALL, is_llvm=is_llvm, captured=captured
    )
    # No tensor is a type of LLVM, and the pass that adds complex tensors cannot take what a width makes of scalars.
    narrow = is_careful and (is_llvm or any("xcomplex" in type_ for type_ in function.arguments))
    width = 1 if narrow else chance.choice((1, 1, 1, 2, 3))
    arguments, returns = activities.chosen(chance, mode, function, flows if is_careful else None, width)
    slots = (convention.forward if mode is Mode.FORWARD else convention.reverse)(
        known(function), [BY_WORD[word] for word in arguments], [BY_WORD[word] for word in returns], width
    )
    attributes: dict[str, str] = {}
    for name in ("strong_zero", *(("atomic_add",) if mode is Mode.REVERSE else ())):
        if chance.random() < 0.1:
            attributes[name] = chance.choice(("true", "false"))
    if form is Form.REGION and chance.random() < 0.7:
        attributes["fn"] = '"f"'
    operation = Operation(
        mode,
        texts(slots.operands),
        texts(slots.results),
        tuple(Activity(word) for word in arguments),
        tuple(Activity(word) for word in returns),
        f"{width} : i64" if width != 1 or chance.random() < 0.1 else None,
        attributes=attributes,
        form=form,
    )
    return Case(number, function, operation, captured, is_careful=is_careful)


def known(function: Function) -> convention.Function:
    """The callee as the convention takes it."""
    return convention.Function(
        tuple(types.read(text) for text in function.arguments),
        tuple(types.read(text) for text in function.results),
        function.is_llvm,
    )


def texts(slots: Sequence[convention.Slot]) -> tuple[str, ...]:
    """The types of slots, all of which can be told of the types here."""
    found = [slot.type for slot in slots]
    return tuple("none" if one is None else one.text for one in found)


def _batch(chance: random.Random, number: int, form: Form) -> Case:
    function, _ = functions.function(chance, functions.BATCHED, computes=False)
    sizes = chance.choice(((2,), (2,), (3,), (2, 3), ()))
    slots = convention.batch(known(function), sizes)
    return Case(
        number,
        function,
        Operation(Mode.BATCH, texts(slots.operands), texts(slots.results), sizes=sizes, form=form),
    )


def _jacobian(chance: random.Random, number: int, form: Form) -> Case:
    function, _ = functions.function(chance, functions.OF_JACOBIANS)
    while not function.arguments or not function.results:  # Nothing of an empty one is ever lowered.
        function, _ = functions.function(chance, functions.OF_JACOBIANS)
    slots = convention.jacobian(known(function))
    choices = ("enzyme_dup", "enzyme_dup", "enzyme_const")
    operation = Operation(
        Mode.JACOBIAN,
        texts(slots.operands),
        texts(slots.results),
        tuple(Activity(chance.choice(choices)) for _ in function.arguments),
        tuple(Activity(chance.choice(choices)) for _ in function.results),
        form=form,
    )
    return Case(number, function, operation)


# --------------------------------------------------------------------------------------------------------------------
# Mistakes.


def _changed(chance: random.Random, made: Case) -> Case:
    """The case with one more mistake in it."""
    kinds = _OF_BATCHES if made.operation.mode is Mode.BATCH else _OF_DERIVATIVES
    while True:
        changed = chance.choice(kinds)(chance, made)
        if changed is not None and (changed.operation, changed.function) != (made.operation, made.function):
            return changed


def _some_type(chance: random.Random, near: str) -> str:
    """Another type, often one that is easily written instead of `near`."""
    likely = ("f32", "f64", f"tensor<2x{near}>", f"tensor<3x{near}>", *(("tensor<2xf64>",) if near == "f64" else ()))
    if near.startswith("tensor<") and "*" not in near:
        likely = (
            near.replace("tensor<", "tensor<2x", 1),
            near.replace("<4x", "<2x"),
            near.replace("f64", "f32"),
            "f64",
        )
    while True:
        found = chance.choice(likely) if chance.random() < 0.6 else chance.choice(functions.ALL)
        if "memref" not in found.partition("x")[2] and "!llvm" not in found.partition("x")[2] and found != near:
            return found


def _values(chance: random.Random, values: tuple[str, ...], what: str) -> tuple[tuple[str, ...], str] | None:
    """One mistake in a list of types, and its words; None when the one that was drawn cannot be made."""
    kind = chance.choice(("drop", "drop", "add", "swap", "retype"))
    listed = list(values)
    if kind == "add":
        at = chance.choice((len(listed), chance.randint(0, len(listed))))
        listed.insert(at, chance.choice((*listed, chance.choice(functions.ALL))))
        return tuple(listed), f"{what} {at} added"
    if not listed or (kind == "swap" and len(listed) < 2):
        return None
    at = chance.choice((len(listed) - 1, chance.randrange(len(listed))))
    if kind == "drop":
        del listed[at]
        return tuple(listed), f"{what} {at} dropped"
    if kind == "retype":
        listed[at] = _some_type(chance, listed[at])
        return tuple(listed), f"{what} {at} is now {listed[at]}"
    other = chance.choice([index for index in range(len(listed)) if index != at])
    listed[at], listed[other] = listed[other], listed[at]
    return tuple(listed), f"{what}s {at} and {other} swapped"


def _operands(chance: random.Random, made: Case) -> Case | None:
    found = _values(chance, made.operation.operands, "operand")
    return found and made.changed(replace(made.operation, operands=found[0]), found[1])


def _results(chance: random.Random, made: Case) -> Case | None:
    found = _values(chance, made.operation.results, "result")
    return found and made.changed(replace(made.operation, results=found[0]), found[1])


def _entry(chance: random.Random, entries: tuple[Activity, ...], what: str) -> tuple[tuple[Activity, ...], str] | None:
    kind = chance.choice(("change", "change", "change", "drop", "add"))
    listed = list(entries)
    if kind == "add":
        at = chance.randint(0, len(listed))
        listed.insert(at, Activity(chance.choice(_WORDS)))
        return tuple(listed), f"{what} {at} {listed[at].word} added"
    if not listed:
        return None
    at = chance.randrange(len(listed))
    if kind == "drop":
        return (*listed[:at], *listed[at + 1 :]), f"{what} {at} dropped"
    before, listed[at] = listed[at].word, Activity(chance.choice(_WORDS))
    return tuple(listed), f"{what} {at} is now {listed[at].word}, was {before}"


def _activity(chance: random.Random, made: Case) -> Case | None:
    found = _entry(chance, made.operation.activities, "activity")
    return found and made.changed(replace(made.operation, activities=found[0]), found[1])


def _return_activity(chance: random.Random, made: Case) -> Case | None:
    found = _entry(chance, made.operation.returns, "return activity")
    return found and made.changed(replace(made.operation, returns=found[0]), found[1])


_WIDTHS: Final = ("2 : i64", "3 : i64", "1 : i64", "0 : i64", "-1 : i64", "4294967297 : i64", '"two"', "2 : i32", None)


def _width(chance: random.Random, made: Case) -> Case | None:
    width = chance.choice(_WIDTHS)
    return made.changed(replace(made.operation, width=width), f"width is now {width}")


def _unknown_attribute(chance: random.Random, made: Case) -> Case | None:
    entry = chance.choice((("foo", "1 : i64"), ("return_activity", "[]"), ("atomic_add", "true"), ("fast", "true")))
    if entry[0] in made.operation.attributes:
        return None
    return made.changed(
        replace(made.operation, attributes=made.operation.attributes | dict([entry])), f"attribute {entry[0]} added"
    )


def _junk(chance: random.Random, made: Case) -> Case | None:
    listed = list(made.operation.activities)
    if not listed:
        return None
    at = chance.randrange(len(listed))
    listed[at] = replace(listed[at], junk=chance.choice((", enzyme_dup", " garbage", ", 3")))
    return made.changed(replace(made.operation, activities=tuple(listed)), f"junk in activity {at}")


def _callee(chance: random.Random, made: Case) -> Case | None:
    if made.operation.form is Form.REGION:
        return None
    return made.changed(replace(made.operation, callee="@g"), "the callee does not exist")


def _declaration(chance: random.Random, made: Case) -> Case | None:
    if made.operation.form is Form.REGION or made.operation.mode is Mode.JACOBIAN:
        return None
    function = replace(made.function, is_declaration=True)
    return replace(made, function=function, changes=(*made.changes, "the callee is a declaration"))


def _types(chance: random.Random, made: Case) -> Case | None:
    """The operands that are named and those that have a type are not as many."""
    count = len(made.operation.operands) + chance.choice((-1, 1))
    return made.changed(replace(made.operation, typed=count), f"{count} types of operands") if count >= 0 else None


def _names(chance: random.Random, made: Case) -> Case | None:
    """The results that are named and those that have a type are not as many."""
    count = len(made.operation.results) + chance.choice((-1, 1))
    return made.changed(replace(made.operation, bound=count), f"{count} names of results") if count >= 0 else None


def _no_activity(chance: random.Random, made: Case) -> Case | None:
    key = chance.choice(("activity", "ret_activity"))
    return made.changed(replace(made.operation, lacks=key), f"no {key}")


_NO_ACTIVITIES: Final = ('"enzyme_dup"', "[]", "#enzyme<activity enzyme_active", "0", "_", "#nothing", "@f")


def _bad_entry(chance: random.Random, made: Case) -> Case | None:
    """Something in the list that is no activity, or one of a name that none has."""
    listed = list(made.operation.activities)
    if not listed:
        return None
    at = chance.randrange(len(listed))
    listed[at] = Activity(chance.choice((*_NO_ACTIVITIES, "enzyme_duo", "dup", "enzyme_dup_noneed")))
    return made.changed(replace(made.operation, activities=tuple(listed)), f"activity {at} is {listed[at].word!r}")


def _region(chance: random.Random, made: Case) -> Case | None:
    """The region takes another argument, or yields another value."""
    function = made.function
    if made.operation.form is not Form.REGION:
        return None
    if chance.random() < 0.5:
        changed = replace(function, arguments=(*function.arguments, chance.choice(functions.ALL)))
        return replace(made, function=changed, changes=(*made.changes, "the region takes one more"))
    if not function.given:
        return None
    changed = replace(function, given=function.given[:-1], results=function.results[:-1])
    return replace(made, function=changed, changes=(*made.changes, "the region yields one less"))


_SIZES: Final = ((2,), (3,), (2, 2), (), (0,), (-2,))


def _sizes(chance: random.Random, made: Case) -> Case | None:
    sizes = chance.choice(_SIZES)
    return made.changed(replace(made.operation, sizes=sizes), f"batch_shape is now {list(sizes)}")


_OF_BATCHES: Final[tuple[Callable[[random.Random, Case], Case | None], ...]] = (
    *((_operands,) * 6),
    *((_results,) * 6),
    *((_sizes,) * 3),
    _unknown_attribute,
    _callee,
    _types,
    _names,
)
_OF_DERIVATIVES: Final[tuple[Callable[[random.Random, Case], Case | None], ...]] = (
    *((_operands,) * 8),
    *((_results,) * 8),
    *((_activity,) * 6),
    *((_return_activity,) * 6),
    *((_width,) * 3),
    _unknown_attribute,
    _junk,
    _callee,
    _declaration,
    _types,
    _names,
    _no_activity,
    _bad_entry,
    *((_region,) * 4),
)
