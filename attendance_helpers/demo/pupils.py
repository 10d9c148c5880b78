"""The pupils of a made-up school: who they are, what is known about them, when they came and went."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.names import LONG_FORENAME, LONG_SURNAME, names
from attendance_helpers.demo.schools import (
    ALTERNATIVE,
    HOLIDAYS,
    IMPROVED,
    LA_NUMBER,
    LARGEST,
    LATE,
    SIXTH_FORM,
    SPECIAL,
    DemoSchool,
)
from attendance_helpers.register.identifiers import upn_check_letter

# The academic year that year groups are stated for begins in this year.
THIS_YEAR: Final = 2025
COLUMNS: Final = (
    *("urn", "upn", "surname", "forename", "dob", "sex", "year_group", "fsm", "sen", "eal"),
    *("ethnicity", "looked_after", "child_in_need", "child_protection_plan", "young_carer"),
    *("admission_date", "leaving_date"),
)
# Main codes of the school census and their rough shares of pupils; the names of pupils are drawn without regard to them.
ETHNICITY: Final = {
    **{"WBRI": 0.62, "WOTH": 0.08, "MWBC": 0.02, "MWAS": 0.02, "MOTH": 0.03, "AIND": 0.04},
    **{"APKN": 0.05, "ABAN": 0.02, "AOTH": 0.02, "BAFR": 0.05, "BCRB": 0.01, "CHNE": 0.01},
    **{"OOTH": 0.02, "WROM": 0.005, "NOBT": 0.005},
}


class UpnIssuer:
    """Permanent UPNs, each given once: the serial number runs on within a school and year of entry."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def upn(self, establishment: str, entry_year: int) -> str:
        """Return the next UPN of a school (four digits) for a year of entry."""
        stem = f"{LA_NUMBER}{establishment}{entry_year % 100:02d}"
        self._given[stem] += 1
        rest = f"{stem}{self._given[stem]:03d}"
        return upn_check_letter(rest) + rest


