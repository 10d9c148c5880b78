"""The charts: what is drawn, where it stands, what it says in words, and what it is made from."""

from __future__ import annotations

import math
import re
import warnings
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib._pylab_helpers import Gcf
from matplotlib.figure import Figure

from attendance_helpers.publish import charts
from attendance_helpers.publish.blocks import Chart, Paragraph
from attendance_helpers.publish.chart_frame import Paper
from attendance_helpers.publish.chart_heat import ON_SHADE, SHADES
from attendance_helpers.publish.chart_places import POINT, spread, text_width, wrapped
from attendance_helpers.publish.drawings import drawing

SVG = "{http://www.w3.org/2000/svg}"
RATE = "overall_attendance_perc"
HOSTILE = "<script>alert(1)</script> & $x^2$ \\frac{1}{2} ]]> \x00"


def weekly(
    rates: list[float], *, monday: str = "2026-09-07", skip: tuple[int, ...] = ()
) -> pd.DataFrame:
    """Return school weeks; `skip` names the calendar weeks that are holidays."""
    mondays = pd.date_range(monday, periods=len(rates) + len(skip), freq="W-MON")
    held = [day for number, day in enumerate(mondays) if number not in skip]
    return pd.DataFrame(
        {
            "week": held,
            "week_number": [(day - mondays[0]).days // 7 + 1 for day in held],
            "possible_sessions": 1000,
            RATE: rates,
            "complete": True,
        }
    )


def year(base: float, *, weeks: int = 33, seed: int = 1) -> pd.DataFrame:
    wobble = np.random.default_rng(seed).normal(0, 0.7, weeks)
    return weekly(list(base - 0.04 * np.arange(weeks) + wobble), skip=(7, 14, 15, 22))


def middle_half(base: float, weeks: int = 40) -> pd.DataFrame:
    return pd.DataFrame({"week_number": range(1, weeks), "lower": base - 1.3, "upper": base + 1.4})


def pupils(*pairs: tuple[int, int]) -> pd.DataFrame:
    """Return pupils as pairs of possible and missed sessions."""
    return pd.DataFrame(pairs, columns=["possible_sessions", "overall_absence"])


def secondary(number: int = 1050) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pupils(*((130, round(130 * share)) for share in rng.beta(1.1, 11, number)))


def reasons(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["label", "code", "school_perc", "authority_perc"])


REASONS = reasons(
    ("Holiday not granted or longer than granted", "G", 0.7, 0.9),
    ("Illness", "I", 4.31, 4.02),
    ("Suspended or excluded and no alternative provision", "E", 0.42, np.nan),
    ("Study leave for public exams", "S", 0.03, 0.0),
)


def groups(*rows: tuple[str, str, int, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["group", "value", "enrolments", RATE, "authority_perc"])
    return frame.assign(lower=frame[RATE] - 1, upper=frame[RATE] + 1)


GROUPS = groups(
    ("Sex", "girls", 512, 91.1, 92.9),
    ("Special educational needs", "education, health and care plan", 34, 83.1, 86.9),
    ("Year group", "Year 7", 212, 94.9, 94.4),
    ("Looked after", "yes", 9, 60.0, 80.0),
    ("Young carer", "yes", 12, 88.0, np.nan),
)


def cells(years: range, weeks: int, share: float = 6.0) -> pd.DataFrame:
    mondays = pd.date_range("2026-09-07", periods=weeks, freq="W-MON")
    rows = [(number, monday, share) for number in years for monday in mondays]
    return pd.DataFrame(rows, columns=["year_group", "week", "overall_absence_perc"])


def marks(text: str, monday: str = "2026-09-07") -> pd.DataFrame:
    """Return one pupil's marks, ten a week, weeks parted by spaces."""
    classes = {"I": "authorised", "O": "unauthorised", "-": "unmarked", "#": "not collected"}
    rows = [
        (
            pd.Timestamp(monday) + pd.Timedelta(days=7 * week + place // 2),
            "AM" if place % 2 == 0 else "PM",
            code,
            classes.get(code, "attending"),
        )
        for week, codes in enumerate(text.split())
        for place, code in enumerate(codes)
    ]
    return pd.DataFrame(rows, columns=["date", "session", "code", "mark_class"])


TERM = marks("/\\/\\I\\/\\O\\ /\\L\\/\\/\\-\\ ##/\\/\\/\\/I")

EVERY = {
    "trend": lambda: charts.weekly_trend_chart(
        year(92), title="Finding", last_year=year(92.4, seed=2), authority=middle_half(92.5)
    ),
    "bars": lambda: charts.band_chart(secondary(), title="Finding"),
    "dots": lambda: charts.band_chart(secondary(150), title="Finding"),
    "reasons": lambda: charts.reason_chart(REASONS, title="Finding"),
    "groups": lambda: charts.group_gap_chart(GROUPS, title="Finding"),
    "heat": lambda: charts.year_week_heat_chart(cells(range(7, 12), 33), title="Finding"),
    "strip": lambda: charts.pupil_strip_chart(TERM, title="Finding"),
}


@pytest.fixture(params=EVERY)
def chart(request: pytest.FixtureRequest) -> Chart:
    made = EVERY[request.param]()
    assert isinstance(made, Chart)
    return made


def placed_words(svg: str) -> list[tuple[str, float, float, float, float, float]]:
    """Return each text of a drawing with its box (left, top, right, bottom) [mm] and its points."""
    root = ElementTree.fromstring(svg)
    unit = float(root.get("width").removesuffix("mm")) / float(root.get("viewBox").split()[2])
    found = []

    def walk(element: ElementTree.Element, look: dict[str, str]) -> None:
        style = dict(
            part.split(": ", 1) for part in element.get("style", "").split("; ") if ": " in part
        )
        look = {**look, **element.attrib, **style}
        if element.tag == f"{SVG}text":
            size = float(look["font-size"].removesuffix("px")) * unit
            width = text_width(element.text or "", size=size / POINT, strong="font-weight" in look)
            shift = {"end": 1.0, "middle": 0.5}.get(look.get("text-anchor", ""), 0.0) * width
            left, foot = float(look["x"]) * unit - shift, float(look["y"]) * unit
            box = (left, foot - 0.66 * size, left + width, foot)
            found.append((element.text or "", *box, size / POINT))
        for child in element:
            walk(child, look)

    walk(root, {})
    return found


def words(svg: str) -> list[str]:
    return [found[0] for found in placed_words(svg)]


class TestEveryChart:
    def test_words_keep_apart_on_the_paper_and_large_enough(self, chart: Chart) -> None:
        root = ElementTree.fromstring(chart.svg)
        width, height = (float(root.get(side).removesuffix("mm")) for side in ("width", "height"))
        placed = placed_words(chart.svg)
        assert width == 170
        assert len(placed) > 3
        for text, left, top, right, bottom, points in placed:
            assert points >= 9.49, text
            assert left >= -0.1, text
            assert right <= width + 0.3, text
            assert top >= 0, text
            assert bottom <= height, text
        for number, (text, left, top, right, bottom, _) in enumerate(placed):
            for other, left2, top2, right2, bottom2, _ in placed[number + 1 :]:
                apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
                assert apart, f"{text!r} covers {other!r}"

    def test_live_text_without_title_metadata_or_style_sheet(self, chart: Chart) -> None:
        assert "Finding" not in chart.svg
        assert chart.title == "Finding"
        for unwanted in ("<metadata", "<style", "<title", "<?xml", "<!DOCTYPE", "matplotlib"):
            assert unwanted not in chart.svg
        assert "Source Sans Pro" in chart.svg

    def test_alternative_text_and_the_numbers_behind_it(self, chart: Chart) -> None:
        assert len(chart.alt) > 40
        assert chart.alt.endswith(".")
        assert chart.rows
        assert all(len(row) == len(chart.columns) for row in chart.rows)

    def test_may_stand_on_a_page(self, chart: Chart) -> None:
        cleaned = drawing(chart.svg, name="d1")
        assert cleaned.width == pytest.approx(170 / 25.4 * 72, abs=0.1)
        assert cleaned.file().count("<text") == chart.svg.count("<text") > 3


@pytest.mark.parametrize("name", EVERY)
def test_same_bytes_whatever_else_is_set(name: str) -> None:
    before = EVERY[name]().svg
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "path.sketch": (1, 2, 3)}):
        assert EVERY[name]().svg == before


def test_nothing_of_a_chart_stays_behind() -> None:
    before = dict(matplotlib.rcParams)
    for make in EVERY.values():
        make()
    assert dict(matplotlib.rcParams) == before
    assert not Gcf.get_all_fig_managers()


def test_identifiers_of_different_charts_differ() -> None:
    found = [re.findall(r'\bid="([^"]+)"', make().svg) for make in EVERY.values()]
    every = [name for names in found for name in names]
    assert every
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    "make",
    [
        lambda: charts.weekly_trend_chart(weekly([]), title=""),
        lambda: charts.weekly_trend_chart(weekly([np.nan, np.nan]), title=""),
        lambda: charts.band_chart(pupils(), title=""),
        lambda: charts.band_chart(pupils((0, 0)), title=""),
        lambda: charts.reason_chart(REASONS.iloc[:0], title=""),
        lambda: charts.reason_chart(REASONS.assign(school_perc=np.nan), title=""),
        lambda: charts.group_gap_chart(GROUPS.iloc[:0], title=""),
        lambda: charts.year_week_heat_chart(cells(range(0), 0), title=""),
        lambda: charts.year_week_heat_chart(cells(range(7, 9), 3, np.nan), title=""),
        lambda: charts.pupil_strip_chart(TERM.iloc[:0], title=""),
        lambda: charts.pupil_strip_chart(marks("##########"), title=""),
    ],
)
def test_nothing_to_draw(make: object) -> None:
    assert make() == Paragraph("No sessions in this period.")  # type: ignore[operator]


