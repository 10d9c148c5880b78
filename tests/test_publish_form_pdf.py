"""A form as a fillable PDF: every field once, in its order, with a name to be said aloud, and what is typed comes back whole."""

import base64
import datetime as dt
import io
import json
from dataclasses import replace
from importlib.resources import files

import pikepdf
import pytest
from publish_samples import cover, pupils
from pypdf import PdfReader, PdfWriter
from test_publish_page_pdf import tags_of, text_of

from attendance_helpers.errors import AttendanceError, RecordError
from attendance_helpers.publish import page_pdf
from attendance_helpers.publish.blocks import Callout, Heading, Paragraph
from attendance_helpers.publish.form_blocks import (
    Answer,
    Answers,
    FieldTable,
    FormField,
    FormStart,
    Questions,
)
from attendance_helpers.publish.form_widgets import form_widgets
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_pdf import pdf_page
from attendance_helpers.register.family_form import ROWS, family_fields, row_key
from attendance_helpers.register.family_raw import pdf_fields

START = FormStart(
    *("DYVJ-B23K-N525", "900101", "school", "2026-11-20", "Spring “so far”", "0123456789abcdef"),
    *(1, "DYVJ.html", "Type.", "Write in the boxes, or type."),
)
AREAS = [
    *(("health", "Health"), ("learning", "Learning"), ("friends", "Friends"), ("home", "Home")),
    *(("day", "The school day"), ("way", "Getting to school"), ("faith", "Faith and travel")),
    *(("part_time_or_somewhere_else", "Learning somewhere else"), ("us", "You and the school")),
]
STEMS = ["What makes it harder?", "What makes it easier?", "When did it change?", "Who knows?"]
FIELDS = family_fields(
    AREAS, copy="school", stages=[("1", "First"), ("2", "Next")], held=[("letter", "A letter")]
)
IN_TABLES = {
    row_key(stem, number + 1, part.key)
    for stem, (rows, parts) in ROWS.items()
    for number in range(rows)
    for part in parts
}
LONG = "Every morning is a little different. " * 140
TYPED = {
    "going_well": "Art 😀 and\nsport",
    "support_needed": "עזרה בתרגום, תודה",
    "share_with": "لا أحد",
    "pupil_words": LONG[:5000],
    "family_worries": "</textarea><script>alert(1)</script>",
    "person_1_name": "Łukasz O’Neill (father) – é",
}


def field(key: str, **more) -> FormField:
    held = FIELDS[key]
    return FormField(key, held.name, held.kind, options=held.options, **more)


def table(stem: str, **values: str) -> FieldTable:
    rows, parts = ROWS[stem]
    keys = [[row_key(stem, number + 1, part.key) for part in parts] for number in range(rows)]
    cells = [[field(key, value=values.get(key, "")) for key in row] for row in keys]
    return FieldTable(f"Table of {stem}", [part.name for part in parts], cells)


def whole_form(**values) -> list:
    """Return every field of the school's copy: areas and tables as they stand on the page, the rest one after the other."""
    areas = [
        Questions(
            [
                replace(field(f"area_{key}{part}", value=values.get(f"area_{key}{part}", "")))
                for part in ("", "_said", "_affects")
            ],
            title=title,
            stems=STEMS,
            compact=True,
        )
        for key, title in AREAS
    ]
    plain = [
        field(key, value=values.get(key, ""), hint="One line of help.")
        for key in FIELDS
        if not key.startswith("area_") and key not in IN_TABLES
    ]
    return [
        START,
        Heading("What we ask"),
        Questions(plain, compact=True),
        Heading("What gets in the way"),
        *areas,
        Heading("Tables"),
        *(table(stem, **values) for stem in ROWS),
    ]


def form_pdf(*blocks, **values) -> bytes:
    given = blocks or whole_form(**values)
    return pdf_page(block_document(cover(profile="school"), given))


def names_of(**values) -> list[str]:
    document = block_document(cover(), whole_form(**values))
    return [widget.name for widget in form_widgets(document.items)]


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return form_pdf()


