"""Papermill's own client for notebooks, with a shell of this process in place of a kernel."""

from __future__ import annotations

import gc
import os
import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ipykernel.ipkernel import IPythonKernel
from nbclient.client import timestamp
from nbclient.exceptions import (
    CellExecutionComplete,
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient

from attendance_helpers.run import deadlines
from attendance_helpers.run.engine_limits import OverTime, interrupts, soft_limit
from attendance_helpers.run.engine_messages import Message
from attendance_helpers.run.engine_shell import NeedsKernel, Shell, no_comms
from attendance_helpers.run.engine_worlds import Worlds

# What nbformat's schema takes as JSON of any kind; everything else is text.
JSON: Final = re.compile(r"application/(.*\+)?json")


class WarmClient(PapermillNotebookClient):
    """
    Runs a notebook's cells in a shell. What becomes of each message, error and time is Papermill's and nbclient's own doing.

    Raises
    ------
    NeedsKernel
        when a cell asks for what only a kernel has
    CellTimeoutError
        as with a kernel
    """

    def execute(self, **options: Any) -> Any:
        """Run all cells, and return the notebook."""
        self.reset_execution_trackers()
        self._cell: tuple[NotebookNode, int, str] | None = None
        self._lock = threading.RLock()
        path = self.nb.metadata.get("papermill", {}).get("input_path")
        self._name = Path(path).name if isinstance(path, str) else "notebook"
        self._shell = Shell(self._received)
        self._worlds = Worlds(self._shell)
        self._worlds.begin()
        try:
            with no_comms(self._shell):
                self.log.info(f"Executing notebook in this process: {self._name}")
                self.papermill_execute_cells()
                self.nb.metadata["language_info"] = dict(IPythonKernel.language_info)
                self.set_widgets_metadata()
        finally:
            self._cell = None
            with (
                self._worlds.notebook()
            ):  # whatever its objects say as they go is not for this process
                self._shell.close()
                gc.collect()
            self._shell.descriptors.close()
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int, **options: Any) -> NotebookNode:
        """Run a cell; the steps are nbclient's."""
        skipped = self.skip_cells_with_tag in cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or skipped:
            return cell
        if self.record_timing:
            cell["metadata"]["execution"] = {}
        self.code_cells_executed += 1
        cell.outputs = []
        self.clear_before_next_output = False
        reply = self._reply(cell, cell_index, self._get_timeout(cell))
        if reply["status"] == "error":
            try:
                self._shell.loop.run_until_complete(
                    self._check_raise_for_error(cell, cell_index, {"content": reply})
                )
            except CellExecutionError as problem:
                raise problem from None
        return cell

    def _reply(self, cell: NotebookNode, index: int, seconds: float | None) -> Message:
        """Return the reply to a cell, of which whoever can end this process is told as well."""
        process, name = os.getpid(), f"cell {index}"
        reply = None
        with (
            deadlines.limited(f"{self._name}, cell {index}", seconds),
            interrupts() as interrupted,
            soft_limit(seconds) as limit,
        ):
            try:
                with self._worlds.notebook():
                    self._cell = cell, index, name
                    reply = self._shell.executed(cell.source, name, cell.get("id"))
            except (OverTime, NeedsKernel, KeyboardInterrupt) as stop:
                if not (limit.over or self._shell.missing):
                    raise stop
            except SystemExit:  # out of a task: it would have ended the kernel
                raise DeadKernelError("Kernel died") from None
            finally:
                if os.getpid() != process:
                    os._exit(
                        0
                    )  # a copy of this process that the cell made: the notebook is not its to finish
            if interrupted() and not limit.over:
                raise KeyboardInterrupt
        if self._shell.missing:
            raise NeedsKernel(self._shell.missing)
        if limit.over or reply is None:
            self._late(cell, seconds or 0)
        return self._ended(cell, reply or {})

    def _late(self, cell: NotebookNode, seconds: float) -> None:
        self._cell = None
        self.log.error(f"Timeout waiting for execute reply ({int(seconds)}s).")
        raise CellTimeoutError.error_from_timeout_and_cell(
            "Cell execution timed out", int(seconds), cell
        )

    def _ended(self, cell: NotebookNode, reply: Message) -> Message:
        if self.record_timing:
            cell["metadata"]["execution"]["shell.execute_reply"] = timestamp()
        parent = {"msg_id": self._cell[2]} if self._cell else {}
        with suppress(CellExecutionComplete):
            self._shell.session.send("iopub", "status", {"execution_state": "idle"}, parent)
        self._cell = None
        return reply

    def output(
        self, outs: list[NotebookNode], msg: Message, display_id: str | None, cell_index: int
    ) -> Any:
        """Add an output as nbclient does; a plain one is not held against nbformat's schema: the notebook will be."""
        made = _plain_output(msg)
        if made is None:
            return super().output(outs, msg, display_id, cell_index)
        if self.clear_before_next_output:
            outs[:] = []
            self.clear_display_id_mapping(cell_index)
            self.clear_before_next_output = False
        if display_id:
            places = self._display_id_map.setdefault(display_id, {})
            places.setdefault(cell_index, []).append(len(outs))
        outs.append(made)
        return made

    def _received(self, message: Message) -> None:
        """Take a message, if the cell that it belongs to is still in hand: nbclient does not wait for others."""
        with self._lock:
            if self._cell is None or message["parent_header"].get("msg_id") != self._cell[2]:
                return
            with self._worlds.outside(self.log_output or self.stdout_file or self.stderr_file):
                self.process_message(message, *self._cell[:2])


def _plain_output(message: Message) -> NotebookNode | None:
    """Return the output that a message tells of, if it is a text or a bundle of texts and of JSON that says that it is."""
    kind, content = message["header"]["msg_type"], message["content"]
    if kind == "stream":
        return NotebookNode(output_type=kind, name=content["name"], text=content["text"])
    data = content.get("data", {"": None})
    if content.get("metadata") or not all(
        type(value) is str or JSON.fullmatch(form) for form, value in data.items()
    ):
        return None
    made = NotebookNode(output_type=kind, metadata=NotebookNode(), data=content["data"])
    if kind == "execute_result":
        made["execution_count"] = content["execution_count"]
    return made
