"""The documents of one pupil for a meeting with the family: executed in a worker, each copy without what is not for it."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run import engine, manifest, pool
from attendance_helpers.run.documents import FAMILY
from attendance_helpers.run.executed import DocumentError, document_files
from attendance_helpers.run.swap import keep_for_study, refuse_open, set_aside
from attendance_helpers.run.withheld import without_secrets
from attendance_helpers.run.worker import replace_me
from attendance_helpers.run.workers import RENEWED_FROM

FORMS: Final = (".html", ".pdf", ".yml")  # somebody may have written in files of these kinds
NOT_FOR: Final = {"family": "school-only", "school": "family-only"}  # tags of cells, by copy
PLACES: Final = ("settings_file", "register", "authority_folder")  # parameters that name folders


@dataclass(frozen=True)
class FamilyOutcome:
    """
    What became of one pupil's documents: `done`, or `failed` with the reason.

    `files` are fingerprints by name; `kept` are forms that somebody had written in, under the names that they have now.
    """

    reference: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class FamilyJob:
    """
    One pupil's documents: where, with which parameters, and the stem of the files of each copy.

    `made` are the fingerprints of the files that stand in the folder as they were made; `answers` the text of a file to type answers into;
    `secrets` what no message may say.
    """

    reference: str
    place: Path
    parameters: Mapping[str, str]
    stems: Mapping[str, str]
    made: Mapping[str, str] = field(default_factory=dict)
    answers: str = ""
    secrets: tuple[str, ...] = ()


def family_outcomes(jobs: Sequence[FamilyJob], workers: int) -> Iterator[FamilyOutcome]:
    """Yield each pupil's outcome as it is known; one who fails stops no other."""
    made_by = pool.side_by_side(
        *(family_files, jobs, workers), prepare=engine.warm, most_memory=RENEWED_FROM
    )
    for job, made in made_by:
        if isinstance(made, pool.Lost):
            made = FamilyOutcome(job.reference, "failed", made.reason)
        yield replace(made, reason=without_secrets(made.reason, job.secrets))


def family_files(job: FamilyJob) -> FamilyOutcome:
    """Make one pupil's documents beside their place and swap each file in, all or none; run in a worker."""
    begun = time.monotonic()
    ended = partial(FamilyOutcome, job.reference)
    # In the school's folder of the run, under the name that the next run clears away if this one is killed.
    run = job.place.parents[1]
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{job.place.parent.name}-", dir=run))
    except (
        OSError
    ) as problem:  # a folder that went away, a full disk: told, as all that fails one pupil is
        return ended("failed", f"{type(problem).__name__}: {problem.strerror}")
    try:
        made = [path for copy in job.stems for path in _copy_files(job, copy, beside)]
        if job.answers:
            typed = beside / f"{job.reference}.yml"
            typed.write_text(job.answers, "utf-8")
            made.append(typed)
        files, kept = _swapped_in(made, job)
        found = ended("done", files=files, kept=kept)
    except DocumentError as problem:
        found = ended("failed", str(problem))
        keep_for_study(beside, job.place)
    except AttendanceError as problem:
        found = ended("failed", str(problem))
    except Exception as problem:
        # Whatever it is, it is this pupil's: told with its kind, and the others go on.
        found = ended("failed", f"{type(problem).__name__}: {problem}")
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    if left := engine.tainted():
        replace_me("; ".join(left))
    return replace(found, seconds=time.monotonic() - begun)


def _copy_files(job: FamilyJob, copy: str, beside: Path) -> list[Path]:
    """Write one copy's notebook and pages; what is not for its readers is not even run."""
    content = json.loads(FAMILY.path.read_text("utf-8"))
    source = beside / "source" / FAMILY.notebook
    source.parent.mkdir(exist_ok=True)
    source.write_text(json.dumps(notebook_for(content, copy), ensure_ascii=False), "utf-8")
    made = document_files(
        *(FAMILY, beside, dict(job.parameters)),
        profile=copy,
        stem=job.stems[copy],
        notebook=source,
    )
    if copy == "family":
        [executed] = [path for path in made if path.suffix == ".ipynb"]
        given_out = without_traces(json.loads(executed.read_text("utf-8")))
        executed.write_text(json.dumps(given_out, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return made


def notebook_for(notebook: Mapping[str, Any], copy: str) -> dict[str, Any]:
    """
    Return a notebook without the cells that are not for a copy: those tagged `school-only` in the family's, `family-only` in the school's.

    Examples
    --------
    >>> cells = [{"source": "a", "metadata": {}}, {"source": "b", "metadata": {"tags": ["school-only"]}}]
    >>> [cell["source"] for cell in notebook_for({"cells": cells}, "family")["cells"]]
    ['a']
    """
    cells = [
        cell
        for cell in notebook["cells"]
        if NOT_FOR[copy] not in cell.get("metadata", {}).get("tags", ())
    ]
    return {**notebook, "cells": cells}


def without_traces(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return an executed notebook that does not say where it was run: no folder of the machine, nothing that the machine had to say.

    What it shows stays; the folders that it was given are empty texts, so that it can still be run.
    """
    metadata = {name: held for name, held in notebook["metadata"].items() if name != "papermill"}
    return {**notebook, "metadata": metadata, "cells": [_bare(cell) for cell in notebook["cells"]]}


def _bare(cell: Mapping[str, Any]) -> dict[str, Any]:
    bare = dict(cell)
    if "injected-parameters" in cell["metadata"].get("tags", ()):
        lines = "".join(cell["source"]).splitlines(keepends=True)
        given = re.compile(rf"^({'|'.join(PLACES)}) = .*$")
        bare["source"] = [given.sub(r'\1 = ""', line) for line in lines]
    if "outputs" in cell:
        bare["outputs"] = [out for out in cell["outputs"] if out["output_type"] != "stream"]
    return bare


def _swapped_in(made: Sequence[Path], job: FamilyJob) -> tuple[dict[str, str], tuple[str, ...]]:
    """Put the files in their place; a form there that is neither as it was made nor as it is now made is kept beside it."""
    files = manifest.file_digests(made)
    targets = [job.place / path.name for path in made]
    refuse_open(targets)
    there = manifest.file_digests(target for target in targets if target.exists())
    equal = {name: digest for name, digest in there.items() if digest == files[name]}
    kept = set_aside(targets, {**job.made, **equal}, forms=FORMS)
    for path, target in zip(made, targets, strict=True):
        path.replace(target)
    for stem in job.stems.values():
        (job.place / f"failed_{stem}.ipynb").unlink(missing_ok=True)
    return files, tuple(kept)
