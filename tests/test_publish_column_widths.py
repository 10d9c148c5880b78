"""Columns that fit across a page: numbers whole, words whole while there is room."""

import pytest

from attendance_helpers.publish.column_widths import (
    BREAK,
    PAGE_WIDTH,
    Column,
    layout,
    text_width,
    too_long,
    with_breaks,
)


def numbers(count: int, label: str = "Unauthorised sessions") -> list[Column]:
    return [Column(label, ["1,234"], "count") for _ in range(count)]


@pytest.mark.parametrize("count", [1, 3, 6, 12, 40])
def test_the_table_never_runs_off_the_page(count):
    names = Column("Pupil", ["Smith-Featherstonehaugh, Zoë", "x" * 300])
    found = layout([names, *numbers(count)])
    assert sum(found.widths) <= PAGE_WIDTH + 0.01
    assert found.size >= 9.5


def test_numbers_stay_whole_in_twelve_columns():
    found = layout([Column("Pupil", ["Okonkwo, Amara"]), *numbers(11)])
    needed = text_width("1,234", size=found.size, face="semibold")
    assert min(found.widths[1:]) - found.gap >= needed


def test_a_small_table_is_not_pulled_apart():
    found = layout([Column("Step", ["Call"]), Column("Days", ["1"], "count")])
    assert found.size == 10.5
    assert sum(found.widths) < PAGE_WIDTH / 3


def test_a_share_of_the_page_is_given_where_it_is_asked_for():
    wide, narrow = layout([Column("a", ["x"], share=0.5), Column("b", ["y"])]).widths
    assert wide >= PAGE_WIDTH / 2
    assert narrow < wide


def test_a_long_word_may_break_and_an_ordinary_one_takes_hyphens():
    url = "x" * 60
    broken = with_breaks(f"{url} Unauthorised", width=50, size=10)
    assert broken.replace(BREAK, "") == f"{url} Unauthorised"
    assert max(text_width(part, size=10) for part in broken.split(" ")[0].split(BREAK)) <= 50
    assert "Unauthorised" in broken
    assert too_long("Unauthorised", width=50, size=10)


def test_no_columns_no_widths():
    assert layout([]).widths == ()
