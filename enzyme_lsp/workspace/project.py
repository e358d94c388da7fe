"""Project files: the settings in `enzyme-lsp.toml`, found above a document, read, and placed in its text.

Such a file may have come with a repository that somebody merely looks at, so that it may say what is reported and
shown, and nothing about programs. It must not know what a pipeline means.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from enzyme_lsp import settings
from enzyme_lsp.settings import FOR_PROJECTS, NOT_FOR_PROJECTS, PROJECT_FILE, Settings
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_BYTES: Final = 1 << 16
"""No settings that anybody wrote are longer."""
_IN_PART: Final = frozenset(name.partition(".")[0] for name in FOR_PROJECTS)
"""The groups of which a project file may have something, though not all."""
_MOST_KEYS: Final = 100
"""In one table. There are not as many settings, and what is unknown is held against all that are."""
_MOST_DOTS: Final = 100
"""In one line. The parser's time is quadratic in the parts of a dotted key: 35 s for a line of 60,000 bytes."""
_HEADER: Final = re.compile(rb"[ \t]*\[+([^\]\n#=]*)\]")
_WORD: Final = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY: Final = re.compile(rf"[ \t]*({_WORD}(?:[ \t]*\.[ \t]*{_WORD})*)[ \t]*=[ \t]*".encode())
_AT_LINE: Final = re.compile(r" \(at line (\d+), column (\d+)\)$")
_AT_END: Final = " (at end of document)"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part of a project file that cannot be used; the message is a sentence without a period."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Project:
    """What a project file says. `pipelines` are those of it that have a name, each with the place of its text."""

    path: str
    data: bytes = b""
    settings: Settings = field(default_factory=Settings)
    troubles: tuple[Trouble, ...] = ()
    pipelines: tuple[tuple[str, Span], ...] = ()


def parse(path: str, data: bytes) -> Project:
    """What a text says as a project file; any bytes are read."""
    with suppress(RecursionError):
        if max(line.count(b".") for line in data.split(b"\n")) <= _MOST_DOTS:
            return _parsed(path, data)
    return Project(path, data, troubles=(Trouble(Span(0, 0), "it is nested too deeply"),))


def read(path: str) -> Project | None:
    """The project file at a path; None if there is none."""
    if not os.path.isfile(path):  # A pipe of that name would never end.
        return None
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        return Project(path, troubles=(Trouble(Span(0, 0), f"it cannot be read: {error.strerror}"),))
    if len(data) > _MOST_BYTES:
        return Project(path, troubles=(Trouble(Span(0, 0), f"it has more than {_MOST_BYTES} bytes, and is not read"),))
    return parse(path, data)


def is_project_file(uri: str) -> bool:
    """Whether a URI is that of a project file."""
    found = paths.path(uri)
    return found is not None and os.path.basename(found) == PROJECT_FILE


