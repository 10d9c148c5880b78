"""Plain text tables read in one go: every column as a few different texts and, for each row, which of them it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from attendance_helpers.register.columns import Headers, Placed, placed_rows
from attendance_helpers.register.files import SEPARATORS

HEAD = 30  # lines, among which the header is looked for
LONGEST_LINE = 10_000  # bytes; a longer one among them is none that a register system writes
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class PlainHead:
    """How a plain table is laid out: its separator, where its fields stand, how many columns, and how long its head is [bytes]."""

    separator: str
    place: Placed
    width: int
    length: int


@dataclass(frozen=True)
class Coded:
    """A column of texts: the different ones, and for each row the position of its own."""

    texts: pd.Series
    place: np.ndarray

    def taken(self, rows: np.ndarray) -> Coded:
        """Return the column in some of its rows."""
        return Coded(self.texts, self.place[rows])

    def values(self, rows: np.ndarray) -> pd.Series:
        """Return the texts of some rows, a text each."""
        return self.texts.take(self.place[rows]).reset_index(drop=True)


def is_plain(content: bytes) -> bool:
    """Tell whether lines end as lines do and no quotation mark can hide a separator, so that each line is one row."""
    return (
        b'"' not in content
        and b"\0" not in content
        and (b"\r" not in content or content.count(b"\r") == content.count(b"\r\n"))
    )


def plain_head(content: bytes, wanted: Headers) -> PlainHead | None:
    """
    Return how the table at the beginning of a text (UTF-8) is laid out; None where it can be read in several ways, or in none.

    As for any other file the header is the row that names most fields; here only one separator may make such a row.
    """
    lines = content[: HEAD * (LONGEST_LINE + 1)].split(b"\n", HEAD)[:HEAD]
    if content.startswith(_BOM) or any(len(line) > LONGEST_LINE for line in lines):
        return None
    rows = [line.decode().removesuffix("\r") for line in lines]
    places = {
        separator: placed_rows((row.split(separator) for row in rows), wanted)
        for separator in SEPARATORS
    }
    found = [separator for separator in SEPARATORS if "upn" in places[separator].fields]
    if len(found) != 1:
        return None
    place = places[found[0]]
    above = lines[: place.header + 1]
    width = above[-1].count(found[0].encode()) + 1
    return PlainHead(found[0], place, width, sum(len(line) + 1 for line in above))


def coded_columns(
    content: pa.Buffer, head: PlainHead, columns: Iterable[int]
) -> list[Coded] | None:
    """Return some columns of the rows below the head; None where a row has more or fewer fields than the header."""
    names = [str(at) for at in range(head.width)]
    kept = [str(at) for at in columns]
    try:
        table = csv.read_csv(
            pa.BufferReader(content),
            # One block is one dictionary a column. What runs beside it is another school, not another block.
            read_options=csv.ReadOptions(
                use_threads=False, block_size=content.size + 1, column_names=names
            ),
            parse_options=csv.ParseOptions(
                delimiter=head.separator, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(kept, pa.dictionary(pa.int32(), pa.string())),
                include_columns=kept,
            ),
        )
    except pa.ArrowInvalid:
        return None
    parts = [table.column(name).combine_chunks() for name in kept]
    parts = [part.chunk(0) if isinstance(part, pa.ChunkedArray) else part for part in parts]
    return [
        Coded(pd.Series(part.dictionary.to_pylist(), dtype="str"), part.indices.to_numpy())
        for part in parts
    ]


def blank_rows(columns: Iterable[Coded]) -> np.ndarray | None:
    """Return which rows hold nothing but blank space in these columns; None where no row is so."""
    blank: np.ndarray | None = None
    for column in columns:
        empty = (column.texts.str.strip() == "").to_numpy()
        if not empty.any():
            return None
        here = empty[column.place]
        blank = here if blank is None else blank & here
    return blank if blank is not None and blank.any() else None
