from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import roll_of
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.coding import FINDING_COLUMNS, FINDINGS, Limits, coding_findings
from attendance_helpers.measures.coding_blocks import copied_weeks, full_stretches
from attendance_helpers.measures.coding_counts import code_counts, compulsory_ages, pupil_codes
from attendance_helpers.measures.coding_runs import (
    code_runs,
    long_runs,
    part_time_runs,
    shared_runs,
)
from attendance_helpers.measures.fitness import unresolved
from attendance_helpers.register import store
from attendance_helpers.register.calendar import window
from attendance_helpers.register.codes import mark_classes

Marks = Callable[..., pd.DataFrame]
NO_CODES = pd.DataFrame({"urn": [], "phase": [], "code": [], "mark_class": [], "sessions": []})
NO_TOTALS = pd.DataFrame({"urn": [], "phase": [], "possible_sessions": []})
LONGER = {"2": "C2", "7": "Y7", "3": "Y3", "Q": "Q"}  # marks_of has one character a mark
WEEK = "// // // // //"
AS_AT = dt.date(2027, 7, 1)


def recoded(marks: pd.DataFrame) -> pd.DataFrame:
    """Return marks with the digits of `LONGER` as the codes they stand for."""
    codes = marks["code"].astype("str").replace(LONGER).astype("category")
    classes = mark_classes(codes, marks["date"])["mark_class"]
    return marks.assign(code=codes, mark_class=classes)


def found(
    marks: pd.DataFrame,
    pupils: pd.DataFrame | None = None,
    others: dict[str, int] | None = None,
    limits: Limits | None = None,
    **totals: int,
) -> pd.DataFrame:
    """Return findings by key, beside another school with these sessions by code and these totals, if any."""
    roll = roll_of(marks["upn"].nunique()) if pupils is None else pupils
    codes, sums = NO_CODES, NO_TOTALS
    if others is not None:
        codes = pd.DataFrame({"code": list(others), "sessions": list(others.values())})
        codes["mark_class"] = ["attending" if code in "/BK" else "absent" for code in codes["code"]]
        codes = codes.assign(urn="900102", phase="Primary")
        sums = pd.DataFrame([{"urn": "900102", "phase": "Primary", **totals}])
    table = coding_findings(marks, roll, codes, sums, phase="Primary", as_at=AS_AT, limits=limits)
    assert list(table.columns) == list(FINDING_COLUMNS)
    assert set(table["finding"]) <= set(FINDINGS)
    return table.set_index("finding")


class TestOverdue:
    def test_ages_share_and_oldest(self, marks_of: Marks) -> None:
        # Seven weeks: 34, 24, 14 and 6 school days after, and one of the last day, which is not yet due.
        days = ["//"] * 35
        for place in (0, 10, 20, 28, 34):
            days[place] = "N/"
        row = found(marks_of(" ".join(days))).loc["n_overdue"]
        assert (row["sessions"], row["pupils"], row["base_sessions"]) == (4, 1, 5)
        assert row["share"] == 80
        assert row["oldest"] == pd.Timestamp("2026-09-07")
        assert row["age"] == 34
        assert [row[f"aged_{name}"] for name in ("short", "middle", "long")] == [1, 1, 2]

    def test_five_school_days_is_not_older_than_five(self, marks_of: Marks) -> None:
        assert "n_overdue" not in found(marks_of("N/ // // // // //")).index
        assert "n_overdue" in found(marks_of("N/ // // // // // //")).index

    def test_it_is_the_register_checks_own_count(self, marks_of: Marks) -> None:
        marks = marks_of("NN // // NN // // N/ // //", "N/ " + WEEK + " // //")
        assert found(marks).loc["n_overdue", "sessions"] == len(unresolved(marks, as_at=AS_AT))


