"""Documents of one client with several engines: each has its own, is told of its own, and is hurt by no other."""

from __future__ import annotations

import asyncio
import shlex
import sys
from typing import TYPE_CHECKING, Any

from enzyme_lsp.engines.api import State
from enzyme_lsp.server import compilers
from enzyme_lsp.verification.verifier import Verifier
from tests.engines import plain_opt, scripted

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.server.connection import Connection

SCRIPTED = {"kind": "command", "command": scripted.command(), "workers": 1}
ERROR = "func.func @f() {\n  scripted.error\n  return\n}\n"
RIGHT = "func.func @f() {\n  return\n}\n"
NO_DERIVATIVE = """\
func.func @f(%x: f64) -> f64 {
  %r = math.floor %x : f64
  return %r : f64
}
func.func @d(%x: f64, %dx: f64) -> f64 {
  %r = enzyme.fwddiff @f(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>],
    ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %r : f64
}
"""
SHOWS = {"experimental": {"enzymeStatus": True}, "workspace": {"workspaceFolders": True}}


async def begin(connection: Connection, root: Path, *rules: str, engine: dict[str, Any] = SCRIPTED) -> None:
    """A workspace in which the scripted engine judges all that no rule gives to another."""
    connection.server.session.compilers.make_verifier = Verifier
    settings = {"engine": {**engine, "files": rules}, "diagnostics": {"debounceMs": 0, "idleMs": 0}}
    folders = [{"uri": root.as_uri(), "name": "root"}]
    params = {"processId": None, "rootUri": None, "workspaceFolders": folders, "capabilities": SHOWS}
    await connection.request("initialize", {**params, "initializationOptions": settings})
    connection.notify("initialized", {})


def said(connection: Connection, uri: str) -> list[str]:
    return [one["message"] for one in connection.published(uri)[-1]["diagnostics"]]


def shown(connection: Connection) -> Any:
    return [one["params"] for one in connection.received if one.get("method") == "enzyme/status"][-1]


async def test_each_document_is_judged_by_its_engine(connection: Connection, tmp_path: Path) -> None:
    await begin(connection, tmp_path, f"gpu/**: {shlex.join([sys.executable, plain_opt.__file__])}", "plain: none")
    own, gpu, plain = ((tmp_path / name / "a.mlir").as_uri() for name in ("own", "gpu", "plain"))
    for uri in (own, gpu, plain):
        connection.open(ERROR, uri=uri)
    await connection.quiet()
    assert len(said(connection, own)) == 1
    assert said(connection, plain) == []
    status = shown(connection)
    assert (status["engine"], status["health"]) == ("", "ok")
    engines = {one["documents"][0]: (one["engine"], one["health"]) for one in status["engines"]}
    assert engines[own] == ("scripted", "ok")
    assert engines[gpu][0].startswith("python")
    assert engines[plain] == ("", "ok")
    connection.notify("textDocument/didClose", {"textDocument": {"uri": plain}})
    connection.notify("textDocument/didClose", {"textDocument": {"uri": gpu}})
    assert (shown(connection)["engine"], shown(connection)["engines"]) == ("scripted", [])


async def test_the_engine_of_one_document_hurts_no_other(connection: Connection, tmp_path: Path) -> None:
    await begin(connection, tmp_path, "missing: no-such-opt")
    own, missing = ((tmp_path / name / "a.mlir").as_uri() for name in ("own", "missing"))
    connection.open(ERROR, uri=missing)
    connection.open(ERROR, uri=own)
    await connection.quiet()
    assert len(said(connection, own)) == 1
    status = shown(connection)
    assert (status["engine"], status["health"], status["message"]) == ("scripted", "ok", "")
    of_missing = next(one for one in status["engines"] if one["documents"] == [missing])
    assert of_missing["health"] == "warning"
    assert "there is no program no-such-opt" in of_missing["message"]
    connection.change({"text": f"{ERROR}\n"}, uri=missing)
    await connection.quiet()
    assert "no-such-opt" in shown(connection)["message"]


