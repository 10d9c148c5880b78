from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.measures.since_windows import equal_windows, pupil_windows
from attendance_helpers.register.calendar import school_sessions

Marks = Callable[..., pd.DataFrame]
# Four weeks from Monday 7 September 2026.
FRIDAY = dt.date(2026, 9, 18)
END = dt.date(2026, 10, 2)


def sessions(days: int, start: str = "2026-09-07") -> pd.DataFrame:
    dates = pd.bdate_range(start, periods=days).repeat(2)
    return pd.DataFrame({"date": dates, "session": ["AM", "PM"] * days})


def dates(found: pd.DataFrame) -> list[tuple[int, str]]:
    return [(row.date.day, row.session) for row in found.itertuples()]


class TestEqualWindows:
    def test_the_day_itself_is_before_and_the_sides_are_equal(self) -> None:
        found = equal_windows(sessions(20), day=FRIDAY, as_at=END)
        assert found is not None
        assert (found.number, found.days, found.day) == (20, 10, FRIDAY)
        assert (found.before_window.start, found.before_window.end) == (dt.date(2026, 9, 7), FRIDAY)
        assert (found.after_window.start, found.after_window.end) == (dt.date(2026, 9, 21), END)

    @pytest.mark.parametrize(("least", "there"), [(10, True), (11, False)])
    def test_fewer_days_than_the_least_are_nothing(self, least: int, there: bool) -> None:
        found = equal_windows(sessions(20), day=FRIDAY, as_at=END, least_days=least)
        assert (found is not None) is there

    def test_at_most_so_many_days_the_first_after_and_the_last_before(self) -> None:
        found = equal_windows(sessions(20), day=FRIDAY, as_at=END, least_days=1, most_days=2)
        assert found is not None
        assert dates(found.before) == [(17, "AM"), (17, "PM"), (18, "AM"), (18, "PM")]
        assert dates(found.after) == [(21, "AM"), (21, "PM"), (22, "AM"), (22, "PM")]

    def test_where_fewer_are_held_before_both_are_cut(self) -> None:
        found = equal_windows(sessions(20), day=dt.date(2026, 9, 8), as_at=END, least_days=2)
        assert found is not None
        assert dates(found.before) == [(7, "AM"), (7, "PM"), (8, "AM"), (8, "PM")]
        assert dates(found.after) == [(9, "AM"), (9, "PM"), (10, "AM"), (10, "PM")]
        assert equal_windows(sessions(20), day=dt.date(2026, 9, 8), as_at=END, least_days=3) is None

    def test_a_closed_afternoon_counts_as_it_was(self) -> None:
        held = sessions(20).drop(index=39)  # the last afternoon
        found = equal_windows(held, day=FRIDAY, as_at=END)
        assert found is not None
        assert found.number == 19
        assert dates(found.before)[0] == (7, "PM") and dates(found.after)[-1] == (2, "AM")

    def test_nothing_counts_beyond_the_last_date_nor_in_holidays(self) -> None:
        held = pd.concat([sessions(5), sessions(5, start="2026-10-05")])
        found = equal_windows(
            held, day=dt.date(2026, 9, 20), as_at=dt.date(2026, 10, 8), least_days=1
        )
        assert found is not None
        assert found.before_window.start == dt.date(2026, 9, 8)
        assert found.after_window.start == dt.date(2026, 10, 5)
        assert (found.days, found.number) == (4, 8)

    @pytest.mark.parametrize(
        ("day", "as_at"),
        [
            (END, END),
            (dt.date(2026, 10, 30), END),
            (dt.date(2026, 9, 1), END),
            (FRIDAY, dt.date(2026, 9, 1)),
        ],
    )
    def test_nothing_after_or_nothing_before(self, day: dt.date, as_at: dt.date) -> None:
        assert equal_windows(sessions(20), day=day, as_at=as_at, least_days=0) is None

    def test_an_empty_register(self) -> None:
        assert equal_windows(sessions(20).head(0), day=FRIDAY, as_at=END) is None

    def test_the_order_of_sessions_is_nothing_and_they_are_left_as_they_were(self) -> None:
        mixed = sessions(20).sample(frac=1, random_state=1)
        kept = mixed.copy()
        found, again = (
            equal_windows(held, day=FRIDAY, as_at=END) for held in (mixed, sessions(20))
        )
        assert found is not None and again is not None
        pd.testing.assert_frame_equal(found.before, again.before)
        pd.testing.assert_frame_equal(mixed, kept)


