"""Libraries that draw: loaded where a notebook may draw, as they are after their import when it begins, and put back afterwards."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any, Final

Back = Callable[[], None]
INLINE: Final = "module://matplotlib_inline.backend_inline"
BACKEND: Final = "matplotlib_inline.backend_inline"
MODULES: Final = (
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
    *(BACKEND, "seaborn"),
)
# What the code of a notebook that draws has somewhere; one that draws without any of it is found out by what is loaded afterwards.
DRAWS: Final = re.compile(
    r"matplotlib|pyplot|\bpylab|\bplt\b|seaborn|\bsns\b|figure_svg|InlineBackend|plotting|graphics|"
    r"\.(?:plot|hist|boxplot|background_gradient|bar)\b"
)


def may_draw(code: str) -> bool:
    """
    Tell whether a notebook's code may draw, or a library that draws is loaded already.

    Examples
    --------
    >>> may_draw("frame.plot(kind='bar')")
    True
    """
    return "matplotlib" in sys.modules or DRAWS.search(code) is not None


def charts_loaded() -> None:
    """Load what draws, before a notebook runs, so that it is known how that was before."""
    for module in MODULES:
        importlib.import_module(module)


def unforeseen(left: list[str]) -> Back:
    """Expect that nothing is drawn; what drew nevertheless has settings that nobody knows to be as before, so `left` is told."""

    def back() -> None:
        if "matplotlib" not in sys.modules:
            return
        left.append("what draws was loaded by a notebook that did not look like it (matplotlib)")
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
            pyplot._backend_mod = None
        matplotlib: Any = sys.modules["matplotlib"]
        dict.update(matplotlib.rcParams, matplotlib.rcParamsOrig)
        dict.__setitem__(matplotlib.rcParams, "backend", "agg")
        inline: Any = sys.modules.get("matplotlib_inline.config")
        if inline is not None:
            inline.InlineBackend.clear_instance()
        sys.modules.pop(BACKEND, None)

    return back


def charts() -> Back:
    """
    Keep matplotlib's settings, its figures, colours and registers; the inline backend is imported anew, because that is what sets it up.

    Figures that were open before stay open, and a notebook does not see them.
    """
    import matplotlib
    from matplotlib import _pylab_helpers, pyplot
    from matplotlib_inline.config import InlineBackend

    parameters = [
        (held, dict.copy(held)) for held in (matplotlib.rcParams, matplotlib.rcParamsDefault)
    ]
    names = dict(vars(pyplot))
    figures = dict(_pylab_helpers.Gcf.figs)
    backs = [_contents(held) for held in _registers()]
    module = sys.modules.pop(BACKEND, None)
    dict.update(matplotlib.rcParams, matplotlib.rcParamsOrig)
    dict.__setitem__(matplotlib.rcParams, "backend", INLINE)
    pyplot._backend_mod = None
    pyplot._REPL_DISPLAYHOOK = type(pyplot._REPL_DISPLAYHOOK).NONE
    _pylab_helpers.Gcf.figs.clear()
    InlineBackend.clear_instance()

    def back() -> None:
        pyplot.close("all")
        _pylab_helpers.Gcf.figs.update(figures)
        for held, values in parameters:
            dict.clear(held)
            dict.update(held, values)
        for put_back in backs:
            put_back()
        vars(pyplot).update(names)
        InlineBackend.clear_instance()
        sys.modules.pop(BACKEND, None)
        if module is not None:
            sys.modules[BACKEND] = module
            sys.modules["matplotlib_inline"].backend_inline = module  # type: ignore[attr-defined]

    return back


def _registers() -> list[Any]:
    """Return matplotlib's and seaborn's tables that functions of theirs add to."""
    import matplotlib
    import seaborn.palettes
    from matplotlib import colors, projections, scale, style, units

    full = colors._colors_full_map  # type: ignore[attr-defined]
    tables = [full, full.cache, matplotlib.colormaps._cmaps, style.library, units.registry]  # type: ignore[attr-defined]
    tables += [scale._scale_mapping, projections.projection_registry._all_projection_types]  # type: ignore[attr-defined]
    tables.append(seaborn.palettes.SEABORN_PALETTES)
    plots = sys.modules.get("seaborn._core.plot")
    if plots is not None:
        tables += [plots.Plot.config._theme, plots.Plot.config._display]
    return tables


def _contents(table: Any) -> Back:
    held = dict.copy(table)

    def back() -> None:
        if table.keys() != held.keys() or any(table[name] is not held[name] for name in held):
            dict.clear(table)
            dict.update(table, held)

    return back
