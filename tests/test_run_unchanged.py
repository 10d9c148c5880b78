"""When a pack counts as unchanged: same inputs, and its files as they were made; a workbook may have been written in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from attendance_helpers.run import manifest, unchanged
from attendance_helpers.run.pack_jobs import Job
from attendance_helpers.run.unchanged import is_unchanged, stat_of

NAMES = ("pre_meeting.html", "pre_meeting.xlsx")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    place = tmp_path / "900101"
    place.mkdir()
    (place / NAMES[0]).write_text("a page")
    openpyxl.Workbook().save(place / NAMES[1])
    return Job("900101", tmp_path, {}, (), {"meeting": "1"})


def held(job: Job) -> dict[str, Any]:
    place = job.folder / job.urn
    files = manifest.file_digests(place / name for name in NAMES)
    return {
        "status": "done",
        "inputs": {"meeting": "1", "shareable": "2"},
        "files": files,
        "stat": stat_of(place, NAMES),
    }


def test_files_that_nobody_touched_are_not_read(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = held(job)
    asked: list[Path] = []
    read = manifest.file_digests

    def noted(paths: Iterable[Path]) -> dict[str, str]:
        named = list(paths)
        asked.extend(named)
        return read(named)

    monkeypatch.setattr(unchanged.manifest, "file_digests", noted)
    assert is_unchanged(job, before) == before["stat"]
    assert asked == []


def test_a_file_of_another_time_is_read_and_counts_if_it_holds_the_same(job: Job) -> None:
    before = held(job)
    os.utime(job.folder / job.urn / NAMES[0], (1, 1))
    found = is_unchanged(job, before)
    assert found is not None and found[NAMES[0]] != before["stat"][NAMES[0]]


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": {"meeting": "2"}},
        {"inputs": {"shareable": "2"}},
        {"status": "failed"},
        {"status": "being replaced"},
        {"status": "out of date"},
        {"files": {}},
        {"files": {"pre_meeting.pdf": "x"}},
    ],
)
def test_anything_else_is_made_again(job: Job, changed: dict[str, Any]) -> None:
    assert is_unchanged(job, {**held(job), **changed}) is None


def test_a_page_that_was_changed_is_made_again(job: Job) -> None:
    before = held(job)
    (job.folder / job.urn / NAMES[0]).write_text("another page")
    assert is_unchanged(job, before) is None


def test_a_workbook_that_was_written_in_counts_while_it_opens(job: Job) -> None:
    before = held(job)
    place = job.folder / job.urn / NAMES[1]
    book = openpyxl.load_workbook(place)
    book.worksheets[0]["A1"] = "ring home"
    book.save(place)
    first = is_unchanged(job, before)
    assert first is not None
    assert is_unchanged(job, {**before, "stat": first}) is not None
    place.write_bytes(b"half a workbook")
    assert is_unchanged(job, {**before, "stat": first}) is None
