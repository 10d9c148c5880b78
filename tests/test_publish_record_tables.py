"""The record of a meeting as blocks: titles that say what was agreed, tables that hold together with nothing and with much."""

import datetime as dt
import io
from types import SimpleNamespace

import pandas as pd
import pytest
from pypdf import PdfReader
from record_samples import DAY, FIGURES, action, approach, item, items, meeting, said

from attendance_helpers.meetings import minutes
from attendance_helpers.publish import (
    record_actions,
    record_figures,
    record_tables,
    record_words,
)
from attendance_helpers.publish.blocks import Callout, Paragraph, Table
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.publish.page_pdf import pdf_page
from attendance_helpers.register.calendar import window
from attendance_helpers.register.meeting_frames import typed_meetings
from attendance_helpers.register.meeting_origin import FIGURES as FORM_FIGURES
from attendance_helpers.register.support_history import typed_support

MEETING = dt.date.fromisoformat(DAY)
SCHOOL = {"school_name": "Test School", "urn": "900101"}
NAMES = {"p1": "Hale, Ada (Y9)", "p2": "Łuk, Zoë (R)"}
NOTHING = minutes.actions_to_do(said(), meeting=MEETING)
EARLIER = {"agreed": "2026-06-15"}


def to_do(*actions):
    return minutes.actions_to_do(said(*actions), meeting=MEETING)


def cover(**told):
    row = typed_meetings(pd.DataFrame([meeting(**told)])).iloc[0]
    return record_tables.record_cover(
        *(SCHOOL, row),
        **{"subtitle": "2 actions agreed", "version": "Version 1", "authority": "Northmoor"},
        **{"profile": "meeting", "handling": "For those who met"},
    )


def test_the_cover_says_when_where_and_who_keeps_the_notes():
    found = cover()
    assert found.title == "Test School: meeting record"
    assert found.date == MEETING
    assert dict(found.facts) == {
        "Meeting": "21 September 2026",
        "Place": "Remote",
        "School": "Test School (URN 900101)",
        "Next meeting": "30 November 2026",
        "Notes kept by": "The school",
        "This record": "Version 1",
    }


def test_the_cover_of_a_form_with_nothing_but_a_date():
    facts = dict(cover(place="", notes_by="", next_meeting=None).facts)
    assert [facts[name] for name in ("Place", "Notes kept by", "Next meeting")] == [
        *("Not said", "Not said", "Not fixed"),
    ]


@pytest.mark.parametrize(
    ("actions", "title"),
    [
        ([], "No action was agreed"),
        ([action(1, due="2026-10-02")], "1 action agreed, due on 2 October 2026"),
        ([action(1)], "1 action agreed, without a date"),
        ([action(1, status="Done")], "1 action agreed, and closed"),
        ([action(1), action(2)], "2 actions agreed; none has a date"),
        (
            [action(1, due="2026-10-09"), action(2, due="2026-10-02"), action(3)],
            "3 actions agreed; the first is due on 2 October 2026",
        ),
        (
            # One that is done already is not the first that is due.
            [action(1, due="2026-09-25", status="Done"), action(2, due="2026-10-02")],
            "2 actions agreed; the first is due on 2 October 2026",
        ),
        (
            [action(1, due="2026-10-09"), action(2, status="Carried", **EARLIER)],
            "1 action agreed, 1 carried on; the first is due on 9 October 2026",
        ),
        (
            [action(1, status="Carried", due="2026-10-09", **EARLIER)],
            "1 earlier action carried on, none new, due on 9 October 2026",
        ),
        (
            [action(1, due="2026-10-09"), action(2, due="2026-09-20", **EARLIER)],
            "1 action agreed, 1 carried on; the first is due on 9 October 2026",
        ),
        (
            [action(1, due="2026-09-20", **EARLIER)],
            "1 earlier action carried on, none new, without a date ahead",
        ),
    ],
)
def test_the_title_is_what_was_agreed(actions, title):
    assert record_words.actions_title(to_do(*actions)) == title


def test_a_part_of_the_actions_is_called_one():
    whose = "for the school or its groups"
    assert record_words.actions_title(NOTHING, whose=whose) == (
        "No action for the school or its groups was agreed"
    )
    words = record_words.actions_title(to_do(action(1, due="2026-10-02")), whose=whose)
    assert words == "1 action for the school or its groups agreed, due on 2 October 2026"


