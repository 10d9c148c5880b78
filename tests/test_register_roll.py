from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import PUPILS_HEADER, UPNS

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll


def read(tmp_path: Path, *lines: str) -> tuple[pd.DataFrame, list[tuple[int, str, str]]]:
    path = tmp_path / "pupils.csv"
    path.write_text(PUPILS_HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    pupils, found = roll.pupils(path)
    return pupils, [(row.row, row.problem, row.value) for row in found.itertuples()]


GOOD = f"900101,{UPNS[0]},Łuck,Zoë,01/02/2018,F,R,Y,K,,01/09/2022,"


def test_a_row_as_it_should_be(tmp_path: Path) -> None:
    pupils, found = read(tmp_path, GOOD)
    row = pupils.iloc[0]
    assert found == []
    assert (row["surname"], row["forename"], row["year_group"], row["sen"]) == (
        "Łuck",
        "Zoë",
        0,
        "K",
    )
    assert row["fsm"] is True or bool(row["fsm"])
    assert pupils["eal"].isna().all() and pupils["looked_after"].isna().all()
    assert row["admission_date"] == pd.Timestamp("2022-09-01") and pd.isna(row["leaving_date"])


def test_unknown_is_a_third_value(tmp_path: Path) -> None:
    pupils, found = read(
        tmp_path,
        GOOD,
        f"900101,{UPNS[1]},A,B,01/02/2018,M,3,Unknown,,N,01/09/2022,",
        f"900101,{UPNS[2]},A,B,01/02/2018,M,3,N,N,N,01/09/2022,",
    )
    assert found == []
    assert pupils["fsm"].isna().to_list() == [False, True, False]
    assert pupils["fsm"].dropna().to_list() == [True, False]
    assert pupils["sen"].isna().to_list() == [False, True, False]


def test_a_characteristic_that_cannot_be_read_is_unknown_and_listed(tmp_path: Path) -> None:
    pupils, found = read(tmp_path, GOOD.replace(",Y,K,", ",maybe,Q,").replace(",R,", ",eleven,"))
    assert found == [
        (2, "bad_value", "fsm=maybe"),
        (2, "bad_value", "sen=Q"),
        (2, "bad_value", "year_group=eleven"),
    ]
    assert pupils[["fsm", "sen", "year_group"]].isna().to_numpy().all()


def test_dates_that_cannot_be_read(tmp_path: Path) -> None:
    pupils, found = read(
        tmp_path,
        GOOD.replace("01/02/2018", "31/02/2018"),
        GOOD.replace(UPNS[0], UPNS[1]).replace("01/09/2022", "31/09/2022"),
        GOOD.replace(UPNS[0], UPNS[2]) + "01/09/2021",
        GOOD.replace(UPNS[0], UPNS[3]) + "01/09/2024",
    )
    assert set(pupils["upn"]) == {UPNS[0], UPNS[3]}
    assert pupils["dob"].isna().to_list() == [True, False]
    assert found == [
        (2, "bad_date", "31/02/2018"),
        (3, "bad_date", "31/09/2022"),
        (4, "bad_date", "01/09/2022 to 01/09/2021"),
    ]


def test_a_bad_upn_is_kept_and_a_missing_one_is_not(tmp_path: Path) -> None:
    wrong = "Z" + UPNS[1][1:]
    pupils, found = read(tmp_path, GOOD.replace(UPNS[0], wrong.lower()), GOOD.replace(UPNS[0], " "))
    assert pupils["upn"].to_list() == [wrong]
    assert [(row, problem) for row, problem, _ in found] == [(3, "bad_value"), (2, "bad_upn")]


def test_a_row_sent_twice_counts_once(tmp_path: Path) -> None:
    pupils, found = read(tmp_path, GOOD, GOOD)
    assert len(pupils) == 1
    assert [(row, problem) for row, problem, _ in found] == [(3, "repeated_row")]


def test_names_are_kept_to_the_letter(tmp_path: Path) -> None:
    pupils, _ = read(tmp_path, GOOD.replace("Łuck", '"=HYPERLINK(""x"")"').replace("Zoë", "NA"))
    assert pupils.loc[0, ["surname", "forename"]].to_list() == ['=HYPERLINK("x")', "NA"]


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (("01/09/2022", "31/08/2024"), ("01/09/2024", ""), False),
        (("01/09/2022", ""), ("01/09/2024", ""), True),
        (("01/09/2022", "01/09/2024"), ("01/09/2024", ""), True),
        (("", "01/09/2023"), ("01/10/2023", ""), False),
        (("", ""), ("", ""), True),
    ],
)
def test_two_enrolments_overlap_when_they_share_a_day(
    tmp_path: Path, first: tuple[str, str], second: tuple[str, str], overlap: bool
) -> None:
    lines = [
        f"90010{at},{UPNS[0]},A,B,01/02/2018,M,3,N,N,N,{start},{end}"
        for at, (start, end) in enumerate((first, second), start=1)
    ]
    pupils, _ = read(tmp_path, *lines, GOOD.replace(UPNS[0], UPNS[1]))
    assert roll.overlapping_enrolments(pupils).to_list() == [overlap, overlap, False]


def test_schools(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    path.write_text(
        "urn;School;Phase\n900101;St Zoë’s;primary\n9001;No number;Primary\n900101;Again;Primary\n900102;Odd;Forest school\n",
        encoding="utf-8",
    )
    schools, found = roll.schools(path)
    assert schools[["urn", "school_name", "phase"]].to_numpy().tolist() == [
        ["900101", "St Zoë’s", "Primary"],
        ["900102", "Odd", "Forest school"],
    ]
    assert found["problem"].to_list() == ["bad_value", "repeated_row"]


def test_missing_columns_are_named_with_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "pupils.csv"
    path.write_text("URN,Ident,Surname\n900101,x,y\n")
    with pytest.raises(
        RegisterError, match=r"upn \(UPN or Unique pupil number\).*Found: URN, Ident, Surname"
    ):
        roll.pupils(path)
