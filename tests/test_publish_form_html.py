"""A page to fill in, as HTML: every control labelled, nothing that a value could break out of, its answers as data."""

import base64
import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from form_samples import FIELDS, HARD, START, form_document
from publish_samples import HOSTILE, whole_notebook

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import Cover, Paragraph
from attendance_helpers.publish.form_blocks import (
    Answer,
    Answers,
    FieldTable,
    FormField,
    Questions,
)
from attendance_helpers.publish.form_page import form_page
from attendance_helpers.publish.page_document import block_document, page_document
from attendance_helpers.publish.page_html import html_page

SCALE = tuple((str(number), str(number)) for number in range(11))
COVER = Cover("Meeting about Amara")


@pytest.fixture(scope="module")
def html() -> str:
    return html_page(form_document())


@pytest.fixture(scope="module")
def page(html):
    return BeautifulSoup(html, "html.parser")


def page_of(*fields, **changes):
    return BeautifulSoup(html_of(*fields, **changes), "html.parser")


def html_of(*fields, **changes) -> str:
    return html_page(block_document(COVER, [START, Questions(fields, **changes)]))


def held(page):
    return json.loads(page.find(id="attendance-form").string)


def shown(page, key):
    """Return what stands in a control without any script."""
    control = page.find(id=f"f_{key}")
    if control.name == "textarea":
        return control.string.removeprefix("\n")
    return control["value"]


def test_every_field_stands_once_and_in_its_order(page):
    controls = page.select("#content :is(input, select, textarea)[name]")
    names = list(dict.fromkeys(control["name"] for control in controls))
    assert sorted(names) == sorted(FIELDS)
    single = [each["name"] for each in controls if each.get("type") not in ("radio", "checkbox")]
    assert len(single) == len(set(single))


def test_every_control_has_a_label_of_its_own(page):
    for control in page.select("#content :is(input, select, textarea)"):
        inside = control.find_parent("label")
        label = inside or page.find("label", attrs={"for": control["id"]})
        assert label.get_text(" ", strip=True), control
    assert all(each.legend.get_text(strip=True) for each in page.find_all("fieldset"))
    label = page.find("label", attrs={"for": "f_person_2_role"})
    assert label.get_text() == "Person 2: Who they are"


