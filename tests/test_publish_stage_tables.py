"""The staged process on the page: for how many the evidence is whole, and what is most often not recorded."""

import pandas as pd
from discuss_samples import AS_AT, assert_no_advice_and_no_fact, entry, history_of, pupils_of

from attendance_helpers.meetings.stage_evidence import evidence_held
from attendance_helpers.meetings.stages import Process
from attendance_helpers.meetings.support import no_support, standing
from attendance_helpers.publish.blocks import Paragraph
from attendance_helpers.publish.stage_tables import stage_words

NOTE = "A school need not wait for a meeting."
PROCESS = Process.model_validate(
    {
        "name": "Our process",
        "stages": [
            {"key": "1", "name": "Level 1"},
            {"key": "3", "name": "Level 3", "evidence": ["letters", "plan", "told"]},
        ],
        "evidence": {
            "letters": {"label": "Letters to the family", "from": "letter"},
            "plan": {"label": "Plan with agencies", "from": "plan"},
            "told": {"label": "EHA <signed>", "from": "held"},
        },
        "referral": {"stage": "3", "note": NOTE},
    }
)


def words(pupils, *entries, process=PROCESS, upns=None):
    history = history_of(*entries)
    stands = standing(history, as_at=AS_AT) if entries else no_support()
    upns = pupils["upn"] if upns is None else upns
    found = evidence_held(process, "3", stands, history, as_at=AS_AT, upns=upns)
    return stage_words(process, found, pupils)


def whole(upn):
    return (
        entry(upn, "contact", "letter"),
        entry(upn, "plan", "plan"),
        entry(upn, "evidence", "told"),
    )


def test_how_many_are_whole_and_what_is_most_often_not_recorded():
    pupils = pupils_of((60, 100), (60, 100), (60, 100))
    found = words(
        pupils,
        *whole("p1"),
        entry("p2", "contact", "letter"),
        entry("p2", "plan", "plan"),
        entry("p3", "plan", "plan"),
    )
    assert found.style == "note"
    assert found.text == (
        "3 pupils are recorded at Level 3 or the stage before it; the evidence that Level 3 asks for is whole for 1; "
        "most often not recorded: "
        f"EHA <signed> (2) and letters to the family (1) (sheet Stage evidence). {NOTE}"
    )


def test_one_pupil_for_whom_all_is_there():
    found = words(pupils_of((60, 100)), *whole("p1"))
    assert found.text == (
        f"1 pupil is recorded at Level 3 or the stage before it; the evidence that Level 3 asks for is whole for 1. {NOTE}"
    )


def test_only_the_pupils_near_the_referral_count():
    found = words(pupils_of((60, 100)), *whole("p1"), upns=["p1", "p2"])
    assert found.text.startswith("1 pupil is recorded at Level 3 ")
    assert " asks for is whole for 1." in found.text


def test_a_school_without_any_entry():
    found = words(pupils_of((60, 100), (60, 100)))
    assert found.text.startswith("2 pupils are recorded at Level 3 ")
    assert "is whole for 0; most often not recorded: " in found.text
    assert_no_advice_and_no_fact(found)


def test_nobody_leaves_the_reminder():
    assert words(pupils_of((60, 100)).iloc[:0], upns=[]) == Paragraph(NOTE, "note")


def test_a_process_without_a_referral_says_so():
    process = PROCESS.model_copy(update={"referral": None})
    found = stage_words(process, pd.DataFrame({"upn": []}, dtype="str"), pupils_of((60, 100)))
    assert found == Paragraph("Our process: no referral is set.", "note")
