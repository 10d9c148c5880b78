from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from attendance_helpers.errors import ParamsError
from attendance_helpers.measures.triggers import (
    DEFAULT_TRIGGERS,
    OTHER_TRIGGERS,
    PRESETS,
    TRIGGER_COLUMNS,
    TriggerRule,
    all_trigger_sessions,
    all_triggers,
    authority_duty_q,
    last_met_without_n,
    part_time_past_end,
    trigger_sessions,
    triggers_met,
    unresolved_n,
)

Marks = Callable[..., pd.DataFrame]
WEEK, DAY, CLOSED = "/" * 10, "//", "#" * 10
SUMMER = "2026-07-13"  # one week of school, then a summer of SUMMER_WEEKS
SUMMER_WEEKS = CLOSED * 7
END = dt.date(2027, 7, 31)
RULES = list(PRESETS.values())


def met(marks: pd.DataFrame, rule: str | TriggerRule, as_at: dt.date = END) -> dict[str, Any]:
    """The one row of a rule as words and numbers; nothing where it is not met."""
    rules = [PRESETS[rule] if isinstance(rule, str) else rule]
    return only_row(triggers_met(marks, rules, as_at=as_at))


def only_row(table: pd.DataFrame) -> dict[str, Any]:
    assert len(table) <= 1
    return {
        name: (None if pd.isna(value) else f"{value:%Y-%m-%d}")
        if isinstance(value, pd.Timestamp) or pd.isna(value)
        else value
        for row in table.to_dict("records")
        for name, value in row.items()
    }


def without(marks: pd.DataFrame, upn: str, day: str) -> pd.DataFrame:
    return marks[(marks["upn"] != upn) | (marks["date"] != pd.Timestamp(day))]


def own(**fields: Any) -> TriggerRule:
    return TriggerRule(**{"key": "own", "name": "Own", "codes": ("O",), "count": 2, **fields})


