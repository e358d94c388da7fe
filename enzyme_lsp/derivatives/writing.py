"""Writing: a draft as text, in the form, the spelling and with the indents of the function that it is put beside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives.drafts import Computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.derivatives.drafts import Call, Constant, Draft, Value
    from enzyme_lsp.derivatives.subject import Subject
    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.dialect.spelling import Spelling

_BARE_SYMBOL: Final = re.compile(r"[A-Za-z_][\w$.]*", re.ASCII)
_RETURN: Final = re.compile(rb"\bfunc\.return\b")


@dataclass(frozen=True, slots=True)
class Style:
    """How a function is written. `is_generic`: as `"func.func"() ...`; `has_properties`: with `<{...}>` there.

    `indent` stands before each line, `step` once more before those of the body.
    """

    spelling: Spelling
    is_llvm: bool
    is_generic: bool
    has_properties: bool
    is_stablehlo: bool
    return_word: str
    indent: str
    step: str

    @staticmethod
    def of(subject: Subject, indent: str) -> Style:
        operation, text = subject.operation, subject.text
        tokens = operation.tree.tokens
        is_llvm = subject.callee.is_llvm
        return Style(
            subject.spelling,
            is_llvm,
            operation.is_generic,
            has_properties=any(
                tokens.word(index) == b"<" and tokens.word(index + 1) == b"{" for index in operation.own_tokens()
            ),
            is_stablehlo=b"stablehlo." in text,
            return_word="llvm.return" if is_llvm else "func.return" if _RETURN.search(text) else "return",
            indent=indent,
            step=_step(text, indent),
        )


def written(draft: Draft, style: Style) -> list[str]:
    """The lines of a new function."""
    lines = [f"// {' '.join(remark.split())}" for remark in draft.remarks]
    body = [
        *(line for one in draft.constants for line in _made(one, style)),
        *_calls(draft, style),
        _return(draft, style),
    ]
    if style.is_generic:
        lines += _generic_head(draft, style)
        lines += [f"{style.step}{line}" for line in body]
        lines.append(f"}}){_generic_tail(draft, style)} : () -> ()")
    else:
        taken = ", ".join(f"{one.name}: {one.type}" for one in draft.arguments)
        given = f" -> {listed(draft.results)}" if draft.results else ""
        kind = "llvm.func" if style.is_llvm else "func.func"
        lines.append(f"{kind} {symbol(draft.name)}({taken}){given} {{")
        lines += [f"{style.step}{line}" for line in body]
        lines.append("}")
    return [f"{style.indent}{line}" for line in lines]


def symbol(name: str) -> str:
    """`@f`, with quotes where the name needs some."""
    return f"@{name}" if _BARE_SYMBOL.fullmatch(name) else f'@"{name}"'


def _step(text: bytes, indent: str) -> str:
    """What the body is indented by, as its first line that says so has it."""
    for line in text.split(b"\n")[1:]:
        blank = line[: len(line) - len(line.lstrip(b" \t"))].decode()
        is_label = line.lstrip().startswith((b"^", b"//"))
        if line.strip() and not is_label and len(blank) > len(indent) and blank.startswith(indent):
            return blank[len(indent) :]
    return "  "


def _generic_attributes(draft: Draft, style: Style) -> str:
    taken, given = ", ".join(one.type for one in draft.arguments), draft.results
    if style.is_llvm:
        type_ = f"!llvm.func<{given[0].removeprefix('!llvm.') if given else 'void'} ({taken})>"
    else:
        type_ = f"({taken}) -> {listed(given) if given else '()'}"
    return f'function_type = {type_}, sym_name = "{draft.name}"'


def _generic_head(draft: Draft, style: Style) -> Iterator[str]:
    kind = "llvm.func" if style.is_llvm else "func.func"
    between = f" <{{{_generic_attributes(draft, style)}}}> " if style.has_properties else " "
    yield f'"{kind}"(){between}({{'
    if draft.arguments:
        yield f"^bb0({', '.join(f'{one.name}: {one.type}' for one in draft.arguments)}):"


def _generic_tail(draft: Draft, style: Style) -> str:
    return "" if style.has_properties else f" {{{_generic_attributes(draft, style)}}}"


def _made(one: Constant | Computed, style: Style) -> tuple[str, ...]:
    return one.lines if isinstance(one, Computed) else (_constant(one, style),)


def _constant(constant: Constant, style: Style) -> str:
    name, type_ = constant.value.name, constant.value.type
    value = f"dense<{constant.text}>" if constant.is_tensor else constant.text
    if constant.is_tensor and style.is_stablehlo:
        op = "stablehlo.constant"
    else:
        op = "llvm.mlir.constant" if style.is_llvm else "arith.constant"
    if style.is_generic:
        opened, closed = _brackets(style)
        return f'{name} = "{op}"() {opened}value = {value} : {type_}{closed} : () -> {type_}'
    return f"{name} = {op}({value} : {type_}) : {type_}" if style.is_llvm else f"{name} = {op} {value} : {type_}"


def bound(call: Call, name: str) -> str:
    """What names the results of an operation: `%0 = `, `%0:2 = `, or nothing."""
    count = len(call.results)
    return "" if not count else f"{name} = " if count == 1 else f"{name}:{count} = "


def operation(call: Call, named: str, style: Style) -> Iterator[str]:
    """The lines of an operation; `named` stands before it."""
    operands = ", ".join(one.name for one in call.operands)
    types = ", ".join(one.type for one in call.operands)
    type_ = f"({types}) -> {listed(call.results) if call.results else '()'}"
    if style.is_generic:
        opened, closed = _brackets(style)
        attributes = ", ".join(_attributes(call, style))
        yield f'{named}"{call.op}"({operands}) {opened}{attributes}{closed} : {type_}'
        return
    opened, closed = ("<", ">") if style.spelling == "strict" else ("{", "}")
    yield f"{named}{call.op} {symbol(call.callee)}({operands}) {opened}"
    *before, last = _attributes(call, style)
    yield from (f"{style.step}{attribute}," for attribute in before)
    yield f"{style.step}{last}"
    yield f"{closed} : {type_}"


def _calls(draft: Draft, style: Style) -> Iterator[str]:
    for name, call in zip(_names(draft), draft.calls, strict=True):
        yield from operation(call, bound(call, name), style)


def _attributes(call: Call, style: Style) -> Iterator[str]:
    is_bare = style.spelling == "strict" and not style.is_generic
    if style.is_generic:
        yield f"fn = {symbol(call.callee)}"
    if call.sizes:
        sizes = ", ".join(str(size) for size in call.sizes)
        yield f"batch_shape = {f'[{sizes}]' if is_bare else f'array<i64: {sizes}>'}"
        return
    yield f"activity = {_activities(call.activities, style)}"
    yield f"ret_activity = {_activities(call.returns, style)}"
    if call.width != 1:
        yield f"width = {call.width}{'' if is_bare else ' : i64'}"


def _activities(activities: Sequence[Activity], style: Style) -> str:
    shown = "#enzyme.activity<{}>" if style.spelling == "strict" else "#enzyme<activity {}>"
    return f"[{', '.join(shown.format(one.value) for one in activities)}]"


def _brackets(style: Style) -> tuple[str, str]:
    """What attributes stand in, in generic form."""
    return ("<{", "}>") if style.has_properties else ("{", "}")


def _return(draft: Draft, style: Style) -> str:
    names = _names(draft)
    shown = [
        names[call] if len(draft.calls[call].results) == 1 else f"{names[call]}#{number}"
        for call, number in draft.given
    ]
    types = ", ".join(draft.results)
    if style.is_generic:
        word = "llvm.return" if style.is_llvm else "func.return"
        return f'"{word}"({", ".join(shown)}) : ({types}) -> ()'
    return f"{style.return_word} {', '.join(shown)} : {types}" if shown else style.return_word


def _names(draft: Draft) -> list[str]:
    """A name for what each call gives, that nothing in the function has."""
    taken = {value.name for value in _values(draft)}
    free = (name for number in range(len(draft.calls) + len(taken)) if (name := f"%{number}") not in taken)
    return [next(free) for _ in draft.calls]


def _values(draft: Draft) -> Iterator[Value]:
    yield from draft.arguments
    yield from (one.value for one in draft.constants)


def listed(types: Sequence[str]) -> str:
    """Types behind an arrow. One that is itself a function type keeps its parentheses."""
    return types[0] if len(types) == 1 and not types[0].startswith("(") else f"({', '.join(types)})"
