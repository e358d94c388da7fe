"""Ours: answers of the requests that the protocol does not have; must not compute anything."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp

from enzyme_lsp.gradient import report
from enzyme_lsp.server.encode import places
from enzyme_lsp.server.protocol import (
    ConvertBytecodeResult,
    GenericForm,
    GradcheckComparison,
    GradcheckEntry,
    GradcheckResult,
    LoweredStage,
    LoweringProblem,
    LowerResult,
    PipelineChoice,
    PipelineCompletion,
    PipelinePass,
    PipelineProblem,
    PipelineResult,
    PipelinesResult,
    ShownLowered,
    SourceMapResult,
)
from enzyme_lsp.text.line_index import CODECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enzyme_lsp.features.pipeline_help import PipelineHelp
    from enzyme_lsp.gradient.report import Comparison, Entry
    from enzyme_lsp.lowering.wish import Choice
    from enzyme_lsp.server.client import Client
    from enzyme_lsp.server.previews import Origin, ShownLowering
    from enzyme_lsp.text.line_index import Encoding
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.verdict import Finding
    from enzyme_lsp.workspace.snapshot import Snapshot


def generic_form(found: str, _: Snapshot, _client: Client) -> dict[str, object]:
    return GenericForm(found).as_json()


def gradcheck(found: Sequence[Entry], snapshot: Snapshot, client: Client) -> dict[str, object]:
    entries = tuple(_gradient(one, snapshot, client) for one in found)
    return GradcheckResult(report.told(found), entries).as_json()


def _gradient(one: Entry, snapshot: Snapshot, client: Client) -> GradcheckEntry:
    at = places.own_position(snapshot.document, one.offset, client)
    return GradcheckEntry(
        at.line,
        at.character,
        one.operation,
        one.function,
        one.mode,
        cast("Any", one.verdict),
        one.reason,
        one.argument,
        one.at,
        tuple(_comparison(each) for each in one.comparisons),
    )


def _comparison(one: Comparison) -> GradcheckComparison:
    return GradcheckComparison(
        one.argument,
        one.output,
        repr(one.derivative),
        repr(one.differences),
        repr(one.uncertainty),
        repr(one.error),
        cast("Any", one.verdict),
    )


def lowered(found: ShownLowering, snapshot: Snapshot, client: Client) -> dict[str, object]:
    wanted, stages = found.wanted, found.lowered.stages
    last = len(stages) - 1
    return LowerResult(
        cast("Any", found.lowered.outcome.value),
        str(found.lowered.engine),
        found.lowered.failed,
        found.lowered.detail,
        tuple(
            _stage(
                found, number, is_wanted=wanted == "all" or number == last or (wanted == "changed" and stage.changed)
            )
            for number, stage in enumerate(stages)
        ),
        tuple(_lowering_problem(one, snapshot, client) for one in found.lowered.findings),
    ).as_json()


def _stage(found: ShownLowering, number: int, *, is_wanted: bool) -> LoweredStage:
    stage = found.lowered.stages[number]
    lines = _lines(stage.lines) if is_wanted else ()
    change = found.change(number)
    return LoweredStage(
        name=stage.name,
        uri=found.preview(number).uri,
        diff="" if change is None else change.uri,
        changed=stage.changed,
        milliseconds=round(stage.seconds * 1000, 3),
        text=stage.text if is_wanted else "",
        lines=lines,
    )


def source_map(found: tuple[Origin, tuple[int | None, ...]], _: Snapshot | None, _client: Client) -> dict[str, object]:
    (origin, lines), source_map = found, found[0].shown.source_map
    is_stale = origin.now is None or source_map is None or not source_map.is_of(origin.now)
    return SourceMapResult(origin.source, _lines(lines), is_stale).as_json()


def _lines(lines: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(-1 if line is None else line for line in lines)


def _lowering_problem(one: Finding, snapshot: Snapshot, client: Client) -> LoweringProblem:
    message = " ".join(one.problem.message.split())
    if one.offset is None:
        return LoweringProblem(one.problem.severity, message, -1, 0)
    at = places.position(snapshot.document, one.offset, client.encoding)
    return LoweringProblem(one.problem.severity, message, at.line, at.character)


def pipelines(found: Iterable[Choice], _: Snapshot, _client: Client) -> dict[str, object]:
    return PipelinesResult(
        tuple(PipelineChoice(cast("Any", one.where), one.name, one.meaning, one.pipeline, one.reason) for one in found)
    ).as_json()


def pipeline_help(found: PipelineHelp, _: Snapshot | None, client: Client) -> dict[str, object]:
    def ends(span: Span) -> tuple[int, int]:
        return _units(found.text, span.start, client.encoding), _units(found.text, span.end, client.encoding)

    return PipelineResult(
        tuple(PipelinePass(one.name, *ends(one.span), one.meaning) for one in found.passes),
        tuple(PipelineProblem(*ends(one.span), one.message) for one in found.problems),
        tuple(
            PipelineCompletion(one.label, one.inserted, *ends(one.span), one.detail, one.page)
            for one in found.proposals
        ),
    ).as_json()


def _units(text: str, characters: int, encoding: Encoding) -> int:
    codec, size = CODECS[encoding]
    return len(text[:characters].encode(codec)) // size


def content(text: str, _: Snapshot | None, _client: Client) -> lsp.TextDocumentContentResult:
    return lsp.TextDocumentContentResult(text)


def as_it_is(found: object, _: Snapshot | None, _client: Client) -> object:
    """For answers that are made in the protocol's types already."""
    return found


def shown_lowered(found: str, _: Snapshot, _client: Client) -> dict[str, object]:
    return ShownLowered(found).as_json()


def from_bytecode(text: str, _: Snapshot | None, _client: Client) -> dict[str, object]:
    return ConvertBytecodeResult(text).as_json()


def to_bytecode(data: bytes, _: Snapshot, _client: Client) -> dict[str, object]:
    return ConvertBytecodeResult(base64.b64encode(data).decode()).as_json()
