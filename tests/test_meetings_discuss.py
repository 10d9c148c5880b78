"""Which pupils a meeting talks about: counted by hand at the exact lines, and against plain loops over random schools."""

import datetime as dt
from fractions import Fraction

import pandas as pd
import pytest
from discuss_samples import entry, gap_rows, pupils_of, standing_for, triggers_of
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.meetings import discuss

NO_GAPS = gap_rows()


def rises_of(*rising, recent=30.0):
    """Return a rise for each of these pupils."""
    frame = pd.DataFrame({"upn": list(rising)}, dtype="str")
    return frame.assign(before_perc=10.0, recent_perc=recent, recent_absence=6, rising=True)


def totals(*pairs):
    """Return (missed, possible) sessions of p1, p2, ..."""
    upns = [f"p{at}" for at in range(1, len(pairs) + 1)]
    frame = pd.DataFrame(pairs, columns=["overall_absence", "possible_sessions"], dtype="int64")
    return frame.assign(upn=pd.Series(upns, dtype="str"))


class TestSevereOrder:
    def test_no_plan_then_a_review_past_or_not_set_then_the_others(self):
        pupils = pupils_of((60, 100), (70, 100), (80, 100), (90, 100), (49, 100))
        gaps = gap_rows(p1="no_plan", p2="review_past", p3="no_review", p5="no_plan")
        found = discuss.severe_order(pupils, gaps)
        assert found[["upn", "urgency"]].to_numpy().tolist() == [
            *(["p1", 0], ["p3", 1], ["p2", 1], ["p4", 2])
        ]

    def test_no_plan_goes_before_a_review_past_of_the_same_pupil(self):
        gaps = pd.concat([gap_rows(p1="no_review"), gap_rows(p1="no_plan")])
        assert discuss.severe_order(pupils_of((50, 100)), gaps)["urgency"].to_list() == [0]

    def test_highest_share_then_most_sessions_then_upn(self):
        pupils = pupils_of((60, 100), (120, 200), (61, 100), (60, 100))
        found = discuss.severe_order(pupils, NO_GAPS)
        assert found["upn"].to_list() == ["p3", "p2", "p1", "p4"]

    def test_other_gaps_make_nobody_more_urgent(self):
        found = discuss.severe_order(pupils_of((50, 100)), gap_rows(p1="no_contact"))
        assert found["urgency"].to_list() == [2]

    def test_exactly_half_is_severe_and_no_possible_session_is_not(self):
        pupils = pupils_of((50, 100), (499, 1000), (0, 0))
        assert discuss.severe_order(pupils, NO_GAPS)["upn"].to_list() == ["p1"]

    def test_nobody(self):
        found = discuss.severe_order(pupils_of((1, 100)), NO_GAPS)
        assert found.empty
        assert "urgency" in found


class TestRisen:
    def test_exactly_the_points_are_a_rise_and_a_session_less_is_none(self):
        before = totals((10, 100), (10, 100), (7, 70))
        recent = totals((15, 100), (149, 1000), (9, 60))
        found = discuss.risen(before, recent)
        assert found["rising"].to_list() == [True, False, True]
        assert found["before_perc"].to_list() == [10.0, 10.0, 10.0]
        assert found["recent_perc"].to_list() == [15.0, 14.9, 15.0]
        assert found["recent_absence"].to_list() == [15, 149, 9]

    def test_thirds_are_compared_exactly(self):
        # 1/3 to 23/60 is five points exactly, which floats miss.
        assert discuss.risen(totals((10, 30)), totals((23, 60)))["rising"].to_list() == [True]

    def test_points_that_floats_cannot_hold_are_compared_exactly(self):
        # 33 of 375 sessions are 8.8 per cent, though 8.8 * 375 comes out a little over 3,300.
        found = discuss.risen(totals((0, 60)), totals((33, 375)), least_points=8.8)
        assert found["rising"].to_list() == [True]

    def test_at_nought_points_the_same_rate_is_no_rise(self):
        before, recent = totals((1, 10), (1, 10)), totals((2, 20), (3, 20))
        found = discuss.risen(before, recent, least_points=0, least_sessions=1)
        assert found["rising"].to_list() == [False, True]

    def test_six_sessions_of_the_recent_weeks_are_a_rise_and_five_are_none(self):
        before, recent = totals(*[(0, 60)] * 3), totals((6, 60), (5, 60), (5, 10))
        found = discuss.risen(before, recent)
        assert found["rising"].to_list() == [True, False, False]
        assert found["recent_absence"].to_list() == [6, 5, 5]  # told all the same

    @pytest.mark.parametrize(("least", "rising"), [(5, True), (6, False)])
    def test_how_many_sessions_may_be_chosen(self, least, rising):
        found = discuss.risen(totals((0, 60)), totals((5, 60)), least_sessions=least)
        assert found["rising"].to_list() == [rising]

    def test_sessions_missed_before_do_not_make_up_for_the_recent_ones(self):
        found = discuss.risen(totals((30, 600)), totals((5, 10)))
        assert found["rising"].to_list() == [False]

    def test_only_pupils_with_sessions_in_both(self):
        before, recent = totals((1, 10), (0, 0), (0, 10)), totals((9, 10), (9, 10), (0, 0))
        assert discuss.risen(before, recent)["upn"].to_list() == ["p1"]

    def test_a_pupil_of_one_part_only_is_left_out(self):
        assert discuss.risen(totals((1, 10)), totals((1, 10), (9, 10)))["upn"].to_list() == ["p1"]

    def test_no_weeks_before(self):
        found = discuss.risen(totals((1, 10)).iloc[:0], totals((1, 10)))
        assert found.empty
        assert list(found) == ["upn", "before_perc", "recent_perc", "recent_absence", "rising"]


