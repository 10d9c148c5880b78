"""Two worlds in one process: the streams, the root logger and the builtins of a notebook's cells, and those of everything around them."""

from __future__ import annotations

import builtins
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from operator import is_not
from typing import Any

from attendance_helpers.run.engine_shell import Shell


class Worlds:
    """
    Goes over to the notebook's streams, descriptors, root logger and builtins for each cell, and back.

    Between cells Papermill shows its progress and logs, which is no output of the notebook.
    """

    def __init__(self, shell: Shell) -> None:
        self.descriptors = shell.descriptors
        self.own: tuple[Any, ...] = ()
        self.notebooks: tuple[Any, ...] = ()
        self.streams = shell.streams
        self._inside = False

    def begin(self) -> None:
        """Have the notebook's world as it is before a cell has run."""
        known = dict(vars(builtins))
        self.notebooks = (*self.streams.values(), [], logging.WARNING, known)

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
    """Put a world's streams, root logger and builtins in place, and return those that were."""
    root, known = logging.root, vars(builtins)
    before = (sys.stdout, sys.stderr, root.handlers, root.level, dict(known))
    sys.stdout, sys.stderr, root.handlers, level, names = world
    if level != root.level:
        root.setLevel(level)
    if len(names) != len(known) or any(map(is_not, names.values(), known.values())):
        known.clear()
        known.update(names)
    return before
