"""One operation of Enzyme and its callee as data, and their text in either spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Mode

if TYPE_CHECKING:
    from enzyme_lsp.dialect.spelling import Spelling


class Form(Enum):
    """How an operation is written."""

    CUSTOM = "custom"
    CUSTOM_DICTIONARY = "custom, with <{...}> in the strict spelling"
    REGION = "with the callee as its region"
    GENERIC = "generic, with properties"
    GENERIC_DICTIONARY = "generic, with a dictionary"


@dataclass(frozen=True, slots=True)
class Style:
    """How a module is written, as far as that changes nothing of what it means."""

    symbol: str = "@f"
    is_nested: bool = False
    """In a module of its own."""
    is_callee_last: bool = False
    is_callee_generic: bool = False
    is_callee_dressed: bool = False
    """Private, with attributes on arguments and results."""
    has_aliases: bool = False
    has_locations: bool = False
    is_broken: bool = False
    """The attributes of the operation stand on lines of their own, with comments."""
    has_named_results: bool = False
    """`%r0, %r1 = ` instead of `%r:2 = `."""
    has_one_source: bool = False
    """All operands are results of one operation, such as `%o#1`."""


@dataclass(frozen=True, slots=True)
class Function:
    """A callee. `body` uses `%x0`, `%x1` and so on, its arguments; `given` are the values that it returns."""

    arguments: tuple[str, ...]
    results: tuple[str, ...]
    body: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    is_llvm: bool = False
    is_declaration: bool = False

    def text(self, style: Style) -> str:
        """The definition. A function of LLVM has one result at most."""
        kind = "llvm.func" if self.is_llvm else "func.func"
        visibility = "private " if not self.is_llvm and (self.is_declaration or style.is_callee_dressed) else ""
        if self.is_declaration:
            return f"{kind} {visibility}{style.symbol}({', '.join(self.arguments)}){self._results(style)}\n"
        lines = "".join(
            f"  {line}\n" for line in (*self.body, self.left_by("llvm.return" if self.is_llvm else "return"))
        )
        if style.is_callee_generic and not self.is_llvm:
            type_ = f"({', '.join(self.arguments)}) -> ({', '.join(self.results)})"
            name = style.symbol[1:] if style.symbol[1] == '"' else f'"{style.symbol[1:]}"'
            lines = lines.replace("  return", "  func.return")
            start = f"\n^bb0({self.parameters()}):\n{lines}" if self.arguments else f"\n{lines}"
            return f'"func.func"() <{{function_type = {type_}, sym_name = {name}}}> ({{{start}}}) : () -> ()\n'
        taken = self.parameters(" {jax.buffer_donor = true}" if style.is_callee_dressed and not self.is_llvm else "")
        return f"{kind} {visibility}{style.symbol}({taken}){self._results(style)} {{\n{lines}}}\n"

    def parameters(self, dress: str = "") -> str:
        return ", ".join(f"%x{index}: {type_}{dress}" for index, type_ in enumerate(self.arguments))

    def left_by(self, name: str) -> str:
        """The operation at the end, of the name given."""
        return f"{name} {', '.join(self.given)} : {', '.join(self.results)}" if self.given else name

    def _results(self, style: Style) -> str:
        if self.is_llvm:
            return f" -> {self.results[0]}" if self.results else ""
        dress = ' {jax.result_info = "r"}' if style.is_callee_dressed else ""
        return f" -> ({', '.join(type_ + dress for type_ in self.results)})"


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry of a list of activities: its word, and what stands behind it that should not.

    An entry that is none at all has its text as its word, which then begins with no letter.
    """

    word: str
    junk: str = ""

    def text(self, spelling: Spelling) -> str:
        if not self.word[:1].isalpha():
            return self.word
        if spelling == "classic":
            return f"#enzyme<activity {self.word}{self.junk}>"
        return f"#enzyme.activity<{self.word}{self.junk}>"


