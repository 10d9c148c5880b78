"""The lists of pupils to talk about: titles, order, where they stop, and that they say no more than is recorded."""

import re

import pandas as pd
import pytest
from discuss_samples import (
    HOSTILE_NAMES,
    assert_no_advice_and_no_fact,
    entry,
    missing_of,
    notes_for,
    outlook_of,
    pupils_of,
    strips_for,
    texts,
)

from attendance_helpers.meetings.discuss import may_need_more, severe_order
from attendance_helpers.publish import discuss_tables
from attendance_helpers.publish.blocks import Cards, Cover, Paragraph, Table
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.publish.pupil_names import FEW_MORE

RULE = discuss_tables.rising_rule(weeks=6, points=5, sessions=6)


def severe_cards(pupils, *entries, notes=None, **options):
    given = {"caption": "All.", "most": 6, "short_sessions": 60, "severe_perc": 50, "missed": 200}
    severe = severe_order(pupils, missing_of(pupils, *entries))
    notes = notes_for(pupils, *entries) if notes is None else notes
    return discuss_tables.severe_cards(severe, notes, strips_for(pupils), **{**given, **options})


def more_of(*pairs, **columns):
    """Return persistently absent pupils who met a trigger, those of 20 per cent or more among the listed."""
    pupils = pupils_of(*pairs, **columns)
    rises = pd.DataFrame({"upn": ["p1"], "rising": [True]})
    return pupils, may_need_more(pupils, rises, triggered=set(pupils["upn"]))


def more_cards(pairs, *entries, **options):
    given = {"persistent": len(pairs), "caption": "All.", "most": 6, "rule": RULE}
    given = {"high_perc": 20, "least_reasons": 2, **given}
    pupils, more = more_of(*pairs)
    notes = notes_for(pupils, *entries)
    return discuss_tables.more_cards(more, notes, strips_for(pupils), **{**given, **options})


def slip_of(count, **columns):
    pupils = pupils_of(*[(8, 100)] * count)
    rates = {"before_perc": 4.0, "recent_perc": 18.5, "recent_absence": 6}
    return pupils.assign(**{**rates, **columns})


def slipping(slip, outlook=None, **options):
    given = {"caption": "All.", "most": 6, "from_perc": 5, "persistent_perc": 10, "rule": RULE}
    upns = slip["upn"].to_list()
    outlook = outlook_of(upns) if outlook is None else outlook
    return discuss_tables.slipping_table(
        slip, outlook.set_index("upn"), strips_for(slip), **{**given, **options}
    )


def page_of(block):
    return html_page(block_document(Cover("x"), [block]))


class TestSevereTitle:
    @pytest.mark.parametrize(
        ("urgency", "missed", "title"),
        [
            ([0], 100, "1 pupil is severely absent and missed 30 days, 60% of all that was missed; no plan is recorded"),
            ([2], 0, "1 pupil is severely absent and missed 30 days; a plan is recorded"),
            ([0, 1, 2], 600, "3 pupils are severely absent and missed 90 days, 30% of all that was missed; for 1 no plan is recorded"),
            ([0, 0], 0, "2 pupils are severely absent and missed 60 days; no plan is recorded for any of them"),
            ([1, 2], 240, "2 pupils are severely absent and missed 60 days, 50% of all that was missed; each has a plan recorded"),
        ],
    )  # fmt: skip
    def test_titles(self, urgency, missed, title):
        severe = pupils_of(*[(60, 100)] * len(urgency)).assign(urgency=urgency)
        assert discuss_tables.severe_title(severe, missed=missed) == title


