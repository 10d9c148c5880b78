"""A family form that was filled in as a PDF: the fields of its AcroForm, and whose form it is, which one hidden field says in its name."""

from __future__ import annotations

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any, Final

from attendance_helpers.errors import RecordError
from attendance_helpers.register.family_child import read_apart
from attendance_helpers.register.family_said import (
    FamilyRead,
    family_content,
    family_read_of,
    not_ours,
)
from attendance_helpers.register.family_sheets import ORIGIN, origin_of

_TEXT: Final = re.compile(r"[A-Za-z0-9_-]+")
_NO_TICK: Final = ("", "/", "/Off", "Off")
AGAIN: Final = (
    "Open the form that was filled in, save it again as PDF (do not print it), and record that."
)


def family_pdf(path: Path) -> FamilyRead:
    """
    Return what a filled-in PDF says.

    Raises
    ------
    RecordError
        when it is damaged, has a password, holds no form (a print of one, say), or the fields of several
    """
    fields = read_apart("pdf", family_content(path), file=path.name)
    return family_sheet(path.name, fields)


def family_sheet(file: str, fields: dict[str, Any]) -> FamilyRead:
    """
    Return what the fields of a PDF say, as `family_raw.pdf_fields` finds them.

    The boxes of one question (`key:option`) that are ticked become the list of their options.
    """
    origins = list({origin_of(name) for name in fields if name.startswith(ORIGIN)})
    if len(origins) > 1:
        raise RecordError(
            f"{file}: expected the fields of one form, found those of {len(origins)}. Save each form as a PDF of its own."
        )
    if not origins:
        raise RecordError(
            f"{file}: expected the PDF of a family form with its fields, found one without. A print or a scan of the form has none. {AGAIN}"
        )
    form = _origin(origins[0])
    return family_read_of(file, "pdf", form, _answers(file, fields))


def _answers(file: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the answers by field; the ticked boxes of one question are a list of their options."""
    texts = {name: value for name, value in fields.items() if ":" not in name}
    ticked: dict[str, Any] = {}
    for name, value in fields.items():
        key, colon, option = name.partition(":")
        if not colon or key == ORIGIN.rstrip(":") or value in _NO_TICK:
            continue
        if not isinstance(value, str):
            texts[key] = value  # it is told of as an answer that is no text
        else:
            ticked.setdefault(key, []).append(option)
    if texts.keys() & ticked.keys():
        not_ours(file)
    return texts | ticked


def _origin(text: str) -> Any:
    """Return the form of which the name of a field tells; None where it tells nothing."""
    if not _TEXT.fullmatch(text):
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
