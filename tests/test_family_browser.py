"""The form of a family meeting in a browser, opened from disk: filled by keyboard, saved, opened again, printed."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from form_samples import FIELDS, HARD, LONG, WORDS, form_document
from pypdf import PdfReader

from attendance_helpers.publish.page_html import html_page
from attendance_helpers.register.meeting_cells import date_column, date_value

pytestmark = pytest.mark.browser

DAY = "1/3/27"
SOME = "adflm"  # sections with every kind of field
ON = """(() => {
  const e = document.activeElement, bar = document.querySelector('.save-bar').getBoundingClientRect();
  const covered = e.closest('form') && e.getBoundingClientRect().bottom > bar.top + 1;
  return [e.name || e.id || '', e.type || '', e.dataset.kind || '', e.value || '', covered];
})()"""
HELD = "JSON.parse(document.getElementById('attendance-form').textContent).answers"
ANSWERS = {
    **dict.fromkeys((key for key, field in FIELDS.items() if field.kind == "line"), "Ms Okafor"),
    **dict(
        zip(
            [k for k, f in FIELDS.items() if f.kind == "text" and f.section in SOME],
            HARD.values(),
            strict=False,
        )
    ),
    **{"meeting_date": DAY, "meeting_how": "home", "pupil_scale": "10", "stage": "two"},
    **{"held": ["plan"], "copies_to": ["pupil", "other"], "person_1_came": "no"},
    **{"child_name": "Zoë O'Neill 👧", "signed_family": "נועה"},
}


def written(folder: Path, answers: Any = None, *, sections: str = SOME) -> str:
    path = folder / "form.html"
    path.write_text(html_page(form_document(answers, sections=sections)), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return written(tmp_path_factory.mktemp("form"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Every field of the form, once."""
    return written(tmp_path_factory.mktemp("form"), sections="abcdefghijklm")


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return written(tmp_path_factory.mktemp("form"), ANSWERS)


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    opened.failures = []
    opened.on("pageerror", lambda error: opened.failures.append(str(error)))
    opened.on("console", lambda message: opened.failures.append(message.text))
    yield opened
    assert opened.failures == []
    context.close()


def saved(tab, folder: Path, press="#form-save") -> Path:
    """Save by the button, or by the keys, and return where the file went."""
    with tab.expect_download() as download:
        tab.locator(press).click() if press.startswith("#") else tab.keyboard.press(press)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def held(path: Path) -> Any:
    """Return the answers in a file, as whoever records it reads them."""
    found = re.findall(
        r'<script type="application/json" id="attendance-form">(.*?)</script>',
        path.read_text(encoding="utf-8"),
        re.S,
    )
    assert len(found) == 1
    assert "<" not in found[0]
    return json.loads(found[0])["answers"]


def in_controls(tab) -> Any:
    """Return what stands in the controls, without the script's help."""
    return tab.evaluate(
        """() => {
          const found = {};
          for (const e of document.querySelectorAll('#content :is(input, select, textarea)')) {
            if (e.type === 'checkbox') { if (e.checked) (found[e.name] ??= []).push(e.value); }
            else if (e.type === 'radio') { if (e.checked) found[e.name] = e.value; }
            else if (e.value) found[e.name] = e.value;
          }
          return found;
        }"""
    )


def standing() -> Any:
    """Return those answers whose fields are in the page."""
    return {key: value for key, value in ANSWERS.items() if FIELDS[key].section in SOME}