class TestMayNeedMore:
    def test_exactly_the_line_is_high(self):
        pupils = pupils_of((20, 100), (199, 1000), (20, 100))
        found = discuss.may_need_more(pupils, rises_of("p1", "p2"), triggered=set())
        assert found["upn"].to_list() == ["p1"]
        assert found.loc[0, [*discuss.REASONS, "reasons"]].to_list() == [
            True,
            False,
            True,
            False,
            2,
        ]

    def test_exactly_ten_per_cent_is_persistent_and_half_is_not_listed(self):
        pupils = pupils_of((10, 100), (99, 1000), (50, 100), (0, 0))
        everyone = {"p1", "p2", "p3", "p4"}
        found = discuss.may_need_more(pupils, rises_of(*everyone), triggered=everyone)
        assert found["upn"].to_list() == ["p1"]

    def test_most_reasons_then_most_missed_then_upn(self):
        pupils = pupils_of((30, 100), (20, 100), (40, 100), (30, 100))
        found = discuss.may_need_more(pupils, rises_of("p2"), triggered={"p1", "p2", "p3", "p4"})
        assert found["upn"].to_list() == ["p2", "p3", "p1", "p4"]
        assert found["reasons"].to_list() == [3, 2, 2, 2]

    @pytest.mark.parametrize("name", discuss.SOCIAL_CARE)
    def test_each_flag_of_social_care_is_one_reason(self, name):
        pupils = pupils_of((20, 100), (20, 100), (20, 100))
        pupils[name] = pd.array([True, False, None], dtype="boolean")
        found = discuss.may_need_more(pupils, rises_of(), triggered=set())
        assert found["upn"].to_list() == ["p1"]

    def test_three_flags_are_still_one_reason(self):
        flags = dict.fromkeys(discuss.SOCIAL_CARE, pd.array([True], dtype="boolean"))
        found = discuss.may_need_more(pupils_of((19, 100), **flags), rises_of(), triggered=set())
        assert found.empty

    def test_a_register_without_those_columns(self):
        pupils = pupils_of((20, 100)).drop(columns=list(discuss.SOCIAL_CARE))
        found = discuss.may_need_more(pupils, rises_of(), triggered={"p1"})
        assert found["social_care"].to_list() == [False]

    def test_a_rise_that_is_none_is_no_reason(self):
        flat = rises_of("p1").assign(rising=False)
        assert discuss.may_need_more(pupils_of((20, 100)), flat, triggered=set()).empty

    def test_its_lines_can_be_set(self):
        pupils = pupils_of((15, 100), (14, 100))
        found = discuss.may_need_more(
            pupils, rises_of(), triggered=set(), high_perc=15, least_reasons=1
        )
        assert found["upn"].to_list() == ["p1"]


class TestSlipping:
    def test_from_exactly_five_to_under_ten_per_cent(self):
        pupils = pupils_of((5, 100), (49, 1000), (99, 1000), (10, 100), (0, 0))
        found = discuss.slipping(pupils, rises_of("p1", "p2", "p3", "p4", "p5"))
        assert found["upn"].to_list() == ["p3", "p1"]  # of one rate lately, most missed first

    def test_only_those_whose_absence_rose(self):
        rises = pd.concat([rises_of("p1"), rises_of("p2").assign(rising=False)])
        found = discuss.slipping(pupils_of((5, 100), (5, 100), (5, 100)), rises)
        assert found["upn"].to_list() == ["p1"]
        assert {"before_perc", "recent_perc", "recent_absence"} <= set(found)
        assert "rising" not in found

    def test_a_line_that_floats_cannot_hold_is_not_both_met_and_not(self):
        pupils = pupils_of((33, 375))  # 8.8 per cent exactly
        assert discuss.slipping(pupils, rises_of("p1"), persistent_perc=8.8).empty
        found = discuss.slipping(pupils, rises_of("p1"), from_perc=8.8)
        assert found["upn"].to_list() == ["p1"]

    def test_highest_rate_lately_first(self):
        rises = pd.concat([rises_of("p1", recent=20.0), rises_of("p2", recent=25.0)])
        found = discuss.slipping(pupils_of((9, 100), (5, 100)), rises)
        assert found["upn"].to_list() == ["p2", "p1"]

    def test_nobody(self):
        assert discuss.slipping(pupils_of((5, 100)), rises_of()).empty


