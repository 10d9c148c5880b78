"""IPython's shell for notebooks as a kernel has it, without a kernel around it: what it sends is handed to a function."""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import logging
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any, Final

from ipykernel.compiler import XCachingCompiler
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.async_helpers import _should_be_async
from IPython.core.history import HistoryManager
from IPython.core.inputtransformer2 import TransformerManager
from traitlets.config import Config

from attendance_helpers.run.engine_messages import Message, Messages
from attendance_helpers.run.engine_streams import Console, Descriptors, stream

# History is kept in memory: nbclient asks a kernel for the same.
CONFIG: Final = {"HistoryManager": {"hist_file": ":memory:"}}


class NeedsKernel(BaseException):
    """
    A notebook asked for what only a kernel has: what it was.

    Not an Exception: a cell that catches those must not go on without it.
    """


_transformed = lru_cache(maxsize=256)(TransformerManager().transform_cell)
_awaits = lru_cache(maxsize=256)(_should_be_async)


class _Transformers(TransformerManager):
    """IPython's transformers, which look for magics in a source once: the same cells come again with every school."""

    def __init__(self) -> None:
        super().__init__()
        self._given = self._lists()

    def _lists(self) -> tuple[list[Any], ...]:
        lists = (self.cleanup_transforms, self.line_transforms, self.token_transformers)
        return tuple(list(one) for one in lists)

    def transform_cell(self, cell: str) -> str:
        if self._lists() != self._given:  # the notebook has added one of its own
            return str(super().transform_cell(cell))
        return _transformed(cell)


class _NoKernel:
    """What stands where a shell has its kernel: whoever asks for anything of it needs a real one."""

    def __init__(self, missed: Callable[[str], None]) -> None:
        self.__dict__["_missed"] = missed

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._missed(f"get_ipython().kernel.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._missed(f"get_ipython().kernel.{name}")


class _Execution:
    """As much of a kernel as its own way to execute a cell asks of it."""

    ident, int_id = "kernel", -1
    do_execute: Any = IPythonKernel.do_execute
    raw_input, getpass = IPythonKernel.raw_input, IPythonKernel.getpass
    _forward_input, _restore_input = IPythonKernel._forward_input, IPythonKernel._restore_input
    log = logging.getLogger(__name__)
    shell_channel_thread = types.SimpleNamespace(parent_thread=None)

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def _cancel_on_sigint(self, future: Any) -> Any:
        return nullcontext()

    _dummy_context_manager = _cancel_on_sigint


class Shell:
    """
    A shell for one notebook, made anew: 4 ms is less than what a clean reset of a used one would be worth.

    All of it runs in one context of its own, so that what libraries keep in context variables (decimal, numpy's errors and its print
    options) begins as in a new process, and in one event loop, which runs while a cell does, as in a kernel.
    """

    def __init__(self, deliver: Callable[[Message], None]) -> None:
        self.missing = ""  # what a cell asked for that only a kernel has
        self.descriptors = Descriptors()
        self.console = Console(self._said)
        self.console.news = self.descriptors.news
        self.session = Messages()
        self.session.deliver = deliver
        self.context = contextvars.Context()
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.streams = {
            name: stream(self.console, name, self.descriptors.nowhere)
            for name in ("stdout", "stderr")
        }
        self.ip: Any = self.context.run(self._made)
        self.execution = _Execution(self.ip)

    def _made(self) -> Any:
        ip: Any = ZMQInteractiveShell.instance(
            config=Config(CONFIG), compiler_class=XCachingCompiler, kernel=_NoKernel(self.missed)
        )
        atexit.unregister(ip.atexit_operations)
        for part in (ip.displayhook, ip.display_pub):
            part.session, part.pub_socket = self.session, "iopub"
        ip.displayhook.topic = b"execute_result"
        ip.enable_gui = self._gui
        ip.input_transformer_manager = _Transformers()
        ip.should_run_async = self._runs_async
        return ip

    def _runs_async(
        self, raw_cell: str, *, transformed_cell: str, preprocessing_exc_tuple: Any = None
    ) -> bool:
        """Tell whether a cell awaits something, as IPython does."""
        return self.ip.autoawait and preprocessing_exc_tuple is None and _awaits(transformed_cell)

    def _gui(self, gui: str | None = None) -> None:
        """Take note of a front end for figures: those of the cells need none."""
        if gui not in (None, "inline"):
            self.missed(f"%gui {gui}")

    def missed(self, what: str) -> Any:
        """Stop the notebook: it needs a kernel. Said once more at the end of the cell, for one that catches everything."""
        self.missing = self.missing or what
        raise NeedsKernel(what)

    def _said(self, name: str, text: str, cell: str) -> None:
        self.session.send("iopub", "stream", {"name": name, "text": text}, {"msg_id": cell})

    async def _executed(self, source: str, cell: str, cell_id: str | None) -> Message:
        header = {"msg_id": cell}
        self.ip.set_parent({"header": header})
        self.console.begin(cell)
        self.session.send("iopub", "status", {"execution_state": "busy"}, header)
        count = {"code": source, "execution_count": self.ip.execution_count}
        self.session.send("iopub", "execute_input", count, header)
        reply = await self.execution.do_execute(
            source, False, store_history=True, allow_stdin=False, cell_id=cell_id
        )
        for name in ("stdout", "stderr"):
            getattr(sys, name).flush()
        self.console.flush()
        return dict(reply)

    def executed(self, source: str, cell: str, cell_id: str | None = None) -> Message:
        """Return the reply to a cell; what it sends goes to `deliver`, under the name `cell`."""
        task = self.loop.create_task(self._executed(source, cell, cell_id), context=self.context)
        return self.loop.run_until_complete(task)

    def close(self) -> None:
        """End it, and drop all that it holds: a shell is in many circles and would be found late."""
        self.console.cell = ""
        try:
            self.context.run(self._ended)
            _closed(self.loop)
        finally:
            asyncio.set_event_loop(None)
            ZMQInteractiveShell.clear_instance()

    def _ended(self) -> None:
        ip = self.ip
        # Not its own way to forget outputs, which looks for garbage while the names still hold it.
        ip.displayhook.do_full_cache = False
        ip.atexit_operations()
        HistoryManager.outputs.clear()  # one for all of a process
        for name in ip.events.callbacks:
            ip.events.callbacks[name] = []
        ip.last_execution_result = ip.displayhook.exec_result = None
        for held in (ip.user_ns, ip.user_module.__dict__, ip._main_mod_cache):
            held.clear()


def _closed(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop: its tasks are cancelled, as they end with a kernel."""
    loop.set_exception_handler(lambda loop, context: None)
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=0.5))
    loop.run_until_complete(loop.shutdown_asyncgens())
    if getattr(loop, "_default_executor", None) is not None:
        loop.run_until_complete(asyncio.wait_for(loop.shutdown_default_executor(), 0.5))
    loop.close()


@contextmanager
def no_comms(shell: Shell) -> Iterator[None]:
    """Have a widget that opens a channel to its front end say that it needs a kernel."""
    import comm

    before = comm.create_comm, comm.get_comm_manager
    comm.create_comm = lambda *args, **options: shell.missed("a widget (a comm was opened)")
    comm.get_comm_manager = lambda *args, **options: shell.missed("a comm manager")
    try:
        yield
    finally:
        comm.create_comm, comm.get_comm_manager = before


def is_free() -> bool:
    """Tell whether this thread has neither a shell nor an event loop at work."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return not ZMQInteractiveShell.initialized() and threading.current_thread().is_alive()
    return False
