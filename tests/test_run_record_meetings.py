"""Meetings recorded from returned workbooks: versions, corrections, what is taken back, and what the command line says."""

from __future__ import annotations

import dataclasses
import random
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from conftest import UPNS
from filelock import FileLock
from meeting_books import AGREED, MET, NAMES, URN, small_register
from openpyxl import Workbook as Book
from record_books import DAY, SAID, held, returned, with_date
from test_register_intake import tree

from attendance_helpers.cli import main
from attendance_helpers.errors import ParamsError, RecordError, RegisterError
from attendance_helpers.register import lock, store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.register.support_form import SUPPORT_SHEET
from attendance_helpers.run.params import Settings
from attendance_helpers.run.record import Recorded, recorded_file
from attendance_helpers.run.record_results import MeetingRecorded, Withdrawn
from attendance_helpers.run.record_versions import version_lines, withdrawn_meeting

TAKEN = Recorded(
    *("pre_meeting.xlsx", 3, 2, (URN,), 3),
    meeting=MeetingRecorded(URN, DAY.date(), "new", 1, 0, actions=3, agreed=3, people=2),
)
NAME = "pre_meeting.xlsx"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each test begins with, made once: a drop, its register, and two workbooks that came back."""
    place = tmp_path_factory.mktemp("begun")
    small_register(place)
    returned(place / "1" / NAME)
    said = [{"UPN": UPNS[0], "Agreed approach": "Ring first", "Stage": "2"}]
    returned(place / "2" / NAME, agreed=AGREED[:2], said=said)
    return place


@pytest.fixture
def folder(begun: Path, tmp_path: Path) -> Path:
    """A register that is the test's own, beside its drop."""
    shutil.copytree(begun / "drop", tmp_path / "drop")
    return Path(shutil.copytree(begun / "register", tmp_path / "register"))


@pytest.fixture
def book(begun: Path, tmp_path: Path) -> Path:
    """The record of a meeting as it came back."""
    return Path(shutil.copytree(begun / "1", tmp_path / "1")) / NAME


@pytest.fixture
def corrected(begun: Path, tmp_path: Path) -> Path:
    """The same with an action and a plan less, and another approach."""
    return Path(shutil.copytree(begun / "2", tmp_path / "2")) / NAME


def support(folder: Path) -> pd.DataFrame:
    return store.school_support(store.opened(folder), URN)


def standing(folder: Path) -> list[str]:
    return sorted(f"{row.kind} {row.what}" for row in in_force(support(folder)).itertuples())


def news(found: Recorded) -> tuple[str, int, int]:
    assert found.meeting is not None
    return found.meeting.news, found.meeting.version, found.meeting.replaces


def refused(path: Path, folder: Path, settings: Settings | None = None) -> str:
    """The message with which a file is refused; the register is as it was."""
    before = tree(folder)
    with pytest.raises(RecordError) as problem:
        recorded_file(path, folder, settings=settings)
    assert tree(folder) == before
    text = str(problem.value)
    assert not any(upn in text for upn in UPNS)
    assert not any(name in text for names in NAMES for name in names)
    return text


def test_a_meeting_its_actions_and_what_was_said_of_pupils_are_taken_in(
    book: Path, folder: Path
) -> None:
    assert recorded_file(book, folder) == TAKEN
    register = store.opened(folder)
    [meeting] = store.school_meetings(register, URN).to_dict("records")
    assert (meeting["meeting"], meeting["file"], meeting["place"]) == (DAY, NAME, "Remote")
    assert meeting["form"] == pd.Timestamp("2026-09-10")
    assert store.school_actions(register, URN)["action"].tolist() == [
        *("Visit at home", "Breakfast", "Look again at code N")
    ]
    assert register.imports[-1]["form"] == NAME
    assert recorded_file(book, folder).meeting == dataclasses.replace(
        *(TAKEN.meeting,), news="same"
    )


