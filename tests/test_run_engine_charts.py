"""Libraries that draw are loaded where a notebook draws, and a process that they were left in is known."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from attendance_helpers.run.engine_charts import may_draw

TESTS = Path(__file__).parent
ALONE = """
import sys, json
sys.path.insert(0, {tests!r})
import papermill
from awkward_notebooks import notebook
from attendance_helpers.run import engine
engine.warm()
found = [sorted({{"matplotlib", "seaborn", "scipy.stats"}} & set(sys.modules))]
for cell in {cells!r}:
    made = papermill.execute_notebook(
        notebook([cell]), None, engine_name="attendance", kernel_name="python3", progress_bar=False
    )
    kinds = [sorted(one.get("data", {{}})) for one in made.cells[0].outputs]
    found.append([kinds, "matplotlib" in sys.modules, len(engine.tainted())])
print(json.dumps(found))
"""
HIDDEN = (
    "import importlib\npage = importlib.import_module('mat' + 'plotlib.pyp' + 'lot')\n"
    "page.figure(figsize=(1, 1)).add_axes([0, 0, 1, 1]);"
)


def alone(*cells: str) -> list[list[object]]:
    """Return what a fresh process finds after each of some notebooks."""
    code = ALONE.format(tests=str(TESTS), cells=cells)
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert made.stdout, made.stderr
    found: list[list[object]] = json.loads(made.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("code", "draws"),
    [
        ("import matplotlib", True),
        ("from seaborn import *", True),
        ("%matplotlib inline", True),
        ("frame.plot()", True),
        ("frame['x'].hist(bins=3)", True),
        ("Chart(figure_svg(figure))", True),
        ("show(charts.trend(case)); plots = 5", False),
    ],
)
def test_what_may_draw(code: str, draws: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    assert may_draw(code) is draws


def test_what_is_loaded_may_be_used() -> None:
    import matplotlib  # noqa: F401

    assert may_draw("print(1)")


def test_a_figure_that_nobody_expected_is_shown_and_the_process_is_told_of() -> None:
    figure = [["image/png", "text/plain"]]
    plain, drawn = (
        "print('x')",
        "import matplotlib.pyplot as p\np.figure(figsize=(1, 1)).add_axes([0, 0, 1, 1]);",
    )
    assert alone(plain, HIDDEN, plain, drawn) == [
        [],
        [[[]], False, 0],
        [figure, True, 1],
        [[[]], True, 1],
        [figure, True, 1],
    ]


def test_one_that_was_expected_leaves_nothing() -> None:
    cell = "import pandas as pd\npd.Series([1, 2]).plot(figsize=(1, 1));"
    assert alone(cell, cell)[1:] == [[[["image/png", "text/plain"]], True, 0]] * 2
