"""Texts that an authority may edit: the package's own, or a file of the same shape in their place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from attendance_helpers.errors import ParamsError

MOST_TOLD: Final = 10  # problems of one file in one message; more than this are counted
# The C loader reads the questions ten times as fast; it is missing from a few builds of PyYAML.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def edited_text(name: str, path: str | os.PathLike[str] | None = None) -> tuple[Any, str]:
    """
    Return the content of a YAML file, and what to call the file in a message.

    Parameters
    ----------
    name : the package's own file, which shows the shape
    path : an authority's own file; None or "" for the package's

    Raises
    ------
    ParamsError
        when there is no such file, or it is no YAML
    """
    if path is None or str(path) == "":
        return own_text(name), name
    file = Path(path)
    try:
        state = file.stat()
    except OSError as problem:
        raise ParamsError(
            f"{path}: expected a file like {name}, found none there. "
            "Mend the path, or leave it out to use the package's own."
        ) from problem
    # The time of its last change is part of the key: a file that is edited is read again.
    return _file_content(file, state.st_mtime_ns, state.st_size), file.name


@lru_cache
def own_text(name: str) -> Any:
    """Return the content of one of the package's own files; do not change it."""
    source = files("attendance_helpers.meetings") / "data" / name
    return yaml.load(source.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 (a safe loader)


@lru_cache(maxsize=8)
def _file_content(file: Path, changed: int, size: int) -> Any:
    try:
        return yaml.load(file.read_text("utf-8-sig"), Loader=_LOADER)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as problem:
        raise ParamsError(f"{file.name}: expected YAML, found something else: {problem}") from None


def refused(file: str, problems: Sequence[str], *, shape: str) -> None:
    """
    Raise one error that tells all that is wrong with a file; without problems nothing happens.

    Raises
    ------
    ParamsError
        when there is a problem
    """
    if not problems:
        return
    more = len(problems) - MOST_TOLD
    told = "; ".join(problems[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
    raise ParamsError(f"{file}: {told}. Expected {shape}.")
