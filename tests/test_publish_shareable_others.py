"""The other schools in the copy for others: not so that the documents of all schools together tell a number that one of them hides."""

from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.publish.shareable_others import compared_with, of_large

PA, SA = "persistently_absent_perc", "severely_absent_perc"


def totals(*rows: tuple[int, int, int]) -> pd.DataFrame:
    """Return schools a, b, c, ... with pupils, persistently and severely absent ones."""
    frame = pd.DataFrame(rows, columns=["enrolments", "persistently_absent", "severely_absent"])
    counts = {"possible_sessions": 1000, "overall_absence": 50, "overall_attendance": 950}
    urns = list("abcdefghij"[: len(rows)])
    return absence_rates(frame.assign(urn=urns, phase="Primary", **counts))


def shown(frame: pd.DataFrame, urn: str = "b") -> tuple[bool, bool]:
    others = compared_with(frame, urn=urn, phase="Primary")
    assert others is not None
    return pd.notna(others[PA]), pd.notna(others[SA])


def test_what_no_school_hides_is_shown() -> None:
    assert shown(totals((100, 13, 0), (200, 30, 7), (150, 20, 8))) == (True, True)


def test_one_school_that_hides_its_number_is_told_by_the_others_documents() -> None:
    """B's others are A and C, and C prints its own: the rest is A's."""
    frame = totals((100, 3, 0), (200, 30, 7), (150, 20, 8))
    assert [shown(frame, urn) for urn in "abc"] == [(False, True)] * 3


def test_two_tell_each_other() -> None:
    assert shown(totals((100, 13, 2), (200, 30, 2), (150, 20, 9))) == (True, False)


def test_rates_of_many_pupils_are_too_coarse_to_tell() -> None:
    assert shown(totals((100, 13, 2), (20000, 3000, 2), (15000, 2000, 3))) == (True, True)


def test_schools_of_fewer_than_ten_pupils_stand_in_no_comparison() -> None:
    frame = totals((9, 3, 0), (200, 30, 7), (150, 20, 8))
    others = compared_with(frame, urn="b", phase="Primary")
    assert others is not None
    assert others["enrolments"] == 150
    assert pd.notna(others[PA])
    assert list(of_large(frame, frame)["urn"]) == ["b", "c"]


@pytest.mark.parametrize("urn", ["a", "b"])
def test_no_other_school(urn: str) -> None:
    frame = totals((200, 30, 7), (9, 3, 0)).assign(phase=["Primary", "Special"])
    assert compared_with(frame, urn=urn, phase=frame.set_index("urn").loc[urn, "phase"]) is None


def test_it_agrees_with_every_document_read_side_by_side() -> None:
    """Small numbers of three schools, tried out in full: is any the only one that prints the same rates?"""
    from itertools import product

    from attendance_helpers.publish.rounding import rounded_text

    for absent in ((2, 3, 20), (1, 1, 1), (4, 2, 3), (12, 3, 2)):
        sizes = (40, 60, 300)
        frame = totals(*((size, number, 0) for size, number in zip(sizes, absent, strict=True)))

        def prints(numbers: tuple[int, ...], sizes: tuple[int, ...] = sizes) -> list[str]:
            return [
                rounded_text(100 * (sum(numbers) - own) / (sum(sizes) - size), 1)
                for own, size in zip(numbers, sizes, strict=True)
            ]

        choices = [range(1, 5) if 1 <= number <= 4 else [number] for number in absent]
        alike = [way for way in product(*choices) if prints(way) == prints(absent)]
        told = any(
            len({way[at] for way in alike}) == 1
            for at, number in enumerate(absent)
            if 1 <= number <= 4
        )
        assert shown(frame)[0] is not told, absent