def test_input_unchanged() -> None:
    frames = [year(92), secondary(30), REASONS, GROUPS, cells(range(7, 9), 3), TERM]
    before = [frame.copy() for frame in frames]
    charts.weekly_trend_chart(frames[0], title="", last_year=frames[0])
    charts.band_chart(frames[1], title="")
    charts.reason_chart(frames[2], title="")
    charts.group_gap_chart(frames[3], title="")
    charts.year_week_heat_chart(frames[4], title="")
    charts.pupil_strip_chart(frames[5], title="")
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_hostile_labels_stay_letters() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = [
            charts.reason_chart(reasons((HOSTILE, "$I$", 3.0, 99.0)), title=HOSTILE),
            charts.group_gap_chart(groups((HOSTILE, "שלום 😀", 30, 90.0, 91.0)), title=""),
        ]
    for made in drawn:
        assert isinstance(made, Chart)
        text = "".join(words(made.svg))
        assert "<script>alert(1)</script>" in text
        assert "$x^2$" in text
        assert "<script" not in made.svg


def test_letters_that_no_page_may_hold_are_left_out() -> None:
    paper = Paper(10)
    paper.words(0, 5, "a\x00b\x1bc\ud800d\uffffe\nf")
    assert words(paper.svg()) == ["a b c d e f"]


