"""Pipelines: passes and their options in RUN lines, and wherever else a pipeline is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.enzyme.pass_table import ONLY_CLASSIC, ONLY_STRICT
from enzyme_lsp.features.completion.items import Completion, Completions, Hole, ItemKind
from enzyme_lsp.lowering import summaries
from enzyme_lsp.lowering.passes import TABLE
from enzyme_lsp.lowering.run_line import GENERAL
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.features.completion.items import Template
    from enzyme_lsp.lowering.passes import Passes

_RUN: Final = re.compile(rb"//[^\n\r]*?\bRUN:([^\n\r]*)$")
_OPT: Final = re.compile(r"(?:.*/)?%?\{?[\w.+-]*opt(?:-\d+)?\}?")
_FLAG: Final = re.compile(r"--?([\w.-]+)=(.*)", re.DOTALL)
_NAME: Final = re.compile(r"[\w.-]*$")
_ANCHORS: Final = ("builtin.module", "func.func", "any", "gpu.module", "llvm.func")
_LIKELY: Final = (
    "enzyme", "canonicalize", "remove-unnecessary-enzyme-ops", "enzyme-simplify-math", "enzyme-wrap", "enzyme-batch",
    "enzyme-hlo-opt", "cse", "arith-raise", "enzyme-activity-opt", "enzyme-diff-batch", "inline-enzyme-regions",
    "outline-enzyme-regions", "flatten-enzyme-caches", "convert-enzyme-to-memref", "print-activity-analysis",
)  # fmt: skip
_FIRST_FLAGS: Final = ("pass-pipeline", "split-input-file", "verify-diagnostics", "allow-unregistered-dialect")
_PROGRAMS: Final = ("enzymexlamlir-opt", "enzymemlir-opt", "mlir-opt", "stablehlo-opt")
_LAST: Final = len(_LIKELY)
_ONLY: Final[tuple[tuple[str, frozenset[str]], ...]] = (("0.0.15", ONLY_CLASSIC), ("0.0.16", ONLY_STRICT))


@dataclass(frozen=True, slots=True)
class _Typed:
    """The word of a command line that is being typed, without its quotes, and the words before it."""

    words: tuple[str, ...]
    text: str
    quote: str


def in_run_line(data: bytes, offset: int, passes: Passes = TABLE) -> Completions | None:
    """What can stand at a byte of a RUN line; None where none is. `passes` are those of the engine."""
    start = max(data.rfind(b"\n", 0, offset), data.rfind(b"\r", 0, offset)) + 1
    match = _RUN.match(data[start:offset].lstrip()) if b"RUN:" in data[start:offset] else None
    if match is None:
        return None
    typed = _typed(decode(_before(data, start) + match[1]))
    found = list(_in_command(typed, passes))
    word = _word(typed)
    end = offset
    while end < len(data) and (data[end : end + 1].isalnum() or data[end : end + 1] in (b"-", b"_")):
        end += 1
    return Completions(
        _filtered(found, word), Span(offset - len(word.encode()), end), offset, is_cut=len(found) > _MOST
    )


def at(
    text: str, character: int, functions: Sequence[str] = (), passes: Passes = TABLE
) -> tuple[tuple[Completion, ...], Span]:
    """What can stand at a character of a pipeline, and the word there, in characters.

    `functions` are those that an option of a pass may name, `passes` those of the engine.
    """
    typed = text[:character]
    match = _NAME.search(typed)
    word = match[0] if match is not None else ""
    end = character
    while end < len(text) and (text[end].isalnum() or text[end] in "-_."):
        end += 1
    found = [*in_pipeline(typed[: len(typed) - len(word)], passes)]
    if _NAMES_FUNCTION.search(typed[: len(typed) - len(word)]):
        found += [Completion(name, ItemKind.FUNCTION) for name in functions]
    return _filtered(found, word), Span(character - len(word), end)


def _filtered(found: Sequence[Completion], word: str) -> tuple[Completion, ...]:
    """Those that begin with a word, then those that have it elsewhere."""
    lowered = word.lower().lstrip("-")
    first = [one for one in found if one.label.lstrip("-").lower().startswith(lowered)]
    rest = [one for one in found if one not in first and lowered in one.label.lower()]
    return (*first, *rest)[:_MOST]


_MOST: Final = 100
_NAMES_FUNCTION: Final = re.compile(r"\b(?:infn|funcs)=$")


def in_pipeline(text: str, passes: Passes = TABLE) -> Iterator[Completion]:
    """What can stand behind the text of a pipeline, as a setting or an argument has it."""
    opened, inner = _enclosing(text)
    if not opened:
        yield from (_pass(name, passes) for name in _ordered(passes))
        for anchor in _ANCHORS:
            yield Completion(f"{anchor}()", ItemKind.PASS, (f"{anchor}(", Hole(""), ")"), "runs passes on each inside")
        return
    yield from _of_options(opened, inner, passes)


def page(name: str, passes: Passes = TABLE) -> str:
    """The documentation of a pass: what it does, and its options."""
    options = passes.options(name)
    if options is None:
        return ""
    said = passes.summary(name)
    parts = [f"{said[:1].upper()}{said[1:]}."] if said else []
    rows = [
        f"- `{option}`: {_option_words(name, option, kind, passes)}"
        for option, kind in options.items()
        if option[0] != "{"
    ]
    parts += ["\n".join(rows)] if rows else []
    if passes.catalogue is not None:
        return "\n\n".join([*parts, f"In {passes.catalogue.program}."])
    only = next((release for release, names in _ONLY if name in names), "")
    parts += [f"Only the engine {only} has it."] if only else []
    return "\n\n".join(parts)


def option_page(name: str, option: str, passes: Passes = TABLE) -> str:
    """The documentation of an option of a pass: what it says, what it can be, and what it is where it is not given."""
    kind = (passes.options(name) or {}).get(option)
    if kind is None:
        return ""
    said = passes.option_summary(name, option)
    values = summaries.VALUES.get((name, option), tuple(kind.split("|")) if "|" in kind else ())
    usual = summaries.DEFAULTS.get((name, option), "")
    parts = [f"{said[:1].upper()}{said[1:]}."] if said else []
    parts.append(f"One of {', '.join(f'`{value}`' for value in values)}." if values else f"It takes: {kind}.")
    parts += [f"Where none is given: `{usual}`."] if usual else []
    return "\n\n".join(parts)


def _before(data: bytes, start: int) -> bytes:
    """The RUN lines before one, which it continues."""
    text = b""
    for _ in range(_MOST_CONTINUED):
        if start == 0:
            break
        before = max(data.rfind(b"\n", 0, start - 1), data.rfind(b"\r", 0, start - 1)) + 1
        match = _RUN.match(data[before:start].strip())
        if match is None or not match[1].rstrip().endswith(b"\\"):
            return text
        text = match[1].rstrip()[:-1] + b" " + text
        start = before
    return text


_MOST_CONTINUED: Final = 64


def _typed(text: str) -> _Typed:
    """The last word of a command line that is not finished."""
    words: list[str] = []
    current, quote, is_word = "", "", False
    for character in text:
        if quote:
            quote = "" if character == quote else quote
            current += character if quote else ""
        elif character in "\"'":
            quote, is_word = character, True
        elif character in " \t":
            if is_word:
                words.append(current)
            current, is_word = "", False
        elif character in "|;&":
            words, current, is_word = ["|"] if character == "|" else [], "", False
        else:
            current, is_word = current + character, True
    return _Typed(tuple(words), current, quote)


def _word(typed: _Typed) -> str:
    """The part of the word that an item replaces."""
    flag = _FLAG.fullmatch(typed.text)
    match = _NAME.search(flag[2] if flag is not None else typed.text)
    return match[0] if match is not None else ""


def program_of(key: str) -> str:
    """The engine that the key of a pass's documentation names; empty for Enzyme's passes and for all other keys."""
    kind, _, rest = key.partition(" ")
    return rest.partition(" ")[2] if kind == "pass" else ""


def _in_command(typed: _Typed, passes: Passes) -> Iterator[Completion]:
    words = [word for word in typed.words if word not in ("env", "not") and "=" not in word]
    if not words:
        yield from (Completion(name, ItemKind.PASS, detail="program") for name in _PROGRAMS)
        return
    if words == ["|"]:
        yield Completion("FileCheck %s", ItemKind.PASS, detail="program")
        return
    if not _OPT.fullmatch(words[0]):
        return
    passes = passes.of_program(words[0]) or TABLE
    flag = _FLAG.fullmatch(typed.text)
    if flag is None:
        yield from _flags(passes)
    elif flag[1] == "pass-pipeline":
        yield from in_pipeline(flag[2], passes)
    elif passes.options(flag[1]) is not None:
        yield from _of_options(flag[1], flag[2], passes)


def _flags(passes: Passes) -> Iterator[Completion]:
    for name in _FIRST_FLAGS:
        template: Template = ('--pass-pipeline="builtin.module(', Hole(""), ')"') if name == "pass-pipeline" else ()
        yield Completion(f"--{name}", ItemKind.OPTION, template)
    for name in _ordered(passes):
        yield Completion(f"--{name}", ItemKind.PASS, detail=passes.summary(name), page=_key(name, passes))
    yield from (Completion(f"--{name}", ItemKind.OPTION) for name in sorted(GENERAL) if name not in _FIRST_FLAGS)


def _ordered(passes: Passes) -> list[str]:
    """All passes, the likely ones first."""
    places = {name: place for place, name in enumerate(_LIKELY)}
    return sorted(passes.names, key=lambda name: (places.get(name, _LAST), not name.startswith("enzyme"), name))


def _pass(name: str, passes: Passes) -> Completion:
    return Completion(name, ItemKind.PASS, detail=passes.summary(name), page=_key(name, passes))


def _key(name: str, passes: Passes) -> str:
    """The key of the documentation of a pass."""
    return f"pass {name}" if passes.catalogue is None else f"pass {name} {passes.catalogue.program}"


def _enclosing(text: str) -> tuple[str, str]:
    """The pass in whose braces the end of a pipeline is, and what stands in them so far; two empty texts outside."""
    stack: list[tuple[str, int]] = []
    name = ""
    for index, character in enumerate(text):
        if character.isalnum() or character in "_.-":
            name += character
            continue
        if character == "{":
            stack.append((name, index + 1))
        elif character == "}" and stack:
            stack.pop()
        name = ""
    if not stack:
        return "", ""
    opened, start = stack[-1]
    return opened, text[start:]


def _of_options(name: str, inner: str, passes: Passes) -> Iterator[Completion]:
    """The options of a pass, or the values of the one that is being typed."""
    options = passes.options(name) or {}
    last = re.split(r"\s+", _without_quoted(inner))[-1]
    option, equals, value = last.partition("=")
    if equals:
        kind = options.get(option, "")
        if kind == "pipeline":
            yield from in_pipeline(value.lstrip("\"'{"), passes)
        else:
            words = summaries.VALUES.get(
                (name, option), ("true", "false") if kind == "bool" else tuple(kind.split("|"))
            )
            yield from (Completion(word, ItemKind.WORD) for word in words if len(words) > 1)
        return
    present = set(re.findall(r"([\w-]+)=", inner))
    for one, kind in options.items():
        if one not in present and not one.startswith("{"):
            yield Completion(
                one, ItemKind.OPTION, (f"{one}=", Hole("")), _option_words(name, one, kind, passes), _key(name, passes)
            )


def _without_quoted(text: str) -> str:
    """A text without what stands in quotes that are closed."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", "_", text)


def _option_words(name: str, option: str, kind: str, passes: Passes) -> str:
    words, usual = passes.option_summary(name, option), summaries.DEFAULTS.get((name, option), "")
    kind = f"{kind}, usually {usual}" if usual else kind
    return f"{words} ({kind})" if words else kind
