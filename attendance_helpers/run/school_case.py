"""The case that a notebook's parameters describe: each checked, the register found, the dates settled."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from attendance_helpers.errors import ParamsError
from attendance_helpers.register import store
from attendance_helpers.run.case import Case
from attendance_helpers.run.dates import window_and_date
from attendance_helpers.run.demo_register import DEMO, demo_register
from attendance_helpers.run.params import FAMILY_PROFILES, PROFILES, Settings, resolved, settings

REGISTER_VARIABLE: Final = "ATTENDANCE_REGISTER"
PARAMETERS: Final = (
    *("settings_file", "register", "school_urn", "window", "as_at"),
    *("profile", "authority_folder"),
)


def school_case(
    namespace: Mapping[str, Any], *, profiles: Collection[str] = (PROFILES[0],)
) -> Case:
    """
    Return the case that a notebook's parameters describe.

    Parameters
    ----------
    namespace : the notebook's own names (`globals()`), so that a misspelt parameter is refused; Papermill only warns of one
    profiles : the copies that the notebook can make; unless it says so it names pupils, and may not say on its pages that it does not

    Raises
    ------
    ParamsError
        when a parameter is unknown, missing or of no use
    RegisterError
        when there is no register, or it does not hold the school
    """
    return case_of(**given_parameters(namespace, PARAMETERS, profiles=profiles))


def given_parameters(
    namespace: Mapping[str, Any], allowed: Collection[str], *, profiles: Collection[str]
) -> dict[str, str]:
    """
    Return the parameters that a notebook was given, each by its name: all of `allowed` and nothing else, all of them text.

    Raises
    ------
    ParamsError
        when one is unknown, missing or no text, or the profile is not one that the notebook makes
    """
    given = {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_") and isinstance(value, (str, int, float, bool))
    }
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise ParamsError(
            f"{', '.join(unknown)}: no such parameter (allowed: {', '.join(allowed)})."
        )
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    wrong = [f"{name} = {value!r}" for name, value in given.items() if name not in texts]
    if wrong:
        raise ParamsError(f"{', '.join(wrong)}: expected text in quotes, found a number.")
    missing = [name for name in allowed if name not in given]
    if missing:
        raise ParamsError(f"{', '.join(missing)}: expected a value, found none.")
    if texts["profile"] not in profiles:
        raise ParamsError(
            f"profile: expected {' or '.join(profiles)}, the only copy that this notebook makes, found {texts['profile']!r}. "
            "The shareable copy is made by notebook 02_pre_meeting_shareable, and the record's by 03_meeting_record."
        )
    return texts


def case_of(
    *,
    settings_file: str,
    register: str,
    school_urn: str,
    window: str,
    as_at: str,
    profile: str,
    authority_folder: str,
) -> Case:
    """Return the case of one school; empty texts stand for the settings' own value, or the register's last date."""
    chosen = settings(settings_file)
    held = store.opened(_register_folder(register, settings_file, chosen))
    held.school(school_urn)
    known = (*PROFILES, *FAMILY_PROFILES)
    if profile not in known:
        raise ParamsError(f"profile: expected one of {', '.join(known)}, found {profile!r}.")
    cut, last = window_and_date(held, window or chosen.window, as_at or chosen.as_at)
    folder = resolved(authority_folder) if authority_folder else None
    return Case(chosen, held, school_urn, cut, last, profile, folder)


def _register_folder(register: str, settings_file: str, chosen: Settings) -> Path:
    """Return the register meant: by name, else that of `attendance lab`, else the settings', else the made-up authority's."""
    named = register or os.environ.get(REGISTER_VARIABLE, "")
    if named and named != DEMO:
        return resolved(named)
    own = chosen.register_path
    if not named and (settings_file or (own / store.INDEX).exists()):
        return own
    return demo_register()[0]
