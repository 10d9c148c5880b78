"""From register to meeting and back: the four documents of one child, and what the family's copies must never hold."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import textstat
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from family_samples import (
    AS_AT,
    CHILD,
    MEETING,
    NAMES,
    UPNS,
    URN,
    all_answers,
    all_fields,
    answers_file,
    family_register,
)
from pypdf import PdfReader

from attendance_helpers.register import store
from attendance_helpers.run.family import family_documents
from attendance_helpers.run.params import Settings
from attendance_helpers.run.record_family import recorded_family

SPAN = "2026-09-07..2026-11-06"
# domain.md 5.5 and what belongs to the law or to the school's own steps.
NOT_FOR_FAMILIES = (
    *("PA", "SA", "EHCP", "unauthorised", "authorised", "barrier", "barriers", "intervention"),
    *("compliance", "persistent", "persistently", "severe", "severely", "threshold", "penalty"),
    *("prosecute", "prosecution", "legal", "court", "fine", "trigger", "stage", "enforcement"),
    *("notice to improve", "Level 3", "evidence", "referral"),
)


@dataclass(frozen=True)
class Made:
    """The files of each document, by its kind: form and form_school before the meeting, agreed and evidence after it."""

    folder: Path
    files: dict[str, Path]

    def html(self, kind: str) -> str:
        return self.files[f"{kind}.html"].read_text("utf-8")

    def page_text(self, kind: str) -> str:
        page = BeautifulSoup(self.html(kind), "html.parser")
        for part in page(["style", "script"]):
            part.decompose()
        return " ".join(page.get_text(" ").split())

    def pdf_text(self, kind: str) -> str:
        reader = PdfReader(self.files[f"{kind}.pdf"])
        return " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    def notebook(self, kind: str) -> str:
        return self.files[f"{kind}.ipynb"].read_text("utf-8")

    def everything(self, kind: str) -> str:
        """Return all text of a document, of its file's data, and of the notebook behind it, unescaped."""
        held = json.loads(self.notebook(kind))
        return "\n".join(
            [
                html.unescape(self.html(kind)),
                self.pdf_text(kind),
                json.dumps(held, ensure_ascii=False),
            ]
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("family")
    register = family_register(folder)
    hostile = {
        "school_plan_2_action": "Sit away from Bartholomew Quickwater",
        "other_plan_2_action": "A penalty notice may follow",
        "evidence_2_what": "Seen with Ignatia Vellacott at the gate",
        "pupil_words": "I like it.\n\n</textarea><script>alert(1)</script> \U0001f98a "
        + "long " * 900,
    }
    given = all_answers("school") | hostile | {"stage": "3"}
    recorded_family(answers_file(folder / "answers.yml", given), register.folder)
    register = store.opened(register.folder)
    common = {"school": URN, "pupils": [CHILD], "window": SPAN, "out": folder / "out", "jobs": 1}
    before = family_documents(register, Settings(), as_at=AS_AT.isoformat(), **common)
    after = family_documents(
        register, Settings(), as_at=AS_AT.isoformat(), meeting=MEETING, **common
    )
    assert not before.failed, before.failed
    assert not after.failed, after.failed
    place = folder / "out" / URN / "family"
    kinds = {"": "form", "_school": "form_school", "_agreed": "agreed", "_evidence": "evidence"}
    files = {}
    for path in place.iterdir():
        stem = re.fullmatch(r"[B-Z2-9-]{14}(_[a-z]+)?(_[\d-]+)?", path.stem)
        assert stem, path.name
        files[f"{kinds[stem[1] or '']}{path.suffix}"] = path
    assert len(files) == 12
    return Made(folder, files)


@pytest.mark.parametrize("kind", ["form", "agreed"])
def test_the_family_s_copies_hold_no_other_child(made: Made, kind: str) -> None:
    text = made.everything(kind)
    for upn, (forename, surname, born) in list(zip(UPNS, NAMES, strict=True))[1:]:
        for secret in (upn, forename, surname, born, pd.Timestamp(born).date().isoformat()):
            assert secret not in text
    assert CHILD not in text  # nor the child's own number


@pytest.mark.parametrize("kind", ["form", "agreed"])
def test_the_family_s_copies_hold_nothing_of_the_school_s_own(made: Made, kind: str) -> None:
    text = made.everything(kind)
    for key in [key for key, field in all_fields("school").items() if field.school_only]:
        assert key == "lead" or f'"{key}"' not in text, key  # "lead" is a class of paragraphs too
        assert f"to {key}" not in text
    for words in ("Nobody in", "Seat away", "Attendance certificate", "Penalty", "Level 3"):
        assert words not in text


@pytest.mark.parametrize("kind", ["form", "agreed"])
def test_no_word_that_families_should_not_meet(made: Made, kind: str) -> None:
    shown = f"{made.page_text(kind)} {made.pdf_text(kind)} {_notebook_text(made, kind)}"
    found = {
        word
        for word in NOT_FOR_FAMILIES
        if re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", shown, 0 if word.isupper() else re.I)
    }
    assert found == set()


def _notebook_text(made: Made, kind: str) -> str:
    """Return what a reader of the notebook sees: its prose, its code, and what its cells show as text."""
    held = json.loads(made.notebook(kind))
    parts = ["".join(cell["source"]) for cell in held["cells"]]
    parts += [
        "".join(output.get("data", {}).get("text/plain", ""))
        for cell in held["cells"]
        for output in cell.get("outputs", [])
    ]
    return " ".join(parts)


def test_the_form_is_plain_to_read(made: Made) -> None:
    """Grade and length of our own sentences, as the page for this child has them."""
    page = BeautifulSoup(made.html("form"), "html.parser")
    main = page.find(id="content")
    texts = [
        " ".join(part.get_text(" ").split())
        for part in main.find_all(
            ["p", "li", "legend", "label", "h2", "h3", "figcaption", "caption"]
        )
        if not part.find_all(["p", "li", "label", "legend"])
    ]
    sentences = [
        sentence
        for text in texts
        for sentence in re.split(r"(?<=[.?!:])\s+", text)
        if len(sentence.split()) > 3 and "Answer" not in sentence
    ]
    assert len(sentences) > 80
    assert [s for s in sentences if len(s.split()) > 25] == []
    ended = " ".join(s if s[-1] in ".?!" else f"{s}." for s in sentences)
    assert textstat.flesch_kincaid_grade(ended) <= 6


def test_what_was_agreed_is_in_the_family_s_copy(made: Made) -> None:
    text, answers = made.page_text("agreed"), all_answers("school")
    for key in ("school_plan_1_action", "school_plan_1_who", "other_plan_1_action", "goal"):
        assert answers[key] in text
        assert answers[key] in made.pdf_text("agreed")
    assert text.index(answers["school_plan_1_action"]) < text.index(answers["other_plan_1_action"])
    assert "12 November 2026" in text
    assert "Quickwater" not in text
    assert "This part is in the school's record." in text


def test_the_school_s_record_shows_every_answer(made: Made) -> None:
    page, fields = made.page_text("evidence"), all_fields("school")
    answers = all_answers("school") | {"stage": "3"}
    pdf = made.pdf_text("evidence")
    replaced = {"school_plan_2_action", "other_plan_2_action", "evidence_2_what", "pupil_words"}
    for key, answer in answers.items():
        if fields[key].kind in {"line", "text"} and key not in replaced:
            assert str(answer) in page, key
            assert str(answer).split()[1] in pdf, key  # long words are broken on paper
        elif fields[key].options and isinstance(answer, str):
            assert dict(fields[key].options)[answer] in page, key
    assert "Sit away from Bartholomew Quickwater" in page
    assert "</textarea><script>alert(1)</script> \U0001f98a" in page
    assert page.count("long long") > 400
    assert "The family's copy leaves these answers out" in page


def test_the_school_s_record_says_how_complete_it_is(made: Made) -> None:
    text = made.page_text("evidence")
    assert re.search(r"\d of 9 pieces of evidence (is|are) on record for Level 3", text)
    assert "Home visit" in text or "home visit" in text
    assert "21 Sep 2026" in text  # what the register had before the meeting


def test_the_next_form_opens_with_what_was_agreed(made: Made) -> None:
    text = made.page_text("form")
    assert text.index("Since we last met") < text.index("What is going well")
    assert "What we agreed on 8 October 2026" in text
    assert re.search(r"In the 1[0-9] school days before we met, Zoë missed [\d ]+", text)


@pytest.mark.parametrize("kind", ["form", "form_school", "agreed", "evidence"])
def test_nothing_that_was_typed_becomes_markup(made: Made, kind: str) -> None:
    page = BeautifulSoup(made.html(kind), "html.parser")
    scripts = [script for script in page("script") if script.get("type") != "application/json"]
    assert len(scripts) == (1 if kind.startswith("form") else 0)
    assert not any("alert(" in script.get_text() for script in page("script"))


def test_the_account_names_nobody(made: Made) -> None:
    account = (made.folder / "out" / URN / "family.json").read_text("utf-8")
    for upn, (forename, surname, _) in zip(UPNS, NAMES, strict=True):
        assert upn not in account
        assert forename not in account
        assert surname not in account


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["form", "form_school", "agreed", "evidence"])
def test_axe_finds_nothing_in_the_real_documents(made: Made, browser: Any, kind: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(made.files[f"{kind}.html"].as_uri())
    found = Axe().run(page)
    page.close()
    assert found.violations_count == 0, found.generate_report()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
