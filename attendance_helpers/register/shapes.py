"""The four shapes of a marks file, each turned into one row a mark; what cannot be placed becomes a fault, not a loss."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.columns import (
    ColumnMap,
    Headers,
    Placed,
    headers,
    missing_columns,
    placed,
    refuse_twice,
)
from attendance_helpers.register.dates import date_reading
from attendance_helpers.register.files import TextTable, text_tables
from attendance_helpers.register.marks import MarksFile, registered, stacked_marks
from attendance_helpers.register.plain_long import plain_long
from attendance_helpers.register.shape_parts import (
    COUNTING,
    OLDEST,
    REQUIRED,
    SESSION_WORDS,
    column_dates,
    fault_rows,
    long_faults,
    mark_rows,
)

FEWEST_FAULTS: Final = 5  # rows: a file of so many, none of which can be read, is not a register
LONGEST_STRING: Final = 10 * 53 * 20  # marks of a year-to-date string: twenty years
_SESSION_HEADER = re.compile(
    r"(?P<date>.*\d.*?)[\s_:-]*(?<![A-Za-z])(?P<session>AM|PM|A\.M\.|P\.M\.)", re.I
)


def marks_file(path: Path, mapping: ColumnMap) -> MarksFile:
    """
    Read a marks file of any of the four shapes.

    Raises
    ------
    RegisterError
        when the file is unreadable, has none of the four shapes, mixes ways of writing dates, or holds no marks
    """
    wanted = headers("marks", mapping)
    plain = plain_long(path, wanted)
    parts = [plain] if plain is not None else _table_parts(path, wanted)
    frames = [part.marks for part in parts]
    marks = registered(frames[0] if len(frames) == 1 else stacked_marks(frames), mapping.codes)
    faults = pd.concat([part.faults for part in parts], ignore_index=True)
    if marks.empty and len(faults) >= FEWEST_FAULTS:
        first = faults.iloc[0]
        raise RegisterError(
            f"{path.name}: expected marks, found {len(faults):,} rows of which none could be read; the first is row {first['row']} with "
            f"{str(first['value'])[:40]!r} ({first['problem']}). Export it again, dates as dd/mm/yyyy."
        )
    if marks.empty and faults.empty:
        raise RegisterError(
            f"{path.name}: expected marks below the header, found none. Export it again."
        )
    dates = pd.DatetimeIndex(np.unique(np.concatenate([p.dates.to_numpy() for p in parts])))
    return MarksFile(parts[0].shape, marks, faults, dates)


def _table_parts(path: Path, wanted: Headers) -> list[MarksFile]:
    """Return what the tables of a file hold, one part a sheet."""
    tables = list(text_tables(path))
    parts = [part for table in tables if (part := _table_marks(table, wanted)) is not None]
    if not parts:
        for table in tables:
            table.refuse_if_broken()
        problem = missing_columns(path.name, wanted, REQUIRED["long"], tables)
        raise RegisterError(
            f"{problem} A marks file may also be wide (a column for each session, such as 02/09/2026 AM), weekly "
            "(Week commencing, Marks) or year to date (start_date, attendance_string)."
        )
    # Of a text file each separator is a way to read it, and the best one comes first; of a workbook each sheet counts.
    return parts[:1] if tables[0].separator else parts


def _table_marks(table: TextTable, wanted: Headers) -> MarksFile | None:
    """Read one table in the shape that its header shows; None where it shows none."""
    place = placed(table, wanted)
    if table.broken and not len(table.cells):
        # Nothing of it can be read, so whether it is the right way to read the file cannot be told: the others are tried first.
        return None
    if "upn" not in place.fields:
        return None
    table.refuse_if_broken()
    refuse_twice(table, place, COUNTING)
    readers: dict[str, Callable[[TextTable, Placed], MarksFile]] = {
        "long": _long,
        "weekly": _weekly,
        "year to date": _year_to_date,
    }
    for shape, required in REQUIRED.items():
        if set(required) <= place.fields.keys():
            return readers[shape](table, place)
    return _wide(table, place)


def _body(table: TextTable, place: Placed) -> pd.DataFrame:
    """Return the rows below the header that hold anything, one column a field, `row` as in the file."""
    rows = table.cells.iloc[place.header + 1 :]
    body = pd.DataFrame({name: rows[column] for name, column in place.fields.items()}, dtype=str)
    body["row"] = rows.index.to_numpy() + 1
    body["upn"] = body["upn"].str.strip().str.upper()
    body["urn"] = body["urn"].str.strip() if "urn" in body else ""
    filled = (rows.astype(str).apply(lambda c: c.str.strip()) != "").any(axis=1)
    return body[filled].reset_index(drop=True)


def _long(table: TextTable, place: Placed) -> MarksFile:
    rows = _body(table, place)
    day = column_dates(table.file, rows["date"].unique(), "of dates").read(rows["date"])
    session = rows["session"].str.strip().str.upper().map(SESSION_WORDS)
    readable = ~(day.isna() | session.isna())
    faults = long_faults(table.file, rows[~readable], day[~readable])
    at = np.flatnonzero(readable)
    marks = mark_rows(
        table.file, rows, at, day[readable], session[readable], rows["code"][readable]
    )
    return MarksFile("long", marks, faults, pd.DatetimeIndex(day.dropna().unique()))


@cache
def _week_tokens(text: str) -> tuple[str, ...] | None:
    """Return the ten marks of a week; None where there are not ten."""
    if "," in text or ";" in text:
        tokens = re.split("[,;]", text)
        # A separator after the tenth mark ends the list; it does not begin an eleventh.
        tokens = tokens[:10] if len(tokens) == 11 and not tokens[10].strip() else tokens
    elif len(text.split()) == 10:
        tokens = text.split()
    elif " " in text.strip() and max(map(len, text.split())) < 3:
        # Marks of one or two characters with spaces between, but not ten of them: to place them would be a guess.
        return None
    else:
        tokens = list(text)
    return tuple(tokens) if len(tokens) == 10 else None


def _weekly(table: TextTable, place: Placed) -> MarksFile:
    rows = _body(table, place)
    rows["week_marks"] = _rejoined(table, place, rows)
    monday = column_dates(table.file, rows["week_commencing"].unique(), "Week commencing").read(
        rows["week_commencing"]
    )
    # The ten marks are placed from Monday: any other first day would have to be guessed at.
    no_day = monday.isna() | (monday.dt.day_of_week != 0)
    tokens = rows["week_marks"].map(_week_tokens)
    not_ten = ~no_day & tokens.isna()
    rows["fault_date"] = rows["week_commencing"].where(
        monday.isna(), monday.dt.strftime("%Y-%m-%d")
    )
    faults = pd.concat(
        [
            fault_rows(table.file, rows[no_day], "bad_date", rows.loc[no_day, "week_commencing"]),
            fault_rows(table.file, rows[not_ten], "bad_value", rows.loc[not_ten, "week_marks"]),
        ]
    )
    good = np.flatnonzero(~(no_day | not_ten))
    slot = np.tile(np.arange(10), len(good))
    start = monday.to_numpy(dtype="datetime64[D]")[good].repeat(10)
    values = [mark for marks in tokens.iloc[good] for mark in marks]
    marks = mark_rows(table.file, rows, good.repeat(10), start + slot // 2, slot % 2, values)
    weeks = monday[~no_day].dropna().unique().to_numpy(dtype="datetime64[D]")
    days = np.unique(np.add.outer(weeks, np.arange(5)).ravel())
    return MarksFile("weekly", marks, faults, pd.DatetimeIndex(days))


def _rejoined(table: TextTable, place: Placed, rows: pd.DataFrame) -> pd.Series:
    """Return the marks of each week, put together again where unquoted commas made columns of them."""
    first = place.fields["week_marks"]
    beyond = table.cells.columns[table.cells.columns > first]
    header = table.cells.iloc[place.header]
    if len(beyond) == 0 or not table.separator or (header[beyond].str.strip() != "").any():
        return rows["week_marks"]
    parts = table.cells.loc[rows["row"] - 1, [first, *beyond]]
    # A row whose marks were quoted has nothing beyond; trailing empty cells of a long row are blank marks.
    spilled = (parts[beyond] != "").any(axis=1).to_numpy()
    joined = parts.apply(lambda cells: table.separator.join(cells.iloc[:10]), axis=1).to_numpy()
    return rows["week_marks"].where(~spilled, pd.Series(joined, index=rows.index))


def _year_to_date(table: TextTable, place: Placed) -> MarksFile:
    rows = _body(table, place)
    start = column_dates(table.file, rows["start_date"].unique(), "start_date").read(
        rows["start_date"]
    )
    no_day = start.isna() | (start.dt.day_of_week > 4)
    strings = rows["attendance_string"].str.rstrip("\r\n\t ")
    rows["fault_date"] = rows["start_date"].where(start.isna(), start.dt.strftime("%Y-%m-%d"))
    empty = ~no_day & ((strings == "") | (strings.str.len() > LONGEST_STRING))
    faults = pd.concat(
        [
            fault_rows(table.file, rows[no_day], "bad_date", rows.loc[no_day, "start_date"]),
            fault_rows(table.file, rows[empty], "bad_value", rows.loc[empty, "attendance_string"]),
        ]
    )
    good = np.flatnonzero(~(no_day | empty))
    lengths = strings.str.len().to_numpy()[good]
    slot = np.concatenate([np.arange(n) for n in lengths]) if len(good) else np.arange(0)
    first = start.to_numpy(dtype="datetime64[D]")[good].repeat(lengths)
    # Ten marks a week: weekdays are counted on, weekends passed over.
    day = np.busday_offset(first, slot // 2) if len(good) else first
    values = list("".join(strings.iloc[good]))
    marks = mark_rows(table.file, rows, good.repeat(lengths), day, slot % 2, values)
    return MarksFile("year to date", marks, faults, pd.DatetimeIndex(np.unique(day)))


def _wide(table: TextTable, place: Placed) -> MarksFile | None:
    """Read a column for each session; None where the header names no session."""
    columns, last = _session_columns(table, place)
    if not columns:
        return None
    rows = _body(table, Placed(last, place.fields))
    reading = date_reading(
        {date for _, date, _ in columns},
        where=f"{table.file}, header row",
        oldest=OLDEST,
        school_days=True,
    )
    unread = [date for _, date, _ in columns if date not in reading.days]
    if unread:
        raise RegisterError(
            f"{table.file}, header row {last + 1}: expected a date in each session's header, found {', '.join(unread[:3])}. "
            "Write it as dd/mm/yyyy AM or dd/mm/yyyy PM."
        )
    position = [column for column, _, _ in columns]
    day = np.array([reading.days[date] for _, date, _ in columns], dtype="datetime64[s]")
    session = np.array([half for _, _, half in columns])
    values = table.cells.loc[rows["row"] - 1, position].to_numpy(dtype=object).ravel()
    at = np.arange(len(rows)).repeat(len(columns))
    marks = mark_rows(
        table.file, rows, at, np.tile(day, len(rows)), np.tile(session, len(rows)), values
    )
    empty = fault_rows(table.file, rows.iloc[:0], "bad_value", rows["upn"].iloc[:0])
    return MarksFile("wide", marks, empty, pd.DatetimeIndex(np.unique(day)))


def _session_columns(table: TextTable, place: Placed) -> tuple[list[tuple[int, str, int]], int]:
    """
    List the session columns as (position, date text, 0 AM or 1 PM), and the position of the header's last row.

    The date and AM or PM may stand in one cell, or in two rows, the date over the first of its two sessions (merged cells).
    """
    header = table.cells.iloc[place.header].str.strip()
    single = [
        (column, match["date"], SESSION_WORDS[match["session"].upper().replace(".", "")])
        for column, text in header.items()
        if (match := _SESSION_HEADER.fullmatch(text))
    ]
    if single:
        return [(int(column), date, half) for column, date, half in single], place.header
    for upper in (place.header, place.header - 1):
        if upper < 0 or upper + 1 >= len(table.cells):
            continue
        dates = table.cells.iloc[upper].str.strip()
        halves = table.cells.iloc[upper + 1].str.strip().str.upper().map(SESSION_WORDS)
        filled = dates.where(dates.str.contains(r"\d", regex=True)).ffill()
        double = [
            (int(column), str(filled[column]), int(halves[column]))
            for column in halves.dropna().index
            if isinstance(filled[column], str)
        ]
        if double:
            return double, upper + 1
    return [], place.header
