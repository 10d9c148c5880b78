"""The documents of a pack: which notebook makes them, and in which forms they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat
import papermill
from nbconvert.exporters import Exporter
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from attendance_helpers.publish.page_html import AttendanceHTMLExporter
from attendance_helpers.publish.page_pdf import AttendancePDFExporter
from attendance_helpers.publish.workbook import AttendanceWorkbookExporter
from attendance_helpers.run.params import (
    FAMILY_PROFILES,
    PROFILES,
    checked_parameters,
    project_home,
)

EXPORTERS: Final[dict[str, type[Exporter]]] = {
    "html": AttendanceHTMLExporter,
    "pdf": AttendancePDFExporter,
    "xlsx": AttendanceWorkbookExporter,
}


@dataclass(frozen=True)
class Document:
    """
    One document of a pack: its notebook, the stem of its files, their forms, and for which profiles it is made.

    One with `of_meeting` is made only where a meeting is recorded.
    """

    notebook: str
    stem: str
    forms: tuple[str, ...]
    profiles: tuple[str, ...] = PROFILES
    of_meeting: bool = False

    @property
    def path(self) -> Path:
        """The notebook's path."""
        return project_home() / "notebooks" / self.notebook

    def files(self, profile: str, stem: str = "") -> tuple[str, ...]:
        """Return the names of the document's files; without a stem of its own it says which copy it is, unless it is the meeting's."""
        stem = stem or (self.stem if profile == "meeting" else f"{self.stem}_{profile}")
        return (f"{stem}.ipynb", *(f"{stem}.{form}" for form in self.forms))


# The check comes first: a pack from a register that is not fit should not be the first thing to be opened.
RECORD: Final = Document(
    "03_meeting_record.ipynb", "meeting_record", ("html", "pdf"), of_meeting=True
)
DOCUMENTS: Final = (
    Document("01_register_check.ipynb", "register_check", ("html",), ("meeting",)),
    Document("02_pre_meeting_pack.ipynb", "pre_meeting", ("html", "pdf", "xlsx"), ("meeting",)),
    Document(
        *("02_pre_meeting_shareable.ipynb", "pre_meeting", ("html", "pdf", "xlsx")),
        profiles=("shareable",),
    ),
    RECORD,
)
FAMILY: Final = Document(
    "04_family_meeting.ipynb", "family_meeting", ("html", "pdf"), FAMILY_PROFILES
)
Copy = tuple[Document, str]  # a document, and the profile that it is made for


def copies(profiles: Iterable[str], *, recorded: bool) -> tuple[Copy, ...]:
    """Return the documents of a school for some profiles; `recorded` says whether a meeting of its is."""
    return tuple(
        (document, profile)
        for profile in profiles
        for document in DOCUMENTS
        if profile in document.profiles and (recorded or not document.of_meeting)
    )


def profile_of(name: str) -> str:
    """
    Return which copy a file is of, by its name.

    Examples
    --------
    >>> profile_of("pre_meeting.pdf"), profile_of("pre_meeting_shareable.pdf")
    ('meeting', 'shareable')
    """
    stem = Path(name).stem
    return next((p for p in PROFILES if stem.endswith(f"_{p}")), PROFILES[0])


class DocumentError(Exception):
    """A notebook stopped: which one, at which cell, and why."""


def document_files(
    document: Document,
    folder: Path,
    parameters: dict[str, Any],
    *,
    profile: str,
    stem: str = "",
    notebook: Path | None = None,
) -> list[Path]:
    """
    Run a document's notebook and write all of its forms into a folder.

    Parameters
    ----------
    stem : what the files are called; as the document says by default
    notebook : what is run instead of the document's own notebook: one made from it

    Raises
    ------
    DocumentError
        when a cell fails; the notebook with the error stays in the folder
    """
    path = notebook or document.path
    source, *forms = document.files(profile, stem)
    executed = folder / source
    given = checked_parameters(path, {**parameters, "profile": profile})
    try:
        with _kernel_options() as options:
            papermill.execute_notebook(
                path,
                executed,
                parameters=given,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                cwd=project_home(),
                **options,
            )
    except PapermillExecutionError as problem:
        reason = problem.evalue.strip().splitlines()[0] if problem.evalue.strip() else ""
        raise DocumentError(
            f"{document.notebook}, cell {problem.cell_index}: {problem.ename}: {reason}"
        ) from problem
    ran = nbformat.read(executed, as_version=4)
    for name in forms:
        exporter: Any = EXPORTERS[Path(name).suffix[1:]]()
        content, _ = exporter.from_notebook_node(
            ran, resources={"metadata": {"name": Path(name).stem}}
        )
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return [folder / name for name in (source, *forms)]


@contextmanager
def _kernel_options() -> Iterator[dict[str, Any]]:
    """
    Yield how a kernel is started: quietly, and where the system has them over sockets that only this account can open.

    Jupyter's usual way is a TCP port on this machine, unencrypted: others on a shared host could read pupils' data from it. Each kernel
    has a folder of its own: without one, all kernels of an account would share one set of sockets.
    """
    options: dict[str, Any] = {"extra_arguments": ["--log-level=CRITICAL"]}
    if os.name != "posix":
        yield options
        return
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as folder:
        sockets = {"transport": "ipc", "ip": str(Path(folder) / "k")}
        yield {**options, "config": Config({"KernelManager": sockets})}
