"""The ways of installing say the same: pyproject.toml, environment.yml, the two lists of pinned packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
# conda-forge splits what PyPI has in one; everything else has one name.
CONDA_NAMES = {
    "jupyter-client": "jupyter_client",
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
    "seaborn": "seaborn-base",
    "typst": "typst-py",
}
NOT_ON_CONDA_FORGE = {"font-source-sans-pro"}
SPEC = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*) ?(?P<bounds>(?:[<>=!]=?[0-9][0-9.]*)(?:,[<>=!]=?[0-9][0-9.]*)*)?"
)


def parsed(spec: str) -> tuple[str, str]:
    match = SPEC.fullmatch(spec)
    assert match, f"not a package with bounds: {spec!r}"
    return match["name"], match["bounds"] or ""


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def environment() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))


def test_environment_has_the_same_packages_and_bounds(project: dict, environment: dict) -> None:
    wanted = dict(parsed(spec) for spec in project["project"]["dependencies"])
    conda = dict(parsed(s) for s in environment["dependencies"] if isinstance(s, str))
    pip = next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert conda.pop("python") == project["project"]["requires-python"]
    conda.pop("pip")
    assert conda == {
        CONDA_NAMES.get(name, name): bounds
        for name, bounds in wanted.items()
        if name not in NOT_ON_CONDA_FORGE
    }
    assert dict(parsed(s) for s in pip if s != "-e .") == {
        name: wanted[name] for name in NOT_ON_CONDA_FORGE
    }
    assert "-e ." in pip
    assert environment["channels"] == ["conda-forge"]


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_pinned_lists_hold_every_package_with_hashes_and_no_address(
    project: dict, name: str
) -> None:
    text = (ROOT / name).read_text("utf-8")
    pinned = dict(re.findall(r"^([a-z0-9._-]+)==([^ \\;]+)", text, flags=re.M))
    wanted = [parsed(spec)[0] for spec in project["project"]["dependencies"]]
    if name.startswith("tests/"):
        wanted += [parsed(spec)[0] for spec in project["dependency-groups"]["test"]]
    assert set(wanted) <= set(pinned)
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)
    assert "://" not in text and "index-url" not in text and "find-links" not in text


def test_both_lists_pin_the_same_versions() -> None:
    use, test = (
        set(
            re.findall(
                # Not what follows: what the tests need may want a package on more Pythons than we do.
                r"^([a-z0-9._-]+==[^ \\;]+)",
                (ROOT / name).read_text("utf-8"),
                flags=re.M,
            )
        )
        for name in ("requirements.txt", "tests/requirements.txt")
    )
    assert use <= test
