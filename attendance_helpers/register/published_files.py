"""The files of a folder of DfE's "Pupil attendance in schools": which are read, and their tables as text and numbers."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow import csv as arrow_csv

from attendance_helpers.errors import ComparatorError
from attendance_helpers.register.codes import POSSIBLE_CLASSES, code_table

COUNTS: Final = (
    *("possible_sessions", "overall_attendance", "overall_absence"),
    *("authorised_absence", "unauthorised_absence", "approved_educational_activity"),
    *("late_sessions", "enrolments"),
)
LABELS: Final = ("time_period", "time_identifier", "geographic_level")
AREAS: Final = (
    *("country_code", "country_name", "region_code", "region_name"),
    *("new_la_code", "la_name", "old_la_code"),
)
PHASE: Final = "education_phase"
OLD_PHASE: Final = "school_type"  # its name until 2023/24
NEEDED: Final = ("possible_sessions", "overall_absence")
# c hidden, x not available, z not applicable, ":" and "~" as c and x in older files, k or low rounds to nothing, u unreliable
SYMBOLS: Final = ("c", "x", "z", ":", "~", "k", "low", "u", "", "NA")
TEXT_SUFFIXES: Final = (".csv", ".txt", ".gz")
_REASON: Final = re.compile(r"reason_(?:present_(am|pm)|([a-z]\d?))(?:_.*)?")
# Columns that part the pupils of an area and phase; a rate of one group in a name (`auth_hol_perc`) does not.
_GROUPS: Final = re.compile(
    r"(?!.*_(perc|rate)$).*(fsm|sen_|_sen|sex|gender|ethnic|year_group|ncyear|characteristic|breakdown).*"
)


@cache
def counted_codes() -> tuple[str, ...]:
    """Return the register codes that are on one side of a rate: those that DfE's files may have a column for."""
    table = code_table()
    return tuple(table.index[table["mark_class"].isin(POSSIBLE_CLASSES)])


@dataclass(frozen=True)
class PublishedFile:
    """
    One file of the folder: its table's header, or why it is passed over.

    `note` is empty for a file that is read.
    """

    path: Path
    header: tuple[str, ...] = ()
    note: str = ""


def published_files(folder: Path) -> list[PublishedFile]:
    """
    List the files of a folder of DfE's files, and why each that is not read is passed over.

    A file is read for what its columns are, whatever its name: it has `time_period`, `geographic_level` and `possible_sessions`. Daily
    files, files of reasons with one row a reason, other statistics and files that are no text are passed over: whoever unpacks a whole
    release has them too.

    Raises
    ------
    ComparatorError
        when a file that is named as a table cannot be opened, or holds nothing
    """
    if not folder.is_dir():
        return []
    paths = (path for path in sorted(folder.iterdir()) if path.is_file())
    return [_recognised(path) for path in paths if not path.name.startswith((".", "~$"))]


def _recognised(path: Path) -> PublishedFile:
    if path.suffix.lower() not in TEXT_SUFFIXES:
        return PublishedFile(path, note=f"no CSV file ({path.suffix or 'no ending'})")
    if path.stat().st_size == 0:
        raise _unreadable(path, "an empty file")
    try:
        # The first line alone: a daily file of a year is 100 MB, and is passed over.
        with gzip.open(path) if _zipped(path) else path.open("rb") as lines:
            text = _decoded(lines.readline(100_000)).strip()
    except (OSError, EOFError) as problem:
        raise _unreadable(path, f"one that could not be opened ({problem})") from problem
    header = tuple(name.strip().lower() for name in next(csv.reader([text]), []))
    return PublishedFile(path, header, _why_not(set(header)))


def _zipped(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(2) == b"\x1f\x8b"


def _why_not(header: set[str]) -> str:
    """Return why a table with these columns is not read; nothing where it is."""
    instead = "the weekly and the year-to-date file of the same publication are used"
    if "attendance_date" in header or "reference_date" in header:
        return f"one row a day: {instead}"
    if "attendance_reason" in header:
        return f"one row a reason: {instead}"
    if groups := [name for name in sorted(header) if _GROUPS.fullmatch(name)]:
        return f"groups of pupils ({groups[0]}): {instead}"
    if not header >= {"time_period", "geographic_level", "possible_sessions"}:
        return "not a file of Pupil attendance in schools by week, term or year to date"
    return ""


def _unreadable(path: Path, found: str) -> ComparatorError:
    return ComparatorError(
        f"{path.name}: expected a CSV file of DfE's Pupil attendance in schools, found {found}. Download it again from Explore education "
        "statistics, or take it out of the folder."
    )


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def published_table(found: PublishedFile) -> pa.Table:
    """
    Return the columns of a file that are used: counts as numbers, `possible_sessions` and labels as text, the phase as `education_phase`.

    Raises
    ------
    ComparatorError
        when a column that is needed is missing, a row is longer or shorter than the header, or a count is no number
    """
    name, header = found.path.name, found.header
    phase = PHASE if PHASE in header else OLD_PHASE
    missing = [column for column in NEEDED if column not in header]
    missing += [PHASE] if phase not in header else []
    if missing:
        raise refused(name, f"the columns {', '.join(missing)}", ", ".join(header[:12]))
    texts = [c for c in (*LABELS, *AREAS, phase, "possible_sessions") if c in header]
    numbers = [c for c in header if c in (*COUNTS[1:], "pa_perc") or column_code(c)]
    kinds = {**dict.fromkeys(texts, pa.string()), **dict.fromkeys(numbers, pa.float64())}
    try:
        table = _parsed(found, kinds)
    except pa.ArrowInvalid as problem:
        wanted = "rows as long as the header, with numbers or DfE's symbols for the counts"
        raise refused(name, wanted, str(problem).splitlines()[0]) from None
    return table.rename_columns([PHASE if c == phase else c for c in table.column_names])


def _parsed(found: PublishedFile, kinds: dict[str, pa.DataType]) -> pa.Table:
    try:
        raw = (
            gzip.decompress(found.path.read_bytes())
            if _zipped(found.path)
            else found.path.read_bytes()
        )
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(found.path, f"one that could not be opened ({problem})") from problem
    return arrow_csv.read_csv(
        pa.BufferReader(_decoded(raw).encode()),
        read_options=arrow_csv.ReadOptions(column_names=list(found.header), skip_rows=1),
        convert_options=arrow_csv.ConvertOptions(
            column_types=kinds,
            include_columns=list(kinds),
            null_values=[*SYMBOLS, *map(str.upper, SYMBOLS)],
            strings_can_be_null=False,
        ),
    )


def column_code(column: str) -> str:
    r"""
    Return the register code that a column counts, by the names of every edition since 2022.

    Examples
    --------
    >>> [column_code(c) for c in ("reason_i_authorised_illness", "reason_present_pm", "reason_present", "reason_d_aea_dual")]
    ['I', '\\', '', '']
    """
    match = _REASON.fullmatch(column)
    if not match:
        return ""
    code = {"am": "/", "pm": "\\"}.get(match[1] or "", (match[2] or "").upper())
    # Dual registration, the pandemic's X and closures are on neither side of a rate.
    return code if code in counted_codes() else ""


def refused(name: str, expected: str, found: str) -> ComparatorError:
    """Return the error of a file that is one of DfE's and cannot be understood."""
    return ComparatorError(
        f"{name}: expected {expected}, found {found}. Download the file again from Explore education statistics (Pupil attendance in "
        "schools, weekly or year to date) and leave its columns as they are, or take it out of the folder."
    )
