"""The words for the meeting as blocks: sums that anyone can check, boxes to tick, and nothing lost on the page."""

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from attendance_helpers.errors import AttendanceError
from attendance_helpers.meetings.agenda import agenda, suggested_minutes
from attendance_helpers.publish import meeting_blocks
from attendance_helpers.publish.blocks import Checklist, Cover, Heading, Paragraph, Table
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_pdf import pdf_page
from attendance_helpers.run.params import Help

PLACES = (
    {"name": "Duty line", "when": "Advice on one pupil.", "contact": "01632 960001"},
    Help(name="Early Help", when="A family needs more."),
)


@pytest.mark.parametrize(
    ("severe", "persistent", "working"),
    [
        (
            40,
            200,
            "120 minutes. 30 + 3 for each of 40 severely absent pupils + 1 for each of 180 other persistently absent pupils beyond the "
            "first 20 = 330, kept at 120, the longest.",
        ),
        (
            1,
            21,
            "45 minutes. 30 + 3 for 1 severely absent pupil + 1 for 1 other persistently absent pupil beyond the first 20 = 34, "
            "rounded up to 45.",
        ),
        (
            0,
            20,
            "45 minutes. 30 + 0 for severely absent pupils, none + 0 for other persistently absent pupils, none beyond the first 20 = 30, "
            "raised to 45, the shortest.",
        ),
        (
            10,
            0,
            "60 minutes. 30 + 3 for each of 10 severely absent pupils + 0 for other persistently absent pupils, none beyond the first 20 "
            "= 60.",
        ),
    ],
)
def test_the_length_says_its_working(severe, persistent, working):
    text = meeting_blocks.length_block(suggested_minutes(severe, persistent)).text
    assert text == f"Suggested length: {working}"


def test_halves_of_minutes_and_no_free_pupils_are_said():
    length = suggested_minutes(3, 2, severe_minutes=2.5, persistent_free=0)
    text = meeting_blocks.length_block(length).text
    assert "2.5 for each of 3 severely absent pupils + 1 for each of 2 other" in text
    assert "persistently absent pupils = 39.5, rounded up to 45." in text


def test_the_agenda_adds_up_on_the_page():
    length = suggested_minutes(8, 41)
    table = meeting_blocks.agenda_table(agenda(length), length)
    minutes = [row[3] for row in table.rows]
    assert sum(minutes[:-1]) == minutes[-1] == 75
    assert table.title == "Suggested agenda: 75 minutes, 48 of them on pupils"
    assert table.rows[4][:3] == [
        "5. Severely absent pupils",
        "Both",
        "Who is severely absent?",
    ]
    assert list(table.emphasis) == [10]
    assert len(table.notes) == 1  # every pupil has the time meant, every point some


def test_a_point_with_nothing_has_no_minutes_and_the_dash_is_explained():
    length = suggested_minutes(0, 0)
    table = meeting_blocks.agenda_table(agenda(length), length)
    assert table.rows[4][0] == (
        "5. Severely absent pupils – Nothing this time: no pupil is severely absent."
    )
    assert table.rows[4][3] is None
    assert table.title == "Suggested agenda: 45 minutes"
    assert "– : no time set aside." in table.notes


def test_time_too_short_for_the_severely_absent_is_said():
    length = suggested_minutes(40, 200)
    table = meeting_blocks.agenda_table(agenda(length), length)
    assert any(
        note.startswith("36 minutes for 40 severely absent pupils: less than the 3 minutes")
        for note in table.notes
    )


def test_the_agenda_names_the_headings_of_the_pack():
    length = suggested_minutes(1, 0)
    table = meeting_blocks.agenda_table(
        agenda(length), length, headings={"groups": "Who misses most?", "since": ""}
    )
    places = [row[2] for row in table.rows]
    assert places[3] == "Who misses most?"
    assert places[1] == "Your own records"  # a section that this pack does not have


def test_every_section_of_the_agenda_has_a_heading():
    sections = {name for point in agenda(suggested_minutes(1, 1)) for name in point.sections}
    assert sections <= set(meeting_blocks.HEADINGS)
    assert {point.leads for point in agenda(suggested_minutes(1, 1))} == set(meeting_blocks.LEADERS)


def test_questions_put_numbers_years_and_dates_into_words():
    found = {"week_dip": {"year": 0, "week": dt.date(2025, 11, 24)}}
    callout = meeting_blocks.questions_callout("yeargroups", found)
    assert callout.kind == "questions"
    assert callout.items[0] == "What kept Reception away in the week beginning 24 November 2025?"
    one = meeting_blocks.questions_callout("patterns", [("one_long", {"pupils": 1})])
    assert one.items[0].startswith("One long absence: 1 pupil. ")
    both = meeting_blocks.questions_callout("movement", {"left_more": {"entered": 0, "left": 1}})
    assert both.items[0].startswith("Out of persistent absence: 1 pupil. Into it: 0 pupils. ")


def test_questions_take_keys_alone_and_refuse_others(tmp_path):
    assert meeting_blocks.questions_callout("lates", ["none"], most=1).items[0].startswith("Hardly")
    with pytest.raises(AttendanceError, match="'lates'"):
        meeting_blocks.questions_callout("lates", ["often"])
    own = tmp_path / "ours.yml"
    own.write_text("lates: [{ask: Why?}]\n")
    assert meeting_blocks.questions_callout("lates", path=own).items == ["Why?"]


def test_ways_of_working_are_boxes_to_tick():
    areas = meeting_blocks.processes_blocks()
    assert isinstance(areas, Checklist)
    assert [len(area.lines) for area in areas.groups] == [5, 4, 5, 5, 4, 4, 3]
    assert {area.room for area in areas.groups} == {0}
    roomy = meeting_blocks.processes_blocks(room=2)
    assert {area.room for area in roomy.groups} == {2}


def test_places_of_help_may_be_mappings_or_settings():
    table = meeting_blocks.signposting_table(PLACES)
    assert isinstance(table, Table)
    assert table.title == "2 places to turn to for help"
    assert table.rows == [
        ["Advice on one pupil.", "Duty line", "01632 960001"],
        ["A family needs more.", "Early Help", "–"],
    ]


def test_without_places_of_help_a_sentence_says_where_to_set_them():
    said = meeting_blocks.signposting_table([])
    assert isinstance(said, Paragraph)
    assert "signposting" in said.text


def test_the_page_of_a_meeting_makes_an_accessible_pdf():
    length = suggested_minutes(2, 30)
    blocks = [
        Heading("The meeting"),
        meeting_blocks.length_block(length),
        meeting_blocks.agenda_table(agenda(length), length),
        Heading("Ways of working"),
        meeting_blocks.processes_blocks(),
        meeting_blocks.signposting_table(PLACES),
        meeting_blocks.questions_callout("groups", {"year_gap": {"year": 9}}),
    ]
    pages = PdfReader(io.BytesIO(pdf_page(block_document(Cover("Words"), blocks)))).pages
    text = " ".join(page.extract_text() for page in pages)
    assert "Suggested agenda: 60 minutes, " in text
    assert text.count("☐") == 30  # one for each line of the ways of working


def test_questions_of_two_sections_in_one_box() -> None:
    together = meeting_blocks.questions_together(
        {"mix": {"more": {}}, "against": {"inside": {}}}, most=1
    )
    apart = [
        meeting_blocks.questions_callout("mix", {"more": {}}, most=1),
        meeting_blocks.questions_callout("against", {"inside": {}}, most=1),
    ]
    assert list(together.items) == [question for box in apart for question in box.items]
    assert together.kind == "questions"
