from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pydantic import BaseModel

from attendance_helpers.errors import ParamsError
from attendance_helpers.register.columns import column_map
from attendance_helpers.run import params
from attendance_helpers.run.params import Settings, checked_parameters, settings

ROOT = Path(__file__).resolve().parents[1]


def leaves(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Every key that a person can set, with its default."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        if isinstance(field.default, BaseModel):
            found |= leaves(type(field.default), f"{key}.")
        else:
            found[key] = field.default
    return found


def test_the_list_of_parameters_names_every_key_with_its_default() -> None:
    text = (ROOT / "params" / "README.md").read_text("utf-8")
    section = text.split("## Settings of an authority")[1].split("##")[0]
    rows = {
        cells[0].strip("` "): cells[2].strip()
        for line in section.splitlines()
        if line.startswith("| `") and len(cells := line.strip("|").split("|")) == 4
    }
    expected = leaves(Settings)
    assert set(rows) == set(expected)
    for key, default in expected.items():
        if default is not None:
            words = (
                ", ".join(str(part) for part in default)
                if isinstance(default, tuple)
                else str(default)
            )
            assert rows[key] == {"": '`""`' if default == "" else "none"}.get(
                words, f"`{words}`"
            ), key


def test_the_example_is_the_defaults() -> None:
    example = settings(ROOT / "params" / "authority.example.yml")
    assert example == Settings(authority="Example Council")


@pytest.mark.parametrize("name", ["demo.yml", "authority.example.yml"])
def test_the_files_that_are_shipped_are_allowed(name: str) -> None:
    assert settings(ROOT / "params" / name).authority


@pytest.mark.parametrize(
    "path", sorted((ROOT / "params" / "imports").glob("*.yml")), ids=lambda p: p.stem
)
def test_the_column_maps_that_are_shipped_are_allowed(path: Path) -> None:
    assert column_map(path).columns["marks"]["upn"] == "UPN"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("authorty: X", "authorty: no such parameter"),
        ("tables: {pupil_rows: many}", "tables.pupil_rows: .*found 'many'"),
        ("tables: {pupil_rows: 1}", "tables.pupil_rows: .*greater than or equal to 5.*found 1"),
        ("thresholds: {persistent_perc: 0}", "thresholds.persistent_perc"),
        ("bands: {edges: [5, 10]}", "bands.edges: expected rising percentages"),
        ("bands: {names: [A, B]}", "bands.names: expected 5 names"),
        ("window: winter-2026", "expected a school year"),
        ("as_at: 20/11/2026", "as_at: expected a date as yyyy-mm-dd"),
        ("profile: public", "profile: expected one of meeting"),
        ("- a list", "expected keys with values"),
        ("a: b: c", "expected YAML"),
    ],
)
def test_what_is_not_allowed(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "p.yml").write_text(text)
    with pytest.raises(ParamsError, match=message):
        settings(tmp_path / "p.yml")


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text("one: 1\ntwo: 2\n")
    with pytest.raises(ParamsError, match=r"one: .*two: "):
        settings(tmp_path / "p.yml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="expected a parameters file"):
        settings(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("system: X\ncolums: {}", "unknown key 'colums'"),
        ("columns: {mark: {upn: U}}", "unknown table 'mark'"),
        ("columns: {marks: {upnn: U}}", "unknown field marks.'upnn'"),
        ("columns: [a]", "columns: expected a dict"),
        ("just text", "expected the keys"),
    ],
)
def test_column_maps_that_are_not_allowed(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.yml").write_text(text)
    with pytest.raises(ParamsError, match=message):
        column_map(tmp_path / "m.yml")


class TestNotebookParameters:
    @pytest.fixture
    def notebook(self, tmp_path: Path) -> Path:
        content = nbformat.v4.new_notebook()
        cell = nbformat.v4.new_code_cell('urn = "1"\nnumber = 10.0\n')
        cell.metadata["tags"] = ["parameters"]
        content.cells = [cell]
        nbformat.write(content, tmp_path / "n.ipynb")
        return tmp_path / "n.ipynb"

    def test_known_ones_pass(self, notebook: Path) -> None:
        assert checked_parameters(notebook, {"urn": "2"}) == {"urn": "2"}

    def test_unknown_ones_are_refused(self, notebook: Path) -> None:
        with pytest.raises(
            ParamsError, match=r"n\.ipynb: ur: no such parameter \(allowed: urn, number\)"
        ):
            checked_parameters(notebook, {"ur": "2"})

    def test_a_type_does_not_drift(self, notebook: Path) -> None:
        with pytest.raises(ParamsError, match="number: expected float, found 10"):
            checked_parameters(notebook, {"number": 10})


def test_paths_are_read_from_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT / "notebooks")
    assert params.project_home() == ROOT
    assert params.resolved("params/demo.yml") == ROOT / "params/demo.yml"
    monkeypatch.setenv("ATTENDANCE_HOME", str(tmp_path))
    assert params.resolved("x") == tmp_path / "x"
    assert re.fullmatch(r"[0-9a-f]{64}", params.fingerprint("a", ROOT / "LICENSE"))
