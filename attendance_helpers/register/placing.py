"""Each mark of a file given to its school: by the row's URN, else the URN in the file's name, else the pupil's one school."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.drop import Drop, MarksSource
from attendance_helpers.register.exceptions import exceptions
from attendance_helpers.register.marks import SESSIONS, MarksFile, of_school


@dataclass(frozen=True)
class Schools:
    """The schools that marks may be given to, and the school of each pupil that is at one only."""

    urns: frozenset[str]
    of_pupil: Mapping[str, str]

    def parts(self, read: MarksFile, source: MarksSource) -> Iterator[tuple[str, MarksFile]]:
        """
        Yield the marks of each school that a file speaks of, those that are not listed too.

        Raises
        ------
        RegisterError
            when the file is named after a school that is not listed, and no row says another
        """
        if source.named and not _has_urns(read):
            if source.named not in self.urns:
                raise unknown_number(source)
            marks = read.marks.assign(urn=of_school(source.named, len(read.marks)))
            faults = read.faults.assign(urn=source.named)
            yield source.named, replace(read, marks=marks, faults=faults)
            return
        yield from _split(read, source.named, self.of_pupil)


def schools_of(given: Drop, schools: pd.DataFrame, held: store.Register | None) -> Schools:
    """Return the schools of a drop and the register, and the pupils of the drop's list; without a file's name the register's too."""
    parts = [given.pupils] if given.pupils is not None else []
    if held is not None and any(source.named == "" for source in given.marks):
        parts += [
            store.school_pupils(held, urn) for urn in held.files if "pupils" in held.files[urn]
        ]
    of_pupil = {}
    if parts:
        pairs = pd.concat(parts)[["upn", "urn"]].drop_duplicates()
        of_pupil = pairs[~pairs["upn"].duplicated(keep=False)].set_index("upn")["urn"].to_dict()
    return Schools(frozenset(schools["urn"]), of_pupil)


def unknown_number(source: MarksSource) -> RegisterError:
    """Return the error of a file that is named after a school which is not listed."""
    file = source.path.name.split(" [")[0]
    return RegisterError(
        f"{file}: expected the marks of a school in schools.csv, found the number {source.named}, which is not listed there. "
        "Add the school to schools.csv, or correct the number in the file's name."
    )


def _has_urns(read: MarksFile) -> bool:
    urn = read.marks["urn"].astype("category").cat
    if "" not in urn.categories:
        return len(urn.codes) > 0
    used = np.flatnonzero(np.bincount(urn.codes, minlength=1))
    return any(urn.categories[at] != "" for at in used)


def _split(
    read: MarksFile, named: str, of_pupil: Mapping[str, str]
) -> Iterator[tuple[str, MarksFile]]:
    """Yield the marks of each school that a file speaks of."""
    if only := _only_school(read):
        yield only, replace(read, dates=_dates(read.marks))
        return
    urns, at = _schools_of_rows(read.marks, named, of_pupil)
    order = np.argsort(at, kind="stable")  # the rows of each school together
    ends = np.cumsum(np.bincount(at, minlength=len(urns)))
    marks = read.marks.iloc[order]
    own = read.faults["urn"].astype("str")
    pupil = [of_pupil.get(upn, named) for upn in read.faults["upn"].tolist()]
    faults = read.faults.assign(urn=own.where(own != "", pd.Series(pupil, own.index, dtype="str")))
    begins = np.append(0, ends)
    places = {urn: slice(begins[i], begins[i + 1]) for i, urn in enumerate(urns)}
    with_marks = (urn for urn, place in places.items() if place.start < place.stop)
    for urn in sorted({*with_marks, *faults["urn"]}):
        some = marks.iloc[places.get(urn, slice(0, 0))]
        some = some.assign(urn=of_school(urn, len(some)))
        yield urn, MarksFile(read.shape, some, faults[faults["urn"] == urn], _dates(some))


def _only_school(read: MarksFile) -> str:
    """Return the school whose number every row of a file names; nothing where there is none, or several."""
    urn = read.marks["urn"]
    if urn.empty or not isinstance(urn.dtype, pd.CategoricalDtype) or len(urn.cat.categories) > 1:
        return ""
    only = str(urn.cat.categories[0])
    return only if all(own == only for own in read.faults["urn"].tolist()) else ""


def _dates(marks: pd.DataFrame) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(marks["date"].unique())


def _schools_of_rows(
    marks: pd.DataFrame, named: str, of_pupil: Mapping[str, str]
) -> tuple[list[str], np.ndarray]:
    """Return schools and for each mark the position of its own: the row's number, else its pupil's one school, else the file's."""
    urn, upn = (marks[name].astype("category").cat for name in ("urn", "upn"))
    own = [str(text) for text in urn.categories]
    pupils = [str(of_pupil.get(text, named)) for text in upn.categories] if "" in own else []
    schools = sorted({*own, *pupils})
    place = {school: at for at, school in enumerate(schools)}
    at = np.array([place[text] for text in own], dtype="int32")[urn.codes]
    if "" in own:
        by_pupil = np.array([place[text] for text in pupils], dtype="int32")[upn.codes]
        at = np.where(at == place[""], by_pupil, at)
    return schools, at


def of_unknown_school(part: MarksFile, urn: str) -> pd.DataFrame:
    """Return the exceptions of marks that name a school which is not listed, or none."""
    rows = part.marks.assign(
        date=part.marks["date"].dt.strftime("%Y-%m-%d"),
        session=[SESSIONS[half] for half in part.marks["session"]],
    )
    faults = exceptions(part.faults, "unknown_school")
    if urn == "":
        effect = "not counted: the row names no school and the pupil is in no list, or in two"
        return pd.concat([exceptions(rows, "unknown_pupil", effect=effect), faults])
    return pd.concat([exceptions(rows, "unknown_school"), faults])