class TestTrend:
    def test_breaks_at_holidays_and_at_missing_weeks(self) -> None:
        rates = [95.0, 94, np.nan, 93, 94, 92, 91]
        made = charts.weekly_trend_chart(weekly(rates, skip=(5,)), title="")
        runs = re.findall(r'<path d="([^"]*)" style="fill: none; stroke: #12436d', made.svg)
        assert [run.count("L") for run in runs] == [1, 1, 1]

    def test_part_weeks_are_hollow_and_explained(self) -> None:
        weeks = weekly([95.0, 94, 93]).assign(complete=[False, True, True])
        made = charts.weekly_trend_chart(weeks, title="")
        hollow = re.findall(r"<use[^>]*fill: #ffffff", made.svg)
        assert len(hollow) == 1
        assert "Hollow points are part weeks." in words(made.svg)[-1]
        assert [row[3] for row in made.rows] == ["part", "yes", "yes"]

    @pytest.mark.parametrize(
        ("rates", "floor", "stated"),
        [
            ([96.0, 93.0], None, "Axis starts at 90%."),
            ([96.0, 90.0], None, "Axis starts at 85%."),
            ([96.0, 93.0], 80, "Axis starts at 80%."),
            ([96.0, 79.9], 80, "Axis starts at 75%."),
            ([100.0, 100.0], None, "Axis starts at 90%."),
            ([0.0, 4.0], None, "Axis from 0% to 10%."),
        ],
    )
    def test_axis_is_stated_and_never_cuts(
        self, rates: list[float], floor: float | None, stated: str
    ) -> None:
        made = charts.weekly_trend_chart(weekly(rates), title="", floor=floor)
        assert any(stated in text for text in words(made.svg))

    def test_last_year_is_set_beside_by_week_number_within_the_window(self) -> None:
        before = weekly([90.0, 91, 92, 93, 94], monday="2025-09-08")
        made = charts.weekly_trend_chart(weekly([95.0, 90, 96]), title="", last_year=before)
        assert [row[4] for row in made.rows] == [90.0, 91.0, 92.0]
        assert "higher than last year: 2 of 3" in made.alt
        assert "92.0%" in words(made.svg)

    def test_against_the_authority(self) -> None:
        made = charts.weekly_trend_chart(
            weekly([95.0, 90, 92]), title="", authority=middle_half(92)
        )
        assert made.alt.endswith("schools: weeks below 1, above 1, of 3.")

    def test_one_week(self) -> None:
        made = charts.weekly_trend_chart(
            weekly([91.26]), title="", last_year=weekly([91.3]), authority=middle_half(91)
        )
        assert made.alt.startswith("Attendance in one week, that of 7 September 2026: 91.3%.")
        assert "91.3%" in words(made.svg)

    def test_labels_of_lines_that_end_together_keep_apart(self) -> None:
        made = charts.weekly_trend_chart(
            year(92), title="", last_year=year(92), authority=middle_half(91)
        )
        labels = [box for box in placed_words(made.svg) if box[1] > 140]
        tops = sorted(box[2] for box in labels)
        assert all(after - before > 3 for before, after in pairwise(tops))


