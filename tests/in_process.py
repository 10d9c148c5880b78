"""Notebooks run in this process instead of a kernel of their own, which takes longer to start than a small school takes to be made."""

from __future__ import annotations

import ast
import io
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output
from papermill.engines import Engine, papermill_engines

from attendance_helpers.publish.blocks import Block
from attendance_helpers.run import pool

# What Python itself does not show of a program's warnings.
UNSHOWN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


@contextmanager
def in_this_process() -> Iterator[None]:
    """
    Run notebooks cell by cell in this process, and the schools of a run one after another.

    All else is as ever: the runner, the parameters, the notebook's file, the files made of it. The tests of packs hold packs made
    in both ways against one another.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(papermill_engines._engines, None, InThisProcess)
        patch.setattr(pool, "side_by_side", one_by_one)
        yield


def one_by_one(
    make: Callable[[Any], Any], jobs: Sequence[Any], workers: int, **_: Any
) -> Iterator[tuple[Any, Any]]:
    """Make what `pool.side_by_side` makes, without workers; nothing is prepared, tried again or ended here."""
    yield from ((job, make(job)) for job in jobs)


class InThisProcess(Engine):  # type: ignore[misc]
    """What Papermill runs a notebook with."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **given: Any) -> None:
        scope: dict[str, Any] = {}
        for at, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type == "code":
                nb_man.cell_start(cell, at)
                cell.outputs = cell_outputs(cell.source, scope)
                if any(output.output_type == "error" for output in cell.outputs):
                    nb_man.cell_exception(cell, at)
                    return
                nb_man.cell_complete(cell, at)


def cell_outputs(source: str, scope: dict[str, Any]) -> list[nbformat.NotebookNode]:
    """Run a cell and return what a kernel would leave under it: what it printed, what warned, what it shows, how it failed."""
    made: list[nbformat.NotebookNode] = []
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for kind in UNSHOWN:
            warnings.simplefilter("ignore", kind)
        try:
            value = cell_value(source, scope)
        except Exception as problem:
            lines = traceback.format_exception(problem)
            names = {"ename": type(problem).__name__, "evalue": str(problem), "traceback": lines}
            made = [new_output("error", **names)]
        else:
            made = [shown(value)] if value is not None else []
    text = said.getvalue() + "".join(f"{one.category.__name__}: {one.message}\n" for one in told)
    return [*([new_output("stream", name="stderr", text=text)] if text else []), *made]


def cell_value(source: str, scope: dict[str, Any]) -> Any:
    """Run a cell and return the value of its last expression, as a kernel shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), scope)
    return (
        None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), scope)
    )


def shown(value: Any) -> nbformat.NotebookNode:
    """Return what a cell that shows a value leaves in the notebook; anything but a block with all that it would say."""
    if isinstance(value, Block):
        return new_output("execute_result", data=value._repr_mimebundle_())
    return new_output("execute_result", data={"text/plain": repr(value)})
