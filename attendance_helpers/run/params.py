"""Parameters: one YAML file an authority, every key checked; what a notebook is given is checked against what it takes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import Field, ValidationError, field_validator

from attendance_helpers.errors import ParamsError
from attendance_helpers.register.calendar import iso_date, window
from attendance_helpers.register.family_form import COPIES
from attendance_helpers.run.settings_parts import (
    Bands,
    Comparators,
    Discussion,
    Family,
    Findings,
    Help,
    Meeting,
    Part,
    Record,
    Register,
    Run,
    Since,
    Tables,
    Thresholds,
    Triggers,
)

PROFILES: Final = ("meeting", "shareable")
FAMILY_PROFILES: Final = COPIES  # of a document about one child
BOTH: Final = "both"  # two copies from one run
HOME_VARIABLE: Final = "ATTENDANCE_HOME"


class Settings(Part):
    """Everything on which authorities differ."""

    authority: str = Field("Local authority", min_length=1, max_length=80)
    register_folder: str = Field("outputs/register", alias="register")
    out: str = "outputs"
    window: str | None = None
    as_at: str | None = None
    profile: str = "meeting"
    handling: str = Field(
        "Official: pupil data. For those preparing or attending this meeting; do not send on.",
        max_length=160,
    )
    handling_shareable: str = Field(
        "For governors and heads of service. No pupil is named; small numbers are hidden.",
        max_length=160,
    )
    thresholds: Thresholds = Thresholds()
    bands: Bands = Bands()
    register_check: Register = Register()
    comparators: Comparators = Comparators()
    tables: Tables = Tables()
    meeting: Meeting = Meeting()
    findings: Findings = Findings()
    triggers: Triggers = Triggers()
    discussion: Discussion = Discussion()
    record: Record = Record()
    since: Since = Since()
    family: Family = Family()
    run: Run = Run()
    stages: str = "params/stages/south_tyneside.yml"
    signposting: tuple[Help, ...] = ()

    @field_validator("window")
    @classmethod
    def _known_window(cls, text: str | None) -> str | None:
        if text is not None:
            window(text)
        return text

    @field_validator("as_at")
    @classmethod
    def _a_date(cls, text: str | None) -> str | None:
        if text is not None:
            iso_date(text, name="as_at")
        return text

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, text: str) -> str:
        if text not in (*PROFILES, BOTH):
            raise ValueError(f"expected one of {', '.join((*PROFILES, BOTH))}")
        return text

    @property
    def profiles(self) -> tuple[str, ...]:
        """The copies that a run makes."""
        return PROFILES if self.profile == BOTH else (self.profile,)

    def handling_of(self, profile: str) -> str:
        """Return who may hold a copy, as it is printed on every page of it."""
        return {
            "shareable": self.handling_shareable,
            "family": self.family.handling,
            "school": self.family.handling_school,
        }.get(profile, self.handling)

    @property
    def slug(self) -> str:
        """The authority's name as a folder name."""
        return re.sub(r"[^a-z0-9]+", "-", self.authority.lower()).strip("-") or "authority"

    @property
    def register_path(self) -> Path:
        """The register's folder."""
        return resolved(self.register_folder)


def settings(path: str | Path | None) -> Settings:
    """
    Read an authority's parameters; the defaults where there is no file.

    Raises
    ------
    ParamsError
        when a key is unknown, a value has the wrong type or is out of range: every such key in one message
    """
    if path is None or str(path) == "":
        return Settings()
    file = resolved(path)
    if not file.is_file():
        raise ParamsError(f"{path}: expected a parameters file (YAML), found none there.")
    try:
        given = _yaml(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ParamsError(f"{path}: expected YAML, found something else: {problem}") from problem
    if given is not None and not isinstance(given, dict):
        raise ParamsError(f"{path}: expected keys with values, found {type(given).__name__}.")
    return checked_settings(given or {}, where=str(path))


_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _yaml(text: str) -> Any:
    """Return what YAML holds, by the reader written in C where there is one; the other one says more of what is wrong."""
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506, both are safe
    except yaml.YAMLError:
        return yaml.safe_load(text)


def checked_settings(given: Mapping[str, Any], *, where: str) -> Settings:
    """
    Return the settings that a mapping gives.

    Raises
    ------
    ParamsError
        when a key is unknown or a value is not allowed
    """
    try:
        found = Settings.model_validate(given)
    except ValidationError as problem:
        raise ParamsError(f"{where}: " + "; ".join(_told(problem))) from problem
    if len(found.bands.names) != len(found.bands.edges):
        raise ParamsError(
            f"{where}: bands.names: expected {len(found.bands.edges)} names, one for each of bands.edges, "
            f"found {len(found.bands.names)}."
        )
    return found


def _told(problem: ValidationError) -> list[str]:
    lines = []
    for error in problem.errors():
        key = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden":
            lines.append(f"{key}: no such parameter (params/README.md lists them)")
        else:
            reason = error["msg"].removeprefix("Value error, ")
            lines.append(f"{key}: {reason}, found {error['input']!r}")
    return lines


def project_home() -> Path:
    """
    Return the project's folder, against which relative paths are read.

    The folder named by ATTENDANCE_HOME; else the nearest folder at or above the present one that holds `notebooks` and `params`; else the
    folder that the package was installed from.
    """
    if named := os.environ.get(HOME_VARIABLE):
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "params").is_dir():
            return folder
    return Path(__file__).resolve().parents[2]


def resolved(path: str | Path) -> Path:
    """Return a path as it stands if it is absolute or is there; else read from the project's folder."""
    given = Path(path).expanduser()
    if given.is_absolute() or given.exists():
        return given.absolute()
    return project_home() / given


def notebook_parameters(notebook: Path) -> dict[str, Any]:
    """
    Return the parameters that a notebook takes, with its defaults: the assignments of its one cell tagged `parameters`.

    Raises
    ------
    ParamsError
        when the notebook has no such cell, or several
    """
    # Plain JSON: nbformat would take a second to import, in the kernel of every pack.
    content = json.loads(notebook.read_text("utf-8"))
    cells = [c for c in content["cells"] if "parameters" in c["metadata"].get("tags", [])]
    if len(cells) != 1:
        raise ParamsError(
            f"{notebook.name}: expected one cell tagged 'parameters', found {len(cells)}."
        )
    scope: dict[str, Any] = {}
    # The project's own notebook, whose parameters cell a test holds to plain assignments of scalars.
    exec(compile("".join(cells[0]["source"]), str(notebook), "exec"), {}, scope)  # noqa: S102
    return scope


def checked_parameters(notebook: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what a notebook is to be given; Papermill itself only warns of a parameter that a notebook does not take.

    Raises
    ------
    ParamsError
        when a parameter is unknown to the notebook or has another type than its default
    """
    taken = notebook_parameters(notebook)
    problems = [
        f"{name}: no such parameter (allowed: {', '.join(taken)})"
        for name in given
        if name not in taken
    ]
    problems += [
        f"{name}: expected {type(taken[name]).__name__}, found {value!r}"
        for name, value in given.items()
        if name in taken and not isinstance(value, type(taken[name]))
    ]
    if problems:
        raise ParamsError(f"{notebook.name}: " + "; ".join(problems))
    return dict(given)


def fingerprint(*parts: object) -> str:
    """Return one hash of several things, for the account of what was run."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()