@pytest.fixture(scope="module")
def opened(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as found:
        yield found


def widgets_of(opened: pikepdf.Pdf) -> list[tuple[int, pikepdf.Dictionary]]:
    """Return the fields that are seen, with the number of their page, as the file lists them."""
    return [
        (number, note)
        for number, page in enumerate(opened.pages)
        for note in page.get("/Annots", ())
        if note.Subtype == "/Widget" and not int(note.F) & 2
    ]


def origin_of(names) -> dict:
    """What the hidden fields say, one a page, all of them the same."""
    found = [name.split(":")[1:] for name in names if name.startswith("form:")]
    (held,) = {held for held, _ in found}
    assert sorted(int(page) for _, page in found) == list(range(1, len(found) + 1))
    return json.loads(base64.urlsafe_b64decode(held + "=" * (-len(held) % 4)))


def test_every_field_of_the_form_stands_once(opened):
    names = [str(note.T) for _, note in widgets_of(opened)]
    assert len(names) == len(set(names))
    assert names == names_of()
    assert {name.split(":")[0] for name in names} == set(FIELDS)
    listed = [str(each.T) for each in opened.Root.AcroForm.Fields]
    pages = len(opened.pages)
    assert pages > 1
    assert listed[:-pages] == names
    assert all(name.startswith("form:") for name in listed[-pages:])


def test_each_field_is_of_its_kind(opened):
    for _, note in widgets_of(opened):
        key, _, option = str(note.T).partition(":")
        held = FIELDS[key]
        if held.kind in {"choice", "checks", "scale"}:
            assert option in dict(held.options)
            assert (str(note.FT), str(note.AS), str(note.V)) == ("/Btn", "/Off", "/Off")
            assert set(note.AP.N.keys()) == {"/Yes", "/Off"}
            assert b" l S" in note.AP.N.Yes.read_bytes()
            assert note.AP.N.Off.read_bytes() == b""
        elif held.kind == "pick":
            assert (str(note.FT), int(note.Ff)) == ("/Ch", 1 << 17)
            assert [str(pair[0]) for pair in note.Opt] == ["", *dict(held.options)]
            assert [str(pair[1]) for pair in note.Opt][1:] == list(dict(held.options).values())
        else:
            # A cell of a table is two lines high, but a date is one line.
            lines = held.kind == "text" or (held.kind == "line" and key in IN_TABLES)
            assert (str(note.FT), int(note.Ff)) == ("/Tx", 1 << 12 if lines else 0)


def test_each_field_has_a_name_of_its_own_to_be_said(opened):
    said = {str(note.T): str(note.TU) for _, note in widgets_of(opened)}
    assert len(set(said.values())) == len(said)
    assert said["area_health:yes"] == "Health: Gets in the way"
    assert said["person_2_name"] == "Person 2: Name"
    assert said["meeting_date"] == "Date of this meeting"
    assert said["pupil_scale:10"] == "How school feels, from 0 to 10: 10"


def test_equal_labels_are_told_apart_by_what_they_stand_under():
    twice = [
        Questions([FormField(f"{part}_said", "What was said?")], title=part.title())
        for part in ("health", "home")
    ]
    twice.append(Questions([FormField("a", "Else?"), FormField("b", "Else?")]))
    items = block_document(cover(), [START, *twice]).items
    said = [widget.said for widget in form_widgets(items)]
    assert said == ["Health: What was said?", "Home: What was said?", "Else?", "Else? (2)"]


def test_the_structure_holds_each_field_in_the_order_of_reading(opened):
    forms = [node for kind, node in tags_of(opened) if kind == "Form"]
    notes = [note for _, note in widgets_of(opened)]
    held = [node.K[0] if isinstance(node.K, pikepdf.Array) else node.K for node in forms]
    assert all(each.Type == "/OBJR" for each in held)
    assert [each.Obj.objgen for each in held] == [note.objgen for note in notes]
    parents = pikepdf.NumberTree(opened.Root.StructTreeRoot.ParentTree)
    for node, note in zip(forms, notes, strict=True):
        assert parents[int(note.StructParent)].objgen == node.objgen
        assert not {"/A", "/Contents", "/Border"} & set(note.keys())
    assert all(page.Tabs == "/S" for page in opened.pages)
    kinds = [kind for kind, _ in tags_of(opened)]
    assert kinds.count("Table") == len(ROWS)
    assert kinds.count("H3") == len(AREAS)


def test_fields_lie_on_the_page_apart_and_in_order(opened):
    boxes: dict[int, list[list[float]]] = {}
    for number, note in widgets_of(opened):
        boxes.setdefault(number, []).append([float(side) for side in note.Rect])
        assert note.P.objgen == opened.pages[number].obj.objgen
        assert int(note.F) == 4
    for page in boxes.values():
        for at, (left, low, right, high) in enumerate(page):
            assert 50 < left < right < 545
            assert 40 < low < high < 800
            assert min(right - left, high - low) > 11
            for left2, low2, right2, high2 in page[at + 1 :]:
                apart = left2 >= right or right2 <= left or low2 >= high or high2 <= low
                assert apart
                # Further on is lower, or in the same row and to the right.
                assert high2 <= low + 0.01 or left2 >= right - 0.01


def test_the_form_says_whose_it_is_and_hides_it(opened):
    every = list(opened.Root.AcroForm.Fields)[-len(opened.pages) :]
    for page, hidden in zip(opened.pages, every, strict=True):
        assert (int(hidden.F) & 2, int(hidden.Ff) & 1, str(hidden.V)) == (2, 1, "")
        assert hidden.P.objgen == page.obj.objgen == opened.pages[page.index].obj.objgen
        assert hidden.objgen in [note.objgen for note in page.Annots]
    assert len({str(hidden.TU) for hidden in every}) == len(every)
    assert origin_of([str(hidden.T) for hidden in every]) == {
        **{"format": 1, "reference": "DYVJ-B23K-N525", "urn": "900101", "copy": "school"},
        **{"as_at": "2026-11-20", "window": "Spring “so far”", "check": "0123456789abcdef"},
    }


def test_it_is_still_a_tagged_document_without_scripts(opened, pdf):
    with opened.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert opened.Root.MarkInfo.Marked
    assert str(opened.Root.Lang) == "en-GB"
    assert "/XFA" not in opened.Root.AcroForm
    assert "/NeedAppearances" not in opened.Root.AcroForm
    actions = [o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and "/JS" in o]
    assert not actions
    font = opened.Root.AcroForm.DR.Font.SourceSans
    assert "/FontFile2" in font.FontDescriptor
    assert len(font.Widths) == 256 - 32
    assert "Write in the boxes" in text_of(pdf)
    assert "Type." not in text_of(pdf)


def test_equal_forms_give_equal_bytes(pdf):
    assert form_pdf() == pdf
    held = {"goal": "Two more days", "person_1_came": "yes", "meeting_how": "school"}
    assert form_pdf(**held) == form_pdf(**held) != pdf


@pytest.mark.parametrize("way", ["cloned", "appended"])
def test_what_is_typed_comes_back_whole(pdf, way):
    reader = PdfReader(io.BytesIO(pdf))
    if way == "cloned":
        writer = PdfWriter(clone_from=reader)
    else:
        writer = PdfWriter()
        writer.append(reader)
    given = {}
    for name in names_of():
        kind = FIELDS[name.split(":")[0]].kind
        if kind in {"choice", "checks", "scale"}:
            given[name] = "/Yes"
        elif kind == "pick":
            given[name] = FIELDS[name].options[-1][0]
        else:
            given[name] = TYPED.get(name, f"Answer to {name}")
    writer.update_page_form_field_values(None, given)
    held = io.BytesIO()
    writer.write(held)
    found = PdfReader(held).get_fields()
    assert {name: found[name].value for name in given} == given
    assert set(found) - set(given) == {name for name in found if name.startswith("form:")}
    assert origin_of(found)["reference"] == "DYVJ-B23K-N525"


def test_pages_of_two_forms_are_known_to_be_of_two(pdf):
    other = form_pdf(replace(START, reference="DYVJ-B23K-N529"), *whole_form()[1:])
    whole = PdfReader(io.BytesIO(pdf))
    assert set(pdf_fields(pdf)) == set(whole.get_fields())
    writer = PdfWriter()
    writer.append(whole, pages=(0, 2))
    writer.append(PdfReader(io.BytesIO(other)), pages=(2, len(PdfReader(io.BytesIO(other)).pages)))
    held = io.BytesIO()
    writer.write(held)
    with pytest.raises(RecordError, match="those of 2"):
        pdf_fields(held.getvalue())


def test_what_stands_in_a_field_already_is_seen():
    values = {
        **{"goal": "Two more days\nשלום 😀", "meeting_place": "Łódź", "person_1_came": "no"},
        **{"copies_to": ["pupil", "school"], "area_health": "yes", "pupil_words": LONG},
    }
    shown = form_pdf(**values)
    found = PdfReader(io.BytesIO(shown)).get_fields()
    assert found["goal"].value == values["goal"]
    assert found["pupil_words"].value == LONG
    assert found["person_1_came"].value == "no"
    ticked = {name for name, each in found.items() if each.value == "/Yes"}
    assert ticked == {"copies_to:pupil", "copies_to:school", "area_health:yes"}
    with pikepdf.open(io.BytesIO(shown)) as opened:
        by_name = {str(note.T): note for _, note in widgets_of(opened)}
        for key in ("goal", "meeting_place", "person_1_came", "pupil_words"):
            drawing = by_name[key].AP.N
            assert drawing.read_bytes().startswith(b"/Tx BMC")
            assert drawing.Resources.Font
            assert not {b"BDC", b"MCID"} & set(drawing.read_bytes().split())
        assert by_name["copies_to:pupil"].AS == "/Yes"
        # Room for what stands there, but never more than half a page.
        low, high = (float(by_name["pupil_words"].Rect[side]) for side in (1, 3))
        assert 250 < high - low < 400


def test_a_title_stands_with_its_first_field_and_no_field_is_parted():
    for above in range(0, 40, 3):
        filler = [Paragraph(f"Line {number}.", "note") for number in range(above)]
        asked = Questions(
            [FormField("one", "First?", lines=4), FormField("two", "Second?", lines=8)],
            title="Asked here",
            stems=STEMS,
        )
        pages = PdfReader(io.BytesIO(form_pdf(START, *filler, Heading("Part"), asked))).pages
        texts = [page.extract_text() for page in pages]
        (at,) = [number for number, text in enumerate(texts) if "Asked here" in text]
        names = [str(note.get_object().get("/T")) for note in pages[at].get("/Annots", ())]
        assert "one" in names, above
        assert "Part" in texts[at]
        assert all(text in texts[at] for text in (*STEMS, "First?"))


def test_a_long_table_of_fields_repeats_its_header():
    rows = [[FormField(f"r{n}_{c}", f"Row {n}: {c}", "line") for c in "ab"] for n in range(40)]
    pages = PdfReader(
        io.BytesIO(form_pdf(START, FieldTable("Many", ["Left", "Right"], rows)))
    ).pages
    assert len(pages) > 1
    assert all("Left" in page.extract_text() for page in pages)


def test_without_a_start_a_form_is_paper():
    asked = Questions(
        [
            FormField("goal", "Goal", value="Two days"),
            FormField("agree", "Agree?", "choice", options=[("yes", "Yes")], value="yes"),
        ]
    )
    shown = form_pdf(asked)
    with pikepdf.open(io.BytesIO(shown)) as opened:
        assert "/AcroForm" not in opened.Root
        assert not any("/Annots" in page for page in opened.pages)
    assert "Two days" in text_of(shown)


def test_a_document_that_is_no_form_is_what_it_was(monkeypatch):
    document = block_document(cover(), [Heading("A"), Paragraph("b"), pupils(5), Callout("c")])
    with_parts = pdf_page(document)
    plain = (files("attendance_helpers.publish") / "templates" / "page.typ").read_bytes()
    plain = plain.replace(page_pdf._FORM_PLACE, b"#let form-parts = (:)\n")
    monkeypatch.setattr(page_pdf, "_template", lambda name: plain)
    assert pdf_page(document) == with_parts


def test_a_form_that_cannot_be_filled_in_is_refused():
    asked = Questions([FormField("goal", "Goal")])
    with pytest.raises(AttendanceError, match=r"each field of a form once.*goal"):
        form_pdf(START, asked, asked)
    with pytest.raises(AttendanceError, match=r"a\.b"):
        form_pdf(START, Questions([FormField("a.b", "Goal")]))
    with pytest.raises(AttendanceError, match="one FormStart"):
        form_pdf(START, START, asked)


def test_places_that_are_not_the_fields_are_refused(pdf):
    from attendance_helpers.publish.pdf_form import fillable_pdf

    items = block_document(cover(), [Questions([FormField("goal", "Goal")])]).items
    with pytest.raises(AssertionError, match="field:goal"):
        fillable_pdf(pdf, form_widgets(items), origin="form:x", drawn=lambda sized: b"")


def test_answers_stand_whole_under_their_questions():
    word = "x" * 90
    long = f"{'One more line of it. ' * 250}The very end."
    answers = [
        Answer("What is going well?", "Art.\nSport.\n\nFriends too."),
        Answer("Names?", f"שלום לכולם 😀 漢 {word}"),
        Answer("Worries?", "</textarea><script>alert(1)</script>"),
        Answer("More?", long),
    ]
    shown = form_pdf(Heading("Said"), Answers(answers, title="In their words"))
    text = " ".join(text_of(shown).split())
    assert "Art. Sport. Friends too." in text
    assert word in text.replace(" ", "")
    assert "</textarea><script>alert(1)</script>" in text
    assert text.split().count("One") == 250
    assert "The very end." in text
    assert "�" in text  # a character that no font draws is seen to be missing
    assert "😀" in text
    with pikepdf.open(io.BytesIO(shown)) as opened:
        assert "/AcroForm" not in opened.Root
        assert len(opened.pages) > 1
        assert [kind for kind, _ in tags_of(opened) if kind in {"H1", "H2", "H3"}] == [
            *("H1", "H2", "H3")
        ]


def test_nothing_answered_is_said_so():
    shown = form_pdf(Answers([], title="Said", nothing="Nothing was written here."))
    assert "Nothing was written here." in text_of(shown)


def test_a_part_without_a_section_skips_no_heading():
    # PDF/UA refuses a heading of level 3 right under the title.
    shown = form_pdf(START, Questions([FormField("goal", "Goal")], title="The plan"))
    with pikepdf.open(io.BytesIO(shown)) as opened:
        assert [kind for kind, _ in tags_of(opened) if kind in {"H2", "H3"}] == ["H2"]


def test_a_form_is_dated_by_its_own_day(opened):
    assert str(opened.docinfo["/CreationDate"]).startswith("D:20261211")
    assert dt.date.today().strftime("D:%Y%m%d") not in str(opened.docinfo.get("/ModDate", ""))