class TestPupilWindows:
    def table(self, marks: pd.DataFrame, pupils: pd.DataFrame, **options: dt.date) -> pd.DataFrame:
        day = options.pop("day", dt.date(2026, 9, 11))
        as_at = options.pop("as_at", dt.date(2026, 9, 18))
        windows = equal_windows(school_sessions(marks), day=day, as_at=as_at, least_days=1)
        assert windows is not None
        return pupil_windows(marks, pupils, windows, **options).set_index("upn")

    def test_by_hand(self, marks_of: Marks) -> None:
        marks = marks_of(
            r"/\II/\OO/\ /\/\/\/UNN",
            r"/\/\/\/\/\ /\/\/\/\/\ ",
            r"XXXXXX/\I- I?----/\/\ ".strip(),
        )
        found = self.table(marks, roll_of(3))
        names = ["possible_before", "missed_before", "possible_after", "missed_after"]
        assert found.loc["p1", names].to_list() == [10, 4, 10, 3]
        assert found.loc["p2", names].to_list() == [10, 0, 10, 0]
        # Neither X, nor a blank, nor a code that nobody knows is on either side.
        assert found.loc["p3", names].to_list() == [3, 1, 5, 1]
        assert found["enough"].to_list() == [True, True, False]

    def test_half_of_the_sessions_on_both_sides_is_enough(self, marks_of: Marks) -> None:
        full = r"/\/\/\/\/\ " * 2
        half = "XXXXX" + "IIIII" + "XXXXX" + "//\\//"[:5]
        less = "XXXXXX" + "IIII" + r"/\/\/\/\/\ "
        found = self.table(marks_of(full, half, less), roll_of(3))
        assert found["enough"].to_list() == [True, True, False]

    def test_longer_is_the_school_year_up_to_the_list_and_recent_ten_days(
        self, marks_of: Marks
    ) -> None:
        week = r"/\/\/\/\/\ "
        marks = marks_of("IIIIIIIIII" + "I/\\/\\/\\/\\/" + "UU" + week[2:] + week * 2)
        day = dt.date(2026, 9, 25)
        found = self.table(marks, roll_of(1), day=day, as_at=dt.date(2026, 10, 2))
        row = found.loc["p1"]
        assert row["possible_before"] == 10 and row["missed_before"] == 2
        assert (row["possible_longer"], row["missed_longer"]) == (30, 13)
        assert (row["possible_recent"], row["missed_recent"]) == (10, 2)
        listed = self.table(
            marks, roll_of(1), day=day, as_at=dt.date(2026, 10, 2), chosen_at=dt.date(2026, 9, 11)
        ).loc["p1"]
        assert (listed["possible_longer"], listed["missed_longer"]) == (10, 10)
        assert listed["missed_before"] == 2
        later = self.table(
            marks, roll_of(1), day=day, as_at=dt.date(2026, 10, 2), chosen_at=dt.date(2026, 10, 1)
        ).loc["p1"]
        assert later["possible_longer"] == 30

    def test_recent_is_the_last_ten_school_days(self, marks_of: Marks) -> None:
        marks = marks_of(r"/\/\/\/\/\ " + "O" * 20 + r"/\/\/\/\/\ " * 3)
        found = self.table(
            marks, roll_of(1), day=dt.date(2026, 9, 25), as_at=dt.date(2026, 10, 16)
        ).loc["p1"]
        assert (found["possible_before"], found["missed_before"]) == (30, 20)
        assert (found["possible_recent"], found["missed_recent"]) == (20, 20)

    def test_a_meeting_in_september_looks_back_over_the_summer(self, marks_of: Marks) -> None:
        july = marks_of("O" * 10 + "I" * 20, start="2026-07-06")
        autumn = marks_of("I" + r"\/\/\/\/\ " + r"/\/\/\/\/\ " * 2)
        marks = pd.concat([july, autumn], ignore_index=True)
        day, end = dt.date(2026, 9, 11), dt.date(2026, 9, 25)
        found = self.table(marks, roll_of(1), day=day, as_at=end).loc["p1"]
        # As many sessions as there are after: the last week of July and the first of September.
        assert (found["possible_before"], found["missed_before"]) == (20, 11)
        assert (found["possible_longer"], found["missed_longer"]) == (20, 11)

    def test_joiners_leavers_and_strangers(self, marks_of: Marks) -> None:
        week = r"/\/\/\/\/\ "
        ends = {"p2": ("2026-09-16", ""), "p3": ("", "2026-09-09"), "p4": ("", "2026-09-01")}
        marks = marks_of(week * 2, "I" * 20, week * 2, **ends)
        found = self.table(marks, roll_of(4, **ends))
        assert found.index.to_list() == ["p1", "p2", "p3"]  # p4 left before
        assert found.loc["p2", ["possible_before", "possible_after"]].to_list() == [0, 6]
        assert found["enough"].to_list() == [True, False, False]
        known = self.table(marks, roll_of(1))
        assert known.index.to_list() == ["p1"] and known.loc["p1", "possible_after"] == 10

    def test_no_longer_time_before_the_list(self, marks_of: Marks) -> None:
        found = self.table(marks_of(r"/\/\/\/\/\ " * 2), roll_of(1), chosen_at=dt.date(2026, 8, 20))
        assert found.loc["p1", "possible_longer"] == 0 and not found.loc["p1", "enough"]

    def test_what_is_given_is_left_as_it_was(self, marks_of: Marks) -> None:
        marks, pupils = marks_of(r"/\/\/\/\/\ " * 2), roll_of(1)
        kept = marks.copy(), pupils.copy()
        self.table(marks, pupils)
        pd.testing.assert_frame_equal(marks, kept[0])
        pd.testing.assert_frame_equal(pupils, kept[1])