def test_actions_stand_by_organisation_in_one_table():
    table = record_actions.actions_table(
        to_do(
            action(1, "Meet the family", upn="p1", theme="Pupil", due="2026-10-09", stage="2"),
            action(2, "Call at nine", cohort="Year 9", theme="Cohort", due=DAY),
            action(3, organisation="Early Help", owner="", upn="gone", review="2026-11-02"),
            action(4, organisation="", due="2026-09-20", **EARLIER),
        ),
        NAMES,
    )
    assert table.title == "To do: School 2, Early Help 1, organisation not said 1"
    school = "Headteacher (School)"
    assert table.rows == [
        # Due on the day of the meeting is not past; the day before is.
        [school, "Call at nine", "Year 9", MEETING, ""],
        [school, "Meet the family", "Hale, Ada (Y9); stage 2", dt.date(2026, 10, 9), ""],
        ["No owner named (Early Help)", "Call at nine", "gone", "No date", "Review 2 Nov 2026."],
        [
            *("Headteacher", "Call at nine. Agreed on 15 Jun 2026, date past."),
            *("Whole school", dt.date(2026, 9, 20), ""),
        ],
    ]


def test_a_column_that_nobody_filled_in_is_not_printed():
    table = record_actions.actions_table(to_do(action(1)), NAMES)
    assert [c.label for c in table.columns] == ["Owner", "Action", "For", "Due"]
    assert table.rows == [["Headteacher (School)", "Call at nine", "Whole school", "No date"]]


@pytest.mark.parametrize(
    ("theme", "words"),
    [("Coding", "Whole school"), ("Process", "Whole school"), ("Referral", "Not said")],
)
def test_an_action_for_nobody_in_particular(theme, words):
    told = action(1, upn="", cohort="", theme=theme, stage="")
    assert record_words.whom_words(told, NAMES) == words


def test_an_action_says_how_it_stands():
    rows = to_do(
        action(1, "Write to all.", status="Done", closed=DAY, outcome="Sent in the meeting"),
        action(2, "Ask why?", outcome="Two have answered"),
        action(3, "Visit", status="Carried", outcome="", **EARLIER),
    )
    table = record_actions.actions_table(rows, NAMES)
    assert [row[1] for row in table.rows] == [
        "Write to all. Done on 21 Sep 2026: Sent in the meeting.",
        "Ask why? Two have answered.",
        "Visit. Agreed on 15 Jun 2026.",
    ]


def test_what_is_still_to_settle_is_said():
    whole = to_do(action(1, due="2026-10-02"), action(2, owner="", status="Done"))
    assert record_actions.unsettled_callout(whole) is None
    assert record_actions.unsettled_callout(NOTHING) is None
    callout = record_actions.unsettled_callout(
        to_do(
            *(action(1), action(2), action(3, owner="", due="2026-10-02")),
            action(4, due="2026-09-20", **EARLIER),
        )
    )
    assert isinstance(callout, Callout)
    assert callout.title == (
        "Still to settle: 1 action has no owner; 2 have no date; 1 has a date already past."
    )


def test_people_stand_by_organisation_came_and_did_not():
    told = items(
        item("person", entry="came", role="Headteacher", organisation="School", initials="AB"),
        item("person", entry="came", role="Head of year", organisation="School"),
        item("person", entry="came", role="Head of year", organisation="School"),
        item("person", entry="did not come", role="SENCO", organisation="School", initials="CD"),
        item("person", entry="came", role="", organisation="", initials=""),
        item("person", entry="came", role="Judge", organisation="Court"),
        item("point", "Groups", entry="covered"),
    )
    table = record_tables.people_table(told, naming="initials")
    assert table.title == "5 people met; 1 was invited and did not come"
    assert table.rows == [
        ["School", "Headteacher (AB); Head of year (2 of them)", "SENCO (CD)"],
        ["Court", "Judge", ""],
        ["Not said", "Role not said", ""],
    ]
    roles = record_tables.people_table(told, naming="roles")
    assert "AB" not in str(roles.to_json()) and "CD" not in str(roles.to_json())


