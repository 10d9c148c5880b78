"""A page or PDF from outside, read in a process of its own: whatever it holds, reading it ends, and takes a bounded share of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from attendance_helpers.errors import RecordError

SECONDS: Final = 60  # a form of ours takes less than one
# Neither the working folder nor anything in it is imported; this package is found wherever it lies.
_CHILD: Final = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from attendance_helpers.register.family_raw import main; sys.exit(main(sys.argv[2]))"
)
_HOME: Final = str(Path(__file__).resolve().parents[2])


def read_apart(way: str, content: bytes, *, file: str, seconds: float = SECONDS) -> Any:
    """
    Return what the reader of a way (html, pdf) finds in a file; it is read by a process that is ended when it takes too long.

    Raises
    ------
    RecordError
        when the file cannot be read, or not within the time and memory that a form needs
    """
    words = [sys.executable, "-P", "-c", _CHILD, _HOME, way]
    try:
        done = subprocess.run(words, input=content, capture_output=True, timeout=seconds)  # noqa: S603 (our own words)
    except subprocess.TimeoutExpired as problem:
        raise _refused(file) from problem
    if done.returncode == 1:  # it could not begin, which is not the file's fault
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
    try:
        found = json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _refused(file)
    if "problem" in found:
        raise RecordError(f"{file}: {found['problem']}")
    return found["found"]


def _refused(file: str) -> RecordError:
    return RecordError(
        f"{file}: expected the form of a family meeting that can be read, found one that is damaged. "
        "Open the form that was filled in, save it again, and record that."
    )
