"""What the made-up schools recorded: in the shares that were meant, at dates that go together, and read by the import."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from attendance_helpers.demo import DemoDrop, register_drop
from attendance_helpers.demo.authority import SchoolRegister, made_up_authority
from attendance_helpers.demo.faults import FIRST_DAY, stranger_upn
from attendance_helpers.demo.names import names
from attendance_helpers.demo.schools import LARGEST, LATE, SCHOOLS, open_days, school_years
from attendance_helpers.demo.sheet import AT
from attendance_helpers.demo.support import REFERRALS, SILENT, WHOLE, made_support, support_table
from attendance_helpers.demo.support_story import EVIDENCE, support_texts
from attendance_helpers.demo.truth import UNAUTHORISED, pupil_counts
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.measures.triggers import triggers_met
from attendance_helpers.meetings.missing import (
    PRESETS,
    contact_since,
    gaps_checked,
    missing,
)
from attendance_helpers.meetings.support import standing
from attendance_helpers.register.calendar import Window, school_sessions
from attendance_helpers.register.intake import ImportSummary, import_drop
from attendance_helpers.register.store import school_marks, school_pupils, school_support
from attendance_helpers.register.support_form import FORM_COLUMNS

AS_AT = dt.date(2026, 4, 2)
DATES = [column.label for column in FORM_COLUMNS if column.kind == "date"]
TYPED_LATER = {"Review date", "Part-time until", "Legal step until"}
STAGES = Path(__file__).parents[1] / "params" / "stages" / "south_tyneside.yml"


def authority(*, scale: float, as_at: dt.date = AS_AT) -> list[SchoolRegister]:
    return made_up_authority(seed=2026, as_at=as_at, scale=scale)


def rows_of(registers: list[SchoolRegister], *, as_at: dt.date = AS_AT) -> pd.DataFrame:
    """Return support.csv without its faults, dates as dates."""
    made = support_table(made_support(registers, seed=2026, as_at=as_at))
    frame = pd.DataFrame(made[1:-3], columns=list(made[0]))
    # A small authority uses fewer columns.
    frame = frame.reindex(columns=[*frame.columns, *set(DATES) - {*frame.columns}], fill_value="")
    read = {name: pd.to_datetime(frame[name], format="%d/%m/%Y") for name in DATES}
    return frame.assign(**read)


@pytest.fixture(scope="module")
def registers() -> dict[str, SchoolRegister]:
    return {register.school.urn: register for register in authority(scale=1)}


@pytest.fixture(scope="module")
def support(registers: dict[str, SchoolRegister]) -> pd.DataFrame:
    return rows_of(list(registers.values()))


@pytest.fixture(scope="module")
def pupils(registers: dict[str, SchoolRegister]) -> pd.DataFrame:
    """Return every pupil on roll with the absence of this year, one row a school and pupil."""
    frames = [
        register.pupils.join(pupil_counts(register, FIRST_DAY.date(), AS_AT))
        for register in registers.values()
    ]
    every = pd.concat(frames, ignore_index=True)
    return every[every["leaving_date"].isna()]


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> DemoDrop:
    return register_drop(tmp_path_factory.mktemp("support") / "drop", scale=0.15)


@pytest.fixture(scope="module")
def imported(drop: DemoDrop) -> ImportSummary:
    return import_drop(drop.folder, drop.folder.parent / "register")


class TestShares:
    def test_severely_absent_pupils(self, support: pd.DataFrame, pupils: pd.DataFrame) -> None:
        severe = pupils[pupils["sa"] & pupils["urn"].isin([LARGEST, LATE])]
        own = support[support["UPN"].isin(severe["upn"])]

        def share(name: str) -> float:
            return float(own.loc[own[name] != "", "UPN"].nunique() / len(severe))

        assert own["UPN"].nunique() / len(severe) == pytest.approx(5 / 6, abs=0.03)
        planned = own[own["Plan date"].notna()].groupby("UPN").tail(1)
        assert len(planned) / len(severe) == pytest.approx(2 / 3, abs=0.05)
        past = (planned["Review date"] < pd.Timestamp(AS_AT)).mean()
        assert past == pytest.approx(1 / 3, abs=0.1)
        assert 1 <= planned["Review date"].isna().sum() <= 0.2 * len(planned)
        assert share("Lead professional") == pytest.approx(1 / 2, abs=0.07)
        assert share("Early Help") == pytest.approx(1 / 2, abs=0.07)
        assert set(own["Early Help"]) == {"", "Offered", "Declined", "Open", "Closed"}
        assert set(own["Stage"]) == {"", "Level 1", "Level 2", "Level 3"}
        contacts = own.groupby("UPN")["Contact date"].count()
        assert (contacts.min(), contacts.max()) == (1, 5)

    def test_a_third_of_the_other_persistently_absent_and_few_besides(
        self, support: pd.DataFrame, pupils: pd.DataFrame
    ) -> None:
        told = pupils["upn"].isin(support["UPN"])
        of = pupils["urn"].isin([LARGEST, LATE])
        assert told[of & pupils["pa"] & ~pupils["sa"]].mean() == pytest.approx(1 / 3, abs=0.02)
        assert 0 < told[of & ~pupils["pa"]].mean() < 0.02

    def test_one_school_in_six_is_silent_and_one_has_everybody(
        self, support: pd.DataFrame, pupils: pd.DataFrame
    ) -> None:
        assert set(support["URN"]) == {school.urn for school in SCHOOLS} - {SILENT}
        whole = pupils[(pupils["urn"] == WHOLE) & pupils["pa"]]
        assert whole["upn"].isin(support["UPN"]).all()

    def test_nothing_is_missing_at_that_school(self, imported: ImportSummary) -> None:
        register = imported.register
        found = {}
        for urn in (WHOLE, LATE):
            marks, enrolments = school_marks(register, urn), school_pupils(register, urn)
            totals = pupil_totals(marks, enrolments, Window("year", FIRST_DAY.date(), AS_AT))
            here = enrolments.loc[enrolments["leaving_date"].isna(), "upn"]
            checked = gaps_checked(
                persistence(totals[totals["upn"].isin(here)]),
                standing(school_support(register, urn), as_at=AS_AT),
                triggers_met(marks, list(PRESETS.values()), as_at=AS_AT),
                as_at=AS_AT,
                contact_since=contact_since(school_sessions(marks), as_at=AS_AT),
                triggers_since=FIRST_DAY.date(),
            )
            assert len(checked)
            found[urn] = len(missing(checked))
        assert found[WHOLE] == 0 < found[LATE]

    def test_pupils_near_a_referral_lack_the_referral(self, support: pd.DataFrame) -> None:
        held = support[support["Evidence held"] != ""]
        assert held.groupby("URN").size().to_dict() == REFERRALS
        for upn in held["UPN"]:
            own = support[support["UPN"] == upn]
            assert {"Letter", "Home visit"} <= set(own["Contact method"])
            assert own["Plan date"].notna().any()
            assert (own["Early Help"] != "").any()
            assert "Level 3" in set(own["Stage"])


class TestDates:
    @pytest.mark.parametrize(
        ("as_at", "scale"),
        [
            (AS_AT, 1.0),
            (dt.date(2025, 10, 1), 0.3),
            (dt.date(2026, 1, 4), 0.02),
            (dt.date(2026, 7, 21), 0.3),
        ],
    )
    def test_on_school_days_up_to_the_data(self, as_at: dt.date, scale: float) -> None:
        rows = rows_of(authority(scale=scale, as_at=as_at), as_at=as_at)
        assert len(rows)
        for school in SCHOOLS:
            own = rows[rows["URN"] == school.urn]
            year = open_days(school, as_at=dt.date(2026, 7, 21))
            year = year[school_years(year) == 2025]
            for name in DATES:
                days = own[name].dropna()
                assert days.isin(year).all()
                if name not in TYPED_LATER:
                    assert (days <= pd.Timestamp(as_at)).all()
        for first, last in (
            ("Plan date", "Review date"),
            ("Part-time from", "Part-time until"),
            ("Legal step date", "Legal step until"),
        ):
            both = rows[rows[last].notna()]
            assert (both[first] <= both[last]).all()

    def test_effects_come_after_strategies(self, support: pd.DataFrame) -> None:
        tried = support[support["Strategies"] != ""]
        seen = tried["Effect of strategies"] != ""
        began = tried[~seen].groupby(["UPN", "Strategies"])["Date of entry"].min()
        ended = tried[seen].set_index(["UPN", "Strategies"])["Date of entry"]
        assert len(ended) > 20
        assert (ended > began.reindex(ended.index)).all()

    def test_early_help_is_offered_first(self, support: pd.DataFrame) -> None:
        told = support[support["Early Help"] != ""]
        last = told.groupby("UPN").tail(1)
        assert (told.groupby("UPN").head(1)["Early Help"] == "Offered").all()
        assert (last["Early Help: what followed"] != "").all()

    def test_rows_without_a_date_of_entry_have_one_of_a_contact(
        self, support: pd.DataFrame
    ) -> None:
        undated = support[support["Date of entry"].isna()]
        assert 0 < len(undated) < 0.03 * len(support)
        assert undated["Contact date"].notna().all()
        assert (undated[["Strategies", "Early Help", "Stage"]] == "").all(axis=None)

    def test_part_time_timetables_are_in_the_marks(
        self, support: pd.DataFrame, registers: dict[str, SchoolRegister]
    ) -> None:
        rows = support[support["Part-time from"].notna()]
        past = 0
        for row in rows.to_dict("records"):
            register = registers[row["URN"]]
            marks = register.marks[(register.pupils["upn"] == row["UPN"]).to_numpy()]
            days = register.days[(marks == AT["C2"]).any(axis=(0, 2))]
            days = days[days >= FIRST_DAY]
            assert row["Part-time from"] == days[0]
            past += row["Part-time until"] < days[-1]
        assert 0 < past < len(rows) / 2

    def test_no_legal_step_before_a_contact_and_ten_unauthorised_sessions(
        self, support: pd.DataFrame, registers: dict[str, SchoolRegister]
    ) -> None:
        rows = support[support["Legal step"] != ""]
        assert set(rows["Legal step"]) == {"Contract", "Notice to improve", "Penalty notice"}
        for row in rows.to_dict("records"):
            register = registers[row["URN"]]
            marks = register.marks[(register.pupils["upn"] == row["UPN"]).to_numpy()]
            before = (register.days >= FIRST_DAY) & (register.days < row["Legal step date"])
            codes = [AT[code] for code in UNAUTHORISED]
            assert np.isin(marks[:, before], codes).sum() >= 10
            spoken = support.loc[support["UPN"] == row["UPN"], "Contact date"].min()
            assert spoken < row["Legal step date"]


class TestTexts:
    def test_ten_or_more_of_each(self) -> None:
        texts = support_texts()
        lists = [*texts["contact_outcomes"].values(), *texts["early_help"].values()]
        lists += [texts[name] for name in ("effects", "plan_attendance", "approaches")]
        lists += [texts[name]["any"] for name in ("barriers", "strategies")]
        assert all(len(set(some)) == len(some) >= 10 for some in lists)

    def test_short_and_without_names(self) -> None:
        texts = re.sub(r"#.*", "", yaml.safe_dump(support_texts(), width=1000))
        people = {*names("girl"), *names("boy"), *names("surname")}
        words = set(re.findall(r"[^\W\d_][\w'’-]*", texts))
        # Words of every day that are names as well.
        assert words & people <= {"May", "Grant", "Price", "Rose", "Will", "Young", "Page"}
        assert max(len(line.strip(" -")) for line in texts.splitlines()) <= 70

    def test_children_in_care_have_no_mother_and_father_to_call(
        self, support: pd.DataFrame, pupils: pd.DataFrame
    ) -> None:
        cared = pupils.loc[pupils["looked_after"] == "Y", "upn"]
        own = support[support["UPN"].isin(cared)].astype(str)
        assert len(own)
        assert not own.apply(lambda c: c.str.contains(r"\b[mM]other|\b[fF]ather")).any(axis=None)

    def test_carers_only_where_the_school_does_not_say_no(
        self, support: pd.DataFrame, pupils: pd.DataFrame
    ) -> None:
        pattern = "|".join(support_texts()["barriers"]["carer"])
        told = support.loc[support["Barriers"].str.contains(pattern), "UPN"]
        assert len(told)
        assert "N" not in set(pupils.loc[pupils["upn"].isin(told), "young_carer"])

    def test_evidence_has_the_labels_of_the_process(self) -> None:
        process = yaml.safe_load(STAGES.read_text("utf-8"))
        assert set(EVIDENCE) <= {piece["label"] for piece in process["evidence"].values()}


class TestFile:
    def test_columns_are_those_of_the_form_that_are_used(self, drop: DemoDrop) -> None:
        read = pd.read_csv(drop.folder / "support.csv", dtype=str, keep_default_na=False)
        labels = [column.label for column in FORM_COLUMNS]
        assert list(read.columns[:2]) == ["URN", "UPN"]
        used = list(read.columns[2:])
        assert used == [label for label in labels if label in used]
        assert (read != "").any().all()

    def test_pupils_and_marks_stay_as_they_were(self) -> None:
        before, after = authority(scale=0.05), authority(scale=0.05)
        rows_of(after)
        for one, other in zip(before, after, strict=True):
            pd.testing.assert_frame_equal(one.pupils, other.pupils)
            assert (one.marks == other.marks).all()

    def test_same_seed_same_rows(self) -> None:
        made = [made_support(authority(scale=0.05), seed=seed, as_at=AS_AT) for seed in (1, 1, 2)]
        assert made[0] == made[1] != made[2]

    def test_the_import_takes_it_but_for_the_faults(
        self, drop: DemoDrop, imported: ImportSummary
    ) -> None:
        folder = imported.register.folder
        listed = pd.read_csv(folder / "exceptions.csv", dtype=str, keep_default_na=False)
        own = listed[listed["file"] == "support.csv"]
        planted = [fault for fault in drop.faults if fault.file == "support.csv"]
        found = own[["problem", "urn", "upn", "value"]].itertuples(index=False, name=None)
        assert sorted(found) == sorted((f.problem, f.urn, f.upn, f.value) for f in planted)
        assert {f.problem for f in planted} == {"bad_date", "bad_value", "unknown_pupil"}
        assert stranger_upn(3) in {f.upn for f in planted}
        held = {s.urn: len(school_support(imported.register, s.urn)) for s in SCHOOLS}
        assert held[SILENT] == 0 < held[LARGEST]
        assert sum(held.values()) == imported.new_support
        again = import_drop(drop.folder, folder)
        assert (again.changed, again.new_support) == (False, 0)
