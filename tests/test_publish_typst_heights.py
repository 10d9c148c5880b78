from __future__ import annotations

import pytest

from attendance_helpers.publish.column_widths import text_width
from attendance_helpers.publish.typst_heights import heights, surely

HEAD = ["Pupil", "Sessions"]


def short(*rows: list[str], caption: str = "", after: str = "", width: float = 100.0) -> bool:
    return surely((caption, ""), [HEAD, *rows], [width, width], 10.5, after) == "short"


def test_a_few_rows_are_short_and_many_are_not() -> None:
    assert short(*[["Zoë", "12"]] * 10)
    assert not short(*[["Zoë", "12"]] * 20)


@pytest.mark.parametrize(
    ("options", "row"),
    [
        ({}, ["word " * 80, "12"]),
        ({}, ["x" * 400, "12"]),
        ({}, ["a\n" * 20, "12"]),
        ({"caption": "word " * 250}, ["Zoë", "12"]),
        ({"after": "word " * 350}, ["Zoë", "12"]),
        ({"width": 20.0}, ["word " * 20, "12"]),
    ],
)
def test_what_breaks_into_many_lines_is_not_short(options: dict[str, str], row: list[str]) -> None:
    assert not short(row, **options)  # type: ignore[arg-type]
    assert short(["word", "12"])


def test_strong_rows_and_letters_of_the_other_typeface_take_more_room() -> None:
    rows = [["Pupils who are", "12"]] * 9
    width = text_width("Pupils who are", size=10.5, face="semibold") - 1
    assert surely(("", ""), [HEAD, *rows], [width, 99.0], 10.5, "") == "short"
    assert not surely(("", ""), [HEAD, *rows], [width, 99.0], 10.5, "", strong=range(9))
    fitting = [["Zoë", "12"]] * 16
    assert short(*fitting)
    assert not short(*[["שלום", "12"]] * 16)


def test_a_range_of_figures_stands_whole_in_a_column_too_narrow_for_it() -> None:
    whole, parted = "91.4%\u00a0to\u00a092.6%", "Unauthorised%\u00a0to\u00a0"
    assert short(*[["Zoë", whole]] * 10, width=40.0)
    assert not short(*[["Zoë", parted]] * 10, width=40.0)


def test_a_drawing_makes_its_row_as_high_as_it_is() -> None:
    def drawn(high: float) -> str:
        return surely(("", ""), [HEAD, ["", "12"]], [99.0, 99.0], 10.5, "", drawn=[high])

    assert [drawn(high) for high in (120.0, 190.0, 230.0)] == ["short", "", "tall"]


def test_a_word_that_runs_out_of_its_column_makes_no_table_tall() -> None:
    long, wide = ["word " * 40, "12"], ["x" * 40 + " word", "12"]
    assert surely(("", ""), [HEAD, *[long] * 9], [60.0, 60.0], 10.5, "") == "tall"
    assert surely(("", ""), [HEAD, *[wide] * 9], [60.0, 60.0], 10.5, "") == ""


def test_a_text_is_at_least_and_at_most_so_high() -> None:
    low, high = heights([("word, " * 30, 10.0, "regular")], 100.0, 10.0, 0.5)
    assert 0.6 * high < low <= high
    assert heights([("", 10.0, "regular")], 100.0, 10.0, 0.5) == (0.0, pytest.approx(6.6))
    low, _ = heights([("שלום " * 30, 10.0, "regular")], 100.0, 10.0, 0.5)
    assert low == pytest.approx(6.6)
