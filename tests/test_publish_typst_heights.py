from __future__ import annotations

import pytest

from attendance_helpers.publish.typst_heights import surely_short

HEAD = ["Pupil", "Sessions"]


def short(*rows: list[str], caption: str = "", after: str = "", width: float = 100.0) -> bool:
    return surely_short(caption, [HEAD, *rows], [width, width], 10.5, after)


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
