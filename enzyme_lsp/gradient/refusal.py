"""Refusal: why a derivative cannot be held against differences, in words that end a sentence."""

from __future__ import annotations


class RefusedError(Exception):
    """There is no such check, and the message says why: the end of a sentence, without a period."""