NAMES: Final = {
    Mode.REVERSE: "enzyme.autodiff",
    Mode.FORWARD: "enzyme.fwddiff",
    Mode.BATCH: "enzyme.batch",
    Mode.JACOBIAN: "enzyme.jacobian",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it is written, right or wrong.

    `width` is the attribute's value with its type, and None leaves it out. `sizes` are those of a batch. `attributes`
    are further ones, by name, with a value as in a dictionary, and `lacks` names one that is left out. `typed` is how
    many types of operands stand behind the colon when that is another number than that of the operands, and `bound`
    how many results have a name. `callee` is None for the one of the case.
    """

    mode: Mode
    operands: tuple[str, ...]
    results: tuple[str, ...]
    activities: tuple[Activity, ...] = ()
    returns: tuple[Activity, ...] = ()
    width: str | None = None
    sizes: tuple[int, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    lacks: str = ""
    typed: int | None = None
    bound: int | None = None
    callee: str | None = None
    form: Form = Form.CUSTOM

    @property
    def name(self) -> str:
        return NAMES[self.mode] + ("_region" if self.form is Form.REGION else "")

    def text(self, spelling: Spelling, function: Function, style: Style) -> str:
        """The operation with its operands `%a0`, `%a1` and so on and its results `%r`."""
        bound = self._bound(style)
        source = "%o" if len(self.operands) == 1 else "%o#{}"
        source = source if style.has_one_source else "%a{}"
        operands = ", ".join(source.format(index) for index in range(len(self.operands)))
        listed = self.operands if self.typed is None else (*self.operands, "f64")[: self.typed]
        type_ = f"({', '.join(listed)}) -> ({', '.join(self.results)})"
        entries = self._entries(spelling)
        callee = self.callee or style.symbol
        if self.form in (Form.GENERIC, Form.GENERIC_DICTIONARY):
            inside = _dictionary({**entries, "fn": callee}, style)
            attributes = f"<{inside}>" if self.form is Form.GENERIC else inside
            text = f'{bound}"{self.name}"({operands}) {attributes} : {type_}'
        elif self.form is Form.REGION:
            lines = "".join(f"    {line}\n" for line in (*function.body, function.left_by("enzyme.yield")))
            start = f"\n  ^bb0({function.parameters()}):\n" if function.arguments else "\n"
            keyword = "attributes " if spelling == "classic" else ""
            attributes = self._custom(entries, spelling, style)
            text = f"{bound}{self.name}({operands}) {{{start}{lines}  }} {keyword}{attributes} : {type_}"
        else:
            text = f"{bound}{self.name} {callee}({operands}) {self._custom(entries, spelling, style)} : {type_}"
        return text + (' loc("model.py":3:4)' if style.has_locations else "")

    def names(self, style: Style) -> list[str]:
        """How the results are named where they are used."""
        count = len(self.results) if self.bound is None else self.bound
        if style.has_named_results:
            return [f"%r{index}" for index in range(count)]
        return ["%r"] if count == 1 else [f"%r#{index}" for index in range(count)]

    def _bound(self, style: Style) -> str:
        names = self.names(style)
        if not names or style.has_named_results or len(names) == 1:
            return f"{', '.join(names)} = " if names else ""
        return f"%r:{len(names)} = "

    def _custom(self, entries: dict[str, str], spelling: Spelling, style: Style) -> str:
        if spelling == "classic":
            return _dictionary(entries, style)
        if self.form is Form.CUSTOM_DICTIONARY:
            return f"<{_dictionary(entries, style)}>"
        return f"<{_joined([f'{key} = {_bare(key, value)}' for key, value in entries.items()], style)}>"

    def _entries(self, spelling: Spelling) -> dict[str, str]:
        entries: dict[str, str] = {}
        if self.mode is not Mode.BATCH:
            entries["activity"] = f"[{', '.join(one.text(spelling) for one in self.activities)}]"
            entries["ret_activity"] = f"[{', '.join(one.text(spelling) for one in self.returns)}]"
        else:
            entries["batch_shape"] = f"array<i64{': ' if self.sizes else ''}{', '.join(map(str, self.sizes))}>"
        if self.width is not None:
            entries["width"] = self.width
        entries.pop(self.lacks, None)
        return entries | self.attributes


def _numbers(first: int, count: int) -> str:
    return ", ".join(str(number) for number in range(first, first + count))


def _dictionary(entries: dict[str, str], style: Style) -> str:
    return "{" + _joined([f"{key} = {value}" for key, value in entries.items()], style) + "}"


def _joined(parts: list[str], style: Style) -> str:
    if not style.is_broken:
        return ", ".join(parts)
    return "\n    " + ",  // one, (two] and @three\n    ".join(parts) + "\n  "


def _bare(key: str, value: str) -> str:
    """A value as it stands between `<` and `>` in the strict spelling, where the key tells its type."""
    if key == "batch_shape":
        return "[" + value.removeprefix("array<i64").removeprefix(": ").removesuffix(">") + "]"
    return value.removesuffix(" : i64") if key == "width" else value


@dataclass(frozen=True, slots=True)
class Case:
    """An operation in a module that gives it all it needs: its callee, and a caller with an argument for each operand.

    The caller returns every result, so that types are looked at, but for those that are not `used`.
    """

    number: int
    function: Function
    operation: Operation
    captured: tuple[str, ...] = ()
    """The types of values `%k0`, `%k1` and so on that the region of the operation finds around it."""
    is_careful: bool = True
    """Nothing in it is known to be beyond the engines."""
    style: Style = Style()
    changes: tuple[str, ...] = ()
    """What was done to an operation that was right, in words."""
    used: frozenset[int] | None = None
    """The results that the caller returns; None: all of them."""

    def text(self, spelling: Spelling) -> str:
        """The module."""
        op = self.operation
        further, uses, returned = self._uses(op.names(self.style))
        taken = [*(f"%a{index}: {type_}" for index, type_ in enumerate(op.operands)), *further]
        taken += [f"%k{index}: {type_}" for index, type_ in enumerate(self.captured)]
        values, types = [one.partition(" : ")[0] for one in returned], [one.partition(" : ")[2] for one in returned]
        leave = f"return {', '.join(values)} : {', '.join(types)}" if values else "return"
        lines = [*self._source(), op.text(spelling, self.function, self.style), *uses, leave]
        body = "".join(f"  {line}\n" for line in lines)
        parts = [f"func.func @caller({', '.join(taken)}) -> ({', '.join(types)}) {{\n{body}}}\n"]
        if op.form is not Form.REGION:
            parts.insert(len(parts) if self.style.is_callee_last else 0, self.function.text(self.style))
        text = "".join(parts)
        if self.style.is_nested:
            text = f"module @nested {{\n{text}}}\n"
        return _with_aliases(text) if self.style.has_aliases else text

    def _source(self) -> list[str]:
        """The operation that all operands come from, if they do."""
        if not self.style.has_one_source or not self.operation.operands:
            return []
        count, types = len(self.operation.operands), ", ".join(self.operation.operands)
        bound = "%o" if count == 1 else f"%o:{count}"
        values = ", ".join(f"%a{index}" for index in range(count))
        return [f"{bound} = builtin.unrealized_conversion_cast {values} : {types} to {types}"]

    def _uses(self, values: list[str]) -> tuple[list[str], list[str], list[str]]:
        """What further arguments the caller needs, its lines, and what it returns, with types.

        A Jacobian is lowered where it is multiplied: each result that has a number is contracted with a direction of
        the argument's type, which must give what the callee gives.
        """
        results = (*self.operation.results, *(["f64"] * len(values)))[: len(values)]
        if self.operation.mode is not Mode.JACOBIAN:
            every = [f"{value} : {type_}" for value, type_ in zip(values, results, strict=True)]
            return [], [], [one for index, one in enumerate(every) if self.used is None or index in self.used]
        takes, gives = self.function.arguments, self.function.results
        lines, returned = list[str](), list[str]()
        for number, (value, written) in enumerate(zip(values, results, strict=True)):
            if number >= len(takes) * len(gives):
                returned.append(f"{value} : {written}")
                continue
            by, out = takes[number % len(takes)], gives[number // len(takes)]
            first, count = out.count("x"), by.count("x")
            pairs = f"[{_numbers(first, count)}] x [{_numbers(0, count)}]"
            lines.append(
                f"%q{number} = stablehlo.dot_general {value}, %d{number % len(takes)}, contracting_dims = {pairs}"
                f" : ({written}, {by}) -> {out}"
            )
            returned.append(f"%q{number} : {out}")
        return [f"%d{index}: {type_}" for index, type_ in enumerate(takes)], lines, returned

    def changed(self, operation: Operation, words: str) -> Case:
        return replace(self, operation=operation, changes=(*self.changes, words))


_ACTIVITY: Final = re.compile(r"#enzyme(?:<activity \w+>|\.activity<\w+>)")
_SHAPED: Final = re.compile(r"(?<![\w.])(?:tensor|memref)<[^<>]*>")


def _with_aliases(text: str) -> str:
    """The text with an alias for each activity and each simple shaped type."""
    aliases: dict[str, str] = {}
    for pattern, mark in ((_ACTIVITY, "#activity"), (_SHAPED, "!shaped")):
        for found in dict.fromkeys(pattern.findall(text)):
            aliases[found] = f"{mark}{len(aliases)}"
        text = pattern.sub(lambda match: aliases[match[0]], text)
    return "".join(f"{alias} = {what}\n" for what, alias in aliases.items()) + text
