"""What it would take for a pupil, in days and dates; no words where it is not known."""

import datetime as dt

import pandas as pd
import pytest
from discuss_samples import YEAR_END, outlook_of

from attendance_helpers.publish.outlook_words import outlook_words


def words(until=YEAR_END, **columns):
    given = {name: pd.Series([value]) for name, value in columns.items()}
    return outlook_words(outlook_of(["p1"], **given).to_dict("records")[0], until=until)


@pytest.mark.parametrize(
    ("left", "most", "beginning"),
    [
        (200, 9, "no more than 4.5 days of 100 days to 21 Jul 2027 missed"),
        (200, 2, "no more than 1 day of 100 days to 21 Jul 2027 missed"),
        (3, 1, "no more than half a day of 1.5 days to 21 Jul 2027 missed"),
        (2, 0, "none of 1 day to 21 Jul 2027 missed"),
    ],
)
def test_how_much_can_be_missed(left, most, beginning):
    found = words(sessions_left=left, can_miss=most)
    assert found.lower().startswith(beginning.lower())
    assert found.endswith(".")


def test_the_day_at_full_attendance():
    assert "3 Feb 2027" in words()


def test_of_a_pupil_who_is_under_the_line_no_such_day():
    found = words(sessions_needed=0, date_full=pd.NaT)
    assert found.lower() == "no more than 4.5 days of 100 days to 21 jul 2027 missed."


def test_where_it_can_no_longer_happen():
    found = words(can_happen=False, can_miss=None, date_full=pd.NaT)
    assert found.lower() == "not by 21 jul 2027, even with every session attended."


@pytest.mark.parametrize(
    "unknown", [{"sessions_left": pd.NA}, {"can_happen": pd.NA}, {"until": None}]
)
def test_nothing_is_said_where_it_is_not_known(unknown):
    assert words(**unknown) == ""


def test_of_a_pupil_without_an_outlook_nothing():
    assert outlook_words(None, until=dt.date(2027, 7, 21)) == ""
