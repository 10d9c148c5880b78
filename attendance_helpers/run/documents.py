"""The documents of a pack: which notebook makes them, and in which forms they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attendance_helpers.run.params import FAMILY_PROFILES, PROFILES, project_home


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
# Who runs a notebook: this process, its libraries loaded, or a Jupyter kernel started for it.
WARM: Final = "attendance"
KERNEL: Final = "kernel"
ENGINES: Final = (WARM, KERNEL)
CELL_SECONDS: Final = 600
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
