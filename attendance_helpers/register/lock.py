"""The lock of a register: one process writes at a time, and a dead one keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from attendance_helpers.errors import RegisterError

WAIT: Final = 5  # seconds for which somebody else who writes is waited for


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """
    Hold the register's lock, so that two imports cannot write at once; a dead process does not keep it.

    Raises
    ------
    RegisterError
        when it cannot be written to, or another process is writing to it
    """
    try:
        with _locked(folder):
            yield
    except OSError as problem:
        if not _concerns(folder, problem):  # a file of the drop
            raise
        raise RegisterError(
            f"{folder}: expected a register that can be written to, found one that cannot be ({problem.strerror or problem}). "
            "Nothing was stored: ask for the right to write to that folder, or make room on its disk, and try again."
        ) from problem


def _concerns(folder: Path, problem: OSError) -> bool:
    """Tell whether an error is of the register's folder; a full disk names no file."""
    if not isinstance(problem.filename, str):
        return True
    named, own = Path(problem.filename).resolve(), folder.resolve()
    return named.is_relative_to(own) or own.is_relative_to(named)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if folder.exists() and not folder.is_dir():
        raise RegisterError(
            f"{folder}: expected a folder for the register, found a file. Name another folder with --register."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=WAIT)
    except Timeout as problem:
        raise RegisterError(
            f"{folder}: another import or record is writing to this register. Wait for it to end and try again."
        ) from problem
    try:
        yield
    finally:
        lock.release()
