"""The form on which a meeting is recorded: the rows of the sheet Meeting, the columns of the sheet Actions, and their choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from attendance_helpers.register.support_form import FormColumn

MEETING_SHEET: Final = "Meeting"
ACTIONS_SHEET: Final = "Actions"
THEMES: Final = ("Process", "Cohort", "Pupil", "Coding", "Referral", "Training")
ORGANISATIONS: Final = ("School", "Local authority", "Early Help", "Other")
STATUSES: Final = ("Open", "Done", "Carried", "Stopped")
CLOSED_STATUSES: Final = frozenset({"Done", "Stopped"})
PLACES: Final = ("At the school", "Remote", "At the authority", "Elsewhere")
KEEPERS: Final = ("Authority", "School")  # who keeps the notes
CAME: Final = ("Came", "Invited, did not come")
COVERED: Final = ("Covered", "In part", "Not covered")
LONGEST_ROLE: Final = 60  # characters
ROLES: Final = (
    *("Headteacher", "Senior attendance champion", "Attendance lead", "Attendance officer"),
    *("Head of year", "Pastoral lead", "SENCO", "Designated safeguarding lead", "Form tutor"),
    *("Education welfare officer", "Attendance specialist", "Inclusion partner"),
    *("Early Help single point of contact", "Early Help worker", "Social worker"),
    *("Virtual school", "School nurse", "Educational psychologist", "Governor", "Data manager"),
)
# Those of them who work for the school: no other agency.
SCHOOL_ROLES: Final = (
    *("Headteacher", "Senior attendance champion", "Attendance lead", "Attendance officer"),
    *("Head of year", "Pastoral lead", "SENCO", "Designated safeguarding lead", "Form tutor"),
    *("Governor", "Data manager"),
)
PROCESS_AREAS: Final = 6  # rows of each kind of entry of which there may be several
TEXT_ROWS: Final = 3
PEOPLE: Final = 12

# The columns of the sheet Actions, in order. `Agreed on` is given for actions that are carried forward.
ACTION_FORM: Final = (
    FormColumn("action_id", "Action ID"),
    FormColumn("upn", "Pupil UPN", "choice"),
    FormColumn("theme", "Theme", "choice", THEMES),
    FormColumn("action", "Action"),
    FormColumn("owner", "Owner", "choice", free=True),
    FormColumn("organisation", "Organisation", "choice", ORGANISATIONS),
    FormColumn("due", "Due", "date"),
    FormColumn("success", "Success measure"),
    FormColumn("status", "Status", "choice", STATUSES),
    FormColumn("outcome", "Outcome"),
    FormColumn("closed", "Closed", "date"),
    FormColumn("cohort", "Cohort", "choice", free=True),
    FormColumn("review", "Next review", "date"),
    FormColumn("stage", "Stage", "choice", free=True),
    FormColumn("agreed", "Agreed on", "date"),
)
# The columns of the sheet Meeting; each row of it is a `MeetingRow`.
MEETING_LABELS: Final = ("About", "Entry", "Role", "Organisation", "Initials", "Note")


@dataclass(frozen=True)
class MeetingRow:
    """
    One kind of row of the sheet Meeting: `label` stands in the column About, `kind` says what the column Entry takes.

    `columns` are the further columns that its rows use; `rows` says how many the form has. Rows of the agenda have the label
    `Agenda: ` and the title of the point.
    """

    field: str
    label: str
    kind: Literal["date", "text", "choice"] = "text"
    choices: tuple[str, ...] = ()
    free: bool = False
    columns: tuple[str, ...] = ()
    rows: int = 1


MEETING_ROWS: Final = (
    MeetingRow("meeting", "Date of the meeting", "date"),
    MeetingRow("place", "Place, or remote", "choice", PLACES, free=True),
    MeetingRow("notes_by", "Notes kept by", "choice", KEEPERS),
    MeetingRow("next_meeting", "Next meeting", "date", columns=("Note",)),
    MeetingRow(
        *("person", "Person", "choice", CAME),
        columns=("Role", "Organisation", "Initials"),
        rows=PEOPLE,
    ),
    MeetingRow("point", "Agenda: ", "choice", COVERED, columns=("Note",)),
    MeetingRow(
        *("process", "Whole-school process", "choice"),
        free=True,
        columns=("Note",),
        rows=PROCESS_AREAS,
    ),
    MeetingRow("training", "Training or network need", columns=("Note",), rows=TEXT_ROWS),
    MeetingRow("practice", "Good practice to share", columns=("Note",), rows=TEXT_ROWS),
)


def action_ids(day: str, count: int, first: int = 1) -> list[str]:
    """
    Return the numbers that a form gives to its rows: the last date of its data and a running number.

    Examples
    --------
    >>> action_ids("2026-04-02", 2)
    ['20260402-01', '20260402-02']
    """
    return [f"{day.replace('-', '')}-{number:02d}" for number in range(first, first + count)]
