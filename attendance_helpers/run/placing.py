"""Packs that are made, put in their place: told before the first file moves, and after the last."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run import manifest, swap
from attendance_helpers.run.account import Account
from attendance_helpers.run.pack_jobs import Outcome
from attendance_helpers.run.run_folder import LEFT
from attendance_helpers.run.unchanged import stat_of


def left_finished(folder: Path, account: Account) -> Iterator[Outcome]:
    """
    Yield the packs that an earlier run finished and was killed before it had told of them, as they are put in place.

    One of other dates is no longer wanted, unless some of its files have moved already: then the others follow, so that none is half.
    """
    dates = {name: account.record[name] for name in ("window", "as_at")}
    for beside in sorted(path for path in folder.iterdir() if re.fullmatch(LEFT, path.name)):
        held = swap.finished_account(beside)
        same = all(held.get(name) == value for name, value in dates.items())
        if same or swap.is_begun(beside, held):
            outcome = Outcome(
                held["urn"],
                "done",
                files=held["files"],
                inputs=held["inputs"],
                beside=str(beside),
            )
            outcome = _put_in_place(outcome, account)
            if same and outcome.urn in account.schools_known:
                yield outcome
        shutil.rmtree(beside, ignore_errors=True)


def settled(outcome: Outcome, account: Account) -> Outcome:
    """Put a pack that is made in its place, or the notebook that stopped where it can be studied; told next."""
    if outcome.status == "unchanged":
        return outcome
    if outcome.status == "done":
        outcome = _put_in_place(outcome, account)
    if outcome.status == "failed":
        with suppress(OSError):
            stopped = account.folder / f".{outcome.urn}-{swap.FAILED}"
            swap.keep_for_study(stopped, account.folder / outcome.urn)
    return outcome


def _put_in_place(outcome: Outcome, account: Account) -> Outcome:
    """Put a pack that is made in its place; one whose place cannot be written to has failed."""
    place = account.folder / outcome.urn
    beside = Path(outcome.beside)
    made = account.schools.get(outcome.urn, {}).get("files", {})
    try:
        account.replacing(outcome.urn)
        kept = swap.patiently(
            lambda: swap.put_in_place(beside, place, {**made, **_equal(place, outcome)}),
            account.folder,
        )
        for left in place.glob("failed_*.ipynb"):
            left.unlink()
        return replace(outcome, kept=kept, stat=stat_of(place, outcome.files))
    except (AttendanceError, OSError) as problem:
        words = str(problem) if isinstance(problem, AttendanceError) else f"{problem.strerror}"
        return replace(outcome, status="failed", reason=words, files={})


def _equal(place: Path, outcome: Outcome) -> dict[str, str]:
    """Return the fingerprints of files there that are what they will be replaced by: nobody has written in those."""
    there = [place / name for name in outcome.files if (place / name).is_file()]
    found = manifest.file_digests(path for path in there if path.suffix == swap.FILLED)
    return {name: digest for name, digest in found.items() if digest == outcome.files[name]}
