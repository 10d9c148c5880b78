"""Triggers on the page and in the workbook: met means consider, and a date is a date."""

import datetime as dt

import pandas as pd
import pytest
from discuss_samples import (
    HOSTILE_NAMES,
    assert_no_advice_and_no_fact,
    entry,
    pupils_of,
    standing_for,
    texts,
    triggers_of,
)

from attendance_helpers.measures.trigger_rules import PRESETS, TriggerRule
from attendance_helpers.meetings.discuss import met_since
from attendance_helpers.publish import trigger_tables
from attendance_helpers.publish.blocks import Cover, Paragraph, Table
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page

RULES = list(PRESETS.values())
NAMES = trigger_tables.trigger_names(RULES, unresolved_days=5)
SHORT = trigger_tables.short_names(RULES, unresolved_days=5)
SINCE = dt.date(2026, 9, 30)
LABELS = [
    *("UPN", "Trigger", "First met", "Detail", "Surname", "Forename", "Year group", "On roll"),
    *("Latest met", "Sessions of the latest", "Still N of the latest", "The latest in detail"),
    *("Holds now", "Sessions now", "Anything recorded since", "First met without N"),
    *("Compulsory school age", "Rule", "To be considered by", "Source"),
]


def met_of(pupils, *rows, entries=()):
    found = triggers_of(*({"trigger": "penalty_notice", **row} for row in rows))
    return met_since(found, pupils, standing_for(*entries), since=SINCE, of_age=frozenset())


def table(pupils, *rows, entries=(), since=SINCE):
    met = met_of(pupils, *rows, entries=entries)
    return trigger_tables.triggers_table(met, pupils, short=SHORT, since=since, caption="All.")


