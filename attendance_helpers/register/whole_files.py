"""Files written whole or not at all, and on disk before anything relies on them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

_AT_ONCE: Final = 8  # files brought to disk together
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def written_whole(path: Path, content: bytes, *, mode: int = 0o666, synced: bool = True) -> None:
    """
    Write a file beside its place and swap it in, so that a reader finds the old one or the new one and never half of either.

    `mode` are its permissions from the first byte on, less what the account's mask takes away. Without `synced` a loss of power may take
    it away until `synced_files` was called: for many files that nothing relies on before the last of them.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(beside, _NEW, mode), "wb") as file:
            file.write(content)
            if synced:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def synced_files(paths: Iterable[Path]) -> None:
    """Bring what was written into files to disk. Asked for together, many take hardly longer than one."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sync") as pool:
        list(pool.map(_synced, paths))


def _synced(path: Path) -> None:
    # Windows brings only what is open for writing to disk.
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