def test_entries_without_a_date_go_by_the_date_of_the_meeting(book: Path, folder: Path) -> None:
    recorded_file(book, folder)
    told = {row.kind: (row.date, row.dated) for row in support(folder).itertuples()}
    assert told == {
        "approach": (DAY, True),  # what was agreed at the meeting was agreed on its day
        "stage": (DAY, False),
        "plan": (pd.Timestamp("2026-09-01"), True),
    }
    assert support(folder)[["form", "meeting"]].drop_duplicates().to_numpy().tolist() == [
        ["2026-09-10", "2026-09-21"]
    ]


def test_the_same_file_twice_changes_no_byte(book: Path, folder: Path) -> None:
    recorded_file(book, folder)
    before = tree(folder)
    again = recorded_file(book, folder)
    assert tree(folder) == before
    assert (again.entries, again.superseded, news(again)) == (0, 0, ("same", 1, 0))


@pytest.mark.parametrize(
    "action",
    [
        {"Theme": "process", "Action": "a", "Owner": "attendance  LEAD"},
        {"Theme": "process", "Action": " a\n b  c ", "Organisation": "council"},
        {"Theme": "process", "Action": "a", "Status": "c/f", "Due": "9.10.26"},
        {"Theme": "process", "Action": "a", "Status": "completed"},
        {"Cohort": "year 3, girls", "Action": "a"},
        {"Action": "a", "Pupil UPN": UPNS[0].lower()},
        {"Action ID": None, "Theme": "process", "Action": "a"},
        {"Action ID": "20260910-X07", "Theme": "process", "Action": "a", "Agreed on": "1/7/2026"},
    ],
)
def test_other_words_for_the_same_are_the_same_the_second_time(
    action: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    path = returned(tmp_path / NAME, agreed=[action])
    recorded_file(path, folder)
    before = tree(folder)
    assert news(recorded_file(path, folder)) == ("same", 1, 0)
    assert tree(folder) == before


def test_a_corrected_file_takes_the_place_of_what_it_said(
    book: Path, corrected: Path, folder: Path
) -> None:
    recorded_file(book, folder)
    first = {name: frame.copy() for name, frame in frames(folder).items()}
    found = recorded_file(corrected, folder)
    assert news(found) == ("new", 2, 1)
    assert (found.entries, found.superseded) == (1, 2)
    assert standing(folder) == ["approach Ring first", "stage 2"]
    assert held(folder)["meetings"] == [["2026-09-21", "2"]]
    assert [action[2] for action in held(folder)["actions"]] == ["20260910-01", "20260910-02"]
    assert_kept(first, frames(folder))


def test_an_earlier_version_changes_nothing_unless_it_is_asked_for(
    book: Path, corrected: Path, folder: Path
) -> None:
    recorded_file(book, folder)
    recorded_file(corrected, folder)
    before = tree(folder)
    found = recorded_file(book, folder)
    assert (news(found), found.entries, found.superseded) == (("earlier", 1, 0), 0, 0)
    assert tree(folder) == before
    assert news(recorded_file(book, folder, again=True)) == ("new", 3, 2)
    assert standing(folder) == ["approach Visit together", "plan plan", "stage 2"]
    assert held(folder)["meetings"] == [["2026-09-21", "3"]]
    assert news(recorded_file(book, folder, again=True)) == ("same", 3, 0)


def test_the_file_may_have_another_name(book: Path, folder: Path, tmp_path: Path) -> None:
    recorded_file(book, folder)
    copy = returned(tmp_path / "corrected by hand.xlsx")
    assert news(recorded_file(copy, folder)) == ("same", 1, 0)
    fewer = returned(tmp_path / "corrected again.xlsx", said=SAID[:1])
    found = recorded_file(fewer, folder)
    assert (news(found), found.superseded) == (("new", 2, 1), 1)  # the plan


def test_another_date_is_another_meeting_and_is_told_of(
    book: Path, folder: Path, tmp_path: Path
) -> None:
    recorded_file(book, folder)
    later = returned(tmp_path / "later" / NAME, met=with_date("22/09/2026"))
    found = recorded_file(later, folder)
    assert news(found) == ("new", 1, 0)
    [caution] = found.cautions
    assert "a meeting of 22 September 2026; one of 21 September 2026 was recorded" in caution
    assert f"attendance record --withdraw {URN}:2026-09-21" in caution
    assert held(folder)["meetings"] == [["2026-09-21", "1"], ["2026-09-22", "1"]]
    assert recorded_file(later, folder).cautions == ()


def test_the_same_date_on_a_later_form_is_told_of(book: Path, folder: Path, tmp_path: Path) -> None:
    def later(book: Book) -> None:
        book["Read me"]["B4"] = "18 September 2026"

    recorded_file(book, folder)
    found = recorded_file(returned(tmp_path / "later" / NAME, change=later), folder)
    assert (news(found), found.superseded) == (("new", 2, 1), 0)
    [caution] = found.cautions
    assert "version 1 of the meeting of 21 September 2026 came on a form with data as at" in caution
    assert "10 September 2026, this one on a form with data as at 18 September 2026" in caution
    assert news(recorded_file(book, folder, again=True)) == ("new", 3, 2)


def test_an_import_keeps_meetings_and_says_nothing_anew(
    book: Path, corrected: Path, folder: Path, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    (drop / "support.csv").write_text(f"UPN,Plan date,Stage\n{UPNS[1]},01/09/2026,\n{UPNS[0]},,2\n")
    recorded_file(book, folder)
    import_drop(drop, folder)
    meetings = held(folder)["meetings"]
    recorded_file(corrected, folder)  # the plan is no longer in the form; the drop says it still
    import_drop(drop, folder)
    assert held(folder)["meetings"] == [["2026-09-21", "2"]] != meetings
    assert standing(folder) == ["approach Ring first", "plan plan", "stage 2"]
    before = tree(folder)
    import_drop(drop, folder)
    recorded_file(corrected, folder)
    assert tree(folder) == before


def test_a_meeting_under_a_wrong_date_is_taken_back(
    book: Path, folder: Path, tmp_path: Path
) -> None:
    recorded_file(book, folder)
    right = returned(tmp_path / "right" / NAME, met=with_date("22/09/2026"))
    recorded_file(right, folder)
    first = frames(folder)
    found = withdrawn_meeting(f"{URN}:2026-09-21", folder)
    assert found == Withdrawn(URN, DAY.date(), 1, actions=3, entries=3)
    assert held(folder)["meetings"] == [["2026-09-22", "1"]]
    assert {action[0] for action in held(folder)["actions"]} == {"2026-09-22"}
    assert_kept(first, frames(folder))
    assert store.opened(folder).imports[-1]["withdrawn"] == f"{URN}:2026-09-21"
    # What the right one says as well stands once it is recorded again, as the caution says.
    recorded_file(right, folder)
    assert standing(folder) == ["approach Visit together", "plan plan", "stage 2"]
    assert set(in_force(support(folder))["meeting"]) == {"2026-09-22"}
    assert news(recorded_file(book, folder)) == ("earlier", 1, 0)
    with pytest.raises(RecordError, match=r"that stands, found none\. .*: 900101:2026-09-22\."):
        withdrawn_meeting(f"{URN}:2026-09-21", folder)


@pytest.mark.parametrize("text", ["", URN, f"{URN}:", f"{URN}:21/09/2026", "2026-09-21"])
def test_what_is_to_be_taken_back_is_a_school_and_a_date(text: str, folder: Path) -> None:
    with pytest.raises(ParamsError, match="such as 990005:2026-04-20"):
        withdrawn_meeting(text, folder)


def test_a_school_or_a_register_that_is_not_there(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="expected the number"):
        withdrawn_meeting("900109:2026-09-21", folder)
    with pytest.raises(RegisterError, match="expected a register"):
        withdrawn_meeting(f"{URN}:2026-09-21", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_what_the_school_returned_before_stays_when_the_meeting_is_recorded(
    folder: Path, tmp_path: Path
) -> None:
    school = [{"UPN": UPNS[0], "Barriers": "Bus"}, {"UPN": UPNS[2], "Lead professional": "SENCO"}]
    before = returned(tmp_path / "school" / NAME, met=(), agreed=(), said=school)
    assert recorded_file(before, folder).meeting is None
    recorded_file(returned(tmp_path / "officer" / NAME), folder)
    assert standing(folder) == [
        *("approach Visit together", "barriers Bus", "lead SENCO", "plan plan", "stage 2")
    ]


def test_the_returned_workbook_filled_in_further_corrects_it(folder: Path, tmp_path: Path) -> None:
    school = [
        {"UPN": UPNS[0], "Barriers": "Bus", "Stage": "1", "Early Help": "offered"},
        {"UPN": UPNS[2], "Lead professional": "SENCO"},
    ]
    recorded_file(returned(tmp_path / "1" / NAME, met=(), agreed=(), said=school), folder)
    further = [{**school[0], "Agreed approach": "Visit"}]
    found = recorded_file(returned(tmp_path / "2" / NAME, said=further), folder)
    assert (found.entries, found.superseded) == (1, 1)
    assert standing(folder) == ["approach Visit", "barriers Bus", "early_help offered", "stage 1"]


def test_an_empty_copy_takes_nothing_back(folder: Path, tmp_path: Path) -> None:
    recorded_file(returned(tmp_path / "1" / NAME, met=(), agreed=()), folder)
    before = tree(folder)
    found = recorded_file(returned(tmp_path / "2" / NAME, met=(), agreed=(), said=()), folder)
    assert found == Recorded(NAME, 0, 0, (), 0)
    assert tree(folder) == before


def test_a_workbook_of_an_earlier_version_has_no_meeting(folder: Path, tmp_path: Path) -> None:
    def without(book: Book) -> None:
        del book["Meeting"], book["Actions"]
        page = book["Read me"]
        [row] = [n for n in range(1, page.max_row + 1) if page.cell(n, 1).value == "Window"]
        page.delete_rows(row)

    found = recorded_file(returned(tmp_path / NAME, met=(), agreed=(), change=without), folder)
    assert found == dataclasses.replace(TAKEN, meeting=None)


def test_a_workbook_that_had_the_sheets_is_not_taken_without_them(
    folder: Path, tmp_path: Path
) -> None:
    def renamed(book: Book) -> None:
        book["Meeting"].title, book["Actions"].title = "Minutes", "Sam Sample"
        book["Minutes"]["F1"], book["Sam Sample"]["E1"] = "Notes", "Who"

    path, old = returned(tmp_path / NAME, change=renamed), held(folder)
    with pytest.raises(RecordError, match="found none of that name") as problem:
        recorded_file(path, folder)
    assert "looks like 'Actions'" in str(problem.value) and "Sample" not in str(problem.value)
    assert held(folder) == old


def test_a_meeting_with_nothing_but_a_date(folder: Path, tmp_path: Path) -> None:
    path = returned(tmp_path / NAME, met=MET[:1], agreed=(), said=())
    found = recorded_file(path, folder)
    assert found == Recorded(
        *(NAME, 0, 0, (URN,), 0),
        meeting=MeetingRecorded(URN, DAY.date(), "new", 1, 0, 0, 0, 0),
    )
    assert held(folder)["rows"] == [[1, 0, 0]]


def test_problems_of_all_sheets_are_in_one_message_in_their_order(
    folder: Path, tmp_path: Path
) -> None:
    path = returned(
        tmp_path / NAME,
        met=with_date("31/02/2026"),
        said=[{"UPN": UPNS[0], "Early Help": "perhaps"}, {"UPN": UPNS[0], "Plan date": "x"}],
        agreed=[{"Theme": "process", "Action": "a", "Due": "soon"}, {"Action": "Ask Sam Sample"}],
    )
    text = refused(path, folder)
    assert text.startswith(f"{NAME}: nothing of it was stored. Correct these 6 cells")
    assert [line.split(":")[0].strip() for line in text.splitlines()[1:]] == [
        *(f"{SUPPORT_SHEET}!X2", f"{SUPPORT_SHEET}!AB3", "Meeting!B2"),
        *("Actions!G2", "Actions!D3", "Actions!C3"),
    ]


def test_a_sheet_that_is_not_there_and_the_cells_of_another(folder: Path, tmp_path: Path) -> None:
    def without(book: Book) -> None:
        del book["Actions"]

    wrong = [{"UPN": UPNS[0], "Early Help": "perhaps"}]
    text = refused(returned(tmp_path / "1" / NAME, said=wrong, change=without), folder)
    assert text.startswith(f"{NAME}: nothing of it was stored. Correct these 2 things")
    first, second = text.splitlines()[1:]
    assert "found 'Meeting' filled in and no 'Actions'" in first and NAME not in first
    assert second.startswith(f"  {SUPPORT_SHEET}!X2: ")
    alone = refused(returned(tmp_path / "2" / NAME, change=without), folder)
    assert alone.startswith(f"{NAME}: expected the sheets 'Meeting' and 'Actions'")


def test_who_may_be_named_is_the_authoritys(folder: Path, tmp_path: Path, book: Path) -> None:
    strict = Settings.model_validate({"record": {"naming": "roles"}})
    assert "Meeting!E" in refused(book, folder, strict)
    other = Settings.model_validate({"record": {"roles": ["Head"]}})
    assert "Actions!E2: expected a role" in refused(book, folder, other)
    free = Settings.model_validate({"record": {"naming": "names"}})
    assert recorded_file(book, folder, settings=free) == TAKEN


def frames(folder: Path) -> dict[str, pd.DataFrame]:
    register = store.opened(folder)
    return {
        "meetings": store.school_meetings(register, URN),
        "actions": store.school_actions(register, URN),
        "support": store.school_support(register, URN),
    }


def assert_kept(before: dict[str, pd.DataFrame], now: dict[str, pd.DataFrame]) -> None:
    """Every row is there still, as it was; at most it has ceased to stand, and what had ceased does not stand again."""
    for name, was in before.items():
        content = [column for column in was if column != "superseded"]
        merged = was.merge(now[name], on=content, how="left", suffixes=("", "_now"))
        assert merged["superseded_now"].notna().all()
        rows = was[content].astype(str).value_counts()
        assert (now[name][content].astype(str).value_counts().reindex(rows.index) >= rows).all()
        assert (now[name]["superseded"] != "").sum() >= (was["superseded"] != "").sum()


def test_whatever_comes_in_whatever_order(folder: Path, tmp_path: Path) -> None:
    """Random orders of eight files: nothing is lost, one version stands of each meeting, and the same again is nothing."""
    school = [{"UPN": UPNS[0], "Barriers": "Bus"}, {"UPN": UPNS[2], "Contact date": "1/9/2026"}]
    other = with_date("05/10/2026")
    pool = [
        returned(tmp_path / "A" / NAME),
        returned(tmp_path / "B" / NAME, agreed=AGREED[:1], said=SAID[:1]),
        returned(tmp_path / "C" / "c.xlsx", agreed=AGREED[1:], said=school),
        returned(tmp_path / "D" / NAME, met=other),
        returned(tmp_path / "E" / NAME, met=other, agreed=(), said=()),
        returned(tmp_path / "F" / NAME, met=(), agreed=(), said=school),
        returned(tmp_path / "G" / NAME, met=(), agreed=(), said=school[:1]),
        returned(tmp_path / "H" / NAME, met=(), agreed=(), said=()),
    ]
    chance, seen = random.Random("any order"), set()
    for _ in range(18):
        before, path, again = frames(folder), chance.choice(pool), chance.random() < 0.2
        if chance.random() < 0.1 and len(in_force(before["meetings"])):
            day = chance.choice(list(in_force(before["meetings"])["meeting"]))
            withdrawn_meeting(f"{URN}:{day:%Y-%m-%d}", folder)
        found = recorded_file(path, folder, again=again)
        if found.meeting is not None:
            seen.add(found.meeting.news)
        now = frames(folder)
        assert_kept(before, now)
        stands = in_force(now["meetings"])
        assert stands["meeting"].is_unique
        versions = now["meetings"].groupby("meeting")["version"].agg(list)
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in versions)
        pairs = set(zip(stands["meeting"], stands["version"], strict=True))
        actions = in_force(now["actions"])
        assert set(zip(actions["meeting"], actions["version"], strict=True)) <= pairs
        bytes_now = tree(folder)
        recorded_file(path, folder, again=again)
        assert tree(folder) == bytes_now
    assert seen == {"new", "same", "earlier"}


def run(folder: Path, *words: object) -> Result:
    given = [str(word) for word in words]
    given += ["--no-document", "--register", str(folder)]
    found = CliRunner().invoke(main, ["record", *given])
    assert not any(name in found.output for names in NAMES for name in names)
    return found


def test_the_command_tells_what_was_recorded(book: Path, corrected: Path, folder: Path) -> None:
    assert run(folder, book).output.splitlines() == [
        f"{NAME}: {URN}, meeting of 21 September 2026 recorded: 3 actions, 2 people.",
        f"{NAME}: 3 new entries about 2 pupils, school {URN}.",
    ]
    assert run(folder, book).output.splitlines() == [
        f"{NAME}: {URN}, meeting of 21 September 2026 is recorded already (version 1).",
    ]
    first, second, third = run(folder, corrected).output.splitlines()
    assert first == (
        f"{NAME}: {URN}, meeting of 21 September 2026 recorded, version 2 (version 1 is kept: attendance record --list): "
        "2 actions, 2 people. 1 action of version 1 is not in it and no longer stands: if this is another officer's copy, bring both "
        "together in one file and record that."
    )
    assert second == f"{NAME}: 1 new entry about 1 pupil, school {URN}."
    assert third.startswith(f"{NAME}: 2 entries that this form said before no longer stand")
    earlier = run(folder, book)
    assert earlier.exit_code == 0
    assert "nothing was taken in. It says what version 1 said" in earlier.output
    assert "recorded, version 3 (version 2 is kept" in run(folder, book, "--again").output


def test_actions_from_before_are_told_apart(folder: Path, tmp_path: Path) -> None:
    recorded_file(returned(tmp_path / "1" / NAME), folder)
    carried = in_force(store.school_actions(store.opened(folder), URN)).iloc[:2]
    later = returned(
        *(tmp_path / "2" / NAME,), met=with_date("05/10/2026"), agreed=AGREED[2:], carried=carried
    )
    assert "recorded: 3 actions (1 new, 2 from before), 2 people." in run(folder, later).output


def test_the_list_has_every_version_and_no_names(book: Path, corrected: Path, folder: Path) -> None:
    assert run(folder, "--list").output == "No meeting is recorded.\n"
    run(folder, book)
    run(folder, corrected)
    found = run(folder, "--list")
    lines = found.output.splitlines()
    assert found.exit_code == 0 and lines[0] == f"{URN} Test Primary School"
    assert "version 1, no longer stands since" in lines[1] and "3 actions (1 pupil)" in lines[1]
    assert "version 2, stands: recorded" in lines[2] and f"from {NAME}; 2 actions" in lines[2]
    assert len(lines) == 3 and not any(upn in found.output for upn in UPNS)
    full = run(folder, "--list", "--school", URN, "--full").output
    assert f"    20260910-01 {UPNS[0]}; SENCO (CD); Open; due 9 October 2026; Visit at home" in full
    assert "    20260910-02 Year 3, Girls; no owner; Done; no date; Breakfast [It runs]" in full
    assert "    20260910-03 whole school; Attendance lead; Open;" in full
    assert "    Person: School nurse, Other (did not come)" in full
    assert full.count("    2 entries about 1 pupil") == 1
    none = run(folder, "--list", "--school", "900102").output
    assert none.splitlines() == ["900102 Other School", "  no meeting is recorded"]
    assert run(folder, "--list", "--school", "900109").exit_code == 2


def test_the_command_takes_a_meeting_back(book: Path, folder: Path) -> None:
    run(folder, book)
    found = run(folder, "--withdraw", f"{URN}:2026-09-21")
    assert found.exit_code == 0
    assert found.output.startswith(
        f"{URN}: meeting of 21 September 2026 (version 1) no longer stands, nor do its 3 actions and 3 entries about pupils."
    )
    assert held(folder)["meetings"] == [] and standing(folder) == []
    assert run(folder, "--withdraw", f"{URN}:2026-09-21").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--list", "a.xlsx"),
        ("--list", "--withdraw", f"{URN}:2026-09-21"),
        ("a.xlsx", "--full"),
        ("a.xlsx", "--school", URN),
        ("--list", "--again"),
    ],
)
def test_words_that_do_not_go_together(words: tuple[str, ...], folder: Path) -> None:
    before = tree(folder)
    found = run(folder, *words)
    assert found.exit_code == 2 and "Usage: " in found.output
    assert tree(folder) == before


