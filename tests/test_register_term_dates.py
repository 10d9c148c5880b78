"""Term dates: what is open, what is closed, whose they are, and what an import does with them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.columns import ColumnMap
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.term_dates import calendar_with, planned_days, term_dates

HEADER = "URN,Name,Kind,First day,Last day\n"
WEEKS = HEADER + ",Autumn 1,Term,07/09/2026,18/09/2026\n"


def read(folder: Path, text: str, name: str = "term_dates.csv") -> tuple[pd.DataFrame, list]:
    path = folder / name
    path.write_text(text, "utf-8")
    rows, found = term_dates(path)
    return rows, found[["row", "value", "problem"]].to_numpy().tolist()


def days(rows: pd.DataFrame, urn: str = "900101") -> list[str]:
    return planned_days(rows, urn)["date"].dt.strftime("%m-%d").to_list()


def calendar(folder: Path, urn: str = "900101") -> list[str]:
    found = store.school_calendar(store.opened(folder), urn)["date"]
    return found.dt.strftime("%Y-%m-%d").to_list()


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_both_days_count_and_weekends_and_closed_days_do_not(tmp_path: Path) -> None:
    rows, found = read(
        tmp_path, WEEKS + ",INSET,INSET,09/09/2026,\n,Fair,closed,17/09/2026,18/09/2026\n"
    )
    assert found == []
    assert days(rows) == ["09-07", "09-08", "09-10", "09-11", "09-14", "09-15", "09-16"]


def test_bank_holidays_are_closed_without_being_listed(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path, HEADER + ",Spring,,25/03/2027,30/03/2027\n,May,,03/05/2027,04/05/2027\n"
    )
    # Good Friday is 26 March 2027, Easter Monday the 29th, May Day the 3rd.
    assert days(rows) == ["03-25", "03-30", "05-04"]


def test_header_names_column_order_and_written_forms_of_other_systems(tmp_path: Path) -> None:
    text = "Dates of terms;;\nEnd date;Start date;Term\n2026-09-08;2026-09-07;Autumn\n;2026-09-10;Autumn\n"
    rows, found = read(tmp_path, text)
    assert (found, days(rows)) == ([], ["09-07", "09-08", "09-10"])


def test_a_column_map_names_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "term_dates.csv"
    path.write_text("Commences,Finishes\n07/09/2026,08/09/2026\n")
    own = ColumnMap(
        "own", columns={"term_dates": {"first_day": "Commences", "last_day": "Finishes"}}
    )
    assert days(term_dates(path, [own])[0]) == ["09-07", "09-08"]


def test_a_list_without_a_last_day_column_is_refused(tmp_path: Path) -> None:
    # Every term would be one day long, and nobody would notice.
    with pytest.raises(RegisterError, match="last_day"):
        read(tmp_path, "Name,First day\nAutumn,07/09/2026\n")


@pytest.mark.parametrize(
    ("kind", "name", "last", "expected"),
    [
        ("Term", "Autumn half term", "11/09/2026", "term"),
        ("", "Autumn", "11/09/2026", "term"),
        ("", "INSET day", "", "closed"),
        ("", "Christmas holiday", "11/09/2026", "closed"),
        ("School closed", "Term", "", "closed"),
        ("non-pupil day", "", "", "closed"),
        # Half term is said of the holiday and of the weeks at school: a fortnight is the holiday.
        ("", "Half term", "22/09/2026", "closed"),
        ("Half-term", "", "23/09/2026", "term"),
    ],
)
def test_kinds(tmp_path: Path, kind: str, name: str, last: str, expected: str) -> None:
    year = ",Year,Term,01/09/2026,16/07/2027\n"
    rows, found = read(tmp_path, f"{HEADER},{name},{kind},07/09/2026,{last}\n{year}")
    assert (rows["kind"].to_list(), found) == ([expected, "term"], [])


def test_rows_that_change_nothing_are_told_of(tmp_path: Path) -> None:
    text = "900101,Own,Term,12/09/2026,13/09/2026\n,INSET,INSET,05/01/2026,\n900109,Fair,closed,08/09/2026,\n"
    rows, found = read(tmp_path, WEEKS + text)
    # A term of a weekend does not take the place of the authority's; a closed day may belong to a term of another file.
    assert [[row, problem] for row, _, problem in found] == [[3, "bad_date"], [4, "bad_value"]]
    assert (rows["kind"].to_list(), len(days(rows))) == (["term", "closed", "closed"], 10)
    easter = ",Easter,Term,26/03/2027,29/03/2027\n,Easter,Term,26/03/2027,30/03/2027\n"
    assert [row for row, *_ in read(tmp_path, HEADER + easter)[1]] == [2]
    path = tmp_path / "closed.csv"
    path.write_text(HEADER + "900109,Fair,closed,08/09/2026,\n")
    assert "closed days without terms" in term_dates(path)[1]["effect"][0]


def test_bad_rows_are_exceptions_and_the_rest_is_used(tmp_path: Path) -> None:
    bad = (
        ",A,Term,31/09/2026,02/10/2026\n"
        ",B,Term,09/10/2026,05/10/2026\n"
        ",C,Term,05/10/2026,09/10/2062\n"
        ",D,Term,,09/10/2026\n"
        ",E,Perhaps,05/10/2026,\n"
        "90,F,Term,05/10/2026,\n"
    )
    rows, found = read(tmp_path, WEEKS + bad + ",Autumn 1,Term,07/09/2026,18/09/2026\n")
    assert len(days(rows)) == 10
    assert sorted(found) == [
        [3, "31/09/2026 to 02/10/2026", "bad_date"],
        [4, "09/10/2026 to 05/10/2026", "bad_date"],
        [5, "05/10/2026 to 09/10/2062", "bad_date"],
        [6, " to 09/10/2026", "bad_date"],
        [7, "Perhaps", "bad_value"],
        [8, "90", "bad_value"],
        [9, "07/09/2026 to 18/09/2026", "repeated_row"],
    ]


def test_own_terms_replace_those_of_all_schools_for_that_year_only(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path,
        WEEKS + ",INSET,INSET,07/09/2026,\n,Next,Term,06/09/2027,07/09/2027\n"
        "900101,Own,Term,07/09/2026,08/09/2026\n900102,INSET,INSET,08/09/2026,\n",
    )
    assert days(rows, "900101") == ["09-07", "09-08", "09-06", "09-07"]
    # Closed days alone are added to the authority's.
    assert days(rows, "900102")[:2] == ["09-09", "09-10"]
    assert days(rows, "900103")[:2] == ["09-08", "09-09"]


def test_years_the_drop_does_not_speak_of_are_kept(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, WEEKS)
    held = pd.DataFrame({"date": pd.to_datetime(["2026-07-20", "2026-10-01"])})
    before = held.copy()
    found = calendar_with(held, rows, "900101")["date"].dt.strftime("%Y-%m-%d").to_list()
    assert found[0] == "2026-07-20"
    assert "2026-10-01" not in found and len(found) == 11
    pd.testing.assert_frame_equal(held, before)
    inset, _ = read(tmp_path, HEADER + ",INSET,INSET,01/10/2026,\n")
    assert calendar_with(held, inset, "900101")["date"].to_list() == [pd.Timestamp("2026-07-20")]


class TestImport:
    def test_term_dates_become_a_part_of_each_school(self, drop: Path, tmp_path: Path) -> None:
        (drop / "term_dates.csv").write_text(WEEKS)
        summary = import_drop(drop, tmp_path / "register")
        assert summary.cautions == ()
        assert calendar(tmp_path / "register")[::9] == ["2026-09-07", "2026-09-18"]

    def test_the_same_drop_twice_changes_nothing(self, drop: Path, tmp_path: Path) -> None:
        (drop / "term_dates.csv").write_text(WEEKS + ",A,Term,31/09/2026,\n900109,B,,07/09/2026,\n")
        import_drop(drop, tmp_path / "register")
        before = tree(tmp_path / "register")
        assert any("calendar" in name for name in before)
        assert not import_drop(drop, tmp_path / "register").changed
        assert tree(tmp_path / "register") == before

    def test_a_register_without_term_dates_has_none(self, drop: Path, tmp_path: Path) -> None:
        register = import_drop(drop, tmp_path / "register").register
        assert store.part_frame(register, "900101", "calendar") is None
        found = store.school_calendar(register, "900101")
        assert found.empty and found["date"].dtype.kind == "M"

    def test_a_later_drop_without_term_dates_keeps_them(self, drop: Path, tmp_path: Path) -> None:
        (drop / "term_dates.csv").write_text(WEEKS)
        import_drop(drop, tmp_path / "register")
        (drop / "term_dates.csv").unlink()
        import_drop(drop, tmp_path / "register")
        assert len(calendar(tmp_path / "register")) == 10

    def test_term_dates_alone_can_follow(self, drop: Path, tmp_path: Path) -> None:
        before = import_drop(drop, tmp_path / "register").register.files["900101"]
        late = tmp_path / "late"
        late.mkdir()
        (late / "Term dates.csv").write_text(WEEKS)
        summary = import_drop(late, tmp_path / "register")
        assert summary.changed and len(calendar(tmp_path / "register")) == 10
        after = summary.register.files["900101"]
        assert {part: after[part] for part in before} == before

    def test_exceptions_stand_in_the_list_until_the_file_comes_again(
        self, drop: Path, tmp_path: Path
    ) -> None:
        def told() -> list[str]:
            listed = pd.read_csv(tmp_path / "register" / "exceptions.csv", dtype=str)
            return sorted(listed.loc[listed["file"] == "term_dates.csv", "problem"])

        (drop / "term_dates.csv").write_text(WEEKS + ",A,Term,31/09/2026,\n900109,B,,07/09/2026,\n")
        import_drop(drop, tmp_path / "register")
        assert told() == ["bad_date", "unknown_school"]
        (drop / "term_dates.csv").rename(tmp_path / "kept.csv")
        import_drop(drop, tmp_path / "register")
        assert told() == ["bad_date", "unknown_school"]
        (drop / "term_dates.csv").write_text(WEEKS)
        import_drop(drop, tmp_path / "register")
        assert told() == []

    def test_a_file_that_cannot_be_used_stops_the_import(self, drop: Path, tmp_path: Path) -> None:
        import_drop(drop, tmp_path / "register")
        before = tree(tmp_path / "register")
        (drop / "term_dates.csv").write_text("What,When\nAutumn,soon\n")
        with pytest.raises(RegisterError, match=r"term_dates\.csv: expected the columns"):
            import_drop(drop, tmp_path / "register")
        assert tree(tmp_path / "register") == before

    def test_a_damaged_calendar_is_made_anew(self, drop: Path, tmp_path: Path) -> None:
        (drop / "term_dates.csv").write_text(WEEKS)
        register = import_drop(drop, tmp_path / "register").register
        (register.folder / register.files["900101"]["calendar"]).write_bytes(b"spoilt")
        import_drop(drop, tmp_path / "register")
        assert len(calendar(tmp_path / "register")) == 10

    def test_a_school_without_pupils_yet_keeps_its_days(self, drop: Path, tmp_path: Path) -> None:
        schools = (drop / "schools.csv").read_text()
        (drop / "schools.csv").write_text(schools + "900102,9162002,Empty School,Primary\n")
        (drop / "term_dates.csv").write_text(WEEKS)
        register = import_drop(drop, tmp_path / "register").register
        assert len(calendar(tmp_path / "register", "900102")) == 10
        assert register.urns == ["900101"]


def test_the_list_of_bank_holidays_is_not_loaded_by_an_import_without_term_dates(
    drop: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from attendance_helpers.register.intake import import_drop; "
        "import_drop(Path(sys.argv[1]), Path(sys.argv[2])); print('holidays' in sys.modules)"
    )
    for expected in ("False", "True"):
        command = [sys.executable, "-c", code, str(drop), str(tmp_path / "register")]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        assert found.stdout.strip() == expected
        (drop / "term_dates.csv").write_text(WEEKS)
