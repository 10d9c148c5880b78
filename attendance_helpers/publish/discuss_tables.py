"""The lists of pupils to talk about: severely absent one by one, those who may need more, those who are slipping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Card, Cards, Column, Paragraph, Table
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.pupil_names import FEW_MORE, pupil_name
from attendance_helpers.publish.strips import strip_key
from attendance_helpers.publish.support_words import short_date
from attendance_helpers.publish.tables import REGISTER_SOURCE
from attendance_helpers.publish.values import Drawn

WORKBOOK: Final = "in the workbook, sheet Pupils for discussion."
REASON_NAMES: Final[Mapping[str, str]] = {
    "high": "{high:g}% or more missed",
    "trigger": "trigger",
    "rising": "rising",
    "social_care": "social care",
}
_PUPIL: Final = ("upn", "surname", "forename", "year_group", "overall_absence")
_SEVERE: Final = (*_PUPIL, "possible_sessions", "overall_absence_perc", "admission_date")
SHORT_STRIP: Final = 48.0  # mm


def severe_cards(
    severe: pd.DataFrame,
    notes: pd.DataFrame,
    strips: Mapping[str, Drawn],
    *,
    caption: str,
    most: int,
    short_sessions: int,
    severe_perc: float,
    missed: int,
    left: int = 0,
) -> Cards | Paragraph:
    """
    Return severely absent pupils one by one, in their order: strip, facts, what is in place and missing, room for what is agreed.

    Parameters
    ----------
    severe : as `discuss.severe_order` returns it
    notes : as `pupil_notes` returns it, by UPN
    strips : as `pupil_strips` returns them
    most : a list that is longer by more than `FEW_MORE` stops here; the workbook has every pupil
    short_sessions : fewer (<) possible sessions than this are flagged
    severe_perc : the line, in per cent of possible sessions missed
    missed : sessions that all pupils of the school missed, for the share of them in the title
    left : severely absent pupils who have left, who are not listed
    """
    if severe.empty:
        gone = (
            f" {wording.counted(left, 'pupil')} who {'was has' if left == 1 else 'were have'} left."
            if left
            else ""
        )
        return Paragraph(f"No pupil on roll is severely absent in these dates.{gone}")
    most = most if len(severe) > most + FEW_MORE else len(severe)
    shown = plain_rows(severe.head(most), _SEVERE)
    told = _notes_of(notes, shown)
    return Cards(
        title=severe_title(severe, missed=missed),
        cards=[
            _card(
                row,
                told[row["upn"]],
                strips.get(str(row["upn"])),
                short_sessions,
                severe_perc,
            )
            for row in shown
        ],
        caption=caption,
        key=strip_key(),
        source=REGISTER_SOURCE + " On record: as the school sent it.",
        notes=[
            "Order: no plan recorded first, then a plan past its review date or without one, then others; in each the highest share missed "
            "first."
            + (f" {wording.counted(left, 'more', 'more')} left the school." if left else "")
        ],
        continues=f"{len(severe) - most:,} more {WORKBOOK}" if len(severe) > most else "",
    )


def severe_title(severe: pd.DataFrame, *, missed: int) -> str:
    """Return how many are severely absent, what share of all missed sessions is theirs, and for how many no plan is recorded."""
    own = int(severe["overall_absence"].sum())
    of_all = (
        f", {wording.percent(100 * own / missed, decimals=0)} of all that was missed"
        if missed
        else ""
    )
    without = int((severe["urgency"] == 0).sum())
    one = len(severe) == 1
    plans = (
        ("a plan is recorded" if one else "each has a plan recorded")
        if not without
        else f"no plan is recorded{'' if one else ' for any of them'}"
        if without == len(severe)
        else f"for {without:,} no plan is recorded"
    )
    verb = "is" if one else "are"
    return f"{wording.counted(len(severe), 'pupil')} {verb} severely absent and missed {wording.days(own)}{of_all}; {plans}"


def _notes_of(notes: pd.DataFrame, shown: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the notes of the pupils that are shown, by UPN."""
    upns = [row["upn"] for row in shown]
    return dict(zip(upns, plain_rows(notes.loc[upns]), strict=True))


def _card(
    row: Mapping[Any, Any],
    notes: Mapping[str, Any],
    strip: Drawn | None,
    short_sessions: int,
    severe_perc: float,
) -> Card:
    lines = {
        "On record": notes["in_place"],
        "Not recorded": notes["not_recorded"] if notes["recorded"] else "",
        "Next step": notes["consider"],
        f"Under {severe_perc:g}%": notes["takes"],
    }
    return Card(
        name=pupil_name(row),
        facts=_facts(row, notes, short_sessions),
        strip=strip,
        lines=[(label, text) for label, text in lines.items() if text],
        room=f"Joint approach agreed: {notes['approach']}"
        if notes["approach"]
        else "Joint approach agreed",
    )


def _facts(row: Mapping[Any, Any], notes: Mapping[str, Any], short_sessions: int) -> str:
    """Return sessions, days, time on roll and pattern; a short time is flagged in words."""
    possible, missed = int(row["possible_sessions"]), int(row["overall_absence"])
    facts = [
        f"missed {missed:,} of {wording.counted(possible, 'session')} ({wording.days(missed)}, "
        f"{wording.percent(row['overall_absence_perc'])})"
    ]
    if not pd.isna(row["admission_date"]):
        facts.append(f"on roll since {short_date(row['admission_date'])}")
    if possible < short_sessions:
        facts.append(f"short time: only {wording.days(possible)} possible")
    if notes["pattern"]:
        facts.append(notes["pattern"].lower())
    return "; ".join(facts)


