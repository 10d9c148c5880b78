"""The form of a pack's own workbook, filled in, returned and recorded: what the next lists say of it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from concern_samples import AS_AT, concerns_of, notes_of, of, register_in
from in_process import in_this_process
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from test_register_intake import tree

from attendance_helpers.errors import RecordError
from attendance_helpers.publish.blocks import BLOCK_MIME, Cards, Workbook
from attendance_helpers.publish.discuss_tables import severe_cards
from attendance_helpers.publish.workbook import workbook_bytes
from attendance_helpers.register import store
from attendance_helpers.register.support_form import FORM_COLUMNS, SUPPORT_SHEET
from attendance_helpers.run.concerns import Concerns
from attendance_helpers.run.concerns_sheets import concerns_sheets
from attendance_helpers.run.documents import DOCUMENTS
from attendance_helpers.run.executed import document_files
from attendance_helpers.run.record import Recorded, recorded_file

URN = "900101"
FIRST, PAST, PLANNED, FOURTH, SIXTH = of(1, 2, 3, 4, 6)
FORMULA = '=HYPERLINK("x") is what mum calls it'
# What a school types for three pupils, by the labels of the form.
TYPED: dict[str, dict[str, Any]] = {
    FIRST: {
        "Contact date": dt.date(2026, 11, 18),
        "Contact by": "Head of year",
        "Contact method": "Home visit",
        "Contact outcome": "Spoke with mum",
        "Barriers": FORMULA,
        "Lead professional": "Social worker",
        "How the plan treats attendance": "Reviewed each week",
        "Plan date": dt.date(2026, 11, 9),
        "Review date": dt.date(2026, 12, 14),
    },
    FOURTH: {
        "Early Help": "Offered",
        "Plan date": dt.date(2026, 11, 10),
        "Stage": "2",
        "Evidence held": "Letters to the family",
    },
    SIXTH: {
        "Contact date": dt.date(2026, 11, 12),
        "Contact method": "Call",
        "Barriers": "+ two buses",
        "Agreed approach": "School and Early Help visit together",
    },
}
TAKEN = Recorded("pre_meeting.xlsx", 11, 3, (URN,), 11)
Change = Callable[[Worksheet], object]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return register_in(tmp_path_factory.mktemp("form"))


@pytest.fixture(scope="module")
def made(before: store.Register, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the notebook's own run."""
    document = next(
        one for one in DOCUMENTS if one.stem == "pre_meeting" and "meeting" in one.profiles
    )
    folder = tmp_path_factory.mktemp("pack")
    given = {
        "settings_file": "",
        "register": str(before.folder),
        "school_urn": URN,
        "window": f"2026-09-01..{AS_AT}",
        "as_at": f"{AS_AT}",
        "profile": "meeting",
        "authority_folder": "",
    }
    with in_this_process():
        document_files(document, folder, given, profile="meeting")
    return folder


@pytest.fixture
def folder(before: store.Register, tmp_path: Path) -> Path:
    """A register that is the test's own."""
    return Path(shutil.copytree(before.folder, tmp_path / "register"))


def places(page: Worksheet) -> dict[str, int]:
    return {cell.value: cell.column for cell in page[1] if cell.value}


def row_of(page: Worksheet, upn: str) -> int:
    at = places(page)["UPN"]
    return next(row for row in range(2, page.max_row + 1) if page.cell(row, at).value == upn)


def type_in(page: Worksheet, row: int, label: str, value: Any) -> None:
    cell = page.cell(row, places(page)[label])
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # typed after an apostrophe, where it begins with an equals sign


def returned(made: Path, to: Path, change: Change | None = None) -> Path:
    """The pack's workbook, filled in for three pupils, then changed."""
    book = load_workbook(made / "pre_meeting.xlsx")
    page = book[SUPPORT_SHEET]
    for upn, entries in TYPED.items():
        for label, value in entries.items():
            type_in(page, row_of(page, upn), label, value)
    if change:
        change(page)
    book.save(to / "pre_meeting.xlsx")
    return to / "pre_meeting.xlsx"


def anew(folder: Path) -> Concerns:
    return concerns_of(store.opened(folder), URN)


def standing_rows(folder: Path) -> list[list[Any]]:
    """Every entry of the history but where and when it was typed."""
    names = ["upn", "kind", "date", "what", "by", "outcome", "until", "dated"]
    held = store.school_support(store.opened(folder), URN)[names]
    return sorted(held.astype(str).to_numpy().tolist())


def gaps(concerns: Concerns) -> dict[str, tuple[int, int]]:
    return {gap: tuple(row) for gap, *row in concerns.gap_totals.itertuples()}


