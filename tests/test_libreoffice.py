"""The pack's own workbook, opened, filled in and saved by LibreOffice, is read back as it was typed."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from concern_samples import AS_AT, of, register_in
from in_process import in_this_process
from libreoffice_fill import Office
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from test_register_intake import tree

from attendance_helpers.register import store
from attendance_helpers.register.meeting_form import ACTION_FORM, ACTIONS_SHEET, MEETING_SHEET
from attendance_helpers.register.meeting_frames import SAID_COLUMNS, figures_of, items_of
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.register.returned_book import ReturnedBook, returned_book
from attendance_helpers.register.support_form import SUPPORT_SHEET
from attendance_helpers.register.support_table import column_letter
from attendance_helpers.run.documents import DOCUMENTS
from attendance_helpers.run.executed import document_files
from attendance_helpers.run.record import recorded_file

URN = "900101"
FIRST, FOURTH, SIXTH = of(1, 4, 6)
FORMS = (SUPPORT_SHEET, MEETING_SHEET, ACTIONS_SHEET)
LONG = "Ring before 9.30; at noon the head of year rings again. " * 40
LINES = "First the office rings\nthen the head of year\n\nthen a visit"
ODD = "“Żółw” – é, ñ, ß 🙂👍🏽 & <b> 'single' \"double\" ; , | \\ 50 %"
FORMULA = '=HYPERLINK("http://example.org","press")'
# How it is entered, what is entered, and what it is read as: `typed` as on the keyboard, in a place where dates are written as in
# England; `pasted` as text; `dated` as a number of days.
Entry = tuple[str, str, str]


def typed(text: str, read: str | None = None) -> Entry:
    return ("typed", text, text if read is None else read)


def pasted(text: str) -> Entry:
    return ("pasted", text, text.strip())


def dated(day: str) -> Entry:
    return ("dated", day, day)


# By the text in the column About and which of its rows, from 0.
MEETING: Mapping[tuple[str, int], Mapping[str, Entry]] = {
    ("Date of the meeting", 0): {"Entry": typed("23/11/2026", "2026-11-23")},
    ("Place, or remote", 0): {"Entry": typed("The library, Mill Lane (by the café)")},
    ("Notes kept by", 0): {"Entry": typed("School")},
    ("Next meeting", 0): {
        "Entry": typed("3 March 2027", "2027-03-03"),
        "Note": typed("10:30"),
    },
    ("Person", 0): {
        "Entry": typed("Came"),
        "Role": typed("Headteacher"),
        "Organisation": typed("School"),
        "Initials": typed("A.B."),
    },
    ("Person", 1): {
        "Entry": typed("Invited, did not come"),
        "Role": typed("Early Help single point of contact"),
        "Organisation": typed("Early Help"),
        "Initials": typed("CD"),
    },
    ("Person", 11): {"Entry": typed("Came"), "Role": typed("Governor")},
    ("Agenda: Last actions", 0): {"Entry": typed("In part"), "Note": pasted(LINES)},
    ("Agenda: What works", 0): {"Entry": typed("Not covered"), "Note": pasted(ODD)},
    ("Whole-school process", 0): {
        "Entry": typed("Registers and codes"),
        "Note": typed("1/2"),
    },
    ("Whole-school process", 5): {"Entry": typed("Breakfast before the first bell")},
    ("Training or network need", 0): {"Entry": pasted(LONG), "Note": typed("3-4")},
    ("Good practice to share", 2): {"Entry": pasted(FORMULA), "Note": typed("=1+1")},
}
# By the row of the form, from 0.
ACTIONS: Mapping[int, Mapping[str, Entry]] = {
    0: {
        "Theme": typed("Process"),
        "Action": pasted(LONG),
        "Owner": typed("Headteacher"),
        "Organisation": typed("School"),
        "Due": typed("12/10/2027", "2027-10-12"),
        "Success measure": typed("95%"),
        "Status": typed("Open"),
        "Cohort": typed("Whole school"),
        "Next review": dated("2027-01-11"),
    },
    1: {
        "Pupil UPN": typed(FIRST),
        "Theme": typed("Pupil"),
        "Action": typed("Visit the family with Early Help"),
        "Owner": typed("Early Help worker (CD)"),
        "Organisation": typed("Early Help"),
        "Due": typed("'12/12/2026", "12/12/2026"),  # left as text
        "Success measure": typed("8 of 10 mornings"),
        "Status": typed("Done"),
        "Outcome": pasted(LINES),
        "Closed": dated("2026-11-24"),
        "Stage": typed("Level 2"),
    },
    2: {
        "Theme": typed("Coding"),
        "Action": pasted(ODD),
        "Owner": typed("AB"),
        "Organisation": typed("Local authority"),
        "Due": typed("5 Dec 2026", "2026-12-05"),
        "Status": typed("Stopped"),
        "Outcome": pasted(FORMULA),
        "Cohort": typed("Year 3, Girls"),
        "Stage": typed("Level 1"),
    },
    59: {"Theme": typed("Training"), "Action": typed("007"), "Cohort": typed("Girls")},
}
PUPILS: Mapping[str, Mapping[str, Entry]] = {
    FIRST: {
        "Contact date": typed("18/11/2026", "2026-11-18"),
        "Contact by": typed("Head of year"),
        "Contact method": typed("Home visit"),
        "Barriers": pasted(FORMULA),
        "Plan date": dated("2026-11-09"),
        "Review date": typed("14 December 2026", "2026-12-14"),
        "Agreed approach": pasted(LINES),
    },
    FOURTH: {
        "Early Help": typed("Offered"),
        "Strategies": pasted(ODD),
        "Effect of strategies": typed("90%"),
        "Stage": typed("Level 2"),
    },
    SIXTH: {
        "Contact date": typed("'12/11/2026", "12/11/2026"),
        "Contact method": typed("Call"),
        "Agreed approach": pasted(LONG),
    },
}
ADDED: Mapping[str, Entry] = {
    "Theme": typed("Referral"),
    "Action": typed("Ask the school nurse in"),
    "Owner": typed("School nurse"),
    "Due": typed("8/1/2027", "2027-01-08"),
    "Cohort": typed("Girls"),
}
ACTION_LABELS = [column.label for column in ACTION_FORM]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return register_in(tmp_path_factory.mktemp("calc"))


@pytest.fixture(scope="module")
def made(office: Office, before: store.Register, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the notebook's own run; asked for with the office, so that nothing is made where there is none."""
    return pack_of(before, AS_AT, tmp_path_factory.mktemp("pack"))


