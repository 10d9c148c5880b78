"""
The register on disk: Parquet, one set of files a school, and one small list of which files are in force.

`register.json` is the only file that is ever replaced, and it is replaced in one step: a reader finds the old register or the new one,
never half of either. Files that it does not name are removed when an import has succeeded: a `Register` that was opened before has to be
opened again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.exceptions import (
    EXCEPTION_COLUMNS,
    safe_for_spreadsheet,
    sorted_exceptions,
)
from attendance_helpers.register.family_frames import FAMILY_COLUMNS, no_family, typed_family
from attendance_helpers.register.lock import writing as writing
from attendance_helpers.register.meeting_frames import (
    ACTION_COLUMNS,
    MEETING_COLUMNS,
    no_actions,
    no_meetings,
    typed_actions,
    typed_meetings,
)
from attendance_helpers.register.overview import OVERVIEW, Overview
from attendance_helpers.register.roll import PUPIL_COLUMNS, SCHOOL_COLUMNS, typed_pupils
from attendance_helpers.register.support_form import FROM_MEETINGS, SUPPORT_COLUMNS
from attendance_helpers.register.support_history import no_support, typed_support
from attendance_helpers.register.whole_files import synced_files, synced_folders, written_whole

INDEX: Final = "register.json"
EXCEPTIONS: Final = "exceptions.csv"
FORMAT: Final = 1
PARTS: Final = ("marks", "pupils", "exceptions")
NEEDED: Final[Mapping[str, set[str]]] = {
    "marks": {"upn", "date", "session", "code", "mark_class", "kept"},
    "pupils": set(PUPIL_COLUMNS),
    "exceptions": set(EXCEPTION_COLUMNS),
    "calendar": {"date"},  # planned school days; only where a drop held term dates
    # Only where something was recorded; no drop can make them anew.
    "support": set(SUPPORT_COLUMNS) - set(FROM_MEETINGS),
    "meetings": set(MEETING_COLUMNS),
    "actions": set(ACTION_COLUMNS),
    "family": set(FAMILY_COLUMNS),
}
RECORDS: Final = frozenset({"support", "meetings", "actions", "family"})
MARK_COLUMNS: Final = ("upn", "date", "session", "code", "mark_class")


@dataclass(frozen=True)
class Register:
    """
    A register as it stood when it was opened.

    `schools` is one row a school (`SCHOOL_COLUMNS`); `files` names, for each URN, the file of each part; `imports` lists the imports
    that changed something, oldest first.
    """

    folder: Path
    schools: pd.DataFrame
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shared: str = ""  # the file of exceptions that belong to no school
    imports: tuple[Mapping[str, Any], ...] = ()

    @property
    def urns(self) -> list[str]:
        """The schools that have marks, in the order of the schools' list."""
        return [urn for urn in self.schools["urn"] if "marks" in self.files.get(urn, {})]

    def school(self, urn: str) -> pd.Series:
        """
        Return the row of one school.

        Raises
        ------
        RegisterError
            when the register holds no school with that number
        """
        if urn not in self._places:
            raise RegisterError(
                f"School {urn!r}: expected the number (URN) of a school in the register at {self.folder}, found none. "
                f"It holds: {_listed(self.schools['urn'])}."
            )
        return self.schools.iloc[self._places[urn]]

    @cached_property
    def _places(self) -> dict[str, int]:
        """The first row of each school in the list."""
        urns = self.schools["urn"].tolist()
        return {urn: urns.index(urn) for urn in urns}

    @cached_property
    def rows(self) -> dict[str, dict[str, str]]:
        """Return the row of each school of the list, by its number."""
        return {row["urn"]: row for row in self.schools.to_dict("records")}

    def digest(self, urn: str) -> str:
        """Return the fingerprint of all that the register holds of one school: of a part the file's name says what it holds."""
        held = (sorted(self.files.get(urn, {}).items()), sorted(self.rows.get(urn, {}).items()))
        return hashlib.sha256(repr(held).encode()).hexdigest()


def opened(folder: Path) -> Register:
    """
    Open the register in a folder.

    Raises
    ------
    RegisterError
        when there is none, or it was written by a version that this one does not read
    """
    index = folder / INDEX
    if not index.exists():
        raise RegisterError(
            f"{folder}: expected a register ({INDEX}), found none. Make one with: attendance import DROP --register {folder}"
        )
    try:
        held = json.loads(index.read_text("utf-8"))
        version = held["format"]
        if version == FORMAT:
            schools = pd.DataFrame(held["schools"], columns=list(SCHOOL_COLUMNS), dtype=str)
            return Register(folder, schools, held["files"], held["shared"], tuple(held["imports"]))
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as problem:
        raise RegisterError(
            f"{index}: expected the list of a register's files, found something else. Import the drops again into a new folder."
        ) from problem
    raise RegisterError(
        f"{index}: expected register format {FORMAT}, found {version}. Import the drops again into a new folder."
    )


