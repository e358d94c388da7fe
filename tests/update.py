"""UPDATE_EXPECT=1: what tests found replaces what their files expect; knows Python's literals, not our API."""

from __future__ import annotations

import ast
import difflib
import inspect
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parent
_NOTATION = {TESTS / "update.py", TESTS / "fixture.py"}
"""What tests call, and no test: an empty literal of a test must not be taken for one in here."""


def is_wanted() -> bool:
    return os.environ.get("UPDATE_EXPECT", "") not in ("", "0")


def replace(old: str, new: str, *, written_in: Path | None = None) -> None:
    """Note that the literal `old` of the running test, or the text `old` in a file, should be `new`.

    Files change when the session ends (`write`), since their line numbers must hold until then.
    """
    if written_in is not None:
        extent, indent = _standing(written_in, old)
        _note(written_in, extent, "\n".join(f"{indent}{line}".rstrip() for line in new.split("\n")))
        return
    for path, first, last in _callers():
        literals = [node for node in _strings(path) if node.value == old]
        if literals:
            # In the call itself, else what is nearest: the literals of parameters stand above their test.
            nearest = min(literals, key=lambda node: (not first <= node.lineno <= last, abs(node.lineno - first)))
            start, end = _extent(path, nearest)
            _note(path, (start, end), literal(path.read_bytes()[start:end].decode(), new))
            return
    raise LookupError("cannot rewrite this expectation: it is no literal of the test or of its parameters")


def check_file(path: Path, text: str) -> None:
    """Fail, or write the file, unless it holds `text`: for files that are generated and committed."""
    __tracebackhide__ = True
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    if written == text:
        return
    if is_wanted():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    else:
        lines = difflib.unified_diff(written.split("\n"), text.split("\n"), str(path), "as generated", lineterm="")
        pytest.fail("\n".join(["the file is not current (UPDATE_EXPECT=1 writes it):", *lines]), pytrace=False)


def write() -> list[Path]:
    """Change the files; gives their paths."""
    for path, changes in _pending.items():
        data = path.read_bytes()
        for (start, end), new in sorted(changes.items(), reverse=True):
            data = data[:start] + new.encode() + data[end:]
        path.write_bytes(data)
    written = list(_pending)
    _pending.clear()
    return written


def literal(old_source: str, value: str) -> str:
    """Python source of `value`, in the manner of the literal it replaces."""
    match = re.match(r"(?P<prefix>[A-Za-z]*)(?P<quote>\"\"\"|'''|\"|')", old_source)
    if match is None:
        raise ValueError(f"not a string literal: {old_source}")
    prefix, quote = match["prefix"], match["quote"]
    if "\n" in value and len(quote) == 1:
        quote = quote * 3
    raw = f"{prefix}{quote}{value}{quote}"
    if "r" in prefix.lower() and value.replace("\n", "").isprintable() and _means(raw, value):
        return raw
    escaped = f"{quote}{_escaped(value, quote)}{quote}"
    if not _means(escaped, value):
        raise ValueError(f"cannot write this as a literal: {value!r}")
    return escaped


@dataclass(slots=True)
class _Parsed:
    """A test file as it was when the session began."""

    strings: list[ast.Constant] = field(default_factory=list[ast.Constant])
    line_starts: list[int] = field(default_factory=list[int])


_pending: dict[Path, dict[tuple[int, int], str]] = {}
_parsed: dict[Path, _Parsed] = {}


def _note(path: Path, extent: tuple[int, int], new: str) -> None:
    known = _pending.setdefault(path, {}).setdefault(extent, new)
    if known != new:
        raise ValueError(f"{path}: one literal, two results; this test has to spell them out")


def _callers() -> Iterator[tuple[Path, int, int]]:
    """The calls of tests that are under way, the innermost first: file, first line and last."""
    frame = inspect.currentframe()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if TESTS in path.parents and path not in _NOTATION:
            places = inspect.getframeinfo(frame, context=0).positions
            first = (places.lineno if places else None) or frame.f_lineno
            yield path, first, (places.end_lineno if places else None) or first
        frame = frame.f_back


def _strings(path: Path) -> list[ast.Constant]:
    return _parse(path).strings


def _extent(path: Path, node: ast.Constant) -> tuple[int, int]:
    starts = _parse(path).line_starts
    if node.end_lineno is None or node.end_col_offset is None:
        raise ValueError(f"{path}:{node.lineno}: a literal without an end")
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _parse(path: Path) -> _Parsed:
    if path not in _parsed:
        data = path.read_bytes()
        parsed = _Parsed()
        for node in ast.walk(ast.parse(data)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                parsed.strings.append(node)
        parsed.line_starts = [0]
        for line in data.splitlines(keepends=True):
            parsed.line_starts.append(parsed.line_starts[-1] + len(line))
        _parsed[path] = parsed
    return _parsed[path]


def _standing(path: Path, old: str) -> tuple[tuple[int, int], str]:
    """Where the lines of `old` stand in a file, at whatever indent, and that indent."""
    first, *others = (re.escape(line) for line in old.split("\n"))
    following = "".join(rf"\n(?P=indent){line}" if line else r"\n[ ]*" for line in others)
    found = list(re.finditer(rf"^(?P<indent>[ ]*){first}{following}$".encode(), path.read_bytes(), re.MULTILINE))
    if len(found) != 1:
        raise LookupError(f"{path}: the fixture stands there {len(found)} times, not once")
    return found[0].span(), found[0]["indent"].decode()


def _escaped(value: str, quote: str) -> str:
    characters = [
        character
        if character.isprintable() or (character == "\n" and len(quote) == 3)
        else character.encode("unicode_escape").decode()
        for character in value.replace("\\", "\\\\")
    ]
    escaped = "".join(characters)
    # A quote at the end would join the closing ones.
    if quote in value or value.endswith(quote[0]):
        return escaped.replace(quote[0], f"\\{quote[0]}")
    return escaped


def _means(source: str, value: str) -> bool:
    try:
        return ast.literal_eval(source) == value
    except (SyntaxError, ValueError):
        return False