class Projects:
    """The project files of some folders and those below them, each read once.

    Patterns of files are held against paths from `roots`: the folders themselves, unless others are given.
    """

    def __init__(self, folders: Sequence[str] = (), *, roots: Sequence[str] | None = None) -> None:
        self._folders = tuple(folders)
        self._roots = roots
        self._read: dict[str, Project | None] = {}

    def set_folders(self, uris: Sequence[str]) -> None:
        """The folders of the workspace, by their URIs."""
        self._folders = tuple(found for uri in uris if (found := paths.path(uri)) is not None)

    def forget(self) -> None:
        """Files may have changed: read them again when they are asked for."""
        self._read.clear()

    def of(self, uri: str) -> Project | None:
        """The project file for a document: the nearest one in the folders above it that belong to the workspace."""
        file = paths.path(uri)
        if file is None:
            return None
        return next((found for folder in self._above(file) if (found := self._in(folder)) is not None), None)

    def settings(self, uri: str, own: Settings) -> Settings:
        """The settings of a document: the user's `own` over those of its project, with the engine that is for it."""
        project = self.of(uri)
        made = own if project is None else settings.over(project.settings, own)
        folders = self._folders if self._roots is None else self._roots
        return replace(made, engine=made.engine.for_file(paths.path(uri), folders))

    def at(self, path: str) -> Project | None:
        """The project file at a path, if it is one that could be that of a document."""
        folder, name = os.path.split(path)
        is_inside = any(paths.is_below(paths.normalized(one), paths.normalized(path)) for one in self._folders)
        return self._in(folder) if is_inside and name == PROJECT_FILE else None

    def _above(self, file: str) -> Iterator[str]:
        """The folders of the workspace that a file is in, innermost first."""
        around = [one for one in self._folders if paths.is_below(paths.normalized(one), paths.normalized(file))]
        if not around:
            return
        last, folder = min(around, key=len), os.path.dirname(file)
        while True:
            yield folder
            outer = os.path.dirname(folder)
            if paths.normalized(folder) == paths.normalized(last) or outer == folder:
                return
            folder = outer

    def _in(self, folder: str) -> Project | None:
        path = os.path.join(folder, PROJECT_FILE)
        if path not in self._read:
            self._read[path] = read(path)
        return self._read[path]


def json_schema() -> str:
    """The JSON schema of a project file, as text."""
    groups = settings.schema_of_groups()
    for name in NOT_FOR_PROJECTS:
        group, _, key = name.partition(".")
        if key:
            del groups[group]["properties"][key]
        elif group in _IN_PART:
            rows = groups[group]["properties"]
            groups[group]["properties"] = {key: rows[key] for key in rows if f"{group}.{key}" in FOR_PROJECTS}
        else:
            del groups[group]
    for name, values in FOR_PROJECTS.items():
        group, _, key = name.partition(".")
        groups[group]["properties"][key]["enum"] = [*values]
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"Settings of a project for enzyme-lsp, {PROJECT_FILE}",
        "type": "object",
        "additionalProperties": False,
        "properties": groups,
    }
    return json.dumps(schema, indent=2) + "\n"


def _parsed(path: str, data: bytes) -> Project:
    try:
        values = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Project(path, data, troubles=(Trouble(Span(error.start, error.end), "this is no UTF-8"),))
    except tomllib.TOMLDecodeError as error:
        return Project(path, data, troubles=(_of_syntax(data, str(error)),))
    places = _Places(data)
    kept, troubles = _allowed(values, places)
    made, mistakes = settings.examined(kept)
    troubles += [Trouble(places.key(one.path), _sentence(one.message)) for one in mistakes]
    pipelines: list[tuple[str, Span]] = []
    for text in made.lowering.pipelines:
        whole = places.text("lowering.pipelines", text)
        name, colon, passes = text.partition(":")
        span = whole or places.key("lowering.pipelines")
        if not colon or not name.strip():
            troubles.append(Trouble(span, "a pipeline is written as `name: passes`"))
            continue
        if whole is not None:
            start = whole.end - len(passes.lstrip().encode())
            span = Span(start, start + len(passes.strip().encode()))
        pipelines.append((passes.strip(), span))
    found = tuple(sorted(troubles, key=lambda one: one.span))
    return Project(path, data, made, found, tuple(pipelines))


