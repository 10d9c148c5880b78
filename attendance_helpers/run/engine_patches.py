"""Libraries that a notebook patched: found by comparing the names in modules and classes with what they were, and put back."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from operator import is_not
from typing import Any, Final

from attendance_helpers.run.engine_interpreter import is_installed

Back = Callable[[], None]
# Ways to set a name in a library that no assignment shows.
SETTERS: Final = re.compile(
    r"\b(setattr|delattr|patch|__dict__|vars|exec|eval|import_module|__import__|reload|register_\w+_accessor|run_path|"
    r"run_module|get_ipython|monkeypatch|sys\.modules|__setattr__)\b|^\s*[%!]",
    re.MULTILINE,
)
MADE_IN_PYTHON: Final = 1 << 9  # a class whose names can be set (Py_TPFLAGS_HEAPTYPE)


def may_patch(source: str) -> bool:
    """
    Tell whether some code could set names in a library: it sets an attribute, uses a function that can, or imports what is not loaded.

    Examples
    --------
    >>> may_patch("import math; x = math.pi"), may_patch("import math; math.pi = 3")
    (False, True)
    """
    sets, modules = _sets_and_imports(source)
    return sets or not all(module in sys.modules for module in modules)


@lru_cache(maxsize=256)  # the same cells for every school
def _sets_and_imports(source: str) -> tuple[bool, frozenset[str]]:
    """Return whether some code sets an attribute or uses a function that can, and the packages that it imports."""
    if SETTERS.search(source):
        return True, frozenset()
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return True, frozenset()
    names = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    sets = any(
        isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) for node in nodes
    )
    return sets, frozenset(name.partition(".")[0] for name in names)


def libraries(source: str, left: list[str]) -> Back:
    """
    Keep the names in all loaded modules and their classes, for a notebook that could have set some.

    Put back is what the notebook has done, not what a library did for itself while it worked: names that the notebook's code
    mentions, and values that come from it.
    """
    modules = [module for module in sys.modules.values() if isinstance(module, type(sys))]
    spared = {"__main__", "sys", "builtins", "warnings", "matplotlib.pyplot"}  # kept elsewhere
    held: list[tuple[Any, dict[str, Any]]] = [
        (module, dict(vars(module)))
        for module in modules
        if module.__name__ not in spared
        and not module.__name__.startswith("attendance_helpers.run.engine")
    ]
    classes = {
        id(value): value
        for _, names in held
        for value in names.values()
        if isinstance(value, type) and value.__module__ not in spared
    }
    held += [(one, dict(vars(one))) for one in classes.values() if one.__flags__ & MADE_IN_PYTHON]
    before = set(sys.modules)

    def back() -> None:
        own = [one for name, one in sys.modules.items() if name not in before]
        own = [one for one in own if not is_installed(one)]
        words = set(re.findall(r"\w+", "\n".join([source, *map(_source, own)])))
        makers = {"__main__", *(one.__name__ for one in own)}
        for owner, names in held:
            now = vars(owner)
            if len(now) != len(names) or any(map(is_not, now.values(), names.values())):
                _put_back(owner, names, words, makers, left)

    return back


def _source(module: Any) -> str:
    try:
        return inspect.getsource(module)
    except (OSError, TypeError):
        return ""


def _put_back(
    owner: Any, names: dict[str, Any], words: set[str], makers: set[str], left: list[str]
) -> None:
    now = dict(vars(owner))
    for name in [*names, *(new for new in now if new not in names)]:
        before, after = names.get(name, names), now.get(name, names)
        if before is after or not (name in words or _maker(after) in makers):
            continue
        if before is names and isinstance(after, type(sys)):
            continue  # a part of the library that was imported only now
        try:
            if before is names:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        except Exception:
            left.append(f"a patch that stays: {getattr(owner, '__name__', owner)}.{name}")


def _maker(value: Any) -> Any:
    """Return the name of the module that a value, or its class, was made in."""
    return getattr(value, "__module__", None) or getattr(type(value), "__module__", None)
