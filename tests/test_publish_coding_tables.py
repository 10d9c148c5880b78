from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.measures.coding import (
    COUNTS,
    FINDING_COLUMNS,
    FINDINGS,
    Limits,
    coding_findings,
)
from attendance_helpers.measures.sessions import code_totals
from attendance_helpers.publish.blocks import Paragraph, Table
from attendance_helpers.publish.coding_advice import ADVICE
from attendance_helpers.publish.coding_tables import (
    coding_table,
    coding_title,
    finding_words,
    reason_words,
    reasons_compared_title,
)
from attendance_helpers.publish.titles import reasons_title

Marks = Callable[..., pd.DataFrame]
NONE = pd.DataFrame()


def findings(*rows: dict[str, object]) -> pd.DataFrame:
    """Return findings as `coding_findings` would, with figures in every column but those given."""
    every = dict.fromkeys(FINDING_COLUMNS, 2)
    usual = {
        **every,
        **{"finding": "n_overdue", "tier": 1, "codes": "O", "base": "possible_sessions"},
        **dict.fromkeys(("oldest", "start", "end"), pd.Timestamp("2026-09-07")),
        **{"share": 5.0, "comparison": 2.0, "longest": 2.5},
    }
    frame = pd.DataFrame([{**usual, **row} for row in rows], columns=list(FINDING_COLUMNS))
    return frame.astype(dict.fromkeys(COUNTS, "Int64"))


def table_of(frame: pd.DataFrame) -> Table:
    made = coding_table(frame, caption="All pupils.")
    assert isinstance(made, Table)
    return made


def made_from(marks: pd.DataFrame, **limits: int) -> pd.DataFrame:
    return coding_findings(
        *(marks, roll_of(marks["upn"].nunique()), NONE, NONE),
        phase="Primary",
        as_at=dt.date(2026, 12, 1),
        limits=Limits(**limits),
    )


def test_nothing_found_says_what_was_looked_for() -> None:
    made = coding_table(findings().iloc[:0], caption="")
    assert isinstance(made, Paragraph)
    assert made.text.startswith("Nothing about codes stands out in these dates. We looked for")


def test_every_finding_has_its_words_figures_and_source() -> None:
    frame = findings(*[{"finding": key} for key in ADVICE])
    made = coding_table(frame, caption="", most=len(ADVICE))
    assert isinstance(made, Table)
    for row in made.rows:
        for cell in row:
            assert cell
            assert "nan" not in str(cell).lower()
            assert "<NA>" not in str(cell)
        assert any(letter.isdigit() for letter in str(row[1]))
        assert str(row[3]).startswith(("Reg. ", "Guidance", "A return"))
        assert "must" not in f"{row[2]} {row[3]}"
    assert "SI 2024/208" in made.source


def test_every_kind_of_finding_is_told() -> None:
    assert set(ADVICE) == set(FINDINGS)


def test_overdue_marks_with_their_ages(marks_of: Marks) -> None:
    days = ["//"] * 35
    for place in (0, 10, 20, 28, 34):
        days[place] = "N/"
    made = table_of(made_from(marks_of(" ".join(days))))
    assert made.rows[0][0] == "N"
    assert made.rows[0][1] == (
        "4 of 5 marks (1 pupil) without a reason for more than 5 school days: 1 for 6 to 10, 1 for 11 to 20 and 2 for over 20. "
        "Oldest: 7 September 2026."
    )
    assert made.title == "1 thing about codes to settle: 4 N marks older than 5 school days"


def test_limits_of_ages_follow_the_days() -> None:
    frame = findings({"limit": 12, "aged_short": 0, "aged_middle": 1, "aged_long": 3})
    assert "1 for 13 to 20 and 3 for over 20" in str(table_of(frame).rows[0][1])


def test_a_share_beside_the_other_schools() -> None:
    row = {"finding": "o_of_absence", "base": "overall_absence", "share": 50.84}
    beside = table_of(findings({**row, "comparison": 33.0}))
    assert beside.rows[0][1] == "50.8% of all absence (others 33.0%); 2 sessions, 2 pupils."
    assert any(note.startswith("Others: the authority's other schools") for note in beside.notes)
    alone = table_of(findings({**row, "comparison": np.nan}))
    assert alone.rows[0][1] == "50.8% of all absence; 2 sessions, 2 pupils."
    assert not any(note.startswith("Others") for note in alone.notes)
    none = table_of(findings({"finding": "d_use", "codes": "D", "comparison": 0.0}))
    assert "(others none)" in str(none.rows[0][1])


