"""A family form that was filled in as a PDF: the fields of its AcroForm, and whose form it is, which one hidden field says in its name."""

from __future__ import annotations

import base64
import binascii
import io
import json
import logging
import re
import warnings
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

ORIGIN: Final = "form:"  # how the name of the field begins that says whose form it is
MOST_FIELDS: Final = 5000  # of a form of ours there are some hundreds
_TEXT: Final = re.compile(r"[A-Za-z0-9_-]+")
_OFF: Final = "/Off"
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


def family_sheet(file: str, fields: dict[str, str]) -> FamilyRead:
    """
    Return what the fields of a PDF say, as `pdf_fields` finds them.

    The boxes of one question (`key:option`) that are ticked become the list of their options.
    """
    origins = [name for name in fields if name.startswith(ORIGIN)]
    if len(origins) > 1:
        raise RecordError(
            f"{file}: expected the fields of one form, found those of {len(origins)}. Save each form as a PDF of its own."
        )
    if not origins:
        raise RecordError(
            f"{file}: expected the PDF of a family form with its fields, found one without. A print or a scan of the form has none. {AGAIN}"
        )
    form = _origin(origins[0].removeprefix(ORIGIN))
    return family_read_of(file, "pdf", form, _answers(file, fields))


def _answers(file: str, fields: dict[str, str]) -> dict[str, Any]:
    """Return the answers by field; the ticked boxes of one question are a list of their options."""
    texts = {name: value for name, value in fields.items() if ":" not in name}
    ticked: dict[str, Any] = {}
    for name, value in fields.items():
        key, colon, option = name.partition(":")
        if colon and key != ORIGIN.rstrip(":") and value not in ("", _OFF):
            ticked.setdefault(key, []).append(option)
    if texts.keys() & ticked.keys():
        not_ours(file)
    return texts | ticked


def pdf_fields(content: bytes) -> dict[str, str]:
    """
    Return the fields of a PDF by their full names, each with its value as text (of a box `/Yes` or `/Off`); empty where there is none.

    Raises
    ------
    RecordError
        when it has a password, or more fields than a form of ours
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # what is wrong with a file is said in our own words
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = PdfReader(io.BytesIO(content))
            if reader.is_encrypted:
                raise FileNotDecryptedError
            found = reader.get_fields() or {}
            if len(found) > MOST_FIELDS:
                raise RecordError(f"expected the fields of one form, found {len(found):,} fields.")
            return {str(name): _text(field.get("/V")) for name, field in found.items()}
    except (DependencyError, FileNotDecryptedError) as problem:
        raise RecordError(
            "expected a PDF that can be opened by everybody, found one with a password. Save it without, and record that."
        ) from problem
    finally:
        logging.disable(before)


def _text(value: Any) -> str:
    """Return a field's value as text: a name, a text, the bytes of one that could not be told, or a stream of them."""
    value = value.get_object() if hasattr(value, "get_object") else value
    if isinstance(value, list):  # a combo box may keep its one choice so
        value = value[0] if len(value) == 1 else "".join(map(str, value))
    if value is None:
        return ""
    if hasattr(value, "get_data"):
        value = value.get_data()
    if isinstance(value, bytes):
        return _decoded(value)
    return str(value)


def _decoded(value: bytes) -> str:
    wide = {b"\xfe\xff": "utf-16-be", b"\xff\xfe": "utf-16-le"}.get(value[:2])
    if wide is None:
        return value.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    try:
        return value[2:].decode(wide, "surrogatepass")
    except UnicodeDecodeError:
        return value[2:].decode(wide, "replace")


def _origin(text: str) -> Any:
    """Return the form of which the name of a field tells; None where it tells nothing."""
    if not _TEXT.fullmatch(text):
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
