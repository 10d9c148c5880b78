"""The real form comes back in three ways: filled by keyboard and saved, typed into the PDF, or as a file: one record, all answers shown."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from family_samples import AS_AT, CHILD, NAMES, URN, all_fields, answers_file, family_register
from form_samples import HARD
from pypdf import PdfReader, PdfWriter

from attendance_helpers.register import store
from attendance_helpers.register.family_frames import answers_of
from attendance_helpers.run.family import family_documents
from attendance_helpers.run.params import Settings
from attendance_helpers.run.record_family import recorded_family

SPAN = "2026-09-07..2026-11-06"
FIELDS = all_fields("school")
FOCUS = """(() => {
  const e = document.activeElement;
  return [e.name || e.id || '', e.type || '', e.value || ''];
})()"""


@dataclass(frozen=True)
class Forms:
    """A register, and the school's form of one child made from it."""

    folder: Path
    register: store.Register
    page: Path
    pdf: Path


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    folder = tmp_path_factory.mktemp("forms")
    register = family_register(folder)
    run = made(folder, register, copies=("school",))
    [page], [pdf] = (list(run.glob(f"*_school{suffix}")) for suffix in (".html", ".pdf"))
    return Forms(folder, register, page, pdf)


def made(folder: Path, register: store.Register, **how: Any) -> Path:
    """Make documents of the child and return their folder."""
    common = {"window": SPAN, "as_at": AS_AT.isoformat(), "out": folder / "out", "jobs": 1}
    run = family_documents(register, Settings(), school=URN, pupils=[CHILD], **common, **how)
    assert not run.failed, run.failed
    return run.folder


def wanted(key: str) -> Any:
    """Return what is answered to a field: a text that is known again, a day, the second option, every box."""
    field = FIELDS[key]
    if field.kind == "date":
        return "9/11/2026" if key == "review_date" else "2/11/2026"
    if field.kind == "checks":
        return [value for value, _ in field.options]
    if field.kind in {"choice", "scale", "pick"}:
        return field.options[0 if field.kind == "pick" else 1][0]
    return f"Answer to {key}."


GIVEN = {key: wanted(key) for key in FIELDS}


@pytest.fixture(scope="module")
def filled(forms: Forms, browser: Any) -> Iterator[tuple[Path, str]]:
    """The page filled by keyboard alone and saved, and what it prints when it is opened again."""
    context = browser.new_context(accept_downloads=True)
    tab = context.new_page()
    tab.goto(forms.page.as_uri())
    met = []
    for _ in range(600):
        tab.keyboard.press("Tab")
        name, kind, _value = tab.evaluate(FOCUS)
        if name == "form-save":
            break
        if name not in FIELDS:
            continue
        met.append(name)
        if kind == "radio":
            tab.keyboard.press("Space")
            tab.keyboard.press("ArrowRight")
        elif kind == "checkbox":
            tab.keyboard.press("Space")
        elif kind == "select-one":
            tab.keyboard.press("ArrowDown")
        else:
            tab.keyboard.type(GIVEN[name])
    assert set(met) == set(FIELDS)
    with tab.expect_download() as download:
        tab.keyboard.press("Enter")
    path = forms.folder / "saved.html"
    download.value.save_as(path)
    tab.goto(path.as_uri())
    paper = forms.folder / "printed.pdf"
    tab.pdf(path=str(paper), format="A4")
    yield path, " ".join(page.extract_text() for page in PdfReader(paper).pages)
    context.close()


def copied(forms: Forms, folder: Path) -> Path:
    """Return a register of one's own, with its key."""
    return Path(shutil.copytree(forms.register.folder, folder / "register"))


def held(register: Path) -> dict[str, Any]:
    """Return the answers of the one meeting that is recorded."""
    [text] = store.school_family(store.opened(register), URN)["answers"]
    return answers_of(text)


def stored(given: dict[str, Any]) -> dict[str, Any]:
    """Return answers as they are stored: days in ISO, ticks as tuples."""
    days = {"9/11/2026": "2026-11-09", "2/11/2026": "2026-11-02"}
    return {
        key: tuple(value) if isinstance(value, list) else days.get(value, value)
        for key, value in given.items()
    }