def test_part_time_tells_what_is_law_and_what_is_convention(marks_of: Marks) -> None:
    frame = findings(
        {"finding": "part_time", "codes": "C2", "longest": 9, "limit": 6, "current": 0}
    )
    row = table_of(frame).rows[0]
    assert row[1] == (
        "2 pupils on a part-time timetable, 2 sessions. Longest: 9 school weeks one after another; 2 for more than 6 weeks."
    )
    assert "Six to eight weeks is a convention of authorities, not law." in str(row[3])


def test_illness_is_never_doubted_nor_a_thing_to_settle(marks_of: Marks) -> None:
    frame = made_from(marks_of("II II II // //"), long_days=2)
    made = table_of(frame)
    assert made.title == "1 thing about codes to check, none to settle"
    assert str(made.rows[0][2]).startswith("The illness is not in question.")


def test_the_title_names_two_and_counts_the_rest() -> None:
    frame = findings(
        {}, {"finding": "q_use"}, {"finding": "c_use"}, {"finding": "b_use", "tier": 3}
    )
    assert coding_title(frame) == (
        "3 things about codes to settle, among them 2 N marks older than 2 school days and 2 sessions under Q, for the authority to "
        "answer; 1 more to check"
    )
    assert coding_title(frame.iloc[:0]) == "Nothing about codes stands out"


def test_a_long_list_stops_and_names_the_rest() -> None:
    made = coding_table(
        findings({}, {"finding": "b_use"}, {"finding": "y_use"}), caption="", most=1
    )
    assert isinstance(made, Table)
    assert len(made.rows) == 1
    assert made.notes[0] == (
        "Of less weight (workbook, sheet Coding): 2 pupils educated off site (B) and 2 sessions under Y1 to Y6."
    )


def test_ages_are_called_a_convention_where_they_are_used() -> None:
    made = table_of(findings({"finding": "x_of_age", "codes": "X"}))
    assert any(note.startswith("Compulsory school age, by convention") for note in made.notes)
    assert not any("Compulsory" in note for note in table_of(findings({})).notes)


def test_a_phrase_for_a_list_of_findings() -> None:
    row = findings({"finding": "part_time"}).iloc[0].to_dict()
    assert finding_words(row) == "2 part-time timetables"


class TestReasons:
    def rates(self, **rates: tuple[float, float]) -> pd.DataFrame:
        rows = [(code, *pair) for code, pair in rates.items()]
        return pd.DataFrame(rows, columns=["code", "school_perc", "authority_perc"])

    def words(self, **rates: tuple[float, float]) -> str:
        return reason_words(self.rates(**rates), phase="Primary")

    @pytest.mark.parametrize(
        ("school", "clear"), [(1.3, True), (1.29, False), (0.5, False), (0.0, False)]
    )
    def test_at_least_three_in_a_thousand_more(self, school: float, clear: bool) -> None:
        assert ("for Holiday not granted (G)" in self.words(G=(school, 1.0))) == clear

    def test_a_large_reason_is_to_be_a_fifth_more_as_well(self) -> None:
        assert self.words(I=(4.0, 3.6)).startswith("No reason is clearly more frequent here")

    def test_two_reasons_largest_gap_first(self) -> None:
        assert self.words(G=(1.5, 1.0), I=(7.0, 5.0), M=(0.5, 0.5)) == (
            "Of every hundred sessions 7.0 were missed for Illness (I), against 5.0, and 1.5 for Holiday not granted (G), against 1.0 in "
            "all the authority's primary schools together."
        )

    def test_the_only_school_of_its_phase(self) -> None:
        assert self.words(I=(4.0, np.nan)) == (
            "There is no other primary school in the register to compare the reasons with."
        )

    def test_the_title_falls_back_on_the_largest_reason(self, marks_of: Marks) -> None:
        codes = code_totals(marks_of("II G/ // // //"), classes=("authorised", "unauthorised"))
        alike = reasons_compared_title(self.rates(I=(20, 20), G=(10, 10)), codes, phase="Primary")
        assert (
            alike == reasons_title(codes) == "Illness (I) is the largest reason: 67% of all absence"
        )
        more = reasons_compared_title(self.rates(I=(20, 20), G=(10, 5)), codes, phase="Primary")
        assert more == (
            "Holiday not granted (G) takes more sessions than in the authority's primary schools: 10.0% against 5.0%"
        )
