"""Family forms as they come back, made by hand in the three ways: a saved page, a PDF with fields, a parameters file."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import yaml

from attendance_helpers.register.family_form import FORMAT, FamilyField, family_fields
from attendance_helpers.register.references import (
    BLANK,
    FormOrigin,
    form_check,
    pupil_reference,
    reference_key,
)

URN = "900101"
AS_AT = dt.date(2026, 9, 11)
AREAS = (("health", "Health"), ("friends", "Friends and safety"))
STAGES = (("1", "Level 1"), ("3", "Level 3"))
HELD = (("told", "Proof that parents were told"), ("parents", "Everyone named"))
Raw = Mapping[str, str | Sequence[str]]


def fields_of(copy: str = "school", *, blank: bool = False) -> dict[str, FamilyField]:
    return family_fields(AREAS, copy=copy, blank=blank, stages=STAGES, held=HELD)


def origin_of(
    register: Path, upn: str = "", *, copy: str = "school", urn: str = URN, as_at: dt.date = AS_AT
) -> FormOrigin:
    """What a form of a pupil says of itself; of nobody where no UPN is given."""
    key = reference_key(register)
    reference = pupil_reference(key, urn=urn, upn=upn, as_at=as_at) if upn else BLANK
    bare = FormOrigin(reference, urn, copy, as_at, "2026-27")
    return replace(bare, check=form_check(key, bare))


def form_said(origin: FormOrigin) -> dict[str, Any]:
    return {
        **{"format": FORMAT, "reference": origin.reference, "urn": origin.urn},
        **{"copy": origin.copy, "as_at": origin.as_at.isoformat(), "window": origin.window},
        "check": origin.check,
    }


def page_text(form: Any, answers: Any, *, before: str = "", after: str = "") -> str:
    held = json.dumps({"form": form, "answers": answers}).replace("<", "\\u003c")
    element = f'<script type="application/json" id="attendance-form">{held}</script>'
    return f"<!doctype html><html><head><meta charset=utf-8></head><body>{before}<p>Form</p>{element}{after}</body></html>"


def as_page(path: Path, origin: FormOrigin, answers: Raw) -> Path:
    path.write_text(page_text(form_said(origin), answers), "utf-8")
    return path


def as_file(path: Path, origin: FormOrigin, answers: Raw, **changes: Any) -> Path:
    said = {
        **{"reference": origin.reference, "copy": origin.copy, "as_at": str(origin.as_at)},
        **{"window": origin.window, "answers": dict(answers)},
        **changes,
    }
    kept = {key: value for key, value in said.items() if value is not None}
    path.write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")
    return path


def field_name(form: Any) -> str:
    held = json.dumps(form, separators=(",", ":")).encode()
    return "form:" + base64.urlsafe_b64encode(held).decode().rstrip("=")


def as_pdf(
    path: Path,
    origin: FormOrigin,
    answers: Raw,
    *,
    fields: Mapping[str, FamilyField] | None = None,
    names: Sequence[str] = (),
    password: str = "",
) -> Path:
    """A PDF of one page with the fields of the form; `names` are further hidden ones."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    made = [_hidden(pdf, name) for name in (field_name(form_said(origin)), *names)]
    for key, field in (fields or fields_of(origin.copy, blank=origin.reference == BLANK)).items():
        made += _widgets(pdf, field, answers.get(key, ""))
    for key in answers.keys() - (fields or fields_of(origin.copy)).keys():
        made.append(_text(pdf, key, str(answers[key])))
    boxes = [pdf.make_indirect(one) for one in made]
    page.Annots = pdf.make_indirect(pikepdf.Array(boxes))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(boxes), NeedAppearances=True)
    if password:
        pdf.save(path, encryption=pikepdf.Encryption(user=password, owner=password))
    else:
        pdf.save(path)
    return path


def _widget(name: str, **rest: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        Rect=pikepdf.Array([0, 0, 10, 10]),
        T=pikepdf.String(name),
        **rest,
    )


def _hidden(pdf: pikepdf.Pdf, name: str) -> pikepdf.Dictionary:
    return _widget(name, FT=pikepdf.Name.Tx, Ff=1, V=pikepdf.String(""))


def _text(pdf: pikepdf.Pdf, name: str, value: str) -> pikepdf.Dictionary:
    wide = b"\xfe\xff" + value.encode("utf-16-be", "surrogatepass")
    return _widget(name, FT=pikepdf.Name.Tx, V=pikepdf.String(wide))


def _widgets(
    pdf: pikepdf.Pdf, field: FamilyField, value: str | Sequence[str]
) -> list[pikepdf.Dictionary]:
    if field.kind in ("choice", "checks", "scale"):
        ticked = {value} if isinstance(value, str) else set(value)
        return [
            _widget(
                f"{field.key}:{option}",
                FT=pikepdf.Name.Btn,
                V=pikepdf.Name.Yes if option in ticked else pikepdf.Name.Off,
            )
            for option, _ in field.options
        ]
    if field.kind == "pick":
        options = [pikepdf.Array([pikepdf.String(o), pikepdf.String(w)]) for o, w in field.options]
        given = {"V": pikepdf.String(str(value))} if value else {}
        choice = pikepdf.Name.Ch
        return [_widget(field.key, FT=choice, Ff=1 << 17, Opt=pikepdf.Array(options), **given)]
    return [_text(pdf, field.key, str(value))]
