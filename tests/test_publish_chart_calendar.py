"""The calendar of half-days and the strip of the week: what is drawn, counted and said."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_measures_pupil_days import THERE, YEAR, made

from attendance_helpers.measures.pupil_days import pupil_days
from attendance_helpers.publish.calendar_marks import BLANK, KINDS, mark_kind, mark_shape
from attendance_helpers.publish.chart_calendar import HOLIDAY, ROW, half_day_calendar
from attendance_helpers.publish.chart_child_week import weekday_strip
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.register.calendar import school_sessions
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES, code_table

SVG = "{http://www.w3.org/2000/svg}"
AS_AT = dt.date(2027, 7, 31)


def calendar(codes, *, child="Sam", as_at=AS_AT, weeks=12, without=()):
    """Return the calendar of marks from 7 September 2026 in a school that was open on all their days."""
    marks = made(list(codes))
    sessions = school_sessions(made(["/"] * len(marks)))
    sessions = sessions[~sessions["week"].isin(pd.to_datetime(list(without)))]
    return half_day_calendar(marks, sessions=sessions, as_at=as_at, child=child, weeks=weeks)


def texts(chart):
    return [found.text for found in ElementTree.fromstring(chart.svg).iter(f"{SVG}text")]


def places(svg):
    """Return where the marks of each look begin, by the filling of their path and their first command."""
    return [
        (path.get("fill"), path.get("d")) for path in ElementTree.fromstring(svg).iter(f"{SVG}path")
    ]


def test_a_fortnight_in_words_and_numbers():
    chart = calendar("II/\\L\\/\\/\\" + "/I/\\/\\/\\-\\")
    assert chart.title == "In the last 2 school weeks, Sam was in school for 16 of 19 half-days"
    assert chart.rows == [
        [dt.date(2026, 9, 7), 10, 8, 1, 2, 0],
        [dt.date(2026, 9, 14), 9, 8, 0, 1, 1],
    ]
    assert chart.alt == (
        "A calendar of 2 school weeks. Sam missed 3 of 19 half-days, in 2 weeks. "
        "Most were missed in the week from 7 September: 2 half-days. Late for 1 half-day. "
        "No mark yet for 1 half-day."
    )
    said = texts(chart)
    assert said[:3] == ["Mon", "am", "pm"]
    assert {"7 Sep", "14 Sep", "1 day", "half a day", "Missed"} <= set(said)
    assert [KINDS[kind] for kind in ("in school", "late", "missed", "no mark")] == [
        word for word in said if word in KINDS.values()
    ]
    assert said[-1] == BLANK


def test_a_mark_for_every_half_day_and_none_for_a_closed_one():
    alone = calendar("II" + "/\\" * 4)
    closed = calendar("I#" + "/\\" * 4)
    boxes = [next(d for fill, d in places(c.svg) if fill == "#FFFFFF") for c in (alone, closed)]
    assert [d.count("M") for d in boxes] == [2, 1]
    discs = next(d for fill, d in places(alone.svg) if fill != "#FFFFFF")
    assert discs.count("M") == 8


def test_the_latest_weeks_and_none_before_the_first_mark():
    assert calendar(THERE * 15).rows[0][0] == dt.date(2026, 9, 28)
    assert len(calendar(THERE * 15).rows) == 12
    marks = made(list(THERE * 4))
    joined = marks[marks["date"] >= pd.Timestamp("2026-09-23")]
    chart = half_day_calendar(joined, sessions=school_sessions(marks), as_at=AS_AT)
    assert [row[0].day for row in chart.rows] == [21, 28]
    assert chart.rows[0][1] == 6
    assert "your child was in school" in chart.title
    assert ". Your child missed none of 16 half-days." in chart.alt


def test_what_comes_after_the_last_date_is_not_drawn():
    chart = calendar(THERE + "IIIIIIIIII", as_at=dt.date(2026, 9, 14))
    assert [row[1] for row in chart.rows] == [10, 2]
    assert chart.caption.endswith("Up to 14 September.")


def test_a_holiday_week_has_no_row_and_leaves_room():
    whole, holiday = calendar(THERE * 3), calendar(THERE * 3, without=["2026-09-14"])
    assert [row[0].day for row in holiday.rows] == [7, 21]
    heights = [float(re.search(r'height="([\d.]+)mm"', c.svg)[1]) for c in (whole, holiday)]
    assert heights[0] - heights[1] == pytest.approx(ROW - HOLIDAY)


def test_nothing_to_show_is_no_chart():
    assert calendar("####") is None
    assert calendar("XX--") is None
    assert weekday_strip(pupil_days(made(list(THERE)), YEAR).weekdays) is None
    assert weekday_strip(pupil_days(made([]), YEAR).weekdays) is None


def test_learning_elsewhere_is_said():
    chart = calendar("BB" + "/\\" * 4)
    assert chart.title.endswith("Sam was in school or learning elsewhere for 10 of 10 half-days")
    assert KINDS["elsewhere"] in texts(chart)


def test_every_code_is_drawn_on_its_side():
    for code, row in code_table().iterrows():
        kind = mark_kind(code, row["mark_class"])
        there = kind in ("in school", "late", "elsewhere")
        assert there == (row["mark_class"] == "attending"), code
        assert (kind in ("missed", "closed", "shorter")) == (
            row["mark_class"] in ABSENCE_CLASSES
        ), code
        if row["mark_class"] not in POSSIBLE_CLASSES:
            assert kind in ("not counted", "no mark", None), code
    assert mark_kind("Z", "not collected") is None
    assert mark_kind("?", "unusable") == "no mark"


def test_shapes_differ_without_colour():
    bare = [re.sub(r'(fill|stroke)="#[^"]*"', "", mark_shape(kind, [(5, 5)])) for kind in KINDS]
    assert len(set(bare)) == len(KINDS)


def test_twelve_weeks_of_every_kind_fit_half_a_page():
    chart = calendar("/LUIB\\X-#/" * 12)
    width, height = (float(n) for n in re.findall(r'(?:width|height)="([\d.]+)mm"', chart.svg)[:2])
    assert width == 170
    assert height + 3 * HOLIDAY <= 105  # three holidays may lie between twelve weeks
    sizes = [int(n) for n in re.findall(r'font-size="(\d+)"', chart.svg)]
    assert min(sizes) * 72 / 2540 >= 9.5
    box = [float(n) for n in re.search(r'viewBox="([^"]*)"', chart.svg)[1].split()]
    assert box == [0, 0, 17000, pytest.approx(100 * height, abs=10)]
    for x in re.findall(r'<text x="(\d+)"', chart.svg):
        assert 0 <= int(x) <= 17000


def test_the_page_keeps_all_of_it():
    for chart in (
        calendar("/LUIB\\X-#/" * 12),
        weekday_strip(pupil_days(made(list("/IUI")), YEAR).weekdays),
    ):
        kept = drawing(chart.svg, name="d").content
        for tag in ("<path", "<rect", "<text"):
            assert kept.count(tag) == chart.svg.count(tag)
        assert "id=" not in chart.svg  # nothing that could clash on a page


def test_a_name_is_never_markup_in_the_drawing():
    chart = calendar(THERE, child="<b>&")
    assert "<b>" not in chart.svg
    assert "<b>&" in chart.title


def test_saturdays_get_columns_of_their_own():
    marks = made(["/", "I"]).assign(date=pd.Timestamp("2026-09-12"))
    sessions = school_sessions(marks)
    chart = half_day_calendar(marks, sessions=sessions, as_at=AS_AT)
    assert "Sat" in texts(chart)
    strip = weekday_strip(pupil_days(marks, YEAR).weekdays)
    assert "Sat" in texts(strip)
    assert strip.rows == [["Saturday", "Morning", 1, 0], ["Saturday", "Afternoon", 1, 1]]


def test_the_week_in_numbers():
    marks = made(list("II/\\/\\/\\/\\" * 4 + "/\\"))
    strip = weekday_strip(pupil_days(marks, YEAR).weekdays, child="Sam", standout=(0,))
    assert strip.title == "Sam missed more on Mondays: 8 of 10 half-days"
    assert texts(strip).count("4 of 5") == 2
    assert texts(strip).count("0 of 4") == 8
    assert {"4 mornings", "4 afternoons"} <= set(texts(strip))
    assert "Monday mornings: 4 of 5. Monday afternoons: 4 of 5." in strip.alt
    plain = weekday_strip(pupil_days(marks, YEAR).weekdays, child="Sam")
    assert plain.title == "What Sam missed on each day of the week"


def test_one_session_a_day_leaves_the_other_empty():
    marks = made(["I", "/", "/", "/", "/"], halves=("AM",))
    strip = weekday_strip(pupil_days(marks, YEAR).weekdays)
    assert texts(strip).count("–") == 5
    assert len(strip.rows) == 5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(list("/\\LIMUNOG-#XBE")), min_size=1, max_size=120))
def test_the_calendar_counts_what_the_counts_count(codes):
    chart = calendar(codes)
    counts = pupil_days(made(codes), YEAR)
    assert (chart is None) == (counts.possible == 0)
    if chart is None:
        return
    sums = [sum(row[at] for row in chart.rows) for at in range(1, 6)]
    assert sums == [counts.possible, counts.attended, counts.late, counts.missed, counts.no_mark]
    assert f"{counts.attended} of {counts.possible} half-day" in chart.title
    ElementTree.fromstring(chart.svg)