async def test_a_project_file_turns_its_documents_to_another_engine(connection: Connection, tmp_path: Path) -> None:
    await begin(connection, tmp_path, engine={"enabled": False})
    document = (tmp_path / "a.mlir").as_uri()
    connection.open(RIGHT, uri=document)
    await connection.quiet()
    file = tmp_path / "enzyme-lsp.toml"
    file.write_text('[engine]\nkind = "none"\n')
    session = connection.server.session
    connection.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 1}]})
    snapshot = session.workspace.get(document)
    assert snapshot is not None
    assert snapshot.settings.engine.kind == "none"


async def test_documents_of_the_same_engine_share_it(connection: Connection, tmp_path: Path) -> None:
    await begin(connection, tmp_path, "a: none", "b: none")
    for name in ("a", "b"):
        connection.open(RIGHT, uri=(tmp_path / name / "a.mlir").as_uri())
    session = connection.server.session
    one, other = session.workspace.snapshots()
    assert session.compilers.judging(one) is session.compilers.judging(other)


async def test_rules_that_are_changed_hold_at_once(connection: Connection, tmp_path: Path) -> None:
    await begin(connection, tmp_path)
    document = (tmp_path / "a.mlir").as_uri()
    connection.open(ERROR, uri=document)
    await connection.quiet()
    assert len(said(connection, document)) == 1
    rules = {"enzyme-lsp": {"engine": {"files": ["a.mlir: none"]}}}
    connection.notify("workspace/didChangeConfiguration", {"settings": rules})
    await connection.quiet()
    assert said(connection, document) == []


async def test_an_engine_without_documents_is_shut_down(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilers, "IDLE_S", 0.01)
    monkeypatch.setattr(compilers, "LOOK_S", 0.05)
    await begin(connection, tmp_path)
    document = (tmp_path / "a.mlir").as_uri()
    connection.open(RIGHT, uri=document)
    await connection.quiet()
    session = connection.server.session
    pool = session.compilers.of(session.settings.engine).pool
    await asyncio.sleep(0.2)
    assert pool.pids
    connection.notify("textDocument/didClose", {"textDocument": {"uri": document}})
    await connection.until(lambda: pool.status.state is State.CLOSED)
    connection.open(ERROR, uri=document)
    await connection.quiet()
    assert len(said(connection, document)) == 1


async def test_a_mistake_in_the_rules_is_told(connection: Connection, tmp_path: Path) -> None:
    await begin(connection, tmp_path, "gpu upstream")
    message = await connection.notification("window/showMessage")
    assert message["message"] == 'The setting engine.files has "gpu upstream": a rule is written as `PATTERN: ENGINE`.'


async def test_enzyme_ad_differentiates_what_upstream_verifies(
    connection: Connection, tmp_path: Path, classic: object, upstream: object
) -> None:
    del classic, upstream
    await begin(connection, tmp_path, engine={"kind": "upstream", "workers": 1})
    document = (tmp_path / "a.mlir").as_uri()
    connection.open(NO_DERIVATIVE, uri=document)
    async with asyncio.timeout(60):
        while not connection.server.session.publisher.is_quiescent:  # noqa: ASYNC110  # There is no event for it.
            await asyncio.sleep(0.02)
    (found,) = connection.published(document)[-1]["diagnostics"]
    assert (found["code"], found["source"]) == ("no-derivative", "enzyme-ad")
    status = shown(connection)
    assert (status["engine"], status["health"], status["engines"]) == ("mlir", "ok", [])
    verifies, _, differentiates = status["message"].partition(" verifies, and ")
    assert verifies == f"mlir {status['version']}"
    assert differentiates.startswith("enzyme-ad 0.0.")
    wish = {"textDocument": {"uri": document}, "pipeline": "enzyme"}
    lowered = (await connection.request("enzyme/lower", wish))["result"]
    assert lowered["engine"].startswith("enzyme-ad")
