"""
How fast packs are made: `python tests/benchmarks/bench_packs.py [--rounds N] [--schools N]`.

Measured, turn by turn in the same run, on the same made-up register and schools, two schools at once, from the command's start to its end:

- `attendance packs --jobs 2 --force` as shipped: for each school every document of DOCUMENTS, so the register check (HTML) as well as the
  pack (HTML, tagged A4 PDF, workbook); figures of all schools, index and account of the run included
- the same command with notebook 02 alone, made the same way otherwise: what is like for like with the plain route
- the plain route with notebook 02: for each school `papermill NOTEBOOK OUT -f PARAMETERS`, then `jupyter nbconvert --to html`, then
  `jupyter nbconvert --to webpdf`. It makes no workbook, and its PDF is untagged and US Letter. It is handed the figures of all
  schools, which it would otherwise count anew for every school: its time is told without them, in its favour.

Each round sets both of ours beside that round's plain route; ratios are medians of the rounds' ratios. A run of one school by each route
goes before and is not counted: it leaves bytecode and font caches behind, and shows that the route works. Then, in one warm worker alone on
the machine, where the time of one pack (notebook 02) goes: means over schools, medians of the rounds.

Not measured: import of the register, a first run on a cold disk, many schools (the made-up authority has nine: with three hundred the start
of our workers weighs less), memory. nbconvert's page asks for scripts on the web, so a slow network would slow the plain route.

webpdf cannot be told which browser to use; it finds the system's Chromium through a folder made here (PLAYWRIGHT_BROWSERS_PATH) with a link
named for the revision that the installed playwright wants. Without Chromium the plain route is left out, and the reason told.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from measuring import (
    ROOT,
    checked_interpreter,
    in_fresh_process,
    machine,
    said,
    spread,
    text_table,
)
from one_pack import NOTEBOOK, Inputs, parts_of_a_pack

# Heavy imports stand in the functions that run in a process of their own: spawned workers import this file too.
JOBS = 2
STEM = "pre_meeting"
SETTINGS = "params/demo.yml"
ONLY_THE_PACK = "only-the-pack"  # this script as the command with notebook 02 alone


def made_inputs(place: Path) -> Inputs:
    """Make the register, and the figures of all schools that a run shares; run in a process of its own."""
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.authority import authority_figures
    from attendance_helpers.run.dates import window_and_date
    from attendance_helpers.run.demo_register import demo_register
    from attendance_helpers.run.params import settings

    folder, _ = demo_register(place / "demo")
    register, chosen = opened(folder), settings(SETTINGS)
    window, last = window_and_date(register, chosen.window, chosen.as_at)
    begun = time.perf_counter()
    authority_figures(register, window, chosen).saved(place / "figures")
    parameters = {
        "settings_file": str(ROOT / SETTINGS),
        "register": str(folder),
        "window": window.name,
        "as_at": last.isoformat(),
        "profile": chosen.profile,
        "authority_folder": str(place / "figures"),
    }
    return Inputs(folder, register.urns, parameters, time.perf_counter() - begun)


def ran(*command: object, **variables: str) -> None:
    """Run a command from the project's folder; stop with what it said if it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip()[-1500:]
        raise RuntimeError(f"{Path(str(command[0])).name}: exit status {done.returncode}\n{told}")


def program(name: str) -> Path:
    """Return a program of the environment that runs this script."""
    return Path(sys.executable).parent / name


def by_our_command(
    command: Sequence[object], inputs: Inputs, urns: Sequence[str], out: Path
) -> None:
    schools = [word for urn in urns for word in ("--school", urn)]
    ran(
        *(*command, "packs", "--params", SETTINGS, "--register", inputs.register, "--out", out),
        *("--jobs", JOBS, "--force", "--quiet", *schools),
    )
    check_files(out, urns, ("html", "pdf", "xlsx"))


def only_the_pack() -> None:
    """Leave notebook 02 alone among the documents that this process asks for."""
    from attendance_helpers.run import documents, packs

    only = tuple(d for d in documents.DOCUMENTS if d.notebook == NOTEBOOK.name)
    vars(packs)["DOCUMENTS"] = vars(documents)["DOCUMENTS"] = only


def command_of_only_the_pack(words: list[str]) -> None:
    """Run our command with notebook 02 alone; the workers make what they are asked for."""
    from attendance_helpers import cli

    only_the_pack()
    cli.main(words)


def by_plain_route(inputs: Inputs, urns: Sequence[str], out: Path, *, browsers: Path) -> None:
    out.mkdir()

    def pack(urn: str) -> None:
        place = out / urn
        place.mkdir()
        given = place / "parameters.yml"
        given.write_text(json.dumps({**inputs.parameters, "school_urn": urn}), "utf-8")
        executed = place / f"{STEM}.ipynb"
        ran(program("papermill"), NOTEBOOK, executed, "-f", given)
        ran(program("jupyter"), "nbconvert", "--to", "html", executed)
        ran(
            *(program("jupyter"), "nbconvert", "--to", "webpdf", executed),
            "--WebPDFExporter.disable_sandbox=True",  # which Chromium demands of root and in containers
            PLAYWRIGHT_BROWSERS_PATH=str(browsers),
        )

    with ThreadPoolExecutor(JOBS) as pool:
        for _ in pool.map(pack, urns):
            pass
    check_files(out, urns, ("html", "pdf"))


def check_files(out: Path, urns: Sequence[str], forms: Sequence[str]) -> None:
    """Stop if a route has left something out; a time without its work is no time."""
    wanted = [out / urn / f"{STEM}.{form}" for urn in urns for form in forms]
    missing = [path for path in wanted if not path.is_file() or not path.stat().st_size]
    if missing:
        raise RuntimeError(f"expected {missing[0].relative_to(out)} from the run, found none")


