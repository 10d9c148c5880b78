from __future__ import annotations

import io
import json
import logging
import re
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import UPNS
from family_forms import (
    AREAS,
    AS_AT,
    as_file,
    as_page,
    as_pdf,
    field_name,
    fields_of,
    form_said,
    origin_of,
    page_text,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf.errors import PyPdfError

from attendance_helpers.errors import RecordError
from attendance_helpers.register.family_answers import checked_answers
from attendance_helpers.register.family_child import read_apart
from attendance_helpers.register.family_file import family_file
from attendance_helpers.register.family_history import answers_digest
from attendance_helpers.register.family_html import family_page
from attendance_helpers.register.family_pdf import family_sheet
from attendance_helpers.register.family_raw import page_elements, pdf_fields
from attendance_helpers.register.family_read import family_form_read
from attendance_helpers.register.references import FormOrigin

ODD = (
    "</textarea><script>alert(1)</script> <!-- ]]> \\u003c",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "one\ntwo\n\n\tthree: 'four' # \"five\" & *six %seven",
    "word " * 1000 + "end",
    "=1+1", "- no", "null", "2026-03-12", "~", "0x1F", "\\0 {} []",
)  # fmt: skip
SAID: dict[str, Any] = {
    **{"meeting_date": "2026-09-14", "meeting_how": "home", "picture_agree": "partly"},
    **{"pupil_scale": "7", "copies_to": ["family", "school"], "person_1_name": "Ms A"},
    **{"person_1_came": "yes", "area_health": "yes", "evidence_1_kind": "home_visit"},
    **{"evidence_1_date": "2026-09-08", "stage": "3", "held": ["told"], "goal": ODD[0]},
}


@pytest.fixture
def origin(tmp_path: Path) -> FormOrigin:
    (tmp_path / "register").mkdir()
    return origin_of(tmp_path / "register", UPNS[0])


def every_way(folder: Path, origin: FormOrigin, answers: dict[str, Any]) -> list[Path]:
    return [
        as_page(folder / "form.html", origin, answers),
        as_pdf(folder / "form.PDF", origin, answers),
        as_file(folder / "form.yml", origin, answers),
    ]


def refused(path: Path) -> str:
    with pytest.raises(RecordError) as problem:
        family_form_read(path)
    return str(problem.value)


def test_the_three_ways_say_the_same(tmp_path: Path, origin: FormOrigin) -> None:
    read = [family_form_read(path) for path in every_way(tmp_path, origin, SAID)]
    assert [one.way for one in read] == ["html", "pdf", "file"]
    assert [one.origin for one in read[:2]] == [origin, origin]
    assert (read[2].reference, read[2].copy, read[2].as_at) == (origin.reference, "school", AS_AT)
    found = [checked_answers(one.answers, fields_of(), as_at=AS_AT) for one in read]
    assert found[0].problems == () and found[0] == found[1] == found[2]
    assert found[0].answers["copies_to"] == ("family", "school")
    assert found[0].answers["goal"] == ODD[0]
    assert len({answers_digest(one.answers) for one in found}) == 1


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_survive_all_three_ways(tmp_path: Path, origin: FormOrigin, text: str) -> None:
    for path in every_way(tmp_path, origin, {"meeting_date": "2026-09-14", "goal": text}):
        read = family_form_read(path)
        found = checked_answers(read.answers, fields_of(), as_at=AS_AT)
        assert dict(found.answers) == {"meeting_date": "2026-09-14", "goal": text}, path.suffix


def answer_of(kind: str, options: list[str]) -> st.SearchStrategy[Any]:
    if kind == "checks":
        return st.lists(st.sampled_from(options), unique=True)
    if options:
        return st.sampled_from(options)
    if kind == "date":
        return st.dates(min_value=AS_AT.replace(year=2001), max_value=AS_AT).map(str)
    letters = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(
        "\n\t\U0001f600\u202e"
    )
    return st.text(letters, max_size=40)


@st.composite
def many_answers(draw: st.DrawFn) -> dict[str, Any]:
    fields = fields_of()
    keys = draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=12))
    found = {
        key: draw(answer_of(fields[key].kind, [value for value, _ in fields[key].options]))
        for key in keys
        if key != "review_date"
    }
    return {**found, "meeting_date": str(AS_AT)}


