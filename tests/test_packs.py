"""Packs from end to end: hostile names stay text, a school that fails stops no other, nothing is made twice."""

from __future__ import annotations

import html
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pikepdf
import pypdf
import pytest
from conftest import PUPILS_HEADER, UPNS
from filelock import FileLock
from in_process import in_this_process

from attendance_helpers.errors import AttendanceError
from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run import manifest
from attendance_helpers.run.packs import PacksRun, packs
from attendance_helpers.run.params import Settings

HOSTILE = (
    ("Hale & Sons", "<script>alert(1)</script>"),
    ("+Cole", '=HYPERLINK("http://x.invalid","click")'),
    ("[link](u) `code` | pipe", "#set_text *bold* _it_ $x$"),
)
WINDOW = "2026-09-07..2026-09-18"


def csv_cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of two schools, whose pupils are severely absent and have hostile names."""
    drop = tmp_path_factory.mktemp("drop")
    (drop / "schools.csv").write_text(
        "URN,School name,Phase\n900101,=1+1 <b>Primary</b> & School,Primary\n900102,Second School,Primary\n"
    )
    lines, marks = [], {"900101": [], "900102": []}
    for urn in marks:
        for at, ((surname, forename), upn) in enumerate(zip(HOSTILE, UPNS, strict=False)):
            if urn == "900101":
                lines.append(
                    f"900101,{upn},{csv_cell(surname)},{csv_cell(forename)},01/05/2018,F,3,Y,N,N,01/09/2025,"
                )
            else:
                lines.append(f"900102,{UPNS[at]},Plain{at},Name,01/05/2018,M,4,N,K,Y,01/09/2025,")
            absent = "I I I I I O O O O O" if urn == "900101" else "/ \\ / \\ / \\ / \\ / \\"
            marks[urn] += [
                f"{upn},07/09/2026,{absent}",
                f"{upn},14/09/2026,/ \\ / \\ / \\ / \\ / \\",
            ]
    (drop / "pupils.csv").write_text(PUPILS_HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    for urn, rows in marks.items():
        text = "UPN,Week commencing,Marks\n" + "\n".join(rows) + "\n"
        (drop / f"marks_{urn}.csv").write_text(text)
    folder = tmp_path_factory.mktemp("register") / "r"
    import_drop(drop, folder)
    return folder


@pytest.fixture(scope="module")
def run(register: Path, tmp_path_factory: pytest.TempPathFactory) -> PacksRun:
    out = tmp_path_factory.mktemp("packs")
    return packs(store.opened(register), Settings(), window=WINDOW, out=out, jobs=2)


class Page(HTMLParser):
    """What a browser would make of a page: elements, attributes, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inside: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self.inside:
            self.words.append(data)


def pages(run: PacksRun) -> list[Path]:
    return sorted(run.folder.rglob("*.html"))


