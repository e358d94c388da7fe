"""What a pipeline from a text may do; must import the standard library only, since workers load it by its path.

A pipeline that stands in a file that somebody merely opened, in a RUN line or in the settings of a workspace that is
not trusted, is made of what is known to compute and nothing else. It cannot write or read files, start programs, load
machine code, or name a pass that `pass_table.py` does not have: what is new is refused.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enzyme_lsp.engines.enzyme import pass_table
else:
    _spec = importlib.util.spec_from_file_location(
        "_enzyme_lsp_worker_pass_table", os.path.join(os.path.dirname(os.path.abspath(__file__)), "pass_table.py")
    )
    pass_table = importlib.util.module_from_spec(_spec)
    sys.modules[_spec.name] = pass_table
    _spec.loader.exec_module(pass_table)

_FILES = "it writes a file"
_PROGRAMS = "it starts programs of the machine"
_CODE = "it compiles and loads machine code"

REFUSED = {
    "print": _FILES,
    "snapshot-op-locations": _FILES,
    "view-op-graph": _PROGRAMS,
    "gpu-module-to-binary": _PROGRAMS,
    "gpu-lower-to-nvvm-pipeline": _PROGRAMS,
    "gpu-lower-to-rocdl-pipeline": _PROGRAMS,
    "gpu-lower-to-xevm-pipeline": _PROGRAMS,
    "enzymexla-gpu-module-to-binary": _PROGRAMS,
    "fuse-jit": _CODE,
    "lower-jit": _CODE,
    "lower-kernel": _CODE,
    "lower-triton": _CODE,
    "transform-preload-library": "it reads files",
    "test-polymer": "it hands the module to another library, which prints",
}
"""Passes that do more than compute a module, and what."""

REFUSED_OPTIONS = {("expand-impulse", "debug-dump"): _FILES}
"""The same for options. Those that the table does not have are refused anyway."""

INTERPRETERS = frozenset({"transform-interpreter", "enzyme-consuming-transform-interpreter"})
"""Passes that run what stands in the module; there an operation can name any pass."""

DEEPEST = 16
"""Pipelines in pipelines and in options of passes."""

_NAME = re.compile(r"[A-Za-z][\w.-]*")
_BLANKS = re.compile(r"[ \t\r\n]*")
_RUNS_A_PASS = re.compile(r"apply_registered_pass")
# The name of an operation in generic form is a string, in which any letter can be written as an escape.
_HIDDEN_NAME = re.compile(r'"[^"\n]*\\[^"\n]*"(?:\s|//[^\n]*\n)*\(')


def refusal(pipeline: str, text: str) -> str | None:
    """Why a pipeline may not be run over a module, as a sentence without a period; None when it may."""
    # Whatever an engine takes for a pass, also where it reads a text in another way than we do.
    named = next((word for word in _NAME.findall(pipeline) if word in REFUSED), None)
    if named is not None:
        return f"{named} is not run for this text: {REFUSED[named]}"
    try:
        names = _Reader(pipeline).passes(0)
    except _RefusedError as error:
        return str(error)
    interpreter = next((name for name in names if name in INTERPRETERS), None)
    if interpreter is not None and (_RUNS_A_PASS.search(text) or _HIDDEN_NAME.search(text)):
        return f"{interpreter} is not run: the module can name any pass with transform.apply_registered_pass"
    return None


class _RefusedError(Exception):
    """The reason is its text."""


class _Reader:
    """Reads a pipeline that is exactly as MLIR's grammar has it, and takes offense at anything else."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._index = 0

    def passes(self, depth: int) -> list[str]:
        """The names of all passes. Raises `_RefusedError`."""
        if depth > DEEPEST:
            raise _RefusedError("pipelines are nested too deeply")
        found: list[str] = []
        self._skip()
        if self._index == len(self._text):
            return found
        open_ = 0
        while True:
            name = self._name("a pass")
            mark = self._mark()
            if mark == "(":
                self._index += 1
                open_ += 1
                if open_ > DEEPEST:
                    raise _RefusedError("pipelines are nested too deeply")
                continue
            found += self._pass(name, depth)
            while self._mark() == ")" and open_:
                self._index += 1
                open_ -= 1
            if self._mark() != ",":
                break
            self._index += 1
        if self._index != len(self._text) or open_:
            raise _RefusedError(f"the pipeline cannot be read from character {self._index + 1} on")
        return found

    def _pass(self, name: str, depth: int) -> list[str]:
        known = pass_table.PASSES.get(name)
        if known is None:
            raise _RefusedError(f"{name} is not run for this text: it is no pass that is known to be harmless")
        found = [name]
        if self._mark() != "{":
            return found
        for option, value in self._options():
            if option not in known:
                raise _RefusedError(f"{name} is not run for this text: its option {option} is not known to be harmless")
            if (name, option) in REFUSED_OPTIONS:
                reason = REFUSED_OPTIONS[name, option]
                raise _RefusedError(f"{name} is not run for this text with {option}: {reason}")
            if known[option] == "pipeline":
                found += _Reader(value).passes(depth + 1)
        return found

    def _options(self) -> list[tuple[str, str]]:
        """The options in the braces here. As in MLIR, quotes do not hide braces."""
        start = self._index + 1
        depth = 0
        while self._index < len(self._text):
            depth += (self._text[self._index] == "{") - (self._text[self._index] == "}")
            self._index += 1
            if not depth:
                break
        else:
            raise _RefusedError("a brace of the pipeline is never closed")
        return _options(self._text[start : self._index - 1])

    def _name(self, what: str) -> str:
        self._skip()
        match = _NAME.match(self._text, self._index)
        if match is None:
            raise _RefusedError(f"the name of {what} is missing at character {self._index + 1} of the pipeline")
        self._index = match.end()
        return match[0]

    def _mark(self) -> str:
        self._skip()
        return self._text[self._index : self._index + 1]

    def _skip(self) -> None:
        match = _BLANKS.match(self._text, self._index)
        self._index = match.end() if match is not None else self._index


_CLOSERS = {'"': '"', "'": "'", "{": "}"}


def _options(text: str) -> list[tuple[str, str]]:
    """Names and values, without quotes. Raises `_RefusedError`."""
    found: list[tuple[str, str]] = []
    index = 0
    while True:
        blanks = _BLANKS.match(text, index)
        index = blanks.end() if blanks is not None else index
        if index == len(text):
            return found
        name = _NAME.match(text, index)
        if name is None:
            raise _RefusedError(f"the options {text!r} cannot be read")
        index = name.end()
        value = ""
        if text[index : index + 1] == "=":
            end, value = _value(text, index + 1)
            index = end
        if index < len(text) and text[index] not in " \t\r\n":
            raise _RefusedError(f"the options {text!r} cannot be read")
        found.append((name[0], value))


def _value(text: str, start: int) -> tuple[int, str]:
    opener = text[start : start + 1]
    closer = _CLOSERS.get(opener)
    if closer is None:
        depth, end = 0, start
        while end < len(text) and (depth > 0 or text[end] not in " \t\r\n"):
            if text[end] in "\"'\\":
                raise _RefusedError(f"the options {text!r} cannot be read")
            depth += (text[end] in "({[") - (text[end] in ")}]")
            end += 1
        return end, text[start:end]
    depth = 0
    for end in range(start, len(text)):
        if opener == "{":
            depth += (text[end] == "{") - (text[end] == "}")
            if not depth:
                return end + 1, text[start + 1 : end]
        elif end > start and text[end] == closer:
            return end + 1, text[start + 1 : end]
    raise _RefusedError(f"the options {text!r} cannot be read")
