"""Before and after on made-up schools: none is found where nothing was done, and a known effect is found in its size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from since_samples import MadeUpSchool, made_up_school, the_persistent, the_worst, with_effect

from attendance_helpers.measures.since import since_pupils
from attendance_helpers.measures.since_cohort import CohortSince, since_cohort, since_together

MEETINGS = (45, 60, 80)  # school days after the first of the year
EFFECT = 20 / 120  # of possible sessions: ten sessions in sixty
SCHOOLS = 60
CLOSE = 2.0  # sessions a pupil in sixty days; of thousands of meetings the mean error is a third of it at most
Chosen = Callable[[MadeUpSchool, int, np.random.Generator], np.ndarray]
Rows = tuple[list[CohortSince], pd.DataFrame, list[float]]


def meetings(choose: Chosen, *, seed: int, effect: float = 0) -> Rows:
    """Return what is said of each meeting's pupils together, of each pupil, and how many sessions the action truly gained."""
    rng = np.random.default_rng(seed)
    together, single, true = [], [], []
    for at in range(SCHOOLS):
        school = made_up_school(rng, int(rng.choice([120, 300, 600])))
        meeting = MEETINGS[at % len(MEETINGS)]
        listed = meeting - int(rng.integers(0, 10))
        chosen = choose(school, listed, rng)
        upns = list(school.upns[chosen])
        nothing = school.totals(meeting, listed=listed)
        done = with_effect(school, chosen, meeting, share=effect, rng=rng) if effect else school
        totals = done.totals(meeting, listed=listed) if effect else nothing
        pupils = since_pupils(totals, upns)
        gained = nothing["missed_after"] - totals["missed_after"]
        compared = pupils.loc[pupils["why"] == "", "upn"]
        single.append(pupils[pupils["why"] == ""])
        together.append(since_together(totals, upns))
        true.append(float(gained[nothing["upn"].isin(compared)].sum()))
    return together, pd.concat(single), true


def a_pupil(found: list[CohortSince], true: list[float]) -> float:
    """Return the mean error of the differences [sessions a pupil in sixty days]."""
    errors = sum(
        one.difference + gain for one, gain in zip(found, true, strict=True) if not one.why
    )
    return 120 * errors / sum(one.possible_after for one in found)


@pytest.mark.parametrize(("choose", "seed"), [(the_worst, 1), (the_persistent, 2)])
def test_where_nothing_was_done_nothing_is_claimed(choose: Chosen, seed: int) -> None:
    together, single, _ = meetings(choose, seed=seed)
    compared = [one for one in together if not one.why]
    assert len(compared) >= 20 and len(single) >= 100
    assert sum(one.clear for one in compared) <= 0.05 * len(compared)
    assert single["clear"].mean() <= 0.05
    assert abs(a_pupil(together, [0.0] * len(together))) < CLOSE


def test_those_chosen_miss_less_by_themselves_and_so_do_similar_pupils() -> None:
    rng = np.random.default_rng(21)
    found = []
    for _ in range(20):
        school = made_up_school(rng, 400, winter=0)
        chosen = the_persistent(school, 60, rng)
        found.append(since_together(school.totals(60, listed=60), list(school.upns[chosen])))
    sessions = sum(one.possible_after for one in found) / 120
    own, similar = (
        sum(getattr(one, name) for one in found) / sessions for name in ("change", "similar_change")
    )
    assert own < -3  # sessions in sixty days: to believe it would be to believe in every action
    assert abs(own - similar) < CLOSE


def test_a_known_effect_is_found_in_its_size() -> None:
    together, single, true = meetings(the_persistent, seed=13, effect=EFFECT)
    compared = [one for one in together if not one.why]
    size = 120 * sum(true) / sum(one.possible_after for one in compared)
    assert size > 8  # a few miss too little after to gain ten sessions in sixty
    assert abs(a_pupil(together, true)) < CLOSE
    many = [one for one in compared if one.compared >= 15]
    assert len(many) >= 10
    assert np.mean([one.clear and one.difference < 0 for one in many]) >= 0.8
    assert not any(one.clear and one.difference > 0 for one in compared)
    assert (single["difference"] < 0).mean() > 0.8
    inside = [
        one.lower <= -gain <= one.upper
        for one, gain in zip(together, true, strict=True)
        if one.compared >= 3
    ]
    assert np.mean(inside) >= 0.9


def test_a_cohort_is_no_claim_by_its_own_level_nor_by_a_bug_of_its_year() -> None:
    rng = np.random.default_rng(14)
    clear = {"year": 0, "often away": 0, "worst year": 0}
    for at in range(SCHOOLS // 2):
        school = made_up_school(rng, 400, bugs=0.2)
        meeting = MEETINGS[at % len(MEETINGS)]
        totals = school.totals(meeting, listed=meeting)
        # Free school meals, say: those who tend to miss more, whatever they missed until now.
        tendency = school.until(129) + 0.05 * rng.standard_normal(400)
        rates = [school.until(meeting)[school.year == year].mean() for year in range(7, 12)]
        cohorts = {
            "year": school.year == 9,
            "often away": tendency > np.quantile(tendency, 0.75),
            "worst year": school.year == 7 + int(np.argmax(rates)),
        }
        for name, members in cohorts.items():
            clear[name] += since_cohort(totals, list(school.upns[members])).clear
    assert max(clear.values()) <= 0.05 * SCHOOLS / 2


def test_a_cohort_that_misses_less_is_found() -> None:
    rng = np.random.default_rng(15)
    found = []
    for _ in range(8):
        school = made_up_school(rng, 400)
        members = rng.random(400) < 0.2
        done = with_effect(school, members, 60, share=EFFECT, rng=rng)
        one = since_cohort(done.totals(60, listed=60), list(done.upns[members]))
        before = school.totals(60, listed=60).loc[members, "missed_after"].sum()
        gained = before - one.missed_after
        found.append((one.clear and one.difference < 0, one.lower <= -gained <= one.upper))
    clear, inside = np.mean(found, axis=0)
    assert clear >= 0.75 and inside >= 0.75
