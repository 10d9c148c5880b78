"""The rules by which a pupil's marks call for a decision: the statutory ones, two local ones, and an authority's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from attendance_helpers.errors import ParamsError
from attendance_helpers.register.codes import POSSIBLE_CLASSES, code_table

UNAUTHORISED_CODES: Final = ("G", "N", "O", "U")
ILLNESS_CODES: Final = ("I",)


@dataclass(frozen=True)
class TriggerRule:
    """
    A number of sessions with certain codes, and the time in which they count together. Met means "consider", never "issue".

    `key`, `name` : for programs, and in plain words for people
    `codes` : the register codes that count, in any mix
    `count` : met at or above (>=) this many sessions; of a continuous rule, so many of its `unit`

    Exactly one of these says which sessions count together:

    `school_weeks` : so many school weeks in a row (weeks with a session of the school), across terms and school years
    `school_days` : so many school days in a row (days with a session of the school), likewise
    `school_year` : one school year, which turns on 1 August
    `continuous` : they follow each other with no other possible session of the pupil between; with `school_year` as well, such a run ends
        with the school year

    `unit` : what a continuous rule counts, `days` or `sessions`; other rules count sessions
    `statutory` : law or statutory guidance, not a local rule
    `source` : where the rule stands
    `duty` : who must act on it, the `school` or the `authority`
    `compulsory_age` : for pupils of compulsory school age only; nobody is left out for it here

    Raises
    ------
    ParamsError
        when a value is of the wrong kind or out of range: all of it in one message

    Examples
    --------
    >>> TriggerRule("holidays", "Five days of holiday", ("G",), 10, school_year=True).span
    'school_year'
    """

    key: str
    name: str
    codes: tuple[str, ...]
    count: int
    school_weeks: int | None = None
    school_days: int | None = None
    school_year: bool = False
    continuous: bool = False
    unit: Literal["sessions", "days"] = "sessions"
    statutory: bool = False
    source: str = ""
    duty: Literal["school", "authority"] = "school"
    compulsory_age: bool = False

    def __post_init__(self) -> None:
        given: Any = self.codes
        if isinstance(given, list):  # as a file of parameters has them
            object.__setattr__(self, "codes", tuple(given))
        if faults := list(_faults(self)):
            raise ParamsError(f"Trigger {self.key!r}: " + "; ".join(faults) + ".")

    @property
    def span(self) -> Literal["school_weeks", "school_days", "school_year", "continuous"]:
        """Which of the four it is that says what counts together."""
        if self.continuous:
            return "continuous"
        if self.school_weeks is not None:
            return "school_weeks"
        return "school_year" if self.school_days is None else "school_days"


def _faults(rule: TriggerRule) -> Iterator[str]:
    """Yield what is wrong with a rule, each in words its author can act on."""
    for field in ("key", "name"):
        text = getattr(rule, field)
        if not isinstance(text, str) or not text.strip():
            yield f"{field}: expected a text, found {text!r}"
    yield from _code_faults(rule)
    for field in ("count", "school_weeks", "school_days"):
        number = getattr(rule, field)
        if field != "count" and number is None:
            continue
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            yield f"{field}: expected a whole number of 1 or more, found {number!r}"
    for field in ("school_year", "continuous", "statutory", "compulsory_age"):
        if not isinstance(getattr(rule, field), bool):
            yield f"{field}: expected true or false, found {getattr(rule, field)!r}"
    for field, allowed in (("unit", ("sessions", "days")), ("duty", ("school", "authority"))):
        if getattr(rule, field) not in allowed:
            yield f"{field}: expected {' or '.join(allowed)}, found {getattr(rule, field)!r}"
    yield from _span_faults(rule)


def _code_faults(rule: TriggerRule) -> Iterator[str]:
    if not isinstance(rule.codes, tuple) or not all(isinstance(code, str) for code in rule.codes):
        yield f"codes: expected a list of register codes such as [G, N, O, U], found {rule.codes!r}"
        return
    if not rule.codes:
        yield "codes: expected one register code or more, found none"
    classes = code_table()["mark_class"]
    allowed = (*POSSIBLE_CLASSES, *(() if rule.continuous else ("not possible",)))
    wrong = [code for code in rule.codes if classes.get(code) not in allowed]
    if wrong:
        # Only possible sessions follow each other without a gap: the others neither count in a run nor break it.
        kind = "register codes of possible sessions" if rule.continuous else "register codes"
        yield f"codes: expected {kind} such as [G, N, O, U], found {', '.join(map(repr, wrong))}"


def _span_faults(rule: TriggerRule) -> Iterator[str]:
    given = [name for name in ("school_weeks", "school_days") if getattr(rule, name) is not None]
    if rule.continuous:
        if given:
            yield f"expected a continuous rule without {' and '.join(given)}, found both"
        return
    given += ["school_year"] if rule.school_year else []
    if len(given) != 1:
        found = " and ".join(given) or "none"
        yield f"expected exactly one of school_weeks, school_days, school_year and continuous, found {found}"
    if rule.unit == "days":
        yield "unit: expected days only of a continuous rule; count sessions, two to a day"


_FRAMEWORK: Final = (
    "national framework for penalty notices (Working together to improve school attendance, August 2024), "
    "as restated in Manchester's code of conduct"
)
_RULES: Final = (
    TriggerRule(
        key="penalty_notice",
        name="Ten unauthorised sessions in ten school weeks",
        codes=UNAUTHORISED_CODES,
        count=10,
        school_weeks=10,
        statutory=True,
        source=_FRAMEWORK,
        compulsory_age=True,
    ),
    TriggerRule(
        key="attendance_return",
        name="Ten continuous school days unauthorised",
        codes=UNAUTHORISED_CODES,
        count=10,
        continuous=True,
        unit="days",
        statutory=True,
        source="SI 2024/208 reg 13, attendance returns; Norfolk, data returns by schools",
        compulsory_age=True,
    ),
    TriggerRule(
        key="attendance_return_any",
        name="Ten days unauthorised in the school year, in any pattern",
        codes=UNAUTHORISED_CODES,
        count=20,
        school_year=True,
        source="Hertfordshire's reading of the attendance return: ten days or more, consecutively or irregularly",
        compulsory_age=True,
    ),
    TriggerRule(
        key="sickness_continuous",
        name="Fifteen continuous days of illness",
        codes=ILLNESS_CODES,
        count=30,
        school_year=True,
        continuous=True,
        statutory=True,
        source="SI 2024/208 reg 13, sickness returns; Hertfordshire, 15-day sickness absence",
        compulsory_age=True,
    ),
    TriggerRule(
        key="sickness_return",
        name="Fifteen days of illness in the school year",
        codes=ILLNESS_CODES,
        count=30,
        school_year=True,
        statutory=True,
        source="SI 2024/208 reg 13, sickness returns; Hertfordshire, 15-day sickness absence",
        compulsory_age=True,
    ),
    TriggerRule(
        key="referral_six_weeks",
        name="Ten unauthorised sessions in six school weeks",
        codes=UNAUTHORISED_CODES,
        count=10,
        school_weeks=6,
        source="South Tyneside's older policy, since superseded",
        compulsory_age=True,
    ),
)
PRESETS: Final[Mapping[str, TriggerRule]] = MappingProxyType({rule.key: rule for rule in _RULES})
# The superseded rule is there for an authority that names it.
DEFAULT_TRIGGERS: Final = tuple(key for key in PRESETS if key != "referral_six_weeks")