class TestHostileNames:
    def test_html_shows_them_and_runs_nothing(self, run: PacksRun) -> None:
        assert len(pages(run)) == 5
        for path in pages(run):
            page = Page(path.read_text("utf-8"))
            tags = {tag for tag, _ in page.elements}
            assert not tags & {"script", "b", "iframe", "object", "embed", "form", "base", "img"}
            for tag, attributes in page.elements:
                assert not any(name.startswith("on") for name in attributes), (path, tag)
                for name in ("href", "src", "xlink:href", "action"):
                    address = attributes.get(name) or "#"
                    local = address.startswith("#") or re.fullmatch(r"\d{6}/[\w.]+", address)
                    assert local, (path, tag, address)
        words = "".join(Page((run.folder / "900101/pre_meeting.html").read_text("utf-8")).words)
        for surname, forename in HOSTILE:
            assert f"{surname}, {forename}" in words

    def test_no_outside_address(self, run: PacksRun) -> None:
        for path in pages(run):
            text = re.sub(r"url\(data:[^)]*\)", "", path.read_text("utf-8"))
            for address in re.findall(r"(?:https?:)?//[^\s\"'<)]+", html.unescape(text)):
                known = address.startswith("http://www.w3.org/") or "x.invalid" in address
                assert known, address[:80]
            # The made-up address is in a name, as text: never the value of an attribute but alt text.
            assert not re.search(r'(?:href|src|url)\s*[=(]\s*["\']?[^"\'>]*x\.invalid', text)
            assert len(text.encode()) < 1_000_000

    def test_pdf_shows_them_and_links_nowhere(self, run: PacksRun) -> None:
        path = run.folder / "900101" / "pre_meeting.pdf"
        text = "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        squeezed = re.sub(r"\s|\u200b", "", text)
        wanted = [re.sub(r"\s", "", f"{surname},{forename}") for surname, forename in HOSTILE]
        assert [name for name in wanted if name not in squeezed] == []
        with pikepdf.open(path) as pdf:
            for page in pdf.pages:
                for annotation in page.get("/Annots", []):
                    assert "/URI" not in (annotation.get("/A") or {})
            assert "/OpenAction" not in pdf.Root and "/JavaScript" not in pdf.Root.get("/Names", {})

    def test_workbook_holds_text_and_no_formula(self, run: PacksRun) -> None:
        book = openpyxl.load_workbook(run.folder / "900101" / "pre_meeting.xlsx")
        names = {(row[1], row[2]) for row in book["Pupils"].iter_rows(min_row=2, values_only=True)}
        assert names == set(HOSTILE)
        for page in book:
            assert page._hyperlinks == []
            for row in page.iter_rows():
                assert all(cell.data_type != "f" for cell in row)

    def test_notebook_shows_them_as_text(self, run: PacksRun) -> None:
        notebook = nbformat.read(run.folder / "900101" / "pre_meeting.ipynb", as_version=4)
        shown = [
            output["data"]["text/html"]
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if "text/html" in output.get("data", {})
        ]
        assert len(shown) > 5
        for text in shown:
            page = Page(text)
            assert not {tag for tag, _ in page.elements} & {"script", "b", "a", "img"}
        assert not any(
            "text/markdown" in o.get("data", {})
            for c in notebook.cells
            for o in c.get("outputs", [])
        )
        assert "<script>alert" in "".join(w for text in shown for w in Page(text).words)

    def test_summary_and_index_do_not_calculate(self, run: PacksRun) -> None:
        summary = (run.folder / "summary.csv").read_text("utf-8")
        assert "'=1+1 <b>Primary</b> & School" in summary
        words = "".join(Page((run.folder / "index.html").read_text("utf-8")).words)
        assert "=1+1 <b>Primary</b> & School" in words


class TestPdf:
    def test_it_is_tagged_a4_titled_and_british(self, run: PacksRun) -> None:
        with pikepdf.open(run.folder / "900101" / "pre_meeting.pdf") as pdf:
            assert str(pdf.Root.Lang) == "en-GB"
            assert bool(pdf.Root.MarkInfo.Marked)
            assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
            with pdf.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"
                assert metadata["dc:title"].endswith("School: pre-meeting pack")
            sizes = {tuple(round(float(n)) for n in page.mediabox) for page in pdf.pages}
            assert sizes == {(0, 0, 595, 842)}
            kinds = _structure(pdf.Root.StructTreeRoot)
            assert {
                "/Document",
                "/H1",
                "/H2",
                "/Table",
                "/TH",
                "/TD",
                "/Figure",
                "/Caption",
            } <= set(kinds)


@pytest.mark.browser
class TestInABrowser:
    @pytest.mark.parametrize("width", [1280, 390])
    def test_axe_finds_nothing_on_any_page(self, run: PacksRun, browser: Any, width: int) -> None:
        from axe_playwright_python.sync_playwright import Axe

        tab = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
        for path in pages(run):
            tab.goto(path.as_uri())
            tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found = Axe().run(tab)
            assert found.violations_count == 0, found.generate_report()
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.close()

    def test_nothing_is_asked_for_and_nothing_runs(self, run: PacksRun, browser: Any) -> None:
        tab = browser.new_page()
        asked: list[str] = []
        said: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        for path in pages(run):
            tab.goto(path.as_uri())
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert said == []
        tab.close()


def _structure(node: Any) -> list[str]:
    """List the kinds of structure element, in reading order."""
    found = [str(node.S)] if "/S" in node else []
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary):
            found += _structure(child)
    return found


