"""What one made-up school recorded about one pupil, as dated rows of the form, in an order in which it could have happened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import numpy as np
import yaml

from attendance_helpers.demo.support_facts import Facts, SchoolYear

# In school days: what a plan, a contract or a notice runs for, and the time in which a contact is recent.
PLAN_DAYS: Final = (20, 31)
NOTICE_DAYS: Final = (15, 26)
CONTRACT_DAYS: Final = 30
RECENT_DAYS: Final = 10
# What a school holds of the evidence for a referral that no other entry shows; labels as in params/stages/south_tyneside.yml.
EVIDENCE: Final = (
    "Up-to-date attendance certificate",
    "Everyone with parental responsibility named",
    "Proof that parents were told of the referral, or why telling them risks significant harm",
)
LEGAL_PATHS: Final = (
    ("Contract",),
    ("Contract", "Notice to improve"),
    ("Notice to improve", "Penalty notice"),
)
Review = Literal["", "open", "past", "unset"]
Row = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Wanted:
    """What is to be recorded: `contacts` how many, `review` of the plan ("" is no plan), `evidence` how many pieces are held."""

    contacts: int
    recent: bool = False
    barriers: bool = False
    strategies: bool = False
    early_help: bool = False
    lead: bool = False
    review: Review = ""
    stages: tuple[str, ...] = ()
    legal: tuple[str, ...] = ()
    approach: bool = False
    evidence: int = 0


@cache
def support_texts() -> dict[str, Any]:
    """
    Return what schools write, by what it is about.

    Examples
    --------
    >>> support_texts()["barriers"]["carer"][0]
    'Cares for younger brother'
    """
    text = (files("attendance_helpers.demo") / "support_texts.yml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def story_rows(
    facts: Facts, wanted: Wanted, year: SchoolYear, rng: np.random.Generator
) -> list[dict[str, str]]:
    """Return the rows that a school recorded about a pupil, oldest first: by field of the form, dates as schools write them."""
    story = _Story(facts, wanted, year, rng)
    story.tell()
    return [cells for _, cells in sorted(story.rows, key=lambda row: row[0])]


@dataclass
class _Story:
    """One pupil's rows while they are made up."""

    facts: Facts
    wanted: Wanted
    year: SchoolYear
    rng: np.random.Generator
    rows: list[Row] = field(default_factory=list)

    def tell(self) -> None:
        """Fill `rows`: first what was said to the family, then what was tried, agreed and decided."""
        first = self._contacts()
        if self.wanted.barriers:
            self._barriers(first)
        if self.wanted.strategies:
            self._strategies(first)
        status = self._early_help() if self.wanted.early_help else ""
        if self.wanted.review:
            self._plan(status)
        elif self.wanted.lead:
            self._put(self._place(), **self._lead(status))
        if self.wanted.stages:
            self._put(self._place(), stage=self._one(self.wanted.stages))
        self._part_time()
        self._legal(first)
        if self.wanted.approach:
            self._put(self._place(), approach=self._one(support_texts()["approaches"]))
        if self.wanted.evidence:
            held = "; ".join(EVIDENCE[: self.wanted.evidence])
            self._put(self._recent(), evidence=held)
        self._forget()

    def _put(self, at: int, **cells: str) -> None:
        """Write cells into the row of a day, or into another one of that day where they are taken."""
        cells = {name: self._of_carer(text) for name, text in cells.items() if text}
        for place, held in self.rows:
            if place == at and not held.keys() & cells.keys():
                held.update(cells)
                return
        self.rows.append((at, {"entry_date": self.year.day(at), **cells}))

    def _of_carer(self, text: str) -> str:
        """Return a text that does not send a looked-after child to mother and father."""
        if not self.facts.looked_after:
            return text
        text = re.sub(r"\b(?:mother|father)\b", "carer", text)
        return re.sub(r"\b(?:Mother|Father)\b", "Carer", text)

    def _contacts(self) -> int:
        """Put the contacts, and return the day of the first; where there is none, a day early on."""
        span = range(self.facts.first, self.year.now + 1)
        number = min(self.wanted.contacts, len(span))
        places = sorted(self.rng.choice(span, number, replace=False).tolist())
        if places and self.wanted.recent:
            # Who was away in these days was rung up on the last of them.
            places[-1] = max(self.facts.last_absent, self._recent())
        methods = ("Letter", "Home visit") if self.wanted.evidence else ()
        texts = support_texts()["contact_outcomes"]
        outcomes = {name: self.rng.permutation(some).tolist() for name, some in texts.items()}
        for place, at in enumerate(places):
            # Most contacts are calls.
            drawn = self._one(("Call", "Call", *outcomes))
            method = methods[place] if place < len(methods) else drawn
            self._put(
                at,
                contact_date=self.year.day(at),
                contact_by=self._one(self._fitting("roles")),
                contact_method=method,
                contact_outcome=outcomes[method].pop(),
            )
        return places[0] if places else self._place(late=0.4)

    def _barriers(self, at: int) -> None:
        choice = self._fitting("barriers")
        if self.facts.may_care:
            choice += support_texts()["barriers"]["carer"]
        told = self.rng.choice(choice, 1 + int(self.rng.random() < 0.3), replace=False)
        self._put(at, barriers="; ".join(told))

    def _strategies(self, first: int) -> None:
        """Put one or two strategies one after the other, most with what came of them."""
        choice, at = self._fitting("strategies"), first + 1
        for tried in self.rng.choice(choice, 1 + int(self.rng.random() < 0.5), replace=False):
            at = int(self.rng.integers(at, at + 10))
            if at > self.year.now:
                return
            self._put(at, strategies=str(tried))
            seen = at + int(self.rng.integers(10, 25))
            if seen > self.year.now:
                return
            if self.rng.random() < 0.8:
                effect = self._one(support_texts()["effects"])
                self._put(seen, strategies=str(tried), strategies_effect=effect)
            at = seen + 1

    def _early_help(self) -> str:
        """Put the offer of Early Help and what came of it; return what stands."""
        texts = support_texts()["early_help"]
        status = str(self.rng.choice(list(texts), p=[0.3, 0.3, 0.25, 0.15]))
        followed = self._one(texts[status])
        if self.facts.social_care:
            status, followed = "Closed", "A social worker leads now"
        at = self._place(late=0.7)
        if status != "Offered":
            self._put(at, early_help="Offered")
            at = min(at + int(self.rng.integers(5, 25)), self.year.now)
        self._put(at, early_help=status, early_help_followed=followed)
        return status

    def _lead(self, early_help: str) -> dict[str, str]:
        """Return who leads, if anybody does, and how the plan treats attendance."""
        if self.facts.social_care:
            lead = "Social worker"
        elif early_help == "Open":
            lead = "Early Help practitioner"
        else:
            own = "SENCO" if self.facts.sen else "Pastoral lead"
            lead = self._one((own, own, "none"))
        treats = "" if lead == "none" else self._one(support_texts()["plan_attendance"])
        return {"lead": lead, "plan_attendance": treats}

    def _plan(self, early_help: str) -> None:
        """Put the plan, of some pupils one before it that was looked at again on that day."""
        first, now, rng = self.facts.first, self.year.now, self.rng
        length = int(rng.integers(*PLAN_DAYS))
        lead = self._lead(early_help) if self.wanted.lead else {}
        if self.wanted.review == "past":
            at = int(rng.integers(first, max(first, now - length - 1) + 1))
            due = min(at + length, now - 1)
        else:
            at = int(rng.integers(max(first, now - PLAN_DAYS[0] + 1), now + 1))
            due = max(at + length, now + 1)
        before = at - int(rng.integers(*PLAN_DAYS))
        if before >= first and rng.random() < 0.4:
            self._put(before, plan_date=self.year.day(before), review_date=self.year.day(at))
        review = "" if self.wanted.review == "unset" else self.year.day(due)
        self._put(at, plan_date=self.year.day(at), review_date=review, **lead)

    def _part_time(self) -> None:
        """Put the part-time timetable that the marks show, of every third one with a last day that the marks go beyond."""
        if self.facts.part_time is None:
            return
        start, end = self.facts.part_time
        over = self.rng.random() < 1 / 3
        running = end >= self.year.now - 2
        until = start + (end - start) // 2 if over else end + 10 * running
        day = self.year.day
        self._put(start, part_time_from=day(start), part_time_until=day(until))

    def _legal(self, spoken: int) -> None:
        """Put legal steps, none before the family was spoken to and the sessions were missed; what came of one when its time is over."""
        if self.facts.liable is None:
            return
        at, now = max(spoken, self.facts.liable), self.year.now
        for step in self.wanted.legal:
            at += int(self.rng.integers(5, 16))
            if at > now:
                return
            notice = int(self.rng.integers(*NOTICE_DAYS))
            end = at + (CONTRACT_DAYS if step == "Contract" else notice)
            outcomes = support_texts()["legal_outcomes"][step]
            self._put(
                end if end < now else at,
                legal_step=step,
                legal_date=self.year.day(at),
                # How long there is to pay is the authority's to say.
                legal_until="" if step == "Penalty notice" else self.year.day(end),
                legal_outcome=self._one(outcomes["over" if end < now else "running"]),
            )
            at = end

    def _forget(self) -> None:
        """Leave out the date of entry now and then, where the row has the day of a contact and nothing else that needs one."""
        for _, cells in self.rows:
            told = {name for name in cells if not name.startswith("contact_")}
            if told == {"entry_date", "barriers"} and self.rng.random() < 0.06:
                del cells["entry_date"]

    def _place(self, *, late: float = 1.0) -> int:
        """Return a day from the pupil's first to now, mostly one with a row; with a smaller `late`, one in that first part of the time."""
        first = self.facts.first
        last = first + late * (self.year.now - first)
        taken = [at for at, _ in self.rows if first <= at <= last]
        if taken and self.rng.random() < 0.7:
            return int(self.rng.choice(taken))
        return first + int(self.rng.integers(0, int(last) - first + 1))

    def _recent(self) -> int:
        return max(self.facts.first, self.year.now - int(self.rng.integers(0, RECENT_DAYS)))

    def _fitting(self, about: str) -> list[str]:
        """Return the texts of one kind that fit the pupil's age."""
        texts = support_texts()[about]
        return [*texts["any"], *texts["secondary" if self.facts.secondary else "primary"]]

    def _one(self, choice: Any) -> str:
        return str(self.rng.choice(choice))
