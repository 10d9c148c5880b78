"""The made-up authority: the same for a seed, like England, and at fault where it says so."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from attendance_helpers.demo import DemoDrop, register_drop
from attendance_helpers.demo.authority import SchoolRegister, made_up_authority
from attendance_helpers.demo.files import MADE
from attendance_helpers.demo.names import names
from attendance_helpers.demo.pupils import with_histories
from attendance_helpers.demo.schools import (
    ALTERNATIVE,
    AUTHORITY,
    HOLIDAYS,
    IMPROVED,
    LARGEST,
    LATE,
    SCHOOLS,
    SIXTH_FORM,
    SPECIAL,
    TINY,
    inset_days,
    open_days,
    term_days,
)
from attendance_helpers.demo.sheet import AT, CODES
from attendance_helpers.demo.truth import AUTHORISED, PRESENT, UNAUTHORISED, pupil_counts
from attendance_helpers.errors import AttendanceError
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.identifiers import upn_problem
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.store import school_calendar, school_marks, school_pupils

AS_AT = dt.date(2026, 4, 2)
LAST_YEAR = (dt.date(2024, 9, 1), dt.date(2025, 8, 31))
THIS_YEAR = (dt.date(2025, 9, 1), AS_AT)
PROBLEMS = {
    *("unknown_code", "conflict", "unmarked", "outside_enrolment", "unknown_pupil"),
    *("unknown_school", "repeated_row", "legacy_code", "bad_upn", "duplicate_upn"),
    *("bad_date", "bad_value"),
}
# The 153 local authorities with education duties, without their "City of" and "County of".
REAL_AUTHORITIES = """
Barking and Dagenham; Barnet; Barnsley; Bath and North East Somerset; Bedford; Bexley; Birmingham;
Blackburn with Darwen; Blackpool; Bolton; Bournemouth, Christchurch and Poole; Bracknell Forest;
Bradford; Brent; Brighton and Hove; Bristol; Bromley; Buckinghamshire; Bury; Calderdale;
Cambridgeshire; Camden; Central Bedfordshire; Cheshire East; Cheshire West and Chester; London;
Cornwall; Durham; Coventry; Croydon; Cumberland; Darlington; Derby; Derbyshire; Devon; Doncaster;
Dorset; Dudley; Ealing; East Riding of Yorkshire; East Sussex; Enfield; Essex; Gateshead;
Gloucestershire; Greenwich; Hackney; Halton; Hammersmith and Fulham; Hampshire; Haringey; Harrow;
Hartlepool; Havering; Herefordshire; Hertfordshire; Hillingdon; Hounslow; Isle of Wight;
Isles of Scilly; Islington; Kensington and Chelsea; Kent; Kingston upon Hull; Kingston upon Thames;
Kirklees; Knowsley; Lambeth; Lancashire; Leeds; Leicester; Leicestershire; Lewisham; Lincolnshire;
Liverpool; Luton; Manchester; Medway; Merton; Middlesbrough; Milton Keynes; Newcastle upon Tyne;
Newham; Norfolk; North East Lincolnshire; North Lincolnshire; North Northamptonshire; North Somerset;
North Tyneside; North Yorkshire; Northumberland; Nottingham; Nottinghamshire; Oldham; Oxfordshire;
Peterborough; Plymouth; Portsmouth; Reading; Redbridge; Redcar and Cleveland; Richmond upon Thames;
Rochdale; Rotherham; Rutland; Salford; Sandwell; Sefton; Sheffield; Shropshire; Slough; Solihull;
Somerset; South Gloucestershire; South Tyneside; Southampton; Southend-on-Sea; Southwark; St. Helens;
Staffordshire; Stockport; Stockton-on-Tees; Stoke-on-Trent; Suffolk; Sunderland; Surrey; Sutton;
Swindon; Tameside; Telford and Wrekin; Thurrock; Torbay; Tower Hamlets; Trafford; Wakefield; Walsall;
Waltham Forest; Wandsworth; Warrington; Warwickshire; West Berkshire; West Northamptonshire;
West Sussex; Westminster; Westmorland and Furness; Wigan; Wiltshire; Windsor and Maidenhead; Wirral;
Wokingham; Wolverhampton; Worcestershire; York
"""


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> DemoDrop:
    return register_drop(tmp_path_factory.mktemp("demo") / "drop", scale=0.15)


@pytest.fixture(scope="module")
def authority() -> dict[str, SchoolRegister]:
    """Return the registers at full size: made in a second, as no file is written."""
    registers = made_up_authority(seed=2026, as_at=AS_AT, scale=1.0)
    return {register.school.urn: register for register in registers}


@pytest.fixture(scope="module")
def counts(authority: dict[str, SchoolRegister]) -> pd.DataFrame:
    """Return every enrolment of this year with its sessions."""
    frames = [
        register.pupils.join(pupil_counts(register, *THIS_YEAR)).assign(phase=register.school.phase)
        for register in authority.values()
    ]
    every = pd.concat(frames, ignore_index=True)
    return every[every["possible"] > 0]


def absence(frame: pd.DataFrame) -> float:
    return float(100 * frame["absent"].sum() / frame["possible"].sum())


def text_of(drop: DemoDrop, urn: str, encoding: str = "utf-8-sig") -> str:
    return (drop.folder / f"marks_{urn}.csv").read_bytes().decode(encoding)


def absent_share(register: SchoolRegister, cells: np.ndarray) -> float:
    """Return the share of possible sessions missed, of the cells (pupil × day) given [%]."""
    missed = np.isin(register.marks, [AT[code] for code in (*AUTHORISED, *UNAUTHORISED)])
    there = np.isin(register.marks, [AT[code] for code in PRESENT])
    chosen = (cells & register.enrolled)[:, :, None]
    return float(100 * (missed & chosen).sum() / ((missed | there) & chosen).sum())


class TestFiles:
    def test_same_seed_same_bytes(self, tmp_path: Path) -> None:
        once, again = (register_drop(tmp_path / name, scale=0.02) for name in ("a", "b"))
        assert [f.name for f in once.files] == [f.name for f in again.files]
        assert [f.read_bytes() for f in once.files] == [f.read_bytes() for f in again.files]
        assert once.truth == again.truth
        assert once.faults == again.faults

    def test_workbooks_do_not_know_when_they_were_made(self, drop: DemoDrop) -> None:
        with zipfile.ZipFile(drop.folder / f"marks_{TINY}.xlsx") as book:
            assert {entry.date_time for entry in book.infolist()} == {MADE}
            stamps = re.findall(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", book.read("docProps/core.xml"))
        assert set(stamps) == {b"2026-04-02T16:00:00Z"}

    def test_other_seed_other_pupils(self, tmp_path: Path) -> None:
        one, two = (register_drop(tmp_path / str(s), seed=s, scale=0.02) for s in (1, 2))
        assert one.files[1].name == two.files[1].name == "pupils.csv"
        assert one.files[1].read_bytes() != two.files[1].read_bytes()

    def test_a_file_for_each_school_and_four_lists(self, drop: DemoDrop) -> None:
        lists = ("schools", "pupils", "term_dates", "support")
        expected = {*(f"{name}.csv" for name in lists), *(f"marks_{s.urn}" for s in SCHOOLS)}
        found = {f.name if f.stem in lists else f.stem for f in drop.files}
        assert found == expected
        assert drop.schools == len(SCHOOLS) >= 8
        assert all(f.exists() for f in drop.files)

    def test_every_shape_twice(self) -> None:
        shapes = Counter(school.shape for school in SCHOOLS)
        assert set(shapes) == {"long", "wide", "weekly", "year to date"}
        assert min(shapes.values()) >= 2

    def test_long(self, drop: DemoDrop) -> None:
        header, first, *_ = text_of(drop, SIXTH_FORM).split("\r\n")
        assert header == "UPN,Student,Mark_date,AM/PM,Mark"
        assert re.fullmatch(r'[A-Z]\d{12},"[^"]+, [^"]+",\d\d/\d\d/\d{4},AM,.{1,4}', first)

    def test_wide_has_titles_above_the_header(self, drop: DemoDrop) -> None:
        sheet = openpyxl.load_workbook(drop.folder / f"marks_{HOLIDAYS}.xlsx", read_only=True)
        rows = list(sheet.worksheets[0].iter_rows(values_only=True))
        assert rows[0][0] == "Attendance register export"
        assert rows[2][:4] == ("UPN", "Student", "Year", "03/09/2024 AM")
        assert rows[2][-1] == "02/04/2026 PM"
        assert all(isinstance(row[2], str) and len(row) <= len(rows[2]) for row in rows[2:])

    def test_weeks_have_ten_marks(self, drop: DemoDrop) -> None:
        short = 0
        for urn, split in ((LARGEST, str.split), (ALTERNATIVE, list)):
            for line in text_of(drop, urn).splitlines()[1:]:
                short += len(split(line.split(",")[2])) != 10
        # One week is a planted fault.
        assert short == 1

    def test_year_strings_begin_on_a_monday_and_end_on_the_last_day(self, drop: DemoDrop) -> None:
        school = next(school for school in SCHOOLS if school.urn == LATE)
        days = open_days(school, as_at=AS_AT)
        last_days = {2024: days[days < "2025-09-01"][-1], 2025: days[-1]}
        for line in text_of(drop, LATE).splitlines()[1:]:
            _, start, string = line.split(";")
            first = dt.date.fromisoformat(start)
            assert first.weekday() == 0
            assert len(string) == 2 * np.busday_count(first, last_days[first.year].date()) + 2
            assert not string.endswith("#")

    def test_encodings_and_separators_differ(self, drop: DemoDrop) -> None:
        assert "St Zélie" in (drop.folder / "schools.csv").read_bytes().decode("cp1252")
        assert (drop.folder / "pupils.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        assert text_of(drop, SPECIAL, "cp1252").splitlines()[0].count(";") == 5
        assert text_of(drop, IMPROVED).splitlines()[0].count("\t") == 4
        assert "\r\n" not in text_of(drop, IMPROVED)

    def test_no_marks_after_the_last_day(self, tmp_path: Path) -> None:
        early = register_drop(tmp_path, as_at=dt.date(2025, 11, 19), scale=0.02)
        assert "20/11/2025" not in text_of(early, SIXTH_FORM)
        assert "19/11/2025" in text_of(early, SIXTH_FORM)
        # A Wednesday: the rest of that week of a weekly file is still blank.
        assert text_of(early, LARGEST).splitlines()[-3].endswith("- - - -")

    @pytest.mark.parametrize(
        ("options", "expected"),
        [({"as_at": dt.date(2027, 1, 1)}, "as_at: expected"), ({"scale": 0}, "scale: expected")],
    )
    def test_out_of_range(self, tmp_path: Path, options: dict, expected: str) -> None:
        with pytest.raises(AttendanceError, match=expected):
            register_drop(tmp_path / "none", **options)
        assert not (tmp_path / "none").exists()


class TestSchools:
    def test_no_real_authority(self) -> None:
        everything = "\n".join(
            [
                AUTHORITY,
                *(s.name for s in SCHOOLS),
                *names("girl"),
                *names("boy"),
                *names("surname"),
            ]
        )
        real = [name.strip() for name in REAL_AUTHORITIES.split(";")]
        assert len(real) == 153
        assert [n for n in real if re.search(rf"\b{re.escape(n)}\b", everything)] == []

    def test_195_days_less_five_inset_days(self) -> None:
        for year in (2024, 2025):
            assert len(term_days(year)) == 195
            for school in SCHOOLS:
                assert len(inset_days(school, year)) == 5
                assert inset_days(school, year).isin(term_days(year)).all()

    def test_inset_days_differ_and_bank_holidays_are_closed(self) -> None:
        assert len({tuple(inset_days(school, 2025)) for school in SCHOOLS}) > 3
        days = open_days(SCHOOLS[0], as_at=dt.date(2026, 7, 21))
        assert not days.isin(pd.to_datetime(["2025-04-21", "2025-05-05", "2026-05-04"])).any()

    def test_about_2800_pupils_of_every_phase(self, counts: pd.DataFrame) -> None:
        assert 2700 < counts["leaving_date"].isna().sum() < 2900
        assert set(counts["phase"]) == {
            *("Primary", "Secondary", "Special", "Alternative provision"),
        }

    def test_planned_days_are_the_open_days_of_the_whole_year(
        self, drop: DemoDrop, tmp_path: Path
    ) -> None:
        register = import_drop(drop.folder, tmp_path / "register").register
        for school in SCHOOLS:
            days = open_days(school, as_at=dt.date(2026, 7, 21))
            planned = school_calendar(register, school.urn)["date"]
            assert list(planned) == list(days[days > "2025-08-31"])


class TestPupils:
    def test_upns(self, drop: DemoDrop) -> None:
        pupils = pd.read_csv(drop.folder / "pupils.csv", dtype=str, keep_default_na=False)
        wrong = {upn for upn in pupils["UPN"] if upn_problem(upn)}
        assert wrong == {f.upn for f in drop.faults if f.problem == "bad_upn"}
        temporary = pupils[pupils["UPN"].str[-1].str.isalpha()]
        assert list(temporary["URN"]) == [TINY]

    def test_unknown_is_not_no(self, drop: DemoDrop) -> None:
        pupils = pd.read_csv(drop.folder / "pupils.csv", dtype=str, keep_default_na=False)
        carers = pupils.groupby("URN")["Young carer"].agg(set)
        assert carers[LATE] == {""}
        assert carers[LARGEST] <= {"Y", "N"}
        assert set(pupils.loc[pupils["URN"] == LARGEST, "FSM"]) == {"Y", "N", ""}
        assert "Unknown" in set(pupils.loc[pupils["URN"] == SPECIAL, "EAL"])

    def test_movers_and_returners(self, authority: dict[str, SchoolRegister]) -> None:
        roll = pd.concat([register.pupils for register in authority.values()])
        twice = roll[roll["upn"].duplicated(keep=False)]
        schools = twice.groupby("upn")["urn"].agg(lambda urns: tuple(sorted(urns)))
        kinds = Counter(schools)
        assert kinds[HOLIDAYS, IMPROVED] == 1
        assert kinds[SIXTH_FORM, SIXTH_FORM] == 1
        assert kinds[LARGEST, ALTERNATIVE] == 6

    def test_dual_registration_is_marked_at_one_school_a_day(
        self, authority: dict[str, SchoolRegister]
    ) -> None:
        main, second = authority[LARGEST], authority[ALTERNATIVE]
        upn = second.pupils["upn"][second.pupils["upn"].isin(main.pupils["upn"])].iloc[0]
        due = {}
        for register in (main, second):
            row = register.pupils.index.get_loc((register.pupils["upn"] == upn).idxmax())
            marks = pd.Series(register.marks[row, :, 0], index=register.days)
            due[register.school.urn] = marks["2026-01-06":] == AT["D"]
        both = due[LARGEST].index.intersection(due[ALTERNATIVE].index)
        assert (due[LARGEST][both] ^ due[ALTERNATIVE][both]).all()

    def test_names(self, drop: DemoDrop, authority: dict[str, SchoolRegister]) -> None:
        roll = pd.concat([register.pupils for register in authority.values()])
        assert (roll["surname"].str.len() + roll["forename"].str.len()).max() > 80
        assert roll["surname"].str.contains("'").any()
        assert roll["surname"].str.contains("-").any()
        assert not roll["forename"].str.isascii().all()

    def test_histories_leave_the_frames_alone(self, authority: dict[str, SchoolRegister]) -> None:
        frames = {urn: register.pupils for urn, register in authority.items()}
        before = {urn: frame.copy() for urn, frame in frames.items()}
        with_histories(frames, as_at=AS_AT)
        for urn, frame in frames.items():
            pd.testing.assert_frame_equal(frame, before[urn])


class TestAbsence:
    """The bands are DfE's figures for 2025/26 to Easter with room for the luck of the draw."""

    @pytest.mark.parametrize(
        ("phase", "rate", "persistent", "severe"),
        [
            ("Primary", (4.7, 5.9), (12, 16), (0.3, 2)),
            ("Secondary", (7.6, 9.0), (20.5, 24.5), (2.7, 4.5)),
            ("Special", (11.5, 14.8), (29, 42), (3, 9)),
            ("Alternative provision", (34, 50), (70, 97), (20, 50)),
        ],
    )
    def test_rates_by_phase(
        self,
        counts: pd.DataFrame,
        phase: str,
        rate: tuple[float, float],
        persistent: tuple[float, float],
        severe: tuple[float, float],
    ) -> None:
        of_phase = counts[counts["phase"] == phase]
        assert rate[0] < absence(of_phase) < rate[1]
        assert persistent[0] < 100 * of_phase["pa"].mean() < persistent[1]
        assert severe[0] < 100 * of_phase["sa"].mean() < severe[1]

    @pytest.mark.parametrize(
        ("phase", "unauthorised"), [("Primary", (1.0, 1.9)), ("Secondary", (2.5, 3.6))]
    )
    def test_unauthorised(
        self, counts: pd.DataFrame, phase: str, unauthorised: tuple[float, float]
    ) -> None:
        of_phase = counts[counts["phase"] == phase]
        share = 100 * of_phase["unauthorised"].sum() / of_phase["possible"].sum()
        assert unauthorised[0] < share < unauthorised[1]

    def test_gaps_between_groups(self, counts: pd.DataFrame) -> None:
        meals = {flag: counts[counts["fsm"] == flag] for flag in "YN"}
        assert 1.7 < absence(meals["Y"]) / absence(meals["N"]) < 2.7
        assert meals["Y"]["pa"].mean() > 1.8 * meals["N"]["pa"].mean()
        needs = {sen: absence(counts[counts["sen"] == sen]) for sen in "NKE"}
        assert needs["N"] + 3 < min(needs["K"], needs["E"])

    def test_shares_of_groups(self, counts: pd.DataFrame) -> None:
        assert 0.21 < (counts["fsm"] == "Y").mean() < 0.29
        assert 0.11 < (counts["sen"] == "K").mean() < 0.18
        assert 0.04 < (counts["sen"] == "E").mean() < 0.065
        assert (counts.loc[counts["phase"] == "Special", "sen"] == "E").all()

    def test_older_pupils_miss_more(self, counts: pd.DataFrame) -> None:
        secondary = counts[counts["phase"] == "Secondary"]
        by_year = {year: absence(group) for year, group in secondary.groupby("year_group")}
        assert by_year[7] + 2 < min(by_year[10], by_year[11])

    def test_fridays(self, authority: dict[str, SchoolRegister]) -> None:
        register = authority[LARGEST]
        this_year = register.days >= "2025-09-01"
        everyone = np.ones(len(register.pupils), dtype=bool)
        nine = (register.pupils["cohort"] == 9).to_numpy()
        friday = register.days.day_of_week == 4

        def excess(pupils: np.ndarray) -> float:
            on, off = (np.outer(pupils, this_year & days) for days in (friday, ~friday))
            return absent_share(register, on) - absent_share(register, off)

        assert 0.5 < excess(everyone & ~nine) < 4
        assert excess(nine) > 5

    def test_winter(self, authority: dict[str, SchoolRegister]) -> None:
        register = authority[LARGEST]
        months = {
            month: absent_share(
                register,
                np.outer(np.ones(len(register.pupils), bool), register.days.month == month),
            )
            for month in (1, 9)
        }
        assert months[1] > 1.3 * months[9]

    def test_whole_days_in_spells(self, authority: dict[str, SchoolRegister]) -> None:
        ill = authority[LARGEST].marks == AT["I"]
        whole, some = ill.all(axis=2), ill.any(axis=2)
        assert whole.sum() > 0.75 * some.sum()
        # Who was ill yesterday is far likelier to be ill today.
        assert whole[:, 1:][whole[:, :-1]].mean() > 5 * whole.mean()

    def test_stories(self, authority: dict[str, SchoolRegister]) -> None:
        def rates(urn: str, codes: tuple[str, ...]) -> list[float]:
            register = authority[urn]
            of_kind = np.isin(register.marks, [AT[code] for code in codes])
            found = []
            for first, last in (LAST_YEAR, THIS_YEAR):
                days = (register.days >= str(first)) & (register.days <= str(last))
                possible = pupil_counts(register, first, last)["possible"].sum()
                found.append(100 * of_kind[:, days].sum() / possible)
            return found

        before, now = rates(IMPROVED, (*AUTHORISED, *UNAUTHORISED))
        assert now < 0.85 * before
        before, now = rates(HOLIDAYS, ("G",))
        assert now > 2 * before
        assert rates(LATE, ("L", "U"))[1] > 1.5 * rates(LARGEST, ("L", "U"))[1]
        assert rates(SPECIAL, ("C2",))[1] > 1

    def test_reasons_still_unknown_are_recent(self, authority: dict[str, SchoolRegister]) -> None:
        unknown = sum(
            (register.marks == AT["N"]).sum(axis=(0, 2))[-10:].sum()
            / max(1, (register.marks == AT["N"]).sum())
            for register in (authority[LARGEST], authority[LATE])
        )
        assert unknown / 2 > 0.3

    def test_every_current_code_but_c1_is_used(self, authority: dict[str, SchoolRegister]) -> None:
        used = {CODES[code] for r in authority.values() for code in np.unique(r.marks)}
        assert used - {""} == {
            *(*PRESENT, *AUTHORISED, *UNAUTHORISED, "D", "Q", "X", "Y2"),
        } - {"J", "H"}

    def test_one_character_files_hold_one_character_codes(
        self, authority: dict[str, SchoolRegister]
    ) -> None:
        for register in authority.values():
            if register.school.one_character:
                assert {len(CODES[code]) for code in np.unique(register.marks)} <= {0, 1}


