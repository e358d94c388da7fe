"""Pages: the manual page of every code, for `check --explain`, for docs/checks.md and for the link in the editor.

The page of a check of ours is the docstring of its file. The indented examples are run as tests: the labels in them are
what is found.
"""

from __future__ import annotations

import functools
from pathlib import Path
from textwrap import dedent
from typing import Final

from enzyme_lsp.checks import CHECKS, Check, deep_pages, engine_pages, engines_differ, pass_verdict, syntax_pages
from enzyme_lsp.checks.page import Page


def _of_check(check: Check) -> Page:
    title, _, text = check.manual.partition("\n\n")
    return Page(check.code, title.strip().rstrip("."), check.severity, "check", text.strip("\n"))


PAGES: Final = (
    *(_of_check(check) for check in CHECKS),
    *syntax_pages.PAGES,
    *engine_pages.PAGES,
    *deep_pages.PAGES,
    pass_verdict.PAGE,
    engines_differ.PAGE,
)
"""In the order of docs/checks.md: our checks, syntax, the engine's verifier, its pass, several engines."""

BY_CODE: Final = {page.code: page for page in PAGES}


def markdown() -> str:
    """docs/checks.md."""
    head = dedent(
        """\
        # Checks

        <!-- Generated from enzyme_lsp/checks; UPDATE_EXPECT=1 pytest tests/checks writes it anew. -->

        Every diagnostic has a code, and every code has a section here.
        In the examples, carets mark what is underlined; the examples are run as tests.

        """
    )
    rows = [f"| [{page.code}](#{page.code}) | {page.severity.name.lower()} | {page.title} |" for page in PAGES]
    table = "| code | severity | what it says |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n\n"
    return head + table + "\n".join(page.markdown for page in PAGES)


@functools.cache
def href(code: str) -> str | None:
    """A link to the page of `code` in the documentation that is installed with the package; None when there is none."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "docs", package.parent / "docs"):
        if (found := folder / "checks.md").is_file():
            return f"{found.as_uri()}#{code}"
    return None
