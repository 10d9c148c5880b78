"""One recorded meeting of a school, put together from the register, with no more in it than a copy of its record may tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from attendance_helpers.errors import ParamsError
from attendance_helpers.measures.groups import school_totals
from attendance_helpers.meetings import minutes
from attendance_helpers.meetings.agenda import agenda, suggested_minutes
from attendance_helpers.meetings.processes import process_areas
from attendance_helpers.publish import record_figures, record_words
from attendance_helpers.publish.disclosure_texts import Secrets, pupil_secrets, withheld_text
from attendance_helpers.publish.pupil_names import pupil_name
from attendance_helpers.publish.shareable_figures import shareable_figures
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window, window
from attendance_helpers.register.cohorts import cohort_names
from attendance_helpers.register.meeting_form import ORGANISATIONS, PLACES
from attendance_helpers.register.meeting_frames import figures_of, items_of
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.run.case import Case


@dataclass(frozen=True)
class RecordedMeeting:
    """
    The meeting that a case's dates belong to; every frame is made when it is first asked for.

    In the shareable copy no frame holds a pupil: actions for single pupils are counted, their approaches left out, and a text is withheld
    that may name a pupil.
    """

    case: Case

    @cached_property
    def row(self) -> pd.Series:
        """The version of the meeting that is told of, as `store.school_meetings` has it."""
        found = self.case.meeting
        if self.case.named:
            return found
        texts = {name: self._shown(found[name]) for name in ("place", "next_note")}
        return pd.Series({**found.to_dict(), **texts}, dtype=object)

    @property
    def date(self) -> dt.date:
        """The day of the meeting."""
        day: dt.date = self.row["meeting"].date()
        return day

    @cached_property
    def version(self) -> str:
        """Which version this is, and whose place it takes, in words."""
        held = store.school_meetings(self.case.register, self.case.urn)
        number = int(self.row["version"])
        earlier = minutes.earlier_version(held, meeting=self.date, version=number)
        return record_words.version_words(number, self.row["recorded"], earlier)

    @cached_property
    def agreed(self) -> str:
        """How much was agreed, in a sentence."""
        return record_words.actions_title(self.to_do, whose=self.whose)

    @property
    def whose(self) -> str:
        """What the actions are for that this copy lists, where it does not list all."""
        return "" if self.case.named else "for the school or its groups"

    @cached_property
    def when(self) -> Case:
        """The case as it stood when the form of the meeting was made: its window, up to the date of its data."""
        form = self.case.as_at if pd.isna(self.row["form"]) else self.row["form"].date()
        try:
            named = window(self.row["window"]) if self.row["window"] else self.case.window
            return replace(self.case, window=named.until(form), as_at=form)
        except ParamsError:  # the form named a window that does not hold its own date
            return self.case

    @property
    def window(self) -> Window:
        """The dates that the headline is of."""
        return self.when.window

    @cached_property
    def stored(self) -> dict[str, int]:
        """The headline as the form had it; empty where it could not be read."""
        found = figures_of(self.row["figures"])
        return found if set(record_figures.FIGURES) <= set(found) else {}

    @cached_property
    def figures(self) -> dict[str, int]:
        """The headline as it stood: from the form, else counted anew from the register."""
        return self.stored or record_figures.figures_of_totals(school_totals(self.when.totals))

    @cached_property
    def headline(self) -> dict[str, str]:
        """The headline in words, as this copy may show it."""
        if self.case.named:
            return record_figures.headline_words(self.figures)
        limits = self.case.settings.thresholds.model_dump()
        return record_figures.headline_words(
            self.figures, shareable=shareable_figures(self.when.totals, **limits)
        )

    @cached_property
    def items(self) -> pd.DataFrame:
        """Who met, points covered, ways of working, training and good practice."""
        found = items_of(self.row["items"])
        if self.case.named:
            return found
        # What is noted under a point of the agenda may be of one pupil, whether it names anybody or not.
        notes = found["note"].where(found["item"] != "point", "")
        return self._shareable(found.assign(note=notes), "what", "note", "role", "organisation")

    @cached_property
    def points(self) -> int:
        """How many points the agenda has."""
        return len(_agenda_titles())

    @cached_property
    def said(self) -> pd.DataFrame:
        """The actions that this version says, those for single pupils among them in every copy."""
        every = store.school_actions(self.case.register, self.case.urn)
        same = (every["meeting"] == self.row["meeting"]) & (every["version"] == self.row["version"])
        return every[same].reset_index(drop=True)

    @cached_property
    def before(self) -> pd.DataFrame:
        """What stands of all that was said of actions at earlier meetings."""
        held = in_force(store.school_actions(self.case.register, self.case.urn))
        return held[held["meeting"] < self.row["meeting"]].reset_index(drop=True)

    @cached_property
    def to_do(self) -> pd.DataFrame:
        """The actions to do that this copy may list."""
        return self._told(minutes.actions_to_do(self.said, meeting=self.date))

    @cached_property
    def pupils_to_do(self) -> list[tuple[str, str, str]]:
        """Organisation and owner of the actions for single pupils, and how many they are as it may be shown."""
        every = minutes.actions_to_do(self.said, meeting=self.date)
        rows = self._shareable(every[minutes.for_pupils(every)], "owner", "organisation")
        return record_figures.counts_by_owner(rows)

    @cached_property
    def earlier(self) -> pd.DataFrame:
        """What became of earlier actions, as far as this copy may tell it."""
        return self._told(minutes.earlier_actions(self.said, self.before, meeting=self.date))

    @cached_property
    def not_told(self) -> int:
        """How many earlier actions the form says nothing of; in the shareable copy, of those that it lists."""
        return len(self._told(minutes.actions_not_told(self.said, self.before, meeting=self.date)))

    @cached_property
    def approaches(self) -> pd.DataFrame:
        """What was agreed for single pupils; nothing in the shareable copy."""
        held = store.school_support(self.case.register, self.case.urn)
        found = minutes.agreed_approaches(held, meeting=self.date)
        return found if self.case.named else found.iloc[:0]

    @cached_property
    def names(self) -> dict[str, str]:
        """Pupils as the lists name them, by UPN; none in the shareable copy."""
        if not self.case.named:
            return {}
        own = self.case.pupils.sort_values("admission_date").drop_duplicates("upn", keep="last")
        return {row["upn"]: pupil_name(row) for row in own.to_dict("records")}

    def _told(self, actions: pd.DataFrame) -> pd.DataFrame:
        """Return the actions that this copy may list."""
        if self.case.named:
            return actions
        kept = actions[~minutes.for_pupils(actions)].reset_index(drop=True)
        texts = ("action", "success", "outcome", "cohort", "stage", "owner", "organisation")
        return self._shareable(kept, *texts)

    def _shareable(self, rows: pd.DataFrame, *texts: str) -> pd.DataFrame:
        """Return rows in which each text that may name a pupil of the school is withheld."""
        return rows.assign(**{name: [self._shown(text) for text in rows[name]] for name in texts})

    def _shown(self, text: str) -> str:
        return text if text in self._own_words else withheld_text(text, self._secrets)

    @cached_property
    def _own_words(self) -> frozenset[str]:
        """The words that the form itself offers, which name nobody."""
        return frozenset(
            [
                *(*self.case.settings.record.roles, *ORGANISATIONS, *PLACES),
                *cohort_names(self.case.pupils),
                *(area.title for area in process_areas()),
                *_agenda_titles(),
            ]
        )

    @cached_property
    def _secrets(self) -> Secrets:
        """The names, numbers and dates of birth of everyone who was ever on the school's list."""
        return pupil_secrets(self.case.pupils)


def _agenda_titles() -> list[str]:
    return [point.title for point in agenda(suggested_minutes(0, 0))]
