"""The neutral blocks: what they hold as JSON, and how a table's values print."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from publish_samples import SVG, chart, groups

from attendance_helpers.publish.blocks import (
    BLOCK_MIME,
    Callout,
    Chart,
    Column,
    Finding,
    Findings,
    Group,
    Heading,
    Paragraph,
    Table,
    cell_text,
)


def test_values_become_plain_json():
    values = [np.int64(3), np.float64(2.5), np.bool_(True), pd.NA, pd.NaT, float("nan")]
    values += [pd.Timestamp("2026-09-01 10:00"), dt.date(2026, 9, 2), None, "text"]
    table = Table("t", [Column(str(n)) for n in range(len(values))], [values])
    plain = table.to_json()["rows"][0]
    assert plain == [3, 2.5, True, None, None, None, "2026-09-01", "2026-09-02", None, "text"]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_half_a_character_can_still_be_saved():
    bundle = Paragraph("a\ud800b")._repr_mimebundle_()
    assert json.dumps(bundle, ensure_ascii=False).encode("utf-8")
    assert bundle[BLOCK_MIME]["text"] == "a�b"


def test_every_block_says_what_it_is():
    group = Group([Heading("Who?"), Callout("Mind")]).to_json()
    assert [part["block"] for part in group["blocks"]] == ["heading", "callout"]


def test_a_chart_stores_its_drawing_once():
    bundle = chart()._repr_mimebundle_()
    assert bundle["image/svg+xml"] == SVG
    assert bundle[BLOCK_MIME]["svg"] == ""
    assert "text/html" not in bundle
    assert "90.4%" in bundle["text/plain"]


def test_other_blocks_bring_html_for_the_notebook():
    bundle = Paragraph("1 < 2")._repr_mimebundle_()
    assert bundle["text/html"] == "<p>1 &lt; 2</p>"
    assert bundle["text/plain"] == "1 < 2"


def test_findings_are_sentences_to_who_reads_plain_text():
    shown = Findings([Finding("Year 9 missed most.", "Who?", "14%"), Finding("So did Year 8.")])
    assert shown.plain_text() == "What stands out\n1. Year 9 missed most.\n2. So did Year 8."
    assert Findings([]).plain_text() == ""


def test_blocks_are_not_changed_by_being_shown():
    table = groups()
    before = table.to_json()
    table._repr_mimebundle_()
    assert table.to_json() == before


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (1234567, {"kind": "count"}, "1,234,567"),
        (0, {"kind": "count"}, "0"),
        (None, {"kind": "count"}, "–"),
        (float("nan"), {"kind": "percent"}, "–"),
        (-0.04, {"kind": "number", "decimals": 1}, "0.0"),
        (-0.04, {"kind": "number", "decimals": 2}, "−0.04"),
        (100, {"kind": "percent", "decimals": 0}, "100%"),
        ("c", {"kind": "percent"}, "c"),
        (True, {"kind": "text"}, "Yes"),
        (0, {"kind": "year"}, "R"),
        (-2, {"kind": "year"}, "N"),
        (9.0, {"kind": "year"}, "9"),
        (dt.date(2026, 3, 9), {"kind": "date"}, "9 Mar 2026"),
        ("not known", {"kind": "date"}, "not known"),
        (2026, {}, "2026"),
    ],
)
def test_a_value_prints_as_its_column_asks(value, column, shown):
    assert cell_text(value, column) == shown


def test_a_chart_in_a_group_keeps_its_drawing():
    group = Group([chart()]).to_json()
    assert group["blocks"][0]["svg"] == SVG
    assert isinstance(chart(), Chart)
