"""SVG as the pages want it: one style, the same bytes from the same drawing, nothing to spare."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from attendance_helpers.publish.chart_look import FONTS
from attendance_helpers.publish.chart_places import POINT, register_fonts

if TYPE_CHECKING:  # the project's own charts are drawn without it, and do not wait for it
    from matplotlib.figure import Figure

_IN_TAG = "(?=[^<>]*>)"  # what follows is the rest of a tag: a label is never touched
_NEEDLESS = (
    re.compile(r'(?<=<g) id="[^"]*"'),
    re.compile(r"; font-family: 'Source Sans Pro', 'DejaVu Sans'" + _IN_TAG),
    re.compile(r' transform="rotate\(-?0 [^"<>]*"' + _IN_TAG),
)
_TAG, _FINER = re.compile(r"<[^>]+>"), re.compile(r"(?<=\.\d\d)\d+")
_NAMES = re.compile(r'(?:\bid="|href="#|url\(#)' + _IN_TAG)
_SAME_LOOK = re.compile(
    r'<text style="([^"]*)"[^>]*>[^<]*</text>(?:<text style="\1"[^>]*>[^<]*</text>)+'
)
_NOTHING = dict.fromkeys(("Date", "Creator", "Format", "Type"))


@cache
def chart_style() -> dict[str, Any]:
    """Return matplotlib's defaults with `attendance.mplstyle` on top; no one's settings leak in."""
    import matplotlib

    sheet = resources.files("attendance_helpers.publish") / "attendance.mplstyle"
    with resources.as_file(sheet) as file:
        ours = matplotlib.rc_params_from_file(file, use_default_template=False)
    style = {**matplotlib.rcParamsDefault, **ours}
    return {key: value for key, value in style.items() if not key.startswith("backend")}


def figure_svg(figure: Figure | Callable[[], Figure]) -> str:
    """
    Return a matplotlib figure as plain SVG: what goes into the `svg` of a `Chart` of your own.

    Equal figures give equal bytes. There is no date, no metadata and no style sheet that reaches
    other drawings on the page; the few identifiers needed are named after the drawing itself.

    Parameters
    ----------
    figure : a figure, or a function that makes one: it is called with the charts' style in force
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    register_fonts()
    written = io.StringIO()
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcParams.update(chart_style())  # type: ignore[arg-type]
        # A letter that none of our fonts holds is drawn by the reader's own.
        warnings.filterwarnings("ignore", message=".*missing from font", category=UserWarning)
        made = figure if isinstance(figure, Figure) else figure()
        # The canvas's own method, because `Figure.savefig` draws everything twice.
        FigureCanvasSVG(made).print_svg(written, metadata=_NOTHING)
    return _plain_svg(written.getvalue())


def _plain_svg(written: str) -> str:
    """Return matplotlib's SVG without what no reader needs: prolog, style sheet, spare names."""
    svg = written[written.index("<svg") :]
    svg = re.sub(r"<style.*?</style>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><").replace("<defs></defs>", "")
    for needless in _NEEDLESS:
        svg = needless.sub("", svg)
    # A hundredth of a point is enough.
    svg = _TAG.sub(lambda tag: _FINER.sub("", tag[0]), svg)
    svg = _SAME_LOOK.sub(_gathered, svg)
    svg = svg.replace("<g>", f'<g font-family="{FONTS}" stroke-linejoin="round">', 1)
    # The size in millimetres is the size that it is meant to be printed at.
    svg = re.sub(
        r'(width|height)="([\d.]+)pt"',
        lambda found: f'{found[1]}="{float(found[2]) * POINT:.4g}mm"',
        svg,
        count=2,
    )
    name = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return _NAMES.sub(rf"\g<0>c{name}-", svg).strip() + "\n"


def _gathered(found: re.Match[str]) -> str:
    """Return texts of one look with the look said once."""
    return f'<g style="{found[1]}">' + found[0].replace(f' style="{found[1]}"', "") + "</g>"
