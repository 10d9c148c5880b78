"""The pupils nearest the line, and the sheet of what it would take for every pupil."""

import datetime as dt

import pandas as pd
import pytest
from discuss_samples import AS_AT, HOSTILE_NAMES, YEAR_END, outlook_of, pupils_of, texts

from attendance_helpers.measures.outlook_school import school_outlook
from attendance_helpers.measures.outlook_sessions import Remaining
from attendance_helpers.publish.blocks import Cover, Group, Paragraph
from attendance_helpers.publish.outlook_tables import nearest_words, outlook_sheet
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page

TERM_END = dt.date(2026, 12, 18)
LABELS = [
    *("UPN", "Surname", "Forename", "Year group", "Possible this year", "Missed this year"),
    *("Lately missed %", "Sessions left to 18 Dec 2026"),
    *("Can miss and not be PA on 18 Dec 2026", "Sessions left to 21 Jul 2027"),
    *("Can miss and not be PA on 21 Jul 2027", "Sessions in a row to be out of PA"),
    *("Out of PA, all attended", "Out of PA, pace of late"),
    *("Can miss and not be SA on 21 Jul 2027", "Out of SA, all attended"),
]


def ints(*values):
    return pd.array(list(values), dtype="Int64")


def flags(*values):
    return pd.array(list(values), dtype="boolean")


def remaining(sessions=280, source="calendar"):
    return Remaining(pd.DataFrame({"date": [pd.Timestamp(YEAR_END)] * sessions}), source, AS_AT)


def nearest(outlook, pupils, *, until=YEAR_END, left=None, most=5):
    left = remaining() if left is None else left
    return nearest_words(school_outlook(outlook, nearest=most), pupils, left, until=until, perc=10)


class TestNearest:
    def test_who_is_nearest_and_what_the_rate_becomes(self):
        pupils = pupils_of(*[(20, 100)] * 4)
        outlook = outlook_of(
            ["p1", "p2", "p3", "p4"],
            over=flags(True, True, True, False),
            sessions_needed=ints(11, 1, 300, 0),
            can_happen=flags(True, True, False, True),
        )
        found = nearest(outlook, pupils)
        assert isinstance(found, Group)
        title, rest = texts(found)
        assert title == (
            "2 of 3 pupils over the line can still be under it by 21 July; if the nearest 2 cross it, 75.0% becomes 25.0%."
        )
        assert rest == (
            "At the pace of the recent weeks none will. Nearest, by days to attend in a row: "
            "Surname2, Forename2 (Y3) half a day, by 3 February; "
            "Surname1, Forename1 (Y3) 5.5 days, by 3 February. Counted over this school year so far and 140 days to come, "
            "from the school's term dates. Every pupil: sheet What it would take."
        )

    def test_how_many_will_be_at_the_pace_of_the_recent_weeks(self):
        dates = pd.to_datetime(["2027-05-04", None, "2027-06-01", "2027-07-02", "2027-03-01"])
        outlook = outlook_of(
            ["p1", "p2", "p3", "p4", "p5"],
            date_recent=dates,
            over=flags(True, True, True, True, False),  # the last is under the line already
            has_left=[False, False, False, True, False],
        )
        title, rest = texts(nearest(outlook, pupils_of(*[(20, 100)] * 5), most=1))
        assert title.startswith("3 of 4 pupils")
        assert rest.startswith("At the pace of the recent weeks 2 will. Nearest, ")

    def test_one_pupil(self):
        title, _ = texts(nearest(outlook_of(["p1"]), pupils_of((20, 100))))
        assert title == (
            "1 of 1 pupil over the line can still be under it by 21 July; if the nearest crosses it, 100.0% becomes 0.0%."
        )

    def test_no_more_are_named_than_asked_for(self):
        upns = [f"p{at}" for at in range(1, 8)]
        outlook = outlook_of(upns, sessions_needed=ints(*range(7, 0, -1)))
        title, rest = texts(nearest(outlook, pupils_of(*[(20, 100)] * 7), most=3))
        assert title.startswith("7 of 7 pupils")
        assert "if the nearest 3 cross it, 100.0% becomes 57.1%" in title
        assert [name for name in upns if f"Surname{name[1]}," in rest] == ["p5", "p6", "p7"]

    def test_last_years_weeks_are_named_as_the_source(self):
        _, rest = texts(
            nearest(outlook_of(["p1"]), pupils_of((20, 100)), left=remaining(1, "last year"))
        )
        assert "half a day to come, from the same weeks of last year" in rest

    @pytest.mark.parametrize(
        ("over", "words"),
        [
            (True, "No pupil who is over 10% can still be under it by 21 Jul 2027."),
            (False, "No pupil is persistently absent in this school year so far."),
        ],
    )
    def test_nobody(self, over, words):
        outlook = outlook_of(["p1"], over=flags(over), can_happen=flags(not over))
        assert nearest(outlook, pupils_of((20, 100))) == Paragraph(words)

    def test_a_school_without_pupils(self):
        found = nearest(outlook_of([]), pupils_of((20, 100)))
        assert found == Paragraph("No pupil is persistently absent in this school year so far.")

    def test_whoever_has_left_is_not_named(self):
        outlook = outlook_of(["p1", "p2"], has_left=[True, False])
        _, rest = texts(nearest(outlook, pupils_of((20, 100), (20, 100))))
        assert "Surname1" not in rest
        assert "Surname2" in rest

    def test_without_a_calendar_that_is_said(self):
        found = nearest(outlook_of(["p1"]), pupils_of((20, 100)), until=None)
        assert found == Paragraph(
            "What it would take is not known: the register holds neither term dates nor the same weeks of last year."
        )

    def test_names_are_text(self):
        pupils = pupils_of((20, 100), surname=["<b>Hale</b>"])
        page = html_page(block_document(Cover("x"), [nearest(outlook_of(["p1"]), pupils)]))
        assert "&lt;b&gt;Hale&lt;/b&gt;" in page
        assert "<b>Hale" not in page


