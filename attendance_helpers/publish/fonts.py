"""The one typeface of every page: its files, its measures, and the part that an HTML page carries.

Source Sans Pro comes from a package and DejaVu Sans from matplotlib, so that a page looks the same
on every machine; the machine's own fonts are never used.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import font_source_sans_pro
from fontTools import subset
from fontTools.ttLib import TTFont

from attendance_helpers.errors import AttendanceError

FAMILY = "Source Sans Pro"
FALLBACK = "DejaVu Sans"  # symbols and scripts that Source Sans lacks: ●, Hebrew, Arabic

# Every page carries these, so that one cut of the font serves nearly all pages of a run.
USUAL = frozenset(
    {*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, "–—‘’“”•…−×≤≥≠≈→½¼¾▲▼☐☑✓")}
)  # fmt: skip


@cache
def font_files() -> Mapping[str, Path]:
    """
    Return the files of the typeface and of its fallback, by face.

    Examples
    --------
    >>> sorted(font_files())
    ['bold', 'code', 'fallback', 'fallback bold', 'italic', 'regular', 'semibold', 'semibold italic']
    """
    source = Path(font_source_sans_pro.font_directory)
    dejavu = _chart_fonts()
    files = {
        "regular": source / "SourceSansPro-Regular.ttf",
        "italic": source / "SourceSansPro-It.ttf",
        "semibold": source / "SourceSansPro-Semibold.ttf",
        "semibold italic": source / "SourceSansPro-SemiboldIt.ttf",
        "bold": source / "SourceSansPro-Bold.ttf",
        "fallback": dejavu / "DejaVuSans.ttf",
        "fallback bold": dejavu / "DejaVuSans-Bold.ttf",
        "code": dejavu / "DejaVuSansMono.ttf",
    }
    missing = [str(path) for path in files.values() if not path.is_file()]
    if missing:
        raise AttendanceError(
            f"Expected the fonts of the pages in their packages; not found: {', '.join(missing)}. "
            "Install `font-source-sans-pro` and `matplotlib` again."
        )
    return files


def _chart_fonts() -> Path:
    """Return matplotlib's folder of fonts, without a wait for matplotlib itself where it keeps them beside its code."""
    found = importlib.util.find_spec("matplotlib")
    fonts = Path(found.origin if found and found.origin else "").parent / "mpl-data/fonts/ttf"
    if fonts.is_dir():
        return fonts
    import matplotlib  # some systems keep them elsewhere

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@cache
def font_folder() -> Path:
    """Return a folder with just these files: Typst reads folders, and the packages hold more."""
    # The folder is removed when the process ends; its object must live until then.
    holder = tempfile.TemporaryDirectory(prefix="attendance-fonts-", ignore_cleanup_errors=True)
    _kept.append(holder)
    for path in font_files().values():
        shutil.copyfile(path, Path(holder.name) / path.name)
    return Path(holder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


@cache
def advance_widths(face: str) -> Mapping[int, float]:
    """Return how wide each character of a face is, in ems."""
    font = TTFont(font_files()[face], lazy=True)
    units, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
    return {code: metrics[name][0] / units for code, name in font.getBestCmap().items()}


@cache
def drawn_characters() -> frozenset[int]:
    """Return the code points that the typeface or its fallback can draw."""
    return frozenset(advance_widths("regular")) | frozenset(advance_widths("fallback"))


@cache
def chart_characters() -> frozenset[int]:
    """
    Return the code points that a chart's text may hold in print.

    Within a drawing Typst sets a whole text in one font: in Source Sans where that has all of it,
    otherwise in DejaVu Sans. So only what DejaVu Sans draws in both weights is sure to be drawn,
    and a mark that joins a letter only where the two are one character.
    """
    both = frozenset(advance_widths("fallback")) & frozenset(advance_widths("fallback bold"))
    return frozenset(code for code in both if _stands_alone(chr(code)))


@cache
def plain_characters() -> frozenset[int]:
    """Return the code points that are drawn in whatever company: Latin letters and signs."""
    return frozenset(c for c in chart_characters() if c < 0x250 or 0x2010 <= c < 0x2700) | {0xFFFD}


def _stands_alone(character: str) -> bool:
    """Return whether a character is neither a mark nor taken apart into one while it is set."""
    parts = unicodedata.normalize("NFKD", character)
    if not any(unicodedata.category(part).startswith("M") for part in parts):
        return True
    return len(parts) > 1 and ord(character) in advance_widths("regular")


def font_css(text: str, *, italic: bool = False) -> str:
    """
    Return `@font-face` rules that carry what a page's text needs, and no more than that.

    Parameters
    ----------
    text : all that the page shows
    italic : whether any of it is set in italics
    """
    codes = frozenset(map(ord, set(text)))
    wanted = tuple(sorted((codes | USUAL) & advance_widths("regular").keys()))
    faces = [("regular", 400, "normal"), ("semibold", 600, "normal")]
    faces += [("italic", 400, "italic")] if italic else []
    rules = [_rule(FAMILY, _cut(face, wanted), weight, style) for face, weight, style in faces]
    others = codes - frozenset(advance_widths("regular")) & drawn_characters()
    rest = tuple(sorted(others & frozenset(advance_widths("fallback"))))
    if any(code > 0x20 for code in rest):
        rules.append(_rule(FALLBACK, _cut("fallback", rest), 400, "normal"))
    return "\n".join(rules)


@lru_cache(maxsize=32)
def _cut(face: str, codes: tuple[int, ...]) -> str:
    """Return a face with these characters alone, as WOFF in base 64: the same bytes each time."""
    options = subset.Options(
        flavor="woff", hinting=False, notdef_outline=True, name_IDs=[1, 2], recalc_timestamp=False,
        drop_tables=[*subset.Options._drop_tables_default, "FFTM"],  # FFTM: when the font was made
        layout_features=["ccmp", "locl", "kern", "mark", "mkmk", "liga", "init", "medi", "fina"],
    )  # fmt: skip
    font: Any = TTFont(font_files()[face], lazy=True, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    font.flavor = "woff"
    held = io.BytesIO()
    font.save(held)
    return base64.b64encode(held.getvalue()).decode("ascii")


def _rule(family: str, data: str, weight: int, style: str) -> str:
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f"font-display: block; src: url(data:font/woff;base64,{data}) format('woff'); }}"
    )