def _allowed(values: dict[str, Any], places: _Places) -> tuple[dict[str, Any], list[Trouble]]:
    """What of a project file it may have, and what is said of the rest."""
    kept: dict[str, Any] = {}
    troubles: list[Trouble] = []
    for name, value in islice(values.items(), _MOST_KEYS):
        if not isinstance(value, dict) or (name in NOT_FOR_PROJECTS and name not in _IN_PART):
            troubles.append(Trouble(places.key(name), _misplaced(name)))
            continue
        group = dict(islice(cast("dict[str, Any]", value).items(), _MOST_KEYS))
        refused = {key: reason for key, one in group.items() if (reason := _refusal(name, key, one))}
        troubles += [Trouble(places.key(f"{name}.{key}"), reason) for key, reason in refused.items()]
        kept[name] = {key: one for key, one in group.items() if key not in refused}
    groups = settings.group_names() - NOT_FOR_PROJECTS.keys() | _IN_PART
    for name in [name for name in kept if name not in groups]:
        close = get_close_matches(name, sorted(groups), n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        troubles.append(Trouble(places.key(name), f"there is no group of settings {name}{meant}"))
        del kept[name]
    return kept, troubles


def _refusal(group: str, key: str, value: object) -> str:
    """Why a project file may not have a setting with this value; empty when it may."""
    name = f"{group}.{key}"
    if name in FOR_PROJECTS:
        values = ", ".join(FOR_PROJECTS[name])
        is_known = isinstance(value, str) and value in FOR_PROJECTS[name]
        return "" if is_known else f"a project file may set {name} to one of {values}: {NOT_FOR_PROJECTS[group]}"
    return _misplaced(name) if name in NOT_FOR_PROJECTS or group in _IN_PART else ""


def _misplaced(name: str) -> str:
    if (reason := NOT_FOR_PROJECTS.get(name) or NOT_FOR_PROJECTS.get(name.partition(".")[0])) is not None:
        return f"a project file may not have {name}: {reason}"
    return f"{name} stands in no group; write it under one, such as [lowering]"


def _of_syntax(data: bytes, message: str) -> Trouble:
    """What the parser says, at the place that its message has in words."""
    match = _AT_LINE.search(message)
    message = message.removesuffix(_AT_END) if match is None else message[: match.start()]
    lines = data.split(b"\n")
    line0 = len(lines) - 1 if match is None else min(int(match[1]), len(lines)) - 1
    start = sum(len(line) + 1 for line in lines[:line0])
    line = lines[line0].decode("utf-8", "replace")
    column = len(line) if match is None else int(match[2]) - 1
    at = min(start + len(line[:column].encode()), len(data))
    end = start + len(lines[line0].rstrip(b"\r"))
    return Trouble(Span(at, max(at, end)), message[:1].lower() + message[1:])


def _sentence(message: str) -> str:
    message = message[:1].lower() + message[1:]
    return message.removesuffix(".").replace(". Did you mean ", "; did you mean ")


class _Places:
    """Where the keys of a text stand. What spans lines may hide one; then the line above it is told, or the first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._keys: dict[str, Span] = {}
        self._values: dict[str, int] = {}
        self._searched = 0
        table, start = "", 0
        for line in data.split(b"\n"):
            if (header := _HEADER.match(line)) is not None:
                table = _path(header[1])
                self._keys.setdefault(table, Span(start + header.start(1), start + header.end(1)))
            elif (key := _KEY.match(line)) is not None:
                path = f"{table}.{_path(key[1])}" if table else _path(key[1])
                self._keys.setdefault(path, Span(start + key.start(1), start + key.end(1)))
                self._values.setdefault(path, start + key.end())
            start += len(line) + 1

    def key(self, path: str) -> Span:
        """Where a key stands, or else what it is in or what is in it."""
        wanted = path
        while wanted:
            if (found := self._keys.get(wanted)) is not None:
                return found
            inner = (span for key, span in self._keys.items() if key.startswith(f"{wanted}."))
            if (first := next(inner, None)) is not None:
                return first
            wanted = wanted.rpartition(".")[0]
        return Span(0, 0)

    def text(self, path: str, text: str) -> Span | None:
        """Where one of the texts of a key stands, asked for in their order; None if it is written with escapes."""
        start = max(self._searched, self._values.get(path, 0))
        at = self._data.find(text.encode(), start) if text else -1
        if at < 0:
            return None
        self._searched = at + len(text.encode())
        return Span(at, self._searched)


def _path(written: bytes) -> str:
    return ".".join(part.strip().strip("\"'") for part in written.decode("utf-8", "replace").split("."))
