from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import UPNS
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.columns import ColumnMap, usual_columns
from attendance_helpers.register.files import text_tables
from attendance_helpers.register.pupil_lists import PupilLists
from attendance_helpers.register.support_form import IDENTITY_COLUMNS, INFORMATION_COLUMNS
from attendance_helpers.register.support_rows import (
    FORM_COLUMNS,
    FORM_LABELS,
    SUPPORT_COLUMNS,
    SupportRead,
    support_entries,
)
from attendance_helpers.register.support_table import SupportTable, support_tables
from attendance_helpers.register.workbook_cells import with_spoiled_cells

DEFAULT = pd.Timestamp("2026-11-20")
LISTS = PupilLists(
    frozenset({"900101", "900102"}),
    {
        UPNS[0]: frozenset({"900101"}),
        UPNS[1]: frozenset({"900101"}),
        UPNS[2]: frozenset({"900101", "900102"}),
    },
)


def read(path: Path, *, named: str = "", default: pd.Timestamp | None = DEFAULT) -> SupportRead:
    tables = support_tables(path)
    assert len(tables) == 1
    return support_entries(tables[0], LISTS, default=lambda urn: default, named=named)


def rows_read(tmp_path: Path, *rows: dict[str, str]) -> SupportRead:
    """What rows of a support.csv give; columns by their labels."""
    labels = ["UPN", *{label: None for row in rows for label in row if label != "UPN"}]
    frame = pd.DataFrame([{"UPN": UPNS[0], **row} for row in rows], columns=labels)
    frame.to_csv(tmp_path / "support.csv", index=False)
    return read(tmp_path / "support.csv")


def told(found: SupportRead, *columns: str) -> list[list[object]]:
    frame = found.entries[list(columns or ("kind", "what", "by", "outcome"))]
    return [
        [f"{v:%Y-%m-%d}" if isinstance(v, pd.Timestamp) else v for v in row]
        for row in frame.to_numpy(dtype=object)
    ]


FULL = {
    "Date of entry": "16/11/2026",
    "Contact date": "12/10/2026",
    "Contact by": "Head of year",
    "Contact method": "Phone call",
    "Contact outcome": "No answer",
    "Barriers": "Moved house; long journey",
    "Strategies": "Met at the gate",
    "Effect of strategies": "Some mornings",
    "Early Help": "offered",
    "Early Help: what followed": "Family will think about it",
    "Lead professional": "Social worker",
    "How the plan treats attendance": "Reviewed each week",
    "Plan date": "01/10/2026",
    "Review date": "01/12/2026",
    "Stage": "Level 2",
    "Part-time from": "05/10/2026",
    "Part-time until": "13/11/2026",
    "Legal step": "Notice to improve",
    "Legal step date": "02/11/2026",
    "Legal step until": "30/11/2026",
    "Legal step outcome": "Under way",
    "Evidence held": "letters; home visits ;",
    "Agreed approach": "School and Early Help visit together",
}


def test_the_form_is_the_one_that_the_reader_knows() -> None:
    assert list(FULL) == [column.label for column in FORM_COLUMNS]
    known = usual_columns()["support"]
    every = (*IDENTITY_COLUMNS, *INFORMATION_COLUMNS, *FORM_COLUMNS)
    assert {column.field: column.label for column in every} == {
        field: headers[0] for field, headers in known.items()
    }
    keys = ["".join(c for c in name.lower() if c.isalnum()) for n in known.values() for name in n]
    assert len(keys) == len(set(keys))  # no header names two fields


