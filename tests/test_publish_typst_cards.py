"""Cards as the printed page's template reads them: drawings as files, and no more than the data."""

from xml.etree import ElementTree

import pytest
from discuss_samples import HOSTILE_NAMES, SVG
from publish_samples import SVG as HOSTILE_SVG

from attendance_helpers.publish.blocks import Card, Cards
from attendance_helpers.publish.column_widths import PAGE_WIDTH
from attendance_helpers.publish.typst_cards import STRIP_SHARE, typst_cards
from attendance_helpers.publish.values import Drawn

CHARTED = frozenset(range(32, 127))


def cards(*given, **options):
    return typst_cards(Cards("Two", list(given), **options).to_json(), charted=CHARTED)


def test_what_the_template_reads():
    found = cards(
        Card("Hale", "9 missed", Drawn(SVG, "Strip"), [("In place", "A plan")], "We agree"),
        Card("Ng"),
        caption="All.", key=Drawn(SVG, "Key"), source="Source: x.", notes=["Order."],
        continues="1 more.",
    )  # fmt: skip
    first, second = found.pop("cards")
    key = found.pop("key")
    side = PAGE_WIDTH * STRIP_SHARE
    assert found == {
        "title": "Two",
        "caption": "All.",
        "side": side,
        "after": ["Order.", "1 more.", "Source: x."],
    }
    assert [drawn["alt"] for drawn in key] == ["Key"]
    strip = first.pop("strip")
    assert first == {
        **{"name": "Hale", "facts": "9 missed", "lines": [["In place", "A plan"]]},
        "room": "We agree",
    }
    assert second == {"name": "Ng", "facts": "", "strip": [], "lines": [], "room": ""}
    assert [(drawn["alt"], drawn["width"] <= side) for drawn in strip] == [("Strip", True)]


def test_a_drawing_is_a_file_that_can_be_read():
    (drawn,) = cards(Card("Hale", strip=Drawn(SVG, "Strip")))["cards"][0]["strip"]
    assert set(drawn) == {"svg", "alt", "width"}
    assert ElementTree.fromstring(drawn["svg"]).tag.endswith("svg")


@pytest.mark.parametrize(("width", "fits"), [(30, True), (5000, False)])
def test_a_drawing_is_no_wider_than_its_place(width, fits):
    wide = SVG.replace('width="72"', f'width="{width}"')
    (drawn,) = cards(Card("Hale", strip=Drawn(wide, "")))["cards"][0]["strip"]
    assert (drawn["width"] < PAGE_WIDTH * STRIP_SHARE) == fits
    assert drawn["width"] <= PAGE_WIDTH * STRIP_SHARE


def test_what_a_drawing_may_not_hold_is_taken_out():
    (drawn,) = cards(Card("Hale", strip=Drawn(HOSTILE_SVG, "")))["cards"][0]["strip"]
    file = drawn["svg"] if isinstance(drawn["svg"], str) else bytes(drawn["svg"]).decode()
    for word in ("script", "onload", "onclick", "foreignObject", "outside.invalid"):
        assert word not in file
    assert "Hale &amp; Sons" in file
    assert "漢" not in file  # no typeface that the page may use has it


def test_nothing_but_what_was_given():
    found = cards(Card("Hale"))
    assert found["after"] == []
    assert found["key"] == []
    assert found["caption"] == ""


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_stay_text_in_their_own_place(name):
    found = cards(Card(name, name, None, [(name, name)], name), notes=[name])
    assert found["cards"] == [
        {"name": name, "facts": name, "strip": [], "lines": [[name, name]], "room": name}
    ]
    assert found["after"] == [name]


def test_no_cards():
    assert cards()["cards"] == []
