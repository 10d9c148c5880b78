"""The sheet Actions: every row becomes an action with a number of its own, or its cells are told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import UPNS
from meeting_books import (
    ACTION_LETTERS,
    AGREED,
    AS_AT,
    MET,
    blank_book,
    carried_actions,
    columns_of,
    filled_book,
    read_of,
    small_register,
    told,
    written,
)
from openpyxl import Workbook as Book

from attendance_helpers.register import store
from attendance_helpers.register.meeting_form import ACTION_FORM
from attendance_helpers.register.meeting_frames import typed_actions
from attendance_helpers.register.meeting_history import MeetingRead

MEETING = pd.Timestamp("2026-09-21")


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return small_register(tmp_path_factory.mktemp("actions"))


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return blank_book(tmp_path_factory.mktemp("blank") / "pack.xlsx").read_bytes()


@pytest.fixture
def form(blank: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "pre_meeting.xlsx"
    path.write_bytes(blank)
    return path


def read_with(
    form: Path, register: store.Register, *rows: Mapping[str, Any], **options: Any
) -> MeetingRead:
    """What a meeting says of which nothing but the date and these actions were written, from row 2 on."""
    return read_of(filled_book(form, met=MET[:1], agreed=rows), register, **options)


def action(**values: Any) -> dict[str, Any]:
    return {"Theme": "Process", "Action": "Look at code N", **values}


def cells(read: MeetingRead) -> list[str]:
    return [problem.cell for problem in read.problems]


def test_actions_as_they_were_written(form: Path, register: store.Register) -> None:
    read = read_of(filled_book(form), register)
    assert told(read) == []
    nothing = dict.fromkeys((column.field for column in ACTION_FORM if column.kind != "date"), "")
    blank = {**nothing, **dict.fromkeys(("due", "closed", "review"), pd.NaT)}
    due = pd.Timestamp("2026-10-09")
    assert read.actions.to_dict("records") == [
        {**blank, **values, "agreed": MEETING, "row": row, "action_id": f"20260910-0{row - 1}"}
        for row, values in (
            (
                2,
                {
                    **{"upn": UPNS[0], "theme": "Pupil", "action": "Visit at home", "status": "Open"},
                    **{"owner": "SENCO (CD)", "organisation": "Local authority", "due": due},
                    **{"success": "10 of 12 sessions", "review": pd.Timestamp("2026-11-02")},
                },
            ),
            (
                3,
                {
                    **{"cohort": "Year 3, Girls", "theme": "Cohort", "action": "Breakfast"},
                    **{"status": "Done", "outcome": "It runs", "stage": "1", "closed": MEETING},
                },
            ),
            (
                4,
                {
                    **{"theme": "Coding", "action": "Look again at code N", "status": "Open"},
                    **{"owner": "Attendance lead", "due": due},
                },
            ),
        )
    ]  # fmt: skip


def test_a_row_with_nothing_but_its_number_is_blank(form: Path, register: store.Register) -> None:
    read = read_with(form, register, {}, action(), {}, action())
    assert list(read.actions["action_id"]) == ["20260910-02", "20260910-04"]


def test_rows_without_a_number_are_numbered_by_their_order(
    form: Path, register: store.Register
) -> None:
    rows = [
        action(),
        {**action(Action="A"), "Action ID": None},
        action(),
        {**action(Action="B"), "Action ID": " "},
    ]
    expected = ["20260910-01", "20260910-x01", "20260910-03", "20260910-x02"]
    read = read_with(form, register, *rows)
    assert list(read.actions["action_id"]) == expected and told(read) == []
    again = read_with(form, register, *rows[:3], {**rows[3], "Owner": "SENCO"}, action())
    assert list(again.actions["action_id"]) == [*expected, "20260910-05"]


def test_a_number_that_is_used_is_not_given_again(form: Path, register: store.Register) -> None:
    rows = [{**action(), "Action ID": "20260910-X01"}, {**action(Action="B"), "Action ID": None}]
    read = read_with(form, register, *rows)
    assert list(read.actions["action_id"]) == ["20260910-x01", "20260910-x02"]


@pytest.mark.parametrize(
    ("given", "theme"),
    [
        ({"Pupil UPN": UPNS[1].lower()}, "Pupil"),
        ({"Cohort": "whole school"}, "Cohort"),
        ({"Theme": "Referral", "Pupil UPN": UPNS[1]}, "Referral"),
    ],
)
def test_a_theme_that_was_not_chosen(
    form: Path, register: store.Register, given: Mapping[str, Any], theme: str
) -> None:
    read = read_with(form, register, {**action(Theme=None), **given})
    assert told(read) == [] and list(read.actions["theme"]) == [theme]
    assert read.actions.loc[0, "upn"] in {"", UPNS[1]}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("whole SCHOOL", "Whole school"),
        ("Year 3,girls", "Year 3, Girls"),
        ("Free school meals", "Free school meals"),
        ("The netball team", "The netball team"),
    ],
)
def test_cohorts(form: Path, register: store.Register, typed: str, kept: str) -> None:
    read = read_with(form, register, action(Theme="Cohort", Cohort=typed))
    assert list(read.actions["cohort"]) == [kept]
    told_of = [text for text in read.cautions if "a cohort that the register cannot tell" in text]
    assert len(told_of) == (kept == "The netball team")


def test_a_theme_of_a_pupil_without_a_pupil_is_told_of(
    form: Path, register: store.Register
) -> None:
    read = read_with(form, register, action(Theme="Pupil"), action(Theme="Cohort"))
    assert told(read) == []
    assert "Actions: C2, C3: no pupil or cohort is chosen" in read.cautions[0]


@pytest.mark.parametrize(
    ("status", "closed", "kept"),
    [
        (None, None, ("Open", pd.NaT)),
        ("in progress", None, ("Open", pd.NaT)),
        ("c/f", None, ("Carried", pd.NaT)),
        ("completed", None, ("Done", MEETING)),
        ("Done", "22/09/2026", ("Done", pd.Timestamp("2026-09-22"))),
        ("dropped", None, ("Stopped", MEETING)),
    ],
)
def test_status_and_the_day_of_closing(
    form: Path, register: store.Register, status: str, closed: str, kept: tuple[str, Any]
) -> None:
    read = read_with(form, register, action(Status=status, Closed=closed, Outcome="As it was"))
    assert told(read) == []
    [row] = read.actions[["status", "closed"]].itertuples(index=False, name=None)
    assert row[0] == kept[0] and (row[1] is kept[1] or row[1] == kept[1])


DAY = "a date such as 12/10/2026"
PUPIL = "no pupil's name or UPN; choose the UPN in the column Pupil UPN of the sheet Actions"
OWNER = "a role of the cell's list (one that is missing is added to record.roles), initials, or both as in 'SENCO (AB)'"
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no action": (action(Action=None), "D2: expected what is to be done, found nothing"),
    "no theme": (
        action(Theme=None),
        "C2: expected 'Process', 'Cohort', 'Pupil', 'Coding', 'Referral' or 'Training', found nothing",
    ),
    "no theme of the list": (
        action(Theme="Sam Sample"),
        "C2: expected 'Process', 'Cohort', 'Pupil', 'Coding', 'Referral' or 'Training', found other words",
    ),
    "no status of the list": (
        action(Status="half done", Closed=dt.date(2026, 9, 21)),
        "I2: expected 'Open', 'Done', 'Carried' or 'Stopped', found other words",
    ),
    "no organisation of the list": (
        action(Organisation="NHS"),
        "F2: expected 'School', 'Local authority', 'Early Help' or 'Other', found other words",
    ),
    "a UPN of another school": (
        action(**{"Pupil UPN": UPNS[4]}),
        "B2: expected a UPN that is in the list of pupils of school 900101, found one that is not",
    ),
    "a name for a UPN": (
        action(**{"Pupil UPN": "Sam Sample"}),
        "B2: expected a UPN that is in the list of pupils of school 900101, found one that is not",
    ),
    "a pupil and a cohort": (
        action(**{"Pupil UPN": UPNS[1], "Cohort": "Girls"}),
        "L2: expected a pupil or a cohort, not both, found both",
    ),
    "a name for an owner": (action(Owner="Ms Ann Sample"), f"E2: expected {OWNER}, found other words"),
    "a role that is not listed": (action(Owner="Caretaker"), f"E2: expected {OWNER}, found other words"),
    "no date": (action(Due="by Christmas"), f"G2: expected {DAY}, found other words"),
    "a number for a date": (action(Due="46000"), f"G2: expected {DAY}, found '46000'"),
    "yes for a date": (action(Due=True), f"G2: expected {DAY}, found other words"),
    "the month first": (
        action(Due="10/22/2026"),
        f"G2: expected {DAY}, the day first (this form has dates with the month first), found '10/22/2026'",
    ),
    "far away": (
        action(Due=dt.date(2029, 9, 11)),
        "G2: expected a date from 01/01/2000 to 10/09/2029, found '2029-09-11'",
    ),
    "due before it was agreed": (
        action(Due=dt.date(2026, 9, 20)),
        "G2: expected a date not before the action was agreed (21/09/2026), found '2026-09-20'",
    ),
    "a review before the meeting": (
        action(**{"Next review": dt.date(2026, 9, 20)}),
        "M2: expected a date not before that of the meeting (21/09/2026), found '2026-09-20'",
    ),
    "agreed after the meeting": (
        action(**{"Agreed on": dt.date(2026, 9, 22)}),
        "O2: expected a date not after that of the meeting (21/09/2026), found '2026-09-22'",
    ),
    "closed while open": (
        action(Closed=dt.date(2026, 9, 21)),
        "K2: expected nothing while the status is Open, or the status Done or Stopped, found '2026-09-21'",
    ),
    "closed while carried": (
        action(Status="Carried", Closed="soon"),
        f"K2: expected {DAY}, found other words",
    ),
    "closed before it was agreed": (
        action(Status="Done", Closed=dt.date(2026, 9, 20)),
        "K2: expected a date not before the action was agreed (21/09/2026), found '2026-09-20'",
    ),
    "stopped without a reason": (
        action(Status="Stopped"),
        "J2: expected the reason why the action was stopped, found nothing",
    ),
    "a number of one's own": (
        {**action(), "Action ID": "Sam's"},
        "A2: expected the number of the form, such as 20260402-01, or an empty cell, found other words",
    ),
    "a number that is a date": (
        {**action(), "Action ID": dt.date(2026, 9, 10)},
        "A2: expected the number of the form, such as 20260402-01, or an empty cell, found '2026-09-10'",
    ),
    **{
        f"a pupil's name under {label}": (
            action(**{label: "Sam Sample"}),
            f"{ACTION_LETTERS[label]}2: expected {PUPIL}, found one",
        )
        for label in ("Action", "Success measure", "Outcome", "Stage")
    },
    "a pupil's name as a cohort": (
        action(Cohort="Sam Sample's friends"),
        f"L2: expected {PUPIL}, found one",
    ),
    "a UPN in the text": (action(Action=f"Visit {UPNS[0]}"), f"D2: expected {PUPIL}, found one"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_told_of_with_its_cell(
    form: Path, register: store.Register, what: str
) -> None:
    row, expected = REFUSED[what]
    read = read_with(form, register, row)
    assert f"Actions!{expected}" in told(read)
    assert len(read.problems) == 1 + (what == "closed while carried")
    assert not any("Sam Sample" in text for text in told(read))


def test_two_rows_of_one_number(form: Path, register: store.Register) -> None:
    read = read_with(form, register, action(), action(), {**action(), "Action ID": "20260910-01"})
    assert told(read) == ["Actions!A4: expected a number of its own, found one that A2 has too"]


@pytest.mark.parametrize("label", ACTION_LETTERS)
def test_errors_of_formulas_in_any_column(form: Path, register: store.Register, label: str) -> None:
    def change(book: Book) -> None:
        cell = book["Actions"].cell(2, columns_of(book["Actions"])[label])
        cell.value, cell.data_type = "#N/A", "e"

    read = read_of(filled_book(form, met=MET[:1], agreed=[action()], change=change), register)
    cell = f"{ACTION_LETTERS[label]}2"
    assert f"Actions!{cell}: expected a value, not a formula's error, found '#N/A'" in told(read)


def test_merged_cells(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        book["Actions"].merge_cells("E2:F2")

    read = read_of(filled_book(form, change=change), register)
    assert told(read) == ["Actions!E2:F2: expected single cells, found merged ones"]


def test_text_that_looks_like_a_formula_stays_text(form: Path, register: store.Register) -> None:
    formula = '=HYPERLINK("http://example.org","x")'
    row = action(Action=formula, Outcome="+1 \U0001f389 “é”\nsecond line", Stage="@level")
    read = read_with(form, register, row)
    assert told(read) == []
    kept = read.actions.loc[0, ["action", "outcome", "stage"]].tolist()
    assert kept == [formula, row["Outcome"], "@level"]


CARRIED = {"Action ID": "20260702-01"}


@pytest.fixture
def carried(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    """A form that carries one action forward, agreed in July; its review is past."""
    held = carried_actions({}, {"action_id": "20260702-02", "status": "Done"})
    return blank_book(tmp_path / "pre_meeting.xlsx", held.iloc[:1]), held


def test_an_action_carried_forward_says_when_it_was_agreed(
    carried: tuple[Path, pd.DataFrame], register: store.Register
) -> None:
    form, held = carried
    read = read_of(filled_book(form, met=MET[:1], agreed=()), register, carried=held)
    assert told(read) == []
    [row] = read.actions.to_dict("records")
    assert (row["action_id"], row["status"]) == ("20260702-01", "Open")
    assert (row["agreed"], row["due"]) == (pd.Timestamp("2026-07-10"), pd.Timestamp("2026-09-18"))


def test_what_was_given_is_not_asked_again(
    carried: tuple[Path, pd.DataFrame], register: store.Register
) -> None:
    """Its role has gone from the parameters, its pupil from the lists, its review is past, its text names a new pupil."""
    form, _ = carried
    gone = {"owner": "Caretaker", "upn": "Z916200120046", "action": "Ring, as Sam Sample said"}
    held = carried_actions(gone)
    typed = {"Owner": gone["owner"], "Pupil UPN": gone["upn"], "Action": gone["action"]}
    path = filled_book(form, met=MET[:1], agreed=[typed])
    assert told(read_of(path, register, carried=held)) == []
    assert cells(read_of(path, register, carried=carried_actions({}))) == ["A2", "D2", "B2", "E2"]


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({"Next review": dt.date(2026, 9, 2)}, "M2"),
        ({"Due": dt.date(2026, 7, 9)}, "G2"),
        ({"Due": dt.date(2026, 7, 10)}, ""),
        ({"Agreed on": dt.date(2026, 7, 11)}, "O2"),
        ({"Agreed on": None}, ""),
        ({"Status": "Done", "Closed": dt.date(2026, 7, 9)}, "K2"),
        ({"Status": "Done", "Closed": dt.date(2026, 7, 10)}, ""),
    ],
)
def test_what_is_changed_of_an_action_carried_forward_is_checked(
    carried: tuple[Path, pd.DataFrame],
    register: store.Register,
    change: Mapping[str, Any],
    cell: str,
) -> None:
    form, held = carried
    read = read_of(filled_book(form, met=MET[:1], agreed=[change]), register, carried=held)
    assert cells(read) == ([cell] if cell else [])
    if not cell:
        assert read.actions.loc[0, "agreed"] == pd.Timestamp("2026-07-10")


def test_a_past_review_of_an_action_that_the_register_does_not_know(
    carried: tuple[Path, pd.DataFrame], register: store.Register
) -> None:
    form, held = carried
    read = read_of(filled_book(form, met=MET[:1], agreed=()), register, carried=held.iloc[:0])
    assert told(read) == [] and read.actions.loc[0, "review"] == pd.Timestamp("2026-09-01")


def test_actions_in_another_order_and_columns_too(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        page = book["Actions"]
        rows = [[c.value for c in row] for row in page.iter_rows()]
        order = list(reversed(range(len(rows[0]))))
        for at, values in enumerate([rows[0], *reversed(rows[1:])], start=1):
            for place, old in enumerate(order, start=1):
                page.cell(at, place).value = values[old]

    right = read_of(filled_book(form), register).actions
    found = read_of(filled_book(form, met=(), agreed=(), change=change), register)
    assert told(found) == []
    both = [
        one.drop(columns="row").sort_values("action_id", ignore_index=True)
        for one in (right, found.actions)
    ]
    pd.testing.assert_frame_equal(*both)


def test_columns_of_an_earlier_form_are_enough(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        book["Actions"].delete_cols(12, 4)

    read = read_of(filled_book(form, met=MET[:1], agreed=AGREED[:1], change=change), register)
    assert told(read) == [] and read.actions.loc[0, "agreed"] == MEETING


def test_a_problem_of_a_column_that_is_missing_names_the_row(
    form: Path, register: store.Register
) -> None:
    def change(book: Book) -> None:
        book["Actions"].delete_cols(10)

    rows = [action(Status="Stopped")]
    read = read_of(filled_book(form, met=MET[:1], agreed=rows, change=change), register)
    assert told(read) == [
        "Actions!row 2: expected the reason why the action was stopped, found nothing"
    ]


def test_every_row_of_the_form(form: Path, register: store.Register) -> None:
    read = read_with(form, register, *[action(Action=f"Step {n}") for n in range(60)])
    assert told(read) == [] and len(set(read.actions["action_id"])) == 60
    assert AS_AT.replace("-", "") + "-60" == read.actions["action_id"].iloc[-1]


def test_rows_below_the_form_with_columns_filled_by_hand(
    form: Path, register: store.Register
) -> None:
    def change(book: Book) -> None:
        written(book["Actions"], 70, action())

    read = read_of(filled_book(form, met=MET[:1], agreed=(), change=change), register)
    assert list(read.actions["action_id"]) == ["20260910-x01"] and read.actions.loc[0, "row"] == 70


def test_what_the_register_took_from_this_form_changes_nothing(
    form: Path, register: store.Register
) -> None:
    """The same file twice says the same; a corrected one is checked as if it were the first."""
    path = filled_book(form)
    first = read_of(path, register)
    held = typed_actions(first.actions.assign(meeting=MEETING, version=1, owner="Caretaker"))
    again = read_of(path, register, carried=held)
    assert told(again) == [] and again.facts == first.facts
    pd.testing.assert_frame_equal(again.actions, first.actions)
    pd.testing.assert_frame_equal(again.items, first.items)
    later = filled_book(form, met=[(MET[0][0], {"Entry": dt.date(2026, 10, 12)})], agreed=())
    for carried in (None, held):
        read = read_of(later, register, carried=carried)
        assert cells(read) == ["G2", "G4"]
        assert set(read.actions["agreed"]) == {pd.Timestamp("2026-10-12")}
    owner = filled_book(form, met=MET[:1], agreed=[{"Owner": "Caretaker"}])
    assert cells(read_of(owner, register, carried=held)) == ["E2"]


def test_a_day_of_agreement_that_was_typed_may_be_corrected(
    form: Path, register: store.Register
) -> None:
    held = typed_actions(
        read_with(form, register, action()).actions.assign(meeting=MEETING, version=1)
    )
    met = [(MET[0][0], {"Entry": dt.date(2026, 9, 22)})]
    path = filled_book(form, met=met, agreed=[{"Agreed on": dt.date(2026, 9, 22)}])
    assert told(read_of(path, register, carried=held)) == []


def test_a_meeting_that_was_recorded_under_two_dates(
    carried: tuple[Path, pd.DataFrame], register: store.Register
) -> None:
    form, _ = carried
    both = carried_actions({}, {"agreed": "2026-07-13", "meeting": "2026-07-13"})
    path = filled_book(form, met=MET[:1], agreed=())
    assert told(read_of(path, register, carried=both)) == []
    path = filled_book(form, met=MET[:1], agreed=[{"Agreed on": None}])
    read = read_of(path, register, carried=both)
    assert told(read) == [] and list(read.actions["agreed"]) == [pd.Timestamp("2026-07-13")]


def of_first_meeting(**values: Any) -> pd.DataFrame:
    """An action of a meeting in early September, told of on another copy of the same form."""
    usual = {"action_id": "20260910-01", "upn": "", "theme": "Process", "action": "Ring home"}
    day = dict.fromkeys(("agreed", "meeting"), "2026-09-11")
    return carried_actions({**usual, **day, "review": None, **values})


def test_a_second_copy_of_a_form_takes_no_number_of_the_first(
    form: Path, register: store.Register
) -> None:
    """Two meetings on two fresh copies: no action takes the place of another, and the same file gives the same numbers."""
    held = of_first_meeting()
    path = filled_book(form, met=MET[:1], agreed=[action()])
    read = read_of(path, register, carried=held)
    assert told(read) == [] and list(read.actions["action_id"]) == ["20260921-m01"]
    assert read.cautions == (
        "pre_meeting.xlsx, sheet Actions: numbers that the actions of another meeting have already were changed: "
        "20260910-01 is 20260921-m01.",
    )
    own = typed_actions(read.actions.assign(meeting=MEETING, version=1))
    again = read_of(path, register, carried=pd.concat([held, own], ignore_index=True))
    pd.testing.assert_frame_equal(again.actions, read.actions)


def test_a_row_without_a_number_takes_none_of_another_meeting(
    form: Path, register: store.Register
) -> None:
    held = of_first_meeting(action_id="20260910-x01")
    read = read_with(form, register, {**action(), "Action ID": None}, carried=held)
    assert told(read) == [] and list(read.actions["action_id"]) == ["20260921-mx01"]


def test_a_number_of_another_action_that_was_typed_is_refused(
    form: Path, register: store.Register
) -> None:
    held = of_first_meeting(action_id="20260702-07")
    read = read_with(form, register, {**action(), "Action ID": "20260702-07"}, carried=held)
    assert told(read) == [
        "Actions!A2: expected a number that is not another action's, found one that is"
    ]


def test_an_action_that_was_closed_and_is_open_again_is_told_of(
    form: Path, register: store.Register
) -> None:
    closed = of_first_meeting(action="Look at code N", status="Done", closed="2026-09-11")
    read = read_with(form, register, action(), carried=closed)
    assert list(read.actions["action_id"]) == ["20260910-01"]
    assert [text.partition(": ")[2][:58] for text in read.cautions] == [
        "I2: an action that was closed at another meeting is open a"
    ]
    done = action(Status="Done", Closed=dt.date(2026, 9, 21))
    assert read_with(form, register, done, carried=closed).cautions == ()
