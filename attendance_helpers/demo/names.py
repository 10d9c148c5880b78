"""The names of made-up pupils: as mixed as an English register, accents, apostrophes and hyphens included."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Final, Literal

# One pupil has a name that runs out of every box on a form.
LONG_FORENAME: Final = "Maximiliana-Rosalind Anastasia Evangeline Persephone"
LONG_SURNAME: Final = "Featherstonehaugh-Cholmondeley-Venkatanarasimharajuvaripeta"


@cache
def names(kind: Literal["girl", "boy", "surname"]) -> tuple[str, ...]:
    """
    Return the names of one kind, in the order of `names.csv`.

    Examples
    --------
    >>> "O'Sullivan" in names("surname")
    True
    """
    text = (files("attendance_helpers.demo") / "names.csv").read_text("utf-8")
    return tuple(row["name"] for row in csv.DictReader(text.splitlines()) if row["kind"] == kind)
