"""The form that comes back, the history, and the evidence: columns in order, choices, real dates."""

import datetime as dt

import pandas as pd
import pytest
from discuss_samples import HOSTILE_NAMES, entry, history_of, notes_for, pupils_of

from attendance_helpers.publish import support_sheets
from attendance_helpers.register.support_form import (
    ENTRY_KINDS,
    FORM_COLUMNS,
    IDENTITY_COLUMNS,
    INFORMATION_COLUMNS,
    SUPPORT_SHEET,
)

KNOWN = len(IDENTITY_COLUMNS) + len(INFORMATION_COLUMNS)


def form(pupils, *entries, because="severe", **choices):
    listed = pupils.assign(because=because)
    return support_sheets.form_sheet(
        listed, notes_for(pupils, *entries), urn="900101", choices=choices
    )


class TestForm:
    def test_columns_are_those_that_are_read_back_in_their_order(self):
        found = form(pupils_of((60, 100)))
        every = [*IDENTITY_COLUMNS, *INFORMATION_COLUMNS, *FORM_COLUMNS]
        assert found.name == SUPPORT_SHEET
        assert [column.label for column in found.columns] == [column.label for column in every]
        dates = {column.label for column in FORM_COLUMNS if column.kind == "date"}
        assert {c.label for c in found.columns[KNOWN:] if c.kind == "date"} == dates
        assert {c.label: c.kind for c in found.columns}["Year group"] == "year"
        assert found.blank_rows == support_sheets.BLANK_ROWS

    def test_what_is_known_stands_on_the_left_and_the_rest_is_empty(self):
        pupils = pupils_of((60, 100), admission_date=pd.to_datetime(["2026-10-05"]))
        notes = notes_for(
            pupils,
            entry("p1", "lead", "EWO"),
            triggers={"p1": "Ten unauthorised, 12 Oct 2026"},
            steps={"p1": "Ask who leads."},
            patterns={"p1": "one_long"},
        )
        found = support_sheets.form_sheet(
            pupils.assign(because="severe"), notes, urn="900101", choices={}
        )
        (row,) = found.rows
        assert len(row) == len(found.columns)
        assert row[KNOWN:] == [None] * len(FORM_COLUMNS)
        told = dict(zip([column.label for column in found.columns], row, strict=True))
        assert row[:8] == [
            *("900101", "p1", "Surname1", "Forename1", 3, "Severely absent", 60, 100),
        ]
        assert told["Recorded so far"] == "Lead EWO."
        assert told["Not recorded"] == "Plan, contact in 3 weeks, offer of Early Help, barriers"
        assert told["On roll since"] == dt.date(2026, 10, 5)
        assert told["Triggers met"] == "Ten unauthorised, 12 Oct 2026"
        assert told["Next step to consider"] == "Ask who leads."
        assert told["Pattern of absence"] == "One long spell"
        assert told["What it would take"].startswith("no more than 4.5 days of 100 days")

    def test_names_stay_in_view_and_what_is_known_is_told_from_what_is_asked(self):
        found = form(pupils_of((60, 100)))
        assert [column.label for column in found.columns[: found.frozen]] == [
            *("URN", "UPN", "Surname", "Forename")
        ]
        assert found.columns[found.given - 1].label == INFORMATION_COLUMNS[-1].label
        assert found.columns[found.given].label == FORM_COLUMNS[0].label

    def test_lists_of_methods_stages_and_evidence_are_offers_and_the_others_are_not(self):
        found = form(pupils_of((60, 100)), stage=["1"], evidence=["Letters"])
        assert list(found.free) == ["Contact method", "Stage", "Evidence held"]
        assert set(found.choices) - set(found.free) == {"Early Help", "Legal step"}

    def test_a_pupil_without_an_entry_reads_nothing_recorded(self):
        (row,) = form(pupils_of((60, 100))).rows
        assert row[8] == "Nothing recorded."

    @pytest.mark.parametrize(("key", "words"), list(support_sheets.BECAUSE.items()))
    def test_why_each_is_listed(self, key, words):
        assert form(pupils_of((60, 100)), because=key).rows[0][5] == words

    def test_choices_are_those_of_the_form_and_of_the_process(self):
        found = form(pupils_of((60, 100)), stage=["1", "2"], evidence=["Letters, signed"])
        own = {column.label: list(column.choices) for column in FORM_COLUMNS if column.choices}
        assert found.choices == {**own, "Stage": ["1", "2"], "Evidence held": ["Letters, signed"]}
        assert set(found.choices) <= {column.label for column in found.columns}

    def test_a_process_without_evidence_has_no_list_of_it(self):
        assert "Evidence held" not in form(pupils_of((60, 100)), stage=["1"], evidence=[]).choices

    def test_years_are_whole_numbers_or_blank(self):
        pupils = pupils_of(*[(60, 100)] * 3, year_group=[0, -1, None])
        years = [row[4] for row in form(pupils.astype({"year_group": "Int8"})).rows]
        assert years == [0, -1, None]
        assert type(years[0]) is int

    def test_names_stay_as_they_are(self):
        pupils = pupils_of(*[(60, 100)] * len(HOSTILE_NAMES), forename=HOSTILE_NAMES)
        assert [row[3] for row in form(pupils).rows] == HOSTILE_NAMES

    def test_nobody_leaves_the_empty_form(self):
        found = form(pupils_of((60, 100)).iloc[:0])
        assert found.rows == []
        assert len(found.columns) == KNOWN + len(FORM_COLUMNS)
        assert found.blank_rows > 0


