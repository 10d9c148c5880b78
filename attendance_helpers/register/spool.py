"""Marks of files that hold several schools, kept on disk school by school until the turn of each comes."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import pandas as pd
import pyarrow as pa

from attendance_helpers.register.marks import MarksFile

FOLDER: Final = (
    ".import"  # in the register's folder; what a killed import left there goes at the next
)
_numbers = itertools.count()


class Kept(Protocol):
    """Marks of one file and school that can be read again."""

    def read(self) -> MarksFile:
        """Return the marks."""


@dataclass(frozen=True)
class KeptFrames:
    """The marks and faults of one school as they were read from one file."""

    shape: str
    marks: Path
    faults: Path

    def read(self) -> MarksFile:
        """Return the marks as they were put away."""
        marks, faults = (_frame(path) for path in (self.marks, self.faults))
        return MarksFile(self.shape, marks, faults, pd.DatetimeIndex(marks["date"].unique()))


@dataclass
class Spool:
    """What is put away for each school, by the position of its file; several threads may add to it."""

    folder: Path
    held: dict[str, dict[int, Kept]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, urn: str, position: int, kept: Kept) -> None:
        """Remember marks that were put away."""
        with self.lock:
            self.held.setdefault(urn, {})[position] = kept

    def of(self, urn: str) -> dict[int, Kept]:
        """Return what is put away for a school, by the position of its file."""
        with self.lock:
            return dict(self.held.get(urn, {}))

    @property
    def urns(self) -> set[str]:
        """The schools that anything is put away for."""
        with self.lock:
            return set(self.held)


def put_away(folder: Path, part: MarksFile) -> KeptFrames:
    """Write the marks of a school into a spool's folder."""
    paths = [new_path(folder, what) for what in ("marks", "faults")]
    for path, frame in zip(paths, (part.marks, part.faults), strict=True):
        _write(path, frame)
    return KeptFrames(part.shape, *paths)


def new_path(folder: Path, what: str) -> Path:
    """Return the path of a file that is not there yet; several threads and processes may ask for one."""
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{os.getpid()}-{next(_numbers)}.{what}"


@contextmanager
def spool_in(register: Path) -> Iterator[Spool]:
    """Yield an empty spool in a register's folder, which is removed in the end; the register's lock is held."""
    folder = register / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield Spool(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, frame: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(frame.reset_index(drop=True), preserve_index=False, nthreads=1)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _frame(path: Path) -> pd.DataFrame:
    with pa.OSFile(str(path), "rb") as file:
        table = pa.ipc.open_file(file).read_all()
    return table.to_pandas(use_threads=False)
