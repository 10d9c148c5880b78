"""Free text that may name a pupil, tell a number or a date of birth, or count a few, is withheld whole."""

from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.publish.disclosure_texts import (
    MAY_COUNT,
    MAY_NAME,
    Secrets,
    pupil_secrets,
    withheld_text,
)


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    return pupil_secrets(
        pd.DataFrame(
            {
                "surname": ["O'Brien", "Van der Berg", "Hale-Smith", None],
                "forename": ["Zoë", "Li", "Mark", "X"],
                "upn": ["A916200120046", "B916200123069", "N916200124091", "TEMP-77"],
                "dob": pd.to_datetime(["2012-05-03", "2005-11-21", None, "2012-05-03"]),
            }
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        *("Zoë is late", "Zoe is late", "ZOE", "Speak with Zoe's mother", "Zoe’s plan"),
        *("O'Brien", "OBrien", "The Brien family", "Smith", "Hale", "Hale-Smith's", "Berg"),
        *("Mark the calendar", "“Mark”", "Li", "see A916200120046", "a916200120046.", "temp-77"),
        *("born 03/05/2012", "born 3.5.12", "2012-05-03", "3 May 2012", "on the 3rd of May 2012"),
        "21st November 2005",
    ],
)
def test_it_may_name_a_pupil(text: str, secrets: Secrets) -> None:
    assert withheld_text(text, secrets) == MAY_NAME


@pytest.mark.parametrize(
    "text",
    [
        *("mark the register by 9:30", "Call home on the first day", "X is no name of one letter"),
        *("Review by 4 May 2012", "by 2026-05-03", "Year 4 pupils", "Years 3 and 4 girls"),
        *("one-to-one talks with pupils", "a call within 1 day to families", "30 pupils"),
        *("in 2 weeks pupils are asked", "zoe", ""),
    ],
)
def test_it_may_stand(text: str, secrets: Secrets) -> None:
    assert withheld_text(text, secrets) == text


@pytest.mark.parametrize(
    "text",
    [
        *("Ring both families", "Visit the four new families", "2 pupils", "for 3 Year 9 girls"),
        *("two young carers", "Three of the children", "one child"),
    ],
)
def test_it_counts_a_few(text: str, secrets: Secrets) -> None:
    assert withheld_text(text, secrets) == MAY_COUNT