class TestOther:
    LIMITS = Limits(least_sessions=2)

    def test_more_of_the_absence_than_elsewhere(self, marks_of: Marks) -> None:
        marks = marks_of("OO OI // // //")  # three of four
        elsewhere = {"possible_sessions": 100, "overall_absence": 20, "unauthorised_absence": 16}
        row = found(marks, None, {"O": 14}, self.LIMITS, **elsewhere).loc["o_of_absence"]
        assert (row["sessions"], row["base_sessions"], row["schools"]) == (3, 4, 1)
        assert row[["share", "comparison"]].to_list() == [75, 70]  # exactly five points: enough
        more = {**elsewhere, "overall_absence": 1000}
        assert found(marks, None, {"O": 701}, self.LIMITS, **more).empty

    def test_of_unauthorised_only_where_not_of_all(self, marks_of: Marks) -> None:
        elsewhere = {"possible_sessions": 100, "overall_absence": 20, "unauthorised_absence": 18}
        found_ = found(marks_of("OO OI // // //"), None, {"O": 16}, self.LIMITS, **elsewhere)
        assert found_.index.to_list() == ["o_of_unauthorised"]
        assert found_["share"].to_list() == [100]
        assert found_["comparison"].to_list() == [pytest.approx(100 * 16 / 18)]

    def test_alone_from_half_of_all_absence(self, marks_of: Marks) -> None:
        assert "o_of_absence" in found(marks_of("OO II // // //"), limits=self.LIMITS).index
        assert found(marks_of("OO IM I/ // //"), limits=self.LIMITS).empty

    def test_a_few_are_not_looked_at(self, marks_of: Marks) -> None:
        assert found(marks_of("OO OO // // //")).empty

    def test_the_school_itself_and_other_phases_are_not_its_comparison(
        self, marks_of: Marks
    ) -> None:
        codes = pd.DataFrame(
            {"urn": ["900101", "900109"], "phase": ["Primary", "Secondary"], "code": "O"}
        ).assign(sessions=50, mark_class="unauthorised")
        sums = codes[["urn", "phase"]].assign(possible_sessions=100, overall_absence=60)
        counts = code_counts(marks_of("OO //"), roll_of(1), codes, sums, phase="Primary")
        assert counts.schools == 0
        assert np.isnan(counts.comparison("O", "overall_absence"))


class TestRates:
    def test_leave_is_told_where_it_is_clearly_more_frequent(self, marks_of: Marks) -> None:
        marks = marks_of("CC // // // //")  # two of ten
        everywhere = {"possible_sessions": 1000, "overall_absence": 10}
        row = found(marks, None, {"C": 5}, **everywhere).loc["c_use"]
        assert row[["share", "comparison"]].to_list() == [20, 0.5]
        assert found(marks, None, {"C": 150}, **everywhere).empty  # not half as much again
        assert found(marks).empty  # nobody to compare with

    def test_off_site_by_pupil_and_not_compared_without_its_class(self, marks_of: Marks) -> None:
        limits = Limits(off_site_sessions=4)
        marks = marks_of("BB BB // // //", "B/ // // // //")
        row = found(marks, None, {"O": 1}, limits, possible_sessions=100).loc["b_use"]
        assert (row["sessions"], row["pupils"], row["over"], row["longest"]) == (5, 2, 1, 2)
        assert np.isnan(row["comparison"])
        row = found(marks, None, {"/": 90, "B": 1}, limits, possible_sessions=100).loc["b_use"]
        assert row["comparison"] == 1

    def test_lates_all_on_one_side(self, marks_of: Marks) -> None:
        limits = Limits(least_lates=4)
        assert found(marks_of("LL LL // // //"), limits=limits).loc["late_balance", "share"] == 0
        assert found(marks_of("UU UU // // //"), limits=limits).loc["late_balance", "share"] == 100
        assert found(marks_of("UL LL // // //"), limits=limits).empty
        assert found(marks_of("LL L/ // // //"), limits=limits).empty  # too few

    def test_lates_against_the_other_schools(self, marks_of: Marks) -> None:
        limits = Limits(least_lates=4)
        marks = marks_of("UU LL // // //")
        few = found(marks, None, {"U": 20}, limits, possible_sessions=900, late_sessions=100)
        assert few.loc["late_balance", ["share", "comparison"]].to_list() == [50, 20]
        alike = found(marks, None, {"U": 30}, limits, possible_sessions=900, late_sessions=100)
        assert alike.empty


