"""The console command `attendance`: plain messages, progress bars, exit status 0 only when all went well."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from attendance_helpers import __version__
from attendance_helpers.cli.family import family_command
from attendance_helpers.cli.options import (
    as_at_option,
    jobs_option,
    params_option,
    progress_bars,
    quiet_option,
    register_folder,
    register_option,
    window_option,
)
from attendance_helpers.cli.record import record_command
from attendance_helpers.errors import AttendanceError, ParamsError


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


main.add_command(record_command)
main.add_command(family_command)


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

    folder = register_folder(register, params)
    named = [column_map(_map_file(name)) for name in maps]
    summary = import_drop(drop, folder, maps=named, progress=progress_bars(quiet))
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


@main.command()
@params_option
@register_option
@as_at_option
@window_option
@click.option(
    "--school", "schools", multiple=True, help="A school's URN; may be given several times."
)
@click.option("--out", type=click.Path(path_type=Path), help="The folder of the run.")
@jobs_option
@click.option(
    "--cluster",
    metavar="ADDRESS",
    default="",
    help="A dask scheduler, tcp://host:8786, whose workers make the packs (default: this machine).",
)
@click.option(
    "--engine",
    type=click.Choice(["attendance", "kernel"]),
    default="attendance",
    show_default=True,
    help="Who runs the notebooks: warm workers, or a Jupyter kernel for each.",
)
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
    cluster: str,
    engine: str,
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
        cluster=cluster,
        engine=engine,
        force=force,
        progress=progress_bars(quiet),
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
@jobs_option
@quiet_option
def demo(out: Path | None, jobs: int | None, quiet: bool) -> None:
    """Make up an authority and take it all the way: raw drop, register, finished packs, and the documents of one family."""
    from attendance_helpers.cli.family import tell_family
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.demo_family import demo_family
    from attendance_helpers.run.demo_register import DEMO_PARAMS, demo_register
    from attendance_helpers.run.packs import packs as made_packs
    from attendance_helpers.run.params import resolved, settings

    params = resolved(DEMO_PARAMS)
    chosen = settings(params)
    folder, summary = demo_register(out, progress=progress_bars(quiet))
    if summary is not None:
        _tell_import(summary, folder)
    place = folder.parent / "packs"
    run = made_packs(
        opened(folder),
        chosen,
        settings_file=str(params),
        out=place,
        jobs=jobs,
        progress=progress_bars(quiet),
    )
    _tell_packs(run)
    if summary is not None or not list(place.glob("*/family")):
        for made in demo_family(opened(folder), chosen, settings_file=str(params), out=place):
            tell_family(made, blank=False)


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