class TestBands:
    @pytest.mark.parametrize(
        ("possible", "absent", "persistent", "severe"),
        [
            (100, 9, 0, 0),
            (100, 10, 1, 0),
            (109, 11, 1, 0),
            (111, 11, 0, 0),
            (1001, 100, 0, 0),
            (100, 50, 1, 1),
            (99, 49, 1, 0),
            (7, 7, 1, 1),
            (3, 0, 0, 0),
        ],
    )
    def test_lines_count_whole_sessions(
        self, possible: int, absent: int, persistent: int, severe: int
    ) -> None:
        made = charts.band_chart(pupils((possible, absent)), title="")
        assert f"{persistent} at 90% or below" in made.alt
        assert f"{severe} of them at 50% or below" in made.alt
        ((above, to, number),) = made.rows
        assert number == 1
        assert (to <= 90) == bool(persistent)
        assert (to <= 50) == bool(severe)
        assert above < 100 - 100 * absent / possible + 1e-9 or absent == possible

    def test_near_the_line(self) -> None:
        made = charts.band_chart(
            pupils((100, 10), (100, 11), (100, 12), (100, 9), (100, 8), (100, 7)), title=""
        )
        # 90.0 and 89.0 are in the bin above 88; 91.0 is in the bin above 90 and up to 92, as 92.0.
        assert made.alt.endswith("Within 2 points of the 90% line: 2 at it or below, 2 above.")

    def test_dots_in_a_small_school_bars_in_a_large_one(self) -> None:
        small = charts.band_chart(secondary(199), title="")
        large = charts.band_chart(secondary(200), title="")
        assert small.svg.count("<use ") == 199
        assert large.svg.count("<use ") == 0
        assert "Each dot is one pupil." in words(small.svg)[-1]
        assert sum(row[2] for row in large.rows) == 200

    def test_dots_stay_inside_the_plot_when_all_are_alike(self) -> None:
        made = charts.band_chart(pupils(*[(100, 0)] * 199), title="")
        ups = [float(y) for y in re.findall(r'<use [^>]*y="([\d.]+)"', made.svg)]
        assert len(ups) == 199
        assert min(ups) * POINT > 24

    def test_other_thresholds_move_lines_and_bins(self) -> None:
        made = charts.band_chart(
            pupils((100, 15), (100, 14)), title="", persistent_perc=15, severe_perc=37.5
        )
        assert "1 at 85% or below" in made.alt
        assert {row[1] for row in made.rows} == {85.0, 87.5}
        assert "62.5%" in words(made.svg)

    def test_who_had_no_possible_sessions_is_left_out_and_mentioned(self) -> None:
        made = charts.band_chart(pupils((0, 0), (100, 0)), title="")
        assert "1 pupil with no possible sessions left out." in made.alt
        assert sum(row[2] for row in made.rows) == 1