def test_nobody_written_down_is_said():
    assert isinstance(record_tables.people_table(items(), naming="roles"), Paragraph)
    alone = items(item("person", entry="came", role="Governor", organisation="School"))
    table = record_tables.people_table(alone, naming="roles")
    assert table.title == "1 person met" and table.rows == [["School", "Governor"]]
    away = items(item("person", entry="did not come", role="Governor", organisation="School"))
    title = record_tables.people_table(away, naming="roles").title
    assert title == "Nobody is down as met; 1 was invited and did not come"


def test_earlier_actions_that_ended_are_listed_and_the_others_counted():
    rows = minutes.earlier_actions(
        said(
            action(1, "Visit", status="Done", closed="2026-09-08", outcome="Three", **EARLIER),
            action(2, "Letters", status="Stopped", outcome="No money", upn="p1", **EARLIER),
            action(3, status="Carried", **EARLIER),
        ),
        said(),
        meeting=MEETING,
    )
    table = record_actions.earlier_table(rows, NAMES, not_told=2)
    assert table.title == "Earlier actions: 1 done, 1 stopped and 1 goes on"
    assert table.rows == [
        ["Visit", "Whole school", "Headteacher", "Done on 8 Sep 2026: Three."],
        ["Letters", "Hale, Ada (Y9)", "Headteacher", "Stopped: No money."],
    ]
    assert table.notes == [
        "1 earlier action goes on: it stands above, with the day on which it was agreed.",
        "2 earlier actions were not told of and stay open.",
    ]


@pytest.mark.parametrize(
    ("actions", "not_told", "words"),
    [
        ([], 0, "No earlier action was open before this meeting."),
        ([], 1, "1 earlier action was not told of and stays open."),
        (
            [action(1, **EARLIER), action(2, **EARLIER)],
            0,
            "2 earlier actions go on: they stand above, with the day on which each was agreed.",
        ),
    ],
)
def test_without_an_ended_action_there_is_a_sentence(actions, not_told, words):
    rows = minutes.earlier_actions(said(*actions), said(), meeting=MEETING)
    assert record_actions.earlier_table(rows, NAMES, not_told=not_told) == Paragraph(words)


def test_approaches_stand_by_name_with_the_review_of_the_plan():
    support = typed_support(
        pd.DataFrame(
            [
                approach("p2", "Mornings"),
                approach("p1", "One adult"),
                approach("p1", "plan", kind="plan", until="2026-10-19"),
            ]
        )
    )
    found = minutes.agreed_approaches(support, meeting=MEETING)
    table = record_actions.approaches_table(found, NAMES)
    assert table.title == "An approach was agreed for 2 pupils"
    assert table.rows == [
        ["Hale, Ada (Y9)", "One adult", dt.date(2026, 10, 19)],
        ["Łuk, Zoë (R)", "Mornings", ""],
    ]
    plain = record_actions.approaches_table(found.assign(review=pd.NaT), NAMES)
    assert [c.label for c in plain.columns] == ["Pupil", "Agreed approach"]
    assert isinstance(record_actions.approaches_table(found.iloc[:0], NAMES), Paragraph)


def test_points_are_listed_where_there_is_more_to_say_than_covered():
    told = items(
        item("point", "Purpose", entry="covered"),
        item("point", "Groups", entry="covered", note="Year 9 first"),
        item("point", "Legal", entry="not covered"),
        item("point", "What works", entry="", note="By letter"),
        item("point", "Left alone", entry=""),
    )
    table = record_tables.points_table(told)
    assert table.title == "Agenda points: 2 covered and 1 not covered"
    assert table.rows == [
        ["Groups", "Covered", "Year 9 first"],
        ["Legal", "Not covered", ""],
        ["What works", "", "By letter"],
    ]
    assert table.notes == ["Covered, without a note: Purpose."]
    bare = record_tables.points_table(told.assign(note=""))
    assert bare.rows == [["Legal", "Not covered"]]
    assert bare.notes == ["Covered: Purpose; Groups."]
    assert record_tables.points_table(told.iloc[:1]) == Paragraph(
        "Agenda points: 1 covered. Covered: Purpose."
    )
    assert record_tables.points_table(pd.concat([told.iloc[:1]] * 10), of=10) == Paragraph(
        "All 10 points of the agenda were covered."
    )
    assert isinstance(record_tables.points_table(items()), Paragraph)


