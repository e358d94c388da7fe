"""Derivatives on the wire: offered at a function by kind, written when chosen, disabled for clients that show that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enzyme_lsp.derivatives import VARIANTS

if TYPE_CHECKING:
    from tests.server.connection import Connection, Message

TEXT = "func.func @f(%x: f64) -> f64 {\n  %y = arith.mulf %x, %x : f64\n  return %y : f64\n}\n"
NO_RULE = TEXT.replace("arith.mulf %x, %x", "math.tan %x")
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["refactor"]}}}
LATER = {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}


def client(**more: object) -> Any:
    return {"textDocument": {"codeAction": {**LATER, **more}}}


async def offered(connection: Connection, *only: str) -> list[Message]:
    at = {"line": 0, "character": 12}
    asked = {
        "textDocument": {"uri": "untitled:1"},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "only": [*only]},
    }
    return (await connection.request("textDocument/codeAction", asked))["result"]


async def test_each_sort_has_its_kind(connection: Connection):
    result = await connection.initialize(**client())
    kinds = [f"refactor.rewrite.enzyme.{variant.id}" for variant in VARIANTS]
    assert set(kinds) <= set(result["capabilities"]["codeActionProvider"]["codeActionKinds"])
    connection.open(TEXT)
    for kind in kinds:
        action, *_ = await offered(connection, kind) or [{}]
        assert kind.endswith("jacobian.operation") or action["kind"] == kind


async def test_what_is_chosen_is_written(connection: Connection):
    await connection.initialize(**client())
    connection.open(TEXT)
    action, *_ = await offered(connection, "refactor.rewrite.enzyme.reverse")
    assert "edit" not in action
    resolved = (await connection.request("codeAction/resolve", action))["result"]
    (edit,) = resolved["edit"]["changes"]["untitled:1"]
    assert edit["range"]["start"] == edit["range"]["end"] == {"line": 3, "character": 1}
    assert edit["newText"].startswith("\n\nfunc.func @grad_f(%x: f64, %dr: f64) -> f64 {\n")


async def test_what_has_no_derivative_is_disabled_for_clients_that_show_it(connection: Connection):
    await connection.initialize(**client(disabledSupport=True))
    connection.open(NO_RULE)
    action, *_ = await offered(connection, "refactor.rewrite.enzyme.forward")
    reason = (
        "@f cannot be differentiated in forward mode: math.tan has no derivative rule in Enzyme 0.0.15, nor in 0.0.16"
    )
    assert action["disabled"] == {"reason": reason}
    assert "data" not in action


async def test_what_has_no_derivative_is_not_shown_to_others(connection: Connection):
    await connection.initialize(**client())
    connection.open(NO_RULE)
    assert await offered(connection, "refactor.rewrite.enzyme.forward") == []
