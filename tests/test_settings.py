"""Settings as clients send them, and the two files made from them."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp import settings
from enzyme_lsp.settings import DiagnosticSettings, EngineSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent


def test_no_settings_are_the_defaults() -> None:
    assert settings.read(None) == (Settings(), [])
    assert settings.read({}) == (Settings(), [])


@pytest.mark.parametrize(
    "data",
    [
        {"engine": {"python": "/p", "deadlineS": 2}, "diagnostics": {"idleMs": 5.0}},
        {"engine.python": "/p", "engine.deadlineS": 2, "diagnostics.idleMs": 5},
        {"enzyme-lsp": {"engine": {"python": "/p", "deadlineS": 2}, "diagnostics.idleMs": 5}},
        {"enzyme-lsp.engine.python": "/p", "enzyme-lsp.engine.deadlineS": 2, "diagnostics": {"idleMs": 5}},
    ],
)
def test_keys_are_nested_or_dotted(data: object) -> None:
    expected = Settings(diagnostics=DiagnosticSettings(idle_ms=5), engine=EngineSettings(python="/p", deadline_s=2.0))
    assert settings.read(data) == (expected, [])


def test_a_list_becomes_a_tuple() -> None:
    read, problems = settings.read({"engine": {"command": ["worker", "--fast"]}})
    assert (read.engine.command, problems) == (("worker", "--fast"), [])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([1], "The settings must be an object, not [1]."),
        ({"engine": 3}, "The setting engine must be an object, not 3."),
        ({"engine": {"python": 3}}, "The setting engine.python must be a text, not 3."),
        ({"engine": {"enabled": "no"}}, 'The setting engine.enabled must be true or false, not "no".'),
        ({"engine": {"workers": 0}}, "The setting engine.workers must be at least 1, not 0."),
        ({"engine": {"workers": True}}, "The setting engine.workers must be a whole number, not true."),
        ({"engine": {"workers": 1.5}}, "The setting engine.workers must be a whole number, not 1.5."),
        ({"engine": {"workers": 10**6}}, "The setting engine.workers must be at most 64, not 1000000."),
        (
            {"engine": {"memoryMb": 10**15}},
            "The setting engine.memoryMb must be at most 1048576, not 1000000000000000.",
        ),
        ({"engine": {"deadlineS": 1e12}}, "The setting engine.deadlineS must be at most 3600, not 1000000000000.0."),
        ({"engine": {"deadlineS": math.inf}}, "The setting engine.deadlineS must be a finite number, not Infinity."),
        ({"engine": {"deadlineS": math.nan}}, "The setting engine.deadlineS must be a finite number, not NaN."),
        ({"engine": {"workers": math.inf}}, "The setting engine.workers must be a whole number, not Infinity."),
        ({"engine": {"deadlineS": "1"}}, 'The setting engine.deadlineS must be a number, not "1".'),
        ({"engine": {"command": "x"}}, 'The setting engine.command must be a list of texts, not "x".'),
        (
            {"engine": {"kind": "gcc"}},
            'The setting engine.kind must be "auto", "enzyme-ad", "upstream", "program", "command" or "none", not "gcc".',
        ),
        ({"engine": {"pyton": "p"}}, "There is no setting engine.pyton. Did you mean engine.python?"),
        ({"lamp": 1}, "There is no setting lamp."),
    ],
)
def test_what_cannot_be_used_is_one_sentence(data: object, problem: str) -> None:
    assert settings.read(data) == (Settings(), [problem])


def test_a_number_that_no_float_holds_is_too_large() -> None:
    (problem,) = settings.read({"engine": {"deadlineS": 10**400}})[1]
    assert problem.startswith("The setting engine.deadlineS must be at most 3600, not 1000")


def test_every_number_has_a_largest_value() -> None:
    rows = json.loads(settings.json_schema())["properties"]["enzyme-lsp"]["properties"].values()
    numbers = [row for group in rows for row in group["properties"].values() if row["type"] in ("integer", "number")]
    assert numbers
    assert all(row["minimum"] <= row["default"] <= row["maximum"] for row in numbers)


def test_what_can_be_used_applies_beside_what_cannot() -> None:
    data = {"engine": {"pyton": "p", "workers": 0, "path": "/lib"}, "diagnostics": {"enabled": False}}
    read, problems = settings.read(data)
    assert read == Settings(diagnostics=DiagnosticSettings(enabled=False), engine=EngineSettings(path="/lib"))
    assert len(problems) == 2


def test_settings_sent_later_win_and_keep_what_they_do_not_name() -> None:
    first = {"enzyme-lsp": {"engine": {"python": "/p", "path": "/lib"}}}
    assert settings.merged(first, {"engine": {"path": "/other"}}) == {"engine": {"python": "/p", "path": "/other"}}
    assert settings.merged(first, None) == first


def test_the_schema_has_every_setting_nested_and_dotted() -> None:
    properties = json.loads(settings.json_schema())["properties"]
    nested = properties.pop("enzyme-lsp")["properties"]
    assert properties == {
        f"enzyme-lsp.{group}.{key}": schema
        for group, groups in nested.items()
        for key, schema in groups["properties"].items()
    }
    assert all(schema["markdownDescription"] for schema in properties.values())


@pytest.mark.parametrize(
    ("path", "generate"),
    [("schemas/settings.schema.json", settings.json_schema), ("docs/settings.md", settings.markdown)],
)
def test_the_committed_files_are_current(path: str, generate: Callable[[], str]) -> None:
    file = ROOT / path
    if os.environ.get("UPDATE_EXPECT"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(generate(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == generate(), "run again with UPDATE_EXPECT=1"
