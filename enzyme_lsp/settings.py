"""Every setting: its name, type, default and meaning, said once; must not know who reads them.

The docstring under a field is its description everywhere: `json_schema` and `markdown` make the files that
editors and people read, and `tests/test_settings.py` keeps those current. In Python a field is
`engine.deadline_s`, in JSON `engine.deadlineS`, in VS Code's settings `enzyme-lsp.engine.deadlineS`.
"""

from __future__ import annotations

import ast
import inspect
import json
import math
import re
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cache
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast, get_args, get_origin, get_type_hints

from enzyme_lsp import engine_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

SECTION = "enzyme-lsp"
"""The name of our settings among those of other servers."""


def number(default: float, *, minimum: float, maximum: float) -> Any:
    """A number in a range. What lies beyond would mean nothing, and would break the system calls that it ends up in."""
    return field(default=default, metadata={"minimum": minimum, "maximum": maximum})


_HOUR_MS = 3_600_000
_HOUR_S = 3600


PROJECT_FILE = "enzyme-lsp.toml"
"""The name of the file in which a project has settings of its own."""

FOR_PROJECTS = {"engine.kind": ("auto", "enzyme-ad", "upstream", "none")}
"""What a project file may have of these groups all the same: the values that name no program."""

NOT_FOR_PROJECTS = {
    "engine": "which programs run, and what they may use of the machine, is for its user to say",
    "log": "it is about the server, not about a project",
    "workspace": "it is about the server, not about a project",
    "lowering.deadlineS": "how long a program may run is for the machine's user to say",
}
"""The groups and settings that a project file may not have, since its author may be a stranger, and why."""

_PROJECT_PAGE = (
    f"A file `{PROJECT_FILE}` in a folder of the workspace has settings for the files in and below that folder;",
    "of several such files above a file the nearest counts.",
    "It has a table for each group, such as `[lowering]`, with the same names as here:",
    "",
    "```toml",
    "[lowering]",
    'pipelines = ["tidy: canonicalize,cse"]',
    "```",
    "",
    "What an editor sends wins over it.",
    "There is one exception, since some editors send every setting that there is: a default counts only in",
    "`initializationOptions`, which hold what the user wrote.",
    "In a terminal, options and what `--config` names win always.",
    "Pipelines of both are offered.",
    "Since the file may come from a stranger, it cannot have these:",
    ", ".join(f"`{name}`" for name in NOT_FOR_PROJECTS) + ".",
    *(
        f"But it may set `{name}` to one of {', '.join(f'`{json.dumps(value)}`' for value in values)}: no program."
        for name, values in FOR_PROJECTS.items()
    ),
    "Its pipelines only compute, also in a workspace that its user trusts.",
)


