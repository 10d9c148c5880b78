"""Packs for one school or all: made side by side, each school on its own, every outcome accounted for, nothing made twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attendance_helpers.errors import ParamsError
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window
from attendance_helpers.run import manifest, swap
from attendance_helpers.run.account import OUT_OF_DATE, Account
from attendance_helpers.run.code import code_digest
from attendance_helpers.run.dates import last_date, window_and_date
from attendance_helpers.run.documents import DOCUMENTS, WARM, copies
from attendance_helpers.run.figures import RunFigures, run_figures
from attendance_helpers.run.inputs import school_inputs
from attendance_helpers.run.interrupts import held_back
from attendance_helpers.run.meetings import meeting_of
from attendance_helpers.run.pack_jobs import Job, Outcome, pack_made, prepared
from attendance_helpers.run.params import Settings, fingerprint, resolved
from attendance_helpers.run.placing import left_finished, settled
from attendance_helpers.run.progress import Progress, nothing_shown
from attendance_helpers.run.run_folder import alone, made_if_missing, run_log
from attendance_helpers.run.unchanged import is_unchanged
from attendance_helpers.run.workers import Hands, Lost, worker_count


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
    with (
        made_if_missing(folder),
        alone(folder),
        run_log(folder) as log,
        Hands(jobs or worker_count(), cluster, prepare=prepared, again=_failed) as hands,
    ):
        figures = run_figures(
            *(register, span, settings, folder),
            hands=hands,
            waiting=len(chosen),
            progress=lambda done, total: progress("figures", done, total),
        )
        _refuse_closed(register, figures, span)
        inputs = school_inputs(register, settings, figures, (span.name, last))
        record = _begun(folder, register, settings, settings_file, span.name, last.isoformat())
        account = Account(folder, record, figures.totals, register)
        for outcome in left_finished(folder, account):
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
                held=register.digest(urn),
                engine=engine,
                cell_seconds=settings.run.cell_seconds,
            )
            for urn in chosen
        ]
        log.info("begun: %d schools, window %s, data as at %s", len(waiting), span.name, last)
        made = _outcomes(waiting, account, hands, _sizes(register), force=force)
        outcomes = _accounted(made, account, inputs, log, len(waiting), progress)
    told = "; ".join(account.told.values())
    ordered = sorted(outcomes, key=lambda outcome: chosen.index(outcome.urn))
    return PacksRun(folder, tuple(ordered), time.monotonic() - begun, told)


def _refuse_closed(register: store.Register, figures: RunFigures, span: Window) -> None:
    """Refuse dates on which no school was open."""
    if len(figures.totals) and not figures.sessions:
        raise ParamsError(
            f"window: expected dates on which a school was open, found none from {span.start} to {span.end}. "
            f"The register's last day is {last_date(register)}."
        )


def _accounted(
    made: Iterator[Outcome],
    account: Account,
    inputs: Mapping[str, Mapping[str, str]],
    log: logging.Logger,
    total: int,
    progress: Progress,
) -> list[Outcome]:
    """Return the outcomes, each put in place and told of as it came; however the run ends, its account says so."""
    outcomes: list[Outcome] = []
    begun, failed = time.monotonic(), 0
    account.keep_room()
    try:
        account.write()
        progress("packs", 0, total)
        for outcome in made:
            with held_back():
                placed = settled(outcome, account)
                account.say(placed, inputs[placed.urn])
                if placed.status != "unchanged":
                    swap.swept(account.folder, {placed.urn})
            outcomes.append(placed)
            failed += placed.status == "failed"
            _log(log, placed)
            progress("packs", len(outcomes), total, failed=failed)
        # Once more: the folder may have been away when a school's turn came.
        swap.swept(account.folder, {placed.urn for placed in outcomes})
        account.record["finished"] = manifest.now()
    finally:
        account.record["seconds"] = round(time.monotonic() - begun, 1)
        account.write()
        account.give_room()
        account.show()
        account.write()  # what was shown
        ended = "ended" if account.record["finished"] else "stopped"
        log.info("%s after %.0f s", ended, account.record["seconds"])
    return outcomes


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
    for job, outcome in hands(pack_made, to_make):
        if isinstance(outcome, Lost):
            outcome = Outcome(job.urn, "failed", outcome.reason, inputs=job.inputs)
        yield outcome


def _failed(made: object) -> bool:
    return isinstance(made, Outcome) and made.status == "failed"


def _sizes(register: store.Register) -> dict[str, int]:
    """Return how large each school's marks are [bytes]; 0 where the file is not there."""
    sizes = {}
    for urn in register.urns:
        path = register.folder / register.files[urn]["marks"]
        sizes[urn] = path.stat().st_size if path.is_file() else 0
    return sizes