def pack_of(register: store.Register, as_at: dt.date, folder: Path) -> Path:
    [document] = [d for d in DOCUMENTS if d.stem == "pre_meeting" and "meeting" in d.profiles]
    given = {
        "settings_file": "",
        "register": str(register.folder),
        "school_urn": URN,
        "window": f"2026-09-01..{as_at}",
        "as_at": f"{as_at}",
        "profile": "meeting",
        "authority_folder": "",
    }
    with in_this_process():
        document_files(document, folder, given, profile="meeting")
    return folder / "pre_meeting.xlsx"


@pytest.fixture(scope="module")
def untouched(office: Office, made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook opened in LibreOffice and saved again."""
    path = tmp_path_factory.mktemp("untouched") / made.name
    office.saved(made, path)
    return path


@pytest.fixture(scope="module")
def filled(
    office: Office, made: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """The workbook filled in, and what LibreOffice told of each cell."""
    path = tmp_path_factory.mktemp("filled") / made.name
    told = office.saved(
        made, path, [(how, *where, text) for where, (how, text, _) in entries(made)]
    )
    return path, told


@pytest.fixture
def folder(before: store.Register, tmp_path: Path) -> Path:
    """A register that is the test's own."""
    return Path(shutil.copytree(before.folder, tmp_path / "register"))


def entries(made: Path) -> list[tuple[tuple[str, str], Entry]]:
    """Every entry with the sheet and the cell that it belongs into."""
    book = load_workbook(made)
    found = []
    for sheet, rows in (
        (MEETING_SHEET, about_rows(book[MEETING_SHEET])),
        (ACTIONS_SHEET, {at: at + 2 for at in range(60)}),
        (SUPPORT_SHEET, upn_rows(book[SUPPORT_SHEET])),
    ):
        columns = {cell.value: cell.column_letter for cell in book[sheet][1] if cell.value}
        for key, said in {MEETING_SHEET: MEETING, ACTIONS_SHEET: ACTIONS, SUPPORT_SHEET: PUPILS}[
            sheet
        ].items():
            for label, entry in said.items():
                found.append(((sheet, f"{columns[label]}{rows[key]}"), entry))
    return found


def about_rows(page: Worksheet) -> dict[tuple[str, int], int]:
    rows: dict[tuple[str, int], int] = {}
    for row in range(2, page.max_row + 1):
        label = str(page.cell(row, 1).value)
        rows[label, sum(known == label for known, _ in rows)] = row
    return rows


def upn_rows(page: Worksheet) -> dict[str, int]:
    return {str(page.cell(row, 2).value): row for row in range(2, page.max_row + 1)}


def contents(book: ReturnedBook) -> dict[tuple[str, str], str]:
    """Every cell with content of the sheets that are filled in, as it is read."""
    return {
        (sheet, f"{column_letter(place)}{at + 1}"): text.strip()
        for sheet in FORMS
        for place, column in book.sheets[sheet].cells.items()
        for at, text in column.items()
        if text.strip()
    }


def rules(path: Path, sheet: str) -> dict[str, tuple[Any, ...]]:
    """The list or date check of every cell that has one."""
    found: dict[str, tuple[Any, ...]] = {}
    for rule in load_workbook(path)[sheet].data_validations.dataValidation:
        # A list asks for neither; "between" is what a check asks for that says nothing.
        asks = () if rule.type == "list" else (rule.operator or "between", rule.formula2)
        for cell in addresses(str(rule.sqref)):
            assert cell not in found
            found[cell] = (rule.type, rule.formula1, rule.showErrorMessage, *asks)
    return found


def addresses(where: str) -> Iterator[str]:
    for part in where.split():
        left, top, right, bottom = range_boundaries(part)
        for row in range(top, bottom + 1):
            for place in range(left, right + 1):
                yield f"{column_letter(place - 1)}{row}"


def test_every_cell_is_read_as_it_was_typed(made: Path, filled: tuple[Path, Any]) -> None:
    expected = contents(returned_book(made))
    expected |= {where: read for where, (_, _, read) in entries(made)}
    assert contents(returned_book(filled[0])) == expected


def test_dates_become_dates_and_all_else_stays_text(made: Path, filled: tuple[Path, Any]) -> None:
    for (where, (how, text, read)), told in zip(entries(made), filled[1], strict=True):
        date = how == "dated" or (how == "typed" and read != text and text[0] != "'")
        assert told["holds"] == ("VALUE" if date else "TEXT"), where


def test_libreoffice_offers_the_lists_and_checks_the_dates(
    made: Path, filled: tuple[Path, Any]
) -> None:
    kinds = {"list": "LIST", "date": "DATE", None: "ANY"}
    wanted = {sheet: rules(made, sheet) for sheet in FORMS}
    for ((sheet, cell), (_, text, _)), told in zip(entries(made), filled[1], strict=True):
        kind, choices, stops, *_ = wanted[sheet].get(cell, (None, "", False))
        assert told["rule"] == kinds[kind], (sheet, cell)
        if kind == "list":
            assert told["choices"].replace('";"', ",") == choices.replace("Lists!", "$Lists.")
            assert told["stops"] == stops
            # What is typed here is something that the list takes.
            assert not stops or "Lists!" in choices or text in choices.strip('"').split(",")


@pytest.mark.parametrize("sheet", FORMS)
def test_lists_and_date_checks_survive(
    made: Path, untouched: Path, filled: tuple[Path, Any], sheet: str
) -> None:
    wanted = rules(made, sheet)
    assert {kind for kind, *_ in wanted.values()} == {"date", "list"}
    assert rules(untouched, sheet) == wanted
    assert rules(filled[0], sheet) == wanted


def test_the_long_lists_are_still_there_and_hidden(made: Path, untouched: Path) -> None:
    lists = [load_workbook(path)["Lists"] for path in (made, untouched)]
    assert [page.sheet_state for page in lists] == ["hidden", "hidden"]
    choices = [[cells for cells in page.iter_rows(values_only=True)] for page in lists]
    assert choices[0] == choices[1] and len(choices[0]) > 1


def test_an_untouched_save_says_what_the_pack_said(made: Path, untouched: Path) -> None:
    assert contents(returned_book(untouched)) == contents(returned_book(made))


@pytest.fixture(scope="module")
def rearranged(
    office: Office, filled: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """The filled workbook with its actions sorted by the date due, an action in a row put among them, and one more person."""
    path = tmp_path_factory.mktemp("rearranged") / filled[0].name
    told = office.saved(
        filled[0],
        path,
        [
            ("sort", ACTIONS_SHEET, "A2:O61", ACTION_LABELS.index("Due"), False),
            ("insert_rows", ACTIONS_SHEET, 4, 1),
            *(
                (how, ACTIONS_SHEET, f"{column_letter(ACTION_LABELS.index(label))}4", text)
                for label, (how, text, _) in ADDED.items()
            ),
            ("insert_rows", MEETING_SHEET, 8, 1),
            ("typed", MEETING_SHEET, "A8", "Person"),
            ("typed", MEETING_SHEET, "B8", "Came"),
            ("typed", MEETING_SHEET, "C8", "SENCO"),
        ],
    )
    return path, told


def all_rows(path: Path, sheet: str) -> list[dict[str, str]]:
    """The rows of a form in order, each cell with content by its label."""
    cells = returned_book(path).sheets[sheet].cells
    return [
        {
            label: text.strip()
            for label, text in zip(cells.iloc[0], row, strict=True)
            if text.strip()
        }
        for row in cells.iloc[1:].itertuples(index=False)
    ]


def filled_rows(path: Path, sheet: str) -> list[dict[str, str]]:
    """The rows of a form with more than a number."""
    return [row for row in all_rows(path, sheet) if row.keys() - {"Action ID"}]


def test_sorted_actions_keep_their_numbers_and_a_row_put_in_is_checked_like_the_others(
    filled: tuple[Path, Any], rearranged: tuple[Path, Any]
) -> None:
    rows = filled_rows(filled[0], ACTIONS_SHEET)
    added = {label: read for label, (_, _, read) in ADDED.items()}
    # Latest first; a date left as text comes before all numbers when sorting downwards; without a date last.
    after = filled_rows(rearranged[0], ACTIONS_SHEET)
    assert after == [rows[1], rows[0], added, rows[2], rows[3]]
    rules_told = dict(zip(ADDED, [t for t in rearranged[1] if t][: len(ADDED)], strict=True))
    assert {label: told["rule"] for label, told in rules_told.items()} == {
        **{"Theme": "LIST", "Action": "ANY", "Owner": "LIST", "Due": "DATE", "Cohort": "LIST"},
    }
    people = [row for row in filled_rows(rearranged[0], MEETING_SHEET) if row["About"] == "Person"]
    assert {"About": "Person", "Entry": "Came", "Role": "SENCO"} in people
    assert len(people) == 13


# What the register keeps of it, written out by hand.
PEOPLE = [
    ("came", "Headteacher", "School", "AB"),
    ("did not come", "Early Help single point of contact", "Early Help", "CD"),
    ("came", "Governor", "", ""),
]
ITEMS = [
    ("point", "Last actions", "in part", LINES),
    ("point", "What works", "not covered", ODD),
    ("process", "Registers and codes", "", "1/2"),
    ("process", "Breakfast before the first bell", "", ""),
    ("training", LONG.strip(), "", "3-4"),
    ("practice", FORMULA, "", "=1+1"),
]
SAID = [
    (
        *("20261120-01", "", "Whole school", "Process", LONG.strip(), "Headteacher", "School"),
        *("2027-10-12", "95%", "Open", "", "", "2027-01-11", "", "2026-11-23"),
    ),
    (
        *("20261120-02", FIRST, "", "Pupil", "Visit the family with Early Help"),
        *("Early Help worker (CD)", "Early Help", "2026-12-12", "8 of 10 mornings", "Done"),
        *(LINES, "2026-11-24", "", "Level 2", "2026-11-23"),
    ),
    (
        *("20261120-03", "", "Year 3, Girls", "Coding", ODD, "AB", "Local authority"),
        *("2026-12-05", "", "Stopped", FORMULA, "2026-11-23", "", "Level 1", "2026-11-23"),
    ),
    (
        *("20261120-60", "", "Girls", "Training", "007", "", ""),
        *("", "", "Open", "", "", "", "", "2026-11-23"),
    ),
]
PUT_IN = (
    *("20261120-x01", "", "Girls", "Referral", "Ask the school nurse in", "School nurse", ""),
    *("2027-01-08", "", "Open", "", "", "", "", "2026-11-23"),
)
ENTRIES = [
    (FIRST, "approach", "2026-11-23", LINES),
    (FIRST, "barriers", "2026-11-23", FORMULA),
    (FIRST, "contact", "2026-11-18", "home visit"),
    (FIRST, "plan", "2026-11-09", "plan"),
    (FOURTH, "early_help", "2026-11-23", "offered"),
    (FOURTH, "stage", "2026-11-23", "Level 2"),
    (FOURTH, "strategy", "2026-11-23", ODD),
    (SIXTH, "approach", "2026-11-23", LONG.strip()),
    (SIXTH, "contact", "2026-11-12", "call"),
]


def recorded_rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(row) for row in frame[list(columns)].astype("str").fillna("").to_numpy().tolist()]


def test_an_untouched_save_records_nothing(untouched: Path, folder: Path) -> None:
    old = tree(folder)
    found = recorded_file(untouched, folder)
    assert (found.entries, found.filled, found.meeting) == (0, 0, None)
    assert tree(folder) == old


def test_the_register_holds_every_value(made: Path, filled: tuple[Path, Any], folder: Path) -> None:
    recorded_file(filled[0], folder)
    register = store.opened(folder)
    [meeting] = store.school_meetings(register, URN).astype("str").to_dict("records")
    assert {name: meeting[name] for name in ("meeting", "version", "form", "window")} == {
        **{"meeting": "2026-11-23", "version": "1", "form": "2026-11-20"},
        "window": "2026-09-01..2026-11-20",
    }
    assert {name: meeting[name] for name in ("place", "notes_by", "next_meeting", "next_note")} == {
        **{"place": "The library, Mill Lane (by the café)", "notes_by": "School"},
        **{"next_meeting": "2027-03-03", "next_note": "10:30"},
    }
    items = items_of(meeting["items"])
    people = items["item"] == "person"
    assert recorded_rows(items[people], ("entry", "role", "organisation", "initials")) == PEOPLE
    assert recorded_rows(items[~people], ("item", "what", "entry", "note")) == ITEMS
    actions = store.school_actions(register, URN)
    assert recorded_rows(actions, SAID_COLUMNS[:-1]) == SAID
    entries = store.school_support(register, URN)
    entries = entries[entries["file"] == filled[0].name]
    assert sorted(recorded_rows(entries, ("upn", "kind", "date", "what"))) == sorted(ENTRIES)
    [stands] = entries[entries["kind"] == "strategy"].to_dict("records")
    assert stands["outcome"] == "90%"
    header, headline, *_ = load_workbook(made)["Groups"].iter_rows(values_only=True)
    figures = figures_of(meeting["figures"])
    assert figures["Pupils"] == 14
    assert figures.items() <= dict(zip(header, headline, strict=True)).items()


def test_the_same_form_sorted_says_the_same_and_one_action_more(
    filled: tuple[Path, Any], rearranged: tuple[Path, Any], folder: Path
) -> None:
    recorded_file(filled[0], folder)
    recorded_file(rearranged[0], folder)
    actions = in_force(store.school_actions(store.opened(folder), URN))
    assert set(actions["version"]) == {2}
    assert sorted(recorded_rows(actions, SAID_COLUMNS[:-1])) == sorted([*SAID, PUT_IN])


@pytest.fixture(scope="module")
def following(
    office: Office,
    before: store.Register,
    filled: tuple[Path, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Path]:
    """The register after the first meeting, and the folder with the workbook for the next one, as it is and filled in."""
    place = tmp_path_factory.mktemp("following")
    folder = Path(shutil.copytree(before.folder, place / "register"))
    recorded_file(filled[0], folder)
    made = pack_of(store.opened(folder), dt.date(2026, 11, 27), place)
    office.saved(made, place / "untouched.xlsx")
    rows = {row["Action ID"]: at for at, row in enumerate(all_rows(made, ACTIONS_SHEET), start=2)}
    done, goes_on = rows["20261120-01"], rows["20261120-60"]
    office.saved(
        made,
        place / "filled.xlsx",
        [
            ("typed", MEETING_SHEET, "B2", "11/1/2027"),
            ("typed", ACTIONS_SHEET, f"I{done}", "Done"),
            ("typed", ACTIONS_SHEET, f"J{done}", "95% reached"),
            ("typed", ACTIONS_SHEET, f"K{done}", "7/1/2027"),
            ("typed", ACTIONS_SHEET, f"G{goes_on}", "12/2/2027"),
            ("typed", ACTIONS_SHEET, f"I{goes_on}", "Carried"),
            ("emptied", ACTIONS_SHEET, f"A{rows['20261127-01']}"),
        ],
    )
    return folder, place


def test_carried_actions_that_nobody_touched_record_nothing(
    following: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(following[0], tmp_path / "register"))
    rows = filled_rows(following[1] / "untouched.xlsx", ACTIONS_SHEET)
    assert [row["Action ID"] for row in rows] == ["20261120-01", "20261120-60"]
    old = tree(folder)
    assert recorded_file(following[1] / "untouched.xlsx", folder).meeting is None
    assert tree(folder) == old


def test_carried_actions_are_told_on(following: tuple[Path, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(following[0], tmp_path / "register"))
    recorded_file(following[1] / "filled.xlsx", folder)
    actions = store.school_actions(store.opened(folder), URN)
    first, last = (dict(zip(SAID_COLUMNS, SAID[at], strict=False)) for at in (0, 3))
    first |= {"status": "Done", "outcome": "95% reached", "closed": "2027-01-07"}
    last |= {"status": "Carried", "due": "2027-02-12"}
    said = recorded_rows(actions[actions["meeting"] == "2027-01-11"], SAID_COLUMNS[:-1])
    assert said == [tuple(first.values()), tuple(last.values())]