class TestWindows:
    def test_ten_of_any_mix_and_nine_are_not(self, marks_of: Marks) -> None:
        found = met(marks_of("OUGN OUGNOU" + WEEK), "penalty_notice")
        assert found == {
            "upn": "p1",
            "trigger": "penalty_notice",
            "first_met": "2026-09-11",
            "last_met": "2026-09-11",
            "sessions": 10,
            "n_sessions": 2,
            "first_met_without_n": None,
            "current": True,
            "sessions_now": 10,
        }
        assert met(marks_of("OUGN OUGNO/" + WEEK), "penalty_notice") == {}

    def test_two_in_july_and_eight_in_september(self, marks_of: Marks) -> None:
        july, september = "////////OO" + SUMMER_WEEKS, "OOOOOOOO//"
        weeks = met(marks_of(july + WEEK * 8 + september, start=SUMMER), "penalty_notice")
        assert (
            weeks["first_met"] == "2026-11-05"
        )  # the tenth school week of which July's is the first
        late = marks_of(july + WEEK * 9 + september, start=SUMMER)
        assert met(late, "penalty_notice") == {}
        # A closed week between is no school week.
        shut = marks_of(july + WEEK * 8 + CLOSED + september, start=SUMMER)
        assert met(shut, "penalty_notice")["first_met"] == "2026-11-12"

    def test_a_week_in_which_only_others_were_at_school_counts(self, marks_of: Marks) -> None:
        july, september = "////////OO" + SUMMER_WEEKS, "OOOOOOOO//"
        first = july + WEEK * 8 + CLOSED + september
        marks = marks_of(first, "#" * len(first[:-20]) + WEEK, start=SUMMER)
        assert met(marks, "penalty_notice") == {}

    def test_without_n_it_is_later(self, marks_of: Marks) -> None:
        found = met(marks_of("N" + "O" * 9 + "//O" + "/" * 7), "penalty_notice")
        assert (found["first_met"], found["n_sessions"]) == ("2026-09-11", 1)
        assert found["first_met_without_n"] == "2026-09-15"
        last = met(marks_of("O" * 9 + "N" + WEEK), "penalty_notice")
        assert (last["n_sessions"], last["first_met_without_n"]) == (1, None)

    def test_episodes_and_what_holds_now(self, marks_of: Marks) -> None:
        rule = own(count=2, school_weeks=2)
        one = met(marks_of("OO" + "/" * 8 + "O" + "/" * 9 + "O" + "/" * 9), rule)
        # Of each two weeks on end there are two or more: it never ceased to hold.
        assert (one["first_met"], one["last_met"]) == ("2026-09-07", "2026-09-07")
        assert (one["current"], one["sessions_now"]) == (True, 2)
        gap = met(marks_of("OO" + "/" * 8 + WEEK + "OO" + "/" * 8 + WEEK), rule)
        assert (gap["last_met"], gap["current"]) == ("2026-09-07", True)
        two = met(marks_of("OO" + "/" * 8 + WEEK * 2 + "/OO/" + "/" * 6 + WEEK * 2), rule)
        assert (two["first_met"], two["last_met"]) == ("2026-09-07", "2026-09-29")
        assert (two["current"], two["sessions_now"], two["sessions"]) == (False, 0, 2)

    def test_school_days(self, marks_of: Marks) -> None:
        rule = own(count=2, school_days=3)
        assert met(marks_of("O/ // /O //"), rule)["first_met"] == "2026-09-09"
        assert met(marks_of("O/ // // /O"), rule) == {}
        # A weekend and a closed day are no school days.
        assert met(marks_of("// // // O/ // ## /O //"), rule)["first_met"] == "2026-09-15"
        assert met(marks_of("O/ // /O"), rule)["current"]
        over = met(marks_of("O/ // /O //"), rule)
        assert (over["current"], over["sessions_now"]) == (False, 1)

    def test_a_school_year_begins_on_1_august(self, marks_of: Marks) -> None:
        fifteen_days = "I" * 30
        marks = marks_of("/" * 14 + "I" * 14 + "/" * 2, start="2026-07-13")  # to 31 July
        later = marks_of("I" * 16, start="2026-08-03")
        both = pd.concat([marks, later], ignore_index=True)
        assert met(both, "sickness_return") == {}
        year = met(marks_of(fifteen_days, start="2026-08-03"), "sickness_return")
        assert (year["first_met"], year["sessions"], year["current"]) == ("2026-08-21", 30, True)
        next_year = met(
            marks_of(fifteen_days, start="2026-08-03"), "sickness_return", dt.date(2027, 8, 1)
        )
        assert (next_year["current"], next_year["sessions_now"]) == (False, 0)

    def test_each_school_year_is_an_episode(self, marks_of: Marks) -> None:
        marks = marks_of("I" * 30 + CLOSED * 8 + "I" * 30, start="2026-06-29")
        found = met(marks, "sickness_return")
        assert (found["first_met"], found["last_met"]) == ("2026-07-17", "2026-10-02")

    def test_twenty_scattered_are_ten_days_in_any_pattern(self, marks_of: Marks) -> None:
        marks = marks_of("O///" * 20)
        assert met(marks, "attendance_return_any")["first_met"] == "2026-10-29"
        assert met(marks, "attendance_return") == {}

    def test_a_session_that_is_not_possible_counts_where_a_rule_says_so(
        self, marks_of: Marks
    ) -> None:
        marks = marks_of("D/ // /D //", "// // // //")
        assert met(marks, own(codes=("D",), school_days=3))["first_met"] == "2026-09-09"
        # On a closed day it belongs to the last school day.
        alone = marks_of("D/ // // DD //", "// // // ## //")
        assert met(alone, own(codes=("D",), school_days=3))["first_met"] == "2026-09-10"


