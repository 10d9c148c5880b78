"""What the benchmarks share: a fresh process for each measurement, peak memory, the machine in words, tables of plain text."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar

# Standard library only at the top: what this process holds would count in the peak of those that it starts.
ROOT = Path(__file__).resolve().parents[2]
Given = ParamSpec("Given")
Result = TypeVar("Result")


def checked_interpreter() -> None:
    """Stop where bytecode is off: every start would compile its imports anew, and the compiler be measured."""
    if sys.dont_write_bytecode:
        raise SystemExit("Unset PYTHONDONTWRITEBYTECODE first, or run: python dev.py bench")


def at_home() -> None:
    """Measure the project of these scripts, whatever the caller's folder and register."""
    os.chdir(ROOT)
    os.environ["ATTENDANCE_HOME"] = str(ROOT)
    os.environ.pop("ATTENDANCE_REGISTER", None)


def in_fresh_process(
    function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
) -> Result:
    """Return what a function returns in a process of its own, started for it alone."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *given, **named).result()


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far [MB]."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def resident_megabytes() -> float:
    """Return the memory that this process holds now [MB]."""
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


def machine(*packages: str) -> str:
    """Return cores, memory, system and versions, as they are to stand under a table."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    memory = psutil.virtual_memory().total / 1e9
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{cores} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return the median, and the lowest and highest."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of plain text: the first column left, the others right."""
    lines = [header, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    shown = [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([shown[0], "-" * max(map(len, shown)), *shown[1:]])


def noted(moment: str) -> float:
    """Return a moment as Papermill notes it with a cell, in seconds."""
    read = dt.datetime.fromisoformat(moment)
    return (read if read.tzinfo else read.replace(tzinfo=dt.UTC)).timestamp()


def said(text: str) -> None:
    """Tell how far the benchmark is, beside its output."""
    print(text, file=sys.stderr, flush=True)