class TestReasons:
    def test_largest_first_and_ties_by_the_authority_then_by_name(self) -> None:
        made = charts.reason_chart(
            reasons(("B", "b", 1.0, 2.0), ("A", "a", 1.0, 2.0), ("C", "c", 1.0, 3.0)), title=""
        )
        assert [row[1] for row in made.rows] == ["c", "a", "b"]

    def test_values_at_the_ends_of_the_bars(self) -> None:
        made = charts.reason_chart(REASONS, title="")
        text = words(made.svg)
        assert text[1] == "Illness (I)"
        assert {"4.3% this school", "4.0% the authority", "under 0.1%", "0.0%"} <= set(text)

    def test_smaller_reasons_are_drawn_together_and_kept_in_the_data(self) -> None:
        made = charts.reason_chart(REASONS, title="", most=3)
        assert "2 other reasons (E, S)" in words(made.svg)
        assert "0.4%" in words(made.svg)  # 0.42 and 0.03 together, not rounded before
        assert len(made.rows) == 4

    def test_without_the_authority(self) -> None:
        made = charts.reason_chart(REASONS.assign(authority_perc=np.nan), title="")
        assert not any("authority" in text for text in words(made.svg))

    def test_long_label_breaks_and_ends(self) -> None:
        made = charts.reason_chart(reasons(("very long " * 30, "I", 1.0, 1.0)), title="")
        assert sum("very long" in text for text in words(made.svg)) == 3
        assert all(right <= 68.1 for _, _, _, right, _, _ in placed_words(made.svg)[1:4])