def test_ways_of_working_needs_and_practice_are_one_table():
    told = items(
        item("practice", "Breakfast"),
        item("process", "First-day calls", note="By nine"),
        item("process", "Codes"),
    )
    table = record_tables.ways_table(told)
    assert table.title == "2 ways of working discussed and 1 practice to share"
    assert table.rows == [
        ["Way of working", "First-day calls", "By nine"],
        ["Way of working", "Codes", ""],
        ["Good practice to share", "Breakfast", ""],
    ]
    assert isinstance(record_tables.ways_table(items()), Paragraph)


def dates(rows, *, day=None, note="", plans=()):
    return record_actions.dates_table(
        rows, next_meeting=pd.Timestamp(day) if day else pd.NaT, next_note=note, plans=plans
    )


def test_every_date_stands_once_earliest_first():
    rows = to_do(
        action(1, due="2026-10-09", review="2026-11-30"),
        action(2, due="2026-10-02", owner="SENCO"),
        action(3, due="2026-10-02", owner=""),
        action(4, due="2026-10-02", owner="SENCO"),
        action(5, due="2026-09-25", status="Done"),
        action(6, due="2026-09-18", **EARLIER),  # passed: no date to come
    )
    plans = [pd.Timestamp("2026-10-09"), pd.NaT]
    table = dates(rows, day="2026-11-30", note="At nine", plans=plans)
    assert table.title == "The next meeting is on 30 November 2026"
    assert table.rows == [
        [dt.date(2026, 10, 2), "3 actions due", "SENCO; No owner named"],
        [dt.date(2026, 10, 9), "1 action due; 1 pupil's plan to be reviewed", "Headteacher"],
        [
            *(dt.date(2026, 11, 30), "1 action to be reviewed; Next meeting"),
            "Headteacher; At nine",
        ],
    ]
    assert list(table.emphasis) == [2]


def test_a_next_meeting_without_a_date_stands_last():
    table = dates(to_do(action(1, due="2026-10-02")), note="After half term")
    assert table.title == "No next meeting is fixed yet"
    assert table.rows[-1] == ["Not fixed", "Next meeting", "After half term"]
    assert isinstance(dates(NOTHING), Paragraph)


def test_the_labels_of_the_figures_are_the_forms():
    assert tuple(record_figures.FIGURES) == FORM_FIGURES


def test_the_headline_as_it_stood():
    words = record_figures.headline_words(FIGURES)
    tiles = {t.label: (t.value, t.note) for t in record_tables.headline_tiles(words).tiles}
    assert tiles == {
        "Attendance": ("90.0%", "of possible sessions"),
        "Persistently absent": ("6", "25.0% of 24 pupils"),
        "Of them severely": ("2", "8.3% of 24 pupils"),
        "Authorised": ("3.3%", "of possible sessions"),
        "Unauthorised": ("6.7%", "of possible sessions"),
    }


def test_without_a_session_there_is_no_headline():
    words = record_figures.headline_words(dict.fromkeys(FIGURES, 0))
    assert words == {}
    assert isinstance(record_tables.headline_tiles(words), Paragraph)


def shareable(*, unauthorised=1.0, **told):
    """Return what the copy for others prints of the register's own figures, as far as the record asks for it."""
    rates = {f"{n}_perc": 1.0 for n in ("overall_attendance", "authorised_absence")}
    everyone = {"pupils": 24, "persistent": 6, "severe": 0, **told}
    return SimpleNamespace(
        rates={**rates, "unauthorised_absence_perc": unauthorised},
        everyone=SimpleNamespace(**everyone),
    )


def test_a_shareable_headline_hides_what_it_would_and_what_the_register_would():
    words = record_figures.headline_words(FIGURES, shareable=shareable())
    assert words["Severely absent"] == words["Severely absent %"] == "c"
    assert words["Persistently absent"] == "6" and words["Persistently absent %"] == "25.0%"
    assert words["Attendance %"] == "90.0%"
    more = record_figures.headline_words(
        FIGURES, shareable=shareable(persistent="c", unauthorised="c")
    )
    assert more["Persistently absent"] == more["Persistently absent %"] == "c"
    assert more["Unauthorised %"] == "c" and more["Authorised %"] == "3.3%"


