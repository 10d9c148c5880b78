"""
How fast packs are made: `python tests/benchmarks/bench_packs.py [--rounds N] [--schools N] [--times N]`.

Measured in turn in the same run, on the made-up authority's schools, two at once, from a command's start to its end:

- the plain route with notebook 02, each school once: `papermill NOTEBOOK OUT -f PARAMETERS`, then `jupyter nbconvert --to html`, then
  `jupyter nbconvert --to webpdf`. It makes no workbook, and its PDF is untagged and US Letter. Measured twice: as the notebook's
  parameters stand, when each notebook counts all schools of the register anew; and handed those figures, counted beforehand and not in
  its time, which is more than anybody who goes this way has.
- `attendance packs --jobs 2 --force` with notebook 02 alone: what is like for like. The register holds each of the same schools `--times`
  times over under numbers of its own, so that the start of the workers is shared as it is in an authority of some fifty schools; figures
  of all schools, summary, index and account of the run are in its time.
- the same as shipped: for each school every document of DOCUMENTS, so the register check (HTML) as well.

Each round sets ours beside that round's plain route, packs a minute; ratios are medians of the rounds' ratios. A run of one school by each
route goes before and is not counted: it leaves bytecode and font caches behind, and shows that the route works.

Then, in one warm process alone on the machine, school by school in turn: the pack as a worker makes it, by stage, and the floor: the same
cells as one plain function that writes the same four files (one_pack.py). Means over schools, medians of the rounds.

Not measured: import of the register, a first run on a cold disk. nbconvert's page asks for scripts on the web, so a slow network would
slow the plain route.

webpdf cannot be told which browser to use; it finds the system's Chromium through a folder made here (PLAYWRIGHT_BROWSERS_PATH) with a link
named for the revision that the installed playwright wants. Without Chromium the plain route is left out, and the reason told.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from measuring import (
    ROOT,
    at_home,
    checked_interpreter,
    in_fresh_process,
    machine,
    said,
    spread,
    text_table,
)
from one_pack import NOTEBOOK, Compared, Inputs, warm_and_floor

# Heavy imports stand in the functions that run in a process of their own: spawned workers import this file too.
JOBS = 2
STEM = "pre_meeting"
SETTINGS = "params/demo.yml"
PLAIN = "papermill, nbconvert html and webpdf"
HANDED = f"{PLAIN}, handed the figures"
Route = Callable[[Path], int]  # makes packs in a folder and returns how many
ONLY_THE_PACK = "only-the-pack"  # this script as the command with notebook 02 alone


def made_inputs(place: Path, schools: int | None, times: int) -> tuple[Inputs, Path]:
    """Make the register, the figures that a run shares, and the register of many schools; run in a process of its own."""
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
    inputs = Inputs(folder, register.urns[:schools], parameters, time.perf_counter() - begun)
    return inputs, multiplied(register, inputs.urns, place / "many", times)


def multiplied(register: Any, urns: Sequence[str], folder: Path, times: int) -> Path:
    """Write a register that holds each school several times, each under a number of its own."""
    import pandas as pd

    from attendance_helpers.register import store

    schools, files = [], {}
    for urn in urns:
        for _ in range(times):
            own = f"{100_001 + len(schools)}"
            schools.append(register.school(urn).to_dict() | {"urn": own})
            parts = {part: store.part_frame(register, urn, part) for part in register.files[urn]}
            files[own] = {
                part: store.part_file(
                    folder, own, part, frame.assign(urn=own) if "urn" in frame else frame
                )
                for part, frame in parts.items()
                if frame is not None
            }
    (folder / "schools").mkdir(parents=True, exist_ok=True)
    shared = store.part_file(
        folder, "shared", "exceptions", store.shared_exceptions(register).iloc[:0]
    )
    store.committed(store.Register(folder, pd.DataFrame(schools), files, shared))
    return folder


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


def as_they_stand(inputs: Inputs, many: Path) -> Inputs:
    """Return inputs of the same schools in the register of many, without what a run hands to its notebooks."""
    from attendance_helpers.register.store import opened

    urns = opened(many).urns
    given = {**inputs.parameters, "register": str(many), "authority_folder": ""}
    return inputs._replace(
        register=many, urns=urns[:: len(urns) // len(inputs.urns)], parameters=given
    )


def by_our_command(command: Sequence[object], register: Path, out: Path) -> int:
    """Make the packs of a whole register; return how many."""
    ran(
        *(*command, "packs", "--params", SETTINGS, "--register", register, "--out", out),
        *("--jobs", JOBS, "--force", "--quiet"),
    )
    urns = sorted(path.name for path in out.iterdir() if path.name.isdigit())
    check_files(out, urns, ("ipynb", "html", "pdf", "xlsx"))
    return len(urns)


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


def by_plain_route(inputs: Inputs, out: Path, *, browsers: Path) -> int:
    """Make the packs of all schools in the plain way; return how many."""
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
        for _ in pool.map(pack, inputs.urns):
            pass
    check_files(out, inputs.urns, ("ipynb", "html", "pdf"))
    return len(inputs.urns)


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


def rate_of(route: Route, out: Path) -> tuple[float, int]:
    """Return a route's packs a minute and its documents a school; what it made is removed."""
    begun = time.perf_counter()
    made = route(out)
    seconds = time.perf_counter() - begun
    documents = documents_made(out, next(p.name for p in sorted(out.iterdir()) if p.name.isdigit()))
    shutil.rmtree(out)
    said(f"  {made} packs in {seconds:.1f} s")
    return 60 * made / seconds, documents