@dataclass(frozen=True, slots=True)
class DiagnosticSettings:
    """What is reported about a file, and when."""

    enabled: bool = True
    """Report problems at all."""

    debounce_ms: int = number(40, minimum=0, maximum=60_000)
    """Milliseconds within which edits are one burst: its first is checked at once, the rest together at its end."""

    idle_ms: int = number(600, minimum=0, maximum=_HOUR_MS)
    """Milliseconds without a key after which the compiler verifies the whole file, not only what changed."""

    deep: Literal["pause", "save", "off"] = "pause"
    """When the compiler is asked to differentiate, to find what has no derivative: in pauses, when saving, or never."""

    unregistered_dialects: Literal["information", "error", "off"] = "information"
    """How an operation of a dialect that the compiler does not know is shown."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The compiler that verifies the files, in a process of its own."""

    enabled: bool = True
    """Use a compiler. Without one only the server's own checks report problems."""

    kind: Literal["auto", "enzyme-ad", "upstream", "program", "command", "none"] = "auto"
    """Which compiler: `enzyme-ad`, upstream MLIR's bindings, the first of them that is there, `program`, or none."""

    python: str = ""
    """The Python interpreter that has the compiler's package. Empty: the server's own, then those on `PATH`."""

    path: str = ""
    """A folder that holds the package `enzyme_ad`, as `pip install --target` makes it. Empty: not used."""

    program: tuple[str, ...] = ()
    """With `kind` "program": a program of the mlir-opt family, such as your build of enzymemlir-opt, with arguments."""

    command: tuple[str, ...] = ()
    """With `kind` "command": a program and its arguments that answer over the server's worker protocol."""

    files: tuple[str, ...] = field(default=(), metadata={"mistake": engine_files.mistake})
    """Files with another compiler, each as `PATTERN: ENGINE`, such as `gpu/**: mlir-opt`; the first match counts.
    The page docs/engines.md says more."""

    deadline_s: float = number(10.0, minimum=0.01, maximum=_HOUR_S)
    """Seconds the compiler may take for one answer before it is stopped and started anew."""

    start_deadline_s: float = number(30.0, minimum=0.01, maximum=_HOUR_S)
    """Seconds the compiler may take to start."""

    memory_mb: int = number(4096, minimum=0, maximum=1 << 20)
    """Megabytes of memory one compiler process may use. 0: no limit."""

    cache_entries: int = number(4096, minimum=0, maximum=1_000_000)
    """How many answers of the compiler are kept."""

    workers: int = number(2, minimum=1, maximum=64)
    """How many compiler processes may run. The second one starts when the first is busy."""

    meant: str = field(default="", metadata={"internal": True})
    """No setting: of an engine beside that of the user's `kind`, this kind, whose `python` and `path` are said here."""

    @property
    def is_beside(self) -> bool:
        """Whether `python` and `path` are said of another engine, so that this one may be elsewhere."""
        return self.meant not in ("", self.kind)

    @property
    def is_wanted(self) -> bool:
        """Whether the user wants a compiler at all."""
        return self.enabled and self.kind != "none"

    def for_file(self, path: str | None, folders: Sequence[str]) -> EngineSettings:
        """Those of a file of a workspace with some folders, by its whole path; None for what is no file."""
        rule = None if path is None else engine_files.first(self.files, path, folders)
        return self if rule is None else self.of_kind(rule.kind, rule.program)

    def of_kind(self, kind: engine_files.Kind, program: Iterable[str] = ()) -> EngineSettings:
        """The settings of an engine beside the one that these mean."""
        meant = self.meant or ("enzyme-ad" if self.kind == "auto" else self.kind)
        return replace(self, kind=kind, program=tuple(program), meant=meant)


@dataclass(frozen=True, slots=True)
class HintSettings:
    """Words that the editor shows in the text, beside what they explain."""

    operands: bool = True
    """What each operand of a differentiation op is for: `primal x:`, `shadow x:`, `seed:`."""

    results: bool = True
    """What each result of a differentiation op is: `grad x`, `tangent 0`."""

    types: bool = True
    """The types of values where the text has none, as the compiler tells them: `: index` behind `%n = memref.dim`."""

    block_arguments: bool = False
    """The values that branches hand to the arguments of a block: `= %a, %b` behind `^bb1(%x: f64`."""


@dataclass(frozen=True, slots=True)
class HoverSettings:
    """What is shown of the thing under the cursor."""

    generic_form: bool = False
    """Show an operation in generic form too, with all that its own form leaves unsaid, once the compiler told it."""


@dataclass(frozen=True, slots=True)
class LensSettings:
    """Lines above functions and differentiation ops, in editors that can run what they do."""

    derivatives: bool = True
    """How many derivatives are taken of a function."""

    differentiate: bool = True
    """Offer the derivatives that can be written of a function."""

    lower: bool = True
    """Show what becomes of a differentiation op."""

    gradcheck: bool = True
    """Run derivatives and say whether they are right, in workspaces that you trust: this runs code of the file."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the server writes to its log, which is its standard error output."""

    level: Literal["error", "warning", "info", "debug"] = "info"
    """The least important messages that are written. Unless this is set, commands in a terminal write errors."""

    slow_ms: int = number(100, minimum=0, maximum=_HOUR_MS)
    """Work that takes longer than this many milliseconds is written at the level "info"."""


