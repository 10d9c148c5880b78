"""What happened since: absence in equal windows before and after a day, beside similar pupils without an action."""

from __future__ import annotations

from typing import Final

LEAST_DAYS: Final = 10  # school days after; with fewer (<) nothing is said
MOST_DAYS: Final = 60  # school days on either side at most
SIMILAR_POINTS: Final = 5.0  # percentage points of absence before that still count as similar (<=)
LEAST_SIMILAR: Final = 5  # pupils; with fewer (<) there is no comparison
