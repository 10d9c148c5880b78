"""The form on which schools say what is in place for a pupil: its columns in order, its choices, and what the history keeps of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

SUPPORT_SHEET: Final = "Pupils for discussion"
# What an entry says of the form that it came with: the data as at of the form and the day of its meeting (ISO dates), and when it ceased
# to stand because that form was corrected (ISO time); each may be empty.
FROM_MEETINGS: Final = ("form", "meeting", "superseded")
SUPPORT_COLUMNS: Final = (
    *("upn", "kind", "date", "what", "by", "outcome", "until"),
    *("dated", "file", "row", "recorded"),
    *FROM_MEETINGS,
)


@dataclass(frozen=True)
class FormColumn:
    """
    One column of the form: `field` is its name in the code, `label` its header.

    `choices` are offered in a list; `free` says that other text is taken as it was typed.
    """

    field: str
    label: str
    kind: Literal["date", "text", "choice"] = "text"
    choices: tuple[str, ...] = ()
    free: bool = False


IDENTITY_COLUMNS: Final = (
    FormColumn("urn", "URN"),
    FormColumn("upn", "UPN"),
    FormColumn("surname", "Surname"),
    FormColumn("forename", "Forename"),
    FormColumn("year_group", "Year group"),
)
INFORMATION_COLUMNS: Final = (
    FormColumn("listed_because", "Listed because"),
    FormColumn("missed_sessions", "Missed sessions"),
    FormColumn("possible_sessions", "Possible sessions"),
    FormColumn("recorded_so_far", "Recorded so far"),
    FormColumn("not_recorded", "Not recorded"),
    FormColumn("triggers", "Triggers met"),
    FormColumn("next_step", "Next step to consider"),
    FormColumn("takes", "What it would take"),
    FormColumn("on_roll_since", "On roll since"),
    FormColumn("pattern", "Pattern of absence"),
)
FORM_COLUMNS: Final = (
    FormColumn("entry_date", "Date of entry", "date"),
    FormColumn("contact_date", "Contact date", "date"),
    FormColumn("contact_by", "Contact by"),
    FormColumn(
        *("contact_method", "Contact method", "choice"),
        choices=("Call", "Letter", "Home visit", "Meeting", "Message", "Other"),
        free=True,
    ),
    FormColumn("contact_outcome", "Contact outcome"),
    FormColumn("barriers", "Barriers"),
    FormColumn("strategies", "Strategies"),
    FormColumn("strategies_effect", "Effect of strategies"),
    FormColumn(
        *("early_help", "Early Help", "choice"),
        choices=("Offered", "Declined", "Open", "Closed", "Not offered"),
    ),
    FormColumn("early_help_followed", "Early Help: what followed"),
    FormColumn("lead", "Lead professional"),
    FormColumn("plan_attendance", "How the plan treats attendance"),
    FormColumn("plan_date", "Plan date", "date"),
    FormColumn("review_date", "Review date", "date"),
    FormColumn("stage", "Stage"),
    FormColumn("part_time_from", "Part-time from", "date"),
    FormColumn("part_time_until", "Part-time until", "date"),
    FormColumn(
        *("legal_step", "Legal step", "choice"),
        choices=("Contract", "Notice to improve", "Penalty notice"),
    ),
    FormColumn("legal_date", "Legal step date", "date"),
    FormColumn("legal_until", "Legal step until", "date"),
    FormColumn("legal_outcome", "Legal step outcome"),
    FormColumn("evidence", "Evidence held"),
    FormColumn("approach", "Agreed approach"),
)
FORM_LABELS: Final[Mapping[str, str]] = {column.field: column.label for column in FORM_COLUMNS}


@dataclass(frozen=True)
class EntryKind:
    """One kind of entry and the fields of a row that make it; `always` is its text where the form has no column for one."""

    kind: str
    date: str = ""  # the field of its own date; without one it goes by the date of entry
    what: str = ""
    by: str = ""
    outcome: str = ""
    until: str = ""
    always: str = ""
    needs_what: bool = False  # without it the rest has no meaning

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a row that belong to this kind."""
        return tuple(f for f in (self.date, self.what, self.by, self.outcome, self.until) if f)


