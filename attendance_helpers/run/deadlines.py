"""How long the work in hand may take, told to whoever can end this process: a call that holds the interpreter cannot end itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Called with what is in hand and its seconds when it begins, with nothing and None when it is over.
Listener = Callable[[str, float | None], None]


def _nobody(what: str, seconds: float | None) -> None:
    pass


_listener: Listener = _nobody


def heard_by(listener: Listener | None) -> None:
    """Choose who is told; nobody until then, and with None nobody again. A worker of `run.pool` tells the process that started it."""
    global _listener
    _listener = listener or _nobody


@contextmanager
def limited(what: str, seconds: float | None) -> Iterator[None]:
    """
    Say what is in hand, and for how many seconds it may be; without a number it is said and not limited.

    Nothing is stopped here: whoever hears it ends the process when the time is over.
    """
    _listener(what, seconds)
    try:
        yield
    finally:
        _listener("", None)
