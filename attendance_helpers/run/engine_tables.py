"""The options of pandas: as they are after its import when a notebook begins, and put back afterwards."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Back = Callable[[], None]


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