def school_pupils(
    school: DemoSchool,
    days: pd.DatetimeIndex,
    *,
    scale: float,
    issuer: UpnIssuer,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """
    Return a school's enrolments of two academic years, one row each.

    Besides the columns of the `pupils` frame: `cohort` (the year group that the pupil is in, or would be in, in 2025-26), `steady` (the
    part of a pupil's absence that stays the same from year to year, standard normal) and `mobile` (came or left in mid-year).
    """
    low, high = school.years
    span = high - low + 1
    roll = max(12, round(school.roll * scale))
    cohort = np.concatenate(
        [
            low + np.arange(roll) * span // roll,
            # Last year's oldest pupils, who have finished, and some who left in mid-year.
            np.full(max(1, roll // span), high + 1),
            rng.integers(low, high + 1, max(2, roll // 28)),
        ]
    )
    stays = np.arange(len(cohort)) < roll
    finished = cohort > high
    frame = _identities(school, cohort, issuer=issuer, rng=rng)
    frame = frame.assign(**_characteristics(school, frame, rng))
    frame["admission_date"] = _entry(school, cohort, days, rng)
    frame["leaving_date"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    frame.loc[finished, "leaving_date"] = _last_day(high)
    leaver = ~stays & ~finished
    frame.loc[leaver, "leaving_date"] = rng.choice(days[len(days) // 3 : -12], leaver.sum())
    frame["year_group"] = np.where(finished, high, cohort)
    # Who left before the summer left from the year group below the present one.
    earlier = leaver & (frame["leaving_date"] < pd.Timestamp(THIS_YEAR, 9, 1)).to_numpy()
    frame.loc[earlier, "year_group"] = np.maximum(low, cohort[earlier] - 1)
    frame["mobile"] = leaver | (frame["admission_date"] > days[0] + pd.Timedelta(days=10)) & (
        frame["admission_date"].dt.month != 9
    )
    frame["steady"] = rng.standard_normal(len(frame))
    return frame[frame["leaving_date"].isna() | (frame["leaving_date"] > frame["admission_date"])]


def _identities(
    school: DemoSchool, cohort: np.ndarray, *, issuer: UpnIssuer, rng: np.random.Generator
) -> pd.DataFrame:
    """Return names, dates of birth and UPNs; older pupils bring the UPN of the school that they began at."""
    n = len(cohort)
    girl = rng.random(n) < (0.3 if school.phase == "Special" else 0.49)
    begin = THIS_YEAR - cohort
    feeders = [f"{2050 + k}" for k in range(12)]
    own = school.laestab[3:]
    issued = [own] * n if school.years[0] == 0 else rng.choice(feeders, n)
    born = pd.to_datetime([f"{year - 5}-09-01" for year in begin])
    return pd.DataFrame(
        {
            "urn": school.urn,
            "upn": [issuer.upn(e, y) for e, y in zip(issued, begin, strict=True)],
            "surname": rng.choice(names("surname"), n),
            "forename": np.where(girl, rng.choice(names("girl"), n), rng.choice(names("boy"), n)),
            "dob": born + pd.to_timedelta(rng.integers(0, 365, n), unit="D"),
            "sex": np.where(girl, "F", "M"),
            "cohort": cohort,
        }
    )


def _characteristics(
    school: DemoSchool, frame: pd.DataFrame, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the flags of each pupil: Y, N, or nothing where nobody knows."""
    n = len(frame)
    poor = rng.random(n) < school.fsm
    # Additional needs are more often recognised for boys and among poorer families.
    need = np.where(poor, 1.5, 0.83) * np.where(frame["sex"] == "M", 1.25, 0.75)
    draw = rng.random(n)
    plan = school.ehcp >= 1
    ehcp = draw < np.where(plan, 1.0, school.ehcp * need)
    support = ~ehcp & (draw < (school.ehcp + school.sen_support) * need)
    care = np.where(poor, 2.2, 0.6)
    in_need = rng.random(n) < 0.028 * care
    flags = {
        "fsm": poor,
        "eal": rng.random(n) < school.eal,
        "looked_after": rng.random(n) < 0.009,
        "child_in_need": in_need,
        "child_protection_plan": in_need & (rng.random(n) < 0.18),
        "young_carer": rng.random(n) < 0.012 * care,
    }
    known = {name: np.where(flag, "Y", "N") for name, flag in flags.items()}
    known["sen"] = np.where(ehcp, "E", np.where(support, "K", "N"))
    known["ethnicity"] = rng.choice(list(ETHNICITY), n, p=_shares(ETHNICITY))
    return known


def _shares(weights: dict[str, float]) -> np.ndarray:
    weight = np.array(list(weights.values()))
    return np.asarray(weight / weight.sum())


def _entry(
    school: DemoSchool, cohort: np.ndarray, days: pd.DatetimeIndex, rng: np.random.Generator
) -> np.ndarray:
    """Return admission dates: the September of entry, but for a few who joined in mid-year."""
    low = school.years[0]
    entered = [pd.Timestamp(THIS_YEAR - (c - low), 9, 1) for c in cohort]
    first = np.array(entered, dtype="datetime64[s]")
    brief = school.phase == "Alternative provision"
    # Nobody joins a year that has not begun for them yet.
    eligible = (cohort > low) & (cohort <= school.years[1])
    late = eligible & (rng.random(len(cohort)) < (0.85 if brief else 0.05))
    first[late] = rng.choice(days[10:-12].to_numpy(), late.sum())
    return first


def _last_day(oldest: int) -> dt.datetime:
    """Return the day in 2025 when the oldest pupils left: Year 11 and above in June, others with the term."""
    return dt.datetime(2025, 6, 27) if oldest >= 11 else dt.datetime(2025, 7, 22)  # noqa: DTZ001


def with_histories(frames: dict[str, pd.DataFrame], *, as_at: dt.date) -> dict[str, pd.DataFrame]:
    """
    Return the pupils of all schools with what joins them: a mover, a re-admission, dual registrations, gaps in what is known.

    The frames given are left as they were.
    """
    linked = {urn: frame.reset_index(drop=True).copy() for urn, frame in frames.items()}
    if pd.Timestamp(as_at) >= pd.Timestamp("2026-02-02"):
        _move(linked, moved="2026-01-19")
    if pd.Timestamp(as_at) >= pd.Timestamp("2025-12-01"):
        _readmit(linked, left="2025-02-13", back="2025-11-10")
        _register_twice(linked, pupils=6)
    _lose_knowledge(linked)
    linked[HOLIDAYS].loc[5, ["surname", "forename"]] = [LONG_SURNAME, LONG_FORENAME]
    return linked


def _settled(frame: pd.DataFrame, low: int, high: int) -> pd.Index:
    """Return the rows of pupils in a range of year groups who have been here throughout."""
    here = frame["leaving_date"].isna() & (frame["admission_date"] < pd.Timestamp("2024-10-01"))
    return frame.index[here & frame["cohort"].between(low, high)]


def _move(linked: dict[str, pd.DataFrame], *, moved: str) -> None:
    """Let one pupil change from one demo school to another: the UPN stays the same."""
    there = linked[HOLIDAYS]
    row = _settled(there, 2, 5)[3]
    before = there.loc[[row]].assign(urn=IMPROVED)
    before["leaving_date"] = (pd.Timestamp(moved) - pd.Timedelta(days=3)).as_unit("s")
    there.loc[row, "admission_date"] = pd.Timestamp(moved)
    there.loc[row, "mobile"] = before["mobile"] = True
    linked[IMPROVED] = pd.concat([linked[IMPROVED], before], ignore_index=True)


def _readmit(linked: dict[str, pd.DataFrame], *, left: str, back: str) -> None:
    """Let one pupil leave and come back to the same school: two rows with one UPN."""
    frame = linked[SIXTH_FORM]
    row = _settled(frame, 9, 10)[0]
    first = frame.loc[[row]].assign(leaving_date=pd.Timestamp(left).as_unit("s"))
    first["year_group"] = frame.loc[row, "cohort"] - 1
    frame.loc[row, "admission_date"] = pd.Timestamp(back)
    frame.loc[row, "mobile"] = first["mobile"] = True
    linked[SIXTH_FORM] = pd.concat([frame, first], ignore_index=True)


def _register_twice(linked: dict[str, pd.DataFrame], *, pupils: int) -> None:
    """Register pupils of the largest school at the alternative provision as well."""
    main, second = linked[LARGEST], linked[ALTERNATIVE]
    rows = _settled(main, 9, 11)[:pupils]
    here = second.index[second["leaving_date"].isna()][: len(rows)]
    shared = [c for c in main.columns if c not in ("urn", "admission_date", "leaving_date")]
    second.loc[here, shared] = main.loc[rows, shared].to_numpy()
    weeks = pd.to_timedelta(7 * np.arange(len(here)), unit="D")
    second.loc[here, "admission_date"] = pd.Timestamp("2025-09-22") + weeks


def _lose_knowledge(linked: dict[str, pd.DataFrame]) -> None:
    """Blank out what some schools did not send: flags are then unknown, which is not "no"."""
    linked[SPECIAL].loc[::9, "eal"] = "Unknown"
    linked[LATE]["young_carer"] = ""
    linked[LARGEST].loc[4::60, "fsm"] = ""
    linked[LARGEST].loc[7::90, "sen"] = ""
    linked[IMPROVED].loc[3::25, ["ethnicity", "looked_after"]] = ""