class TestGroups:
    def test_widest_gap_first_then_without_gap_then_the_small(self) -> None:
        made = charts.group_gap_chart(GROUPS, title="")
        assert [row[0] for row in made.rows] == [
            "Special educational needs", "Sex", "Year group", "Young carer", "Looked after"
        ]  # fmt: skip
        assert "−3.8" in words(made.svg)
        assert "+0.5" in words(made.svg)

    def test_absence_is_sorted_the_other_way(self) -> None:
        absent = GROUPS.rename(columns={RATE: "overall_absence_perc"})
        made = charts.group_gap_chart(absent, title="", measure="overall_absence_perc")
        assert made.rows[0][0] == "Year group"

    @pytest.mark.parametrize(("number", "shown"), [(9, False), (10, True)])
    def test_under_ten_by_count_only(self, number: int, shown: bool) -> None:
        made = charts.group_gap_chart(groups(("Sex", "boys", number, 77.7, 90.0)), title="")
        text = words(made.svg)
        assert str(number) in text
        assert ("77.7%" in text) == shown
        assert ("too few for a rate" in text) != shown
        assert ("77.7" in made.alt) == shown
        assert (made.rows[0][3] == 77.7) == shown

    def test_a_row_of_dots_for_each_group_with_a_rate(self) -> None:
        made = charts.group_gap_chart(GROUPS, title="")
        assert made.svg.count("<use ") == 4 + 1  # four groups and the explanation

    def test_counts_beside_it_where_they_are_given(self) -> None:
        counted = GROUPS.assign(
            persistently_absent=[60, 12, 20, 7, 3],
            overall_absence_perc=[8.5, 14, 5, 30, 9],
            gap_sessions=[3.25, 14, -4, 1, 2],
        )
        made = charts.group_gap_chart(counted, title="")
        assert {"+3.3", "−4.0", "PA", "sessions"} <= set(words(made.svg))
        sex = next(row for row in made.rows if row[0] == "Sex")
        assert sex[-3:] == [60, 8.5, 3.25]
        few = next(row for row in made.rows if row[0] == "Looked after")
        assert few[-3] == 7 and math.isnan(few[-1])


class TestHeat:
    def test_every_cell_has_its_figure_and_every_week_of_the_year_fits(self) -> None:
        made = charts.year_week_heat_chart(cells(range(-1, 14), 39, 6.4), title="")
        text = words(made.svg)
        assert text.count("6") == 39 * 15 + 1  # and year 6
        assert {"N2", "R", "1", "13"} <= set(text)
        assert len(made.rows) == 39

    def test_one_decimal_where_there_is_room(self) -> None:
        made = charts.year_week_heat_chart(cells(range(0, 2), 5, 6.25), title="")
        assert words(made.svg).count("6.3") == 10

    def test_the_shade_follows_the_printed_figure(self) -> None:
        frame = cells(range(7, 8), 39, 9.0)
        frame.loc[:1, "overall_absence_perc"] = [9.6, 10.4]  # both print as 10
        made = charts.year_week_heat_chart(frame, title="")
        boxes = re.findall(rf'<path d="([^"]*)" style="fill: {SHADES[4].lower()}', made.svg)
        assert boxes[0].count("M") == 2

    def test_all_absent_is_said_in_words_where_the_figure_has_no_room(self) -> None:
        frame = cells(range(11, 12), 39, 5.0)
        frame.loc[38, "overall_absence_perc"] = 100.0
        made = charts.year_week_heat_chart(frame, title="")
        assert "all" in words(made.svg)
        assert "100.0% in year group 11" in made.alt

    def test_missing_cells_stay_empty(self) -> None:
        frame = cells(range(7, 9), 3)
        frame.loc[1, "overall_absence_perc"] = np.nan
        made = charts.year_week_heat_chart(frame, title="")
        assert words(made.svg).count("6.0") == 5
        assert made.rows[1][1] is None

    def test_figures_can_be_read_on_every_shade(self) -> None:
        for ink, shade in zip(ON_SHADE, SHADES, strict=True):
            assert contrast(ink, shade) >= 4.5
        light = [luminance(shade) for shade in SHADES]
        assert light == sorted(light, reverse=True)


