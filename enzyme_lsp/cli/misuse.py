"""Misuse of the command line, found after the options were read: one sentence and exit code 2."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import NoReturn

from enzyme_lsp.cli import visible


def misuse(sentence: str) -> NoReturn:
    """End the program as argparse does when an option is wrong."""
    complain(sentence)
    raise SystemExit(2)


def complain(sentence: str) -> None:
    """Say something beside the results, which others may read from standard output."""
    # Names of files are in it, and what engines say.
    text = "\n".join(visible.lines(f"enzyme-lsp: {sentence}"))
    with suppress(OSError):  # Whom else to tell?
        print(text, file=sys.stderr, flush=True)
