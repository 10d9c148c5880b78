from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from attendance_helpers.meetings.family_entries import (
    LONGEST_PART,
    NOBODY_CAME,
    family_entries,
)
from attendance_helpers.meetings.minutes import agreed_approaches
from attendance_helpers.meetings.stage_evidence import evidence_held, evidence_totals
from attendance_helpers.meetings.stages import stages_file
from attendance_helpers.meetings.support import no_support, standing
from attendance_helpers.register.family_form import EVIDENCE_KINDS
from attendance_helpers.register.support_corrections import (
    FormSource,
    corrected,
    family_form_of,
    withdrawn,
)
from attendance_helpers.register.support_form import SUPPORT_COLUMNS
from attendance_helpers.register.support_history import joined_history, typed_support

DAY = dt.date(2026, 3, 12)
AREAS = {"health": "Health", "friends": "Friends and safety"}
HELD = {"told": "Proof that parents were told", "parents": "Everyone named"}
ROOT = Path(__file__).resolve().parents[1]


def entries_of(answers: dict[str, Any], **given: Any) -> pd.DataFrame:
    usual = {"areas": AREAS, "held": HELD, "roles": ("Head of year", "SENCO")}
    return family_entries(
        answers, urn="900101", upn="p1", meeting=DAY, file="f.html", **usual | given
    )


def told(answers: dict[str, Any], kind: str) -> list[tuple[Any, ...]]:
    rows = entries_of(answers)
    own = rows[rows["kind"] == kind]
    return [
        (row.what, row.by, row.outcome, f"{row.date:%d/%m}" + ("" if row.dated else "?"))
        for row in own.itertuples()
    ]


def test_an_empty_form_tells_of_the_meeting_alone() -> None:
    found = entries_of({})
    assert list(found.columns) == ["urn", *SUPPORT_COLUMNS]
    assert found[["urn", "upn", "kind", "what", "outcome"]].to_numpy().tolist() == [
        ["900101", "p1", "contact", "meeting", "family meeting"]
    ]
    assert found["dated"].all() and (found["date"] == pd.Timestamp(DAY)).all()


def test_who_came_from_school_is_named_by_role_and_nobody_else() -> None:
    people = {
        **{"person_1_name": "Ms A", "person_1_role": "head of year", "person_1_came": "yes"},
        **{"person_2_name": "Mr B", "person_2_role": "Dad", "person_2_came": "yes"},
        **{"person_3_role": "SENCO", "person_3_came": "no"},
    }
    assert told(people, "contact") == [("meeting", "Head of year", "family meeting", "12/03")]
    none = {"person_1_role": "Dad", "person_1_came": "no"}
    assert told(none, "contact") == [("meeting", "", NOBODY_CAME, "12/03")]


def test_areas_by_their_titles_without_what_was_said() -> None:
    answers = {
        **{"area_friends": "yes", "area_health": "yes", "area_sleep_habits": "yes"},
        **{"area_health_said": "yes", "area_friends_affects": "a secret", "area_money": "no"},
    }
    assert told(answers, "barriers") == [
        ("Health; Friends and safety; Sleep habits", "", "", "12/03")
    ]
    assert "secret" not in entries_of(answers).to_csv()


def test_what_was_tried_by_its_own_date_where_there_is_one() -> None:
    answers = {
        **{"tried_1_when": "5 Jan 2026", "tried_1_what": "Later start", "tried_1_who": "SENCO"},
        **{"tried_1_effect": "Two more days", "tried_2_what": "A card", "tried_2_when": "autumn"},
        **{"tried_3_when": "2033-01-01", "tried_3_effect": "none", "tried_4_when": "1 May 2025"},
    }
    assert told(answers, "strategy") == [
        ("Later start", "SENCO", "Two more days", "05/01"),
        ("A card", "", "", "12/03?"),
        ("", "", "none", "12/03?"),
    ]


def test_the_plan_and_what_was_agreed_the_school_s_part_first() -> None:
    answers = {
        **{"other_plan_1_action": "Alarm set.", "other_plan_1_who": "Mum"},
        **{"school_plan_1_action": "Meet at\nthe gate", "school_plan_1_who": "Ms A"},
        **{"school_plan_1_by": "Monday", "school_plan_3_action": "Ring Fridays"},
        "school_plan_2_who": "nobody",
    }
    assert told(answers, "approach") == [
        ("School: Meet at the gate (Ms A, Monday); Ring Fridays. Others: Alarm set (Mum)", "", "", "12/03")
    ]  # fmt: skip
    plan = entries_of(answers | {"review_date": "2026-04-23"}).query("kind == 'plan'")
    assert list(plan["until"]) == [pd.Timestamp("2026-04-23")] and list(plan["what"]) == ["plan"]
    assert entries_of(answers).query("kind == 'plan'")["until"].isna().tolist() == [True]
    assert told({"review_date": "2026-04-23"}, "plan") and not told({"goal": "x"}, "plan")


def test_the_school_s_own_section() -> None:
    answers = {
        **{"early_help": "declined", "early_help_followed": "Asked again", "lead": "No"},
        "stage": "3",
    }
    assert told(answers, "early_help") == [("declined", "", "Asked again", "12/03")]
    assert told(answers, "lead") == [("none", "", "", "12/03")]
    assert told(answers, "stage") == [("3", "", "", "12/03")]


