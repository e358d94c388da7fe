"""The real server with a real worker, as two editors see it: VS Code of 2022 is pushed to, Neovim pulls."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator  # noqa: TC003  # pytest-lsp reads the annotations.
from functools import partial
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient

from enzyme_lsp.server import protocol
from enzyme_lsp.server.server import STRICT
from tests.engines import scripted

URI = "untitled:Untitled-1"

GOOD = "func.func private @f()\n"
BAD = 'func.func @g() { "a.b"() {s = "😀"} : () -> () scripted.error\n}\n'
UNKNOWN = "scripted.error is no operation that the engine knows"

DERIVATIVE = """\
func.func @f(%x: f64) -> f64 {{
  %0 = {operation} %x : f64
  return %0 : f64
}}
func.func @d(%x: f64, %dx: f64) -> f64 {{
  %0 = enzyme.autodiff @f(%x, %dx) {{
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  }} : (f64, f64) -> f64
  return %0 : f64
}}
"""

SETTINGS = {
    "engine": {"kind": "command", "command": scripted.command(), "deadlineS": 0.5},
    "diagnostics": {"debounceMs": 5, "idleMs": 50},
}


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> dict[str, object]:
    """Settings of the engine, for a test that wants others."""
    return getattr(request, "param", {})


def _registered(_: lsp.RegistrationParams) -> None:
    pass


@pytest_lsp.fixture(  # pyright: ignore[reportUnknownMemberType]
    params=["visual-studio-code", "neovim"],
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "enzyme_lsp", "serve"], server_env={**os.environ, STRICT: "1"}
    ),
)
async def client(
    request: pytest.FixtureRequest, lsp_client: LanguageClient, engine: dict[str, object]
) -> AsyncIterator[None]:
    # pytest-lsp plays an editor that declares this without having it.
    lsp_client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(_registered)
    capabilities = pytest_lsp.client_capabilities(request.param)
    capabilities.experimental = {"enzymeStatus": True}
    result = await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=capabilities,
            initialization_options={**SETTINGS, "engine": {**SETTINGS["engine"], **engine}},
        )
    )
    assert result.capabilities.position_encoding == {"neovim": "utf-8"}.get(request.param, "utf-16")
    yield
    await lsp_client.shutdown_session()
    process: asyncio.subprocess.Process = vars(lsp_client)["_server"]
    assert process.returncode == 0, "the server has logged a bug"


class Editor:
    """A client with one document, and what it shows of it."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.statuses: list[Any] = []
        assert client.capabilities is not None
        assert client.capabilities.text_document is not None
        self.pulls = client.capabilities.text_document.diagnostic is not None
        self._version = 0
        self.counts_bytes = self.pulls
        """Neovim prefers UTF-8, VS Code counts in UTF-16."""
        self.text = ""
        client.feature(protocol.STATUS)(partial(self.statuses.append))

    def open(self, text: str) -> None:
        self._version += 1
        self.text = text
        item = lsp.TextDocumentItem(URI, "mlir", self._version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def replace(self, text: str) -> None:
        self._version += 1
        self.text = text
        document = lsp.VersionedTextDocumentIdentifier(self._version, URI)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    async def shows(self, *messages: str) -> list[lsp.Diagnostic]:
        """Wait until these are what the editor shows, none else."""
        async with asyncio.timeout(10):
            shown = await self._shown()
            while shown is None or [each.message for each in shown] != list(messages):
                if not self.pulls:
                    await self.client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
                shown = await self._shown()
        return shown

    async def _shown(self) -> list[lsp.Diagnostic] | None:
        if not self.pulls:
            pushed = self.client.diagnostics.get(URI)
            return None if pushed is None else [*pushed]
        params = lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(URI))
        report = await self.client.text_document_diagnostic_async(params)
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        assert URI not in self.client.diagnostics, "pushed and pulled"
        return [*report.items]

    async def chooses(self, line: int, text: str, *, only: list[str]) -> None:
        """Do the first action that is offered at a text of a line, as an editor does it."""
        lines = self.text.splitlines()
        before = lines[line].partition(text)[0]
        column = len(before.encode()) if self.counts_bytes else len(before.encode("utf-16-le")) // 2
        place = lsp.Range(lsp.Position(line, column), lsp.Position(line, column))
        document = lsp.TextDocumentIdentifier(URI)
        context = lsp.CodeActionContext(diagnostics=[], only=only)
        found = await self.client.text_document_code_action_async(lsp.CodeActionParams(document, place, context))
        assert found, "nothing is offered"
        assert isinstance(found[0], lsp.CodeAction)
        assert found[0].edit is None, "what nobody has chosen is computed"
        chosen = await self.client.code_action_resolve_async(found[0])
        assert chosen.edit is not None
        self.replace(self._applied(chosen.edit))

    def _applied(self, edit: lsp.WorkspaceEdit) -> str:
        if edit.document_changes is not None:
            (change,) = edit.document_changes
            assert isinstance(change, lsp.TextDocumentEdit)
            assert (change.text_document.uri, change.text_document.version) == (URI, self._version)
            edits = [*change.edits]
        else:
            assert edit.changes is not None
            edits = [*edit.changes[URI]]
        encoding = "utf-8" if self.counts_bytes else "utf-16-le"
        size = 1 if self.counts_bytes else 2
        lines = [line.encode(encoding) for line in self.text.split("\n")]
        for each in reversed(edits):
            assert isinstance(each, lsp.TextEdit)
            start, end = each.range.start, each.range.end
            head, tail = lines[start.line][: start.character * size], lines[end.line][end.character * size :]
            new = head + each.new_text.encode(encoding) + tail
            lines[start.line : end.line + 1] = new.split("\n".encode(encoding))
        return "\n".join(line.decode(encoding) for line in lines)

    async def says(self, health: str, message: str) -> None:
        """Wait for a status."""
        async with asyncio.timeout(10):
            while not any(each.health == health and message in each.message for each in self.statuses):
                await self.client.wait_for_notification(protocol.STATUS)