def test_rates_of_few_pupils_are_withheld():
    few = {**FIGURES, "Pupils": 9, "Persistently absent": 0, "Severely absent": 0}
    words = record_figures.headline_words(few, shareable=shareable(pupils=9))
    assert {name for name, value in words.items() if value == "c"} == {
        *("Attendance %", "Authorised %", "Unauthorised %"),
        *("Persistently absent %", "Severely absent %"),
    }


def test_the_note_explains_the_mark_and_says_where_figures_are_counted_anew():
    span = window("2026-09-07..2026-09-11")
    limits = {"persistent_perc": 10, "severe_perc": 50}
    plain = record_tables.headline_note(
        record_figures.headline_words(FIGURES), span, anew=False, **limits
    )
    assert plain.text == (
        "7 September to 11 September 2026, all pupils on roll. As it stood in the form of the meeting. Persistently absent: 10% or more of "
        "possible sessions missed; severely: 50% or more."
    )
    hidden = record_figures.headline_words(FIGURES, shareable=shareable())
    text = record_tables.headline_note(hidden, span, anew=True, **limits).text
    assert "counted anew from the register as it is now" in text
    assert "c: hidden to protect a child." in text


def test_actions_for_pupils_are_counted_by_owner_alone():
    rows = said(
        *(action(n, upn=f"p{n}", owner="SENCO") for n in range(5)),
        *(action(n, upn="p1", owner="") for n in (6, 7)),
        *(action(n, theme="Pupil") for n in (8, 9)),
        action(10, cohort="Year 9"),
    )
    counts = record_figures.counts_by_owner(rows[minutes.for_pupils(rows)])
    assert counts == [("School", "SENCO", "5"), ("School", "", "c"), ("School", "Headteacher", "c")]
    # One hidden number alone would be what the others leave of the sum.
    alone = record_figures.counts_by_owner(rows[rows["upn"] != ""])
    assert [count for _, _, count in alone] == ["c", "c"]
    table = record_actions.pupil_actions_table(counts)
    assert [row[0] for row in table.rows] == ["SENCO", "No owner named", "Headteacher"]
    assert "It stands for one to four" in table.notes[0]
    assert isinstance(record_actions.pupil_actions_table([]), Paragraph)


def test_who_keeps_the_notes_is_told_where_it_is_known():
    assert (
        "Tell the authority, which keeps the notes:" in record_tables.closing_note("Authority").text
    )
    assert "Tell whoever keeps the notes:" in record_tables.closing_note("").text


HOSTILE = "#set_text *bold* <b>x</b> שלום עולם العربية 😀 [link](u) \\end $x$ =1+1 漢"


def test_a_long_record_with_strange_texts_is_printed_whole():
    rows = to_do(
        *(
            action(
                *(n, f"Action {n}. " + ("Visit the family and agree. " * (n % 30))),
                **{"upn": "p1" if n % 3 else "", "owner": f"Owner {n % 7} {HOSTILE}"},
                **{"due": f"2026-10-{n % 28 + 1:02d}", "success": HOSTILE},
            )
            for n in range(1, 41)
        )
    )
    people = items(
        *(
            item("person", entry="came", role="x" * 60 if n == 1 else f"Role {n}", initials="AB")
            for n in range(30)
        ),
        item("practice", HOSTILE, note="word " * 300),
    )
    blocks = [
        record_tables.people_table(people, naming="initials"),
        record_actions.actions_table(rows, {"p1": f"{HOSTILE} (Y9)"}),
        record_tables.ways_table(people),
        dates(rows, day="2026-11-30", note=HOSTILE),
    ]
    document = block_document(cover(place=HOSTILE), blocks)
    page = html_page(document)
    assert "<b>x</b>" not in page and "&lt;b&gt;x&lt;/b&gt;" in page
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf_page(document))).pages)
    assert all(f"Action {n}." in text.replace("\n", " ") for n in range(1, 41))
    assert "30 people met" in text and isinstance(blocks[0], Table)
