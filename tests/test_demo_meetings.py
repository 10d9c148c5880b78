"""The made-up officers' workbooks: read back without a problem, and what they say fits the registers."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from attendance_helpers.demo.drop import DemoDrop, register_drop
from attendance_helpers.demo.family import FAMILY_MEETINGS
from attendance_helpers.demo.meetings import MEETINGS
from attendance_helpers.register import store
from attendance_helpers.register.family_history import family_meetings
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.meeting_frames import figures_of
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.run.record import recorded_file
from attendance_helpers.run.record_family import recorded_family

SMALL = 0.05


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> DemoDrop:
    base = tmp_path_factory.mktemp("demo")
    return register_drop(base / "drop", scale=SMALL, records=base / "records")


def workbooks(drop: DemoDrop) -> list[Path]:
    return [path for path in drop.records if path.suffix == ".xlsx"]


@pytest.fixture(scope="module")
def register(drop: DemoDrop, tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    folder = tmp_path_factory.mktemp("register") / "r"
    import_drop(drop.folder, folder)
    for path in workbooks(drop):
        assert recorded_file(path, folder).cautions == ()
    for path in drop.records:
        if path.suffix == ".yml":
            assert recorded_family(path, folder).cautions == ()
    return store.opened(folder)


def test_the_records_lie_outside_the_drop(drop: DemoDrop) -> None:
    assert len(workbooks(drop)) == len(MEETINGS) + 1  # one was corrected
    assert len(drop.records) == len(workbooks(drop)) + len(FAMILY_MEETINGS)
    assert all(path.parent != drop.folder for path in drop.records)


def test_equal_arguments_give_equal_bytes(drop: DemoDrop, tmp_path: Path) -> None:
    again = register_drop(tmp_path / "d", scale=SMALL, records=tmp_path / "r")
    assert [p.read_bytes() for p in again.records] == [p.read_bytes() for p in drop.records]


def test_without_a_folder_none_are_written_and_the_drop_is_the_same(
    drop: DemoDrop, tmp_path: Path
) -> None:
    plain = register_drop(tmp_path / "d", scale=SMALL)
    assert plain.records == ()
    assert {p.name: p.read_bytes() for p in plain.files} == {
        p.name: p.read_bytes() for p in drop.files
    }


def test_a_meeting_that_lies_ahead_has_no_record(tmp_path: Path) -> None:
    early = register_drop(
        tmp_path / "d", scale=SMALL, records=tmp_path / "r", as_at=dt.date(2025, 11, 14)
    )
    held = [meeting for meeting in MEETINGS if meeting.day <= dt.date(2025, 11, 14)]
    assert len(workbooks(early)) == len(held) == 2
    assert len(early.records) == 3  # and one with a family


def test_every_meeting_is_in_force_once(register: store.Register) -> None:
    for urn in {meeting.urn for meeting in MEETINGS}:
        held = in_force(store.school_meetings(register, urn))
        wanted = [pd.Timestamp(m.day) for m in MEETINGS if m.urn == urn]
        assert sorted(held["meeting"]) == sorted(wanted)
        corrected = [m.day for m in MEETINGS if m.urn == urn and m.corrects]
        assert held["version"].tolist() == [
            2 if day in corrected else 1 for day in held["meeting"].dt.date
        ]


def test_the_headline_is_that_of_the_register(register: store.Register) -> None:
    """What stands in the workbooks is counted from the arrays; the register counts the same from the files."""
    from attendance_helpers.measures.groups import school_totals
    from attendance_helpers.measures.persistence import persistence
    from attendance_helpers.measures.sessions import pupil_totals
    from attendance_helpers.register.calendar import window

    for meeting in MEETINGS:
        held = store.school_meetings(register, meeting.urn)
        [told] = held[held["meeting"] == pd.Timestamp(meeting.day)].tail(1).to_dict("records")
        totals = persistence(
            pupil_totals(
                store.school_marks(register, meeting.urn),
                store.school_pupils(register, meeting.urn),
                window(told["window"]),
            )
        )
        school = school_totals(totals)
        figures = figures_of(told["figures"])
        assert figures["Possible sessions"] == school["possible_sessions"]
        assert figures["Absent sessions"] == school["overall_absence"]
        assert figures["Persistently absent"] == school["persistently_absent"]
        assert figures["Severely absent"] == school["severely_absent"]


def test_a_second_meeting_tells_what_became_of_the_first(register: store.Register) -> None:
    for meeting in MEETINGS:
        if meeting.after is None:
            continue
        said = in_force(store.school_actions(register, meeting.urn))
        first = said[said["meeting"] == pd.Timestamp(meeting.after.day)]
        second = said[said["meeting"] == pd.Timestamp(meeting.day)]
        assert set(first["action_id"]) <= set(second["action_id"])
        assert {"Done", "Carried", "Open"} <= set(second["status"])
        assert (second.loc[second["status"] == "Stopped", "outcome"] != "").all()
        old = second[second["action_id"].isin(first["action_id"])]
        assert (old["agreed"] == pd.Timestamp(meeting.after.day)).all()


def test_nobody_is_named(drop: DemoDrop) -> None:
    """Pupils stand in the workbooks by their number alone."""
    import csv

    with (drop.folder / "pupils.csv").open(encoding="utf-8-sig") as file:
        names = {(row["Surname"], row["Forename"]) for row in csv.DictReader(file)}
    assert names
    for path in drop.records:
        for text in cell_texts(path):
            words = text.split()
            pairs = set(itertools.pairwise(words)) | set(itertools.pairwise(words[::-1]))
            assert not pairs & names, (path.name, text)


def cell_texts(path: Path) -> Iterator[str]:
    """Yield what the cells of a workbook say, or the lines of a file."""
    if path.suffix != ".xlsx":
        yield from path.read_text("utf-8").splitlines()
        return
    for page in openpyxl.load_workbook(path):
        for row in page.iter_rows(values_only=True):
            yield from map(str, row)


def test_every_meeting_with_a_family_stands_once(register: store.Register) -> None:
    for urn in {meeting.urn for meeting in FAMILY_MEETINGS}:
        held = in_force(store.school_family(register, urn))
        wanted = sorted(pd.Timestamp(m.day) for m in FAMILY_MEETINGS if m.urn == urn)
        assert sorted(held["meeting"]) == wanted
        entries = store.school_support(register, urn)
        assert entries["form"].str.startswith("family ").any()


def test_a_family_is_met_again_with_what_was_agreed(register: store.Register) -> None:
    held = store.school_family(register, FAMILY_MEETINGS[0].urn)
    met = family_meetings(held, held["upn"].iloc[0])
    assert [one.date for one in met] == [meeting.day for meeting in FAMILY_MEETINGS[:2]]
    assert met[0].answers["goal"] != met[1].answers["goal"]
