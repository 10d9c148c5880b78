"""What it would take: counted by hand, and replayed through the real counts of sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.errors import ParamsError
from attendance_helpers.measures.outlook import (
    Remaining,
    pupil_outlook,
    recent_totals,
    remaining_sessions,
    term_end,
    year_totals,
)
from attendance_helpers.measures.outlook_school import school_outlook
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.register.calendar import school_sessions

AS_AT = dt.date(2026, 9, 11)  # a Friday, the end of the first week of the small registers
Made = Callable[..., pd.DataFrame]


def planned(*spans: tuple[str, str]) -> pd.DataFrame:
    days = [pd.bdate_range(first, last) for first, last in spans]
    return pd.DataFrame({"date": pd.DatetimeIndex([]).append(days)})


def ahead(number: int, *, as_at: dt.date = AS_AT, source: str = "calendar") -> Remaining:
    """The next so many sessions, without a holiday."""
    days = pd.bdate_range(as_at + dt.timedelta(days=1), periods=(number + 1) // 2).repeat(2)
    frame = pd.DataFrame({"date": days.astype("datetime64[s]")})[:number]
    halves = [("AM", "PM")[at % 2] for at in range(number)]
    return Remaining(frame.assign(session=halves, week=frame["date"]), source, as_at)  # type: ignore[arg-type]


def totals(*rows: tuple[int, int], **more: list) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["possible_sessions", "overall_absence"])
    return frame.assign(upn=[f"p{at}" for at in range(1, len(frame) + 1)], **more)


def recent(*rows: tuple[int, int, int]) -> pd.DataFrame:
    names = ["recent_possible", "recent_absence", "recent_not_own"]
    return pd.DataFrame(rows, columns=names).assign(upn=[f"p{n}" for n in range(1, len(rows) + 1)])


class TestRemaining:
    def test_planned_days_after_as_at_to_the_end_of_the_school_year(self, marks_of: Made) -> None:
        days = planned(("2026-09-07", "2026-09-15"), ("2027-07-29", "2027-08-03"))
        left = remaining_sessions(marks_of("/\\"), as_at=AS_AT, planned=days)
        assert left.source == "calendar"
        assert left.sessions["date"].dt.strftime("%m-%d").to_list() == [
            *("09-14", "09-14", "09-15", "09-15", "07-29", "07-29", "07-30", "07-30"),
        ]
        assert left.sessions["session"].to_list() == ["AM", "PM"] * 4
        assert left.sessions["week"].iloc[-1] == pd.Timestamp("2027-07-26")

    def test_the_same_weeks_of_last_year(self, marks_of: Made) -> None:
        # 3 September 2025 to 20 July 2026, every weekday: the sessions of 52 weeks on, weekday for weekday.
        marks = marks_of("/\\" * 229, start="2025-09-03")
        left = remaining_sessions(marks, as_at=dt.date(2027, 3, 24), planned=planned())
        assert left.source == "last year"
        # Good Friday and Easter Monday of 2027 are closed, whatever last year's school did on those days.
        days = left.sessions["date"].dt.strftime("%m-%d").drop_duplicates().to_list()
        assert days[:3] == ["03-25", "03-30", "03-31"]
        assert days[-1] == "07-19"
        assert len(left.sessions) == 2 * len(days)
        assert set(left.sessions["date"].dt.day_of_week) == {0, 1, 2, 3, 4}

    @pytest.mark.parametrize(
        ("start", "weeks", "expected"),
        [
            ("2025-09-03", 46, "last year"),
            ("2025-09-03", 30, "unknown"),  # nothing of last summer
            ("2026-04-20", 13, "unknown"),  # nothing of last autumn, which is still to come
        ],
    )
    def test_last_year_counts_only_with_all_its_weeks(
        self, marks_of: Made, start: str, weeks: int, expected: str
    ) -> None:
        marks = marks_of("/\\" * (5 * weeks), start=start)
        assert remaining_sessions(marks, as_at=dt.date(2026, 10, 1)).source == expected

    def test_this_year_alone_says_nothing_of_what_is_left(self, marks_of: Made) -> None:
        left = remaining_sessions(marks_of("/\\" * 5), as_at=AS_AT)
        assert (left.source, len(left.sessions), term_end(left)) == ("unknown", 0, None)
        past = planned(("2025-09-01", "2026-07-20"))
        assert remaining_sessions(marks_of("/\\"), as_at=AS_AT, planned=past).source == "unknown"
        assert remaining_sessions(marks_of("/\\").iloc[:0], as_at=AS_AT).source == "unknown"

    @pytest.mark.parametrize(
        ("as_at", "expected"),
        [
            (dt.date(2026, 11, 20), dt.date(2026, 12, 18)),
            (dt.date(2026, 12, 18), dt.date(2027, 3, 24)),  # the next term after the last day
            (dt.date(2027, 1, 6), dt.date(2027, 3, 24)),
            (dt.date(2027, 3, 24), dt.date(2027, 7, 20)),
        ],
    )
    def test_end_of_term(self, marks_of: Made, as_at: dt.date, expected: dt.date) -> None:
        days = planned(
            ("2026-09-02", "2026-12-18"), ("2027-01-04", "2027-03-24"), ("2027-04-12", "2027-07-20")
        )
        assert term_end(remaining_sessions(marks_of("/\\"), as_at=as_at, planned=days)) == expected


class TestPupils:
    def test_by_hand(self) -> None:
        # 20 of 100 missed, 120 to come: 22 of 220 is ten per cent, so 21 in all and 1 of those to come.
        row = pupil_outlook(totals((100, 20)), ahead(120)).iloc[0]
        assert (row["over"], row["can_happen"], row["can_miss"]) == (True, True, 1)
        # 20 of 200 is still ten per cent; of 201 it is not.
        assert row["sessions_needed"] == 101
        assert row["date_full"] == ahead(120).sessions["date"].iloc[100]
        assert pd.isna(row["date_recent"]) and pd.isna(row["recent_perc"])

    def test_at_the_line_one_session_is_enough(self) -> None:
        row = pupil_outlook(totals((100, 10)), ahead(1)).iloc[0]
        assert (row["sessions_needed"], row["can_miss"]) == (1, 0)
        assert row["date_full"] == pd.Timestamp("2026-09-14")

    def test_already_under_needs_none_and_may_miss_some(self) -> None:
        row = pupil_outlook(totals((100, 9)), ahead(100)).iloc[0]
        assert (row["over"], row["sessions_needed"], row["can_miss"]) == (False, 0, 10)
        assert pd.isna(row["date_full"])
        assert pupil_outlook(totals((300, 0)), ahead(4)).loc[0, "can_miss"] == 4

    def test_too_late(self) -> None:
        row = pupil_outlook(totals((100, 20)), ahead(100)).iloc[0]
        assert not row["can_happen"]
        assert pd.isna(row["can_miss"]) and pd.isna(row["date_full"])
        assert row["sessions_needed"] == 101

    def test_severe_absence_and_a_half_per_cent(self) -> None:
        severe = pupil_outlook(totals((100, 60)), ahead(40), perc=50).iloc[0]
        assert (severe["sessions_needed"], severe["can_miss"]) == (21, 9)
        # 12 of 96 is 12.5 per cent.
        half = pupil_outlook(totals((95, 12)), ahead(40), perc=12.5).iloc[0]
        assert (half["over"], half["sessions_needed"]) == (True, 2)

    def test_until(self) -> None:
        row = pupil_outlook(totals((100, 10)), ahead(40), until=dt.date(2026, 9, 15)).iloc[0]
        assert (row["sessions_left"], row["can_miss"]) == (4, 0)

    def test_no_possible_session(self) -> None:
        row = pupil_outlook(totals((0, 0)), ahead(10)).iloc[0]
        assert pd.isna(row["over"])
        assert (row["sessions_needed"], row["can_miss"]) == (1, 0)
        assert pupil_outlook(totals((0, 0)), ahead(0)).loc[0, "can_happen"] == False  # noqa: E712

    def test_leavers(self) -> None:
        gone = pd.to_datetime(["2026-09-11", "2026-09-14", None])
        rows = pupil_outlook(totals(*[(100, 10)] * 3, leaving_date=gone), ahead(10))
        assert rows["sessions_left"].to_list() == [0, 2, 10]
        assert rows["can_happen"].to_list() == [False, True, True]
        assert rows["has_left"].to_list() == [True, False, False]

    def test_unknown_calendar(self) -> None:
        row = pupil_outlook(totals((100, 20)), ahead(0, source="unknown")).iloc[0]
        assert row[["sessions_left", "can_miss", "can_happen", "date_full"]].isna().all()
        assert row["sessions_needed"] == 101

    def test_recent_pace(self) -> None:
        # 1 of 20 lately: (20 + k/20) * 10 < 100 + k needs k > 200, so the 201st; at 2 of 20 it never comes.
        rows = pupil_outlook(
            totals(*[(100, 20)] * 4),
            ahead(260),
            recent=recent((20, 1, 0), (20, 2, 0), (0, 0, 0), (20, 0, 0)),
        )
        assert rows.loc[0, "date_recent"] == ahead(260).sessions["date"].iloc[200]
        assert rows["date_recent"].isna().to_list() == [False, True, True, False]
        assert rows.loc[3, "date_recent"] == rows.loc[3, "date_full"]
        assert rows["recent_perc"].fillna(-1).to_list() == [5, 10, -1, 0]

    def test_sessions_of_another_school_are_not_the_pupils_own(self) -> None:
        rows = pupil_outlook(
            totals(*[(100, 10)] * 3), ahead(25), recent=recent((10, 0, 20), (0, 0, 5), (0, 0, 0))
        )
        assert rows["sessions_left"].to_list() == [8, 0, 25]
        # A third: the pupil's first session is the school's third, the first of the second day.
        assert rows.loc[0, "date_full"] == ahead(25).sessions["date"].iloc[2]
        assert rows["can_happen"].to_list() == [True, False, True]

    def test_input_unchanged_and_nobody(self) -> None:
        given, lately, left = totals((100, 10)), recent((10, 0, 2)), ahead(8)
        copies = given.copy(), lately.copy(), left.sessions.copy()
        pupil_outlook(given, left, recent=lately)
        for one, other in zip((given, lately, left.sessions), copies, strict=True):
            pd.testing.assert_frame_equal(one, other)
        assert pupil_outlook(given.iloc[:0], left, recent=lately).empty

    @pytest.mark.parametrize("perc", [0, -1, 100.5])
    def test_no_line(self, perc: float) -> None:
        with pytest.raises(ParamsError, match="perc: expected"):
            pupil_outlook(totals((10, 1)), ahead(1), perc=perc)


class TestBase:
    def test_only_this_school_year_to_as_at_counts(self, marks_of: Made) -> None:
        last_year = marks_of("II II II II II", start="2026-06-01")
        marks = pd.concat([last_year, marks_of("// // I/ // //", "// // // // //")])
        found = year_totals(marks, roll_of(2), as_at=dt.date(2026, 9, 9))
        assert found[["possible_sessions", "overall_absence"]].to_numpy().tolist() == [
            [6, 1],
            [6, 0],
        ]

    def test_recent_school_weeks_pass_over_holidays(self, marks_of: Made) -> None:
        # Two weeks at school, two of holiday in which p1 has marks that are no session, one more week.
        marks = marks_of("I" * 20 + "#" * 20 + "DX I/ // // //", "/" * 10 + "/" * 10 + "#" * 20)
        found = recent_totals(marks, as_at=dt.date(2026, 10, 9), weeks=2).set_index("upn")
        assert found.loc["p1"].to_list() == [18, 11, 2]
        assert found.loc["p2"].to_list() == [10, 0, 0]
        assert recent_totals(marks, as_at=dt.date(2026, 10, 9), weeks=1)[
            "recent_possible"
        ].to_list() == [8]
        assert recent_totals(marks, as_at=dt.date(2026, 9, 1)).empty


class TestReplay:
    """The marks of the sessions to come are made as the answer says; the real counts then say who is over the line."""

    STRINGS = (
        "I/ // I/ // //",
        "II // // // //",
        "II II I/ // //",
        "// // // // //",
        "II II II II II",
    )

    def over_after(self, marks_of: Made, missed: dict[str, str], perc: float) -> list:
        texts = [now + missed[f"p{at}"] for at, now in enumerate(self.STRINGS, start=1)]
        marks = marks_of(*texts)
        end = marks["date"].max().date()
        found = year_totals(marks, roll_of(len(texts)), as_at=end)
        return persistence(found, persistent_perc=perc)["persistently_absent"].to_list()

    @pytest.mark.parametrize("perc", [10, 50, 12.5, 30])
    def test_can_miss_and_one_more(self, marks_of: Made, perc: float) -> None:
        left = ahead(40)
        now = year_totals(marks_of(*self.STRINGS), roll_of(5), as_at=AS_AT)
        rows = pupil_outlook(now, left, perc=perc).set_index("upn")
        most = rows["can_miss"].fillna(0).astype(int)
        as_said = {upn: ("I" * n).rjust(40, "/") for upn, n in most.items()}
        # Anywhere: the same at the beginning as at the end.
        early = {upn: ("I" * n).ljust(40, "/") for upn, n in most.items()}
        one_more = {upn: ("I" * min(n + 1, 40)).rjust(40, "/") for upn, n in most.items()}
        expected = (~rows["can_happen"].astype(bool)).to_list()
        assert self.over_after(marks_of, as_said, perc) == expected
        assert self.over_after(marks_of, early, perc) == expected
        assert self.over_after(marks_of, one_more, perc) == (most < 40).to_list()

    @pytest.mark.parametrize("perc", [10, 12.5, 30])
    def test_date_at_full_attendance_day_by_day(self, marks_of: Made, perc: float) -> None:
        left = ahead(40)
        now = year_totals(marks_of(*self.STRINGS), roll_of(5), as_at=AS_AT)
        rows = pupil_outlook(now, left, perc=perc)
        marks = marks_of(*(text + "/" * 40 for text in self.STRINGS))
        found: dict[str, pd.Timestamp] = {}
        for day in school_sessions(marks)["date"].drop_duplicates():
            flags = persistence(
                year_totals(marks, roll_of(5), as_at=day.date()), persistent_perc=perc
            )
            over = flags.loc[flags["persistently_absent"].astype(bool), "upn"]
            if day > pd.Timestamp(AS_AT):
                for upn in set(rows.loc[rows["over"].astype(bool), "upn"]) - set(over):
                    found.setdefault(upn, day)
        told = rows.dropna(subset="date_full").set_index("upn")["date_full"].to_dict()
        assert told == found
        assert len(found) > 0


class TestSchool:
    def rows(self, left: int = 40, source: str = "calendar") -> pd.DataFrame:
        given = totals(
            *((100, 10), (100, 13), (100, 12), (100, 40), (100, 10), (100, 9), (100, 2), (0, 0)),
            leaving_date=pd.to_datetime([None] * 4 + ["2026-09-10"] + [None] * 3),
        )
        return pupil_outlook(
            given, ahead(left, source=source), recent=recent((10, 0, 0), (10, 0, 0), (10, 1, 0))
        )

    def test_counts_and_nearest(self) -> None:
        found = school_outlook(self.rows(), nearest=2)
        assert (found.now, found.pupils) == (5, 7)
        assert found.nearest["upn"].to_list() == ["p1", "p3"]
        assert found.nearest["sessions_needed"].to_list() == [1, 21]
        assert found.nearest["over"].to_list() == [4, 3]
        assert found.nearest["over_perc"].to_list() == [400 / 7, 300 / 7]

    def test_what_can_still_happen(self) -> None:
        # p2 needs 31, p4 301; p5 has left with the session it needs never to come.
        counts = school_outlook(self.rows(40))
        assert (counts.can_be_out, counts.at_recent_pace) == (3, 2)
        assert school_outlook(self.rows(30)).can_be_out == 2
        assert school_outlook(self.rows(0)).can_be_out == 0

    def test_unknown_calendar_rules_out_leavers_only(self) -> None:
        found = school_outlook(self.rows(0, source="unknown"))
        assert (found.can_be_out, found.at_recent_pace) == (None, None)
        assert found.nearest["upn"].to_list() == ["p1", "p3", "p2", "p4"]

    def test_nobody(self) -> None:
        found = school_outlook(self.rows().iloc[:0])
        assert (found.now, found.pupils, found.can_be_out, len(found.nearest)) == (0, 0, 0, 0)
