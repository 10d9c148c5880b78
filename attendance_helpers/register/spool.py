"""Marks of files that hold several schools, kept on disk school by school until the turn of each comes."""

from __future__ import annotations

import itertools
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
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def put(self, urn: str, position: int, part: MarksFile) -> None:
        """Put the marks of a school away."""
        paths = [self.new_path(what) for what in ("marks", "faults")]
        for path, frame in zip(paths, (part.marks, part.faults), strict=True):
            _write(path, frame)
        self.add(urn, position, KeptFrames(part.shape, *paths))

    def new_path(self, what: str) -> Path:
        """Return the path of a file that is not there yet."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with self.lock:
            return self.folder / f"{next(self.numbers)}.{what}"

    def add(self, urn: str, position: int, kept: Kept) -> None:
        """Remember marks that were put away already."""
        with self.lock:
            self.held.setdefault(urn, {})[position] = kept

    def of(self, urn: str) -> dict[int, MarksFile]:
        """Return the marks that are put away for a school, by the position of their file."""
        with self.lock:
            kept = dict(self.held.get(urn, {}))
        return {position: one.read() for position, one in kept.items()}

    @property
    def urns(self) -> set[str]:
        """The schools that anything is put away for."""
        with self.lock:
            return set(self.held)


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
