"""What a message may not say of pupils: their numbers and their names, whatever library wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_UPN: Final = r"\b[A-Z]\d{11}[0-9A-Z]\b"


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """
    Return a message that says no pupil's number, and none of these names.

    Examples
    --------
    >>> without_secrets("KeyError: 'A916200120046' of Ann, not Anne", ["Ann"])
    "KeyError: '(a pupil)' of (a pupil), not Anne"
    """
    said = [_UPN, *(rf"(?<!\w){re.escape(secret)}(?!\w)" for secret in secrets if secret.strip())]
    return re.sub("|".join(said), "(a pupil)", text, flags=re.IGNORECASE)
