"""The findings of the first page: what is said, and in which order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.gaps import group_gaps, wide_groups
from attendance_helpers.publish import findings
from attendance_helpers.publish.blocks import Callout, Finding, Findings, Paragraph
from attendance_helpers.publish.findings import Sized

SCHOOL = pd.Series(
    {"possible_sessions": 1000, "overall_attendance_perc": 92.0, "late_sessions_perc": 4.0}
)


def sized(text: str, sessions: float, clear: bool) -> Sized:
    return Sized(Finding(text), sessions, clear)


def texts(shown: Findings | Paragraph) -> list[str]:
    assert isinstance(shown, Findings)
    return [one.text for one in shown.findings]


class TestOrder:
    def test_clear_ones_by_their_sessions(self) -> None:
        found = [sized("a", 5, True), None, sized("b", 9, True), sized("c", 99, False)]
        found += [sized("d", 7, True)]
        assert texts(findings.first_findings(found)) == ["b", "d", "a"]

    def test_three_at_least(self) -> None:
        found = [sized("a", 5, True), sized("b", 9, False), sized("c", 99, False)]
        assert texts(findings.first_findings(found)) == ["a", "c", "b"]

    def test_five_at_most(self) -> None:
        found = [sized(str(n), n, True) for n in range(8)]
        assert texts(findings.first_findings(found)) == ["7", "6", "5", "4", "3"]
        assert len(texts(findings.first_findings(found, most=3))) == 3

    def test_nothing_to_compare(self) -> None:
        assert isinstance(findings.first_findings([None, None]), Paragraph)


class TestLastYear:
    @pytest.mark.parametrize(
        ("then", "words", "clear"),
        [(90.0, "higher than last year", True), (93.0, "lower than", True), (92.9, "much", False)],
    )
    def test_direction_and_size(self, then: float, words: str, clear: bool) -> None:
        found = findings.last_year_finding(SCHOOL, {"overall_attendance_perc": then})
        assert found is not None
        assert words in found.finding.text
        assert found.sessions == pytest.approx(abs(92 - then) * 10)
        assert found.clear == clear

    def test_no_last_year(self) -> None:
        assert findings.last_year_finding(SCHOOL, None) is None


@pytest.mark.parametrize(
    ("beside", "words", "clear"), [(94.0, "below", True), (92.9, "much like", False)]
)
def test_beside_the_other_schools(beside: float, words: str, clear: bool) -> None:
    others = {"overall_attendance_perc": beside}
    found = findings.authority_finding(SCHOOL, others, phase="Primary")
    assert found is not None
    assert found.finding.text == (
        f"Attendance is 92.0%, {words} the {beside:.1f}% of the authority's other primary schools together."
    )
    assert (found.sessions, found.clear) == (pytest.approx(10 * (beside - 92)), clear)
    assert findings.authority_finding(SCHOOL, None, phase="Primary") is None


def summary(observed: int) -> dict[str, float]:
    return {
        **{"observed": observed, "expected": 12.4, "lower": 7, "upper": 19},
        **{"overall_absence": 300, "expected_absence": 260.0},
    }


@pytest.mark.parametrize(
    ("observed", "start", "clear"),
    [(20, "8 more persistently", True), (19, "About as many", False), (6, "6 fewer", True)],
)
def test_mix_is_clear_outside_what_chance_allows(observed: int, start: str, clear: bool) -> None:
    found = findings.mix_finding(summary(observed), phase="Secondary")
    assert found is not None
    assert found.finding.text.startswith(start)
    assert (found.sessions, found.clear) == (40, clear)


def test_mix_without_other_schools() -> None:
    assert findings.mix_finding(None, phase="Primary") is None
    assert findings.mix_finding({"expected": float("nan")}, phase="Primary") is None


def test_the_group_with_most_sessions_above_the_others() -> None:
    frame = pd.DataFrame(
        {
            "group": ["all", "fsm", "fsm", "sen"],
            "value": pd.Series(["", True, False, "E"], dtype=object),
            "enrolments": [40, 12, 28, 2],
            "possible_sessions": [4000, 1200, 2800, 200],
            "overall_absence": [320, 180, 140, 100],
            "persistently_absent": [4, 3, 1, 2],
        }
    )
    rated = absence_rates(frame)
    groups = group_gaps(rated, rated.iloc[0])
    found = findings.group_finding(groups, wide_groups(groups, groups, small=10, least_gap=1))
    assert found is not None
    assert found.finding.text == (
        "Pupils eligible for free school meals (12 pupils) missed 15.0%, the other pupils 5.0%: on average 5 days more."
    )
    assert found.sessions == pytest.approx(120)
    few = wide_groups(groups, groups, small=13, least_gap=1)
    assert findings.group_finding(groups, few) is None


def test_a_weekday_is_sized_by_its_own_sessions() -> None:
    days = pd.DataFrame(
        {
            "year_group": [9, 9, 10, 10],
            "date": pd.to_datetime(["2026-03-06", "2026-03-06", "2026-03-06", "2026-03-05"]),
            "session": ["AM", "PM", "AM", "AM"],
            "possible_sessions": [100, 90, 200, 100],
        }
    )

    def size(**cell: Any) -> float | None:
        one = {"weekday": 4, "session": "AM", "year_group": pd.NA, "excess": 10.0, "found": True}
        found = findings.weekday_finding("Fridays", pd.DataFrame([one | cell]), days)
        return None if found is None else found.sessions

    assert size() == pytest.approx(30)
    assert size(year_group=9, session="day") == pytest.approx(19)
    assert size(found=False) is None


def test_a_reason_is_named_from_the_least_size_on() -> None:
    compared = pd.DataFrame(
        {"code": ["I", "G"], "school_perc": [4.0, 1.25], "authority_perc": [3.9, 0.75]}
    )
    found = findings.reason_finding(compared, SCHOOL, phase="Primary", least=0.5)
    assert found is not None
    assert "(G) cost 1.3% of all sessions, against 0.8%" in found.finding.text
    assert found.sessions == pytest.approx(5)
    assert findings.reason_finding(compared, SCHOOL, phase="Primary", least=0.6) is None
    alone = compared.assign(authority_perc=float("nan"))
    assert findings.reason_finding(alone, SCHOOL, phase="Primary") is None


def test_severely_absent_pupils_and_their_share() -> None:
    totals = pd.DataFrame(
        {
            "possible_sessions": [100, 100, 100, 0],
            "overall_absence": [60, 10, 10, 0],
            "severely_absent": pd.array([True, False, False, None], dtype="boolean"),
        }
    )
    found = findings.severe_finding(totals, {"severely_absent_perc": 3.0}, phase="Primary")
    assert found is not None
    assert found.finding.text == (
        "1 of 3 pupils (33%) is severely absent and accounts for 75% of all missed sessions; "
        "in the authority's other primary schools 3.0% of pupils are."
    )
    assert found.sessions == pytest.approx(50)
    nobody = totals.assign(severely_absent=pd.array([False] * 4, dtype="boolean"))
    assert findings.severe_finding(nobody, None, phase="Primary") is None


def test_decisions_are_counts_of_what_has_to_be_settled() -> None:
    totals = pd.DataFrame(
        {
            "severely_absent": pd.array([True, True, False], dtype="boolean"),
            "leaving_date": pd.to_datetime([None, "2026-01-05", None]),
        }
    )
    coding = pd.DataFrame(
        {
            "finding": ["n_overdue", "o_of_absence"],
            "sessions": [12, 40],
            "pupils": [5, 9],
            "limit": [5.0, float("nan")],
        }
    )
    moved = totals.assign(entered_sa=[True, True, False])
    found = findings.decisions(totals, coding, moved)
    assert isinstance(found, Callout)
    assert found.kind == "decision"
    assert len(found.items) == 2
    assert found.items[0].startswith("1 severely absent pupil on roll, 1 of them newly so")
    assert found.items[1].startswith(
        "12 sessions of 5 pupils still without a reason (N) after more than 5 school days"
    )
    nothing = findings.decisions(totals.iloc[2:], coding.iloc[1:], moved.iloc[2:])
    assert isinstance(nothing, Paragraph)


def test_lates_only_when_clearly_more() -> None:
    found = findings.late_finding(SCHOOL, {"late_sessions_perc": 2.5}, phase="Primary")
    assert found is not None
    assert "late to 4.0% of all sessions" in found.finding.text
    assert findings.late_finding(SCHOOL, {"late_sessions_perc": 3.2}, phase="Primary") is None


def test_movement_is_sized_by_what_who_entered_missed_since() -> None:
    moved = pd.DataFrame(
        {
            "entered_pa": [True, False],
            "left_pa": [False, True],
            "overall_absence": [30, 12],
            "overall_absence_before": [5, 11],
            "possible_sessions": [150, 150],
            "possible_sessions_before": [100, 100],
        }
    )
    names = ["before", "left", "gone", "stayed", "entered", "joined", "now", "off_roll"]
    totals = pd.DataFrame([[1, 1, 0, 0, 1, 0, 1, 0], [0] * 8], columns=names, index=["PA", "SA"])
    since = dt.date(2026, 1, 15)
    found = findings.movement_finding(moved, totals, since=since)
    assert found is not None
    assert found.finding.text.startswith("Since 15 January")
    assert found.sessions == pytest.approx(25 - 0.05 * 50)
    assert findings.movement_finding(moved, totals, since=None) is None
    assert findings.movement_finding(moved, totals * 0, since=since) is None


def test_every_finding_leads_to_a_section_of_the_notebook() -> None:
    import json
    from pathlib import Path

    path = Path(__file__).resolve().parents[1] / "notebooks" / "02_pre_meeting_pack.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    lines = [line.strip() for cell in cells for line in cell["source"]]
    headings = {line.removeprefix("## ") for line in lines if line.startswith("## ")}
    assert set(findings.HEADINGS.values()) <= headings
