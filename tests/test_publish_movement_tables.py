from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.measures.movement import movement
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.measures.spells import absence_patterns, spell_totals, spells
from attendance_helpers.publish import movement_tables
from attendance_helpers.publish.blocks import Cover, Paragraph, Table
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.register.calendar import Window

Marks = Callable[..., pd.DataFrame]
SINCE = dt.date(2026, 1, 15)


def totals(*pairs: tuple[int, int], left: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return possible and missed sessions of p1, p2, ... with their names."""
    roll = roll_of(len(pairs))
    roll.loc[roll["upn"].isin(left), "leaving_date"] = pd.Timestamp("2026-02-20")
    possible, missed = ([pair[at] for pair in pairs] for at in (0, 1))
    return persistence(roll.assign(possible_sessions=possible, overall_absence=missed))


def moved(*pairs: tuple[int, int], left: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the movement of pupils who missed so many of 100, and then so many of 200; under nought is no session."""
    before = totals(*[(100, a) if a >= 0 else (0, 0) for a, _ in pairs])
    return movement(before, totals(*[(200, b) for _, b in pairs], left=left))


class TestCounts:
    def counts(self, frame: pd.DataFrame) -> str:
        found = movement_tables.movement_table(frame, since=SINCE, caption="All.")
        assert isinstance(found, Table)
        return found.notes[0].split(" Absence up to")[0]

    def test_counts_reconcile(self) -> None:
        frame = moved((5, 20), (10, 19), (60, 150), (9, 110), (-1, 40), left=("p3",))
        assert self.counts(frame) == (
            "Persistently absent: 2 up to 15 January, 2 became so, 1 joined the school, 1 no longer are, 4 now "
            "(1 of them has left the school); severely absent, among them: 1 up to 15 January, 1 became so, 2 now."
        )

    def test_whoever_is_in_the_earlier_totals_alone_is_told(self) -> None:
        before = totals((100, 20), (100, 0), (100, 5))
        now = totals((200, 40), (200, 0), (200, 30)).tail(2)
        assert self.counts(movement(before, now)).startswith(
            "Persistently absent: 1 up to 15 January, 1 became so, 1 have no session now, 1 now;"
        )

    @pytest.mark.parametrize(
        ("pairs", "title"),
        [
            ([(5, 20), (5, 20), (10, 19)], "Since 15 January 2 pupils became persistently absent and 1 no longer is"),
            ([(5, 20)], "Since 15 January 1 pupil became persistently absent, and none stopped being so"),
            ([(10, 19), (10, 1)], "Since 15 January no pupil became persistently absent and 2 no longer are"),
            ([(40, 100)], "Since 15 January no pupil crossed the line of persistent absence, and 1 became severely absent"),
        ],
    )  # fmt: skip
    def test_titles(self, pairs: list[tuple[int, int]], title: str) -> None:
        found = movement_tables.movement_table(moved(*pairs), since=SINCE, caption="All.")
        assert isinstance(found, Table)
        assert found.title == title

    def test_a_first_half_term_says_so(self) -> None:
        now = totals((10, 5))
        found = movement_tables.movement_table(movement(now.head(0), now), since=None, caption="")
        assert found == Paragraph(
            "This is the first half term of these dates: there is nothing earlier to compare with."
        )


class TestNames:
    def table(self, frame: pd.DataFrame, most: int = 6) -> Table:
        found = movement_tables.movement_table(frame, since=SINCE, caption="", most=most)
        assert isinstance(found, Table)
        return found

    def test_each_pupil_stands_once_with_both_rates(self) -> None:
        frame = moved(
            (5, 20), (10, 19), (60, 90), (9, 110), (-1, 40), (70, 10), (1, 1), left=("p2",)
        )
        found = self.table(frame)
        rows = {str(row[0]): (row[1], str(row[2]).replace("\u00a0", " ")) for row in found.rows}
        assert rows == {
            "Now severe": (1, "Surname4, Forename4 (Y3) 9.0 to 55.0%"),
            "Now persistent": (1, "Surname1, Forename1 (Y3) 5.0 to 10.0%"),
            "Joined, persistent": (1, "Surname5, Forename5 (Y3) 20.0%"),
            "No longer severe": (1, "Surname3, Forename3 (Y3) 60.0 to 45.0%"),
            "No longer persistent": (
                2,
                "Surname6, Forename6 (Y3) 70.0 to 5.0%; Surname2, Forename2 (Y3)† 10.0 to 9.5%",
            ),
        }
        assert "† has left the school." in found.notes[0]
        assert not found.continues

    def test_highest_first_and_the_others_counted(self) -> None:
        found = self.table(moved(*[(5, 20 + at) for at in range(9)]), most=6)
        words = str(found.rows[0][2])
        assert words.startswith("Surname9, ")
        assert words.endswith("; and 3 more")
        assert words.count(";") == 6
        assert found.continues == "All: sheet Movement."
        assert "†" not in found.notes[0]

    def test_not_cut_for_one_more(self) -> None:
        found = self.table(moved(*[(5, 20 + at) for at in range(7)]), most=6)
        assert "more" not in str(found.rows[0][2])
        assert not found.continues
        cut = self.table(moved(*[(5, 20 + at) for at in range(8)]), most=6)
        assert str(cut.rows[0][2]).endswith("; and 2 more")
        assert cut.continues

    def test_nobody(self) -> None:
        found = movement_tables.movement_table(moved((5, 5)), since=SINCE, caption="")
        assert isinstance(found, Paragraph)
        assert "Since 15 January no pupil crossed" in found.text
        assert "Persistently absent: 0 up to 15 January, 0 now;" in found.text

    def test_a_name_is_text_and_no_markup(self) -> None:
        frame = moved((5, 20)).assign(surname="<b>Hale</b>")
        page = html_page(block_document(Cover("x"), [self.table(frame)]))
        assert "&lt;b&gt;Hale" in page


class TestSheet:
    def test_one_row_a_pupil(self, marks_of: Marks) -> None:
        marks = marks_of("// // II // I/", "// // // // //", "## ## ## ## ##")
        week = Window("week", dt.date(2026, 9, 7), dt.date(2026, 9, 11))
        pupils = roll_of(3)
        before, now = (
            persistence(pupil_totals(marks, pupils, window))
            for window in (week.until(dt.date(2026, 9, 8)), week)
        )
        found = spells(marks)
        sheet = movement_tables.movement_sheet(
            movement(before, now), spell_totals(found), absence_patterns(marks, found, now)
        )
        assert sheet.name == "Movement"
        assert [column.label for column in sheet.columns][:6] == [
            *("UPN", "Surname", "Forename", "Year group"),
            *("Possible sessions before", "Absent sessions before"),
        ]
        not_absent = "Not persistently absent"
        assert sheet.rows == [
            ["p1", "Surname1", "Forename1", 3, 4, 0, 10, 3, 0.0, 50.0, not_absent, "Persistently absent",
             2, 2, 1.5, "No", "Short time so far"],
        ]  # the others neither were over a line nor missed a tenth of either part  # fmt: skip

    def test_without_an_earlier_date_and_without_pupils(self, marks_of: Marks) -> None:
        now = totals((10, 5))
        none = spells(marks_of("//").iloc[:0])
        for frame in (now, now.head(0)):
            sheet = movement_tables.movement_sheet(
                movement(now.head(0), frame),
                spell_totals(none),
                pd.DataFrame({"upn": pd.Series(dtype="str"), "pattern": pd.Series(dtype="str")}),
            )
            assert len(sheet.rows) == len(frame)
            assert all(len(row) == len(sheet.columns) for row in sheet.rows)