class TestRuns:
    TEN = "OO" * 10

    @pytest.mark.parametrize(
        ("text", "first_met", "sessions"),
        [
            ("OO" * 10 + DAY, "2026-09-18", 20),
            ("OO" * 9 + DAY, None, 0),
            ("OO" * 9 + "O/" + DAY, None, 0),  # attended in the afternoon
            ("OO" * 5 + "OI" + "OO" * 5, None, 0),  # absent for another reason
            ("OO" * 5 + "IO" + "OO" * 9, None, 0),
            ("OO" * 5 + "-O" + "OY" + "OO" * 3, "2026-09-18", 18),  # half a day says enough
            (
                "OO" * 5 + "--" + "QQ" + "##" + "OO" * 5,
                "2026-09-23",
                20,
            ),  # neither counts nor breaks
            ("OO" * 5 + "??" + "OO" * 5, "2026-09-21", 20),
            ("GN" * 5 + "UO" * 5, "2026-09-18", 20),
        ],
    )
    def test_ten_days(
        self, marks_of: Marks, text: str, first_met: str | None, sessions: int
    ) -> None:
        found = met(marks_of(text), "attendance_return")
        assert (found.get("first_met"), found.get("sessions", 0)) == (first_met, sessions)

    def test_a_day_without_a_row_breaks_if_school_was_open(self, marks_of: Marks) -> None:
        marks = marks_of("OO" * 11, DAY * 11)
        assert met(marks, "attendance_return")["first_met"] == "2026-09-18"
        assert met(without(marks, "p1", "2026-09-09"), "attendance_return") == {}
        closed = marks[marks["date"] != pd.Timestamp("2026-09-09")]
        assert met(closed, "attendance_return")["first_met"] == "2026-09-21"
        # Nor does a row of the day after, when school was closed, stand for it.
        shut = marks_of("OO" * 3 + "##" + "OO" * 8, DAY * 3 + "##" + DAY * 8)
        assert met(shut, "attendance_return")["first_met"] == "2026-09-21"
        assert met(without(shut, "p1", "2026-09-09"), "attendance_return") == {}

    def test_an_n_that_is_left_out_breaks_a_run(self, marks_of: Marks) -> None:
        found = met(marks_of("OO" * 3 + "ON" + "OO" * 10), "attendance_return")
        assert (found["first_met"], found["n_sessions"]) == ("2026-09-18", 1)
        assert found["first_met_without_n"] == "2026-09-24"
        assert met(marks_of("NN" * 10), "attendance_return")["first_met_without_n"] is None

    def test_runs_are_episodes(self, marks_of: Marks) -> None:
        over = met(marks_of(self.TEN + DAY + "OO" * 12 + DAY), "attendance_return")
        assert (over["first_met"], over["last_met"]) == ("2026-09-18", "2026-10-05")
        assert (over["current"], over["sessions_now"]) == (False, 0)
        going = met(marks_of(self.TEN + DAY + "OO" * 3 + "--"), "attendance_return")
        assert (going["last_met"], going["current"], going["sessions_now"]) == (
            *("2026-09-18", False, 6),
        )
        longer = met(marks_of(self.TEN + "OO" * 3 + "QQ"), "attendance_return")
        assert (longer["current"], longer["sessions_now"], longer["sessions"]) == (True, 26, 20)

    def test_a_run_that_a_leaver_ended_with_is_current(self, marks_of: Marks) -> None:
        marks = marks_of(self.TEN + DAY, DAY * 12, p1=("", "2026-09-18"))
        found = met(marks, "attendance_return")
        assert (found["first_met"], found["current"]) == ("2026-09-18", True)

    def test_a_run_over_the_summer(self, marks_of: Marks) -> None:
        marks = marks_of("OO" * 5 + SUMMER_WEEKS + "OO" * 6, start=SUMMER)
        assert met(marks, "attendance_return")["first_met"] == "2026-09-11"
        rule = own(count=10, continuous=True, unit="days", school_year=True)
        assert met(marks, rule) == {}

    def test_thirty_sessions_of_illness_one_after_another(self, marks_of: Marks) -> None:
        found = met(marks_of("/" + "I" * 10 + "Y-##" + "I" * 20), "sickness_continuous")
        assert (found["first_met"], found["sessions"], found["current"]) == ("2026-09-30", 30, True)
        assert met(marks_of("/" + "I" * 29 + "M" + "I" * 10), "sickness_continuous") == {}
        over = marks_of("I" * 10 + SUMMER_WEEKS + "I" * 20, start=SUMMER)
        assert met(over, "sickness_continuous") == {}

    def test_a_run_of_last_school_year_is_over(self, marks_of: Marks) -> None:
        marks = marks_of("I" * 30, start="2026-06-01")
        assert met(marks, "sickness_continuous", dt.date(2026, 7, 31))["current"]
        found = met(marks, "sickness_continuous", dt.date(2026, 8, 1))
        assert (found["current"], found["sessions_now"]) == (False, 0)


