"""A local staged process as data, and what of its evidence a pupil's record holds."""

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.errors import ParamsError
from attendance_helpers.meetings.stage_evidence import (
    EVIDENCE_COLUMNS,
    NOTHING,
    evidence_held,
    evidence_totals,
)
from attendance_helpers.meetings.stages import (
    SOURCES,
    Process,
    stage_by_absence,
    stage_of,
    stages_file,
    stages_told,
)
from attendance_helpers.meetings.support import no_support, standing
from attendance_helpers.register.support_form import SUPPORT_COLUMNS

AS_AT = dt.date(2026, 11, 20)
SOUTH_TYNESIDE = Path(__file__).parents[1] / "params" / "stages" / "south_tyneside.yml"
LEVEL_3 = [
    *("referral", "parents", "certificate", "letters", "home_visits", "plan"),
    *("early_help", "agencies", "told"),
]


@pytest.fixture(scope="module")
def process():
    return stages_file(SOUTH_TYNESIDE)


def entry(kind, what="", date="2026-10-12", *, upn="p1", **rest):
    return {"upn": upn, "kind": kind, "date": date, "what": what, **rest}


def history_of(*entries):
    blank = {"by": "", "outcome": "", "until": None, "dated": True, "file": "s.csv", "row": 2}
    rows = [{**blank, "recorded": "", **one} for one in entries]
    frame = pd.DataFrame(rows, columns=list(SUPPORT_COLUMNS))
    for name in ("date", "until"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def held_of(process, *entries, stage="3", upns=("p1",)):
    history = history_of(*entries)
    stands = standing(history, as_at=AS_AT)
    return evidence_held(process, stage, stands, history, as_at=AS_AT, upns=upns)


def piece(source, *entries, least=1):
    """Return the one row of a process that asks for one piece of evidence."""
    evidence = {"it": {"label": "This thing", "from": source, "least": least}}
    stages = [{"key": "1", "name": "One", "evidence": ["it"]}]
    own = Process.model_validate({"name": "Ours", "stages": stages, "evidence": evidence})
    return held_of(own, *entries, stage="1").iloc[0]


def test_what_is_known_of_south_tyneside_and_no_more(process):
    assert [stage.key for stage in process.stages] == ["1", "2", "3", "4"]
    first, *others = process.stages
    assert (first.absence_from, first.absence_to, first.absence_to_included) == (0, 7, True)
    for stage in others:
        assert stage.absence_from is None
        assert stage.absence_to is None
    assert process.stage("3").evidence == tuple(LEVEL_3)
    assert not any(stage.evidence for stage in process.stages if stage.key != "3")
    assert process.referral.stage == "3"
    assert "need not wait for a meeting" in process.referral.note
    assert "not guessed" in SOUTH_TYNESIDE.read_text("utf-8")


def test_without_records_nothing_is_there_and_nothing_is_said_to_be_none(process):
    held = held_of(process)
    assert held.columns.to_list() == list(EVIDENCE_COLUMNS)
    assert held["evidence"].to_list() == LEVEL_3
    assert not held["there"].any()
    assert (held["detail"] == NOTHING).all()
    assert held["last"].isna().all()
    totals = evidence_totals(held).iloc[0]
    assert (totals["there"], totals["of"], bool(totals["whole"])) == (0, 9, False)
    assert totals["lacking"] == tuple(held["label"])


def test_a_whole_record_counted_by_hand(process):
    entries = (
        entry("contact", "letter", "2026-09-10", outcome="No answer"),
        entry("contact", "letter", "2026-09-24"),
        entry("contact", "home visit", "2026-10-01", outcome="Nobody in"),
        entry("contact", "home visit", outcome="Met mother"),
        entry("plan", "plan", until="2026-11-09"),
        entry("early_help", "declined"),
        entry("lead", "Social worker"),
        *(entry("evidence", key) for key in ("referral", "certificate", "told")),
        entry("evidence", "everyone with  parental responsibility NAMED"),
    )
    held = held_of(process, *entries).set_index("evidence")
    assert held["there"].all()
    details = held["detail"].to_dict()
    assert details["home_visits"] == "2 home visits, last 12 October 2026"
    assert details["letters"] == "2 letters, last 24 September 2026; 1 without a recorded outcome"
    assert details["plan"] == "1 plan, 12 October 2026"
    assert details["early_help"] == "declined, 12 October 2026"
    assert details["agencies"] == "Social worker"
    assert details["parents"] == details["told"] == "held, recorded 12 October 2026"
    (totals,) = evidence_totals(held.reset_index()).to_dict("records")
    assert totals == {"upn": "p1", "there": 9, "of": 9, "lacking": (), "whole": True}
    without = held_of(process, *entries[:-2])
    (totals,) = evidence_totals(without).to_dict("records")
    assert (totals["there"], totals["whole"]) == (7, False)
    assert totals["lacking"] == (
        "Everyone with parental responsibility named",
        "Proof that parents were told of the referral, or why telling them risks significant harm",
    )


def test_other_agencies_are_told_with_their_dates():
    told = piece(
        "agencies",
        entry("evidence", "Other agency: School nurse", "2026-10-13"),
        entry("evidence", "Other agency", "2026-10-14", dated=False),
        entry("lead", "Social worker", "2026-10-01"),
    )
    assert (int(told["count"]), told["last"]) == (3, pd.Timestamp("2026-10-14"))
    assert told["detail"] == (
        "Social worker; School nurse, 13 October 2026; Other agency, date not recorded"
    )


@pytest.mark.parametrize(
    ("source", "yes", "no"),
    [
        ("contact", entry("contact", "message"), entry("barriers", "call")),
        ("letter", entry("contact", "Letter"), entry("contact", "call")),
        ("home_visit", entry("contact", "home visit"), entry("contact", "letter")),
        ("meeting", entry("contact", "meeting"), entry("contact", "")),
        ("barriers", entry("barriers", "Travel"), entry("strategy", "Travel")),
        ("strategy", entry("strategy", "Breakfast club"), entry("plan", "plan")),
        ("plan", entry("plan", "plan"), entry("approach", "plan")),
        ("early_help", entry("early_help", "offered"), entry("early_help", "not offered")),
        (
            "early_help",
            entry("early_help", "not offered", outcome="Social worker leads"),
            entry("lead", "Early Help"),
        ),
        ("agencies", entry("lead", "Social worker"), entry("lead", "none")),
        ("agencies", entry("early_help", "open"), entry("early_help", "closed")),
        ("agencies", entry("lead", "SENCO and social worker"), entry("lead", "SENCO (AB)")),
        ("agencies", entry("lead", "Health visitor"), entry("lead", "Head of Year 9, Form tutor")),
        ("agencies", entry("evidence", "Other agency"), entry("evidence", "Another agency")),
        ("agencies", entry("evidence", "other agency: CAMHS"), entry("evidence", "Other: CAMHS")),
        ("part_time", entry("part_time", "part-time timetable"), entry("plan", "plan")),
        ("legal_contract", entry("legal", "contract"), entry("legal", "penalty notice")),
        ("held", entry("evidence", "it"), entry("evidence", "something else")),
        ("held", entry("evidence", "THIS  thing"), entry("approach", "this thing")),
    ],
)
def test_each_source_looks_where_it_says(source, yes, no):
    assert bool(piece(source, yes)["there"]) is True
    missing = piece(source, no)
    assert bool(missing["there"]) is False
    assert missing["detail"] == NOTHING
    assert bool(piece(source, {**yes, "date": "2026-11-21"})["there"]) is False  # after the date
    assert bool(piece(source, no, entry("evidence", "it"))["there"]) is True  # held, they say


def test_every_source_has_a_case():
    cases = {"plan_review"} | {
        case[0] for mark in test_each_source_looks_where_it_says.pytestmark for case in mark.args[1]
    }
    assert cases == set(SOURCES)


def test_a_plan_is_looked_at_again_when_there_is_a_later_one():
    first, again = entry("plan", "plan"), entry("plan", "plan", "2026-11-09")
    assert not piece("plan_review", first, {**first, "until": "2026-11-09"})["there"]
    assert not piece("plan_review", first, {**again, "dated": False})["there"]
    row = piece("plan_review", first, again)
    assert row["there"]
    assert row["detail"] == "1 plan after the first, 9 November 2026"


def test_fewer_than_asked_for_are_not_there():
    visit = entry("contact", "home visit", outcome="Nobody in")
    one = piece("home_visit", visit, least=2)
    assert (bool(one["there"]), one["count"]) == (False, 1)
    assert one["detail"] == "1 home visit, 12 October 2026; 2 asked for"
    two = piece("home_visit", visit, {**visit, "date": "2026-10-13"}, least=2)
    assert bool(two["there"]) is True
    # The same visit told twice is one visit.
    again = piece("home_visit", visit, {**visit, "outcome": "Met mother"}, least=2)
    assert again["count"] == 1


def test_a_date_that_nobody_typed_is_not_told_as_one():
    row = piece("letter", entry("contact", "letter", dated=False))
    assert row["detail"] == "1 letter, date not recorded; outcome not recorded"


def test_pupils_are_told_in_the_order_asked_for_and_by_default_those_with_an_entry(process):
    history = history_of(entry("contact", "letter", upn="p2"), entry("evidence", "told", upn="p3"))
    stands = standing(history, as_at=AS_AT)
    default = evidence_held(process, "Level 3", stands, history, as_at=AS_AT)
    assert default["upn"].drop_duplicates().to_list() == ["p2", "p3"]
    asked = held_of(process, entry("evidence", "told", upn="p3"), upns=["p9", "p3"])
    totals = evidence_totals(asked)
    assert totals[["upn", "there"]].to_numpy().tolist() == [["p9", 0], ["p3", 1]]


def test_a_stage_that_asks_for_nothing_and_a_stage_that_is_not_there(process):
    empty = held_of(process, entry("contact", "letter"), stage="2")
    assert empty.columns.to_list() == list(EVIDENCE_COLUMNS)
    assert empty.empty
    assert evidence_totals(empty).empty
    with pytest.raises(ParamsError, match=r"expected a stage among 1, 2, 3, 4, found '5'"):
        held_of(process, stage="5")


def test_the_recorded_stage_is_known_by_key_or_name(process):
    entries = [
        entry("stage", stage, upn=f"p{at}")
        for at, stage in enumerate(["3", "level 2", "Stage 9", " Level  4 "], start=1)
    ]
    stands = standing(history_of(*entries, entry("barriers", "Travel", upn="p5")), as_at=AS_AT)
    found = stage_of(process, stands)
    assert found["upn"].to_list() == ["p1", "p2", "p3", "p4", "p5"]
    assert found["stage_key"].to_list() == ["3", "2", "", "4", ""]
    assert found["stage_name"].to_list() == ["Level 3", "Level 2", "", "Level 4", ""]
    assert found["known"].to_list() == [True, True, False, True, pd.NA]
    assert found.loc[2, "stage"] == "Stage 9"
    assert stage_of(process, no_support()).empty


def test_where_absence_lies_is_told_only_where_it_is_published(process):
    totals = pd.DataFrame(
        {"possible_sessions": [100, 100, 1001, 100, 0], "overall_absence": [0, 7, 71, 60, 0]}
    )
    # 7 of 100 is 93.0 per cent attendance, which Level 1 includes; 71 of 1,001 is just below it.
    assert stage_by_absence(process, totals).to_list() == ["1", "1", "", "", ""]


def test_stages_are_told_in_words(process):
    totals = pd.DataFrame(
        {"upn": ["p1", "p2", "p3"], "possible_sessions": 100, "overall_absence": [7, 60, 60]}
    )
    stands = pd.DataFrame({"upn": ["p2", "p3", "p9"], "stage": ["level 2", "Ours", "1"]})
    assert stages_told(process, stands, totals).to_numpy().tolist() == [
        ["p1", "", "Level 1: Attendance of 93 to 100 per cent"],
        ["p2", "Level 2", ""],
        ["p3", "Ours", ""],
    ]


def test_stages_next_to_each_other_are_half_open():
    stages = [
        {"key": "a", "name": "A", "absence_from": 0, "absence_to": 12.5},
        {"key": "b", "name": "B", "absence_from": 12.5},
    ]
    own = Process.model_validate({"name": "Ours", "stages": stages})
    totals = pd.DataFrame({"possible_sessions": [80, 80, 80], "overall_absence": [9, 10, 80]})
    assert stage_by_absence(own, totals).to_list() == ["a", "b", "b"]
    alone = Process.model_validate({"name": "Ours", "stages": stages[:1]})
    assert stage_by_absence(alone, totals).to_list() == ["a", "", ""]


def changed(tmp_path, **changes):
    """Return a copy of the example with some of its keys changed."""
    given = {**yaml.safe_load(SOUTH_TYNESIDE.read_text("utf-8")), **changes}
    file = tmp_path / "ours.yml"
    file.write_text(yaml.safe_dump(given, sort_keys=False), "utf-8")
    return file


ONE = {"key": "1", "name": "One"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"colour": "red"}, "colour: unknown key"),
        ({"name": None}, "name: "),
        ({"stages": []}, "stages: "),
        ({"stages": [{**ONE, "rank": 1}]}, "stages.1.rank: unknown key"),
        ({"stages": [ONE, {"key": "2"}]}, "stages.2.name: missing"),
        ({"stages": [{**ONE, "evidence": ["gate"]}]}, "stage '1': unknown evidence 'gate'"),
        ({"stages": [{**ONE, "evidence": ["plan"] * 2}]}, "stage '1': evidence named twice"),
        ({"stages": [ONE, {"key": "1", "name": "Two"}]}, "stage '1': '1' already names stage '1'"),
        ({"stages": [ONE, {"key": "one", "name": "2"}]}, "'one' already names stage '1'"),
        ({"stages": [{**ONE, "absence_from": 120}]}, "stages.1.absence_from: "),
        (
            {"stages": [{**ONE, "absence_from": 9, "absence_to": 7}]},
            "expected absence_to above absence_from",
        ),
        (
            {
                "stages": [
                    {**ONE, "absence_to": 7, "absence_to_included": True},
                    {"key": "2", "name": "Two", "absence_from": 7},
                ]
            },
            "stage '2': expected to begin where stage '1' ends or above, found 7",
        ),
        ({"evidence": {"plan": {"label": "Plan", "from": "moon"}}}, "evidence.plan.from: "),
        ({"evidence": {"plan": {"label": "Plan"}}}, "evidence.plan.from: missing"),
        (
            {
                "evidence": {
                    "a": {"label": "Same", "from": "held"},
                    "b": {"label": "same", "from": "held"},
                }
            },
            "evidence 'b': 'same' already names 'a'",
        ),
        ({"referral": {"stage": "9"}}, "referral: unknown stage '9' (listed: 1, 2, 3, 4)"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path, changes, fault):
    with pytest.raises(ParamsError, match=re.escape(fault)) as told:
        stages_file(changed(tmp_path, **changes))
    message = str(told.value)
    assert message.startswith("ours.yml: ")
    assert "Expected 'name', 'source', 'stages'" in message
    assert "pydantic" not in message.lower()


