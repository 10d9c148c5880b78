"""The folder of a run: made, held by one run at a time, cleared of what a killed run left, with a log beside the packs."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run import manifest, swap

LOCK: Final = ".lock"
LEFT: Final = r"\.\d{6}-.+"  # folders that a run makes for itself and removes
LOG: Final = "run.log"


@contextmanager
def made_if_missing(folder: Path) -> Iterator[None]:
    """Make a run's folder if there is none; where nothing could be run at all it is not left behind."""
    new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    except AttendanceError:
        if new and not (folder / manifest.RUN).exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """
    Hold a folder for one run, and clear away what a run that was killed left unfinished in it; a dead process holds nothing.

    Raises
    ------
    AttendanceError
        when another run holds it
    """
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as problem:
        raise AttendanceError(
            f"{folder}: another run is making packs here. Wait for it to end, or give --out another folder."
        ) from problem
    try:
        for left in folder.iterdir():
            if left.is_dir() and re.fullmatch(LEFT, left.name) and not swap.finished_account(left):
                shutil.rmtree(left, ignore_errors=True)
            elif left.name.endswith(".new"):  # of `written_whole`
                left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


@contextmanager
def run_log(folder: Path) -> Iterator[logging.Logger]:
    """Yield what writes a run's lines to `run.log`: schools by number, times and reasons, nothing of a pupil."""
    log = logging.Logger("attendance.run")
    file = logging.FileHandler(folder / LOG, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    file.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk ends no run
    log.addHandler(file)
    try:
        yield log
    finally:
        file.close()
