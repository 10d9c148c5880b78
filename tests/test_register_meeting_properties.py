"""Whatever is written in whichever cells: it is told of, or what is read keeps the rules and says the same the second time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import UPNS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meeting_books import URN, blank_book, carried_actions, filled_book, small_register, told

from attendance_helpers.errors import RecordError
from attendance_helpers.register import store
from attendance_helpers.register.meeting_form import (
    CLOSED_STATUSES,
    ORGANISATIONS,
    STATUSES,
    THEMES,
)
from attendance_helpers.register.meeting_frames import ITEMS, typed_actions
from attendance_helpers.register.meeting_history import MeetingRead
from attendance_helpers.register.meeting_people import PupilNames
from attendance_helpers.register.meeting_read import meeting_read
from attendance_helpers.register.pupil_lists import PupilLists, pupil_lists
from attendance_helpers.register.returned_book import ReturnedBook, returned_book

HELD = carried_actions({}, {"action_id": "20260702-02", "upn": "", "cohort": "Girls"})
TEXTS = (
    *("", "", " ", "Sam Sample", "sample SAM", "Zoe Smith", "Ms A. Other", "x", "Ring", "AB", "a.b."),
    *("SENCO", "senco (AB)", "SENCO and Governor", "Done", "c/f", "stop", "open", "Coding", "LA"),
    *("Pupil", "Girls", "year 3", "Came", "apologies", "In part", "Authority", "Remote"),
    *(*UPNS, UPNS[0].lower(), "2026-09-21", "21/09/2026", "09/22/2026", "5/10/26", "31/9/2026"),
    *("2026-07-10", "2027-09-11", "46000", "#REF!", "#VALUE!", '=HYPERLINK("x")', "+1", "@x", "🎉"),
    *("20260910-01", "20260910-x01", "20260702-01", "Date of the meeting", "Agenda: Groups", "Agenda"),
    *("Person", "Next meeting", "About", "Entry", "Action ID", "Due", "Note", "-", "\n", "True"),
)  # fmt: skip
CELLS = st.lists(
    st.tuples(
        st.sampled_from(("Meeting", "Actions")),
        st.one_of(st.integers(1, 8), st.integers(0, 45)),
        st.integers(0, 15),
        st.sampled_from(TEXTS),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return small_register(tmp_path_factory.mktemp("properties"))


@pytest.fixture(scope="module")
def lists(register: store.Register) -> PupilLists:
    return pupil_lists(register)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[ReturnedBook]:
    """A blank form and a filled one, both with actions that were carried forward."""
    path: Path = tmp_path_factory.mktemp("books") / "pre_meeting.xlsx"
    blank = returned_book(blank_book(path, HELD))
    return [blank, returned_book(filled_book(path, first=4))]


def spoiled(book: ReturnedBook, cells: list[tuple[str, int, int, str]]) -> ReturnedBook:
    sheets = dict(book.sheets)
    for name in ("Meeting", "Actions"):
        old = sheets[name].cells
        rows, columns = range(max(len(old), 46)), range(16)
        sheets[name] = replace(
            sheets[name], cells=old.reindex(index=rows, columns=columns, fill_value="")
        )
    for sheet, row, column, text in cells:
        sheets[sheet].cells.loc[row, column] = text
    return replace(book, sheets=sheets)


def follows_the_rules(read: MeetingRead, names: PupilNames) -> None:
    """Check what is stored of a meeting without a problem."""
    actions, meeting = read.actions, read.meeting
    assert meeting is not None and read.urn == URN
    assert actions["action_id"].is_unique and (actions["action"] != "").all()
    assert set(actions["status"]) <= set(STATUSES) and set(actions["theme"]) <= set(THEMES)
    assert set(actions["organisation"]) <= {"", *ORGANISATIONS}
    closed = actions["status"].isin(CLOSED_STATUSES)
    assert (actions["closed"].notna() == closed).all()
    assert not ((actions["status"] == "Stopped") & (actions["outcome"] == "")).any()
    assert (actions["agreed"] <= meeting).all()
    assert not (actions["closed"] < actions["agreed"]).any()
    assert not ((actions["upn"] != "") & (actions["cohort"] != "")).any()
    assert set(actions["upn"]) <= {"", *UPNS[:3]}
    assert set(read.items["item"]) <= set(ITEMS)
    said = [*actions[["action", "success", "outcome", "cohort", "stage"]].to_numpy().flat]
    said += [*read.items[["what", "note"]].to_numpy().flat, read.facts["place"]]
    assert not any(names.named_in(text) for text in said)
    later = read.facts["next_meeting"]
    assert later is None or later > meeting


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(which=st.integers(0, 1), cells=CELLS, naming=st.sampled_from(("roles", "initials")))
def test_whatever_is_written(
    register: store.Register,
    lists: PupilLists,
    books: list[ReturnedBook],
    which: int,
    cells: list[tuple[str, int, int, str]],
    naming: str,
) -> None:
    book = spoiled(books[which], cells)
    names = PupilNames(store.school_pupils(register, URN))

    def read_with(held: pd.DataFrame) -> MeetingRead:
        return meeting_read(book, register, lists, naming=naming, carried=held)

    problem = ""
    try:
        read = read_with(HELD)
    except RecordError as stopped:
        problem = str(stopped)
    if problem:
        assert problem.startswith(book.file) and not names.named_in(problem)
        return
    lines = told(read)
    assert all(problem.sheet and problem.cell and problem.expected for problem in read.problems)
    assert not any(names.named_in(text) or "Other" in text.split("found")[-1] for text in lines)
    assert not any("HYPERLINK" in text for text in lines)
    if read.problems or read.meeting is None:
        assert read.problems or (read.actions.empty and read.items.empty)
        return
    follows_the_rules(read, names)
    stored = typed_actions(read.actions.assign(meeting=read.meeting, version=1))
    again = read_with(pd.concat([HELD, stored], ignore_index=True))
    assert told(again) == [] and again.facts == read.facts
    pd.testing.assert_frame_equal(again.actions, read.actions)
    pd.testing.assert_frame_equal(again.items, read.items)
