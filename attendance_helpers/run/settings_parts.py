"""The groups of keys of an authority's parameters, each with its defaults and what is allowed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from attendance_helpers.measures.comparators import TOLERANCE_DAYS
from attendance_helpers.measures.fitness import (
    UNMARKED_CAUTION_PERC,
    UNMARKED_LIMIT_PERC,
    UNRESOLVED_DAYS,
)
from attendance_helpers.measures.persistence import BAND_EDGES, PERSISTENT_PERC, SEVERE_PERC
from attendance_helpers.measures.since import (
    LEAST_DAYS,
    LEAST_SIMILAR,
    MOST_DAYS,
    SIMILAR_POINTS,
)
from attendance_helpers.measures.trigger_rules import DEFAULT_TRIGGERS, PRESETS, TriggerRule
from attendance_helpers.measures.triggers import OTHER_TRIGGERS
from attendance_helpers.meetings.discuss import (
    HIGH_PERC,
    LEAST_REASONS,
    RECENT_WEEKS,
    RISING_POINTS,
    RISING_SESSIONS,
    SLIPPING_PERC,
)
from attendance_helpers.register.calendar import iso_date
from attendance_helpers.register.meeting_form import LONGEST_ROLE, ROLES


class Part(BaseModel):
    """A group of keys; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Thresholds(Part):
    """Where persistent and severe absence begin: at or above (>=) these percentages of a pupil's own possible sessions."""

    persistent_perc: float = Field(PERSISTENT_PERC, gt=0, lt=100, strict=True)
    severe_perc: float = Field(SEVERE_PERC, gt=0, le=100, strict=True)

    @model_validator(mode="after")
    def _severe_is_part_of_persistent(self) -> Thresholds:
        if self.severe_perc < self.persistent_perc:
            raise ValueError("expected severe_perc at or above persistent_perc")
        return self


class Bands(Part):
    """Bands of absence, half-open: the percentages at which each begins, and its name."""

    edges: tuple[float, ...] = BAND_EDGES
    names: tuple[str, ...] = (
        *("On track", "At risk", "Persistently absent"),
        *("Persistently absent, high", "Severely absent"),
    )

    @field_validator("edges")
    @classmethod
    def _rising_from_zero(cls, edges: tuple[float, ...]) -> tuple[float, ...]:
        if not edges or edges[0] != 0 or list(edges) != sorted(set(edges)) or edges[-1] >= 100:
            raise ValueError("expected rising percentages that begin with 0 and end below 100")
        return edges


class Register(Part):
    """When a register is fit to report from, and when an N mark is overdue."""

    unmarked_caution_perc: float = Field(UNMARKED_CAUTION_PERC, ge=0, le=100, strict=True)
    unmarked_limit_perc: float = Field(UNMARKED_LIMIT_PERC, ge=0, le=100, strict=True)
    unresolved_days: int = Field(UNRESOLVED_DAYS, ge=0, le=100, strict=True)


class Comparators(Part):
    """Which published series a school is set beside, and how exactly its dates must agree."""

    england_series: str = Field("daily", pattern="^(daily|census)$")
    tolerance_days: int = Field(TOLERANCE_DAYS, ge=0, le=31, strict=True)
    folder: str = "params/local/comparators"  # DfE's files, as downloaded; may be missing
    authority_code: str = Field("", pattern="^([0-9]{3}|E[0-9]{8})?$")  # the authority's rows there
    year_to_date_until: str | None = None  # last day that DfE's year-to-date file covers

    @field_validator("year_to_date_until")
    @classmethod
    def _a_date(cls, text: str | None) -> str | None:
        if text is not None:
            iso_date(text, name="year_to_date_until")
        return text


class Tables(Part):
    """Where long lists stop on the page; the workbook holds the rest."""

    severe_rows: int = Field(6, ge=5, le=2000, strict=True)
    pupil_rows: int = Field(5, ge=5, le=2000, strict=True)
    slipping_rows: int = Field(4, ge=3, le=2000, strict=True)
    improving_rows: int = Field(3, ge=1, le=2000, strict=True)
    action_rows: int = Field(6, ge=3, le=2000, strict=True)
    small_group: int = Field(
        10, ge=0, le=100, strict=True
    )  # groups under (<) this many pupils: counts, no rates
    short_sessions: int = Field(
        40, ge=0, le=400, strict=True
    )  # fewer (<) possible: marked as a short time on roll


class Meeting(Part):
    """How long a meeting is suggested to be, and when the last one was."""

    base_minutes: int = Field(30, ge=0, le=240, strict=True)
    severe_minutes: float = Field(3, ge=0, le=60, strict=True)  # for each severely absent pupil
    persistent_minutes: float = Field(1, ge=0, le=60, strict=True)  # for each other PA pupil ...
    persistent_free: int = Field(20, ge=0, le=2000, strict=True)  # ... above (>) this many
    round_minutes: int = Field(15, ge=1, le=60, strict=True)
    shortest_minutes: int = Field(45, ge=0, le=480, strict=True)
    longest_minutes: int = Field(120, ge=1, le=480, strict=True)
    last: dict[str, str] = {}  # URN: date of the last meeting

    @property
    def formula(self) -> dict[str, float]:
        """The numbers of the suggested length, by the names under which `meetings.agenda` takes them."""
        return self.model_dump(exclude={"last"})

    @field_validator("last")
    @classmethod
    def _dates(cls, last: dict[str, str]) -> dict[str, str]:
        for urn, day in last.items():
            iso_date(day, name=f"last.{urn}")
        return last

    @model_validator(mode="after")
    def _longest_is_longer(self) -> Meeting:
        if self.longest_minutes < self.shortest_minutes:
            raise ValueError("expected longest_minutes at or above shortest_minutes")
        return self


