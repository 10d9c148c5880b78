"""Two worlds in one process: what a notebook's cells write and log to, and what everything around them does."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attendance_helpers.run.engine_shell import Shell


class Worlds:
    """
    Goes over to the notebook's streams, descriptors and root logger for each cell, and back.

    Between cells Papermill shows its progress and logs, which is no output of the notebook.
    """

    def __init__(self, shell: Shell) -> None:
        self.descriptors = shell.descriptors
        self.own = (sys.stdout, sys.stderr, logging.root.handlers, logging.root.level)
        self.notebooks: tuple[Any, ...] = (*shell.streams.values(), [], logging.WARNING)
        self._inside = False

    @contextmanager
    def notebook(self) -> Iterator[None]:
        """Be in the notebook's world: what it replaces there stays until its next cell."""
        with self.descriptors.taken():
            self.own, self._inside = _gone_over(self.notebooks), True
            try:
                yield
            finally:
                self.notebooks, self._inside = _gone_over(self.own), False

    @contextmanager
    def outside(self, wanted: Any) -> Iterator[None]:
        """Be outside for a moment while a cell runs, if that is wanted."""
        if not wanted or not self._inside:
            yield
            return
        with self.descriptors.given_back():
            self.notebooks = _gone_over(self.own)
            try:
                yield
            finally:
                self.own = _gone_over(self.notebooks)


def _gone_over(world: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put a world's streams and root logger in place, and return those that were."""
    root = logging.root
    before = (sys.stdout, sys.stderr, root.handlers, root.level)
    sys.stdout, sys.stderr, root.handlers, level = world
    if level != root.level:
        root.setLevel(level)
    return before
