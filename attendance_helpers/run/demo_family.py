"""The documents of one family of the made-up authority: the form for the next meeting, and what came of the last one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attendance_helpers.register import store
from attendance_helpers.register.family_history import family_meetings
from attendance_helpers.run.family import FamilyRun, family_documents
from attendance_helpers.run.params import Settings


def demo_family(
    register: store.Register, settings: Settings, *, settings_file: str, out: Path
) -> Iterator[FamilyRun]:
    """
    Make the documents of the pupil whose family was met most often, and yield each run.

    Parameters
    ----------
    register : the made-up authority's
    out : the folder of its packs
    """
    urns = [urn for urn, parts in register.files.items() if "family" in parts]
    met = [
        (urn, str(upn), family_meetings(store.school_family(register, urn), str(upn)))
        for urn in urns
        for upn in store.school_family(register, urn)["upn"].unique()
    ]
    if not met:
        return
    urn, upn, held = max(met, key=lambda one: (len(one[2]), one[0]))
    for meeting in (None, held[-1].date):
        yield family_documents(
            register,
            settings,
            settings_file=settings_file,
            school=urn,
            pupils=[upn],
            meeting=meeting,
            out=out,
            jobs=1,
        )
