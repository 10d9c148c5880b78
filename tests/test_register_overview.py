from __future__ import annotations

from pathlib import Path

import pytest

from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.overview import OVERVIEW, Overview


@pytest.fixture
def register(drop: Path, tmp_path: Path) -> Path:
    """A register with an exception, whose UPN stands on two enrolments at once."""
    with (drop / "pupils.csv").open("a") as lines:
        lines.write("900101,A916200120046,Other,Child,01/01/2018,F,4,Q,N,N,01/09/2025,\n")
    import_drop(drop, tmp_path / "register")
    return tmp_path / "register"


def test_it_holds_what_the_parts_hold(register: Path) -> None:
    held, seen = store.opened(register), Overview.of(register)
    parts = held.files["900101"]
    told = seen.exceptions(parts["exceptions"], lambda: pytest.fail("it is not known"))
    assert told.to_dict("list") == store.school_exceptions(held, "900101").to_dict("list")
    rows = seen.enrolments(parts["pupils"], lambda: pytest.fail("it is not known"))
    pupils = store.school_pupils(held, "900101")
    for name in rows.columns:
        assert rows[name].astype(str).to_list() == pupils[name].astype(str).to_list()


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b"x" + b[1:], lambda b: b""])
def test_a_damaged_one_is_made_anew(register: Path, drop: Path, spoil: object) -> None:
    whole = (register / OVERVIEW).read_bytes()
    report = (register / store.EXCEPTIONS).read_bytes()
    (register / OVERVIEW).write_bytes(spoil(whole))  # type: ignore[operator]
    assert Overview.of(register).held == {}
    assert not import_drop(drop, register).changed
    assert (register / OVERVIEW).read_bytes() == whole
    assert (register / store.EXCEPTIONS).read_bytes() == report


def test_one_that_is_out_of_date_is_not_believed(register: Path, drop: Path) -> None:
    old = (register / OVERVIEW).read_bytes()
    path = drop / "pupils.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    import_drop(drop, register)
    after = (register / store.EXCEPTIONS).read_bytes()
    assert b"duplicate_upn" not in after
    (register / OVERVIEW).write_bytes(old)
    import_drop(drop, register)
    assert (register / store.EXCEPTIONS).read_bytes() == after
