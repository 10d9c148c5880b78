"""Ways of working: seven areas with lines that fit the page, and an authority's own in their place."""

import pytest

from attendance_helpers.errors import ParamsError
from attendance_helpers.meetings.processes import process_areas

LINE = 56  # characters that stand on one line of one of the two columns


def test_seven_areas_in_order_each_with_three_to_five_lines():
    areas = process_areas()
    assert [area.key for area in areas] == [
        *("process", "early", "families", "registers", "plans", "training", "practice")
    ]
    assert all(3 <= len(area.lines) <= 5 for area in areas)


def test_lines_are_plain_short_and_told_once():
    lines = [line for area in process_areas() for line in area.lines]
    assert len(set(lines)) == len(lines)
    for line in lines:
        assert line.endswith(".")
        assert len(line) <= LINE, line
        assert " must " not in line


def test_an_authority_may_bring_its_own(tmp_path):
    own = tmp_path / "ours.yml"
    own.write_text("areas: [{key: gate, title: At the gate, lines: [One., Two., Three.]}]\n")
    (area,) = process_areas(own)
    assert (area.title, area.lines) == ("At the gate", ("One.", "Two.", "Three."))
    assert process_areas("") == process_areas()


def test_all_that_is_wrong_is_told_in_one_message(tmp_path):
    own = tmp_path / "ours.yml"
    own.write_text(
        """
colour: red
areas:
  - {key: gate, lines: [One., Two.]}
  - {key: bell, title: The bell, lines: [One., 2, Three.], rank: 1}
  - none
"""
    )
    with pytest.raises(ParamsError) as told:
        process_areas(own)
    message = str(told.value)
    assert message.startswith("ours.yml: unknown key 'colour'")
    for fault in (
        "area 1: title: found no text",
        "area 1: found 2 lines",
        "area 2: unknown key 'rank'",
        "area 2: line 2: found 2, which is no text",
        "area 3: found 'none'",
    ):
        assert fault in message


@pytest.mark.parametrize("content", ["", "[]", "areas: {}", "areas: []"])
def test_a_file_without_areas_is_refused(tmp_path, content):
    own = tmp_path / "ours.yml"
    own.write_text(content)
    with pytest.raises(ParamsError, match=r"ours\.yml: found no"):
        process_areas(own)


def test_long_lists_of_faults_are_cut_and_counted(tmp_path):
    own = tmp_path / "ours.yml"
    own.write_text("areas: [" + ", ".join(["none"] * 14) + "]\n")
    with pytest.raises(ParamsError, match=r"area 10: .*; and 4 more"):
        process_areas(own)
