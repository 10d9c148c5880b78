"""Packs without notebooks: a few small files written slowly, by the same jobs, workers, swaps and accounts as real ones."""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import sys
import time
import types
from pathlib import Path
from typing import Any, Final

from conftest import PUPILS_HEADER, UPNS

from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run import manifest, pack_jobs, packs
from attendance_helpers.run.deadlines import limited
from attendance_helpers.run.params import checked_settings

PAUSE: Final = 0.004  # seconds: a pack takes some twenty of these
HANGS: Final = "hangs.txt"  # a school named in this file of the register never ends its third cell
WINDOW: Final = "2026-09-07..2026-09-18"


def small_files(
    document: Any, folder: Path, parameters: dict[str, Any], *, profile: str, **_: Any
) -> list[Path]:
    """Write what a document's notebook would, each file half by half; every file says which making of the pack it is of."""
    hanging = Path(parameters["register"]) / HANGS
    if hanging.exists() and parameters["school_urn"] in hanging.read_text("utf-8"):
        with limited(f"{document.notebook}, cell 3", 0.3):
            ctypes.PyDLL(None).sleep(60)  # holds the interpreter
    made = []
    for name in document.files(profile):
        path = folder / name
        with path.open("w", encoding="utf-8") as file:
            for _half in range(2):
                file.write(f"{folder.parent.name}\n" * 200)
                file.flush()
                time.sleep(PAUSE)
        made.append(path)
    return made


def small_pack(job: pack_jobs.Job) -> pack_jobs.Outcome:
    """Make a pack as `pack_jobs.pack_made` does, with `small_files` in place of notebooks; run in a worker."""
    executed = types.ModuleType("attendance_helpers.run.executed")
    executed.document_files = small_files  # type: ignore[attr-defined]
    executed.DocumentError = RuntimeError  # type: ignore[attr-defined]
    sys.modules[executed.__name__] = executed
    return pack_jobs.pack_made(job)


def nothing() -> None:
    """Prepare nothing."""


def small_register(folder: Path, *, schools: int) -> list[str]:
    """Make a register of some schools with a pupil each; return their numbers."""
    urns = [f"9001{number:02d}" for number in range(1, schools + 1)]
    drop = folder.with_name("drop")
    drop.mkdir()
    (drop / "schools.csv").write_text(
        "URN,School name,Phase\n" + "".join(f"{urn},School {urn},Primary\n" for urn in urns)
    )
    (drop / "pupils.csv").write_text(
        f"{PUPILS_HEADER}{urns[0]},{UPNS[0]},Hale,Ann,01/05/2018,F,3,Y,N,N,01/09/2025,\n"
    )
    for urn in urns:
        (drop / f"marks_{urn}.csv").write_text(
            f"UPN,Week commencing,Marks\n{UPNS[0]},07/09/2026,/ \\ / \\ / \\ / \\ / \\\n"
        )
    import_drop(drop, folder)
    return urns


def small_run(
    register: Path,
    out: Path,
    version: str,
    jobs: int = 2,
    force: bool = False,
    cluster: str = "",
) -> None:
    """Make the packs of all schools; a process of its own is what is killed. `version` stands for inputs that changed."""
    packs.pack_made, packs.prepared = small_pack, nothing
    settings = checked_settings({"handling": version}, where="here")
    held = store.opened(register)
    try:
        packs.packs(held, settings, window=WINDOW, out=out, jobs=jobs, force=force, cluster=cluster)
    except KeyboardInterrupt:
        os._exit(130)


def started_run(*given: Any, **named: Any) -> Any:
    """Start `small_run` in a process that has loaded everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["trouble_packs"])
    process = context.Process(target=small_run, args=given, kwargs=named)
    process.start()
    return process


def faults_of(out: Path, urns: list[str]) -> list[str]:
    """Return what is wrong in a run's folder: an account that is not true, a pack of two makings, a pack that is not whole."""
    record = manifest.run_record(out)
    if (out / manifest.RUN).exists() and not record:
        return ["run.json cannot be read"]
    wrong = []
    for urn in urns:
        held = record.get("schools", {}).get(urn, {})
        place = out / urn
        files = sorted(place.iterdir()) if place.is_dir() else []
        if held.get("status") == "being replaced":
            continue
        makings = {path.read_text("utf-8").split("\n", 1)[0] for path in files}
        if len(makings) > 1:
            wrong.append(f"{urn}: files of {len(makings)} makings, told as {held.get('status')}")
        if files and len(files) != 6:
            wrong.append(f"{urn}: {len(files)} files")
        if any(len(path.read_text("utf-8").splitlines()) != 400 for path in files):
            wrong.append(f"{urn}: half a file")
        if held.get("status") == "done" and manifest.file_digests(files) != held["files"]:
            wrong.append(f"{urn}: done, but its files are others")
    return wrong


def makings_of(out: Path) -> dict[str, str]:
    """Return which making each school's pack is of."""
    return {
        path.parent.name: path.read_text("utf-8").split("\n", 1)[0]
        for path in sorted(out.glob("*/pre_meeting.html"))
    }


def account_of(out: Path) -> dict[str, Any]:
    """Return what `run.json` says."""
    held: dict[str, Any] = json.loads((out / manifest.RUN).read_text("utf-8"))
    return held
