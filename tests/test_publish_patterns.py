"""The weekday chart, and the words and tables of when sessions are missed."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from test_publish_charts import placed_words

from attendance_helpers.publish import charts, when_tables
from attendance_helpers.publish.blocks import Chart, Paragraph, Table
from attendance_helpers.publish.chart_frame import LOOK
from attendance_helpers.publish.chart_weekdays import PALE
from attendance_helpers.publish.rounding import signed

SVG = "{http://www.w3.org/2000/svg}"
FRIDAY = 4


def cells(
    *found: tuple[int | None, int, str, float],
    years: tuple[int, ...] = (7, 9),
    weeks: int = 25,
    schools: int = 2,
) -> pd.DataFrame:
    """Return a week in which nothing stands out but what is named: year group, weekday, session, excess."""
    named = {(year, day, session): excess for year, day, session, excess in found}
    rows = [
        (year, day, session)
        for year, sessions in ((None, ("AM", "PM")), *((year, ("day",)) for year in years))
        for day in range(5)
        for session in sessions
    ]
    values = [named.get(key, -0.31) for key in rows]
    frame = pd.DataFrame(rows, columns=["year_group", "weekday", "session"])
    return frame.astype({"year_group": "Int64"}).assign(
        school_perc=8.0,
        authority_perc=7.0,
        school_gap=[value + 0.5 for value in values],
        authority_gap=0.5,
        excess=values,
        weeks=weeks,
        weeks_above=weeks - 3,
        p_value=0.5,
        schools=schools,
        found=[key in named for key in rows],
    )


FRIDAYS = ((None, FRIDAY, "AM", 2.0), (None, FRIDAY, "PM", 2.64))
YEAR_9 = (9, FRIDAY, "day", 10.89)


def alone() -> pd.DataFrame:
    """Return cells of a school that has no other to compare with."""
    return cells(schools=0).assign(authority_perc=None, authority_gap=None, excess=float("nan"))


def words(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


class TestTitle:
    def test_nothing(self) -> None:
        title = when_tables.weekday_title(cells())
        assert title == "No weekday stands out beyond what is usual across the authority"

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            (FRIDAYS, "Fridays stand out: 8.0% missed, against "),
            (FRIDAYS[:1], "Friday mornings stand out: 8.0% missed"),
            ((YEAR_9,), "Year 9 on Fridays stands out: 8.0% missed"),
            (
                (*FRIDAYS, (None, 0, "PM", 4.0)),
                "These stand out, in points beyond the week's gap elsewhere: Monday afternoons (4.0) and Fridays (2.3)",
            ),
            (
                (YEAR_9, (7, 1, "day", 12.0)),
                "These stand out, in points beyond the week's gap elsewhere: Year 7 on Tuesdays (12.0) and Year 9 on Fridays (10.9)",
            ),
        ],
    )
    def test_what_was_found_with_its_figure(self, found: tuple, words: str) -> None:
        assert when_tables.weekday_title(cells(*found)).startswith(words)

    def test_the_size_is_beyond_elsewhere(self) -> None:
        title = when_tables.weekday_title(cells(YEAR_9))
        assert title.endswith("over the week, 10.9 points more than that gap elsewhere")

    def test_the_school_and_a_year_group(self) -> None:
        school, year = when_tables.weekday_title(cells(*FRIDAYS, YEAR_9)).split("; ")
        assert school.startswith("Fridays stand out") and year.startswith(
            "Year 9 on Fridays stands"
        )

    def test_what_cannot_be_said(self) -> None:
        assert when_tables.weekday_title(alone()).startswith("No other school of this phase")
        assert (
            when_tables.weekday_title(cells(weeks=4))
            == "4 weeks cannot tell whether a weekday stands out"
        )
        assert when_tables.weekday_title(cells(weeks=1)).startswith("1 week cannot tell")
        assert when_tables.weekday_title(cells(weeks=0)).startswith("No week of these dates")


class TestChart:
    def chart(self, frame: pd.DataFrame) -> Chart:
        made = charts.weekday_chart(frame, title="Finding", caption="c", source="s")
        assert isinstance(made, Chart)
        return made

    def test_ten_cells_and_their_differences(self) -> None:
        made = self.chart(cells(*FRIDAYS))
        text = words(made.svg)
        assert [word for word in text if word[0] in "+−"] == ["−0.3"] * 4 + ["+2.0"] + [
            "−0.3"
        ] * 4 + ["+2.6"]
        assert {"Monday", "Friday", "Morning", "Afternoon"} <= set(text)
        assert not any("Year" in word for word in text)
        assert (made.title, made.caption, made.source) == ("Finding", "c", "s")

    def test_only_what_is_claimed_is_strong_and_orange(self) -> None:
        made = self.chart(cells(*FRIDAYS))
        # Two cells and the key, against eight cells and the key.
        filled = {
            colour.lower(): path.count("M ")
            for path, colour in re.findall(r'<path d="([^"]*)" style="fill: (#\w+)', made.svg)
            if path.count("M ") > 1
        }
        assert filled == {LOOK.lower(): 2, PALE.lower(): 8}

    def test_year_groups_only_where_a_day_is_claimed(self) -> None:
        text = words(self.chart(cells(*FRIDAYS, YEAR_9)).svg)
        assert "Year 9, whole day" in text
        assert "Year 7, whole day" not in text
        assert "+10.9" in text

    def test_at_most_four_year_groups_are_drawn_and_all_are_in_the_data(self) -> None:
        years = tuple(range(7, 13))
        made = self.chart(
            cells(*((year, FRIDAY, "day", float(year)) for year in years), years=years)
        )
        assert [word for word in words(made.svg) if word.startswith("Year ")] == [
            f"Year {year}, whole day" for year in (9, 10, 11, 12)
        ]
        assert len(made.rows) == 10 + 5 * 6
        assert all(len(row) == len(made.columns) for row in made.rows)

    def test_words_keep_apart_on_the_paper(self) -> None:
        made = self.chart(
            cells(
                *FRIDAYS,
                *((year, 0, "day", 99.9) for year in (1, 10, 11, 12)),
                years=(1, 10, 11, 12),
            )
        )
        root = ElementTree.fromstring(made.svg)
        width, height = (float(root.get(side).removesuffix("mm")) for side in ("width", "height"))
        placed = placed_words(made.svg)
        assert len(placed) > 40
        for at, (text, left, top, right, foot, points) in enumerate(placed):
            assert points >= 9.49, text
            assert -0.1 <= left <= right <= width + 0.3, text
            assert 0 <= top <= foot <= height, text
            for other, left2, top2, right2, foot2, _ in placed[at + 1 :]:
                apart = right <= left2 or right2 <= left or foot <= top2 or foot2 <= top
                assert apart, f"{text!r} covers {other!r}"

    def test_compact(self) -> None:
        height = float(
            ElementTree.fromstring(self.chart(cells(*FRIDAYS)).svg).get("height").removesuffix("mm")
        )
        assert height <= 45

    def test_alternative_text(self) -> None:
        alt = self.chart(cells(*FRIDAYS, YEAR_9)).alt
        assert (
            "Morning: Monday −0.3, Tuesday −0.3, Wednesday −0.3, Thursday −0.3, Friday +2.0." in alt
        )
        assert "2 other schools, 25 weeks" in alt
        assert alt.endswith("Friday (afternoon) and Friday (Year 9, whole day).")
        assert self.chart(cells()).alt.endswith("Nothing stands out.")

    def test_without_another_school_the_own_week_is_shown_and_said(self) -> None:
        made = self.chart(alone())
        text = " ".join(words(made.svg))
        assert "+0.2" in text
        assert "no other school to compare with, so nothing is claimed" in text
        assert "clearly more" not in text

    def test_a_half_day_that_never_is(self) -> None:
        frame = cells()
        frame.loc[frame["weekday"].eq(FRIDAY) & frame["session"].eq("PM"), ["excess", "weeks"]] = (
            float("nan"),
            0,
        )
        assert words(self.chart(frame).svg).count("–") == 1

    def test_nothing_to_draw_and_input_unchanged(self) -> None:
        assert charts.weekday_chart(cells(weeks=0), title="") == Paragraph(
            "No sessions in this period."
        )
        frame = cells(*FRIDAYS, YEAR_9)
        before = frame.copy()
        self.chart(frame)
        when_tables.weekday_title(frame)
        pd.testing.assert_frame_equal(frame, before)

    @pytest.mark.parametrize(
        ("value", "text"), [(0.05, "+0.1"), (0.049, "0.0"), (-0.05, "−0.1"), (12.0, "+12.0")]
    )
    def test_signs(self, value: float, text: str) -> None:
        assert signed(value) == text


def times(when: str, excess: float = 0.4, *, number: int = 7, found: bool = False) -> pd.DataFrame:
    values = {
        "school_perc": 12.0,
        "school_usual_perc": 7.0,
        "authority_perc": 9.0,
        "authority_usual_perc": 6.5,
    }
    return pd.DataFrame(
        [
            {
                "when": when,
                **values,
                "excess": excess,
                "p_value": 0.2,
                "times": number,
                "times_above": 5,
                "found": found,
            }
        ]
    )


class TestWhenTable:
    def table(self, last: pd.DataFrame, weeks: pd.DataFrame) -> Table:
        holidays = pd.concat([last, times("first day")], ignore_index=True)
        return when_tables.when_table(holidays, weeks, caption="c")

    def test_rows(self) -> None:
        found = self.table(times("last day", 2.5, found=True), times("first weeks", number=5))
        assert found.rows[0] == [
            "Last day before a holiday",
            12.0,
            7.0,
            9.0,
            6.5,
            2.5,
            "5 of 7",
            "yes",
        ]
        assert found.rows[2][-2:] == ["5 of 5", "no"]
        assert found.title == (
            "More is missed on the last day before a holiday: 2.5 sessions in each hundred beyond what is usual here and in the "
            "other schools, on 5 of 7 days"
        )

    def test_first_weeks_are_counted_in_half_terms(self) -> None:
        found = self.table(times("last day"), times("first weeks", 3.0, number=6, found=True))
        assert "in the first two weeks of a half term: 3.0 sessions" in found.title
        assert found.title.endswith("in 5 of 6 half terms")

    def test_what_else_is_safe_to_say(self) -> None:
        alike = when_tables.when_table(times("last day"), times("first weeks"), caption="")
        assert isinstance(alike, Paragraph)
        assert "not clearly different" in alike.text
        assert alike.text.endswith("(sheet Beside holidays).")
        none = times("last day", float("nan"), number=0)
        empty = when_tables.when_title(none)
        assert empty.startswith("These dates hold no holiday")
        others = when_tables.when_table(
            times("last day", float("nan")), times("first weeks", float("nan")), caption=""
        )
        assert isinstance(others, Paragraph)
        assert others.text.startswith("No other school of this phase")
        sheet = when_tables.when_sheet(
            times("last day", float("nan")), times("first weeks", float("nan"))
        )
        assert sheet.name == "Beside holidays"
        assert sheet.rows[0][-2:] == ["7", None]


class TestLates:
    lates = pd.DataFrame(
        {
            "weekday": [0, 0, 4],
            "session": ["AM", "PM", "AM"],
            "possible_sessions": [100, 100, 90],
            "late_before_close": [7, 0, 3],
            "late_after_close": [1, 0, 0],
            "late_sessions": [8, 0, 3],
            "pupils": [5, 0, 2],
        }
    )
    often = pd.DataFrame({"upn": ["p1", "p2"], "late_sessions": [4, 3]})

    def test_rows_and_title(self) -> None:
        sheet = when_tables.lates_sheet(self.lates)
        assert sheet.rows == [
            ["Monday mornings", 100, 7, 1, 8.0, 5],
            ["Monday afternoons", 100, 0, 0, 0.0, 0],
            ["Friday mornings", 90, 3, 0, pytest.approx(10 / 3), 2],
        ]
        words = when_tables.lates_words(self.lates, self.often).text
        assert words.startswith(
            "Pupils arrived late 11 times; 2 pupils, late once a week or more, account for 64% of it. 10 were before the register closed"
        )
        assert "1 after it" in words
        assert "Most often on Monday mornings: 8.0% of possible sessions." in words

    def test_nobody_often_and_nobody_at_all(self) -> None:
        nobody = self.often.iloc[:0]
        assert (
            when_tables.lates_title(self.lates, nobody)
            == "Pupils arrived late 11 times; no pupil once a week or more"
        )
        assert when_tables.lates_title(self.lates, nobody, a_week=1.5).endswith(
            "no pupil 1.5 times a week or more"
        )
        for none in (self.lates.iloc[1:2], self.lates.iloc[:0]):
            assert when_tables.lates_words(none, nobody) == Paragraph(when_tables.NO_LATES)
            assert when_tables.lates_title(none, nobody) == "No pupil was late in these dates"
