"""Who crossed a line of absence since an earlier date: on the page and in the workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.movement import movement_totals
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table, Value
from attendance_helpers.publish.pattern_tables import PATTERN_NAMES
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
    # Only what is shown and chosen by: a pupil has forty columns.
    shown = ["upn", "surname", "forename", "year_group", "leaving_date", "to_band", "joined"]
    shown += ["entered_pa", "left_pa", "entered_sa", "left_sa"]
    rates = moved[shown].assign(then=_rate(moved, "_before"), now=_rate(moved, ""))
    rates = rates.assign(fall=rates["then"] - rates["now"])
    severe_too = rates["entered_sa"]
    over = rates["to_band"].isin(["PA", "SA"])
    kinds = {
        "Now severe": (severe_too, "now"),
        "Now persistent": (rates["entered_pa"] & ~severe_too, "now"),
        "Joined, persistent": (rates["joined"] & over, "now"),
        "No longer severe": (rates["left_sa"] & ~rates["left_pa"], "fall"),
        "No longer persistent": (rates["left_pa"], "fall"),
    }
    rows: list[list[Value]] = [
        [label, int(who.sum()), _names(rates[who], by=by, most=most)]
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


def _rate(moved: pd.DataFrame, end: str) -> pd.Series:
    possible = moved[f"possible_sessions{end}"]
    return 100 * moved[f"overall_absence{end}"] / possible.where(possible > 0)


def _since(moved: pd.DataFrame) -> pd.DataFrame:
    names = ("possible_sessions", "overall_absence")
    return pd.DataFrame({name: moved[name] - moved[f"{name}_before"] for name in names})


def _names(pupils: pd.DataFrame, *, by: str, most: int) -> str:
    ordered = pupils.sort_values([by, "upn"], ascending=[False, True])
    most = most if len(ordered) > most + FEW_MORE else len(ordered)
    named = [_named(row) for row in ordered.head(most).to_dict("records")]
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
    spelt = spell_totals[["spells", "longest_spell", "median_spell", "open_spell"]]
    found = moved.join(spelt, on="upn").join(patterns.set_index("upn")["pattern"], on="upn")
    found = found.assign(
        before_perc=_rate(found, "_before"),
        since_perc=_rate(_since(found), ""),
        spells=found["spells"].fillna(0).astype("int64"),
        longest_spell=found["longest_spell"].astype("Int64"),
        from_band=found["from_band"].map(BAND_NAMES),
        to_band=found["to_band"].map(BAND_NAMES),
        pattern=found["pattern"].map(PATTERN_NAMES),
        open_spell=found["open_spell"].map({True: "Yes", False: "No"}),
    )
    over = (moved["from_band"].isin(["PA", "SA"]) | moved["to_band"].isin(["PA", "SA"])).to_numpy()
    much = (found[["before_perc", "since_perc"]] >= SHEET_PERC).any(axis=1).to_numpy()
    found = found[over | much]
    fields = (
        *("upn", "surname", "forename", "year_group", "possible_sessions_before"),
        *("overall_absence_before", "possible_sessions", "overall_absence"),
        *("before_perc", "since_perc", "from_band", "to_band"),
        *("spells", "longest_spell", "median_spell", "open_spell", "pattern"),
    )
    plain = found[list(fields)].astype(object)
    return Sheet(SHEET, columns, plain.where(plain.notna(), None).to_numpy().tolist())
