"""What the commands share: options, the register's folder, progress bars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from attendance_helpers.run.progress import Progress, nothing_shown

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
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 61),
    help="How many packs are made at once (default: one a core, as memory allows).",
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress bar.")


WORDS = {
    "files": "Reading files",
    "schools": "Checking schools",
    "records": "Reading records",
    "figures": "Figures of all schools",
    "packs": "Making packs",
    "family": "Making documents",
    "demo": "Making up an authority",
}


def progress_bars(quiet: bool) -> Progress:
    """Return what shows one progress bar, with the stage of the job that it is at; nothing where it is to be quiet."""
    if quiet:
        return nothing_shown
    bars: dict[str, tqdm[Any]] = {}

    def shown(what: str, done: int, total: int, *, failed: int = 0) -> None:
        if what not in bars:
            for earlier in bars.values():
                earlier.close()
            bars[what] = tqdm(total=total, desc=WORDS.get(what, what), leave=False, disable=None)
        if failed:
            bars[what].set_postfix_str(f"{failed} failed", refresh=False)
        bars[what].update(done - bars[what].n)
        if done >= total:
            bars[what].close()

    return shown


def register_folder(register: Path | None, params: Path | None) -> Path:
    """Return the folder of the register that a command is for."""
    from attendance_helpers.run.params import settings

    return register if register is not None else settings(params).register_path
