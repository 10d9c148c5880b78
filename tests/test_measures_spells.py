from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from conftest import roll_of
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals, session_counts
from attendance_helpers.measures.spells import (
    PATTERNS,
    RULES,
    PatternRules,
    absence_patterns,
    spell_totals,
    spells,
)
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import MARK_CLASSES

Marks = Callable[..., pd.DataFrame]
YEAR = Window("year", pd.Timestamp("2026-09-01").date(), pd.Timestamp("2027-07-31").date())
CLASSES = {
    **dict.fromkeys("/L", "attending"),
    **dict.fromkeys("IM", "authorised"),
    **dict.fromkeys("OU", "unauthorised"),
    **dict.fromkeys("DX", "not possible"),
    **{"#": "not collected", "-": "unmarked", "?": "unusable", "2": "authorised"},
}


def classed(*strings: str) -> pd.DataFrame:
    """Return marks of pupils p0, p1, ... with their classes, two sessions a school day; 2 stands for C2."""
    parts = []
    for number, text in enumerate(strings):
        days = pd.bdate_range("2026-09-07", periods=(len(text) + 1) // 2).repeat(2)[: len(text)]
        parts.append(
            pd.DataFrame(
                {
                    "upn": f"p{number}",
                    "date": days,
                    "session": [("AM", "PM")[at % 2] for at in range(len(text))],
                    "code": ["C2" if code == "2" else code for code in text],
                    "mark_class": [CLASSES[code] for code in text],
                }
            )
        )
    marks = pd.concat(parts, ignore_index=True)
    kinds = {name: "category" for name in ("upn", "session", "code")}
    return marks.astype(
        {**kinds, "mark_class": pd.CategoricalDtype(MARK_CLASSES), "date": "datetime64[s]"}
    )


def totals_of(marks: pd.DataFrame) -> pd.DataFrame:
    counts = session_counts(marks, by="upn").reset_index().astype({"upn": "str"})
    return persistence(counts)


def spell_lengths(text: str) -> list[int]:
    """Count one pupil's spells slowly: what neither breaks nor lengthens is struck out first."""
    kinds = ["absent" if CLASSES[c].endswith("authorised") else CLASSES[c] for c in text]
    kept = [kind for kind in kinds if kind in {"absent", "attending"}]
    return [len(list(run)) for kind, run in groupby(kept) if kind == "absent"]


REGISTERS = st.lists(st.text("/L/IMOUDX#-?", min_size=1, max_size=60), min_size=1, max_size=5)


class TestSpells:
    def test_runs_to_the_next_present_mark(self, marks_of: Marks) -> None:
        found = spells(marks_of("// II I/ /O //", "// // // // //"))
        assert found["upn"].to_list() == ["p1", "p1"]
        assert found["sessions"].to_list() == [3, 1]
        assert found["days"].to_list() == [1.5, 0.5]
        assert found["start"].dt.day.to_list() == [8, 10]
        assert found["end"].dt.day.to_list() == [9, 10]
        assert found["start_session"].to_list() == ["AM", "PM"]
        assert found["end_session"].to_list() == ["AM", "PM"]
        assert found["code"].to_list() == ["I", "O"]
        assert found["unauthorised"].to_list() == [0, 1]
        assert found["open"].to_list() == [False, False]

    # The three examples by which FFT Education Datalab explains its rule.
    @pytest.mark.parametrize(
        ("text", "sessions"),
        [
            ("II II II II II II II // // //", 14),  # Monday to Tuesday of the next week
            ("II II II DD DD II II // // //", 10),  # the same, due elsewhere on two days
            ("// // // // IM II II // // //", 6),  # Friday to Wednesday, two reasons
        ],
    )
    def test_examples_of_its_source(self, text: str, sessions: int) -> None:
        found = spells(classed(text.replace(" ", "")))
        assert found["sessions"].to_list() == [sessions]

    @pytest.mark.parametrize("between", ["DD", "XX", "##", "--", "??", "D-"])
    def test_what_is_not_possible_neither_breaks_nor_lengthens(self, between: str) -> None:
        found = spells(classed("//II" + between + "II//"))
        assert found["sessions"].to_list() == [4]

    def test_dates_without_marks_are_passed_over(self) -> None:
        marks = classed("//II//II//II////")
        holiday = marks["date"].isin(pd.to_datetime(["2026-09-09", "2026-09-11"]))
        assert spells(marks[~holiday])["sessions"].to_list() == [6]

    def test_cut_at_the_edges_of_the_marks(self) -> None:
        marks = classed("IIII//OO")
        assert spells(marks)["open"].to_list() == [False, True]
        later = marks[marks["date"] > pd.Timestamp("2026-09-07")]
        assert spells(later)["sessions"].to_list() == [2, 2]

    def test_ends_in_an_unmarked_session_still_open(self) -> None:
        assert spells(classed("//II--##"))["open"].to_list() == [True]

    def test_the_main_code_is_the_most_frequent(self) -> None:
        assert spells(classed("IMM//OI/", "UUII////"))["code"].to_list() == ["M", "I", "I"]

    @pytest.mark.parametrize("text", ["////////", "########", "----"])
    def test_no_absence_no_spell(self, text: str) -> None:
        found = spells(classed(text))
        assert found.empty
        assert list(found.columns) == list(spells(classed("II//")).columns)
        assert spell_totals(found).empty
        assert spells(classed("II//").iloc[:0]).empty

    def test_joiner_leaver_and_input_unchanged(self, marks_of: Marks) -> None:
        marks = marks_of("II II // // //", p1=("2026-09-08", ""))
        kept = marks.copy(deep=True)
        assert spells(marks)["sessions"].to_list() == [2]
        pd.testing.assert_frame_equal(marks, kept)

    @given(REGISTERS)
    @settings(max_examples=40, deadline=None)
    def test_agrees_with_a_slow_count(self, strings: list[str]) -> None:
        marks = classed(*strings)
        found = spells(marks)
        for number, text in enumerate(strings):
            own = found.loc[found["upn"] == f"p{number}", "sessions"]
            assert own.to_list() == spell_lengths(text)
        counted = session_counts(marks, by="upn")["overall_absence"]
        summed = spell_totals(found)["overall_absence"].reindex(counted.index, fill_value=0)
        assert summed.to_list() == counted.to_list()
        assert (
            found["unauthorised"].sum()
            == session_counts(marks, by="upn")["unauthorised_absence"].sum()
        )

    @given(REGISTERS, st.randoms(use_true_random=False))
    @settings(max_examples=15, deadline=None)
    def test_order_of_marks_and_pupils_is_nothing(self, strings: list[str], random: object) -> None:
        marks = classed(*strings)
        order = list(range(len(marks)))
        random.shuffle(order)  # type: ignore[attr-defined]
        names = list(marks["upn"].cat.categories)
        random.shuffle(names)  # type: ignore[attr-defined]
        mixed = marks.assign(upn=marks["upn"].cat.reorder_categories(names)).iloc[order]
        pd.testing.assert_frame_equal(spells(mixed), spells(marks))

    @given(st.text("/L/IMOUDX#-", max_size=40), st.text("/L/IMOUDX#-", max_size=40))
    @settings(max_examples=20, deadline=None)
    def test_a_window_split_after_a_present_mark_adds_up(self, early: str, late: str) -> None:
        early = early + "/" * (2 - len(early) % 2)  # present at the end of a day
        marks = classed(early + late)
        first = marks.index < len(early)
        apart = pd.concat([spells(marks[first]), spells(marks[~first])], ignore_index=True)
        pd.testing.assert_frame_equal(apart, spells(marks))

    @given(st.text("/IOD", min_size=2, max_size=40), st.integers(1, 39))
    @settings(max_examples=20, deadline=None)
    def test_a_window_split_anywhere_keeps_the_sessions(self, text: str, at: int) -> None:
        marks = classed(text)
        apart = [spells(part) for part in (marks.iloc[:at], marks.iloc[at:])]
        whole = spells(marks)
        assert sum(part["sessions"].sum() for part in apart) == whole["sessions"].sum()
        assert 0 <= sum(map(len, apart)) - len(whole) <= 1


def test_totals_of_spells() -> None:
    found = spell_totals(spells(classed("II//I/IIII//OO", "////")))
    assert found.index.to_list() == ["p0"]
    assert found.loc["p0"].to_list() == [4, 9, 4, 2.0, True]


def pattern(text: str, rules: PatternRules = RULES) -> str:
    marks = classed(text)
    found = absence_patterns(marks, spells(marks), totals_of(marks), rules=rules)
    assert len(found) == 1
    return str(found["pattern"].iloc[0])


def days(*runs: tuple[int, str]) -> str:
    """Return so many sessions of each mark, one after another."""
    return "".join(code * number for number, code in runs)


class TestPatterns:
    def test_short_time_on_roll_is_under_forty(self) -> None:
        assert pattern(days((35, "/"), (4, "I"))) == "short_roll"
        assert pattern(days((36, "/"), (4, "I"))) == "recent_acute"

    def test_part_time_is_half_of_what_was_missed(self) -> None:
        spread = "/2//I/////" * 9
        assert pattern(spread) == "part_time"
        assert pattern(spread[:-10] + "/I//I/////") != "part_time"

    def test_x_is_no_absence_and_no_part_of_a_timetable(self) -> None:
        assert pattern("/X//I/I///" * 9) == "many_short"

    def test_acute_is_two_thirds_in_a_third(self) -> None:
        # Ninety possible: thirds of thirty. Eight of twelve missed lie in one, then seven.
        last = days((30, "/"), (2, "I"), (28, "/"), (2, "I"), (19, "/"), (8, "I"), (1, "/"))
        assert len(last) == 90
        assert pattern(last) == "recent_acute"
        assert pattern(last[::-1]) == "early_acute"
        fewer = days((30, "/"), (2, "I"), (25, "/"), (3, "I"), (20, "/"), (7, "I"), (3, "/"))
        assert len(fewer) == 90
        assert pattern(fewer) == "mixed"

    def test_thirds_are_of_the_pupils_own_possible_sessions(self) -> None:
        closed = days((120, "#"), (30, "/"), (10, "I"), (50, "/"))
        assert pattern(closed) == "mixed"  # late in the window, in the middle of the pupil's time
        assert pattern(days((120, "#"), (60, "/"), (10, "I"), (20, "/"))) == "recent_acute"

    def test_one_long_spell_holds_half_in_ten_days(self) -> None:
        around = [(20, "/"), (6, "I"), (34, "/"), (14, "I")]
        long = days(*around, (2, "/"), (20, "I"), (24, "/"))
        assert len(long) == 120
        assert pattern(long) == "one_long"
        assert pattern(days(*around, (2, "/"), (19, "I"), (25, "/"))) != "one_long"
        less = days((18, "/"), (8, "I"), (34, "/"), (14, "I"), (2, "/"), (20, "I"), (24, "/"))
        assert pattern(less) != "one_long"

    def test_many_short_spells_are_six_of_two_days(self) -> None:
        short = days(*[(12, "/"), (4, "I")] * 6)
        assert pattern(short) == "many_short"
        assert pattern(short[16:]) == "throughout"
        five_each = days(*[(12, "/"), (5, "I")] * 6)
        assert pattern(five_each) == "throughout"
        long_one = days((12, "/"), (20, "I"), *[(12, "/"), (4, "I")] * 6)
        assert pattern(long_one) == "throughout"

    def test_persistent_throughout_is_ten_per_cent_of_every_third(self) -> None:
        # Sixty possible in each third: six of them missed are ten per cent, five are not.
        third = days((27, "/"), (6, "I"), (27, "/"))
        assert pattern(third * 3) == "throughout"
        fewer = days((28, "/"), (5, "I"), (27, "/"))
        assert pattern(third + days((20, "/"), (8, "I"), (32, "/")) + fewer) == "mixed"

    def test_thresholds_of_ones_own(self) -> None:
        short = days(*[(12, "/"), (4, "I")] * 6)
        assert pattern(short, replace(RULES, many_spells=7)) == "throughout"
        assert pattern(short, replace(RULES, short_sessions=97)) == "short_roll"
        assert pattern(short, replace(RULES, acute_share=Fraction(1, 3))) == "recent_acute"

    def test_only_the_persistently_absent_have_one(self) -> None:
        marks = classed(days((95, "/"), (5, "I")), days((90, "/"), (10, "I")), "####")
        totals = totals_of(marks)
        found = absence_patterns(marks, spells(marks), totals)
        assert found["upn"].to_list() == ["p1"]
        assert found.loc[0, ["spells", "longest_spell", "missed_last_third"]].to_list() == [
            1,
            10,
            10,
        ]
        none = classed("////", "####")
        assert absence_patterns(none, spells(none), totals_of(none)).empty

    def test_carries_the_pupils_row(self, marks_of: Marks) -> None:
        marks = marks_of("II I/ // // //")
        totals = persistence(pupil_totals(marks, roll_of(1), YEAR))
        found = absence_patterns(marks, spells(marks), totals)
        assert found.loc[0, ["surname", "pattern"]].to_list() == ["Surname1", "short_roll"]

    @given(
        st.lists(st.text("/////IO2D", min_size=30, max_size=150), min_size=1, max_size=4),
        st.integers(1, 10),
    )
    @settings(max_examples=20, deadline=None)
    def test_each_has_one_and_the_thirds_add_up(self, strings: list[str], many: int) -> None:
        marks = classed(*strings)
        totals = totals_of(marks)
        found = absence_patterns(
            marks, spells(marks), totals, rules=replace(RULES, many_spells=many)
        )
        assert found["upn"].to_list() == totals.loc[totals["persistently_absent"], "upn"].to_list()
        assert found["pattern"].isin(PATTERNS).all()
        thirds = [f"missed_{name}_third" for name in ("first", "middle", "last")]
        np.testing.assert_array_equal(found[thirds].sum(axis=1), found["overall_absence"])