class TestSheet:
    def sheet(self, outlook, pupils, *, until=YEAR_END, term_end=TERM_END, severe=None, term=None):
        return outlook_sheet(
            outlook,
            outlook if severe is None else severe,
            pupils,
            until=until,
            term=outlook if term is None else term,
            term_end=term_end,
        )

    def test_columns_in_order_and_real_dates(self):
        outlook = outlook_of(["p1"], date_recent=pd.to_datetime(["2027-03-01"]))
        severe = outlook_of(["p1"], can_miss=ints(120), date_full=pd.to_datetime(["2026-12-01"]))
        term = outlook_of(["p1"], sessions_left=ints(30), can_miss=ints(None))
        found = self.sheet(outlook, pupils_of((20, 100)), severe=severe, term=term)
        assert found.name == "What it would take"
        assert [column.label for column in found.columns] == LABELS
        assert found.rows == [
            ["p1", "Surname1", "Forename1", 3, 100, 20, 12.5, 30, None, 200, 9, 101,
             dt.date(2027, 2, 3), dt.date(2027, 3, 1), 120, dt.date(2026, 12, 1)],
        ]  # fmt: skip
        assert type(found.rows[0][12]) is dt.date
        kinds = [column.kind for column in found.columns]
        assert [kinds[at] for at in (12, 13, 15)] == ["date"] * 3

    def test_whole_numbers_stay_whole_beside_pupils_who_are_in_no_outlook(self):
        found = self.sheet(outlook_of(["p2"]), pupils_of((1, 9), (2, 9), (3, 9)))
        (row,) = found.rows
        counts = [at for at, column in enumerate(found.columns) if column.kind == "count"]
        assert [type(row[at]) for at in counts] == [int] * len(counts)

    def test_in_the_summer_no_two_columns_have_one_name(self):
        found = self.sheet(outlook_of(["p1"]), pupils_of((20, 100)), term_end=YEAR_END)
        labels = [column.label for column in found.columns]
        assert len(set(labels)) == len(labels)
        assert "Sessions left to 21 Jul 2027" in labels

    def test_without_a_calendar_the_columns_are_blank(self):
        none = {name: ints(None) for name in ("sessions_left", "can_miss")}
        dates = pd.to_datetime(pd.Series([None]))
        outlook = outlook_of(["p1"], **none, can_happen=flags(None), date_full=dates)
        found = self.sheet(outlook, pupils_of((20, 100)), until=None, term_end=None)
        labels = [column.label for column in found.columns]
        assert "Sessions left to the end of the term" in labels
        assert "Sessions left to the end of the year" in labels
        assert found.rows[0][7:] == [None, None, None, None, 101, None, None, None, None]

    def test_by_name_and_without_leavers(self):
        pupils = pupils_of(*[(20, 100)] * 3, surname=["Ng", "Adu", "Ng"], forename=["B", "C", "A"])
        found = self.sheet(outlook_of(["p1", "p2", "p3"]), pupils)
        assert [row[0] for row in found.rows] == ["p2", "p3", "p1"]
        gone = outlook_of(["p1", "p2", "p3"], has_left=[True, False, False])
        assert [row[0] for row in self.sheet(gone, pupils).rows] == ["p2", "p3"]

    def test_two_enrolments_of_a_pupil_are_one_row(self):
        pupils = pd.concat([pupils_of((20, 100))] * 2)
        assert len(self.sheet(outlook_of(["p1"]), pupils).rows) == 1

    def test_names_stay_as_they_are_and_an_unknown_year_is_blank(self):
        names = HOSTILE_NAMES
        pupils = pupils_of(*[(20, 100)] * len(names), surname=names, year_group=None)
        found = self.sheet(outlook_of(pupils["upn"].to_list()), pupils)
        assert sorted(str(row[1]) for row in found.rows) == sorted(names)
        assert {row[3] for row in found.rows} == {None}

    def test_nobody(self):
        assert self.sheet(outlook_of([]), pupils_of((20, 100))).rows == []
