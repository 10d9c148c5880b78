"""One school's part of a drop put together with what the register holds: dates replaced, the rest kept, everything checked anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.checks import checked_marks, mark_exceptions
from attendance_helpers.register.exceptions import exceptions, no_exceptions
from attendance_helpers.register.marks import SESSIONS, MarksFile, of_school, stacked_marks


def merged_school(
    urn: str,
    held: store.Register | None,
    pupils: pd.DataFrame,
    listed: pd.DataFrame,
    new: list[MarksFile],
) -> tuple[dict[str, pd.DataFrame], dict[str, Any], list[str]]:
    """Return the new parts of one school, its line of the summary, and what to be careful of."""
    old, cautions = _held_parts(held, urn)
    dates = pd.DatetimeIndex([]).append([f.dates for f in new]) if new else pd.DatetimeIndex([])
    kept = _kept_marks(urn, old["marks"], dates)
    pupils, lists = _kept_pupils(pupils, listed, old["pupils"], old["exceptions"], kept)
    fresh = stacked_marks([f.marks for f in new]) if new else None
    sent = [frame for frame in (kept, fresh) if frame is not None]
    # What is new is stacked already.
    checked = (
        checked_marks(sent[0] if kept is None else stacked_marks(sent), pupils) if sent else None
    )
    found = [lists, _kept_faults(old["exceptions"], new, dates), *(_file_faults(f) for f in new)]
    if checked is not None:
        found.append(mark_exceptions(checked).assign(part="marks", first_date="", last_date=""))
    if old["exceptions"] is not None:  # of what schools recorded: those files have their own rules
        found.append(old["exceptions"][old["exceptions"]["part"] == "support"])
    problems = store.sorted_exceptions(pd.concat(found, ignore_index=True))
    parts = {"pupils": pupils, "exceptions": problems}
    if checked is not None:
        parts["marks"] = checked.drop(columns=["urn"]).assign(
            session=pd.Categorical.from_codes(checked["session"], categories=list(SESSIONS))
        )
    row = {
        "urn": urn,
        "pupils": pupils["upn"].nunique(),
        "marks": 0 if checked is None else int(checked["kept"].sum()),
        "new_marks": 0 if fresh is None else len(fresh),
        "exceptions": len(problems),
    }
    return parts, row, cautions + _replacement_cautions(urn, old["marks"], checked, dates)


def _kept_marks(urn: str, old: pd.DataFrame | None, dates: pd.DatetimeIndex) -> pd.DataFrame | None:
    """Return the marks in the register for dates that the drop does not cover, as they were sent."""
    if old is None:
        return None
    rows = old[~old["date"].isin(dates)]
    session = rows["session"].cat.codes.astype("int8")
    kept = rows[["file", "row", "upn", "date", "value"]].assign(
        urn=of_school(urn, len(rows)), session=session
    )
    kept = kept.assign(date=kept["date"].astype("datetime64[s]"), row=kept["row"].astype("int32"))
    return kept[["file", "row", "urn", "upn", "date", "session", "value"]]


def _kept_pupils(
    pupils: pd.DataFrame,
    listed: pd.DataFrame,
    old: pd.DataFrame | None,
    problems: pd.DataFrame | None,
    marks: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the school's pupils and the exceptions of its list, with those of the old list whose marks are kept."""
    fresh = listed.assign(part="pupils", first_date="", last_date="")
    if old is None or problems is None:
        return _in_order(pupils), fresh
    before = problems[problems["part"] == "pupils"]
    if pupils.empty:  # no list in this drop, or none of its rows could be used
        return old, pd.concat([before, fresh], ignore_index=True).drop_duplicates()
    has_marks = old["upn"].isin(marks["upn"].unique()) if marks is not None else False
    gone = old[has_marks & ~old["upn"].isin(pupils["upn"])]
    both = pd.concat([pupils, gone], ignore_index=True)
    told = before[before["upn"].isin(gone["upn"])]
    return _in_order(both), pd.concat([fresh, told], ignore_index=True)


def _in_order(pupils: pd.DataFrame) -> pd.DataFrame:
    upns = pupils["upn"].tolist()
    if len(set(upns)) < len(upns):
        return pupils.sort_values(["upn", "admission_date", "file", "row"], ignore_index=True)
    order = sorted(range(len(upns)), key=upns.__getitem__)
    return pupils.take(order).reset_index(drop=True)


def _file_faults(read: MarksFile) -> pd.DataFrame:
    """Return the rows of a file that could not be read; each remembers which dates its file covered."""
    # By the name of the problem, each in the order of the file's faults.
    faults = read.faults.reset_index(drop=True)
    faults = faults.take(np.argsort(faults["problem"].to_numpy(dtype=object), kind="stable"))
    found = exceptions(faults, faults["problem"])
    span = [d.strftime("%Y-%m-%d") for d in (read.dates.min(), read.dates.max()) if not pd.isna(d)]
    first, last = span if span else ("", "")
    return found.assign(part="faults", first_date=first, last_date=last)


def _kept_faults(
    old: pd.DataFrame | None, new: list[MarksFile], dates: pd.DatetimeIndex
) -> pd.DataFrame:
    """Return unreadable rows of earlier files, unless the drop covers all that their file covered, or holds that file again."""
    if old is None:
        return no_exceptions().assign(part="faults", first_date="", last_date="")
    rows = old[old["part"] == "faults"]
    if len(dates) == 0:
        return rows
    first, last = (d.strftime("%Y-%m-%d") for d in (dates.min(), dates.max()))
    covered = (rows["first_date"] >= first) & (rows["last_date"] <= last)
    again = rows["file"].isin({str(name) for read in new for name in read.marks["file"].unique()})
    return rows[~(covered | (again & (rows["first_date"] == "")))]


def _replacement_cautions(
    urn: str, old: pd.DataFrame | None, checked: pd.DataFrame | None, dates: pd.DatetimeIndex
) -> list[str]:
    """Say when much less can be used than before: a correction for one pupil replaces the whole school's dates."""
    if checked is None or len(dates) == 0:
        return []
    here = checked["date"].isin(dates) if old is not None else pd.Series(True, checked.index)
    now = int((here & checked["kept"]).sum())
    if not now:
        return [
            f"School {urn}: not one of {int(here.sum()):,} marks belongs to a pupil on roll. Is it another school's file, or the list of "
            "pupils an old one?"
        ]
    replaced = 0 if old is None else int((old["date"].isin(dates) & old["kept"]).sum())
    if now >= 0.8 * replaced:
        return []
    return [
        f"School {urn}: {now:,} marks replaced {replaced:,} on {len(dates)} dates. "
        "A drop must hold all pupils of a school for the dates it covers; if this one did not, import the full file again."
    ]


def _held_parts(
    held: store.Register | None, urn: str
) -> tuple[dict[str, pd.DataFrame | None], list[str]]:
    """Return what the register holds of a school; a part that is damaged is left behind and said so."""
    parts: dict[str, pd.DataFrame | None] = dict.fromkeys(store.PARTS)
    if held is None:
        return parts, []
    try:
        return {part: store.part_frame(held, urn, part) for part in store.PARTS}, []
    except RegisterError as problem:
        damaged = f"{problem} What the register held of this school was left out; import its earlier drops again as well."
        return parts, [damaged]
