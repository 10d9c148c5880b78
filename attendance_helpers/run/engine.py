"""
Papermill's engine `attendance`: a notebook runs in this process, whose libraries are loaded, with the outputs that a kernel would give.

Papermill loads this module while it is imported itself: nothing is imported here that imports Papermill.
"""

from __future__ import annotations

import gc
import importlib
import os
from typing import Any, Final

# What the notebooks and the documents made of them use.
MODULES: Final = (
    *("pandas", "pandas.io.formats.style", "numpy.random", "pyarrow.parquet", "scipy.stats"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
    *("matplotlib_inline.backend_inline", "seaborn", "nbformat", "nbconvert", "comm", "locale"),
    *("attendance_helpers.run.engine_notebook", "attendance_helpers.run.executed"),
    *("attendance_helpers.run.school_case", "attendance_helpers.run.family_case"),
    *("attendance_helpers.run.recorded_meeting", "attendance_helpers.run.engine_libraries"),
)
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
    for module in MODULES:
        importlib.import_module(module)
    _warm.append(True)
    gc.collect()
    gc.freeze()


def kernel_needs(notebook: Any) -> list[str]:
    """Return what in a notebook the engine does not support, by name; such a notebook is run in a kernel of its own."""
    from attendance_helpers.run.engine_needs import notebook_needs

    return notebook_needs(notebook)


def tainted() -> list[str]:
    """Return what notebooks have left in this process that could not be put back; with anything in it the process should be replaced."""
    from attendance_helpers.run.engine_notebook import LEFT

    return list(LEFT)