def cards(concerns: Concerns) -> dict[str, dict[str, str]]:
    """The lines of the severely absent pupils' cards, by UPN."""
    made = severe_cards(
        concerns.severe,
        notes_of(concerns),
        {},
        caption="",
        most=20,
        short_sessions=40,
        severe_perc=50,
        missed=1000,
    )
    assert isinstance(made, Cards)
    return {
        upn: dict(card.lines) for upn, card in zip(concerns.severe["upn"], made.cards, strict=True)
    }


def test_the_form_of_the_pack_lists_who_is_talked_about(made: Path, before: store.Register) -> None:
    book = load_workbook(made / "pre_meeting.xlsx")
    page = book[SUPPORT_SHEET]
    listed = concerns_of(before, URN).listed["upn"]
    upns = [page.cell(row, places(page)["UPN"]).value for row in range(2, page.max_row + 1)]
    assert [upn for upn in upns if upn] == list(listed)
    labels = [column.label for column in FORM_COLUMNS]
    assert list(places(page))[-len(labels) :] == labels
    typed = [page.cell(row, places(page)[label]).value for row in (2, 3) for label in labels]
    assert set(typed) == {None}
    ruled = {
        str(rule.sqref).split("2:")[0]
        for rule in page.data_validations.dataValidation
        if rule.type == "list"
    }
    wanted = ("Contact method", "Early Help", "Stage", "Legal step", "Evidence held")
    assert ruled == {page.cell(1, places(page)[label]).column_letter for label in wanted}


def test_the_counts_on_page_one_are_those_of_the_lists(made: Path, before: store.Register) -> None:
    notebook = nbformat.read(made / "pre_meeting.ipynb", as_version=4)
    shown = [
        output["data"][BLOCK_MIME]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if BLOCK_MIME in output.get("data", {})
    ]
    [table] = [
        block for block in shown if "no plan is recorded for" in block.get("title", "").lower()
    ]
    assert table["title"] == "No plan is recorded for 2 of 4 severely absent pupils"
    counts = gaps(concerns_of(before, URN))
    shares = [cell.split() for cell in table["rows"][0] if "of" in cell.split()]
    assert shares == [[str(pupils), "of", str(of)] for pupils, of in counts.values() if of]


def test_entries_stand_and_the_counts_fall(made: Path, folder: Path, tmp_path: Path) -> None:
    earlier = anew(folder)
    assert gaps(earlier) == {
        "no_plan": (2, 4),
        "no_review": (0, 2),
        "review_past": (1, 2),
        "no_lead": (3, 4),
        "no_contact": (8, 9),
        "early_help_never": (7, 8),
        "barriers_unknown": (7, 8),
        "trigger_unanswered": (4, 4),
        "action_undone": (0, 0),
    }
    assert recorded_file(returned(made, tmp_path), folder) == TAKEN
    now = anew(folder)
    assert gaps(now) == {
        "no_plan": (0, 4),
        "no_review": (1, 4),
        "review_past": (1, 3),
        "no_lead": (2, 4),
        "no_contact": (6, 9),
        "early_help_never": (6, 8),
        "barriers_unknown": (5, 8),
        "trigger_unanswered": (2, 4),
        "action_undone": (0, 0),
    }
    # No plan is missing now: review past or not set come first, in each the highest share.
    assert list(now.severe["upn"]) == [PAST, FOURTH, PLANNED, FIRST]
    stands = now.standing.set_index("upn")
    assert stands.loc[FIRST, "barriers"] == FORMULA
    assert stands.loc[SIXTH, "barriers"] == "+ two buses"
    assert stands.loc[SIXTH, "approach"] == "School and Early Help visit together"
    # What was typed without a date goes by the date of the pack's data.
    assert stands.loc[FOURTH, "early_help_date"] == stands.loc[FOURTH, "last_entry"]
    assert stands.loc[FOURTH, "last_entry"].date() == AS_AT
    evidence = now.evidence.set_index(["upn", "evidence"])
    assert bool(evidence.loc[(FOURTH, "letters"), "there"])
    assert not bool(evidence.loc[(FIRST, "letters"), "there"])


def test_the_card_says_so(made: Path, folder: Path, tmp_path: Path) -> None:
    silent = cards(anew(folder))
    assert silent[FIRST]["On record"] == "Nothing recorded."
    recorded_file(returned(made, tmp_path), folder)
    told = cards(anew(folder))
    assert told[FIRST]["On record"] == (
        "Plan of 9 Nov 2026, review 14 Dec 2026; lead social worker; last home visit 18 Nov 2026; "
        f"in the way: {FORMULA}."
    )
    assert "Early Help" in told[FIRST]["Not recorded"]
    assert "lan" not in told[FIRST]["Not recorded"].split(",")[0]
    assert told[FOURTH]["On record"] == "Plan of 10 Nov 2026; Early Help offered; stage 2."
    assert told[FOURTH]["Not recorded"].startswith("Review date of the plan, ")
    assert told[PLANNED] == silent[PLANNED]