def test_ids_are_unique_and_what_they_are_named_by_is_there(page):
    ids = [each["id"] for each in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for name in ("for", "aria-describedby", "aria-labelledby"):
        for each in page.find_all(attrs={name: True}):
            assert set(each[name].split()) <= set(ids)


def test_hints_belong_to_their_fields():
    page = page_of(FormField("goal", "Our goal", hint="One is enough"), title="The plan")
    control = page.find(id="f_goal")
    assert page.find(id=control["aria-describedby"]).string == "One is enough"
    assert page.find(role="group")["aria-labelledby"] == page.h3["id"]


def test_options_are_a_group_with_its_own_way_back():
    options = (("yes", "Yes"), ("no", "No"))
    page = page_of(
        FormField("agree", "Right?", "choice", options=options, value="no", hint="Or not?"),
        FormField("copies", "Copies", "checks", options=options, value=["yes", "no"]),
        FormField("feel", "School", "scale", options=SCALE),
        FormField("came", "Came?", "pick", options=options, value="yes"),
    )
    agree, copies, feel = page.find_all("fieldset")
    assert [each.has_attr("checked") for each in agree.find_all("input")] == [False, True]
    assert page.find(id=agree["aria-describedby"]).string == "Or not?"
    assert agree.button["data-clears"] == "agree"
    assert agree.button.has_attr("hidden")
    assert len(copies.find_all("input", checked=True)) == 2
    assert copies.button is None
    assert [each["type"] for each in feel.find_all("input")] == ["radio"] * 11
    assert [each.get_text() for each in feel.select(".ends span[aria-hidden]")] == [
        *("Very hard", "Very good")
    ]
    assert feel.label.get_text(strip=True) == "0, very hard"
    assert [each["value"] for each in page.select("select option")] == ["", "yes", "no"]
    assert page.select_one("option[selected]")["value"] == "yes"
    assert held(page)["answers"] == {"agree": "no", "copies": ["yes", "no"], "came": "yes"}


def test_long_options_stand_below_each_other():
    few = FormField("a", "A", "checks", options=(("x", "Letters"), ("y", "Calls")))
    long = FormField("b", "B", "checks", options=(("x", "Letters"), ("y", "Why " * 20)))
    assert len(page_of(few, long).select(".options")) == 2
    assert len(page_of(few, long).select(".options.listed")) == 1


def test_only_short_answers_are_kept_on_one_page():
    block = Answers([Answer("A", "Short"), Answer("B", "long " * 200)])
    page = BeautifulSoup(html_page(block_document(COVER, [block])), "html.parser")
    assert [each.get("class") for each in page.select(".answers dl > div")] == [["short"], None]


def test_the_ends_of_a_scale_can_be_said():
    options = (("0", "0 – Not at all"), *SCALE[1:-1], ("10", "10 – Very much"))
    page = page_of(FormField("feel", "School", "scale", options=options))
    assert [each.get_text() for each in page.select(".ends span[aria-hidden]")] == [
        *("Not at all", "Very much")
    ]


@pytest.mark.parametrize("hard", HARD)
def test_a_value_comes_back_from_the_control_and_from_the_data(hard):
    given = HARD[hard]
    page = page_of(FormField("said", "Said", "text", value=given))
    assert shown(page, "said") == given
    assert held(page)["answers"] == {"said": given}
    assert len(page.find_all("script")) == 2
    assert page.find("img") is None


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_that_is_held_becomes_markup(value):
    fields = [FormField(k, value, k, hint=value, value=value) for k in ("line", "date", "text")]
    text = html_of(*fields, title=value, intro=value, stems=[value])
    page = BeautifulSoup(text, "html.parser")
    assert len(page.find_all("script")) == 2
    assert "<script>alert" not in text
    assert text.encode("utf-8")
    for key in ("line", "date", "text"):
        assert shown(page, key) == value.replace("\ud800", "�").replace("\0", "�")
        assert held(page)["answers"][key] == value.replace("\ud800", "�")


def test_options_and_tables_escape_too():
    value = '"><script>alert(1)</script>'
    one = FormField("a", value, "choice", options=((value, value),), value=value)
    row = [FormField("b", f"{value}: {value}", "line", value=value)]
    table = FieldTable(value, [value], [row], intro=value)
    blocks = [START, Questions([one]), table, Answers([Answer(value, value)], value)]
    text = html_page(block_document(COVER, blocks))
    assert len(BeautifulSoup(text, "html.parser").find_all("script")) == 2


def test_the_data_says_whose_form_it_is_and_cannot_end_early(html):
    element = re.search(
        r'<script type="application/json" id="attendance-form">(.*?)</script>', html
    )[1]
    assert "<" not in element
    assert json.loads(element) == {
        "form": {
            **{"format": 1, "reference": "DYVJ-B23K-N525", "urn": "900101", "copy": "school"},
            **{"as_at": "2026-11-20", "window": "autumn-2026", "check": "0123456789abcdef"},
        },
        "answers": {},
    }
    hostile = html_of(FormField("x", "X", value="</script><!--"))
    assert '"x":"\\u003c/script>\\u003c!--"' in hostile


def test_only_the_forms_own_script_may_run(html, page):
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    script = re.search(r"<script>(.*?)</script>", html, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.endswith(f"; script-src 'sha256-{digest}'")
    assert not [attr for each in page.find_all(True) for attr in each.attrs if attr[:2] == "on"]
    for forbidden in ("eval", "Function(", "innerHTML", "localStorage", "fetch", "http"):
        assert forbidden not in script


def test_without_a_script_the_page_says_so_and_shows_no_dead_button(page):
    assert page.select_one(".no-script").get("hidden") is None
    assert all(each.has_attr("hidden") for each in page.select("[data-script=on]"))
    assert page.select_one(".save-bar button").parent.parent is page.select_one(".save-bar")


def test_a_page_without_a_form_is_as_it_was():
    document = page_document(whole_notebook())
    text, templates = html_page(document), files("attendance_helpers.publish") / "templates"
    assert "<script" not in text
    assert "form-action 'none'\">" in text
    assert "</main>\n<footer" in text
    assert text.endswith("</footer>\n</body>\n</html>\n")
    assert (templates / "form.css").read_text("utf-8")[:40] not in text
    assert form_page(document.items) == form_page([])
    assert not any(vars(form_page([])).values())


def test_answers_need_their_style_but_no_script():
    block = Answers([Answer("What helps?", "One\ntwo <b>"), Answer("ומה?", "שלום")], "What we said")
    text = html_page(block_document(COVER, [block]))
    page = BeautifulSoup(text, "html.parser")
    assert page.find("script") is None
    assert [each.string for each in page.find_all("dd")] == ["One\ntwo <b>", "שלום"]
    assert {each["dir"] for each in page.find_all(["dt", "dd"]) if each.find_parent(class_="answers")} == {"auto"}  # fmt: skip
    assert ".answers dt" in text
    nothing = html_page(block_document(COVER, [Answers([], nothing="Nothing was said.")]))
    assert '<p class="note">Nothing was said.</p>' in nothing
    assert "<dl" not in BeautifulSoup(nothing, "html.parser").select_one("#content").decode()


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([Questions([FormField("a", "A")])], "one FormStart"),
        ([START, START], "one FormStart"),
        ([START, Questions([FormField("a", "A"), FormField("a", "B")])], "a twice"),
        ([START, Questions([FormField("a", "A", "choice", value="x")])], "field a"),
        ([START, FieldTable("T", ["A", "B"], [[FormField("a", "A")]])], "2 fields in each row"),
    ],
)
def test_a_form_that_could_lose_an_answer_is_not_made(blocks, said):
    with pytest.raises(AttendanceError, match=said):
        html_page(block_document(COVER, blocks))


def test_a_line_is_one_line():
    page = page_of(FormField("who", "Who", "line", value="One\r\ntwo"))
    assert shown(page, "who") == held(page)["answers"]["who"] == "One two"


def test_a_notebook_shows_the_fields_without_the_page():
    shown = Questions([FormField("goal", "Our goal", value="Mondays")])._repr_mimebundle_()
    assert ">Our goal</label>" in shown["text/html"]
    assert ">\nMondays</textarea>" in shown["text/html"]
    assert 'dir="auto" hidden>Mondays' in shown["text/html"]  # the copy for paper stays unseen


def test_equal_forms_give_equal_pages(html):
    assert html_page(form_document()) == html
    assert len(html.encode()) < 600_000
    assert html_page(form_document(more=[Paragraph("x")])) != html


def test_the_script_is_short_enough_to_read():
    path = Path(str(files("attendance_helpers.publish") / "templates" / "form.js"))
    assert len(path.read_text("utf-8").splitlines()) < 175
    assert "</script" not in path.read_text("utf-8")
