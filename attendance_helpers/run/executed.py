"""A document made: its notebook run by Papermill, and every form written from that one executed notebook."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
import papermill.execute
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from attendance_helpers.publish.executed_forms import ExecutedForms
from attendance_helpers.run.deadlines import limited
from attendance_helpers.run.documents import CELL_SECONDS, WARM, Document
from attendance_helpers.run.params import checked_parameters, project_home


class DocumentError(Exception):
    """A notebook stopped: which one, at which cell, and why."""


def document_files(
    document: Document,
    folder: Path,
    parameters: dict[str, Any],
    *,
    profile: str,
    stem: str = "",
    notebook: Path | None = None,
    engine: str = WARM,
    cell_seconds: int = CELL_SECONDS,
    stages: dict[str, float] | None = None,
) -> list[Path]:
    """
    Run a document's notebook and write all of its forms into a folder.

    Parameters
    ----------
    stem : what the files are called; as the document says by default
    notebook : what is run instead of the document's own notebook: one made from it
    engine : who runs it, of `ENGINES`
    cell_seconds : how long one cell may take, and one form to be written
    stages : seconds by part of the work, added to

    Raises
    ------
    DocumentError
        when a cell fails; the notebook with the error stays in the folder
    """
    path = notebook or document.path
    source, *forms = document.files(profile, stem)
    executed = folder / source
    begun = time.perf_counter()
    given = checked_parameters(path, {**parameters, "profile": profile})
    ran = _run(document.notebook, path, executed, given, engine=engine, cell_seconds=cell_seconds)
    _add(stages, "notebook", begun)
    made = ExecutedForms(ran, name=executed.stem)
    for name in forms:
        begun = time.perf_counter()
        form = Path(name).suffix[1:]
        with limited(name, cell_seconds):
            (folder / name).write_bytes(made.content(form))
        _add(stages, form, begun)
    return [folder / name for name in (source, *forms)]


def _run(
    named: str,
    path: Path,
    executed: Path,
    given: dict[str, Any],
    *,
    engine: str,
    cell_seconds: int,
) -> Any:
    """Run a notebook, write it with its outputs, or with the error that stopped it, and return it."""
    try:
        with (
            _kernel_options() as options,
            patch.object(papermill.execute, "write_ipynb", _written),
        ):
            return papermill.execute_notebook(
                path,
                executed,
                parameters=given,
                engine_name=WARM if engine == WARM else None,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=cell_seconds,
                cwd=project_home(),
                **options,
            )
    except PapermillExecutionError as problem:
        reason = problem.evalue.strip().splitlines()[0] if problem.evalue.strip() else ""
        raise DocumentError(
            f"{named}, cell {problem.cell_index}: {problem.ename}: {reason}"
        ) from problem


def _written(notebook: Any, path: str) -> None:
    """
    Write a notebook as nbformat does, in another layout: a line a cell.

    nbformat indents, which Python's JSON can only do in pure Python, from a copy of everything: 60 ms a pack against 10.
    """
    nbformat.validate(notebook)
    cells = ",\n".join(_json(cell) for cell in notebook["cells"])
    rest = _json({name: part for name, part in notebook.items() if name != "cells"})
    Path(path).write_text(f'{{"cells": [\n{cells}\n],\n{rest[1:]}\n', "utf-8")


def _json(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False, sort_keys=True)


def _add(stages: dict[str, float] | None, part: str, begun: float) -> None:
    if stages is not None:
        stages[part] = stages.get(part, 0.0) + time.perf_counter() - begun


@contextmanager
def _kernel_options() -> Iterator[dict[str, Any]]:
    """
    Yield how a kernel is started: quietly, and where the system has them over sockets that only this account can open.

    Jupyter's usual way is a TCP port on this machine, unencrypted: others on a shared host could read pupils' data from it. Each kernel
    has a folder of its own: without one, all kernels of an account would share one set of sockets.
    """
    options: dict[str, Any] = {"extra_arguments": ["--log-level=CRITICAL"]}
    if os.name != "posix":
        yield options
        return
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as folder:
        sockets = {"transport": "ipc", "ip": str(Path(folder) / "k")}
        yield {**options, "config": Config({"KernelManager": sockets})}