class TestAges:
    @pytest.mark.parametrize(
        ("born", "starts", "ends"),
        [
            ("2020-03-31", "2025-03-31", "2036-06-27"),
            ("2020-04-01", "2025-08-31", "2036-06-27"),
            ("2020-08-31", "2025-08-31", "2036-06-27"),
            ("2020-09-01", "2025-12-31", "2037-06-26"),
            ("2020-12-31", "2025-12-31", "2037-06-26"),
            ("2021-01-01", "2026-03-31", "2037-06-26"),
            ("2020-02-29", "2025-03-31", "2036-06-27"),
        ],
    )
    def test_first_and_last_day(self, born: str, starts: str, ends: str) -> None:
        ages = compulsory_ages(pd.to_datetime(pd.Series([born]))).iloc[0]
        assert [ages["starts"], ages["ends"]] == [pd.Timestamp(starts), pd.Timestamp(ends)]
        assert ages["ends"].day_name() == "Friday"

    def test_x_and_c2_by_date_of_birth(self, marks_of: Marks) -> None:
        marks = recoded(marks_of("XX // // // //", "X2 // // // //", "X2 // // // //"))
        births = pd.to_datetime(pd.Series(["2018-01-01", "2022-06-01", None]))
        table = found(marks, roll_of(3).assign(dob=births))
        assert table.loc["x_of_age", ["sessions", "pupils"]].to_list() == [2, 1]
        assert table.loc["c2_not_of_age", ["sessions", "pupils"]].to_list() == [1, 1]


def test_codes_that_ask_for_something(marks_of: Marks) -> None:
    table = found(
        recoded(marks_of("Q7 // // // //", "33 H/ // // //")), limits=Limits(least_sessions=2)
    )
    assert table.loc["q_use", "sessions"] == 1
    assert table.loc["y7_use", "sessions"] == 1
    assert table.loc["y_use", ["codes", "sessions"]].to_list() == ["Y1 to Y6", 2]
    assert table.loc["withdrawn", ["codes", "sessions", "tier"]].to_list() == ["H", 1, 3]


def test_a_code_that_was_in_force_then_is_not_withdrawn(marks_of: Marks) -> None:
    assert found(marks_of("HH // // // //", start="2024-01-08")).empty


def test_many_withdrawn_codes_are_a_thing_to_settle(marks_of: Marks) -> None:
    table = found(marks_of("HJ YH // // //"), limits=Limits(least_sessions=4))
    assert table.loc["withdrawn", ["codes", "tier"]].to_list() == ["H, J, Y", 1]


class TestPartTime:
    def test_weeks_one_after_another(self, marks_of: Marks) -> None:
        week, off = "/2 // // // //", "## ## ## ## ##"
        alone = " ".join([week, week, off, week, WEEK, week])
        other = " ".join([WEEK, WEEK, off, WEEK, WEEK, WEEK, "// ## ## ## ##"])
        runs = part_time_runs(recoded(marks_of(alone, other))).iloc[0]
        assert (runs["weeks"], runs["sessions"], runs["current"]) == (3, 4, False)

    def test_pupils_beyond_the_limit(self, marks_of: Marks) -> None:
        week = "/2 // // // //"
        marks = recoded(marks_of(" ".join([week] * 3), " ".join([WEEK, week, week])))
        row = found(marks, limits=Limits(part_time_weeks=2)).loc["part_time"]
        assert row[["pupils", "sessions", "longest", "over", "current"]].to_list() == [
            2,
            5,
            3,
            1,
            2,
        ]
        assert row["tier"] == 2
        assert found(marks, limits=Limits(part_time_weeks=3)).loc["part_time", "tier"] == 3


