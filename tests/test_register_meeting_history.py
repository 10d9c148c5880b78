"""Versions of meetings: what is new, what is the same, what takes the place of what; nothing is ever deleted."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import UPNS
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.meeting_frames import (
    ACTION_COLUMNS,
    ITEM_COLUMNS,
    MEETING_COLUMNS,
    SAID_COLUMNS,
    figures_of,
    figures_text,
    items_of,
    items_text,
    no_actions,
    no_items,
    no_meetings,
    no_said,
    typed_items,
    typed_said,
)
from attendance_helpers.register.meeting_history import (
    MeetingRead,
    VersionPlace,
    content_digest,
    in_force,
    version_place,
    with_version,
    without_meeting,
)
from attendance_helpers.register.support_history import no_support, typed_support

DAY = pd.Timestamp("2026-09-14")
OTHER = pd.Timestamp("2026-11-16")
FACTS = {"place": "Remote", "notes_by": "School", "next_meeting": OTHER, "next_note": "at ten"}


def said_actions(*texts: str, **more: Any) -> pd.DataFrame:
    """Actions with these texts, each for a pupil, due in October."""
    rows = [
        {
            **{"action_id": f"20260911-{n:02d}", "upn": UPNS[0], "theme": "Pupil", "action": text},
            **{"owner": "Head of year", "status": "Open", "due": pd.Timestamp("2026-10-01")},
            **{"agreed": DAY, "row": n + 1, **more},
        }
        for n, text in enumerate(texts, start=1)
    ]
    return typed_said(pd.DataFrame(rows))


def said_items(*rows: dict[str, Any]) -> pd.DataFrame:
    return typed_items(pd.DataFrame(list(rows)))


ITEMS = said_items(
    {"item": "person", "entry": "came", "role": "Headteacher", "row": 6},
    {"item": "training", "what": "Codes, “said so”\nin writing", "note": "all", "row": 40},
)
READ = MeetingRead(
    urn="900101",
    meeting=DAY,
    facts=FACTS,
    items=ITEMS,
    actions=said_actions("Call home", "Ask the school nurse"),
    figures={"Pupils": 3},
    form=pd.Timestamp("2026-09-11"),
    window="2026-09-07..2026-09-11",
)
ENTRY = {
    **{"upn": UPNS[0], "kind": "approach", "date": DAY, "what": "Visit", "by": "", "outcome": ""},
    **{"until": None, "dated": True, "file": "a.xlsx", "row": 2, "recorded": ""},
}


def entries(*rows: dict[str, Any]) -> pd.DataFrame:
    return typed_support(pd.DataFrame([{**ENTRY, **row} for row in rows])) if rows else no_support()


@pytest.fixture
def register(drop_register: Path, tmp_path: Path) -> store.Register:
    return store.opened(Path(shutil.copytree(drop_register, tmp_path / "register")))


def stored(register: store.Register, read: MeetingRead, version: int, at: str) -> store.Register:
    digest = content_digest(read, no_support())
    done = with_version(register, read, version, digest=digest, file="a.xlsx", recorded=at)
    store.committed(done)
    return store.opened(done.folder)


def versions(register: store.Register) -> list[str]:
    held = store.school_meetings(register, "900101")
    return [f"{m.meeting:%d/%m} {m.version} {m.superseded}".strip() for m in held.itertuples()]


def test_empty_frames_have_the_columns_and_types() -> None:
    frames = {no_meetings: MEETING_COLUMNS, no_actions: ACTION_COLUMNS}
    frames |= {no_items: ITEM_COLUMNS, no_said: SAID_COLUMNS}
    for made, columns in frames.items():
        frame = made()
        assert frame.empty and tuple(frame.columns) == columns
        for name in {"meeting", "due", "closed", "form"} & set(columns):
            assert frame[name].dtype == "datetime64[s]"
        for name in {"version", "row"} & set(columns):
            assert frame[name].dtype == "int32"


def test_a_school_without_meetings_has_none(register: store.Register) -> None:
    pd.testing.assert_frame_equal(store.school_meetings(register, "900101"), no_meetings())
    pd.testing.assert_frame_equal(store.school_actions(register, "900101"), no_actions())


def test_a_meeting_is_stored_as_it_was_said(register: store.Register) -> None:
    held = stored(register, READ, 1, "2026-09-15T10:00:00+00:00")
    [row] = store.school_meetings(held, "900101").to_dict("records")
    assert (row["meeting"], row["version"], row["superseded"]) == (DAY, 1, "")
    assert (row["place"], row["next_meeting"], row["next_note"]) == ("Remote", OTHER, "at ten")
    assert (row["form"], row["window"]) == (READ.form, READ.window)
    pd.testing.assert_frame_equal(items_of(row["items"]), ITEMS)
    assert figures_of(row["figures"]) == {"Pupils": 3}
    actions = store.school_actions(held, "900101")
    assert tuple(actions.columns) == ACTION_COLUMNS
    pd.testing.assert_frame_equal(actions[list(SAID_COLUMNS)], READ.actions)
    assert set(actions["version"]) == {1} and set(actions["superseded"]) == {""}


def test_the_fingerprint_of_the_register_covers_meetings(register: store.Register) -> None:
    held = stored(register, READ, 1, "1")
    assert held.digest("900101") != register.digest("900101")


def test_a_new_version_supersedes_and_keeps(register: store.Register) -> None:
    first = stored(register, READ, 1, "1")
    second = stored(first, replace(READ, actions=said_actions("Call home")), 2, "2")
    assert versions(second) == ["14/09 1 2", "14/09 2"]
    actions = store.school_actions(second, "900101")
    assert actions[["action", "version", "superseded"]].to_numpy().tolist() == [
        ["Call home", 1, "2"],
        ["Ask the school nurse", 1, "2"],
        ["Call home", 2, ""],
    ]
    assert in_force(actions)["version"].tolist() == [2]


def test_another_day_is_another_meeting(register: store.Register) -> None:
    first = stored(register, replace(READ, meeting=OTHER), 1, "1")
    both = stored(first, READ, 1, "2")
    assert versions(both) == ["14/09 1", "16/11 1"]
    assert len(in_force(store.school_actions(both, "900101"))) == 4


def test_a_meeting_that_is_taken_back_stays_in_the_history(register: store.Register) -> None:
    both = stored(stored(register, READ, 1, "1"), replace(READ, meeting=OTHER), 1, "2")
    gone = without_meeting(both, "900101", DAY, at="3")
    assert versions(gone) == ["14/09 1 3", "16/11 1"]
    assert set(in_force(store.school_actions(gone, "900101"))["meeting"]) == {OTHER}


def test_files_of_earlier_versions_still_read(register: store.Register) -> None:
    old = entries({}).drop(columns=["form", "meeting", "superseded"])
    name = store.part_file(register.folder, "900101", "support", old)
    files = {"900101": {**register.files["900101"], "support": name}}
    store.committed(replace(register, files=files))
    held = store.school_support(store.opened(register.folder), "900101")
    pd.testing.assert_frame_equal(held, entries({}))
    assert held[["form", "meeting", "superseded"]].to_numpy().tolist() == [["", "", ""]]


def test_a_damaged_part_says_that_it_is_in_no_drop(register: store.Register) -> None:
    held = stored(register, READ, 1, "1")
    (held.folder / held.files["900101"]["actions"]).write_bytes(b"PAR1")
    with pytest.raises(RegisterError, match="what was recorded is in no drop"):
        store.school_actions(held, "900101")


def meetings_of(*rows: tuple[str, int, str, str]) -> pd.DataFrame:
    columns = ["meeting", "version", "digest", "superseded"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(meeting=pd.to_datetime(frame["meeting"]))


TWO = meetings_of(("2026-09-14", 1, "a", "x"), ("2026-09-14", 2, "b", ""))
GONE = meetings_of(("2026-09-14", 1, "a", "x"), ("2026-09-14", 2, "b", "y"))
THREE = meetings_of(*[("2026-09-14", n, d, "x") for n, d in ((1, "a"), (2, "b"), (3, "a"))])
PLACES = {
    "the first": (no_meetings(), "a", False, VersionPlace("new", 1)),
    "another day's": (TWO.assign(meeting=OTHER), "b", False, VersionPlace("new", 1)),
    "something new": (TWO, "c", False, VersionPlace("new", 3, 2)),
    "what is in force": (TWO, "b", False, VersionPlace("same", 2)),
    "what is in force, again": (TWO, "b", True, VersionPlace("same", 2)),
    "what was said before": (TWO, "a", False, VersionPlace("earlier", 1)),
    "what was said before, again": (TWO, "a", True, VersionPlace("new", 3, 2)),
    "what was taken back": (GONE, "b", False, VersionPlace("earlier", 2)),
    "what was taken back, again": (GONE, "b", True, VersionPlace("new", 3)),
    "something new after it was taken back": (GONE, "c", False, VersionPlace("new", 3)),
    "what was said twice": (THREE, "a", False, VersionPlace("earlier", 3)),
}


@pytest.mark.parametrize("what", PLACES)
def test_where_a_record_stands(what: str) -> None:
    meetings, digest, again, place = PLACES[what]
    assert version_place(meetings, DAY, digest, again=again) == place


def test_order_rows_and_file_make_no_other_content() -> None:
    some = entries({}, {"upn": UPNS[1], "dated": False})
    digest = content_digest(READ, some)
    turned = replace(
        READ,
        items=ITEMS.iloc[::-1].assign(row=[9, 7]),
        actions=READ.actions.iloc[::-1].assign(row=[70, 61]),
        facts=dict(reversed(FACTS.items())),
    )
    assert content_digest(turned, some.iloc[::-1].assign(file="b.xlsx", row=9)) == digest
    undated = some.assign(date=some["date"].mask(~some["dated"], OTHER))
    assert content_digest(READ, undated) == digest


def other_action(**change: Any) -> MeetingRead:
    return replace(READ, actions=READ.actions.assign(**change))


def other_item(**change: Any) -> MeetingRead:
    return replace(READ, items=READ.items.assign(**change))


CHANGED = {
    **{name: other_action(**{name: "x"}) for name in SAID_COLUMNS if name not in {"row"}},
    **{f"item {name}": other_item(**{name: "x"}) for name in ITEM_COLUMNS if name != "row"},
    **{name: replace(READ, facts={**FACTS, name: None}) for name in FACTS},
    "meeting": replace(READ, meeting=OTHER),
    "form": replace(READ, form=OTHER),
    "window": replace(READ, window="2026-27"),
    "figures": replace(READ, figures={"Pupils": 4}),
    "an action less": replace(READ, actions=READ.actions.iloc[:1]),
    "an action twice": replace(READ, actions=pd.concat([READ.actions, READ.actions.iloc[:1]])),
    "a person less": replace(READ, items=READ.items.iloc[1:]),
}


@pytest.mark.parametrize("what", CHANGED)
def test_every_word_counts(what: str) -> None:
    assert content_digest(CHANGED[what], no_support()) != content_digest(READ, no_support())


@pytest.mark.parametrize(
    "change",
    [
        *({"what": "Call"}, {"upn": UPNS[1]}, {"date": OTHER}, {"dated": False}),
        *({"by": "x"}, {"outcome": "x"}, {"until": OTHER}, {"kind": "stage"}),
    ],
)
def test_what_is_said_of_pupils_counts(change: dict[str, Any]) -> None:
    assert content_digest(READ, entries({})) != content_digest(READ, entries(change))
    assert content_digest(READ, entries({})) != content_digest(READ, no_support())


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["person", "point"]), *[TEXTS] * 5), max_size=4),
    st.dictionaries(TEXTS, st.integers(0, 10**9), max_size=4),
)
def test_any_text_survives(rows: list[tuple[str, ...]], figures: dict[str, int]) -> None:
    columns = ["item", "what", "entry", "role", "initials", "note"]
    items = typed_items(pd.DataFrame(rows, columns=columns).assign(row=5))
    pd.testing.assert_frame_equal(items_of(items_text(items)), items)
    assert figures_of(figures_text(figures)) == figures
