"""The made-up authority on disk: its drop and its records, taken in as any other's, in `outputs/demo`."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock

from attendance_helpers.errors import ParamsError
from attendance_helpers.register import store
from attendance_helpers.register.intake import ImportSummary, import_drop
from attendance_helpers.register.returned_book import SUFFIX as WORKBOOK
from attendance_helpers.run.params import project_home
from attendance_helpers.run.record import recorded_file
from attendance_helpers.run.record_family import recorded_family

DEMO: Final = "demo"  # what a notebook's `register` parameter says for it
DEMO_PARAMS: Final = "params/demo.yml"
_STAMP: Final = "made-with.json"


def demo_folder() -> Path:
    """Return the folder of the made-up authority."""
    return project_home() / "outputs" / "demo"


def demo_register(
    folder: Path | None = None,
    *,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> tuple[Path, ImportSummary | None]:
    """
    Return the made-up authority's register, made first if it is not there or another version made it.

    Raises
    ------
    ParamsError
        when the folder holds a drop or a register that is not the demo's

    Returns
    -------
    the register's folder, and what its import said (None where nothing had to be made)
    """
    from attendance_helpers import demo  # not needed by packs of real schools

    place = folder or demo_folder()
    place.mkdir(parents=True, exist_ok=True)
    register, stamp = place / "register", place / _STAMP
    with FileLock(place / ".lock"):
        made_with = json.dumps({"demo": _digest()})
        if (
            stamp.is_file()
            and stamp.read_text("utf-8") == made_with
            and (register / store.INDEX).is_file()
        ):
            return register, None
        if not stamp.is_file() and any((place / name).exists() for name in ("drop", "register")):
            raise ParamsError(
                f"{place}: expected an empty folder, or one that the demo made, found a register or drop that it did not make. "
                "Name another folder with --out."
            )
        progress("demo", 0, 1)
        # The stamp goes first in and last out: a folder without it is not the demo's to empty.
        stamp.write_text("being made", "utf-8")
        for old in (place / "drop", place / "records", register):
            shutil.rmtree(old, ignore_errors=True)
        (place / "drop").mkdir()
        made = demo.register_drop(place / "drop", records=place / "records")
        progress("demo", 1, 1)
        summary = import_drop(place / "drop", register, progress=progress)
        for at, path in enumerate(made.records, start=1):
            taken_in = recorded_file if path.suffix == WORKBOOK else recorded_family
            taken_in(path, register)
            progress("records", at, len(made.records))
        stamp.write_text(made_with, "utf-8")
    return register, summary


def _digest() -> str:
    """Return the fingerprint of what makes the authority up and reads it."""
    digest = hashlib.sha256()
    package = Path(store.__file__).parents[1]
    for room in ("demo", "register"):
        for path in sorted((package / room).rglob("*")):
            if path.suffix in {".py", ".csv", ".yml"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()
