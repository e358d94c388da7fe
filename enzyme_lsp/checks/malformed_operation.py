"""An operation of Enzyme is written with its operands in parentheses and a function type at its end.

In custom form that is `enzyme.autodiff @f(%x, %dr) {...} : (f64, f64) -> f64`, in the strict spelling with `<...>` for
the attributes that the operation has itself; what it has not stands in `{...}` behind them. Only operations with
`_region` in their name have a region, which takes the place of the callee, and none has successors.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) {
      %0 = enzyme.autodiff @square(%x, %dr) {
      //   ^^^^^^^^^^^^^^^ error[malformed-operation]: enzyme.autodiff ends with its type: `: (f64, f64) -> f64`
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      }
      return
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error, quoted
from enzyme_lsp.checks.unknown_attribute import ATTRIBUTES_OF
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "malformed-operation"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    call, operation = reading.call, reading.call.operation
    tree, own = operation.tree, [*operation.own_tokens(operation.name_token + 1)]
    if any(tree.tokens.kinds[token] == Kind.OPEN and tree.partners[token] < 0 for token in own):
        return  # a bracket is the problem, and what stands behind it is not to be told
    yield from _attributes(reading)
    if call.op.names_callee and operation.regions:
        yield error(CODE, call.name_span, f"{call.op.name} has no region")
    successor = next((token for token in own if tree.tokens.kinds[token] == Kind.CARET), None)
    if successor is not None:
        yield error(CODE, tree.token_span(successor), f"{call.op.name} has no successors")
    if operation.is_generic or (operation.regions and call.op.names_callee):
        return
    if call.operands_inside is None:
        if call.callee_span is not None or not call.op.names_callee:
            span = call.callee_span or call.name_span
            yield error(CODE, span, f"the operands of {call.op.name} stand in parentheses: `(%x, ...)`")
    elif call.type is None:
        yield _without_type(reading)
    elif call.type.operands is None:
        written = quoted(call.type.span.of(tree.tokens.text))
        message = f"the type of {call.op.name} is that of a function, `(operands) -> results`, not {written}"
        yield error(CODE, call.type.span, message)


def _without_type(reading: Reading) -> Diagnostic:
    call, slots = reading.call, reading.slots
    name = call.op.name
    if slots is None or any(slot.type is None for slot in (*slots.operands, *slots.results)):
        return error(CODE, call.name_span, f"{name} ends with its type: `: (operands) -> results`")
    taken, given = (
        [slot.type.text for slot in side if slot.type is not None] for side in (slots.operands, slots.results)
    )
    type_ = f": ({', '.join(taken)}) -> {rewriting.result_list(given)}"
    operation = call.operation
    end = operation.tree.tokens.ends[(operation.location[0] if operation.location else operation.last) - 1]
    bound = sum(result.count for result in operation.results)
    certain = len(call.operands) == len(taken) and bound in (0, len(given))
    fix = Fix("Write the type", EditSet([Edit(Span(end, end), f" {type_}".encode())]), is_certain=certain)
    return error(CODE, call.name_span, f"{name} ends with its type: `{type_}`", *callee_note(reading), fixes=(fix,))


def _attributes(reading: Reading) -> Iterator[Diagnostic]:
    call, tree = reading.call, reading.call.operation.tree
    bare = [entry for entry in call.entries if entry.braces is Braces.BARE]
    if bare and tree.tokens.word(bare[-1].last) == b"," and tree.tokens.word(bare[-1].last + 1) == b">":
        comma = tree.token_span(bare[-1].last)
        fix = Fix("Remove the comma", EditSet([Edit(comma, b"")]))
        yield error(CODE, comma, "an attribute must follow this comma", fixes=(fix,))
    if not call.operation.is_generic and any(entry.braces is not Braces.DICTIONARY for entry in call.entries):
        for entry in call.entries:
            if (
                entry.braces is Braces.DICTIONARY
                and entry.key in ATTRIBUTES_OF[call.op.name]
                and entry.key != "fn_attrs"
            ):
                message = f"{entry.key} is an attribute that {call.op.name} has itself, which stands in `<...>`"
                yield error(CODE, entry.key_span, message)
    name = call.entry("fn")
    if name is not None and not call.op.names_callee and tree.tokens.kinds[name.first] == Kind.SYMBOL:
        text = name.value_span.of(tree.tokens.text).decode("utf-8", "replace").removeprefix("@").strip('"')
        fix = Fix(f'Write "{text}"', EditSet([Edit(name.value_span, f'"{text}"'.encode())]))
        yield error(CODE, name.value_span, f"the fn of {call.op.name} is a name in quotes, no symbol", fixes=(fix,))
