"""Writes every sort of derivative of every function with floating point numbers in a folder of .mlir files.

    python -m tests.bench.differentiate FOLDER [--engine-path DIR] [--show 20] [--only VARIANT]

For each `// -----` section that the engine accepts, converted to the spelling that it reads. What is written must be
accepted too, and our checks must say nothing of it; then the pass that lowers it is run over it alone. Where that fails,
the table says by which code the deep check names what is missing. What is refused with the name of an operation that has
no rule is written all the same, to see whether that was right. A developer's script: it takes files that are not part of
the project.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enzyme_lsp import derivatives
from enzyme_lsp.checks import complex_gradient
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.derivatives import VARIANTS, subject
from enzyme_lsp.derivatives.placing import placed
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect import spelling
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.symbols import references
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.verification.deep import DeepVerifier
from enzyme_lsp.workspace.workspace import Workspace
from tests.differential.forking_host import CRASHED
from tests.differential.oracle import Oracle

if TYPE_CHECKING:
    from enzyme_lsp.derivatives import Variant
    from enzyme_lsp.derivatives.subject import Subject
    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.deep import DeepVerdict, Judgement
    from enzyme_lsp.workspace.snapshot import Snapshot

_FLOAT: Final = re.compile(r"\b(?:x?bf16|x?tf32|x?f\d+(?:E\d+M\d+\w*)?)\b")
_NAMED: Final = re.compile(r"@[^\s,:()]+|%[\w$.-]+|'[^']*'|(?:tensor|memref|vector|!llvm\.struct)<[^)]*>+|\d+")
_NO_RULE: Final = re.compile(r"cannot be differentiated (?:in \w+ mode: |: it calls )")
_NO_ADJOINT: Final = re.compile(
    r"could not compute the adjoint for this operation\s+(?:%[^=\n]*=\s*)?\"([^\"]+)\".*", re.DOTALL
)
LOWERED: Final = "lowered"
REMEDIED: Final = "lowered by other passes, which the text or the deep check names"
LEFT: Final = "left as it is, which the text says"


@dataclass(slots=True)
class Tally:
    """What came of each variant, and examples of what should not be."""

    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    spelling: Spelling = "classic"
    subjects: int = 0
    sections: int = 0
    seconds: float = 0.0

    def add(self, variant: Variant, what: str, where: str = "", words: str = "") -> None:
        self.counts[variant.id][what] += 1
        if words:
            self.examples[f"{variant.id}: {what}"].append(f"{where}: {words}")


async def hold(folder: Path, pool: Pool, only: str | None) -> Tally:
    """Every function below `folder`."""
    engine = (await pool.ready()).identity
    tally = Tally(spelling="strict" if engine is not None and engine.spelling == "strict" else "classic")
    for path in sorted(folder.rglob("*.mlir")):
        data = path.read_bytes()
        for number, section in enumerate(Layout.of(data).sections):
            text = _converted(section.span.of(data), tally.spelling)
            if b"func" not in text:
                continue
            if (await pool.run(Request(text, ""), lane=Lane.BACKGROUND)).outcome is not Outcome.ACCEPTED:
                continue
            tally.sections += 1
            name = f"{path.relative_to(folder).as_posix()}#{number}"
            await _hold_section(Workspace(Settings()).open(Document.of(name, text)), pool, tally, only)
    return tally


def _converted(text: bytes, target: Spelling) -> bytes:
    layout, edits = Layout.of(text), list[Edit]()
    for start, piece in zip(layout.starts, layout.pieces, strict=True):
        edits += [spelling.shifted(edit, start) for edit in spelling.converted(piece, target).edits]
    return EditSet(edits).apply(text)


async def _hold_section(snapshot: Snapshot, pool: Pool, tally: Tally, only: str | None) -> None:
    for found in subject.every(snapshot):
        one = replace(found, spelling=tally.spelling)  # a file without any is taken for classic
        types = [each.written for each in (*one.callee.arguments, *one.callee.results)]
        if not any(_FLOAT.search(text) for text in types):
            continue
        tally.subjects += 1
        for variant in VARIANTS:
            if only in (None, variant.id):
                await _hold(one, variant, pool, tally)


async def _hold(one: Subject, variant: Variant, pool: Pool, tally: Tally) -> None:
    where = f"{one.snapshot.uri} @{one.callee.name}"
    began = time.perf_counter()
    try:
        edit = derivatives.derivative(one, variant, variant.wish)
    except RefusedError as refused:
        tally.seconds += time.perf_counter() - began
        reason = str(refused)
        if _NO_RULE.search(reason):
            edit = placed(one, variant.drafts(one, variant.wish)).edit
            lowers = await _lowers(one, edit, pool)
            what = "refused for a missing rule, though the engine does it" if lowers else "refused for a missing rule"
            tally.add(variant, what, where, reason if lowers else "")
        else:
            tally.add(variant, f"refused: {_NAMED.sub('#', reason)}")
        return
    tally.seconds += time.perf_counter() - began
    document = one.snapshot.document.edited(edit, version=1)
    answer = await pool.run(Request(document.data, ""), lane=Lane.BACKGROUND)
    if answer.outcome is not Outcome.ACCEPTED:
        tally.add(variant, "WRONG: not accepted", where, f"{answer.problems[:1]}\n{edit.new.decode()}")
        return
    snapshot = Workspace(Settings()).open(document)
    told = {(each.code, each.message) for each in diagnostics(one.snapshot, None)}
    new = [each for each in diagnostics(snapshot, None) if (each.code, each.message) not in told]
    said = {*variant.expected, *((complex_gradient.CODE,) if complex_gradient.REMEDY in edit.new.decode() else ())}
    new = [each for each in new if each.severity is not Severity.HINT and each.code not in said]
    if new:
        tally.add(variant, f"WRONG: {new[0].code} of ours", where, f"{new[0].message}\n{edit.new.decode()}")
        return
    what, words = _outcome(snapshot, edit.new_span, await _judged(snapshot, edit.new_span, pool), variant)
    tally.add(variant, what, where, words)


async def _lowers(one: Subject, edit: Edit, pool: Pool) -> bool:
    snapshot = Workspace(Settings()).open(one.snapshot.document.edited(edit, version=1))
    judgements = _own(await _judged(snapshot, edit.new_span, pool), edit.new_span)
    return bool(judgements) and all(each.is_clean or each.remedy for each in judgements)


async def _judged(snapshot: Snapshot, span: Span, pool: Pool) -> DeepVerdict:
    """What the engine makes of the ops in a span, and of those that these lead to; all others are left out."""
    verifier, needed = DeepVerifier(pool), _needed(snapshot, span)
    calls = [(piece, snapshot.span_in(piece, call.operation.span)) for piece, call in snapshot.derivative_calls()]
    async for _ in verifier.judge(snapshot, [each for piece, each in calls if piece not in needed]):
        pass
    return verifier.known(snapshot)


def _needed(snapshot: Snapshot, span: Span) -> set[int]:
    """The pieces of a span, and all that their text names, and so on."""
    pieces = snapshot.layout.pieces
    pending = [index for index in range(len(pieces)) if span.overlaps(snapshot.layout.span(index))]
    found = set[int]()
    while pending:
        index = pending.pop()
        if index not in found:
            found.add(index)
            symbols = snapshot.scope_of(index).symbols
            pending += [other for name in references(pieces[index]) for other in symbols.get(name, ())]
    return found


def _own(verdict: DeepVerdict, span: Span) -> list[Judgement]:
    return [each for each in verdict.judgements if span.overlaps(each.span)]


def _outcome(snapshot: Snapshot, span: Span, verdict: DeepVerdict, variant: Variant) -> tuple[str, str]:
    """A row of the table, and what the engine said."""
    if variant.id == "jacobian.operation":
        return LEFT, ""
    judgements = _own(verdict, span)
    if not judgements:
        return "not judged", " ".join(each.reason for each in verdict.unasked)
    bad = [each for each in judgements if not each.is_clean]
    if not bad:
        return LOWERED, ""
    if all(each.remedy for each in bad):
        return REMEDIED, ""
    said = next(each for each in bad if not each.remedy)
    words = " ".join(problem.message for problem in said.problems) or said.detail
    without = {(each.code, each.message) for each in diagnostics(snapshot, None)}
    told = [each for each in diagnostics(snapshot, None, verdict) if (each.code, each.message) not in without]
    codes = sorted({each.code for each in told if each.severity is not Severity.HINT})
    if not codes:
        return "WRONG: fails, and nothing says so", words[:300]
    how = "crashes" if CRASHED in words else "fails"
    why = re.sub(_NO_ADJOINT, r"\1 ", words) if codes == ["no-derivative"] else words
    return f"{how}, and the deep check says {', '.join(codes)}", why[:200]


async def _run(arguments: argparse.Namespace) -> int:
    pool = Pool.create(await Oracle.settings(arguments.engine_path))
    try:
        tally = await hold(arguments.folder, pool, arguments.only)
    finally:
        await pool.close()
    print(f"{tally.sections} sections, {tally.subjects} functions")
    written = sum(sum(counts.values()) for counts in tally.counts.values())
    print(f"{tally.seconds / max(written, 1) * 1000:.2f} ms for each text or refusal")
    for variant in VARIANTS:
        print(f"== {variant.id}")
        for what, count in tally.counts[variant.id].most_common():
            print(f"{count:8} {what}")
    for what, examples in tally.examples.items():
        print(f"\n== {what}: {len(examples)}")
        for example in examples[: arguments.show]:
            print(f"   {example}")
    return 1 if any("WRONG" in what for counts in tally.counts.values() for what in counts) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine-path", default="", help="a folder that holds enzyme_ad")
    parser.add_argument("--show", type=int, default=3, help="how many examples of each row to print")
    parser.add_argument("--only", help="one variant")
    return asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
