"""Pupils as the lists name them, and where a list stops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

FEW_MORE: Final = 2  # pupils: a list is not cut for so few


def pupil_name(row: Mapping[str, Any]) -> str:
    """Return a pupil as the lists name them: surname, forename and year group."""
    name = ", ".join(part for part in (row["surname"], row["forename"]) if part) or row["upn"]
    year = row["year_group"]
    words = "" if pd.isna(year) else {0: "R", -1: "N2", -2: "N1"}.get(int(year), f"Y{int(year)}")
    return f"{name} ({words})" if words else name
