from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.measures.persistence import (
    absence_bands,
    persistence,
)

# Possible, absent, PA, SA: the boundary table of the field.
BOUNDARIES = [
    (100, 9, False, False),
    (100, 10, True, False),
    (109, 11, True, False),
    (111, 11, False, False),
    (1001, 100, False, False),
    (100, 50, True, True),
    (99, 49, True, False),
    (6, 3, True, True),
]


def totals(*pairs: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["possible_sessions", "overall_absence"])


@pytest.mark.parametrize(("possible", "absent", "persistent", "severe"), BOUNDARIES)
def test_boundaries(possible: int, absent: int, persistent: bool, severe: bool) -> None:
    row = persistence(totals((possible, absent))).iloc[0]
    assert (bool(row["persistently_absent"]), bool(row["severely_absent"])) == (persistent, severe)


def test_no_possible_session_is_neither_yes_nor_no() -> None:
    found = persistence(totals((0, 0)))
    assert found[["persistently_absent", "severely_absent"]].isna().to_numpy().all()
    assert absence_bands(totals((0, 0))).isna().all()
    assert persistence(totals()).empty


def test_a_threshold_of_ones_own() -> None:
    found = persistence(totals((200, 30), (200, 31)), persistent_perc=15.5)
    assert found["persistently_absent"].to_list() == [False, True]


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), max_size=30))
def test_agrees_with_exact_fractions(pairs: list[tuple[int, int]]) -> None:
    pairs = [(possible, min(absent, possible)) for possible, absent in pairs]
    found = persistence(totals(*pairs))
    bands = absence_bands(totals(*pairs))
    for (possible, absent), row, band in zip(pairs, found.itertuples(), bands, strict=True):
        if possible == 0:
            assert pd.isna(row.persistently_absent) and pd.isna(band)
            continue
        rate = Fraction(absent, possible) * 100
        assert bool(row.persistently_absent) == (rate >= 10)
        assert bool(row.severely_absent) == (rate >= 50)
        assert band == sum(rate >= edge for edge in (5, 10, 20, 50))
        assert not row.severely_absent or row.persistently_absent


def test_bands_leave_no_gap_and_add_up() -> None:
    pairs = [(200, absent) for absent in range(201)]
    bands = absence_bands(totals(*pairs, (0, 0)))
    assert bands.value_counts().sort_index().to_list() == [10, 10, 20, 60, 101]
    assert bands.isna().sum() == 1