class TestSessions:
    def test_those_of_the_first_time_and_the_last(self, marks_of: Marks) -> None:
        rule = own(codes=("O", "N"), count=2, continuous=True)
        table = trigger_sessions(marks_of("/O N/ OO ON //"), [rule], as_at=END)
        assert table.astype(str).to_numpy().tolist() == [
            ["p1", "own", "2026-09-08", "2026-09-07", "PM", "O"],
            ["p1", "own", "2026-09-08", "2026-09-08", "AM", "N"],
            ["p1", "own", "2026-09-09", "2026-09-09", "AM", "O"],
            ["p1", "own", "2026-09-09", "2026-09-09", "PM", "O"],
        ]

    def test_once_when_it_was_met_once(self, marks_of: Marks) -> None:
        marks = marks_of("OO" * 6)
        table = trigger_sessions(marks, [PRESETS["penalty_notice"]], as_at=END)
        assert len(table) == 10
        assert set(table["met"]) == {pd.Timestamp("2026-09-11")}

    def test_of_n_overdue_part_time_past_its_end_and_q(self, marks_of: Marks) -> None:
        marks = marks_of("N/ C/ C/ /Q QQ // // NN" + WEEK)
        codes = marks["code"].astype("str").replace("C", "C2")
        ends = pd.DataFrame({"upn": ["p1"], "until": pd.to_datetime(["2026-09-08"])})
        table = all_trigger_sessions(
            marks.assign(code=codes.astype("category")), RULES, as_at=END, ends=ends
        )
        # Nobody could attend on Friday 11: the sixth school day after Monday 7 is Wednesday 16.
        assert table.astype(str).to_numpy().tolist() == [
            ["p1", "unresolved_n", "2026-09-16", "2026-09-07", "AM", "N"],
            ["p1", "part_time_past_end", "2026-09-09", "2026-09-09", "AM", "C2"],
            ["p1", "authority_duty_q", "2026-09-10", "2026-09-10", "PM", "Q"],
            ["p1", "authority_duty_q", "2026-09-10", "2026-09-11", "AM", "Q"],
            ["p1", "authority_duty_q", "2026-09-10", "2026-09-11", "PM", "Q"],
        ]
        without = all_trigger_sessions(marks, [], as_at=END)
        assert set(without["trigger"]) == {"unresolved_n", "authority_duty_q"}