class TestRuns:
    def test_what_breaks_a_run_and_what_does_not(self, marks_of: Marks) -> None:
        runs = code_runs(marks_of("II I# #I I- II", "OO DO /O OO OO"))
        assert runs[["upn", "code", "sessions"]].to_numpy().tolist() == [
            *(["p1", "I", 7], ["p2", "O", 2], ["p2", "O", 1], ["p2", "O", 5]),
        ]
        assert runs["start"].iloc[0] == pd.Timestamp("2026-09-07")
        assert runs["end"].iloc[0] == pd.Timestamp("2026-09-11")

    def test_longer_than_the_limit(self, marks_of: Marks) -> None:
        runs = code_runs(marks_of("OO OO O/ // //", "OO OO // // //"))
        assert long_runs(runs, days=2)["upn"].to_list() == ["p1"]

    def test_long_runs_by_kind(self, marks_of: Marks) -> None:
        table = found(
            marks_of("OO OO OO // //", "II II II // //", "CC CC CC // //", "SS SS SS // //"),
            limits=Limits(long_days=2),
        )
        assert table.index.to_list() == ["long_unauthorised", "long_authorised", "long_illness"]
        assert table["longest"].to_list() == [3, 3, 3]
        assert table["share"].to_list() == [25, 25, 25]

    def test_the_same_run_of_many(self, marks_of: Marks) -> None:
        same = "OO OO // // //"
        runs = code_runs(marks_of(same, same, same, "/O OO O/ // //", "GG GG // // //"))
        table = shared_runs(runs, pupils=5, least_sessions=4, least_pupils=3)
        assert table[["code", "pupils", "sessions"]].to_numpy().tolist() == [["O", 3, 12]]
        assert shared_runs(runs, pupils=5, least_sessions=5, least_pupils=2).empty
        assert shared_runs(runs, pupils=5, least_sessions=4, least_pupils=4).empty
        assert shared_runs(runs, pupils=301, least_sessions=4, least_pupils=3, least_perc=1).empty

    def test_holidays_of_many_are_no_finding(self, marks_of: Marks) -> None:
        runs = code_runs(marks_of(*["GG GG // // //"] * 3))
        assert shared_runs(runs, pupils=3, least_sessions=4, least_pupils=3).empty


class TestFullStretches:
    def test_a_year_group_without_absence(self, marks_of: Marks) -> None:
        marks = marks_of("I/ // ## // -/", "// // ## // //", "// I/ ## // //")
        table = full_stretches(marks, roll_of(3), least_sessions=4, least_pupils=2)
        assert table["sessions"].to_list() == [
            5
        ]  # from Tuesday afternoon, the closed day passed over
        assert table["start"].iloc[0] == pd.Timestamp("2026-09-08")
        assert table["end"].iloc[0] == pd.Timestamp("2026-09-11")
        assert table["pupils"].to_list() == [3]
        assert full_stretches(marks, roll_of(3), least_sessions=6, least_pupils=2).empty

    def test_too_few_pupils_end_it(self, marks_of: Marks) -> None:
        marks = marks_of("// // // // //", "// // D/ // //")
        table = full_stretches(marks, roll_of(2), least_sessions=3, least_pupils=2)
        assert table["sessions"].to_list() == [5, 4]

    def test_year_groups_apart_and_the_unknown_left_out(self, marks_of: Marks) -> None:
        marks = marks_of(WEEK, WEEK, "I/ // // // //")
        roll = roll_of(3).assign(year_group=pd.array([3, None, 4], dtype="Int8"))
        table = full_stretches(marks, roll, least_sessions=5, least_pupils=1)
        assert table[["year_group", "sessions"]].to_numpy().tolist() == [[3, 10], [4, 9]]


