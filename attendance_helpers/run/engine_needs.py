"""What in a notebook only a kernel of its own can do: known before a cell runs, and named."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

# Magics that start programs with threads of their own, wait for somebody, or change what is installed or loaded.
MAGICS: Final = frozenset(
    {
        *("bash", "sh", "script", "perl", "ruby", "pypy", "python", "python2", "python3"),
        *("debug", "pdb", "gui", "pylab", "edit", "ed", "connect_info", "qtconsole", "subshell"),
        *("man", "less", "more", "clear", "cls", "killbgscripts"),
        *("pip", "conda", "mamba", "micromamba", "uv", "load_ext", "reload_ext", "unload_ext"),
    }
)
WORDS: Final = {
    "ipywidgets": "widgets (ipywidgets)",
    "tqdm.notebook": "widgets (tqdm.notebook)",
    "ipympl": "widgets (ipympl)",
    "jsonschema": "formats that a warm process does not check (jsonschema)",
    "breakpoint": "a debugger (breakpoint)",
    "set_trace": "a debugger (set_trace)",
    "embed_kernel": "a kernel inside (embed_kernel)",
    "start_ipython": "a shell inside (start_ipython)",
    "start_kernel": "a kernel inside (start_kernel)",
    "os._exit": "the end of its process (os._exit)",
    "os.abort": "the end of its process (os.abort)",
    "os.kill": "signals to processes (os.kill)",
    "os.killpg": "signals to processes (os.killpg)",
    "os.fork": "a copy of its process (os.fork)",
    "signal.alarm": "the alarm clock (signal.alarm)",
    "signal.setitimer": "the alarm clock (signal.setitimer)",
    "set_wakeup_fd": "the signals of its process (set_wakeup_fd)",
    "os.dup2": "descriptors of its own (os.dup2)",
    "setrlimit": "limits of its process (setrlimit)",
    "raise_signal": "signals to itself (raise_signal)",
    "pthread_kill": "signals to itself (pthread_kill)",
}
_WORDS: Final = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, WORDS))})\b|\.(?:set_trace)\b")
_MAGIC: Final = re.compile(r"^\s*(?:\w[\w, ]*=\s*)?(%%?)([\w-]+)[ \t]*(.*)$", re.MULTILINE)
_EXIT: Final = re.compile(r"^\s*(?:exit|quit)\b\s*(?:\(.*\))?\s*;?\s*$", re.MULTILINE)
_OTHERS: Final = re.compile(
    r"\b(subprocess|os\.system|os\.popen|multiprocessing|os\.write)\b|^\s*!"
)
# What an engine may be given and this one heeds, or may leave alone because it only says how a kernel is started.
OPTIONS: Final = frozenset(
    {
        *("input_path", "timeout", "startup_timeout", "extra_arguments", "config", "nest_asyncio"),
        *("allow_errors", "force_raise_errors", "allow_error_names", "record_timing"),
        *("coalesce_streams", "skip_cells_with_tag", "store_widget_state", "ipython_hist_file"),
        *("shutdown_kernel", "iopub_timeout", "raise_on_iopub_timeout"),
    }
)


def notebook_needs(notebook: Any, kernel_name: str | None = None) -> list[str]:
    """
    Return what a notebook has that needs a kernel, each by name; nothing for one that a warm process can run.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> notebook_needs(new_notebook(cells=[new_code_cell("%%bash")]))
    ['%%bash']
    """
    found = _kernel_needs(notebook.get("metadata", {}), kernel_name)
    for source in sources(notebook):
        found += _magic_needs(source)
        found += [WORDS[word.lstrip(".")] for word in _WORDS.findall(source)]
        found += ["the end of its kernel (exit, quit)"] * bool(_EXIT.search(source))
    return list(dict.fromkeys(found))


def process_needs(notebook: Any, options: Mapping[str, Any]) -> list[str]:
    """Return why this process, thread or call cannot run a notebook itself, whatever is in it."""
    from attendance_helpers.run.engine_shell import is_free

    found = [f"the option {name}" for name in sorted(set(options) - OPTIONS)]
    if not is_free():
        found.append("a process that runs no other notebook, shell or event loop")
    if threading.current_thread() is not threading.main_thread() and any(
        _OTHERS.search(source) for source in sources(notebook)
    ):
        found.append("what other programs write, outside of the main thread")
    return found


def sources(notebook: Any) -> list[str]:
    """Return the code of a notebook's cells."""
    cells: Iterable[Any] = notebook.get("cells", [])
    return [cell["source"] for cell in cells if cell.get("cell_type") == "code"]


def _magic_needs(source: str) -> list[str]:
    found = []
    for marks, name, rest in _MAGIC.findall(source):
        words = rest.split()
        if (
            name in MAGICS
            or (name == "matplotlib" and words[:1] != ["inline"])
            or (name == "autoawait" and words[:1] not in ([], ["asyncio"], ["True"], ["on"], ["1"]))
        ):
            named = f"{marks}{name} {rest}" if name in {"matplotlib", "autoawait"} else marks + name
            found.append(named.strip())
    return found


def _kernel_needs(metadata: Mapping[str, Any], kernel_name: str | None) -> list[str]:
    spec = metadata.get("kernelspec", {})
    language = (
        spec.get("language") or metadata.get("language_info", {}).get("name") or "python"
    ).lower()
    name = kernel_name or spec.get("name") or "python3"
    if language != "python":
        return [f"a kernel for {language} ({name})"]
    return [] if _is_this_python(name) else [f"the kernel {name}"]


def _is_this_python(name: str) -> bool:
    """Tell whether a kernel would be this very Python, started plainly."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        return False
    program, *arguments = spec.argv or [""]
    own = {"python", "python3", f"python3.{sys.version_info[1]}"}
    same = program in own or os.path.realpath(shutil.which(program) or program) == os.path.realpath(
        sys.executable
    )
    return same and "ipykernel_launcher" in arguments and not spec.env
