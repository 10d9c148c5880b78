"""Text made safe to show: nothing hidden, nothing reversed, nothing that a font cannot draw.

Names and comments come from other people's systems. Whatever they hold must be readable as text, so
a character that cannot be shown becomes a visible mark and never vanishes.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Collection

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Joiners, direction marks and variation selectors draw nothing but belong to how names are spelt.
UNSEEN = frozenset({0xAD, *range(0x200B, 0x2010), *range(0xFE00, 0xFE10)})

_PLAIN = re.compile(r"[ -~\n]*")
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def visible_text(text: object) -> str:
    r"""
    Return text in which every character is either itself or a visible mark.

    Control characters, halves of characters, private and impossible code points and the marks that
    reverse the reading direction become "�"; line ends become newlines, tabs spaces.

    Examples
    --------
    >>> visible_text("Zoe\u0308\tHale\r\n"), visible_text("abc\u202edcba\x00")
    ('Zoë Hale\n', 'abc�dcba�')
    """
    found = str(text)
    if _PLAIN.fullmatch(found):
        return found
    found = _LINE_ENDS.sub("\n", found).replace("\t", " ")
    return _replaced(unicodedata.normalize("NFC", found), _visible)


def printable_text(text: object, *, drawn: Collection[int], unseen: bool = True) -> str:
    """
    Return visible text that a set of fonts can draw in full.

    Parameters
    ----------
    text : anything; it is read as text
    drawn : the code points that the fonts hold
    unseen : whether marks that draw nothing stay; without them they are left out

    Examples
    --------
    >>> printable_text("Ł漢", drawn={ord("Ł")})
    'Ł�'
    """
    shown = visible_text(text)
    if _PLAIN.fullmatch(shown):
        return shown
    if not unseen:
        shown = "".join(character for character in shown if ord(character) not in UNSEEN)
    return _replaced(shown, lambda character: _drawn(character, drawn))


def html_text(text: object) -> str:
    """
    Return visible text, escaped for an HTML element or a quoted attribute.

    Examples
    --------
    >>> html_text("<b>Hale & Sons</b>")
    '&lt;b&gt;Hale &amp; Sons&lt;/b&gt;'
    """
    return html.escape(visible_text(text), quote=True)


def css_string(text: object) -> str:
    r"""
    Return text as a quoted CSS string in which all but plain letters and digits is escaped.

    Examples
    --------
    >>> css_string("a</style>")
    '"a\\3c \\2f style\\3e "'
    """
    shown = visible_text(text).replace("\n", " ")
    return '"' + re.sub(r"[^A-Za-z0-9 ]", lambda found: f"\\{ord(found[0]):x} ", shown) + '"'


def shortened(text: str, longest: int) -> str:
    """
    Return text no longer than a number of characters, with "…" where it was cut.

    Examples
    --------
    >>> shortened("For the school only", 12), shortened("For all", 12)
    ('For the sch…', 'For all')
    """
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def slug(text: str) -> str:
    """
    Return a heading's text as an address within the page.

    Examples
    --------
    >>> slug("Who is missing school – and why?"), slug("漢")
    ('who-is-missing-school-and-why', 'section')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "section"


def uncoloured(text: str) -> str:
    r"""
    Return a terminal's text without its colour codes.

    Examples
    --------
    >>> uncoloured("\x1b[31mKeyError\x1b[0m")
    'KeyError'
    """
    return _ANSI.sub("", text)


def _replaced(text: str, character: Callable[[str], str]) -> str:
    """Return a text with each of its characters changed: asked once for each that it holds, not for each place it stands at."""
    changed = {ord(old): new for old in set(text) if (new := character(old)) != old}
    return text.translate(changed) if changed else text


def _drawn(character: str, drawn: Collection[int]) -> str:
    known = character == "\n" or ord(character) in drawn or ord(character) in UNSEEN
    return character if known else REPLACEMENT


def _visible(character: str) -> str:
    code = ord(character)
    if character == "\n" or code in UNSEEN:
        return character
    impossible = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
    return REPLACEMENT if hidden or impossible else character
