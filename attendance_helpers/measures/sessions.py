"""Sessions counted: by pupil, by week, by code. Whole numbers only; rates are made from them elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from attendance_helpers.register.calendar import Window, academic_year, monday, school_sessions
from attendance_helpers.register.codes import MARK_CLASSES, POSSIBLE_CLASSES, code_table

SESSION_COUNTS: Final = (
    *("possible_sessions", "overall_attendance", "overall_absence"),
    *("authorised_absence", "unauthorised_absence", "approved_educational_activity"),
    *("late_sessions", "late_before_close", "late_after_close", "unmarked_sessions"),
)

UNKNOWN_YEAR: Final = -9  # of a pupil whose year group the school's list does not say


def session_counts(marks: pd.DataFrame, *, by: str | list[str]) -> pd.DataFrame:
    """
    Count sessions for each value of one or more columns of the marks.

    Answers: of how many possible sessions were how many attended and missed?

    Parameters
    ----------
    marks : one row a pupil, date and session, with `code` and `mark_class`
    by : the columns of `marks` to count by

    Returns
    -------
    DataFrame, one row a value, indexed by it, columns `SESSION_COUNTS` [sessions]
        possible = attended + missed; marks of the other classes are on neither side. `late_sessions` is L and U together, as DfE counts
        lates: L is attendance, U an absence. Source: DfE's year-to-date file, whose identities this keeps; SI 2024/208 reg 10.

    Examples
    --------
    >>> marks = pd.DataFrame({"upn": ["p1"] * 4, "code": list("/IU-"),
    ...                       "mark_class": ["attending", "authorised", "unauthorised", "unmarked"]})
    >>> session_counts(marks, by="upn")[["possible_sessions", "overall_absence", "late_sessions"]].to_numpy().tolist()
    [[3, 2, 1]]
    """
    counted = _indicators(marks)
    keys = [by] if isinstance(by, str) else by
    for key in keys:
        counted[key] = marks[key]
    totals = counted.groupby(keys if len(keys) > 1 else keys[0], observed=True).sum()
    return totals.astype("int64")


def _indicators(marks: pd.DataFrame) -> pd.DataFrame:
    """Return for each mark a one under each count that it belongs to."""
    classes = (
        marks["mark_class"].astype(pd.CategoricalDtype(list(MARK_CLASSES))).cat.codes.to_numpy()
    )
    codes = marks["code"].astype("category")
    at = codes.cat.codes.to_numpy()
    kinds = code_table()["kind"].reindex(codes.cat.categories).to_numpy()
    is_class = {name: classes == place for place, name in enumerate(MARK_CLASSES)}
    activity = (kinds == "approved educational activity")[at] & is_class["attending"]
    before = (codes.cat.categories == "L")[at] & is_class["attending"]
    after = (codes.cat.categories == "U")[at] & is_class["unauthorised"]
    absent = is_class["authorised"] | is_class["unauthorised"]
    columns = (
        *(is_class["attending"] | absent, is_class["attending"], absent),
        *(is_class["authorised"], is_class["unauthorised"], activity),
        *(before | after, before, after, is_class["unmarked"]),
    )
    ones = {name: mask.astype("int32") for name, mask in zip(SESSION_COUNTS, columns, strict=True)}
    return pd.DataFrame(ones, index=marks.index)


def on_roll(pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Return the pupils with a day on roll in the window: one row a pupil, described by the latest of the pupil's enrolments.

    A pupil who left and came back is one row. An enrolment without an admission date has always been; one without a leaving date lasts.
    """
    joined = ~(pupils["admission_date"] > pd.Timestamp(window.end))
    here = joined & ~(pupils["leaving_date"] < pd.Timestamp(window.start))
    latest = pupils[here].sort_values(["upn", "admission_date"], na_position="first")
    return latest.drop_duplicates("upn", keep="last").reset_index(drop=True)