class TestFaults:
    def test_every_problem_is_planted(self, drop: DemoDrop) -> None:
        assert {fault.problem for fault in drop.faults} == PROBLEMS

    def test_faults_stand_in_the_files(self, drop: DemoDrop) -> None:
        long = [line.split(",") for line in text_of(drop, SIXTH_FORM).splitlines()]
        cells = {(row[0], row[-3], row[-2], row[-1].strip()) for row in long}
        planted = [
            f for f in drop.faults if f.urn == SIXTH_FORM and f.value in ("?", "QQ", "H", "J")
        ]
        assert len(planted) == 4
        for fault in planted:
            day = "/".join(reversed(fault.date.split("-")))
            found = {
                code.upper()
                for u, d, s, code in cells
                if (u, d, s) == (fault.upn, day, fault.session)
            }
            assert found == {fault.value}
        assert sum(row[-3] == "31/11/2025" for row in long) == 1
        assert any(
            set(line[:13]) and line.endswith(",") for line in text_of(drop, SIXTH_FORM).splitlines()
        )

    def test_repeated_and_contradicting_rows(self, drop: DemoDrop) -> None:
        rows = [line.split(";") for line in text_of(drop, SPECIAL, "cp1252").splitlines()[1:]]
        sessions: dict[tuple[str, ...], list[str]] = {}
        for upn, _, _, date, session, code in rows:
            sessions.setdefault((upn, date, session), []).append(code.strip())
        twice = {key: codes for key, codes in sessions.items() if len(codes) > 1}
        for problem, same in (("repeated_row", True), ("conflict", False)):
            planted = {
                (f.upn, f.date, f.session)
                for f in drop.faults
                if f.urn == SPECIAL and f.problem == problem
            }
            assert planted == {
                key for key, codes in twice.items() if (len(set(codes)) == 1) is same
            }

    def test_a_school_that_nobody_knows(self, drop: DemoDrop) -> None:
        known = (drop.folder / "schools.csv").read_bytes().decode("cp1252")
        pupils = (drop.folder / "pupils.csv").read_text("utf-8-sig").splitlines()
        fault = next(f for f in drop.faults if f.problem == "unknown_school")
        assert fault.urn not in known
        assert sum(line.startswith(f"{fault.urn},{fault.upn}") for line in pupils) == 1


