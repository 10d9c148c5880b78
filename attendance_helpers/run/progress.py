"""How a long job tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done, how many are done and of how many, and how many of those have failed."""

    def __call__(self, what: str, done: int, total: int, *, failed: int = 0) -> None:
        """Show how far it is."""


def nothing_shown(what: str, done: int, total: int, *, failed: int = 0) -> None:
    """Show nothing."""