class TestCopiedWeeks:
    WEEKS = ("I/ // // // //", "// OO // // //", "// // // /L M/", WEEK)

    def copied(self, marks: pd.DataFrame) -> pd.DataFrame:
        return copied_weeks(marks, roll_of(4), least_pupils=4, least_absent=3)

    def test_a_copied_week(self, marks_of: Marks) -> None:
        table = self.copied(marks_of(*[f"{week} {week} {WEEK}" for week in self.WEEKS]))
        assert table[["year_group", "pupils", "sessions"]].to_numpy().tolist() == [[3, 4, 40]]
        assert table["start"].to_list() == [pd.Timestamp("2026-09-14")]

    def test_one_mark_different(self, marks_of: Marks) -> None:
        texts = [f"{week} {week}" for week in self.WEEKS[:3]]
        assert self.copied(marks_of(*texts, f"{WEEK} // // // // L/")).empty

    def test_swapped_absences_of_two_pupils(self, marks_of: Marks) -> None:
        one, two, three, _ = self.WEEKS
        late = "// // // I/ //"
        table = self.copied(
            marks_of(f"{one} {late}", f"{late} {one}", f"{two} {two}", f"{three} {three}")
        )
        assert table.empty

    def test_part_time_timetables_repeat_by_plan(self, marks_of: Marks) -> None:
        week = "/2 /2 // // //"
        assert self.copied(recoded(marks_of(*[f"{week} {week}"] * 4))).empty

    def test_closed_days_and_long_absences_are_no_copy(self, marks_of: Marks) -> None:
        week = "II II II II II"
        assert self.copied(marks_of(*[f"{week} {week}"] * 4)).empty
        short = "## I/ // // //"
        assert self.copied(marks_of(*[f"{short} {short}"] * 4)).empty


def test_marks_as_text_are_counted_as_categories_are(marks_of: Marks) -> None:
    marks = marks_of("// II OO C# LU", "// // GG // NN", "-/ // // // X/")
    text = marks.astype(dict.fromkeys(["upn", "code", "session", "mark_class"], "str"))
    pd.testing.assert_frame_equal(
        pupil_codes(marks), pupil_codes(text), check_column_type=False, check_index_type=False
    )
    kinds = dict(list(marks.groupby("code", observed=True).size().items()))
    assert pupil_codes(text).sum().to_dict() == {
        code: number for code, number in kinds.items() if code not in {"-", "#"}
    }


def test_filled_in_marks_are_findings(marks_of: Marks) -> None:
    limits = Limits(block_sessions=4, block_pupils=3, year_pupils=3, full_sessions=6)
    week = "OO OO // // //"
    table = found(marks_of(*[f"{week} {week}"] * 3), limits=limits)
    assert table.loc["same_run", ["pupils", "sessions", "longest", "blocks"]].to_list() == [
        3,
        12,
        2,
        2,
    ]
    assert table.loc["full_stretch", ["sessions", "longest", "blocks"]].to_list() == [18, 3, 2]
    assert table.loc["copied_week", ["pupils", "year_group", "blocks"]].to_list() == [3, 3, 1]


class TestNothing:
    def test_no_marks(self, marks_of: Marks) -> None:
        assert found(marks_of("//").iloc[:0], roll_of(2)).empty

    def test_no_authority_at_all(self, marks_of: Marks) -> None:
        none = pd.DataFrame()
        table = coding_findings(
            marks_of("OO II"), roll_of(1), none, none, phase="Primary", as_at=AS_AT
        )
        assert table.empty

    @pytest.mark.parametrize("text", [WEEK, "## ## ## ## ##", "-- -- -- -- --", "?? ?? // // //"])
    def test_nothing_to_find(self, marks_of: Marks, text: str) -> None:
        assert found(marks_of(text)).empty

    def test_marks_after_the_last_date_do_not_count(self, marks_of: Marks) -> None:
        table = coding_findings(
            *(marks_of("QQ // // // //"), roll_of(1), NO_CODES, NO_TOTALS),
            phase="Primary",
            as_at=dt.date(2026, 9, 6),
        )
        assert table.empty

    def test_the_marks_given_stay_as_they_were(self, marks_of: Marks) -> None:
        marks, roll = marks_of("NN OO II // // // // //"), roll_of(1)
        before = marks.copy(), roll.copy()
        found(marks, roll)
        pd.testing.assert_frame_equal(marks, before[0])
        pd.testing.assert_frame_equal(roll, before[1])


