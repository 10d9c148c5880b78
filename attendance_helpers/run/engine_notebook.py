"""A notebook run in this process, or handed over to a kernel as a whole."""

from __future__ import annotations

import gc
import threading
from typing import Any, Final

from papermill.engines import Engine, NBClientEngine, NotebookExecutionManager
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from attendance_helpers.run.engine_charts import charts, charts_loaded, may_draw, unforeseen
from attendance_helpers.run.engine_client import WarmClient
from attendance_helpers.run.engine_needs import notebook_needs, process_needs, sources
from attendance_helpers.run.engine_patches import libraries, may_patch
from attendance_helpers.run.engine_shell import NeedsKernel
from attendance_helpers.run.engine_state import kept, threads_left
from attendance_helpers.run.engine_tables import tables

LEFT: Final[list[str]] = []  # what notebooks have left in this process that could not be put back
_at_work = threading.Lock()


class InThisProcess(Engine):
    """Papermill's engine of that kind; what it is given is what Papermill's standard engine is."""

    @classmethod
    def execute_managed_notebook(  # noqa: D102 - told by Papermill
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> Any:
        if not _at_work.acquire(blocking=False):
            return _in_kernel(
                nb_man, kernel_name, options, ["a process that runs no other notebook"]
            )
        try:
            needs = _needs(nb_man.nb, kernel_name, options)
            if not needs:
                try:
                    return _in_process(nb_man, kernel_name, options)
                except NeedsKernel as need:
                    needs = [str(need)]
                    nb_man.notebook_start()
        finally:
            _at_work.release()
        return _in_kernel(nb_man, kernel_name, options, needs)


GIVEN: Final = ("log_output", "stdout_file", "stderr_file", "start_timeout", "execution_timeout")


def _needs(notebook: Any, kernel_name: str, options: dict[str, Any]) -> list[str]:
    rest = {name: value for name, value in options.items() if name not in GIVEN}
    return notebook_needs(notebook, kernel_name) + process_needs(notebook, rest)


def _in_kernel(nb_man: Any, kernel_name: str, options: dict[str, Any], needs: list[str]) -> Any:
    logger.warning(f"Run in a kernel of its own, because it needs: {'; '.join(needs)}")
    if nb_man.pbar:
        nb_man.pbar.reset()
    return NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)


def _in_process(nb_man: Any, kernel_name: str, options: dict[str, Any]) -> Any:
    """Run a notebook here. The process is as before afterwards, or `LEFT` says what is not."""
    code = "\n".join(sources(nb_man.nb))
    draws = may_draw(code)
    if draws:
        charts_loaded()
    before = set(threading.enumerate())
    changed: list[str] = []
    keepers = [tables, charts if draws else lambda: unforeseen(changed)]
    if may_patch_any(nb_man.nb):
        keepers.append(lambda: libraries(code, changed))
    try:
        with kept(*keepers) as failed:
            return _client(nb_man, kernel_name, **options).execute()
    finally:
        if draws or set(threading.enumerate()) - before:
            gc.collect()  # threads end when what they work for has gone
        LEFT.extend([*failed, *changed, *threads_left(before)])


def may_patch_any(notebook: Any) -> bool:
    """Tell whether a cell of a notebook could set names in a library."""
    return any(may_patch(source) for source in sources(notebook))


def _client(
    nb_man: Any,
    kernel_name: str,
    log_output: bool = False,
    stdout_file: Any = None,
    stderr_file: Any = None,
    start_timeout: int = 60,
    execution_timeout: int | None = None,
    **options: Any,
) -> WarmClient:
    """Return the client, given what Papermill gives its own."""
    rest = remove_args(["timeout", "startup_timeout", "input_path"], **options)
    return WarmClient(
        nb_man,
        **merge_kwargs(
            rest,
            timeout=execution_timeout or options.get("timeout"),
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
        ),
    )
