"""A program of the user's as the engine, on the wire: its stages, and its passes wherever a pipeline is typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.engines import opt_stand_in
from tests.server.connection import NO_ENGINE, Connection

if TYPE_CHECKING:
    from pathlib import Path

RECORDED: Final[dict[str, Any]] = json.loads(opt_stand_in.RECORDING.read_text())
STAGES: Final = next(case for case in RECORDED["messages"]["0.0.15"] if case["name"] == "stages")
RUN: Final = "// RUN: enzymemlir-opt %s --enzyme-hlo-opt --enzyme-w\n"
FILE: Final = {"textDocument": {"uri": "untitled:1"}}


async def test_a_program_gives_stages_and_says_what_it_has(connection: Connection, tmp_path: Path) -> None:
    program = str(opt_stand_in.installed(tmp_path, "enzymemlir-opt", "0.0.15"))
    engine = {"engine": {"kind": "program", "program": [program], "workers": 1}}
    await connection.initialize(settings={**NO_ENGINE, **engine}, experimental={"enzymeTrusted": True})
    connection.open(RUN + STAGES["text"])
    asked = {**FILE, "pipeline": ",".join(STAGES["elements"]), "stages": "all"}
    lowered = (await connection.request("enzyme/lower", asked))["result"]
    # The stand-in knows the text without the line above it.
    assert lowered["engine"] == "enzymemlir-opt 22.1.8"

    typed = {**FILE, "text": "cse,enzyme-hlo-opt,enzyme-wra"}
    found = (await connection.request("enzyme/pipeline", typed))["result"]
    assert [one["message"] for one in found["problems"]] == [
        "enzymemlir-opt 22.1.8 has no pass enzyme-hlo-opt, which enzyme-ad has",
        "enzymemlir-opt 22.1.8 has no pass enzyme-wra; did you mean enzyme-wrap?",
    ]
    assert [one["label"] for one in found["completions"]] == ["enzyme-wrap"]

    at = {"line": 0, "character": len(RUN) - 1}
    items = (await connection.request("textDocument/completion", {**FILE, "position": at}))["result"]["items"]
    assert [one["label"] for one in items] == ["--enzyme-wrap"]
    item = (await connection.request("completionItem/resolve", items[0]))["result"]
    assert "In enzymemlir-opt 22.1.8." in json.dumps(item["documentation"])

    of_pass = {**FILE, "position": {"line": 0, "character": RUN.index("hlo")}}
    assert (await connection.request("textDocument/hover", of_pass))["result"] is None
