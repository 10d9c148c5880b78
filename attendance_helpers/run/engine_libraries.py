"""What libraries keep for a whole process: as it is after their import when a notebook begins, and put back afterwards."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any, Final

Back = Callable[[], None]
INLINE: Final = "module://matplotlib_inline.backend_inline"
BACKEND: Final = "matplotlib_inline.backend_inline"


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


def tables() -> Back:
    """Keep the options of pandas, with what they set elsewhere."""
    from pandas._config import config

    options: Any = config
    held = copy.deepcopy(options._global_config)
    values = _flat(options._global_config)

    def back() -> None:
        for name, value in _flat(options._global_config).items():
            if name in values and value is not values[name] and value != values[name]:
                options.set_option(name, values[name])
        options._global_config.clear()
        options._global_config.update(held)

    for name, option in options._registered_options.items():
        if values.get(name, option.defval) != option.defval and not _is_old(options, name):
            options.set_option(name, option.defval)
    return back


def _is_old(options: Any, name: str) -> bool:
    return name in options._deprecated_options


def _flat(options: dict[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{before}{name}."))
        else:
            flat[f"{before}{name}"] = value
    return flat


LIBRARIES: Final[tuple[Callable[[], Back], ...]] = (tables, charts)