def sessions_of(*rows):
    """Return sessions (UPN, trigger, met, date, half, code)."""
    frame = pd.DataFrame(rows, columns=["upn", "trigger", "met", "date", "session", "code"])
    for name in ("met", "date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.astype({"upn": "str", "trigger": "str"})


def sheet(pupils, *rows, sessions=(), entries=(), rules=RULES, on_roll=None):
    return trigger_tables.triggers_sheet(
        triggers_of(*({"trigger": "penalty_notice", **row} for row in rows)),
        sessions_of(*sessions),
        pupils,
        standing_for(*entries),
        on_roll=set(pupils["upn"]) if on_roll is None else on_roll,
        names=trigger_tables.trigger_names(rules, unresolved_days=5),
        rules=rules,
    )


def rows_of(found):
    return [dict(zip(LABELS, row, strict=True)) for row in found.rows]


class TestNames:
    def test_rules_in_order_then_the_others_with_their_days(self):
        names = trigger_tables.trigger_names(RULES[:1], unresolved_days=7)
        assert list(names) == [
            *("penalty_notice", "unresolved_n", "part_time_past_end", "authority_duty_q")
        ]
        assert names["penalty_notice"] == "Ten unauthorised sessions in ten school weeks"
        assert "more than 7 school days" in names["unresolved_n"]

    def test_every_preset_has_a_short_name_and_an_own_rule_keeps_its_own(self):
        own = TriggerRule("own", "Own {rule} of 5%", ("G",), 5, school_weeks=4)
        found = trigger_tables.short_names([*RULES, own], unresolved_days=6)
        assert found.pop("own") == "Own {rule} of 5%"
        assert set(found) == set(trigger_tables.SHORT_NAMES)
        assert found["unresolved_n"] == "No reason (N) for over 6 days"
        assert all(len(words) <= 34 for words in found.values())


class TestTable:
    def test_a_row_a_trigger_with_the_unanswered_first(self):
        pupils = pupils_of(*[(20, 100)] * 4)
        rows = [
            {"upn": "p1", "day": "2026-10-12"},
            {"upn": "p2", "day": "2026-11-02", "n_sessions": 3, "only_with_n": True},
            {"upn": "p3", "day": "2026-11-09", "n_sessions": 1},
            {"upn": "p4", "day": "2026-11-13", "trigger": "sickness_return"},
        ]
        found = table(pupils, *rows, entries=[entry("p3", "contact", "call", "2026-11-09")])
        assert isinstance(found, Table)
        assert found.title == (
            "4 pupils met a trigger since 30 September; for 3 of them nothing is recorded since"
        )
        assert [column.label for column in found.columns] == [
            *("Trigger", "Pupils", "No entry since", "Only with N"),
            "Who: without an entry first, then latest",
        ]
        assert found.rows == [
            ["10 unauthorised in 10 weeks", 3, 2, 1, "Surname2, Forename2 (Y3) 2 Nov; Surname1, Forename1 (Y3) 12 Oct; and 1 more"],
            ["15 days of illness (I) in the year", 1, 1, 0, "Surname4, Forename4 (Y3) 13 Nov"],
        ]  # fmt: skip
        assert found.continues == "Every pupil, date and session in the workbook, sheet Triggers."

    def test_only_with_n_counts_pupils_and_not_who_has_an_n_among_others(self):
        rows = [
            {"upn": "p1", "n_sessions": 4, "only_with_n": True},
            {"upn": "p2", "n_sessions": 1, "only_with_n": True},
            {"upn": "p3", "n_sessions": 9},
            {"upn": "p3", "trigger": "attendance_return", "n_sessions": 1, "only_with_n": True},
        ]
        found = table(pupils_of(*[(20, 100)] * 3), *rows)
        assert [row[3] for row in found.rows] == [2, 1]
        assert "“only with N” counts pupils" in found.notes[0]

    @pytest.mark.parametrize("key", list(trigger_tables.OTHER_NAMES))
    def test_triggers_that_are_no_counts_have_a_dash_for_only_with_n(self, key):
        rows = [{"upn": "p1", "trigger": key, "only_with_n": True}, {"upn": "p1"}]
        found = table(pupils_of((20, 100)), *rows)
        assert [row[3] for row in found.rows] == [0, None]
        shown = block_document(Cover("x"), [found])
        assert ">–<" in html_page(shown).replace(" ", "").replace("\n", "")

    def test_who_has_no_entry_is_named_before_who_met_it_later(self):
        rows = [{"upn": "p1", "day": "2026-10-12"}, {"upn": "p2", "day": "2026-10-12"}]
        rows += [{"upn": "p3", "day": "2026-11-09"}, {"upn": "p4", "day": "2026-11-16"}]
        entries = [entry(upn, "contact", "call", "2026-11-16") for upn in ("p3", "p4")]
        found = table(pupils_of(*[(20, 100)] * 4), *rows, entries=entries)
        assert found.rows[0][4] == (
            "Surname1, Forename1 (Y3) 12 Oct; Surname2, Forename2 (Y3) 12 Oct; and 2 more"
        )

    def test_the_title_leaves_reasons_not_yet_established_out(self):
        n_of_one = {"upn": "p1", "trigger": "unresolved_n"}
        both = table(pupils_of((20, 100), (20, 100)), n_of_one, {"upn": "p2"})
        assert both.title == "1 pupil met a trigger since 30 September; nothing is recorded since"
        assert [row[1] for row in both.rows] == [1, 1]
        alone = table(pupils_of((20, 100)), n_of_one)
        assert alone.title == (
            "Only reasons not yet established (N) call for a decision since 30 September"
        )

    def test_as_many_as_are_named_are_not_counted_again(self):
        rows = [{"upn": f"p{at}"} for at in range(1, trigger_tables.NAMED + 1)]
        found = table(pupils_of(*[(20, 100)] * len(rows)), *rows)
        assert "more" not in found.rows[0][4]
        assert found.rows[0][4].count(";") == trigger_tables.NAMED - 1

    def test_a_pupil_of_two_triggers_is_one_pupil(self):
        rows = [{"upn": "p1"}, {"upn": "p1", "trigger": "attendance_return"}]
        found = table(pupils_of((20, 100)), *rows)
        assert found.title.startswith("1 pupil met")
        assert len(found.rows) == 2

    @pytest.mark.parametrize(
        ("count", "answered", "rest"),
        [
            (1, [], "; nothing is recorded since"),
            (1, ["p1"], "; something is recorded since"),
            (2, [], "; nothing is recorded since for any of them"),
            (2, ["p1", "p2"], "; something is recorded since for each of them"),
            (2, ["p1"], "; for 1 of them nothing is recorded since"),
        ],
    )
    def test_titles(self, count, answered, rest):
        rows = [{"upn": f"p{at}"} for at in range(1, count + 1)]
        entries = [entry(upn, "contact", "call") for upn in answered]
        found = table(pupils_of(*[(20, 100)] * count), *rows, entries=entries, since=None)
        noun = "pupil" if count == 1 else "pupils"
        assert found.title == f"{count} {noun} met a trigger in this school year{rest}"

    def test_nobody(self):
        pupils = pupils_of((20, 100))
        assert table(pupils) == Paragraph("No pupil on roll met a trigger since 30 September.")
        assert table(pupils, since=None) == Paragraph(
            "No pupil on roll met a trigger in this school year."
        )

    def test_consider_and_never_issue(self):
        found = table(pupils_of((20, 100)), {"upn": "p1"})
        assert "Met means: consider, never: issue." in found.notes[0]
        assert_no_advice_and_no_fact(found)
        assert not any("issue" in text for text in texts(found) if text not in found.notes)

    def test_names_are_text(self):
        pupils = pupils_of((20, 100), surname=["<b>Hale</b>"])
        page = html_page(block_document(Cover("x"), [table(pupils, {"upn": "p1"})]))
        assert "&lt;b&gt;Hale&lt;/b&gt;" in page
        assert "<b>Hale" not in page


class TestWords:
    def test_in_the_order_of_the_triggers_with_dates_and_n(self):
        met = met_of(
            pupils_of((20, 100), (20, 100)),
            {"upn": "p1", "trigger": "sickness_return", "day": "2026-10-05"},
            {"upn": "p1", "n_sessions": 2, "day": "2026-11-05"},
            {"upn": "p2", "trigger": "authority_duty_q", "day": "2026-11-06"},
        )
        assert trigger_tables.trigger_words(met, NAMES).to_dict() == {
            "p1": "Ten unauthorised sessions in ten school weeks, 5 Nov 2026 (2 still N); "
            "Fifteen days of illness in the school year, 5 Oct 2026",
            "p2": "Access arrangements not made (Q): a duty of the authority, 6 Nov 2026",
        }

    def test_nobody(self):
        assert trigger_tables.trigger_words(met_of(pupils_of((1, 9))), NAMES).to_dict() == {}


class TestSheet:
    def test_columns_in_order_and_real_dates(self):
        found = sheet(
            pupils_of((20, 100)),
            {"upn": "p1", "day": "2026-10-12", "last_met": "2026-11-16", "sessions": 3,
             "n_sessions": 2, "first_met_without_n": "2026-11-02", "sessions_now": 4},
            sessions=[
                ("p1", "penalty_notice", "2026-10-12", "2026-10-09", "PM", "O"),
                ("p1", "penalty_notice", "2026-10-12", "2026-10-12", "AM", "N"),
                ("p1", "penalty_notice", "2026-10-12", "2026-10-12", "PM", "N"),
                ("p1", "penalty_notice", "2026-11-16", "2026-11-13", "AM", "G"),  # the last time
                ("p1", "penalty_notice", "2026-11-16", "2026-11-16", "AM", "N"),
            ],
        )  # fmt: skip
        assert found.name == "Triggers"
        assert [column.label for column in found.columns] == LABELS
        kinds = {column.label: column.kind for column in found.columns}
        dates = ("First met", "Latest met", "First met without N")
        assert {kinds[label] for label in dates} == {"date"}
        assert kinds["Year group"] == "year"
        (row,) = rows_of(found)
        source = row.pop("Source")
        assert source == PRESETS["penalty_notice"].source
        assert row == {
            "UPN": "p1",
            "Trigger": "Ten unauthorised sessions in ten school weeks",
            "First met": dt.date(2026, 10, 12),
            "Detail": "Consider: 3 sessions to 12 Oct 2026, 2 of them still N, which may be re-coded: "
            "9 Oct 2026 PM O; 12 Oct 2026 AM N, PM N.",
            "Surname": "Surname1",
            "Forename": "Forename1",
            "Year group": 3,
            "On roll": "Yes",
            "Latest met": dt.date(2026, 11, 16),
            "Sessions of the latest": 2,
            "Still N of the latest": 1,
            "The latest in detail": "13 Nov 2026 AM G; 16 Nov 2026 AM N",
            "Holds now": "Yes",
            "Sessions now": 4,
            "Anything recorded since": "Nothing recorded",
            "First met without N": dt.date(2026, 11, 2),
            "Compulsory school age": "Yes",
            "Rule": "Statutory",
            "To be considered by": "School and authority",
        }
        assert type(row["First met"]) is dt.date

    def test_met_once_the_latest_is_the_first(self):
        sessions = [
            ("p1", "penalty_notice", "2026-10-12", "2026-10-12", half, code)
            for half, code in (("AM", "N"), ("PM", "O"))
        ]
        one = {"upn": "p1", "sessions": 2, "n_sessions": 1}
        (row,) = rows_of(sheet(pupils_of((2, 9)), one, sessions=sessions))
        assert row["Latest met"] == row["First met"] == dt.date(2026, 10, 12)
        assert (row["Sessions of the latest"], row["Still N of the latest"]) == (2, 1)
        assert row["The latest in detail"] == "12 Oct 2026 AM N, PM O"
        assert row["Detail"].endswith(f": {row['The latest in detail']}.")

    def test_on_roll_first_then_without_an_entry_then_the_latest(self):
        days = ["2026-11-16", "2026-10-12", "2026-11-09", "2026-11-13", "2026-11-13", "2026-09-10"]
        rows = [{"upn": f"p{at}", "day": day} for at, day in enumerate(days, 1)]
        rows.append({"upn": "p6", "trigger": "sickness_return", "day": "2026-11-17"})
        found = rows_of(
            sheet(
                pupils_of(*[(2, 9)] * 6),
                *rows,
                # Of the two triggers of p6 the entry answers the first only.
                entries=[entry("p3", "contact", "call"), entry("p6", "contact", "call")],
                on_roll={"p2", "p3", "p4", "p5", "p6"},
            )
        )
        told = [(row["UPN"], row["On roll"], row["Anything recorded since"]) for row in found]
        silent, since = "Nothing recorded", "Yes"
        assert told == [
            *(("p6", "Yes", silent), ("p4", "Yes", silent), ("p5", "Yes", silent)),
            *(("p2", "Yes", silent), ("p3", "Yes", since), ("p6", "Yes", since)),
            ("p1", "No", silent),
        ]

    def test_of_a_pupil_who_has_left_nothing_is_said_to_hold_now(self):
        pupils = pupils_of((2, 9), (2, 9))
        here, gone = rows_of(sheet(pupils, {"upn": "p1"}, {"upn": "p2"}, on_roll={"p1"}))
        assert (here["Holds now"], here["Sessions now"]) == ("Yes", 10)
        assert (gone["Holds now"], gone["Sessions now"]) == (None, None)
        assert gone["Surname"] == "Surname2"

    def test_sessions_of_a_trigger_that_is_no_count_may_be_later_than_it_was_met(self):
        sessions = [
            ("p1", "authority_duty_q", "2026-10-12", day, "AM", "Q")
            for day in ("2026-10-12", "2026-11-09")
        ]
        one = {"upn": "p1", "trigger": "authority_duty_q", "sessions": 2, "n_sessions": 0}
        (row,) = rows_of(sheet(pupils_of((2, 9)), one, sessions=sessions))
        assert row["Detail"] == "Consider: 2 sessions: 12 Oct 2026 AM Q; 9 Nov 2026 AM Q."
        assert row["Sessions of the latest"] == 2

    def test_one_session_without_a_list_of_sessions(self):
        (row,) = rows_of(
            sheet(pupils_of((2, 9)), {"upn": "p1", "trigger": "unresolved_n", "sessions": 1})
        )
        assert row["Detail"] == "Consider: 1 session."
        assert (row["Sessions of the latest"], row["Still N of the latest"]) == (1, 0)
        assert row["The latest in detail"] == ""
        assert row["Rule"] == "Statutory"
        assert row["Source"] == ""

    def test_never_without_n_is_blank_and_not_a_date(self):
        (row,) = rows_of(
            sheet(pupils_of((2, 9)), {"upn": "p1", "n_sessions": 9, "first_met_without_n": None})
        )
        assert row["First met without N"] is None

    @pytest.mark.parametrize(
        ("day", "words"), [("2026-10-11", "Nothing recorded"), ("2026-10-12", "Yes")]
    )
    def test_whether_anything_is_recorded_since(self, day, words):
        found = sheet(
            pupils_of((2, 9)), {"upn": "p1"}, entries=[entry("p1", "contact", "call", day)]
        )
        assert rows_of(found)[0]["Anything recorded since"] == words

    def test_age_in_words(self):
        pupils = pupils_of((2, 9), (2, 9), (2, 9), compulsory_age=[True, False, None])
        found = rows_of(sheet(pupils, *({"upn": f"p{at}"} for at in (1, 2, 3))))
        assert [row["Compulsory school age"] for row in found] == ["Yes", "No", "Unknown"]

    def test_who_is_to_consider_and_what_is_local(self):
        own = TriggerRule("own", "Own", ("G",), 5, school_weeks=4, source="Ours", duty="authority")
        found = rows_of(
            sheet(
                pupils_of((2, 9)),
                *({"upn": "p1", "trigger": key} for key in ("own", "authority_duty_q")),
                rules=[own],
            )
        )
        assert [row["To be considered by"] for row in found] == ["Authority", "Authority"]
        assert [row["Rule"] for row in found] == ["Local", "Statutory"]
        assert found[0]["Source"] == "Ours"

    def test_a_pupil_who_is_on_no_list_keeps_the_row(self):
        (row,) = rows_of(sheet(pupils_of((2, 9)), {"upn": "p9"}))
        assert (row["UPN"], row["Surname"], row["Year group"]) == ("p9", None, None)
        assert (row["On roll"], row["Compulsory school age"]) == ("No", "Unknown")

    def test_a_pupil_with_two_enrolments_has_one_row(self):
        pupils = pd.concat([pupils_of((2, 9))] * 2)
        assert len(sheet(pupils, {"upn": "p1"}).rows) == 1

    def test_year_groups_of_the_youngest_and_unknown(self):
        pupils = pupils_of(*[(2, 9)] * 3, year_group=[0, -1, None])
        found = rows_of(sheet(pupils, *({"upn": f"p{at}"} for at in (1, 2, 3))))
        assert [row["Year group"] for row in found] == [0, -1, None]

    def test_names_stay_as_they_are(self):
        names = HOSTILE_NAMES
        pupils = pupils_of(*[(2, 9)] * len(names), surname=names)
        found = rows_of(sheet(pupils, *({"upn": upn} for upn in pupils["upn"])))
        assert {row["UPN"]: row["Surname"] for row in found} == dict(
            zip(pupils["upn"], names, strict=True)
        )

    def test_nobody(self):
        assert sheet(pupils_of((2, 9))).rows == []

    def test_never_issue(self):
        found = sheet(pupils_of((2, 9)), *({"upn": "p1", "trigger": key} for key in NAMES))
        words = [str(value) for row in found.rows for value in row]
        assert len(found.rows) == len(NAMES)
        assert not any("issue" in text.lower() for text in words)
