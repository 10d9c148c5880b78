"""A printed form made fillable: the places to write in become the fields of an AcroForm, in their order of reading.

Typst marks each place with a link and puts that into the structure of the document. Here each such link becomes a field (a Widget in a
Form element), as PDF/UA asks of forms: in the reading order, with a name to be said aloud. Every field brings its own appearance, so
`NeedAppearances` is not set: what stands in it already looks the same in every program, in fonts that the file holds.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from attendance_helpers.publish.form_widgets import LINK, Widget, field_link
from attendance_helpers.publish.pdf_form_font import typed_font

HIDDEN: Final = 2  # flags of an annotation
PRINTED: Final = 4
READ_ONLY: Final = 1  # flags of a field
MULTILINE: Final = 1 << 12
COMBO: Final = 1 << 17

_TYPED = b"/SourceSans 10.5 Tf 0.11 g"
_FITTED = b"/SourceSans 0 Tf 0.11 g"  # the program chooses a size in which it can all be seen
_TICK = b"/ZaDb 0 Tf 0.11 g"

Sized = tuple[Widget, float, float]  # a field and how wide and high it is [pt]
Drawn = Callable[[Sequence[Sized]], bytes]


def fillable_pdf(pdf: bytes, widgets: Sequence[Widget], *, origin: str, drawn: Drawn) -> bytes:
    """
    Return a printed form with fields to fill in; equal input gives equal bytes.

    Parameters
    ----------
    pdf : tagged, each place to write in a link to its `field_link`
    widgets : the fields in the order of the page
    origin : the name of the hidden fields that say whose form it is; each page has one, its name ends with `:` and the page
    drawn : gives a PDF with one page for each field that has a text already

    Raises
    ------
    AssertionError
        when the places are not those of the fields, in their order
    """
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        places = list(_places(opened))
        found = [str(place.A.URI) for _, place in places]
        expected = [field_link(widget.name) for widget in widgets]
        assert found == expected, f"fields {expected}, places {found}"
        held = _texts(opened, widgets, places, drawn)
        appearances = _Appearances(opened)
        elements = pikepdf.NumberTree(opened.Root.StructTreeRoot.ParentTree)
        for widget, (page, place) in zip(widgets, places, strict=True):
            _as_element(elements[int(place.StructParent)], place)
            _as_widget(widget, place, page, appearances, held.get(widget.name))
        fields = [place for _, place in places] + _origin_fields(opened, origin, appearances)
        opened.Root.AcroForm = opened.make_indirect(_form(opened, fields))
        for page in opened.pages:
            page.Tabs = Name.S
        made = io.BytesIO()
        opened.save(
            made,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
    return made.getvalue()


def _places(opened: pikepdf.Pdf) -> Iterator[tuple[pikepdf.Page, Any]]:
    """Yield each place to write in with its page."""
    for page in opened.pages:
        for note in page.get("/Annots", ()):
            action = note.get("/A")
            if action is not None and str(action.get("/URI", "")).startswith(LINK):
                corners = note.get("/QuadPoints")
                assert corners is None or len(corners) == 8, f"{action.URI} in several parts"
                yield page, note


def _as_element(element: Any, place: Any) -> None:
    """Make the link's element of the structure one of a form: it holds the field and nothing else."""
    inside = element.K
    (held,) = inside if isinstance(inside, Array) else (inside,)
    assert str(element.S) == "/Link", f"{place.A.URI} in {element.S}"
    assert str(held.Type) == "/OBJR", f"{place.A.URI} holds more than a field"
    element.S = Name.Form
    if "/A" in element:  # attributes of links
        del element["/A"]


def _as_widget(
    widget: Widget, place: Any, page: pikepdf.Page, appearances: _Appearances, text: Any
) -> None:
    for key in ("/A", "/Border", "/Contents", "/QuadPoints"):
        if key in place:
            del place[key]
    place.Subtype = Name.Widget
    place.F = PRINTED
    place.P = page.obj
    place.T = String(widget.name)
    place.TU = String(widget.said)
    if widget.kind == "tick":
        _tick(widget, place, appearances)
        return
    place.Ff = {"line": 0, "text": MULTILINE, "pick": COMBO}[widget.kind]
    place.FT = Name.Ch if widget.kind == "pick" else Name.Tx
    place.DA = String(_FITTED if widget.kind == "text" else _TYPED)
    place.V = String(widget.value)
    if widget.kind == "pick":
        offered = [("", " "), *widget.options]
        place.Opt = Array([Array([String(held), String(said)]) for held, said in offered])
    place.AP = Dictionary(N=text or appearances.of(_size(place), b"/Tx BMC EMC"))