def test_several_faults_are_told_at_once_and_no_file_is_told_as_such(tmp_path):
    file = changed(tmp_path, colour="red", stages=[{"key": "1"}])
    with pytest.raises(ParamsError, match=r"name: missing.*colour: unknown key"):
        stages_file(file)
    file.write_text("[]")
    with pytest.raises(ParamsError, match=r"ours\.yml: found list"):
        stages_file(file)
    with pytest.raises(ParamsError, match="found none there"):
        stages_file(tmp_path / "missing.yml")
    with pytest.raises(ParamsError, match="found no name"):
        stages_file("")


def test_numbers_may_stand_without_quotes(tmp_path):
    file = changed(tmp_path, stages=[{"key": 3, "name": "Level 3"}], referral={"stage": 3})
    assert stages_file(file).stage("3").name == "Level 3"


ENTRIES = st.lists(
    st.builds(
        entry,
        kind=st.sampled_from(["contact", "plan", "early_help", "lead", "evidence"]),
        what=st.sampled_from(["letter", "home visit", "open", "none", "told", "referral"]),
        date=st.sampled_from(["2026-10-01", "2026-11-20", "2026-11-21"]),
        upn=st.sampled_from(["p1", "p2"]),
    ),
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(entries=ENTRIES, more=ENTRIES)
def test_totals_add_up_and_more_evidence_never_takes_any_away(process, entries, more):
    contacts = [one for one in more if one["kind"] in ("contact", "evidence")]
    before = held_of(process, *entries, upns=["p1", "p2"])
    after = held_of(process, *entries, *contacts, upns=["p1", "p2"])
    for held in (before, after):
        totals = evidence_totals(held)
        lacking = totals["lacking"].map(len)
        assert (totals["there"] + lacking == totals["of"]).all()
        assert ((lacking == 0) == totals["whole"]).all()
        assert ((held["count"] == 0) == (held["detail"] == NOTHING)).all()
        assert ((held["count"] == 0) == held["last"].isna()).all()
    assert not (before["there"] & ~after["there"]).any()