class TestOthers:
    def test_n_is_overdue_on_the_sixth_school_day(self, marks_of: Marks) -> None:
        text = "N/ // N/ // ## // // // NN //"
        # From Monday 7 the fifth school day is Tuesday 15, since Friday was closed.
        assert only_row(unresolved_n(marks_of(text), as_at=dt.date(2026, 9, 15))) == {}
        found = only_row(unresolved_n(marks_of(text), as_at=dt.date(2026, 9, 16)))
        assert found == {
            "upn": "p1",
            "trigger": "unresolved_n",
            "first_met": "2026-09-16",
            "last_met": "2026-09-16",
            "sessions": 1,
            "n_sessions": 1,
            "first_met_without_n": None,
            "current": True,
            "sessions_now": 1,
        }
        later = only_row(unresolved_n(marks_of(text), as_at=dt.date(2026, 9, 18)))
        assert (later["first_met"], later["sessions"]) == ("2026-09-16", 2)
        sooner = only_row(unresolved_n(marks_of(text), as_at=END, days=1))
        assert sooner["first_met"] == "2026-09-09"

    @staticmethod
    def part_time(marks_of: Marks, text: str) -> pd.DataFrame:
        marks = marks_of(text, WEEK)
        codes = marks["code"].astype("str").replace("C", "C2")
        return marks.assign(code=codes.astype("category"))

    @pytest.mark.parametrize(
        ("until", "first_met", "sessions"),
        [
            (["2026-09-07"], "2026-09-08", 3),
            (["2026-09-08"], "2026-09-09", 2),  # the last day itself is inside
            (["2026-09-07", "2026-09-09", None], "2026-09-10", 1),  # the latest counts
            (["2026-09-10"], None, 0),
            ([None], None, 0),
            ([], None, 0),
        ],
    )
    def test_part_time_past_its_end(
        self, marks_of: Marks, until: list[str | None], first_met: str | None, sessions: int
    ) -> None:
        ends = pd.DataFrame({"upn": "p1", "until": pd.to_datetime(pd.Series(until, dtype=object))})
        ends = pd.concat([ends, pd.DataFrame({"upn": ["p9"], "until": [pd.Timestamp(0)]})])
        marks = self.part_time(marks_of, "/C /C /C /C //")
        found = only_row(part_time_past_end(marks, ends, as_at=END))
        assert (found.get("first_met"), found.get("sessions", 0)) == (first_met, sessions)
        assert found.get("current", first_met is not None) is (first_met is not None)

    def test_part_time_is_current_for_five_school_days(self, marks_of: Marks) -> None:
        ends = pd.DataFrame({"upn": ["p1"], "until": pd.to_datetime(["2026-09-07"])})
        for days, current in ((4, True), (5, False)):
            marks = self.part_time(marks_of, "/C/C" + DAY * days)
            found = only_row(part_time_past_end(marks, ends, as_at=END))
            assert (found["current"], found["sessions_now"]) == (current, int(current))

    def test_q_of_this_school_year(self, marks_of: Marks) -> None:
        marks = marks_of("QQ" + "/" * 8 + SUMMER_WEEKS + "/Q QQ // // //", start=SUMMER)
        found = only_row(authority_duty_q(marks, as_at=END))
        assert (found["first_met"], found["last_met"]) == ("2026-09-07", "2026-09-07")
        assert (found["sessions"], found["sessions_now"], found["current"]) == (3, 3, True)
        assert only_row(authority_duty_q(marks, as_at=dt.date(2026, 8, 1))) == {}
        assert only_row(authority_duty_q(marks, as_at=dt.date(2026, 7, 31)))["sessions"] == 2


