"""The funnel: what it says, whom it names, and that words and dots keep apart."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest
from test_publish_charts import placed_words

from attendance_helpers.publish import charts
from attendance_helpers.publish.blocks import Chart, Paragraph
from attendance_helpers.publish.chart_funnel import funnel_chart
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.funnel import funnel_title


def schools(*rows: tuple[int, int], phase: str = "Primary") -> pd.DataFrame:
    """Return schools from their pupils and how many of them are persistently absent."""
    named = [(f"u{at}", f"School {at}", phase, *row) for at, row in enumerate(rows)]
    names = ["urn", "school", "phase", "enrolments", "persistently_absent"]
    return pd.DataFrame(named, columns=names)


FOUR = schools((40, 6), (210, 32), (390, 49), (105, 18))
CROWD = schools(*((100 + 7 * at, 15 + at + at % 5) for at in range(45)))


@pytest.fixture(
    params=[FOUR, CROWD, schools((1, 1), (30, 0), (2000, 200)), schools((9, 9), (90, 2), (80, 3))]
)
def drawn(request: pytest.FixtureRequest) -> Chart:
    made = funnel_chart(request.param, urn="u0", title="Finding")
    assert isinstance(made, Chart)
    return made


class TestTitle:
    @pytest.mark.parametrize(
        ("count", "words"),
        [
            (2, "2.0% of pupils are persistently absent: far below what chance explains"),
            (10, "10.0% of pupils are persistently absent: below what chance easily explains"),
            (20, "20.0% of pupils are persistently absent: within what chance explains"),
            (29, "29.0% of pupils are persistently absent: above what chance easily explains"),
            (60, "60.0% of pupils are persistently absent: far above what chance explains"),
        ],
    )
    def test_says_whether_the_school_is_beyond_what_chance_explains(
        self, count: int, words: str
    ) -> None:
        # So many pupils elsewhere that 20 % of all is 20 %, whatever the school.
        totals = schools((100, count), (500_000, 100_000), (500_000, 100_000))
        title = funnel_title(totals, urn="u0")
        assert (
            title
            == f"{words} for its size, with 20.0% in the authority's 3 primary schools together"
        )

    def test_of_the_phase_only(self) -> None:
        both = pd.concat([FOUR, schools((900, 890), phase="Special").assign(urn="s")])
        assert funnel_title(both, urn="u0") == funnel_title(FOUR, urn="u0")


class TestDrawing:
    def test_no_other_school_is_named_anywhere(self) -> None:
        made = funnel_chart(FOUR, urn="u1", title="Finding", name="Test School")
        said = " ".join([made.svg, made.alt, *(str(row) for row in made.rows)])
        assert not any(f"School {at}" in said or f"u{at}" in said for at in (0, 2, 3))
        assert [row[0] for row in made.rows].count("Test School") == 1
        assert [row[0] for row in made.rows].count("Another school") == 3
        assert "Test School, 15.2%" in [found[0] for found in placed_words(made.svg)]

    def test_the_data_behind_it(self) -> None:
        made = funnel_chart(FOUR, urn="u0", title="Finding")
        own = next(row for row in made.rows if row[0] == "This school")
        assert own[1:4] == [40, 6, 15.0]
        assert own[5] < 14.1 < own[6]
        assert [row[1] for row in made.rows] == [390, 210, 105, 40]

    def test_alternative_text_counts_the_others(self) -> None:
        totals = schools((100, 20), (100, 60), (1000, 180), (1000, 180))
        assert funnel_chart(totals, urn="u0", title="").alt == (
            "Persistent absence by size of school, 4 primary schools, 20.0% of all their pupils. This school: 20.0% of 100 pupils, "
            "inside the 95% limits (12.0% to 28.6%) for its size. "
            "The other schools: 2 inside the 95% limits and 1 above the 99.8% limits."
        )

    def test_words_keep_apart_on_the_paper(self, drawn: Chart) -> None:
        height = float(ElementTree.fromstring(drawn.svg).get("height", "").removesuffix("mm"))
        placed = placed_words(drawn.svg)
        for text, left, top, right, bottom, points in placed:
            assert points >= 9.49 and left >= -0.1 and right <= 170.3, text
            assert top >= 0 and bottom <= height, text
        for at, (text, left, top, right, bottom, _) in enumerate(placed):
            for other, left2, top2, right2, bottom2, _ in placed[at + 1 :]:
                apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
                assert apart, f"{text!r} covers {other!r}"

    def test_may_stand_on_a_page(self, drawn: Chart) -> None:
        assert drawing(drawn.svg, name="d1").file().count("<text") > 8
        assert drawn.alt.endswith(".") and all(len(row) == len(drawn.columns) for row in drawn.rows)

    def test_same_bytes_and_input_unchanged(self) -> None:
        before = FOUR.copy()
        made = charts.funnel_chart(FOUR, urn="u0", title="")
        mixed = charts.funnel_chart(FOUR.sample(frac=1, random_state=2), urn="u0", title="")
        assert made.to_json() == mixed.to_json()
        pd.testing.assert_frame_equal(FOUR, before)


class TestNothingToDraw:
    @pytest.mark.parametrize(
        ("totals", "words"),
        [
            (schools((0, 0), (5, 1), (6, 1)), "No sessions in this period."),
            (schools((30, 3), (40, 4), (0, 0)), "The register holds 2 primary schools"),
            (schools((30, 3)), "The register holds 1 primary school with"),
            (schools((30, 0), (40, 0), (9, 0)), "No pupil of the authority's 3 primary schools"),
            (schools((3, 3), (4, 4), (9, 9)), "Every pupil of the authority's 3 primary schools"),
        ],
    )
    def test_is_said_in_a_sentence(self, totals: pd.DataFrame, words: str) -> None:
        found = funnel_chart(totals, urn="u0", title="")
        assert isinstance(found, Paragraph) and found.text.startswith(words)
        assert funnel_title(totals, urn="u0")
