"""The console command `attendance`: plain messages, progress bars, exit status 0 only when all went well."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from attendance_helpers import __version__
from attendance_helpers.errors import AttendanceError, ParamsError

Progress = Callable[[str, int, int], None]


class _Command(click.Group):
    """A group of commands in which a user's mistake is told in one message, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an expected error becomes a message and exit status 2."""
        try:
            return super().invoke(ctx)
        except AttendanceError as problem:
            click.echo(f"attendance: {problem}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("attendance: stopped; what was finished is kept.", err=True)
            ctx.exit(130)
        except OSError as problem:
            click.echo(f"attendance: {problem}", err=True)
            ctx.exit(2)


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="attendance")
def main() -> None:
    """Documents for targeting support meetings, made from school attendance registers."""


def _progress(quiet: bool) -> Progress:
    """Return a progress bar for each stage of a job."""
    bars: dict[str, tqdm[Any]] = {}
    words = {
        "files": "Reading files",
        "schools": "Checking schools",
        "records": "Reading records",
        "figures": "Authority figures",
        "packs": "Making packs",
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


register_option = click.option(
    "--register",
    type=click.Path(path_type=Path),
    help="The register's folder (default: the parameters', else outputs/register).",
)
params_option = click.option(
    "--params", type=click.Path(path_type=Path), help="The authority's parameters (YAML)."
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress bar.")


@main.command("import")
@click.argument("drop", type=click.Path(path_type=Path))
@register_option
@params_option
@click.option(
    "--map",
    "maps",
    multiple=True,
    help="A column map: a file, or a name in params/imports/. May be given several times.",
)
@quiet_option
def import_(
    drop: Path, register: Path | None, params: Path | None, maps: tuple[str, ...], quiet: bool
) -> None:
    """Take a register drop (schools.csv, pupils.csv, marks, support.csv, term_dates.csv) into the register."""
    from attendance_helpers.register.columns import column_map
    from attendance_helpers.register.intake import import_drop

    folder = _register_folder(register, params)
    named = [column_map(_map_file(name)) for name in maps]
    summary = import_drop(drop, folder, maps=named, progress=_progress(quiet))
    _tell_import(summary, folder)


def _tell_import(summary: Any, folder: Path) -> None:
    schools = summary.schools
    click.echo(
        f"{len(schools):,} schools, {int(schools['pupils'].sum()) if len(schools) else 0:,} pupils, "
        f"{int(schools['marks'].sum()) if len(schools) else 0:,} marks in {folder}"
    )
    for row in schools.to_dict("records"):
        name = summary.register.school(row["urn"])["school_name"]
        click.echo(
            f"  {row['urn']}  {name:<45.45}  {row['pupils']:>6,} pupils  {row['marks']:>9,} marks"
            f"  {row['exceptions']:>6,} exceptions"
        )
    if summary.new_support:
        click.echo(f"{_number(summary.new_support, 'new entry', 'new entries')} about support.")
    if len(summary.problems):
        click.echo(f"Exceptions, all in {folder / 'exceptions.csv'}:")
        for row in summary.problems.to_dict("records"):
            click.echo(f"  {row['rows']:>7,}  {row['problem']:<18} {row['effect']}")
    else:
        click.echo("No exceptions.")
    for caution in summary.cautions:
        click.echo(f"Take care: {caution}")
    if not summary.changed:
        click.echo("Nothing was new: the register is as it was.")


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _map_file(name: str) -> Path:
    from attendance_helpers.run.params import project_home

    given = Path(name)
    if given.is_file():
        return given
    named = project_home() / "params" / "imports" / f"{given.stem}.yml"
    if not named.is_file():
        known = ", ".join(sorted(p.stem for p in named.parent.glob("*.yml"))) or "none"
        raise ParamsError(
            f"--map {name}: expected a file, or one of params/imports/ ({known}), found neither."
        )
    return named


def _register_folder(register: Path | None, params: Path | None) -> Path:
    from attendance_helpers.run.params import settings

    return register if register is not None else settings(params).register_path


@main.command()
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
def record(
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


@main.command()
@params_option
@register_option
@click.option("--as-at", help="Last date that counts, yyyy-mm-dd (default: the register's last).")
@click.option(
    "--window",
    help="School year 2026-27, term autumn-2026, or FROM..TO (default: the school year).",
)
@click.option(
    "--school", "schools", multiple=True, help="A school's URN; may be given several times."
)
@click.option("--out", type=click.Path(path_type=Path), help="The folder of the run.")
@click.option("--jobs", type=click.IntRange(1, 61), help="How many packs are made at once.")
@click.option(
    "--profile",
    help="Who the copy is for: meeting (names pupils), shareable (names none), or both.",
)
@click.option("--force", is_flag=True, help="Make packs anew even if nothing changed.")
@quiet_option
def packs(
    params: Path | None,
    register: Path | None,
    as_at: str | None,
    window: str | None,
    schools: tuple[str, ...],
    out: Path | None,
    jobs: int | None,
    profile: str | None,
    force: bool,
    quiet: bool,
) -> None:
    """Make the pre-meeting packs: notebook, HTML, PDF and workbook for one school or all."""
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.packs import packs as made_packs
    from attendance_helpers.run.params import checked_settings, resolved, settings

    chosen = settings(params)
    if profile is not None:
        given = {**chosen.model_dump(by_alias=True), "profile": profile}
        chosen = checked_settings(given, where="--profile")
    held = opened(register if register is not None else chosen.register_path)
    run = made_packs(
        held,
        chosen,
        settings_file=str(resolved(params)) if params else "",
        schools=schools,
        window=window,
        as_at=as_at,
        out=out,
        jobs=jobs,
        force=force,
        progress=_progress(quiet),
    )
    _tell_packs(run)


def _tell_packs(run: Any) -> None:
    counts = {status: 0 for status in ("done", "unchanged", "failed")}
    for outcome in run.outcomes:
        counts[outcome.status] += 1
    slowest = max(run.outcomes, key=lambda outcome: outcome.seconds)
    click.echo(
        f"{counts['done']} made, {counts['unchanged']} unchanged, {counts['failed']} failed "
        f"in {run.seconds:.0f} s (slowest: {slowest.urn}, {slowest.seconds:.1f} s)"
    )
    click.echo(f"Open {run.folder / 'index.html'}")
    for outcome in run.outcomes:
        for name in outcome.kept:
            click.echo(
                f"Kept: {outcome.urn}/{name}, which had been written in. Record it if you have not."
            )
    for outcome in run.failed:
        click.echo(f"Failed: {outcome.urn}: {outcome.reason}", err=True)
    if run.reports:
        click.echo(f"Not written: {run.reports}. Close the file and run again.", err=True)
    if run.failed or run.reports:
        sys.exit(1)


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where it goes (default: outputs/demo)."
)
@click.option("--jobs", type=click.IntRange(1, 61), help="How many packs are made at once.")
@quiet_option
def demo(out: Path | None, jobs: int | None, quiet: bool) -> None:
    """Make up an authority and take it all the way: raw drop, register, finished packs."""
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.demo_register import DEMO_PARAMS, demo_register
    from attendance_helpers.run.packs import packs as made_packs
    from attendance_helpers.run.params import resolved, settings

    params = resolved(DEMO_PARAMS)
    chosen = settings(params)
    folder, summary = demo_register(out, progress=_progress(quiet))
    if summary is not None:
        _tell_import(summary, folder)
    run = made_packs(
        opened(folder),
        chosen,
        settings_file=str(params),
        out=folder.parent / "packs",
        jobs=jobs,
        progress=_progress(quiet),
    )
    _tell_packs(run)


@main.command()
def doctor() -> None:
    """Say what this machine can and cannot do, and how to mend it."""
    from attendance_helpers.run.doctor import findings

    found = findings()
    for line in found:
        click.echo(f"{line.mark:<6} {line.what}: {line.found}")
        if line.mend:
            click.echo(f"       {line.mend}")
    broken = sum(line.mark == "FAIL" for line in found)
    click.echo("This machine can make packs." if not broken else f"{broken} to be mended.")
    if broken:
        sys.exit(1)


@main.command(context_settings={"ignore_unknown_options": True})
@register_option
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def lab(register: Path | None, words: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks."""
    from jupyterlab.labapp import main as lab_main

    from attendance_helpers.run.params import HOME_VARIABLE, project_home
    from attendance_helpers.run.school_case import REGISTER_VARIABLE

    home = project_home()
    os.environ[HOME_VARIABLE] = str(home)
    if register is not None:
        os.environ[REGISTER_VARIABLE] = str(register.absolute())
    sys.argv = ["jupyter-lab", str(home / "notebooks"), *words]
    lab_main()


if __name__ == "__main__":
    main()