class TestLastWithoutN:
    @staticmethod
    def last(marks: pd.DataFrame, rule: str | TriggerRule, as_at: dt.date = END) -> str | None:
        rules = [PRESETS[rule] if isinstance(rule, str) else rule]
        found = last_met_without_n(marks, rules, as_at=as_at)
        assert list(found.columns) == ["upn", "trigger", "last_met_without_n"]
        return only_row(found).get("last_met_without_n")

    def test_ten_others_are_met_and_nine_with_an_n_are_not(self, marks_of: Marks) -> None:
        assert self.last(marks_of("O" * 10 + WEEK), "penalty_notice") == "2026-09-11"
        assert self.last(marks_of("O" * 9 + "N" + WEEK), "penalty_notice") is None
        # The same ten, an N before them: met a day later without it.
        late = marks_of("N" + "O" * 9 + "//O" + "/" * 7)
        assert met(late, "penalty_notice")["last_met"] == "2026-09-11"
        assert self.last(late, "penalty_notice") == "2026-09-15"

    def test_met_again_only_with_n(self, marks_of: Marks) -> None:
        rule = own(codes=("N", "O"), school_weeks=2)
        marks = marks_of("OO" + "/" * 8 + WEEK * 2 + "NO" + "/" * 8)
        assert met(marks, rule)["last_met"] == "2026-09-28"
        assert self.last(marks, rule) == "2026-09-07"
        assert self.last(marks, own(school_weeks=2)) == "2026-09-07"  # no N in the rule

    def test_an_episode_that_n_holds_together_falls_apart_without(self, marks_of: Marks) -> None:
        rule = own(codes=("N", "O"), school_weeks=1)
        week = "/" * 8
        marks = marks_of("OO" + week + "NN" + week + "OO" + week)
        assert met(marks, rule)["last_met"] == "2026-09-07"
        assert self.last(marks, rule) == "2026-09-21"

    def test_in_a_run_an_n_breaks(self, marks_of: Marks) -> None:
        rule = own(codes=("N", "O"), count=4, continuous=True)
        assert self.last(marks_of("OO NO OO //"), rule) is None
        assert self.last(marks_of("OO NO OO O/"), rule) == "2026-09-10"
        assert met(marks_of("OO NO OO O/"), rule)["last_met"] == "2026-09-08"

    def test_a_rule_of_n_alone_has_no_row(self, marks_of: Marks) -> None:
        rules = [own(codes=("N",), school_weeks=1), PRESETS["sickness_return"]]
        marks = marks_of("N" * 10 + "I" * 30)
        found = last_met_without_n(marks, rules, as_at=END)
        assert found["trigger"].to_list() == ["sickness_return"]
        assert last_met_without_n(marks, rules[:1], as_at=END).empty

    def test_marks_after_the_last_date_do_not_count(self, marks_of: Marks) -> None:
        marks = marks_of("O" * 10)
        assert self.last(marks, "penalty_notice", dt.date(2026, 9, 10)) is None
        assert self.last(marks, "penalty_notice", dt.date(2026, 9, 11)) == "2026-09-11"

    def test_of_nothing(self, marks_of: Marks) -> None:
        full = last_met_without_n(marks_of("O" * 10), RULES, as_at=END)
        for marks, rules in ((marks_of("O" * 10).iloc[:0], RULES), (marks_of("O" * 10), [])):
            found = last_met_without_n(marks, rules, as_at=END)
            assert found.empty
            assert found.dtypes.to_dict() == full.dtypes.to_dict()


class TestAll:
    def test_by_upn_and_then_in_the_order_of_the_rules(self, marks_of: Marks) -> None:
        marks = marks_of("/" * 40, "N" * 20 + "Q" * 20, "/" * 20 + "O" * 20)
        table = all_triggers(marks, RULES[::-1], as_at=END)
        assert list(zip(table["upn"], table["trigger"], strict=True)) == [
            *(("p2", "referral_six_weeks"), ("p2", "attendance_return_any")),
            *(("p2", "attendance_return"), ("p2", "penalty_notice")),
            *(("p2", "unresolved_n"), ("p2", "authority_duty_q")),
            *(("p3", "referral_six_weeks"), ("p3", "attendance_return_any")),
            *(("p3", "attendance_return"), ("p3", "penalty_notice")),
        ]

    def test_unknown_codes_and_marks_after_the_last_date_do_not_count(
        self, marks_of: Marks
    ) -> None:
        assert met(marks_of("O" * 9 + "?" * 9), "penalty_notice") == {}
        marks = marks_of("O" * 10)
        # Two different marks for one session: neither counts.
        kinds = marks["mark_class"].astype("str").where(marks.index != 3, "unusable")
        assert met(marks.assign(mark_class=kinds.astype("category")), "penalty_notice") == {}
        assert met(marks, "penalty_notice", dt.date(2026, 9, 10)) == {}
        assert met(marks, "penalty_notice", dt.date(2026, 9, 11))["sessions"] == 10

    @pytest.mark.parametrize("rules", [RULES, []])
    def test_of_nothing(self, marks_of: Marks, rules: list[TriggerRule]) -> None:
        ends = pd.DataFrame({"upn": [], "until": []})
        full = all_triggers(marks_of("O" * 10, "//" * 5), RULES, as_at=END)
        sessions = all_trigger_sessions(marks_of("O" * 10, "//" * 5), RULES, as_at=END)
        for marks in (marks_of("O" * 20).iloc[:0], marks_of("###---??")):
            table = all_triggers(marks, rules, as_at=END, ends=ends)
            assert table.empty
            assert table.dtypes.to_dict() == full.dtypes.to_dict()
            assert trigger_sessions(marks, rules, as_at=END).empty
            listed = all_trigger_sessions(marks, rules, as_at=END, ends=ends)
            assert listed.empty
            assert listed.dtypes.to_dict() == sessions.dtypes.to_dict()
        assert tuple(full.columns) == TRIGGER_COLUMNS

    def test_two_rules_of_one_key_are_refused(self, marks_of: Marks) -> None:
        rules = [own(school_weeks=1), own(school_weeks=2)]
        for function in (triggers_met, trigger_sessions, all_triggers):
            with pytest.raises(ParamsError, match=r"a key of its own .* found own again"):
                function(marks_of("//"), rules, as_at=END)
        with pytest.raises(ParamsError, match=r"found unresolved_n again"):
            triggers_met(marks_of("//"), [own(key="unresolved_n", school_year=True)], as_at=END)


