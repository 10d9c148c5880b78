"""What every chart has in common: how wide it is, its colours, its typeface."""

from __future__ import annotations

from typing import Final

PAGE_WIDTH: Final = 170.0  # mm; the text of an A4 page
FONTS: Final = "'Source Sans Pro', 'DejaVu Sans', sans-serif"

SCHOOL: Final = "#12436D"  # dark blue: this school, in every chart
LOOK: Final = "#F46A25"  # orange: where to look, and nothing else
INK: Final = "#3D3D3D"
QUIET: Final = "#595959"  # words about what it is compared with: 7:1 on white
OTHERS: Final = "#8C8C8C"  # lines and marks of what it is compared with: over 3:1 on white
BAND: Final = "#DEDEDE"
RULE: Final = "#E6E6E6"
WHITE: Final = "#FFFFFF"
