"""Packs for one school or all: made side by side, each school on its own, every outcome accounted for, nothing made twice."""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from attendance_helpers.errors import AttendanceError, ParamsError
from attendance_helpers.register import store
from attendance_helpers.run import manifest, swap
from attendance_helpers.run.account import OUT_OF_DATE, Account
from attendance_helpers.run.code import code_digest
from attendance_helpers.run.dates import last_date, window_and_date
from attendance_helpers.run.documents import DOCUMENTS, WARM, copies
from attendance_helpers.run.figures import FIGURES, run_figures
from attendance_helpers.run.inputs import school_inputs
from attendance_helpers.run.interrupts import held_back
from attendance_helpers.run.meetings import meeting_of
from attendance_helpers.run.pack_jobs import Job, Outcome, pack_made, prepared
from attendance_helpers.run.params import Settings, fingerprint, resolved
from attendance_helpers.run.progress import Progress, nothing_shown
from attendance_helpers.run.unchanged import is_unchanged, stat_of
from attendance_helpers.run.workers import Hands, Lost, worker_count

LOCK: Final = ".lock"
LEFT: Final = r"\.\d{6}-.+"  # folders that a run makes for itself and removes
LOG: Final = "run.log"


@dataclass(frozen=True)
class PacksRun:
    """A finished run: its folder, one outcome a school, and how long it took."""

    folder: Path
    outcomes: tuple[Outcome, ...]
    seconds: float
    reports: str = ""  # why a report of the run could not be written

    @property
    def failed(self) -> list[Outcome]:
        """The schools that have no pack from this run."""
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]


def packs(
    register: store.Register,
    settings: Settings,
    *,
    settings_file: str = "",
    schools: Sequence[str] = (),
    window: str | None = None,
    as_at: str | None = None,
    out: Path | None = None,
    jobs: int | None = None,
    cluster: str = "",
    engine: str = WARM,
    force: bool = False,
    progress: Progress = nothing_shown,
) -> PacksRun:
    """
    Make the packs of some schools, or of all.

    Parameters
    ----------
    schools : URNs; none for every school with marks
    window, as_at : override the settings'
    out : the folder; `outputs/<authority>/<window>` by default
    jobs : how many at once; by default as many as cores and memory allow
    cluster : address of a dask scheduler whose workers make the packs; this machine's own workers by default
    engine : who runs the notebooks, of `documents.ENGINES`
    force : make packs anew whose inputs have not changed

    Raises
    ------
    AttendanceError
        when nothing can be run at all; a school that fails is an outcome and stops no other
    """
    begun = time.monotonic()
    for urn in schools:
        register.school(urn)
    chosen = list(dict.fromkeys(schools)) or register.urns
    if not chosen:
        raise ParamsError(f"{register.folder}: expected marks of at least one school, found none.")
    span, last = window_and_date(register, window or settings.window, as_at or settings.as_at)
    folder = out or resolved(settings.out) / settings.slug / span.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hands = Hands(jobs or worker_count(), cluster)
    with alone(folder), run_log(folder) as log:
        figures = run_figures(
            *(register, span, settings, folder),
            hands=hands,
            progress=lambda done, total: progress("figures", done, total),
        )
        if len(figures.totals) and not figures.sessions:
            shutil.rmtree(folder / FIGURES, ignore_errors=True)
            raise ParamsError(
                f"window: expected dates on which a school was open, found none from {span.start} to {span.end}. "
                f"The register's last day is {last_date(register)}."
            )
        inputs = school_inputs(register, settings, figures, (span.name, last))
        record = _begun(folder, register, settings, settings_file, span.name, last.isoformat())
        account = Account(folder, record, figures.totals, register)
        for outcome in _left_finished(folder, account):
            account.say(outcome, inputs[outcome.urn])
            log.info("%s finished by an earlier run, put in place", outcome.urn)
        _mark_old(account, inputs, chosen)
        parameters = {
            "settings_file": settings_file,
            "register": str(register.folder.absolute()),
            "window": span.name,
            "as_at": last.isoformat(),
            "authority_folder": str(figures.folder.absolute()),
        }
        waiting = [
            Job(
                *(urn, folder.absolute(), {**parameters, "school_urn": urn}),
                copies(
                    settings.profiles, recorded=meeting_of(register, urn, span, last) is not None
                ),
                {profile: inputs[urn][profile] for profile in settings.profiles},
                engine=engine,
                cell_seconds=settings.run.cell_seconds,
            )
            for urn in chosen
        ]
        log.info("begun: %d schools, window %s, data as at %s", len(waiting), span.name, last)
        outcomes: list[Outcome] = []
        failed = 0
        account.keep_room()
        try:
            account.write()
            progress("packs", 0, len(waiting))
            for outcome in _outcomes(waiting, account, hands, _sizes(register), force=force):
                with held_back():
                    settled = _settled(outcome, account)
                    account.say(settled, inputs[settled.urn])
                    if settled.status != "unchanged":
                        swap.swept(folder, settled.urn)
                outcomes.append(settled)
                failed += settled.status == "failed"
                _log(log, settled)
                progress("packs", len(outcomes), len(waiting), failed=failed)
            record["finished"] = manifest.now()
        finally:
            # However it ended: an interrupt leaves an account of what was made.
            record["seconds"] = round(time.monotonic() - begun, 1)
            account.write()
            account.give_room()
            account.show()
            account.write()  # what was shown
            log.info(
                "%s after %.0f s", "ended" if record["finished"] else "stopped", record["seconds"]
            )
    ordered = sorted(outcomes, key=lambda outcome: chosen.index(outcome.urn))
    told = "; ".join(account.told.values())
    return PacksRun(folder, tuple(ordered), time.monotonic() - begun, told)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """
    Hold a folder for one run, and clear away what a run that was killed left unfinished in it; a dead process holds nothing.

    Raises
    ------
    AttendanceError
        when another run holds it
    """
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as problem:
        raise AttendanceError(
            f"{folder}: another run is making packs here. Wait for it to end, or give --out another folder."
        ) from problem
    try:
        for left in folder.iterdir():
            if left.is_dir() and re.fullmatch(LEFT, left.name) and not swap.finished_account(left):
                shutil.rmtree(left, ignore_errors=True)
            elif left.name.endswith(".new"):  # of `written_whole`
                left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