def pupil_totals(marks: pd.DataFrame, pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count the sessions of each pupil on roll in a window.

    Parameters
    ----------
    marks : the school's marks
    pupils : the school's enrolments
    window : the first and last date that count, both included

    Returns
    -------
    DataFrame, one row a pupil: the pupil's columns and `SESSION_COUNTS` [sessions], zero where the pupil has no mark
    """
    counts = session_counts(window.rows(marks), by="upn")
    roll = on_roll(pupils, window)
    counts = counts.reindex(roll["upn"], fill_value=0).reset_index(drop=True)
    return pd.concat([roll, counts], axis=1)


def school_week(weeks: pd.Series, window: Window) -> pd.Series:
    """
    Return the number of each week in the school year in which the window begins: 1 for the week that holds its 1 September.

    Numbers run on past the end of that school year, so that a window over two years has no number twice.

    Examples
    --------
    >>> import datetime as dt
    >>> span = Window("x", dt.date(2026, 9, 1), dt.date(2027, 9, 10))
    >>> school_week(pd.Series(pd.to_datetime(["2026-08-31", "2026-11-16", "2027-08-30"])), span).to_list()
    [1, 12, 53]
    """
    first = pd.Timestamp(int(academic_year(window.start)[:4]), 9, 1)
    start = first - pd.Timedelta(days=first.day_of_week)
    return ((weeks - start).dt.days // 7 + 1).astype("int64")


def weekly_totals(marks: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count the sessions of each school week in a window.

    Returns
    -------
    DataFrame, one row a week with a possible session: `week` (the Monday), `week_number`, `complete` (ten sessions open), `SESSION_COUNTS`
    """
    rows = window.rows(marks)
    rows = rows.assign(week=monday(rows["date"]))
    counts = session_counts(rows, by="week")
    counts = counts[counts["possible_sessions"] > 0].reset_index()
    held = school_sessions(rows).groupby("week").size()
    return counts.assign(
        week_number=school_week(counts["week"], window),
        complete=counts["week"].map(held).eq(10),
    )


def daily_totals(marks: pd.DataFrame, pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count possible and missed sessions of each year group in each session of a window.

    Parameters
    ----------
    marks : the school's marks
    pupils : the school's enrolments; a pupil's year group is that of the latest enrolment in the window
    window : the first and last date that count, both included

    Returns
    -------
    DataFrame, one row a year group, date and session with a possible session: `year_group` (`UNKNOWN_YEAR` where it is not known), `date`,
    `session`, `possible_sessions`, `overall_absence`
    """
    years = on_roll(pupils, window).set_index("upn")["year_group"]
    rows = window.rows(marks)
    rows = rows[rows["mark_class"].isin(POSSIBLE_CLASSES)]
    upns = rows["upn"].astype("category")
    year_of = upns.cat.categories.map(years).astype("Int64").fillna(UNKNOWN_YEAR)
    counted = pd.DataFrame(
        {
            "year_group": year_of.to_numpy("int64")[upns.cat.codes],
            "date": rows["date"].to_numpy(),
            "session": rows["session"].to_numpy(dtype=object) == "PM",
            "overall_absence": (rows["mark_class"] != "attending").to_numpy("int64"),
        }
    )
    totals = counted.groupby(["year_group", "date", "session"])["overall_absence"]
    totals = totals.agg(possible_sessions="size", overall_absence="sum").reset_index()
    return totals.assign(session=totals["session"].map({False: "AM", True: "PM"}).astype("str"))


def year_week_totals(days: pd.DataFrame, *, small: int = 0) -> pd.DataFrame:
    """
    Pool the sessions of each year group in each school week.

    Parameters
    ----------
    days : as `daily_totals` returns it
    small : year groups of fewer (<) pupils are left out, by the most pupils of any session: one child would be a tenth of a cell

    Returns
    -------
    DataFrame, one row a known year group and week: `year_group`, `week` (the Monday), `possible_sessions`, `overall_absence`
    """
    pupils = days.groupby("year_group")["possible_sessions"].transform("max")
    known = days[(days["year_group"] != UNKNOWN_YEAR) & (pupils >= small)]
    counts = known[["year_group", "possible_sessions", "overall_absence"]]
    return (
        counts.assign(week=monday(known["date"]))
        .groupby(["year_group", "week"])
        .sum()
        .reset_index()
    )


def a_year_on(weekly: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Return last year's weeks numbered as the weeks of this year's window that lie 52 weeks after them.

    That is how `Window.year_before` chooses them; counted from each year's own 1 September, the same weeks can differ by one.

    Examples
    --------
    >>> import datetime as dt
    >>> weeks = pd.DataFrame({"week": pd.to_datetime(["2024-09-02"]), "week_number": [2]})
    >>> a_year_on(weeks, Window("x", dt.date(2025, 9, 1), dt.date(2025, 12, 19)))["week_number"].to_list()
    [1]
    """
    return weekly.assign(week_number=school_week(weekly["week"] + pd.Timedelta(weeks=52), window))


def code_totals(marks: pd.DataFrame, *, classes: Iterable[str] = POSSIBLE_CLASSES) -> pd.DataFrame:
    """
    Count the sessions under each code.

    Parameters
    ----------
    marks : the marks of the window
    classes : the classes of mark to list

    Returns
    -------
    DataFrame, one row a code and class in order of `sessions`, largest first: `code`, `mark_class`, `sessions`, `pupils`, and
        `possible_sessions` of all the marks given, the base of a rate
    """
    possible = int(marks["mark_class"].isin(POSSIBLE_CLASSES).sum())
    rows = marks[marks["mark_class"].isin(list(classes))]
    grouped = rows.astype({"code": "str", "mark_class": "str"}).groupby(["code", "mark_class"])
    totals = grouped.agg(sessions=("upn", "size"), pupils=("upn", "nunique")).reset_index()
    totals = totals.sort_values(["sessions", "code"], ascending=[False, True], ignore_index=True)
    return totals.assign(possible_sessions=possible)
