"""
What is asked of all schools of a register together, kept in one file so that an import need not read every school's files.

It can be out of date and is never wrong: what it holds stands under the names of parts, which are made from what they hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from attendance_helpers.register.exceptions import EXCEPTION_COLUMNS

OVERVIEW: Final = ".overview"
ENROLMENT_COLUMNS: Final = ("file", "row", "upn", "admission_date", "leaving_date")
_COLUMNS: Final = {"pupils": ENROLMENT_COLUMNS, "exceptions": EXCEPTION_COLUMNS}
_DIGEST: Final = hashlib.sha256().digest_size
Read = Callable[[], pd.DataFrame | None]


@dataclass
class Overview:
    """The enrolments and exceptions of schools' parts, by the name of the part."""

    held: dict[str, pd.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Overview:
        """Return the overview in a register's folder; an empty one where there is none, or a damaged one."""
        try:
            content = (folder / OVERVIEW).read_bytes()
        except OSError:
            return cls()
        body, digest = content[:-_DIGEST], content[-_DIGEST:]
        return cls(_frames(body)) if hashlib.sha256(body).digest() == digest else cls()

    def add(self, name: str, frame: pd.DataFrame) -> None:
        """Remember what was written as a part."""
        self.held[name] = frame[list(_COLUMNS[_kind(name)])]

    def exceptions(self, name: str, read: Read) -> pd.DataFrame:
        """Return the exceptions of a part, read where they are not known."""
        return self._frame(name, read)

    def enrolments(self, name: str, read: Read) -> pd.DataFrame:
        """Return the enrolments of a part (`ENROLMENT_COLUMNS`), read where they are not known."""
        return self._frame(name, read)

    def _frame(self, name: str, read: Read) -> pd.DataFrame:
        if name not in self.held:
            frame = read()
            if frame is None:
                raise KeyError(name)
            self.add(name, frame)
        return self.held[name]

    def content(self, names: Iterable[str]) -> bytes:
        """Return the file that keeps what is known of some parts; equal knowledge makes equal files."""
        kept = sorted(name for name in names if name in self.held)
        sink = BytesIO()
        for kind in _COLUMNS:
            own = [name for name in kept if _kind(name) == kind]
            frames = [self.held[name] for name in own]
            every = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
            dates = every.select_dtypes("datetime").columns
            every = every.astype(dict.fromkeys(dates, "datetime64[s]"))
            table = pa.Table.from_pandas(every, preserve_index=False).combine_chunks()
            lengths = json.dumps({name: len(self.held[name]) for name in own}).encode()
            table = table.replace_schema_metadata(
                {**(table.schema.metadata or {}), b"parts": lengths}
            )
            options = pa.ipc.IpcWriteOptions(compression="zstd")
            with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
                writer.write_table(table)
        body = sink.getvalue()
        return body + hashlib.sha256(body).digest()


def _frames(body: bytes) -> dict[str, pd.DataFrame]:
    found = {}
    source = BytesIO(body)
    for _ in _COLUMNS:
        with pa.ipc.open_stream(source) as reader:
            table = reader.read_all()
        lengths = json.loads(table.schema.metadata[b"parts"])
        every, begin = table.to_pandas(), 0
        for name, length in lengths.items():
            found[name] = every.iloc[begin : begin + length].reset_index(drop=True)
            begin += length
    return found


def _kind(name: str) -> str:
    """Return what a part is by its name: `schools/900101/pupils-0123456789abcdef.parquet`."""
    return name.rsplit("/", 1)[-1].split("-")[0]
