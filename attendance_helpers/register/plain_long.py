"""The quick way to read a long marks file that is plain: rules are asked of its few different texts, and rows are numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from attendance_helpers.register.columns import Headers
from attendance_helpers.register.dates import DateReading
from attendance_helpers.register.files import TEXT_SUFFIXES, decoded_text
from attendance_helpers.register.marks import MarksFile
from attendance_helpers.register.plain_text import (
    Coded,
    PlainHead,
    blank_rows,
    coded_columns,
    is_plain,
    plain_head,
)
from attendance_helpers.register.shape_parts import (
    COUNTING,
    REQUIRED,
    SESSION_WORDS,
    column_dates,
    long_faults,
)

LARGEST: Final = 1 << 30  # bytes; what is larger cannot be one block
BOM: Final = b"\xef\xbb\xbf"


def plain_long(path: Path, wanted: Headers) -> MarksFile | None:
    """
    Read a marks file of the long shape when it is plain text without quotation marks; None where it is anything else.

    What it returns is what the slower way through `text_tables` would, in a fraction of the time.

    Raises
    ------
    RegisterError
        when it mixes ways of writing dates, or was written month first
    """
    content = _plain_content(path)
    head = plain_head(content, wanted) if content else None
    if head is None or not is_plain_long(head):
        return None
    length = end_of_rows(content) - head.length
    if length <= 0:
        return None
    rows = filled_rows(pa.py_buffer(content).slice(head.length, length), head)
    if rows is None:
        return None
    columns, number = rows
    reading = column_dates(path.name, columns["date"].texts, "of dates")
    return marks_of_rows(path.name, columns, number, reading)


def is_plain_long(head: PlainHead) -> bool:
    """Tell whether a head is that of the long shape, no field of which that counts has two columns."""
    return set(REQUIRED["long"]) <= head.place.fields.keys() and not any(
        name in COUNTING for name in head.place.twice
    )


def _plain_content(path: Path) -> bytes:
    """Return a file's text as UTF-8 without its byte-order mark; nothing where it is not plain."""
    if path.suffix.lower() not in TEXT_SUFFIXES or not 0 < path.stat().st_size < LARGEST:
        return b""
    content = path.read_bytes()
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"} or not is_plain(content):
        return b""
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return decoded_text(path).encode()
    return content.removeprefix(BOM)


def end_of_rows(content: bytes) -> int:
    """Return where the rows end when blank lines at the foot are left out."""
    end = len(content)
    while end and content[end - 1] in b"\r\n":
        end -= 1
    return end


def filled_rows(body: pa.Buffer, head: PlainHead) -> tuple[dict[str, Coded], np.ndarray] | None:
    """Return the columns of the rows that hold anything, and the rows' numbers in the file."""
    names = [name for name in ("urn", *REQUIRED["long"]) if name in head.place.fields]
    read = coded_columns(body, head, [head.place.fields[name] for name in names])
    if read is None:
        return None
    columns = dict(zip(names, read, strict=True))
    number = np.arange(len(read[0].place), dtype="int32") + np.int32(head.place.header + 2)
    if blank_rows(read) is not None:
        # Whether these rows hold anything is for the other columns to say, which are read for this alone.
        blank = blank_rows(coded_columns(body, head, range(head.width)) or ())
        if blank is not None:
            kept = np.flatnonzero(~blank)
            columns = {name: column.taken(kept) for name, column in columns.items()}
            number = number[kept]
    return columns, number


def marks_of_rows(
    file: str, columns: dict[str, Coded], number: np.ndarray, reading: DateReading
) -> MarksFile:
    """Return the marks of rows: what each rule says of a column's different texts, given to the rows."""
    date, session = columns["date"], columns["session"]
    days = reading.read(date.texts)
    halves = session.texts.str.strip().str.upper().map(SESSION_WORDS)
    day = days.to_numpy(dtype="datetime64[s]")[date.place]
    half = halves.fillna(-1).to_numpy(dtype="int8")[session.place]
    readable = ~(np.isnat(day) | (half < 0))
    upn, urn = _identity(columns)
    faults = np.flatnonzero(~readable)
    rows = pd.DataFrame(
        {
            "row": number[faults],
            "urn": urn.values(faults),
            "upn": upn.values(faults),
            "date": date.values(faults),
            "session": session.values(faults),
        }
    )
    marks = pd.DataFrame(
        {
            "file": pd.Categorical.from_codes(
                np.zeros(len(number) - len(faults), dtype="int8"), categories=[file]
            ),
            "row": _without(number, faults),
            "urn": _categorical(urn, faults),
            "upn": _categorical(upn, faults),
            "date": _without(day, faults),
            "session": _without(half, faults),
            "value": _categorical(columns["code"], faults),
        },
        copy=False,
    )
    spoken = days[np.bincount(date.place, minlength=len(days)) > 0].dropna().unique()
    found = long_faults(file, rows, pd.Series(day[faults]))
    return MarksFile("long", marks, found, pd.DatetimeIndex(spoken))


def _identity(columns: dict[str, Coded]) -> tuple[Coded, Coded]:
    """Return the UPN and the URN of rows as they are compared: without blanks, the UPN in capitals."""
    upn = columns["upn"]
    upn = Coded(upn.texts.str.strip().str.upper(), upn.place)
    if "urn" not in columns:
        return upn, Coded(pd.Series([""], dtype="str"), np.zeros(len(upn.place), dtype="int8"))
    urn = columns["urn"]
    return upn, Coded(urn.texts.str.strip(), urn.place)


def _without(column: np.ndarray, faults: np.ndarray) -> np.ndarray:
    """Return a column without some of its rows, which are hardly ever many."""
    return np.delete(column, faults) if len(faults) else column


def _categorical(column: Coded, faults: np.ndarray) -> pd.Categorical:
    """Return a column as categories, without some of its rows; texts that became equal are one."""
    code, categories = pd.factorize(column.texts, sort=True)
    code = code.astype(np.min_scalar_type(-len(categories)))
    return pd.Categorical.from_codes(
        code[_without(column.place, faults)], categories=pd.Index(categories), validate=False
    )
