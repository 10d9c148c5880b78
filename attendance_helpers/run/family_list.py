"""What a school's folder keeps of its family documents: an account without names, and the officer's private list of references."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.exceptions import safe_for_spreadsheet
from attendance_helpers.register.store import written_whole
from attendance_helpers.run.family_jobs import FamilyOutcome

ACCOUNT: Final = "family.json"
LIST: Final = "family_references.csv"
LIST_COLUMNS: Final = ("reference", "upn", "surname", "forename", "year_group", "made", "files")
_MARK: Final = "\ufeff"  # without it Excel reads names in another alphabet as something else
_PARTED: Final = " "  # no file's name holds it


def family_account(place: Path, urn: str) -> dict[str, Any]:
    """Return the account in a school's folder; a new one where there is none or it cannot be read."""
    try:
        held = json.loads((place / ACCOUNT).read_text("utf-8"))
        if isinstance(held["references"], dict) and held["urn"] == urn:
            return dict(held)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return {"urn": urn, "references": {}}


def files_as_made(account: Mapping[str, Any], reference: str) -> dict[str, str]:
    """Return the fingerprints of a reference's files as they were made, by name."""
    held = account["references"].get(reference, {})
    return dict(held.get("files", {}))


def with_outcome(
    account: Mapping[str, Any], outcome: FamilyOutcome, *, window: str, as_at: str, made: str
) -> dict[str, Any]:
    """Return the account with what became of one pupil's documents; files of earlier runs stay in it."""
    if outcome.status != "done":
        return dict(account)
    files = {**files_as_made(account, outcome.reference), **outcome.files}
    entry = {"made": made, "window": window, "as_at": as_at, "files": dict(sorted(files.items()))}
    references = {**account["references"], outcome.reference: entry}
    return {**account, "references": dict(sorted(references.items()))}


def write_account(place: Path, account: Mapping[str, Any]) -> None:
    """Write `family.json`: references, fingerprints and dates, and nothing of any pupil."""
    text = json.dumps(account, ensure_ascii=False, indent=1)
    written_whole(place / ACCOUNT, text.encode())


def list_rows(pupils: pd.DataFrame, account: Mapping[str, Any]) -> list[dict[str, str]]:
    """
    Return the rows of the private list of pupils who have documents.

    Parameters
    ----------
    pupils : one row a pupil with `reference`, `upn`, `surname`, `forename`, `year_group`
    account : says which of them have files, and since when
    """
    rows = []
    for pupil in pupils.to_dict("records"):
        held = account["references"].get(pupil["reference"])
        if held is not None:
            year = pupil["year_group"]
            rows.append(
                {
                    **{name: _text(pupil[name]) for name in LIST_COLUMNS[:4]},
                    "year_group": "" if pd.isna(year) else str(int(year)),
                    "made": held["made"],
                    "files": _PARTED.join(held["files"]),
                }
            )
    return rows


def write_list(place: Path, rows: Iterable[Mapping[str, str]]) -> str:
    """
    Write the private list, which only this account can read; rows of earlier runs stay in it.

    Returns
    -------
    the name under which a list is kept that is not one of ours any more; empty where it was
    """
    path = place / LIST
    before = _held(path)
    aside = "" if before is not None else _set_aside(path)
    new = {row["reference"]: dict(row) for row in rows}
    merged = {**{row["reference"]: row for row in before or ()}, **new}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(LIST_COLUMNS)
    order = [*("surname", "forename", "upn", "reference")]
    for row in sorted(merged.values(), key=lambda row: [row[name].casefold() for name in order]):
        writer.writerow([_cell(name, row[name]) for name in LIST_COLUMNS])
    content = (_MARK + text.getvalue()).encode("utf-8", "replace")
    written_whole(path, content, mode=0o600)  # for the officer alone
    return aside


def _held(path: Path) -> list[dict[str, str]] | None:
    """Return the rows of the list as it stands; None where the file is another."""
    if not path.exists():
        return []
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # saved by a spreadsheet
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not set(LIST_COLUMNS) <= set(reader.fieldnames or ()):
        return None
    rows = [{name: row[name] or "" for name in LIST_COLUMNS} for row in reader]
    return [row for row in rows if row["reference"]]


def _set_aside(path: Path) -> str:
    free = (path.with_stem(f"{path.stem}_{number}") for number in itertools.count(1))
    aside = next(place for place in free if not place.exists())
    path.replace(aside)
    return aside.name


def _cell(name: str, text: str) -> str:
    # A year group below reception is a number with a sign, and no formula.
    number = name == "year_group" and text.removeprefix("-").isdigit()
    return text if number else safe_for_spreadsheet(text)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