class TestRuns:
    def test_the_account_is_true(self, run: PacksRun, register: Path) -> None:
        record = json.loads((run.folder / "run.json").read_text("utf-8"))
        assert record["finished"] and record["window"] == WINDOW
        assert record["as_at"] == "2026-09-18"  # the register's last date
        for urn, held in record["schools"].items():
            files = [run.folder / urn / name for name in held["files"]]
            assert held["status"] == "done"
            assert manifest.file_digests(files) == held["files"]
            assert {path.suffix for path in files} == {".ipynb", ".html", ".pdf", ".xlsx"}

    def test_file_names_carry_no_pupil(self, run: PacksRun) -> None:
        names = [path.name for path in run.folder.rglob("*")]
        assert not any(upn in name for upn in UPNS for name in names)
        assert sorted({p.name for p in (run.folder / "900101").iterdir()}) == [
            *("pre_meeting.html", "pre_meeting.ipynb", "pre_meeting.pdf", "pre_meeting.xlsx"),
            *("register_check.html", "register_check.ipynb"),
        ]

    def test_what_has_not_changed_is_not_made_again(self, run: PacksRun, register: Path) -> None:
        again = packs(store.opened(register), Settings(), window=WINDOW, out=run.folder, jobs=1)
        assert [outcome.status for outcome in again.outcomes] == ["unchanged", "unchanged"]

    def test_a_damaged_file_is_made_again_and_pages_are_equal(
        self, run: PacksRun, register: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "copy"
        shutil.copytree(run.folder, out)
        path = out / "900101" / "pre_meeting.pdf"
        before = {p.name: p.read_bytes() for p in path.parent.iterdir() if p.suffix != ".ipynb"}
        path.write_bytes(b"half a file")
        again = packs(store.opened(register), Settings(), window=WINDOW, out=out, jobs=1)
        assert {o.urn: o.status for o in again.outcomes} == {
            "900101": "done",
            "900102": "unchanged",
        }
        # Equal input gives equal bytes, whenever and wherever it is run.
        assert before == {
            p.name: p.read_bytes() for p in path.parent.iterdir() if p.suffix != ".ipynb"
        }

    def test_a_workbook_that_was_written_in_is_no_reason_to_make_it_again(
        self, run: PacksRun, register: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "copy"
        shutil.copytree(run.folder, out)
        written = written_in(out / "900101" / "pre_meeting.xlsx")
        again = packs(store.opened(register), Settings(), window=WINDOW, out=out, jobs=1)
        assert [outcome.status for outcome in again.outcomes] == ["unchanged", "unchanged"]
        assert (out / "900101" / "pre_meeting.xlsx").read_bytes() == written

    def test_a_workbook_that_was_written_in_is_kept_when_a_new_one_is_made(
        self, run: PacksRun, register: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "copy"
        shutil.copytree(run.folder, out)
        book = out / "900101" / "pre_meeting.xlsx"
        as_made = {p.name: p.read_bytes() for p in book.parent.iterdir() if p.suffix != ".ipynb"}
        (book.parent / "pre_meeting_filled_1.xlsx").write_bytes(b"of last week")
        written = written_in(book)
        with in_this_process():
            [outcome] = packs(
                store.opened(register),
                Settings(),
                schools=["900101"],
                window=WINDOW,
                out=out,
                force=True,
            ).outcomes
        assert outcome.kept == ("pre_meeting_filled_2.xlsx",)
        assert (book.parent / outcome.kept[0]).read_bytes() == written
        # What is made in this process is what a kernel makes, to the byte.
        assert {name: (book.parent / name).read_bytes() for name in as_made} == as_made
        record = json.loads((out / "run.json").read_text("utf-8"))["schools"]["900101"]
        assert (
            manifest.file_digests(book.parent / name for name in record["files"])
            == (record["files"])
        )

    def test_a_school_that_fails_leaves_the_others_done(
        self, register: Path, tmp_path: Path
    ) -> None:
        broken = tmp_path / "register"
        shutil.copytree(register, broken)
        next((broken / "schools" / "900101").glob("marks-*.parquet")).write_bytes(b"PAR1 no longer")
        with in_this_process():
            run = packs(
                store.opened(broken),
                Settings(),
                window=WINDOW,
                as_at="2026-09-18",
                out=tmp_path / "o",
            )
        assert {o.urn: o.status for o in run.outcomes} == {"900101": "failed", "900102": "done"}
        assert "the register's marks cannot be read" in run.failed[0].reason
        assert "01_register_check.ipynb, cell" in run.failed[0].reason
        words = "".join(Page((run.folder / "index.html").read_text("utf-8")).words)
        assert "No pack from this run: =1+1 <b>Primary</b> & School (900101)" in words
        rows = (run.folder / "summary.csv").read_text("utf-8").splitlines()
        assert rows[1].endswith(",failed") and rows[2].endswith(",done")
        assert not list((run.folder / "900101").glob("pre_meeting.*"))
        assert list((run.folder / "900101").glob("failed_*.ipynb"))
        assert hidden(run.folder) == [".figures", ".lock"]

    def test_one_school_of_a_run_keeps_the_others_in_the_index(
        self, run: PacksRun, register: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "copy"
        shutil.copytree(run.folder, out)
        with in_this_process():
            packs(
                store.opened(register),
                Settings(),
                schools=["900102"],
                window=WINDOW,
                out=out,
                force=True,
            )
        assert (out / "summary.csv").read_text("utf-8") == (run.folder / "summary.csv").read_text(
            "utf-8"
        )


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def written_in(path: Path) -> bytes:
    """Write something into a workbook, as an officer would, and return its bytes."""
    book = openpyxl.load_workbook(path)
    book["Actions"]["D2"] = "Ring home on the first day"
    book.save(path)
    return path.read_bytes()


class TestTrouble:
    """The runner without notebooks: what it does when a worker dies, a report is open, a run was killed."""

    def test_a_report_that_cannot_be_written_is_told_and_loses_nothing(
        self, run: PacksRun, register: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "copy"
        shutil.copytree(run.folder, out)
        (out / "summary.csv").unlink()
        (out / "summary.csv").mkdir()  # as good as a file that another program holds
        again = packs(store.opened(register), Settings(), window=WINDOW, out=out, jobs=1)
        assert [outcome.status for outcome in again.outcomes] == ["unchanged", "unchanged"]
        assert "summary.csv" in again.reports
        assert json.loads((out / "run.json").read_text("utf-8"))["finished"]

    def test_what_a_killed_run_left_is_cleared_away(
        self, run: PacksRun, register: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "copy"
        shutil.copytree(run.folder, out)
        (out / ".900101-abc").mkdir()
        (out / ".900101-abc" / "pupils").write_text("x")
        packs(store.opened(register), Settings(), window=WINDOW, out=out, jobs=1)
        assert hidden(out) == [".figures", ".lock"]

    def test_two_runs_at_once_are_refused(self, register: Path, tmp_path: Path) -> None:
        (tmp_path / "o").mkdir()
        with (
            FileLock(tmp_path / "o" / ".lock"),
            pytest.raises(AttendanceError, match="another run is making packs here"),
        ):
            packs(store.opened(register), Settings(), window=WINDOW, out=tmp_path / "o")

    def test_a_school_whose_register_changed_is_out_of_date(
        self, run: PacksRun, register: Path, tmp_path: Path
    ) -> None:
        out, changed = tmp_path / "copy", tmp_path / "r"
        shutil.copytree(run.folder, out)
        shutil.copytree(register, changed)
        drop = tmp_path / "drop"
        drop.mkdir()
        (drop / "marks_900102.csv").write_text(
            f"UPN,Week commencing,Marks\n{UPNS[0]},14/09/2026,I I I I I I I I I I\n"
        )
        import_drop(drop, changed)
        with in_this_process():
            packs(store.opened(changed), Settings(), schools=["900101"], window=WINDOW, out=out)
        record = json.loads((out / "run.json").read_text("utf-8"))["schools"]
        assert {urn: held["status"] for urn, held in record.items()} == {
            "900101": "done",
            "900102": "out of date",
        }


def test_schools_with_little_or_nothing_to_show(tmp_path: Path) -> None:
    """Nobody in the window, one pupil who was always there, no characteristics at all: each has its pack."""
    drop = tmp_path / "drop"
    drop.mkdir()
    urns = ("900101", "900102", "900103")
    (drop / "schools.csv").write_text(
        "URN,School name,Phase\n" + "".join(f"{urn},School {urn},Primary\n" for urn in urns)
    )
    (drop / "pupils.csv").write_text(
        "URN,UPN,Surname,Forename,Year group\n"
        + "".join(f"{urn},{upn},A,B,\n" for urn, upn in zip(urns, UPNS, strict=False))
    )
    weeks = {"900101": "06/07/2026", "900102": "07/09/2026", "900103": "07/09/2026"}
    marks = {"900101": "/ \\ " * 5, "900102": "/ \\ " * 5, "900103": "I N # # ? - / \\ L U"}
    for urn, upn in zip(urns, UPNS, strict=False):
        text = f"UPN,Week commencing,Marks\n{upn},{weeks[urn]},{marks[urn].strip()}\n"
        (drop / f"marks_{urn}.csv").write_text(text)
    import_drop(drop, tmp_path / "r")
    with in_this_process():
        run = packs(store.opened(tmp_path / "r"), Settings(), window=WINDOW, out=tmp_path / "o")
    assert [outcome.reason for outcome in run.failed] == []
    words = {
        urn: " ".join(Page((run.folder / urn / "pre_meeting.html").read_text("utf-8")).words)
        for urn in urns
    }
    assert "No session in this window counts" in words["900101"]
    assert "Attendance is 100.0%; 0 of 1 pupil (0%) are persistently absent" in words["900102"]
    assert "no comparator for these dates" in words["900103"]
