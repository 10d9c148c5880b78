"""One large file with the marks of many schools: read block by block, its rows put away school by school."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from attendance_helpers.register.beside import in_turn
from attendance_helpers.register.columns import headers
from attendance_helpers.register.dates import DateReading
from attendance_helpers.register.drop import MarksSource
from attendance_helpers.register.files import TEXT_SUFFIXES
from attendance_helpers.register.marks import MarksFile, of_school, registered
from attendance_helpers.register.placing import Schools
from attendance_helpers.register.plain_long import (
    BOM,
    end_of_rows,
    filled_rows,
    is_plain_long,
    marks_of_rows,
)
from attendance_helpers.register.plain_text import Coded, PlainHead, is_plain, plain_head
from attendance_helpers.register.shape_parts import SESSION_WORDS, column_dates
from attendance_helpers.register.spool import Spool, new_path

LARGE: Final = 64 << 20  # bytes; a file of one school is hardly ever as large
BLOCK: Final = 16 << 20  # bytes
COLUMNS: Final = ("row", "upn", "date", "session", "code")  # of the rows that are put away
Rows = tuple[dict[str, Coded], np.ndarray, int]


class _NotPlainError(Exception):
    """The file has to be read as a whole."""


@dataclass
class _Texts:
    """The different texts of a column in the order in which they were met."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, column: Coded) -> np.ndarray:
        """Return the number of each row's text."""
        numbers = [self.numbers.setdefault(t, len(self.numbers)) for t in column.texts.tolist()]
        return np.array(numbers, dtype="int32")[column.place]


