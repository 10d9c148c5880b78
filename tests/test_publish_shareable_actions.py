"""Earlier actions in the copy for others: texts that may name are withheld, single pupils' actions are counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.meetings.actions import STANDING_COLUMNS
from attendance_helpers.publish.blocks import Paragraph, Table
from attendance_helpers.publish.disclosure_texts import MAY_COUNT, MAY_NAME, Secrets
from attendance_helpers.publish.shareable_actions import (
    actions_sheet,
    actions_table,
    pupils_actions,
    since_words,
    told_actions,
)

SECRETS = Secrets(frozenset({"mary"}), frozenset(), frozenset())
MEETING = dt.date(2026, 2, 12)


def standing(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return actions as `standing_actions` does: open ones for the whole school unless it is said otherwise."""
    usual = (
        dict.fromkeys(STANDING_COLUMNS, "")
        | {"status": "Open", "open": True}
        | {
            "overdue": False,
            "days_overdue": 0,
            "due": pd.Timestamp("2026-05-01"),
            "agreed": pd.Timestamp(MEETING),
            "action": "First-day calls",
        }
    )
    return pd.DataFrame([usual | row for row in rows], columns=list(STANDING_COLUMNS))


ROLL = roll_of(12).assign(looked_after=pd.array([True] * 3 + [False] * 9, dtype="boolean"))


class TestTold:
    def test_single_pupils_are_left_out(self) -> None:
        told = told_actions(standing({"upn": "A1"}, {"cohort": "Year 3"}), ROLL, SECRETS)
        assert list(told["cohort"]) == ["Year 3"]

    def test_texts_that_may_name_are_withheld(self) -> None:
        row = {"action": "Call Mary", "owner": "Mary", "outcome": "Mary came"}
        told = told_actions(standing(row), ROLL, SECRETS)
        assert told[["action", "owner", "outcome"]].to_numpy().tolist() == [[MAY_NAME] * 3]

    def test_a_cohort_of_few_is_not_named_and_its_action_not_told(self) -> None:
        told = told_actions(standing({"cohort": "Looked after"}), ROLL, SECRETS)
        assert told[["action", "cohort"]].to_numpy().tolist() == [[MAY_COUNT, MAY_COUNT]]

    def test_without_a_cohort_it_is_for_the_whole_school(self) -> None:
        assert list(told_actions(standing({}), ROLL, SECRETS)["cohort"]) == ["Whole school"]

    def test_no_actions(self) -> None:
        assert told_actions(standing({}).iloc[:0], ROLL, SECRETS).empty


class TestTable:
    def table(self, *rows: dict[str, Any], most: int = 6) -> Table:
        told = told_actions(standing(*rows), ROLL, SECRETS)
        found = actions_table(told, meeting=MEETING, most=most, caption="")
        assert isinstance(found, Table)
        return found

    def test_status_in_words(self) -> None:
        table = self.table(
            {"overdue": True, "days_overdue": 12, "owner": "Head", "organisation": "School"},
            {"due": pd.NaT},
            {"open": False, "status": "Done"},
        )
        assert [row[2:] for row in table.rows] == [
            ["Head, School", dt.date(2026, 5, 1), "Overdue by 12 days"],
            ["Not said", None, "Open"],
            ["Not said", dt.date(2026, 5, 1), "Done"],
        ]
        assert table.title == (
            "3 actions for the school and its cohorts: 1 closed, 2 open, 1 of them overdue"
        )
        assert table.notes == []

    def test_withheld_is_explained(self) -> None:
        for row in ({"action": "Call Mary"}, {"cohort": "Looked after"}, {"owner": "Mary"}):
            assert self.table(row).notes

    def test_long_lists_go_on_in_the_workbook(self) -> None:
        table = self.table(*[{}] * 9, most=6)
        assert len(table.rows) == 6
        assert table.continues == "3 more actions in the workbook, sheet Actions."
        told = told_actions(standing(*[{}] * 9), ROLL, SECRETS)
        assert len(actions_sheet(told).rows) == 9

    def test_nothing_yet(self) -> None:
        told = told_actions(standing({"upn": "A1"}), ROLL, SECRETS)
        shown = [actions_table(told, meeting=day, most=6, caption="") for day in (None, MEETING)]
        assert [isinstance(block, Paragraph) for block in shown] == [True, True]
        assert "No earlier meeting" in shown[0].plain_text()


class TestPupilsActions:
    def words(self, *statuses: str) -> str:
        rows: list[dict[str, Any]] = [
            {"upn": f"A{at}", "status": status, "open": status == "Open"}
            for at, status in enumerate(statuses)
        ]
        found = pupils_actions(standing(*rows, {}))
        assert found is not None
        return found.text

    def test_counts_by_status(self) -> None:
        text = self.words(*["Open"] * 12, *["Done"] * 7)
        assert text.startswith("For single pupils, 19 actions: 12 still in time and 7 done.")

    def test_small_ones_and_what_tells_them_are_hidden(self) -> None:
        text = self.words(*["Open"] * 12, *["Done"] * 2)
        assert text.startswith(
            "For single pupils, 14 actions: c still in time and c done (c: hidden)"
        )
        assert self.words("Open").startswith("For single pupils, c actions")

    def test_none(self) -> None:
        assert pupils_actions(standing({})) is None


class TestSince:
    class Found:
        number, why = 60, ""
        before_perc, after_perc = 9.83, 7.63
        others_before_perc, others_after_perc = 10.7, 8.2

    def words(self, found: Any, others: Any, **given: Any) -> str:
        usual = {"meeting": MEETING, "phase": "Primary", "rated": True}
        block = since_words(found, others, **{**usual, **given})
        return "" if block is None else block.text

    def test_beside_others_with_a_caution(self) -> None:
        text = self.words(self.Found(), pd.Series({"enrolments": 90}))
        assert "absence went from 9.8% to 7.6%; in the authority's other primary schools" in text
        assert "30 school days" in text
        assert "does not show" in text

    @pytest.mark.parametrize("why", ["no other schools", ""])
    def test_without_others(self, why: str) -> None:
        found = self.Found()
        found.why = why
        beside = None if not why else pd.Series({"enrolments": 90})
        assert "authority" not in self.words(found, beside)

    def test_nothing_to_say(self) -> None:
        assert self.words(self.Found(), None, meeting=None) == ""
        assert self.words(self.Found(), None, rated=False) == ""
        assert self.words(None, None).startswith("Too few school days have passed")
