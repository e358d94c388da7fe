"""Takes lines out of files at random, and tells which functions the outline loses that had none of them.

    python -m tests.bench.outlines FOLDER [--lines 1] [--seed 0] [--shown 20]

A developer's script: it takes files that are not part of the project. Each line is taken out on its own.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.features.answers import SymbolKind
from enzyme_lsp.features.outline import outline
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.answers import OutlineItem


def functions(data: bytes) -> list[OutlineItem]:
    """All functions of an outline, at any depth."""
    items = [*outline(Workspace(Settings()).open(Document.of("file:///test.mlir", data)))]
    found: list[OutlineItem] = []
    while items:
        item = items.pop()
        items += item.children
        if item.kind is SymbolKind.FUNCTION:
            found.append(item)
    return found


def lost(data: bytes, start: int, end: int) -> Iterator[str]:
    """The functions that stand apart from some bytes and are not in the outline of the text without them."""
    shown = {(item.name, item.name_span) for item in functions(data[:start] + data[end:])}
    for item in functions(data):
        if item.span.end <= start or item.span.start >= end:
            moved = item.name_span if item.span.end <= start else item.name_span.shifted(start - end)
            if (item.name, moved) not in shown:
                yield item.name


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=1, help="how many of each file to try")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shown", type=int, default=20, help="how many losses to print")
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    tried, held, losses = 0, 0, list[str]()
    for path in sorted(arguments.folder.rglob("*.mlir")):
        data = path.read_bytes()
        lines = data.splitlines(keepends=True)
        held += len(functions(data))
        for number in source.sample(range(len(lines)), min(arguments.lines, len(lines))):
            start = sum(map(len, lines[:number]))
            tried += 1
            names = [*lost(data, start, start + len(lines[number]))]
            if names:
                text = lines[number].decode(errors="replace").strip()[:80]
                losses.append(f"{path.relative_to(arguments.folder)}:{number + 1}: {', '.join(names[:5])}: {text}")
    print(f"{tried} lines taken out of {held} functions; {len(losses)} of them lose functions that had no part in them")
    print("\n".join(losses[: arguments.shown]))
    return 1 if losses else 0


if __name__ == "__main__":
    sys.exit(main())
