"""Protocol pages: our own messages for people and as a JSON schema, made from their dataclasses; it sends nothing."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from enzyme_lsp.server import protocol
from enzyme_lsp.settings import field_docstrings


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who sends it, what it is for, what it holds, and what the answer to it holds."""

    name: str
    sort: Literal["request", "notification", "command", "command of the client"]
    meaning: str
    params: type[Any]
    result: type[Any] | None = None


MESSAGES = (
    Message(
        protocol.STATUS,
        "notification",
        "From the server, to a client that declares `experimental.enzymeStatus`, whenever one of the fields changes.",
        protocol.StatusParams,
    ),
    Message(
        protocol.GENERIC_FORM,
        "request",
        "From the client: the operation at a place in generic form, as the compiler writes it. "
        "An error `RequestFailed` (-32803) says why there is none.",
        protocol.PlaceParams,
        protocol.GenericForm,
    ),
    Message(
        protocol.LOWER,
        "request",
        "From the client: what a document becomes under a pipeline, stage by stage. "
        "An error `RequestFailed` (-32803) says what of the question means nothing. "
        "After a second the work is shown, under the request's `workDoneToken` if it has one, and can be canceled. "
        "A newer request for the same section and symbol of the document, with another pipeline, ends it: "
        "then the error is `RequestCancelled` (-32800).",
        protocol.LowerParams,
        protocol.LowerResult,
    ),
    Message(
        protocol.GRADCHECK,
        "request",
        "From the client, whose user trusts the workspace (`experimental.enzymeTrusted`), since it runs the code of "
        "the document, in a process of its own: derivatives are compared with differences of their functions. "
        "An error `RequestFailed` (-32803) says why nothing is checked. "
        "After a second the work is shown, under the request's `workDoneToken` if it has one, and can be canceled.",
        protocol.GradcheckParams,
        protocol.GradcheckResult,
    ),
    Message(
        protocol.SOURCE_MAP,
        "request",
        "From the client: where the lines of a read-only document are from. "
        "The document itself can be asked, without being opened, for all that only reads: its symbols, folds, hovers "
        "and tokens. "
        "`textDocument/definition` leads from it to the source: from an operation to the one that it was made of, from "
        "a derivative to its primal. "
        "`textDocument/implementation` on a function of the source leads to the operations that differentiate it, and "
        "to what has become of them in documents that were read.",
        protocol.SourceMapParams,
        protocol.SourceMapResult,
    ),
    Message(
        protocol.PIPELINES,
        "request",
        "From the client: the pipelines that can be offered for a document.",
        protocol.PipelinesParams,
        protocol.PipelinesResult,
    ),
    Message(
        protocol.PIPELINE,
        "request",
        "From the client: what a pipeline that is being typed means, and how it can go on. Nothing is run for it.",
        protocol.PipelineParams,
        protocol.PipelineResult,
    ),
    Message(
        protocol.FROM_BYTECODE,
        "request",
        "From the client, as in `mlir-lsp-server`: what a file of MLIR bytecode says, as text. "
        "The file is read from the disk, and one that is text is given as it is. "
        "An error `RequestFailed` (-32803) says why there is none. "
        "A client shows it as a document with the scheme `mlir.bytecode-mlir`, which is served as any other.",
        protocol.ConvertBytecodeParams,
        protocol.ConvertBytecodeResult,
    ),
    Message(
        protocol.TO_BYTECODE,
        "request",
        "From the client, as in `mlir-lsp-server`: an open document as MLIR bytecode, as it was when this was asked. "
        "Nothing is written. "
        "An error `RequestFailed` (-32803) says why it cannot be, such as what is wrong with the text.",
        protocol.ConvertBytecodeParams,
        protocol.ConvertBytecodeResult,
    ),
    Message(
        protocol.BUILDER_CODE,
        "command",
        "From the client, as `workspace/executeCommand` with one argument: the differentiation op at a place as code "
        "that builds it, in Python with `enzyme_lsp.bindings.enzyme` or in Rust with melior. "
        "The answer is the text. "
        "An error `RequestFailed` (-32803) says why there is none. "
        "Code actions of the kinds `refactor.rewrite.enzyme.copyPython` and `refactor.rewrite.enzyme.copyRust` hold "
        "this command, for clients that declare `experimental.enzymeClipboard`.",
        protocol.BuilderCodeParams,
    ),
    Message(
        protocol.LOWER_COMMAND,
        "command",
        "From a client that has no requests of ours, as `workspace/executeCommand` with one argument: "
        "as `enzyme/lower`.",
        protocol.LowerParams,
        protocol.LowerResult,
    ),
    Message(
        protocol.PIPELINES_COMMAND,
        "command",
        "From a client that has no requests of ours, as `workspace/executeCommand` with one argument: "
        "as `enzyme/pipelines`.",
        protocol.PipelinesParams,
        protocol.PipelinesResult,
    ),
    Message(
        protocol.GRADCHECK_COMMAND,
        "command",
        "From the client, as `workspace/executeCommand` with one argument: as `enzyme/gradcheck`, and the user is "
        "shown what came of it in a message. "
        "The lenses `Check the gradient` and `Check the gradients` run it, where the user trusts the workspace.",
        protocol.GradcheckParams,
        protocol.GradcheckResult,
    ),
    Message(
        protocol.SHOW_LOWERED,
        "command",
        "From a client that has neither requests of ours nor documents of a server, but `window.showDocument`: "
        "what a document becomes is written into a file of this server's, which the client is asked to show. "
        "The lens `Lower` runs it in such clients. "
        "An error `RequestFailed` (-32803) says why there is nothing to show.",
        protocol.LowerParams,
        protocol.ShownLowered,
    ),
    Message(
        protocol.SHOW_REFERENCES,
        "command of the client",
        "Run by the lens `2 derivatives` over a function, in clients that list it in `experimental.commands`.",
        protocol.ShowReferencesParams,
    ),
    Message(
        protocol.SHOW_ACTIONS,
        "command of the client",
        "Run by the lens `Differentiate` over a function, in clients that list it in `experimental.commands`.",
        protocol.ShowActionsParams,
    ),
    Message(
        protocol.SHOW_LOWERING,
        "command of the client",
        "Run by the lens `Lower` over a differentiation op, in clients that list it in `experimental.commands`.",
        protocol.ShowLoweringParams,
    ),
)


