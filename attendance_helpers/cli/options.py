"""What the commands share: options, the register's folder, progress bars."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

Progress = Callable[[str, int, int], None]

register_option = click.option(
    "--register",
    type=click.Path(path_type=Path),
    help="The register's folder (default: the parameters', else outputs/register).",
)
params_option = click.option(
    "--params", type=click.Path(path_type=Path), help="The authority's parameters (YAML)."
)
as_at_option = click.option(
    "--as-at", help="Last date that counts, yyyy-mm-dd (default: the register's last)."
)
window_option = click.option(
    "--window",
    help="School year 2026-27, term autumn-2026, or FROM..TO (default: the school year).",
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress bar.")


def progress_bars(quiet: bool) -> Progress:
    """Return what shows a progress bar for each stage of a job; nothing where it is to be quiet."""
    bars: dict[str, tqdm[Any]] = {}
    words = {
        "files": "Reading files",
        "schools": "Checking schools",
        "records": "Reading records",
        "figures": "Authority figures",
        "packs": "Making packs",
        "family": "Making documents",
        "demo": "Making up an authority",
    }

    def shown(what: str, done: int, total: int) -> None:
        if quiet:
            return
        if what not in bars:
            bars[what] = tqdm(total=total, desc=words.get(what, what), leave=False, disable=None)
        bars[what].update(done - bars[what].n)
        if done >= total:
            bars[what].close()

    return shown


def register_folder(register: Path | None, params: Path | None) -> Path:
    """Return the folder of the register that a command is for."""
    from attendance_helpers.run.params import settings

    return register if register is not None else settings(params).register_path
