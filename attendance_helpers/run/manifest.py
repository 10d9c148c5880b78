"""The account of a run: what was made, with what, from what; `run.json`, `summary.csv` and what they hold."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers import __version__
from attendance_helpers.measures.absence import RATES
from attendance_helpers.register.exceptions import safe_for_spreadsheet
from attendance_helpers.register.store import written_whole

RUN: Final = "run.json"
SUMMARY: Final = "summary.csv"
SUMMARY_COLUMNS: Final = (
    *("urn", "school", "phase", "enrolments", "possible_sessions"),
    *("overall_attendance", "overall_absence", "authorised_absence", "unauthorised_absence"),
    *("late_sessions", "late_before_close", "late_after_close", "approved_educational_activity"),
    *("persistently_absent", "severely_absent"),
    *(f"{name}_perc" for name in RATES),
    "status",
)


def json_held(path: Path) -> dict[str, Any]:
    """Return what a file of this program's own holds; nothing where there is none, or it was cut short by a kill."""
    try:
        held: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return held


def run_record(path: Path) -> dict[str, Any]:
    """Return the account that a folder holds; an empty one where there is none or it cannot be read."""
    return json_held(path / RUN)


def write_run(folder: Path, record: Mapping[str, Any]) -> None:
    """Write `run.json`."""
    text = json.dumps(record, ensure_ascii=False, indent=1, default=str)
    written_whole(folder / RUN, text.encode())


def write_summary(folder: Path, rows: pd.DataFrame) -> None:
    """
    Write `summary.csv`: one row a school, `SUMMARY_COLUMNS`.

    Counts are whole sessions and pupils; columns that end `_perc` are per cent, unrounded; `status` is `done`, `failed` or `out of date`.
    """
    table = rows.reindex(columns=list(SUMMARY_COLUMNS))
    for name in ("urn", "school", "phase", "status"):
        texts = ["" if pd.isna(value) else str(value) for value in table[name]]
        table[name] = [safe_for_spreadsheet(text) for text in texts]
    text = table.to_csv(index=False, lineterminator="\r\n")
    written_whole(folder / SUMMARY, text.encode())


def started(**what: Any) -> dict[str, Any]:
    """Return the head of a run's account."""
    return {
        "tool": f"attendance_helpers {__version__}",
        "started": now(),
        "finished": None,
        **what,
    }


def now() -> str:
    """Return the present moment as ISO text in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def file_digests(paths: Iterable[Path]) -> dict[str, str]:
    """Return the fingerprint of each file by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