class TestMetSince:
    def met(self, *rows, pupils=None, entries=(), since=dt.date(2026, 10, 12), of_age=frozenset()):
        pupils = pupils_of((20, 100), (20, 100)) if pupils is None else pupils
        stands = standing_for(*entries)
        return discuss.met_since(
            triggers_of(*rows), pupils, stands, since=since, of_age=frozenset(of_age)
        )

    def test_after_the_day_and_not_on_it(self):
        rows = [
            {"upn": "p1", "trigger": "penalty_notice", "day": "2026-10-12"},
            {"upn": "p2", "trigger": "penalty_notice", "day": "2026-10-13"},
        ]
        assert self.met(*rows)["upn"].to_list() == ["p2"]

    def test_the_latest_day_counts_not_the_first(self):
        row = {"upn": "p1", "trigger": "penalty_notice", "first_met": "2026-03-02"}
        assert len(self.met({**row, "last_met": "2026-10-13"})) == 1

    @pytest.mark.parametrize(("day", "answered"), [("2026-11-01", False), ("2026-11-02", True)])
    def test_an_entry_of_that_day_or_later_answers(self, day, answered):
        row = {"upn": "p1", "trigger": "penalty_notice", "day": "2026-11-02"}
        found = self.met(row, entries=[entry("p1", "contact", "call", day)])
        assert found["answered"].to_list() == [answered]

    def test_without_any_entry_nothing_is_answered(self):
        found = self.met({"upn": "p1", "trigger": "penalty_notice", "day": "2026-11-02"})
        assert found["answered"].to_list() == [False]
        assert found["answered"].dtype == bool

    def test_an_entry_of_another_pupil_answers_nothing(self):
        row = {"upn": "p1", "trigger": "penalty_notice", "day": "2026-11-02"}
        found = self.met(row, entries=[entry("p2", "contact", "call", "2026-11-10")])
        assert found["answered"].to_list() == [False]

    def test_whoever_left_is_not_in_it(self):
        rows = [{"upn": upn, "trigger": "x", "day": "2026-11-02"} for upn in ("p1", "gone")]
        assert self.met(*rows)["upn"].to_list() == ["p1"]

    def test_outside_compulsory_age_only_other_rules_are_told(self):
        pupils = pupils_of((1, 9), (1, 9), (1, 9), compulsory_age=[True, False, None])
        rows = [
            {"upn": upn, "trigger": key, "day": "2026-11-02"}
            for upn in ("p1", "p2", "p3")
            for key in ("penalty_notice", "own")
        ]
        found = self.met(*rows, pupils=pupils, of_age={"penalty_notice"})
        assert found[["upn", "trigger"]].to_numpy().tolist() == [
            *(["p1", "penalty_notice"], ["p1", "own"], ["p2", "own"]),
            *(["p3", "penalty_notice"], ["p3", "own"]),  # whose age is not known is told of
        ]

    def test_upns_as_categories(self):
        rows = triggers_of(
            *({"upn": u, "trigger": "x", "day": "2026-11-02"} for u in ("p1", "p2"))
        ).astype({"upn": "category"})
        pupils = pupils_of((1, 9), (1, 9)).astype({"upn": "category"})
        for entries, answered in (
            ((), [False, False]),
            ((entry("p2", "plan", "plan"),), [False, True]),
        ):
            stands = standing_for(*entries)
            found = discuss.met_since(
                rows, pupils, stands, since=dt.date(2026, 9, 1), of_age=frozenset()
            )
            assert found["answered"].to_list() == answered

    def test_nothing_met(self):
        found = self.met()
        assert found.empty
        assert "answered" in found


class TestListedBecause:
    def test_each_pupil_once_in_the_first_list(self):
        every = pupils_of((60, 100), (20, 100), (9, 100), (1, 100))
        parts = [every.iloc[:1], every.iloc[:2], every.iloc[1:3], every]
        found = discuss.listed_because(every, *parts)
        assert found[["upn", "because"]].to_numpy().tolist() == [
            *(["p1", "severe"], ["p2", "more"], ["p3", "slipping"], ["p4", "trigger"])
        ]
        assert found.index.to_list() == [0, 1, 2, 3]

    def test_nobody_at_all(self):
        none = pupils_of((1, 100)).iloc[:0]
        found = discuss.listed_because(none, none, none, none, none)
        assert found.empty
        assert {"upn", "because"} <= set(found)


