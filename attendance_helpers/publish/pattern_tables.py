"""How absence comes, in words and on the page: its spells, and the pattern of each persistently absent pupil."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from statistics import median
from typing import Final

import pandas as pd

from attendance_helpers.measures.spells import PATTERNS, RULES, PatternRules
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Value

SHEET: Final = "Patterns"
PATTERN_NAMES: Final[Mapping[str, str]] = {
    "short_roll": "Short time so far",
    "part_time": "Part-time timetable",
    "recent_acute": "Recent and acute",
    "early_acute": "Early and acute",
    "one_long": "One long spell",
    "many_short": "Many short spells",
    "throughout": "Persistent throughout",
    "mixed": "No single pattern",
}


def patterns_sheet(patterns: pd.DataFrame, *, rules: PatternRules = RULES) -> Sheet:
    """
    Return the persistently absent pupils by the pattern of their absence, each with its rule, for the workbook.

    Each pupil has the first pattern that fits, in the order of `PATTERNS`; spells each is the median.

    Parameters
    ----------
    patterns : as `measures.spells.absence_patterns` returns it
    rules : those that it was given; written out
    """
    words = pattern_rules(rules)
    found: dict[str, list[tuple[int, int]]] = {}
    columns = (patterns[name].tolist() for name in ("pattern", "overall_absence", "spells"))
    for name, missed, spells in zip(*columns, strict=True):
        found.setdefault(name, []).append((missed, spells))
    last = PATTERNS[-1]
    order = sorted(found, key=lambda name: (name == last, -len(found[name]), name))
    rows: list[list[Value]] = [
        [
            PATTERN_NAMES[name],
            len(found[name]),
            sum(missed for missed, _ in found[name]) / 2,
            float(median(spells for _, spells in found[name])),
            words[name],
        ]
        for name in order
    ]
    return Sheet(
        SHEET,
        [
            *(Column("Pattern"), Column("Pupils", "count"), Column("Days missed", "number")),
            *(Column("Spells each", "number"), Column("The rule", width=0.6)),
        ],
        rows,
    )


def patterns_title(patterns: pd.DataFrame) -> str:
    """Return the most frequent pattern and how many of the persistently absent pupils have it."""
    counts = Counter(patterns["pattern"].tolist())
    named = {name: n for name, n in counts.items() if name not in (PATTERNS[0], PATTERNS[-1])}
    if not named:
        early = counts.most_common(1)[0][0] == PATTERNS[0]
        told = "It is too early to tell the pattern" if early else "No pattern describes most"
        return f"{told} of {wording.counted(len(patterns), 'persistently absent pupil')}"
    most = max(named.values())
    name = min((name for name, n in named.items() if n == most), key=PATTERNS.index)
    share = wording.share(most, len(patterns))
    if most < max(counts.values()):
        return f"No one pattern describes most; {PATTERN_NAMES[name].lower()}: {share}"
    return f"Most frequent pattern: {PATTERN_NAMES[name].lower()}, {share}"


def pattern_rules(rules: PatternRules = RULES) -> dict[str, str]:
    """
    Return the rule of each pattern in words, with the thresholds that were used.

    Examples
    --------
    >>> pattern_rules()["one_long"]
    'Half or more of it in one spell of 10 days or more.'
    """
    part, acute, long = (
        _share_words(share)
        for share in (rules.part_time_share, rules.acute_share, rules.long_share)
    )
    long_days, short_days = wording.days(rules.long_sessions), wording.days(rules.short_spell)
    return {
        "short_roll": f"Fewer than {rules.short_sessions} possible sessions.",
        "part_time": f"{part} or more of it coded C2.",
        "recent_acute": f"{acute} or more of it in the last third.",
        "early_acute": f"{acute} or more of it in the first third.",
        "one_long": f"{long} or more of it in one spell of {long_days} or more.",
        "many_short": f"{rules.many_spells} spells or more, half of them up to {short_days}, none of {long_days} or more.",
        "throughout": f"{rules.persistent_perc:g}% or more missed in every third.",
        "mixed": "None of the other rules fits.",
    }


def _share_words(share: Fraction) -> str:
    return {Fraction(1, 2): "Half", Fraction(2, 3): "Two thirds"}.get(
        share, wording.percent(float(100 * share), decimals=0)
    )


def spells_words(
    spells: pd.DataFrame, patterns: pd.DataFrame, *, rules: PatternRules = RULES
) -> Paragraph:
    """
    Return how absence comes: the most frequent pattern, how many spells, how long, and how much of it lies in long ones.

    Parameters
    ----------
    spells : of all pupils, as `measures.spells.spells` returns them
    patterns : of the persistently absent pupils, as `measures.spells.absence_patterns` returns them
    """
    if spells.empty:
        return Paragraph("No session was missed in these dates, so there is no spell of absence.")
    missed = int(spells["sessions"].sum())
    long = spells[spells["sessions"] >= rules.long_sessions]
    part = wording.percent(100 * long["sessions"].sum() / missed, decimals=0)
    typical = wording.days(int(spells["sessions"].quantile(0.5, interpolation="lower")))
    still = int(spells["open"].sum())
    long_words = (
        f"{wording.counted(len(long), 'spell')} of {wording.days(rules.long_sessions)} or more "
        f"{'holds' if len(long) == 1 else 'hold'} {part} of all missed sessions"
        if len(long)
        else f"No spell was as long as {wording.days(rules.long_sessions)}"
    )
    pattern = f"{patterns_title(patterns)} (sheet {SHEET}). " if len(patterns) else ""
    return Paragraph(
        f"{pattern}Absence came in {wording.counted(len(spells), 'spell')}, from the first session missed to the next present mark; half "
        f"of them lasted {typical} or less. {long_words}; {f'{still:,}' if still else 'none'} still ran at the pupil's last session.",
        "note",
    )
