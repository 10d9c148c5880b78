"""Notebook 03 on a small school with meetings written by hand: the right version, in two copies, one of which tells of no pupil."""

import ast
import io
import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from pypdf import PdfReader
from record_samples import (
    DAY,
    FIGURES,
    FORM,
    SPAN,
    URN,
    action,
    approach,
    item,
    items,
    meeting,
    recorded,
    small_case,
    small_school,
    upn_of,
)

from attendance_helpers.errors import RecordError
from attendance_helpers.publish.blocks import Block, Cover
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.publish.page_pdf import pdf_page
from attendance_helpers.register.calendar import window
from attendance_helpers.run.recorded_meeting import RecordedMeeting

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "03_meeting_record.ipynb"
EARLIER = {"agreed": "2026-06-15"}
BEFORE = {"meeting": "2026-06-15", "agreed": "2026-06-15"}
LATER = "2026-09-24T08:00:00+00:00"


def told_there(name):
    """Return what the sheet Meeting says, with texts that name a pupil or tell of few."""
    return items(
        item("person", entry="came", role="Headteacher", organisation="School", initials="AB"),
        item(
            "point", "Severely absent pupils", entry="covered", note="The elder of the two is ill"
        ),
        item("process", "First-day calling", note=f"Begin with the family of {name}a"),
        item("training", "Codes"),
    )


def story(folder, *, authority="916", name="Forename", surname="Surname"):
    """Return a register with two meetings, the second corrected once, whose texts name pupils and count a few."""
    upns = [upn_of(number, authority=authority) for number in range(24)]
    register = small_school(folder, names=(surname, name), authority=authority)
    first = {"version": 1, "superseded": LATER}
    second = {"version": 2, "recorded": LATER}
    return recorded(
        register,
        meetings=[
            meeting(meeting="2026-06-15", form="2026-06-12"),
            meeting(items(), **first),
            meeting(told_there(name), **second, place=f"At the home of {surname}b"),
        ],
        actions=[
            *(action(n, upn=upns[n], **BEFORE) for n in (20, 21)),
            *(action(n, **BEFORE) for n in (22, 23, 24)),
            action(99, "Only in the first version", **first),
            *(
                action(n, f"Visit {name}{'abcdef'[n]}", upn=upns[n], theme="Pupil", **second)
                for n in range(6)
            ),
            action(7, "Meet him", upn=upns[7], owner="SENCO", due="2026-10-05", **second),
            action(8, "Call every family on day one", due="2026-10-02", **second),
            action(9, f"Help {name}c's sister", cohort="Year 9", theme="Cohort", **second),
            action(10, "Breakfast for the four pupils of the late bus", **second),
            action(20, upn=upns[20], status="Done", outcome="He is back", **EARLIER, **second),
            action(22, "Letters", status="Stopped", outcome="No money", **EARLIER, **second),
            action(23, "Gate duty", status="Carried", due="2026-10-09", **EARLIER, **second),
        ],
        support=[
            approach(upns[0], f"{name}a is met at the gate"),
            approach(upns[1], "Withdrawn", superseded=LATER),
        ],
    )


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    return story(tmp_path_factory.mktemp("story"))


def shown(folder, profile, **parameters):
    """Return the blocks that the notebook's cells show, run here as a kernel would run them."""
    given = {
        **{"settings_file": "", "register": str(folder), "school_urn": URN, "window": SPAN},
        **{"as_at": FORM, "profile": profile, "authority_folder": "", **parameters},
    }
    names: dict[str, object] = dict(given)
    blocks = []
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type != "code" or "parameters" in cell.metadata.get("tags", []):
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            blocks += [value] if isinstance(value, Block) else []
    return blocks


def texts(blocks):
    """Return all that a copy holds: its blocks as the notebook stores them, its page, and the words of its PDF."""
    cover = next(block for block in blocks if isinstance(block, Cover))
    document = block_document(cover, [block for block in blocks if block is not cover])
    printed = PdfReader(io.BytesIO(pdf_page(document)))
    return {
        "notebook": json.dumps([b._repr_mimebundle_() for b in blocks], ensure_ascii=False),
        "html": html_page(document),
        "pdf": "\n".join(page.extract_text() for page in printed.pages),
    }


def tables(blocks):
    return [block for block in blocks if block.block == "table"]


def titles(blocks):
    return [table.title for table in tables(blocks)]


def test_the_meeting_copy_tells_of_the_version_in_force(register):
    blocks = shown(register, "meeting")
    cover = blocks[0]
    assert cover.title == "Test Secondary School: meeting record"
    assert cover.subtitle == "10 actions agreed, 1 carried on; the first is due on 2 October 2026"
    assert dict(cover.facts)["This record"] == (
        "Version 2, recorded on 24 September 2026; it takes the place of version 1 of 22 September 2026"
    )
    assert titles(blocks) == [
        "1 person met",
        "To do: School 11",
        "An approach was agreed for 1 pupil",
        "Earlier actions: 1 done, 1 stopped and 1 goes on",
        "Agenda points: 1 covered",
        "1 way of working discussed and 1 training or network need",
        "The next meeting is on 30 November 2026",
    ]
    whole = str([block.to_json() for block in blocks])
    assert "Only in the first version" not in whole and "Withdrawn" not in whole
    # Pupils as the lists name them; actions 21 and 24 were open and are not on the form.
    assert "Surnamea, Forenamea (Y9)" in whole
    assert "2 earlier actions were not told of and stay open." in whole