class TestStrip:
    def test_in_words(self) -> None:
        assert charts.attendance_strip_alt(TERM) == (
            "3 weeks to 25 September 2026: 3 of 27 half-days missed, 2 authorised and "
            "1 unauthorised; late once; 1 half-day without a mark."
        )

    def test_nothing_missed(self) -> None:
        text = charts.attendance_strip_alt(marks("/\\/\\/\\/\\/\\"))
        assert text == "1 week to 11 September 2026: none of 10 half-days missed."

    def test_nothing_at_all(self) -> None:
        assert charts.attendance_strip_alt(TERM.iloc[:0]) == "No sessions in this period."
        assert "<path" not in charts.attendance_strip(TERM.iloc[:0])

    def test_one_shape_for_each_kind_of_mark(self) -> None:
        root = ElementTree.fromstring(charts.attendance_strip(TERM))
        paths = {path.get("d"): path.get("stroke") for path in root.iter(f"{SVG}path")}
        assert len(paths) == 5
        present, late, authorised, unauthorised, unmarked = paths
        assert present.count("M") == 23
        assert late.count("M") == 1
        assert authorised.count("M") == 2
        assert "z" in authorised
        assert unauthorised.count("M") == 1
        assert "m0" in unmarked
        heights = [int(path.split("v-")[1].split("M")[0]) for path in (present, late, unauthorised)]
        assert heights == sorted(set(heights))

    def test_only_the_last_weeks(self) -> None:
        made = charts.pupil_strip_chart(marks(" ".join(["/\\/\\/\\/\\/\\"] * 15)), title="")
        assert len(made.rows) == 12
        assert made.rows[0][0] == pd.Timestamp("2026-09-28").date()
        assert sum(row[1] for row in made.rows) == 120

    def test_a_joiner_lines_up_with_the_others(self) -> None:
        weeks = list(pd.date_range("2026-09-07", periods=3, freq="W-MON").date)
        joiner = TERM[TERM["date"] >= "2026-09-21"]
        whole, short = (
            charts.attendance_strip(frame, school_weeks=weeks, weeks=3) for frame in (TERM, joiner)
        )
        last = re.findall(r'd="(M\d+)', short)[0]
        assert last in whole
        assert charts.attendance_strip_alt(joiner, school_weeks=weeks).startswith("3 weeks to")

    def test_small(self) -> None:
        term = marks(" ".join(["/\\I\\L\\/O-\\"] * 12))
        assert len(charts.attendance_strip(term)) < 3000

    def test_key_explains_every_mark(self) -> None:
        assert words(charts.attendance_strip_key()) == [
            "present",
            "late",
            "missed, authorised",
            "missed, unauthorised",
            "no mark",
            "blank: no session",
        ]


class TestFigures:
    def test_a_figure_of_ones_own(self) -> None:
        def bars() -> Figure:
            figure = Figure()
            figure.subplots().bar(["$a$", "b"], [1, 2.123456])
            return figure

        svg = charts.figure_svg(bars)
        assert svg == charts.figure_svg(bars)
        assert {"$a$", "b"} <= set(words(svg))
        assert "<style" not in svg
        assert drawing(svg, name="d1").width == pytest.approx(6.693 * 72, abs=0.1)

    def test_figures_in_labels_are_not_rounded(self) -> None:
        figure = Figure()
        figure.text(0.5, 0.5, "3.14159 & 2.71828")
        assert words(charts.figure_svg(figure)) == ["3.14159 & 2.71828"]


class TestPlaces:
    @given(st.lists(st.tuples(st.floats(-20, 120), st.floats(1, 10)), min_size=1, max_size=9))
    def test_spread_labels_never_overlap(self, labels: list[tuple[float, float]]) -> None:
        wanted, sizes = zip(*labels, strict=True)
        places = spread(wanted, sizes, low=0, high=100)
        boxes = sorted((p - s / 2, p + s / 2) for p, s in zip(places, sizes, strict=True))
        assert boxes[0][0] >= -1e-6
        assert boxes[-1][1] <= 100 + 1e-6
        assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(boxes))

    @given(st.text(max_size=80), st.floats(8, 60))
    def test_wrapped_lines_fit(self, text: str, width: float) -> None:
        lines = wrapped(text, width)
        assert len(lines) <= 3
        assert all(text_width(line) <= width or len(line) == 1 for line in lines)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
