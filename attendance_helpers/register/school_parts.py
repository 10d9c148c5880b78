"""The marks of a drop read, checked and written school by school, so that no more than a few schools are held at once."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll, store
from attendance_helpers.register.beside import in_turn
from attendance_helpers.register.codes import code_table
from attendance_helpers.register.drop import Drop, MarksSource, Progress
from attendance_helpers.register.exceptions import no_exceptions
from attendance_helpers.register.placing import Schools, of_unknown_school
from attendance_helpers.register.plain_stream import KeptRows, streamed
from attendance_helpers.register.school_turn import (
    Desk,
    SchoolDone,
    Turn,
    TurnDone,
    file_parts,
    keep,
    turn_done,
)
from attendance_helpers.register.spool import Spool, spool_in
from attendance_helpers.register.turn_hands import Hands


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
    hands: Hands,
) -> Taken:
    """
    Read a drop's marks, and write the parts of every school that the drop speaks of; nothing of it is in force yet.

    Parameters
    ----------
    schools : the schools of the drop and the register
    places : where marks go; None where that cannot be told, so that files are read for their problems only
    hands : the processes that do the schools' turns, if any

    Raises
    ------
    RegisterError
        when a file cannot be used; all of them are told of together
    """
    code_table().index.is_unique  # noqa: B018 - looked up here first: threads that do it together can trip over each other
    with spool_in(folder) as spool:
        turns = _Turns(given, Desk(places, held, folder, spool.folder), spool)
        hands.sit_down(turns.desk)
        read = given.files - len(given.marks)
        whole = [one for one in given.marks if not one.named]
        with closing(in_turn(turns.file_of_many, whole)) as files:
            for _ in files:
                read += 1
                progress("files", read, given.files)
        wanted = turns.order(schools["urn"])
        with closing(turns.done(hands, wanted)) as schools_done:
            for at, urn in enumerate(schools_done, start=1):
                read += len(turns.named.get(urn, ()))
                progress("files", read, given.files)
                progress("schools", at, len(wanted))
        turns.taken.raise_problems()
        # A file that is named after one school may hold rows of another, whose turn had come.
        turns.again = True
        with closing(turns.done(hands, sorted(turns.late))) as schools_done:
            for _ in schools_done:
                pass
        return turns.taken


class _Turns:
    """What the turn of each school needs, and what came of it."""

    def __init__(self, given: Drop, desk: Desk, spool: Spool) -> None:
        self.desk, self.spool = desk, spool
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
        return self.desk.places is None or bool(self.taken.problems or self.taken.refused)

    def file_of_many(self, source: MarksSource) -> None:
        """Read a file that names no school, and put its marks away."""
        places = self.desk.places
        large = self._streamed(source)
        for urn, kept in large.items():
            if places is not None and urn in places.urns:
                self.spool.add(urn, source.position, kept)
            else:
                self.taken.strays[source.position, urn] = of_unknown_school(kept.read(), urn)
        if large or source.position in self.taken.problems:
            return
        found = TurnDone("")
        for urn, part in file_parts(self.desk, source, found, only_reading=self.only_reading):
            keep(self.desk, urn, source, part, found)
        self._remember(found)

    def done(self, hands: Hands, urns: Iterable[str]) -> Generator[str, None, None]:
        """Yield the number of each school whose turn is over, in their order."""
        turns = (self._turn(urn) for urn in urns)
        work = partial(turn_done, self.desk) if hands.none else hands.turn_done
        with closing(in_turn(work, turns, threads=hands.number, stop=hands.stop)) as found:
            for one in found:
                self._remember(one)
                self.late.update(urn for urn, _, _ in one.away)
                yield one.urn

    def _turn(self, urn: str) -> Turn:
        pupils, listed = (lists.get(urn, lists[""]) for lists in (self.pupils, self.listed))
        return Turn(
            urn,
            self.named.get(urn, []),
            pupils,
            listed,
            self.spool.of(urn),
            only_reading=self.only_reading,
            again=self.again,
            spoken_of=urn in self.pupils or urn in self.listed,
        )

    def _remember(self, found: TurnDone) -> None:
        taken = self.taken
        if found.done is not None:
            taken.done[found.urn] = found.done
        taken.problems.update(found.problems)
        taken.refused.update(found.refused)
        taken.strays.update(found.strays)
        for urn, position, kept in found.away:
            self.spool.add(urn, position, kept)

    def _streamed(self, source: MarksSource) -> dict[str, KeptRows]:
        """Return the marks of a large file, put away by school; nothing where it is not large, not plain, or not wanted any more."""
        if self.only_reading or self.desk.places is None:
            return {}
        try:
            return streamed(source, self.desk.places, self.spool) or {}
        except RegisterError as problem:
            self.taken.problems[source.position] = str(problem)
            return {}


def _by_school(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each school in their order; under no number stand no rows."""
    found = {str(urn): some for urn, some in rows.groupby("urn", sort=False)}
    return {**found, "": rows.iloc[:0]}
