from __future__ import annotations

import threading
import time

import pytest

from attendance_helpers.register.beside import in_turn


def test_results_come_in_the_order_of_the_items() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0)
        return number

    assert list(in_turn(slow_first, range(20))) == list(range(20))


def test_only_a_few_are_in_hand_at_once() -> None:
    taken, done = [], []

    def items() -> object:
        for number in range(50):
            taken.append(number)
            assert len(taken) - len(done) <= 7
            yield number

    for number in in_turn(lambda number: number, items()):  # type: ignore[arg-type]
        done.append(number)
    assert done == list(range(50))


def test_what_fails_stops_the_rest() -> None:
    seen, lock = [], threading.Lock()

    def failing(number: int) -> int:
        with lock:
            seen.append(number)
        if number == 3:
            raise ValueError(number)
        return number

    with pytest.raises(ValueError, match="3"):
        list(in_turn(failing, range(1000)))
    assert len(seen) < 20
