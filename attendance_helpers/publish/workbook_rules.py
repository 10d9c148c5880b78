"""What the cells of a form take: drop-down lists and checks of dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from xlsxwriter.utility import xl_col_to_name, xl_range

from attendance_helpers.publish.characters import shortened, visible_text
from attendance_helpers.publish.workbook_looks import Looks
from attendance_helpers.publish.workbook_page import Page, PlainBook

LONGEST_LIST: Final = (
    255  # characters of a list written into the cell's rule; longer lists stand in a sheet
)
LISTS: Final = "Lists"  # the sheet that holds them
LIST_WIDTH: Final = 126  # pixels: of one of its columns
# The file format's bounds: with a longer one a spreadsheet program takes the file for spoiled.
LONGEST_TITLE: Final = 32  # characters
LONGEST_MESSAGE: Final = 255  # characters


class Lists:
    """The long lists of a workbook, each once, in the columns of a hidden sheet, which stands after the first sheet that needs it."""

    def __init__(self, book: PlainBook, looks: Looks) -> None:
        self._book, self._looks = book, looks
        self._page: Page | None = None
        self._placed: dict[tuple[str, ...], str] = {}

    def place(self, label: str, choices: Sequence[str]) -> str:
        """Return where a list stands, and write it there if it is new; its first label heads it."""
        shown = tuple(map(visible_text, choices))
        if shown not in self._placed:
            place = len(self._placed)
            letter = xl_col_to_name(place)
            for at, text in enumerate([label, *shown]):
                self.page.write_text(at, place, text, self._looks.plain)
            self.page.set_column_pixels(place, place, LIST_WIDTH)
            self._placed[shown] = f"{LISTS}!${letter}$2:${letter}${len(shown) + 1}"
        return self._placed[shown]

    @property
    def page(self) -> Page:
        """The hidden sheet: choices only; nothing in it that the other sheets do not show."""
        if self._page is None:
            self._page = self._book.add_worksheet(LISTS)
            self._page.hide()
            self._page.freeze_panes(1, 0)
        return self._page


def write_rules(page: Page, sheet: Mapping[str, Any], last: int, lists: Lists) -> None:
    """
    Give a sheet's cells their drop-down lists and date checks.

    Parameters
    ----------
    sheet : the JSON of a `Sheet`
    last : its last row that can be filled in, counted from 0 with the header
    lists : where its long lists are put
    """
    for cells, rule in [*_cell_rules(sheet, lists), *_column_rules(sheet, last, lists)]:
        page.data_validation(0, 0, 0, 0, {**rule, "multi_range": cells, "show_input": False})


def _column_rules(
    sheet: Mapping[str, Any], last: int, lists: Lists
) -> list[tuple[str, dict[str, Any]]]:
    """Return the rules of columns that take a date or one of a list all the way down, each after its cells."""
    if not (sheet.get("blank_rows") or sheet["choices"]):
        return []
    rules = []
    for place in range(sheet.get("given", 0), len(sheet["columns"])):
        column, cells = sheet["columns"][place], xl_range(1, place, max(last, 1), place)
        label = column["label"]
        if column["kind"] == "date":
            rules.append((cells, _date_rule(label)))
        elif choices := sheet["choices"].get(label):
            free = label in sheet.get("free", ())
            rules.append((cells, _list_rule(lists, label, choices, free=free)))
    return rules


def _cell_rules(sheet: Mapping[str, Any], lists: Lists) -> list[tuple[str, dict[str, Any]]]:
    """Return the rules of single cells, each after its cells; those with equal ones share one."""
    alike: dict[tuple[Any, ...], set[int]] = {}
    for rule in sheet.get("rules", ()):
        same = (rule["column"], rule["kind"], tuple(rule["choices"]), rule["free"])
        alike.setdefault(same, set()).add(rule["row"] + 1)
    rules = []
    for (place, kind, choices, free), rows in alike.items():
        label = sheet["columns"][place]["label"]
        dated = kind == "date"
        rule = _date_rule(label) if dated else _list_rule(lists, label, choices, free=free)
        rules.append((_cells(rows, place), rule))
    return rules


def _cells(rows: Collection[int], place: int) -> str:
    """Return the addresses of a column's cells, rows that follow one another as one range."""
    firsts = [row for row in sorted(rows) if row - 1 not in rows]
    lasts = [row for row in sorted(rows) if row + 1 not in rows]
    return " ".join(xl_range(a, place, b, place) for a, b in zip(firsts, lasts, strict=True))


def _list_rule(lists: Lists, label: str, choices: Sequence[str], *, free: bool) -> dict[str, Any]:
    plain = ",".join(choices)
    short = len(plain.encode("utf-16-le", "replace")) <= 2 * LONGEST_LIST
    if short and not any("," in choice or '"' in choice for choice in choices):
        source: list[str] | str = [*choices]
    else:
        source = f"={lists.place(label, choices)}"
    told = _told(label, f"Choose one of the list for {label}.")
    return {"validate": "list", "source": source, "show_error": not free, **told}


def _date_rule(label: str) -> dict[str, Any]:
    return {
        "validate": "date",
        "criteria": "between",
        "minimum": "=DATE(2020,1,1)",
        "maximum": "=DATE(2100,12,31)",
        **_told(label, "Write a date as dd/mm/yyyy."),
    }


def _told(label: str, message: str) -> dict[str, str]:
    """Return what somebody is told who enters something else."""
    return {
        "error_title": shortened(label, LONGEST_TITLE),
        "error_message": shortened(message, LONGEST_MESSAGE),
    }
