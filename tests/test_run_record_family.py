from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from conftest import PUPILS_HEADER, SCHOOLS_CSV, UPNS
from family_forms import as_file, as_page, as_pdf, origin_of
from test_register_intake import tree

from attendance_helpers.cli import main
from attendance_helpers.errors import ParamsError, RecordError, RegisterError
from attendance_helpers.meetings import missing, support
from attendance_helpers.register import store
from attendance_helpers.register.family_frames import answers_of
from attendance_helpers.register.family_history import family_meetings
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.references import reference_key
from attendance_helpers.register.support_corrections import FormSource
from attendance_helpers.register.support_history import typed_support
from attendance_helpers.register.support_intake import with_entries
from attendance_helpers.run.family_versions import withdrawn_family
from attendance_helpers.run.params import Settings
from attendance_helpers.run.record_family import family_bank, recorded_family
from attendance_helpers.run.record_lines import family_recorded_lines
from attendance_helpers.run.record_results import FamilyRecorded

BANK = family_bank(Settings())
AREA, TITLE = BANK.areas[0]
DAY = dt.date(2026, 9, 14)
SAID: dict[str, Any] = {
    **{"meeting_date": "14/09/2026", "goal": "Two days a week", "review_date": "2026-10-12"},
    **{f"area_{AREA}": "yes", f"area_{AREA}_said": "late nights", "person_1_name": "Ms Secret"},
    **{"school_plan_1_action": "Meet at the gate", "copies_to": ["family"]},
    **{"early_help": "offered", "lead": "Head of year"},
}


@pytest.fixture
def register(drop: Path, tmp_path: Path) -> Path:
    import_drop(drop, tmp_path / "register")
    return tmp_path / "register"


