"""Term dates: the days on which each school plans to be open, read from the `term_dates` of a drop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll, store
from attendance_helpers.register.columns import ColumnMap
from attendance_helpers.register.dates import date_reading
from attendance_helpers.register.exceptions import exceptions
from attendance_helpers.register.identifiers import is_urn

TERM_COLUMNS: Final = ("urn", "name", "kind", "first_day", "last_day", "file", "row")
LONGEST: Final = 366  # days from first to last; longer than a school year is a slip of the year
HALF_TERM_HOLIDAY: Final = (
    16  # days: a fortnight with its weekends; a half term at school is longer
)
NO_SCHOOL_DAY: Final = "that row is not counted: from first to last day there is no school day"
NO_TERM: Final = (
    "closed days without terms in the same file: they are taken out of the terms that other files or the register hold, and change "
    "nothing where there are none"
)
_CLOSED = re.compile(r"clos|inset|holiday|bank hol|training|non.?pupil|occasional", re.I)
_HALF_TERM = re.compile(r"half.?term", re.I)
_TERM = re.compile(r"term|autumn|spring|summer|open|school", re.I)


def term_dates(path: Path, maps: Iterable[ColumnMap] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Read the list of terms and closed days.

    Returns
    -------
    term_dates : one row a term or closed stretch, columns `TERM_COLUMNS`; `urn` is empty for all schools of the authority, `kind` is
        "term" or "closed", both days count
    exceptions : `bad_date` (no date, or the last before the first, or longer than a school year), `bad_value` (no URN, or a kind
        that is neither school nor holiday), `repeated_row`; and rows that change nothing: a term without a school day (`bad_date`, not
        kept), closed days of a school year for which the file has no terms (`bad_value`, kept for the terms of other files)

    Notes
    -----
    "Half term" is said of the weeks at school and of the holiday between them. Of up to 16 days it is read as the holiday.
    """
    rows = roll.list_table(path, "term_dates", ("first_day", "last_day"), maps)
    rows = rows.reindex(columns=list(TERM_COLUMNS), fill_value="")
    for name in ("urn", "name", "kind", "first_day", "last_day"):
        rows[name] = rows[name].str.strip()
    texts = rows[["first_day", "last_day"]]
    told = rows.assign(
        value=(texts["first_day"] + " to " + texts["last_day"]).str.removesuffix(" to ")
    )
    # One reading for both columns: the two are written by one hand.
    reading = date_reading(
        {*texts["first_day"], *texts["last_day"]}, where=f"{path.name}, first and last day"
    )
    first = reading.read(texts["first_day"])
    last = reading.read(texts["last_day"]).mask(texts["last_day"] == "", first)
    span = (last - first).dt.days
    kind = pd.Series(
        [_kind(*row) for row in zip(rows["kind"], rows["name"], span, strict=True)],
        index=rows.index,
        dtype="str",
    )
    bad_urn = (rows["urn"] != "") & ~rows["urn"].map(is_urn)
    bad_date = ~bad_urn & ~span.between(0, LONGEST)
    bad_kind = ~bad_urn & ~bad_date & (kind == "")
    repeated = ~bad_urn & ~bad_date & ~bad_kind & rows.duplicated(list(TERM_COLUMNS[:5]))
    # These stand with the exceptions of no one school, which last until the same file comes again.
    nobody = told.assign(urn="")
    found = [
        exceptions(nobody.assign(value=rows["urn"])[bad_urn], "bad_value"),
        exceptions(nobody[bad_date], "bad_date"),
        exceptions(nobody.assign(value=rows["kind"])[bad_kind], "bad_value"),
        exceptions(nobody[repeated], "repeated_row"),
    ]
    kept = rows.assign(kind=kind, first_day=first, last_day=last)
    kept = kept[~(bad_urn | bad_date | bad_kind | repeated)]
    idle = _without_school_day(kept)
    kept = kept[~idle]
    alone = _without_term(kept)
    found += [
        exceptions(nobody.loc[idle.index[idle]], "bad_date", effect=NO_SCHOOL_DAY),
        exceptions(nobody.loc[alone.index[alone]], "bad_value", effect=NO_TERM),
    ]
    return kept.reset_index(drop=True), pd.concat(found, ignore_index=True)


def _without_school_day(rows: pd.DataFrame) -> pd.Series:
    """Tell which terms have no day but weekends and bank holidays."""
    # No more than four such days follow each other.
    short = (rows["kind"] == "term") & ((rows["last_day"] - rows["first_day"]).dt.days < 4)
    return pd.Series(
        [
            is_short and planned_days(rows.loc[[at]].assign(urn=""), "").empty
            for at, is_short in short.items()
        ],
        index=rows.index,
        dtype=bool,
    )


