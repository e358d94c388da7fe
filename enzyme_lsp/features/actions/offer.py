"""Offer: a refactoring that can be had at a place, before anybody has asked for its edits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What a user sees of a refactoring; `id` is stable, and tells it from all others at the same place."""

    id: str
    title: str
    disabled_reason: str | None = None
    """Why it cannot be done here, for a place where one would look for it; None when it can."""
