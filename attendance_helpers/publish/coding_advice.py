"""The words of the advice on codes: what was found with its figures, what we suggest, and the rule or convention behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.wording import counted, percent

Row = Mapping[str, Any]
Words = Callable[[Row], str]


class Advice(NamedTuple):
    """How one kind of finding is told."""

    short: Words  # in a title or a list, without a full stop
    found: Words  # sentences with all figures and their bases
    suggested: str
    rule: str  # a rule and where it stands, or the word that it is a convention


def _pupils(row: Row) -> str:
    return counted(int(row["pupils"]), "pupil")


def _sessions(row: Row) -> str:
    return counted(int(row["sessions"]), "session")


def _dates(row: Row) -> str:
    start, end = (row[name] for name in ("start", "end"))
    return f"{start.day} {start:%B} to {wording.date_words(end)}"


def _share(row: Row, base: str) -> str:
    """Return a share of its base and, where they are known, that of the other schools."""
    decimals = 2 if row["base"] == "possible_sessions" else 1
    own = f"{percent(row['share'], decimals=decimals)} of {base}"
    if pd.isna(row["comparison"]):
        return own
    rate = percent(row["comparison"], decimals=decimals) if row["comparison"] else "none"
    return f"{own} (others {rate})"


def _overdue(row: Row) -> str:
    limit = int(row["limit"])
    bands = (
        ("aged_short", f"for {limit + 1} to 10"),
        ("aged_middle", f"for {max(11, limit + 1)} to 20"),
        ("aged_long", f"for over {max(20, limit)}"),
    )
    ages = [f"{int(row[name]):,} {words}" for name, words in bands if row[name]]
    whole = (
        f"{int(row['sessions']):,} of {counted(int(row['base_sessions']), 'mark')} ({_pupils(row)})"
    )
    return (
        f"{whole} without a reason for more than {counted(limit, 'school day')}: {wording.listed(ages)}. "
        f"Oldest: {wording.date_words(row['oldest'])}."
    )


def _part_time(row: Row) -> str:
    longest, over, limit = (int(row[name]) for name in ("longest", "over", "limit"))
    beyond = f"; {over} for more than {counted(limit, 'week')}" if over else ""
    now = f" In the last week: {counted(int(row['current']), 'pupil')}." if row["current"] else ""
    return (
        f"{_pupils(row)} on a part-time timetable, {_sessions(row)}. Longest: {counted(longest, 'school week')} one after another"
        f"{beyond}.{now}"
    )


def _off_site(what: str) -> Words:
    def words(row: Row) -> str:
        limit, most = wording.days(row["limit"]), wording.days(2 * row["longest"])
        long = f"{int(row['over']):,} for {limit} or more, most" if row["over"] else "Most"
        # D is on neither side: its rate is beside the possible sessions, not of them.
        base = "the number of possible sessions" if row["codes"] == "D" else "possible sessions"
        return f"{_pupils(row)} {what}. {long} {most}. {_share(row, base)}."

    return words


def _long(row: Row) -> str:
    longest = wording.days(2 * row["longest"])
    return (
        f"{_pupils(row)} without another mark for more than {int(row['limit'])} school days (longest {longest}); "
        f"{percent(row['share'])} of all absence."
    )


def _long_short(row: Row) -> str:
    return f"{row['codes']} for more than {int(row['limit'])} school days ({_pupils(row)})"


def _year(row: Row) -> str:
    return wording.year_words(row["year_group"])


def _such(row: Row) -> str:
    return f" {int(row['blocks'])} such in all." if row["blocks"] > 1 else ""


def _old_codes(row: Row) -> str:
    return f"{counted(int(row['sessions']), 'mark')} with a withdrawn code ({row['codes']})"


TAKEN: Final = "Reg. 10: the register is taken each morning and each afternoon."
ADVICE: Final[Mapping[str, Advice]] = {
    "n_overdue": Advice(
        lambda row: (
            f"{counted(int(row['sessions']), 'N mark')} older than {counted(int(row['limit']), 'school day')}"
        ),
        _overdue,
        "Who asks these families, and by when? Where no reason can be found, N becomes O.",
        "Guidance: a reason within five school days. That N then becomes O is convention.",
    ),
    "q_use": Advice(
        lambda row: f"{_sessions(row)} under Q, for the authority to answer",
        lambda row: (
            f"{_pupils(row)} unable to attend, {_sessions(row)}: access arrangements not made."
        ),
        "This one is for us: what is missing, who arranges it, and from when will it be there?",
        "Reg. 10: Q is for access that the authority has a duty to arrange.",
    ),
    "y7_use": Advice(
        lambda row: f"{_sessions(row)} under Y7",
        lambda row: f"{_pupils(row)} unable to attend, {_sessions(row)}: other unavoidable cause.",
        "Is the cause written beside each? Staggered starts are Y7 too.",
        "Reg. 10: the cause is recorded. DfE advice: # is not for staggered starts.",
    ),
    "y_use": Advice(
        lambda row: f"{_sessions(row)} under Y1 to Y6",
        lambda row: (
            f"{_pupils(row)} unable to attend, {_sessions(row)} under these codes together."
        ),
        "Do the dates fit what happened, and was it only for pupils who could not come?",
        "Reg. 10: each of these codes names one cause.",
    ),
    "withdrawn": Advice(
        _old_codes,
        lambda row: f"{_old_codes(row)}, {_pupils(row)}.",
        "J is now J1, an absence; Y is one of Y1 to Y7; H and F are C if the circumstance was exceptional, else G. Can the school's system "
        "switch old codes off?",
        "Reg. 10: the codes in force since 19 August 2024.",
    ),
    "x_of_age": Advice(
        lambda row: f"X for {_pupils(row)} of compulsory school age",
        lambda row: (
            f"{_pupils(row)} not required to attend, {_sessions(row)}, though of compulsory school age by date of birth."
        ),
        "Is the date of birth right? If so, C2 is the code of a part-time timetable; it counts as absence.",
        "Reg. 10: X is for pupils not of compulsory school age. Ages: Education Act 1996, section 8.",
    ),
    "c2_not_of_age": Advice(
        lambda row: f"C2 for {_pupils(row)} not of compulsory school age",
        lambda row: (
            f"{_pupils(row)} on a part-time timetable, {_sessions(row)}, though not of compulsory school age by date of birth."
        ),
        "Is the date of birth right? If so, X is the code for sessions not required; it is no absence.",
        "Reg. 10: C2 is for pupils of compulsory school age. Ages: Education Act 1996, section 8.",
    ),
    "part_time": Advice(
        lambda row: f"{counted(int(row['pupils']), 'part-time timetable')}",
        _part_time,
        "For each: what ends it and when, do the parents agree, when is it reviewed? What keeps the long ones from full time?",
        "Reg. 11, guidance: exceptional, for a limited time, agreed, reviewed. Six to eight weeks is a convention of authorities, not law.",
    ),
    "o_of_absence": Advice(
        lambda row: f"O is {percent(row['share'])} of all absence",
        lambda row: f"{_share(row, 'all absence')}; {_sessions(row)}, {_pupils(row)}.",
        "Shall we read some together? Would G, U, I or M tell it better? If O is right, what lies behind it?",
        "Reg. 10: O is for absence that no other code describes. The comparison is no rule.",
    ),
    "o_of_unauthorised": Advice(
        lambda row: f"O is {percent(row['share'])} of unauthorised absence",
        lambda row: f"{_share(row, 'unauthorised absence')}; {_sessions(row)}, {_pupils(row)}.",
        "Are holidays set as G and arrivals after the close as U, or does O take them in?",
        "Reg. 10: O is for absence that no other code describes. The comparison is no rule.",
    ),
    "c_use": Advice(
        lambda row: f"C is {percent(row['share'], decimals=2)} of possible sessions",
        lambda row: f"{_share(row, 'possible sessions')}; {_sessions(row)}, {_pupils(row)}.",
        "Who decides, and what made the last few exceptional? Would two members of staff decide alike?",
        "Reg. 10 and 11: leave is for exceptional circumstances. The comparison is no rule.",
    ),
    "late_balance": Advice(
        lambda row: f"U is {percent(row['share'])} of late marks",
        lambda row: (
            f"{_share(row, counted(int(row['base_sessions']), 'late mark'))}, L and U together; {_pupils(row)}."
        ),
        "When does the register close, and who marks those who come later? L is attendance, U absence: the time of closing moves both.",
        "Reg. 10: L before the close, U after. Open for 30 minutes at most, alike for both sessions (as Nottinghamshire gives it).",
    ),
    "same_run": Advice(
        lambda row: f"{row['codes']} for the same dates of {_pupils(row)}",
        lambda row: (
            f"{_pupils(row)} have the same run of {wording.days(2 * row['longest'])}, {_dates(row)}.{_such(row)}"
        ),
        "Were these marks set one by one or for a list at once? With one cause for all, nothing needs to change.",
        TAKEN,
    ),
    "full_stretch": Advice(
        lambda row: f"no absence in {_year(row)} for {wording.days(2 * row['longest'])}",
        lambda row: (
            f"{_year(row)}: no absence of up to {_pupils(row)} for {wording.days(2 * row['longest'])} of school, {_dates(row)}.{_such(row)}"
        ),
        "If it was so: well done, and how? If marks were set without a register, which lists can they be mended from?",
        TAKEN,
    ),
    "copied_week": Advice(
        lambda row: f"a week of {_year(row)} the same as the week before",
        lambda row: (
            f"{_year(row)}: all marks of {_pupils(row)} in the week of {wording.date_words(row['start'])} are those of the week "
            f"before, absences too.{_such(row)}"
        ),
        "Was a week copied by accident? Which lists can it be mended from?",
        TAKEN,
    ),
    "long_unauthorised": Advice(
        _long_short,
        _long,
        "When did someone last see or speak with the child? Has the attendance return been made, and what do we do next together?",
        "A return after ten continuous school days of unauthorised absence (as Norfolk gives it).",
    ),
    "long_illness": Advice(
        _long_short,
        _long,
        "The illness is not in question. Has the sickness return been made? What learning reaches the pupil, and what helps the way back?",
        "A return for illness of 15 days, running or added up (as Hertfordshire gives it).",
    ),
    "long_authorised": Advice(
        _long_short,
        _long,
        "Does the code still say what is happening, and is there a date on which it ends?",
        "Reg. 10: what each code is for. Reg. 11: leave.",
    ),
    "b_use": Advice(
        lambda row: f"{_pupils(row)} educated off site (B)",
        _off_site("educated off site"),
        "For each: where, who supervises, who tells the school of an absence on the day, and who last visited?",
        "Guidance: an approved activity, attended in person; work at home is an absence.",
    ),
    "d_use": Advice(
        lambda row: f"{_pupils(row)} due at another school (D)",
        _off_site("due at another school"),
        "Do the two timetables fit, and does each school tell the other of an absence on the day? It shows only in the other register.",
        "Reg. 10: D is for sessions due at the other school only; they are not possible here.",
    ),
    "k_use": Advice(
        lambda row: f"{_pupils(row)} with education arranged by the authority (K)",
        _off_site("with education that the authority arranged"),
        "For us too: does it run for the hours planned, who reports attendance there, and when is it reviewed?",
        "Reg. 10: K is for education that the authority arranges.",
    ),
}
