"""Builder code: a differentiation op as the call that builds it, in Python with our bindings or in Rust with melior's.

    %0 = enzyme.fwddiff @f(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = ...} : (f64, f64) -> f64

    v0 = enzyme.fwddiff("f", [x, dx], [ir.Type.parse("f64")], [Activity.DUP], [Activity.DUP_NO_NEED]).result

Values are variables of their names. What the text leaves open is the reason why there is no code.
"""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.features.actions import places
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.dialect.calls import Activities
    from enzyme_lsp.workspace.readings import Reading, Written
    from enzyme_lsp.workspace.snapshot import Snapshot

Language: TypeAlias = Literal["python", "rust"]

LANGUAGES: Final[dict[Language, str]] = {"python": "Python", "rust": "Rust"}
"""By the word in messages: the name for people."""

_ODD: Final = re.compile(r"\W", re.ASCII)
_RUST_WORDS: Final = frozenset({
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while", "abstract", "become",
    "box", "do", "final", "gen", "macro", "override", "priv", "try", "typeof", "unsized", "virtual", "yield", "block",
    "context", "location", "operation",
})  # fmt: skip
"""Words of the language, and the variables that the code takes for granted."""
_PYTHON_WORDS: Final = frozenset({*keyword.kwlist, "enzyme", "ir", "Activity"})


def offered_at(snapshot: Snapshot, span: Span) -> str | None:
    """The name of the differentiation op at a place, if there is one that builders know."""
    found = places.reading_at(snapshot, span)
    return found[1].call.op.name if found is not None and found[1].call.op.names_callee else None


def builder_code(snapshot: Snapshot, offset: int, language: Language) -> str:
    """The code for the op at a place. Raises `RefusedError` with the reason when there is none."""
    found = places.reading_at(snapshot, Span(offset, offset))
    if found is None:
        raise RefusedError("no differentiation op stands here")
    return _WRITERS[language](_read(found[1]))


@dataclass(frozen=True, slots=True)
class _Call:
    """An op, complete. `operands` are values with the number that is meant of several; `results` have their count."""

    function: str
    builder: str
    operands: tuple[tuple[str, int | None], ...]
    types: tuple[str, ...]
    activities: tuple[Activity, ...] | None
    return_activities: tuple[Activity, ...]
    width: int
    is_strong: bool
    sizes: tuple[int, ...]
    results: tuple[tuple[str, int], ...]


def _read(reading: Reading) -> _Call:
    call = reading.call
    if not call.op.names_callee:
        raise RefusedError(f"{call.op.name} has a region, and the builders take a function by its name")
    if call.callee is None or reading.operands is None or reading.results is None:
        raise RefusedError("the op is not complete")
    is_batch = reading.mode is Mode.BATCH
    if (is_batch and not reading.sizes) or reading.width is None:
        raise RefusedError("the batch has no shape" if is_batch else "the width is no number")
    strong = call.entry("strong_zero")
    tree = call.operation.tree
    return _Call(
        call.callee,
        call.op.name.partition(".")[2],
        tuple(_value(one.name) for one in reading.operands),
        tuple(_types(reading.results)),
        None if is_batch else _activities(reading.listed, "activity"),
        () if is_batch else _activities(reading.listed_returns, "ret_activity"),
        reading.width,
        strong is not None and strong.value_span.of(tree.tokens.text) in (b"true", b"strong_zero"),
        reading.sizes or (),
        tuple((decode(tree.tokens.word(one.token)), one.count) for one in call.operation.results),
    )


def _value(text: str) -> tuple[str, int | None]:
    name, hash_, number = text.partition("#")
    return name, int(number) if hash_ and number.isdigit() else None


def _types(results: Iterable[Written]) -> Iterable[str]:
    for one in results:
        if one.type is None or not one.type.is_certain:
            raise RefusedError("the type of a result is not known")
        yield one.type.text


def _activities(listed: Activities | None, key: str) -> tuple[Activity, ...]:
    found = [one.written.activity if one.written is not None else None for one in (listed and listed.elements) or ()]
    if listed is None or listed.elements is None or None in found:
        raise RefusedError(f"`{key}` is not complete")
    return tuple(one for one in found if one is not None)


def _variable(name: str, words: frozenset[str]) -> str:
    bare = _ODD.sub("_", name.removeprefix("%"))
    bare = f"v{bare}" if bare[:1].isdigit() or not bare else bare
    return f"{bare}_" if bare in words else bare


def _text(some: str) -> str:
    return json.dumps(some, ensure_ascii=False)


# Python


def _python(call: _Call) -> str:
    operands = [_python_value(name, number) for name, number in call.operands]
    types = [f"ir.Type.parse({_text(one)})" for one in call.types]
    parts = [_text(call.function), _listed("[", operands, "]"), _listed("[", types, "]")]
    if call.activities is None:
        parts.append(_listed("[", map(str, call.sizes), "]"))
    else:
        both = (call.activities, call.return_activities)
        parts += [_listed("[", (f"Activity.{one.name}" for one in some), "]") for some in both]
    parts += [f"width={call.width}"] if call.width != 1 else []
    parts += ["strong_zero=True"] if call.is_strong else []
    inside = "".join(f"    {part},\n" for part in parts)
    made = f"enzyme.{call.builder}(\n{inside})"
    names = [_variable(name, _PYTHON_WORDS) for name, _ in call.results]
    if not names:
        return f"{made}\n"
    if all(count == 1 for _, count in call.results):
        return f"{names[0]} = {made}.result\n" if len(names) == 1 else f"{', '.join(names)} = {made}.results\n"
    if len(names) == 1:
        return f"{names[0]} = {made}.results\n"
    lines, first = [f"results = {made}.results\n"], 0
    for name, (_, count) in zip(names, call.results, strict=True):
        lines.append(f"{name} = results[{first}]\n" if count == 1 else f"{name} = results[{first}:{first + count}]\n")
        first += count
    return "".join(lines)


def _python_value(name: str, number: int | None) -> str:
    variable = _variable(name, _PYTHON_WORDS)
    return variable if number is None else f"{variable}[{number}]"


# Rust


def _rust(call: _Call) -> str:
    types = [f"Type::parse(&context, {_text(one)}).unwrap()" for one in call.types]
    parts = [
        "&context",
        _text(call.function),
        _listed("&[", (_rust_value(name, number) for name, number in call.operands), "]"),
        _listed("&[", types, "]"),
    ]
    if call.activities is None:
        parts.append(_listed("&[", map(str, call.sizes), "]"))
    else:
        both = (call.activities, call.return_activities)
        parts += [_listed("&[", (f"Activity::{_camel(one)}" for one in some), "]") for some in both]
        parts += [str(call.width), str(call.is_strong).lower()]
    inside = "".join(f"    {part},\n" for part in [*parts, "location"])
    made = f"block.append_operation(enzyme::{call.builder}(\n{inside}));\n"
    names = [
        _rust_value(name, number if count > 1 else None) for name, count in call.results for number in range(count)
    ]
    if not names:
        return made
    bound = [f"let {name}: Value = operation.result({number}).unwrap().into();\n" for number, name in enumerate(names)]
    return f"let operation = {made}{''.join(bound)}"


def _rust_value(name: str, number: int | None) -> str:
    variable = _variable(name, _RUST_WORDS)
    return variable if number is None else f"{variable}_{number}"


def _camel(activity: Activity) -> str:
    return "".join(word.capitalize() for word in activity.name.split("_"))


def _listed(opening: str, some: Iterable[str], closing: str) -> str:
    return opening + ", ".join(some) + closing


_WRITERS: Final = {"python": _python, "rust": _rust}
