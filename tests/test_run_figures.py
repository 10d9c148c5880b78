"""Figures of all schools: kept beside the packs, counted anew only for schools that changed, the same whatever was kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import PUPILS_HEADER, UPNS

from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window, window
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run import figures as module
from attendance_helpers.run.authority import PARTS, authority_figures, authority_figures_saved
from attendance_helpers.run.figures import FIGURES, RunFigures, run_figures
from attendance_helpers.run.inputs import school_inputs
from attendance_helpers.run.params import Settings, checked_settings
from attendance_helpers.run.workers import Hands

SPAN: Window = window("2026-09-07..2026-09-18")
URNS = ("900101", "900102", "900103")


def weeks(urn: str, marks: str) -> str:
    return f"UPN,Week commencing,Marks\n{UPNS[URNS.index(urn)]},07/09/2026,{marks}\n"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """Two primary schools and a secondary one, a pupil each."""
    drop = tmp_path / "drop"
    drop.mkdir()
    phases = ("Primary", "Primary", "Secondary")
    rows = [f"{urn},School {urn},{phase}" for urn, phase in zip(URNS, phases, strict=True)]
    (drop / "schools.csv").write_text("URN,School name,Phase\n" + "\n".join(rows) + "\n")
    pupils = [
        f"{urn},{UPNS[at]},Hale,Ann,01/05/2018,F,3,Y,N,N,01/09/2025," for at, urn in enumerate(URNS)
    ]
    (drop / "pupils.csv").write_text(PUPILS_HEADER + "\n".join(pupils) + "\n")
    for urn in URNS:
        (drop / f"marks_{urn}.csv").write_text(weeks(urn, "/ \\ / \\ I I / \\ / \\"))
    import_drop(drop, tmp_path / "r")
    return tmp_path / "r"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The schools that were counted, in turn."""
    found: list[str] = []
    count = module.school_figures

    def noted(register: store.Register, urn: str, *rest: Any) -> Any:
        found.append(urn)
        return count(register, urn, *rest)

    monkeypatch.setattr(module, "school_figures", noted)
    return found


class Nobody(Hands):
    """Hands that note for how many packs they are to get ready, and must make nothing: few schools need no workers."""

    def __init__(self) -> None:
        super().__init__(0)
        self.told: list[int] = []

    def ready(self, jobs: int) -> None:
        self.told.append(jobs)

    def __call__(self, make: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Any]:
        raise AssertionError("few schools need no workers")


def figures_of(
    register: Path, out: Path, settings: Settings | None = None, hands: Hands | None = None
) -> RunFigures:
    out.mkdir(exist_ok=True)
    hands = hands or Nobody()
    return run_figures(store.opened(register), SPAN, settings or Settings(), out, hands=hands)


def changed(register: Path, tmp_path: Path, urn: str) -> None:
    """Import other marks of one school."""
    drop = tmp_path / f"again-{urn}"
    drop.mkdir()
    (drop / f"marks_{urn}.csv").write_text(weeks(urn, "O O O O O O O O O O"))
    import_drop(drop, register)


def assert_equal(found: RunFigures, register: Path) -> None:
    """Hold that what is shared equals what is counted from nothing."""
    saved = authority_figures_saved(found.folder)
    fresh = authority_figures(store.opened(register), SPAN, Settings())
    for part in PARTS:
        pd.testing.assert_frame_equal(
            getattr(saved, part), getattr(fresh, part), check_dtype=False, check_categorical=False
        )
    pd.testing.assert_frame_equal(found.totals, saved.totals)


def test_they_are_counted_once(register: Path, tmp_path: Path, counted: list[str]) -> None:
    first = figures_of(register, tmp_path / "o")
    assert counted == list(URNS)
    assert_equal(first, register)
    again = figures_of(register, tmp_path / "o")
    assert counted == list(URNS) and again.folder == first.folder and again.phases == first.phases


def test_workers_get_ready_while_schools_are_counted(register: Path, tmp_path: Path) -> None:
    hands = Nobody()
    figures_of(register, tmp_path / "o", hands=hands)
    assert hands.told == [1]
    figures_of(register, tmp_path / "o", hands=hands)
    assert hands.told == [1]  # nothing to count, so there may be nothing to make


def test_only_a_school_that_changed_is_counted_again(
    register: Path, tmp_path: Path, counted: list[str]
) -> None:
    first = figures_of(register, tmp_path / "o")
    counted.clear()
    changed(register, tmp_path, "900102")
    second = figures_of(register, tmp_path / "o")
    assert counted == ["900102"]
    assert_equal(second, register)
    # The phase of the school that changed, and no other.
    assert second.phases["Primary"] != first.phases["Primary"]
    assert second.phases["Secondary"] == first.phases["Secondary"]
    held = [path.name for path in (tmp_path / "o" / FIGURES).iterdir() if path.is_dir()]
    assert held == [second.folder.name]


def test_packs_are_made_again_where_a_school_beside_them_changed(
    register: Path, tmp_path: Path
) -> None:
    def inputs() -> dict[str, str]:
        found = figures_of(register, tmp_path / "o")
        every = school_inputs(store.opened(register), Settings(), found, (SPAN.name,))
        return {urn: one["meeting"] for urn, one in every.items()}

    before = inputs()
    changed(register, tmp_path, "900102")
    after = inputs()
    assert {urn for urn in URNS if before[urn] != after[urn]} == {"900101", "900102"}


def test_thresholds_and_dates_are_part_of_what_is_kept(
    register: Path, tmp_path: Path, counted: list[str]
) -> None:
    figures_of(register, tmp_path / "o")
    counted.clear()
    settings = checked_settings({"thresholds": {"persistent_perc": 15}}, where="here")
    figures_of(register, tmp_path / "o", settings)
    assert counted == list(URNS)


@pytest.mark.parametrize("harm", ["index", "file", "part", "folder"])
def test_what_is_damaged_is_counted_again(
    register: Path, tmp_path: Path, counted: list[str], harm: str
) -> None:
    first = figures_of(register, tmp_path / "o")
    counted.clear()
    if harm == "index":
        (tmp_path / "o" / FIGURES / "index.json").write_text('{"schools": ')
    elif harm == "file":
        (first.folder / "totals.parquet").unlink()
    elif harm == "part":
        (first.folder / "schools" / "days.parquet").write_bytes(b"PAR1")
    else:
        shutil.rmtree(first.folder)
    assert_equal(figures_of(register, tmp_path / "o"), register)
    assert counted == list(URNS)


def test_a_school_that_cannot_be_read_is_left_out_and_tried_again(
    register: Path, tmp_path: Path, counted: list[str]
) -> None:
    held = json.loads((register / "register.json").read_text("utf-8"))
    path = register / held["files"]["900103"]["marks"]
    whole = path.read_bytes()
    path.write_bytes(b"PAR1 no longer")
    assert sorted(figures_of(register, tmp_path / "o").totals["urn"]) == ["900101", "900102"]
    path.write_bytes(whole)
    counted.clear()
    assert_equal(figures_of(register, tmp_path / "o"), register)
    assert counted == ["900103"]


def test_frames_that_a_notebook_changes_are_its_own(register: Path, tmp_path: Path) -> None:
    folder = figures_of(register, tmp_path / "o").folder
    first = authority_figures_saved(folder).totals
    first.loc[:, "enrolments"] = -1
    first["more"] = 1
    second = authority_figures_saved(folder).totals
    assert (second["enrolments"] == 1).all() and "more" not in second
