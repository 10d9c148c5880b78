"""What is not recorded: the counts of the first page, the words of a pupil's row, the sheet."""

import datetime as dt

import pytest
from discuss_samples import (
    HOSTILE_NAMES,
    assert_no_advice_and_no_fact,
    checked_of,
    entry,
    gap_rows,
    missing_of,
    pupils_of,
    standing_for,
    totals_of,
)

from attendance_helpers.meetings.gap_words import GAPS
from attendance_helpers.meetings.missing import most_needed
from attendance_helpers.publish import missing_tables
from attendance_helpers.publish.blocks import Paragraph, Table

PLAN = entry("p1", "plan", "plan", "2026-10-12", until="2026-11-02")
WHOLE = (
    entry("p1", "contact", "call"),
    entry("p1", "barriers", "Travel"),
    entry("p1", "early_help", "declined"),
    entry("p1", "lead", "none"),
    entry("p1", "plan", "plan", until="2026-12-04"),
)


def table(pupils, *entries, triggers=(), **options):
    totals = totals_of(pupils, *entries, triggers=triggers)
    severe = int(pupils["severely_absent"].fillna(False).sum())
    on_record = len({one["upn"] for one in entries})
    return missing_tables.gaps_table(totals, on_record=on_record, severe=severe, **options)


class TestTable:
    def test_one_row_with_what_is_looked_for(self):
        met = ({"upn": "p1", "trigger": "penalty_notice", "day": "2026-11-11"},)
        found = table(pupils_of((60, 100), (20, 100), (12, 100), (1, 100)), PLAN, triggers=met)
        assert isinstance(found, Table)
        labels = [column.label for column in found.columns]
        cells = [cell.replace("\u00a0", " ") for cell in found.rows[0]]
        assert dict(zip(labels, cells, strict=True)) == {
            "Pupils": "Not recorded",
            "Plan": "0 of 1",
            "Review date": "0 of 1",
            "Review held": "1 of 1",
            "Lead person": "1 of 1",
            "Contact": "3 of 3",
            "Early Help": "2 of 2",
            "Barriers": "2 of 2",
            "After trigger": "1 of 1",
        }
        assert len(found.rows) == 1
        assert found.row_header  # the row says what its numbers count
        assert missing_tables.SHEET in found.caption

    def test_what_is_looked_for_of_nobody_has_no_column(self):
        found = table(pupils_of((12, 100)))
        assert [column.label for column in found.columns] == ["Pupils", "Contact"]
        assert found.rows == [["Not recorded", "1\u00a0of\u00a01"]]

    def test_no_count_breaks_over_two_lines(self):
        (row,) = table(pupils_of(*[(60, 100)] * 1_200)).rows
        assert "1,200\u00a0of\u00a01,200" in row
        assert not any(" " in cell for cell in row[1:])

    @pytest.mark.parametrize(
        ("weeks", "words"), [(1, "in 1 school week."), (4, "in 4 school weeks.")]
    )
    def test_weeks_of_contact_are_printed(self, weeks, words):
        assert words in table(pupils_of((12, 100)), contact_weeks=weeks).caption

    def test_nobody_is_absent_so_much(self):
        assert table(pupils_of((1, 100), (0, 0))) == Paragraph(
            "No pupil on roll is absent so much that a plan, a contact or an offer of help is looked for."
        )

    def test_a_school_without_any_entry(self):
        found = table(pupils_of((60, 100), (20, 100)))
        assert found.title == "Nothing is recorded yet about support for any pupil"
        assert_no_advice_and_no_fact(found)


