from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.register.identifiers import is_urn, upn_check_letter, upn_problem

DIGITS = st.text(alphabet="0123456789", min_size=12, max_size=12)


def test_published_example() -> None:
    assert upn_check_letter("801200005001") == "B"


@given(DIGITS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(rest: str, at: int, step: int) -> None:
    wrong = rest[:at] + str((int(rest[at]) + step) % 10) + rest[at + 1 :]
    letter = upn_check_letter(rest)
    assert upn_problem(letter + rest) == ""
    # 23 is prime and no weight (2 to 13) times a difference of digits is a multiple of it.
    assert upn_problem(letter + wrong).startswith("check letter")


@given(DIGITS)
def test_a_temporary_upn_ends_with_a_letter(digits: str) -> None:
    rest = digits[:11] + "T"
    assert upn_problem(upn_check_letter(rest) + rest) == ""


def test_shapes_that_are_no_upn() -> None:
    assert upn_problem("") == "not 13 characters"
    assert upn_problem("I801200005001").startswith("not a letter")
    assert not is_urn("12345") and not is_urn("12345A")
    assert is_urn("900101")
