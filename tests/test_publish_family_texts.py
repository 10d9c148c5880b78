"""What was typed at a family meeting names no other child in the family's copy, and no step of the law; usual words stand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attendance_helpers.publish.family_texts import WITHHELD, FamilyTexts, other_pupils

CHILD = "A916200120046"
LIST = [
    # The child, a sibling, classmates, and pupils of other years.
    ("Zoë", "O'Néil-Sample", 9),
    ("Oscar", "O'Néil-Sample", 7),
    ("Bartholomew", "Quickwater", 9),
    ("Ignatia", "Vellacott", 9),
    ("</textarea><script>alert(1)</script>", "שלום-Ferrars", 9),
    ("Will", "Khan", 9),
    ("Grace", "Smith", 9),
    ("Mark", "Jones", 9),
    ("May", "Rose", 9),
    ("Li", "Wu", 9),
    ("Mary-Jane", "Van der Berg", 9),
    ("王", "小明", 9),
    ("محمد", "الأحمد", 9),
    ("Peregrine", "Thistlewood", 8),
    ("Adam", "Walker", 8),
    ("Will", "Cook", 8),
    ("Mark", "Hill", 10),
    ("Emma", "Patel", 10),
    ("Sam", None, 10),
]
PUPILS = pd.DataFrame(
    {
        "upn": [CHILD, *(f"B9162001200{number:02d}" for number in range(1, len(LIST)))],
        "forename": [forename for forename, _, _ in LIST],
        "surname": [surname for _, surname, _ in LIST],
        "year_group": pd.array([year for _, _, year in LIST], dtype="Int8"),
    }
)
STAGES = ("Level 3", "Attendance panel", "Support", "3", "Formal   meeting")
TEXTS = FamilyTexts(other_pupils(PUPILS, CHILD), STAGES)

NAMED = [
    *("do not miss Ignatia", "nurse Ignatia through it", "Ignatia (her mum rings)"),
    *("Ignatia (step sister)", "sit away from Ignatia, head of year will watch"),
    *("Mr Bartholomew J. Quickwater", "Bartholomew (in 9 B) Quickwater's"),
    *("Bartholomew J. Quickwater", "Bartholomew (9B) Quickwater", "Bartholomew 'Barty' Quickwater"),
    *("BartholomewQuickwater", "Bartholomew Quickwaters", "B. Quickwater", "Bartholomew Q"),
    *("Bart Quickwater", "the Quickwater boy", "Bartholomew's mum", "sit away from Ignatia"),
    *("Bartholomews mum rings", "Quickwater, B.", "ignatia is not kind", "the Quickwaters"),
    *(
        "שלום-Ferrars",
        "with שלום",
        "Not next to Ferrars",
        "Lift with محمد",
        "王小明",
        "和王小明坐在一起",
    ),
    *("B 916200123069", "B9162 0012 3069", "b-9162-0012-3069", "see B916200123069.", CHILD),
    *(
        "Bartholo\u00admew",
        "Bartho\u200blomew",
        "BARTHOLOMEW",
        "Bartholomeẃ",
        "B-a-r-t-h-o-l-o-m-e-w Quickwater",
    ),
    *("Van der Berg", "Mary Jane", "MaryJane V", "Mary-Jane's sister", "Wu Li", "Sit by Li"),
    *(
        "Grace Smith",
        "Smith, Grace",
        "grace SMITH",
        "Grace\nSmith",
        "Grace and Mr Khan's Will, Khan",
    ),
    *("Mr Bartholomew Quickwater", "Bartholomew James Peter Quickwater"),
    *("Peregrine Thistlewood", "peregrine thistlewood", "Perry Thistlewood", "P Thistlewood"),
    *("Peregrine T.", "Peregrine (Year 8, 8B) Thistlewood", "the Thistlewood lad", "Adam Walker"),
    *("PT Thistlewood", "Thistlewood's Peregrine", "Walker A.", "the Walker twins", "Will Cook"),
    *("Oscar O'Neil-Sample", "Oscar Sample", "oscar oneil", "Zoë and Oscar O’Néil"),
    *("Emma Patel", "Emma P", "E. Patel", "Emma (10C) Patel"),
]
OF_STAGES = [
    *("Level 3", "Level  3", "Level-3", "Level3", "level three", "stage two", "Stage: 2", "tier 2"),
    *(
        "Level\n3",
        "Stage\u00a02",
        "LEVEL_3",
        "stage\r\n\r\ntwo",
        "Stage II",
        "on to attendance\npanel",
    ),
    *(
        "Attendance-Panel next",
        "AttendancePanel",
        "support stage",
        "stage: Support",
        "Move to Support",
    ),
    *("formal meeting", "Formal\u2009meeting", "ｌｅｖｅｌ ３"),
]
OF_THE_LAW = [
    *("the fine Mum got", "the fine we had"),
    *(
        "you may get a fine",
        "£80 fine",
        "the council will fine you",
        "a fine of £80",
        "fined",
        "fines",
    ),
    *(
        "pay the fine",
        "There is a fine if it goes on",
        "fine of 80 pounds",
        "The fine is next",
        "A fine!",
    ),
    *(
        "FPN",
        "fpn",
        "NtI",
        "NTI",
        "penalty",
        "penalty charge notice",
        "Penalty\nnotice",
        "penalties",
    ),
    *(
        "to court",
        "in court",
        "taken to the court",
        "We go to court in May",
        "to court.",
        "Court date",
    ),
    *(
        "un-authorised",
        "unauthorised",
        "un authorized",
        "UNAUTHORISED",
        "unauthor\u00adised",
        "not authorised",
    ),
    *("ESO", "parenting contract", "EHCP", "E.H.C.P.", "PA and SA", "PA", "persistently absent"),
    *(
        "severe absence",
        "severely\nabsent",
        "persistent absence",
        "absence is now severe",
        "threshold",
    ),
    *(
        "barrier",
        "Barriers",
        "legal action",
        "prosecution",
        "magistrates",
        "s444",
        "section 444(1A)",
    ),
    *("notice to improve", "enforcement", "evidence index", "court case", "family court"),
]
SHOWN = [
    *(
        "Emma Lopez, SENCO",
        "Ignatia, head of year",
        "Ignatia (Zoë's mum)",
        "EWO Patel",
        "TA Quickwater",
    ),
    *("The officer's fine with it", "goes to school fine", "Meet by the courts", "fine for 2 days"),
    *(
        "Zoë is fine with that",
        "a fine idea",
        "Fine by me",
        "That's fine.",
        "All fine, thanks",
        "fine motor skills",
    ),
    *(
        "We will be fine",
        "It is fine to ring",
        "A fine day out",
        "getting on fine",
        "fine, Monday it is",
    ),
    *(
        "Tennis at the court",
        "Court Road bus stop",
        "food court",
        "Walk to Court Road",
        "in Court Lane",
    ),
    *(
        "Basketball on court 2",
        "the tennis court",
        "goes to the tennis court",
        "penalty kicks with Dad",
    ),
    *(
        "Will helps on Mondays",
        "Grace before lunch",
        "Mark the calendar",
        "Mrs Khan rings",
        "mr smith rings",
    ),
    *(
        "Mr Smith (head of year)",
        "May half term",
        "Rose garden club",
        "PA to the head teacher rings",
    ),
    *(
        "the head's PA rings",
        "May I come in later",
        "Mr J. Smith",
        "Mrs. W. Khan",
        "Mr and Mrs Khan",
        "Miss Jones",
    ),
    *(
        "J Khan (SENCO)",
        "Mum (Emma)",
        "Mum Grace",
        "Ms Ignatia Lopez",
        "Bartholomew (school nurse)",
    ),
    *(
        "level with him",
        "stage in drama club",
        "on stage",
        "On stage. Two days a week",
        "Key Stage 3 maths",
    ),
    *(
        "Level 2 maths",
        "reading level 4",
        "the level: he is happy",
        "Support from the SENCO",
        "more support",
    ),
    *(
        "Zoë",
        "Zoe",
        "Zoë O'Néil-Sample",
        "zoe oneil sample",
        "O’Neil-Sample, Zoë",
        "Z. Sample",
        "Zoe S",
    ),
    *(
        "Mrs Sample",
        "Mr O'Néil",
        "J Sample",
        "the Sample family",
        "Oscar walks with Zoe",
        "Emma helps",
    ),
    *(
        "Mum will cook",
        "mark the hill on the map",
        "Walker club",
        "A Walker reading book",
        "Patel's shop",
    ),
    *(
        "Head of year 9",
        "SENCO (AB)",
        "By 12/10/2026",
        "Ring 07700 900123 at 4",
        "",
        "ring 0161 496 0000",
    ),
    *(
        "a persistent cough",
        "severe asthma",
        "wu",
        "van from home",
        "Alert the nurse",
        "Script for the play",
    ),
    *(
        "You are authorised to pick up",
        "mother-in-law",
        "gracious",
        "markedly better",
        "Willing to try",
    ),
    *("Two short maths sessions a week in a small group", "A text, then a call if it went badly"),
]


@pytest.mark.parametrize("text", NAMED)
def test_another_child_is_withheld(text: str) -> None:
    assert TEXTS.shown(text) == WITHHELD
    assert not TEXTS.others.named_in("A lift on Mondays")


@pytest.mark.parametrize("text", [*OF_STAGES, *OF_THE_LAW])
def test_the_law_and_the_school_s_steps_are_withheld(text: str) -> None:
    assert TEXTS.shown(text) == WITHHELD
    assert TEXTS.shown(f"We said: {text}; then tea") == WITHHELD


@pytest.mark.parametrize("text", SHOWN)
def test_usual_words_stand(text: str) -> None:
    assert TEXTS.shown(text) == text


OTHERS = [(f, s) for f, s, _ in LIST[1:] if s is not None]
# Both names are words too: they count with their capitals alone.
WORDS = {("Will", "Cook"), ("Mark", "Hill"), ("May", "Rose")}
AROUND = st.text(max_size=12)


@given(
    st.sampled_from(OTHERS),
    AROUND,
    AROUND,
    st.sampled_from(" \n\t,.-_/:;·\u00a0"),
    st.booleans(),
    st.data(),
)
@settings(max_examples=300, deadline=None)
@example(OTHERS[1], "Mr", "(head of year)", " ", False, None)
def test_no_full_name_of_another_pupil_ever_shows(
    name: tuple[str, str], before: str, after: str, between: str, turned: bool, data: st.DataObject
) -> None:
    forename, surname = reversed(name) if turned else name
    full = f"{forename}{between}{surname}"
    if data is not None and name not in WORDS:
        full = data.draw(st.sampled_from([full, full.upper(), full.lower(), full.title()]))
    assert TEXTS.shown(f"{before} {full} {after}") == WITHHELD


@given(
    st.sampled_from(OTHERS),
    st.sampled_from(
        ["J.", "(9B)", "'Barty'", "“Bee”", "[in 9 B now]", "James", "J. R. R.", "and", ", J,"]
    ),
    AROUND,
)
@settings(max_examples=150, deadline=None)
def test_nor_with_something_between(name: tuple[str, str], between: str, around: str) -> None:
    assert TEXTS.shown(f"{around} {name[0]} {between} {name[1]} {around}") == WITHHELD


@given(st.sampled_from(["Bartholomew Quickwater", "Vellacott, Ignatia"]), AROUND, AROUND)
@settings(max_examples=150, deadline=None)
def test_nor_with_letters_against_it(name: str, before: str, after: str) -> None:
    assert TEXTS.shown(f"{before}{name}{after}") == WITHHELD


@pytest.mark.parametrize("title", ["Mr", "Mrs", "Miss", "Ms", "Mx", "Dr", "Coach", "Nurse", "PC"])
def test_with_a_title_a_name_is_a_grown_up_s(title: str) -> None:
    assert TEXTS.may_show(f"{title} Quickwater rings")
    assert TEXTS.may_show(f"{title}. B Quickwater rings")
    assert not TEXTS.may_show(f"{title}, Quickwater rings")


def test_classmates_are_those_of_the_same_year_group() -> None:
    from_year_8 = FamilyTexts(other_pupils(PUPILS, PUPILS["upn"].iloc[13]))
    assert from_year_8.may_show("Sit with Ignatia")
    assert not from_year_8.may_show("Sit with Ignatia Vellacott")
    assert not from_year_8.may_show("Sit with Adam")
    unknown = PUPILS.assign(year_group=pd.array([pd.NA] * len(PUPILS), dtype="Int8"))
    assert FamilyTexts(other_pupils(unknown, CHILD)).may_show("Sit with Ignatia")


def test_a_pupil_whose_name_is_in_another_s_is_not_withheld() -> None:
    listed = pd.DataFrame(
        {
            "upn": [CHILD, "B916200123069"],
            "forename": ["Rosemary", "Mary"],
            "surname": ["Quickwater", "Quickwater"],
            "year_group": [9, 9],
        }
    )
    texts = FamilyTexts(other_pupils(listed, CHILD))
    assert texts.may_show("Rosemary Quickwater comes")
    assert not texts.may_show("Mary Quickwater comes")


def test_with_nobody_else_on_the_list_names_stand() -> None:
    texts = FamilyTexts(other_pupils(PUPILS.iloc[:1], CHILD))
    assert texts.may_show("Bartholomew Quickwater")
    assert not texts.may_show("B916200123069")
