from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.register.meeting_form import ROLES
from attendance_helpers.register.meeting_people import Naming, PupilNames

ROLE_AND = ("Head of safeguarding and care", "SENCO")


@pytest.mark.parametrize(
    ("naming", "text", "found"),
    [
        ("initials", "senco", "SENCO"),
        ("initials", " Head  of Year ", "Head of year"),
        ("initials", "Head-of-year", "Head of year"),
        ("initials", "AB", "AB"),
        ("initials", "A. B. C.", "ABC"),
        ("initials", "ÉD", "ÉD"),
        ("initials", "SENCO [AB]", "SENCO (AB)"),
        ("initials", "SENCO, Head of year (AB)", "SENCO and Head of year (AB)"),
        ("initials", "SENCO / AB", "SENCO and AB"),
        ("initials", "ab", None),
        ("initials", "Ann", None),
        ("initials", "A", None),
        ("initials", "ABCDE", None),
        ("initials", "A1", None),
        ("initials", "Ms Sample", None),
        ("initials", "SENCO (Ann Sample)", None),
        ("initials", "SENCO and Ms Sample", None),
        ("initials", "Caretaker", None),
        ("roles", "SENCO", "SENCO"),
        ("roles", "SENCO and head of year", "SENCO and Head of year"),
        ("roles", "AB", None),
        ("roles", "SENCO (AB)", None),
        ("names", "Ms  A. Sample", "Ms A. Sample"),
        ("names", "senco", "SENCO"),
    ],
)
def test_who_may_own_an_action(naming: str, text: str, found: str | None) -> None:
    assert Naming(naming, ROLES).owner(text) == found


def test_a_role_with_and_in_it_is_one_role() -> None:
    people = Naming("roles", ROLE_AND)
    assert people.owner("head of safeguarding AND care") == ROLE_AND[0]
    assert people.owner("Head of safeguarding") is None


@pytest.mark.parametrize(
    ("naming", "role", "initials"),
    [("roles", None, None), ("initials", None, "AB"), ("names", "Caretaker", "A.B.")],
)
def test_what_stands_for_a_person(naming: str, role: str | None, initials: str | None) -> None:
    people = Naming(naming, ROLES)
    assert people.role("GOVERNOR") == "Governor"
    assert people.role("Caretaker") == role
    assert people.initials("A.B.") == initials


NAMES = PupilNames(
    pd.DataFrame(
        {
            "surname": ["O'Neil-Smith", "Sample", "Field", "de la Cruz", "Łęcki", None, "So"],
            "forename": ["Zoë", "Sam", "May Anne", "Ana", "Jan", "Nobody", "Al"],
        }
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "Ring Sam Sample at home",
        "SAMPLE, Sam",
        "sam\nsample",
        "Sam Sample's mother",
        "sam.sample@example.org",
        "Zoe ONeil Smith",
        "Zoé O’Neil-Smith",
        "zoe smith and others",
        "Smith, Zoe",
        "May Field",
        "may-anne FIELD",
        "Field May Anne",
        "Mayanne Field",
        "Anne Field",
        "Ana De La Cruz",
        "Ana Cruz",
        "lecki jan",
        "Al So",
        "UPN A916200120046",
        "(a916200120046)",
    ],
)
def test_a_text_that_names_a_pupil(text: str) -> None:
    assert NAMES.named_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sam",
        "The Sample school",
        "Samuel Sample",
        "Sam will bring a sample",
        "he may anne",
        "de la Cruz",
        "also",
        "AB916200120046",
        "A9162001200467",
        "Ring 0191 498 0000",
        "Nobody came",
        "🎉 =1+1",
    ],
)
def test_a_text_that_names_nobody(text: str) -> None:
    assert not NAMES.named_in(text)


def test_a_school_without_pupils_has_no_names() -> None:
    names = PupilNames(pd.DataFrame({"surname": [], "forename": []}))
    assert not names.named_in("Sam Sample") and names.named_in("A916200120046")
