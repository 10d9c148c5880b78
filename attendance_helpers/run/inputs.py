"""What each school's pack is made from, as one fingerprint: while it is the same, the pack is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attendance_helpers.register import store
from attendance_helpers.run.code import code_digest
from attendance_helpers.run.documents import DOCUMENTS
from attendance_helpers.run.figures import RunFigures
from attendance_helpers.run.params import PROFILES, Settings, fingerprint, resolved

# Keys that change who makes a pack, or for how long, and nothing that it shows.
UNSHOWN = {"profile", "run"}


def school_inputs(
    register: store.Register, settings: Settings, figures: RunFigures, dates: tuple[Any, ...]
) -> dict[str, dict[str, str]]:
    """
    Return the fingerprint of all that each school's copies are made from, by school and profile.

    That is: the school's marks, pupils and records; the figures of the authority's schools of its phase; parameters and the files that
    they name (comparators, stages, questions); the notebooks; this package; the dates.
    """
    common = fingerprint(
        code_digest(),
        *(document.path for document in DOCUMENTS),
        settings.model_dump(exclude=UNSHOWN),
        *named_files(settings),
        dates,
    )
    found = {}
    for urn in register.urns:
        phase = figures.phases.get(register.rows[urn]["phase"])
        held = register.digest(urn)
        found[urn] = {profile: fingerprint(common, phase, held, profile) for profile in PROFILES}
    return found


def named_files(settings: Settings) -> Iterator[Path]:
    """Yield the files that the parameters name and that are there."""
    named = (settings.comparators.folder, settings.stages, settings.family.questions)
    for path in (resolved(name) for name in named if name):
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file())
        elif path.is_file():
            yield path