def test_the_sample_drops_withdrawn_codes(sample_register: Path, sample_drop: Path) -> None:
    truth = json.loads((sample_drop.parent / "truth.json").read_text())
    register, dates = store.opened(sample_register), window("2026-09-01..2026-11-20")
    for urn, school in truth["schools"].items():
        marks = dates.rows(store.school_marks(register, urn))
        row = found(marks, store.school_pupils(register, urn)).loc["withdrawn"]
        listed = store.school_exceptions(register, urn).query("problem == 'legacy_code'")
        assert row["sessions"] == listed["date"].between("2026-09-01", "2026-11-20").sum()
        planted = {code for *_, code in school["faults"]["legacy_code"]}
        assert planted <= set(row["codes"].split(", "))


def made(texts: list[str]) -> pd.DataFrame:
    """Return marks of pupils p1, p2, ... from four weeks of marks each."""
    days = pd.bdate_range("2026-09-07", periods=20).repeat(2).as_unit("s")
    codes = pd.Series(list("".join(texts)), dtype="category").cat.rename_categories(
        lambda code: LONGER.get(code, code)
    )
    frame = pd.DataFrame(
        {
            "upn": pd.Categorical(np.repeat([f"p{at + 1}" for at in range(len(texts))], 40)),
            "date": np.tile(days, len(texts)),
            "session": pd.Categorical(np.tile(["AM", "PM"], 20 * len(texts))),
            "code": codes,
        }
    )
    return frame.assign(mark_class=mark_classes(frame["code"], frame["date"])["mark_class"])


REGISTERS = st.lists(
    st.text(alphabet="/ILONUBDXCGH2-#?", min_size=40, max_size=40), min_size=1, max_size=5
)


@settings(max_examples=15, deadline=None)
@given(texts=REGISTERS, seed=st.integers(0, 1000))
def test_order_and_names_of_pupils_change_nothing(texts: list[str], seed: int) -> None:
    marks, roll = made(texts), roll_of(len(texts))
    limits = Limits(
        long_days=2,
        least_sessions=2,
        off_site_sessions=2,
        least_lates=2,
        block_sessions=2,
        block_pupils=1,
        year_pupils=1,
        full_sessions=2,
    )
    table = found(marks, roll, limits=limits)
    other = {f"p{at}": f"q{(at * 7 + seed) % 11:02d}" for at in range(1, len(texts) + 1)}
    mixed = marks.sample(frac=1, random_state=seed)
    mixed["upn"] = mixed["upn"].astype("str").map(other).astype("category")
    again = found(mixed, roll.assign(upn=roll["upn"].map(other)), limits=limits)
    pd.testing.assert_frame_equal(table, again)


@settings(max_examples=25, deadline=None)
@given(texts=REGISTERS, days=st.integers(0, 20))
def test_sessions_add_up(texts: list[str], days: int) -> None:
    marks = made(texts)
    counts = pupil_codes(marks)
    usable = marks["mark_class"].isin(["attending", "authorised", "unauthorised", "not possible"])
    assert counts.to_numpy().sum() == usable.sum()
    cut = pd.Timestamp("2026-09-07") + pd.offsets.BDay(days)
    parts = [pupil_codes(marks[early]) for early in (marks["date"] < cut, marks["date"] >= cut)]
    together = parts[0].add(parts[1], fill_value=0).fillna(0).reindex_like(counts)
    assert (together == counts).all(axis=None)
    runs = code_runs(marks)
    by_code = runs.groupby(runs["code"].astype("str"))["sessions"].sum()
    absent = marks["mark_class"].isin(["authorised", "unauthorised"])
    assert by_code.sum() == absent.sum()
    assert by_code.to_dict() == {code: counts[code].sum() for code in by_code.index}