class TestTitle:
    @pytest.mark.parametrize(
        ("pupils", "entries", "title"),
        [
            ([(60, 100)], [entry("p1", "lead", "none")], "No plan is recorded for 1 of 1 severely absent pupil"),
            ([(60, 100), (60, 100)], [PLAN], "No plan is recorded for 1 of 2 severely absent pupils"),
            ([(60, 100)], [PLAN], "Most frequent gap: the recorded review date has passed, 1 pupil"),
            ([(12, 100), (12, 100)], [PLAN], "Most frequent gap: no contact recorded in the last 3 school weeks, 2 pupils"),
            ([(60, 100)], WHOLE, "Nothing that is looked for is missing from the record"),
        ],
    )  # fmt: skip
    def test_titles(self, pupils, entries, title):
        assert table(pupils_of(*pupils), *entries).title == title

    def test_the_weeks_are_those_it_was_checked_with(self):
        totals = totals_of(pupils_of((12, 100)), entry("p9", "contact", "call"))
        found = missing_tables.gaps_title(totals, on_record=1, severe=0, contact_weeks=5)
        assert found.endswith("in the last 5 school weeks, 1 pupil")


class TestWords:
    def test_in_one_line_by_pupil(self):
        found = missing_tables.missing_words(
            missing_of(pupils_of((60, 100), (12, 100)), PLAN), weeks=1
        )
        assert found.to_dict() == {
            "p1": "A review since its date passed, lead professional, contact in 1 week, offer of Early Help, barriers",
            "p2": "Contact in 1 week",
        }

    def test_every_gap_has_words(self):
        for gap in GAPS:
            assert missing_tables.missing_words(gap_rows(p1=gap)).loc["p1"]

    def test_nothing_missing(self):
        found = missing_tables.missing_words(missing_of(pupils_of((60, 100)), *WHOLE))
        assert found.to_dict() == {}


class TestSheet:
    def sheet(self, pupils, *entries):
        checked = checked_of(pupils, *entries)
        ordered = most_needed(pupils, standing_for(*entries), checked)
        return missing_tables.missing_sheet(missing_of(pupils, *entries), ordered, weeks=2)

    def test_a_row_for_each_pupil_and_gap_most_urgent_first(self):
        found = self.sheet(
            pupils_of((12, 100), (60, 100)), entry("p2", "plan", "plan", until="2026-11-02")
        )
        assert found.name == "Not recorded"
        assert [column.label for column in found.columns] == [
            *("UPN", "Surname", "Forename", "Year group", "Severely absent", "Missed sessions"),
            *("Not recorded", "Date", "Anything recorded"),
        ]
        assert found.rows == [
            ["p2", "Surname2", "Forename2", 3, "Yes", 60, "the recorded review date has passed", dt.date(2026, 11, 2), "Yes"],
            ["p2", "Surname2", "Forename2", 3, "Yes", 60, "no lead professional recorded", None, "Yes"],
            ["p2", "Surname2", "Forename2", 3, "Yes", 60, "no contact recorded in the last 2 school weeks", None, "Yes"],
            ["p2", "Surname2", "Forename2", 3, "Yes", 60, "Early Help not recorded as offered", None, "Yes"],
            ["p2", "Surname2", "Forename2", 3, "Yes", 60, "nothing recorded about barriers", None, "Yes"],
            ["p1", "Surname1", "Forename1", 3, "No", 12, "no contact recorded in the last 2 school weeks", None, "No"],
        ]  # fmt: skip

    def test_an_unknown_year_group_is_blank(self):
        found = self.sheet(pupils_of((12, 100), year_group=[None]))
        assert found.rows[0][3] is None

    def test_names_stay_as_they_are(self):
        names = HOSTILE_NAMES
        pupils = pupils_of(*[(12, 100)] * len(names), surname=names)
        assert [row[1] for row in self.sheet(pupils).rows] == [
            pupils.set_index("upn").loc[upn, "surname"] for upn in sorted(pupils["upn"])
        ]

    def test_nobody(self):
        assert self.sheet(pupils_of((1, 100))).rows == []

    def test_that_it_is_not_recorded_is_said_in_every_row(self):
        for row in self.sheet(pupils_of((60, 100), (20, 100))).rows:
            assert "recorded" in row[6]
