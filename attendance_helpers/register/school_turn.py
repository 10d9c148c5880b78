"""The turn of one school in an import: its files read, its marks checked, its parts written, whoever's turn it is to do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.drop import MarksSource
from attendance_helpers.register.marks import MarksFile
from attendance_helpers.register.merge import merged_school
from attendance_helpers.register.placing import Schools, of_unknown_school
from attendance_helpers.register.spool import Kept, put_away

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SchoolDone:
    """
    One school's new parts, written: their files, the school's line of the summary, what to be careful of.

    `told` are those parts that are asked about all schools together: the pupils and the exceptions.
    """

    files: Mapping[str, str]
    told: Mapping[str, pd.DataFrame]
    row: Row
    cautions: list[str]


@dataclass(frozen=True)
class Desk:
    """
    What is the same for all turns of an import.

    Parameters
    ----------
    places : where marks go; None where that cannot be told, so that files are read for their problems only
    folder, spool : the register's folder, and that in which marks of other schools are put away
    """

    places: Schools | None
    held: store.Register | None
    folder: Path
    spool: Path


@dataclass(frozen=True)
class Turn:
    """
    What the turn of one school needs; all of it can be sent to another process.

    Parameters
    ----------
    sources : the files that are named after the school
    pupils, listed : the school's rows of the drop's list of pupils, and the exceptions of the drop's lists
    kept : what other files hold of the school, by the position of the file
    only_reading : nothing can come of this import any more but the list of its problems
    again : the school had its turn; what its files hold of other schools was put away then
    spoken_of : the drop speaks of the school even if no file holds marks of it
    """

    urn: str
    sources: list[MarksSource]
    pupils: pd.DataFrame
    listed: pd.DataFrame
    kept: Mapping[int, Kept] = field(default_factory=dict)
    only_reading: bool = False
    again: bool = False
    spoken_of: bool = False


@dataclass
class TurnDone:
    """What came of a turn, little enough to be sent back: `away` is what was put away of other schools, with the position of its file."""

    urn: str
    done: SchoolDone | None = None
    problems: dict[int, str] = field(default_factory=dict)
    refused: dict[int, RegisterError] = field(default_factory=dict)
    strays: dict[tuple[int, str], pd.DataFrame] = field(default_factory=dict)
    away: list[tuple[str, int, Kept]] = field(default_factory=list)


def turn_done(desk: Desk, turn: Turn) -> TurnDone:
    """Read, check and write one school; what its files hold of other schools is put away."""
    found = TurnDone(turn.urn)
    parts: dict[int, MarksFile] = {}
    for source in turn.sources:
        for urn, part in file_parts(desk, source, found, only_reading=turn.only_reading):
            if urn == turn.urn:
                parts[source.position] = part
            elif not turn.again:
                keep(desk, urn, source, part, found)
    if turn.only_reading or desk.places is None or found.problems or found.refused:
        return found
    if turn.urn not in desk.places.urns:
        for position, part in parts.items():
            found.strays[position, turn.urn] = of_unknown_school(part, turn.urn)
        return found
    parts |= {position: kept.read() for position, kept in turn.kept.items()}
    if parts or turn.spoken_of:
        found.done = _written(desk, turn, [parts[at] for at in sorted(parts)])
    return found


def file_parts(
    desk: Desk, source: MarksSource, found: TurnDone, *, only_reading: bool
) -> list[tuple[str, MarksFile]]:
    """Return a file's marks by school; nothing where it cannot be used, which `found` remembers."""
    try:
        read = source.read()
    except RegisterError as problem:
        found.problems[source.position] = str(problem)
        return []
    if desk.places is None:
        return []
    try:
        # Even where nothing else can come of it: which file is told of must not hang on which was read first.
        parts = list(desk.places.parts(read, source))
    except RegisterError as problem:
        found.refused[source.position] = problem
        return []
    return [] if only_reading else parts


def keep(desk: Desk, urn: str, source: MarksSource, part: MarksFile, found: TurnDone) -> None:
    """Put marks away until their school's turn comes; those of no school in the list are told of at once."""
    if desk.places is not None and urn in desk.places.urns:
        found.away.append((urn, source.position, put_away(desk.spool, part)))
    else:
        found.strays[source.position, urn] = of_unknown_school(part, urn)


def _written(desk: Desk, turn: Turn, new: list[MarksFile]) -> SchoolDone:
    urn, held = turn.urn, desk.held
    parts, row, cautions = merged_school(urn, held, turn.pupils, turn.listed, new)
    relied_on = [] if held is None else [*held.files.get(urn, {}).values()]
    files = {
        part: store.part_file(desk.folder, urn, part, frame, relied_on=relied_on)
        for part, frame in parts.items()
    }
    told = {part: parts[part] for part in ("pupils", "exceptions")}
    return SchoolDone(files, told, row, cautions)
