from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.register.meeting_cells import (
    CHOICES,
    MONTH_FIRST,
    SYNONYMS,
    choice,
    form_days,
    in_words,
    plain,
    shown,
)
from attendance_helpers.register.support_cells import A_DATE


@pytest.mark.parametrize(
    ("kind", "text", "word"),
    [
        ("status", "Complete", "Done"),
        ("status", "completed.", "Done"),
        ("status", "c/f", "Carried"),
        ("status", "Carried forward", "Carried"),
        ("status", "DROPPED", "Stopped"),
        ("status", "on-going", "Open"),
        ("organisation", "LA", "Local authority"),
        ("organisation", "the  Council", "Local authority"),
        ("organisation", "early-help", "Early Help"),
        ("theme", "coding ", "Coding"),
        ("person", "invited - did not come", "Invited, did not come"),
        ("point", "partly", "In part"),
        ("notes_by", "local authority", "Authority"),
        ("status", "perhaps", None),
        ("organisation", "Health", None),
        ("theme", "", None),
    ],
)
def test_choices_are_known_in_other_words(kind: str, text: str, word: str | None) -> None:
    assert choice(kind, text) == word


def test_every_choice_stands_for_itself_and_no_other_word_for_two() -> None:
    for kind, choices in CHOICES.items():
        assert [choice(kind, word.upper()) for word in choices] == list(choices)
        assert set(SYNONYMS[kind]) == set(choices)
        others = [word for words in SYNONYMS[kind].values() for word in words]
        assert len(set(others)) == len(others) and others == [plain(word) for word in others]
        assert not {plain(word) for word in choices} & set(others)


def test_dates_as_text_in_three_orders() -> None:
    day = pd.Timestamp("2026-10-09")
    texts = [
        "09/10/2026",
        "2026-10-09",
        "9 Oct 2026",
        "Fri 9 October 2026",
        "09.10.26",
        "9-10-2026",
    ]
    assert form_days(texts) == dict.fromkeys(texts, day)


def test_a_date_with_the_month_first_makes_the_others_doubtful() -> None:
    read = form_days(["10/22/2026", "09/10/2026", "2026-10-09", "22/10/2026", "9 Oct 2026", "soon"])
    assert read["10/22/2026"] == read["09/10/2026"] == MONTH_FIRST
    assert read["2026-10-09"] == read["9 Oct 2026"] == pd.Timestamp("2026-10-09")
    assert read["22/10/2026"] == pd.Timestamp("2026-10-22")
    assert read["soon"] == A_DATE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing"),
        ("31/02/2026", "'31/02/2026'"),
        ("31 Feb 26", "'31 Feb 26'"),
        ("46000", "'46000'"),
        ("Done?!", "other words"),
        ("May March", "other words"),
        ("May March 2", "other words"),
        ("May", "other words"),
        ("Fri 9 May 2026", "'Fri 9 May 2026'"),
        ("Sam Sample", "other words"),
        ("9 Oct with Sam", "other words"),
        ("A916200120046", "other words"),
        ("C916200122113", "other words"),
        ("1st of Oct 26", "'1st of Oct 26'"),
        ("9Oct26", "other words"),
        ('=HYPERLINK("x")', "other words"),
        ("7" * 50, f"'{'7' * 40}…'"),
    ],
)
def test_a_message_shows_no_text_that_may_name_somebody(text: str, words: str) -> None:
    assert shown(text) == words


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Done?!", "status", "'Done?!'"),
        ("2026-11-20", "status", "'2026-11-20'"),
        ("May Part", "status", "other words"),
        ("Done", "early_help", "other words"),
        ("Offered?", "early_help", "'Offered?'"),
        ("Nerys Sample", "legal_step", "other words"),
        ("9 May", "", "other words"),
        ("900101", "", "'900101'"),
    ],
)
def test_each_column_shows_its_own_words_alone(text: str, kind: str, words: str) -> None:
    assert shown(text, kind) == words


def test_choices_in_words() -> None:
    assert in_words(CHOICES["person"]) == "'Came' or 'Invited, did not come'"


def test_letters_without_what_was_added_to_them() -> None:
    assert plain("Łukasz Ødegård-MÜLLER’s") == "lukasz odegard mullers"
