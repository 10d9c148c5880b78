"""A pack beside its place: whole or not there, forms that were written in kept, a folder that comes back waited for."""

from __future__ import annotations

import errno
import threading
import time
from pathlib import Path

import pytest

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run import manifest, swap


def beside_with(folder: Path, urn: str, **files: str) -> tuple[Path, dict[str, str]]:
    """Return a finished pack beside its place, and the fingerprints of its files."""
    beside = swap.begun_beside(folder, urn)
    for name, text in files.items():
        (beside / swap.FILES / name.replace("_", ".")).write_text(text)
    digests = manifest.file_digests((beside / swap.FILES).iterdir())
    swap.finished_beside(beside, {"urn": urn, "files": digests})
    return beside, digests


def test_a_first_pack_is_put_in_place_in_one_step(tmp_path: Path) -> None:
    beside, digests = beside_with(tmp_path, "900101", a_html="new", a_xlsx="new form")
    assert not swap.is_begun(beside, swap.finished_account(beside))
    assert swap.put_in_place(beside, tmp_path / "900101", {}) == ()
    assert manifest.file_digests((tmp_path / "900101").iterdir()) == digests
    assert swap.is_begun(beside, swap.finished_account(beside))


def test_what_else_stands_in_the_place_stays(tmp_path: Path) -> None:
    place = tmp_path / "900101"
    (place / "family").mkdir(parents=True)
    (place / "family" / "x").write_text("a form")
    (place / "a.html").write_text("old")
    beside, _ = beside_with(tmp_path, "900101", a_html="new")
    swap.put_in_place(beside, place, {})
    assert (place / "a.html").read_text() == "new"
    assert (place / "family" / "x").read_text() == "a form"


def test_it_goes_on_where_a_kill_left_it(tmp_path: Path) -> None:
    place = tmp_path / "900101"
    place.mkdir()
    for name in ("a.html", "b.pdf"):
        (place / name).write_text("old")
    beside, digests = beside_with(tmp_path, "900101", a_html="new", b_pdf="new")
    (beside / swap.FILES / "a.html").replace(place / "a.html")
    assert swap.is_begun(beside, swap.finished_account(beside))
    swap.put_in_place(beside, place, {})
    assert manifest.file_digests(place.iterdir()) == digests


def test_a_form_that_was_written_in_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "900101"
    place.mkdir()
    (place / "a.xlsx").write_text("as made")
    made = manifest.file_digests([place / "a.xlsx"])
    beside, _ = beside_with(tmp_path, "900101", a_xlsx="new")
    assert swap.put_in_place(beside, place, made) == ()
    (place / "a.xlsx").write_text("written in")
    again, _ = beside_with(tmp_path, "900101", a_xlsx="newer")
    assert swap.put_in_place(again, place, made) == ("a_filled_1.xlsx",)
    assert (place / "a_filled_1.xlsx").read_text() == "written in"
    assert (place / "a.xlsx").read_text() == "newer"


def test_files_without_the_last_word_are_no_pack(tmp_path: Path) -> None:
    beside = swap.begun_beside(tmp_path, "900101")
    (beside / swap.FILES / "a.html").write_text("half")
    assert swap.finished_account(beside) == {}
    (beside / swap.READY).write_text('{"urn": "9001')
    assert swap.finished_account(beside) == {}


def test_an_open_file_stops_before_the_first_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "900101"
    place.mkdir()
    for name in ("a.html", "b.pdf"):
        (place / name).write_text("old")
    beside, _ = beside_with(tmp_path, "900101", a_html="new", b_pdf="new")
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if self == target and self.name == "b.pdf":
            raise PermissionError(errno.EACCES, "in use", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(AttendanceError, match=r"b\.pdf: expected a file that can be replaced"):
        swap.put_in_place(beside, place, {})
    assert {path.read_text() for path in place.iterdir()} == {"old"}


class TestPatience:
    def test_work_that_fails_while_the_folder_is_away_is_done_when_it_is_back(
        self, tmp_path: Path
    ) -> None:
        folder = tmp_path / "share"
        tries: list[int] = []

        def work() -> str:
            tries.append(len(tries))
            (folder / "x").write_text("done")
            return "done"

        def back() -> None:
            time.sleep(0.5)
            folder.mkdir()

        threading.Thread(target=back).start()
        assert swap.patiently(work, folder, seconds=10) == "done"
        assert len(tries) == 2 and (folder / "x").read_text() == "done"

    def test_it_is_told_when_the_folder_stays_away(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            swap.patiently(
                lambda: (tmp_path / "no" / "x").write_text("x"),
                tmp_path / "no",
                seconds=0.3,
                tries=1,
            )

    def test_a_full_disk_is_told_at_once(self, tmp_path: Path) -> None:
        tries: list[int] = []

        def full() -> None:
            tries.append(1)
            raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(OSError, match="No space left"):
            swap.patiently(full, tmp_path)
        assert len(tries) == 1