class TestSevereCards:
    def test_one_pupil_with_all_that_is_known(self):
        pupils = pupils_of((30, 50), admission_date=pd.to_datetime(["2026-10-05"]))
        entries = [
            entry("p1", "plan", "plan", "2026-10-12", until="2026-12-04"),
            entry("p1", "contact", "call", "2026-11-10"),
        ]
        notes = notes_for(
            pupils,
            *entries,
            patterns={"p1": "recent_acute"},
            steps={"p1": "Ask who leads."},
            triggers={"p1": "x"},
        )
        found = severe_cards(pupils, *entries, notes=notes)
        assert isinstance(found, Cards)
        (card,) = found.cards
        assert card.name == "Surname1, Forename1 (Y3)"
        assert card.facts == (
            "missed 30 of 50 sessions (15 days, 60.0%); on roll since 5 Oct 2026; "
            "short time: only 25 days possible; recent and acute"
        )
        assert [label for label, _ in card.lines] == [
            *("On record", "Not recorded", "Next step", "Under 50%")
        ]
        lines = dict(card.lines)
        assert (
            lines["On record"] == "Plan of 12 Oct 2026, review 4 Dec 2026; last call 10 Nov 2026."
        )
        assert lines["Not recorded"] == "Lead professional, offer of Early Help, barriers"
        assert lines["Next step"] == "Ask who leads."
        assert card.room == "Joint approach agreed"
        assert card.strip.alt == "Strip of p1"

    def test_of_a_pupil_without_an_entry_only_that_nothing_is_recorded(self):
        found = severe_cards(pupils_of((60, 100)))
        lines = dict(found.cards[0].lines)
        assert lines["On record"] == "Nothing recorded."
        assert "Not recorded" not in lines
        assert_no_advice_and_no_fact(found)

    def test_a_recorded_approach_stands_where_one_would_be_written(self):
        pupils = pupils_of((60, 100), (60, 100))
        found = severe_cards(pupils, entry("p1", "approach", "<i>Visit</i> together"))
        rooms = {card.name[:8]: card.room for card in found.cards}
        assert rooms == {
            "Surname1": "Joint approach agreed: <i>Visit</i> together",
            "Surname2": "Joint approach agreed",
        }
        assert "agreed: &lt;i&gt;Visit&lt;/i&gt; together" in page_of(found)

    def test_a_time_that_is_just_long_enough_is_not_flagged(self):
        found = severe_cards(pupils_of((40, 60), (40, 59)))
        flagged = {card.name: "short time" in card.facts for card in found.cards}
        assert flagged == {"Surname1, Forename1 (Y3)": False, "Surname2, Forename2 (Y3)": True}

    def test_order_is_that_of_urgency_and_is_printed(self):
        pupils = pupils_of((60, 100), (90, 100))
        found = severe_cards(pupils, entry("p2", "plan", "plan", until="2026-12-04"))
        assert [card.name[:8] for card in found.cards] == ["Surname1", "Surname2"]
        assert found.notes[0].startswith("Order: no plan recorded first")

    @pytest.mark.parametrize(("count", "shown"), [(6, 6), (6 + FEW_MORE, 6 + FEW_MORE), (9, 6)])
    def test_a_long_list_stops_and_says_so(self, count, shown):
        found = severe_cards(pupils_of(*[(60, 100)] * count))
        assert len(found.cards) == shown
        rest = f"{count - shown} more in the workbook, sheet Pupils for discussion."
        assert found.continues == (rest if count > shown else "")
        assert found.title.startswith(f"{count} pupils are")  # the title is of all of them

    @pytest.mark.parametrize(
        ("left", "words"),
        [
            (0, "No pupil on roll is severely absent in these dates."),
            (1, "No pupil on roll is severely absent in these dates. 1 pupil who was has left."),
            (2, "No pupil on roll is severely absent in these dates. 2 pupils who were have left."),
        ],
    )
    def test_nobody(self, left, words):
        assert severe_cards(pupils_of((1, 100)), left=left) == Paragraph(words)

    def test_leavers_are_counted_and_not_listed(self):
        assert "1 more left the school." in severe_cards(pupils_of((60, 100)), left=1).notes[0]
        assert "left the school" not in severe_cards(pupils_of((60, 100))).notes[0]

    def test_a_pupil_without_a_strip_has_a_card(self):
        pupils = pupils_of((60, 100))
        severe = severe_order(pupils, missing_of(pupils))
        options = {"caption": "", "most": 6, "short_sessions": 60, "severe_perc": 50, "missed": 60}
        found = discuss_tables.severe_cards(severe, notes_for(pupils), {}, **options)
        assert found.cards[0].strip is None

    def test_names_and_entries_are_text_and_no_markup(self):
        names = HOSTILE_NAMES
        pupils = pupils_of(*[(60, 100)] * len(names), surname=names)
        entries = [entry(f"p{at}", "barriers", name) for at, name in enumerate(names, 1)]
        found = severe_cards(pupils, *entries, most=50)
        assert {card.name.removesuffix(" (Y3)").rsplit(", ", 1)[0] for card in found.cards} == set(
            names
        )
        page = page_of(found)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;, Forename1" in page
        assert "In the way: &lt;script&gt;" in page


