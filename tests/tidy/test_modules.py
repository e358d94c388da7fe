"""Every module says what it is; every check is listed, explained and tested; nothing names the machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from enzyme_lsp.checks import CHECKS

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "enzyme_lsp").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_opens_with_a_sentence(path: Path):
    docstring = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    first = docstring.partition("\n\n")[0]
    assert re.search(r"[.:]$", first), f"{path}: the docstring needs a first sentence: {first!r}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_a_check_has_a_file_a_page_and_a_test(check: object):
    code = getattr(check, "code", "")
    name = code.replace("-", "_")
    assert (ROOT / "enzyme_lsp" / "checks" / f"{name}.py").is_file()
    assert (ROOT / "tests" / "checks" / f"test_{name}.py").is_file()
    assert f"\n## {code}\n" in (ROOT / "docs" / "checks.md").read_text()


def test_no_file_names_the_machine_it_was_written_on():
    # The places are asked for, not spelled out: else this file would be the first to name them.
    places = {str(ROOT), sys.prefix, sys.base_prefix}
    for path in _tracked():
        text = path.read_bytes().decode(errors="replace")
        for place in places:
            # Short ones, such as /usr or /src, are on every machine.
            if place.count("/") >= 2 and not place.startswith("/usr"):
                assert place not in text, f"{path} names {place}"


def test_no_file_promises_work_for_later():
    marks = re.compile(r"\b(TO" + r"DO|XX" + r"X|HA" + r"CK)\b")
    for path in _tracked():
        if path.suffix in (".py", ".md", ".toml", ".sh"):
            assert not marks.search(path.read_text()), path


def test_markdown_has_one_sentence_per_line():
    for path in (path for path in _tracked() if path.suffix == ".md" and path.parent == ROOT):
        prose = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
        for line in prose.splitlines():
            assert not re.search(r"[a-z)`][.!?] [A-Z`]", line), f"{path.name}: {line}"


def _tracked() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not in a git work tree")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]
