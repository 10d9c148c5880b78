"""What the cells of a notebook write: to the streams, and to the descriptors below them, gathered as a kernel gathers it."""

from __future__ import annotations

import codecs
import io
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

STREAMS: Final = ("stdout", "stderr")
INTERVAL: Final = 0.2  # seconds after which a kernel sends on what was written without a flush
CHUNK: Final = 1 << 20  # bytes read at once of what other programs wrote
Text = Callable[[str, str, str], None]  # a stream's name, a text, the id of the cell that wrote it


class Console:
    """
    What is written and not yet sent on, by stream and cell.

    A kernel holds text back until something is shown, the cell ends, or a fifth of a second has gone by, and sends stdout first. The
    same happens here without a thread: what was due by now is sent before anything is added.
    """

    def __init__(self, send: Text) -> None:
        self.send = send
        self.news: Callable[[], Iterator[tuple[str, str]]] = lambda: iter(())
        self.cell = ""  # the cell in hand; a thread writes for whichever that is
        self.cell_here: ContextVar[str] = ContextVar("cell")  # a task writes for its own
        self._held: dict[str, dict[str, list[str]]] = {name: {} for name in STREAMS}
        self._due: dict[str, float] = {}
        self._lock = threading.RLock()

    def begin(self, cell: str) -> None:
        """Say which cell is in hand."""
        self.cell = cell
        self.cell_here.set(cell)

    def write(self, name: str, text: str) -> None:
        """Take what a stream was given."""
        with self._lock:
            self.catch_up()
            self._take(name, text, self.cell_here.get(self.cell))

    def flush(self, *names: str) -> None:
        """Send on what is held."""
        with self._lock:
            self.catch_up()
            for name in names or STREAMS:
                self._send(name)

    def catch_up(self) -> None:
        """Take what other programs wrote, and send on what a kernel would have sent by now."""
        with self._lock:
            now = time.monotonic()
            for name in sorted(self._due, key=self._due.__getitem__):
                if self._due[name] <= now:
                    self._send(name)
            for name, text in self.news():
                self._take(name, text, self.cell)

    def _take(self, name: str, text: str, cell: str) -> None:
        self._held[name].setdefault(cell, []).append(text)
        self._due.setdefault(name, time.monotonic() + INTERVAL)

    def _send(self, name: str) -> None:
        self._due.pop(name, None)
        held, self._held[name] = self._held[name], {}
        for cell, texts in held.items():
            if text := "".join(texts):
                self.send(name, text, cell)


def stream(console: Console, name: str, elsewhere: int) -> Any:
    """Return what stands for `sys.stdout` or `sys.stderr`; `elsewhere` is the descriptor that it names, which leads nowhere."""
    from ipykernel import iostream

    class OutStream(iostream.OutStream):
        """A kernel's stream without its socket and threads: only the name and the manners are kept."""

        def __init__(self) -> None:
            io.TextIOBase.__init__(self)
            self.name, self._pid = name, os.getpid()

        def write(self, text: str) -> int:
            if not isinstance(text, str):
                raise TypeError(f"write() argument must be str, not {type(text)}")
            if os.getpid() == self._pid:
                console.write(name, text)
            else:  # a forked child: its memory is its own, the descriptor is shared
                os.write(1 + STREAMS.index(name), text.encode(errors="replace"))
            return len(text)

        def writelines(self, lines: Any) -> None:
            for line in lines:
                self.write(line)

        def flush(self) -> None:
            if os.getpid() == self._pid:
                console.flush(name)

        def fileno(self) -> int:
            return elsewhere

        def isatty(self) -> bool:
            return False

        def close(self) -> None:
            pass

        def set_parent(self, parent: Any) -> None:
            pass

        closed = property(lambda self: False)

    return OutStream()


class Descriptors:
    """
    The descriptors 0 to 2 of this process while a cell runs: nothing to read, and what other programs write goes to a file in memory.

    They belong to the whole process, so only its main thread may take them.
    """

    def __init__(self) -> None:
        self.nowhere = os.open(os.devnull, os.O_RDWR)
        self._files = [_file_in_memory(name) for name in STREAMS]
        self._read = [0, 0]
        self._text = [codecs.getincrementaldecoder("utf-8")("replace") for _ in STREAMS]
        self._own: list[int] = []
        if threading.current_thread() is threading.main_thread():
            self._own = _copies(0, 1, 2)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the descriptors for a cell."""
        if not self._own:
            yield
            return
        _placed(self.nowhere, *self._files)
        try:
            yield
        finally:
            _placed(*self._own)

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Have this process's own back for a moment."""
        if not self._own:
            yield
            return
        _placed(*self._own)
        try:
            yield
        finally:
            _placed(self.nowhere, *self._files)

    def news(self) -> Iterator[tuple[str, str]]:
        """Yield what was written since, by stream."""
        for at, (name, file) in enumerate(zip(STREAMS, self._files, strict=True)):
            while self._read[at] < os.fstat(file).st_size:
                found = _read_at(file, self._read[at])
                self._read[at] += len(found)
                yield name, self._text[at].decode(found)

    def close(self) -> None:
        """Let go of everything."""
        for number in (self.nowhere, *self._files, *self._own):
            os.close(number)


def _file_in_memory(name: str) -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _read_at(file: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(file, CHUNK, offset)
    end = os.lseek(file, 0, os.SEEK_CUR)
    os.lseek(file, offset, os.SEEK_SET)
    found = os.read(file, CHUNK)
    os.lseek(file, end, os.SEEK_SET)
    return found


def _copies(*numbers: int) -> list[int]:
    """Return copies of descriptors; none when one of them is closed, as in a program without a console."""
    made: list[int] = []
    try:
        for number in numbers:
            made.append(os.dup(number))
    except OSError:
        for number in made:
            os.close(number)
        return []
    return made


def _placed(*files: int) -> None:
    """Have the descriptors from 0 on lead to some files, once Python has written what it holds back."""
    for own in (sys.__stdout__, sys.__stderr__):
        if own is not None and not own.closed:
            own.flush()
    for number, file in enumerate(files):
        os.dup2(file, number)