def test_every_field_is_filled_by_keyboard_alone_and_comes_back(tab, whole, tmp_path):
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(whole)
    given: dict[str, Any] = {}
    order: list[str] = []
    for _ in range(400):
        tab.keyboard.press("Tab")
        name, kind, of, value, covered = tab.evaluate(ON)
        if name == "form-save":
            break
        if name not in FIELDS:
            continue
        assert not covered, name  # what has the focus is not under the bar
        order.append(name)
        if kind == "radio":
            tab.keyboard.press("Space")
            tab.keyboard.press("ArrowRight")
            given[name] = FIELDS[name].options[1][0]
        elif kind == "checkbox":
            tab.keyboard.press("Space")
            given[name] = [*given.get(name, []), value]
        elif kind == "select-one":
            tab.keyboard.press("ArrowDown")
            given[name] = FIELDS[name].options[0][0]
        else:
            text = {"date": DAY, "line": f"{len(order)}."}.get(of, "One\nTwo")
            tab.keyboard.type(text)
            if of == "line":
                tab.keyboard.press("Enter")  # goes nowhere, and adds nothing
            given[name] = text
    assert sorted(given) == sorted(FIELDS)
    page_order = tab.evaluate(
        "[...new Set([...document.querySelectorAll('#content [name]')].map(e => e.name))]"
    )
    assert list(dict.fromkeys(order)) == page_order
    assert tab.evaluate(HELD) == given
    assert tab.get_by_role("status").inner_text() == "Not saved yet"

    with tab.expect_download() as download:
        tab.keyboard.press("Enter")
    assert download.value.suggested_filename == "DYVJ-B23K-N525_school_filled.html"
    path = tmp_path / "saved.html"
    download.value.save_as(path)
    said = tab.get_by_role("status").inner_text()
    assert re.fullmatch(r"Saved as DYVJ-B23K-N525_school_filled\.html at \d\d:\d\d", said)
    assert held(path) == given

    tab.goto(path.as_uri())
    assert in_controls(tab) == given
    assert tab.get_by_role("status").inner_text() == "No changes yet"
    assert held(saved(tab, tmp_path, "Control+s")) == given
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_answers_that_try_to_do_things_come_back_as_they_were(tab, full, tmp_path):
    tab.goto(full)
    assert in_controls(tab) == tab.evaluate(HELD) == standing()
    first = saved(tab, tmp_path)
    assert held(first) == standing()
    tab.goto(first.as_uri())
    assert in_controls(tab) == standing()
    (tmp_path / "again").mkdir()
    again = saved(tab, tmp_path / "again")
    assert again.read_text("utf-8") == first.read_text("utf-8")
    found = BeautifulSoup(again.read_text("utf-8"), "html.parser")
    assert len(found.find_all("script")) == 2
    assert found.find("img") is None


