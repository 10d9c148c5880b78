"""The schools of a phase by their size: what the funnel chart shows, in words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.intervals import Position, funnel_limits, funnel_position
from attendance_helpers.publish.wording import counted, listed, percent

FEWEST_DRAWN: Final = 3  # schools: with fewer, a pooled rate is hardly more than the schools
LIMITS: Final = ("lower_998", "lower_95", "upper_95", "upper_998")
_COUNTED: Final = ("persistently_absent", "enrolments")
_BESIDE: Final = {
    "below 99.8": "far below what chance explains for its size",
    "below 95": "below what chance easily explains for its size",
    "inside": "within what chance explains for its size",
    "above 95": "above what chance easily explains for its size",
    "above 99.8": "far above what chance explains for its size",
}
_ALT: Final = {
    "below 99.8": "below the 99.8% limits",
    "below 95": "below the 95% limits",
    "inside": "inside the 95% limits",
    "above 95": "above the 95% limits",
    "above 99.8": "above the 99.8% limits",
}


@dataclass(frozen=True)
class Funnel:
    """The schools of a phase, largest first, with their counts of pupils, and which of them is this one."""

    urns: np.ndarray
    pupils: np.ndarray
    absent: np.ndarray
    phase: str  # in lower case, as sentences have it
    share: float  # of all their pupils, those persistently absent
    at: int

    @classmethod
    def of(cls, school_totals: pd.DataFrame, urn: str) -> Funnel | None:
        """Return the funnel of a school's phase; None where the school has no pupil with a session."""
        urns, phases = (school_totals[name].to_numpy(dtype=object) for name in ("urn", "phase"))
        absent, pupils = (school_totals[name].to_numpy() for name in _COUNTED)
        own = np.flatnonzero((urns == urn) & (pupils > 0))
        if not len(own):
            return None
        phase = phases[own[0]]
        same = np.flatnonzero((phases == phase) & (pupils > 0))
        same = same[np.lexsort((-absent[same], -pupils[same]))]
        urns, absent, pupils = urns[same], absent[same], pupils[same]
        share = float(absent.sum() / pupils.sum())
        at = int(np.argmax(urns == urn))
        return cls(urns, pupils, absent, str(phase).lower(), share, at)

    @cached_property
    def schools(self) -> pd.DataFrame:
        """The schools' rows, with their rates [% of pupils], positions and limits."""
        counts = {"enrolments": self.pupils, "persistently_absent": self.absent}
        places = [self._position(at) for at in range(len(self.urns))]
        rates = {"rate": 100 * self.absent / self.pupils, "position": places}
        limits = dict(funnel_limits(pd.Series(self.pupils), share=self.share))
        return pd.DataFrame({"urn": self.urns, **counts, **rates, **limits})

    def _position(self, at: int) -> Position:
        return funnel_position(int(self.absent[at]), int(self.pupils[at]), share=self.share)

    @cached_property
    def own(self) -> dict[str, Any]:
        """The row of this school."""
        return {str(key): value for key, value in self.schools.iloc[self.at].items()}

    @cached_property
    def others(self) -> pd.DataFrame:
        """The other schools' rows."""
        return self.schools.drop(index=self.at)

    @property
    def rate(self) -> float:
        """The rate of this school [% of its pupils]."""
        return float(100 * self.absent[self.at] / self.pupils[self.at])

    @property
    def position(self) -> Position:
        """Where this school lies, as `funnel_position` says it."""
        return self._position(self.at)

    def no_funnel(self) -> str:
        """Return why there is no funnel, as a sentence; empty where there is one."""
        schools = counted(len(self.urns), f"{self.phase} school")
        if len(self.urns) < FEWEST_DRAWN:
            return f"The register holds {schools} with sessions in these dates: too few to say what is usual for a school of this size."
        if self.share in {0, 1}:
            which = "No pupil" if self.share == 0 else "Every pupil"
            return f"{which} of the authority's {schools} is persistently absent in these dates."
        return ""


def school_position(school_totals: pd.DataFrame, *, urn: str) -> Position:
    """Return where a school lies among the authority's schools of its phase, as `intervals.funnel_position` says it."""
    funnel = Funnel.of(school_totals, urn)
    return "nothing to compare" if funnel is None or funnel.no_funnel() else funnel.position


def funnel_title(school_totals: pd.DataFrame, *, urn: str) -> str:
    """
    Return whether this school is beyond what chance explains for its size, as a sentence.

    Parameters
    ----------
    school_totals, urn : as for `funnel_chart`
    """
    funnel = Funnel.of(school_totals, urn)
    if funnel is None:
        return "No session in this window counts"
    if funnel.no_funnel():
        return funnel.no_funnel().removesuffix(".")
    rate = f"{percent(funnel.rate)} of pupils are persistently absent"
    together = f"{percent(100 * funnel.share)} in the authority's {len(funnel.urns)} {funnel.phase} schools together"
    return f"{rate}: {_BESIDE[funnel.position]}, with {together}"


def funnel_alt(funnel: Funnel) -> str:
    """Return the chart in words, from its data."""
    own = funnel.own
    known = not math.isnan(own["lower_95"] + own["upper_95"])
    limits = f" ({percent(own['lower_95'])} to {percent(own['upper_95'])})" if known else ""
    positions = Counter(funnel.others["position"].tolist())
    others = [f"{positions[name]:,} {words}" for name, words in _ALT.items() if name in positions]
    return (
        f"Persistent absence by size of school, {counted(len(funnel.urns), f'{funnel.phase} school')}, "
        f"{percent(100 * funnel.share)} of all their pupils. This school: {percent(funnel.rate)} of "
        f"{counted(int(own['enrolments']), 'pupil')}, {_ALT[funnel.position]}{limits} for its size. "
        f"The other schools: {listed(others)}."
    )
