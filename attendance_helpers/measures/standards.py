"""What is expected for a school's mix: how many would be persistently absent if each kind of pupil were so as often as elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.groups import UNKNOWN, sums_by_place, value_places
from attendance_helpers.measures.intervals import CONFIDENCE, count_range
from attendance_helpers.measures.sessions import UNKNOWN_YEAR
from attendance_helpers.measures.wider_frames import with_columns

STRATUM: Final = ("year_group", "fsm", "sen")
STRATUM_COUNTS: Final = (
    *("enrolments", "persistently_absent", "severely_absent"),
    *("possible_sessions", "overall_absence"),
)
FEWEST_PUPILS: Final = 10  # of the other schools, for a rate of their own
# Finer to coarser. The year is left out first: free school meals and SEN tell more about absence than the year does.
LEVELS: Final[tuple[tuple[str, ...], ...]] = (
    *(STRATUM, ("fsm", "sen"), ("year_group", "fsm"), ("fsm",)),
    *(("year_group", "sen"), ("sen",), ("year_group",), ()),
)
_FLAGS: Final = {True: "yes", False: "no"}
_ORDER: Final = {word: at for at, word in enumerate(("yes", "no", "N", "K", "E", UNKNOWN))}


class MixComparison(NamedTuple):
    """A school beside its mix: one row a stratum, and all of them together."""

    strata: pd.DataFrame
    summary: pd.Series


def stratum_totals(pupil_totals: pd.DataFrame) -> pd.DataFrame:
    """
    Count the pupils and pool the sessions of each year group, FSM and SEN taken together.

    Parameters
    ----------
    pupil_totals : one row a pupil with `year_group`, `fsm`, `sen`, session counts, `persistently_absent` and `severely_absent`

    Returns
    -------
    DataFrame, one row a stratum that has pupils: `year_group` (`UNKNOWN_YEAR` where it is not known), `fsm` (yes, no, unknown), `sen`
        (N, K, E, unknown), `enrolments` (pupils with at least one possible session), `persistently_absent`, `severely_absent` [pupils],
        `possible_sessions`, `overall_absence` [sessions]. Strata add up to the school.

    Examples
    --------
    >>> pupils = pd.DataFrame({"year_group": [7, 7, None], "fsm": pd.array([True, True, None], dtype="boolean"), "sen": ["K", "K", None],
    ...     "possible_sessions": 10, "overall_absence": [1, 0, 2], "persistently_absent": [True, False, True], "severely_absent": False})
    >>> stratum_totals(pupils).iloc[:, :5].to_numpy().tolist()
    [[-9, 'unknown', 'unknown', 1, 1], [7, 'yes', 'K', 2, 1]]
    """
    there = pupil_totals["possible_sessions"].to_numpy() > 0
    held = {name: pupil_totals[name][there] for name in (*STRATUM, *STRATUM_COUNTS[1:])}
    words = [_strata_words(name, held[name]) for name in STRATUM]
    kinds = list(zip(*words, strict=True))
    places: dict[tuple[Any, ...], int] = {}
    place = np.array([places.setdefault(kind, len(places)) for kind in kinds], dtype="int64")
    flags = [
        pd.array(held[n], dtype="boolean").to_numpy("int64", na_value=False)
        for n in STRATUM_COUNTS[1:3]
    ]
    sessions = [held[n].to_numpy("int64") for n in STRATUM_COUNTS[3:]]
    numbers = np.column_stack([np.ones(len(kinds), dtype="int64"), *flags, *sessions])
    sums = sums_by_place(numbers, place, len(places))
    order = sorted(places, key=_stratum_place)
    return _strata(order, sums[[places[kind] for kind in order]])


def _strata_words(name: str, values: pd.Series) -> list[Any]:
    at, found = value_places(values)
    if name == "year_group":
        kinds = [UNKNOWN_YEAR if value == UNKNOWN else int(value) for value in found]  # type: ignore[call-overload]
    elif name == "fsm":
        kinds = [_FLAGS.get(value, UNKNOWN) for value in found]  # type: ignore[call-overload]
    else:
        kinds = found
    return [kinds[each] for each in at]


def _stratum_place(kind: tuple[Any, ...]) -> tuple[Any, ...]:
    """Order strata by year, then FSM yes, no, then SEN none, support, plan; the unknown last of each."""
    year, fsm, sen = kind
    return (year, _ORDER.get(fsm, len(_ORDER)), _ORDER.get(sen, len(_ORDER)), fsm, sen)


def _strata(kinds: Sequence[tuple[Any, ...]], sums: np.ndarray) -> pd.DataFrame:
    """Return strata and their counts as a table."""
    years, fsm, sen = zip(*kinds, strict=True) if kinds else ((), (), ())
    words = "str" if kinds else object
    counts = sums.reshape(len(kinds), len(STRATUM_COUNTS)).T
    return pd.DataFrame(
        {
            "year_group": np.array(years, dtype="int64"),
            "fsm": pd.Series(fsm, dtype=words),
            "sen": pd.Series(sen, dtype=words),
            **dict(zip(STRATUM_COUNTS, counts, strict=True)),
        }
    )


def expected_for_mix(
    own: pd.DataFrame,
    authority: pd.DataFrame,
    *,
    confidence: float = CONFIDENCE,
    fewest: int = FEWEST_PUPILS,
) -> MixComparison:
    """
    Return how many pupils would be persistently absent if each kind of pupil were so as often as at the authority's other schools.

    Answers: is persistent absence here higher than this mix of pupils explains?

    Parameters
    ----------
    own : the school's strata, as `stratum_totals` returns them
    authority : the strata of all schools of the phase, this one included, summed or not
    confidence : of the range of what chance allows [0 to 1]
    fewest : a rate is taken from no fewer (>=) pupils of the other schools than this

    Returns
    -------
    strata : one row a stratum of the school: its counts, `level` (what the rate's pupils share with these: columns of `STRATUM`, joined by
        spaces, empty for all pupils of the phase), `reference_pupils`, `reference_persistently_absent`, `reference_perc` [%],
        `expected` [pupils, unrounded] = enrolments x rate, `reference_possible_sessions`, `reference_overall_absence`, `expected_absence`
        [sessions]
    summary : `enrolments`, `observed`, `expected`, `difference` = observed - expected, `lower` and `upper` (the counts that chance allows,
        both included) [pupils]; `observed_perc`, `expected_perc` [% of pupils]; `chance_variance`, `rate_variance`; `possible_sessions`,
        `overall_absence`, `expected_absence` [sessions]; `reference_pupils`. All that needs a reference is missing where the phase's other
        schools have fewer (<) than `fewest` pupils.

    Raises
    ------
    ComparatorError
        when a stratum of the school holds more than the authority's: the school is not among them

    Notes
    -----
    The authority's rates are directly standardised to this school's mix; the expected count is that of indirect standardisation. The
    school is subtracted from its yardstick: left in, it would pull the yardstick towards itself, among three like schools by a third.

    A stratum takes its rate from the first of `LEVELS` of which its own values are all known and which has enough pupils elsewhere: an
    unknown matches nothing, for one school's unknown pupils are not another's. All pupils of a level count, those of well-filled strata
    too.

    The range is for the count of a school with these pupils that is like the others. Its variance is that of the count given the rates
    (a sum of unlike yes-or-no's: p (1 - p) summed over pupils) and that of the rates, which come from so many pupils only. p (1 - p) is
    multiplied by N / (N - 1), which makes it unbiased. The ends come from `count_range`. In simulation the range held 93 to 99 % of the
    counts of schools of 12, 100, 400 and 1,000 pupils: most where few pupils are here, least where hardly more are elsewhere. That
    schools differ for other reasons than their mix and chance is no part of it.

    There is no range for sessions: those of a pupil are missed together, and totals do not say how much so.
    """
    reference = _others(own, authority)
    leans, levels = _leaning(own, reference, fewest=fewest)
    counts = ["enrolments", "persistently_absent", "possible_sessions", "overall_absence"]
    sums = leans @ reference[counts].to_numpy(dtype="float64")
    # A stratum that leans on nobody has no rate: nothing of nothing is missing.
    pupils, absent, possible, missed = np.where(leans.any(axis=1), sums.T, np.nan)
    beside = {
        "level": levels,
        "reference_pupils": pupils,
        "reference_persistently_absent": absent,
        "reference_perc": 100 * absent / pupils,
        "expected": own["enrolments"].to_numpy() * absent / pupils,
        "reference_possible_sessions": possible,
        "reference_overall_absence": missed,
        "expected_absence": own["possible_sessions"].to_numpy() * missed / possible,
    }
    strata = with_columns(own, beside)
    return MixComparison(strata, _summary(strata, reference, leans, confidence, fewest))


def _others(own: pd.DataFrame, authority: pd.DataFrame) -> pd.DataFrame:
    """Return the strata of the authority's schools without this one."""
    others: dict[tuple[Any, ...], np.ndarray] = {}
    for frame, sign in ((authority, 1), (own, -1)):
        rows = zip(*(frame[name].tolist() for name in STRATUM), strict=True)
        counts = np.column_stack([frame[name].to_numpy("int64") for name in STRATUM_COUNTS])
        for kind, numbers in zip(rows, sign * counts, strict=True):
            others[kind] = others.get(kind, 0) + numbers
    short = sum(bool((numbers < 0).any()) for numbers in others.values())
    if short:
        raise ComparatorError(
            "Expected the authority's strata to include this school's; found "
            f"{short} with fewer pupils or sessions than the school's own. "
            "Give the strata of all schools of the phase, for the same dates."
        )
    held = sorted(kind for kind, numbers in others.items() if numbers[0] > 0)
    return _strata(held, np.array([others[kind] for kind in held], dtype="int64").reshape(-1, 5))


def _leaning(
    cells: pd.DataFrame, reference: pd.DataFrame, *, fewest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which strata of the reference each stratum takes its rate from (rows by columns), and by which level."""
    alike = {
        key: (cells[key].to_numpy()[:, None] == reference[key].to_numpy())
        & ~cells[key].isin([UNKNOWN, UNKNOWN_YEAR]).to_numpy()[:, None]
        for key in STRATUM
    }
    pupils = reference["enrolments"].to_numpy()
    leans = np.zeros((len(cells), len(reference)))
    levels = np.full(len(cells), None, dtype=object)
    for level in LEVELS:
        shared = np.ones(leans.shape, dtype=bool)
        for key in level:
            shared &= alike[key]
        chosen = ~leans.any(axis=1) & (shared @ pupils >= fewest)
        leans[chosen], levels[chosen] = shared[chosen], " ".join(level)
    return leans, levels


def _summary(
    strata: pd.DataFrame,
    reference: pd.DataFrame,
    leans: np.ndarray,
    confidence: float,
    fewest: int,
) -> pd.Series:
    pupils, observed = (int(strata[n].sum()) for n in ("enrolments", "persistently_absent"))
    others = int(reference["enrolments"].sum())
    expected = expected_absence = chance = rates = lower = upper = math.nan
    if pupils and others >= fewest:
        expected, expected_absence = (strata[n].sum() for n in ("expected", "expected_absence"))
        chance = float(strata["enrolments"] @ _pupil_variance(leans, reference))
        rates = _rate_variance(strata, reference, leans, fewest)
        mean, variance = expected, chance + rates
        if chance == 0:
            leant_on = int(leans.any(axis=0) @ reference["enrolments"].to_numpy())
            mean, variance = _not_certain(expected, pupils, leant_on)
        lower, upper = count_range(mean, variance, most=pupils, confidence=confidence)
    figures = {
        **{"enrolments": pupils, "observed": observed, "expected": expected},
        **{"difference": observed - expected, "lower": lower, "upper": upper},
        "observed_perc": 100 * observed / pupils if pupils else math.nan,
        "expected_perc": 100 * expected / pupils if pupils else math.nan,
        **{"chance_variance": chance, "rate_variance": rates},
        "possible_sessions": strata["possible_sessions"].sum(),
        "overall_absence": strata["overall_absence"].sum(),
        **{"expected_absence": expected_absence, "reference_pupils": others},
    }
    return pd.Series(figures, dtype="float64")


def _pupil_variance(leans: np.ndarray, reference: pd.DataFrame) -> np.ndarray:
    """Return the variance of one pupil's yes or no under the rate of each stratum, without bias."""
    n = leans @ reference["enrolments"].to_numpy()
    rate = leans @ reference["persistently_absent"].to_numpy() / n
    return np.asarray(rate * (1 - rate) * n / np.maximum(n - 1, 1))


def _rate_variance(
    strata: pd.DataFrame, reference: pd.DataFrame, leans: np.ndarray, fewest: int
) -> float:
    """
    Return the variance of the expected count that the reference's own chance gives.

    The expected count is a weighted sum over the reference's pupils: each counts 1 / N for every pupil here whose rate it is one of N
    to make. So strata that lean on the same pupils err together, as they do.
    """
    weight = (strata["enrolments"] / strata["reference_pupils"]).to_numpy() @ leans
    elsewhere, _ = _leaning(reference, reference, fewest=fewest)
    held = weight**2 * reference["enrolments"].to_numpy()
    return float(held @ _pupil_variance(elsewhere, reference))


def _not_certain(mean: float, pupils: int, others: int) -> tuple[float, float]:
    """
    Return mean and variance of the count where every rate is 0 or 100 %.

    That a few pupils elsewhere were all alike does not make the next certain: half a pupil is added on either side (Jeffreys's prior), and
    the count is beta-binomial.
    """
    rate = (mean / pupils * others + 0.5) / (others + 1)
    spread = pupils * rate * (1 - rate) * (others + 1 + pupils) / (others + 2)
    return pupils * rate, spread
