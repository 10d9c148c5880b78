"""Cover, tiles, tables and workbook of the copy for others: what is hidden is the mark everywhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from test_publish_shareable_figures import pupils

from attendance_helpers.measures.groups import school_totals
from attendance_helpers.publish import shareable_compare, shareable_tables, shareable_workbook
from attendance_helpers.publish.blocks import Paragraph, Sheet, Table
from attendance_helpers.publish.shareable_figures import ShareableFigures, shareable_figures
from attendance_helpers.register.calendar import Window

SPAN = Window("x", dt.date(2026, 9, 7), dt.date(2026, 10, 23))
SCHOOL = {"urn": "900101", "school_name": "Test School", "phase": "Primary"}
LARGE = pupils((80, 2), (12, 20), (8, 60), sex=["F"] * 50 + ["M"] * 50)
SMALL = pupils((40, 2), (3, 20))
TINY = pupils((7, 2))


def figures(totals: pd.DataFrame) -> ShareableFigures:
    return shareable_figures(totals)


def test_the_cover_has_the_number_of_pupils_as_it_may_be_printed() -> None:
    for totals, expected in ((LARGE, "100"), (pupils((3, 2)), "c")):
        cover = shareable_tables.cover(
            *(SCHOOL, SPAN, figures(totals)),
            as_at=SPAN.end,
            authority="Council",
            profile="shareable",
            handling="For governors.",
        )
        assert dict(cover.facts)["Pupils on roll in these dates"] == expected
        assert (cover.profile, cover.handling) == ("shareable", "For governors.")


class TestTiles:
    def test_hidden_numbers_have_no_rate_and_no_change(self) -> None:
        then = school_totals(LARGE)
        tiles = shareable_tables.headline_tiles(figures(SMALL), last_year=then).tiles
        assert [tile.value for tile in tiles][1:3] == ["c", "0"]
        assert (tiles[1].note, list(tiles[1].changes)) == ("of 43 pupils", [])
        assert list(tiles[0].changes) == ["▲ 5.5 points on last year"]

    def test_a_hidden_number_of_then_hides_the_change(self) -> None:
        then = school_totals(SMALL)
        tiles = shareable_tables.headline_tiles(figures(LARGE), half_terms=(then, then)).tiles
        assert tiles[1].value == "20"
        assert list(tiles[1].changes) == ["c on last half term"]
        assert list(tiles[0].changes) == ["● the same as last half term"]

    def test_of_nine_there_are_no_rates(self) -> None:
        tiles = shareable_tables.headline_tiles(figures(TINY)).tiles
        assert [tile.value for tile in tiles] == ["c", "0", "0", "c", "c"]
        note = shareable_tables.mark_note(figures(TINY)).text
        assert note.startswith("The school has fewer than 10 pupils on roll")
        assert "c: hidden to protect a child" in note


class TestGroups:
    def test_the_table_prints_the_figures(self) -> None:
        table = shareable_tables.groups_table(figures(LARGE), title="Found", caption="")
        assert isinstance(table, Table)
        assert table.rows[0] == ["All pupils", 100, 91.2, None, 20, 20.0, 8]
        assert [row[0] for row in table.rows] == ["All pupils", "Year 3", "Female", "Male"]

    def test_of_nine_there_is_none(self) -> None:
        assert isinstance(
            shareable_tables.groups_table(figures(TINY), title="", caption=""), Paragraph
        )


class TestCompare:
    def others(self, **missing: float) -> pd.Series:
        return (
            pd.concat([school_totals(SMALL).drop(["group", "value"]), pd.Series(missing)])
            .groupby(level=0)
            .last()
            .astype("float64")
        )

    def table(self, totals: pd.DataFrame, others: pd.Series | None) -> Table | Paragraph:
        return shareable_compare.compare_table(
            *(figures(totals), others, "no comparator for these dates"), phase="Primary", caption=""
        )

    def test_beside_others(self) -> None:
        table = self.table(LARGE, self.others())
        assert isinstance(table, Table)
        assert (
            table.title
            == "Attendance is 91.2%, below the 96.7% of the authority's other primary schools"
        )
        held = {row[0]: row[1:] for row in table.rows}
        assert held["Persistently absent pupils"] == [20.0, 7.0]

    def test_what_is_withheld_of_the_school_is_the_mark_and_of_others_left_out(self) -> None:
        others = self.others().mask(self.others().index == "persistently_absent_perc")
        table = self.table(SMALL, others)
        assert isinstance(table, Table)
        held = {row[0]: row[1:] for row in table.rows}
        assert held["Persistently absent pupils"] == ["c", None]
        assert any("documents together" in note for note in table.notes)

    def test_alone_and_tiny(self) -> None:
        alone = self.table(LARGE, None)
        assert isinstance(alone, Table)
        assert [column.label for column in alone.columns] == ["Measure", "This school"]
        assert isinstance(self.table(TINY, self.others()), Paragraph)

    def findings(self, totals: pd.DataFrame, mix: dict[str, Any] | None) -> list[str]:
        found = shareable_compare.rate_findings(
            figures(totals),
            school_totals(totals),
            last_year=None,
            others=self.others(),
            mix=mix,
            phase="Primary",
            least_gap=1.0,
        )
        return [one.finding.text for one in found if one is not None]

    def test_findings_are_rates(self) -> None:
        mix = {"expected": 12.0, "enrolments": 100, "lower": 7, "upper": 18, "observed": 20}
        mix |= {"overall_absence": 880, "expected_absence": 700}
        texts = self.findings(LARGE, mix)
        assert texts[1].startswith(
            "Persistent absence is more than expected for this mix of pupils: 20.0%, where 12.0%"
        )
        assert texts[2].startswith("8.0% of pupils are severely absent; in the authority's other")

    def test_hidden_numbers_and_tiny_schools_have_none(self) -> None:
        mix = {"expected": 3.0, "enrolments": 43, "lower": 1, "upper": 6, "observed": 3}
        assert len(self.findings(SMALL, mix | {"overall_absence": 1, "expected_absence": 1})) == 1
        assert self.findings(TINY, None) == []


def test_how_it_was_counted_says_what_is_hidden_and_why() -> None:
    table = shareable_tables.counted_table(
        [("Session", "Half a day"), ("Rates", "Groups have counts")],
        [("Sources", "The register.")],
        verdict="fit",
        caption="",
    )
    labels = [row[0] for row in table.rows]
    assert labels[:3] == ["Session", "Rates", "What is hidden"]
    assert table.rows[1] == list(shareable_tables.HIDDEN[0])
    assert ["Register", "The register is fit to report from."] in table.rows


class TestWorkbook:
    def book(self, totals: pd.DataFrame) -> dict[str, Sheet]:
        weeks = pd.DataFrame(
            {
                "week": pd.to_datetime(["2026-09-07"]),
                "week_number": [2],
                "complete": [True],
                "overall_attendance_perc": [91.2],
            }
        )
        reasons = pd.DataFrame({"code": ["I"], "school_perc": [3.1], "authority_perc": [None]})
        found = shareable_workbook.shareable_workbook(
            *(SCHOOL, SPAN, figures(totals)),
            as_at=SPAN.end,
            handling="For governors.",
            weeks=(weeks, weeks),
            reasons=reasons,
            actions=Sheet("Actions", [], []),
        )
        return {sheet.name: sheet for sheet in found.sheets}

    def test_the_same_values_as_the_page(self) -> None:
        book = self.book(SMALL)
        assert book["Groups"].rows[0] == ["All pupils", 43, 96.7, None, "c", "c", 0]
        assert book["Weeks"].rows == [[dt.date(2026, 9, 7), "yes", 91.2, 91.2]]
        assert book["Reasons"].rows == [["I", "Illness", 3.1, None]]
        lines = dict(book["Read me"].rows)
        assert "Persistently absent pupils c" in lines["All pupils"]
        assert lines["Copy"] == "Shareable copy. For governors."

    def test_of_nine_all_pupils_and_no_rates(self) -> None:
        book = self.book(TINY)
        assert book["Groups"].rows == [["All pupils", 7, "c", None, 0, "c", 0]]
        assert book["Weeks"].rows == book["Reasons"].rows == []
