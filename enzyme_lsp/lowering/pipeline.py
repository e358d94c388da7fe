"""Pipelines: the text form of a list of passes, read with places and printed; it must not know which passes exist.

The grammar is MLIR's (`parsePassPipeline`): elements between commas, each a pass with options in braces, or the name of
an operation with a pipeline in parentheses that runs on such operations. Any text gives elements and problems. Places
are characters of the text, from 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE: Final = ("builtin.module", "any")
"""The operations that a whole pipeline may be wrapped in: what is sent to an engine runs inside the module already."""
_MARKS: Final = re.compile(r"[,(){}]")
_BLANK: Final = " \t\r\n"
_DEEPEST: Final = 64
"""Nesting beyond which a text is no pipeline that anybody wrote."""


@dataclass(frozen=True, slots=True)
class Option:
    """`name=value` or `name` in the braces of a pass.

    `value` is without quotes, `written` with them; both are None where there is no `=`.
    """

    name: str
    value: str | None
    written: str | None
    span: Span
    name_span: Span
    value_span: Span

    def __str__(self) -> str:
        return self.name if self.written is None else f"{self.name}={self.written}"


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass and its options."""

    name: str
    options: tuple[Option, ...]
    span: Span
    name_span: Span

    def __str__(self) -> str:
        return f"{self.name}{{{' '.join(map(str, self.options))}}}" if self.options else self.name


@dataclass(frozen=True, slots=True)
class Nest:
    """A pipeline that runs on each operation of a name inside, `func.func(...)`."""

    anchor: str
    elements: tuple[Element, ...]
    span: Span
    name_span: Span

    def __str__(self) -> str:
        return f"{self.anchor}({','.join(map(str, self.elements))})"


Element: TypeAlias = "Pass | Nest"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of a pipeline; `meant` is what should probably stand there, where that is known."""

    span: Span
    message: str
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a text says. With problems it is what could be read."""

    elements: tuple[Element, ...]
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        return ",".join(map(str, self.elements))

    def inside_module(self) -> Pipeline:
        """The same without the `builtin.module(...)` around all of it, if that is the only element."""
        elements = self.elements
        while len(elements) == 1 and isinstance(only := elements[0], Nest) and only.anchor in WHOLE:
            elements = only.elements
        return Pipeline(elements, self.problems)

    def passes(self) -> Iterator[Pass]:
        """Every pass, nested ones too, in order."""
        pending = list(reversed(self.elements))
        while pending:
            element = pending.pop()
            if isinstance(element, Nest):
                pending.extend(reversed(element.elements))
            else:
                yield element


def parse(text: str) -> Pipeline:
    """The pipeline that a text says. Never raises."""
    reader = _Reader(text)
    reader.run()
    return Pipeline(tuple(reader.levels[0].elements), tuple(reader.problems))


def options(text: str, start: int = 0) -> tuple[tuple[Option, ...], tuple[Problem, ...]]:
    """The options that stand between braces, or as the value of a command line option; `start` is where in all."""
    found: list[Option] = []
    problems: list[Problem] = []
    index = 0
    while (index := _behind_blanks(text, index)) < len(text):
        end = _name_end(text, index)
        name = text[index:end]
        name_span = Span(start + index, start + end)
        if not name:
            problems.append(Problem(Span(start + index, start + index + 1), "the name of an option is expected here"))
            index += 1
            continue
        if text[end : end + 1] != "=":
            found.append(Option(name, None, None, name_span, name_span, Span(start + end, start + end)))
            index = end
            continue
        last, value = _value(text, end + 1)
        if value is None:
            problems.append(Problem(Span(start + end + 1, start + end + 2), "this is not closed before the end"))
            value = text[end + 2 : last]
        span = Span(start + index, start + last)
        value_span = Span(start + end + 1, start + last)
        found.append(Option(name, value, text[end + 1 : last], span, name_span, value_span))
        index = last
    return tuple(found), tuple(problems)


@dataclass(slots=True)
class _Level:
    """A pipeline that is being read, with the name that it stands behind."""

    anchor: str
    name_span: Span
    elements: list[Element] = field(default_factory=list["Element"])


