"""Project files on the wire: their settings hold, follow the file, and what is wrong with one is shown at its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.server.connection import NO_ENGINE, Message
from tests.server.test_workspace_files import in_folders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.connection import Connection

PUSHED: Any = {"textDocument": {"publishDiagnostics": {}}}


async def own_pipelines(connection: Connection, uri: str) -> list[tuple[str, str]]:
    answer = await connection.request("enzyme/pipelines", {"textDocument": {"uri": uri}})
    return [(one["name"], one["pipeline"]) for one in answer["result"]["pipelines"] if one["where"] == "setting"]


def changed(connection: Connection, file: Path) -> None:
    changes = [{"uri": file.as_uri(), "type": 2}]
    connection.notify("workspace/didChangeWatchedFiles", {"changes": changes})


async def test_settings_hold_below_a_project_file_and_follow_it(tmp_path: Path):
    file, uri = tmp_path / "enzyme-lsp.toml", f"{tmp_path.as_uri()}/a.mlir"
    file.write_text('[lowering]\npipelines = ["tidy: cse"]\n')
    async with in_folders(tmp_path.as_uri()) as connection:
        connection.open("func.func private @f()\n", uri=uri)
        connection.open("func.func private @f()\n", uri="untitled:2")
        assert await own_pipelines(connection, uri) == [("tidy", "cse")]
        assert await own_pipelines(connection, "untitled:2") == []
        file.write_text('[lowering]\npipelines = ["tidy: sccp"]\n')
        changed(connection, file)
        assert await own_pipelines(connection, uri) == [("tidy", "sccp")]
        own: Message = {**NO_ENGINE, "lowering": {"pipelines": ["mine: cse", "tidy: canonicalize"]}}
        connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": own}})
        assert sorted(await own_pipelines(connection, uri)) == [("mine", "cse"), ("tidy", "canonicalize")]
        file.unlink()
        connection.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
        connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": NO_ENGINE}})
        assert await own_pipelines(connection, uri) == []


async def test_diagnostics_are_switched_off_for_a_project(tmp_path: Path):
    uri = f"{tmp_path.as_uri()}/a.mlir"
    async with in_folders(tmp_path.as_uri()) as connection:
        connection.open("func.func @f() {\n", uri=uri)
        await connection.quiet()
        assert connection.published(uri)[-1]["diagnostics"]
        (tmp_path / "enzyme-lsp.toml").write_text("[diagnostics]\nenabled = false\n")
        changed(connection, tmp_path / "enzyme-lsp.toml")
        await connection.quiet()
        assert connection.published(uri)[-1]["diagnostics"] == []


async def test_a_default_wins_over_a_project_file_where_the_user_wrote_it(tmp_path: Path):
    (tmp_path / "enzyme-lsp.toml").write_text("[hints]\ntypes = false\noperands = false\n")
    own: Message = {**NO_ENGINE, "hints": {"types": True}}
    async with in_folders(tmp_path.as_uri(), settings=own) as connection:
        connection.open("func.func private @f()\n", uri=f"{tmp_path.as_uri()}/a.mlir")
        await connection.quiet()
        every = {**NO_ENGINE, "hints": {"types": True, "operands": True}}
        connection.notify("workspace/didChangeConfiguration", {"settings": {"enzyme-lsp": every}})
        await connection.quiet()
        (snapshot,) = connection.server.session.workspace.snapshots()
        assert (snapshot.settings.hints.types, snapshot.settings.hints.operands) == (True, False)


async def test_what_is_wrong_is_shown_at_the_file(tmp_path: Path):
    file = tmp_path / "enzyme-lsp.toml"
    file.write_text('[lowering]\npipelines = ["tidy: canonicalise"]\n')
    async with in_folders(tmp_path.as_uri(), **PUSHED) as connection:
        connection.open("", uri=f"{tmp_path.as_uri()}/a.mlir")
        await connection.quiet()
        (shown,) = connection.published(file.as_uri())
        assert shown["diagnostics"] == [
            {
                "range": {"start": {"line": 1, "character": 20}, "end": {"line": 1, "character": 32}},
                "message": "Enzyme has no pass canonicalise; did you mean canonicalize?",
                "severity": 2,
                "source": "enzyme-lsp",
            }
        ]
        connection.open("", uri=f"{tmp_path.as_uri()}/b.mlir")
        file.write_text("[engine]\ncommand = ['sh']\n")
        changed(connection, file)
        await connection.quiet()
        file.write_text("")
        changed(connection, file)
        await connection.quiet()
        messages = [[one["message"] for one in each["diagnostics"]] for each in connection.published(file.as_uri())]
        refused, mended = messages[1:]
        assert [one.partition(":")[0] for one in refused] == ["a project file may not have engine.command"]
        assert mended == []


async def test_a_client_that_shows_no_diagnostics_unasked_is_told_in_words(tmp_path: Path):
    (tmp_path / "enzyme-lsp.toml").write_text("[hints]\ntypes = tru\n")
    async with in_folders(tmp_path.as_uri()) as connection:
        connection.open("", uri=f"{tmp_path.as_uri()}/a.mlir")
        await connection.quiet()
        shown = await connection.notification("window/showMessage")
        assert shown["message"] == f"{tmp_path}/enzyme-lsp.toml:2: invalid value"
