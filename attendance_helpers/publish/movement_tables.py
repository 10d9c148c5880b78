"""Who crossed a line of absence since an earlier date: on the page and in the workbook."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.movement import movement_totals
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table, Value
from attendance_helpers.publish.pattern_tables import PATTERN_NAMES
from attendance_helpers.publish.plain_rows import known_values, plain_values
from attendance_helpers.publish.pupil_names import pupil_name
from attendance_helpers.publish.tables import REGISTER_SOURCE

NAMES: Final = 2  # pupils named in one cell
FEW_MORE: Final = 1  # pupils: a cell is not cut for so few
SHEET: Final = "Movement"
SHEET_PERC: Final = 10.0  # % of possible sessions
LEFT_SCHOOL: Final = "† has left the school."
FIRST_HALF_TERM: Final = (
    "This is the first half term of these dates: there is nothing earlier to compare with."
)
BAND_NAMES: Final[Mapping[str, str]] = {
    "none": "Not persistently absent",
    "PA": "Persistently absent",
    "SA": "Severely absent",
}


def day_words(day: dt.date) -> str:
    """
    Return a date of the window as a sentence says it.

    Examples
    --------
    >>> day_words(dt.date(2026, 1, 15))
    '15 January'
    """
    return f"{day.day} {day:%B}"


def movement_title(totals: pd.DataFrame, *, since: dt.date) -> str:
    """Return how many pupils became persistently absent since a date, and how many no longer are."""
    entered, left = (int(totals.loc["PA", name]) for name in ("entered", "left"))
    start = f"Since {day_words(since)}"
    if not entered and not left:
        severe = int(totals.loc["SA", "entered"])
        also = f", and {severe:,} became severely absent" if severe else ""
        return f"{start} no pupil crossed the line of persistent absence{also}"
    became = f"{wording.counted(entered, 'pupil')} became persistently absent"
    if not left:
        return f"{start} {became}, and none stopped being so"
    left_words = f"{left:,} no longer {'is' if left == 1 else 'are'}"
    return (
        f"{start} {became if entered else 'no pupil became persistently absent'} and {left_words}"
    )


def movement_table(
    moved: pd.DataFrame, *, since: dt.date | None, caption: str, most: int = NAMES
) -> Table | Paragraph:
    """
    Return who crossed the lines of persistent and severe absence since a date, with the rate of absence then and now.

    Parameters
    ----------
    moved : as `measures.movement.movement` returns it
    since : the earlier date; None says that there is nothing to compare with
    caption : of whom and when
    most : pupils named in each row; the others are counted, and the workbook has them all
    """
    if since is None:
        return Paragraph(FIRST_HALF_TERM)
    flags = ("entered_pa", "left_pa", "entered_sa", "left_sa", "joined")
    entered, left, severe_too, severe_left, joined = (
        moved[name].to_numpy("bool") for name in flags
    )
    over = _over_a_line(moved, "to_band")
    kinds = {
        "Now severe": (severe_too, "now"),
        "Now persistent": (entered & ~severe_too, "now"),
        "Joined, persistent": (joined & over, "now"),
        "No longer severe": (severe_left & ~left, "fall"),
        "No longer persistent": (left, "fall"),
    }
    then, now = _rate(moved, "_before"), _rate(moved, "")
    rates = {"then": then, "now": now, "fall": then - now}
    told = _moved_rows(moved, rates, np.logical_or.reduce([who for who, _ in kinds.values()]))
    rows: list[list[Value]] = [
        [
            label,
            int(who.sum()),
            _names([told[at] for at in np.flatnonzero(who).tolist()], by=by, most=most),
        ]
        for label, (who, by) in kinds.items()
        if who.any()
    ]
    totals = movement_totals(moved)
    if not rows:
        return Paragraph(
            f"Since {day_words(since)} no pupil crossed the line of persistent or of severe absence. {_totals_words(totals, since)}"
        )
    cut = any(who.sum() > most + FEW_MORE for who, _ in kinds.values())
    return Table(
        title=movement_title(totals, since=since),
        columns=[
            Column("Absence", width=0.17),
            Column("Pupils", "count", width=0.07),
            Column("Who", width=0.74),
        ],
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            f"{_totals_words(totals, since)} Absence up to then and now, %; highest now, or largest fall, first."
            + (f" {LEFT_SCHOOL}" if any("†" in str(row[2]) for row in rows) else "")
        ],
        continues=f"All: sheet {SHEET}." if cut else "",
    )


def _totals_words(totals: pd.DataFrame, since: dt.date) -> str:
    """Return the counts in full, so that they can be checked: then, those who moved, now."""
    lines = []
    for band, label in (("PA", "Persistently absent"), ("SA", "severely absent, among them")):
        row = totals.loc[band]
        moves = {
            "entered": "became so",
            "joined": "joined the school",
            "left": "no longer are",
            "gone": "have no session now",
        }
        told = [f"{int(row[name]):,} {words}" for name, words in moves.items() if row[name]]
        lines.append(
            f"{label}: {int(row['before']):,} up to {day_words(since)}, "
            + "".join(f"{part}, " for part in told)
            + f"{int(row['now']):,} now"
        )
    off = int(totals.loc["PA", "off_roll"])
    gone = f" ({off:,} of them {'has' if off == 1 else 'have'} left the school)" if off else ""
    return f"{lines[0]}{gone}; {lines[1]}."


def _over_a_line(moved: pd.DataFrame, name: str) -> np.ndarray:
    """Tell who is persistently or severely absent, by a column of bands."""
    return np.array([band in ("PA", "SA") for band in moved[name].tolist()], dtype="bool")


def _rate(moved: pd.DataFrame, end: str) -> np.ndarray:
    return _share(moved[f"overall_absence{end}"], moved[f"possible_sessions{end}"])


def _since_rate(moved: pd.DataFrame) -> np.ndarray:
    """Return the rate of absence since the earlier date."""
    names = ("overall_absence", "possible_sessions")
    return _share(*(moved[name] - moved[f"{name}_before"] for name in names))


def _share(missed: pd.Series, possible: pd.Series) -> np.ndarray:
    """Return the percentage of possible sessions that was missed; missing where none was possible."""
    base = possible.to_numpy("float64")
    none = np.full(len(base), np.nan)
    return np.divide(100 * missed.to_numpy("int64"), base, out=none, where=base > 0)


def _moved_rows(
    moved: pd.DataFrame, rates: Mapping[str, np.ndarray], who: np.ndarray
) -> dict[int, dict[str, Any]]:
    """Return what is shown of some pupils, by their places: a pupil has forty columns."""
    places = np.flatnonzero(who)
    shown = ("upn", "surname", "forename", "year_group", "leaving_date")
    told = {name: plain_values(moved[name].iloc[places]) for name in shown}
    told |= {name: rate[places].tolist() for name, rate in rates.items()}
    rows = zip(*told.values(), strict=True)
    return {
        at: dict(zip(told, row, strict=True)) for at, row in zip(places.tolist(), rows, strict=True)
    }


def _names(pupils: Sequence[Mapping[str, Any]], *, by: str, most: int) -> str:
    ordered = sorted(pupils, key=lambda row: (-row[by], row["upn"]))
    most = most if len(ordered) > most + FEW_MORE else len(ordered)
    named = [_named(row) for row in ordered[:most]]
    more = [f"and {len(ordered) - most:,} more"] if len(ordered) > most else []
    return "; ".join([*named, *more])


def _named(row: Mapping[Any, Any]) -> str:
    gone = "" if pd.isna(row["leaving_date"]) else "†"
    now = wording.percent(row["now"])
    if pd.isna(row["then"]):
        return f"{pupil_name(row)}{gone} {now}"
    # Unbroken within: a line that ends in "to" is read twice.
    figures = f"{wording.percent(row['then']).rstrip('%')} to {now}".replace(" ", "\u00a0")
    return f"{pupil_name(row)}{gone} {figures}"


_SHOWN: Final = (
    *("upn", "surname", "forename", "year_group", "possible_sessions_before"),
    *("overall_absence_before", "possible_sessions", "overall_absence", "from_band", "to_band"),
)
_SPELT: Final = ("spells", "longest_spell", "median_spell", "open_spell")


def movement_sheet(
    moved: pd.DataFrame, spell_totals: pd.DataFrame, patterns: pd.DataFrame
) -> Sheet:
    """
    Return the workbook's sheet of who moved, with each pupil's spells and pattern.

    Of pupils over a line then or now, or who missed `SHEET_PERC` or more (>=) in either part: the others did not move, and are on the
    sheet of pupils.

    Parameters
    ----------
    moved : as `measures.movement.movement` returns it
    spell_totals : as `measures.spells.spell_totals` returns it
    patterns : as `measures.spells.absence_patterns` returns it
    """
    columns = [
        *(Column("UPN"), Column("Surname"), Column("Forename"), Column("Year group", "year")),
        *(Column("Possible sessions before", "count"), Column("Absent sessions before", "count")),
        *(Column("Possible sessions now", "count"), Column("Absent sessions now", "count")),
        # A percentage in a cell is a number from 0 to 100 under a header with %.
        *(Column("Absence % before", "number"), Column("Absence % since", "number")),
        *(Column("Band before"), Column("Band now")),
        *(Column("Spells", "count"), Column("Longest spell (sessions)", "count")),
        *(Column("Median spell (sessions)", "number"), Column("Still absent"), Column("Pattern")),
    ]
    before_perc, since_perc = _rate(moved, "_before"), _since_rate(moved)
    over = _over_a_line(moved, "from_band") | _over_a_line(moved, "to_band")
    places = np.flatnonzero(over | (before_perc >= SHEET_PERC) | (since_perc >= SHEET_PERC))
    shown = {name: known_values(moved[name].iloc[places]) for name in _SHOWN}
    for name in ("from_band", "to_band"):
        shown[name] = [BAND_NAMES.get(band) for band in shown[name]]
    rates = [_known(perc[places]) for perc in (before_perc, since_perc)]
    cells = [*(shown[name] for name in _SHOWN[:8]), *rates, *(shown[name] for name in _SHOWN[8:])]
    told = (spell_totals[name].tolist() for name in _SPELT)
    spelt = dict(zip(spell_totals.index.tolist(), zip(*told, strict=True), strict=True))
    named = dict(zip(patterns["upn"].tolist(), patterns["pattern"].tolist(), strict=True))
    rows: list[list[Value]] = [
        [upn, *row, *_spell_cells(spelt.get(upn)), PATTERN_NAMES.get(named.get(upn, ""))]
        for upn, *row in zip(*cells, strict=True)
    ]
    return Sheet(SHEET, columns, rows)


def _known(rates: np.ndarray) -> list[float | None]:
    return [None if math.isnan(rate) else rate for rate in rates.tolist()]


def _spell_cells(spelt: tuple[int, int, float, bool] | None) -> list[Value]:
    """Return how many spells a pupil has, the longest and the middle one, and whether the last goes on."""
    if spelt is None:
        return [0, None, None, None]
    *figures, still = spelt
    return [*figures, "Yes" if still else "No"]
