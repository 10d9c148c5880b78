#!/usr/bin/env python3
"""Set up and run the project on a machine that has only Python 3.11 or newer and pip.

    python dev.py            list the tasks
    python dev.py demo       set up, then make the demo authority's packs
    python dev.py test       set up, then run every check

Standard library only, so that it runs before anything is installed, on Windows as well.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "attendance-setup.txt"
# What only tests need: Debian's package, and the program it brings; for a library a command that works with it.
SYSTEM_PACKAGES = {
    "chromium": ("chromium",),
    "libreoffice-calc": ("localc",),
    "python3-uno": ("/usr/bin/python3", "-c", "import uno"),
}


def say(text: str) -> None:
    print(f"dev.py: {text}", flush=True)


def run(*command: object, **options: object) -> None:
    """Run a command from the project's folder and stop with its exit status if it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(done.returncode)


def in_ci() -> bool:
    """Tell whether a missing prerequisite is a failure (CI) or a skip (a desk)."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def uv_command() -> str | None:
    """Find uv, or put it into .tools with pip; None where neither can be done."""
    exe = "uv.exe" if os.name == "nt" else "uv"
    local = TOOLS / "bin" / exe
    if local.exists():
        return str(local)
    if found := shutil.which("uv"):
        return found
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(TOOLS), "uv"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if pip.returncode == 0 and local.exists():
        return str(local)
    lines = (pip.stderr or pip.stdout).strip().splitlines()
    say(f"uv could not be installed ({lines[-1] if lines else 'no message'}); using venv and pip")
    return None


def wanted(kind: str) -> str:
    """Return the fingerprint of what an environment of this kind must hold."""
    files = [ROOT / "pyproject.toml", requirements(kind)]
    digest = hashlib.sha256("".join(f.read_text("utf-8") for f in files).encode()).hexdigest()
    return f"{kind} {sys.version_info[:2]} {digest}"


def requirements(kind: str) -> Path:
    return ROOT / ("tests/requirements.txt" if kind == "test" else "requirements.txt")


def setup(kind: str = "use") -> None:
    """Make .venv hold what is needed: `use` to run the tool, `test` to check it as well."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"dev.py needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    have = STAMP.read_text("utf-8") if STAMP.exists() and PYTHON.exists() else ""
    if have in {wanted(kind), wanted("test")}:
        return
    say("setting up .venv (once; a few minutes at most)")
    STAMP.unlink(missing_ok=True)
    if uv := uv_command():
        if not PYTHON.exists():
            run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        target = ("--python", PYTHON)
        run(uv, "pip", "sync", "--quiet", "--require-hashes", *target, requirements(kind))
        run(uv, "pip", "install", "--quiet", "--no-deps", *target, "-e", ".")
    else:
        if not PYTHON.exists():
            run(sys.executable, "-m", "venv", "--clear", VENV)
        pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "-r", requirements(kind))
        run(*pip, "--no-deps", "-e", ".")
    # For speed only: one odd file of some package is no reason to stop.
    compiled = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", str(VENV)]
    subprocess.run(compiled, capture_output=True, cwd=ROOT)
    STAMP.write_text(wanted(kind), "utf-8")


def missing_packages() -> list[str]:
    """Name the packages that tests need from the operating system and do not find."""
    return [name for name, command in SYSTEM_PACKAGES.items() if not works(command)]


def works(command: tuple[str, ...]) -> bool:
    """Tell whether a program is there; with further words, whether the command ends well."""
    if shutil.which(command[0]) is None:
        return False
    return len(command) == 1 or not subprocess.run(command, capture_output=True).returncode


def setup_system() -> None:
    """Install the packages that only tests need, where this account may; else say what is missing."""
    missing = missing_packages()
    if not missing:
        return
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        say(f"installing {', '.join(missing)} for the tests that open pages and workbooks")
        options = {
            "stdout": subprocess.DEVNULL,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        run("apt-get", "update", "-q", **options)
        run("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing, **options)
        missing = missing_packages()
    if missing and in_ci():
        raise SystemExit(f"dev.py: CI needs {', '.join(missing)} and it could not be installed.")
    if missing:
        say(
            f"not installed, and this account may not install it: {', '.join(missing)}. "
            "Tests that need it skip."
        )


def attendance(*words: str) -> None:
    run(PYTHON, "-m", "attendance_helpers.cli", *words)


def task_setup(words: list[str]) -> None:
    """Make .venv with everything that running and testing need."""
    setup("test")
    setup_system()
    say(f"ready: {BIN / 'attendance'}")


def task_demo(words: list[str]) -> None:
    """Run the main job on a made-up authority: drop, register, packs for every school."""
    setup()
    attendance("demo", *words)


def task_lint(words: list[str]) -> None:
    """Check format, lint, types, the order of the rooms and that notebooks are stripped."""
    setup("test")
    run(BIN / "ruff", "format", "--check", ".")
    run(BIN / "ruff", "check", ".")
    run(BIN / "mypy")
    run(BIN / "lint-imports")
    run(BIN / "nbstripout", "--verify", *sorted(ROOT.glob("notebooks/*.ipynb")))


def task_test(words: list[str]) -> None:
    """Run lint and the whole test suite; further words go to pytest (and leave lint out)."""
    setup("test")
    setup_system()
    if not words:
        task_lint([])
    own = any(word.startswith(("-n", "--pdb", "-p")) for word in words)
    # A file is one worker's, so that what its tests share is made once; conftest.py puts the slow files first.
    parallel = [] if own else ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    run(PYTHON, "-m", "pytest", "-q", *parallel, *words, env=with_bytecode())


def with_bytecode() -> dict[str, str]:
    """Return this environment with bytecode on: without it, every start of a kernel or worker compiles its imports anew."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def task_bench(words: list[str]) -> None:
    """Measure import and packs beside the plain route (minutes; prints the README's figures)."""
    setup("test")
    setup_system()
    scripts = sorted((ROOT / "tests" / "benchmarks").glob("bench_*.py"))
    environment = with_bytecode()  # else the compiler is what is measured
    for script in scripts:
        if not words or any(word in script.name for word in words):
            run(PYTHON, script, env=environment)


def task_lock(words: list[str]) -> None:
    """Write requirements.txt and tests/requirements.txt anew from pyproject.toml."""
    uv = uv_command()
    if uv is None:
        raise SystemExit("dev.py: lock needs uv")
    common = ("--universal", "--python-version", "3.11", "--generate-hashes")
    common += ("--no-emit-index-url", "--no-header", "--quiet", *words)
    run(uv, "pip", "compile", "pyproject.toml", *common, "-o", "requirements.txt")
    constraint = ("-c", "requirements.txt", "--group", "test")
    run(
        uv, "pip", "compile", "pyproject.toml", *constraint, *common, "-o", "tests/requirements.txt"
    )


def task_lab(words: list[str]) -> None:
    """Open JupyterLab on the notebooks."""
    setup()
    attendance("lab", *words)


TASKS = {name[5:]: task for name, task in list(globals().items()) if name.startswith("task_")}


def main() -> None:
    """Run the named task, or list them."""
    if len(sys.argv) < 2 or sys.argv[1] not in TASKS:
        if len(sys.argv) > 1 and sys.argv[1] not in {"-h", "--help"}:
            print(f"No task called {sys.argv[1]!r}.\n")
        print("python dev.py TASK [words for the task]\n")
        for name, task in TASKS.items():
            print(f"  {name:<7} {(task.__doc__ or '').strip().splitlines()[0]}")
        raise SystemExit(0 if len(sys.argv) < 2 or sys.argv[1] in {"-h", "--help"} else 2)
    TASKS[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
