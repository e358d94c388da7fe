"""What is wrong with a project file, at its place, and which settings it may have."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from enzyme_lsp.lowering.project import troubles
from enzyme_lsp.settings import DiagnosticSettings, HintSettings, LoweringSettings, Settings, over, read
from enzyme_lsp.workspace import project
from enzyme_lsp.workspace.project import Projects

ROOT = Path(__file__).parents[2]


def found(text: str | bytes) -> list[tuple[str, str]]:
    """What is underlined, and what is said of it."""
    data = text.encode() if isinstance(text, str) else text
    return [(one.span.of(data).decode("utf-8", "replace"), one.message) for one in troubles(project.parse("x", data))]


def test_settings_of_a_project():
    text = '[hints]\ntypes = false\n[lowering]\nonSave = "always"\npipelines = ["tidy: canonicalize,cse"]\n'
    read = project.parse("x", text.encode())
    assert troubles(read) == []
    assert read.settings == Settings(
        hints=HintSettings(types=False),
        lowering=LoweringSettings(on_save="always", pipelines=("tidy: canonicalize,cse",)),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[hints]\ntypes = "no"', ("types", 'the setting hints.types must be true or false, not "no"')),
        ("[hints]\ntyps = true", ("typs", "there is no setting hints.typs; did you mean hints.types?")),
        ("hints.typs = 1", ("hints.typs", "there is no setting hints.typs; did you mean hints.types?")),
        ("[hnts]\ntypes = true", ("hnts", "there is no group of settings hnts; did you mean hints?")),
        ("types = true", ("types", "types stands in no group; write it under one, such as [lowering]")),
        ("[hints]\ntypes = 1979-05-27", ("types", 'the setting hints.types must be true or false, not "1979-05-27"')),
        ("[hints]\ntypes = tru", ("tru", "invalid value")),
        ("[hints]\ntypes = true\ntypes = true", ("", "cannot overwrite a value")),
        ("[hints", ("", "expected ']' at the end of a table declaration")),
        (b"[hints]\n# \xff", ("\ufffd", "this is no UTF-8")),
        ("x = " + "[" * 9999, ("", "it is nested too deeply")),
        ("lowering.pipelines = ['cse']", ("cse", "a pipeline is written as `name: passes`")),
        (
            "[lowering]\npipelines = [\n  'a: cse', # é\n  'b: canonicalise,cse',\n]",
            ("canonicalise", "Enzyme has no pass canonicalise; did you mean canonicalize?"),
        ),
        (
            '[lowering]\npipelines = ["a: \\u0063anonicalise"]',
            ("pipelines", "Enzyme has no pass canonicalise; did you mean canonicalize?"),
        ),
        ("lowering.pipelines = ['a: cse(cse']", ("cse", "the parenthesis behind this is never closed")),
        (
            "lowering.pipelines = ['a: view-op-graph']",
            ("view-op-graph", "view-op-graph is not run for a project file: it starts programs of the machine"),
        ),
    ],
)
def test_what_cannot_be_used_is_said_at_its_place(text: str | bytes, expected: tuple[str, str]):
    assert found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("engine.command = ['rm', '-rf', '/']", "engine.command"),
        ("[engine]\npython = './python'", "engine.python"),
        ('["engine"]\npath = "."', "engine.path"),
        ("[engine]\nfiles = ['*: ./opt']", "engine.files"),
        ("[engine]\nworkers = 64", "engine.workers"),
        ("[engine]\nkind_ = 'none'", "engine.kind_"),
        ("engine = 1", "engine"),
        ("[log]\nlevel = 'debug'", "log"),
        ("[workspace]\nmaxFiles = 1000000", "workspace"),
        ("[lowering]\ndeadlineS = 3600", "lowering.deadlineS"),
    ],
)
def test_a_stranger_names_no_program(text: str, name: str):
    read = project.parse("x", text.encode())
    assert read.settings == Settings()
    ((_, message),) = found(text)
    assert message.startswith(f"a project file may not have {name}: ")


@pytest.mark.parametrize("kind", ["auto", "enzyme-ad", "upstream", "none"])
def test_a_project_says_which_of_the_engines_that_name_no_program(kind: str):
    read = project.parse("x", f'[engine]\nkind = "{kind}"'.encode())
    assert (read.settings.engine.kind, troubles(read)) == (kind, [])


@pytest.mark.parametrize("value", ['"program"', '"command"', '"enzyme"', "1", "['none']"])
def test_a_project_says_no_other_engine(value: str):
    assert project.parse("x", f"[engine]\nkind = {value}".encode()).settings == Settings()
    ((at, message),) = found(f"[engine]\nkind = {value}")
    assert at == "kind"
    assert message.startswith("a project file may set engine.kind to one of auto, enzyme-ad, upstream, none: which")


def test_a_user_wins_over_the_engine_of_a_project(tmp_path: Path):
    (tmp_path / "enzyme-lsp.toml").write_text('[engine]\nkind = "none"\n')
    projects, document = Projects([str(tmp_path)]), (tmp_path / "a.mlir").as_uri()
    kinds = [
        projects.settings(document, read({"engine": own})[0]).engine.kind
        for own in ({}, {"kind": "upstream"}, {"kind": "auto"}, {"files": ["a.mlir: enzyme-ad"]})
    ]
    assert kinds == ["none", "upstream", "auto", "enzyme-ad"]


def test_hostile_files_are_read_soon():
    for text in ("[" + " " * 60000, "a." * 30000 + "a = 1", "[hints]\n" + "".join(f"x{n} = 1\n" for n in range(5000))):
        assert found(text)


def test_what_a_client_says_wins_over_a_project_and_that_over_the_defaults():
    lower = Settings(
        hints=HintSettings(types=False, operands=False), lowering=LoweringSettings(pipelines=("a: cse", "b: cse"))
    )
    upper = Settings(
        diagnostics=DiagnosticSettings(debounce_ms=1),
        hints=HintSettings(block_arguments=True),
        lowering=LoweringSettings(pipelines=("b: sccp",)),
    )
    assert over(lower, upper) == Settings(
        diagnostics=DiagnosticSettings(debounce_ms=1),
        hints=HintSettings(types=False, operands=False, block_arguments=True),
        lowering=LoweringSettings(pipelines=("a: cse", "b: cse", "b: sccp")),
    )
    insisting, _ = read({"diagnostics": {"debounceMs": 40, "idleMs": "soon"}, "hints": {"blockArguments": True}})
    assert over(lower, insisting) == Settings(
        diagnostics=DiagnosticSettings(debounce_ms=40),
        hints=HintSettings(types=False, operands=False, block_arguments=True),
        lowering=LoweringSettings(pipelines=("a: cse", "b: cse")),
    )


def test_the_nearest_file_within_the_workspace_counts(tmp_path: Path):
    inner = tmp_path / "work" / "sub" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "enzyme-lsp.toml").write_text("[hints]\ntypes = false\n")
    projects = Projects()
    projects.set_folders([(tmp_path / "work").as_uri()])
    document = (inner / "a.mlir").as_uri()
    assert projects.of(document) is None
    assert projects.of("untitled:1") is None
    for folder in (tmp_path / "work", inner.parent):
        (folder / "enzyme-lsp.toml").write_text("")
        projects.forget()
        read = projects.of(document)
        assert read is not None
        assert read.path == str(folder / "enzyme-lsp.toml")
    assert projects.of((tmp_path / "b.mlir").as_uri()) is None


def test_a_file_that_is_none(tmp_path: Path):
    (tmp_path / "enzyme-lsp.toml").mkdir()
    assert project.read(str(tmp_path / "enzyme-lsp.toml")) is None
    os.mkfifo(tmp_path / "pipe")
    assert project.read(str(tmp_path / "pipe")) is None
    (tmp_path / "long").write_bytes(b"#" * (1 << 17))
    read = project.read(str(tmp_path / "long"))
    assert read is not None
    assert [one.message for one in read.troubles] == ["it has more than 65536 bytes, and is not read"]


def test_the_committed_schema_is_current():
    file = ROOT / "schemas" / "project.schema.json"
    if os.environ.get("UPDATE_EXPECT"):
        file.write_text(project.json_schema(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == project.json_schema(), "run again with UPDATE_EXPECT=1"
    groups = json.loads(project.json_schema())["properties"]
    assert [*groups["engine"]["properties"]] == ["kind"]
    assert "program" not in groups["engine"]["properties"]["kind"]["enum"]
    assert "deadlineS" not in groups["lowering"]["properties"]
