from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.measures.absence import absence_rates, identity_faults
from attendance_helpers.measures.comparators import england, school_spread
from attendance_helpers.measures.fitness import coverage, joiners_and_leavers, unresolved
from attendance_helpers.measures.groups import group_totals
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.publish import check_tables, pack, pupil_names, tables
from attendance_helpers.publish.blocks import Table
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.exceptions import exceptions, no_exceptions

Marks = Callable[..., pd.DataFrame]


@pytest.fixture
def totals(marks_of: Marks, week: Window) -> pd.DataFrame:
    marks = marks_of("II II II // //", "// // // // L/", "I/ // // // //", "## ## ## ## ##")
    return absence_rates(persistence(pupil_totals(marks, roll_of(4), week)))


@pytest.fixture
def school(totals: pd.DataFrame) -> pd.Series:
    return absence_rates(group_totals(totals)).iloc[0]


class TestHeadline:
    NOBODY = "no comparator for these dates"

    def spread(self, *rates: float) -> pd.DataFrame:
        frame = pd.DataFrame(
            {"phase": "Primary", "possible_sessions": 100}, index=range(len(rates))
        )
        names = tables.MEASURE_NAMES
        return school_spread(
            frame.assign(**{name: rates for name in names}), phase="Primary", measures=list(names)
        )

    def table(self, school: pd.Series, spread: pd.DataFrame, national: object) -> Table:
        return tables.headline_table(school, spread, national, phase="Primary", caption="")

    def test_without_england_there_is_no_column_for_it(self, school: pd.Series) -> None:
        found = self.table(school, self.spread(5.0, 6.0, 9.0), self.NOBODY)
        assert [c.label for c in found.columns] == [
            *("Measure", "This school", "Authority: median", "Authority: middle half"),
        ]
        assert found.rows[0][1:] == [pytest.approx(100 * 23 / 30), 6.0, "5.5%\u00a0to\u00a07.5%"]
        assert "England: no comparator for these dates." in found.notes

    def test_with_england_its_figures_and_source_are_there(self, school: pd.Series) -> None:
        row = england(phase="Primary", first=dt.date(2025, 9, 8), last=dt.date(2025, 12, 19))
        found = self.table(school, self.spread(5.0, 6.0), row)
        assert found.columns[-1].label == "England"
        assert [row[0] for row in found.rows[:2]] == ["Attendance", "Authorised absence"]
        assert found.rows[1][-1] == 3.79
        assert found.rows[0][-1] == pytest.approx(94.81)
        assert any("Source: DfE" in note for note in found.notes)

    def test_a_school_is_not_compared_with_itself(self, school: pd.Series) -> None:
        found = self.table(school, self.spread(5.0), self.NOBODY)
        assert [column.label for column in found.columns] == ["Measure", "This school"]
        assert "no other primary school" in found.notes[0]


def test_tiles_say_their_base(school: pd.Series) -> None:
    tiles = tables.headline_tiles(school).tiles
    assert [(tile.label, tile.value) for tile in tiles] == [
        ("Attendance", "76.7%"),
        ("Persistently absent", "2"),
        ("Of them severely", "1"),
        ("Unauthorised", "0.0%"),
        ("Lates", "1"),
    ]
    assert tiles[0].note == "of 30 possible sessions"
    assert tiles[1].note == "66.7% of 3 pupils"


def test_tiles_say_what_changed(school: pd.Series) -> None:
    rates = [name for name in school.index if name.endswith("_perc")]
    before = school.copy()
    before[rates] = before[rates].astype("float64") - 1.5
    found = tables.headline_tiles(school, last_year=before, half_terms=(school, before)).tiles
    clear = ["▲ 1.5 points on last year", "▼ 1.5 points on last half term"]
    # Of three pupils a change of 1.5 points is not one child.
    few = ["● +1.5 points on last year", "● −1.5 points on last half term"]
    assert [list(tile.changes) for tile in found] == [clear, few, few, clear, clear]
    same = tables.headline_tiles(school, last_year=school).tiles
    assert {change for tile in same for change in tile.changes} == {"● the same as last year"}


def test_the_note_says_when_there_is_nothing_to_compare_with(school: pd.Series) -> None:
    none = tables.changes_note(last_year=None).text
    assert "does not hold the same weeks of last year" in none
    assert "the first half term of these dates" in none
    before = Window("before", dt.date(2026, 1, 5), dt.date(2026, 2, 13))
    now = Window("now", dt.date(2026, 2, 23), dt.date(2026, 4, 2))
    both = tables.changes_note(last_year=school, half_terms=(before, now)).text
    assert "23 February to 2 April 2026 against 5 January to 13 February 2026" in both


