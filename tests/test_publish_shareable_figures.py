"""The figures of the copy for others: as they may be printed, each once."""

from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.groups import group_totals
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import SESSION_COUNTS
from attendance_helpers.publish.disclosure import MARK
from attendance_helpers.publish.shareable_figures import (
    ShareableFigures,
    changed_from,
    printed_rate,
    shareable_figures,
)


def pupils(*kinds: tuple[int, int], **columns: list[object]) -> pd.DataFrame:
    """Return so many pupils with so many of a hundred sessions missed, one kind after another."""
    missed = [absent for number, absent in kinds for _ in range(number)]
    frame = pd.DataFrame({name: 0 for name in SESSION_COUNTS}, index=range(len(missed)))
    frame["possible_sessions"], frame["overall_absence"] = 100, missed
    frame["overall_attendance"] = 100 - frame["overall_absence"]
    frame["authorised_absence"] = frame["overall_absence"]
    given = {"year_group": [3] * len(missed), "sex": ["F", "M"] * len(missed), **columns}
    for name in ("fsm", "sen", "eal", "looked_after", "child_in_need", "young_carer"):
        given.setdefault(name, [None] * len(missed))
    for name, values in given.items():
        kind = {"year_group": "Int64", "sex": "str", "sen": "str"}.get(name, "boolean")
        frame[name] = pd.array(values[: len(missed)], dtype=kind)
    return persistence(frame)


def row_of(figures: ShareableFigures, label: str) -> tuple[object, ...]:
    [found] = [row for row in figures.groups if row.label == label]
    return found.pupils, found.attendance, found.others, found.persistent, found.severe


class TestFigures:
    def test_large_numbers_are_as_they_are(self) -> None:
        figures = shareable_figures(pupils((80, 2), (12, 20), (8, 60)))
        assert row_of(figures, "All pupils") == (100, 91.2, None, 20, 8)
        assert figures.rates["persistently_absent_perc"] == 20.0
        assert figures.rates["severely_absent_perc"] == 8.0
        assert figures.rated

    def test_small_numbers_are_not(self) -> None:
        figures = shareable_figures(pupils((80, 2), (3, 20)))
        assert row_of(figures, "All pupils")[3:] == (MARK, 0)
        assert figures.rates["persistently_absent_perc"] == MARK
        assert figures.rates["severely_absent_perc"] == 0.0

    def test_a_school_of_nine_has_no_rates_and_one_of_ten_has(self) -> None:
        for number, rated in ((9, False), (10, True)):
            figures = shareable_figures(pupils((number, 2)))
            assert figures.rated is rated
            assert (figures.rates["overall_attendance_perc"] == MARK) is not rated
            assert figures.everyone.pupils == number

    def test_nobody(self) -> None:
        figures = shareable_figures(pupils((3, 2)).iloc[:0])
        assert row_of(figures, "All pupils") == (0, None, None, 0, 0)
        assert figures.rates["overall_attendance_perc"] is None
        assert figures.rates["persistently_absent_perc"] is None

    def test_groups_without_pupils_other_sides_and_what_is_known_of_nobody_are_not_listed(
        self,
    ) -> None:
        figures = shareable_figures(pupils((40, 2), fsm=[True] * 15 + [False] * 25))
        labels = [row.label for row in figures.groups]
        assert labels == ["All pupils", "Year 3", "Female", "Male", "FSM: Yes"]

    def test_the_few_who_are_not_in_a_group_hide_it(self) -> None:
        figures = shareable_figures(pupils((40, 2), fsm=[True] * 38 + [False] * 2))
        assert row_of(figures, "FSM: Yes")[:3] == (MARK, MARK, MARK)

    def test_the_rate_of_nearly_all_would_tell_that_of_the_rest(self) -> None:
        figures = shareable_figures(pupils((40, 2), fsm=[True] * 34 + [False] * 6))
        assert row_of(figures, "FSM: Yes")[:3] == (34, MARK, MARK)

    def test_kinds_of_absence_of_few_pupils_are_withheld_together(self) -> None:
        totals = pupils((40, 2))
        totals.loc[:2, "unauthorised_absence"] = 2
        totals.loc[:2, "authorised_absence"] = 0
        rates = shareable_figures(totals).rates
        assert rates["unauthorised_absence_perc"] == rates["authorised_absence_perc"] == MARK
        assert rates["overall_attendance_perc"] == 98.0

    def test_lates_of_few_pupils_are_withheld(self) -> None:
        totals = pupils((40, 2))
        totals.loc[:2, ["late_sessions", "late_before_close"]] = 1
        assert shareable_figures(totals).rates["late_sessions_perc"] == MARK

    def test_the_totals_are_left_as_they_are(self) -> None:
        totals = pupils((30, 2), (7, 60))
        before = totals.copy()
        shareable_figures(totals)
        pd.testing.assert_frame_equal(totals, before)

    def test_rows_that_are_shown_are_those_whose_numbers_and_rates_are(self) -> None:
        totals = pupils(
            (40, 2), fsm=[True] * 15 + [False] * 25, looked_after=[True] * 3 + [None] * 37
        )
        groups = absence_rates(group_totals(totals))
        shown = shareable_figures(totals).shown_rows(groups)
        assert list(shown["group"]) == ["all", "year_group", "sex", "sex", "fsm"]


class TestChanges:
    def then(self, persistent: int, pupils_then: int = 100) -> dict[str, float]:
        return {
            "enrolments": pupils_then,
            "persistently_absent": persistent,
            "severely_absent": 0,
            "persistently_absent_perc": 100 * persistent / max(pupils_then, 1),
            "overall_attendance_perc": 95.04,
        }

    @pytest.mark.parametrize(
        ("name", "persistent", "pupils_then", "expected"),
        [
            ("overall_attendance_perc", 3, 100, 95.0),
            ("overall_attendance_perc", 3, 9, MARK),
            ("persistently_absent_perc", 25, 100, 25.0),
            ("persistently_absent_perc", 3, 100, MARK),
            ("persistently_absent_perc", 0, 0, None),
        ],
    )
    def test_a_side_that_is_withheld_withholds_the_change(
        self, name: str, persistent: int, pupils_then: int, expected: object
    ) -> None:
        figures = shareable_figures(pupils((80, 2), (20, 20)))
        assert changed_from(figures, self.then(persistent, pupils_then), name) == expected

    def test_nothing_earlier_and_nothing_shown_now(self) -> None:
        figures = shareable_figures(pupils((80, 2), (3, 20)))
        assert changed_from(figures, None, "persistently_absent_perc") is None
        assert changed_from(figures, self.then(25), "persistently_absent_perc") == MARK


def test_rates_are_printed_half_up() -> None:
    assert [printed_rate(value) for value in (8.25, 0.04, 100.0)] == [8.3, 0.0, 100.0]
