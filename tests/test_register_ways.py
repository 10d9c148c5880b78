"""The quick ways to read marks give the same register, to the byte, and the same errors as the way through a text a cell."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import PUPILS_HEADER, UPNS
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import intake, plain_stream, shapes, store
from attendance_helpers.register.columns import ColumnMap

SCHOOLS = "URN,School name,Phase\n900101,First,Primary\n900102,Second,Primary\n"
PUPILS = PUPILS_HEADER + "".join(
    f"{urn},{upn},Surname,Forename,01/05/2018,F,3,Y,N,N,{begun},{left}\n"
    for urn, upn, begun, left in (
        ("900101", UPNS[0], "01/09/2025", ""),
        ("900101", UPNS[1], "08/09/2026", "10/09/2026"),
        ("900101", UPNS[1], "14/09/2026", ""),
        ("900102", UPNS[2], "", ""),
        ("900102", UPNS[3], "01/09/2025", "09/09/2026"),
        ("900101", UPNS[3], "10/09/2026", ""),
    )
)
FILES = ("all.csv", "marks_900101.csv", "marks_900102.csv")
WAYS = ("plain", "text", "streamed")
DAYS = [f"{day:02d}/09/2026" for day in (7, 8, 9, 10, 11, 14, 15)]

upns = st.sampled_from([*UPNS[:4] * 4, UPNS[4], f" {UPNS[0]} ", UPNS[1].lower(), "", " ", "É"])
days = st.sampled_from([*DAYS * 3, " 07/09/2026", "Mon 07/09/2026", "12/09/2026"])
bad_days = st.sampled_from(["31/02/2026", "", "soon", "01/09/1999"])

halves = st.sampled_from([*["AM", "PM"] * 6, "am", " pm ", "1", "A"])
bad_halves = st.sampled_from(["EVE", "", "3"])
marks = st.sampled_from(
    ["/", "\\", "I", "i", "", "-", " ", "Y7", "H", "Q9", "C2", "X01", "#", "é", "ﬀ"]
)
urns = st.sampled_from([*["900101", "900102"] * 5, "", " 900101 ", "777777"])
notes = st.sampled_from(["", "", "", "x", "café", " "])


def spoilt(usual: st.SearchStrategy[str], bad: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Usual texts, and one in sixteen of the bad ones."""
    return st.integers(0, 15).flatmap(lambda n: bad if n == 9 else usual)


rows = st.tuples(urns, upns, spoilt(days, bad_days), spoilt(halves, bad_halves), marks, notes)


@st.composite
def marks_texts(draw: st.DrawFn) -> bytes:
    """A marks file in the long shape, in any of the ways that systems write one and people spoil one."""
    few = draw(st.sampled_from([30, 30, 30, 30, 1, 0]))
    drawn = draw(st.lists(rows, min_size=few, max_size=60))
    if draw(st.booleans()):
        drawn = sorted(drawn, key=lambda row: (row[1], row[2], row[3]))
    names = ["URN", "UPN", "Date", "Session", "Mark", "Comment"]
    columns = draw(
        st.sampled_from([[0, 1, 2, 3, 4], [1, 2, 3, 4], [5, 4, 3, 2, 1, 0], [1, 2, 3, 4, 5]])
    )
    separator = draw(st.sampled_from([",", ",", ";", "\t"]))
    lines = [separator.join(row[at] for at in columns) for row in drawn]
    lines.insert(0, separator.join(names[at] for at in columns))
    spoils = draw(st.sampled_from([0, 0, 0, 1, 2]))
    for spoil in draw(st.lists(st.sampled_from(SPOILS), min_size=spoils, max_size=spoils)):
        at = draw(st.integers(1, len(lines)))
        lines = spoil(lines, at, separator)
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    foot = draw(st.sampled_from(["", end, end * 3]))
    encoding = draw(st.sampled_from([*["utf-8", "utf-8-sig", "cp1252"] * 4, "utf-16"]))
    return (end.join(lines) + foot).encode(encoding, errors="replace")


