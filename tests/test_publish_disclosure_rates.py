"""Whose rates are withheld: few pupils, the rest of a whole, and attendance that tells how many can be absent."""

from __future__ import annotations

import pytest

from attendance_helpers.publish.disclosure import pupil_counts
from attendance_helpers.publish.disclosure_rates import GroupTable, withheld_rates
from attendance_helpers.publish.disclosure_search import hidden_counts


class TestWithheld:
    def test_fewer_than_ten(self) -> None:
        assert withheld_rates({"a": 9, "b": 10, "c": 0}, []) == {"a"}

    def test_the_rest_of_the_whole_takes_the_smallest_with_it(self) -> None:
        assert withheld_rates({"a": 9, "b": 40, "c": 12}, [["a", "b", "c"]]) == {"a", "c"}

    def test_ten_together_are_enough(self) -> None:
        assert withheld_rates({"a": 9, "b": 1, "c": 12}, [["a", "b", "c"]]) == {"a", "b"}

    def test_who_is_in_no_table_is_withheld_first(self) -> None:
        pupils = {"yes": 3, "no": 57, "unknown": 12}
        assert withheld_rates(pupils, [list(pupils)], unprinted=["no"]) == {"yes", "no"}

    def test_the_other_side_of_nearly_all(self) -> None:
        assert withheld_rates({"yes": 58, "no": 2}, [["yes", "no"]], unprinted=["no"]) == {
            "yes",
            "no",
        }

    def test_a_hidden_number_has_no_rate(self) -> None:
        assert withheld_rates({"a": 30, "b": 40}, [["a", "b"]], hidden=["a"]) == {"a"}


def table(pupils: int, persistent: int, severe: int) -> GroupTable:
    """A school whose first year group is the one that matters; the other has ninety pupils, twenty of them absent."""

    def row(*numbers: int) -> dict[str, int]:
        names = ("enrolments", "persistently_absent", "severely_absent")
        return dict(zip(names, numbers, strict=True))

    groups = {
        "": row(pupils + 90, persistent + 20, severe + 8),
        "y1": row(pupils, persistent, severe),
        "y2": row(90, 20, 8),
    }
    partitions = [["y1", "y2"]]
    counts, printed = pupil_counts(groups, printed=groups, partitions=partitions)
    hidden = hidden_counts(counts, printed)
    return GroupTable(counts, printed, hidden, list(groups), partitions, "", (10, 50))


class TestAttendanceThatTells:
    def test_high_attendance_of_few_leaves_room_for_one_only(self) -> None:
        """Twelve pupils at 98.5%: two who missed a tenth would alone have brought it to 98.3%."""
        made = table(12, 1, 0)
        assert ("y1", "persistently_absent") in made.hidden
        assert "y1" in made.withheld({"": 93.0, "y1": 98.5, "y2": 92.0})

    def test_lower_attendance_leaves_room_for_several(self) -> None:
        assert table(12, 1, 0).withheld({"": 93.0, "y1": 95.0, "y2": 92.0}) == set()

    def test_low_attendance_tells_that_all_are_absent(self) -> None:
        """All twelve, severely: at 2% nobody can have missed less than a tenth, at 40% some can."""
        made = table(12, 12, 12)
        assert ("y1", "persistently_absent") in made.hidden
        assert "y1" in made.withheld({"": 80.0, "y1": 2.0, "y2": 92.0})
        assert "y1" not in made.withheld({"": 80.0, "y1": 40.0, "y2": 92.0})
        assert "y1" not in made.withheld({"": 80.0, "y1": None, "y2": 92.0})

    def test_a_rate_that_cannot_be_of_equal_sessions_tells_nothing(self) -> None:
        """A pupil with two sessions of a joiner's first day can be absent at any rate of the group."""
        assert table(12, 4, 0).withheld({"": 93.0, "y1": 99.9, "y2": 92.0}) == set()

    @pytest.mark.parametrize("attendance", [50.0, 75.0, 90.0, 96.0, 99.0])
    def test_what_is_left_tells_no_hidden_count(self, attendance: float) -> None:
        made = table(15, 2, 1)
        rates = {"": 93.0, "y1": attendance, "y2": 92.0}
        shown = [key for key in ("y1", "y2") if key not in made.withheld(rates)]
        lines = [line for key in shown for line in made._lines(key, rates[key])]
        assert made._told(lines, set()) is None
