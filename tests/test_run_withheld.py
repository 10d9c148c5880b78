"""No message names a pupil."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.run.withheld import without_secrets


def test_numbers_and_names_in_any_case() -> None:
    told = "KeyError: 'A916200120046' (ANN O'Hara-Lee) in row 3 of Annex"
    assert without_secrets(told, ["Ann", "O'Hara-Lee", ""]) == (
        "KeyError: '(a pupil)' ((a pupil) (a pupil)) in row 3 of Annex"
    )


@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=8), max_size=4))
def test_names_as_words_of_their_own_never_stay(text: str, names: list[str]) -> None:
    told = without_secrets(f"{text} " + " ".join(names), names)
    words = told.replace("(a pupil)", " ").split()
    kept = [name for name in names if name.isalpha() and name.isascii() and name in words]
    assert kept == []
