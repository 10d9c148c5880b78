"""The command `attendance record`: what comes back from meetings, file by file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from attendance_helpers.cli.options import params_option, register_option


@click.command("record")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, metavar="[FILE...]")
@click.option("--again", is_flag=True, help="Put in force again what an earlier version said.")
@click.option("--list", "listing", is_flag=True, help="List every version of every meeting.")
@click.option(
    "--school", "schools", multiple=True, help="With --list: a school's URN; several times."
)
@click.option("--full", is_flag=True, help="With --list: also what each version says.")
@click.option(
    "--withdraw",
    metavar="URN:DATE",
    help="Take back a meeting that was recorded under a wrong date (yyyy-mm-dd).",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="The packs' folder, for the meeting's record."
)
@click.option("--no-document", is_flag=True, help="Make no record of the meeting as a page.")
@register_option
@params_option
def record_command(
    files: tuple[Path, ...],
    again: bool,
    listing: bool,
    schools: tuple[str, ...],
    full: bool,
    withdraw: str | None,
    out: Path | None,
    no_document: bool,
    register: Path | None,
    params: Path | None,
) -> None:
    """
    Read filled-in workbooks of packs (Meeting, Actions, Pupils for discussion) into the register.

    Each file is taken whole or not at all: one that is refused says which cells to correct. A corrected file takes the place of what it
    said before; nothing that was recorded is deleted. The record of a meeting is made as a page at once, ready to send.
    """
    from attendance_helpers.run.params import resolved, settings

    chosen = settings(params)
    folder = register if register is not None else chosen.register_path
    if sum([bool(files), listing, withdraw is not None]) != 1:
        raise click.UsageError("Give one of FILE..., --list and --withdraw URN:DATE.")
    if (schools or full) and not listing:
        raise click.UsageError("--school and --full go with --list.")
    if again and not files:
        raise click.UsageError("--again goes with FILE...")
    if listing:
        _list_meetings(folder, schools, full=full)
    elif withdraw is not None:
        _withdraw_meeting(withdraw, folder)
    else:
        refused, met = _record_files(files, folder, chosen, again=again)
        made = True
        if met and not no_document:
            given = str(resolved(params)) if params else ""
            made = _make_records(folder, chosen, met, settings_file=given, out=out)
        if refused or not made:
            sys.exit(2 if refused else 1)


def _record_files(
    files: tuple[Path, ...], folder: Path, chosen: Any, *, again: bool
) -> tuple[int, list[Any]]:
    """Record files one by one; return how many were refused or not tried, and the meetings of the others."""
    from attendance_helpers.errors import RecordError, RegisterError
    from attendance_helpers.run.record import recorded_file
    from attendance_helpers.run.record_lines import recorded_lines

    refused = 0
    met: list[Any] = []
    for at, file in enumerate(files):
        try:
            found = recorded_file(file, folder, settings=chosen, again=again)
        except RecordError as problem:
            refused += 1
            click.echo(f"attendance: {problem}", err=True)
            continue
        except (
            RegisterError
        ) as problem:  # it is nothing about this file, and would be the same of the next
            click.echo(f"attendance: {problem}", err=True)
            left = ", ".join(path.name for path in files[at:])
            click.echo(f"Not recorded: {left}.", err=True)
            return refused + len(files) - at, met
        for line in recorded_lines(found):
            click.echo(line)
        for caution in found.cautions:
            click.echo(f"Take care: {caution}")
        if found.meeting is not None:
            met.append(found.meeting)
    if refused and len(files) > 1:
        click.echo(f"{refused} of {len(files)} files were refused.", err=True)
    return refused, met


def _make_records(
    folder: Path, chosen: Any, met: list[Any], *, settings_file: str, out: Path | None
) -> bool:
    """Make the pages of meetings that were recorded; return whether all could be made."""
    from attendance_helpers.run.meeting_documents import documents_of

    well = True
    for words, good in documents_of(folder, chosen, met, settings_file=settings_file, out=out):
        click.echo(words, err=not good)
        well = well and good
    return well


def _list_meetings(folder: Path, schools: tuple[str, ...], *, full: bool) -> None:
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.record_versions import version_lines

    lines = list(version_lines(opened(folder), schools, full=full))
    click.echo("\n".join(lines) if lines else "No meeting is recorded.")


def _withdraw_meeting(text: str, folder: Path) -> None:
    from attendance_helpers.run.record_lines import withdrawn_line
    from attendance_helpers.run.record_versions import withdrawn_meeting

    click.echo(withdrawn_line(withdrawn_meeting(text, folder)))
