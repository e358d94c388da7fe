"""`probe`: every feature at every token, and a report that can be sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.cli import probe
from enzyme_lsp.cli.main import main
from enzyme_lsp.features import FEATURES, Feature

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot

TEXT = "module {\n  %0 = test.op\n}\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("a.mlir").write_text(TEXT)
    return "a.mlir"


def test_the_features_of_the_server_pass(file: str, capsys: pytest.CaptureFixture[str]):
    assert main(["probe", file]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n{feature.name} " in shown for feature in FEATURES)


def test_every_token_and_the_end_are_asked_about(file: str, monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    record(monkeypatch, Feature("seen", at_place=lambda _, offset: asked.append(offset)))
    assert main(["probe", file]) == 0
    assert asked == [0, 7, 11, 14, 16, 24, 26]


def test_an_exception_is_reported_once_with_its_place(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def bad(snapshot: Snapshot, offset: int) -> None:
        if offset >= 11:
            raise KeyError(f"\x1b[31m{offset}")

    record(monkeypatch, Feature("bad", at_place=bad), Feature("good", of_document=lambda _: None))
    assert main(["probe", file]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("bad at a.mlir:2:3:\nTraceback")
    assert shown.count("Traceback") == 1
    assert "\x1b" not in shown
    assert "\ngood" in shown


def test_slow_answers_are_counted(file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    ticks = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks))
    record(monkeypatch, Feature("slow", of_document=lambda _: None))
    assert main(["probe", file]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["slow", "1", "1000.00", "1000.0", "1", "0", "a.mlir"]


def record(monkeypatch: pytest.MonkeyPatch, *features: Feature) -> None:
    monkeypatch.setattr(probe, "FEATURES", features)
