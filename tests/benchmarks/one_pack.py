"""One pack in one warm process: as the engine makes it, and the floor, the same work as a plain function. Parts of bench_packs.py."""

from __future__ import annotations

import ast
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from measuring import ROOT, resident_megabytes

NOTEBOOK = ROOT / "notebooks" / "02_pre_meeting_pack.ipynb"
FORMS = ("html", "pdf", "xlsx")
STAGES = (
    *("cells", "engine, Papermill, notebook file", "HTML", "PDF", "XLSX"),
    "fingerprints, to the disk",
)


class Inputs(NamedTuple):
    """What every route is given."""

    register: Path
    urns: list[str]
    parameters: dict[str, str]  # of a notebook, all but the school
    figures_seconds: float


class Compared(NamedTuple):
    """Seconds a pack: each round's mean over the schools."""

    warm: list[float]
    floor: list[float]
    stages: dict[str, float]
    floor_stages: dict[str, float]
    memory: list[float]  # MB after each round


def warm_and_floor(inputs: Inputs, folder: Path, rounds: int) -> Compared:
    """Make every school's pack by the engine and as a plain function, in turn; run in a process of its own."""
    from attendance_helpers.run import pack_jobs

    pack_jobs.prepared()
    floor = Floor(NOTEBOOK)
    warm_times, floor_times, memory = [], [], []
    stages: list[dict[str, float]] = []
    floor_stages: list[dict[str, float]] = []
    for number in range(rounds + 1):
        ours, bare = [], []
        for urn in inputs.urns:
            seconds, parts = warm_pack(inputs, urn, folder)
            ours.append(seconds)
            bare.append(floor.pack({**inputs.parameters, "school_urn": urn}, folder / "floor"))
            if number:
                stages.append(parts)
                floor_stages.append(dict(floor.stages))
        if number:  # the first round warms
            warm_times.append(statistics.mean(ours))
            floor_times.append(statistics.mean(bare))
            memory.append(resident_megabytes())
    return Compared(warm_times, floor_times, means(stages), means(floor_stages), memory)


def means(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each part."""
    return {name: statistics.mean(one[name] for one in parts) for name in parts[0]}


def warm_pack(inputs: Inputs, urn: str, folder: Path) -> tuple[float, dict[str, float]]:
    """Make one pack as a worker does, notebook 02 alone; return its seconds, and those of each stage."""
    from attendance_helpers.run import pack_jobs, swap
    from attendance_helpers.run.documents import DOCUMENTS

    [document] = [d for d in DOCUMENTS if d.notebook == NOTEBOOK.name]
    folder.mkdir(exist_ok=True)
    given = {**inputs.parameters, "school_urn": urn}
    job = pack_jobs.Job(urn, folder, given, ((document, given.pop("profile")),), {})
    begun = time.perf_counter()
    outcome = pack_jobs.pack_made(job)
    seconds = time.perf_counter() - begun
    if outcome.status != "done":
        raise RuntimeError(f"{urn}: {outcome.reason}")
    made = Path(outcome.beside) / swap.FILES
    cells = cell_seconds(next(made.glob("*.ipynb")))
    swap.swept(folder, {urn})
    took = outcome.stages
    known = (cells, took["notebook"] - cells, took["html"], took["pdf"], took["xlsx"])
    return seconds, dict(zip(STAGES, (*known, seconds - sum(took.values())), strict=True))


def cell_seconds(executed: Path) -> float:
    """Return the seconds in cells, as Papermill notes them with each."""
    cells = json.loads(executed.read_text("utf-8"))["cells"]
    return sum(float(cell["metadata"]["papermill"].get("duration") or 0) for cell in cells)


class Floor:
    """
    The same measures, charts and files as those of a notebook, by a plain function.

    Its source are the notebook's cells one after the other, compiled once; what a cell shows is appended to a list. No kernel, no shell,
    no Papermill, no nbformat, no nbconvert. The file in the place of the notebook holds the same objects as JSON.
    """

    def __init__(self, notebook: Path) -> None:
        self.stages: dict[str, float] = {}
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        self._cells: list[dict[str, Any]] = []
        body: list[ast.stmt] = []
        for cell in cells:
            source = "".join(cell["source"])
            if "parameters" in cell["metadata"].get("tags", ()):
                continue
            self._cells.append({**cell, "source": source})
            if cell["cell_type"] == "code":
                body += shown_last(ast.parse(source).body, len(self._cells) - 1)
        tree = ast.fix_missing_locations(ast.Module(body, []))
        self._code: CodeType = compile(tree, "floor", "exec")

    def pack(self, given: dict[str, str], folder: Path) -> float:
        """Write the four files of one school; return the seconds."""
        from attendance_helpers.publish.executed_forms import ExecutedForms

        folder.mkdir(exist_ok=True)
        begun = time.perf_counter()
        shown: dict[int, Any] = {}
        exec(self._code, {**given, "_show": shown.__setitem__})
        self._timed("measures, tables, charts", begun)
        begun = time.perf_counter()
        held = {"cells": [self._with_output(at, shown.get(at)) for at in range(len(self._cells))]}
        (folder / "pre_meeting.ipynb").write_text(json.dumps(held, ensure_ascii=False), "utf-8")
        self._timed("JSON", begun)
        forms = ExecutedForms(held, name="pre_meeting")
        for form in FORMS:
            begun = time.perf_counter()
            (folder / f"pre_meeting.{form}").write_bytes(forms.content(form))
            self._timed(form.upper(), begun)
        return sum(self.stages.values())

    def _timed(self, part: str, begun: float) -> None:
        self.stages[part] = time.perf_counter() - begun

    def _with_output(self, at: int, value: Any) -> dict[str, Any]:
        cell = self._cells[at]
        if value is None:
            return {**cell, "outputs": []}
        data = value._repr_mimebundle_()
        return {
            **cell,
            "outputs": [{"output_type": "execute_result", "data": data, "metadata": {}}],
        }


def shown_last(body: list[ast.stmt], at: int) -> list[ast.stmt]:
    """Return a cell's statements, the last expression handed to `_show` with the cell's number."""
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr):
        return body
    call = ast.Call(ast.Name("_show", ast.Load()), [ast.Constant(at), last.value], [])
    return [*body[:-1], ast.Expr(call)]
