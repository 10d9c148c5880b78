"""UPN, URN and LAESTAB: what a well-formed one looks like."""

from __future__ import annotations

import re
from operator import mul

# The alphabet of check letters leaves out I, O and S. python-stdnum's `gb.upn` refuses UPNs that six present authorities issue.
CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]")
_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **{c: at for at, c in enumerate(CHECK_LETTERS)},
}
_PLACES = range(2, 14)
_URN = re.compile(r"\d{6}")


def upn_check_letter(rest: str) -> str:
    """
    Return the check letter that the last twelve characters of a UPN call for.

    Parameters
    ----------
    rest : twelve digits, the last of which may be a letter (a temporary UPN)

    Notes
    -----
    DfE's rule: each character times its position from the left of the whole UPN (2 to 13), summed, modulo 23.

    Examples
    --------
    >>> upn_check_letter("801200005001")
    'B'
    """
    total = sum(map(mul, map(_VALUES.__getitem__, rest), _PLACES))
    return CHECK_LETTERS[total % len(CHECK_LETTERS)]


def upn_problem(upn: str) -> str:
    """
    Say what is wrong with a UPN; an empty text when nothing is.

    The authority's digits may be those of one that no longer exists: the issuing authority's number stays with the pupil for life.

    Examples
    --------
    >>> upn_problem("B801200005001"), upn_problem("C801200005001"), upn_problem("12345")
    ('', 'check letter C where B is expected', 'not 13 characters')
    """
    if len(upn) != 13:
        return "not 13 characters"
    if not _UPN.fullmatch(upn):
        return "not a letter, eleven digits, and a digit or letter (I, O and S are not used)"
    expected = upn_check_letter(upn[1:])
    return "" if upn[0] == expected else f"check letter {upn[0]} where {expected} is expected"


def is_urn(text: str) -> bool:
    """
    Tell whether a text is a unique reference number of a school: six digits.

    Examples
    --------
    >>> is_urn("900101"), is_urn("9001")
    (True, False)
    """
    return _URN.fullmatch(text) is not None