def documents_made(out: Path, urn: str) -> int:
    return len(list((out / urn).glob("*.ipynb")))


def browsers_folder(folder: Path) -> Path:
    """Return a folder in which playwright finds the system's Chromium under the name that it looks for."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    found = importlib.util.find_spec("playwright")
    if chromium is None or found is None or found.origin is None:
        raise RuntimeError(f"{'chromium' if chromium is None else 'playwright'} is not installed")
    known = Path(found.origin).parent / "driver" / "package" / "browsers.json"
    shells = [
        browser["revision"]
        for browser in json.loads(known.read_text("utf-8"))["browsers"]
        if browser["name"] == "chromium-headless-shell"
    ]
    place = folder / f"chromium_headless_shell-{shells[0]}" / "chrome-headless-shell-linux64"
    place.mkdir(parents=True)
    (place / "chrome-headless-shell").symlink_to(chromium)
    return folder


def seconds_of(route: Callable[..., None], inputs: Inputs, out: Path) -> tuple[float, int]:
    """Return a route's time for all schools and its documents a school; what it made is removed."""
    begun = time.perf_counter()
    route(inputs, inputs.urns, out)
    seconds = time.perf_counter() - begun
    documents = documents_made(out, inputs.urns[0])
    shutil.rmtree(out)
    return seconds, documents


def working_routes(inputs: Inputs, place: Path) -> tuple[dict[str, Callable[..., None]], str]:
    """Return the routes in the order of a round, each tried on one school, and why the plain one is left out, if it is."""
    plain, reason = "papermill, nbconvert html and webpdf", ""
    routes: dict[str, Callable[..., None]] = {
        "attendance packs, as shipped": partial(by_our_command, [program("attendance")]),
    }
    try:
        routes[plain] = partial(by_plain_route, browsers=browsers_folder(place / "browsers"))
        routes[plain](inputs, inputs.urns[:1], place / "plain")
    except (RuntimeError, OSError) as problem:
        reason = str(problem)
        routes.pop(plain, None)
    routes["attendance packs, notebook 02 only"] = partial(
        by_our_command, [sys.executable, __file__, ONLY_THE_PACK]
    )
    for number, (name, route) in enumerate(routes.items()):
        if name != plain:
            route(inputs, inputs.urns[:1], place / f"ours-{number}")
    if documents_made(place / f"ours-{number}", inputs.urns[0]) != 1:
        raise RuntimeError("expected notebook 02 alone, found other documents: mend only_the_pack")
    return routes, reason


def routes_table(times: dict[str, list[tuple[float, int]]], schools: int) -> str:
    plain = next((held for name, held in times.items() if name.startswith("papermill")), None)
    rows = []
    for name, held in times.items():
        seconds = [one for one, _ in held]
        against = (
            f"{statistics.median(p / s for (p, _), s in zip(plain, seconds, strict=True)):.1f}"
            if plain
            else "not run"
        )
        rates = f"{60 * schools / statistics.median(seconds):.1f}"
        rows.append([name, str(held[0][1]), spread(seconds), rates, against])
    return text_table(["route", "documents", "seconds", "packs/min", "x plain"], rows)


def parts_table(parts: dict[str, float]) -> str:
    whole = sum(parts.values())
    rows = [[part, f"{s:.2f}", f"{100 * s / whole:.0f}"] for part, s in parts.items()]
    return text_table(["one pack, warm", "s", "%"], [*rows, ["together", f"{whole:.2f}", "100"]])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Packs a minute, beside papermill and nbconvert.")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each route [3]")
    parser.add_argument("--schools", type=int, help="only the first so many schools [all]")
    chosen = parser.parse_args()
    if chosen.rounds < 1 or (chosen.schools is not None and chosen.schools < 1):
        parser.error("--rounds and --schools: expected 1 or more")
    return chosen


def main() -> None:
    chosen = arguments()
    checked_interpreter()
    # The project of this script, whatever the caller's folder and register.
    os.chdir(ROOT)
    os.environ["ATTENDANCE_HOME"] = str(ROOT)
    os.environ.pop("ATTENDANCE_REGISTER", None)
    with tempfile.TemporaryDirectory(prefix="bench-packs-") as name:
        place = Path(name)
        said("Making the register")
        inputs = in_fresh_process(made_inputs, place)
        inputs = inputs._replace(urns=inputs.urns[: chosen.schools])
        said("Trying each route on one school")
        routes, reason = working_routes(inputs, place)
        times: dict[str, list[tuple[float, int]]] = {route: [] for route in routes}
        for number in range(1, chosen.rounds + 1):
            for route, run in routes.items():
                times[route].append(seconds_of(run, inputs, place / "out"))
                said(f"Round {number}, {route}: {times[route][-1][0]:.1f} s")
        said("Taking one pack apart")
        loaded, parts = in_fresh_process(parts_of_a_pack, inputs, place / "parts", chosen.rounds)
    schools = len(inputs.urns)
    print(routes_table(times, schools))
    print(
        f"{schools} schools, {JOBS} at once; medians of {chosen.rounds} (lowest-highest), in turn."
    )
    if reason:
        print(f"The plain route was left out: {reason}")
    print(f"\n{parts_table(parts)}")
    print(
        f"Once a worker: imports {loaded:.1f} s. "
        f"Once a run: figures of all schools {inputs.figures_seconds:.1f} s."
    )
    print(machine("papermill", "nbconvert", "matplotlib", "pandas", "typst"))


if __name__ == "__main__":
    if sys.argv[1:2] == [ONLY_THE_PACK]:
        command_of_only_the_pack(sys.argv[2:])
    else:
        try:
            main()
        except RuntimeError as problem:
            raise SystemExit(f"bench_packs: {problem}") from problem
