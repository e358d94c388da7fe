"""Lowers a folder of tests by their RUN lines, and holds every stage against what the engine prints when it runs to there.

    python -m tests.bench.lowering FOLDER [--every N] [--stages N]

For a developer to look at: how many RUN lines are understood and run, why the others are not, and stages that differ.
A stage has other names than what the engine prints, so both are read again by the engine and its own prints compared;
where calls stood for operations that it does not know it could not read them, and nothing is compared.
`--every N` takes each Nth file, `--stages N` compares the stages of each Nth lowering; 0: of none.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.lowering import run_line
from enzyme_lsp.lowering.lower import Lowered, Target, elements, lower, module_text
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.run_line import Lowering
    from enzyme_lsp.workspace.snapshot import Snapshot

LARGEST = 1 << 20
_PLACES = re.compile(r"^#loc.*\n|\s*loc\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", re.MULTILINE)
_KINDS = (
    (re.compile(r"unregistered dialect|Dialect `|is unknown$"), "operations that this engine does not know"),
    (re.compile(r"does not refer to a registered pass|no pass that is known"), "a pass that this engine does not have"),
    (re.compile(r"is not run for this text"), "a pass that is not run for a text"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--stages", type=int, default=10)
    arguments = parser.parse_args()
    files = sorted(arguments.folder.rglob("*.mlir"))[:: arguments.every]
    reasons, examples, number, compared, different = Counter[str](), defaultdict[str, list[str]](list), 0, 0, 0
    with EngineThread(EngineSettings(workers=1)) as engine:
        for path in files:
            data = path.read_bytes()
            if len(data) > LARGEST:
                continue
            snapshot = Workspace(Settings()).open(Document.of(path.as_uri(), data))
            for each in run_line.lowerings(data):
                number += 1
                found = list(lowered(engine, snapshot, each)) if not each.reason else []
                pairs = [*zip(targets(snapshot, each), found, strict=False)]
                unfinished = (why for target, one in pairs if (why := reason_of(snapshot, each, target, one)))
                reason = each.reason or next(unfinished, "")
                reasons[f"not understood: {reason}" if each.reason else reason or how(found)] += 1
                examples[reason or how(found)].append(path.name)
                if not reason and arguments.stages and number % arguments.stages == 0:
                    for target, one in pairs:
                        if one.findings:
                            continue
                        for stage in differences(engine, snapshot, each, target, one):
                            print(f"{path}: stage {stage} is not what the engine prints")
                            different += 1
                        compared += len(one.stages)
    print(f"{number} RUN lines in {len(files)} files; {compared} stages compared, {different} differ")
    for reason, count in reasons.most_common():
        shown = "  " + ", ".join(examples[reason.removeprefix("not understood: ")][:3])
        print(f"{count:6} {reason}{shown}")
    return 1 if different else 0


def targets(snapshot: Snapshot, each: Lowering) -> list[Target]:
    return [Target(section) for section in (range(len(snapshot.sections)) if each.splits else (0,))]


def lowered(engine: EngineThread, snapshot: Snapshot, each: Lowering) -> Iterator[Lowered]:
    for target in targets(snapshot, each):
        yield engine.wait(lower(engine.pool, snapshot, target, each.pipeline))


def how(found: list[Lowered]) -> str:
    """How a lowering that did what it says went."""
    if any(one.outcome is not Outcome.ACCEPTED for one in found):
        return "run, and refused as the test says"
    return (
        "run, with calls for operations that this engine does not know" if any(one.findings for one in found) else "run"
    )


def reason_of(snapshot: Snapshot, each: Lowering, target: Target, found: Lowered) -> str:
    """Why a lowering did not do what its test says, in a few words; empty when it did."""
    section = snapshot.sections[target.section]
    expects_error = each.verifies_diagnostics and b"expected-error" in section.span.of(snapshot.document.data)
    is_refused = found.outcome is Outcome.REJECTED and not _KINDS[0][0].search(found.detail)
    if found.outcome is Outcome.ACCEPTED or (is_refused and (each.fails or expects_error)):
        return ""
    kind = next((words for pattern, words in _KINDS if pattern.search(found.detail)), "")
    return kind or (f"{found.outcome.value} in a pass" if found.failed else f"{found.outcome.value} as a text")


def differences(
    engine: EngineThread, snapshot: Snapshot, each: Lowering, target: Target, found: Lowered
) -> Iterator[str]:
    steps = elements(each.pipeline)
    text = module_text(snapshot, target, found.engine.spelling)
    for number, stage in enumerate(found.stages):
        straight = engine.wait(engine.pool.run(Request(text, elements=(",".join(steps[:number]),) if number else ())))
        printed = straight.prints[-1].text if straight.prints else ""
        if as_printed(engine, stage.text) != as_printed(engine, printed):
            yield f"{number} ({stage.name})"


def as_printed(engine: EngineThread, text: str) -> str:
    """A module as the engine prints it, without places."""
    answer = engine.wait(engine.pool.run(Request(text.encode("utf-8", "surrogatepass"), elements=())))
    return (
        _PLACES.sub("", answer.prints[0].text)
        if answer.prints
        else f"refused: {[one.message for one in answer.problems[:1]]}"
    )


if __name__ == "__main__":
    sys.exit(main())
