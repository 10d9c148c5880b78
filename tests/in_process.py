"""Notebooks run in this process instead of a kernel of their own, which takes longer to start than a small school takes to be made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output
from papermill.engines import papermill_engines

from attendance_helpers.publish.blocks import Block
from attendance_helpers.run import pool
from attendance_helpers.run.engine import WarmEngine
from attendance_helpers.run.workers import Hands


@contextmanager
def in_this_process() -> Iterator[None]:
    """
    Run notebooks in this process, and the schools of a run one after another.

    All else is as ever: the runner, the parameters, the notebook's file, the files made of it. The tests of packs hold packs made
    in both ways against one another.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(papermill_engines._engines, None, WarmEngine)
        patch.setattr(pool, "side_by_side", one_by_one)
        patch.setattr(Hands, "__call__", lambda hands, make, jobs: one_by_one(make, jobs, 1))
        patch.setattr(Hands, "ready", lambda hands, jobs: None)
        yield


def one_by_one(
    make: Callable[[Any], Any], jobs: Sequence[Any], workers: int, **_: Any
) -> Iterator[tuple[Any, Any]]:
    """Make what `pool.side_by_side` makes, without workers; nothing is prepared, tried again or ended here."""
    yield from ((job, make(job)) for job in jobs)


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