def test_inputs_stay_as_they_were():
    pupils = pupils_of((60, 100), (20, 100), (9, 100))
    gaps, rises = gap_rows(p1="no_plan"), rises_of("p2", "p3")
    met = triggers_of({"upn": "p1", "trigger": "x"})
    stands = standing_for(entry("p1", "plan", "plan"))
    parts = totals((1, 10)), totals((9, 10))
    frames = [pupils, gaps, rises, met, stands, *parts]
    before = [frame.copy(deep=True) for frame in frames]
    severe = discuss.severe_order(pupils, gaps)
    more = discuss.may_need_more(pupils, rises, triggered={"p2"})
    slip = discuss.slipping(pupils, rises)
    discuss.risen(*parts)
    discuss.met_since(met, pupils, stands, since=dt.date(2026, 9, 1), of_age=frozenset({"x"}))
    discuss.listed_because(pupils, severe, more, slip, pupils)
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


@st.composite
def schools(draw):
    """Draw a school: each pupil's sessions before and lately, gaps, flags of social care and triggers, many of them at the lines."""
    one = st.tuples(
        st.sampled_from([0, 1, 10, 20, 60, 100]), st.sampled_from([0, 1, 10, 20, 60, 100])
    )
    rows = []
    for possible_before, possible_lately in draw(st.lists(one, max_size=8)):
        rows.append(
            {
                "before": (draw(st.integers(0, possible_before)), possible_before),
                "lately": (draw(st.integers(0, possible_lately)), possible_lately),
                "gap": draw(
                    st.sampled_from(["", "no_plan", "no_review", "review_past", "no_lead"])
                ),
                "care": draw(st.sampled_from([True, False, None])),
                "met": draw(st.booleans()),
            }
        )
    return rows


def slow(rows):
    """State the three lists and the rises again, pupil by pupil, in exact fractions."""
    told = {"severe": [], "more": [], "slipping": [], "rising": set()}
    for at, row in enumerate(rows, start=1):
        upn = f"p{at}"
        (missed_before, before), (missed_lately, lately) = row["before"], row["lately"]
        missed, possible = missed_before + missed_lately, before + lately
        if not possible:
            continue
        rate = Fraction(missed, possible)
        rising = False
        if before and lately:
            recent = Fraction(missed_lately, lately)
            rise = recent - Fraction(missed_before, before)
            rising = rise >= Fraction(5, 100) and missed_lately >= 6
        if rising:
            told["rising"].add(upn)
        if rate >= Fraction(1, 2):
            urgency = {"no_plan": 0, "no_review": 1, "review_past": 1}.get(row["gap"], 2)
            told["severe"].append((urgency, -rate, -missed, upn))
        elif rate >= Fraction(1, 10):
            reasons = sum([rate >= Fraction(1, 5), row["met"], rising, row["care"] is True])
            if reasons >= 2:
                told["more"].append((-reasons, -missed, upn))
        elif rate >= Fraction(1, 20) and rising:
            told["slipping"].append((-recent, -missed, upn))
    lists = {
        name: [key[-1] for key in sorted(told[name])] for name in ("severe", "more", "slipping")
    }
    return lists, told["rising"]


@settings(max_examples=40, deadline=None)
@given(rows=schools())
def test_the_lists_agree_with_plain_loops(rows):
    before, lately = ([row[part] for row in rows] for part in ("before", "lately"))
    sums = [(a + c, b + d) for (a, b), (c, d) in zip(before, lately, strict=True)]
    pupils = pupils_of(*sums) if rows else pupils_of((1, 9)).iloc[:0]
    pupils["child_in_need"] = pd.array([row["care"] for row in rows], dtype="boolean")
    upns = [f"p{at}" for at in range(1, len(rows) + 1)]
    gaps = gap_rows(**{u: row["gap"] for u, row in zip(upns, rows, strict=True) if row["gap"]})
    rises = discuss.risen(totals(*before), totals(*lately))
    triggered = {u for u, row in zip(upns, rows, strict=True) if row["met"]}
    lists, rising = slow(rows)
    assert set(rises.loc[rises["rising"], "upn"]) == rising
    found = {
        "severe": discuss.severe_order(pupils, gaps),
        "more": discuss.may_need_more(pupils, rises, triggered=triggered),
        "slipping": discuss.slipping(pupils, rises),
    }
    assert {name: frame["upn"].to_list() for name, frame in found.items()} == lists
    listed = discuss.listed_because(pupils, *found.values(), pupils[pupils["upn"].isin(triggered)])
    first = {u: name for name in ("slipping", "more", "severe") for u in lists[name]}
    assert dict(zip(listed["upn"], listed["because"], strict=True)) == {
        **dict.fromkeys(triggered, "trigger"),
        **first,
    }
    assert listed["upn"].is_unique
