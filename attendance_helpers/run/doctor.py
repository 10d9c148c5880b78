"""What this machine can and cannot do, and how to mend it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from attendance_helpers.run.params import project_home

NEEDED: Final = (
    "jupyterlab",
    "matplotlib",
    "nbconvert",
    "openpyxl",
    "pandas",
    "papermill",
    "pyarrow",
)
LEAST_MEMORY: Final = 1.0  # GB free: one worker, its kernel and the figures of a large authority
LEAST_DISK: Final = 1.0  # GB free in the outputs folder
MEND_INSTALL: Final = "Run: python dev.py setup   (or pip install -r requirements.txt)"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: `ok`, `note` or `FAIL`; what was looked at, what was found, what to do."""

    mark: str
    what: str
    found: str
    mend: str = ""


def findings() -> list[Finding]:
    """Return every finding; a check that breaks is itself a finding, never a traceback."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        *(_python, _packages, _notebooks, _kernel, _fonts, _pdf),
        *(_processors, _memory, _folders),
    )
    found: list[Finding] = []
    for check in checks:
        try:
            found += check()
        except Exception as problem:  # the doctor reports what is broken; it does not break with it
            name = check.__name__.strip("_")
            found.append(
                Finding("FAIL", name, f"{type(problem).__name__}: {problem}", MEND_INSTALL)
            )
    return found


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    if sys.version_info < (3, 11):  # noqa: UP036 - the doctor is asked on machines that have an older one
        yield Finding("FAIL", "Python", version, "Install Python 3.11 or newer.")
    else:
        yield Finding("ok", "Python", f"{version}, {platform.platform(terse=True)}")


def _packages() -> Iterator[Finding]:
    missing, versions = [], []
    for name in NEEDED:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    yield Finding("ok", "Packages", ", ".join(versions))
    if missing:
        yield Finding("FAIL", "Packages", f"missing: {', '.join(missing)}", MEND_INSTALL)


def _notebooks() -> Iterator[Finding]:
    home = project_home()
    found = sorted((home / "notebooks").glob("*.ipynb"))
    if found:
        yield Finding("ok", "Notebooks", f"{len(found)} in {home / 'notebooks'}")
    else:
        yield Finding(
            *("FAIL", "Notebooks", f"none in {home / 'notebooks'}"),
            "Run the command from the project's folder, or set ATTENDANCE_HOME to it.",
        )


def _kernel() -> Iterator[Finding]:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        kernel_name="python3", startup_timeout=60, extra_arguments=["--log-level=CRITICAL"]
    )
    try:
        reply = client.execute("import attendance_helpers", reply=True, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if reply["content"]["status"] == "ok":
        yield Finding("ok", "Jupyter kernel", "python3 starts and finds attendance_helpers")
    else:
        yield Finding(
            *("FAIL", "Jupyter kernel", f"python3 starts, but: {reply['content']['evalue']}"),
            "Run: python -m ipykernel install --sys-prefix   in the environment of this command",
        )


def _fonts() -> Iterator[Finding]:
    from attendance_helpers.publish.fonts import font_files

    missing = [str(path) for path in font_files().values() if not path.is_file()]
    if missing:
        yield Finding("FAIL", "Fonts", f"missing: {', '.join(missing)}", MEND_INSTALL)
    else:
        yield Finding("ok", "Fonts", f"Source Sans Pro and DejaVu Sans, {len(font_files())} files")


def _pdf() -> Iterator[Finding]:
    from attendance_helpers.publish.blocks import Cover, Paragraph
    from attendance_helpers.publish.page_document import block_document
    from attendance_helpers.publish.page_pdf import pdf_page

    size = len(pdf_page(block_document(Cover("Test page"), [Paragraph("A test.")])))
    yield Finding(
        "ok", "PDF", f"Typst {importlib.metadata.version('typst')} writes PDF/UA-1 ({size:,} bytes)"
    )


def _processors() -> Iterator[Finding]:
    from attendance_helpers.run.workers import worker_count

    cores, workers = os.cpu_count() or 1, worker_count()
    yield Finding("ok", "Processors", f"{cores}; {workers} packs at once by default (--jobs)")


def _memory() -> Iterator[Finding]:
    free = psutil.virtual_memory().available / 1024**3
    mark, mend = "ok", ""
    if free < LEAST_MEMORY:
        mark, mend = "FAIL", f"Close other programs: {LEAST_MEMORY:g} GB should be free."
    yield Finding(mark, "Memory", f"{free:.1f} GB free", mend)


def _folders() -> Iterator[Finding]:
    folder = project_home() / "outputs"
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as problem:
        yield Finding(
            *("FAIL", "Outputs folder", f"{folder} cannot be written: {problem.strerror}"),
            "Ask for the right to write there, or give --out and --register another folder.",
        )
        return
    free = shutil.disk_usage(folder).free / 1024**3
    low = free < LEAST_DISK
    mend = f"Make room: {LEAST_DISK:g} GB should be free." if low else ""
    yield Finding("FAIL" if low else "ok", "Outputs folder", f"{folder}, {free:.0f} GB free", mend)
    if os.name == "nt" and len(str(Path(folder).absolute())) > 120:
        yield Finding(
            *("note", "Path length", f"{len(str(folder))} characters"),
            "Windows may refuse paths of over 260 characters: move the project nearer to the drive's root.",
        )
