"""How much absence a phase has, how it is spread over pupils, and for which reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Profile:
    """
    Absence of one phase in England.

    `curve` : pupils in order of absence: share of pupils [0 to 1] and the share of sessions that such a pupil misses [0 to 1]
    `reasons` : sessions by code [% of possible sessions]; `O` and `C` are shares of what is left when the others are placed [0 to 1]
    `late` : late before the register closed [% of possible sessions]
    `trips`, `off_site` : codes V and B [% of possible sessions]
    """

    curve: tuple[tuple[float, float], ...]
    reasons: dict[str, float]
    late: float
    trips: float
    off_site: float


# DfE, Pupil attendance in schools, England 2025/26 to Easter (absence, persistent absence) and to 10 July 2026 (reasons). Severe absence:
# absence statistics, autumn and spring 2024/25, 2.26 % of all pupils; its split by phase is this project's own assumption.
PROFILES: Final = {
    "Primary": Profile(
        curve=(
            *((0.0, 0.002), (0.1, 0.009), (0.25, 0.016), (0.5, 0.027), (0.75, 0.05), (0.86, 0.1)),
            *((0.93, 0.13), (0.97, 0.175), (0.985, 0.28), (0.99, 0.5), (1.0, 0.8)),
        ),
        reasons={
            **{"M": 0.29, "G": 0.50, "U": 0.17, "R": 0.066, "E": 0.037, "C2": 0.17},
            **{"O": 0.17, "C": 0.09},
        },
        late=1.12,
        trips=0.73,
        off_site=0.1,
    ),
    "Secondary": Profile(
        curve=(
            *((0.0, 0.002), (0.1, 0.009), (0.25, 0.016), (0.5, 0.033), (0.65, 0.05), (0.777, 0.1)),
            *((0.88, 0.14), (0.94, 0.225), (0.965, 0.5), (1.0, 0.87)),
        ),
        reasons={
            **{"M": 0.4, "G": 0.31, "U": 0.3, "R": 0.058, "E": 0.29, "C2": 0.32},
            **{"O": 0.345, "C": 0.065},
        },
        late=2.79,
        trips=0.73,
        off_site=0.3,
    ),
    "Special": Profile(
        curve=(
            *((0.0, 0.004), (0.1, 0.02), (0.25, 0.036), (0.5, 0.066), (0.648, 0.1)),
            *((0.8, 0.17), (0.9, 0.28), (0.94, 0.48), (1.0, 0.9)),
        ),
        reasons={
            **{"M": 1.05, "G": 0.4, "U": 0.32, "R": 0.053, "E": 0.17, "C2": 1.59},
            **{"O": 0.3, "C": 0.175},
        },
        late=0.77,
        trips=0.46,
        off_site=0.89,
    ),
    # State-funded alternative provision: 42 % absence in autumn and spring 2024/25; the spread is an assumption.
    "Alternative provision": Profile(
        curve=((0.0, 0.03), (0.15, 0.1), (0.6, 0.38), (0.8, 0.62), (1.0, 0.95)),
        reasons={
            **{"M": 0.6, "G": 0.2, "U": 1.5, "R": 0.0, "E": 2.0, "C2": 0.0},
            **{"O": 0.6, "C": 0.05},
        },
        late=4.0,
        trips=0.4,
        off_site=3.0,
    ),
}
# What moves a pupil up or down the order of absence of a school, in standard deviations of what is not explained.
EFFECTS: Final = {
    ("fsm", "Y"): 0.7,
    ("sen", "K"): 0.36,
    ("sen", "E"): 0.5,
    ("eal", "Y"): -0.2,
    ("child_in_need", "Y"): 0.6,
    ("child_protection_plan", "Y"): 0.4,
    ("looked_after", "Y"): -0.1,
    ("young_carer", "Y"): 0.45,
}
YEAR_EFFECTS: Final = {0: 0.2, 1: 0.05, 7: -0.15, 9: 0.12, 10: 0.25, 11: 0.3, 12: -0.2, 13: -0.1}
MOBILE_EFFECT: Final = 0.4
# The share of a pupil's own tendency that carries over from one year to the next.
STEADY: Final = 0.7


def absence_order(
    pupils: pd.DataFrame, year_group: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """
    Return each pupil's place in the school's order of absence, above 0 (least) and below 1 (most).

    Places are spread evenly, so that a school's rates follow its profile and not the luck of the draw.
    """
    tendency = np.sqrt(STEADY) * pupils["steady"].to_numpy()
    tendency = tendency + np.sqrt(1 - STEADY) * rng.standard_normal(len(pupils))
    for (flag, value), effect in EFFECTS.items():
        tendency += effect * (pupils[flag] == value).to_numpy()
    tendency += [YEAR_EFFECTS.get(int(year), 0.0) for year in year_group]
    tendency += MOBILE_EFFECT * pupils["mobile"].to_numpy(dtype=bool)
    place = tendency.argsort().argsort()
    return np.asarray((place + rng.random(len(pupils))) / len(pupils))


def absence_shares(order: np.ndarray, profile: Profile, *, level: float) -> np.ndarray:
    """Return the share of sessions that each pupil misses [0 to 0.97], for a school at a level of its phase."""
    places, shares = np.array(profile.curve).T
    return np.asarray(np.minimum(0.97, level * np.interp(order, places, shares)))
