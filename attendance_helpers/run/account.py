"""The account of a run as it goes on: every school's state, before a file of it moves and after; summary and index as packs finish."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.run import manifest
from attendance_helpers.run.documents import profile_of
from attendance_helpers.run.pack_jobs import Outcome
from attendance_helpers.run.params import fingerprint
from attendance_helpers.run.swap import patiently

SWAPPING: Final = "being replaced"  # some files may be of the pack before, some of the new one
OUT_OF_DATE: Final = "out of date"
SECONDS: Final = 2.0  # between two writings of summary and index
INDEX: Final = "index.html"
KEPT: Final = ".room"
ROOM, ROOM_EACH = 20_000, 2_500  # bytes: an account, and each school's lines in it


class Account:
    """
    What `run.json`, `summary.csv` and `index.html` of a folder say.

    `run.json` is true at every moment: a school is `done` only with the fingerprints of the files that stand in its folder, and it is
    `being replaced` from before the first file moves until all have. `told` holds why something could not be written.
    """

    def __init__(
        self, folder: Path, record: dict[str, Any], totals: pd.DataFrame, register: store.Register
    ) -> None:
        self.folder = folder
        self.record = record
        self.totals = totals
        self.told: dict[str, str] = {}
        self._register = register
        self._written = time.monotonic() - SECONDS

    @property
    def schools(self) -> dict[str, dict[str, Any]]:
        """What is said of each school, by its number."""
        held: dict[str, dict[str, Any]] = self.record["schools"]
        return held

    @property
    def schools_known(self) -> list[str]:
        """The schools that the register has marks of now."""
        return self._register.urns

    def replacing(self, urn: str) -> None:
        """
        Say that a school's files are about to move.

        Raises
        ------
        OSError
            when it cannot be written; then nothing may move
        """
        if self.schools.get(urn, {}).get("status") in {"done", OUT_OF_DATE}:
            self.schools[urn]["status"] = SWAPPING
            self._write_run()

    def say(self, outcome: Outcome, inputs: Mapping[str, str]) -> None:
        """Say what became of a school; `inputs` are the fingerprints of what all of its copies are made from now."""
        before = self.schools.get(outcome.urn, {})
        self.schools[outcome.urn] = _school(self._register, outcome, before, inputs)
        if outcome.status != "unchanged":
            self.keep_room()  # what a school that failed has left
            self.write()
            if time.monotonic() - self._written >= SECONDS:
                self.show()

    def write(self) -> None:
        """Write `run.json`; why it could not be is kept in `told`."""
        self._try(manifest.RUN, self._write_run)

    def show(self) -> None:
        """Write summary and index as things stand, unless they say so already."""
        rows = self._rows()
        shown = fingerprint(rows.to_csv(), self._shown())
        pages = (self.folder / manifest.SUMMARY, self.folder / INDEX)
        if shown != self.record.get("shown") or not all(path.is_file() for path in pages):
            self._try(manifest.SUMMARY, lambda: manifest.write_summary(self.folder, rows))
            self._try(INDEX, lambda: self._write_index(rows))
            self.record["shown"] = None if self.told else shown
        self._written = time.monotonic()

    def keep_room(self) -> None:
        """Hold some of the disk, so that the account of a run that fills it can still be written; `give_room` gives it back."""
        kept, size = self.folder / KEPT, ROOM + ROOM_EACH * len(self._register.urns)
        if not kept.is_file() or kept.stat().st_size < size:
            with suppress(OSError):
                kept.write_bytes(bytes(size))

    def give_room(self) -> None:
        """Give back what `keep_room` held."""
        with suppress(OSError):
            (self.folder / KEPT).unlink(missing_ok=True)

    def _write_run(self) -> None:
        def write() -> None:
            manifest.write_run(self.folder, self.record)

        try:
            patiently(write, self.folder)
        except OSError as problem:
            if problem.errno != errno.ENOSPC or not (self.folder / KEPT).exists():
                raise
            self.give_room()
            write()
            self.keep_room()

    def _shown(self) -> dict[str, Any]:
        """Return what the index says besides the figures."""
        names = ("window", "as_at", "authority", "profile", "tool", "package")
        schools = {
            urn: (held["status"], held["reason"], sorted(held["files"]))
            for urn, held in sorted(self.schools.items())
        }
        said = {name: self.record[name] for name in names}
        return {**said, "ended": bool(self.record["finished"]), "schools": schools}

    def _write_index(self, rows: pd.DataFrame) -> None:
        # Where nothing was made the page stands, and what writes pages need not be loaded.
        from attendance_helpers.run.index import index_page

        content = index_page(rows, self.record).encode()
        manifest.written_whole(self.folder / INDEX, content)

    def _try(self, name: str, write: Callable[[], None]) -> None:
        """Write one of the three; a summary open in a spreadsheet is no reason to lose a run."""
        try:
            write()
        except OSError as problem:
            self.told[name] = str(problem)
        else:
            self.told.pop(name, None)

    def _rows(self) -> pd.DataFrame:
        schools = pd.DataFrame(
            [
                {"urn": urn, "school": held["school"], "status": held["status"]}
                for urn, held in sorted(self.schools.items())
            ],
            columns=["urn", "school", "status"],
        )
        columns = [name for name in manifest.SUMMARY_COLUMNS if name not in {"school", "status"}]
        return schools.merge(self.totals.reindex(columns=columns), on="urn", how="left")


def _school(
    register: store.Register, outcome: Outcome, before: Mapping[str, Any], inputs: Mapping[str, str]
) -> dict[str, Any]:
    """Return what is said of one school; copies for other profiles stay in it while they are made from the same inputs."""
    if outcome.status == "unchanged":
        return {**before, "status": "done", **({"stat": outcome.stat} if outcome.stat else {})}
    same = {
        profile: digest
        for profile, digest in before.get("inputs", {}).items()
        if profile not in outcome.inputs and inputs.get(profile) == digest
    }
    files = {n: d for n, d in before.get("files", {}).items() if profile_of(n) in same}
    stat = {n: s for n, s in before.get("stat", {}).items() if n in files}
    return {
        "school": register.school(outcome.urn)["school_name"],
        "phase": register.school(outcome.urn)["phase"],
        "status": outcome.status,
        "reason": outcome.reason,
        "made": manifest.now(),
        "seconds": round(outcome.seconds, 1),
        "stages": {part: round(seconds, 2) for part, seconds in outcome.stages.items()},
        "inputs": {**same, **outcome.inputs},
        "files": {**files, **outcome.files},
        "stat": {**stat, **outcome.stat},
    }