@pytest.fixture
def editor(client: LanguageClient) -> Editor:
    return Editor(client)


async def test_a_mistake_is_shown_and_goes_when_it_is_mended(editor: Editor) -> None:
    editor.open(GOOD + BAD)
    (shown,) = await editor.shows(UNKNOWN)
    before = BAD[: BAD.index("scripted")]
    column = len(before.encode()) if editor.counts_bytes else len(before.encode("utf-16-le")) // 2
    assert (shown.range.start.line, shown.range.start.character) == (1, column)
    assert (shown.source, shown.severity, shown.code) == ("scripted", 1, "unknown-operation")
    editor.replace(GOOD)
    await editor.shows()
    ready = "scripted 1 is ready and reads the classic spelling"
    assert [message.message for message in editor.client.log_messages] == [ready]


async def test_a_dying_engine_is_no_error_of_the_text(editor: Editor) -> None:
    told = {
        "segfault": "scripted 1 crashes on @f: SIGSEGV",
        "exit 1": "scripted 1 crashes on @f: exit status 1",
        "hang": "scripted 1 gave no verdict on @f: no answer in 0.5 s",
    }
    editor.open(GOOD)
    for directive, message in told.items():
        editor.statuses.clear()
        editor.replace(f"func.func @f() {{\n  // scripted: {directive}\n  return\n}}\n")
        (shown,) = await editor.shows(message)
        assert shown.severity == lsp.DiagnosticSeverity.Warning
        await editor.says("warning", "is starting again")
    editor.replace(BAD)
    await editor.shows(UNKNOWN)


@pytest.mark.usefixtures("engine", "classic")
@pytest.mark.parametrize("engine", [{"kind": "enzyme-ad", "deadlineS": 30}], indirect=True)
async def test_what_has_no_derivative_is_shown_in_the_callee_and_goes_with_it(editor: Editor) -> None:
    editor.open(DERIVATIVE.format(operation="math.tan"))
    (shown,) = await editor.shows(
        "math.tan has no reverse-mode derivative in enzyme-ad 0.0.15, and it takes part in what is differentiated here"
    )
    assert (shown.code, shown.severity, shown.range.start.line) == ("no-derivative", lsp.DiagnosticSeverity.Error, 1)
    assert [note.location.range.start.line for note in shown.related_information or ()] == [5]
    editor.replace("\n" + DERIVATIVE.format(operation="math.sin"))
    await editor.shows()


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("engine", [{"command": ["/nonexistent/engine"]}], indirect=True)
async def test_an_engine_that_cannot_start_is_told_of(editor: Editor) -> None:
    editor.open("func.func private @f()\nfunc.func private @f()\n")
    (shown,) = await editor.shows("@f is defined twice in this module")
    assert shown.source == "enzyme-lsp"
    await editor.says("error", "/nonexistent/engine")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("engine", [{"kind": "enzyme-ad", "path": "/nonexistent"}], indirect=True)
async def test_a_missing_engine_is_told_of_once(editor: Editor) -> None:
    editor.open("func.func private @f()\nfunc.func private @f()\n")
    await editor.shows("@f is defined twice in this module")
    await editor.says("warning", "/nonexistent")
    editor.replace(GOOD)
    await editor.shows()
    assert [message.type for message in editor.client.messages] == [lsp.MessageType.Warning]


SURPLUS = """\
func.func @f(%x: f64) -> f64 { return %x : f64 }
func.func @d(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @f(%x, %dr) {test.note = "😀", activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
  return %0 : f64
}
"""
ARGUMENTS = "@f has 1 argument, but 2 activities are listed"
RESULTS = "@f has 1 result, but 2 activities are listed"


@pytest.mark.parametrize(
    ("only", "left"), [(["quickfix"], [RESULTS]), (["source.fixAll"], [])], ids=["quick fix", "fix all"]
)
async def test_a_chosen_fix_mends_the_text(editor: Editor, only: list[str], left: list[str]) -> None:
    editor.open(SURPLUS)
    shown = await editor.shows(ARGUMENTS, RESULTS)
    assert [each.code for each in shown] == ["activity-count", "return-activity-count"]
    await editor.chooses(2, "#enzyme<activity enzyme_const>", only=only)
    mended = SURPLUS.replace(", #enzyme<activity enzyme_const>", "")
    if not left:
        mended = mended.replace(", #enzyme<activity enzyme_activenoneed>", "")
    assert editor.text == mended
    await editor.shows(*left)