def markdown() -> str:
    """The manual page of the protocol."""
    lines = [
        "# Protocol",
        "",
        "What the server understands and sends beside the Language Server Protocol.",
        "",
        "This page is made from `enzyme_lsp/server/protocol.py`; `schemas/protocol.schema.json` says the same.",
        "",
        "## What a client declares",
        "",
        inspect.getdoc(protocol.Experimental) or "",
        "",
        *_table(protocol.Experimental),
    ]
    for message in MESSAGES:
        lines += [
            "",
            f"## `{message.name}`",
            "",
            f"A {message.sort}.",
            *message.meaning.replace(". ", ".\n").split("\n"),
        ]
        lines += ["", "What it holds:", "", *_table(message.params)]
        if message.result is not None:
            lines += ["", f"The answer: {inspect.getdoc(message.result)}", "", *_table(message.result)]
    return "\n".join(lines) + "\n"


def json_schema() -> str:
    """The JSON schema of all messages: under `definitions` their parts, under `messages` what each holds."""
    kinds: dict[str, type[Any]] = {}
    for message in MESSAGES:
        for kind in filter(None, (message.params, message.result)):
            _collect(kind, kinds)
    _collect(protocol.Experimental, kinds)
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Messages of enzyme-lsp beside the Language Server Protocol",
        "definitions": {kind.__name__: _schema(kind) for kind in kinds.values()},
        "messages": {
            message.name: {
                "sort": message.sort,
                "params": _reference(message.params),
                **({} if message.result is None else {"result": _reference(message.result)}),
            }
            for message in MESSAGES
        },
    }
    return json.dumps(schema, indent=2) + "\n"


def _table(kind: type[Any], prefix: str = "") -> list[str]:
    rows = [] if prefix else ["| field | type | meaning |", "| --- | --- | --- |"]
    described, hints = field_docstrings(kind), get_type_hints(kind)
    for one in fields(kind):
        hint, name = hints[one.name], prefix + _key(one.name)
        if is_dataclass(hint) and isinstance(hint, type):
            rows.append(f"| `{name}` | object | {described.get(one.name) or inspect.getdoc(hint) or ''} |")
            rows += _table(hint, f"{name}.")
        elif get_origin(hint) is tuple and is_dataclass(part := get_args(hint)[0]) and isinstance(part, type):
            meaning = described.get(one.name) or inspect.getdoc(part) or ""
            rows.append(f"| `{name}` | list of objects | {meaning} |")
            rows += _table(part, f"{name}[].")
        else:
            rows.append(f"| `{name}` | {_shown(hint)} | {described.get(one.name, '')} |")
    return rows


def _collect(kind: type[Any], kinds: dict[str, type[Any]]) -> None:
    """A dataclass and those that it holds."""
    for hint in get_type_hints(kind).values():
        for part in (hint, *get_args(hint)):
            if is_dataclass(part) and isinstance(part, type):
                _collect(part, kinds)
    kinds[kind.__name__] = kind


def _schema(kind: type[Any]) -> dict[str, object]:
    described, hints = field_docstrings(kind), get_type_hints(kind)
    properties = {
        _key(one.name): {
            **_type(hints[one.name]),
            **({"description": described[one.name]} if one.name in described else {}),
        }
        for one in fields(kind)
    }
    required = [_key(name) for name in _required(kind)]
    return {"type": "object", "description": inspect.getdoc(kind), "properties": properties, "required": required}


def _required(kind: type[Any]) -> list[str]:
    """The fields that have to be there: nothing of what a client may declare, little of what it may ask."""
    if kind is protocol.Experimental:
        return []
    return _NEEDED.get(kind) or [one.name for one in fields(kind)]


_NEEDED: dict[type[Any], list[str]] = {
    protocol.LowerParams: ["text_document"],
    protocol.PipelineParams: ["text"],
    protocol.GradcheckParams: ["text_document"],
}
"""Of requests, some of whose fields may be missing."""


def _reference(kind: type[Any]) -> dict[str, object]:
    return {"$ref": f"#/definitions/{kind.__name__}"}


def _type(hint: Any) -> dict[str, object]:
    if is_dataclass(hint) and isinstance(hint, type):
        return _reference(hint)
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0])}
    return {"type": _NAMES[hint]}


_NAMES: dict[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def _shown(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(f'`"{choice}"`' for choice in get_args(hint))
    if get_origin(hint) is tuple:
        return f"list of {_shown(get_args(hint)[0])}s"
    return _NAMES[hint]


def _key(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
