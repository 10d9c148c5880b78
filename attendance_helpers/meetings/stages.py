"""An authority's staged process as data: its stages, and what evidence each asks for."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from attendance_helpers.errors import ParamsError
from attendance_helpers.measures.persistence import at_or_above
from attendance_helpers.meetings.texts import edited_text, refused

EXAMPLE: Final = "params/stages/south_tyneside.yml"
SHAPE: Final = f"'name', 'source', 'stages', 'evidence' and 'referral' as in {EXAMPLE}"
Source = Literal[
    "contact",
    "letter",
    "home_visit",
    "meeting",
    "barriers",
    "strategy",
    "plan",
    "plan_review",
    "early_help",
    "agencies",
    "part_time",
    "legal_contract",
    "held",
]
SOURCES: Final[tuple[str, ...]] = get_args(Source)


class _Part(BaseModel):
    """A group of keys; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Evidence(_Part):
    """A piece of evidence: what it is called, where in the record it is looked for, and how many there must be (>=)."""

    label: str = Field(min_length=1, max_length=120)
    source: Source = Field(alias="from")
    least: int = Field(1, ge=1, le=20, strict=True)


class Stage(_Part):
    """
    A stage: what it is for, between which absences it lies, and what evidence it asks for.

    `absence_from`, `absence_to` : at or above (>=), and below (<) or, where it is included, up to it (<=) [% of possible sessions];
        None where it is not known
    """

    key: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=60)
    purpose: str = Field("", max_length=200)
    absence_from: float | None = Field(None, ge=0, le=100, strict=True)
    absence_to: float | None = Field(None, ge=0, le=100, strict=True)
    absence_to_included: bool = Field(False, strict=True)
    evidence: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Its name, and what it is for where that is told."""
        purpose = self.purpose.strip().rstrip(".")
        return f"{self.name}: {purpose}" if purpose else self.name

    @model_validator(mode="after")
    def _ends_above_its_beginning(self) -> Stage:
        if self.absence_to is not None and self.absence_to <= (self.absence_from or 0):
            raise ValueError("expected absence_to above absence_from")
        return self


class Referral(_Part):
    """The stage at which a school may refer, and what to remember about it."""

    stage: str
    note: str = Field("", max_length=300)


class Process(_Part):
    """A local staged process."""

    name: str = Field(min_length=1, max_length=80)
    source: str = Field("", max_length=300)
    stages: tuple[Stage, ...] = Field(min_length=1)
    evidence: dict[str, Evidence] = {}
    referral: Referral | None = None

    def stage(self, text: str) -> Stage | None:
        """Return the stage that a key or a name stands for, in capitals or not; None where there is none."""
        wanted = plain(text)
        found = (s for s in self.stages if wanted in (plain(s.key), plain(s.name)))
        return next(found, None)


def stages_file(path: str | os.PathLike[str]) -> Process:
    """
    Return the staged process that a file describes; the file of South Tyneside shows the shape.

    Raises
    ------
    ParamsError
        when the file is missing, or anything in it is unknown, repeated or of the wrong kind: all of it in one message
    """
    if str(path) == "":
        raise ParamsError(f"stages: expected a file like {EXAMPLE}, found no name.")
    given, file = edited_text(EXAMPLE, path)
    if not isinstance(given, dict):
        refused(file, [f"found {type(given).__name__}"], shape=SHAPE)
    try:
        process = Process.model_validate(given)
    except ValidationError as problem:
        refused(file, [_told(error) for error in problem.errors()], shape=SHAPE)
        raise
    refused(file, _faults(process), shape=SHAPE)
    return process


def _told(error: Any) -> str:
    place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key"
    if error["type"] == "missing":
        return f"{place}: missing"
    reason = error["msg"].removeprefix("Value error, ")
    return f"{place}: {reason}, found {error['input']!r}"


def _faults(process: Process) -> list[str]:
    """Return what is wrong between the parts of a process that are each well formed."""
    problems = []
    names: dict[str, str] = {}
    for stage in process.stages:
        for word in dict.fromkeys((plain(stage.key), plain(stage.name))):
            if word in names:
                problems.append(
                    f"stage {stage.key!r}: {word!r} already names stage {names[word]!r}"
                )
            names.setdefault(word, stage.key)
        problems += [
            f"stage {stage.key!r}: unknown evidence {key!r} (listed: {', '.join(process.evidence) or 'none'})"
            for key in stage.evidence
            if key not in process.evidence
        ]
        if len(set(stage.evidence)) < len(stage.evidence):
            problems.append(f"stage {stage.key!r}: evidence named twice")
    problems += _evidence_faults(process)
    problems += _range_faults(process)
    if process.referral is not None and process.referral.stage not in {
        s.key for s in process.stages
    }:
        keys = ", ".join(stage.key for stage in process.stages)
        problems.append(f"referral: unknown stage {process.referral.stage!r} (listed: {keys})")
    return problems


def _evidence_faults(process: Process) -> list[str]:
    names: dict[str, str] = {}
    problems = []
    for key, piece in process.evidence.items():
        for word in dict.fromkeys((plain(key), plain(piece.label))):
            if word in names:
                problems.append(f"evidence {key!r}: {word!r} already names {names[word]!r}")
            names.setdefault(word, key)
    return problems


def _range_faults(process: Process) -> list[str]:
    """Return the stages that begin before the one before them has ended."""
    problems = []
    end, included, before = 0.0, False, ""
    for stage in process.stages:
        start = stage.absence_from
        if start is not None and before and (start < end or (start == end and included)):
            problems.append(
                f"stage {stage.key!r}: expected to begin where stage {before!r} ends or above, found {start:g}"
            )
        if stage.absence_to is not None:
            end, included, before = stage.absence_to, stage.absence_to_included, stage.key
    return problems


def stage_of(process: Process, standing: pd.DataFrame) -> pd.DataFrame:
    """
    Return the stage recorded for each pupil, and whether the process has it.

    Returns
    -------
    DataFrame, the rows of `standing`: `upn`, `stage` (as recorded; empty where nothing is), `stage_key`, `stage_name` (of the process;
        empty where it has no such stage), `known` (nullable boolean: missing where nothing is recorded)
    """
    texts = standing["stage"].tolist()
    stages = {text: process.stage(text) if text else None for text in set(texts)}
    found = [stages[text] for text in texts]
    known = [stage is not None if text else None for stage, text in zip(found, texts, strict=True)]
    told = {
        "upn": standing["upn"].tolist(),
        "stage": texts,
        "stage_key": [stage.key if stage else "" for stage in found],
        "stage_name": [stage.name if stage else "" for stage in found],
    }
    columns: dict[str, Any] = {n: pd.array(words, dtype="str") for n, words in told.items()}
    return pd.DataFrame({**columns, "known": pd.array(known, dtype="boolean")})


def stage_by_absence(process: Process, pupil_totals: pd.DataFrame) -> pd.Series:
    """
    Return the stage in whose range each pupil's absence lies, by its key; empty where no stage's published range holds it.

    Absence alone puts no pupil at a stage: this is where the process would look, to be set beside what is recorded.

    Examples
    --------
    >>> process = Process(name="Ours", stages=[Stage(key="1", name="One", absence_from=0, absence_to=7), Stage(key="2", name="Two")])
    >>> stage_by_absence(process, pd.DataFrame({"possible_sessions": [100, 100, 0], "overall_absence": [6, 7, 0]})).to_list()
    ['1', '', '']
    """
    absence, possible = pupil_totals["overall_absence"], pupil_totals["possible_sessions"]
    result = np.full(len(pupil_totals), "", dtype=object)
    for stage in process.stages:
        if stage.absence_from is None and stage.absence_to is None:
            continue
        inside = at_or_above(absence, possible, perc=stage.absence_from or 0)
        if stage.absence_to is not None:
            line = Fraction(str(stage.absence_to))
            left, right = absence * 100 * line.denominator, line.numerator * possible
            inside &= left <= right if stage.absence_to_included else left < right
        result[inside.to_numpy(dtype="bool", na_value=False)] = stage.key
    return pd.Series(result, index=pupil_totals.index, dtype="str")


def stages_told(
    process: Process, standing: pd.DataFrame, pupil_totals: pd.DataFrame
) -> pd.DataFrame:
    """
    Return for each pupil the stage that is recorded and the one in whose range the absence lies, in words.

    Parameters
    ----------
    process : as `stages_file` returns it
    standing : as `support.standing` returns it
    pupil_totals : one row a pupil: `upn`, `possible_sessions`, `overall_absence`

    Returns
    -------
    DataFrame, the rows of `pupil_totals`: `upn`, `recorded` (as recorded where the process has no such stage; empty where nothing is),
        `by_absence` (empty where no stage's published range holds it)
    """
    words = {stage.key: stage.words for stage in process.stages}
    found = stage_of(process, standing)
    rows = zip(*(found[name].tolist() for name in ("upn", "stage_key", "stage")), strict=True)
    recorded = {upn: words.get(key, text) for upn, key, text in rows}
    by_absence, upns = stage_by_absence(process, pupil_totals), pupil_totals["upn"].tolist()
    return pd.DataFrame(
        {
            "upn": upns,
            "recorded": [recorded.get(upn, "") for upn in upns],
            "by_absence": [words.get(key, "") for key in by_absence.tolist()],
        },
        dtype="str",
    )


def plain(text: str) -> str:
    """Return text as it is compared: small letters, single spaces."""
    return " ".join(text.casefold().split())
