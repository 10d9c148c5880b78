"""Files written whole or not at all, and on disk before anything relies on them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def written_whole(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """
    Write a file beside its place and swap it in, so that a reader finds the old one or the new one and never half of either.

    `mode` are its permissions from the first byte on, less what the account's mask takes away.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(beside, _NEW, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def synced_folders(folders: Iterable[Path]) -> None:
    """
    Bring the names in folders to disk: after a loss of power a file that was swapped in is there under its name.

    Windows does that by itself, and has no way to ask for it.
    """
    if os.name == "nt":
        return
    for folder in folders:
        try:
            handle = os.open(folder, os.O_RDONLY)
        except OSError:  # a share that shows no folders as files
            continue
        try:
            os.fsync(handle)
        except OSError:
            continue
        finally:
            os.close(handle)
