"""Reference numbers of pupils: they stand in file names and on forms, and without the key of the register they say nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.calendar import academic_year

KEY_FILE: Final = "reference.key"
BLANK: Final = "blank"  # the reference of a form without a pupil
LENGTH: Final = 12  # characters of a reference, about 57 bits
# Without vowels and without characters that are taken for each other: a reference spells nothing.
_ALPHABET: Final = "23456789BCDFGHJKMNPQRTVWXYZ"
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class FormOrigin:
    """What a form says of itself: whose it is, for whom, and of which data; `check` is made with the key and shows that it is ours."""

    reference: str
    urn: str
    copy: str  # "family" or "school"
    as_at: dt.date
    window: str
    check: str = ""


def reference_key(folder: Path, *, make: bool = True) -> bytes:
    """
    Return the key of the register in a folder, which only this account can read; it is made where there is none.

    Parameters
    ----------
    make : without it, a register that has no key yet is an error: it never made a form

    Raises
    ------
    RegisterError
        when there is none and none is to be made, or the file holds something else
    """
    path = folder / KEY_FILE
    if make and not path.exists():
        _made_key(path)
    if not path.exists():
        raise RegisterError(
            f"{folder}: expected the key of the forms of this register ({KEY_FILE}), found none: no form was ever made from it. "
            "Name the register that the form was made from, with --register."
        )
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, OSError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise RegisterError(
            f"{path}: expected the key of the forms of this register, found something else. Put back a copy of that file: "
            "without it, forms that were given out cannot be known again."
        )
    return key


def pupil_reference(key: bytes, *, urn: str, upn: str, as_at: dt.date) -> str:
    """
    Return the reference of a pupil in the school year of a date: the same for the same pupil, and nothing to be guessed from.

    Examples
    --------
    >>> pupil_reference(bytes(32), urn="900101", upn="A916200120046", as_at=dt.date(2026, 11, 20))
    'DYVJ-B23K-N525'
    """
    said = "\0".join(("pupil", urn, upn, academic_year(as_at)))
    number = int.from_bytes(hmac.digest(key, said.encode(), hashlib.sha256), "big")
    letters = []
    for _ in range(LENGTH):
        number, at = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[at])
    text = "".join(letters)
    return "-".join(text[start : start + 4] for start in range(0, LENGTH, 4))


def pupil_of(
    key: bytes, reference: str, *, urn: str, upns: Iterable[str], as_at: dt.date
) -> str | None:
    """Return the UPN of a reference among a school's pupils; None where it is none of theirs in the school year of the date."""
    return next(
        (
            upn
            for upn in upns
            if hmac.compare_digest(pupil_reference(key, urn=urn, upn=upn, as_at=as_at), reference)
        ),
        None,
    )


def form_check(key: bytes, origin: FormOrigin) -> str:
    """Return what a form of this origin carries to show that it was made with the key (16 hexadecimal digits)."""
    parts = (origin.reference, origin.urn, origin.copy, origin.as_at.isoformat(), origin.window)
    said = "\0".join(("form", *parts)).encode("utf-8", "replace")
    return hmac.digest(key, said, hashlib.sha256).hex()[:16]


def is_ours(key: bytes, origin: FormOrigin) -> bool:
    """Tell whether a form was made with the key, and says of itself what it said then."""
    return hmac.compare_digest(form_check(key, origin), origin.check)


def _made_key(path: Path) -> None:
    """Write a new key beside its place and put it there unless somebody was faster."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            if not path.exists():
                beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