@given(answers=many_answers())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_answers_are_one_record_by_all_ways(
    tmp_path: Path, origin: FormOrigin, answers: dict[str, Any]
) -> None:
    page = page_text(form_said(origin), answers).encode()
    pdf = as_pdf(tmp_path / "form.pdf", origin, answers).read_bytes()
    read = [
        family_page("form.html", page_elements(page)),
        family_sheet("form.pdf", pdf_fields(pdf)),
        family_file(as_file(tmp_path / "form.yml", origin, answers)),
    ]
    found = [checked_answers(one.answers, fields_of(), as_at=AS_AT) for one in read]
    assert found[0].problems == () and found[0] == found[1] == found[2]


def test_line_ends_control_characters_and_half_a_pair(tmp_path: Path, origin: FormOrigin) -> None:
    said = {"meeting_date": "2026-09-14", "goal": " a\r\nb\rc\x00\x1b\x85d\ud83d "}
    for path in (
        as_page(tmp_path / "a.html", origin, said),
        as_pdf(tmp_path / "a.pdf", origin, said),
    ):
        read = family_form_read(path)
        assert (
            checked_answers(read.answers, fields_of(), as_at=AS_AT).answers["goal"]
            == "a\nb\ncd\ufffd"
        )


class TestPages:
    def page(self, tmp_path: Path, text: str | bytes) -> Path:
        path = tmp_path / "form.htm"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    @pytest.mark.parametrize(
        "text", ["", "<p>Hello", "%PDF-1.7", b"\x00\xff\xfe", "<div id=attendance>", "PK\x03\x04"]
    )
    def test_another_page(self, tmp_path: Path, text: str | bytes) -> None:
        told = refused(self.page(tmp_path, text))
        assert told.startswith("form.htm: expected the ") and "record that" in told

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_a_page_that_was_saved_in_another_encoding(
        self, tmp_path: Path, origin: FormOrigin, encoding: str
    ) -> None:
        text = page_text(form_said(origin), {"goal": "Zoë: two days"}, before="Zoë")
        read = family_form_read(self.page(tmp_path, text.encode(encoding)))
        assert read.answers == {"goal": "Zoë: two days"}

    def test_two_forms(self, tmp_path: Path, origin: FormOrigin) -> None:
        other = '<script type="application/json" id="attendance-form">{}</script>'
        for text in (
            page_text(form_said(origin), {}, before=other),
            page_text(form_said(origin), {}, after='<p id="attendance-form">'),
        ):
            assert "found those of 2" in refused(self.page(tmp_path, text))

    def test_a_script_typed_into_an_answer_is_no_second_form(
        self, tmp_path: Path, origin: FormOrigin
    ) -> None:
        typed = '</script><script type="application/json" id="attendance-form">{"form":1}</script>'
        read = family_form_read(as_page(tmp_path / "form.html", origin, {"goal": typed}))
        assert read.answers == {"goal": typed}

    def test_a_page_cut_short(self, tmp_path: Path, origin: FormOrigin) -> None:
        text = page_text(form_said(origin), SAID)
        end = text.index("</script>")
        for cut in (20, text.index('"answers"'), end - 40, end - 1):
            assert "found" in refused(self.page(tmp_path, text[:cut]))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"format": 1', '"format": 0'),
            ('"format": 1', '"format": true'),
            ('"format": 1', '"format": "1"'),
            ('"urn": "900101"', '"urn": 900101'),
            ('"urn": "900101"', '"urn": ""'),
            ('"copy": "school"', '"copy": "court"'),
            ('"as_at": "2026-09-11"', '"as_at": "11/09/2026"'),
            ('"window": "2026-27"', '"window": "<b>"'),
            ('"answers": {', '"answers": {"goal": "a", "goal": "b", '),
            ('"answers": {}', '"answers": []'),
            ('"answers": {}', '"answers": {}, "more": 1'),
            ("application/json", "text/plain"),
        ],
    )
    def test_a_form_that_was_changed(
        self, tmp_path: Path, origin: FormOrigin, old: str, new: str
    ) -> None:
        text = page_text(form_said(origin), {})
        assert old in text
        assert "damaged or is another page" in refused(self.page(tmp_path, text.replace(old, new)))

    def test_a_later_version(self, tmp_path: Path, origin: FormOrigin) -> None:
        text = page_text(form_said(origin) | {"format": 2}, {})
        assert "later version" in refused(self.page(tmp_path, text))

    def test_deep_and_large_ones_end(self, tmp_path: Path, origin: FormOrigin) -> None:
        deep = "[" * 200_000
        nest = f'<script type="application/json" id="attendance-form">{deep}</script>'
        assert "damaged" in refused(self.page(tmp_path, nest))
        assert "found" in refused(self.page(tmp_path, "<div>" * 200_000))
        assert "at most 20 MB" in refused(self.page(tmp_path, b" " * (20 * 2**20 + 1)))


