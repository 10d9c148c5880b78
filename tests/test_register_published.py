from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import SHARED
from published_samples import (
    AUTHORITY,
    CODES,
    COLUMNS,
    ENGLAND,
    REGION,
    hidden,
    published_row,
    published_text,
)

from attendance_helpers.errors import ComparatorError
from attendance_helpers.register.published import published_columns, published_rows
from attendance_helpers.register.published_files import column_code, published_files

WEEKS = ("Week 37", "Week 38")


def weekly(year: int = 2025, weeks: tuple[str, ...] = WEEKS) -> list[dict[str, object]]:
    areas = {"England": ENGLAND, "South West": REGION, "Somerset": AUTHORITY}
    return [
        published_row(area, (year, week), possible=size, I=size // 50, O=size // 100, U=1)
        for week in weeks
        for size, area in zip((10_000, 2_000, 1_000), areas.values(), strict=True)
    ]


def only(rows: pd.DataFrame) -> pd.Series:
    assert len(rows) == 1
    return rows.iloc[0]


class TestWeekly:
    def test_a_week_with_its_dates_area_and_counts(self, tmp_path: Path) -> None:
        (tmp_path / "any name.csv").write_text(published_text(weekly()))
        rows = published_rows(tmp_path)
        assert list(rows) == list(published_columns())
        own = rows[(rows["area"] == "Somerset") & (rows["from_date"] == "2025-09-08")]
        row = only(own)
        assert row["to_date"] == pd.Timestamp("2025-09-12")
        assert row[["series", "kind", "school_year", "level", "phase"]].to_list() == [
            *("daily", "week", "2025-26", "Local authority", "Primary")
        ]
        assert row[["area_code", "old_code", "region_code"]].to_list() == [
            *("E06000066", "933", "E12000009")
        ]
        # 1,000 possible: 20 I, 10 O, 1 U missed; 7 L and the U are late.
        assert row[["possible_sessions", "overall_attendance", "overall_absence"]].to_list() == [
            *(1000, 969, 31)
        ]
        assert row[["I", "O", "U", "L", "late_sessions"]].to_list() == [20, 10, 1, 7, 8]
        assert row["enrolments"] == 100.5
        assert row["file"] == "any name.csv"
        assert np.isnan(row["C2"])  # this file has no such column

    @pytest.mark.parametrize(
        ("year", "week", "monday", "school_year"),
        [
            (2025, "Week 37", "2025-09-08", "2025-26"),
            (2026, "Week 4", "2026-01-19", "2025-26"),  # numbered with the year it is in
            ("202526", "Week 4", "2026-01-19", "2025-26"),
            ("202526", "Week 51", "2025-12-15", "2025-26"),
            ("2025/26", "37", "2025-09-08", "2025-26"),
            (2020, "Week 53", "2020-12-28", "2020-21"),
            (2026, "Week 29", "2026-07-13", "2025-26"),
        ],
    )
    def test_weeks_by_their_number(
        self, tmp_path: Path, year: object, week: str, monday: str, school_year: str
    ) -> None:
        (tmp_path / "w.csv").write_text(published_text([published_row(ENGLAND, (year, week))]))
        row = only(published_rows(tmp_path))
        assert (row["from_date"], row["school_year"]) == (pd.Timestamp(monday), school_year)

    def test_a_hidden_row_is_missing_and_not_nought(self, tmp_path: Path) -> None:
        rows = [published_row(ENGLAND, (2025, "Week 37")), hidden(weekly()[2])]
        (tmp_path / "w.csv").write_text(published_text(rows))
        found = published_rows(tmp_path).set_index("area")
        assert found["symbol"].to_dict() == {"England": "", "Somerset": "c"}
        counts = found.loc["Somerset", ["possible_sessions", "overall_absence", "I", "enrolments"]]
        assert counts.isna().all()

    @pytest.mark.parametrize("symbol", ["c", "x", "z", ":", "~", "low", "k", "u", ""])
    def test_every_symbol_of_theirs(self, tmp_path: Path, symbol: str) -> None:
        row = {**weekly()[2], CODES["M"]: symbol}
        (tmp_path / "w.csv").write_text(published_text([row, hidden(weekly()[0], symbol)]))
        found = published_rows(tmp_path).set_index("area")
        assert np.isnan(found.loc["Somerset", "M"])
        assert found.loc["Somerset", "I"] == 20
        assert np.isnan(found.loc["England", "possible_sessions"])

    def test_a_phase_and_an_authority(self, tmp_path: Path) -> None:
        other = {**AUTHORITY, "new_la_code": "E10000008", "la_name": "Devon", "old_la_code": "878"}
        rows = [*weekly(), published_row(other, (2025, "Week 37"))]
        rows += [{**row, "education_phase": "Total"} for row in weekly()]
        (tmp_path / "w.csv").write_text(published_text(rows))
        for area in ("Somerset", "somerset", "933", "E06000066"):
            found = published_rows(tmp_path, phase="All", area=area)
            assert set(found["area"]) == {"England", "South West", "Somerset"}
            assert set(found["phase"]) == {"All"}
            assert len(found) == 6
        assert set(published_rows(tmp_path, area="Somer")["level"]) == {"National", "Regional"}

    def test_an_authority_whose_e_code_changed(self, tmp_path: Path) -> None:
        before = {**AUTHORITY, "new_la_code": "E10000027"}
        (tmp_path / "a.csv").write_text(
            published_text([published_row(before, (2022, "Week 40"), phase="Primary")])
        )
        (tmp_path / "b.csv").write_text(
            published_text([published_row(AUTHORITY, (2023, "Week 40"))])
        )
        found = published_rows(tmp_path, area="E06000066")
        assert found["school_year"].to_list() == ["2022-23", "2023-24"]

    def test_of_two_editions_the_later_one(self, tmp_path: Path) -> None:
        first = [published_row(ENGLAND, (2025, "Week 37"), I=30)]
        later = [
            published_row(ENGLAND, (2025, "Week 37"), I=20),
            published_row(ENGLAND, (2025, "Week 38"), I=10),
        ]
        (tmp_path / "z_first.csv").write_text(published_text(first))
        (tmp_path / "a_later.csv").write_text(published_text(later))
        assert published_rows(tmp_path)["I"].to_list() == [20, 10]


class TestForms:
    """The same rows, as files of other years, programs and hands have them."""

    def same(self, folder: Path, name: str, content: bytes) -> None:
        expected = folder / "expected"
        expected.mkdir()
        (expected / "w.csv").write_text(published_text(weekly()), "utf-8")
        (folder / name).write_bytes(content)
        pd.testing.assert_frame_equal(
            published_rows(folder).drop(columns="file"),
            published_rows(expected).drop(columns="file"),
        )

    def test_quoted_numbers(self, tmp_path: Path) -> None:
        self.same(tmp_path, "w.csv", published_text(weekly(), quoted=True).encode())

    def test_byte_order_mark_and_line_ends(self, tmp_path: Path) -> None:
        text = published_text(weekly()).replace("\r\n", "\n")
        self.same(tmp_path, "w.csv", b"\xef\xbb\xbf" + text.encode())

    def test_gzip_whatever_the_name(self, tmp_path: Path) -> None:
        self.same(tmp_path, "w.csv", gzip.compress(published_text(weekly()).encode()))

    def test_other_column_order(self, tmp_path: Path) -> None:
        text = published_text(weekly(), columns=tuple(reversed(COLUMNS)))
        self.same(tmp_path, "w.csv", text.encode())

    def test_the_phase_as_it_was_called(self, tmp_path: Path) -> None:
        text = published_text(weekly()).replace("education_phase", "school_type")
        self.same(tmp_path, "w.csv", text.encode())

    def test_windows_1252(self, tmp_path: Path) -> None:
        place = {**AUTHORITY, "la_name": "Rhôs"}
        text = published_text([published_row(place, (2025, "Week 37"))])
        (tmp_path / "w.csv").write_bytes(text.encode("cp1252"))
        assert only(published_rows(tmp_path, area="rhôs"))["area"] == "Rhôs"

    def test_a_file_of_few_columns(self, tmp_path: Path) -> None:
        few = ("time_period", "time_identifier", "geographic_level", "country_name")
        columns = (*few, "school_type", "possible_sessions", "overall_absence")
        rows = [{**row, "school_type": "Primary"} for row in weekly()[:1]]
        (tmp_path / "w.csv").write_text(published_text(rows, columns=columns))
        row = only(published_rows(tmp_path))
        assert row["overall_attendance"] == 10_000 - 301
        assert row[["authorised_absence", "I", "enrolments"]].isna().all()

    def test_names_of_code_columns_since_2022(self) -> None:
        names = {
            "reason_t_authorised_grt_absence": "T",
            "reason_t_authorised_mobile_child": "T",
            "reason_c2_authorised_temp_reduced_timetable": "C2",
            "reason_n_no_reason_yet": "N",
            "reason_h_authorised_holiday": "H",
            "reason_present_am": "/",
            "reason_present_pm": "\\",
            "reason_d_aea_dual_registration": "",
            "reason_x_not_attending_covid_non_compulsory": "",
            "reason_y7_unavoidable_cause": "",
            "reason_not_attending_planned_closed": "",
            "reason_present": "",
            "illness_perc": "",
        }
        assert {name: column_code(name) for name in names} == names


def year_to_date(possible: int = 2000, year: object = "202526", **options: object) -> dict:
    row = published_row(ENGLAND, (year, "Academic year"), possible=possible, I=100)
    return {**row, "pa_perc": 13.77, **options}


class TestLongerPeriods:
    def weeks(self, folder: Path, *weeks: str) -> None:
        rows = [published_row(ENGLAND, (2025, week), I=50) for week in weeks]
        (folder / "weekly.csv").write_text(published_text(rows))

    def spans(self, folder: Path, **options: object) -> list[tuple[str, str]]:
        rows = published_rows(folder, **options).query("kind != 'week'")
        return [
            (f"{row['from_date']:%Y-%m-%d}", f"{row['to_date']:%Y-%m-%d}")
            for row in rows.fillna({"to_date": pd.Timestamp("1900-01-01")}).to_dict("records")
        ]

    def test_dates_from_the_weeks_of_the_same_edition(self, tmp_path: Path) -> None:
        self.weeks(tmp_path, "Week 37", "Week 38")
        (tmp_path / "ytd.csv").write_text(published_text([year_to_date()]))
        assert self.spans(tmp_path) == [("2025-09-08", "2025-09-19")]
        assert published_rows(tmp_path)["pa_perc"].to_list()[-1] == 13.77

    def test_weeks_of_another_edition_tell_no_end(self, tmp_path: Path) -> None:
        self.weeks(tmp_path, "Week 37", "Week 38")
        (tmp_path / "ytd.csv").write_text(published_text([year_to_date(36_000)]))
        assert self.spans(tmp_path) == [("2025-09-08", "1900-01-01")]
        until = {"year_to_date_until": dt.date(2026, 7, 10)}
        assert self.spans(tmp_path, **until) == [("2025-09-08", "2026-07-10")]

    def test_an_end_that_the_weeks_contradict(self, tmp_path: Path) -> None:
        self.weeks(tmp_path, "Week 37", "Week 38")
        (tmp_path / "ytd.csv").write_text(published_text([year_to_date(36_000)]))
        with pytest.raises(ComparatorError, match=r"ytd\.csv: expected .* \(2025-09-19\)"):
            published_rows(tmp_path, year_to_date_until=dt.date(2025, 9, 19))

    @pytest.mark.parametrize(
        ("year", "monday"),
        [("202526", "2025-09-08"), ("202425", "2024-09-09"), ("2023/24", "2023-09-11")],
    )
    def test_a_year_without_weeks_begins_on_the_second_monday(
        self, tmp_path: Path, year: str, monday: str
    ) -> None:
        (tmp_path / "ytd.csv").write_text(published_text([year_to_date(year=year)]))
        until = dt.date(2000 + int(year[-2:]), 7, 18)
        assert self.spans(tmp_path, year_to_date_until=until) == [(monday, f"{until}")]
        # Of another school year than the date: not known.
        assert self.spans(tmp_path, year_to_date_until=dt.date(2019, 7, 18)) == [
            (monday, "1900-01-01")
        ]

    def test_the_edition_without_time_identifier(self, tmp_path: Path) -> None:
        columns = [name for name in (*COLUMNS, "pa_perc") if name != "time_identifier"]
        (tmp_path / "ytd.csv").write_text(
            published_text([year_to_date(year="202223")], columns=columns)
        )
        assert only(published_rows(tmp_path))[["kind", "school_year"]].to_list() == [
            *("year to date", "2022-23")
        ]

    def test_a_term(self, tmp_path: Path) -> None:
        self.weeks(tmp_path, "Week 50", "Week 51")
        term = {**year_to_date(), "time_identifier": "Autumn term"}
        (tmp_path / "aut.csv").write_text(published_text([term]))
        assert self.spans(tmp_path) == [("2025-12-08", "2025-12-19")]

    def test_of_two_years_to_date_the_fuller(self, tmp_path: Path) -> None:
        (tmp_path / "b.csv").write_text(published_text([year_to_date(1000)]))
        (tmp_path / "a.csv").write_text(published_text([year_to_date(2000)]))
        assert only(published_rows(tmp_path))["file"] == "a.csv"


class TestFolder:
    @pytest.mark.parametrize("made", [True, False])
    def test_nothing_there(self, tmp_path: Path, made: bool) -> None:
        folder = tmp_path / "comparators"
        if made:
            folder.mkdir()
        rows = published_rows(folder)
        assert rows.empty
        assert list(rows) == list(published_columns())
        assert rows["from_date"].dtype == "datetime64[s]"
        assert rows["possible_sessions"].dtype == "float64"

    def test_what_is_passed_over_and_why(self, tmp_path: Path) -> None:
        (tmp_path / "README.md").write_text("Put DfE's files here.")
        (tmp_path / "release.zip").write_bytes(b"PK\x03\x04")
        (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
        daily = [{**row, "attendance_date": "2025-09-08"} for row in weekly()]
        (tmp_path / "daily.csv").write_text(published_text(daily))
        fsm = [{**row, "fsm_status": "FSM"} for row in weekly()]
        (tmp_path / "aut_fsm.csv").write_text(published_text(fsm))
        (tmp_path / "reasons.csv").write_text("time_period,geographic_level,attendance_reason\n")
        (tmp_path / "weekly.csv").write_text(published_text(weekly()))
        notes = {file.path.name: file.note for file in published_files(tmp_path)}
        assert notes.pop("weekly.csv") == ""
        assert all(notes.values())
        assert "one row a day" in notes["daily.csv"]
        assert "groups of pupils (fsm_status)" in notes["aut_fsm.csv"]
        assert set(published_rows(tmp_path)["file"]) == {"weekly.csv"}

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (("possible_sessions", 5000), "together, found 5000 and 10000"),
            (("overall_absence", "many"), "numbers or DfE's symbols"),
            (("possible_sessions", "1,000"), "symbols, in possible_sessions, found '1,000'"),
            (("education_phase", "Nursery"), "the phase Primary, .*, found Nursery"),
            (("geographic_level", "Ward"), "found Ward"),
            (("time_identifier", "Week 60"), "a week .*, found '2025' and 'week 60'"),
            (("time_identifier", "Monday"), "found '2025' and 'monday'"),
            (("time_period", "last year"), "found 'last year'"),
        ],
    )
    def test_a_file_that_is_not_understood(
        self, tmp_path: Path, change: tuple[str, object], message: str
    ) -> None:
        row = {**weekly()[0], change[0]: change[1]}
        (tmp_path / "odd.csv").write_text(published_text([row]))
        with pytest.raises(ComparatorError, match=rf"^odd\.csv: expected .*{message}.*Download"):
            published_rows(tmp_path)

    def test_a_column_that_is_needed(self, tmp_path: Path) -> None:
        columns = [c for c in COLUMNS if c not in {"overall_absence", "education_phase"}]
        (tmp_path / "odd.csv").write_text(published_text(weekly(), columns=columns))
        with pytest.raises(ComparatorError, match="columns overall_absence, education_phase"):
            published_rows(tmp_path)

    def test_several_rows_for_one_area_and_week(self, tmp_path: Path) -> None:
        rows = [published_row(ENGLAND, (2025, "Week 37"), I=sick) for sick in (10, 20)]
        (tmp_path / "odd.csv").write_text(published_text(rows))
        with pytest.raises(ComparatorError, match="one row for each area, phase and period"):
            published_rows(tmp_path)
        (tmp_path / "odd.csv").write_text(published_text([rows[0], rows[0]]))
        assert len(published_rows(tmp_path)) == 1

    @pytest.mark.parametrize(
        "content", [b"", b"\x1f\x8bbroken", gzip.compress(published_text(weekly()).encode())[:-40]]
    )
    def test_a_file_that_cannot_be_opened(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "cut.csv").write_bytes(content)
        with pytest.raises(ComparatorError, match=r"^cut\.csv: expected .* Download it again"):
            published_rows(tmp_path)


