"""What the cells of a form take: drop-down lists and checks of dates, as the parts of a workbook's file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from attendance_helpers.publish.workbook_cells import column_letter, shown_text

LONGEST_LIST: Final = (
    255  # characters of a list written into the cell's rule; longer lists stand in a sheet
)
LISTS: Final = "Lists"  # the sheet that holds them


class Lists:
    """The long lists of a workbook, each once, in the columns of a hidden sheet."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, ...], str] = {}

    def __len__(self) -> int:
        return len(self._labels)

    def place(self, label: str, choices: Sequence[str]) -> str:
        """Return where a list stands, and put it there if it is new; its first label heads it."""
        shown = tuple(shown_text(choice) for choice in choices)
        self._labels.setdefault(shown, label)
        letter = column_letter(list(self._labels).index(shown))
        return f"{LISTS}!${letter}$2:${letter}${len(shown) + 1}"

    @property
    def columns(self) -> list[list[str]]:
        """The columns of the sheet: label, then choices."""
        return [[label, *choices] for choices, label in self._labels.items()]


def rules_part(sheet: Mapping[str, Any], last: int, lists: Lists) -> str:
    """
    Return a sheet's drop-down lists and date checks; nothing where it has none.

    Parameters
    ----------
    sheet : the JSON of a `Sheet`
    last : its last row that can be filled in, counted from 1 with the header
    lists : where its long lists are put
    """
    rules = [*_cell_rules(sheet, lists), *_column_rules(sheet, last, lists)]
    return (
        f'<dataValidations count="{len(rules)}">{"".join(rules)}</dataValidations>' if rules else ""
    )


def _column_rules(sheet: Mapping[str, Any], last: int, lists: Lists) -> list[str]:
    rules = []
    for place in ruled_columns(sheet):
        column, letter = sheet["columns"][place], column_letter(place)
        cells = f"{letter}2:{letter}{last}" if last > 2 else f"{letter}2"
        label = column["label"]
        if column["kind"] == "date":
            rules.append(_date_rule(label, cells))
        elif choices := sheet["choices"].get(label):
            free = label in sheet.get("free", ())
            rules.append(_list_rule(lists, label, choices, cells, free=free))
    return rules


def ruled_columns(sheet: Mapping[str, Any]) -> range:
    """Return the places of the columns that take a date or one of a list all the way down."""
    if not (sheet.get("blank_rows") or sheet["choices"]):
        return range(0)
    return range(sheet.get("given", 0), len(sheet["columns"]))


def _cell_rules(sheet: Mapping[str, Any], lists: Lists) -> list[str]:
    """Return the rules of single cells; cells with equal ones share one."""
    alike: dict[tuple[Any, ...], set[int]] = {}
    for rule in sheet.get("rules", ()):
        same = (rule["column"], rule["kind"], tuple(rule["choices"]), rule["free"])
        alike.setdefault(same, set()).add(rule["row"] + 2)
    rules = []
    for (place, kind, choices, free), rows in alike.items():
        label, cells = sheet["columns"][place]["label"], _cells(rows, place)
        rules.append(
            _date_rule(label, cells)
            if kind == "date"
            else _list_rule(lists, label, choices, cells, free=free)
        )
    return rules


def _cells(rows: Collection[int], place: int) -> str:
    """Return the addresses of a column's cells, rows that follow one another as one range."""
    letter = column_letter(place)
    firsts = [row for row in sorted(rows) if row - 1 not in rows]
    lasts = [row for row in sorted(rows) if row + 1 not in rows]
    return " ".join(
        f"{letter}{a}" if a == b else f"{letter}{a}:{letter}{b}"
        for a, b in zip(firsts, lasts, strict=True)
    )


def _list_rule(lists: Lists, label: str, choices: Sequence[str], cells: str, *, free: bool) -> str:
    plain = ",".join(choices)
    if len(plain) <= LONGEST_LIST and not any("," in choice or '"' in choice for choice in choices):
        formula = f'"{plain}"'
    else:
        formula = lists.place(label, choices)
    told = f"Choose one of the list for {label}."
    return (
        f'<dataValidation sqref="{cells}" showDropDown="0" showInputMessage="0" showErrorMessage="{int(not free)}" '
        f'allowBlank="1" errorTitle={quoteattr(label)} error={quoteattr(told)} type="list">'
        f"<formula1>{escape(formula)}</formula1></dataValidation>"
    )


def _date_rule(label: str, cells: str) -> str:
    return (
        f'<dataValidation sqref="{cells}" showDropDown="0" showInputMessage="0" showErrorMessage="1" '
        f'allowBlank="1" errorTitle={quoteattr(label)} error="Write a date as dd/mm/yyyy." type="date" '
        'operator="between"><formula1>DATE(2020,1,1)</formula1><formula2>DATE(2100,12,31)</formula2>'
        "</dataValidation>"
    )
