"""Which column of a file is which: a column map where there is one, the usual header names where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from attendance_helpers.errors import ParamsError, RegisterError
from attendance_helpers.register.files import TextTable

_DATA = re.compile(r"\d{4,}|\d\d?[/.-]\d")  # a number, a UPN or a date: what headers do not have
Headers = Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class ColumnMap:
    """
    How one school system names its columns and local codes; data in `params/imports/`, never code.

    `files` are patterns of the files it is for; `columns` gives for `schools`, `pupils` and `marks` the header of each field;
    `codes` turns a local sub-code into the register code that it stands for (X01 into X).
    """

    name: str
    files: tuple[str, ...] = ("*",)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """Where a table's header stands (row position) and which column position holds each field."""

    header: int
    fields: dict[str, int]
    twice: dict[str, list[int]] = field(
        default_factory=dict
    )  # further columns that name the same field


@cache
def usual_columns() -> dict[str, dict[str, list[str]]]:
    """Return the header names that are recognised without a column map, by table and field."""
    path = files("attendance_helpers.register") / "data" / "columns.yml"
    usual: dict[str, dict[str, list[str]]] = yaml.safe_load(path.read_text("utf-8"))
    return usual


def column_map(path: Path) -> ColumnMap:
    """
    Read a column map.

    Raises
    ------
    ParamsError
        when the file is no YAML mapping, or holds a key, a table or a field that does not exist
    """
    try:
        given: Any = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ParamsError(
            f"{path.name}: expected YAML, found something else: {problem}"
        ) from problem
    known: dict[str, Any] = {"system": str, "files": list, "columns": dict, "codes": dict}
    if not isinstance(given, dict):
        raise ParamsError(f"{path.name}: expected the keys {', '.join(known)}, found none of them.")
    problems = [f"unknown key {key!r}" for key in given if key not in known]
    problems += [
        f"{key}: expected a {known[key].__name__}, found {value!r}"
        for key, value in given.items()
        if key in known and not isinstance(value, known[key])
    ]
    columns = given.get("columns") or {}
    if isinstance(columns, dict):
        problems += _unknown_fields(columns)
    if problems:
        raise ParamsError(f"{path.name}: " + "; ".join(problems) + ".")
    return ColumnMap(
        name=str(given.get("system", path.stem)),
        files=tuple(given.get("files") or ("*",)),
        columns=columns,
        codes={str(local): str(code) for local, code in (given.get("codes") or {}).items()},
    )


def _unknown_fields(columns: Mapping[str, Any]) -> list[str]:
    usual = usual_columns()
    problems = []
    for table, named in columns.items():
        if table not in usual:
            problems.append(f"unknown table {table!r} (allowed: {', '.join(usual)})")
        elif not isinstance(named, dict):
            problems.append(f"columns.{table}: expected field: header, found {named!r}")
        else:
            allowed = ", ".join(usual[table])
            problems += [
                f"unknown field {table}.{name!r} (allowed: {allowed})"
                for name in named
                if name not in usual[table]
            ]
    return problems


def map_for(file: str, maps: Iterable[ColumnMap]) -> ColumnMap:
    """Return the first map whose patterns fit the file's name, or one that maps nothing."""
    fitting = (m for m in maps if any(fnmatch(file.lower(), p.lower()) for p in m.files))
    return next(fitting, ColumnMap("usual names"))


def headers(table: str, mapping: ColumnMap) -> dict[str, list[str]]:
    """Return for each field of a table the headers to look for: the map's own before the usual ones."""
    named = mapping.columns.get(table, {})
    return {
        name: [str(named[name])] if name in named else usual
        for name, usual in usual_columns()[table].items()
    }


def placed(table: TextTable, wanted: Headers) -> Placed:
    """
    Find the header row: of the first thirty rows, the one that names most of the wanted fields.

    Returns
    -------
    Placed
        `fields` is empty where no row names any
    """
    return placed_rows(table.head.itertuples(index=False), wanted)


def placed_rows(rows: Iterable[Iterable[object]], wanted: Headers) -> Placed:
    """Find the header among the first rows of a table."""
    keys = {_key(header): name for name, given in wanted.items() for header in given}
    best = Placed(0, {})
    for position, row in enumerate(rows):
        fields: dict[str, int] = {}
        twice: dict[str, list[int]] = {}
        for column, text in enumerate(row):
            name = keys.get(_key(str(text)))
            if name is not None and name not in fields:
                fields[name] = column
            elif name is not None:
                twice.setdefault(name, []).append(column)
        if len(fields) > len(best.fields):
            best = Placed(position, fields, twice)
    return best


def missing_columns(
    file: str, wanted: Headers, required: Iterable[str], tables: Iterable[TextTable]
) -> RegisterError:
    """Return the error that says which columns were looked for and which the file has."""
    found = _header_words(tables)
    looked = "; ".join(f"{name} ({' or '.join(list(wanted[name])[:3])})" for name in required)
    return RegisterError(
        f"{file}: expected the columns {looked}. Found: {found}. "
        "Rename the columns, or describe them in a column map (params/imports/) and name it with --map."
    )


def _header_words(tables: Iterable[TextTable]) -> str:
    """Return the words of the row that looks most like a header; of rows with data, which may name pupils, nothing."""
    most: list[str] = []
    for table in tables:
        for row in table.head.itertuples(index=False):
            filled = [str(text).strip() for text in row if str(text).strip()]
            if len(filled) > 1:
                if len(filled) > len(most):
                    most = filled
                break
    if not most or any(_DATA.search(text) for text in most):
        return "no header row"
    return ", ".join(re.sub(r"[^\w /&'.()-]", "?", text)[:30] for text in most[:20])


def refuse_twice(table: TextTable, place: Placed, names: Iterable[str]) -> None:
    """
    Stop a table in which two columns name one field and do not agree.

    Raises
    ------
    RegisterError
        naming both columns
    """
    for name in names:
        for other in place.twice.get(name, ()):
            first = place.fields[name]
            rows = table.cells.iloc[place.header + 1 :]
            if not rows[first].str.strip().eq(rows[other].str.strip()).all():
                header = table.cells.iloc[place.header]
                raise RegisterError(
                    f"{table.file}: expected one column for {name}, found two that differ: {header[first]} (column {first + 1}) and "
                    f"{header[other]} (column {other + 1}). Remove one, or name the right one in a column map (--map)."
                )


def _key(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", header.lower().removeprefix("\ufeff"))
