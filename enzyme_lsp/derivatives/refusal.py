"""Refusal: why a derivative cannot be written."""

from __future__ import annotations


class RefusedError(Exception):
    """There is no derivative of this sort; the reason is a sentence without its period."""
