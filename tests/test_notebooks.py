"""The rules that keep notebooks plain, and a run of each on the made-up authority."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from awkward_notebooks import shown as cells_shown

from attendance_helpers.errors import ParamsError
from attendance_helpers.publish.blocks import BLOCK_MIME
from attendance_helpers.run.documents import DOCUMENTS, FAMILY
from attendance_helpers.run.family_case import FAMILY_PARAMETERS, family_case
from attendance_helpers.run.params import FAMILY_PROFILES, PROFILES, notebook_parameters
from attendance_helpers.run.school_case import PARAMETERS, school_case

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Documents of a few pages; every other shows five tables or more.
FEWEST_TABLES = {"02_pre_meeting_shareable": 3, "04_family_meeting": 1}
OF_ONE_CHILD = "04_family_meeting"  # takes two parameters more, and makes copies of its own
FORBIDDEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.Lambda)
pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def tags(cell: nbformat.NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def parts_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a block, or the blocks of a group."""
    return (
        [part for one in block["blocks"] for part in parts_of(one)]
        if block["block"] == "group"
        else [block]
    )


def test_it_opens_with_title_purpose_and_contents(path: Path) -> None:
    opening = nbformat.read(path, as_version=4).cells[:3]
    assert re.fullmatch(r"# [A-Z][^\n]+", opening[0].source)
    for word in ("**Purpose**", "**Data**", "**Period**", "**Who it is for**"):
        assert word in opening[1].source
    headings = [
        line.removeprefix("## ")
        for cell in cells(path, "markdown")
        for line in cell.source.splitlines()
        if line.startswith("## ")
    ]
    contents = opening[2].source.removeprefix("**Contents** – ").replace("\n", " ")
    assert [part.strip() for part in contents.split("·")] == headings


def test_one_cell_of_parameters_scalars_with_a_comment_each(path: Path) -> None:
    found = [cell for cell in cells(path, "code") if "parameters" in tags(cell)]
    assert len(found) == 1
    lines = found[0].source.splitlines()
    for line, statement in zip(lines, ast.parse(found[0].source).body, strict=True):
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.value, ast.Constant)
        assert re.search(r"  # .{10,}", line), line
    names = [statement.targets[0].id for statement in ast.parse(found[0].source).body]
    assert tuple(names) == (FAMILY_PARAMETERS if path.stem == OF_ONE_CHILD else PARAMETERS)


def test_code_cells_are_short_and_hold_no_logic(path: Path) -> None:
    lengths = []
    for cell in cells(path, "code"):
        lengths.append(len(cell.source.splitlines()))
        assert lengths[-1] <= 20, cell.source
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            assert not isinstance(node, FORBIDDEN), ast.unparse(node)
            if isinstance(node, ast.ImportFrom):
                assert all(name.name != "*" for name in node.names)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert "parameters" in tags(cell) or not re.search(r"[\\/]\w", node.value), (
                    node.value
                )
    assert sorted(lengths)[len(lengths) // 2] <= 9


def test_a_number_in_prose_comes_from_the_data(path: Path) -> None:
    for cell in cells(path, "markdown"):
        if "remove-cell" in tags(cell):
            continue
        # Thresholds in words and dates of rules may stand; a counted figure may not.
        figures = re.findall(r"\d[\d,.]*", cell.source)
        assert set(figures) <= {"90"}, cell.source


def test_a_section_is_a_question_or_a_glance_with_a_sentence(path: Path) -> None:
    for cell in cells(path, "markdown"):
        if cell.source.startswith("## "):
            heading, _, rest = cell.source.partition("\n")
            assert heading.endswith("?") or heading == "## At a glance"
            assert rest.strip().endswith(".")


@pytest.fixture(scope="module")
def stripping() -> subprocess.CompletedProcess[str]:
    """What the tool that strips notebooks says of them all, run once."""
    strip = Path(sys.executable).with_name("nbstripout")
    return subprocess.run([strip, "--verify", *NOTEBOOKS], capture_output=True, text=True)


def test_it_is_stripped(path: Path, stripping: subprocess.CompletedProcess[str]) -> None:
    for cell in cells(path, "code"):
        assert cell.outputs == [] and cell.execution_count is None
    assert stripping.returncode == 0, stripping.stdout


def test_it_checks_what_it_loads(path: Path) -> None:
    checks = [
        cell for cell in cells(path, "code") if cell.source.lstrip("# \n").find("assert ") >= 0
    ]
    assert checks and all("remove-output" in tags(cell) for cell in checks)


def test_it_runs_with_papermill_from_the_shipped_parameters(path: Path, tmp_path: Path) -> None:
    import yaml

    given = yaml.safe_load((ROOT / "params" / "demo_school.yml").read_text("utf-8"))
    given["profile"] = notebook_parameters(path)["profile"]  # the copy that the notebook makes
    executed, warm = (
        papermill.execute_notebook(
            *(path, tmp_path / f"{engine}.ipynb", given, engine),
            cwd=ROOT,
            progress_bar=False,
            request_save_on_cell_execute=False,
        )
        for engine in (None, "attendance")
    )
    assert cells_shown(warm) == cells_shown(executed)
    shown = [
        output["data"][BLOCK_MIME]
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if BLOCK_MIME in output.get("data", {})
    ]
    assert shown[0]["block"] == "cover"
    named = [shown[0]["title"], *(value for _, value in shown[0]["facts"])]
    assert any(text.startswith("Wexcombe Vale Academy") for text in named)
    tables = sum(part["block"] == "table" for block in shown for part in parts_of(block))
    assert tables >= FEWEST_TABLES.get(path.stem, 5)
    streams = [
        output.text
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert streams == []  # a warning in a notebook is a fault


def test_it_makes_no_copy_but_its_own(path: Path) -> None:
    """A notebook that names pupils never makes pages that say they name none."""
    made = {
        profile
        for document in (*DOCUMENTS, FAMILY)
        for profile in document.profiles
        if document.notebook == path.name
    }
    maker = family_case if path.stem == OF_ONE_CHILD else school_case
    [first] = [
        cell.source for cell in cells(path, "code") if f"{maker.__name__}(globals()" in cell.source
    ]
    [call] = [
        node
        for node in ast.walk(ast.parse(first))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == maker.__name__
    ]
    named = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    known = FAMILY_PROFILES if path.stem == OF_ONE_CHILD else ("meeting",)
    assert set(named.get("profiles", known)) == made
    parameters = dict.fromkeys(FAMILY_PARAMETERS if path.stem == OF_ONE_CHILD else PARAMETERS, "")
    for profile in {*PROFILES, *FAMILY_PROFILES} - made:
        with pytest.raises(ParamsError, match="the only copy that this notebook makes"):
            maker({**parameters, "profile": profile}, **named)