@dataclass(frozen=True, slots=True)
class RenameSettings:
    """What changes with a name that is given another one."""

    check_lines: bool = False
    """Change a symbol in FileCheck directives too, and in the names that Enzyme makes of it, as `@diffef` of `@f`."""


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """The files of the workspace's folders, besides those that are open."""

    max_files: int = number(20_000, minimum=0, maximum=1_000_000)
    """How many `.mlir` files are read for their symbols. 0: none."""


@dataclass(frozen=True, slots=True)
class LoweringSettings:
    """What files become under a pipeline of passes."""

    on_save: Literal["off", "open", "always"] = "open"
    """What is lowered when a file is saved: nothing, its open previews, or these and the file, to report what fails."""

    on_save_pipeline: str = ""
    """With `onSave` "always": the name of a pipeline. Empty: the first RUN line, or else `simplify`."""

    pipelines: tuple[str, ...] = ()
    """Pipelines of your own, each as `name: passes`, to be chosen by their names beside the presets."""

    deadline_s: float = number(60.0, minimum=0.01, maximum=_HOUR_S)
    """Seconds the compiler may take for one lowering before it is stopped and started anew."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    diagnostics: DiagnosticSettings = field(default_factory=DiagnosticSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    hints: HintSettings = field(default_factory=HintSettings)
    hover: HoverSettings = field(default_factory=HoverSettings)
    lens: LensSettings = field(default_factory=LensSettings)
    log: LogSettings = field(default_factory=LogSettings)
    lowering: LoweringSettings = field(default_factory=LoweringSettings)
    rename: RenameSettings = field(default_factory=RenameSettings)
    workspace: WorkspaceSettings = field(default_factory=WorkspaceSettings)
    said: frozenset[str] = field(default=frozenset(), compare=False)
    """No setting: the dotted paths of those that were given, which may be what they would be anyway."""


class Mistake(NamedTuple):
    """A part of settings that cannot be used: its dotted path, empty for the whole, and a sentence."""

    path: str
    message: str


def read(data: object) -> tuple[Settings, list[str]]:
    """Settings from what a client sends, and a sentence for each part of it that cannot be used.

    `data` is the object for our section, or one that has it under "enzyme-lsp"; None means no settings. Keys
    may be nested (`{"engine": {"python": "..."}}`) or dotted (`{"engine.python": "..."}`). A part that
    cannot be used leaves its default, the rest applies.
    """
    made, mistakes = examined(data)
    return made, [mistake.message for mistake in mistakes]


def examined(data: object) -> tuple[Settings, list[Mistake]]:
    """As `read`, with the path of each part that cannot be used."""
    problems: list[Mistake] = []
    groups: dict[str, dict[str, Any]] = {}
    said: set[str] = set()
    known = {group.name: {row.key: row for row in group.rows} for group in _groups()}
    for path, value in _leaves(data, known, problems):
        group, _, key = path.partition(".")
        row = known.get(group, {}).get(key)
        if row is None:
            problems.append(Mistake(path, _unknown(path)))
        elif (reason := _refusal(row, value)) is not None:
            problems.append(Mistake(path, f"The setting {path} {reason}, not {_shown(value)}."))
        else:
            groups.setdefault(group, {})[row.name] = _converted(row, _usable(row, path, value, problems))
            said.add(path)
    made: dict[str, Any] = {group.name: group.type(**groups.get(group.name, {})) for group in _groups()}
    return Settings(**made, said=frozenset(said)), problems


def merged(lower: object, upper: object) -> object:
    """`upper` where it says something, else `lower`: for a client that sends settings in two ways."""
    if upper is None:
        return lower
    lower, upper = _unwrapped(lower), _unwrapped(upper)
    if not isinstance(lower, dict) or not isinstance(upper, dict):
        return upper
    result = cast("dict[str, object]", {**lower})
    for key, value in cast("dict[str, object]", upper).items():
        result[key] = merged(result.get(key), value)
    return result


def over(lower: Settings, upper: Settings) -> Settings:
    """`upper` where it says something, else `lower`. Pipelines of both are kept, upper's last.

    What is no default is said, and what `upper.said` names.
    """
    made: dict[str, Any] = {}
    for group in _groups():
        below, above = getattr(lower, group.name), getattr(upper, group.name)
        given = {
            row.name: value
            for row in group.rows
            if (value := getattr(above, row.name)) != row.default or f"{group.name}.{row.key}" in upper.said
        }
        made[group.name] = replace(below, **given)
    pipelines = (*lower.lowering.pipelines, *upper.lowering.pipelines)
    return Settings(**{**made, "lowering": replace(made["lowering"], pipelines=pipelines)})


def group_names() -> frozenset[str]:
    """The groups that there are."""
    return frozenset(group.name for group in _groups())


def schema_of_groups() -> dict[str, dict[str, Any]]:
    """The JSON schema of each group."""
    found: dict[str, dict[str, Any]] = {}
    for group in _groups():
        described = field_docstrings(group.type)
        found[group.name] = {
            "type": "object",
            "description": inspect.getdoc(group.type),
            "additionalProperties": False,
            "properties": {row.key: _schema(row, described[row.name]) for row in group.rows},
        }
    return found


def json_schema() -> str:
    """The JSON schema of the settings, as text: nested under "enzyme-lsp", and one dotted key for each."""
    nested = schema_of_groups()
    dotted: dict[str, object] = {}
    for name, group in nested.items():
        dotted |= {f"{SECTION}.{name}.{key}": row for key, row in group["properties"].items()}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of enzyme-lsp",
        "type": "object",
        "properties": {
            SECTION: {"type": "object", "additionalProperties": False, "properties": nested},
            **dotted,
        },
    }
    return json.dumps(schema, indent=2) + "\n"


def markdown() -> str:
    """The manual page of the settings."""
    lines = [
        "# Settings",
        "",
        "An editor sends these as `initializationOptions`, or as configuration of the section `enzyme-lsp`.",
        "In VS Code the name of a setting begins with `enzyme-lsp.`.",
        "",
        *_PROJECT_PAGE,
        "",
        "This page is made from `enzyme_lsp/settings.py`.",
    ]
    for group in _groups():
        described = field_docstrings(group.type)
        lines += ["", f"## {group.name}", "", inspect.getdoc(group.type) or ""]
        for row in group.rows:
            lines += ["", f"### `{group.name}.{row.key}`", "", described[row.name], "", _facts(row)]
    return "\n".join(lines) + "\n"


class _Row(NamedTuple):
    """One setting."""

    name: str
    key: str
    type: Any
    default: Any
    minimum: float | None
    maximum: float | None
    mistake: Callable[[str], str | None] | None
    """Of a list: what is wrong with one of its texts, or nothing."""


class _Group(NamedTuple):
    name: str
    type: type[Any]
    rows: tuple[_Row, ...]


@cache
def _groups() -> tuple[_Group, ...]:
    hints = get_type_hints(Settings)
    return tuple(_group(one.name, hints[one.name]) for one in fields(Settings) if one.name != "said")


def _group(name: str, kind: type[Any]) -> _Group:
    hints = get_type_hints(kind)
    rows = (_row(one, hints[one.name]) for one in fields(kind) if "internal" not in one.metadata)
    return _Group(name, kind, tuple(rows))


def _row(one: Field[Any], kind: Any) -> _Row:
    if one.default is MISSING:
        raise TypeError(f"the setting {one.name} needs a plain default")
    key = re.sub(r"_(\w)", lambda match: match[1].upper(), one.name)
    return _Row(one.name, key, kind, one.default, *map(one.metadata.get, ("minimum", "maximum", "mistake")))


def field_docstrings(kind: type[Any]) -> dict[str, str]:
    """What the source says of each field of a dataclass."""
    # Python drops the string under a field; the source still has it. Only the generators ask, so that a
    # server installed without its sources can still read settings.
    (definition,) = ast.parse(dedent(inspect.getsource(kind))).body
    found: dict[str, str] = {}
    name = ""
    for statement in cast("ast.ClassDef", definition).body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                found[name] = inspect.cleandoc(text).replace("\n", " ")
            case _:
                pass
    return found


def _unwrapped(data: object) -> object:
    if not isinstance(data, dict):
        return data
    return cast("dict[str, object]", data).get(SECTION, cast("object", data))


def _leaves(
    data: object, known: Mapping[str, object], problems: list[Mistake], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Each setting in `data` with its dotted path."""
    data = _unwrapped(data)
    if data is None:
        return
    if not isinstance(data, dict):
        name = f"The setting {prefix.rstrip('.')}" if prefix else "The settings"
        problems.append(Mistake(prefix.rstrip("."), f"{name} must be an object, not {_shown(data)}."))
        return
    for key, value in cast("dict[str, object]", data).items():
        path = prefix + key.removeprefix(f"{SECTION}.")
        if path in known:
            yield from _leaves(value, known, problems, prefix=f"{path}.")
        else:
            yield path, value


