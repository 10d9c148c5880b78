"""The typeface that the fields of a PDF form carry for what is typed into them."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from attendance_helpers.publish.fonts import font_files


def typed_font(opened: pikepdf.Pdf) -> Any:
    """Return the typeface of what is typed into a PDF's fields: Latin letters; a program adds what it has for others."""
    data, widths, box, ascent, descent = _latin()
    file = pikepdf.Stream(opened, data, Length1=len(data))
    described = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/SourceSansPro-Regular"),
        Flags=32,
        FontBBox=Array(box),
        ItalicAngle=0,
        Ascent=ascent,
        Descent=descent,
        CapHeight=660,
        StemV=84,
        FontFile2=file,
    )
    return opened.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=Name("/SourceSansPro-Regular"),
            Encoding=Name.WinAnsiEncoding,
            FirstChar=32,
            LastChar=255,
            Widths=Array(widths),
            FontDescriptor=opened.make_indirect(described),
        )
    )


@cache
def _latin() -> tuple[bytes, list[int], list[int], int, int]:
    """Return the font file with the letters of Windows' Latin encoding, and its measures per 1,000."""
    letters = [bytes([code]).decode("cp1252", "replace") for code in range(32, 256)]
    options = subset.Options(
        hinting=False,
        notdef_outline=True,
        recalc_timestamp=False,
        layout_features=[],
        drop_tables=[*subset.Options._drop_tables_default, "FFTM"],
    )
    font: Any = TTFont(font_files()["regular"], lazy=True, recalcTimestamp=False)
    scale = 1000 / font["head"].unitsPerEm
    codes, metrics = font.getBestCmap(), font["hmtx"].metrics
    widths = [round(metrics[codes.get(ord(each), ".notdef")][0] * scale) for each in letters]
    head, lines = font["head"], font["hhea"]
    box = [round(side * scale) for side in (head.xMin, head.yMin, head.xMax, head.yMax)]
    ascent, descent = round(lines.ascent * scale), round(lines.descent * scale)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(each) for each in letters])
    cutter.subset(font)
    held = io.BytesIO()
    font.save(held)
    return held.getvalue(), widths, box, ascent, descent
