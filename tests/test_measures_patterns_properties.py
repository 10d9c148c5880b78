"""Weekdays of the whole school: claimed only where they stand without the year group that is claimed."""

from __future__ import annotations

import pandas as pd

from attendance_helpers.measures.patterns import weekday_claims, weekday_excess

FRIDAY = 4


def school(fridays: dict[int, int], *, pupils: int = 40, weeks: int = 8) -> pd.DataFrame:
    """Return year groups with 2 of their pupils absent in every half-day, and so many on Fridays."""
    rows = [
        (
            year,
            pd.Timestamp("2026-09-07") + pd.Timedelta(days=7 * week + day),
            session,
            pupils,
            away,
        )
        for year, friday in fridays.items()
        for week in range(weeks)
        for day in range(5)
        for session in ("AM", "PM")
        for away in [friday if day == FRIDAY else 2]
    ]
    names = ["year_group", "date", "session", "possible_sessions", "overall_absence"]
    return pd.DataFrame(rows, columns=names)


def claims(fridays: dict[int, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is found without and with the second look, beside a school without a Friday of its own."""
    own, other = school(fridays), school(dict.fromkeys(fridays, 2), pupils=100)
    every = pd.concat([own, other]).assign(schools=1)
    authority = every.groupby(["year_group", "date", "session"], as_index=False).sum()
    return weekday_excess(own, authority), weekday_claims(own, authority)


def found(cells: pd.DataFrame) -> list[tuple[object, int, str]]:
    rows = cells[cells["found"]].astype({"year_group": object})
    years = rows["year_group"].where(rows["year_group"].notna(), None)
    return list(zip(years, rows["weekday"], rows["session"], strict=True))


def test_one_year_groups_friday_is_not_the_schools() -> None:
    every, claimed = claims({7: 30, 8: 2, 9: 2})
    assert found(every) == [(None, FRIDAY, "AM"), (None, FRIDAY, "PM"), (7, FRIDAY, "day")]
    assert found(claimed) == [(7, FRIDAY, "day")]
    pd.testing.assert_frame_equal(every.drop(columns="found"), claimed.drop(columns="found"))


def test_without_a_claim_nothing_changes() -> None:
    every, claimed = claims({7: 2, 8: 2})
    assert found(every) == []
    pd.testing.assert_frame_equal(every, claimed)
