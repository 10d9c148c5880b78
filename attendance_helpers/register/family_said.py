"""What a filled-in form of a family meeting says, before any of it is checked: whose it is, and its answers as they were written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from attendance_helpers.errors import RecordError
from attendance_helpers.register.family_form import COPIES, FORMAT
from attendance_helpers.register.identifiers import is_urn
from attendance_helpers.register.references import BLANK, FormOrigin

Way = Literal["html", "pdf", "file"]
LARGEST: Final = 20 * 2**20  # bytes of a page or PDF; ours have less than one
# Characters that no page shows; lines and tabs stay, as in the cells of a workbook.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_REFERENCE: Final = re.compile(r"[2-9B-DF-HJ-NP-RTV-Z]{4}(?:-[2-9B-DF-HJ-NP-RTV-Z]{4}){2}")
_WINDOW: Final = re.compile(r"[A-Za-z0-9.-]{0,60}")
_CHECK: Final = re.compile(r"[0-9a-f]{16}")
_ORIGIN: Final = ("reference", "urn", "copy", "as_at", "window", "check")


@dataclass(frozen=True)
class FamilyRead:
    """
    What one file says: `way` is html, pdf or file; `answers` are as they stand, by field: texts, lists of texts, or what is no answer.

    `reference` is `BLANK` of a form without a pupil; a parameters file may have a `urn` and `pupil` (UPN) instead, and says neither
    `as_at` nor `check` where its author did not.
    """

    file: str
    way: Way
    answers: Mapping[str, Any] = field(repr=False)
    reference: str = ""
    urn: str = ""
    pupil: str = field(default="", repr=False)
    copy: str = "school"
    as_at: dt.date | None = None
    window: str = ""
    check: str = ""

    @property
    def origin(self) -> FormOrigin:
        """What a form that was made here says of itself."""
        if self.as_at is None:
            raise AssertionError("a form says the date of its data")
        given = (self.reference, self.urn, self.copy, self.as_at, self.window, self.check)
        return FormOrigin(*given)


def is_reference(text: str) -> bool:
    """
    Tell whether a text is written as the reference of a pupil is.

    Examples
    --------
    >>> is_reference("DYVJ-B23K-N525"), is_reference("DYVJ-B23K-N52"), is_reference("blank")
    (True, False, False)
    """
    return _REFERENCE.fullmatch(text) is not None


def family_content(path: Path, *, largest: int = LARGEST) -> bytes:
    """
    Return the bytes of a filled-in form.

    Raises
    ------
    RecordError
        when there is no such file, or it is larger (>) than a form can be
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing there"
        raise RecordError(f"{path.name}: expected the form of a family meeting, found {found}.")
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise RecordError(
            f"{path.name}: expected the form of a family meeting, at most {largest / 2**20:.0f} MB, found a larger file. "
            "Save the form alone, without other pages, and record that."
        )
    return content


def family_read_of(file: str, way: Way, form: Any, answers: Any) -> FamilyRead:
    """
    Return what a form that was made here says, with its origin in the right shape; whether it is ours is not yet known.

    Parameters
    ----------
    form : the dictionary that the form carries: `format`, `reference`, `urn`, `copy`, `as_at`, `window`, `check`
    answers : its answers as they stand, by field

    Raises
    ------
    RecordError
        when the form is of a later version, or something in its origin is not as we write it
    """
    if not isinstance(form, dict) or not isinstance(answers, dict):
        not_ours(file)
    version = form.get("format")
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
        raise RecordError(
            f"{file}: expected a form of version {FORMAT}, found one of a later version. "
            "Install the version that made it, and record it again."
        )
    said = {name: text for name in _ORIGIN if isinstance(text := form.get(name), str)}
    if version != FORMAT or isinstance(version, bool) or len(said) < len(_ORIGIN):
        not_ours(file)
    day = iso_day(said["as_at"])
    known = said["reference"] == BLANK or is_reference(said["reference"])
    urn_known = is_urn(said["urn"]) or (said["urn"] == "" and said["reference"] == BLANK)
    well = known and urn_known and said["copy"] in COPIES and day is not None
    if not well or not _WINDOW.fullmatch(said["window"]) or not _CHECK.fullmatch(said["check"]):
        not_ours(file)
    reference, urn, copy, _, span, check = said.values()
    return FamilyRead(
        *(file, way, answers),
        reference=reference,
        urn=urn,
        copy=copy,
        as_at=day,
        window=span,
        check=check,
    )


def not_ours(file: str) -> NoReturn:
    """
    Stop a file that carries no form as we make them, or a damaged one.

    Raises
    ------
    RecordError
        always
    """
    raise RecordError(
        f"{file}: expected the form of a family meeting as it was made and saved here, found one that is damaged or is another page. "
        "Open the form that was filled in, save it again with its button Save, and record that."
    )


def iso_day(text: str) -> dt.date | None:
    """
    Return the date of a text such as 2026-11-20; None where it is written otherwise.

    Examples
    --------
    >>> iso_day("2026-11-20"), iso_day("20261120"), iso_day("2026-02-30")
    (datetime.date(2026, 11, 20), None, None)
    """
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def cleaned_text(text: str) -> str:
    r"""
    Return what was typed as it is kept: one kind of line end, no control characters, no blanks around it; nothing else is changed.

    Half of a pair of surrogates, which no text file can hold, becomes the sign for an unknown character (U+FFFD).

    Examples
    --------
    >>> cleaned_text(" one\r\ntwo\x07\rthree "), cleaned_text("a\ud800b")
    ('one\ntwo\nthree', 'a\ufffdb')
    """
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", lines).strip()