class TestRule:
    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({}, "exactly one of .* found none"),
            ({"school_weeks": 2, "school_days": 3}, "found school_weeks and school_days"),
            ({"school_weeks": 2, "school_year": True}, "found school_weeks and school_year"),
            ({"continuous": True, "school_days": 2}, "continuous rule without school_days"),
            ({"school_year": True, "unit": "days"}, "days only of a continuous rule"),
            ({"continuous": True, "unit": "weeks"}, "sessions or days, found 'weeks'"),
            ({"school_year": True, "count": 0}, "count: .* 1 or more, found 0"),
            ({"school_year": True, "count": True}, "count: .* found True"),
            ({"school_year": True, "count": None}, "count: .* found None"),
            ({"school_weeks": 0}, "school_weeks: .* found 0"),
            ({"school_weeks": 1.5}, "school_weeks: .* found 1.5"),
            ({"school_year": "yes"}, "school_year: expected true or false, found 'yes'"),
            ({"school_year": True, "codes": ()}, "one register code or more, found none"),
            ({"school_year": True, "codes": "OU"}, "a list of register codes .* found 'OU'"),
            ({"school_year": True, "codes": ("O", "o", "-")}, "such as .* found 'o', '-'"),
            ({"continuous": True, "codes": ("O", "Q")}, "of possible sessions .* found 'Q'"),
            ({"school_year": True, "key": ""}, "key: expected a text, found ''"),
            ({"school_year": True, "name": None}, "name: expected a text, found None"),
            ({"school_year": True, "duty": "parent"}, "school or authority, found 'parent'"),
        ],
    )
    def test_refused_with_what_was_found(self, fields: dict[str, Any], message: str) -> None:
        with pytest.raises(ParamsError, match=message):
            own(**fields)

    def test_all_that_is_wrong_is_told_at_once(self) -> None:
        with pytest.raises(ParamsError, match=r"'own': codes: .*; count: .*; expected exactly one"):
            own(codes=("Z",), count=-1)

    def test_a_list_of_codes_is_taken(self) -> None:
        assert own(codes=["O", "U"], school_year=True).codes == ("O", "U")

    def test_presets(self) -> None:
        assert list(PRESETS) == [*DEFAULT_TRIGGERS, "referral_six_weeks"]
        assert not set(PRESETS) & set(OTHER_TRIGGERS)
        assert [key for key, rule in PRESETS.items() if rule.statutory] == [
            *("penalty_notice", "attendance_return", "sickness_continuous", "sickness_return"),
        ]
        assert all(rule.source and rule.key == key for key, rule in PRESETS.items())