def more_cards(
    more: pd.DataFrame,
    notes: pd.DataFrame,
    strips: Mapping[str, Drawn],
    *,
    persistent: int,
    caption: str,
    most: int,
    high_perc: float,
    least_reasons: int,
    rule: str,
) -> Cards | Paragraph:
    """
    Return the persistently absent pupils who may need more than the school can give, most reasons first.

    Parameters
    ----------
    more : as `discuss.may_need_more` returns it
    notes, strips : by UPN
    persistent : persistently, not severely absent pupils on roll, for the title
    high_perc, least_reasons : as the list was made with; printed
    rule : what counts as rising, in words
    """
    of = f"{persistent:,} persistently, not severely absent {'pupil' if persistent == 1 else 'pupils'} on roll"
    if more.empty and not persistent:
        return Paragraph("No pupil on roll is persistently, but not severely absent.")
    if more.empty:
        verb = "has" if persistent == 1 else "each have"
        return Paragraph(
            f"The {of} {verb} fewer than {least_reasons} of the signs by which one may need more than the school."
        )
    names = {name: words.format(high=high_perc) for name, words in REASON_NAMES.items()}
    most = most if len(more) > most + FEW_MORE else len(more)
    shown = plain_rows(more.head(most), (*_PUPIL, "overall_absence_perc", *names))
    told = _notes_of(notes, shown)
    return Cards(
        title=f"{len(more):,} of {of} may need more than the school can give",
        cards=[
            _more_card(row, told[row["upn"]], strips.get(str(row["upn"])), names) for row in shown
        ],
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            f"Listed with {least_reasons} or more of: {', '.join(names.values())}. Trigger: a statutory one, met this school year, that "
            "still holds. Social care: looked after, child in need or protection plan. "
            f"{rule} Order: most of these first, then most missed."
        ],
        continues=f"{len(more) - most:,} more {WORKBOOK}" if len(more) > most else "",
    )


def _more_card(
    row: Mapping[Any, Any],
    notes: Mapping[str, Any],
    strip: Drawn | None,
    names: Mapping[str, str],
) -> Card:
    why = [words for name, words in names.items() if row[name]]
    lines = {
        "On record": notes["in_place"],
        "Not recorded": notes["not_recorded"] if notes["recorded"] else "",
    }
    return Card(
        name=pupil_name(row),
        facts=f"missed {wording.days(int(row['overall_absence']))} ({wording.percent(row['overall_absence_perc'])}); {', '.join(why)}",
        strip=strip,
        lines=[(label, text) for label, text in lines.items() if text],
    )


def slipping_table(
    slip: pd.DataFrame,
    outlook: pd.DataFrame,
    strips: Mapping[str, Drawn],
    *,
    caption: str,
    most: int,
    from_perc: float,
    persistent_perc: float,
    rule: str,
) -> Table | Paragraph:
    """
    Return the pupils who are not persistently absent yet and whose absence is rising.

    Parameters
    ----------
    slip : as `discuss.slipping` returns it
    outlook : as `outlook.pupil_outlook` returns it for the line of persistent absence, by UPN
    strips : by UPN
    from_perc, persistent_perc : as the list was made with; printed
    rule : what counts as rising, in words
    """
    band = f"{from_perc:g}% to under {persistent_perc:g}%"
    if slip.empty:
        return Paragraph(
            f"No pupil who missed {band} of possible sessions is missing clearly more than before."
        )
    most = most if len(slip) > most + FEW_MORE else len(slip)
    verb = "is" if len(slip) == 1 else "are"
    shown = plain_rows(slip.head(most), (*_PUPIL, "before_perc", "recent_perc"))
    ahead = outlook.loc[[row["upn"] for row in shown], ["can_miss", "sessions_left"]]
    days = zip(*([_days(n) for n in ahead[name].tolist()] for name in ahead), strict=True)
    return Table(
        title=f"{wording.counted(len(slip), 'pupil')} {verb} slipping: {band} missed, and rising",
        columns=[
            Column("Pupil", width=0.26),
            Column("Last twelve school weeks", "drawing"),
            Column("Missed before", "percent"),
            Column("Missed lately", "percent"),
            Column(f"Days left before {persistent_perc:g}%", "number"),
            Column("Days to come", "number"),
        ],
        rows=[
            [
                pupil_name(row),
                strips.get(str(row["upn"])),
                row["before_perc"],
                row["recent_perc"],
                *left,
            ]
            for row, left in zip(shown, days, strict=True)
        ],
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[f"{rule} Order: highest share missed lately first."],
        continues=f"{len(slip) - most:,} more {WORKBOOK}" if len(slip) > most else "",
    )


def _days(sessions: Any) -> float | None:
    return None if pd.isna(sessions) else sessions / 2


def rising_rule(*, weeks: int, points: float, sessions: int) -> str:
    """
    Return what counts as rising.

    Examples
    --------
    >>> rising_rule(weeks=6, points=5, sessions=6)
    'Rising: in the last 6 school weeks 6 sessions or more missed, and at least 5 points above the weeks before.'
    """
    return (
        f"Rising: in the last {wording.counted(weeks, 'school week')} {wording.counted(sessions, 'session')} or more missed, and at least "
        f"{points:g} points above the weeks before."
    )
