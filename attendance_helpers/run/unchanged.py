"""Whether a pack stands as it was made, from the same inputs: by its files' size and time, and where these differ by what they hold."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attendance_helpers.run import manifest
from attendance_helpers.run.documents import profile_of
from attendance_helpers.run.pack_jobs import Job
from attendance_helpers.run.swap import FILLED

Stat = dict[str, list[int]]


def stat_of(place: Path, names: Iterable[str]) -> Stat:
    """Return size [bytes] and time of the last change [ns] of files, by name."""
    found = {name: (place / name).stat() for name in names}
    return {name: [one.st_size, one.st_mtime_ns] for name, one in found.items()}


def is_unchanged(job: Job, held: Mapping[str, Any]) -> Stat | None:
    """
    Return size and time of a school's files where its copies are there, whole, and made from the same inputs; else None.

    A workbook may have been written in: it counts as there while it can be opened.
    """
    if held.get("status") != "done" or not job.inputs.items() <= held.get("inputs", {}).items():
        return None
    place = job.folder / job.urn
    names = {n: d for n, d in held.get("files", {}).items() if profile_of(n) in job.inputs}
    if not names or not all((place / name).is_file() for name in names):
        return None
    found, known = stat_of(place, names), held.get("stat", {})
    other = [name for name in names if found[name] != known.get(name)]
    digests = manifest.file_digests(place / name for name in other)
    for name in other:
        if digests[name] == names[name]:
            continue
        if not (name.endswith(FILLED) and zipfile.is_zipfile(place / name)):
            return None
        # Not as it was made: looked into again next time.
        found[name] = known.get(name, [0, 0])
    return {**known, **found}
