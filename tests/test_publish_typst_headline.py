"""The first page as data: tiles whose lines stand level, findings, how the contents are listed."""

from attendance_helpers.publish.blocks import Finding, Findings, Tile, Tiles
from attendance_helpers.publish.column_widths import PAGE_WIDTH
from attendance_helpers.publish.typst_headline import (
    LONGEST_FIGURE,
    contents_columns,
    typst_findings,
    typst_tiles,
)


def test_a_tile_s_value_fits_its_tile():
    tiles = typst_tiles(Tiles([Tile("Label", "12 of 1,234 pupils")] * 5).to_json())
    assert tiles["across"] == 5
    assert 14 <= tiles["size"] < 22
    assert 5 * tiles["width"] + 4 * tiles["gap"] <= PAGE_WIDTH + 1e-6


def test_every_tile_has_as_many_lines_and_no_hyphen():
    change = "▲ 0.6 points on the same weeks last year"
    tiles = [Tile("Attendance", "90.4%", "of 201,345 possible sessions", (change, change))]
    tiles += [Tile("Persistently absent", "293"), Tile("Unauthorised", "3.9%", changes=[change])]
    shown = typst_tiles(Tiles([*tiles, *tiles[:2]]).to_json())["tiles"]
    assert [len(tile) for tile in shown] == [5] * 5
    assert shown[2][3:] == [{"text": change, "hyphens": False}, {"text": "", "hyphens": False}]
    assert not any(part["hyphens"] for tile in shown for part in tile)


def test_figures_have_a_column_only_where_there_are_any():
    def width(*figures):
        return typst_findings(Findings([Finding("x", figure=f) for f in figures]).to_json())[
            "width"
        ]

    assert width("", "") == 0
    assert 20 < width("14%", "") < 60
    assert width("a very long figure that nobody should write") == LONGEST_FIGURE


def test_long_headings_have_wider_columns():
    short, long = (
        "Who is severely absent?",
        "What has happened since we last met, and who agreed to it?",
    )
    assert contents_columns([short] * 10) == 3
    assert contents_columns([short] * 9 + [long]) == 3
    assert contents_columns([short] * 3 + [long] * 7) == 2
    assert contents_columns([]) == 0