def test_one_row_gives_one_entry_of_each_kind(tmp_path: Path) -> None:
    found = rows_read(tmp_path, FULL)
    assert found.problems == []
    assert list(found.entries.columns) == [*SUPPORT_COLUMNS, "urn"]
    assert told(found, "kind", "date", "what", "by", "outcome", "dated") == [
        ["contact", "2026-10-12", "call", "Head of year", "No answer", True],
        ["barriers", "2026-11-16", "Moved house; long journey", "", "", True],
        ["strategy", "2026-11-16", "Met at the gate", "", "Some mornings", True],
        ["early_help", "2026-11-16", "offered", "", "Family will think about it", True],
        ["lead", "2026-11-16", "Social worker", "", "Reviewed each week", True],
        ["plan", "2026-10-01", "plan", "", "", True],
        ["stage", "2026-11-16", "Level 2", "", "", True],
        ["part_time", "2026-10-05", "part-time timetable", "", "", True],
        ["legal", "2026-11-02", "notice to improve", "", "Under way", True],
        ["evidence", "2026-11-16", "letters", "", "", True],
        ["evidence", "2026-11-16", "home visits", "", "", True],
        ["approach", "2026-11-16", "School and Early Help visit together", "", "", True],
    ]
    until = found.entries.set_index("kind")["until"].dropna()
    assert {kind: f"{day:%d %b}" for kind, day in until.items()} == {
        "plan": "01 Dec",
        "part_time": "13 Nov",
        "legal": "30 Nov",
    }
    assert set(found.entries["row"]) == {2} and set(found.entries["file"]) == {"support.csv"}
    assert set(found.entries["urn"]) == {"900101"}


def test_an_entry_without_any_date_gets_that_of_the_file(tmp_path: Path) -> None:
    found = rows_read(
        tmp_path, {"Barriers": "Bus", "Contact outcome": "Spoke to gran", "Review date": "1/12/26"}
    )
    assert told(found, "kind", "date", "dated", "outcome") == [
        ["contact", "2026-11-20", False, "Spoke to gran"],
        ["barriers", "2026-11-20", False, ""],
        ["plan", "2026-11-20", False, ""],
    ]
    assert found.entries["until"].dropna().tolist() == [pd.Timestamp("2026-12-01")]


def test_a_plan_without_its_date_is_not_dated_by_the_entry(tmp_path: Path) -> None:
    found = rows_read(tmp_path, {"Date of entry": "16/11/2026", "Review date": "01/12/2026"})
    assert told(found, "kind", "date", "dated") == [["plan", "2026-11-16", False]]


def test_two_contacts_of_a_pupil_in_two_rows(tmp_path: Path) -> None:
    found = rows_read(
        tmp_path,
        {"Contact date": "12/10/2026", "Contact method": "letter"},
        {"Contact date": "19/10/2026", "Contact method": "Home visit"},
    )
    assert told(found, "date", "what", "row") == [
        ["2026-10-12", "letter", 2],
        ["2026-10-19", "home visit", 3],
    ]


@pytest.mark.parametrize(
    ("label", "typed", "kept"),
    [
        ("Contact method", "E-mail", "message"),
        ("Contact method", " at the  gate", "at the  gate"),
        ("Early Help", "NOT  offered ", "not offered"),
        ("Early Help", "Refused", "declined"),
        ("Legal step", "FPN", "penalty notice"),
        ("Lead professional", "None", "none"),
        ("Lead professional", "No", "none"),
        ("Lead professional", "Nora, family worker", "Nora, family worker"),
        ("Barriers", "=1+1", "=1+1"),
    ],
)
def test_words_of_the_form(tmp_path: Path, label: str, typed: str, kept: str) -> None:
    found = rows_read(tmp_path, {label: typed})
    assert found.problems == []
    assert found.entries["what"].tolist() == [kept]


