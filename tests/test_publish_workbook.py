from __future__ import annotations

import datetime as dt
import io
import zipfile

import nbformat
import openpyxl
import pytest
from workbook_pages import opened

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import Column, Cover, Sheet, Workbook
from attendance_helpers.publish.workbook import AttendanceWorkbookExporter, workbook_bytes

COLUMNS = [
    Column("UPN"),
    Column("Year group", "year"),
    Column("Sessions", "count"),
    Column("Attendance %", "number"),
    Column("Due", "date"),
]


def test_values_stay_values() -> None:
    page = opened(
        Sheet(
            "Pupils",
            COLUMNS,
            [["A1", 0, 1234, 90.04, dt.date(2026, 9, 1)], ["A2", None, 0, None, None]],
        )
    )["Pupils"]
    rows = list(page.iter_rows(min_row=2, values_only=True))
    assert rows == [("A1", 0, 1234, 90.04, dt.datetime(2026, 9, 1)), ("A2", None, 0, None, None)]
    assert [cell.number_format for cell in page[2]] == [
        *("General", '[=0]"R";[<0]"N";0', "#,##0", "0.0", "dd/mm/yyyy"),
    ]


def test_header_frozen_and_filterable() -> None:
    page = opened(Sheet("Pupils", COLUMNS, [["A1", 1, 2, 3.0, None]]))["Pupils"]
    assert [cell.value for cell in page[1]] == [column.label for column in COLUMNS]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:E2"


@pytest.mark.parametrize(
    "text", ["=1+1", "+Cole", "-", "@x", '=HYPERLINK("http://x.invalid","y")', "<b>&"]
)
def test_text_is_never_a_formula(text: str) -> None:
    cell = opened(Sheet("S", [Column("Text")], [[text]]))["S"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.quotePrefix == (text[0] in "=+-@")


def test_characters_that_a_workbook_cannot_hold_become_visible() -> None:
    cell = opened(Sheet("S", [Column("Text")], [["a\x00b\x1f\ud800"]]))["S"]["A2"]
    assert cell.value == "a�b��"


def test_columns_to_fill_in_offer_choices_and_check_dates() -> None:
    choices = {"Status": ("Open", "Done"), "Pupil": [f"P{n:012d}" for n in range(200)]}
    sheet = Sheet(
        "Actions",
        [Column("Status"), Column("Pupil"), Column("Due", "date")],
        [],
        choices=choices,
        blank_rows=5,
    )
    made = opened(sheet)
    rules = {str(rule.sqref): rule for rule in made["Actions"].data_validations.dataValidation}
    assert rules["A2:A6"].formula1 == '"Open,Done"'
    assert rules["B2:B6"].formula1 == "Lists!$A$2:$A$201"
    assert rules["C2:C6"].type == "date"
    assert made["Lists"]["A201"].value == "P000000000199"


def form(**options: object) -> openpyxl.Workbook:
    """Return a form of five columns, three of them known, with one row and two blank ones."""
    columns = [
        *(Column("UPN"), Column("Name"), Column("Since", "date")),
        *(Column("Due", "date"), Column("Step")),
    ]
    row = ["A1", "=Ng", dt.date(2026, 9, 1), None, None]
    choices = {"Name": ("Ng",), "Step": ("Call", "Letter")}
    return opened(Sheet("Form", columns, [row], choices=choices, blank_rows=2, **options))


def test_as_many_columns_as_asked_stay_in_view_beside_the_header() -> None:
    assert form(frozen=2)["Form"].freeze_panes == "C2"
    assert form()["Form"].freeze_panes == "A2"


def test_what_is_given_is_shaded_and_what_is_to_be_filled_in_is_not() -> None:
    page = form(given=3)["Form"]
    fills = [[cell.fill.fill_type for cell in row] for row in page.iter_rows(2, 4, 1, 5)]
    assert fills[0] == ["solid"] * 3 + [None] * 2
    assert page["A2"].fill.fgColor.rgb == page["C2"].fill.fgColor.rgb
    assert page["A2"].fill.fgColor.rgb != page["A1"].fill.fgColor.rgb
    assert {kind for row in fills for kind in row[3:]} == {None}
    assert {cell.fill.fill_type for cell in form()["Form"][2]} == {None}


def test_no_rule_stands_on_what_is_given_and_its_dates_stay_dates() -> None:
    page = form(given=3)["Form"]
    rules = {str(rule.sqref): rule.type for rule in page.data_validations.dataValidation}
    assert rules == {"D2:D4": "date", "E2:E4": "list"}
    assert page["C2"].value == dt.datetime(2026, 9, 1)
    assert page["C2"].number_format == page["D4"].number_format == "dd/mm/yyyy"
    every = {str(rule.sqref) for rule in form()["Form"].data_validations.dataValidation}
    assert every == {"B2:B4", "C2:C4", "D2:D4", "E2:E4"}


def test_what_is_filled_in_stays_text() -> None:
    page = form(given=3)["Form"]
    assert [[cell.number_format for cell in row] for row in page["D2:E4"]] == [
        ["dd/mm/yyyy", "@"]
    ] * 3
    assert page["A2"].number_format == "General"
    assert {cell.alignment.wrap_text for [cell] in page["E2:E4"]} == {True}


def test_a_list_that_is_an_offer_takes_other_text_and_another_does_not() -> None:
    free = form(given=3, free=["Step"])["Form"].data_validations.dataValidation
    assert {rule.type: bool(rule.showErrorMessage) for rule in free} == {
        "date": True,
        "list": False,
    }
    assert {rule.formula1 for rule in free if rule.type == "list"} == {'"Call,Letter"'}
    bound = form(given=3)["Form"].data_validations.dataValidation
    assert all(rule.showErrorMessage for rule in bound)


def test_equal_input_gives_equal_bytes_with_the_documents_own_date() -> None:
    block = Workbook("T", [Sheet("S", [Column("A")], [["x"]])]).to_json()
    day = dt.date(2026, 11, 20)
    first, second = (workbook_bytes(block, date=day) for _ in range(2))
    assert first == second
    made = openpyxl.load_workbook(io.BytesIO(first))
    assert made.properties.created == made.properties.modified == dt.datetime(2026, 11, 20)
    assert made.properties.title == "T"
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_notebook_gives_its_workbook() -> None:
    notebook = nbformat.v4.new_notebook()
    cover = Cover("T", date=dt.date(2026, 11, 20))
    block = Workbook("T", [Sheet("S", [Column("A")], [["x"]])])
    notebook.cells = [
        nbformat.v4.new_code_cell(
            outputs=[nbformat.v4.new_output("display_data", data=part._repr_mimebundle_())]
        )
        for part in (cover, block)
    ]
    content, resources = AttendanceWorkbookExporter().from_notebook_node(notebook)
    assert resources["output_extension"] == ".xlsx"
    made = openpyxl.load_workbook(io.BytesIO(content))
    assert made.properties.created == dt.datetime(2026, 11, 20)
    with pytest.raises(AttendanceError, match="expected a notebook whose run made a workbook"):
        AttendanceWorkbookExporter().from_notebook_node(nbformat.v4.new_notebook())
