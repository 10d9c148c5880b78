"""The strips of several pupils: the same school weeks for all, no more than twelve, words for each."""

import pandas as pd

from attendance_helpers.publish.chart_strip import WEEKS
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.strips import pupil_strips, strip_key


def test_one_strip_each_with_its_words(marks_of):
    found = pupil_strips(marks_of("II // // // //", "// // // // //"), ["p1", "p2"])
    assert list(found) == ["p1", "p2"]
    assert found["p1"].alt.startswith("1 week to 11 September 2026: 2 of 10 half-days missed")
    assert found["p2"].alt == "1 week to 11 September 2026: none of 10 half-days missed."
    assert found["p1"].svg != found["p2"].svg


def test_only_those_asked_for(marks_of):
    marks = marks_of("II // // // //", "// // // // //")
    assert list(pupil_strips(marks, {"p2"})) == ["p2"]
    assert pupil_strips(marks, []) == {}
    assert pupil_strips(marks, ["p9"]) == {}


def test_upns_as_categories(marks_of):
    marks = marks_of("II // // // //", "// // // // //").astype({"upn": "category"})
    assert list(pupil_strips(marks, ["p2"])) == ["p2"]


def test_no_more_than_twelve_weeks_of_the_school(marks_of):
    marks = marks_of("".join(["II // // // //"] * 14))
    assert pupil_strips(marks, ["p1"])["p1"].alt.startswith(
        f"{WEEKS} weeks to 11 December 2026: {2 * WEEKS} of {10 * WEEKS} half-days missed"
    )


def test_a_holiday_does_not_shorten_it(marks_of):
    marks = marks_of("".join(["II // // // //"] * 14))
    later = marks["date"] > pd.Timestamp("2026-10-18")
    marks["date"] = marks["date"].where(~later, marks["date"] + pd.Timedelta(weeks=4))
    assert pupil_strips(marks, ["p1"])["p1"].alt.startswith(f"{WEEKS} weeks to 8 January 2027")


def test_who_came_late_is_lined_up_with_the_others(marks_of):
    marks = marks_of("//" * 20, "II" * 20)
    late = marks[(marks["upn"] == "p1") | (marks["date"] >= "2026-09-28")]
    found = pupil_strips(late, ["p1", "p2"])
    widths = {drawing(strip.svg, name="d", where="a test").width for strip in found.values()}
    assert len(widths) == 1
    assert "10 of 10 half-days missed" in found["p2"].alt


def test_the_width_is_that_asked_for(marks_of):
    marks = marks_of("II // // // //")
    narrow, wide = (pupil_strips(marks, ["p1"], width=mm)["p1"].svg for mm in (48, 72))
    assert 'width="48mm"' in narrow
    assert 'width="72mm"' in wide


def test_no_marks_no_strips(marks_of):
    assert pupil_strips(marks_of("//").iloc[:0], ["p1"]) == {}


def test_marks_of_a_closed_school_draw_nothing(marks_of):
    found = pupil_strips(marks_of("## ## ## ## ##"), ["p1"])
    assert [strip.alt for strip in found.values()] == ["No sessions in this period."]


def test_marks_stay_as_they_were(marks_of):
    marks = marks_of("II // // // //")
    before = marks.copy(deep=True)
    pupil_strips(marks, ["p1"])
    pd.testing.assert_frame_equal(marks, before)


def test_the_key_is_drawn_and_said():
    key = strip_key()
    assert drawing(key.svg, name="d", where="a test").width > 0
    for word in ("present", "late", "with and without leave", "no mark"):
        assert word in key.alt
