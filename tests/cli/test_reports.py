"""The four formats of `check`, from diagnostics made here."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from enzyme_lsp.checks.diagnostic import Diagnostic, FilePlace, Fix, Note, Severity
from enzyme_lsp.cli.reports import REPORTS, Checked, TextReport
from enzyme_lsp.text.document import Document, encode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

TEXT = '%e = "\N{GRINNING FACE}" nope\nsecond line\n'
NOPE = Span(11, 15)
NOTES = (
    Note("look here", Span(0, 2)),
    Note("made there", file=FilePlace("model.py", 6, 4)),
    Note("by the way"),
)


def checked(*diagnostics: Diagnostic, name: str = "folder/a file.mlir", trouble: str = "") -> Checked:
    document = Document.of("file:///folder/a%20file.mlir", TEXT)
    return Checked(name, document, diagnostics, trouble)


def report(form: str, *files: Checked) -> None:
    made = REPORTS[form]()
    for each in files:
        made.add(each)
    made.end("engine 1")


def error(message: str = "wrong", *notes: Note, span: Span = NOPE) -> Diagnostic:
    return Diagnostic(span, Severity.ERROR, "unknown-callee", message, notes)


def test_json_is_a_list_of_diagnostics_in_utf_16(capsys: pytest.CaptureFixture[str]):
    report("json", checked(error("two\nlines \ud800", *NOTES)))
    (found,) = json.loads(capsys.readouterr().out)
    assert found == {
        "file": "folder/a file.mlir",
        "range": {"start": {"line": 0, "character": 9}, "end": {"line": 0, "character": 13}},
        "severity": 1,
        "code": "unknown-callee",
        "source": "enzyme-lsp",
        "message": "two\nlines \ud800",
        "relatedInformation": [
            related("file:///folder/a%20file.mlir", (0, 0), (0, 2), "look here"),
            related("file:///folder/model.py", (6, 4), (6, 4), "made there"),
            related("file:///folder/a%20file.mlir", (0, 9), (0, 13), "by the way"),
        ],
    }


def related(uri: str, start: tuple[int, int], end: tuple[int, int], message: str) -> dict[str, Any]:
    places = [{"line": line, "character": character} for line, character in (start, end)]
    return {"location": {"uri": uri, "range": dict(zip(("start", "end"), places, strict=True))}, "message": message}


def test_json_of_nothing_is_an_empty_list(capsys: pytest.CaptureFixture[str]):
    report("json", checked())
    assert json.loads(capsys.readouterr().out) == []


def test_github_commands_escape_what_would_end_them(capsys: pytest.CaptureFixture[str]):
    report("github", checked(error("100%\r\nwrong: a, b"), name="a,b:c%.mlir"))
    assert capsys.readouterr().out == (
        "::error file=a%2Cb%3Ac%25.mlir,line=1,endLine=1,col=10,endColumn=14,title=unknown-callee"
        "::100%25␍%0Awrong: a, b\n"
    )


def test_github_commands_hold_their_notes_and_no_columns_over_several_lines(capsys: pytest.CaptureFixture[str]):
    warning = Diagnostic(Span(11, 20), Severity.WARNING, "code", "wrong", NOTES)
    hint = Diagnostic(NOPE, Severity.HINT, "code", "perhaps\x1b[0m")
    report("github", checked(warning, hint))
    assert capsys.readouterr().out.splitlines() == [
        (
            "::warning file=folder/a file.mlir,line=1,endLine=2,title=code"
            "::wrong%0Anote: look here (line 1)%0Anote: made there (folder/model.py:7)%0Anote: by the way"
        ),
        "::notice file=folder/a file.mlir,line=1,endLine=1,col=10,endColumn=14,title=code::perhaps␛[0m",
    ]


def sarif(capsys: pytest.CaptureFixture[str], *files: Checked) -> dict[str, Any]:
    report("sarif", *files)
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def test_sarif_places_count_from_1_in_utf_16(capsys: pytest.CaptureFixture[str]):
    run = sarif(capsys, checked(error("wrong", *NOTES)))
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["tool"]["extensions"] == [{"name": "engine 1"}]
    (result,) = run["results"]
    assert result["level"] == "error"
    assert result["locations"] == [
        place("folder/a%20file.mlir", {"startLine": 1, "startColumn": 10, "endLine": 1, "endColumn": 14})
    ]
    here, there, nowhere = result["relatedLocations"]
    assert here["message"] == {"text": "look here"}
    assert here["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 3}
    assert there["physicalLocation"] == place("folder/model.py", {"startLine": 7})["physicalLocation"]
    assert nowhere["physicalLocation"] == result["locations"][0]["physicalLocation"]


def place(uri: str, region: dict[str, int]) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def test_a_recorded_file_that_nobody_can_find_is_said_in_words(capsys: pytest.CaptureFixture[str]):
    stdin = Checked("<stdin>", Document.of("untitled:stdin", TEXT), (error("wrong", NOTES[1]),), "")
    report("json", stdin)
    (related,) = json.loads(capsys.readouterr().out)[0]["relatedInformation"]
    assert (related["location"]["uri"], related["message"]) == ("untitled:stdin", "made there (model.py:7:5)")
    (related,) = sarif(capsys, stdin)["results"][0]["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"] == {"uri": "untitled:stdin"}
    assert related["message"] == {"text": "made there (model.py:7:5)"}
    report("github", stdin)
    assert "note: made there (model.py:7)\n" in capsys.readouterr().out


def test_every_sarif_result_has_its_rule(capsys: pytest.CaptureFixture[str]):
    other = Diagnostic(NOPE, Severity.INFORMATION, "made-up", "wrong")
    run = sarif(capsys, checked(error(), other), checked(other, error()))
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert [result["ruleId"] for result in run["results"]] == ["unknown-callee", "made-up", "made-up", "unknown-callee"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    known = next(rule for rule in rules if rule["id"] == "unknown-callee")
    assert known["defaultConfiguration"] == {"level": "error"}
    assert known["help"]["markdown"]


def test_sarif_messages_write_braces_twice(capsys: pytest.CaptureFixture[str]):
    run = sarif(capsys, checked(error("{width = 2}")))
    assert run["results"][0]["message"] == {"text": "{{width = 2}}"}


def test_sarif_files_are_references(capsys: pytest.CaptureFixture[str]):
    names = ["a/b.mlir", "/a/ü.mlir", "<stdin>", "a\udcffb#?.mlir"]
    run = sarif(capsys, *(checked(error(), name=name) for name in names))
    found = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]
    assert found == ["a/b.mlir", "file:///a/%C3%BC.mlir", "file:///folder/a%20file.mlir", "a%FFb%23%3F.mlir"]


def test_sarif_tells_what_the_compiler_could_not_say(capsys: pytest.CaptureFixture[str]):
    run = sarif(capsys, checked(trouble="the engine did not answer in 10 s"))
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"] == {"text": "the engine did not answer in 10 s"}


def text(*files: Checked, engine: str = "engine 1", **options: Any) -> str:
    console = Console(width=70, markup=False, highlight=False, emoji=False, **options)
    made = TextReport(console)
    with console.capture() as captured:
        for each in files:
            made.add(each)
        made.end(engine)
    return captured.get()


@pytest.mark.parametrize(
    ("files", "summary"),
    [
        ([checked()], "no problems in 1 file, checked with engine 1"),
        ([checked(), checked()], "no problems in 2 files, checked with engine 1"),
        ([checked(error())], "1 error in 1 file, checked with engine 1"),
        (
            [checked(error(), error(), Diagnostic(NOPE, Severity.WARNING, "c", "m")), checked()],
            "2 errors, 1 warning in 1 of 2 files, checked with engine 1",
        ),
    ],
)
def test_text_ends_with_a_sum(files: list[Checked], summary: str):
    assert text(*files).splitlines()[-1] == summary


def test_text_says_when_no_compiler_was_asked():
    assert text(checked(), engine="") == "no problems in 1 file, checked without an engine\n"


def test_text_takes_no_words_for_markup_and_breaks_no_line():
    shown = text(checked(error("[red]:smile: " + "long " * 40)))
    assert "error[unknown-callee]: [red]:smile: " + "long " * 40 in shown.splitlines()[0] + " "


def test_text_is_colored_on_a_terminal_unless_it_must_not_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1;31merror[unknown-callee]" in text(checked(error()), force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31m" not in text(checked(error()), force_terminal=True)


FIXES = (
    Fix("Insert \N{GRINNING FACE} {twice}", EditSet([Edit(Span(15, 15), b"!\n"), Edit(NOPE, encode("yes\ud800"))])),
    Fix("Or not", EditSet([Edit(NOPE, b"")]), is_certain=False),
)


def fixable() -> Diagnostic:
    return Diagnostic(NOPE, Severity.ERROR, "unknown-callee", "wrong", fixes=FIXES)


def test_json_holds_the_fixes_as_the_protocol_writes_edits(capsys: pytest.CaptureFixture[str]):
    report("json", checked(fixable()))
    (found,) = json.loads(capsys.readouterr().out)
    start, end = {"line": 0, "character": 9}, {"line": 0, "character": 13}
    assert found["data"] == {
        "fixes": [
            {
                "title": "Insert \N{GRINNING FACE} {twice}",
                "isPreferred": True,
                "edits": [
                    {"range": {"start": start, "end": end}, "newText": "yes\ud800"},
                    {"range": {"start": end, "end": end}, "newText": "!\n"},
                ],
            },
            {
                "title": "Or not",
                "isPreferred": False,
                "edits": [{"range": {"start": start, "end": end}, "newText": ""}],
            },
        ]
    }


def test_sarif_holds_the_fixes(capsys: pytest.CaptureFixture[str]):
    run = sarif(capsys, checked(fixable()))
    first, second = run["results"][0]["fixes"]
    assert first == {
        "description": {"text": "Insert \N{GRINNING FACE} {{twice}}"},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": "folder/a%20file.mlir"},
                "replacements": [
                    {
                        "deletedRegion": {"startLine": 1, "startColumn": 10, "endLine": 1, "endColumn": 14},
                        "insertedContent": {"text": "yes\ud800"},
                    },
                    {
                        "deletedRegion": {"startLine": 1, "startColumn": 14, "endLine": 1, "endColumn": 14},
                        "insertedContent": {"text": "!\n"},
                    },
                ],
            }
        ],
    }
    assert second["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": ""}


def test_the_line_ends_of_a_fix_are_those_of_its_file(capsys: pytest.CaptureFixture[str]):
    document = Document.of("file:///a.mlir", TEXT.replace("\n", "\r\n"))
    report("json", Checked("a.mlir", document, (fixable(),), ""))
    (found,) = json.loads(capsys.readouterr().out)
    assert found["data"]["fixes"][0]["edits"][1]["newText"] == "!\r\n"


def test_people_are_told_how_many_can_be_fixed(capsys: pytest.CaptureFixture[str]):
    uncertain = Diagnostic(NOPE, Severity.ERROR, "unknown-callee", "wrong", fixes=FIXES[1:])
    report("text", checked(fixable(), error("no fix"), uncertain))
    assert capsys.readouterr().out.endswith(
        "3 errors in 1 file, checked with engine 1\n1 of them can be fixed with --fix\n"
    )
    report("text", checked(uncertain))
    assert "--fix" not in capsys.readouterr().out