class TestSheets:
    def test_a_print_of_the_form(self, tmp_path: Path) -> None:
        import pikepdf

        pdf = pikepdf.new()
        pdf.add_blank_page()
        pdf.save(tmp_path / "print.pdf")
        assert "A print or a scan of the form has none" in refused(tmp_path / "print.pdf")

    def test_damaged(self, tmp_path: Path, origin: FormOrigin) -> None:
        content = as_pdf(tmp_path / "form.pdf", origin, SAID).read_bytes()
        for text in (b"", b"%PDF-1.7", b"\x00" * 5000, content[: len(content) // 2], content[:200]):
            (tmp_path / "bad.pdf").write_bytes(text)
            told = refused(tmp_path / "bad.pdf")
            assert told.startswith("bad.pdf: expected the ")

    def test_a_password(self, tmp_path: Path, origin: FormOrigin) -> None:
        assert "with a password" in refused(as_pdf(tmp_path / "f.pdf", origin, {}, password="x"))

    def test_two_forms_in_one(self, tmp_path: Path, origin: FormOrigin) -> None:
        other = field_name({**form_said(origin), "copy": "family"})
        path = as_pdf(tmp_path / "form.pdf", origin, {}, names=[other])
        assert "found those of 2" in refused(path)

    def test_a_field_that_stands_twice(self, tmp_path: Path, origin: FormOrigin) -> None:
        path = as_pdf(tmp_path / "form.pdf", origin, {"goal": "mine"}, names=["goal"])
        assert "found one twice" in refused(path)

    def pages(self, path: Path, origin: FormOrigin, *pages: Sequence[str]) -> Path:
        """A PDF with these fields on its pages; `mine` and `other` begin the names of origins."""
        import pikepdf

        mine = field_name(form_said(origin))
        other = field_name({**form_said(origin), "copy": "family"})
        pdf = pikepdf.new()
        fields = []
        for names in pages:
            notes = []
            for name in names:
                key = name.replace("mine", mine).replace("other", other)
                value = pikepdf.String("" if key.startswith("form:") else f"in {key}")
                box = {"Subtype": pikepdf.Name.Widget, "FT": pikepdf.Name.Tx, "V": value}
                notes.append(pdf.make_indirect(pikepdf.Dictionary(T=pikepdf.String(key), **box)))
            pdf.add_blank_page().Annots = pikepdf.Array(notes)
            fields += notes
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields))
        pdf.save(path)
        return path

    def test_every_page_says_whose_form_it_is(self, tmp_path: Path, origin: FormOrigin) -> None:
        pages = (["mine:1"], ["mine:2", "goal"], ["mine:3", "disagree"])
        read = family_form_read(self.pages(tmp_path / "form.pdf", origin, *pages))
        assert read.answers == {"goal": "in goal", "disagree": "in disagree"}
        assert read.reference == origin.reference

    def test_a_form_of_before_says_it_once(self, tmp_path: Path, origin: FormOrigin) -> None:
        read = family_form_read(self.pages(tmp_path / "form.pdf", origin, ["mine"], ["goal"], []))
        assert read.answers == {"goal": "in goal"}

    @pytest.mark.parametrize(
        ("pages", "told"),
        [
            ((["mine:1"], ["other:2", "goal"]), "found those of 2"),
            ((["mine"], ["other:2", "goal"]), "found those of 2"),
            ((["mine:1"], ["goal"]), "found pages of another among them"),
            ((["mine:1", "goal"], ["mine:1"]), "found one twice"),
            ((["mine:1", "goal"], ["mine:2", "goal"]), "found one twice"),
        ],
    )
    def test_pages_of_two_forms(
        self, tmp_path: Path, origin: FormOrigin, pages: Any, told: str
    ) -> None:
        assert told in refused(self.pages(tmp_path / "form.pdf", origin, *pages))

    def test_pages_that_the_form_does_not_list(self, tmp_path: Path, origin: FormOrigin) -> None:
        import pikepdf

        mine = self.pages(tmp_path / "mine.pdf", origin, ["mine:1"], ["mine:2", "goal"])
        with pikepdf.open(mine) as pdf, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the form does not list them
            del pdf.Root.AcroForm.Fields[2]
            pdf.save(tmp_path / "shown.pdf")
            pdf.pages.append(pdf.pages[0])
            pdf.pages.append(pdf.pages[1])
            pdf.save(tmp_path / "twice.pdf")
        assert family_form_read(tmp_path / "shown.pdf").answers == {"goal": "in goal"}
        assert "found one twice" in refused(tmp_path / "twice.pdf")

    def test_values_that_are_no_text(self, tmp_path: Path, origin: FormOrigin) -> None:
        import pikepdf

        said = {"meeting_date": "2026-09-14", "goal": "x", "picture_agree": "yes"}
        content = as_pdf(tmp_path / "form.pdf", origin, said).read_bytes()
        for value in (12, True, pikepdf.Dictionary(A=1), pikepdf.Array([1])):
            for name in ("goal", "picture_agree:yes"):
                with pikepdf.open(io.BytesIO(content)) as pdf:
                    [field] = [f for f in pdf.Root.AcroForm.Fields if str(f.T) == name]
                    field.V = value
                    pdf.save(tmp_path / "changed.pdf")
                read = family_form_read(tmp_path / "changed.pdf")
                found = checked_answers(read.answers, fields_of(), as_at=AS_AT).problems
                assert len(found) == 1 and "expected a text, found something else" in found[0]

    def test_a_box_that_is_off(self, tmp_path: Path, origin: FormOrigin) -> None:
        import pikepdf

        content = as_pdf(tmp_path / "form.pdf", origin, {"picture_agree": "yes"}).read_bytes()
        for value in (pikepdf.Name("/"), pikepdf.String("Off"), pikepdf.String("")):
            with pikepdf.open(io.BytesIO(content)) as pdf:
                [field] = [f for f in pdf.Root.AcroForm.Fields if str(f.T) == "picture_agree:yes"]
                field.V = value
                pdf.save(tmp_path / "changed.pdf")
            assert "picture_agree" not in family_form_read(tmp_path / "changed.pdf").answers

    def test_one_that_only_forbids_to_change_it(self, tmp_path: Path, origin: FormOrigin) -> None:
        import pikepdf

        with pikepdf.open(as_pdf(tmp_path / "form.pdf", origin, {"goal": "Two days"})) as pdf:
            for strength in (3, 4, 6):
                rest = {"aes": strength > 3, "metadata": strength > 3}
                sealed = pikepdf.Encryption(user="", owner="secret", R=strength, **rest)
                pdf.save(tmp_path / "sealed.pdf", encryption=sealed)
                assert family_form_read(tmp_path / "sealed.pdf").answers["goal"] == "Two days"

    @pytest.mark.parametrize("name", ["form:", "form:%%%", "form:e30", "form:W10", "form:a"])
    def test_an_origin_that_says_nothing(self, name: str) -> None:
        with pytest.raises(RecordError, match="damaged or is another page"):
            family_sheet("form.pdf", {name: "", "goal": "x"})

    def test_boxes_and_a_text_of_one_name(self, origin: FormOrigin) -> None:
        fields = {field_name(form_said(origin)): "", "goal": "x", "goal:yes": "/Yes"}
        with pytest.raises(RecordError, match="damaged"):
            family_sheet("form.pdf", fields)

    def test_two_ticks_are_told_of(self, tmp_path: Path, origin: FormOrigin) -> None:
        said = {"meeting_date": "2026-09-14", "picture_agree": ["yes", "no"]}
        read = family_form_read(as_pdf(tmp_path / "form.pdf", origin, said))
        found = checked_answers(read.answers, fields_of(), as_at=AS_AT)
        assert found.problems == ("Does the picture look right?: expected one answer, found 2",)

    def test_fields_that_are_their_own_children(self, tmp_path: Path) -> None:
        import pikepdf

        pdf = pikepdf.new()
        pdf.add_blank_page()
        one = pdf.make_indirect(pikepdf.Dictionary(T=pikepdf.String("form:e30")))
        one.Kids = pikepdf.Array([one, one])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([one]))
        pdf.save(tmp_path / "loop.pdf")
        assert refused(tmp_path / "loop.pdf").startswith("loop.pdf: expected the form")

    def test_nothing_is_said_besides(
        self, tmp_path: Path, origin: FormOrigin, caplog: pytest.LogCaptureFixture, capfd: Any
    ) -> None:
        content = as_pdf(tmp_path / "form.pdf", origin, SAID).read_bytes()
        with caplog.at_level(logging.DEBUG):
            for cut in (300, 1000, 3000):
                (tmp_path / "bad.pdf").write_bytes(content[:-cut])
                with suppress(RecordError, PyPdfError):
                    family_sheet("bad.pdf", pdf_fields(content[:-cut]))
                with suppress(RecordError):
                    family_form_read(tmp_path / "bad.pdf")
        assert capfd.readouterr() == ("", "") and not caplog.records

    def test_what_takes_too_long_is_ended(self) -> None:
        begun = time.monotonic()
        with pytest.raises(RecordError, match=r"form\.pdf: expected the form"):
            read_apart("pdf", b"", file="form.pdf", seconds=0.01)
        assert time.monotonic() - begun < 20


