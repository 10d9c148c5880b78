"""Small made-up registers, written as strings that can be counted by hand."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pytest
from libreoffice_fill import Office, why_not

from attendance_helpers.register.calendar import Window
from attendance_helpers.register.checks import checked_marks
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.marks import stacked_marks
from attendance_helpers.register.roll import PUPIL_COLUMNS, typed_pupils

# Whoever starts a command in the background may have it ignore Ctrl-C, and all that it starts as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
# Well-formed UPNs with right check letters.
UPNS = ("A916200120046", "B916200123069", "N916200124091", "C916200122113", "G916200123136")

SCHOOLS_CSV = "URN,LAESTAB,School name,Phase\n900101,9162001,Test Primary School,Primary\n"
# Begun first, the slowest at the head: where the last file of a run is a slow one, the other worker waits for it.
SLOW_FILES = (
    *("test_run_trouble", "test_run_engine", "test_packs", "test_notebooks", "test_run_cluster"),
    *("test_spoiled_workbooks", "test_shareable_pack", "test_run_engine_isolation"),
    *("test_run_family", "test_family_documents", "test_family_return", "test_family_browser"),
    *("test_sample_answers", "test_run_record_meetings", "test_record_crash", "test_libreoffice"),
    *("test_run_record_family", "test_publish_form_pdf", "test_publish_form_html", "test_cli"),
    *("test_measures_triggers_properties", "test_pack_form", "test_pack_edges"),
    *("test_register_kills", "test_register_turn_hands"),
)
PUPILS_HEADER = (
    "URN,UPN,Surname,Forename,DOB,Sex,Year group,FSM,SEN,EAL,Admission date,Leaving date\n"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow files first; all others stay in their order."""
    place = {name: at for at, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(scope="session")
def sample_drop() -> Path:
    """The register drop with known answers that stands beside the project."""
    drop = SHARED / "samples" / "drop"
    if not drop.is_dir():
        pytest.skip("the sample drop (../shared/samples) is not beside the project")
    return drop


@pytest.fixture(scope="session")
def sample_register(sample_drop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register that the sample drop gives."""
    folder = tmp_path_factory.mktemp("sample") / "register"
    import_drop(sample_drop, folder)
    return folder


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A small drop without faults: one school, three pupils, one week."""
    return small_drop(tmp_path / "drop")


@pytest.fixture(scope="session")
def drop_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register of the small drop, imported once: a test that writes takes a copy."""
    folder = tmp_path_factory.mktemp("small")
    import_drop(small_drop(folder / "drop"), folder / "register")
    return folder / "register"


def small_drop(folder: Path) -> Path:
    """Write the small drop into a new folder."""
    folder.mkdir()
    (folder / "schools.csv").write_text(SCHOOLS_CSV)
    lines = [
        f"900101,{upn},Surname{n},Forename{n},0{n}/05/2018,F,3,Y,N,N,01/09/2025,"
        for n, upn in enumerate(UPNS[:3], start=1)
    ]
    (folder / "pupils.csv").write_text(PUPILS_HEADER + "\n".join(lines) + "\n")
    (folder / "marks_900101.csv").write_text(
        "UPN,Week commencing,Marks\n"
        f"{UPNS[0]},07/09/2026,/ \\ / \\ / \\ / \\ / \\\n"
        f"{UPNS[1]},07/09/2026,I I / \\ / \\ / \\ / \\\n"
        f"{UPNS[2]},07/09/2026,O U L \\ / \\ / \\ / \\\n"
    )
    return folder


@pytest.fixture
def marks_of() -> Callable[..., pd.DataFrame]:
    """Return classed marks of pupils p1, p2, ... from strings such as "/\\ II //", ten characters a week, spaces passed over."""

    def made(
        *strings: str, start: str = "2026-09-07", **enrolments: tuple[str, str]
    ) -> pd.DataFrame:
        frames = []
        for number, text in enumerate(strings, start=1):
            values = list(text.replace(" ", ""))
            days = pd.bdate_range(start, periods=(len(values) + 1) // 2).repeat(2)[: len(values)]
            frames.append(
                pd.DataFrame(
                    {
                        "file": "marks.csv",
                        "row": range(2, len(values) + 2),
                        "urn": "900101",
                        "upn": f"p{number}",
                        "date": days.astype("datetime64[s]"),
                        "session": [at % 2 for at in range(len(values))],
                        "value": values,
                    }
                )
            )
        sent = stacked_marks(frames)
        pupils = roll_of(len(strings), **enrolments)
        checked = checked_marks(sent, pupils)
        kept = checked[checked["kept"]].reset_index(drop=True)
        session = pd.Categorical.from_codes(kept["session"], categories=["AM", "PM"])
        return kept.assign(session=session)

    return made


def roll_of(number: int, **enrolments: tuple[str, str]) -> pd.DataFrame:
    """Return pupils p1, p2, ...; `p2=("2026-09-08", "")` gives one its admission and leaving dates."""
    rows = [
        {
            **dict.fromkeys(PUPIL_COLUMNS),
            "urn": "900101",
            "upn": f"p{at}",
            "surname": f"Surname{at}",
            "forename": f"Forename{at}",
            "year_group": 3,
            "file": "pupils.csv",
            "row": at + 1,
            "admission_date": enrolments.get(f"p{at}", ("", ""))[0] or None,
            "leaving_date": enrolments.get(f"p{at}", ("", ""))[1] or None,
        }
        for at in range(1, number + 1)
    ]
    frame = pd.DataFrame(rows, columns=list(PUPIL_COLUMNS))
    for name in ("dob", "admission_date", "leaving_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return typed_pupils(frame)


@pytest.fixture
def week() -> Window:
    """The week of the small registers."""
    return Window("week", pd.Timestamp("2026-09-07").date(), pd.Timestamp("2026-09-11").date())


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser that pages are checked with."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or without("chromium is not installed")


def without(lack: str) -> NoReturn:
    """Leave a test for want of a program; where every check has to run, that is a failure."""
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(f"CI cannot do without: {lack}")
    pytest.skip(f"{lack} (python dev.py setup installs it where it may)")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """The browser, running without a screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=chromium)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """LibreOffice, running without a screen, with a profile of its own: one for each module of tests."""
    if lack := why_not():
        without(lack)
    with Office() as running:
        yield running
