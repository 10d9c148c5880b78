"""The sample drop's answers, exactly: from the import to every figure of every school's workbook and of summary.csv."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from conftest import SHARED
from in_process import in_this_process

from attendance_helpers.measures.groups import group_totals
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.measures.triggers import PRESETS, all_triggers
from attendance_helpers.publish.wording import group_value
from attendance_helpers.register import store
from attendance_helpers.register.calendar import window
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run.packs import PacksRun, packs
from attendance_helpers.run.params import Settings

WINDOW, AS_AT = "2026-09-01..2026-11-20", "2026-11-20"
URNS = ("900101", "900102", "900103", "900104")
COUNTS = {
    "possible": "possible_sessions",
    "absent": "overall_absence",
    "authorised": "authorised_absence",
    "unauthorised": "unauthorised_absence",
    "late_before": "late_before_close",
    "late_after": "late_after_close",
}
# A year-to-date string has one character a mark: of two-character codes it can only say another of the same class.
ONE_CHARACTER = {"C1": "C", "C2": "C", "J1": "M", "YY": "?", **{f"Y{n}": "Y" for n in range(1, 8)}}


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    path = SHARED / "samples" / "truth.json"
    if not path.is_file():
        pytest.skip("the sample drop (../shared/samples) is not beside the project")
    return json.loads(path.read_text("utf-8"))["schools"]


@pytest.fixture(scope="module")
def run(sample_register: Path, tmp_path_factory: pytest.TempPathFactory) -> PacksRun:
    register = store.opened(sample_register)
    out = tmp_path_factory.mktemp("packs")
    with in_this_process():
        return packs(register, Settings(), window=WINDOW, as_at=AS_AT, out=out)


def measured(folder: Path, urn: str) -> pd.DataFrame:
    register = store.opened(folder)
    marks, pupils = store.school_marks(register, urn), store.school_pupils(register, urn)
    return persistence(pupil_totals(marks, pupils, window(WINDOW)))


def assert_answers(totals: pd.DataFrame, answers: dict[str, Any]) -> None:
    """Compare pupils and groups with the answers, every figure."""
    found = totals.set_index("upn")
    assert set(found.index) == set(answers["pupils"])
    for upn, answer in answers["pupils"].items():
        row = found.loc[upn]
        assert {key: int(row[name]) for key, name in COUNTS.items()} == {
            k: answer[k] for k in COUNTS
        }
        assert [row["persistently_absent"], row["severely_absent"]] == [answer["pa"], answer["sa"]]
    names = {"fsm": "fsm", "sen": "sen", "sex": "sex", "year": "year_group"}
    groups = group_totals(totals)
    for key, answer in answers["groups"].items():
        name, _, value = key.partition("=")
        text = {"yes": "True", "no": "False"}.get(value, value)
        same = groups[
            (groups["group"] == names.get(name, "all")) & (groups["value"].astype(str) == text)
        ].iloc[0]
        expected = {**{k: answer[k] for k in COUNTS}, "pupils": answer["pupils"]}
        columns = {**COUNTS, "pupils": "enrolments"}
        assert {key: int(same[name]) for key, name in columns.items()} == expected, key
        assert same["persistently_absent"] == answer["pa"]
        assert same["severely_absent"] == answer["sa"]


@pytest.mark.parametrize("urn", URNS)
def test_measures(sample_register: Path, truth: dict[str, Any], urn: str) -> None:
    assert_answers(measured(sample_register, urn), truth[urn])


def triggers(folder: Path, urn: str) -> pd.DataFrame:
    marks = store.school_marks(store.opened(folder), urn)
    return all_triggers(marks, PRESETS.values(), as_at=dt.date.fromisoformat(AS_AT))


@pytest.mark.parametrize("urn", URNS)
def test_penalty_notice_threshold_of_every_pupil(
    sample_register: Path, truth: dict[str, Any], urn: str
) -> None:
    table = triggers(sample_register, urn)
    rows = table[table["trigger"] == "penalty_notice"]
    found = dict(zip(rows["upn"], rows["first_met"].dt.strftime("%Y-%m-%d"), strict=True))
    answers = {upn: pupil["pn_first_met"] for upn, pupil in truth[urn]["pupils"].items()}
    assert found == {upn: day for upn, day in answers.items() if day is not None}


@pytest.mark.parametrize(
    ("planted", "trigger", "met"),
    [
        ("pn_met_across_summer", "penalty_notice", True),
        ("pn_missed_by_one_week", "penalty_notice", False),
        ("ten_continuous_unauthorised_days", "attendance_return", True),
        ("twenty_scattered_unauthorised_sessions", "attendance_return", False),
        ("twenty_scattered_unauthorised_sessions", "attendance_return_any", True),
        ("sickness_15_days_cumulative", "sickness_return", True),
        ("n_code_older_than_5_school_days", "unresolved_n", True),
    ],
)
@pytest.mark.parametrize("urn", URNS)
def test_planted_triggers(
    sample_register: Path, truth: dict[str, Any], urn: str, planted: str, trigger: str, met: bool
) -> None:
    table = triggers(sample_register, urn)
    found = table[table["upn"] == truth[urn]["planted"][planted]]
    assert (trigger in set(found["trigger"])) is met


@pytest.mark.parametrize("urn", URNS)
def test_every_planted_fault_is_listed(
    sample_register: Path, truth: dict[str, Any], urn: str
) -> None:
    with (sample_register / "exceptions.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["urn"] == urn]
    faults = truth[urn]["faults"]
    assert sum(map(len, faults.values())) >= 12
    for problem, planted in faults.items():
        for upn, *rest in planted:
            same = [row for row in rows if row["problem"] == problem and row["upn"] == upn]
            day = rest[0] if rest else None
            same = [row for row in same if day in {None, row["date"], row["value"]}]
            for key, wanted in zip(("session", "value"), rest[1:], strict=False):
                same = [row for row in same if row[key].strip() == wanted]
            assert same, (problem, upn, rest)
            assert all(row["effect"] and row["file"] and int(row["row"]) > 0 for row in same)


def weeks(marks: pd.DataFrame) -> Iterator[tuple[str, pd.Timestamp, list[str]]]:
    """The marks of each pupil and week in ten places, `-` where there is none."""
    monday = marks["date"] - pd.to_timedelta(marks["date"].dt.day_of_week, unit="D")
    keys = pd.MultiIndex.from_arrays([marks["upn"].astype(str), monday])
    at, found = pd.factorize(keys, sort=True)
    places = np.full((len(found), 10), "-", dtype=object)
    place = marks["date"].dt.day_of_week * 2 + (marks["session"] == "PM")
    places[at, place] = marks["value"].astype(str).str.strip().replace("", "-")
    for (upn, start), row in zip(found, places, strict=True):
        yield upn, start, list(row)


def as_long(marks: pd.DataFrame, path: Path) -> Path:
    table = pd.DataFrame(
        {
            "UPN": marks["upn"],
            "Mark_date": marks["date"].dt.strftime("%d/%m/%Y"),
            "AM/PM": marks["session"],
            "Mark": marks["value"],
        }
    )
    table.to_csv(path.with_suffix(".csv"), index=False)
    return path.with_suffix(".csv")


def as_wide(marks: pd.DataFrame, path: Path) -> Path:
    header = marks["date"].dt.strftime("%d/%m/%Y") + " " + marks["session"].astype(str)
    order = header[marks.sort_values(["date", "session"]).index].unique()
    grid = marks.assign(header=header, upn=marks["upn"].astype(str)).pivot_table(
        index="upn", columns="header", values="value", aggfunc="first"
    )[order]
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("Register")
    for row in (["Register export"], [], ["UPN", *order]):
        page.append(row)
    for upn, row in grid.iterrows():
        page.append([upn, *(None if pd.isna(mark) else mark for mark in row)])
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


def as_weekly(marks: pd.DataFrame, path: Path) -> Path:
    lines = [f"{upn},{start:%d/%m/%Y},{' '.join(places)}" for upn, start, places in weeks(marks)]
    text = "UPN,Week commencing,Marks\r\n" + "\r\n".join(lines) + "\r\n"
    path.with_suffix(".csv").write_bytes(text.encode())
    return path.with_suffix(".csv")


def as_year_to_date(marks: pd.DataFrame, path: Path) -> Path:
    single = marks.assign(value=marks["value"].astype(str).str.strip().replace(ONE_CHARACTER))
    first, last = marks["date"].min(), marks["date"].max()
    first -= pd.Timedelta(days=first.day_of_week)
    mondays = pd.date_range(first, last, freq="W-MON")
    held = {(upn, start): places for upn, start, places in weeks(single)}
    lines = ["upn;start_date;attendance_string"]
    for upn in sorted({upn for upn, _ in held}):
        text = "".join("".join(held.get((upn, day), ["-"] * 10)) for day in mondays)
        lines.append(f"{upn};{first:%Y-%m-%d};{text}")
    path.with_suffix(".csv").write_bytes("\r\n".join(lines).encode())
    return path.with_suffix(".csv")


SHAPES = {
    "long": as_long,
    "wide": as_wide,
    "weekly": as_weekly,
    "year to date": as_year_to_date,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("urn", URNS)
def test_the_same_answers_in_every_shape(
    sample_register: Path, truth: dict[str, Any], tmp_path: Path, urn: str, shape: str
) -> None:
    register = store.opened(sample_register)
    sent = store.stored_marks(register, urn)
    # One row a session can be written in every shape; the rows beside it were set aside already.
    sent = sent[sent["kept"] | sent["problem"].isin(["outside_enrolment", "unknown_pupil"])]
    sent = sent[sent["problem"] != "conflict"].astype({"value": "str"}).reset_index(drop=True)
    drop = tmp_path / "drop"
    drop.mkdir()
    register.schools[register.schools["urn"] == urn].to_csv(drop / "schools.csv", index=False)
    pupils = store.school_pupils(register, urn).drop(columns=["file", "row"])
    pupils.to_csv(drop / "pupils.csv", index=False)
    SHAPES[shape](sent, drop / f"marks_{urn}")
    import_drop(drop, tmp_path / "register")
    assert_answers(measured(tmp_path / "register", urn), truth[urn])


def sheet(run: PacksRun, urn: str, name: str) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(run.folder / urn / "pre_meeting.xlsx")
    header, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("urn", URNS)
def test_workbook_groups(run: PacksRun, truth: dict[str, Any], urn: str) -> None:
    rows = sheet(run, urn, "Groups")
    assert rows[0]["Group"] == "All pupils"
    names = {"all": "All pupils", "fsm": "FSM", "sen": "SEN", "sex": "Sex", "year": "Year group"}
    for key, answer in truth[urn]["groups"].items():
        name, _, text = key.partition("=")
        value: Any = {"yes": True, "no": False}.get(text, int(text) if name == "year" else text)
        wanted = group_value({"year": "year_group"}.get(name, name), value) or None
        row = next(r for r in rows if (r["Group"], r["Value"]) == (names[name], wanted))
        found = (
            *(row["Pupils"], row["Possible sessions"], row["Absent sessions"]),
            *(row["Authorised"], row["Unauthorised"]),
            *(row["Persistently absent"], row["Severely absent"]),
            *(row["Late before close"], row["Late after close"]),
        )
        keys = "pupils possible absent authorised unauthorised pa sa late_before late_after".split()
        assert found == tuple(answer[k] for k in keys), key
        attended = answer["possible"] - answer["absent"]
        rate = 100 * attended / answer["possible"] if answer["possible"] else None
        assert row["Attendance %"] == (rate and pytest.approx(rate, abs=1e-9)), key


@pytest.mark.parametrize("urn", URNS)
def test_workbook_pupils(run: PacksRun, truth: dict[str, Any], urn: str) -> None:
    rows = {row["UPN"]: row for row in sheet(run, urn, "Pupils")}
    assert set(rows) == set(truth[urn]["pupils"])
    flags = {True: "Yes", False: "No", None: None}
    for upn, answer in truth[urn]["pupils"].items():
        row = rows[upn]
        assert row["Possible sessions"] == answer["possible"]
        assert row["Absent sessions"] == answer["absent"]
        assert row["Attended sessions"] == answer["possible"] - answer["absent"]
        assert (row["Authorised"], row["Unauthorised"]) == (
            answer["authorised"],
            answer["unauthorised"],
        )
        lates = row["Late before close"], row["Late after close"]
        assert lates == (answer["late_before"], answer["late_after"])
        assert row["Persistently absent"] == flags[answer["pa"]]
        assert row["Severely absent"] == flags[answer["sa"]]


def test_summary(run: PacksRun, truth: dict[str, Any]) -> None:
    with (run.folder / "summary.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["urn"]: row for row in csv.DictReader(lines)}
    assert set(rows) == set(URNS)
    for urn, row in rows.items():
        answer = truth[urn]["groups"]["all"]
        for key, name in {**COUNTS, "pupils": "enrolments", "pa": "persistently_absent"}.items():
            assert int(row[name]) == answer[key], (urn, key)
        assert int(row["severely_absent"]) == answer["sa"]
        assert (row["school"], row["phase"], row["status"]) == (
            *(truth[urn]["name"], truth[urn]["phase"], "done"),
        )
        rate = 100 * answer["pa"] / answer["pupils"]
        assert float(row["persistently_absent_perc"]) == pytest.approx(rate, abs=1e-9)