@contextmanager
def run_log(folder: Path) -> Iterator[logging.Logger]:
    """Yield what writes a run's lines to `run.log`: schools by number, times and reasons, nothing of a pupil."""
    log = logging.Logger("attendance.run")
    file = logging.FileHandler(folder / LOG, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    file.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk ends no run
    log.addHandler(file)
    try:
        yield log
    finally:
        file.close()


def _log(log: logging.Logger, outcome: Outcome) -> None:
    level = logging.ERROR if outcome.status == "failed" else logging.INFO
    reason = f": {outcome.reason}" if outcome.reason else ""
    log.log(level, "%s %s in %.1f s%s", outcome.urn, outcome.status, outcome.seconds, reason)


def _begun(
    folder: Path,
    register: store.Register,
    settings: Settings,
    settings_file: str,
    window: str,
    as_at: str,
) -> dict[str, Any]:
    """Return the account of this run, with the schools of earlier runs of the same dates in the folder."""
    same = {"window": window, "as_at": as_at}
    before = manifest.run_record(folder)
    kept = before.get("schools", {}) if all(before.get(k) == v for k, v in same.items()) else {}
    return manifest.started(
        **same,
        profile=settings.profile,
        authority=settings.authority,
        settings_file=settings_file,
        settings=settings.model_dump(by_alias=True),
        register=str(register.folder),
        imports=list(register.imports),
        notebooks={d.notebook: fingerprint(d.path) for d in DOCUMENTS},
        package=code_digest(),
        schools=dict(kept),
        shown=before.get("shown"),
    )


def _left_finished(folder: Path, account: Account) -> Iterator[Outcome]:
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
            if same:
                yield outcome
        shutil.rmtree(beside, ignore_errors=True)


def _mark_old(
    account: Account, inputs: Mapping[str, Mapping[str, str]], chosen: Iterable[str]
) -> None:
    """Say of schools that are not of this run, and whose inputs have changed, that their packs are out of date."""
    others = account.schools.keys() - set(chosen)
    for urn in others:
        held = account.schools[urn]
        if not held["inputs"].items() <= inputs.get(urn, {}).items():
            held["status"] = OUT_OF_DATE


def _outcomes(
    waiting: list[Job], account: Account, hands: Hands, sizes: Mapping[str, int], *, force: bool
) -> Iterator[Outcome]:
    """Yield each school's outcome as it is known; what was made still waits beside its place."""
    to_make = []
    for job in waiting:
        held = account.schools.get(job.urn, {})
        stat = None if force else is_unchanged(job, held)
        if stat is None:
            to_make.append(job)
        else:
            yield Outcome(job.urn, "unchanged", files=held["files"], inputs=job.inputs, stat=stat)
    # The longest first: what ends last decides when the run ends.
    to_make.sort(key=lambda job: sizes.get(job.urn, 0), reverse=True)
    made = hands(pack_made, to_make, prepare=prepared, again=lambda one: one.status == "failed")
    for job, outcome in made:
        if isinstance(outcome, Lost):
            outcome = Outcome(job.urn, "failed", outcome.reason, inputs=job.inputs)
        yield outcome


def _settled(outcome: Outcome, account: Account) -> Outcome:
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


def _sizes(register: store.Register) -> dict[str, int]:
    """Return how large each school's marks are [bytes]; 0 where the file is not there."""
    sizes = {}
    for urn in register.urns:
        path = register.folder / register.files[urn]["marks"]
        sizes[urn] = path.stat().st_size if path.is_file() else 0
    return sizes
