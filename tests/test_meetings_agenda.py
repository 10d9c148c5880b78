"""The suggested length, counted by hand at its edges; and an agenda whose minutes add up to it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.errors import AttendanceError
from attendance_helpers.meetings.agenda import (
    agenda,
    suggested_minutes,
    whole_shares,
)

KEYS = [
    *("purpose", "last_actions", "picture", "groups", "severe"),
    *("persistent", "processes", "legal", "practice", "close"),
]


@pytest.mark.parametrize(
    ("severe", "persistent", "needed", "minutes"),
    [
        (0, 0, 30, 45),  # the shortest
        (5, 20, 45, 45),  # the first 20 add nothing
        (5, 21, 46, 60),  # one above them, and one minute over a step
        (0, 35, 45, 45),
        (0, 36, 46, 60),
        (10, 20, 60, 60),  # on the step: stays
        (30, 20, 120, 120),  # on the longest
        (30, 21, 121, 120),  # over it
        (40, 200, 330, 120),
    ],
)
def test_length_as_counted_by_hand(severe, persistent, needed, minutes):
    length = suggested_minutes(severe, persistent)
    assert (length.needed, length.minutes) == (needed, minutes)


def test_every_number_of_the_length_is_a_parameter():
    length = suggested_minutes(
        2,
        7,
        base_minutes=10,
        severe_minutes=4.5,
        persistent_minutes=0.5,
        persistent_free=1,
        round_minutes=10,
        shortest_minutes=20,
        longest_minutes=90,
    )
    assert (length.needed, length.rounded, length.minutes) == (22, 30, 30)  # 10 + 9 + 3
    assert length.persistent_counted == 6


def test_minutes_are_added_as_written_not_as_binary():
    faulty = [n for n in range(10, 2000, 10) if n * 1.1 > Fraction(11, 10) * n]
    assert faulty  # there are numbers of pupils for which binary is over
    for pupils in faulty:
        length = suggested_minutes(
            pupils, 0, base_minutes=0, severe_minutes=1.1, round_minutes=11, longest_minutes=480
        )
        assert length.rounded == 11 * pupils // 10


def test_fewer_than_no_pupils_are_refused():
    with pytest.raises(AttendanceError, match="found -1"):
        suggested_minutes(3, -1)


def test_ten_points_in_order_each_with_a_leader_and_a_place():
    points = agenda(suggested_minutes(8, 41))
    assert [point.key for point in points] == KEYS
    assert [point.number for point in points] == list(range(1, 11))
    assert {point.leads for point in points} == {"school", "authority", "both"}
    assert all(point.sections and point.settle.endswith(".") for point in points)


def test_points_have_their_part_of_the_base_and_the_minutes_of_their_pupils():
    # 30 + 3 x 8 + 1 x 21 = 75: nothing to spare, nothing to cut.
    points = agenda(suggested_minutes(8, 41))
    assert [point.minutes for point in points] == [2, 3, 5, 5, 24, 3 + 21, 4, 2, 3, 3]


def test_where_the_longest_is_too_short_the_pupils_points_give_way_in_proportion():
    # 120 less the base of 30 leaves 90 for 120 + 180: 36 and 54.
    points = agenda(suggested_minutes(40, 200))
    assert [point.minutes for point in points] == [2, 3, 5, 5, 36, 3 + 54, 4, 2, 3, 3]


def test_points_with_nothing_to_discuss_say_so_and_leave_their_time_to_others():
    points = agenda(suggested_minutes(0, 0), found={"last_actions": 0, "legal": 0})
    silent = [point.key for point in points if not point.minutes]
    assert silent == ["last_actions", "severe", "persistent", "legal"]
    assert all(
        point.settle.startswith("Nothing this time: ") for point in points if point.minutes == 0
    )
    assert sum(point.minutes for point in points) == 45


def test_what_is_not_known_has_its_time():
    unknown = agenda(suggested_minutes(3, 0), found={"last_actions": None})
    assert unknown == agenda(suggested_minutes(3, 0))
    assert unknown[1].minutes > 0
    some = agenda(suggested_minutes(3, 0), found={"last_actions": 2, "groups": 0})
    assert some[1].minutes > 0
    assert some[3].minutes > 0  # groups are always worth a look


def test_counts_of_pupils_come_from_the_length_alone():
    length = suggested_minutes(4, 0)
    assert agenda(length, found={"severe": 0}) == agenda(length)


def test_unknown_points_are_refused():
    with pytest.raises(AttendanceError, match="found lunch"):
        agenda(suggested_minutes(1, 1), found={"lunch": 1})


@given(
    severe=st.integers(0, 300),
    persistent=st.integers(0, 900),
    base=st.integers(0, 240),
    each=st.floats(0, 60).map(lambda n: round(n, 2)),
    step=st.integers(1, 60),
    shortest=st.integers(0, 480),
    longer=st.integers(0, 200),
    found=st.dictionaries(st.sampled_from(KEYS), st.sampled_from([None, 0, 1])),
)
def test_minutes_always_add_up(severe, persistent, base, each, step, shortest, longer, found):
    length = suggested_minutes(
        severe,
        persistent,
        base_minutes=base,
        severe_minutes=each,
        round_minutes=step,
        shortest_minutes=shortest,
        longest_minutes=shortest + longer,
    )
    points = agenda(length, found=found)
    assert sum(point.minutes for point in points) == length.minutes
    assert shortest <= length.minutes <= shortest + longer
    said = [point for point in points if point.settle.startswith("Nothing this time")]
    assert all(point.minutes == 0 for point in said)
    if length.minutes >= len(points):
        assert all(point.minutes >= 1 for point in points if point not in said)


@given(parts=st.lists(st.integers(0, 50), min_size=1, max_size=12), total=st.integers(0, 200))
def test_whole_shares_add_up_and_keep_the_order_of_the_parts(parts, total):
    shares = whole_shares(parts, total)
    assert sum(shares) == total
    assert all(share >= (1 if total >= len(parts) else 0) for share in shares)
    for first, left in enumerate(parts):
        for second, right in enumerate(parts):
            if left > right:
                assert shares[first] >= shares[second]