SPOILS = (
    lambda lines, at, sep: [*lines[:at], "", *lines[at:]],
    lambda lines, at, sep: [*lines[:at], sep * lines[0].count(sep), *lines[at:]],
    lambda lines, at, sep: [*lines[:at], " " + sep * lines[0].count(sep) + " ", *lines[at:]],
    lambda lines, at, sep: [*lines[:at], f"{UPNS[0]}{sep}x", *lines[at:]],
    lambda lines, at, sep: [*lines[:at], lines[0], *lines[at:]],
    lambda lines, at, sep: [*lines[:at], lines[-1] + sep + "more", *lines[at:]],
    lambda lines, at, sep: [*lines[:at], lines[-1].replace("I", '"I"'), *lines[at:]],
    lambda lines, at, sep: [*lines[:at], lines[-1] + '"', *lines[at:]],
    lambda lines, at, sep: [*lines[:at], "\0" + lines[-1], *lines[at:]],
    lambda lines, at, sep: ["Marks of a week", "", *lines],
    lambda lines, at, sep: [sep.join(["Marks"] * (lines[0].count(sep) + 3)), *lines],
    lambda lines, at, sep: [line + sep + (line or "x").split(sep)[-1] for line in lines],
    lambda lines, at, sep: [lines[0] + sep + "Code", *(line + sep + "I" for line in lines[1:])],
    lambda lines, at, sep: [*lines[:at], lines[-1].replace(sep, ";\t,"), *lines[at:]],
)  # fmt: skip


def state(folder: Path) -> dict[str, bytes]:
    """Every file of a register; of its list, all but the times of the imports."""
    files = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }
    files.pop(".lock", None)
    if store.INDEX in files:
        held = json.loads(files[store.INDEX])
        files[store.INDEX] = json.dumps({**held, "imports": len(held["imports"])}).encode()
    return files


def imported(way: str, drop: Path, register: Path, maps: list[ColumnMap]) -> Any:
    """Import in one of the ways; return what is said and what the register is then."""
    with pytest.MonkeyPatch.context() as patch:
        if way == "text":
            patch.setattr(shapes, "plain_long", lambda path, wanted: None)
        if way == "streamed":
            patch.setattr(plain_stream, "LARGE", 0)
            patch.setattr(plain_stream, "BLOCK", 300)
        try:
            summary = intake.import_drop(drop, register, maps=maps)
        except RegisterError as problem:
            return str(problem), state(register)
    told = (summary.schools.to_dict("records"), summary.problems.to_dict("records"))
    return (summary.changed, *told, summary.cautions), state(register)


@settings(max_examples=25, deadline=None)
@given(
    files=st.dictionaries(
        st.sampled_from([*FILES * 5, "marks_777777.csv"]),
        marks_texts(),
        min_size=1,
        max_size=3,
    ),
    later=marks_texts(),
    codes=st.sampled_from([{}, {"X01": "X", "Q9": "I"}]),
)
def test_every_way_gives_the_same_register(
    files: dict[str, bytes], later: bytes, codes: dict[str, str]
) -> None:
    maps = [ColumnMap("local codes", codes=codes)]
    with TemporaryDirectory() as name:
        place = Path(name)
        for at, texts in enumerate([files, {"all.csv": later}]):
            drop = place / f"drop{at}"
            drop.mkdir()
            (drop / "schools.csv").write_text(SCHOOLS)
            (drop / "pupils.csv").write_text(PUPILS)
            for file, content in texts.items():
                (drop / file).write_bytes(content)
            found = {way: imported(way, drop, place / way, maps) for way in WAYS}
            assert found["plain"] == found["text"]
            assert found["streamed"] == found["text"]


@pytest.mark.parametrize(
    "text",
    [
        f"URN,UPN,Date,Session,Mark\n900101,{UPNS[0]},07/09/2026,AM,/\n",
        f"Title\n\nUPN;Date;Session;Mark;Comment\r\n{UPNS[0]};07/09/2026;AM;/;caf\xe9\r\n;;;;\r\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_plain_files_are_read_the_quick_way(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "m.csv").write_bytes(text.encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "text_tables", lambda path: pytest.fail("read a text a cell"))
        found = shapes.marks_file(tmp_path / "m.csv", ColumnMap("usual names"))
    assert len(found.marks) == 1