def test_each_kind_of_evidence() -> None:
    answers = {"held": ("told", "gone")}
    for row, (kind, _) in enumerate(EVIDENCE_KINDS, start=1):
        answers |= {
            **{f"evidence_{row}_kind": kind, f"evidence_{row}_date": f"2026-02-{row:02}"},
            **{f"evidence_{row}_what": f"w{row}", f"evidence_{row}_by": "SENCO"},
            f"evidence_{row}_outcome": "o",
        }
    answers |= {"evidence_10_kind": "letter", "evidence_10_what": "First letter"}
    assert told(answers, "contact") == [
        ("meeting", "", "family meeting", "12/03"),
        ("letter", "SENCO", "o (w1)", "01/02"),
        ("call", "SENCO", "o (w2)", "02/02"),
        ("message", "SENCO", "o (w3)", "03/02"),
        ("home visit", "SENCO", "o (w4)", "04/02"),
        ("meeting", "SENCO", "o (w5)", "05/02"),
        ("letter", "", "", "12/03?"),
    ]
    assert told(answers, "strategy") == [("Offer: w6", "SENCO", "o", "06/02")]
    assert told(answers, "plan") == [("w8", "SENCO", "o", "08/02")]
    assert told(answers, "evidence") == [
        ("Other agency: w7", "SENCO", "o", "07/02"),
        ("Other: w9", "SENCO", "o", "09/02"),
        ("Proof that parents were told", "", "", "12/03"),
        ("gone", "", "", "12/03"),
    ]


def test_the_plan_of_the_meeting_stands_beside_one_of_the_same_day() -> None:
    answers = {"evidence_1_kind": "plan", "review_date": "2026-04-23"}
    for date in ("2026-03-12", "2026-02-01", ""):
        found = standing(
            entries_of({**answers, "evidence_1_date": date}), as_at=dt.date(2026, 3, 20)
        )
        [plan] = found.to_dict("records")
        assert (plan["plan_date"], plan["review_date"]) == (
            pd.Timestamp("2026-03-12"),
            pd.Timestamp("2026-04-23"),
        )


def test_a_very_long_answer_is_shortened() -> None:
    answers = {f"school_plan_{n}_action": "x" * 20_000 for n in range(1, 5)}
    [(what, *_)] = told(answers, "approach")
    assert len(what) < 5 * LONGEST_PART and what.count("…") == 4


def test_the_stage_s_evidence_grows() -> None:
    process = stages_file(ROOT / "params/stages/south_tyneside.yml")
    labels = {key: piece.label for key, piece in process.evidence.items()}
    answers = {
        **{"evidence_1_kind": "letter", "evidence_1_date": "2026-02-01"},
        **{"evidence_2_kind": "home_visit", "evidence_2_date": "2026-02-02"},
        **{"review_date": "2026-04-23", "early_help": "open", "held": tuple(labels)[:3]},
    }
    found = entries_of(answers, held=labels)
    until = dt.date(2026, 3, 31)
    lists = [
        evidence_totals(evidence_held(process, "3", known, history, as_at=until, upns=["p1"]))
        for known, history in (
            (no_support(), found.iloc[:0]),
            (standing(found, as_at=until), found),
        )
    ]
    assert [(int(one["there"].iloc[0]), int(one["of"].iloc[0])) for one in lists] == [
        (0, 9),
        (8, 9),
    ]
    assert lists[1]["lacking"].iloc[0] == (labels["told"],)


class TestBesideMeetingsOfSchools:
    """A family meeting and a targeting support meeting of one day."""

    def entry(self, kind: str, what: str, form: str) -> dict[str, Any]:
        return {
            **{"upn": "p1", "kind": kind, "date": pd.Timestamp(DAY), "what": what, "by": ""},
            **{"outcome": "", "until": None, "dated": True, "file": "f", "row": 1, "recorded": "a"},
            **{"form": form, "meeting": DAY.isoformat(), "superseded": ""},
        }

    def held(self) -> pd.DataFrame:
        return typed_support(
            pd.DataFrame(
                [
                    self.entry("approach", "of the school's meeting", "2026-03-06"),
                    self.entry("approach", "of the family's", family_form_of("p1")),
                    self.entry("approach", "of another family's", family_form_of("p2")),
                ]
            )
        )

    def standing(self, history: pd.DataFrame) -> list[str]:
        return list(history.loc[history["superseded"] == "", "what"])

    def test_a_correction_of_one_leaves_the_other(self) -> None:
        nothing = self.held().iloc[:0]
        own = FormSource("g", family_form_of("p1"), DAY.isoformat())
        assert self.standing(corrected(self.held(), nothing, own, at="b")) == [
            *("of the school's meeting", "of another family's"),
        ]
        school = FormSource("g", "2026-03-06", DAY.isoformat())
        assert self.standing(corrected(self.held(), nothing, school, at="b")) == [
            *("of the family's", "of another family's"),
        ]

    def test_one_that_is_taken_back_leaves_the_other(self) -> None:
        day = DAY.isoformat()
        assert self.standing(withdrawn(self.held(), day, at="b")) == [
            *("of the family's", "of another family's"),
        ]
        assert self.standing(withdrawn(self.held(), day, at="b", form=family_form_of("p1"))) == [
            *("of the school's meeting", "of another family's"),
        ]

    def test_the_school_s_record_tells_of_its_own_meeting_alone(self) -> None:
        found = agreed_approaches(self.held(), meeting=DAY)
        assert list(found["approach"]) == ["of the school's meeting"]
        assert agreed_approaches(
            joined_history(self.held().iloc[1:], self.held().iloc[:0]), meeting=DAY
        ).empty