class Help(Part):
    """One place to get help: what it is called, what for, how to reach it."""

    name: str = Field(min_length=1, max_length=80)
    when: str = Field(min_length=1, max_length=200)
    contact: str = Field("", max_length=160)


class Findings(Part):
    """What is worth saying: the least sizes of findings, and the error that the search for patterns is held to."""

    least_gap: float = Field(1.0, ge=0, le=50, strict=True)  # percentage points
    weekday_gap: float = Field(1.0, ge=0, le=50, strict=True)  # sessions in each hundred
    false_discovery_rate: float = Field(0.05, gt=0, le=0.5, strict=True)
    most: int = Field(5, ge=3, le=8, strict=True)


class OwnTrigger(Part):
    """One trigger of an authority's own: so many sessions with these codes in a time; exactly one of the last four says which."""

    key: str = Field(pattern="^[a-z][a-z0-9_]*$", max_length=40)
    name: str = Field(min_length=1, max_length=100)
    codes: tuple[str, ...] = Field(min_length=1)
    count: int = Field(ge=1, le=400, strict=True)
    unit: Literal["sessions", "days"] = "sessions"
    school_weeks: int | None = Field(None, ge=1, le=80, strict=True)
    school_days: int | None = Field(None, ge=1, le=400, strict=True)
    school_year: bool = False
    continuous: bool = False

    @model_validator(mode="after")
    def _is_a_rule(self) -> OwnTrigger:
        self.rule  # noqa: B018  # a rule that does not hold together is refused where it is written
        return self

    @property
    def rule(self) -> TriggerRule:
        """The trigger as `measures.triggers` takes it."""
        return TriggerRule(**self.model_dump(), source="The authority's own rule")


class Triggers(Part):
    """Which triggers are looked for: presets by name, and the authority's own."""

    presets: tuple[str, ...] = DEFAULT_TRIGGERS
    own: tuple[OwnTrigger, ...] = ()

    @field_validator("presets")
    @classmethod
    def _known(cls, presets: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in presets if name not in PRESETS]
        if unknown or len(set(presets)) != len(presets):
            raise ValueError(f"expected each at most once, of {', '.join(PRESETS)}")
        return presets

    @model_validator(mode="after")
    def _keys_differ(self) -> Triggers:
        keys = [*PRESETS, *OTHER_TRIGGERS, *(own.key for own in self.own)]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(
                f"expected keys of one's own that are not taken, found {', '.join(twice)}"
            )
        return self

    @property
    def rules(self) -> list[TriggerRule]:
        """Every rule that is in force, statutory presets first."""
        chosen = [PRESETS[name] for name in PRESETS if name in self.presets]
        return [*chosen, *(own.rule for own in self.own)]


class Discussion(Part):
    """Which pupils a meeting talks about, and what counts as missing for them."""

    contact_weeks: int = Field(3, ge=1, le=20, strict=True)  # school weeks without a contact
    high_perc: float = Field(HIGH_PERC, gt=0, le=100, strict=True)  # of possible sessions missed
    slipping_perc: float = Field(SLIPPING_PERC, ge=0, lt=100, strict=True)
    rising_points: float = Field(RISING_POINTS, gt=0, le=100, strict=True)
    rising_sessions: int = Field(RISING_SESSIONS, ge=1, le=100, strict=True)
    recent_weeks: int = Field(RECENT_WEEKS, ge=1, le=20, strict=True)
    least_reasons: int = Field(LEAST_REASONS, ge=1, le=4, strict=True)
    nearest: int = Field(5, ge=1, le=50, strict=True)  # pupils nearest the line, one by one


class Record(Part):
    """Who keeps the notes of a meeting, and who may be named in them."""

    notes_by: Literal["authority", "school"] = "authority"
    naming: Literal["roles", "initials", "names"] = "initials"  # what stands for a person
    roles: tuple[str, ...] = Field(ROLES, min_length=1)

    @field_validator("roles")
    @classmethod
    def _short_and_once(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        if len({role.casefold() for role in roles}) < len(roles):
            raise ValueError("expected each role once")
        if any(not role.strip() or len(role) > LONGEST_ROLE for role in roles):
            raise ValueError(f"expected roles of 1 to {LONGEST_ROLE} characters")
        return roles


class Since(Part):
    """How absence before and after an action is set side by side."""

    least_days: int = Field(
        LEAST_DAYS, ge=1, le=100, strict=True
    )  # school days after; fewer say nothing
    most_days: int = Field(MOST_DAYS, ge=1, le=190, strict=True)  # school days on either side
    similar_points: float = Field(SIMILAR_POINTS, gt=0, le=50, strict=True)  # percentage points
    least_similar: int = Field(
        LEAST_SIMILAR, ge=3, le=100, strict=True
    )  # pupils; fewer are no comparison

    @model_validator(mode="after")
    def _most_is_more(self) -> Since:
        if self.most_days < self.least_days:
            raise ValueError("expected most_days at or above least_days")
        return self


class Family(Part):
    """The documents of family meetings: who may hold them, which questions they ask, and how far back the calendar goes."""

    handling: str = Field("About one child. Please keep it safe.", max_length=160)
    handling_school: str = Field(
        "Official: one child's data. For the school's own record; not for the family's copy.",
        max_length=160,
    )
    questions: str = ""  # the authority's own question bank (YAML); "" for the package's
    weeks: int = Field(12, ge=4, le=40, strict=True)  # school weeks in the calendar, at most (<=)
    review_weeks: int = Field(5, ge=1, le=26, strict=True)  # until the next meeting, as suggested


class Run(Part):
    """How the making of documents is bounded."""

    cell_seconds: int = Field(
        600, ge=5, le=86_400, strict=True
    )  # one cell of a notebook, or one form to be written; the worker is ended after that
