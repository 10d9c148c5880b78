"""What Python itself keeps for a whole process: as a kernel would begin with it, and put back afterwards."""

from __future__ import annotations

import builtins
import gc
import linecache
import logging
import os
import site
import sys
import sysconfig
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, Final

Back = Callable[[], None]
PLAIN_WARNINGS: Final = (
    ("default", None, DeprecationWarning, "__main__", 0),
    ("ignore", None, DeprecationWarning, None, 0),
    ("ignore", None, PendingDeprecationWarning, None, 0),
    ("ignore", None, ImportWarning, None, 0),
    ("ignore", None, ResourceWarning, None, 0),
)  # Python's own, in its order


def imports() -> Back:
    """Keep where modules are looked for, and which are there; those that are not of an installed library go."""
    paths = (sys.path, sys.meta_path, sys.path_hooks)
    held = [list(path) for path in paths]
    modules, finders = dict(sys.modules), set(sys.path_importer_cache)
    if "" not in sys.path:
        installed = sysconfig.get_path("purelib")
        sys.path.insert(sys.path.index(installed) if installed in sys.path else 0, "")

    def back() -> None:
        for path, before in zip(paths, held, strict=True):
            path[:] = before  # type: ignore[index]
        sys.path, sys.meta_path, sys.path_hooks = paths
        for name in [name for name in sys.modules if name not in modules]:
            if not is_installed(sys.modules[name]):
                _forget(name)
        sys.modules.update(modules)
        for place in set(sys.path_importer_cache) - finders:
            del sys.path_importer_cache[place]

    return back


def is_installed(module: Any) -> bool:
    """Tell whether a module is Python's or of an installed library, rather than from a folder of the notebook or made by it."""
    file = getattr(getattr(module, "__spec__", None), "origin", None) or ""
    return file in {"built-in", "frozen"} or os.path.abspath(file).startswith(_homes())


@cache
def _homes() -> tuple[str, ...]:
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    own = os.path.join(here, "attendance_helpers")
    return tuple(f"{place}{os.sep}" for place in (*places, site.getusersitepackages(), own))


def _forget(name: str) -> None:
    module = sys.modules.pop(name)
    parent, _, last = name.rpartition(".")
    if getattr(sys.modules.get(parent), last, None) is module:
        delattr(sys.modules[parent], last)


def lines() -> Back:
    """Keep the lines of source that tracebacks show; those of cells go."""
    held = set(linecache.cache)

    def back() -> None:
        for name in set(linecache.cache) - held:
            del linecache.cache[name]
        for module in ("executing.executing", "stack_data.core"):
            source = getattr(sys.modules.get(module), "Source", object)
            for name in vars(source):
                if name.endswith(("_cache", "_cache_with_lines")):
                    getattr(source, name).clear()

    return back


def interpreter() -> Back:
    """Keep what `sys`, `builtins` and the garbage collector have; the arguments are a kernel's."""
    held, known = dict(vars(sys)), dict(vars(builtins))
    numbers = sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits()
    hooks = sys.gettrace(), sys.getprofile(), sys.get_asyncgen_hooks()
    collector = gc.isenabled(), gc.get_threshold(), gc.get_debug(), list(gc.callbacks)
    launcher = os.path.join(sysconfig.get_path("purelib"), "ipykernel_launcher.py")
    sys.argv = [launcher, "-f", os.path.join("runtime", "kernel.json")]
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - closed below
    sys.unraisablehook = sys.__unraisablehook__
    gc.enable()
    ours = sys.stdin

    def back() -> None:
        ours.close()
        _namespace_back(vars(sys), held)
        _namespace_back(vars(builtins), known)
        sys.setrecursionlimit(numbers[0])
        sys.setswitchinterval(numbers[1])
        sys.set_int_max_str_digits(numbers[2])
        if sys.gettrace() is not hooks[0]:
            sys.settrace(hooks[0])
        if sys.getprofile() is not hooks[1]:
            sys.setprofile(hooks[1])
        sys.set_asyncgen_hooks(*hooks[2])
        (gc.enable if collector[0] else gc.disable)()
        gc.set_threshold(*collector[1])
        gc.set_debug(collector[2])
        gc.callbacks[:] = collector[3]

    return back


def _namespace_back(names: dict[str, Any], held: dict[str, Any]) -> None:
    for name in [name for name in names if name not in held]:
        del names[name]
    for name, value in held.items():
        if names.get(name, names) is not value:
            names[name] = value


def logs() -> Back:
    """Keep loggers: levels, handlers, filters."""
    parts = ("level", "propagate", "disabled")
    lists = ("handlers", "filters")
    root = logging.root
    held = {
        name: (one, [getattr(one, part) for part in parts], [list(getattr(one, p)) for p in lists])
        for name, one in [("", root), *root.manager.loggerDict.items()]
        if isinstance(one, logging.Logger)
    }
    disable, classes = root.manager.disable, logging.getLoggerClass()

    def back() -> None:
        for name, one in [("", root), *root.manager.loggerDict.items()]:
            if not isinstance(one, logging.Logger):
                continue
            _, values, contents = held.get(name, (one, None, None))
            if (
                values is None
            ):  # made meanwhile: by a library or the notebook, which must hear nothing more
                one.handlers = [h for h in one.handlers if isinstance(h, logging.NullHandler)]
                continue
            for part, value in zip(parts, values, strict=True):
                setattr(one, part, value)
            for part, content in zip(lists, contents or (), strict=True):
                getattr(one, part)[:] = content
        root.manager.disable = disable
        logging.setLoggerClass(classes)
        root.manager._clear_cache()  # type: ignore[attr-defined]

    return back


def warned() -> Back:
    """Keep the filters of warnings, and begin with those of a new process; what was shown once is shown again."""
    module: Any = warnings
    names = ("showwarning", "formatwarning", "defaultaction", "_showwarnmsg_impl")
    held = {name: getattr(module, name) for name in names}
    filters, once = list(module.filters), dict(module.onceregistry)
    module.onceregistry.clear()
    module.filters[:] = PLAIN_WARNINGS
    module._filters_mutated()
    module.showwarning, module.formatwarning = module._showwarning_orig, module._formatwarning_orig
    module._showwarnmsg_impl = _shown

    def back() -> None:
        module.filters[:] = filters
        module.onceregistry.clear()
        module.onceregistry.update(once)
        for name, value in held.items():
            setattr(module, name, value)
        module._filters_mutated()

    return back


def _shown(message: Any) -> None:
    if sys.stderr is not None:
        sys.stderr.write(warnings._formatwarnmsg(message))  # type: ignore[attr-defined]