class TestFiles:
    def file(self, tmp_path: Path, text: str | bytes) -> Path:
        path = tmp_path / "form.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def test_everything_is_text(self, tmp_path: Path) -> None:
        text = "reference: DYVJ-B23K-N525\nanswers:\n  pupil_scale: 7\n  meeting_date: 2026-03-12\n  came: yes\n"
        read = family_form_read(self.file(tmp_path, text))
        assert read.answers == {"pupil_scale": "7", "meeting_date": "2026-03-12", "came": "yes"}
        assert (read.copy, read.as_at, read.window, read.check) == ("school", None, "", "")

    def test_aliases_and_bombs(self, tmp_path: Path) -> None:
        lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
        begun = time.monotonic()
        for text in (
            "\n".join(lines),
            "answers: {goal: &a x, disagree: *a}",
            "answers: &a {b: *a}",
        ):
            assert "stands for another part" in refused(self.file(tmp_path, text))
        assert time.monotonic() - begun < 10

    @pytest.mark.parametrize(
        "text",
        [
            "[" * 50_000,
            "answers: {a: {b: {c: {d: e}}}}",
            "- " * 20_000 + "x",
            "answers:\n" + "\n".join(" " * n + "a:" for n in range(1, 400)),
        ],
    )
    def test_deep_ones(self, tmp_path: Path, text: str) -> None:
        assert "form.yaml: expected a file with" in refused(self.file(tmp_path, text))

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "found something else"),
            ("reference: x", "found something else"),
            ("answers: [a]", "found something else"),
            ("answers: {goal: a\nb", r"no YAML \(line"),
            ("a: b: c", "no YAML"),
            (b"\xff\xfe\x00", "no YAML"),
            ("answers: {goal: a}\n---\nanswers: {}", "no YAML"),
            ("answers: {goal: a, goal: b}", "found one twice"),
            ("answers: {}\nanswers: {}", "found one twice"),
            ("answers: {}\nname: Sam Sample", "expected the keys .*, found 1 other$"),
            ("answers: {}\nreference: Sam Sample", "reference: expected three groups"),
            ("answers: {}\nschool: Sample School", r"school: expected the number \(URN\)"),
            ("answers: {}\npupil: Sam Sample", "pupil: expected a UPN"),
            ("answers: {}\ncopy: mine", "copy: expected family or school"),
            ("answers: {}\nas_at: 12/03/2026", "as_at: expected a date as yyyy-mm-dd"),
            ("answers: {}\nwindow: [a]", "window: expected a text"),
            ("answers: !!python/object/apply:os.system [x]", "found something else"),
        ],
    )
    def test_what_no_form_says(self, tmp_path: Path, text: str | bytes, told: str) -> None:
        found = refused(self.file(tmp_path, text))
        assert re.search(told, found) and "Sam" not in found and "Sample" not in found

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("goal: Two days # or three", "goal (line 4)"),
            ("goal: Zoë 😀 says\n    we are #1 # and more", "goal (line 5)"),
            ("goal: #1 is sleep", "goal (line 4)"),
            ("goal:   # one", "goal (line 4)"),
            ("goal: # one\n    two", "goal (line 4)"),
            ("copies_to: [family, # mine\n    school]", "copies_to (line 4)"),
            ("copies_to:\n  - family\n  - school # too", "copies_to (line 6)"),
            ("area_health_said: tired # always", "area_health_said (line 4)"),
            ("Sam Sample: tired # always", "a field (line 4)"),
        ],
    )
    def test_a_note_that_would_cut_an_answer_off(
        self, tmp_path: Path, line: str, told: str
    ) -> None:
        text = f"reference: DYVJ-B23K-N525 # whose\nanswers: # all\n  meeting_date: 2026-03-12\n  {line}\n"
        found = refused(self.file(tmp_path, text))
        assert f"found one beside {told}. Put the answer in quotes" in found
        assert "Sam" not in found and "tired" not in found

    def test_notes_that_cut_nothing_off(self, tmp_path: Path) -> None:
        text = (
            "answers:\n  # a note\n  goal: class#4\n    # another\n  disagree: 'we #1'  # quoted\n"
            "  pupil_words: |  # theirs\n    I am # 1\n    # two\n  held: []\n  share_with:\n  # the end\n"
        )
        assert family_form_read(self.file(tmp_path, text)).answers == {
            **{"goal": "class#4", "disagree": "we #1", "pupil_words": "I am # 1\n# two\n"},
            **{"held": [], "share_with": ""},
        }

    def test_too_large(self, tmp_path: Path) -> None:
        assert "at most 4 MB" in refused(self.file(tmp_path, b"#" * (4 * 2**20 + 1)))


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "folder.pdf").mkdir()
    assert "found a folder" in refused(tmp_path / "folder.pdf")
    assert "found nothing there" in refused(tmp_path / "gone.html")
    assert "found .docx" in refused(tmp_path / "form.docx")


def test_a_saved_page_holds_no_character_that_ends_its_script(origin: FormOrigin) -> None:
    text = page_text(form_said(origin), {"goal": "</script>"})
    assert text.count("</script>") == 1 and json.dumps(dict(AREAS))
