"""One pupil as the family notebook sees them: found by reference, with the last meeting, its windows and the stage's list."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from family_samples import (
    AS_AT,
    CHILD,
    MEETING,
    UPNS,
    URN,
    all_answers,
    answers_file,
    family_drop,
)
from family_samples import family_register as small_register

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.publish.family_picture import picture_blocks
from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.references import is_ours, pupil_reference, reference_key
from attendance_helpers.run.family_case import FamilyCase, family_case
from attendance_helpers.run.family_evidence import FamilyEvidence
from attendance_helpers.run.record_family import recorded_family

PARAMETERS = {
    **{"settings_file": "", "school_urn": URN, "window": "2026-09-07..2026-11-06"},
    **{"as_at": AS_AT.isoformat(), "profile": "school", "authority_folder": "", "meeting": ""},
}


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case")
    made = small_register(folder).folder
    recorded_family(answers_file(folder / "one.yml", all_answers("school") | {"stage": "3"}), made)
    return made


def case(register: Path, **given: Any) -> FamilyCase:
    named = {"register": str(register), "reference": reference(register), **given}
    return family_case({**PARAMETERS, **named})


def reference(register: Path, upn: str = CHILD) -> str:
    return pupil_reference(reference_key(register), urn=URN, upn=upn, as_at=AS_AT)


def test_the_first_is_who_missed_most(register: Path) -> None:
    found = case(register, reference="first")
    missed = found.case.on_roll.set_index("upn")["overall_absence"]
    assert found.upn == missed.idxmax()
    assert missed.max() == 6 * 8


def test_a_blank_form_is_of_nobody(register: Path) -> None:
    found = case(register, reference="blank")
    assert (found.upn, found.child, found.name, found.found) == ("", "", "", frozenset())
    assert found.marks.empty
    assert "child_name" in found.fields


@pytest.mark.parametrize("given", ["BCDF-2345-GHJK", "", "A916200120046", "First"])
def test_another_reference_is_refused_without_a_name(register: Path, given: str) -> None:
    with pytest.raises(ParamsError, match=r"family_references\.csv") as told:
        case(register, reference=given)
    assert CHILD not in str(told.value)


def test_a_meeting_that_is_not_recorded_is_told(register: Path) -> None:
    found = case(register, meeting="2026-10-09")
    with pytest.raises(RecordError, match="attendance record FILE"):
        found.answers  # noqa: B018  # the meeting is looked for when it is asked for


def test_the_form_carries_what_shows_that_it_is_ours(register: Path) -> None:
    found = case(register)
    assert is_ours(reference_key(register), found.origin)
    assert not is_ours(reference_key(register), replace(found.origin, copy="family"))
    assert not is_ours(bytes(32), found.origin)


def test_the_last_meeting_opens_the_next_form(register: Path) -> None:
    found = case(register)
    assert found.last is not None
    assert found.last.date == MEETING
    assert found.change is not None
    # Ten school days and more on each side, as many before as after, counted by hand from the marks.
    before = found.case.open_sessions[found.case.open_sessions["date"] <= "2026-10-08"]
    after = found.case.open_sessions[found.case.open_sessions["date"] > "2026-10-08"]
    assert found.change.number == min(len(before), len(after))
    own = found.marks.merge(after[["date", "session"]].head(found.change.number))
    assert found.change.missed_after == own["mark_class"].isin(["authorised", "unauthorised"]).sum()


def test_before_the_meeting_there_is_nothing_to_open_with(register: Path) -> None:
    found = case(register, as_at="2026-10-02", window="2026-09-07..2026-10-02")
    assert found.last is None
    assert found.change is None
    assert found.picture["since"] is not None  # the change of late stands in


def test_the_meeting_itself_opens_with_the_one_before(register: Path) -> None:
    found = case(register, meeting=MEETING.isoformat())
    assert found.last is None
    assert found.answers["goal"]
    assert found.agreed == 8


def test_the_stage_on_record_gives_the_list(register: Path) -> None:
    own = FamilyEvidence(case(register))
    assert (own.stage.key, own.reached) == ("3", True)
    assert own.now["there"].any()
    other = FamilyEvidence(case(register, reference=reference(register, UPNS[1])))
    assert (other.stage.key, other.reached) == ("3", False)  # that of a referral
    assert not other.now["there"].any()


def test_the_record_is_told_as_it_was_at_the_meeting_and_as_it_is(register: Path) -> None:
    found = FamilyEvidence(case(register, meeting=MEETING.isoformat()))
    assert found.then is not None
    assert found.then["there"].sum() <= found.now["there"].sum()
    assert found.form_date == dt.date(2026, 10, 2)
    # Eight half-days of Mondays, a long spell, one morning: counted by hand up to 2 October.
    assert found.totals["possible_sessions"] == 40
    assert found.totals["overall_absence"] == 2 + 10 + 6 + 4
    assert found.glance["later"] is False


def test_only_the_school_s_copy_has_the_school_s_fields(register: Path) -> None:
    school, family = (case(register, profile=profile) for profile in ("school", "family"))
    assert "evidence_1_kind" in school.fields
    assert not any(field.school_only for field in family.fields.values())


def test_a_profile_of_a_pack_is_refused(register: Path) -> None:
    with pytest.raises(ParamsError, match="profile"):
        case(register, profile="shareable")


def test_a_name_that_the_list_does_not_give_is_not_made_up(tmp_path: Path) -> None:
    drop = family_drop(tmp_path / "drop")
    listed = (drop / "pupils.csv").read_text("utf-8").replace('"Zoë"', '""')
    (drop / "pupils.csv").write_text(listed.replace('"O\'Néil-Sample"', '""'), "utf-8")
    import_drop(drop, tmp_path / "register")
    found = case(tmp_path / "register")
    assert (found.child, found.name) == ("", "")
    assert "your child" in found.talk.sections["h"].title
    assert found.picture["child"] == found.called == "your child"
    assert found.named["name"] == "Your child"
    words = picture_blocks(**found.picture)[0].text
    assert " Your child missed " in words


def test_the_key_is_for_this_account_alone(register: Path) -> None:
    path = store.opened(register).folder / "reference.key"
    assert path.stat().st_mode & 0o077 == 0
    assert len(bytes.fromhex(path.read_text())) == 32