class _Reader:
    """Levels wait in a list, so that nesting costs no stack."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.levels = [_Level("", Span(0, 0))]
        self._index = 0

    def run(self) -> None:
        if not self.text.strip():
            return
        while True:
            self._element()
            while self._mark() == ")":
                self._close()
            mark = self._mark()
            if not mark:
                break
            if mark == ",":
                self._index += 1
                continue
            self._say(self._index, self._index + 1, "a comma is expected between two passes")
            self._index += mark in "{}("
        while len(self.levels) > 1:
            level = self.levels[-1]
            self._say(level.name_span.start, level.name_span.end, "the parenthesis behind this is never closed")
            self._leave(len(self.text))

    def _element(self) -> None:
        """A pass, or the beginning of a nested pipeline and its first element."""
        while True:
            start = _behind_blanks(self.text, self._index)
            match = _MARKS.search(self.text, start)
            end = match.start() if match is not None else len(self.text)
            name = self.text[start:end].rstrip(_BLANK)
            name_span = Span(start, start + len(name))
            if not name:
                self._say(start, min(start + 1, len(self.text)), "the name of a pass is expected here")
            self._index = end
            if self._mark() != "(":
                break
            self._index += 1
            if len(self.levels) > _DEEPEST:
                self._say(start, end, "pipelines are nested too deeply here")
                self._index = len(self.text)
                return
            self.levels.append(_Level(name, name_span))
        found: tuple[Option, ...] = ()
        last = name_span.end
        if self._mark() == "{":
            close = self._closing_brace()
            found, problems = options(self.text[self._index + 1 : close], self._index + 1)
            self.problems += problems
            last = self._index = min(close + 1, len(self.text))
        if name:
            self.levels[-1].elements.append(Pass(name, found, Span(start, last), name_span))

    def _closing_brace(self) -> int:
        """The brace that closes the one here. As in MLIR, quotes do not hide braces."""
        depth = 0
        for index in range(self._index, len(self.text)):
            depth += (self.text[index] == "{") - (self.text[index] == "}")
            if not depth:
                return index
        self._say(self._index, self._index + 1, "this brace is never closed")
        return len(self.text)

    def _close(self) -> None:
        if len(self.levels) == 1:
            self._say(self._index, self._index + 1, "nothing is open that this closes")
            self._index += 1
            return
        self._index += 1
        self._leave(self._index)

    def _leave(self, end: int) -> None:
        level = self.levels.pop()
        span = Span(level.name_span.start, end)
        self.levels[-1].elements.append(Nest(level.anchor, tuple(level.elements), span, level.name_span))

    def _mark(self) -> str:
        """The next character that is no blank."""
        self._index = _behind_blanks(self.text, self._index)
        return self.text[self._index : self._index + 1]

    def _say(self, start: int, end: int, message: str) -> None:
        self.problems.append(Problem(Span(start, max(start, end)), message))


def _behind_blanks(text: str, index: int) -> int:
    while index < len(text) and text[index] in _BLANK:
        index += 1
    return index


def _name_end(text: str, index: int) -> int:
    while index < len(text) and text[index] not in _BLANK and text[index] != "=":
        index += 1
    return index


_CLOSERS: Final = {'"': '"', "'": "'", "{": "}"}


def _value(text: str, index: int) -> tuple[int, str | None]:
    """Where a value ends, and what it is; None for one whose quote or brace is not closed."""
    opener = text[index : index + 1]
    if opener not in _CLOSERS:
        end = index
        depth = 0
        while end < len(text) and (depth > 0 or text[end] not in _BLANK):
            depth += (text[end] in "({[") - (text[end] in ")}]")
            end += 1
        return end, text[index:end]
    closer, depth = _CLOSERS[opener], 0
    for end in range(index, len(text)):
        if opener == "{":
            depth += (text[end] == "{") - (text[end] == "}")
            if not depth:
                return end + 1, text[index + 1 : end]
        elif end > index and text[end] == closer:
            return end + 1, text[index + 1 : end]
    return len(text), None
