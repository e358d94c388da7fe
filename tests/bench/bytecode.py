"""Makes bytecode of a folder of .mlir files and text of that, and says where something is lost.

    python -m tests.bench.bytecode FOLDER [--engine-path DIR] [--misses 20]

The bytecode of the text that comes back of a `// -----` section must be the same bytes; that the section itself is read
back as the same operations is seen to where it is written. Where the real Enzyme takes the section from a file, in the
spelling that it reads, it must take it from a file of bytecode too; a pass makes it load one. Files in the newest version
of bytecode, where the portable one would lose something, are another release's and left out of that. A developer's
script: it takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.lowering import bytecode
from enzyme_lsp.lowering.bytecode import NotConvertedError
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.verification import modules
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot


class Holding:
    """Counts of what was seen, and a line for each section that is not as it should be."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = Settings()
        self.converters, self.real = bytecode.converters(self.settings), Pool.create(settings)
        self.counts, self.misses = Counter[str](), list[str]()
        self.bytes = Counter[str]()

    async def section(self, snapshot: Snapshot, number: int) -> None:
        section = snapshot.sections[number]
        text = section.span.of(snapshot.document.data)
        if not text.strip():
            return
        self.counts["sections"] += 1
        line = snapshot.document.lines.position(section.span.start, "utf-8").line0 + 1
        try:
            data = await bytecode.bytecode(self.converters, text, settings=self.settings, engine=self.real)
        except NotConvertedError as error:
            self.counts["refused"] += 1
            self.misses.append(f"refused: {snapshot.uri}:{line}: {error}")
            return
        self.counts["made bytecode"] += 1
        self.bytes["text"] += len(text)
        self.bytes["bytecode"] += len(data)
        shown = await bytecode.text(self.converters, data, settings=self.settings)
        again = await bytecode.bytecode(self.converters, shown.encode(), settings=self.settings)
        self._hold(again == data, "the same bytes", snapshot, line)
        await self._with_enzyme(snapshot, number, line)

    async def _with_enzyme(self, snapshot: Snapshot, number: int, line: int) -> None:
        spelling = (await self.real.ready()).spelling
        module = modules.whole(snapshot, snapshot.sections[number], frozenset(), spelling)
        data = await bytecode.bytecode(self.converters, module.text, settings=self.settings, engine=self.real)
        if data[4] >> 1 != bytecode.VERSION:
            self.counts["in the newest version"] += 1
        elif not (await self._loaded(module.text)):
            said = await self._loaded(data)
            self._hold(not said, f"loaded by the real Enzyme: {said}", snapshot, line)

    async def _loaded(self, data: bytes) -> str:
        """What the real Enzyme says of a file; empty when it takes it."""
        with tempfile.NamedTemporaryFile(suffix=".mlir") as file:
            file.write(data)
            file.flush()
            pipeline = f"transform-preload-library{{transform-library-paths={file.name}}}"
            answer = await self.real.run(Request(b"module {}\n", pipeline=pipeline))
        if answer.outcome is Outcome.ACCEPTED:
            return ""
        return answer.problems[0].message if answer.problems else answer.detail

    def _hold(self, is_so: bool, what: str, snapshot: Snapshot, line: int) -> None:  # noqa: FBT001 - What is held.
        head = what.partition(":")[0]
        self.counts[head if is_so else f"not {head}"] += 1
        if not is_so:
            self.misses.append(f"not {what}: {snapshot.uri}:{line}")


async def hold(folder: Path, settings: EngineSettings) -> Holding:
    """Every section of every file below `folder`."""
    holding, workspace = Holding(settings), Workspace(Settings())
    try:
        for path in sorted(folder.rglob("*.mlir")):
            snapshot = workspace.open(Document.of(path.relative_to(folder).as_posix(), path.read_bytes()))
            for number in range(len(snapshot.sections)):
                await holding.section(snapshot, number)
            workspace.close(snapshot.uri)
    finally:
        await holding.converters.close()
        await holding.real.close()
    return holding


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine-path", default="", help="a folder with enzyme-ad")
    parser.add_argument("--misses", type=int, default=20, help="how many to print")
    arguments = parser.parse_args()
    began = time.perf_counter()
    settings = EngineSettings(kind="enzyme-ad", path=arguments.engine_path, workers=1, deadline_s=60)
    holding = asyncio.run(hold(arguments.folder, settings))
    print(f"{time.perf_counter() - began:.0f} s")
    for name, count in sorted((holding.counts + holding.bytes).items()):
        print(f"{count:9} {name}")
    for miss in holding.misses[: arguments.misses]:
        print(miss)
    return 0


if __name__ == "__main__":
    sys.exit(main())
