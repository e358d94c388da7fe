"""Code actions on the wire: what is offered to which client, edits now or later, and none for an old text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.verification.asking import Question, Refusal
from tests.engines import scripted
from tests.server.connection import NO_ENGINE, Connection, Message, insertion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.workspace.snapshot import Snapshot

CONTENT_MODIFIED, REQUEST_FAILED, INVALID_PARAMS, METHOD_NOT_FOUND = -32801, -32803, -32602, -32601

LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}
AT_ONCE: Any = {"textDocument": {"codeAction": {**LITERALS, "isPreferredSupport": True, "disabledSupport": True}}}
LATER: Any = {
    "textDocument": {"codeAction": {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}},
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}

LINE = 2
LIST = 'test.note = "😀", activity = [#enzyme<activity enzyme_active>'
SURPLUS = ", #enzyme<activity enzyme_const>"
TEXT = f"""\
func.func @f(%x: f64) -> f64 {{ return %x : f64 }}
func.func @d(%x: f64, %dr: f64) -> f64 {{
  %0 = enzyme.autodiff @f(%x, %dr) {{{LIST}{SURPLUS}], ret_activity = [#enzyme<activity enzyme_activenoneed>]}} : (f64, f64) -> f64
  return %0 : f64
}}
"""
BEFORE = TEXT.splitlines()[LINE].partition(SURPLUS)[0]


def units(text: str) -> int:
    """The columns that a text takes."""
    return len(text.encode("utf-16-le")) // 2


def params(**context: object) -> Message:
    at = {"line": LINE, "character": units(BEFORE + ", ")}
    return {
        "textDocument": {"uri": "untitled:1"},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], **context},
    }


async def offered(connection: Connection, **context: object) -> list[Message]:
    return (await connection.request("textDocument/codeAction", params(**context)))["result"]


FIX_EDIT = {
    "range": {
        "start": {"line": LINE, "character": units(BEFORE)},
        "end": {"line": LINE, "character": units(BEFORE + SURPLUS)},
    },
    "newText": "",
}


async def test_a_client_without_literals_is_offered_none(connection: Connection):
    result = await connection.initialize(textDocument={"codeAction": {"dynamicRegistration": True}})
    assert "codeActionProvider" not in result["capabilities"]
    connection.open(TEXT)
    answer = await connection.request("textDocument/codeAction", params())
    assert answer["error"]["code"] == METHOD_NOT_FOUND


async def test_a_client_that_cannot_come_back_gets_edits_at_once(connection: Connection):
    result = await connection.initialize(**AT_ONCE)
    provider = result["capabilities"]["codeActionProvider"]
    assert "resolveProvider" not in provider
    assert provider["codeActionKinds"][:2] == ["quickfix", "source.fixAll.enzyme"]
    connection.open(TEXT)
    fix, everything, *_ = await offered(connection)
    assert (fix["title"], fix["kind"], fix["isPreferred"]) == ("Remove the surplus activity", "quickfix", True)
    assert fix["edit"] == everything["edit"] == {"changes": {"untitled:1": [FIX_EDIT]}}
    assert "data" not in fix
    assert everything["kind"] == "source.fixAll.enzyme"
    assert "diagnostics" not in everything


async def test_a_fix_names_the_diagnostic_as_it_is_shown(connection: Connection):
    await connection.initialize(**AT_ONCE)
    connection.open(TEXT)
    await connection.quiet()
    shown = connection.published()[-1]["diagnostics"]
    assert [each["code"] for each in shown] == ["activity-count"]
    fix, *_ = await offered(connection)
    assert fix["diagnostics"] == shown


async def test_a_client_that_comes_back_gets_the_edit_of_what_it_chose(connection: Connection):
    result = await connection.initialize(**LATER)
    assert result["capabilities"]["codeActionProvider"]["resolveProvider"] is True
    connection.open(TEXT, version=7)
    for action in await offered(connection, only=["quickfix", "source"]):
        assert "edit" not in action
        assert "isPreferred" not in action
        resolved = (await connection.request("codeAction/resolve", action))["result"]
        document = {"uri": "untitled:1", "version": 7}
        assert resolved["edit"] == {"documentChanges": [{"textDocument": document, "edits": [FIX_EDIT]}]}
        assert {name: resolved[name] for name in action if name != "data"} == {
            name: action[name] for name in action if name != "data"
        }


async def test_the_kinds_that_are_asked_for(connection: Connection):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    for only, kinds in (
        (["quickfix"], ["quickfix"]),
        (["source.fixAll"], ["source.fixAll.enzyme"]),
        (["source.fixAll.enzyme", "refactor"], ["source.fixAll.enzyme"]),
        (["notebook", "made.up"], []),
        ([""], ["quickfix", "source.fixAll.enzyme"]),
    ):
        found = [action["kind"] for action in await offered(connection, only=only)]
        assert [kind for kind in found if not kind.startswith("refactor")] == kinds


async def test_a_text_that_has_changed_gets_no_edit(connection: Connection):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    (action, *_) = await offered(connection)
    connection.change(insertion(0, 0, "// moved\n"))
    assert await refused(connection, action) == CONTENT_MODIFIED
    # Back to the same text: still a later version, which the client knows and the edit would not be for.
    connection.change({"text": TEXT}, version=3)
    assert await refused(connection, action) == CONTENT_MODIFIED


async def test_a_file_that_is_opened_again_gets_no_edit_for_its_old_text(connection: Connection):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    (action, *_) = await offered(connection)
    connection.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:1"}})
    assert await refused(connection, action) == CONTENT_MODIFIED
    connection.open(f"// moved\n{TEXT}")
    assert await refused(connection, action) == CONTENT_MODIFIED
    connection.open(TEXT)
    assert "result" in await connection.request("codeAction/resolve", action)


async def test_other_settings_can_take_an_action_away(connection: Connection):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    (action, *_) = await offered(connection)
    off = {"enzyme-lsp": {**NO_ENGINE, "diagnostics": {"enabled": False}}}
    connection.notify("workspace/didChangeConfiguration", {"settings": off})
    assert await refused(connection, action) == CONTENT_MODIFIED
    assert await offered(connection, only=["quickfix", "source"]) == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        "untitled:1",
        [],
        {},
        {"uri": "untitled:1"},
        {"uri": 1, "text": "", "start": 0, "end": 0, "kind": "", "id": ""},
        {"uri": "untitled:1", "text": "", "start": -1, "end": 0, "kind": "", "id": ""},
        {"uri": "untitled:1", "text": "", "start": 2, "end": 1, "kind": "", "id": ""},
    ],
    ids=str,
)
async def test_data_that_are_not_ours_are_refused(connection: Connection, data: object):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    assert await refused(connection, {"title": "Mine", "data": data}) == INVALID_PARAMS


async def test_our_data_with_another_id_or_place(connection: Connection):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    (action, *_) = await offered(connection)
    for change in ({"id": "made up"}, {"kind": "refactor"}, {"start": 0, "end": 0}, {"start": 10**30, "end": 10**30}):
        assert await refused(connection, {**action, "data": {**action["data"], **change}}) == CONTENT_MODIFIED


async def test_a_document_that_is_not_open_has_no_actions(connection: Connection):
    await connection.initialize(**LATER)
    answer = await connection.request("textDocument/codeAction", params())
    assert answer["error"]["code"] == INVALID_PARAMS


async def test_an_edit_outdates_the_question(connection: Connection):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    number = connection.ask("textDocument/codeAction", params())
    await asyncio.sleep(0)  # The request is read before the edit.
    connection.change(insertion(0, 0, "// moved\n"))
    assert (await connection.answer(number))["error"]["code"] == CONTENT_MODIFIED


class Swap:
    """A refactoring for these tests."""

    KIND = "refactor.rewrite"
    reason: str | None = None

    def offered(self, snapshot: Snapshot, span: Span) -> Iterator[Offer]:
        if span.end <= len(snapshot.document.data):
            yield Offer("swap", "Swap", self.reason)

    def apply(self, snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
        assert id_ in [offer.id for offer in self.offered(snapshot, span)]
        return EditSet([Edit(span, b"new\n")])


@pytest.fixture
def swap(monkeypatch: pytest.MonkeyPatch) -> Swap:
    action = Swap()
    monkeypatch.setattr("enzyme_lsp.features.code_actions.ACTIONS", (action,))
    monkeypatch.setattr("enzyme_lsp.features.code_actions.ENGINE_ACTIONS", ())
    return action


async def test_a_refactoring_is_offered_and_resolved(connection: Connection, swap: Swap):
    await connection.initialize(**LATER)
    connection.open(TEXT.replace("\n", "\r\n"))
    (action,) = await offered(connection, only=["refactor"])
    assert (action["title"], action["kind"]) == ("Swap", "refactor.rewrite")
    resolved = (await connection.request("codeAction/resolve", action))["result"]
    (change,) = resolved["edit"]["documentChanges"]
    assert [edit["newText"] for edit in change["edits"]] == ["new\r\n"]


async def test_what_cannot_be_done_here_is_shown_with_its_reason_or_not_at_all(connection: Connection, swap: Swap):
    swap.reason = "there is nothing to swap"
    await connection.initialize(**AT_ONCE)
    connection.open(TEXT)
    (action,) = await offered(connection, only=["refactor"])
    assert action == {"title": "Swap", "kind": "refactor.rewrite", "disabled": {"reason": "there is nothing to swap"}}
    other = Connection()
    await other.initialize(**LATER)
    other.open(TEXT)
    assert await offered(other, only=["refactor"]) == []
    await other.close()


class Print:
    """A refactoring for these tests that puts what an engine prints in the place of what is selected."""

    KIND = "refactor.rewrite"

    def offered(self, snapshot: Snapshot, span: Span) -> Iterator[Offer]:
        yield Offer("print", f"Print {len(snapshot.document.data[span.start : span.end])}")

    def steps(self, snapshot: Snapshot, span: Span, id_: str, /) -> Steps[EditSet]:
        told = yield Question(snapshot, (0,), pipeline=id_)
        if isinstance(told, Refusal):
            raise RefusedError(told.reason)
        return EditSet([Edit(span, told.output.encode())])


SCRIPTED: Any = {**NO_ENGINE, "engine": {"kind": "command", "command": scripted.command(), "workers": 1}}


@pytest.fixture
def print_(monkeypatch: pytest.MonkeyPatch) -> Print:
    action = Print()
    monkeypatch.setattr("enzyme_lsp.features.code_actions.ENGINE_ACTIONS", (action,))
    monkeypatch.setattr("enzyme_lsp.features.code_actions.ACTIONS", ())
    return action


@pytest.mark.usefixtures("print_")
async def test_an_engine_is_asked_for_the_edits_of_what_was_chosen(connection: Connection):
    await connection.initialize(settings=SCRIPTED, **LATER)
    connection.open("func.func private @f( // scripted: generic one\n)\n")
    (action,) = await offered(connection, only=["refactor"])
    resolved = (await connection.request("codeAction/resolve", action))["result"]
    (change,) = resolved["edit"]["documentChanges"]
    assert [edit["newText"] for edit in change["edits"]] == ["one"]


@pytest.mark.usefixtures("print_")
async def test_what_an_engine_refuses_has_no_edit_but_a_reason(connection: Connection):
    await connection.initialize(settings=SCRIPTED, **LATER)
    connection.open("func.func private @f( // scripted: error not today\n)\n")
    (action,) = await offered(connection, only=["refactor"])
    error = (await connection.request("codeAction/resolve", action))["error"]
    assert (error["code"], error["message"]) == (REQUEST_FAILED, "the engine refuses the text: not today")


@pytest.mark.usefixtures("print_")
async def test_without_an_engine_the_reason_is_that(connection: Connection):
    await connection.initialize(**LATER)
    connection.open(TEXT)
    (action,) = await offered(connection, only=["refactor"])
    error = (await connection.request("codeAction/resolve", action))["error"]
    assert (error["code"], error["message"]) == (
        REQUEST_FAILED,
        "no engine is used, as `engine.kind` or `engine.files` says",
    )


@pytest.mark.usefixtures("print_")
async def test_who_cannot_come_back_is_not_offered_what_an_engine_makes(connection: Connection):
    await connection.initialize(settings=SCRIPTED, **AT_ONCE)
    connection.open(TEXT)
    assert await offered(connection, only=["refactor"]) == []


@pytest.mark.usefixtures("print_")
async def test_an_edit_ends_the_wait_for_an_engine(connection: Connection):
    await connection.initialize(settings=SCRIPTED, **LATER)
    connection.open("func.func private @f( // scripted: sleep\n)\n")
    (action,) = await offered(connection, only=["refactor"])
    number = connection.ask("codeAction/resolve", action)
    await asyncio.sleep(0.05)
    connection.change(insertion(0, 0, "// moved\n"))
    assert (await connection.answer(number))["error"]["code"] == CONTENT_MODIFIED


async def refused(connection: Connection, action: Message) -> int:
    """The code of the error that an action is answered with."""
    return (await connection.request("codeAction/resolve", action))["error"]["code"]


async def test_a_client_of_snippet_edits_is_led_through_names(connection: Connection):
    led: Any = {**LATER, "workspace": {"workspaceEdit": {"documentChanges": True, "snippetEditSupport": True}}}
    await connection.initialize(**led)
    connection.open("func.func @f(%x: f64) -> f64 {\n  return %x : f64\n}\n")
    at = {"line": 0, "character": 0}
    asked = {**params(only=["refactor.rewrite.enzyme.reverse"]), "range": {"start": at, "end": at}}
    action, *_ = (await connection.request("textDocument/codeAction", asked))["result"]
    resolved = (await connection.request("codeAction/resolve", action))["result"]
    ((edit,),) = (one["edits"] for one in resolved["edit"]["documentChanges"])
    end = {"line": 2, "character": 1}
    assert edit["range"] == {"start": end, "end": end}
    assert edit["snippet"]["kind"] == "snippet"
    assert edit["snippet"]["value"].startswith("\n\nfunc.func @${1:grad_f}(%x: f64, %dr: f64) -> f64 {\n")
    assert "newText" not in edit