def working_routes(inputs: Inputs, many: Path, place: Path) -> tuple[dict[str, Route], str]:
    """Return the routes in the order of a round, each tried before, and why the plain one is left out, if it is."""
    reason = ""
    routes: dict[str, Route] = {}
    only = [sys.executable, __file__, ONLY_THE_PACK]
    try:
        browsers = browsers_folder(place / "browsers")
        one = inputs._replace(urns=inputs.urns[:1])
        by_plain_route(one, place / "plain", browsers=browsers)
        routes[HANDED] = partial(by_plain_route, inputs, browsers=browsers)
        routes[PLAIN] = partial(by_plain_route, as_they_stand(inputs, many), browsers=browsers)
    except (RuntimeError, OSError) as problem:
        reason = str(problem)
    routes["attendance packs, notebook 02 only"] = partial(by_our_command, only, many)
    routes["attendance packs, as shipped"] = partial(by_our_command, [program("attendance")], many)
    by_our_command(only, inputs.register, place / "tried")
    if documents_made(place / "tried", inputs.urns[0]) != 1:
        raise RuntimeError("expected notebook 02 alone, found other documents: mend only_the_pack")
    return routes, reason


def routes_table(rates: dict[str, list[tuple[float, int]]]) -> str:
    own = {name: [rate for rate, _ in held] for name, held in rates.items()}
    rows = []
    for name, held in own.items():
        against = [
            spread([ours / theirs for ours, theirs in zip(held, own[plain], strict=True)])
            if plain in own
            else "not run"
            for plain in (PLAIN, HANDED)
        ]
        rows.append([name, str(rates[name][0][1]), spread(held), *against])
    return text_table(["route", "documents", "packs/min", "x plain", "x plain, handed"], rows)


def stages_table(compared: Compared) -> str:
    whole = sum(compared.stages.values())
    rows = [
        [part, f"{1000 * s:.0f}", f"{100 * s / whole:.0f}"] for part, s in compared.stages.items()
    ]
    bare = sum(compared.floor_stages.values())
    rows += [["together", f"{1000 * whole:.0f}", "100"]]
    rows += [
        [f"floor: {part}", f"{1000 * s:.0f}", f"{100 * s / bare:.0f}"]
        for part, s in compared.floor_stages.items()
    ]
    rows += [["floor together", f"{1000 * bare:.0f}", "100"]]
    return text_table(["one pack in one warm process", "ms", "%"], rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Packs a minute, beside papermill and nbconvert.")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each route [3]")
    parser.add_argument("--schools", type=int, help="only the first so many schools [all]")
    parser.add_argument("--times", type=int, default=6, help="each school so often in ours [6]")
    chosen = parser.parse_args()
    if chosen.rounds < 1 or (chosen.schools is not None and chosen.schools < 1):
        parser.error("--rounds and --schools: expected 1 or more")
    return chosen


def main() -> None:
    chosen = arguments()
    checked_interpreter()
    at_home()
    with tempfile.TemporaryDirectory(prefix="bench-packs-") as name:
        place = Path(name)
        said("Making the registers")
        inputs, many = in_fresh_process(made_inputs, place, chosen.schools, chosen.times)
        said("Trying each route")
        routes, reason = working_routes(inputs, many, place)
        rates: dict[str, list[tuple[float, int]]] = {route: [] for route in routes}
        for number in range(1, chosen.rounds + 1):
            for route, run in routes.items():
                said(f"Round {number}, {route}")
                rates[route].append(rate_of(run, place / "out"))
        said("One warm process, and the floor")
        compared = in_fresh_process(warm_and_floor, inputs, place / "parts", chosen.rounds)
    print(routes_table(rates))
    print(
        f"{len(inputs.urns)} schools by the plain route, each {chosen.times} times by ours, {JOBS} at once; medians of {chosen.rounds} "
        "(lowest-highest), in turn."
    )
    if reason:
        print(f"The plain route was left out: {reason}")
    print(f"\n{stages_table(compared)}")
    ratios = [ours / bare for ours, bare in zip(compared.warm, compared.floor, strict=True)]
    print(f"A pack in a warm worker takes {spread(ratios, 2)} times the floor.")
    print(
        f"Memory of that process after each round [MB]: {', '.join(f'{m:.0f}' for m in compared.memory)}"
    )
    print(f"Once a run: figures of nine schools {inputs.figures_seconds:.1f} s.")
    print(machine("papermill", "nbconvert", "pandas", "typst", "xlsxwriter"))


if __name__ == "__main__":
    if sys.argv[1:2] == [ONLY_THE_PACK]:
        command_of_only_the_pack(sys.argv[2:])
    else:
        try:
            main()
        except RuntimeError as problem:
            raise SystemExit(f"bench_packs: {problem}") from problem
