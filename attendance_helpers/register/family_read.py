"""A filled-in form of a family meeting, read in whichever of its three ways it comes: a page, a PDF, a parameters file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from attendance_helpers.errors import RecordError
from attendance_helpers.register.family_file import family_file
from attendance_helpers.register.family_html import family_html
from attendance_helpers.register.family_pdf import family_pdf
from attendance_helpers.register.family_said import FamilyRead

SUFFIXES: Final[Mapping[str, Callable[[Path], FamilyRead]]] = {
    **{".html": family_html, ".htm": family_html},
    **{".pdf": family_pdf},
    **{".yml": family_file, ".yaml": family_file},
}


def is_family_form(path: Path) -> bool:
    """
    Tell whether a file is, by its name, one of those in which a family form comes back.

    Examples
    --------
    >>> is_family_form(Path("DYVJ-B23K-N525.HTM")), is_family_form(Path("pre_meeting.xlsx"))
    (True, False)
    """
    return path.suffix.lower() in SUFFIXES


def family_form_read(path: Path) -> FamilyRead:
    """
    Read a filled-in form of a family meeting.

    Returns
    -------
    FamilyRead
        whose it is and its answers as they were written; nothing of it is checked but its shape

    Raises
    ------
    RecordError
        when the file cannot be read, or is no such form
    """
    reading = SUFFIXES.get(path.suffix.lower())
    if reading is None:
        raise RecordError(
            f"{path.name}: expected the form of a family meeting ({', '.join(SUFFIXES)}), found {path.suffix or 'a file'}."
        )
    return reading(path)