def _without_term(rows: pd.DataFrame) -> pd.Series:
    """Tell which closed days are of a school year for which the rows have no term that they could be taken from."""
    years = _school_year(rows["first_day"])
    open_ = rows["kind"] == "term"
    terms = set(zip(years[open_], rows["urn"][open_], strict=True))
    with_terms = {year for year, _ in terms}
    lone = [
        year not in with_terms if urn == "" else not {(year, urn), (year, "")} & terms
        for year, urn in zip(years, rows["urn"], strict=True)
    ]
    return pd.Series(lone, rows.index, dtype=bool) & ~open_


def _kind(kind: str, name: str, days: float) -> str:
    """Return "term" or "closed", by the name of a row that gives no kind; an empty text where the kind is neither."""
    text = kind or name
    if _CLOSED.search(text):
        return "closed"
    if _HALF_TERM.search(text):
        return "closed" if days < HALF_TERM_HOLIDAY else "term"
    return "term" if not kind or _TERM.search(kind) else ""


def planned_days(rows: pd.DataFrame, urn: str) -> pd.DataFrame:
    """
    Return the days on which a school plans to be open.

    A school's own terms replace the authority's rows of that school year, closed days included; without terms of its own, its closed
    days are added to the authority's. Weekends are closed, and so are England's bank holidays.

    Parameters
    ----------
    rows : as `term_dates` returns them
    urn : the school's number

    Returns
    -------
    DataFrame, one row a planned school day, earliest first: `date`
    """
    used = _rows_of(rows, urn)
    open_ = _days(used[used["kind"] == "term"])
    closed = _days(used[used["kind"] == "closed"])
    days = open_[open_.day_of_week < 5].difference(closed)
    return _frame(days[~days.isin(_bank_holidays(days))])


def _rows_of(rows: pd.DataFrame, urn: str) -> pd.DataFrame:
    years = _school_year(rows["first_day"])
    own = rows["urn"] == urn
    settled = years[own & (rows["kind"] == "term")].unique()
    return rows[own | ((rows["urn"] == "") & ~years.isin(settled))]


def _school_year(dates: pd.Series) -> pd.Series:
    """Return the year in which each date's school year began: it turns on 1 August."""
    return dates.dt.year - (dates.dt.month < 8)


def _days(rows: pd.DataFrame) -> pd.DatetimeIndex:
    spans = zip(rows["first_day"], rows["last_day"], strict=True)
    parts = [pd.date_range(first, last, unit="s") for first, last in spans]
    return pd.DatetimeIndex([], dtype="datetime64[s]").append(parts).unique().sort_values()


def _bank_holidays(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    if days.empty:
        return days
    # Half a second to load, for a list that few drops hold.
    from holidays import country_holidays

    years = range(days[0].year, days[-1].year + 1)
    return pd.DatetimeIndex(list(country_holidays("GB", subdiv="ENG", years=years)))


def calendar_with(held: pd.DataFrame | None, rows: pd.DataFrame, urn: str) -> pd.DataFrame:
    """
    Return a school's planned days when those in the register are put together with a drop's rows.

    School years in which the drop gives the school a planned day are replaced; of all others the drop's closed days are taken out.
    """
    fresh = planned_days(rows, urn)
    if held is None:
        return fresh
    used = _rows_of(rows, urn)
    kept = held[~_school_year(held["date"]).isin(_school_year(fresh["date"]))]
    kept = kept[~kept["date"].isin(_days(used[used["kind"] == "closed"]))]
    days = pd.DatetimeIndex(pd.concat([kept["date"], fresh["date"]]).astype("datetime64[s]"))
    return _frame(days.unique().sort_values())


def _frame(days: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"date": pd.Series(days, dtype="datetime64[s]")})


def school_calendars(
    rows: pd.DataFrame, urns: Iterable[str], held: store.Register | None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the planned days of each school of which a drop's rows, or the register, say any."""
    for urn in urns:
        before = _held_days(held, urn) if held is not None else None
        days = calendar_with(before, rows, urn)
        if len(days) or before is not None:
            yield urn, days


def _held_days(held: store.Register, urn: str) -> pd.DataFrame | None:
    try:
        return store.part_frame(held, urn, "calendar") if urn in held.files else None
    except RegisterError:
        return None  # damaged on disk; what the drop says stands by itself
