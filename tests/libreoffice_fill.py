"""LibreOffice without a screen, filling in workbooks as a person would.

Two programs in one file: tests import it and start the office; the office's own Python (`python3-uno` belongs to the system's, not to
the project's) runs it as a script, which needs nothing but the standard library and `uno`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SYSTEM_PYTHON = "/usr/bin/python3"
STARTS_IN = 90  # seconds at most, on a busy machine
FILLS_IN = 120
ENDS_IN = 20
XLSX = "Calc MS Excel 2007 XML"
# A new profile speaks the language of the machine; dates are to be typed as in England.
LOCALE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-GB</value></prop></item>
<item oor:path="/org.openoffice.Office.Linguistic/General"><prop oor:name="DefaultLocale" oor:op="fuse"><value>en-GB</value></prop></item>
</oor:items>
"""
Step = Sequence[Any]


def why_not() -> str:
    """Say what this machine lacks for LibreOffice to be driven; empty where it lacks nothing."""
    if shutil.which("soffice") is None:
        return "LibreOffice (soffice) is not installed"
    if shutil.which(SYSTEM_PYTHON) is None:
        return f"there is no {SYSTEM_PYTHON}, whose module uno drives LibreOffice"
    tried = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True)
    return "" if tried.returncode == 0 else f"{SYSTEM_PYTHON} has no module uno (python3-uno)"


