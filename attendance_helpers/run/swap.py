"""A pack made beside its place and put there whole: what was finished before a kill is put in place by the next run, nothing else is."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from attendance_helpers.errors import AttendanceError
from attendance_helpers.register.store import written_whole
from attendance_helpers.run import manifest

FILES: Final = "files"
READY: Final = "pack.json"  # written last: with it the files beside are a whole pack
FAILED: Final = (
    "failed"  # the notebook that stopped, until it is known that the school failed for good
)
FILLED: Final = ".xlsx"  # files of this kind are forms: somebody may have written in them
PATIENCE: Final = 30.0  # seconds for which a folder that went away is waited for
_PAUSE: Final = 0.2  # seconds
Result = TypeVar("Result")


def begun_beside(folder: Path, urn: str) -> Path:
    """Return a new folder beside a school's place, its name that of the school, for the files to be made in (`FILES`)."""
    beside = Path(tempfile.mkdtemp(prefix=f".{urn}-", dir=folder))
    (beside / FILES).mkdir()
    return beside


def finished_beside(beside: Path, account: Mapping[str, Any]) -> None:
    """Say that the files beside are whole: from here on they outlive whoever made them, and a cut of the power."""
    for path in (beside / FILES).iterdir():
        _on_disk(path)
    _on_disk(beside / FILES)
    written_whole(beside / READY, json.dumps(account).encode())


def finished_account(beside: Path) -> dict[str, Any]:
    """Return what was said of files made beside; empty where they were never finished."""
    return manifest.json_held(beside / READY)


def is_begun(beside: Path, account: Mapping[str, Any]) -> bool:
    """Tell whether some of a finished pack's files have left for their place: then the others must follow."""
    return any(not (beside / FILES / name).exists() for name in account["files"])


def put_in_place(beside: Path, place: Path, made: Mapping[str, str]) -> tuple[str, ...]:
    """
    Put a finished pack in its place, all files of it; called again after a kill it goes on where it was.

    Parameters
    ----------
    made : fingerprints of the files that stand there as they were made; a form that is none of these was written in

    Returns
    -------
    the names under which such forms are kept

    Raises
    ------
    AttendanceError
        when a file there is open in a program that holds it; nothing is replaced then
    """
    waiting = sorted((beside / FILES).iterdir()) if (beside / FILES).is_dir() else []
    if not place.exists() and waiting:
        (beside / FILES).rename(place)
        _on_disk(place.parent)
        return ()
    targets = [place / path.name for path in waiting]
    refuse_open(targets)
    kept = set_aside(targets, made)
    for path, target in zip(waiting, targets, strict=True):
        path.replace(target)
    _on_disk(place)
    return tuple(kept)


def swept(folder: Path, urns: Collection[str]) -> None:
    """Remove what was made beside these schools' places and is not wanted."""
    for left in folder.glob(".*-*"):
        if left.name[1:].rpartition("-")[0] in urns:
            shutil.rmtree(left, ignore_errors=True)


def set_aside(
    targets: Iterable[Path], made: Mapping[str, str], *, forms: Collection[str] = (FILLED,)
) -> list[str]:
    """Move forms that are not as they were made out of the way, and return their new names: what was written in them is kept."""
    kept = []
    for target in targets:
        if target.suffix not in forms or not target.exists():
            continue
        if manifest.file_digests([target])[target.name] == made.get(target.name):
            continue
        numbers = itertools.count(1)
        aside = next(
            path
            for n in numbers
            if not (path := target.with_stem(f"{target.stem}_filled_{n}")).exists()
        )
        target.replace(aside)
        kept.append(aside.name)
    return kept


def refuse_open(targets: Iterable[Path]) -> None:
    """Stop before the first file is replaced if one is open in a program that holds it (Windows): old and new would stand side by side."""
    for target in targets:
        if target.exists():
            try:
                target.replace(target)
            except OSError as problem:
                raise AttendanceError(
                    f"{target.name}: expected a file that can be replaced, found one that is open. Close it and run again."
                ) from problem


def keep_for_study(beside: Path, place: Path) -> None:
    """Keep the notebook that stopped, so that an analyst can open it where it failed."""
    stopped = sorted(beside.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
    if stopped:
        place.mkdir(exist_ok=True)
        stopped[-1].replace(place / f"failed_{stopped[-1].name}")


def patiently(
    work: Callable[[], Result], folder: Path, *, seconds: float = PATIENCE, tries: int = 3
) -> Result:
    """
    Return what some work returns; when it fails and the folder it works in has gone away, it waits for it: a network share may come back.

    Where the folder is there the work is tried `tries` times in all, on a full disk once; what is wrong then is told.
    """
    for tried in itertools.count(1):
        try:
            return work()
        except OSError as problem:
            if came_back(folder, seconds=seconds):
                continue
            if problem.errno == errno.ENOSPC or tried >= tries or not folder.is_dir():
                raise
            time.sleep(_PAUSE)
    raise AssertionError("unreachable")


def came_back(folder: Path, *, seconds: float = PATIENCE) -> bool:
    """Wait for a folder that has gone away; tell whether it is there again. False at once where it is there."""
    if folder.is_dir():
        return False
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_PAUSE)
        if folder.is_dir():
            return True
    return False


def _on_disk(path: Path) -> None:
    """See to it that a file, or a folder's list of its files, is on the disk and not only on its way there."""
    if path.is_dir() and os.name == "nt":
        return
    number = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
