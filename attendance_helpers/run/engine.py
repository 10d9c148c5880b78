"""
Papermill's engine `attendance`: a notebook runs in this process, whose libraries are loaded, with the outputs that a kernel would give.

Papermill loads this module while it is imported itself: nothing is imported here that imports Papermill.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

# What the notebooks and the documents made of them use. What draws is loaded where it is needed (engine_charts).
MODULES: Final = (
    *("pandas", "pandas.io.formats.style", "numpy.random", "pyarrow.parquet", "scipy.special"),
    *("nbformat", "comm", "locale", "attendance_helpers.run.engine_notebook"),
    *("attendance_helpers.run.executed", "attendance_helpers.run.school_case"),
    *("attendance_helpers.run.family_case", "attendance_helpers.run.recorded_meeting"),
)
# An optional part of jsonschema, which nbformat does not use, builds a grammar whenever it is loaded: two seconds, and twenty megabytes.
SPARED: Final = "rfc3987_syntax"
_warm: list[bool] = []


class WarmEngine:
    """The engine, as much of it as Papermill asks for."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:
        """Return the executed notebook; one that needs a kernel is run in one, from the start, and Papermill's log says why."""
        from attendance_helpers.run.engine_notebook import InThisProcess

        warm()
        return InThisProcess.execute_notebook(nb, kernel_name, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> Any:
        """Return the name of a notebook's kernel."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> Any:
        """Return the language of a notebook."""
        from papermill.utils import nb_language

        return nb_language(nb, language)


def warm() -> None:
    """
    Load what notebooks need, once in a process.

    What is there then stays: the garbage collector need not look at it again.
    """
    if _warm:
        return
    os.environ.setdefault("MPLBACKEND", "agg")
    with _spared():
        for module in MODULES:
            importlib.import_module(module)
    _warm.append(True)
    gc.collect()
    gc.freeze()


@contextmanager
def _spared() -> Iterator[None]:
    """Do without a module while others are loaded."""
    if SPARED in sys.modules:
        yield
        return
    sys.modules[SPARED] = None  # type: ignore[assignment]  # what Python itself takes for "not there"
    try:
        yield
    finally:
        del sys.modules[SPARED]


def tainted() -> list[str]:
    """Return what notebooks have left in this process that could not be put back; with anything in it the process should be replaced."""
    from attendance_helpers.run.engine_notebook import LEFT

    return list(LEFT)
