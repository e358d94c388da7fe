"""The pages of the codes: every example in them says what is found, and docs/checks.md is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp import checks
from enzyme_lsp.checks import CHECKS, deep_pages, deep_verdict, pages
from tests import update
from tests.fixture import Judge, check_diagnostics

if TYPE_CHECKING:
    from enzyme_lsp.checks.pages import Page
    from tests.judges import EngineThread

CHECK_FILES = Path(checks.__file__).parent
DEEP_PAGES = Path(deep_pages.__file__)
DOCS = Path(__file__).parent.parent.parent / "docs"
WITHOUT_ENGINE = [page for page in pages.PAGES if page.found_by in ("check", "syntax")]
WITH_ENGINE = [page for page in pages.PAGES if page.found_by == "engine" and page.examples]
WITH_PASS = [page for page in pages.PAGES if page.found_by == "deep" and page.examples]


def _file(page: Page) -> Path | None:
    """Where the examples of a check of ours are written."""
    return CHECK_FILES / f"{page.code.replace('-', '_')}.py" if page.found_by == "check" else None


@pytest.mark.parametrize("page", WITHOUT_ENGINE, ids=lambda page: page.code)
def test_examples_without_an_engine(page: Page) -> None:
    assert page.examples
    for example in page.examples:
        check_diagnostics(example, written_in=_file(page))
        assert f"[{page.code}]" in example or update.is_wanted()


@pytest.mark.parametrize("page", [*WITHOUT_ENGINE, *WITH_ENGINE], ids=lambda page: page.code)
def test_examples_with_the_engine(page: Page, classic: Judge) -> None:
    for example in page.examples:
        check_diagnostics(example, engine=classic)
        assert f"[{page.code}]" in example


@pytest.mark.parametrize("page", WITH_PASS, ids=lambda page: page.code)
def test_examples_with_the_engines_pass(page: Page, classic: EngineThread) -> None:
    for example in page.examples:
        check_diagnostics(example, engine=classic, deep=classic.deep, written_in=DEEP_PAGES)
        assert f"[{page.code}]" in example or update.is_wanted()


def test_every_deep_code_has_a_page() -> None:
    assert {page.code for page in pages.PAGES if page.found_by == "deep"} == deep_verdict.CODES


def test_every_check_has_a_page() -> None:
    assert [check.code for check in CHECKS] == [page.code for page in pages.PAGES if page.found_by == "check"]


def test_the_written_pages_are_current() -> None:
    update.check_file(DOCS / "checks.md", pages.markdown())


def test_a_page_links_to_the_installed_documentation() -> None:
    link = pages.href("unknown-callee")
    assert link is not None
    assert link.startswith("file://")
    assert link.endswith("checks.md#unknown-callee")