class TestHistory:
    def test_newest_first_with_real_dates(self):
        history = history_of(
            entry("p1", "plan", "plan", "2026-10-12", until="2026-12-04", recorded="2026-10-13"),
            entry(
                *("p9", "contact", "call", "2026-11-02"),
                **{"dated": False, "by": "EWO", "outcome": "Agreed", "superseded": "2026-11-09"},
            ),
        )
        found = support_sheets.history_sheet(history, pupils_of((1, 9)))
        assert found.name == "Support history"
        assert [column.label for column in found.columns] == [
            *("UPN", "Surname", "Forename", "Date", "Date as typed", "About", "What", "By"),
            *("What came of it", "Until", "From", "Row", "Recorded", "No longer stands since"),
        ]
        assert found.rows == [
            ["p9", "", "", dt.date(2026, 11, 2), "No: that of the file", "Contact", "call", "EWO", "Agreed", None, "s.csv", 3, "",
             "2026-11-09"],
            ["p1", "Surname1", "Forename1", dt.date(2026, 10, 12), "Yes", "Plan", "plan", "", "",
             dt.date(2026, 12, 4), "s.csv", 2, "2026-10-13", ""],
        ]  # fmt: skip
        assert [c.kind for c in found.columns if c.label in ("Date", "Until")] == ["date"] * 2

    def test_every_kind_of_entry_has_a_name(self):
        assert {kind.kind for kind in ENTRY_KINDS} <= set(support_sheets.KINDS)

    def test_what_was_typed_stays_and_two_enrolments_are_one_pupil(self):
        history = history_of(entry("p1", "barriers", "=1+1 <b>"))
        found = support_sheets.history_sheet(history, pd.concat([pupils_of((1, 9))] * 2))
        assert [row[6] for row in found.rows] == ["=1+1 <b>"]

    def test_nothing_recorded(self):
        assert support_sheets.history_sheet(history_of(), pupils_of((1, 9))).rows == []


class TestEvidence:
    def test_there_or_nothing_recorded(self):
        evidence = pd.DataFrame(
            {
                "upn": ["p2", "p2", "p9"],
                "label": ["Letters to the family", "Plan", "Plan"],
                "there": [True, False, True],
                "detail": ["2 letters, last 12 October 2026", "nothing recorded", "1 plan"],
            }
        )
        stages = pd.DataFrame(
            {"upn": ["p1", "p2"], "recorded": ["", "Level 2"], "by_absence": ["", "Level 1"]}
        )
        found = support_sheets.evidence_sheet(evidence, pupils_of((1, 9), (1, 9)), stages)
        assert found.name == "Stage evidence"
        assert [column.label for column in found.columns] == [
            *("UPN", "Surname", "Forename", "Evidence", "Recorded", "Detail"),
            *("Stage recorded", "Stage by absence"),
        ]
        assert found.rows == [
            ["p2", "Surname2", "Forename2", "Letters to the family", "Yes", "2 letters, last 12 October 2026",
             "Level 2", "Level 1"],
            ["p2", "Surname2", "Forename2", "Plan", "Nothing recorded", "nothing recorded", "Level 2", "Level 1"],
        ]  # fmt: skip

    def test_some_of_it_is_not_said_to_be_nothing(self):
        evidence = pd.DataFrame(
            {
                "upn": ["p1"],
                "label": ["Letters"],
                "there": [False],
                "detail": ["1 letter; 2 asked for"],
            }
        )
        stages = pd.DataFrame({"upn": ["p1"], "recorded": [""], "by_absence": [""]})
        (row,) = support_sheets.evidence_sheet(evidence, pupils_of((1, 9)), stages).rows
        assert row[4] != "Yes"
        assert row[5:] == ["1 letter; 2 asked for", "Nothing recorded", "Not published"]
