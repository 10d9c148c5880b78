"""Whole-school ways of working to look at together, each line to be ticked by hand; prompts for a conversation, no inspection."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Final

from attendance_helpers.meetings.texts import edited_text, refused

SHAPE: Final = "'areas', a list in which each area has a 'key', a 'title' and 'lines', a list of three to five texts"
FEWEST_LINES: Final = 3
MOST_LINES: Final = 5


@dataclass(frozen=True)
class ProcessArea:
    """An area of a school's ways of working, and what would be so if it went well."""

    key: str
    title: str
    lines: tuple[str, ...]


def process_areas(path: str | os.PathLike[str] | None = None) -> tuple[ProcessArea, ...]:
    """
    Areas of whole-school processes and policy, in order, each with three to five lines to tick.

    After the purposes of targeting support meetings that authorities publish, and the guidance *Working together to improve school
    attendance*. The words are the project's own; a line that the guidance does not ask for is good practice.

    Parameters
    ----------
    path : an authority's own list; None or "" for the package's

    Raises
    ------
    ParamsError
        when the file is missing, or anything in it is unknown or of the wrong kind: all of it in one message

    Examples
    --------
    >>> [area.key for area in process_areas()][:3]
    ['process', 'early', 'families']
    """
    given, file = edited_text("processes.yml", path)
    refused(file, _faults(given), shape=SHAPE)
    return tuple(
        ProcessArea(area["key"], area["title"], tuple(area["lines"])) for area in given["areas"]
    )


def _faults(given: Any) -> list[str]:
    if not isinstance(given, dict) or not isinstance(given.get("areas"), list):
        return ["found no 'areas'"]
    problems = [f"unknown key {key!r}" for key in given if key != "areas"]
    if not given["areas"]:
        problems.append("found no area")
    for number, area in enumerate(given["areas"], start=1):
        problems += [f"area {number}: {fault}" for fault in _area_faults(area)]
    return problems


def _area_faults(area: Any) -> list[str]:
    if not isinstance(area, dict):
        return [f"found {area!r}"]
    problems = [f"unknown key {key!r}" for key in area if key not in ("key", "title", "lines")]
    problems += [f"{key}: found no text" for key in ("key", "title") if not _text(area.get(key))]
    lines = area.get("lines")
    if not isinstance(lines, list) or not FEWEST_LINES <= len(lines) <= MOST_LINES:
        found = f"{len(lines)} lines" if isinstance(lines, list) else "no lines"
        return [*problems, f"found {found}"]
    return problems + [
        f"line {number}: found {line!r}, which is no text"
        for number, line in enumerate(lines, start=1)
        if not _text(line)
    ]


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