class TestRealFiles:
    """DfE's own files that stand beside the project, added up a second way."""

    @pytest.fixture(scope="class")
    @classmethod
    def rows(cls, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
        found = sorted((SHARED / "data").glob("EES_*")) if SHARED.is_dir() else []
        if len(found) < 2:
            pytest.skip("DfE's own files (../shared/data) are not beside the project")
        folder = tmp_path_factory.mktemp("comparators")
        for file in found:
            (folder / file.name).symlink_to(file)
        return published_rows(folder, year_to_date_until=dt.date(2026, 7, 10))

    def test_rows_and_dates(self, rows: pd.DataFrame) -> None:
        assert rows["kind"].value_counts().to_dict() == {"week": 5146, "year to date": 647}
        assert (rows["symbol"] == "c").sum() == 49
        longer = rows[rows["kind"] == "year to date"]
        assert set(longer["from_date"]) == {pd.Timestamp("2025-09-08")}
        assert set(longer["to_date"]) == {pd.Timestamp("2026-07-10")}

    def test_published_percentages_from_the_counts(self, rows: pd.DataFrame) -> None:
        paths = sorted((SHARED / "data").glob("EES_*"))
        raw = pd.concat(
            [pd.read_csv(path, na_values=["c"], dtype={"old_la_code": "str"}) for path in paths]
        )
        raw = raw[["possible_sessions", "overall_absence_perc", "illness_perc"]].dropna()
        ours = rows.dropna(subset=["possible_sessions"])
        ours = ours.assign(
            overall_absence_perc=100 * ours["overall_absence"] / ours["possible_sessions"],
            illness_perc=100 * ours["I"] / ours["possible_sessions"],
        )[list(raw)]
        order = list(raw)
        np.testing.assert_allclose(
            ours.sort_values(order).to_numpy(), raw.sort_values(order).to_numpy(), rtol=1e-9
        )

    def test_identities(self, rows: pd.DataFrame) -> None:
        held = rows[rows["symbol"] == ""]
        codes = held[["G", "U", "O", "N"]].sum(axis=1)
        assert (codes == held["unauthorised_absence"]).all()
        present = held[["/", "\\", "L", "B", "P", "V", "W", "K", "J"]].sum(axis=1)
        assert (present == held["overall_attendance"]).all()
        assert (held["late_sessions"] == held["L"] + held["U"]).all()

    def test_known_figures(self, rows: pd.DataFrame) -> None:
        own = rows[(rows["kind"] == "year to date") & (rows["phase"] == "Secondary")]
        pa = own.set_index("area")["pa_perc"]
        assert round(pa["England"], 2) == 23.77
        assert round(pa["Devon"], 2) == 27.81
        assert round(pa["South Tyneside"], 2) == 27.39
