"""What stands in a saved page or a PDF, before anything is made of it; it is read in a process of its own, which imports little."""

from __future__ import annotations

import codecs
import io
import json
import logging
import sys
import warnings
from typing import Any, Final

from attendance_helpers.errors import RecordError

ELEMENT: Final = "attendance-form"  # the id of the one element that holds the answers
NO_TEXT: Final = False  # stands for a number, say, where a form of ours has a text
MEMORY: Final = 2**31  # bytes; where the system can limit it
_TYPE: Final = "application/json"
_UNREADABLE: Final = 3  # exit status


def main(way: str) -> int:
    """Read a file from the standard input and write what it holds, or what is wrong with it, as JSON; return the exit status."""
    _limit_memory()
    content = sys.stdin.buffer.read()
    try:
        found = {"found": _found(way, content)}
    except RecordError as problem:
        found = {"problem": str(problem)}
    except Exception:  # whatever a damaged file makes of its reader
        return _UNREADABLE
    sys.stdout.buffer.write(json.dumps(found).encode("ascii"))
    return 0


def _found(way: str, content: bytes) -> Any:
    return page_elements(content) if way == "html" else pdf_fields(content)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or most > MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))


def page_elements(content: bytes) -> list[str | None]:
    """Return the text of each element of a page that has the id of the answers; None of one that is no JSON."""
    from bs4 import BeautifulSoup, SoupStrainer, Tag

    wide = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        page = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return [None]
    wanted = SoupStrainer(id=ELEMENT)
    found = BeautifulSoup(page, "html.parser", parse_only=wanted).find_all(id=ELEMENT)
    return [_json_text(element) for element in found if isinstance(element, Tag)]


def _json_text(element: Any) -> str | None:
    if element.name != "script" or element.get("type") != _TYPE:
        return None
    return str(element.string) if isinstance(element.string, str) else None


def pdf_fields(content: bytes) -> dict[str, Any]:
    """
    Return the fields of a PDF by their full names, each with its value as text (of a box `/Yes` or `/Off`); empty where there is none.

    Several texts are a list; a value that is no text is `NO_TEXT`.

    Raises
    ------
    RecordError
        when it has a password, more fields than a form of ours, or fields or pages of several forms
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    from attendance_helpers.register.family_sheets import sheet_fields

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # what is wrong with a file is said in our own words
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                reader = PdfReader(io.BytesIO(content))
                sealed = reader.is_encrypted
            except DependencyError:  # of one that is sealed in today's way
                sealed = True
            if sealed:
                reader = PdfReader(io.BytesIO(_opened(content)))
            return {name: _text(value) for name, value in sheet_fields(reader).items()}
    except FileNotDecryptedError as problem:
        raise RecordError(
            "expected a PDF that can be opened by everybody, found one with a password. Save it without, and record that."
        ) from problem
    finally:
        logging.disable(before)


def _opened(content: bytes) -> bytes:
    """Return a PDF that opens without a password, and only forbids to change it, as one that forbids nothing."""
    import pikepdf
    from pypdf.errors import FileNotDecryptedError

    made = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(content)) as opened:
            opened.save(made, encryption=False)
    except pikepdf.PasswordError as problem:
        raise FileNotDecryptedError from problem
    return made.getvalue()


def _text(value: Any) -> Any:
    """Return a field's value as text: a name, a text, the bytes of one that could not be told, or a stream of them; of several a list."""
    value = value.get_object() if hasattr(value, "get_object") else value
    if isinstance(value, list):  # a combo box may keep its one choice so
        texts = [_text(one) for one in value]
        if not all(isinstance(one, str) for one in texts):
            return NO_TEXT
        return texts if len(texts) > 1 else "".join(texts)
    if hasattr(value, "get_data"):
        value = value.get_data()
    if isinstance(value, bytes):
        return _decoded(value)
    if value is None or type(value).__name__ == "NullObject":
        return ""
    return str(value) if isinstance(value, str) else NO_TEXT


def _decoded(value: bytes) -> str:
    wide = {b"\xfe\xff": "utf-16-be", b"\xff\xfe": "utf-16-le"}.get(value[:2])
    if wide is None:
        return value.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    try:
        return value[2:].decode(wide, "surrogatepass")
    except UnicodeDecodeError:
        return value[2:].decode(wide, "replace")