class TestMoreCards:
    def test_why_each_is_listed(self):
        found = more_cards([(30, 100), (25, 100), (12, 100)], entry("p2", "lead", "none"))
        assert found.title == (
            "2 of 3 persistently, not severely absent pupils on roll may need more than the school can give"
        )
        assert [card.facts for card in found.cards] == [
            "missed 15 days (30.0%); 20% or more missed, trigger, rising",
            "missed 12.5 days (25.0%); 20% or more missed, trigger",
        ]
        first, second = (dict(card.lines) for card in found.cards)
        assert first == {"On record": "Nothing recorded."}
        assert second["On record"] == "No lead professional, as recorded."
        assert second["Not recorded"] == "Contact in 3 weeks, offer of Early Help, barriers"
        assert all(card.room == "" for card in found.cards)
        assert found.notes == [
            "Listed with 2 or more of: 20% or more missed, trigger, rising, social care. Trigger: a statutory one, met this "
            "school year, that still holds. Social care: looked after, child in need or protection plan. "
            f"{RULE} Order: most of these first, then most missed."
        ]

    def test_one_of_one(self):
        found = more_cards([(30, 100)])
        assert found.title.startswith("1 of 1 persistently, not severely absent pupil on roll ")

    @pytest.mark.parametrize(("count", "shown"), [(8, 8), (9, 6)])
    def test_a_long_list_stops_and_says_so(self, count, shown):
        found = more_cards([(30, 100)] * count)
        assert len(found.cards) == shown
        assert bool(found.continues) == (count > shown)
        assert found.continues in ("", "3 more in the workbook, sheet Pupils for discussion.")

    @pytest.mark.parametrize("count", [1, 2])
    def test_nobody_has_the_signs(self, count):
        pupils, _ = more_of(*[(11, 100)] * count)
        found = discuss_tables.more_cards(
            pupils.iloc[:0], notes_for(pupils), {}, persistent=count, caption="", most=6,
            high_perc=20, least_reasons=2, rule=RULE,
        )  # fmt: skip
        assert isinstance(found, Paragraph)
        noun = "pupil" if count == 1 else "pupils"
        assert f"{count} persistently, not severely absent {noun} on roll" in found.text
        assert " 2 of the signs" in found.text

    def test_without_an_entry_nothing_is_said_to_be_missing(self):
        assert_no_advice_and_no_fact(more_cards([(30, 100), (25, 100)]))

    def test_names_are_text(self):
        pupils, more = more_of((30, 100), surname=["<b>Hale</b>"])
        found = discuss_tables.more_cards(
            more, notes_for(pupils), {}, persistent=1, caption="", most=6,
            high_perc=20, least_reasons=2, rule=RULE,
        )  # fmt: skip
        page = page_of(found)
        assert "&lt;b&gt;Hale&lt;/b&gt;, Forename1" in page
        assert "<b>Hale" not in page


class TestSlipping:
    def test_rows_in_days(self):
        outlook = outlook_of(["p1"], can_miss=pd.array([7], "Int64"))
        found = slipping(slip_of(1), outlook)
        assert isinstance(found, Table)
        assert found.title == "1 pupil is slipping: 5% to under 10% missed, and rising"
        assert [column.label for column in found.columns] == [
            *("Pupil", "Last twelve school weeks", "Missed before", "Missed lately"),
            *("Days left before 10%", "Days to come"),
        ]
        (row,) = found.rows
        assert [row[0], row[1].alt, *row[2:]] == [
            *("Surname1, Forename1 (Y3)", "Strip of p1", 4.0, 18.5, 3.5, 100.0)
        ]
        assert found.notes == [
            "Rising: in the last 6 school weeks 6 sessions or more missed, and at least 5 points above the weeks before. "
            "Order: highest share missed lately first."
        ]

    def test_an_unknown_calendar_leaves_a_blank_and_not_a_nought(self):
        none = pd.array([None], dtype="Int64")
        found = slipping(slip_of(1), outlook_of(["p1"], can_miss=none, sessions_left=none))
        assert found.rows[0][4:] == [None, None]

    @pytest.mark.parametrize(("count", "shown"), [(2, 2), (8, 8), (9, 6)])
    def test_many(self, count, shown):
        found = slipping(slip_of(count))
        assert found.title.startswith(f"{count} pupils are slipping")
        assert len(found.rows) == shown
        assert bool(found.continues) == (count > shown)

    def test_nobody(self):
        found = slipping(slip_of(1).iloc[:0], from_perc=5.5)
        assert found == Paragraph(
            "No pupil who missed 5.5% to under 10% of possible sessions is missing clearly more than before."
        )

    def test_names_are_text(self):
        page = page_of(slipping(slip_of(1, surname=["<i>Ng</i>"])))
        assert "&lt;i&gt;Ng&lt;/i&gt;" in page
        assert "<i>Ng" not in page


@pytest.mark.parametrize(("weeks", "words"), [(1, "1 school week "), (6, "6 school weeks ")])
def test_the_rule_says_its_weeks(weeks, words):
    assert words in discuss_tables.rising_rule(weeks=weeks, points=2.5, sessions=6)
    assert "at least 2.5 points" in discuss_tables.rising_rule(weeks=weeks, points=2.5, sessions=6)


def test_the_rule_says_its_sessions():
    rule = discuss_tables.rising_rule(weeks=6, points=5, sessions=1)
    assert "1 session or more missed" in rule


def test_dates_are_in_words():
    pupils = pupils_of((60, 100), admission_date=pd.to_datetime(["2026-09-01"]))
    found = severe_cards(pupils, entry("p1", "plan", "plan", until="2026-10-01"))
    shown = " ".join(texts(found))
    assert "1 Sep 2026" in shown
    assert "review 1 Oct 2026 (past)" in shown
    assert not re.search(r"\d{4}-\d\d|\d\d/\d\d", shown)