def _tick(widget: Widget, place: Any, appearances: _Appearances) -> None:
    width, height = size = _size(place)
    points = [(0.2, 0.5), (0.42, 0.24), (0.82, 0.8)]
    (x, y), *rest = [(width * across, height * up) for across, up in points]
    lines = " ".join(f"{a:.2f} {b:.2f} l" for a, b in rest)
    drawing = f"q 1.6 w 1 J 1 j 0.11 G {x:.2f} {y:.2f} m {lines} S Q".encode()
    place.FT, place.Ff, place.DA = Name.Btn, 0, String(_TICK)
    place.MK = Dictionary(CA=String("4"))  # a tick, where a program draws its own
    place.V = place.AS = Name.Yes if widget.value else Name.Off
    place.AP = Dictionary(N=Dictionary(Yes=appearances.of(size, drawing), Off=appearances.of(size)))


class _Appearances:
    """What fields look like, one for all of a size: a form has hundreds of fields and a handful of sizes."""

    def __init__(self, opened: pikepdf.Pdf) -> None:
        self._opened = opened
        self._made: dict[tuple[float, float, bytes], pikepdf.Stream] = {}

    def of(self, size: tuple[float, float], drawing: bytes = b"") -> pikepdf.Stream:
        """Return a drawing as the appearance of fields of a size."""
        key = (*size, drawing)
        if key not in self._made:
            self._made[key] = pikepdf.Stream(
                self._opened,
                drawing,
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, *size]),
                Resources=Dictionary(),
            )
        return self._made[key]


def _size(place: Any) -> tuple[float, float]:
    """Return how wide and high a place is [pt]."""
    left, low, right, high = (float(side) for side in place.Rect)
    return round(right - left, 3), round(high - low, 3)


def _texts(
    opened: pikepdf.Pdf,
    widgets: Sequence[Widget],
    places: Sequence[tuple[pikepdf.Page, Any]],
    drawn: Drawn,
) -> dict[str, Any]:
    """Return what stands in fields already, drawn, by the name of the field."""
    sized = []
    for widget, (_, place) in zip(widgets, places, strict=True):
        if widget.value and widget.kind != "tick":
            sized.append((widget, *_size(place)))
    if not sized:
        return {}
    found = {}
    with pikepdf.open(io.BytesIO(drawn(sized))) as pages:
        assert len(pages.pages) == len(sized), f"{len(sized)} texts on {len(pages.pages)} pages"
        for (widget, _, _), page in zip(sized, pages.pages, strict=True):
            drawing = opened.copy_foreign(page.as_form_xobject())
            drawing.write(b"/Tx BMC\n" + drawing.read_bytes() + b"\nEMC")
            found[widget.name] = drawing
    return found


def _origin_fields(opened: pikepdf.Pdf, origin: str, appearances: _Appearances) -> list[Any]:
    """Return the hidden fields whose names say whose form it is, one a page: pages of two forms that were put together are found out."""
    fields = []
    for number, page in enumerate(opened.pages, 1):
        field = opened.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                Rect=Array([0, 0, 0, 0]),
                P=page.obj,
                T=String(f"{origin}:{number}"),
                TU=String(f"Whose form this is, page {number}"),
                V=String(""),
                Ff=READ_ONLY,
                F=HIDDEN,
                DA=String(_TYPED),
            )
        )
        field.AP = Dictionary(N=appearances.of((0, 0)))
        if "/Annots" not in page:
            page.Annots = Array()
        page.Annots.append(field)
        fields.append(field)
    return fields


def _form(opened: pikepdf.Pdf, fields: Sequence[Any]) -> Dictionary:
    fonts = Dictionary(
        SourceSans=typed_font(opened),
        ZaDb=opened.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
        ),
    )
    return Dictionary(Fields=Array(fields), DA=String(_TYPED), DR=Dictionary(Font=fonts))
