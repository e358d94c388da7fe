"""Misuse of the command line, found after the options were read: one sentence and exit code 2."""

from __future__ import annotations

import sys
from typing import NoReturn


def misuse(sentence: str) -> NoReturn:
    """End the program as argparse does when an option is wrong."""
    complain(sentence)
    raise SystemExit(2)


def complain(sentence: str) -> None:
    """Say something beside the results, which others may read from standard output."""
    print(f"enzyme-lsp: {sentence}", file=sys.stderr)