@pytest.fixture
def page(register: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the saved page of a form, its answers changed."""

    def made(name: str = "form.html", *, copy: str = "school", upn: str = UPNS[0], **answers: Any) -> Path:  # fmt: skip
        said = SAID if copy == "school" else {k: SAID[k] for k in ("meeting_date", "goal")}
        return as_page(tmp_path / name, origin_of(register, upn, copy=copy), said | answers)

    return made


def refused(path: Path, register: Path, **given: Any) -> str:
    """The message with which a form is refused; the register is as it was."""
    reference_key(register)
    before = tree(register)
    with pytest.raises(RecordError) as problem:
        recorded_family(path, register, **given)
    assert tree(register) == before
    told = str(problem.value)
    assert path.name in told and not any(upn in told for upn in UPNS)
    return told


def held(register: Path) -> list[str]:
    support_ = store.school_support(store.opened(register), "900101")
    return [
        f"{row.kind} {row.what}"
        for row in support_[support_["superseded"] == ""].itertuples()
        if row.kind != "contact"
    ]


def versions(register: Path) -> list[tuple[str, int, str, bool]]:
    frame = store.school_family(store.opened(register), "900101")
    return [
        (r.copy, r.version, f"{r.meeting:%d/%m}", r.superseded == "") for r in frame.itertuples()
    ]


def said_of(register: Path, upn: str = UPNS[0]) -> dict[str, Any]:
    [meeting] = family_meetings(store.school_family(store.opened(register), "900101"), upn)
    return dict(meeting.answers)


def test_a_form_is_taken_in(page: Callable[..., Path], register: Path) -> None:
    found = recorded_family(page(), register)
    reference = origin_of(register, UPNS[0]).reference
    assert found == FamilyRecorded(
        *("form.html", "900101", reference, DAY, "school", "html", "new", 1, 0, len(SAID)),
        entries=6,
        upn=UPNS[0],
        window="2026-27",
        as_at=dt.date(2026, 9, 11),
    )
    assert UPNS[0] not in repr(found)
    assert held(register) == [
        *(f"barriers {TITLE}", "plan plan", "approach School: Meet at the gate"),
        *("early_help offered", "lead Head of year"),
    ]
    assert said_of(register)["goal"] == "Two days a week"
    assert store.opened(register).imports[-1]["family"] == "form.html"


def test_all_three_ways_are_one_record(
    page: Callable[..., Path], register: Path, tmp_path: Path
) -> None:
    recorded_family(page(), register)
    before = tree(register)
    origin = origin_of(register, UPNS[0])
    fields = BANK.fields(copy="school", blank=False)
    for path in (
        as_pdf(tmp_path / "form.pdf", origin, SAID, fields=fields),
        as_file(tmp_path / "form.yml", origin, SAID),
        as_file(tmp_path / "own.yml", origin, SAID, reference=None, school="900101", pupil=UPNS[0]),
        as_file(tmp_path / "bare.yml", origin, SAID, copy=None, as_at=None, window=None),
    ):
        found = recorded_family(path, register)
        assert (found.news, found.version, found.reference) == ("same", 1, origin.reference)
    assert tree(register) == before


def test_a_correction_keeps_what_was_said_before(page: Callable[..., Path], register: Path) -> None:
    recorded_family(page(), register)
    found = recorded_family(page(goal="One day", lead="SENCO", early_help=""), register)
    assert (found.version, found.replaces, found.entries, found.superseded) == (2, 1, 1, 2)
    assert said_of(register)["goal"] == "One day"
    assert held(register)[-1] == "lead SENCO" and len(held(register)) == 4
    assert versions(register) == [("school", 1, "14/09", False), ("school", 2, "14/09", True)]
    frame = store.school_family(store.opened(register), "900101")
    assert answers_of(frame["answers"].iloc[0])["goal"] == "Two days a week"


def test_again_puts_an_earlier_version_in_force(page: Callable[..., Path], register: Path) -> None:
    recorded_family(page(), register)
    first = held(register)
    recorded_family(page(lead="SENCO"), register)
    before = tree(register)
    found = recorded_family(page(), register)
    assert (found.news, found.version, found.entries) == ("earlier", 1, 0)
    assert tree(register) == before
    found = recorded_family(page(), register, again=True)
    assert (found.news, found.version, found.replaces) == ("new", 3, 2)
    assert sorted(held(register)) == sorted(first)


def test_both_copies_stand_together(page: Callable[..., Path], register: Path) -> None:
    recorded_family(
        page("own.html", copy="family", goal="Every day", family_needs="A lift"), register
    )
    assert held(register) == []
    found = recorded_family(page(), register)
    assert (found.news, found.version) == ("new", 1)
    told = said_of(register)
    assert (told["goal"], told["family_needs"]) == ("Two days a week", "A lift")
    found = recorded_family(
        page("own.html", copy="family", school_plan_2_action="Ring on Fridays"), register
    )
    assert (found.version, found.superseded) == (2, 1)
    assert any(
        "1 entry that this meeting said before no longer stands. What another file said as well is "
        "in force again once that file is recorded anew, or its drop imported anew." in line
        for line in family_recorded_lines(found)
    )
    assert "approach School: Meet at the gate; Ring on Fridays" in held(register)
    assert [one[3] for one in versions(register)] == [False, True, True]


def test_two_meetings_of_one_pupil(page: Callable[..., Path], register: Path) -> None:
    recorded_family(page(), register)
    found = recorded_family(page(meeting_date="2026-09-21"), register)
    assert found.version == 1 and "one of 14 September 2026 was recorded" in found.cautions[0]
    assert held(register).count("plan plan") == 2


def test_a_meeting_far_from_the_date_of_its_form_is_told_in_words(
    page: Callable[..., Path], register: Path
) -> None:
    for day, told in (
        ("2026-11-10", ""),  # 60 days after 11 September
        ("2026-07-13", ""),
        ("2/12/2026", "of 2 December 2026, 82 days after the date of the form's data (11 Septem"),
        ("12/02/2026", "of 12 February 2026, 211 days before the date"),
    ):
        found = recorded_family(page(meeting_date=day, review_date=""), register)
        far = [one for one in found.cautions if "taken as" in one]
        assert [told in one for one in far] == [True] * bool(told)
        if told:
            assert f"--withdraw {found.reference}:{found.meeting}" in far[0]


def test_a_meeting_is_taken_back_with_both_copies(
    page: Callable[..., Path], register: Path
) -> None:
    recorded_family(page(), register)
    recorded_family(page("own.html", copy="family"), register)
    recorded_family(page("other.html", upn=UPNS[1]), register)
    reference = origin_of(register, UPNS[0]).reference
    found = withdrawn_family(f"{reference}:2026-09-14", register)
    assert (found.urn, found.copies, found.entries) == ("900101", ("family", "school"), 6)
    frame = store.school_family(store.opened(register), "900101")
    assert family_meetings(frame, UPNS[0]) == [] and len(family_meetings(frame, UPNS[1])) == 1
    assert len(held(register)) == 5
    with pytest.raises(RecordError, match=r"that stands, found none\. Those that do: none"):
        withdrawn_family(f"{reference}:2026-09-14", register)
    assert recorded_family(page(), register).news == "earlier"
    assert recorded_family(page(), register, again=True).version == 2
    for text in ("x:2026-09-14", f"{reference}:14/09/2026", reference):
        with pytest.raises(ParamsError, match="expected the reference of a family form"):
            withdrawn_family(text, register)


def school_entry(register: Path, what: str = "Meet at the gate") -> None:
    """What the record of a targeting support meeting of the same day says of the pupil."""
    row = {
        **{"upn": UPNS[0], "kind": "lead", "date": pd.Timestamp(DAY), "what": what, "by": ""},
        **{
            "outcome": "",
            "until": None,
            "dated": True,
            "file": "pack.xlsx",
            "row": 2,
            "recorded": "",
        },
    }
    entries = typed_support(pd.DataFrame([row])).assign(urn="900101")
    opened = store.opened(register)
    source = FormSource("pack.xlsx", "2026-09-11", DAY.isoformat())
    taken = with_entries(opened, entries, recorded="2026-09-15T09:00:00+00:00", source=source)
    store.committed(taken.register)


def test_what_another_form_says_as_well_is_kept(page: Callable[..., Path], register: Path) -> None:
    school_entry(register, "Head of year")
    found = recorded_family(page(), register)
    assert found.entries == 6 and held(register).count("lead Head of year") == 2
    reference = found.reference
    withdrawn_family(f"{reference}:2026-09-14", register)
    assert held(register) == ["lead Head of year"]


def test_gaps_close_when_the_meeting_is_recorded(page: Callable[..., Path], register: Path) -> None:
    pupils = pd.DataFrame(
        {
            **{"upn": [UPNS[0]], "possible_sessions": [100], "overall_absence": [60]},
            **{"persistently_absent": [True], "severely_absent": [True]},
        }
    )
    triggers = pd.DataFrame({"upn": [], "trigger": [], "last_met": pd.to_datetime([])})

    def gaps() -> set[str]:
        history = store.school_support(store.opened(register), "900101")
        until = dt.date(2026, 9, 30)
        checked = missing.gaps_checked(
            *(pupils, support.standing(history, as_at=until), triggers),
            as_at=until,
            contact_since=pd.Timestamp("2026-09-07"),
        )
        return set(missing.missing(checked)["gap"])

    assert gaps() == {"no_plan", "no_lead", "no_contact", "early_help_never", "barriers_unknown"}
    recorded_family(page(), register)
    assert gaps() == set()


class TestOtherPeoplesForms:
    def test_of_another_register(self, page: Callable[..., Path], register: Path) -> None:
        path = page()
        (register / "reference.key").write_text("00" * 32)
        assert "made from this register, found one that was not" in refused(path, register)

    def test_of_a_register_without_a_key(self, page: Callable[..., Path], register: Path) -> None:
        path = page()
        (register / "reference.key").unlink()
        with pytest.raises(RecordError, match="no form was ever made from it"):
            recorded_family(path, register)
        assert not (register / "reference.key").exists()

    def test_whose_pupil_was_changed(self, register: Path, tmp_path: Path) -> None:
        first, second = (origin_of(register, upn) for upn in UPNS[:2])
        for changed in (
            replace(first, reference=second.reference),
            replace(first, copy="family"),
            replace(first, as_at=dt.date(2026, 9, 10)),
        ):
            told = refused(as_page(tmp_path / "f.html", changed, SAID), register)
            assert "in which was changed whose it is" in told

    def test_of_nobody_here(self, page: Callable[..., Path], register: Path) -> None:
        told = refused(page(upn=UPNS[4]), register)
        assert "found one of nobody there" in told

    def test_of_a_school_that_is_not_here(self, register: Path, tmp_path: Path) -> None:
        origin = origin_of(register, UPNS[0], urn="900109")
        told = refused(as_page(tmp_path / "f.html", origin, SAID), register)
        assert "found one of school 900109, which is not in it" in told

    def test_with_another_pupil_or_school_given(
        self, page: Callable[..., Path], register: Path
    ) -> None:
        assert "the form of another pupil" in refused(page(), register, pupil=UPNS[1])
        told = refused(page(), register, pupil=UPNS[0], school="900102")
        assert "found another given with it (--school 900102)" in told
        assert "--pupil: expected a UPN" in refused(page(), register, pupil="Sam")
        assert "--school: expected the number" in refused(page(), register, school="x")
        assert recorded_family(page(), register, pupil=UPNS[0], school="900101").news == "new"


class TestBlankForms:
    def blank(self, register: Path, tmp_path: Path, **answers: Any) -> Path:
        return as_page(tmp_path / "blank.html", origin_of(register), SAID | answers)

    def test_needs_a_pupil(self, register: Path, tmp_path: Path) -> None:
        told = refused(self.blank(register, tmp_path), register)
        assert "attendance record FILE --pupil UPN" in told

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            *(("Forename1", []), ("Surname1, Forename1", []), ("Forename1 O'Grady", [])),
            *(("surname1, f.", ["only the surname"]), ("Miss SURNAME1 ", ["only the surname"])),
            ("", ["no child's name"]),
        ],
    )
    def test_of_the_pupil_given(
        self, register: Path, tmp_path: Path, name: str, told: list[str]
    ) -> None:
        path = self.blank(register, tmp_path, child_name=name, child_class="3B")
        found = recorded_family(path, register, pupil=UPNS[0])
        assert found.reference == origin_of(register, UPNS[0]).reference
        assert said_of(register)["child_class"] == "3B"
        assert len(found.cautions) == len(told)
        assert all(part in caution for part, caution in zip(told, found.cautions, strict=True))
        assert recorded_family(path, register, pupil=UPNS[0]).news == "same"

    @pytest.mark.parametrize("name", ["Forename2 Surname2", "Surname12", "?", "Fore Name"])
    def test_of_another_child(self, register: Path, tmp_path: Path, name: str) -> None:
        path = self.blank(register, tmp_path, child_name=name)
        if name == "?":  # no letter of a name
            assert recorded_family(path, register, pupil=UPNS[0]).cautions
            return
        told = refused(path, register, pupil=UPNS[0])
        assert "one with another child's name" in told and name not in told

    def test_of_nobody_here(self, register: Path, tmp_path: Path) -> None:
        told = refused(self.blank(register, tmp_path), register, pupil=UPNS[4])
        assert "found one of nobody there" in told

    @pytest.mark.parametrize(
        ("name", "refused_"),
        [
            *(("Bella Quickwater", True), ("Quickwater, Bella", True), ("bella  QUICKWATER", True)),
            *(("Bella J. Quickwater", True), ("Ann Bella Quickwater", True)),
            *(("Bartholomew Quickwater", False), ("Quickwater", False), ("B. Quickwater", False)),
            *(("Barty Quickwater", False), ("Bartholomew Jones", False)),
        ],
    )
    def test_of_a_sister(self, tmp_path: Path, name: str, refused_: bool) -> None:
        drop = tmp_path / "family"
        drop.mkdir()
        (drop / "schools.csv").write_text(SCHOOLS_CSV)
        rows = "\n".join(
            f"900101,{upn},Quickwater,{forename},01/05/2018,F,3,Y,N,N,01/09/2025,"
            for upn, forename in zip(UPNS[:2], ("Bartholomew", "Bella"), strict=True)
        )
        (drop / "pupils.csv").write_text(f"{PUPILS_HEADER}{rows}\n")
        import_drop(drop, tmp_path / "register")
        folder = tmp_path / "register"
        path = self.blank(folder, tmp_path, child_name=name)
        if refused_:
            told = refused(path, folder, pupil=UPNS[0])
            assert "the name of another pupil of that school" in told and "uickwater" not in told
            assert recorded_family(path, folder, pupil=UPNS[1]).cautions == ()
            return
        cautions = recorded_family(path, folder, pupil=UPNS[0]).cautions
        assert bool(cautions) == ("Bartholomew" not in name)
        assert not any("uickwater" in caution for caution in cautions)

    def test_a_file_that_is_refused_makes_no_key(self, register: Path, tmp_path: Path) -> None:
        given = {"reference": None, "school": "900101", "pupil": UPNS[0]}
        origin = origin_of(register)
        (register / "reference.key").unlink()
        before = tree(register)
        for wrong in ({"meeting_date": "soon"}, {"child_name": "Somebody"}):
            path = as_file(tmp_path / "f.yml", origin, SAID | wrong, **given)
            with pytest.raises(RecordError):
                recorded_family(path, register)
            assert tree(register) == before
        path = as_file(tmp_path / "f.yml", origin, SAID, **given)
        assert recorded_family(path, register).news == "new"
        assert (register / "reference.key").exists()

    def test_typed_into_a_file(self, register: Path, tmp_path: Path) -> None:
        origin = origin_of(register)
        given = {"reference": None, "school": "900101", "pupil": ""}
        path = as_file(tmp_path / "blank.yml", origin, SAID | {"child_name": "Forename1"}, **given)
        assert "--pupil UPN" in refused(path, register)
        found = recorded_family(path, register, pupil=UPNS[0])
        assert (found.news, found.way) == ("new", "file")

    def test_of_a_pupil_in_the_lists_of_two_schools(self, tmp_path: Path) -> None:
        drop = tmp_path / "two"
        drop.mkdir()
        (drop / "schools.csv").write_text(SCHOOLS_CSV + "900102,9162002,Other School,Primary\n")
        line = f"{{}},{UPNS[0]},Surname1,Forename1,01/05/2018,F,3,Y,N,N,01/09/2025,"
        rows = "\n".join(line.format(urn) for urn in ("900101", "900102"))
        (drop / "pupils.csv").write_text(f"{PUPILS_HEADER}{rows}\n")
        import_drop(drop, tmp_path / "register")
        folder = tmp_path / "register"
        given = {"reference": None, "pupil": UPNS[0]}
        path = as_file(tmp_path / "f.yml", origin_of(folder), SAID, **given)
        assert "the lists of several (900101, 900102)" in refused(path, folder)
        assert recorded_family(path, folder, school="900102").urn == "900102"


def test_problems_are_told_together_and_nothing_is_stored(
    page: Callable[..., Path], register: Path
) -> None:
    told = refused(page(meeting_how="Sam's", review_date="2026-09-01", sam="x"), register)
    assert "nothing of it was stored. Correct these 3 answers" in told
    assert "Sam" not in told and "sam" not in told and told.count("\n") == 3


def test_areas_of_an_older_bank_are_kept_of_forms_of_ours_alone(
    page: Callable[..., Path], register: Path, tmp_path: Path
) -> None:
    old = {"area_moon_phase": "yes", "area_moon_phase_said": "full"}
    found = recorded_family(page(**old), register)
    assert "no longer have (moon phase); the answers are kept" in found.cautions[0]
    assert said_of(register)["area_moon_phase_said"] == "full"
    assert f"barriers {TITLE}; Moon phase" in held(register)
    typed = as_file(tmp_path / "f.yml", origin_of(register, UPNS[0]), SAID | old)
    assert "2 fields that it does not have" in refused(typed, register)


def test_no_register(page: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(RegisterError):
        recorded_family(page(), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_one_that_is_stopped_leaves_the_register_as_it_was(
    page: Callable[..., Path], register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = page()
    index = (register / store.INDEX).read_bytes()

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as changed:
        changed.setattr(store, "committed", stopped)
        with pytest.raises(KeyboardInterrupt):
            recorded_family(path, register)
    assert (register / store.INDEX).read_bytes() == index
    assert store.school_family(store.opened(register), "900101").empty and held(register) == []
    assert recorded_family(path, register).news == "new"


def attendance(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


class TestCommand:
    def test_two_forms_and_one_that_is_none(
        self, page: Callable[..., Path], register: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "bad.html").write_text("<p>")
        files = (page(), tmp_path / "bad.html", page("own.HTM", copy="family"))
        done = attendance("record", *files, "--register", register, "--no-document")
        reference = origin_of(register, UPNS[0]).reference
        assert done.exit_code == 2
        assert done.stdout.splitlines() == [
            f"form.html: {reference}, family meeting of 14 September 2026 (school's copy) recorded: 10 answers.",
            "form.html: 6 new entries in the pupil's support history, school 900101.",
            f"own.HTM: {reference}, family meeting of 14 September 2026 (family's copy) recorded: 2 answers.",
        ]
        assert "bad.html: expected the page" in done.stderr and "1 of 3 files" in done.stderr
        assert not any(word in done.output for word in ("Secret", "Surname", UPNS[0]))
        again = attendance("record", files[0], "--register", register, "--no-document")
        assert "is recorded already (version 1)." in again.stdout

    def test_listed_and_taken_back(self, page: Callable[..., Path], register: Path) -> None:
        recorded_family(page(), register)
        recorded_family(page(goal="One day"), register)
        reference = origin_of(register, UPNS[0]).reference
        listed = attendance("record", "--list", "--register", register).stdout.splitlines()
        assert listed[0] == "900101 Test Primary School" and len(listed) == 3
        assert listed[1].startswith(
            f"  {reference} family meeting of 14 September 2026, school's copy, version 1, no longer stands since"
        )
        assert listed[2].endswith("from form.html (html); 10 answers") and ", stands: " in listed[2]
        full = attendance("record", "--list", "--full", "--register", register).stdout
        assert "    Our goal until we meet again: One day" in full
        assert "    Who gets a copy: Family" in full
        done = attendance("record", "--withdraw", f"{reference}:2026-09-14", "--register", register)
        assert done.stdout == (
            f"{reference}: family meeting of 14 September 2026 (school's copy) no longer stands, nor do its 6 entries in the pupil's "
            "support history. Nothing was deleted (attendance record --list). What another file said as well is in force again once that "
            "file is recorded anew.\n"
        )
        assert (
            attendance("record", "--withdraw", f"{reference}:x", "--register", register).exit_code
            == 2
        )

    def test_a_blank_form_with_its_pupil(self, register: Path, tmp_path: Path) -> None:
        path = as_page(tmp_path / "blank.html", origin_of(register), SAID)
        words = ("record", path, "--register", register, "--no-document")
        assert "without a pupil" in attendance(*words).stderr
        done = attendance(*words, "--pupil", UPNS[0], "--school", "900101")
        assert done.exit_code == 0 and "recorded: 10 answers" in done.stdout
        assert "Take care: blank.html: the form gives no child's name" in done.stdout

    @pytest.mark.parametrize(
        "words",
        [
            ("form.xlsx", "--pupil", UPNS[0]),
            ("form.html", "--school", "900101"),
            ("form.html", "--pupil", UPNS[0], "--school", "900101", "--school", "900102"),
            ("--list", "--pupil", UPNS[0]),
        ],
    )
    def test_options_that_do_not_go_together(self, register: Path, words: tuple[str, ...]) -> None:
        done = attendance("record", *words, "--register", register)
        assert done.exit_code == 2 and "go" in done.stderr
