"""Expected for this mix: the sentence, a table and a sheet that can be checked by hand, and the school's position."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from test_measures_standards import A, B, C, Kind, strata, together

from attendance_helpers.measures.standards import MixComparison, expected_for_mix
from attendance_helpers.publish.blocks import Cover, Paragraph, Table, Workbook
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.publish.standard_tables import (
    mix_sheet,
    mix_table,
    mix_title,
    position_words,
)
from attendance_helpers.publish.workbook import workbook_bytes


def compared(own: pd.DataFrame, *others: tuple[Kind, int, int]) -> MixComparison:
    return expected_for_mix(own, together(own, *([strata(*others)] if others else [])))


OWN = strata((A, 10, 6), (B, 20, 2), ((8, None, "N"), 2, 1))
MIX = compared(OWN, (A, 40, 10), (B, 50, 5), (C, 30, 3))


def table(mix: MixComparison = MIX, **options: int) -> Table:
    made = mix_table(*mix, phase="Secondary", caption="All pupils.", **options)
    assert isinstance(made, Table)
    return made


class TestTitle:
    @pytest.mark.parametrize(
        ("observed", "expected", "words"),
        [
            (260, 227.4, "33 more persistently absent pupils than expected for this mix: 260, where 227 would be"),
            (190, 227.5, "38 fewer persistently absent pupils than expected for this mix: 190, where 228 would be"),
            (249, 227.4, "About as many persistently absent pupils as expected for this mix: 249, where 227"),
            (205, 227.4, "About as many persistently absent pupils as expected for this mix: 205, where 227"),
        ],
    )  # fmt: skip
    def test_is_the_finding(self, observed: int, expected: float, words: str) -> None:
        title = mix_title(
            {"observed": observed, "expected": expected, "lower": 205, "upper": 249},
            phase="Primary",
        )
        assert title.startswith(words)
        assert title.endswith("in the authority's other primary schools (205 to 249 by chance)")

    def test_few_expected_are_given_to_a_tenth_and_the_difference_is_not_counted(self) -> None:
        summary = {"observed": 9, "expected": 3.44, "lower": 0, "upper": 7}
        title = mix_title(summary, phase="Primary")
        assert title.startswith(
            "More persistently absent pupils than expected for this mix: 9, where 3.4"
        )


class TestTable:
    def test_each_row_can_be_checked_by_hand(self) -> None:
        rows = table().rows
        # The two whose FSM is not known take the rate of year 8, no SEN: 3 of 30.
        assert rows[0] == [
            "All pupils",
            32,
            pytest.approx(100 * 4.7 / 32),
            pytest.approx(4.7),
            9,
            "+4.3",
        ]
        assert rows[1] == ["FSM, SEN support", 10, 25.0, 2.5, 6, "+3.5"]
        assert rows[2] == ["Not FSM, no SEN", 20, 10.0, 2.0, 2, "0.0"]
        assert rows[3] == ["FSM or SEN not known", 2, 10.0, 0.2, 1, "+0.8"]
        assert [row[0] for row in rows[4:]] == ["Year 7", "Year 8"]
        for part in (rows[1:4], rows[4:]):
            for column in (1, 3, 4):
                assert sum(row[column] for row in part) == pytest.approx(rows[0][column])

    def test_the_notes_say_how_and_reckon_one_kind_in_full(self) -> None:
        notes = " ".join(table().notes)
        assert (
            "Year 7, not FSM, no SEN: elsewhere 5 of 50 are PA (10.00%); of 20 here that would be 2.0, and 2 are."
            in notes
        )
        assert (
            "2 pupils here are of a kind with fewer than 10 alike elsewhere, or not known in full"
            in notes
        )
        assert "other secondary schools (120 pupils)" in notes

    def test_years_are_left_to_the_workbook_where_rows_are_many(self) -> None:
        made = table(most=5)
        assert len(made.rows) == 4
        assert "By year group: in the workbook." in " ".join(made.notes)

    def test_of_many_kinds_those_furthest_from_expected_stay(self) -> None:
        kinds: list[Kind] = [
            *((7, True, "K"), (7, True, "N"), (7, False, "K"), (7, False, "N"), (7, True, "E"))
        ]
        own = strata(
            *((kind, 20, absent) for kind, absent in zip(kinds, (9, 2, 6, 2, 1), strict=True))
        )
        made = table(compared(own, *((kind, 50, 5) for kind in kinds)), most=5)
        assert [row[0] for row in made.rows] == [
            *("All pupils", "FSM, SEN support", "FSM, EHC plan", "Not FSM, SEN support")
        ]
        assert "Rows: the 3 furthest from expected." in made.notes
        # Four kinds are not cut by one.
        few = strata(*((kind, 20, 2) for kind in kinds[:4]))
        whole = table(compared(few, *((kind, 50, 5) for kind in kinds)), most=4)
        assert len(whole.rows) == 5
        assert not any("furthest" in note for note in whole.notes)

    def test_one_year_group_has_no_rows_of_years(self) -> None:
        own = strata((A, 10, 6), (B, 20, 2))
        made = table(compared(own, (A, 40, 10), (B, 50, 5)))
        assert [row[0] for row in made.rows] == [
            "All pupils",
            "FSM, SEN support",
            "Not FSM, no SEN",
        ]
        assert "Every kind of pupil here has at least 10 alike elsewhere." in made.notes[2]

    def test_a_school_without_the_field_keeps_its_kinds(self) -> None:
        own = strata(((7, None, "N"), 20, 2), ((7, None, "K"), 5, 2), ((None, None, None), 1, 0))
        made = table(compared(own, (A, 40, 10), (B, 50, 5)))
        named = [row[0] for row in made.rows]
        assert named == [
            "All pupils",
            *(
                "FSM not known, no SEN",
                "FSM not known, SEN support",
                "FSM not known, SEN not known",
            ),
            *("Year group not known", "Year 7"),
        ]

    @pytest.mark.parametrize(
        ("mix", "words"),
        [
            (compared(OWN), "No other secondary school of the authority has pupils with sessions"),
            (
                compared(OWN, (A, 9, 2)),
                "The authority's other secondary schools have only 9 pupils",
            ),
            (compared(OWN.iloc[:0], (A, 90, 2)), "No session in this window counts."),
        ],
    )
    def test_without_a_comparison_it_is_a_sentence(self, mix: MixComparison, words: str) -> None:
        found = mix_table(*mix, phase="Secondary", caption="")
        assert isinstance(found, Paragraph) and found.text.startswith(words)

    def test_may_stand_on_a_page(self) -> None:
        page = html_page(block_document(Cover("Against whom"), [table()]))
        assert "+3.5" in page


class TestSheet:
    def test_every_cell_of_the_expected_column_can_be_recomputed(self) -> None:
        sheet = mix_sheet(MIX.strata)
        names = [column.label for column in sheet.columns]
        assert sheet.name == "Expected for this mix" and len(sheet.rows) == 3
        for row in (dict(zip(names, row, strict=True)) for row in sheet.rows):
            rate = row["Persistently absent elsewhere"] / row["Pupils elsewhere"]
            assert row["Persistently absent elsewhere %"] == pytest.approx(100 * rate)
            assert row["Expected"] == pytest.approx(row["Pupils"] * rate)
            missed = row["Absent sessions elsewhere"] / row["Possible sessions elsewhere"]
            assert row["Absence elsewhere %"] == pytest.approx(100 * missed)
            assert row["Expected absent sessions"] == pytest.approx(
                row["Possible sessions"] * missed
            )
        assert [row[:6] for row in sheet.rows] == [
            [7, "Yes", "SEN support", 10, 6, "year group, FSM, SEN"],
            [7, "No", "No SEN", 20, 2, "year group, FSM, SEN"],
            [8, "Unknown", "No SEN", 2, 1, "year group, SEN"],
        ]

    def test_fits_into_a_workbook(self, tmp_path: object) -> None:
        own = strata(((None, None, None), 3, 1), ((0, True, "E"), 1, 0))
        for mix in (compared(own, (A, 40, 10)), compared(own)):
            file = tmp_path / "book.xlsx"
            file.write_bytes(workbook_bytes(Workbook("Title", [mix_sheet(mix.strata)]).to_json()))
            cells = openpyxl.load_workbook(file)["Expected for this mix"]
            assert [cells.cell(2, at).value for at in (1, 2, 3, 4)] == ["Unknown"] * 3 + [3]
            assert cells.cell(3, 1).value == 0
            assert cells.cell(2, 6).value in {"phase only", "nobody"}


class TestPosition:
    @staticmethod
    def words(*rates: float, urn: int = 0) -> str:
        totals = pd.DataFrame({"urn": [f"u{at}" for at in range(len(rates))], "phase": "Primary"})
        totals["persistently_absent_perc"] = rates
        return position_words(totals, urn=f"u{urn}", phase="Primary")

    def test_counts_from_the_nearer_end(self) -> None:
        nine = (1.0, 2, 3, 4, 5, 6, 7, 8, 9)
        found = [self.words(*nine, urn=at) for at in (0, 2, 4, 6, 8)]
        assert found == [
            *("lowest of 9", "3rd lowest of 9", "5th of 9"),
            *("3rd highest of 9", "highest of 9"),
        ]

    def test_rates_that_print_alike_are_level(self) -> None:
        assert self.words(8.04, 8.01, 9, 10) == "joint lowest of 4"
        assert self.words(9, 7, 9.04, 10, 11, 12) == "joint 2nd lowest of 6"
        assert self.words(8, 8, 8) == "the same as all 3"
        assert self.words(8, 8, 7, 9) == "joint 2nd of 4"

    def test_teens_have_their_ending(self) -> None:
        assert self.words(*range(30), urn=10) == "11th lowest of 30"
        assert self.words(*range(60), urn=21) == "22nd lowest of 60"

    def test_few_schools_or_no_rate_have_none(self) -> None:
        assert self.words(8.0) == ""
        assert self.words(8.0, float("nan")) == ""
        assert self.words(float("nan"), 8, 9, 10) == ""