@pytest.mark.parametrize(
    ("surname", "year", "name"),
    [
        ("Hale", 9, "Hale, Ada (Y9)"),
        ("", 0, "Ada (R)"),
        ("Hale", -1, "Hale, Ada (N2)"),
        ("Hale", None, "Hale, Ada"),
    ],
)
def test_a_pupil_is_named_with_the_year_group(surname: str, year: int | None, name: str) -> None:
    row = {"surname": surname, "forename": "Ada", "upn": "p1", "year_group": year}
    assert pupil_names.pupil_name(row) == name
    assert pupil_names.pupil_name({**row, "surname": "", "forename": ""}).startswith("p1")


class TestRegisterCheck:
    def test_coverage(self, marks_of: Marks, week: Window) -> None:
        weekly = coverage(marks_of("// // // // //", "/- // // // //"), roll_of(2), week)
        found = check_tables.coverage_table(weekly, caption="")
        assert found.title == "0 of 1 week complete"
        assert found.rows == [[dt.date(2026, 9, 7), 10, 20, 19, 1, 0, 0, 95.0]]

    def test_exceptions_by_problem_with_files_and_rows(self) -> None:
        some = pd.DataFrame({"file": ["a.csv"] * 8 + ["b.csv"], "row": [*range(2, 10), 7]})
        listed = pd.concat(
            [exceptions(some, "unmarked"), exceptions(some.head(1), "legacy_code")],
            ignore_index=True,
        )
        found = check_tables.exceptions_table(listed, caption="")
        assert found.title == "10 exceptions to look at, of 2 kinds"
        assert found.rows[0][:3] == [
            "No mark",
            9,
            "a.csv, rows 2, 3, 4, 5, 6, 7 and 2 more; b.csv, row 7",
        ]
        assert found.rows[1][:3] == ["Withdrawn code", 1, "a.csv, row 2"]

    def test_no_exceptions(self) -> None:
        found = check_tables.exceptions_table(no_exceptions(), caption="")
        assert (found.title, found.rows) == (
            "Nothing in the school's files had to be set aside",
            [],
        )

    def test_unresolved(self, marks_of: Marks) -> None:
        listed = unresolved(marks_of("N/ // // // // // //"), as_at=dt.date(2026, 9, 30))
        names = pd.Series({"p1": "Hale, Ada"})
        found = check_tables.unresolved_table(listed, names, days=5, caption="")
        assert found.title == "1 session of absence still without a reason after 5 school days"
        assert found.rows == [["Hale, Ada", dt.date(2026, 9, 7), "AM", 6]]
        none = check_tables.unresolved_table(listed.head(0), names, days=5, caption="")
        assert none.title == "Every absence has a reason within 5 school days"

    def test_roll_and_identities(self, totals: pd.DataFrame, week: Window) -> None:
        roll = check_tables.roll_table(joiners_and_leavers(roll_of(4), week), caption="")
        assert [row[1] for row in roll.rows] == [4, 0, 0, 4, 4]
        assert roll.notes == ["4 pupils have no admission date and are counted from the first day."]
        found = check_tables.identities_table(totals, identity_faults(totals), caption="")
        assert all(whole == parts for _, whole, parts in found.rows)
        assert found.title == "The counts add up for every pupil"

    @pytest.mark.parametrize(
        ("verdict", "kind", "title"),
        [
            ("fit", "note", "Fit to report from"),
            ("fit with care", "warning", "Fit to report from with care"),
            ("not fit", "warning", "Not fit to report from"),
        ],
    )
    def test_the_verdict_comes_first(self, verdict: str, kind: str, title: str) -> None:
        found = check_tables.verdict_callout(
            verdict, share_perc=2.5, faults=0, missing=5, expected=200, limits=(2, 10)
        )
        assert (found.kind, found.title) == (kind, title)
        assert found.text.startswith("5 sessions of the 200 expected (2.50%) have no usable mark.")
        assert found.text.endswith("With care above 2%, not fit above 10%.")

    def test_a_window_without_sessions(self) -> None:
        found = check_tables.verdict_callout(
            "not fit", share_perc=np.nan, faults=0, missing=0, expected=0, limits=(2, 10)
        )
        assert found.text.startswith("No session in this window counts.")


def test_definitions_print_the_thresholds_that_were_used() -> None:
    found = pack.definitions(persistent_perc=12.5, severe_perc=40, small_group=5)
    text = " ".join(rule for _, rule in found)
    assert "12.5% or more" in text and "40% or more" in text and "fewer than 5 pupils" in text
