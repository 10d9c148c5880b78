from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest

from attendance_helpers.measures.spells import PATTERNS, RULES, spells
from attendance_helpers.publish.pattern_tables import (
    PATTERN_NAMES,
    pattern_rules,
    patterns_sheet,
    patterns_title,
    spells_words,
)

Marks = Callable[..., pd.DataFrame]


def patterns(**numbers: int) -> pd.DataFrame:
    """Return so many pupils of each pattern, each with ten missed sessions in four spells."""
    names = [name for name, number in numbers.items() for _ in range(number)]
    upns = [f"p{at}" for at in range(len(names))]
    frame = pd.DataFrame({"upn": upns, "pattern": pd.Series(names, dtype="str")})
    return frame.assign(overall_absence=10, spells=4)


def test_every_pattern_has_a_name_a_rule_and_a_question() -> None:
    for words in (PATTERN_NAMES, pattern_rules()):
        assert set(words) == set(PATTERNS)


def test_rules_print_the_thresholds_that_were_used() -> None:
    rules = replace(
        RULES,
        many_spells=9,
        long_sessions=30,
        long_share=Fraction(3, 5),
        short_sessions=50,
        persistent_perc=12.5,
    )
    words = pattern_rules(rules)
    assert (
        words["many_short"]
        == "9 spells or more, half of them up to 2 days, none of 15 days or more."
    )
    assert words["one_long"] == "60% or more of it in one spell of 15 days or more."
    assert words["short_roll"] == "Fewer than 50 possible sessions."
    assert words["throughout"] == "12.5% or more missed in every third."
    assert words["recent_acute"] == "Two thirds or more of it in the last third."
    found = patterns_sheet(patterns(one_long=1), rules=rules)
    assert str(found.rows[0][-1]).startswith(words["one_long"])


def test_most_frequent_first_and_no_pattern_last() -> None:
    found = patterns_sheet(patterns(mixed=5, one_long=1, many_short=3))
    assert [row[:4] for row in found.rows] == [
        ["Many short spells", 3, 15, 4],
        ["One long spell", 1, 5, 4],
        ["No single pattern", 5, 25, 4],
    ]


@pytest.mark.parametrize(
    ("numbers", "title"),
    [
        ({"many_short": 2, "mixed": 1}, "Most frequent pattern: many short spells, 2 of 3 pupils (67%)"),
        ({"one_long": 1, "part_time": 1}, "Most frequent pattern: part-time timetable, 1 of 2 pupils (50%)"),
        ({"short_roll": 3, "mixed": 1}, "It is too early to tell the pattern of 4 persistently absent pupils"),
        ({"mixed": 1}, "No pattern describes most of 1 persistently absent pupil"),
    ],
)  # fmt: skip
def test_titles(numbers: dict[str, int], title: str) -> None:
    assert patterns_title(patterns(**numbers)) == title


def test_nobody_is_persistently_absent(marks_of: Marks) -> None:
    assert patterns_sheet(patterns()).rows == []
    found = spells_words(spells(marks_of("// II I/ /O //")), patterns())
    assert found.text.startswith("Absence came in 2 spells")


def test_spells_in_words(marks_of: Marks) -> None:
    found = spells_words(
        spells(marks_of("// II I/ /O //", "II II // // /I")), patterns(many_short=2, mixed=1)
    )
    assert found.text == (
        "Most frequent pattern: many short spells, 2 of 3 pupils (67%) (sheet Patterns). "
        "Absence came in 4 spells, from the first session missed to the next present mark; half of them lasted half a day or less. "
        "No spell was as long as 10 days; 1 still ran at the pupil's last session."
    )
    short = spells_words(
        spells(marks_of("// II I/ /O //")), patterns(), rules=replace(RULES, long_sessions=3)
    )
    assert (
        "1 spell of 1.5 days or more holds 75% of all missed sessions; none still ran" in short.text
    )


def test_no_spell(marks_of: Marks) -> None:
    assert "no spell of absence" in spells_words(spells(marks_of("// //")), patterns()).text
