"""Every spoiled workbook is read as the good one, or refused with its cells named and nothing of it stored."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import spoiled_workbooks
from concern_samples import AS_AT, register_in
from in_process import in_this_process
from record_samples import URN, action, meeting, recorded
from spoiled_workbooks import EVERY, FORMULA, NAME, OWN, REFUSED, SAME, Spoiled, good_workbook
from test_register_intake import tree

from attendance_helpers.errors import RecordError
from attendance_helpers.register import store
from attendance_helpers.run.documents import DOCUMENTS
from attendance_helpers.run.executed import document_files
from attendance_helpers.run.record import recorded_file

FEWEST = 50
History = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with a meeting in September, of which two actions are still open."""
    folder = register_in(tmp_path_factory.mktemp("spoiled")).folder
    first = action(1, "Pay the bus", upn=spoiled_workbooks.FIRST, theme="Pupil", due="2026-10-09")
    second = action(2, "Ring by ten", owner="Attendance lead", review="2026-11-02")
    return recorded(folder, meetings=[meeting()], actions=[first, second])


@pytest.fixture(scope="module")
def pack(before: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The workbook that the pack's own notebook makes."""
    [document] = [d for d in DOCUMENTS if d.stem == "pre_meeting" and "meeting" in d.profiles]
    given = {
        **{"settings_file": "", "register": str(before), "school_urn": URN},
        **{"window": f"2026-09-01..{AS_AT}", "as_at": f"{AS_AT}", "profile": "meeting"},
        "authority_folder": "",
    }
    folder = tmp_path_factory.mktemp("pack")
    with in_this_process():
        document_files(document, folder, given, profile="meeting")
    return (folder / "pre_meeting.xlsx").read_bytes()


@pytest.fixture(scope="module")
def good(pack: bytes) -> bytes:
    return good_workbook(pack)


def history(folder: Path, less: Sequence[str] = ()) -> History:
    """All that is stored of the school but what is the file's own."""
    register = store.opened(folder)
    kept = {
        "support": store.school_support(register, URN),
        "meetings": store.school_meetings(register, URN),
        "actions": store.school_actions(register, URN),
    }
    items = [
        json.dumps(sorted(({**one, "row": 0} for one in json.loads(text)), key=json.dumps))
        for text in kept["meetings"]["items"]
    ]
    kept["meetings"] = kept["meetings"].assign(items=items)
    found = {}
    for part, frame in kept.items():
        rows = frame.drop(columns=[*OWN, "digest", "superseded", *less], errors="ignore")
        found[part] = rows.sort_values(list(rows.columns), ignore_index=True)
    return found


@pytest.fixture(scope="module")
def right(
    before: Path, good: bytes, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, ...], History]:
    """What the good workbook brings, by what is left out of account."""
    folder = Path(shutil.copytree(before, tmp_path_factory.mktemp("right") / "register"))
    path = folder.parent / "pre_meeting.xlsx"
    path.write_bytes(good)
    recorded_file(path, folder)
    return {less: history(folder, less) for less in {one.less for one in SAME.values()}}


@pytest.fixture(scope="module")
def untouched(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register that no refused file may change."""
    return Path(shutil.copytree(before, tmp_path_factory.mktemp("untouched") / "register"))


def returned(one: Spoiled, good: bytes, folder: Path) -> Path:
    path = folder / f"pre_meeting{one.suffix}"
    path.write_bytes(one.spoil(good))
    return path


def test_there_are_enough_and_the_good_one_says_much(
    right: dict[tuple[str, ...], History], before: Path
) -> None:
    assert len(EVERY) == len(SAME) + len(REFUSED) > FEWEST
    brought, held = right[()], history(before)
    assert {part: len(brought[part]) - len(held[part]) for part in held} == {
        **{"support": 4, "meetings": 1, "actions": 5}
    }
    actions = brought["actions"]
    new = actions[actions["meeting"] == pd.Timestamp("2026-11-23")].set_index("action_id")
    assert list(new.index) == ["20260911-01", "20260911-02", *(f"20261120-0{n}" for n in (1, 2, 3))]
    assert list(new["status"]) == ["Done", "Carried", "Open", "Open", "Open"]
    assert new.loc["20261120-02", "action"] == FORMULA
    [said] = brought["meetings"].loc[lambda m: m["meeting"] == "2026-11-23", "figures"]
    assert json.loads(said)["Pupils"] > 0


def test_the_whole_workbook_says_the_same(
    pack: bytes, right: dict[tuple[str, ...], History], before: Path, tmp_path: Path
) -> None:
    """With every sheet that the pack has."""
    every = spoiled_workbooks.load_workbook(spoiled_workbooks.io.BytesIO(pack)).sheetnames
    assert set(spoiled_workbooks.READ) < set(every)
    whole = good_workbook(pack, every)
    folder = Path(shutil.copytree(before, tmp_path / "register"))
    recorded_file(returned(Spoiled(lambda content: content), whole, tmp_path), folder)
    for part, frame in history(folder).items():
        pd.testing.assert_frame_equal(frame, right[()][part], obj=part)


@pytest.mark.parametrize("how", SAME)
def test_it_reads_the_same(
    how: str, before: Path, good: bytes, right: dict[tuple[str, ...], History], tmp_path: Path
) -> None:
    one = SAME[how]
    folder = Path(shutil.copytree(before, tmp_path / "register"))
    recorded_file(returned(one, good, tmp_path), folder)
    for part, frame in history(folder, one.less).items():
        pd.testing.assert_frame_equal(frame, right[one.less][part], obj=part)


@pytest.mark.parametrize("how", REFUSED)
def test_it_is_refused_and_nothing_is_stored(
    how: str, good: bytes, untouched: Path, tmp_path: Path
) -> None:
    one, old = REFUSED[how], tree(untouched)
    path = returned(one, good, tmp_path)
    with pytest.raises(RecordError) as problem:
        recorded_file(path, untouched)
    text = str(problem.value)
    assert tree(untouched) == old
    assert text.startswith(path.name)
    places = [text.find(cell) for cell in one.cells]
    assert min(places) >= 0 and places == sorted(places), text
    # Neither a name nor what was injected comes back in the message.
    assert NAME.casefold() not in text.casefold() and "Ms A. Other" not in text
    assert "HYPERLINK" not in text and "cmd|" not in text and "WEBSERVICE" not in text
