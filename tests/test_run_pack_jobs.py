"""What a worker holds after a pack: nothing that is free."""

from __future__ import annotations

import subprocess
import sys

import pytest

# In a process of its own, whose memory nothing else changes: a large school's worth of small blocks, every tenth of which stays.
CODE = """
import psutil
import pyarrow as pa
from attendance_helpers.run.pack_jobs import free_memory_given_back

def held():
    return psutil.Process().memory_info().rss

blocks = [bytes(60_000) for _ in range(3_000)]
table = pa.array(range(8_000_000))
table = None
blocks = blocks[::10]
before = held()
free_memory_given_back()
print(before - held(), pa.total_allocated_bytes(), len(blocks))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asked of glibc, which is Linux's")
def test_free_memory_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=120
    )
    given_back, allocated, blocks = map(int, done.stdout.split())
    assert given_back > 50_000_000  # bytes
    assert allocated < 1_000_000 and blocks == 300  # what is in use stays
