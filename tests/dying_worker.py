"""Work for workers that imports nothing of ours: what a worker that dies does to the others needs no pack."""

from __future__ import annotations

import os

DEADLY = "900102"


def made_or_dead(urn: str) -> str:
    """Say what was made; one school kills its worker every time, the others need only a worker that lives."""
    if urn == DEADLY:
        os._exit(9)
    return f"{urn} made"