def test_the_next_form_shows_what_is_recorded_and_brings_nothing_by_itself(
    made: Path, folder: Path, tmp_path: Path
) -> None:
    recorded_file(returned(made, tmp_path), folder)
    now = anew(folder)
    book = Workbook("Pack", concerns_sheets(now, notes_of(now)))
    path = tmp_path / "next.xlsx"
    path.write_bytes(workbook_bytes(book.to_json()))
    page = load_workbook(path)[SUPPORT_SHEET]
    cell = page.cell(row_of(page, FIRST), places(page)["Recorded so far"])
    assert cell.value.startswith("Plan of 9 Nov 2026, review 14 Dec 2026;")
    history = load_workbook(path)["Support history"]
    [kept] = [cell for row in history.iter_rows() for cell in row if cell.value == FORMULA]
    assert kept.data_type == "s"
    old = tree(folder)
    assert recorded_file(path, folder).filled == 0
    assert tree(folder) == old


def test_the_same_file_twice_brings_nothing_new(made: Path, folder: Path, tmp_path: Path) -> None:
    path = returned(made, tmp_path)
    recorded_file(path, folder)
    old = tree(folder)
    assert recorded_file(path, folder) == Recorded("pre_meeting.xlsx", 0, 0, (URN,), 11)
    assert tree(folder) == old


def test_what_the_corrected_form_says_no_more_does_not_stand_and_stays_in_the_history(
    made: Path, folder: Path, tmp_path: Path
) -> None:
    def without_first(page: Worksheet) -> None:
        for label in TYPED[FIRST]:
            page.cell(row_of(page, FIRST), places(page)[label]).value = None

    recorded_file(returned(made, tmp_path), folder)
    found = recorded_file(returned(made, tmp_path, without_first), folder)
    assert (found.entries, found.superseded) == (0, 4)
    now = anew(folder)
    assert gaps(now)["no_plan"] == (1, 4)
    assert cards(now)[FIRST]["On record"] == "Nothing recorded."
    book = Workbook("Pack", concerns_sheets(now, notes_of(now)))
    path = tmp_path / "next.xlsx"
    path.write_bytes(workbook_bytes(book.to_json()))
    rows = load_workbook(path)["Support history"].iter_rows(min_row=2, values_only=True)
    gone = {(row[0], row[5]) for row in rows if row[-1]}
    assert gone == {
        (FIRST, about) for about in ("Contact", "Barriers", "Lead professional", "Plan")
    }


def sort_rows(page: Worksheet) -> None:
    """Sort the listed pupils by surname, downwards, as a spreadsheet program does: whole rows."""
    last = max(row for row in range(2, page.max_row + 1) if page.cell(row, 2).value)
    rows = [[c.value for c in row] for row in page.iter_rows(min_row=2, max_row=last)]
    assert len(rows) == 9
    for at, values in enumerate(sorted(rows, key=lambda row: row[2], reverse=True), start=2):
        for place, value in enumerate(values, start=1):
            page.cell(at, place).value = value
            if isinstance(value, str):
                page.cell(at, place).data_type = "s"


def column_in_the_middle(page: Worksheet) -> None:
    page.insert_cols(places(page)["Barriers"])


def dates_as_text(page: Worksheet) -> None:
    for upn, label, text in (
        (FIRST, "Contact date", "18/11/26"),
        (FIRST, "Plan date", "9 November 2026"),
        (FIRST, "Review date", "14.12.2026"),
        (FOURTH, "Plan date", "2026-11-10"),
        (SIXTH, "Contact date", "Thu 12 Nov 2026"),
    ):
        type_in(page, row_of(page, upn), label, text)


def delete_a_pupil(page: Worksheet) -> None:
    page.delete_rows(row_of(page, PLANNED))


def a_pupil_without_entries_that_nobody_knows(page: Worksheet) -> None:
    type_in(page, page.max_row, "UPN", "Z999999999999")


REARRANGED: dict[str, Change] = {
    "rows sorted": sort_rows,
    "a column inserted": column_in_the_middle,
    "dates typed as text": dates_as_text,
    "a pupil deleted": delete_a_pupil,
    "an unknown UPN without entries": a_pupil_without_entries_that_nobody_knows,
}


