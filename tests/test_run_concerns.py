"""The lists of a school before its meeting, on small schools counted by hand."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

import concern_samples
import pandas as pd
import pytest
from concern_samples import AS_AT, SCHOOLS, TERM, concerns_of, notes_of, of, register_in, upn

from attendance_helpers.publish.support_words import NOTHING_RECORDED
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window
from attendance_helpers.run.concerns import Concerns
from attendance_helpers.run.concerns_sheets import concerns_sheets


def made_of(concerns: Concerns) -> dict[str, object]:
    """Every property of the lists and of the prospects, by name."""
    return {
        name: getattr(one, name)
        for one in (concerns, concerns.prospects)
        for name, value in vars(type(one)).items()
        if isinstance(value, (cached_property, property))
    }


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return register_in(tmp_path_factory.mktemp("concerns"))


@pytest.fixture(scope="module")
def ordinary(register: store.Register) -> Concerns:
    return concerns_of(register, "900101")


def numbers(frame: pd.DataFrame) -> list[int]:
    return [int(who[-3:]) for who in frame["upn"]]


@pytest.mark.parametrize("urn", SCHOOLS)
def test_every_property_and_sheet_of_every_school(register: store.Register, urn: str) -> None:
    concerns = concerns_of(register, urn)
    everyone = {upn(urn, number) for number in SCHOOLS[urn]}
    for name, value in made_of(concerns).items():
        if isinstance(value, pd.DataFrame) and "upn" in value:
            assert set(value["upn"]) <= everyone, name
    gone = concerns.case.totals["leaving_date"].notna()
    on_roll = set(concerns.case.totals.loc[~gone, "upn"])
    for name in ("pupils", "severe", "more", "slipping", "listed", "met", "checked"):
        assert set(getattr(concerns, name)["upn"]) <= on_roll, name
    assert concerns.listed["upn"].is_unique
    notes = notes_of(concerns)
    assert list(notes.index) == list(concerns.listed["upn"])
    assert not notes.isna().any(axis=None)
    made = concerns_sheets(concerns, notes)
    assert [sheet.name for sheet in made] == [
        *("Triggers", "Not recorded", "What it would take", "Stage evidence", "Support history"),
        *("Actions so far", "Since", "Pupils for discussion", "Meeting", "Actions"),
    ]
    for sheet in made:
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)
        assert not any(value is pd.NaT or value is pd.NA for row in sheet.rows for value in row)
    assert [row[1] for row in made[-3].rows] == list(concerns.listed["upn"])
    # The form for actions offers every pupil on roll, those to be talked about first.
    offered = made[-1].choices["Pupil UPN"]
    assert offered[: len(concerns.listed)] == list(concerns.listed["upn"])
    assert sorted(offered) == sorted(concerns.pupils["upn"])


def test_severely_absent_without_a_plan_first_then_review_past_then_others(
    ordinary: Concerns,
) -> None:
    # The first two missed the same; of such pupils the lower UPN comes first.
    assert list(ordinary.severe["upn"]) == [*sorted(of(1, 4)), *of(2, 3)]
    assert list(ordinary.severe["urgency"]) == [0, 0, 1, 2]
    assert list(ordinary.severe["overall_absence"]) == [54, 54, 72, 81]
    left = ordinary.case.totals.set_index("upn").loc[of(5)[0]]
    assert left["severely_absent"] and left["leaving_date"] <= pd.Timestamp(AS_AT)


def test_who_may_need_more_with_the_reasons(ordinary: Concerns) -> None:
    # The seventh is under compulsory school age: no trigger.
    assert list(ordinary.more["upn"]) == [*sorted(of(6, 8)), *of(7)]
    flags = ordinary.more[["high", "trigger", "rising", "social_care", "reasons"]]
    assert flags.to_numpy().tolist() == [
        [True, True, True, False, 3],
        [True, True, True, False, 3],
        [True, False, True, False, 2],
    ]


def test_who_is_slipping(ordinary: Concerns) -> None:
    assert numbers(ordinary.slipping) == [9]
    row = ordinary.slipping.iloc[0]
    assert (row["before_perc"], row["recent_perc"], row["recent_absence"]) == (0, 10, 6)


def test_triggers_met_since_the_half_term_before(ordinary: Concerns) -> None:
    assert ordinary.since == dt.date(2026, 10, 16)
    assert dict(zip(numbers(ordinary.met), ordinary.met["trigger"], strict=True)) == {
        6: "attendance_return_any",
        8: "attendance_return_any",
        14: "unresolved_n",
    }
    assert list(ordinary.met["answered"]) == [False, False, False]
    # The call of 25 November is after the date of the data.
    assert "25/11" not in [f"{day:%d/%m}" for day in ordinary.history["date"]]


def test_triggers_of_the_year_look_back_over_the_summer(ordinary: Concerns) -> None:
    year = ordinary.met_this_year.set_index(["upn", "trigger"])["first_met"]
    assert f"{year[(of(12)[0], 'penalty_notice')]:%Y-%m-%d}" == "2026-09-08"
    assert f"{year[(of(1)[0], 'sickness_return')]:%Y-%m-%d}" == "2026-10-07"
    # Ten unauthorised in the third of the six weeks: 12 October, second session.
    assert f"{year[(of(6)[0], 'penalty_notice')]:%Y-%m-%d}" == "2026-10-12"
    of_four = year[year.index.get_level_values("upn") == of(7)[0]]
    assert of_four.empty
    every = ordinary.triggers  # the workbook has it, with the age beside it
    assert set(every.loc[every["upn"] == of(7)[0], "trigger"]) == {
        *("penalty_notice", "attendance_return_any")
    }


def test_listed_once_in_the_order_of_the_lists(ordinary: Concerns) -> None:
    first = [*sorted(of(1, 4)), *of(2, 3), *sorted(of(6, 8))]
    assert list(ordinary.listed["upn"]) == [*first, *of(7, 9, 14)]
    assert list(ordinary.listed["because"]) == [
        *["severe"] * 4,
        *["more"] * 3,
        *("slipping", "trigger"),
    ]


def test_what_is_missing_is_counted(ordinary: Concerns) -> None:
    counts = ordinary.gap_totals
    assert {gap: tuple(row) for gap, *row in counts.itertuples()} == {
        "no_plan": (2, 4),
        "no_review": (0, 2),
        "review_past": (1, 2),
        "no_lead": (3, 4),
        # Persistently absent: 1 to 4, 6, 7, 8, 10, 13; a contact since 2 November only of 3.
        "no_contact": (8, 9),
        "early_help_never": (7, 8),
        "barriers_unknown": (7, 8),
        # 1, 6, 8, 12: the contact with 6 was before it met its trigger.
        "trigger_unanswered": (4, 4),
        "action_undone": (0, 0),
    }


def test_the_sessions_to_come_are_those_of_last_year(ordinary: Concerns) -> None:
    assert ordinary.prospects.remaining.source == "last year"
    assert ordinary.prospects.year_end == dt.date(2027, 7, 16)
    assert ordinary.prospects.term_end == dt.date(2026, 12, 18)
    row = ordinary.prospects.persistent_outlook.set_index("upn").loc[of(10)[0]]
    # 9 of 90 is the line itself: one session attended brings it under.
    assert (bool(row["over"]), int(row["sessions_needed"])) == (True, 1)
    assert row["date_full"] == pd.Timestamp("2026-11-23")


def test_words_of_each_pupil(ordinary: Concerns) -> None:
    notes = notes_of(ordinary)
    first, second, third = of(1, 2, 3)
    assert notes.loc[first, "in_place"] == f"{NOTHING_RECORDED.capitalize()}."
    assert not notes.loc[first, "recorded"] and notes.loc[third, "recorded"]
    assert "review 2 Nov 2026 (past)" in notes.loc[second, "in_place"]
    assert "lead social worker" in notes.loc[third, "in_place"].lower()
    assert notes.loc[third, "not_recorded"] == ""
    assert notes["consider"].ne("").all()
    # 286 sessions to come, 29 weeks without Good Friday and Easter Monday: 81 + 106 of 376 is under a half.
    assert "53 days of 143 days" in notes.loc[third, "takes"]


def test_a_school_that_recorded_nothing_is_never_said_to_have_done_nothing(
    register: store.Register,
) -> None:
    nothing = concerns_of(register, "900102")
    assert nothing.history.empty and nothing.standing.empty
    notes = notes_of(nothing)
    assert set(notes["in_place"]) == {f"{NOTHING_RECORDED.capitalize()}."}
    assert not notes["recorded"].any()
    words = " ".join(notes[["in_place", "not_recorded", "consider"]].to_numpy().ravel()).lower()
    assert " none" not in words and "no plan" not in words.replace("no plan recorded", "")
    # No plan is recorded for anybody, so the highest share comes first.
    assert list(nothing.severe["upn"]) == [
        *of(3, 2, urn="900102"),
        *sorted(of(1, 4, urn="900102")),
    ]
    assert nothing.gap_totals.loc["no_plan"].tolist() == [4, 4]


def test_without_a_year_before_what_it_would_take_is_not_known(register: store.Register) -> None:
    unknown = concerns_of(register, "900102")
    assert unknown.prospects.remaining.source == "unknown"
    assert unknown.prospects.year_end is None and unknown.prospects.term_end is None
    assert unknown.prospects.persistent_outlook["can_miss"].isna().all()
    assert set(notes_of(unknown)["takes"]) == {""}
    # Without last July the ten sessions are not there.
    assert upn("900102", 12) not in set(unknown.triggers["upn"])


def test_a_first_week_has_no_weeks_before(register: store.Register) -> None:
    first = concerns_of(register, "900103")
    assert first.since is None
    assert first.rises.empty and first.slipping.empty
    assert numbers(first.severe) == [1]
    assert first.gap_totals.loc["no_contact"].tolist() == [2, 2]


def test_where_everybody_is_present_nobody_is_listed(register: store.Register) -> None:
    for urn in ("900104", "900105"):
        present = concerns_of(register, urn)
        for name in ("severe", "more", "slipping", "met", "listed", "missing", "evidence"):
            assert getattr(present, name).empty, (urn, name)
        assert present.gap_totals["of"].sum() == 0
        assert list(notes_of(present).columns)[:2] == ["recorded", "in_place"]


DATES = {
    "the holidays after the dates": (TERM, dt.date(2026, 12, 27)),
    "the next school year": (TERM, dt.date(2027, 9, 6)),
    "the year before": (Window("last", dt.date(2025, 9, 1), dt.date(2026, 7, 31)), AS_AT),
    "both years": (Window("both", dt.date(2025, 9, 1), AS_AT), AS_AT),
    "August": (Window("last", dt.date(2025, 9, 1), dt.date(2026, 7, 31)), dt.date(2026, 8, 20)),
    "the first morning": (Window("day", dt.date(2026, 9, 7), dt.date(2026, 9, 7)), dt.date(2026, 9, 7)),
    "before the first mark": (Window("none", dt.date(2026, 9, 1), dt.date(2026, 9, 4)), dt.date(2026, 9, 4)),
}  # fmt: skip


@pytest.mark.parametrize("when", DATES)
@pytest.mark.parametrize("urn", ["900101", "900102"])
def test_other_dates_break_nothing(register: store.Register, urn: str, when: str) -> None:
    window, as_at = DATES[when]
    concerns = concerns_of(register, urn, window=window.until(as_at), as_at=as_at)
    assert {"listed", "last_days"} <= made_of(concerns).keys()
    notes = notes_of(concerns)
    assert [row[1] for row in concerns_sheets(concerns, notes)[-3].rows] == list(
        concerns.listed["upn"]
    )
    # Whoever is listed has a row in everything that the pack looks up by UPN.
    assert set(concerns.slipping["upn"]) <= set(concerns.prospects.persistent_outlook["upn"])
    assert (concerns.history["date"] <= pd.Timestamp(as_at)).all()


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Concerns:
    """The first school with stages recorded, and with pupils who are at the end of compulsory school age."""
    born = {1: "31/08/2011", 2: "01/09/2011", 3: "01/09/2010", 5: "31/08/2011", 4: "31/08/2010"}
    support = (
        "UPN,Date of entry,Stage\n{1},16/11/2026,2\n{2},16/11/2026,Level 3\n{3},16/11/2026,1\n"
        "{4},16/11/2026,4\n{5},02/11/2026,3\n{6},16/11/2026,Stage of our own\n{10},02/11/2026,3\n"
        "{10},16/11/2026,2\n{11},02/11/2026,2\n{11},16/11/2026,1\n"
    )
    with pytest.MonkeyPatch.context() as patched:
        absences = {**SCHOOLS["900101"], 8: ["", "", "", *["UUNU"] * 6]}
        patched.setattr(concern_samples, "SCHOOLS", {"900101": absences})
        patched.setattr(concern_samples, "BORN", {**concern_samples.BORN, **born})
        patched.setattr(concern_samples, "SUPPORT", support)
        held = register_in(tmp_path_factory.mktemp("staged"))
    return concerns_of(held, "900101")


def test_near_a_referral_are_its_stage_and_the_one_before_as_they_stand_now(
    staged: Concerns,
) -> None:
    assert staged.process.referral is not None and staged.process.referral.stage == "3"
    # The fifth has left; the tenth was at 3 and is at 2 now; the eleventh was at 2 and is at 1 now.
    assert sorted(numbers(staged.near_referral)) == [1, 2, 10]
    assert sorted({int(who[-3:]) for who in staged.evidence["upn"]}) == [1, 2, 3, 4, 10]


def test_the_sheet_of_evidence_has_those_who_may_need_more_as_well_and_their_stages(
    staged: Concerns,
) -> None:
    more = set(numbers(staged.more)) - {1, 2, 3, 4, 10}
    assert more
    made = concerns_sheets(staged, notes_of(staged))
    [sheet] = [one for one in made if one.name == "Stage evidence"]
    rows = [dict(zip([c.label for c in sheet.columns], row, strict=True)) for row in sheet.rows]
    told = {int(row["UPN"][-3:]): (row["Stage recorded"], row["Stage by absence"]) for row in rows}
    assert set(told) == {1, 2, 3, 4, 10} | more
    assert told[2] == ("Level 3: Referral for attendance enforcement", "Not published")
    assert told[3][0] == "Level 1: Attendance of 93 to 100 per cent"
    assert told[6][0] == "Stage of our own"
    assert told[8][0] == "Nothing recorded"


def test_where_no_stage_is_recorded_nobody_is_near_a_referral(ordinary: Concerns) -> None:
    assert ordinary.near_referral.empty
    assert set(ordinary.evidence["upn"]) == set(ordinary.severe["upn"])


def test_without_a_referral_nobody_is_near_it(staged: Concerns) -> None:
    without = Concerns(staged.case)
    vars(without)["process"] = staged.process.model_copy(update={"referral": None})
    assert without.near_referral.empty and without.evidence.empty


def test_a_referral_at_the_first_stage_has_none_before_it(staged: Concerns) -> None:
    assert staged.process.referral is not None
    first = Concerns(staged.case)
    referral = staged.process.referral.model_copy(update={"stage": "1"})
    vars(first)["process"] = staged.process.model_copy(update={"referral": referral})
    assert sorted(numbers(first.near_referral)) == [3, 11]


def test_sessions_are_reckoned_to_the_last_day_of_compulsory_age(staged: Concerns) -> None:
    year_end = dt.date(2027, 7, 16)
    assert staged.prospects.year_end == year_end
    days = {int(who[-3:]): day for who, day in staged.prospects.last_days.items()}
    # Sixteen on the last day of the school year, and on its first.
    assert {days.pop(1), days.pop(3)} == {dt.date(2027, 6, 25)}
    assert days.pop(5) == dt.date(2026, 11, 13)  # has left
    # A day younger, a year on, past it already, and those whose date of birth is not known.
    assert set(days.values()) == {year_end} and {2, 4, 8} <= set(days)
    rows = staged.prospects.persistent_outlook.set_index("upn")
    left = rows["sessions_left"]
    first, second = of(1, 2)
    assert int(left[second]) - int(left[first]) == 30  # the three weeks from 28 June
    assert not rows.loc[first, "has_left"] and rows.loc[of(5)[0], "has_left"]
    takes = notes_of(staged)["takes"]
    assert "25 Jun 2027" in takes[first] and "16 Jul 2027" in takes[second]


def test_without_a_calendar_no_last_day_is_known(register: store.Register) -> None:
    assert concerns_of(register, "900102").prospects.last_days == {}


def test_met_only_with_n_is_told_apart(ordinary: Concerns, staged: Concerns) -> None:
    only = dict(zip(numbers(ordinary.met), ordinary.met["only_with_n"], strict=True))
    assert only == {6: False, 8: False, 14: True}
    # In the other register six of the 24 sessions of the eighth are N, and 18 are no twenty.
    told = staged.met.assign(number=numbers(staged.met)).set_index(["number", "trigger"])
    assert not told.loc[(6, "attendance_return_any"), "only_with_n"]
    assert told.loc[(8, "attendance_return_any"), "only_with_n"]
    # Its ten sessions in ten weeks are met without N as well, in the same weeks.
    year = staged.met_this_year.assign(number=numbers(staged.met_this_year))
    assert not year.set_index(["number", "trigger"]).loc[(8, "penalty_notice"), "only_with_n"]
