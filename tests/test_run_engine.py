"""The warm engine against a kernel: awkward notebooks and our own, cell by cell."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import awkward_notebooks as awkward
import nbformat
import papermill
import pytest
from awkward_notebooks import FOUND, HANDED_OVER, SAME, notebook, shown
from nbclient.exceptions import CellTimeoutError
from papermill.exceptions import PapermillExecutionError

from attendance_helpers.run import deadlines, engine
from attendance_helpers.run.engine_needs import notebook_needs
from attendance_helpers.run.executed import _kernel_options

ROOT = Path(__file__).resolve().parents[1]
Ran = tuple[str, list[dict[str, Any]], dict[str, Any]]


def ran(source: Any, folder: Path, engine_name: str | None, **options: Any) -> Ran:
    """Run a notebook, and return how it ended, what is shown, and the notebook's metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(source, folder / "in.ipynb")
    end = ""
    try:
        papermill.execute_notebook(
            folder / "in.ipynb",
            folder / "out.ipynb",
            engine_name=engine_name,
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            **options,
        )
    except PapermillExecutionError as problem:
        end = awkward.plain(str(problem))
    executed = nbformat.read(folder / "out.ipynb", as_version=4)
    return end, shown(executed), dict(executed.metadata.get("language_info", {}))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which both run, so that what they show of it is the same."""
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("awkward"))
    yield Path.cwd()
    os.chdir(before)


@pytest.fixture(scope="module")
def kernels(place: Path) -> dict[str, Ran]:
    """Every awkward notebook as a real kernel runs it, side by side; a kernel watches its descriptors unless it finds pytest."""

    def one(name: str) -> Ran:
        with _kernel_options() as options:
            return ran(notebook(SAME[name]), place / "kernel" / name, None, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(SAME, pool.map(one, SAME), strict=True))


@pytest.mark.parametrize("name", SAME)
def test_an_awkward_notebook_is_as_a_kernel_leaves_it(
    name: str, kernels: dict[str, Ran], place: Path
) -> None:
    theirs, ours = kernels[name], ran(notebook(SAME[name]), place / "warm" / name, "attendance")
    for one, other in zip(ours[1], theirs[1], strict=True):
        assert one == other
    assert ours == theirs


class TestHandedOver:
    """Notebooks that need a kernel are run in one as a whole, and the log says why."""

    @pytest.fixture
    def in_kernel(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """A stand-in for the standard engine, which notes what state it is handed."""
        from papermill.engines import NBClientEngine

        handed: list[Any] = []

        def run(nb_man: Any, kernel_name: str, **options: Any) -> None:
            handed.append([cell.get("outputs") for cell in nb_man.nb.cells])
            handed.append({cell.metadata.papermill["status"] for cell in nb_man.nb.cells})

        monkeypatch.setattr(NBClientEngine, "execute_managed_notebook", run)
        return handed

    @pytest.mark.parametrize("need", [*HANDED_OVER, *FOUND])
    def test_whole(
        self, need: str, in_kernel: list[Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        cells = {**HANDED_OVER, **FOUND}[need]
        assert notebook_needs(notebook(cells)) == ([need] if need in HANDED_OVER else [])
        with caplog.at_level(logging.WARNING, "papermill"):
            ran(notebook(cells), tmp_path, "attendance")
        assert in_kernel == [[[] for _ in cells], {"pending"}]
        assert f"because it needs: {need}" in caplog.text
        assert engine.tainted() == []

    def test_to_a_kernel_that_does_it(self, tmp_path: Path) -> None:
        with _kernel_options() as options:
            end, cells, _ = ran(
                notebook(FOUND["get_ipython().kernel.session"]), tmp_path, "attendance", **options
            )
        assert end == ""
        assert [cell["outputs"][0].get("text") or cell["outputs"][0]["data"] for cell in cells] == [
            "once\n",
            {"text/plain": "'Session'"},
        ]

    @pytest.mark.parametrize(
        ("metadata", "need"),
        [
            ({"kernelspec": {"name": "ir", "language": "R"}}, ["a kernel for r (ir)"]),
            ({"kernelspec": {"name": "other", "language": "python"}}, ["the kernel other"]),
            ({}, []),
        ],
    )
    def test_another_kernel(self, metadata: dict[str, Any], need: list[str]) -> None:
        made = notebook(["1"])
        made.metadata = metadata
        assert notebook_needs(made) == need

    def test_an_option_that_only_a_kernel_has(self, in_kernel: list[Any], tmp_path: Path) -> None:
        ran(notebook(["1"]), tmp_path, "attendance", interrupt_on_timeout=True)
        assert len(in_kernel) == 2

    def test_within_another_notebook(self, tmp_path: Path) -> None:
        inner = notebook(["print('inner')"])
        nbformat.write(inner, tmp_path / "inner.ipynb")
        code = (
            "import papermill, logging\nlogging.disable()\nmade = papermill.execute_notebook("
            f"{str(tmp_path / 'inner.ipynb')!r}, None, engine_name='attendance', progress_bar=False)\n"
            "made.cells[0].outputs[0].text"
        )
        _, [cell], _ = ran(notebook([code]), tmp_path / "outer", "attendance")
        assert cell["outputs"][-1]["data"] == {"text/plain": "'inner\\n'"}


class TestTime:
    def test_a_cell_that_takes_too_long(self, tmp_path: Path) -> None:
        """The error, the notebook and the times are those of a kernel."""
        cells = [
            "print('before')",
            "import time\nprint('so far', flush=True)\nwhile True: time.sleep(0.01)",
            "1",
        ]
        found = []
        for name in ("attendance", None):
            with _kernel_options() as options, pytest.raises(CellTimeoutError) as error:
                ran(notebook(cells), tmp_path / str(name), name, execution_timeout=1, **options)
            found.append(str(error.value))
        assert found[0] == found[1]

    @pytest.mark.parametrize(
        "source",
        [
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "import time\ntry: time.sleep(60)\nexcept Exception: print('caught')",
            "import asyncio\nawait asyncio.sleep(60)",
            "import threading\nthreading.Event().wait(60)",
        ],
    )
    def test_whatever_it_does(self, source: str, tmp_path: Path) -> None:
        if "while True" in source:
            source = source.replace("BaseException", "Exception")
        with pytest.raises(CellTimeoutError):
            ran(notebook([source]), tmp_path, "attendance", execution_timeout=1)
        end, [cell], _ = ran(notebook(["1"]), tmp_path, "attendance", execution_timeout=5)
        assert (end, cell["count"]) == ("", 1)

    def test_whoever_can_end_this_process_is_told(self, tmp_path: Path) -> None:
        told: list[tuple[str, float | None]] = []
        deadlines.heard_by(lambda what, seconds: told.append((what, seconds)))
        try:
            ran(notebook(["MARKDOWN", "1"]), tmp_path, "attendance", execution_timeout=7)
            ran(notebook(["1"]), tmp_path, "attendance")
        finally:
            deadlines.heard_by(None)
        assert told == [("in.ipynb, cell 1", 7), ("", None), ("in.ipynb, cell 0", None), ("", None)]


class TestInterrupt:
    """Ctrl-C while a cell runs ends the run: it is no error of the cell, and no cell can keep it to itself."""

    @pytest.mark.skipif(os.name == "nt", reason="a process cannot press Ctrl-C for itself there")
    @pytest.mark.parametrize(
        "source",
        [
            "time.sleep(20)",
            "while True:\n    try: time.sleep(20)\n    except Exception: pass",
            "try: time.sleep(20)\nexcept KeyboardInterrupt: print('caught')",
            "import asyncio\nawait asyncio.sleep(20)",
            "class Slow:\n    def __repr__(self): time.sleep(20)\nSlow()",
        ],
    )
    def test_it_ends_the_run(self, source: str, tmp_path: Path) -> None:
        before = engine.tainted()
        cells = [f"import time\n{source}", f"open({str(tmp_path / 'never')!r}, 'w')"]

        def press(what: str, seconds: float | None) -> None:
            if what:
                threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

        deadlines.heard_by(press)
        try:
            with pytest.raises(KeyboardInterrupt):
                ran(notebook(cells), tmp_path, "attendance")
        finally:
            deadlines.heard_by(None)
        assert not (tmp_path / "never").exists()
        assert ran(notebook(["1"]), tmp_path, "attendance")[0] == ""
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert engine.tainted() == before

    def test_one_that_a_cell_raises_is_its_error(self, tmp_path: Path) -> None:
        end, *_ = ran(notebook(["raise KeyboardInterrupt('mine')"]), tmp_path, "attendance")
        assert "KeyboardInterrupt: mine" in end


class TestManners:
    def test_times_progress_and_log_are_papermills(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        nbformat.write(
            notebook(["print('said')\n5", "import os\nos.system('echo other')"]),
            tmp_path / "in.ipynb",
        )
        with caplog.at_level(logging.INFO, "papermill"):
            made = papermill.execute_notebook(
                tmp_path / "in.ipynb",
                tmp_path / "out.ipynb",
                engine_name="attendance",
                log_output=True,
            )
        texts = [record.message for record in caplog.records]
        assert {"said\n", "5", "other\n"} <= set(texts)
        out = capfd.readouterr()
        assert out.out == "" and "2/2" in out.err and "said" not in out.err
        for cell in made.cells:
            times = cell.metadata.papermill
            assert times.status == "completed" and times.duration > 0
            assert set(cell.metadata.execution) == {
                *("iopub.execute_input", "iopub.status.busy", "iopub.status.idle"),
                "shell.execute_reply",
            }
        assert made.metadata.papermill.duration > 0

    def test_it_is_saved_as_it_goes(self, tmp_path: Path) -> None:
        nbformat.write(
            notebook(
                [
                    "1",
                    f"import json\nlen(json.load(open({str(tmp_path / 'out.ipynb')!r}))['cells'][0]['outputs'])",
                ]
            ),
            tmp_path / "in.ipynb",
        )
        made = papermill.execute_notebook(
            tmp_path / "in.ipynb",
            tmp_path / "out.ipynb",
            engine_name="attendance",
            progress_bar=False,
        )
        assert made.cells[1].outputs[0].data == {"text/plain": "1"}

    @pytest.mark.parametrize("first", ["import attendance_helpers.run.engine", "import papermill"])
    def test_whichever_is_imported_first(self, first: str) -> None:
        code = (
            f"{first}\nimport sys\n"
            "light = 'papermill' in sys.modules or not {'IPython', 'pandas', 'matplotlib', 'nbclient'} & set(sys.modules)\n"
            "import papermill.engines\nfrom attendance_helpers.run.engine import WarmEngine\n"
            "print(light, papermill.engines.papermill_engines.get_engine('attendance') is WarmEngine)"
        )
        made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
        assert made.stdout == "True True\n", made.stderr
