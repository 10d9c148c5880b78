"""The command `attendance record`: what comes back from meetings, file by file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from attendance_helpers.cli.options import params_option, register_option


@click.command("record")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, metavar="[FILE...]")
@click.option("--again", is_flag=True, help="Put in force again what an earlier version said.")
@click.option("--list", "listing", is_flag=True, help="List every version of every meeting.")
@click.option(
    *("--school", "schools"),
    multiple=True,
    help="With --list: a school's URN; several times. With --pupil: the pupil's school.",
)
@click.option("--full", is_flag=True, help="With --list: also what each version says.")
@click.option(
    "--pupil",
    metavar="UPN",
    default="",
    help="Whose family form FILE is, where it is a blank one that was filled in.",
)
@click.option(
    "--withdraw",
    metavar="URN:DATE",
    help="Take back a meeting that was recorded under a wrong date (yyyy-mm-dd); a family meeting by REFERENCE:DATE.",
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
    pupil: str,
    withdraw: str | None,
    out: Path | None,
    no_document: bool,
    register: Path | None,
    params: Path | None,
) -> None:
    """
    Read what comes back filled in from meetings into the register: workbooks of packs, and forms of family meetings.

    A workbook (.xlsx) has the sheets Meeting, Actions and Pupils for discussion. A family form is the saved page (.html), the PDF, or a
    file of answers (.yml). Each file is taken whole or not at all: one that is refused says what to correct. A corrected file takes the
    place of what it said before; nothing that was recorded is deleted. The record of a meeting is made as a page at once, ready to send.
    """
    from attendance_helpers.run.params import resolved, settings

    chosen = settings(params)
    folder = register if register is not None else chosen.register_path
    if sum([bool(files), listing, withdraw is not None]) != 1:
        raise click.UsageError("Give one of FILE..., --list and --withdraw URN:DATE.")
    _refuse_odd_options(files, listing, schools, pupil, full=full, again=again)
    if listing:
        _list_meetings(folder, schools, chosen, full=full)
    elif withdraw is not None:
        _withdraw_meeting(withdraw, folder)
    else:
        job = _Recording(folder, chosen, again, pupil, "".join(schools))
        refused = job.record(files)
        made = True
        if not no_document:
            given = str(resolved(params)) if params else ""
            made = _make_records(job, settings_file=given, out=out)
        if refused or not made:
            sys.exit(2 if refused else 1)


def _refuse_odd_options(
    files: tuple[Path, ...],
    listing: bool,
    schools: tuple[str, ...],
    pupil: str,
    *,
    full: bool,
    again: bool,
) -> None:
    from attendance_helpers.register.family_read import is_family_form

    if full and not listing:
        raise click.UsageError("--full goes with --list.")
    if again and not files:
        raise click.UsageError("--again goes with FILE...")
    if pupil and not (files and all(map(is_family_form, files))):
        raise click.UsageError("--pupil goes with family forms (.html, .pdf, .yml).")
    if schools and not (listing or (pupil and len(schools) == 1)):
        raise click.UsageError("--school goes with --list, or once with --pupil.")


@dataclass
class _Recording:
    """Files recorded one by one, and what they brought: meetings of schools, and meetings with families."""

    folder: Path
    chosen: Any
    again: bool
    pupil: str
    school: str
    met: list[Any] = field(default_factory=list)
    families: list[Any] = field(default_factory=list)

    def record(self, files: tuple[Path, ...]) -> int:
        """Record files; return how many were refused or not tried."""
        from attendance_helpers.errors import RecordError, RegisterError

        refused = 0
        for at, file in enumerate(files):
            try:
                self._record_one(file)
            except RecordError as problem:
                refused += 1
                click.echo(f"attendance: {problem}", err=True)
            except RegisterError as problem:  # nothing about this file: the same of the next
                click.echo(f"attendance: {problem}", err=True)
                left = ", ".join(path.name for path in files[at:])
                click.echo(f"Not recorded: {left}.", err=True)
                return refused + len(files) - at
        if refused and len(files) > 1:
            click.echo(f"{refused} of {len(files)} files were refused.", err=True)
        return refused

    def _record_one(self, file: Path) -> None:
        from attendance_helpers.register.family_read import is_family_form

        lines, cautions = self._family(file) if is_family_form(file) else self._workbook(file)
        for line in lines:
            click.echo(line)
        for caution in cautions:
            click.echo(f"Take care: {caution}")

    def _workbook(self, file: Path) -> tuple[Iterable[str], Iterable[str]]:
        from attendance_helpers.run.record import recorded_file
        from attendance_helpers.run.record_lines import recorded_lines

        found = recorded_file(file, self.folder, settings=self.chosen, again=self.again)
        if found.meeting is not None:
            self.met.append(found.meeting)
        return recorded_lines(found), found.cautions

    def _family(self, file: Path) -> tuple[Iterable[str], Iterable[str]]:
        from attendance_helpers.run.record_family import recorded_family
        from attendance_helpers.run.record_lines import family_recorded_lines

        given = {"settings": self.chosen, "again": self.again}
        found = recorded_family(*(file, self.folder), **given, pupil=self.pupil, school=self.school)
        self.families.append(found)
        return family_recorded_lines(found), found.cautions


def _make_records(job: _Recording, *, settings_file: str, out: Path | None) -> bool:
    """Make the pages of meetings that were recorded; return whether all could be made."""
    well = True
    for words, good in _record_pages(job, settings_file=settings_file, out=out):
        click.echo(words, err=not good)
        well = well and good
    return well


def _record_pages(
    job: _Recording, *, settings_file: str, out: Path | None
) -> Iterator[tuple[str, bool]]:
    """Make the pages of what was recorded; yield words about each, and whether it went well."""
    if job.met:
        from attendance_helpers.run.meeting_documents import documents_of

        yield from documents_of(
            job.folder, job.chosen, job.met, settings_file=settings_file, out=out
        )
    if job.families:
        from attendance_helpers.run.family_documents import family_documents_of

        yield from family_documents_of(
            job.folder, job.chosen, job.families, settings_file=settings_file, out=out
        )


def _list_meetings(folder: Path, schools: tuple[str, ...], chosen: Any, *, full: bool) -> None:
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.family_versions import family_lines
    from attendance_helpers.run.record_family import family_bank
    from attendance_helpers.run.record_versions import version_lines

    fields = family_bank(chosen).fields(copy="school", blank=True) if full else None
    lines = list(
        version_lines(
            opened(folder),
            schools,
            full=full,
            family=lambda register, urn: family_lines(register, urn, fields),
        )
    )
    click.echo("\n".join(lines) if lines else "No meeting is recorded.")


def _withdraw_meeting(text: str, folder: Path) -> None:
    from attendance_helpers.run.family_versions import is_family_meeting, withdrawn_family
    from attendance_helpers.run.record_lines import family_withdrawn_line, withdrawn_line
    from attendance_helpers.run.record_versions import withdrawn_meeting

    if is_family_meeting(text):
        click.echo(family_withdrawn_line(withdrawn_family(text, folder)))
    else:
        click.echo(withdrawn_line(withdrawn_meeting(text, folder)))
