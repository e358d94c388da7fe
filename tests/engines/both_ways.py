"""Lowers with a program in one run and in a run for each element; run as a script, with the standard library only.

    python both_ways.py WORKER HOST DIALECTS PROGRAM < CASES > RESULTS

A case is a text and the elements of a pipeline, and its results are what both ways say of it, all as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from typing import Any


def main(worker: str, host: str, *arguments: str) -> None:
    # A host is loaded by the worker, which is the main module then.
    sys.modules["__main__"] = module = loaded("worker", worker)
    opened = module.load_file("host", host).open_host([*arguments])
    results = [
        [said(module, way, text, elements) for way in (opened._in_one_run, opened._one_by_one)]
        for text, elements in json.load(sys.stdin)
    ]
    json.dump(results, sys.stdout)


def loaded(name: str, path: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(worker: Any, way: Any, text: str, elements: list[str]) -> dict[str, object] | None:
    """What one way says: how it ended, the prints, their times, and the diagnostics. None: that it cannot tell."""
    import os

    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            result = way(text.encode(), elements)
        except worker.EngineDiedError as died:
            result = False, f"signal {died.number}", died.prints
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        file.seek(0)
        diagnostics = file.read().decode()
    if result is None:
        return None
    accepted, error, prints = result
    seconds = [(at - prints[0][1]) / 1e9 for _, at in prints]
    return {
        "end": [accepted, error],
        "prints": [text.decode() for text, _ in prints],
        "seconds": seconds,
        "said": diagnostics,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