def test_the_headline_is_the_forms_and_counted_anew_where_it_cannot_be_read(register):
    case = small_case(register)
    assert RecordedMeeting(case).figures == FIGURES
    told = RecordedMeeting(case)
    told.__dict__["row"] = case.meeting.copy()
    told.row["figures"] = "{}"
    assert told.stored == {}
    # Two pupils missed ten sessions each, four one: 24 of 240, of which the four are authorised.
    assert told.figures == {**FIGURES, "Authorised": 4, "Unauthorised": 20}


def test_figures_counted_anew_are_those_of_the_forms_own_dates(register):
    case = small_case(register, window="2026-09-07..2026-09-30", as_at="2026-09-30")
    told = RecordedMeeting(case)
    assert told.window == window(SPAN) and told.when.as_at.isoformat() == FORM
    # Where the form says neither, or not what can be true, they are those of the run.
    for form, named in (
        (pd.NaT, ""),
        (pd.Timestamp("2026-08-01"), SPAN),
        (case.as_at, "no window"),
    ):
        odd = RecordedMeeting(case)
        odd.__dict__["row"] = case.meeting.copy()
        odd.row["form"], odd.row["window"] = pd.to_datetime(form), named
        assert odd.window == case.window


def test_the_shareable_copy_tells_of_no_pupil(register):
    blocks = shown(register, "shareable")
    assert blocks[0].profile == "shareable"
    assert "governors" in blocks[0].handling
    assert blocks[0].subtitle.startswith("3 actions for the school or its groups agreed")
    secrets = [
        *(upn_of(number) for number in range(24)),
        *(f"{word}{letter}" for word in ("Surname", "Forename") for letter in "abcdefghijklmnop"),
        *("Visit ", "Meet him", "He is back", "elder of the two", "four pupils", "/05/2012"),
    ]
    for kind, text in texts(blocks).items():
        found = [secret for secret in secrets if secret.casefold() in text.casefold()]
        assert found == [], kind
        assert "No pupil is named" in text, kind


def test_the_shareable_copy_keeps_what_is_of_the_school(register):
    blocks = shown(register, "shareable")
    school = next(table for table in tables(blocks) if table.title.startswith("To do"))
    assert [(row[1], row[2]) for row in school.rows] == [
        ("Call every family on day one", "Whole school"),
        ("Gate duty. Agreed on 15 Jun 2026.", "Whole school"),
        ("[withheld: may name a pupil]", "Year 9"),
        ("[withheld: may count a few pupils]", "Whole school"),
    ]
    whole = str([block.to_json() for block in blocks])
    assert "Stopped: No money." in whole and "At the home" not in whole
    assert "[withheld: may name a pupil]" in dict(blocks[0].facts)["Place"]


def test_small_numbers_of_the_shareable_copy_are_hidden(register):
    blocks = shown(register, "shareable")
    counts = next(t for t in tables(blocks) if t.title.startswith("Actions for single pupils"))
    assert [(row[0], row[2]) for row in counts.rows] == [("Headteacher", "c"), ("SENCO", "c")]
    tiles = next(block for block in blocks if block.block == "tiles")
    assert {tile.label: (tile.value, tile.note) for tile in tiles.tiles} == {
        "Attendance": ("90.0%", "of possible sessions"),
        "Persistently absent": ("6", "25.0% of 24 pupils"),
        "Of them severely": ("c", "c of 24 pupils"),
        # Four pupils have authorised absence, two unauthorised.
        "Authorised": ("c", "of possible sessions"),
        "Unauthorised": ("c", "of possible sessions"),
    }
    # Six and one: with the sum, which another copy may print, the six would tell of the one.
    assert "10 actions" not in str([block.to_json() for block in blocks])


def test_the_shareable_copy_is_the_same_whoever_the_pupils_are(register, tmp_path):
    other = story(tmp_path, authority="380", name="Vorname", surname="Nachname")
    one, two = (texts(shown(folder, "shareable")) for folder in (register, other))
    assert one == two


def test_of_several_meetings_the_latest_of_the_window_or_the_packs_own_is_told(register):
    assert str(RecordedMeeting(small_case(register)).date) == DAY
    wide = shown(register, "meeting", window="2026-06-01..2026-09-11", as_at="2026-09-11")
    assert dict(wide[0].facts)["Meeting"] == "21 September 2026"
    before = shown(register, "meeting", window="2026-06-01..2026-06-30", as_at="2026-06-30")
    assert dict(before[0].facts)["Meeting"] == "15 June 2026"
    assert "5 actions agreed; none has a date" in before[0].subtitle


def test_without_a_recorded_meeting_it_is_said_what_to_do(tmp_path):
    register = small_school(tmp_path)
    with pytest.raises(RecordError, match=r"sheet Meeting.*attendance record FILE"):
        shown(register, "meeting")


def test_a_meeting_of_which_nothing_but_the_date_is_known(tmp_path):
    bare = {"place": "", "notes_by": "", "next_meeting": None, "next_note": "", "window": ""}
    register = recorded(small_school(tmp_path), meetings=[meeting(figures="{}", **bare)])
    for profile in ("meeting", "shareable"):
        blocks = shown(register, profile)
        assert tables(blocks) == []
        text = texts(blocks)["pdf"].replace("\n", " ")
        for words in ("Who met was not written down", "No date was agreed", "counted anew"):
            assert words in text