class Office:
    """
    One running LibreOffice with a profile of its own, reached through a pipe of its own.

    It and whatever it started are gone when the block ends.
    """

    def __enter__(self) -> Office:
        self.place = Path(tempfile.mkdtemp(prefix="office-"))
        self.pipe = f"attendance{uuid.uuid4().hex[:12]}"
        (self.place / "profile/user").mkdir(parents=True)
        (self.place / "profile/user/registrymodifications.xcu").write_text(LOCALE)
        quiet = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck")
        self.process = subprocess.Popen(
            [
                *("soffice", *quiet, f"-env:UserInstallation={(self.place / 'profile').as_uri()}"),
                f"--accept=pipe,name={self.pipe};urp;",
            ],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        # One that never came up, or hangs, is not asked twice.
        with contextlib.suppress(subprocess.SubprocessError, AssertionError):
            self._asked({"end": True}, within=ENDS_IN)
            self.process.wait(ENDS_IN)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for left in Path(tempfile.gettempdir()).glob(f"OSL_PIPE_*_{self.pipe}"):
            left.unlink()
        shutil.rmtree(self.place, ignore_errors=True)

    def saved(self, book: Path, to: Path, steps: Sequence[Step] = ()) -> list[Any]:
        """
        Open a workbook, take the steps in order, save it as another workbook (.xlsx) and close it.

        Returns
        -------
        list
            what each step tells: of a cell that was filled, what it then holds and shows, and how its entries are checked

        Notes
        -----
        A step is the name of one of the functions of `STEPS`, the sheet's name, and what the function wants.
        """
        return self._asked(
            {"open": f"{book}", "save": f"{to}", "steps": list(steps)}, within=STARTS_IN + FILLS_IN
        )

    def _asked(self, work: dict[str, Any], *, within: float) -> list[Any]:
        assert self.process.poll() is None, "LibreOffice has ended by itself"
        done = subprocess.run(
            [SYSTEM_PYTHON, __file__, self.pipe],
            input=json.dumps(work),
            env=self._environment(),
            cwd=self.place,  # nothing of the project is importable by chance
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=within,
        )
        assert done.returncode == 0, f"LibreOffice could not do it: {done.stderr}"
        return json.loads(done.stdout)

    def _environment(self) -> dict[str, str]:
        """A plain environment: nothing of the project's Python, nothing written into the home folder."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place),
            "LANG": "C.UTF-8",
            "SAL_USE_VCLPLUGIN": "svp",  # draws into memory
            "PYTHONDONTWRITEBYTECODE": "1",
        }


# ---- from here on: run by the office's own Python ----


def typed(sheet: Any, where: str, text: str) -> dict[str, Any]:
    """Type into a cell: whatever looks like a date or number becomes one; after an apostrophe all is text."""
    cell = sheet.getCellRangeByName(where)
    cell.FormulaLocal = text
    return told(cell)


def pasted(sheet: Any, where: str, text: str) -> dict[str, Any]:
    """Put a text into a cell as it is, line breaks and all."""
    cell = sheet.getCellRangeByName(where)
    cell.setString(text)
    return told(cell)


def dated(sheet: Any, where: str, day: str) -> dict[str, Any]:
    """Put a date into a cell as a number of days, as a macro or another sheet would."""
    import datetime

    cell = sheet.getCellRangeByName(where)
    since = datetime.date.fromisoformat(day) - datetime.date(1899, 12, 30)
    cell.setValue(since.days)
    return told(cell)


def emptied(sheet: Any, where: str) -> None:
    """Delete what stands in the cells of a range, as the delete key does."""
    sheet.getCellRangeByName(where).clearContents(1 | 2 | 4 | 16)


def sort(sheet: Any, where: str, column: int, ascending: bool) -> None:
    """Sort the rows of a range by one of its columns, counted from 0."""
    import uno

    key = uno.createUnoStruct("com.sun.star.table.TableSortField")
    key.Field, key.IsAscending = column, ascending
    keys = uno.Any("[]com.sun.star.table.TableSortField", (key,))
    options = {"SortFields": keys, "ContainsHeader": False, "IsSortColumns": False}
    sheet.getCellRangeByName(where).sort(values(options))


def insert_rows(sheet: Any, above: int, count: int) -> None:
    """Insert rows above a row, counted as the sheet counts them."""
    sheet.Rows.insertByIndex(above - 1, count)


def delete_rows(sheet: Any, first: int, count: int) -> None:
    """Delete rows from a row on."""
    sheet.Rows.removeByIndex(first - 1, count)


STEPS = {
    step.__name__: step for step in (typed, pasted, dated, emptied, sort, insert_rows, delete_rows)
}


def told(cell: Any) -> dict[str, Any]:
    """What a cell holds (VALUE, TEXT, FORMULA or EMPTY), what it shows, and which list or check it has."""
    rule = cell.Validation
    return {
        "holds": cell.Type.value,
        "shows": cell.String,
        "rule": rule.Type.value,
        "choices": rule.getFormula1(),
        "stops": rule.ShowErrorMessage,
    }


def values(options: dict[str, Any]) -> tuple[Any, ...]:
    import uno

    made = []
    for name, value in options.items():
        pair = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        pair.Name, pair.Value = name, value
        made.append(pair)
    return tuple(made)


def desktop(pipe: str, *, seconds: float) -> Any:
    """The running office, waited for while it starts."""
    import uno
    from com.sun.star.connection import NoConnectException

    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", here
    )
    until = time.monotonic() + seconds
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return there.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", there
            )


def worked(office: Any, work: dict[str, Any]) -> list[Any]:
    """Open, take the steps, save, close."""
    book = office.loadComponentFromURL(
        Path(work["open"]).as_uri(), "_blank", 0, values({"Hidden": True})
    )
    try:
        answers = [
            STEPS[step](book.Sheets.getByName(sheet), *rest) for step, sheet, *rest in work["steps"]
        ]
        book.storeToURL(Path(work["save"]).as_uri(), values({"FilterName": XLSX}))
    finally:
        book.close(True)
    return answers


def main() -> None:
    work = json.load(sys.stdin)
    if work.get("end"):
        office = desktop(sys.argv[1], seconds=0)
        with contextlib.suppress(Exception):  # it hangs up before it answers
            office.terminate()
        answers: list[Any] = []
    else:
        answers = worked(desktop(sys.argv[1], seconds=STARTS_IN), work)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