def test_the_parameters_say_who_may_be_named(book: Path, folder: Path, tmp_path: Path) -> None:
    params = tmp_path / "own.yml"
    params.write_text("record:\n  naming: roles\n")
    found = run(folder, book, "--params", params)
    assert found.exit_code == 2 and "Meeting!E" in found.output


def test_the_list_reads_any_time_as_utc(folder: Path, book: Path) -> None:
    recorded_file(book, folder)
    register = store.opened(folder)
    stamped = store.school_meetings(register, URN).assign(recorded="2026-09-21T23:30:00-02:00")
    name = store.part_file(folder, URN, "meetings", stamped)
    files = {URN: {**register.files[URN], "meetings": name}}
    lines = list(version_lines(dataclasses.replace(register, files=files), [URN]))
    assert "recorded 22 September 2026, 01:30 UTC" in lines[1]


def test_an_approach_that_names_a_pupil_is_refused(folder: Path, tmp_path: Path) -> None:
    """The record is sent round: whose approach it is says the row, and nobody else is named."""
    [(surname, forename)] = NAMES[:1]
    said = [{**SAID[0], "Agreed approach": f"Walk in with {forename} {surname} each morning"}]
    message = refused(returned(tmp_path / NAME, said=said), folder)
    assert (
        "expected no pupil's name or UPN; the row says whose approach it is, found one" in message
    )
    assert surname not in message and forename not in message


def test_what_a_copy_leaves_out_is_told(book: Path, folder: Path, tmp_path: Path) -> None:
    recorded_file(book, folder)
    other = returned(tmp_path / "other" / NAME, agreed=AGREED[:1])
    assert (
        "2 actions of version 1 are not in it and no longer stand: if this is another officer's copy"
        in run(folder, other).output
    )


def test_a_register_that_is_busy_loses_no_file_without_a_word(
    book: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "WAIT", 0)
    with FileLock(folder / ".lock"):
        found = run(folder, book, book)
    assert found.exit_code == 2
    assert "another import or record is writing to this register" in found.output
    assert f"Not recorded: {NAME}, {NAME}." in found.output


def test_characters_that_no_cell_shows_are_not_kept(folder: Path, tmp_path: Path) -> None:
    met = [*MET, ("Good practice to share", {"Entry": "Calls_x001B_[31m home_x0000_"})]
    recorded_file(returned(tmp_path / NAME, met=met), folder)
    [meeting] = store.school_meetings(store.opened(folder), URN).to_dict("records")
    assert "Calls[31m home" in meeting["items"]
    assert not re.search(r"\\u00[01]", meeting["items"])