def school_marks(register: Register, urn: str) -> pd.DataFrame:
    """
    Return the marks of one school that count or could have: one row a pupil, date and session.

    Columns: `upn` (categorical), `date` (datetime), `session` (categorical AM, PM), `code` (categorical), `mark_class` (categorical,
    one of `MARK_CLASSES`). Sorted by pupil, date and session. Rows outside an enrolment, of unknown pupils and repeated ones are not
    among them; `stored_marks` has every row that was sent.
    """
    return kept_marks(register, urn, MARK_COLUMNS).to_pandas()


def kept_marks(register: Register, urn: str, columns: Iterable[str]) -> pa.Table:
    """Return some columns of the rows of `school_marks`, as they are stored; quicker where few are wanted."""
    table = _read(register, urn, "marks", columns=[*columns, "kept"])
    return table.filter(table["kept"]).drop_columns(["kept"])


def stored_marks(register: Register, urn: str) -> pd.DataFrame:
    """Return every mark that was sent for one school, with the file and row it came from, its class and its problem."""
    return _read(register, urn, "marks").to_pandas()


def school_pupils(register: Register, urn: str) -> pd.DataFrame:
    """Return the enrolments of one school: one row an enrolment, columns `PUPIL_COLUMNS`."""
    return typed_pupils(_read(register, urn, "pupils").to_pandas())


def school_exceptions(register: Register, urn: str) -> pd.DataFrame:
    """Return the exceptions of one school: its rows of `exceptions.csv`."""
    found = _read(register, urn, "exceptions").to_pandas()
    listed = list(EXCEPTION_COLUMNS)
    return found if found.columns.tolist() == listed else found[listed]


def school_calendar(register: Register, urn: str) -> pd.DataFrame:
    """Return the days on which one school plans to be open, one row a `date`, earliest first; none where no drop gave term dates."""
    days = part_frame(register, urn, "calendar")
    return pd.DataFrame({"date": pd.Series([], dtype="datetime64[ms]")}) if days is None else days


def school_support(register: Register, urn: str) -> pd.DataFrame:
    """Return what was recorded about the pupils of one school, one row a dated entry, oldest first; none where nothing was."""
    held = part_frame(register, urn, "support")
    return no_support() if held is None else typed_support(held)


def school_meetings(register: Register, urn: str) -> pd.DataFrame:
    """Return every version of every meeting recorded for one school, columns `MEETING_COLUMNS`, oldest first; none where none was."""
    held = part_frame(register, urn, "meetings")
    return no_meetings() if held is None else typed_meetings(held)


def school_actions(register: Register, urn: str) -> pd.DataFrame:
    """Return the actions that every version of every meeting of one school says, columns `ACTION_COLUMNS`, oldest version first."""
    held = part_frame(register, urn, "actions")
    return no_actions() if held is None else typed_actions(held)


def school_family(register: Register, urn: str) -> pd.DataFrame:
    """Return every version of every family meeting recorded for one school, columns `FAMILY_COLUMNS`; none where none was."""
    held = part_frame(register, urn, "family")
    return no_family() if held is None else typed_family(held)


def part_frame(register: Register, urn: str, part: str) -> pd.DataFrame | None:
    """Return one stored part of a school with all its columns; None where the school has none yet."""
    if part not in register.files.get(urn, {}):
        return None
    frame = _read(register, urn, part).to_pandas()
    return typed_pupils(frame) if part == "pupils" else frame


def shared_exceptions(register: Register) -> pd.DataFrame | None:
    """Return the exceptions that belong to no school in the register, or to several."""
    if not register.shared:
        return None
    try:
        return pq.ParquetFile(register.folder / register.shared).read().to_pandas()
    except (OSError, pa.ArrowInvalid) as problem:
        raise RegisterError(
            f"The register's exceptions of no one school cannot be read ({register.shared}). Import the drops again into a new folder."
        ) from problem


def part_file(
    folder: Path,
    urn: str,
    part: str,
    frame: pd.DataFrame,
    *,
    relied_on: Collection[str] | None = None,
) -> str:
    """
    Write one part of a school beside the others and return its name, which is made from what it holds.

    `relied_on` are the names that the list in force has of this school: a file that is not among them is brought to disk by `committed`,
    together with all others. Where they are not given it is brought there at once.
    """
    # One chunk, one unit of time, no metadata: the bytes, and so the name, depend on nothing but the rows.
    table = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1).combine_chunks()
    table = table.cast(_in_milliseconds(table.schema)).replace_schema_metadata()
    content = _parquet(table)
    name = f"schools/{urn}/{part}-{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    path = folder / name
    # The name says what the file should hold; one that was damaged holds something else.
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        how = {} if relied_on is None or name in relied_on else {"synced": False}
        written_whole(path, content, **how)
    return name


