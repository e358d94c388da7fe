"""What an engine says when it lowers a whole file, as diagnostics: where a pass stumbles; it lowers nothing itself."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Diagnostic, Severity
from enzyme_lsp.checks.engine_verdict import source
from enzyme_lsp.checks.page import Page
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.lowering.lower import INPUT
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.lower import Lowered
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE: Final = "pass-failed"
PAGE: Final = Page(
    CODE,
    "A pass fails when the saved file is lowered",
    Severity.ERROR,
    "lowering",
    dedent("""\
        With the setting `lowering.onSave` "always", a saved file is lowered with the pipeline that
        `lowering.onSavePipeline` names, or else with its first RUN line, or else with `simplify`.
        What the failing pass says is shown where the operation came from in the file, or in its first line when the
        pass names no place.
        An edit takes it away until the file is saved again.
        A RUN line that is expected to fail, by `not` or `--verify-diagnostics`, is not run."""),
)


def diagnose(snapshot: Snapshot, found: Lowered) -> Iterator[Diagnostic]:
    """What is said of a lowering that did not go through. What is wrong before the first pass is said elsewhere."""
    if found.outcome in (Outcome.ACCEPTED, Outcome.UNAVAILABLE) or found.failed in ("", INPUT):
        return
    errors = [one for one in found.findings if one.problem.severity == "error"]
    for one in errors:
        message = f"{found.failed} fails: {' '.join(one.problem.message.split())}"
        yield Diagnostic(_span(snapshot, one.offset), Severity.ERROR, CODE, message, source=source(found.engine))
    if not errors:
        crashes = "crashes the engine" if found.outcome is Outcome.CRASHED else "fails"
        reason = " ".join(found.detail.split())
        message = f"{found.failed} {crashes}" + (f": {reason}" if reason else "")
        yield Diagnostic(_span(snapshot, None), Severity.ERROR, CODE, message, source=source(found.engine))


def _span(snapshot: Snapshot, offset: int | None) -> Span:
    """The name of the operation at a place, or the place; else the first line."""
    if offset is None:
        return snapshot.document.lines.line_span(0)
    found = snapshot.operation_at(offset)
    return Span(offset, offset) if found is None else snapshot.span_in(found[0], found[1].name_span)
