"""Where the time of one pack goes, part by part, in one warm worker: a part of bench_packs.py."""

from __future__ import annotations

import datetime as dt
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from measuring import ROOT

NOTEBOOK = ROOT / "notebooks" / "02_pre_meeting_pack.ipynb"
CELL_PARTS = ("kernel start", "imports in the kernel", "other cells", "kernel stop, saving")
PARTS = (*CELL_PARTS, "HTML", "PDF", "XLSX")


class Inputs(NamedTuple):
    """What every route is given."""

    register: Path
    urns: list[str]
    parameters: dict[str, str]  # of a notebook, all but the school
    figures_seconds: float


def parts_of_a_pack(inputs: Inputs, folder: Path, rounds: int) -> tuple[float, dict[str, float]]:
    """Return how long a worker's imports take, and the seconds of each part of a pack; run in a process of its own."""
    begun = time.perf_counter()
    from attendance_helpers.run import documents, workers  # noqa: F401  # all that a worker loads

    loaded = time.perf_counter() - begun
    [document] = [d for d in documents.DOCUMENTS if d.notebook == NOTEBOOK.name]
    spent: dict[str, float] = {}
    exporters: dict[str, Any] = dict(documents.EXPORTERS)
    for form, exporter in exporters.items():
        exporter.from_notebook_node = timed(form.upper(), exporter.from_notebook_node, spent)

    def pack(urn: str) -> dict[str, float]:
        begun = time.time()
        given = {**inputs.parameters, "school_urn": urn}
        made = documents.document_files(
            document, folder, given, profile=inputs.parameters["profile"]
        )
        return cell_parts(made[0], begun, time.time() - sum(spent.values())) | spent

    folder.mkdir()
    pack(inputs.urns[0])  # warms the worker
    means: list[dict[str, float]] = []
    for _ in range(rounds):
        held = [pack(urn) for urn in inputs.urns]
        means.append({part: statistics.mean(one[part] for one in held) for part in PARTS})
    return loaded, {part: statistics.median(mean[part] for mean in means) for part in PARTS}


def timed(part: str, function: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def measured(*given: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            spent[part] = time.perf_counter() - begun

    return measured


def cell_parts(executed: Path, begun: float, ended: float) -> dict[str, float]:
    """Return the seconds before, in and after the cells, from the times that papermill notes with each."""
    cells = json.loads(executed.read_text("utf-8"))["cells"]
    times = [
        tuple(noted(cell["metadata"]["papermill"][edge]) for edge in ("start_time", "end_time"))
        for cell in cells
    ]
    imports = sum(
        end - start
        for cell, (start, end) in zip(cells, times, strict=True)
        if cell["cell_type"] == "code" and "".join(cell["source"]).startswith(("from ", "import "))
    )
    first, last = times[0][0], times[-1][1]
    seconds = (first - begun, imports, last - first - imports, ended - last)
    return dict(zip(CELL_PARTS, seconds, strict=True))


def noted(moment: str) -> float:
    read = dt.datetime.fromisoformat(moment)
    return (read if read.tzinfo else read.replace(tzinfo=dt.UTC)).timestamp()
