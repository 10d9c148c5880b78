"""The command `attendance family`: one plain document about one child, for the school and the family to talk over."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from attendance_helpers.cli.options import (
    as_at_option,
    params_option,
    progress_bars,
    quiet_option,
    register_option,
    window_option,
)
from attendance_helpers.errors import ParamsError


@click.command("family")
@click.option("--school", required=True, help="The school's URN.")
@click.option("--pupil", "pupils", multiple=True, metavar="UPN", help="A pupil; several times.")
@click.option(
    "--pupils-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A text file with one UPN a line: so none stands in the list of past commands.",
)
@click.option("--severe", is_flag=True, help="Every pupil on roll who is severely absent.")
@click.option("--blank", is_flag=True, help="The form without a pupil.")
@click.option(
    "--meeting",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="What was said at the recorded meeting of this day (yyyy-mm-dd), in place of the form.",
)
@click.option(
    "--copy",
    type=click.Choice(["family", "school", "both"]),
    default="both",
    show_default=True,
    help="For whom.",
)
@click.option("--answers-file", is_flag=True, help="Also a file (YAML) to type answers into.")
@params_option
@register_option
@as_at_option
@window_option
@click.option("--out", type=click.Path(path_type=Path), help="The folder of the run.")
@click.option("--jobs", type=click.IntRange(1, 61), help="How many pupils at once.")
@quiet_option
def family_command(
    school: str,
    pupils: tuple[str, ...],
    pupils_file: Path | None,
    severe: bool,
    blank: bool,
    copy: str,
    params: Path | None,
    register: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """
    Make the documents of meetings with families: for some pupils of a school, for all who are severely absent, or blank.

    File names hold a reference and nothing about the pupil. Whose it is stands in the school's family_references.csv, which is for the
    officer alone.
    """
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.family import family_documents
    from attendance_helpers.run.params import FAMILY_PROFILES, resolved, settings

    chosen = settings(params)
    listed = [*pupils, *(_upns(pupils_file) if pupils_file else ())]
    meeting = given.pop("meeting")
    run = family_documents(
        opened(register if register is not None else chosen.register_path),
        chosen,
        settings_file=str(resolved(params)) if params else "",
        school=school,
        pupils=listed,
        severe=severe,
        blank=blank,
        meeting=meeting.date() if meeting else None,
        copies=FAMILY_PROFILES if copy == "both" else (copy,),
        progress=progress_bars(quiet),
        **given,
    )
    tell_family(run, blank=blank)


def _upns(path: Path) -> list[str]:
    """Return the UPNs of a file, one a line."""
    try:
        found = path.read_text("utf-8-sig").split()
    except UnicodeDecodeError as problem:
        raise ParamsError(f"{path}: expected a text file, found something else.") from problem
    if not found:
        raise ParamsError(f"{path}: expected one UPN a line, found none.")
    return found


def tell_family(run: Any, *, blank: bool) -> None:
    """Say what a run made, where, what was kept, and what failed."""
    if not run.outcomes:
        click.echo(
            "Nobody on roll is severely absent in these dates: there is no document to make."
        )
        return
    click.echo(
        f"{_number(run.documents, 'document', 'documents')} made, {len(run.failed)} failed in {run.seconds:.0f} s "
        f"({60 * run.documents / max(run.seconds, 0.1):.0f} a minute)"
    )
    click.echo(f"They are in {run.folder}")
    if not blank and run.list_file.exists():
        click.echo(f"Whose they are (for the officer alone): {run.list_file}")
    for outcome in run.outcomes:
        for name in outcome.kept:
            click.echo(f"Kept: {name}, which had been written in. Record it if you have not.")
    for caution in run.cautions:
        click.echo(f"Take care: {caution}")
    for outcome in run.failed:
        click.echo(f"Failed: {outcome.reference}: {outcome.reason}", err=True)
    if run.unwritten:
        click.echo(run.unwritten, err=True)
    if run.failed or run.unwritten:
        sys.exit(1)


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