@pytest.fixture(scope="module")
def right(
    made: Path, before: store.Register, tmp_path_factory: pytest.TempPathFactory
) -> list[list[Any]]:
    """The history that the form gives as it is."""
    place = tmp_path_factory.mktemp("right")
    register = Path(shutil.copytree(before.folder, place / "register"))
    recorded_file(returned(made, place), register)
    return standing_rows(register)


@pytest.mark.parametrize("how", REARRANGED)
def test_a_rearranged_form_says_the_same(
    made: Path, folder: Path, tmp_path: Path, right: list[list[Any]], how: str
) -> None:
    found = recorded_file(returned(made, tmp_path, REARRANGED[how]), folder)
    assert (found.entries, found.pupils, found.cautions) == (11, 3, ())
    assert standing_rows(folder) == right


def test_a_deleted_pupil_keeps_what_was_recorded_before(
    made: Path, folder: Path, tmp_path: Path
) -> None:
    recorded_file(returned(made, tmp_path, delete_a_pupil), folder)
    kept = anew(folder).standing.set_index("upn").loc[PLANNED]
    assert (kept["lead"], f"{kept['review_date']:%d/%m/%Y}") == ("Social worker", "15/12/2026")


def test_a_column_of_ones_own_is_told_of_and_not_read(
    made: Path, folder: Path, tmp_path: Path, right: list[list[Any]]
) -> None:
    def notes(page: Worksheet) -> None:
        at = places(page)["Early Help"]
        page.insert_cols(at)
        page.cell(1, at).value = "Our notes"
        page.cell(row_of(page, FIRST), at).value = "ask again"

    found = recorded_file(returned(made, tmp_path, notes), folder)
    assert standing_rows(folder) == right
    # By its letter: what stands in a header of one's own may be a name.
    [caution] = found.cautions
    assert caution.endswith(": column X is not part of the form and not read.")


def unknown_pupil(page: Worksheet) -> None:
    row = row_of(page, FOURTH)
    type_in(page, row, "UPN", "Z999999999999")


def unknown_in_a_blank_row(page: Worksheet) -> None:
    type_in(page, 12, "UPN", "Z999999999999")
    type_in(page, 12, "Barriers", "Bus")


REFUSED: dict[str, tuple[Change, str]] = {
    "an unknown UPN": (unknown_pupil, f"{SUPPORT_SHEET}!B{{row}}: expected a UPN that is in the list of pupils of school {URN}"),
    "one in a blank row": (unknown_in_a_blank_row, f"{SUPPORT_SHEET}!B12: expected a UPN that is in a school's list"),
    "a date that is none": (
        lambda page: type_in(page, row_of(page, FOURTH), "Plan date", "31/11/2026"),
        f"{SUPPORT_SHEET}!{{date}}{{row}}: expected a date such as 12/10/2026, found '31/11/2026'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_form_names_the_cell_and_nothing_is_stored(
    made: Path, folder: Path, tmp_path: Path, what: str
) -> None:
    change, message = REFUSED[what]
    page = load_workbook(made / "pre_meeting.xlsx")[SUPPORT_SHEET]
    row, date = row_of(page, FOURTH), page.cell(1, places(page)["Plan date"]).column_letter
    old = tree(folder)
    with pytest.raises(RecordError) as problem:
        recorded_file(returned(made, tmp_path, change), folder)
    assert tree(folder) == old
    assert message.format(row=row, date=date) in str(problem.value)
    assert gaps(anew(folder))["no_plan"] == (2, 4)


def test_what_is_dated_after_the_data_is_kept_and_not_counted(
    made: Path, folder: Path, tmp_path: Path
) -> None:
    def later(page: Worksheet) -> None:
        row = row_of(page, PAST)
        type_in(page, row, "Contact date", dt.date(2026, 11, 23))
        type_in(page, row, "Contact method", "Letter")
        type_in(page, row, "Plan date", dt.date(2026, 11, 24))
        type_in(page, row, "Review date", dt.date(2026, 12, 18))

    found = recorded_file(returned(made, tmp_path, later), folder)
    assert found.entries == 13
    now = anew(folder)
    assert gaps(now)["review_past"] == (1, 3) and gaps(now)["no_contact"] == (6, 9)
    assert cards(now)[PAST]["On record"] == "Plan of 21 Sep 2026, review 2 Nov 2026 (past)."
    afterwards = concerns_of(store.opened(folder), URN, as_at=dt.date(2026, 11, 25))
    assert cards(afterwards)[PAST]["On record"] == (
        "Plan of 24 Nov 2026, review 18 Dec 2026; last letter 23 Nov 2026."
    )