@dataclass
class _RowsBySchool:
    """Where the rows of each school stand in the file of rows: first and last, a pair a block."""

    texts: dict[str, _Texts]
    places: Schools
    schools: _Texts = field(default_factory=_Texts)
    of_urn: list[int] = field(default_factory=list)
    of_upn: list[int] = field(default_factory=list)
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    moments: set[tuple[int, int]] = field(default_factory=set)
    length: int = 0

    def sorted_rows(self, columns: Mapping[str, Coded], number: np.ndarray) -> np.ndarray:
        """Return the rows of a block with those of each school together, and remember where they are going to stand."""
        ids = {name: self.texts[name].of(column) for name, column in columns.items()}
        school = self._schools(ids)
        # Numbers of 16 bits are sorted without comparing them.
        order = np.argsort(
            school.astype(np.min_scalar_type(len(self.schools.numbers))), kind="stable"
        )
        counts = np.bincount(school)
        ends = self.length + np.cumsum(counts)
        for at in np.flatnonzero(counts):
            self.spans.setdefault(int(at), []).append((int(ends[at] - counts[at]), int(ends[at])))
        self.length += len(number)
        pairs = np.unique(ids["date"].astype("int64") << 32 | ids["session"])
        self.moments |= {(int(pair >> 32), int(pair & 0xFFFFFFFF)) for pair in pairs}
        found = np.column_stack([number, *(ids[name] for name in COLUMNS[1:])])
        return found.astype("int32", copy=False).take(order, axis=0)

    def _schools(self, ids: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the number of each row's school: the row's own, else that of its pupil, else none."""
        known = [*self.texts["upn"].numbers][len(self.of_upn) :]
        upns = pd.Series(known, dtype="str").str.strip().str.upper()
        self.of_upn += [self._number(self.places.of_pupil.get(upn, "")) for upn in upns]
        by_pupil = np.array(self.of_upn, dtype="int32")[ids["upn"]]
        if "urn" not in ids:
            return by_pupil
        known = [*self.texts["urn"].numbers][len(self.of_urn) :]
        urns = pd.Series(known, dtype="str").str.strip()
        self.of_urn += [self._number(urn) if urn else -1 for urn in urns]
        own = np.array(self.of_urn, dtype="int32")[ids["urn"]]
        return np.where(own < 0, by_pupil, own)

    def _number(self, school: str) -> int:
        return self.schools.numbers.setdefault(school, len(self.schools.numbers))


@dataclass(frozen=True)
class KeptRows:
    """The rows of one school in a file of rows, and what their numbers stand for."""

    file: str
    urn: str
    path: Path
    spans: list[tuple[int, int]]
    texts: Mapping[str, np.ndarray]
    reading: DateReading
    codes: Mapping[str, str]

    def read(self) -> MarksFile:
        """Return the marks of the school."""
        width = len(COLUMNS) * 4
        parts = []
        with self.path.open("rb") as file:
            for first, last in self.spans:
                file.seek(first * width)
                parts.append(np.fromfile(file, dtype="int32", count=(last - first) * len(COLUMNS)))
        rows = np.concatenate(parts).reshape(-1, len(COLUMNS))
        columns = {}
        for at, name in enumerate(COLUMNS[1:], start=1):
            columns[name] = _coded(self.texts[name], rows[:, at])
        read = marks_of_rows(self.file, columns, np.ascontiguousarray(rows[:, 0]), self.reading)
        marks = read.marks.assign(urn=of_school(self.urn, len(read.marks)))
        return replace(
            read,
            marks=registered(marks, self.codes),
            faults=read.faults.assign(urn=self.urn).reset_index(drop=True),
            dates=pd.DatetimeIndex(marks["date"].unique()),
        )


def _coded(texts: np.ndarray, numbers: np.ndarray) -> Coded:
    """Return a column whose rows are numbers of texts, with those texts only that a row has."""
    here = np.zeros(len(texts), dtype=bool)
    here[numbers] = True
    place = np.cumsum(here, dtype="int32") - np.int32(1)
    return Coded(pd.Series(texts[here], dtype="str"), place[numbers])


def streamed(source: MarksSource, places: Schools, spool: Spool) -> dict[str, KeptRows] | None:
    """
    Put the rows of a large, plain file of the long shape away, school by school; None where it has to be read as a whole.

    Raises
    ------
    RegisterError
        when it mixes ways of writing dates, or was written month first
    """
    path = source.path
    if source.named or path.suffix.lower() not in TEXT_SUFFIXES or path.stat().st_size < LARGE:
        return None
    # As for any other file: Windows-1252 is what a file is that is not UTF-8 from its first line to its last.
    for encoding in ("utf-8", "cp1252", "latin-1"):
        with suppress(UnicodeDecodeError):
            try:
                return _put_away(source, places, spool, encoding)
            except _NotPlainError:
                return None
    return None


def _put_away(
    source: MarksSource, places: Schools, spool: Spool, encoding: str
) -> dict[str, KeptRows] | None:
    wanted = headers("marks", source.mapping)
    blocks = _blocks(source.path, encoding)
    first = next(blocks, b"")
    head = plain_head(first, wanted)
    if head is None or not is_plain_long(head):
        return None
    names = [name for name in ("urn", *COLUMNS[1:]) if name in head.place.fields]
    rows = _RowsBySchool({name: _Texts() for name in names}, places)
    path, before = new_path(spool.folder, "rows"), 0
    with path.open("wb") as file:
        bodies = _bodies(first[head.length :], blocks)
        for columns, number, lines in in_turn(partial(_read_block, head=head), bodies):
            rows.sorted_rows(columns, number + np.int32(before)).tofile(file)
            before += lines
    texts = {name: np.array([*found.numbers], dtype=object) for name, found in rows.texts.items()}
    name = source.path.name
    reading = column_dates(name, texts["date"], "of dates")
    if not _any_readable(rows, texts, reading):
        return None  # which is told of with the first of its rows
    return {
        urn: KeptRows(name, urn, path, rows.spans[at], texts, reading, source.mapping.codes)
        for urn, at in sorted(rows.schools.numbers.items())
        if at in rows.spans
    }


def _blocks(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield a file's text as UTF-8, cut at the ends of lines."""
    left = b""
    with path.open("rb") as file:
        begin = file.read(3)
        if begin[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise _NotPlainError
        left = b"" if begin == BOM and encoding == "utf-8" else begin
        while block := file.read(BLOCK):
            cut = block.rfind(b"\n") + 1
            if cut:
                yield _plain(left + block[:cut], encoding)
                left = block[cut:]
            else:
                left += block
    if left:
        yield _plain(left, encoding)


def _plain(block: bytes, encoding: str) -> bytes:
    if not is_plain(block):
        raise _NotPlainError
    return block if block.isascii() else block.decode(encoding).encode()


def _bodies(first: bytes, others: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield blocks of rows, each with whether it is the last one."""
    held = first
    for block in others:
        if held:
            yield held, False
        held = block
    yield held, True


def _read_block(body: tuple[bytes, bool], *, head: PlainHead) -> Rows:
    """Return the columns of a block's rows, their numbers as if it were the first block, and how many lines it has."""
    content, last = body
    length = end_of_rows(content) if last else len(content)
    rows = filled_rows(pa.py_buffer(content).slice(0, length), head) if length else None
    if rows is None:
        raise _NotPlainError
    return *rows, content.count(b"\n")


def _any_readable(
    rows: _RowsBySchool, texts: Mapping[str, np.ndarray], reading: DateReading
) -> bool:
    words = pd.Series(texts["session"], dtype="str").str.strip().str.upper().isin([*SESSION_WORDS])
    return any(
        bool(words[session]) and texts["date"][date] in reading.days
        for date, session in rows.moments
    )
