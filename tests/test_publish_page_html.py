"""The HTML page: self-contained, plain, accessible, the same each time."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from nbconvert.exporters import get_exporter
from publish_samples import HOSTILE, cover, hostile_table, notebook, whole_notebook

from attendance_helpers.publish.page_html import AttendanceHTMLExporter

VOID = {"meta", "br", "img", "col", "link", "input", "hr"}


class Page(HTMLParser):
    """The elements and the text of a page; unbalanced tags are refused."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.texts.append(data)

    def named(self, *tags):
        return [(tag, attrs) for tag, attrs in self.elements if tag in tags]


def html_of(made) -> str:
    return AttendanceHTMLExporter().from_notebook_node(made)[0]


@pytest.fixture(scope="module")
def html() -> str:
    return html_of(whole_notebook())


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def test_it_is_registered_with_nbconvert():
    assert get_exporter("attendance-html") is AttendanceHTMLExporter
    _, resources = AttendanceHTMLExporter().from_notebook_node(notebook("# T"))
    assert resources["output_extension"] == ".html"


def test_one_title_and_headings_in_order(page, html):
    levels = [int(tag[1]) for tag, _ in page.named("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert '<html lang="en-GB">' in html
    assert "<title>Meadowbank School before its meeting – Northmoor Council</title>" in html


def test_nothing_runs_and_nothing_comes_from_outside(page, html):
    assert not page.named("script", "iframe", "object", "embed", "link", "base", "form")
    for tag, attrs in page.elements:
        assert not [name for name in attrs if name.startswith("on")]
        assert tag == "svg" or "xmlns" not in attrs
        for name in {"href", "src", "action"} & set(attrs):
            assert re.match(r"#|data:image/", attrs[name] or ""), (tag, attrs)
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+", re.sub(r"base64,[^)]+", "", html)))
    assert addresses == {"http://www.w3.org", "http://x.invalid"}  # the second is a pupil's name
    assert "http://x.invalid" not in str([attrs for _, attrs in page.elements])


def test_the_page_forbids_what_it_does_not_need(page):
    metas = [attrs for _, attrs in page.named("meta")]
    policy = next(m["content"] for m in metas if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert {"name": "robots", "content": "noindex"} in metas


def test_what_a_notebook_keeps_to_itself_is_not_shown(html):
    for hidden in (
        "secret_source",
        "secret stream",
        "kept back",
        "untrusted",
        "traceback",
        "trace<",
    ):
        assert hidden not in html
    assert "This section could not be made: KeyError: &#x27;&lt;b&gt;&#x27;" in html


def test_addresses_are_unique_and_the_contents_lead_to_them(page):
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for _, attrs in page.named("a")]
    assert {link[1:] for link in links} <= set(ids)
    assert "#who-is-missing-school" in links
    assert page.named("nav")


def test_tables_and_drawings_say_what_they_are(page):
    assert all("scope" in attrs for _, attrs in page.named("th"))
    drawings = page.named("svg")
    assert len(drawings) == 2
    assert all(attrs["role"] == "img" and attrs["aria-label"] for _, attrs in drawings)
    assert len(page.named("caption")) == 3
    assert len(page.named("figcaption")) == 2


def test_who_may_hold_it_is_said_above_below_and_on_each_printed_page(html):
    line = "Meeting copy. Names pupils: for the school and its officer only"
    assert f'<header class="band"><p>{line}</p>' in html
    assert line in html[html.index("<footer") :]
    assert "@bottom-left { content: " in html
    hostile = html_of(notebook(cover(handling='"; } </style><script>alert(1)</script>')))
    assert "</style><script>" not in hostile


@pytest.mark.parametrize(("held", "seen"), HOSTILE.items())
def test_a_name_is_only_ever_text(held, seen):
    found = Page(html_of(notebook(cover(title=held), f"## x\n\n`{seen}`", hostile_table())))
    assert "".join(found.texts).count(seen) >= 2
    assert not found.named("script")


def test_it_is_small_and_the_same_each_time(html):
    assert len(html.encode()) < 1_000_000
    assert html == html_of(whole_notebook())


def test_an_empty_notebook_is_still_a_page():
    found = Page(html_of(notebook()))
    assert len(found.named("h1")) == 1
    assert not found.named("nav")


# What only a browser can tell ------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(html, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "pre_meeting.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser, address, width):
    from axe_playwright_python.sync_playwright import Axe

    tab = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    tab.goto(address)
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    tab.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_fits_the_screen_and_its_tables_scroll(browser, address, width):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto(address)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    sizes = tab.evaluate(
        "[...document.querySelectorAll('main *:not(svg, svg *)')].filter(e => e.checkVisibility())"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 13
    tab.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_lines_of_tiles_stand_level(browser, address, width):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto(address)
    for part in (".value", ".change"):
        tops = tab.evaluate(
            f"[...document.querySelectorAll('.tiles div')].map(tile => tile.querySelector('{part}'))"
            ".map(line => line.getBoundingClientRect().top)"
        )
        assert len(tops) == 2
        assert tops[0] == pytest.approx(tops[1])
    tab.close()


@pytest.mark.browser
def test_a_finding_leads_to_its_section(browser, address):
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(address)
    tab.get_by_role("link", name="See Who is missing school?").click()
    assert tab.url.endswith("#who-is-missing-school")
    assert tab.get_by_text("No section of this name").count() == 0
    tab.close()


@pytest.mark.browser
def test_it_reads_without_javascript_and_asks_for_nothing(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    asked, told = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: told.append(message.text))
    tab.goto(address)
    assert tab.get_by_role("heading", name="At a glance").is_visible()
    assert tab.get_by_text("To tick: First-day calling").count() == 1
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert told == []
    context.close()


@pytest.mark.browser
def test_the_contents_stay_in_view_on_a_wide_screen(browser, address):
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(f"{address}#how-we-counted")
    place = tab.get_by_role("navigation").bounding_box()
    assert 0 <= place["y"] < 800
    tab.close()


@pytest.mark.browser
def test_it_prints_on_a4_with_its_handling_on_every_page(browser, address):
    import io

    from pypdf import PdfReader

    tab = browser.new_page()
    tab.goto(address)
    printed = PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
    tab.close()
    assert len(printed.pages) > 2
    for number, page in enumerate(printed.pages, start=1):
        text = " ".join(page.extract_text().split())
        assert f"Page {number} of {len(printed.pages)}" in text
        assert "for the school and its officer only" in text
        assert abs(float(page.mediabox.width) - 595) < 2
    assert "The numbers behind" not in "".join(page.extract_text() for page in printed.pages)