def test_dates_of_several_kinds_in_one_column(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page.append(["UPN", "Contact date", "Contact outcome"])
    typed = [dt.date(2026, 10, 12), "13/10/2026", "14 Oct 2026", "2026-10-15", "16th October 2026"]
    for n, value in enumerate(typed):
        page.append([UPNS[0], value, f"call {n}"])
    book.save(tmp_path / "support.xlsx")
    found = read(tmp_path / "support.xlsx")
    assert found.problems == []
    assert [f"{day:%d/%m}" for day in found.entries["date"]] == [
        *("12/10", "13/10", "14/10", "15/10", "16/10")
    ]


def test_a_column_with_the_month_first_is_not_guessed_at(tmp_path: Path) -> None:
    days = ("10/14/2026", "10/15/2026", "09/10/2026", "2026-10-12", "13/10/2026")
    found = rows_read(tmp_path, *({"Contact date": day, "Contact by": "Head"} for day in days))
    assert [problem.value for problem in found.problems] == list(days[:3])
    assert all("the day first" in problem.expected for problem in found.problems)
    assert [f"{day:%d/%m}" for day in found.entries["date"]] == ["12/10", "13/10"]


PROBLEMS = {
    "no such day": ({"Plan date": "31/02/2026", "Stage": "1"}, "B2", "bad_date", "31/02/2026"),
    "no date": ({"Review date": "soon", "Stage": "1"}, "B2", "bad_date", "soon"),
    "too early": ({"Plan date": "01/09/1999", "Stage": "1"}, "B2", "bad_date", "01/09/1999"),
    "too late": ({"Review date": "21/11/2029", "Stage": "1"}, "B2", "bad_date", "21/11/2029"),
    "no choice": ({"Early Help": "perhaps", "Stage": "1"}, "B2", "bad_value", "perhaps"),
    "a date without its step": ({"Legal step date": "1/9/26", "Stage": "1"}, "row 2", *("bad_value", "")),
    "an error": ({"Barriers": "#REF!", "Stage": "1"}, "B2", "bad_value", "#REF!"),
    "only semicolons": ({"Evidence held": " ; ", "Stage": "1"}, "B2", "bad_value", ";"),
    "the wrong way round": (
        {"Review date": "01/09/2026", "Plan date": "02/09/2026", "Stage": "1"},
        *("B2", "bad_date", "01/09/2026"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PROBLEMS)
def test_a_cell_that_cannot_be_read_costs_its_entry_alone(tmp_path: Path, what: str) -> None:
    row, cell, problem, value = PROBLEMS[what]
    found = rows_read(tmp_path, row)
    assert [(p.cell, p.problem, p.value, p.urn) for p in found.problems] == [
        (cell, problem, value, "900101")
    ]
    assert told(found, "kind", "what") == [["stage", "1"]]


def test_one_date_with_the_month_first_makes_its_column_suspect(tmp_path: Path) -> None:
    typed = ("03/12/2026", "12/31/2026", "31/12/2026", "1 Dec 2026", "2026-12-03")
    found = rows_read(tmp_path, *({"Plan date": day, "Stage": day} for day in typed))
    assert [(p.cell, p.value, p.problem) for p in found.problems] == [
        ("B2", "03/12/2026", "bad_date"),
        ("B3", "12/31/2026", "bad_date"),
    ]
    plans = found.entries[found.entries["kind"] == "plan"]
    assert [f"{day:%d/%m}" for day in plans["date"]] == ["31/12", "01/12", "03/12"]


def test_a_slip_in_a_date_does_not_make_its_column_suspect(tmp_path: Path) -> None:
    typed = ("03/12/2026", "31/02/2026", "32/10/2026")
    found = rows_read(tmp_path, *({"Plan date": day} for day in typed))
    assert [p.value for p in found.problems] == ["31/02/2026", "32/10/2026"]


def test_a_review_before_the_date_of_entry_that_stands_for_the_plans(tmp_path: Path) -> None:
    days = ("15/11/2026", "16/11/2026")
    found = rows_read(
        tmp_path, *({"Date of entry": "16/11/2026", "Review date": day} for day in days)
    )
    (problem,) = found.problems
    assert (problem.cell, problem.value) == ("C2", "15/11/2026")
    assert problem.expected == "a date that is not before the Date of entry"
    assert problem.beside == "Date of entry=16/11/2026"
    assert told(found, "row", "date") == [[3, "2026-11-16"]]


def test_a_timetable_that_has_ended_may_be_told_of_afterwards(tmp_path: Path) -> None:
    found = rows_read(tmp_path, {"Date of entry": "16/11/2026", "Part-time until": "15/11/2026"})
    assert found.problems == []
    assert told(found, "kind", "date") == [["part_time", "2026-11-16"]]


def test_a_date_of_entry_that_no_entry_needs_is_told_of(tmp_path: Path) -> None:
    own = {"Contact date": "12/10/2026", "Contact by": "Head", "Plan date": "01/10/2026"}
    found = rows_read(
        tmp_path,
        {"Date of entry": "16/11/2026", **own},
        {"Date of entry": "16/11/2026", **own, "Stage": "1"},
        {"Date of entry": "12/10/2026", **own},  # the contact's date: it is kept
    )
    assert found.problems == [] and len(found.entries) == 7
    (date,) = found.unused
    assert (date.cell, date.value, date.problem) == ("B2", "16/11/2026", "bad_value")
    assert "the date of entry is not used" in date.effect


def test_the_date_of_an_entry_that_cannot_be_used_is_told_with_it(tmp_path: Path) -> None:
    found = rows_read(tmp_path, {"Date of entry": "16/11/2026", "Early Help": "perhaps"})
    assert [p.beside for p in found.problems] == ["Date of entry=16/11/2026"]
    assert found.unused == []


def test_the_last_date_that_is_not_too_late(tmp_path: Path) -> None:
    assert rows_read(tmp_path, {"Review date": "20/11/2029"}).problems == []


def test_a_bad_date_of_entry_costs_the_entries_that_need_it(tmp_path: Path) -> None:
    found = rows_read(
        tmp_path,
        {"Date of entry": "32/10/2026", "Barriers": "Bus", "Plan date": "01/10/2026", "Stage": "1"},
    )
    assert told(found, "kind", "date") == [["plan", "2026-10-01"]]
    (problem,) = found.problems
    assert (problem.label, problem.beside) == ("Date of entry", "Barriers=Bus; Stage=1")
    assert problem.effect == "entries of that row without a date of their own are not used"


def test_what_stands_beside_a_bad_cell_is_told_with_it(tmp_path: Path) -> None:
    found = rows_read(
        tmp_path, {"Contact date": "soon", "Contact by": "Head", "Contact outcome": "Spoke"}
    )
    assert found.entries.empty
    assert found.problems[0].beside == "Contact by=Head; Contact outcome=Spoke"


def test_a_date_of_entry_with_nothing_beside_it(tmp_path: Path) -> None:
    found = rows_read(tmp_path, {"Date of entry": "16/11/2026", "Stage": ""})
    assert [(p.problem, p.cell) for p in found.problems] == [("bad_value", "B2")]


def test_pupils_and_schools_that_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "support.csv").write_text(
        "URN,UPN,Stage\n"
        f"900101,{UPNS[0].lower()},1\n,{UPNS[1]},2\n900102,{UPNS[0]},3\n900109,{UPNS[0]},4\n"
        f",{UPNS[2]},5\n,{UPNS[3]},6\n,,7\n900102,{UPNS[2]},8\n"
    )
    found = read(tmp_path / "support.csv")
    assert told(found, "urn", "upn", "what") == [
        ["900101", UPNS[0], "1"],
        ["900101", UPNS[1], "2"],
        ["900102", UPNS[2], "8"],
    ]
    assert [(p.row, p.problem, p.urn, p.beside) for p in found.problems] == [
        (4, "unknown_pupil", "900102", "Stage=3"),
        (5, "unknown_school", "900109", "Stage=4"),
        (6, "unknown_pupil", "", "Stage=5"),
        (7, "unknown_pupil", "", "Stage=6"),
        (8, "bad_value", "", "Stage=7"),
    ]


def test_a_file_named_after_a_school_settles_who_is_at_two(tmp_path: Path) -> None:
    (tmp_path / "support_900102.csv").write_text(f"UPN,Stage\n{UPNS[2]},5\n")
    found = read(tmp_path / "support_900102.csv", named="900102")
    assert told(found, "urn", "what") == [["900102", "5"]]


def test_rows_without_content_are_no_entries_and_no_problems(tmp_path: Path) -> None:
    (tmp_path / "support.csv").write_text(
        f"UPN,Surname,Stage,Missed sessions\n{UPNS[0]},A,,12\n{UPNS[4]},B, ,3\n,,,\n"
    )
    found = read(tmp_path / "support.csv")
    assert found.entries.empty and found.problems == []


def test_a_school_without_marks_needs_dates(tmp_path: Path) -> None:
    (tmp_path / "support.csv").write_text(
        f"UPN,Stage,Plan date\n{UPNS[0]},1,\n{UPNS[0]},,01/10/2026\n"
    )
    found = read(tmp_path / "support.csv", default=None)
    assert told(found, "kind") == [["plan"]]
    assert [(p.problem, p.beside) for p in found.problems] == [("bad_date", "Stage=1")]


def test_columns_that_are_not_part_of_the_form_are_told_by_letter(tmp_path: Path) -> None:
    (tmp_path / "support.csv").write_text(f"UPN,Notes,Stage,\n{UPNS[0]},see file,1,x\n")
    (table,) = support_tables(tmp_path / "support.csv")
    assert table.unread == ("column B", "column D")
    assert "support.csv: column B, column D are not part" in table.caution
    assert "Barriers" in table.caution  # a form's column under another name may be among them


def test_a_column_map_names_the_columns(tmp_path: Path) -> None:
    (tmp_path / "support.csv").write_text(f"UPN,Next step\n{UPNS[0]},Visit\n")
    mapping = ColumnMap("ours", columns={"support": {"approach": "Next step"}})
    (table,) = support_tables(tmp_path / "support.csv", [mapping])
    assert table.cells["approach"].tolist() == ["Visit"]


def test_every_fitting_sheet_of_a_workbook_counts(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["About", "Text"])
    for name in ("Year 7", "Year 8"):
        page = book.create_sheet(name)
        page.append(["A title above the header"])
        page.append(["UPN", "Stage"])
        page.append([UPNS[0], name])
    book.save(tmp_path / "support.xlsx")
    tables = support_tables(tmp_path / "support.xlsx")
    assert [table.file for table in tables] == ["support.xlsx [Year 7]", "support.xlsx [Year 8]"]
    assert [table.cells["row"].tolist() for table in tables] == [[3], [3]]


def test_a_formulas_error_is_no_empty_cell(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page.append(["UPN", "Stage", "Barriers"])
    page.append([UPNS[0], "1", "#REF!"])
    page["C2"].data_type = "e"
    page.append([UPNS[0], '="Level "&2', ""])  # never calculated: the file holds no result
    book.save(tmp_path / "support.xlsx")
    found = read(tmp_path / "support.xlsx")
    assert [(p.cell, p.value) for p in found.problems] == [("C2", "#REF!"), ("B3", "#VALUE!")]
    assert told(found, "what") == [["1"]]


def test_errors_are_filled_in_by_the_name_of_the_sheet(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["first"])
    second = book.create_sheet("Second & last")
    second.append(["second"])
    second["A2"] = "=1/0"
    path = tmp_path / "support.xlsx"
    book.save(path)
    tables = list(text_tables(path))
    (alone,) = with_spoiled_cells(path, tables[1:])
    assert alone.cells[0].to_list() == ["second", "#VALUE!"]
    others = with_spoiled_cells(path, tables[::-1])
    assert [table.cells[0].to_list() for table in others] == [["second", "#VALUE!"], ["first"]]
    with pytest.raises(RegisterError, match=r"support\.xlsx: expected the sheet 'no\. 1' .* none"):
        with_spoiled_cells(path, [replace(tables[0], sheet="Third")])


SPOILED = {
    "no UPN": ("Stage\n1\n", "expected the columns upn"),
    "no column of the form": (f"UPN,Surname\n{UPNS[0]},A\n", "expected the columns upn"),
    "two columns for one field": (
        *(f"UPN,Stage,Level\n{UPNS[0]},1,2\n", "expected one column for stage, found two"),
    ),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_file_that_is_no_such_table(tmp_path: Path, what: str) -> None:
    text, message = SPOILED[what]
    (tmp_path / "support.csv").write_text(text)
    with pytest.raises(RegisterError, match=message):
        support_tables(tmp_path / "support.csv")


DAYS = {"12/10/2026": "2026-10-12", "2026-10-12": "2026-10-12", "1 Dec 2031": "2031-12-01"}
DATED = ("_date", "_from", "_until")
CELLS = st.sampled_from(
    [
        *("", "", "", " ", *DAYS, "31/02/2026", "offered", "x", "contract", "none"),
        *("a; b", ";", "#N/A", "call", "=1+1"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "900101", "900109"]),
            st.sampled_from(["", UPNS[0], UPNS[2], UPNS[4]]),
            st.lists(CELLS, min_size=len(FORM_LABELS), max_size=len(FORM_LABELS)),
        ),
        max_size=3,
    ),
    st.sampled_from([DEFAULT, None]),
)
def test_every_typed_cell_ends_in_an_entry_or_in_a_problem(
    rows: list[tuple[str, str, list[str]]], default: pd.Timestamp | None
) -> None:
    cells = pd.DataFrame(
        [
            {"urn": urn, "upn": upn, "row": n, **dict(zip(FORM_LABELS, texts, strict=True))}
            for n, (urn, upn, texts) in enumerate(rows, start=2)
        ],
        columns=["urn", "upn", "row", *FORM_LABELS],
    )
    columns = {name: at for at, name in enumerate(["urn", "upn", *FORM_LABELS])}
    before = cells.copy()
    table = SupportTable("support.csv", "", cells, columns)
    found = support_entries(table, LISTS, default=lambda urn: default)
    pd.testing.assert_frame_equal(cells, before)
    assert found.entries["date"].notna().all()
    for number, (_, _, texts) in enumerate(rows, start=2):
        entries = found.entries[found.entries["row"] == number]
        every = [*found.problems, *found.unused]
        problems = [problem for problem in every if problem.row == number]
        told_of = "; ".join(f"{p.label}={p.value}; {p.beside}" for p in problems)
        kept = {str(v) for c in ("what", "by", "outcome") for v in entries[c]}
        kept |= {f"{v:%Y-%m-%d}" for c in ("date", "until") for v in entries[c].dropna()}
        for name, text in zip(FORM_LABELS, texts, strict=True):
            typed = text.strip()
            if not typed or f"{FORM_LABELS[name]}={typed}" in told_of:
                continue
            if name == "entry_date":  # the date of those of the row's entries without their own
                assert pd.Timestamp(DAYS[typed]) in set(entries["date"])
                continue
            parts = {part.strip() for part in typed.split(";")} if name == "evidence" else {typed}
            assert {DAYS.get(p, p) if name.endswith(DATED) else p for p in parts} <= kept


def test_no_rows_at_all() -> None:
    cells = pd.DataFrame(columns=["urn", "upn", "row", "stage"])
    table = SupportTable("support.csv", "", cells, {"upn": 0, "stage": 1})
    found = support_entries(table, LISTS, default=lambda urn: DEFAULT)
    assert found.entries.empty and found.problems == []
    assert list(found.entries.columns) == [*SUPPORT_COLUMNS, "urn"]