def test_typing_over_and_half_a_character_are_kept(tab, empty, tmp_path):
    tab.goto(empty)
    for key, text in zip(("pupil_words", "pupil_help", "share_with"), HARD.values(), strict=False):
        tab.locator(f"#f_{key}").fill(text)
    tab.locator("#f_disagree").evaluate(
        "e => { e.value = 'half \\ud800 \\udc00.'; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    tab.locator("#f_meeting_place").fill("One\n two")
    path = saved(tab, tmp_path)
    wanted = dict(zip(("pupil_words", "pupil_help", "share_with"), HARD.values(), strict=False))
    assert held(path) == wanted | {"disagree": "half � �.", "meeting_place": "One two"}


def test_it_asks_before_answers_are_lost_and_not_after_a_save(tab, empty, tmp_path):
    told: list[str] = []
    tab.on("dialog", lambda dialog: (told.append(dialog.type), dialog.accept()))
    tab.goto(empty)
    tab.reload()
    assert told == []
    tab.locator("#f_disagree").press_sequentially("Mondays")
    tab.reload()
    assert told == ["beforeunload"]
    tab.locator("#f_disagree").press_sequentially("Mondays")
    saved(tab, tmp_path)
    tab.reload()
    assert told == ["beforeunload"]
    tab.locator("#f_disagree").press_sequentially("x")
    saved(tab, tmp_path)
    tab.locator("#f_disagree").press_sequentially("y")
    tab.reload()
    assert told == ["beforeunload"] * 2


def test_a_choice_can_be_taken_back_by_keyboard(tab, full):
    tab.goto(full)
    clear = tab.get_by_role("button", name="Clear the answer to: How we met")
    clear.focus()
    tab.keyboard.press("Enter")
    assert "meeting_how" not in tab.evaluate(HELD)
    assert tab.evaluate(ON)[:2] == ["meeting_how", "radio"]
    assert clear.count() == 0
    assert tab.locator("[name=meeting_how][checked]").count() == 0


DATES = (
    *("12/3/2027", "12-3-2027", "12.3.27", "2027-03-12", "2027/3/12", "12 March 2027", "12 mar 27"),
    *(
        "12-Mar-2027",
        "1st Sept 2026",
        "Friday 12 March 2027",
        "Fri, 12 March 2027",
        "fri 12/3/2027",
    ),
    *("Thurs. 11 March 2027", "12 Mar. 2027", "12  March 2027", "29/2/2028"),
)
NO_DATES = (
    *(
        "soon",
        "31/2/2027",
        "3/13/2027",
        "12 Foo 2027",
        "29/2/2027",
        "12/3",
        "12 March",
        "12 3 2027",
    ),
    *("March 12 2027", "12th of March 2027", "Monday 12 March 2027", "mon 12/3/2027", "12/3/1999"),
)


def test_a_date_is_looked_at_gently(tab, empty, tmp_path):
    tab.goto(empty)
    field, told = tab.locator("#f_meeting_date"), tab.locator("#f_meeting_date_told")
    for text in (*DATES, ""):
        field.fill(text)
        field.blur()
        assert (field.get_attribute("aria-invalid"), told.inner_text()) == (None, ""), text
    for text in NO_DATES:
        field.fill(text)
        field.blur()
        assert field.get_attribute("aria-invalid") == "true", text
        assert "write it like 12/3/2027" in told.inner_text()
    path = saved(tab, tmp_path)
    assert held(path) == {"meeting_date": NO_DATES[-1]}
    assert "aria-invalid=" not in path.read_text("utf-8")


@pytest.mark.parametrize(("texts", "read"), [(DATES, True), (NO_DATES, False)])
def test_the_page_knows_the_dates_that_the_reader_of_forms_knows(texts, read):
    last = pd.Timestamp("2030-01-01")
    for text in texts:
        found = date_value(date_column([text])[text], last)
        assert isinstance(found, pd.Timestamp) == read, text


@pytest.mark.parametrize("by", ["button", "browser"])
def test_without_script_the_answers_are_there_to_read(browser, tab, empty, tmp_path, by):
    tab.goto(empty)
    tab.locator("#f_pupil_words").fill(LONG)
    tab.locator("#f_child_name").fill("Zoë")
    tab.locator("#f_person_1_came").select_option("no")
    tab.locator("[name=meeting_how][value=home]").check()
    tab.locator("[name=copies_to][value=school]").check()
    path = tmp_path / "page.html"
    if by == "button":
        path = saved(tab, tmp_path)
    else:  # a browser saves the page as it stands then
        path.write_text(tab.content(), encoding="utf-8")
    assert held(path)["copies_to"] == ["school"]
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(path.as_uri())
    assert plain.locator("#f_pupil_words").input_value() == LONG
    assert plain.locator("#f_child_name").input_value() == "Zoë"
    assert plain.locator("#f_person_1_came").input_value() == "no"
    assert plain.locator("[name=meeting_how][value=home]").is_checked()
    assert plain.locator("[name=copies_to][value=school]").is_checked()
    assert plain.get_by_text("Saving is off in this browser").is_visible()
    assert not plain.locator(".save-bar").is_visible()
    assert not plain.locator(".clear").first.is_visible()
    text = printed(plain)
    assert re.findall(r"w\d{4}", text) == WORDS
    assert "Zoë" in text
    context.close()


def printed(tab) -> str:
    reader = PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_a_long_answer_prints_in_full(tab, full):
    tab.goto(full)
    tab.locator("#f_disagree").fill(LONG)
    text = printed(tab)
    assert re.findall(r"w\d{4}", text) == WORDS * 2
    assert "Could not come" in text
    assert "Not saved yet" not in text
    assert "Clear" not in text
    assert "Write on this paper." in text
    assert "Type your answers here." not in text


def test_what_is_typed_where_no_script_runs_prints_too(browser, empty):
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(empty)
    plain.locator("#f_disagree").fill("Typed without a script. " * 30)
    assert printed(plain).count("Typed without a script.") == 30
    context.close()


def test_empty_fields_print_as_room_to_write(tab, empty):
    tab.goto(empty)
    tab.emulate_media(media="print")
    heights = tab.evaluate(
        "[...document.querySelectorAll('.control')].map(e => e.getBoundingClientRect().height)"
    )
    assert min(heights) >= 30  # 8 mm
    assert not tab.locator("textarea").first.is_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("filled", [False, True])
def test_axe_finds_nothing(browser, empty, full, width, filled):
    from axe_playwright_python.sync_playwright import Axe

    tab = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    tab.goto(full if filled else empty)
    if filled:
        tab.locator("#f_meeting_date").fill("soon")
        tab.locator("#f_disagree").fill("x")
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    tab.close()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_it_fits_and_everything_is_large_enough_to_hit(browser, full, width):
    tab = browser.new_page(viewport={"width": width, "height": 256 if width == 320 else 844})
    tab.goto(full)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    sizes = tab.evaluate(
        "[...document.querySelectorAll('form :is(input, select, textarea, button), .save-bar button')]"
        ".filter(e => e.checkVisibility({visibilityProperty: true})).map(e => [e.getBoundingClientRect(), e])"
        ".map(([r, e]) => [r.width, r.height, parseFloat(getComputedStyle(e).fontSize), e.type])"
    )
    assert len(sizes) > 90
    assert min(min(wide, high) for wide, high, _, _ in sizes) >= 24
    assert min(size for _, _, size, kind in sizes if kind not in ("radio", "checkbox")) >= 16
    lost = tab.evaluate(
        "[...document.querySelectorAll('textarea')].filter(e => e.scrollHeight > e.clientHeight + 1).length"
    )
    assert lost == 0  # each box is as high as its text
    tab.close()