class TestTruth:
    def test_identities(self, drop: DemoDrop) -> None:
        for windows in drop.truth.values():
            assert set(windows) == {"2024-25", "2025-26"}
            for true in windows.values():
                assert true.absent == true.authorised + true.unauthorised
                assert 0 < true.absent < true.possible
                assert true.late_after <= true.unauthorised
                assert true.sa <= true.pa <= true.pupils

    def test_possible_is_attended_and_absent(self, counts: pd.DataFrame) -> None:
        assert (counts["possible"] == counts["attended"] + counts["absent"]).all()
        assert (counts["pa"] == (counts["absent"] * 10 >= counts["possible"])).all()

    def test_the_import_agrees(self, drop: DemoDrop, tmp_path: Path) -> None:
        summary = import_drop(drop.folder, tmp_path / "register")
        listed = pd.read_csv(
            tmp_path / "register" / "exceptions.csv", dtype=str, keep_default_na=False
        )
        told = set(zip(listed["problem"], listed["urn"], listed["upn"], strict=True))
        assert {(f.problem, f.urn, f.upn) for f in drop.faults} == told
        for urn, windows in drop.truth.items():
            marks, pupils = (
                school_marks(summary.register, urn),
                school_pupils(summary.register, urn),
            )
            for name, (first, last) in {"2024-25": LAST_YEAR, "2025-26": THIS_YEAR}.items():
                totals = pupil_totals(marks, pupils, Window(name, first, last))
                total, true = totals.sum(numeric_only=True), windows[name]
                assert (totals["possible_sessions"] > 0).sum() == true.pupils
                assert total["possible_sessions"] == true.possible
                assert total["authorised_absence"] == true.authorised
                assert total["unauthorised_absence"] == true.unauthorised
                assert total["late_before_close"] == true.late_before
                assert total["late_after_close"] == true.late_after
