"""The fields of a PDF as they stand in its form and on its pages: each once, and all of one form; pages of two that were mixed are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from attendance_helpers.errors import RecordError

ORIGIN: Final = "form:"  # how the names of the fields begin that say whose form it is
MOST_FIELDS: Final = 5000  # of a PDF of ours there are some hundreds
_DEEPEST: Final = 10  # fields within each other; ours lie side by side
_TWICE: Final = "expected each {} of one form once, found one twice: it holds several forms. {}"
_ALONE: Final = "Save each form as a PDF of its own, whole, and record that."


def sheet_fields(reader: Any) -> dict[str, Any]:
    """
    Return the values of a PDF's fields by their full names.

    Parameters
    ----------
    reader : pypdf.PdfReader of the file

    Raises
    ------
    RecordError
        when a name stands twice, or the pages are not all of one form
    """
    found: dict[str, Any] = {}
    shown = [_page_fields(page) for page in reader.pages]
    for count, (name, value) in enumerate(_form_fields(reader), 1):
        if count > MOST_FIELDS:
            raise RecordError(f"expected the fields of one form, found more than {MOST_FIELDS:,}.")
        if name in found:
            raise RecordError(_TWICE.format("field", _ALONE))
        found[name] = value
    _refuse_mixed(found, [[name for name, _ in fields] for fields in shown])
    for name, value in (field for fields in shown for field in fields):
        # A page may show what the form does not list: nothing that was typed is left out.
        if _held(found.setdefault(name, value)) != _held(value):
            raise RecordError(_TWICE.format("field", _ALONE))
    return found


def origin_of(name: str) -> str:
    """
    Return what a field's name says of the form it is of, whichever page it is on.

    Examples
    --------
    >>> origin_of("form:e30:2"), origin_of("form:e30")
    ('e30', 'e30')
    """
    return name.removeprefix(ORIGIN).partition(":")[0]


def _refuse_mixed(fields: Iterable[str], pages: list[list[str]]) -> None:
    """Stop where a page says that it is of another form than the rest, comes twice, or has fields and does not say of which form."""
    listed = {name for name in fields if name.startswith(ORIGIN)}
    marks = Counter(name for names in pages for name in set(names) if name.startswith(ORIGIN))
    forms = {origin_of(name) for name in listed | marks.keys()}
    if len(forms) > 1:
        raise RecordError(f"expected the fields of one form, found those of {len(forms)}. {_ALONE}")
    if any(count > 1 for count in marks.values()):
        raise RecordError(_TWICE.format("page", _ALONE))
    # A form that was made before every page said it says it once.
    every_page = any(":" in name.removeprefix(ORIGIN) for name in listed | marks.keys())
    silent = (names for names in pages if names and not any(n.startswith(ORIGIN) for n in names))
    if every_page and next(silent, None) is not None:
        raise RecordError(
            f"expected the pages of one form, found pages of another among them. {_ALONE}"
        )


def _form_fields(reader: Any) -> Iterator[tuple[str, Any]]:
    """Yield every field of the form that takes a value, with its full name; one that is listed twice comes once."""
    form = _held(_held(reader.trailer["/Root"]).get("/AcroForm")) or {}
    met: set[Any] = set()
    waiting = [(field, "", None, 0) for field in reversed(_held(form.get("/Fields")) or [])]
    while waiting:
        reference, above, inherited, depth = waiting.pop()
        place = getattr(reference, "idnum", None)
        field = _held(reference)
        if not isinstance(field, dict) or (place is not None and place in met and not depth):
            continue
        if depth > _DEEPEST or (depth and place is not None and place in met):
            raise ValueError("a field within itself")
        met.add(place)
        name = ".".join(part for part in (above, *_own_name(field)) if part)
        value = field.get("/V", inherited)
        kids = [kid for kid in _held(field.get("/Kids")) or [] if "/T" in (_held(kid) or {})]
        if kids:
            waiting += [(kid, name, value, depth + 1) for kid in reversed(kids)]
        elif name:
            yield name, value


def _page_fields(page: Any) -> list[tuple[str, Any]]:
    """Return the full names and values of the fields that a page shows."""
    found = []
    for note in _held(page.get("/Annots")) or []:
        field = _held(note)
        if not isinstance(field, dict) or field.get("/Subtype") != "/Widget":
            continue
        parts: list[str] = []
        value = None
        for _ in range(_DEEPEST):
            parts += _own_name(field)
            value = field.get("/V") if value is None else value
            field = _held(field.get("/Parent"))
            if not isinstance(field, dict):
                break
        if parts:
            found.append((".".join(reversed(parts)), value))
    return found


def _own_name(field: Any) -> list[str]:
    return [str(_held(field.get("/T")))] if "/T" in field else []


def _held(value: Any) -> Any:
    """Return what a reference leads to."""
    return value.get_object() if hasattr(value, "get_object") else value
