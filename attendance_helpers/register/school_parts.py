"""The marks of a drop read, checked and written school by school, so that no more than a few schools are held at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll, store
from attendance_helpers.register.beside import in_turn
from attendance_helpers.register.codes import code_table
from attendance_helpers.register.drop import Drop, MarksSource, Progress
from attendance_helpers.register.exceptions import no_exceptions
from attendance_helpers.register.marks import MarksFile
from attendance_helpers.register.merge import merged_school
from attendance_helpers.register.placing import Schools, of_unknown_school
from attendance_helpers.register.plain_stream import KeptRows, streamed
from attendance_helpers.register.spool import Spool, spool_in

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


@dataclass
class Taken:
    """What the marks of a drop came to: `done` by school, and the exceptions of rows that are of no school in the list."""

    done: dict[str, SchoolDone] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    refused: dict[int, RegisterError] = field(default_factory=dict)
    strays: dict[tuple[int, str], pd.DataFrame] = field(default_factory=dict)

    @property
    def unplaced(self) -> pd.DataFrame:
        """The exceptions of marks of unknown schools, in the order of their files."""
        return pd.concat(
            [no_exceptions(), *(self.strays[at] for at in sorted(self.strays))], ignore_index=True
        )

    def raise_problems(self) -> None:
        """
        Stop when a file cannot be used.

        Raises
        ------
        RegisterError
            with all files that cannot be used, or the first that is of a school which is not listed
        """
        if self.problems:
            raise RegisterError("\n".join(self.problems[at] for at in sorted(self.problems)))
        if self.refused:
            raise self.refused[min(self.refused)]


def taken_schools(
    given: Drop,
    schools: pd.DataFrame,
    places: Schools | None,
    held: store.Register | None,
    folder: Path,
    progress: Progress,
) -> Taken:
    """
    Read a drop's marks, and write the parts of every school that the drop speaks of; nothing of it is in force yet.

    Parameters
    ----------
    schools : the schools of the drop and the register
    places : where marks go; None where that cannot be told, so that files are read for their problems only

    Raises
    ------
    RegisterError
        when a file cannot be used; all of them are told of together
    """
    code_table().index.is_unique  # noqa: B018 - looked up here first: threads that do it together can trip over each other
    with spool_in(folder) as spool:
        turns = _Turns(given, places, held, folder, spool)
        read = given.files - len(given.marks)
        for _ in in_turn(turns.file_of_many, [one for one in given.marks if not one.named]):
            read += 1
            progress("files", read, given.files)
        turns.late.clear()
        wanted = turns.order(schools["urn"])
        for at, urn in enumerate(in_turn(turns.school, wanted), start=1):
            read += len(turns.named.get(urn, ()))
            progress("files", read, given.files)
            progress("schools", at, len(wanted))
        turns.taken.raise_problems()
        # A file that is named after one school may hold rows of another, whose turn had come.
        turns.again = True
        for _ in in_turn(turns.school, sorted(turns.late)):
            pass
        return turns.taken


class _Turns:
    """What the turn of each school needs, and what came of it."""

    def __init__(
        self,
        given: Drop,
        places: Schools | None,
        held: store.Register | None,
        folder: Path,
        spool: Spool,
    ) -> None:
        self.places, self.held, self.folder, self.spool = places, held, folder, spool
        self.pupils = _by_school(given.pupils if given.pupils is not None else roll.no_pupils())
        self.listed = _by_school(given.listed)
        self.named: dict[str, list[MarksSource]] = {}
        for source in given.marks:
            if source.named:
                self.named.setdefault(source.named, []).append(source)
        self.taken = Taken(problems=dict(given.problems))
        self.late: set[str] = set()  # schools for which files of other schools had rows
        self.again = False

    def order(self, listed: pd.Series) -> list[str]:
        """Return the schools whose turn is to come: those of the list in its order, then numbers that are in no list."""
        told = {*self.named, *self.spool.urns, *self.pupils, *self.listed}
        first = [urn for urn in listed if urn in told]
        return [*first, *sorted(set(self.named) - set(first))]

    @property
    def only_reading(self) -> bool:
        """Whether nothing can come of this import any more but the list of its problems."""
        return self.places is None or bool(self.taken.problems or self.taken.refused)

    def file_of_many(self, source: MarksSource) -> None:
        """Read a file that names no school, and put its marks away."""
        large = self._streamed(source)
        for urn, kept in large.items():
            if self.places is not None and urn in self.places.urns:
                self.spool.add(urn, source.position, kept)
            else:
                self.taken.strays[source.position, urn] = of_unknown_school(kept.read(), urn)
        if large or source.position in self.taken.problems:
            return
        for urn, part in self._parts(source):
            self._put_away(urn, source, part)

    def school(self, urn: str) -> str:
        """Read, check and write one school; return its number."""
        parts: dict[int, MarksFile] = {}
        for source in self.named.get(urn, ()):
            for other, part in self._parts(source):
                if other == urn:
                    parts[source.position] = part
                elif not self.again:
                    self._put_away(other, source, part)
        if self.only_reading or self.places is None:
            return urn
        if urn not in self.places.urns:
            for position, part in parts.items():
                self.taken.strays[position, urn] = of_unknown_school(part, urn)
            return urn
        parts |= self.spool.of(urn)
        if parts or urn in self.pupils or urn in self.listed:
            self.taken.done[urn] = self._written(urn, [parts[at] for at in sorted(parts)])
        return urn

    def _written(self, urn: str, new: list[MarksFile]) -> SchoolDone:
        pupils, listed = (lists.get(urn, lists[""]) for lists in (self.pupils, self.listed))
        parts, row, cautions = merged_school(urn, self.held, pupils, listed, new)
        relied_on = [] if self.held is None else [*self.held.files.get(urn, {}).values()]
        files = {
            part: store.part_file(self.folder, urn, part, frame, relied_on=relied_on)
            for part, frame in parts.items()
        }
        told = {part: parts[part] for part in ("pupils", "exceptions")}
        return SchoolDone(files, told, row, cautions)

    def _parts(self, source: MarksSource) -> list[tuple[str, MarksFile]]:
        """Return a file's marks by school; nothing where it cannot be used, which is remembered."""
        try:
            read = source.read()
        except RegisterError as problem:
            self.taken.problems[source.position] = str(problem)
            return []
        if self.only_reading or self.places is None:
            return []
        try:
            return list(self.places.parts(read, source))
        except RegisterError as problem:
            self.taken.refused[source.position] = problem
            return []

    def _streamed(self, source: MarksSource) -> dict[str, KeptRows]:
        """Return the marks of a large file, put away by school; nothing where it is not large, not plain, or not wanted any more."""
        if self.only_reading or self.places is None:
            return {}
        try:
            return streamed(source, self.places, self.spool) or {}
        except RegisterError as problem:
            self.taken.problems[source.position] = str(problem)
            return {}

    def _put_away(self, urn: str, source: MarksSource, part: MarksFile) -> None:
        if self.places is not None and urn in self.places.urns:
            self.spool.put(urn, source.position, part)
            self.late.add(urn)
        else:
            self.taken.strays[source.position, urn] = of_unknown_school(part, urn)


def _by_school(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each school in their order; under no number stand no rows."""
    found = {str(urn): some for urn, some in rows.groupby("urn", sort=False)}
    return {**found, "": rows.iloc[:0]}