ENTRY_KINDS: Final = (
    EntryKind(
        *("contact", "contact_date", "contact_method", "contact_by", "contact_outcome"),
    ),
    EntryKind("barriers", what="barriers"),
    EntryKind("strategy", what="strategies", outcome="strategies_effect"),
    EntryKind("early_help", what="early_help", outcome="early_help_followed"),
    EntryKind("lead", what="lead", outcome="plan_attendance"),
    EntryKind("plan", date="plan_date", until="review_date", always="plan"),
    EntryKind("stage", what="stage"),
    EntryKind(
        *("part_time", "part_time_from"), until="part_time_until", always="part-time timetable"
    ),
    EntryKind(
        *("legal", "legal_date", "legal_step"),
        outcome="legal_outcome",
        until="legal_until",
        needs_what=True,
    ),
    EntryKind("evidence", what="evidence"),
    EntryKind("approach", what="approach"),
)

_METHODS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("call", "phone", "phone call", "telephone", "telephone call", "tel"), "call"),
    **dict.fromkeys(("called", "phoned", "call home", "phone call home"), "call"),
    **dict.fromkeys(("letter", "letter home", "letter sent", "post"), "letter"),
    **dict.fromkeys(("home visit", "visit", "visit home", "visited", "hv"), "home visit"),
    **dict.fromkeys(("meeting", "school meeting", "meeting in school", "met"), "meeting"),
    **dict.fromkeys(("message", "text", "text message", "sms", "email", "e mail"), "message"),
    "other": "other",
}
_EARLY_HELP: Final[Mapping[str, str]] = {
    **dict.fromkeys(("offered", "offer made"), "offered"),
    **dict.fromkeys(
        ("declined", "refused", "offered and declined", "offered declined"), "declined"
    ),
    **dict.fromkeys(("open", "opened", "accepted", "active", "ongoing"), "open"),
    **dict.fromkeys(("closed", "ended", "completed"), "closed"),
    **dict.fromkeys(("not offered", "not yet offered", "never offered"), "not offered"),
}
_LEGAL_STEPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("contract", "attendance contract", "parenting contract"), "contract"),
    **dict.fromkeys(("notice to improve", "nti", "notice of improvement"), "notice to improve"),
    **dict.fromkeys(("penalty notice", "pn", "fpn", "fixed penalty notice"), "penalty notice"),
}


def contact_method(text: str) -> str:
    """
    Return the method of a contact in one of the form's words; any other text as it was typed.

    Examples
    --------
    >>> contact_method(" Phone call"), contact_method("HOME  VISIT"), contact_method("At the gate ")
    ('call', 'home visit', 'At the gate')
    """
    return _METHODS.get(_plain(text), text.strip())


def lead_professional(text: str) -> str:
    """
    Return who the lead professional is; `none` where it was said that there is none.

    Examples
    --------
    >>> lead_professional("No"), lead_professional("Social worker")
    ('none', 'Social worker')
    """
    return "none" if _plain(text) in {"none", "no"} else text.strip()


def choice(field: str, text: str) -> str | None:
    """
    Return the word that the history keeps for a choice of the form; None where the text is none of its choices.

    Examples
    --------
    >>> choice("early_help", "Not-Offered"), choice("legal_step", "FPN"), choice("early_help", "maybe")
    ('not offered', 'penalty notice', None)
    """
    return {"early_help": _EARLY_HELP, "legal_step": _LEGAL_STEPS}[field].get(_plain(text))


def choices_in_words(field: str) -> str:
    """
    Return the choices of a column as a sentence has them.

    Examples
    --------
    >>> choices_in_words("legal_step")
    'contract, notice to improve or penalty notice'
    """
    column = next(column for column in FORM_COLUMNS if column.field == field)
    *first, last = (name.lower() for name in column.choices)
    return f"{', '.join(first)} or {last}"


def _plain(text: str) -> str:
    """Return a text without case, punctuation or repeated spaces."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