def typed_pdf(source: Path, target: Path, answers: dict[str, Any], *, append: bool = False) -> Path:
    """Fill every field of a form's PDF."""
    if append:
        writer = PdfWriter()
        writer.append(PdfReader(source))
    else:
        writer = PdfWriter(clone_from=PdfReader(source))
    values = {}
    for name in PdfReader(source).get_fields():
        key, _, option = name.partition(":")
        if option and key in answers:
            ticked = (
                option in answers[key] if isinstance(answers[key], list) else option == answers[key]
            )
            values[name] = "/Yes" if ticked else "/Off"
        elif key in answers:
            values[name] = answers[key]
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False)
    with target.open("wb") as file:
        writer.write(file)
    return target


@pytest.mark.browser
def test_the_page_that_was_saved_is_recorded_and_every_answer_is_shown(
    forms: Forms, filled: tuple[Path, str], tmp_path: Path
) -> None:
    register = copied(forms, tmp_path)
    found = recorded_family(filled[0], register)
    assert found.news == "new"
    assert held(register) == stored(GIVEN)
    place = made(tmp_path, store.opened(register), meeting=found.meeting, copies=("school",))
    [page] = place.glob("*_evidence_*.html")
    text = " ".join(BeautifulSoup(page.read_text("utf-8"), "html.parser").get_text(" ").split())
    for key, answer in GIVEN.items():
        field = FIELDS[key]
        if field.kind in {"line", "text"}:
            assert answer in text, key
        elif field.kind != "date":
            told = answer if isinstance(answer, list) else [answer]
            assert all(dict(field.options)[one] in text for one in told), key
    assert "9 November 2026" in text


@pytest.mark.browser
def test_the_page_that_was_saved_prints_every_answer(filled: tuple[Path, str]) -> None:
    squeezed = re.sub(r"\s", "", filled[1])
    for key, answer in GIVEN.items():
        if FIELDS[key].kind in {"line", "text", "date"}:
            assert re.sub(r"\s", "", answer) in squeezed, key


@pytest.mark.browser
def test_three_ways_are_one_record(forms: Forms, filled: tuple[Path, str], tmp_path: Path) -> None:
    register = copied(forms, tmp_path)
    pdf = typed_pdf(forms.pdf, tmp_path / "typed.pdf", GIVEN)
    assert recorded_family(pdf, register).news == "new"
    assert held(register) == stored(GIVEN)
    assert recorded_family(filled[0], register).news == "same"
    assert recorded_family(answers_file(tmp_path / "typed.yml", GIVEN), register).news == "same"
    assert len(store.school_family(store.opened(register), URN)) == 1


def test_every_field_of_the_pdf_has_a_name_of_its_own(forms: Forms) -> None:
    fields = PdfReader(forms.pdf).get_fields()
    said = [field.get("/TU", "") for field in fields.values()]
    assert all(said)
    assert len(set(said)) == len(said)
    keys = {name.partition(":")[0] for name in fields} - {"form"}
    assert keys == set(FIELDS)


@pytest.mark.parametrize("append", [False, True])
def test_hard_texts_come_back_from_the_pdf_as_they_were_typed(
    forms: Forms, tmp_path: Path, append: bool
) -> None:
    register = copied(forms, tmp_path)
    kept = ("emoji", "right to left", "markup", "comments", "long")
    texts = dict(
        zip(
            ("family_worries", "pupil_words", "goal", "disagree", "area_home_said"),
            kept,
            strict=False,
        )
    )
    given = {**GIVEN, **{key: HARD[name] for key, name in texts.items()}}
    typed_pdf(forms.pdf, tmp_path / "typed.pdf", given, append=append)
    recorded_family(tmp_path / "typed.pdf", register)
    assert held(register) == stored(given)


def test_the_key_makes_the_form_ours(forms: Forms, tmp_path: Path) -> None:
    """The same drop in another register has another key: its forms are not known here."""
    from attendance_helpers.errors import RecordError

    other = family_register(tmp_path)
    made(tmp_path, other, copies=("family",))
    typed = typed_pdf(forms.pdf, tmp_path / "typed.pdf", GIVEN)
    before = {path.name: path.read_bytes() for path in other.folder.rglob("*") if path.is_file()}
    with pytest.raises(RecordError) as told:
        recorded_family(typed, other.folder)
    assert not any(part in str(told.value) for part in (CHILD, *NAMES[0][:2]))
    after = {path.name: path.read_bytes() for path in other.folder.rglob("*") if path.is_file()}
    assert after == before