def _parquet(table: pa.Table) -> bytes:
    """Return a table as Parquet: numbers of rows as steps from one to the next, everything else as few texts that repeat."""
    steps = {"row": "DELTA_BINARY_PACKED"} if "row" in table.column_names else None
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=[name for name in table.column_names if name != "row"],
        column_encoding=steps,
        # Nothing asks for the least and the greatest of a column, which take a third of the time.
        write_statistics=False,
    )
    return sink.getvalue().to_pybytes()


def _in_milliseconds(schema: pa.Schema) -> pa.Schema:
    types = [pa.timestamp("ms") if pa.types.is_timestamp(one.type) else one.type for one in schema]
    return pa.schema(pa.field(*pair) for pair in zip(schema.names, types, strict=True))


def committed(register: Register, seen: Overview | None = None) -> None:
    """
    Put a register in force: write its list in one step, then `exceptions.csv`, then remove what is no longer named.

    `seen` is what is known already of its parts; what is not is read.
    """
    # Everything is read and made before the first file is replaced: what cannot be read stops the import, not half of it.
    seen = Overview.of(register.folder) if seen is None else seen
    text = _exceptions_text(register, seen)
    held = {
        "format": FORMAT,
        "schools": register.schools.to_dict("records"),
        "files": register.files,
        "shared": register.shared,
        "imports": list(register.imports),
    }
    content = json.dumps(held, ensure_ascii=False, indent=1, default=str).encode()
    index = register.folder / INDEX
    if not index.exists() or index.read_bytes() != content:
        # A list must not come to disk before what it names, nor files that the last list names go before the new list is there.
        new = _new_files(register)
        synced_files(new)
        synced_folders(
            [*sorted({path.parent for path in new}), register.folder / "schools", register.folder]
        )
        written_whole(index, content)
        synced_folders([register.folder])
    report = register.folder / EXCEPTIONS
    if not report.exists() or report.read_bytes() != text:
        written_whole(report, text)
    _keep_overview(register, seen)
    remove_unnamed(register)


def _new_files(register: Register) -> list[Path]:
    """Return the files that the list in force does not name."""
    try:
        before = opened(register.folder)
        known = {name for parts in before.files.values() for name in parts.values()}
        known.add(before.shared)
    except RegisterError:
        known = set()
    named = {name for parts in register.files.values() for name in parts.values()}
    # Schools may share no exceptions.
    return [register.folder / name for name in sorted((named | {register.shared}) - known - {""})]


def _keep_overview(register: Register, seen: Overview) -> None:
    content = seen.content(name for parts in register.files.values() for name in parts.values())
    path = register.folder / OVERVIEW
    if not path.exists() or path.read_bytes() != content:
        written_whole(path, content)


def all_exceptions(register: Register, seen: Overview) -> pd.DataFrame:
    """Return every exception of the register: those that belong to no one school, then each school's."""
    listed = [
        seen.exceptions(parts["exceptions"], partial(part_frame, register, urn, "exceptions"))
        for urn, parts in register.files.items()
        if "exceptions" in parts
    ]
    shared = shared_exceptions(register)
    found = [] if shared is None else [shared]
    return pd.concat([one[list(EXCEPTION_COLUMNS)] for one in (*found, *listed)])


def _exceptions_text(register: Register, seen: Overview) -> bytes:
    """Return `exceptions.csv`: every exception of the register, safe to open in a spreadsheet."""
    listed = sorted_exceptions(all_exceptions(register, seen))
    for name in set(EXCEPTION_COLUMNS) - {"row"}:
        safe = {text: safe_for_spreadsheet(text) for text in listed[name].unique()}
        listed[name] = listed[name].map(safe)
    return listed.to_csv(index=False, lineterminator="\r\n").encode()


def remove_unnamed(register: Register) -> None:
    """Remove the files of the folder that a register does not name; the register is the one in force and its lock is held."""
    named = {name for parts in register.files.values() for name in parts.values()}
    named.add(register.shared)
    for path in register.folder.glob("*.new"):  # of an import that was killed
        path.unlink(missing_ok=True)
    for path in (register.folder / "schools").glob("*/*"):
        if path.relative_to(register.folder).as_posix() not in named:
            path.unlink(missing_ok=True)


def _read(register: Register, urn: str, part: str, columns: list[str] | None = None) -> pa.Table:
    register.school(urn)
    name = register.files.get(urn, {}).get(part)
    if name is None:
        raise RegisterError(
            f"School {urn}: expected {part} in the register at {register.folder}, found none. Import a drop that holds them."
        )
    try:
        table = pq.ParquetFile(register.folder / name).read(columns=columns)
        if not set(columns or NEEDED[part]) <= set(table.column_names):
            raise pa.ArrowInvalid("columns are missing")
        return table
    except (OSError, pa.ArrowInvalid) as problem:
        raise RegisterError(
            f"School {urn}: the register's {part} cannot be read ({name}). {_mended(part)}"
        ) from problem


def _mended(part: str) -> str:
    if part in RECORDS:
        return "Put back a copy of that file: what was recorded is in no drop."
    return "Import that school's drop again."


def _listed(names: Iterable[str], most: int = 12) -> str:
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
