"""The one place where a number becomes rounded text, half up as in a spreadsheet, so that page and workbook agree."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

NOTHING: Final = "–"  # nothing to count: no possible sessions, no answer


def rounded_text(value: float | None, decimals: int = 0) -> str:
    """
    Return a number rounded half up, thousands with a comma; an en dash where there is none.

    Binary rounding would print 33 of 400 as 8.2 per cent where a spreadsheet prints 8.3.

    Examples
    --------
    >>> rounded_text(8.25, 1), rounded_text(1234.5), rounded_text(float("nan"), 1), rounded_text(-0.04, 1)
    ('8.3', '1,235', '–', '0.0')
    """
    if value is None or math.isnan(value):
        return NOTHING
    number = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{abs(number) if number == 0 else number:,}"


def signed(value: float) -> str:
    """
    Return a difference with its sign in front; nought has none.

    Examples
    --------
    >>> signed(2.25), signed(-0.31), signed(0.04), signed(float("nan"))
    ('+2.3', '−0.3', '0.0', '–')
    """
    if math.isnan(value):
        return NOTHING
    text = rounded_text(abs(value), 1)
    return text if text == "0.0" else f"{'+' if value > 0 else '−'}{text}"