def _unknown(path: str) -> str:
    every = [f"{group.name}.{row.key}" for group in _groups() for row in group.rows]
    close = get_close_matches(path, every, n=1)
    return f"There is no setting {path}." + (f" Did you mean {close[0]}?" if close else "")


def _refusal(row: _Row, value: object) -> str | None:
    """What the value should have been, for a sentence; None when it can be used."""
    choices = get_args(row.type) if get_origin(row.type) is Literal else ()
    if choices:
        return None if value in choices else f"must be {_listed(choices)}"
    if row.type is bool:
        return None if isinstance(value, bool) else "must be true or false"
    if row.type is str:
        return None if isinstance(value, str) else "must be a text"
    if get_origin(row.type) is tuple:
        return None if _is_texts(value) else "must be a list of texts"
    # In JSON 1.0 and 1 are the same number. In Python true is one too, which nobody means here.
    whole = row.type is int
    if isinstance(value, bool) or not isinstance(value, int | float) or (whole and value != value // 1):
        return "must be a whole number" if whole else "must be a number"
    # Python reads NaN and Infinity out of JSON, which has neither.
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a finite number"
    if row.minimum is not None and not value >= row.minimum:
        return f"must be at least {row.minimum}"
    if row.maximum is not None and value > row.maximum:
        return f"must be at most {row.maximum}"
    return None


def _usable(row: _Row, path: str, value: object, problems: list[Mistake]) -> object:
    """The value, of a list without the texts in which something is wrong."""
    if row.mistake is None:
        return value
    found = [(text, row.mistake(text)) for text in cast("list[str]", value)]
    problems += [Mistake(path, f"The setting {path} has {_shown(text)}: {wrong}.") for text, wrong in found if wrong]
    return [text for text, wrong in found if not wrong]


def _converted(row: _Row, value: Any) -> object:
    if get_origin(row.type) is tuple:
        return tuple(value)
    return row.type(value) if row.type in (int, float) else value


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("list[object]", value))


def _listed(choices: tuple[str, ...]) -> str:
    shown = [json.dumps(choice) for choice in choices]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _schema(row: _Row, description: str) -> dict[str, object]:
    schema: dict[str, object] = {**_json_type(row.type), "default": row.default}
    if row.minimum is not None:
        schema["minimum"] = row.minimum
    if row.maximum is not None:
        schema["maximum"] = row.maximum
    return {**schema, "markdownDescription": description}


def _json_type(kind: Any) -> dict[str, object]:
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": {"type": "string"}}
    return {"type": {bool: "boolean", int: "integer", float: "number", str: "string"}[kind]}


def _facts(row: _Row) -> str:
    facts = [f"Default: `{json.dumps(row.default)}`."]
    if get_origin(row.type) is Literal:
        facts.append(f"One of {', '.join(f'`{json.dumps(choice)}`' for choice in get_args(row.type))}.")
    if row.minimum is not None and row.maximum is not None:
        facts.append(f"At least {row.minimum}, at most {row.maximum}.")
    return " ".join(facts)
