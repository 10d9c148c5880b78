"""What became of actions, on the page and in the workbook: how each stands, absence since, and never more than is safe to say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from attendance_helpers.measures.since_cohort import CohortSince
from attendance_helpers.measures.since_school import SchoolSince
from attendance_helpers.meetings.actions import latest_actions, standing_actions
from attendance_helpers.publish import action_tables, action_words
from attendance_helpers.publish.blocks import Paragraph, Table
from attendance_helpers.register.meeting_frames import no_actions, typed_actions

AS_AT = dt.date(2026, 4, 2)
LAST = dt.date(2025, 11, 20)
PUPILS = pd.DataFrame(
    {
        "upn": ["A1", "A2"],
        "surname": ["Hale", "Ng"],
        "forename": ["Ada", "<b>Bo</b>"],
        "year_group": pd.array([9, 7], dtype="Int64"),
    }
)


def action(action_id: str, **more: Any) -> dict[str, Any]:
    given = {"action_id": action_id, "action": f"Do {action_id}", "owner": "Head of year"}
    return {**given, "status": "Open", "meeting": LAST, "agreed": LAST, "version": 1, **more}


def since_row(action_id: str, kind: str = "pupil", **more: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("days", "pupils", "compared", "possible_before", "missed_before"), pd.NA)
    rest = dict.fromkeys(("possible_after", "missed_after", "similar"), pd.NA)
    figures = dict.fromkeys(("expected", "change", "similar_change", "difference"), float("nan"))
    row = {"action_id": action_id, "upn": "", "kind": kind, **blank, **rest, **figures}
    return {**row, "clear": False, "why": "too soon", **more}


def counted(action_id: str, upn: str = "A1", **more: Any) -> dict[str, Any]:
    """A pupil who missed 35 sessions of 100 before and 12 since, where similar pupils missed 3 fewer."""
    figures = {"days": 50, "pupils": 1, "missed_before": 35, "missed_after": 12, "similar": 9}
    more = {"similar_change": -3.2, "difference": -19.8, "why": "", **more}
    return since_row(
        action_id, **{"upn": upn, "change": -23.0, "expected": 35.0, **figures, **more}
    )


def together(**more: Any) -> CohortSince:
    return CohortSince(**{"pupils": 5, "compared": 5, **more})


def table(said: list[dict[str, Any]], since: list[dict[str, Any]], most: int = 6) -> Table:
    stands = standing_actions(typed_actions(pd.DataFrame(said)), as_at=AS_AT)
    made = action_tables.actions_table(stands, pd.DataFrame(since), PUPILS, last=LAST, most=most)
    assert isinstance(made, Table)
    return made


class TestTable:
    def test_overdue_first_with_name_owner_days_and_absence(self) -> None:
        made = table(
            [
                action("a", due="2026-05-04", cohort="Year 9", action="Calls."),
                action("b", due="2026-03-21", upn="A1"),
            ],
            [since_row("a", "cohort"), counted("b")],
        )
        assert made.rows == [
            [
                *("Hale, Ada (Y9): Do b. Head of year", "Overdue by 12 days (21 Mar)"),
                *("35 to 12 (−23)", "−3: no clear difference"),
            ],
            ["Year 9: Calls. Head of year", "Open, due 4 May 2026", "–", "Too soon to say"],
        ]
        assert made.title == "1 of 2 open actions is overdue, by 12 days"
        assert "20 November 2025" in made.caption

    def test_a_plain_caution_stands_below_it(self) -> None:
        notes = " ".join(table([action("a")], [since_row("a", "school")]).notes)
        assert "none of this proves that an action worked, or that it did not" in notes

    def test_the_page_stops_and_the_workbook_goes_on(self) -> None:
        said = [action(f"a{at}") for at in range(4)]
        since = [since_row(f"a{at}", "school") for at in range(4)]
        cut = table(said, since, most=3)
        assert len(cut.rows) == 3
        assert cut.continues == "1 more action and all figures: sheets Actions so far and Since."
        assert table(said, since).continues == "All figures: sheets Actions so far and Since."

    def test_a_long_text_is_cut_between_words(self) -> None:
        long = "Meet the family at home each Monday " * 5
        [row] = table([action("a", action=long)], [since_row("a", "school")]).rows
        what = str(row[0])
        assert what.endswith("… Head of year") and "….." not in what
        assert len(what) < 80 + len("Whole school: … Head of year")

    @pytest.mark.parametrize(
        ("said", "title"),
        [
            ([("Open", None)], "1 action is open, none overdue"),
            ([("Done", None)], "No action is open; 1 was closed at the last meeting"),
            ([("Open", "2026-04-01"), ("Open", "2026-03-31")], "2 of 2 open actions are overdue, the longest by 2 days"),
            ([("Open", "2026-04-02"), ("Carried", None), ("Stopped", None), ("Done", None)],
             "2 actions are open, none overdue; 2 were closed at the last meeting"),
        ],
    )  # fmt: skip
    def test_the_title_counts_what_is_overdue(self, said: list[Any], title: str) -> None:
        rows = [action(f"a{at}", status=s, due=due) for at, (s, due) in enumerate(said)]
        since = [since_row(f"a{at}", "school") for at in range(len(said))]
        assert table(rows, since).title == title

    def test_without_a_meeting_or_an_action_a_sentence_stands(self) -> None:
        nothing = standing_actions(no_actions(), as_at=AS_AT)
        frame = pd.DataFrame([since_row("a")]).head(0)
        told = [
            action_tables.actions_table(nothing, frame, PUPILS, last=last, most=6)
            for last in (None, LAST)
        ]
        assert all(isinstance(one, Paragraph) for one in told)
        assert "No meeting of this school is on record yet" in told[0].plain_text()
        assert "At the meeting of 20 November 2025 no action was agreed" in told[1].plain_text()


class TestWords:
    @pytest.mark.parametrize(
        ("change", "difference", "clear", "words"),
        [
            (-20.0, -15.0, True, "Fell further than theirs"),
            (-5.0, 15.0, True, "Fell less than theirs"),
            (20.0, 15.0, True, "Rose further than theirs"),
            (5.0, -15.0, True, "Rose less than theirs"),
            (-20.0, -15.0, False, "No clear difference"),
        ],
    )
    def test_only_a_clear_difference_is_called_one(
        self, change: float, difference: float, clear: bool, words: str
    ) -> None:
        row = counted("a", change=change, difference=difference, clear=clear)
        assert action_words.safe_words(row) == words

    def test_every_reason_has_its_words_and_none_claims(self) -> None:
        from attendance_helpers.measures.similar import LACKS
        from attendance_helpers.measures.since import TOO_SHORT
        from attendance_helpers.measures.since_cohort import NOBODY
        from attendance_helpers.measures.since_school import NO_OTHERS, OTHER_DATES
        from attendance_helpers.run.actions_since import NOT_KNOWN, TOO_SOON

        reasons = {*LACKS, TOO_SHORT, NOBODY, NO_OTHERS, OTHER_DATES, NOT_KNOWN, TOO_SOON}
        assert reasons == set(action_words.WHY)
        for why in reasons:
            assert action_words.beside_words(since_row("a", why=why)) == action_words.WHY[why]

    def test_a_cohort_and_a_school_are_told_for_each_pupil(self) -> None:
        cohort = counted("a", kind="cohort", compared=10, expected=72.0, change=27.0)
        assert action_words.missed_words(cohort) == "7.2 to 9.9 each (+2.7)"
        school = since_row("a", "school", days=50, expected=7.2, change=2.7, why="")
        school |= {"similar_change": 1.94}
        assert action_words.missed_words(school) == "7.2 to 9.9 each (+2.7)"
        assert action_words.beside_words(school) == "+1.9 in other schools"
        none = since_row("a", "cohort", days=50, compared=0, why="nobody similar")
        assert action_words.missed_words(none) == "–"

    def test_the_school_beside_others_in_a_sentence(self) -> None:
        found = SchoolSince(101, 9.83, 7.63, -2.22, 3, 10.75, 8.19, -2.58, 0.36)
        words = action_words.school_words(found, last=LAST, least_days=10)
        assert words == (
            "The school's absence was 9.8% in the 51 school days up to the meeting of 20 November 2025 and 7.6% in as many since; in 3 "
            "other schools of the phase 10.8% and 8.2%: −2.2 sessions a pupil here, −2.6 there."
        )
        alone = SchoolSince(20, 9.83, 7.63, -0.44, why="no other schools")
        assert action_words.school_words(alone, last=LAST, least_days=10).endswith(
            "in as many since; no other school to compare with."
        )
        soon = action_words.school_words(None, last=LAST, least_days=10)
        assert soon.startswith("Fewer than 10 school days") and "too soon" in soon

    def test_all_with_an_action_together(self) -> None:
        day = dt.date(2025, 11, 20)
        since = pd.DataFrame([counted("a"), counted("b", "A2"), counted("c", "A2")])
        agreed = pd.Series(pd.Timestamp(day), index=since.index)
        many = together(
            **{"missed_before": 90, "missed_after": 60, "expected": 88.0, "similar_change": -8.0}
        )
        words = action_words.together_words({day: many}, since, agreed)
        assert words == (
            "5 pupils with an action agreed on 20 November 2025 missed 90 sessions in the 50 school days before and 60 in as many since; "
            "with the change of similar pupils it would have been 80, which is no clear difference."
        )
        some = action_words.together_words(
            {day: together(compared=3, clear=True, expected=1.0, similar_change=0.0)}, since, agreed
        )
        assert (
            "5 pupils with an action agreed on 20 November 2025, the 3 who can be compared, missed"
            in some
        )
        assert some.endswith("more than chance explains.")

    def test_of_too_few_who_can_be_compared_the_counts_alone_are_told(self) -> None:
        day = dt.date(2025, 11, 20)
        # Two actions for one pupil are one pupil's sessions.
        since = pd.DataFrame([counted("a"), counted("b", "A2"), counted("c", "A2")])
        agreed = pd.Series(pd.Timestamp(day), index=since.index)
        words = action_words.together_words({day: together(pupils=2, compared=2)}, since, agreed)
        assert words == (
            "2 pupils with an action agreed on 20 November 2025 missed 70 sessions in the 50 school days before and 24 in as many since; "
            "too few of them have similar pupils to compare with."
        )
        assert action_words.together_words({day: None}, since, agreed) == ""
        assert action_words.together_words({}, since, agreed) == ""

    def test_of_several_days_the_one_with_most_pupils_is_told(self) -> None:
        first, second = dt.date(2025, 11, 20), dt.date(2026, 2, 12)
        since = pd.DataFrame([counted("a"), counted("b", "A2", days=30)])
        agreed = pd.Series([pd.Timestamp(first), pd.Timestamp(second)])
        found = {first: together(pupils=4), second: together(pupils=2)}
        assert "20 November 2025" in action_words.together_words(found, since, agreed)
        found = {first: together(pupils=2), second: together(pupils=2)}
        assert "12 February 2026" in action_words.together_words(found, since, agreed)

    def test_status(self) -> None:
        for row, words in (
            ({"open": True, "due": pd.NaT, "overdue": False, "status": "Carried"}, "Carried, no date"),
            ({"open": False, "closed": pd.NaT, "status": "Stopped"}, "Stopped"),
        ):  # fmt: skip
            assert action_words.status_words(row) == words


class TestSheets:
    def test_all_that_was_said_stands_newest_first(self) -> None:
        said = typed_actions(
            pd.DataFrame(
                [
                    action("a", upn="A1", version=1, superseded="2025-11-22T10:00:00+00:00"),
                    action("a", upn="A1", version=2, due="2026-01-05", success="=2 days"),
                    action("a", upn="A1", status="Done", meeting="2026-02-12", outcome="Visited"),
                    action("b", upn="gone"),
                ]
            )
        )
        sheet = action_tables.so_far_sheet(said, PUPILS)
        at = {column.label: place for place, column in enumerate(sheet.columns)}
        rows = [
            [row[at[n]] for n in ("Action ID", "Surname", "Status", "Version")]
            for row in sheet.rows
        ]
        assert rows == [
            ["a", "Hale", "Done", 1],
            ["a", "Hale", "Open", 2],
            ["b", None, "Open", 1],
            ["a", "Hale", "Open", 1],
        ]
        assert sheet.rows[3][at["No longer stands since"]] == "2025-11-22T10:00:00+00:00"
        assert sheet.rows[1][at["Due"]] == dt.date(2026, 1, 5)
        assert [len(row) for row in sheet.rows] == [len(sheet.columns)] * 4
        assert action_tables.so_far_sheet(no_actions(), PUPILS).rows == []

    def test_since_has_every_action_and_all_together(self) -> None:
        said = typed_actions(
            pd.DataFrame([action("a", upn="A1"), action("b", cohort="Year 9"), action("c")])
        )
        every = latest_actions(said, as_at=AS_AT)
        since = pd.DataFrame(
            [counted("a"), since_row("b", "cohort"), since_row("c", "school", days=50, why="")]
        )
        group = together(
            missed_before=90, missed_after=60, difference=-22.0, clear=True, change=-30
        )
        sheet = action_tables.since_sheet(since, every, {LAST: group}, PUPILS)
        at = {column.label: place for place, column in enumerate(sheet.columns)}
        assert [row[at["For whom"]] for row in sheet.rows] == [
            *("Hale, Ada (Y9)", "Year 9", "Whole school"),
            "All pupils with an action agreed that day",
        ]
        assert [row[at["Figures are"]] for row in sheet.rows] == [
            *("Sessions", "Sessions, all pupils together", "Sessions a pupil"),
            "Sessions, all pupils together",
        ]
        assert [row[at["What is safe to say"]] for row in sheet.rows] == [
            *("No clear difference", "Too soon to say", "Of one school nothing is claimed"),
            "Fell further than theirs",
        ]
        assert sheet.rows[3][at["Missed since"]] == 60
        assert [len(row) for row in sheet.rows] == [len(sheet.columns)] * 4
        assert not any(value is pd.NA for row in sheet.rows for value in row)
        soon = action_tables.since_sheet(since.head(0), every.head(0), {}, PUPILS)
        assert soon.rows == []
