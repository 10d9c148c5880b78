"""The copy for governors and heads of service: nobody in it, no small number, and nothing from which one could be worked out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdf
import pytest
import shareable_samples as samples
from in_process import in_this_process
from shareable_samples import Shared, Tables, blocks_of, sheets, words

from attendance_helpers.errors import ParamsError
from attendance_helpers.publish import shareable_figures
from attendance_helpers.publish.disclosure_search import Printed
from attendance_helpers.register import store
from attendance_helpers.run.authority import authority_figures
from attendance_helpers.run.demo_register import demo_register
from attendance_helpers.run.documents import Document
from attendance_helpers.run.executed import document_files
from attendance_helpers.run.params import settings
from attendance_helpers.run.school_case import case_of

MARK = "c"
DEMO = {"settings_file": "params/demo.yml", "window": "2025-09-01..2026-04-02"} | {
    "as_at": "2026-04-02"
}
COUNTS = ("Pupils", "Persistently absent", "Of them severely")
MEASURES = ("enrolments", "persistently_absent", "severely_absent")
DATE = r"\d{2}/\d{2}/\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]+ \d{4}"
# Groups whose other side no table lists.
ONE_SIDED = ("FSM", "SEN", "EAL", "Looked after", "Child in need", "Young carer")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.register_of(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.register_of(tmp_path_factory.mktemp("twin"), twin=True)


@pytest.fixture(scope="module")
def small_figures(small: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return figures_of(small, "", samples.WINDOW, tmp_path_factory.mktemp("figures"))


@pytest.fixture(scope="module")
def small_pages(small: Path, small_figures: str) -> dict[str, Shared]:
    """The documents of the small schools."""
    return {
        urn: samples.shared(urn, small, authority_folder=small_figures) for urn in samples.SCHOOLS
    }


@pytest.fixture(scope="module")
def demo() -> store.Register:
    return store.opened(demo_register()[0])


@pytest.fixture(scope="module")
def demo_pages(demo: store.Register, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shared]:
    """The documents of the made-up authority's nine schools."""
    folder = tmp_path_factory.mktemp("demo")
    figures = figures_of(demo.folder, DEMO["settings_file"], DEMO["window"], folder)
    given = DEMO | {"authority_folder": figures}
    return {urn: samples.shared(urn, demo.folder, **given) for urn in demo.urns}


def figures_of(register: Path, settings_file: str, window: str, folder: Path) -> str:
    """Write what all documents of a register are compared with, once."""
    case = case_of(
        settings_file=settings_file,
        register=str(register),
        school_urn=store.opened(register).urns[0],
        window=window,
        as_at="",
        profile="shareable",
        authority_folder="",
    )
    authority_figures(case.register, case.window, settings(settings_file)).saved(folder)
    return str(folder)


@pytest.fixture(scope="module")
def every(
    small: Path,
    demo: store.Register,
    small_pages: dict[str, Shared],
    demo_pages: dict[str, Shared],
) -> list[tuple[str, Shared, pd.DataFrame]]:
    """Each school with its document and, from the register, one row a pupil."""
    held = (
        (small_pages, small, "", samples.WINDOW),
        (demo_pages, demo.folder, DEMO["settings_file"], DEMO["window"]),
    )
    return [
        (urn, pages[urn], totals_of(urn, register, settings_file, window))
        for pages, register, settings_file, window in held
        for urn in pages
    ]


def totals_of(urn: str, register: Path, settings_file: str, window: str) -> pd.DataFrame:
    case = case_of(
        settings_file=settings_file,
        register=str(register),
        school_urn=urn,
        window=window,
        as_at="",
        profile="shareable",
        authority_folder="",
    )
    return case.totals


# Nobody in it.


def test_pupils_of_other_names_numbers_and_birthdays_make_the_same_document(
    small_pages: dict[str, Shared], twin: Path, small_figures: str
) -> None:
    """Whatever is in the document, it is not who the pupils are: not even their order."""
    for urn in ("900301", "900302", "900304", "900306"):
        one = small_pages[urn]
        other = samples.shared(urn, twin, authority_folder=small_figures)
        assert (other.html, other.pdf, other.xlsx) == (one.html, one.pdf, one.xlsx)
        outputs = [
            [cell.outputs for cell in made.notebook.cells if cell.cell_type == "code"]
            for made in (one, other)
        ]
        assert outputs[0] == outputs[1]


def test_no_name_number_or_date_of_birth(
    every: list[tuple[str, Shared, pd.DataFrame]], small_pages: dict[str, Shared]
) -> None:
    own = set().union(*(words(text) for one in small_pages.values() for text in one.texts.values()))
    for urn, one, pupils in every:
        names = words(" ".join([*pupils["surname"], *pupils["forename"]]))
        births = {day for when in pupils["dob"].dropna() for day in birthdays(when)}
        for form, text in one.texts.items():
            assert not set(re.findall(r"\w{6,}", text)) & set(pupils["upn"]), (urn, form)
            assert not re.search(r"\b[A-Z]\d{11}[A-Z0-9]\b", text), (urn, form)
            assert not set(re.findall(DATE, text)) & births, (urn, form)
            if urn in samples.SCHOOLS:
                assert not names & words(text), (urn, form)
            else:
                # Words that the documents of other schools have too are ours, and so are those of the school's name and of actions.
                known = own | words(f"{one.html[: one.html.index('</header>')]} {actions_of(one)}")
                assert not names & words(visible(one, form)) - known, (urn, form)


def birthdays(day: pd.Timestamp) -> list[str]:
    return [
        f"{day:%d/%m/%Y}",
        f"{day:%Y-%m-%d}",
        f"{day.day} {day:%B %Y}",
        f"{day.day} {day:%b %Y}",
    ]


def visible(one: Shared, form: str) -> str:
    """Return what a person reads of a document, without styles, fonts and the program that made it."""
    if form == "html":
        return re.sub(r"<style.*?</style>|<[^>]+>", " ", one.html, flags=re.DOTALL)
    if form == "pdf":
        return one.texts["pdf"]
    if form == "xlsx":
        return json.dumps(sheets(one.xlsx), default=str)
    kinds = ("cover", "tiles", "table", "paragraph", "callout", "findings", "workbook", "chart")
    return json.dumps([blocks_of(one.notebook, kind) for kind in kinds], ensure_ascii=False)


def actions_of(one: Shared) -> str:
    return json.dumps(sheets(one.xlsx)["Actions"], default=str)


def test_cells_show_blocks_and_nothing_else(
    every: list[tuple[str, Shared, pd.DataFrame]],
) -> None:
    for _, one, _ in every:
        for cell in one.notebook.cells:
            for output in cell.get("outputs", []):
                assert samples.BLOCK_MIME in output["data"], cell.source
                if "remove-output" in cell.metadata.get("tags", []):
                    pytest.fail(cell.source)


# No small number.


def test_no_count_of_one_to_four(every: list[tuple[str, Shared, pd.DataFrame]]) -> None:
    for urn, one, _ in every:
        page, book = Tables(one.html), sheets(one.xlsx)
        groups = [dict(zip(book["Groups"][0], row, strict=True)) for row in book["Groups"][1:]]
        for row in [*page.headed("Group"), *groups]:
            for name in COUNTS:
                assert str(row[name]) not in {"1", "2", "3", "4"}, (urn, row)
        [tiles] = blocks_of(one.notebook, "tiles")
        assert not {tile["value"] for tile in tiles["tiles"]} & set("1234")
        [cover] = blocks_of(one.notebook, "cover")
        assert not {value for _, value in cover["facts"]} & set("1234")
        for text in (visible(one, "pdf"), visible(one, "xlsx")):
            assert not re.search(r"\b(?:[1-4]|one|two|three|four) (?:of \d+ )?pupils?\b", text)
        for line in re.findall(r"For single pupils, .*", visible(one, "html")):
            assert not re.search(r"\b[1-4]\b", line)


def test_the_workbook_says_what_the_page_says(
    every: list[tuple[str, Shared, pd.DataFrame]],
) -> None:
    for _, one, _ in every:
        page, book = Tables(one.html).headed("Group"), sheets(one.xlsx)
        assert list(book) == ["Read me", "Groups", "Weeks", "Reasons", "Actions"]
        head, *rows = book["Groups"]
        held = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
        for row in page:
            for name in COUNTS:
                assert row[name].replace(",", "") == str(held[row["Group"]][name])
            rate = held[row["Group"]]["Attendance %"]
            assert row["Attendance"] == (rate if rate == MARK else f"{rate:.1f}%")
        [tiles] = blocks_of(one.notebook, "tiles")
        shown = [tile["value"].replace(",", "") for tile in tiles["tiles"]]
        assert shown[1:3] == [str(held["All pupils"][name]) for name in COUNTS[1:]]


def test_rates_are_of_ten_pupils_and_of_numbers_that_are_shown(
    every: list[tuple[str, Shared, pd.DataFrame]],
) -> None:
    for urn, one, totals in every:
        here = int((totals["possible_sessions"] > 0).sum())
        for row in Tables(one.html).headed("Group"):
            pupils = row["Pupils"].replace(",", "")
            if pupils == MARK or int(pupils) < 10:
                assert row["Attendance"] == row["Of the group"] == MARK, (urn, row)
            if row["Persistently absent"] == MARK:
                assert row["Of the group"] == MARK
            if MARK not in (pupils, row["The other pupils' attendance"]) and int(pupils) != here:
                assert here - int(pupils) >= 10
        if here < 10:
            assert not blocks_of(one.notebook, "chart")
            assert not re.search(r"\d%", visible(one, "pdf").replace("10%", "").replace("50%", ""))


def test_charts_hold_rates_of_the_whole_school_alone(
    every: list[tuple[str, Shared, pd.DataFrame]],
) -> None:
    for _, one, totals in every:
        for chart in blocks_of(one.notebook, "chart"):
            assert "count" not in {column["kind"] for column in chart["columns"]}
            for row in chart["rows"]:
                for value in row:
                    assert not isinstance(value, float) or round(value, 1) == value
        years = {f"Year {year}" for year in totals["year_group"].dropna()}
        alts = " ".join(chart["alt"] for chart in blocks_of(one.notebook, "chart"))
        assert not years & set(re.findall(r"Year \d+", alts))


# Nothing from which one could be worked out.


class Reader:
    """Whoever has the page and a solver: every count that the page does not print is an unknown, and all that must hold is written down."""

    def __init__(self, page: str, totals: pd.DataFrame) -> None:
        self.truth = truth_of(totals)
        self.rows = {row["Group"]: row for row in Tables(page).headed("Group")}
        self.names: list[tuple[str, str]] = []
        for label in [*self.rows, *(f"{name}: rest" for name in ONE_SIDED)]:
            self.names += [(label, count) for count in COUNTS]
        self.place = {name: at for at, name in enumerate(self.names)}
        self.lines: list[tuple[dict[tuple[str, str], float], float, float]] = []
        for parts in self._partitions():
            for count in COUNTS:
                line = dict.fromkeys(((part, count) for part in parts), 1.0)
                self.lines.append(({**line, ("All pupils", count): -1.0}, 0, 0))
        for label in {label for label, _ in self.names}:
            for more, fewer in pairwise(COUNTS):
                self.lines.append(({(label, more): 1.0, (label, fewer): -1.0}, 0, np.inf))
        for label, row in self.rows.items():
            if row["Of the group"] not in {MARK, "–"}:
                rate = float(row["Of the group"].rstrip("%"))
                for factor, low, high in ((rate - 0.05, 0, np.inf), (rate + 0.05, -np.inf, 0)):
                    line = {(label, COUNTS[1]): 100.0, (label, COUNTS[0]): -factor}
                    self.lines.append((line, low - 1e-6, high + 1e-6))

    def _partitions(self) -> Iterator[list[str]]:
        rows = [label for label in self.rows if label != "All pupils"]
        yield [label for label in rows if re.match(r"Year|Reception|Nursery", label)]
        yield [label for label in rows if re.match(r"Female|Male|Sex", label)]
        for name in ONE_SIDED:
            listed = [label for label in rows if label.startswith((f"{name}:", f"{name} "))]
            listed += ["EHC plan"] if name == "SEN" and "EHC plan" in rows else []
            yield [*listed, f"{name}: rest"]

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what each count can be by itself: printed ones are known, hidden ones no noughts, and hidden totals small ones."""
        low, high = np.zeros(len(self.names)), np.full(len(self.names), 5000.0)
        for (label, count), at in self.place.items():
            shown = self.rows.get(label, {}).get(count, "").replace(",", "")
            true = self.truth.get(label, {}).get(count)
            if shown.isdigit():
                assert int(shown) == true
                low[at] = high[at] = int(shown)
            elif shown == MARK:
                low[at] = 0 if self._a_nought_is_hidden(count) else 1
                high[at] = 4 if 1 <= true <= 4 and label == "All pupils" else high[at]
        return low, high

    def _a_nought_is_hidden(self, count: str) -> bool:
        return any(
            row[count] == MARK and self.truth[label][count] == 0 for label, row in self.rows.items()
        )

    def worked_out(self) -> list[tuple[str, str]]:
        """Return what the reader can tell for certain of what is hidden, or of one to four pupils who are left over."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        matrix = np.zeros((len(self.lines), len(self.names)))
        for at, (line, _, _) in enumerate(self.lines):
            for name, factor in line.items():
                matrix[at, self.place[name]] += factor
        rules = LinearConstraint(matrix, *np.array([line[1:] for line in self.lines]).T)
        limits = Bounds(*self.bounds())
        told = []
        for name, aim, true in self._aims():
            for sign in (
                -1,
                1,
            ):  # the true number is one that is possible: is a larger, or a smaller?
                # Without presolve, which gets some of these wrong.
                found = milp(
                    sign * aim,
                    constraints=rules,
                    bounds=limits,
                    integrality=aim * 0 + 1,
                    options={"presolve": False},
                )
                assert found.status == 0, found.message
                if round(sign * found.fun) != true:
                    break
            else:
                told.append(name)
        return told

    def _aims(self) -> Iterator[tuple[tuple[str, str], np.ndarray, int]]:
        """Yield what the reader would like to know: its name, as a sum of counts, and what it is."""
        for label, row in self.rows.items():
            for count in COUNTS:
                if row[count] == MARK:
                    yield self._aim(label, count, {count: 1})
        for label, true in self.truth.items():
            pupils, absent, severe = (true[count] for count in COUNTS)
            if label not in self.rows:
                for count in COUNTS:
                    if (label, count) in self.place and 1 <= true[count] <= 4:
                        yield self._aim(label, count, {count: 1})
                continue
            if pupils and pupils - absent <= 4:
                yield self._aim(label, "not absent", {COUNTS[0]: 1, COUNTS[1]: -1})
            if 1 <= absent - severe <= 4:
                yield self._aim(label, "not severely", {COUNTS[1]: 1, COUNTS[2]: -1})

    def _aim(
        self, label: str, what: str, line: Mapping[str, int]
    ) -> tuple[tuple[str, str], np.ndarray, int]:
        aim = np.zeros(len(self.names))
        for count, factor in line.items():
            aim[self.place[label, count]] = factor
        true = sum(factor * self.truth[label][count] for count, factor in line.items())
        return (label, what), aim, true


def truth_of(totals: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Count each group anew, by the label that the page gives it."""
    here = totals[totals["possible_sessions"] > 0]
    absent, severe = (here[name].fillna(False).astype(bool) for name in MEASURES[1:])

    def count(chosen: Any) -> dict[str, int]:
        numbers = (chosen.sum(), (chosen & absent).sum(), (chosen & severe).sum())
        return dict(zip(COUNTS, (int(number) for number in numbers), strict=True))

    def same(column: str, value: Any) -> pd.Series:
        return (here[column] == value).fillna(False).astype(bool)

    flags = {"FSM": "fsm", "EAL": "eal", "Looked after": "looked_after"} | {
        "Child in need": "child_in_need",
        "Young carer": "young_carer",
    }
    truth = {"All pupils": count(pd.Series(True, index=here.index))}
    for year in here["year_group"].dropna().unique():
        words_of = (
            f"Year {year}" if year > 0 else "Reception" if year == 0 else f"Nursery {3 + year}"
        )
        truth[words_of] = count(same("year_group", year))
    truth |= {"Female": count(same("sex", "F")), "Male": count(same("sex", "M"))}
    truth |= {"SEN support": count(same("sen", "K")), "EHC plan": count(same("sen", "E"))}
    truth["SEN: rest"] = count(same("sen", "N"))
    for label, column in flags.items():
        truth[f"{label}: Yes"] = count(same(column, True))
        truth[f"{label}: rest"] = count(same(column, False))
    unknown = {"Year group": "year_group", "Sex": "sex", "SEN": "sen", **flags}
    return truth | {f"{k}: Unknown": count(here[column].isna()) for k, column in unknown.items()}


def test_no_hidden_count_can_be_worked_out(every: list[tuple[str, Shared, pd.DataFrame]]) -> None:
    hidden = 0
    for urn, one, totals in every:
        reader = Reader(one.html, totals)
        if reader.rows:
            hidden += sum(row[count] == MARK for row in reader.rows.values() for count in COUNTS)
            assert reader.worked_out() == [], urn
    assert hidden > 100


def test_a_reader_works_out_what_only_the_rule_hides(
    small: Path, small_figures: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were one to four all that is hidden, the solver would find some: the test above can fail."""

    def small_ones(counts: Any, printed: Printed) -> frozenset[Any]:
        return frozenset(key for key in printed.costs if 1 <= counts.numbers[key] <= 4)

    monkeypatch.setattr(shareable_figures, "hidden_counts", small_ones)
    told: Sequence[Any] = []
    for urn in ("900304", "900306"):
        one = samples.shared(urn, small, authority_folder=small_figures)
        told = [*told, *Reader(one.html, totals_of(urn, small, "", samples.WINDOW)).worked_out()]
    assert told


# The document as it leaves.


def test_another_copy_is_refused(small: Path) -> None:
    with pytest.raises(ParamsError, match=r"expected shareable, .* found 'meeting'"):
        samples.shared("900305", small, profile="meeting")


def test_it_says_on_every_page_what_copy_it_is(small: Path, tmp_path: Path) -> None:
    """Once as a run makes it: Papermill's own notes in the notebook hold paths and parameters, no pupil."""
    document = Document(
        samples.NOTEBOOK.name, "pre_meeting", ("html", "pdf", "xlsx"), ("shareable",)
    )
    given = {"settings_file": "", "register": str(small), "school_urn": "900305"}
    given |= {"window": samples.WINDOW, "as_at": samples.AS_AT, "profile": "shareable"}
    with in_this_process():
        made = document_files(
            document, tmp_path, {**given, "authority_folder": ""}, profile="shareable"
        )
    assert [path.name for path in made] == [
        f"pre_meeting_shareable.{form}" for form in ("ipynb", "html", "pdf", "xlsx")
    ]
    notebook = json.loads(made[0].read_text("utf-8"))
    assert set(notebook["metadata"]["papermill"]["parameters"]) == {*given, "authority_folder"}
    names = words(" ".join(f"{one} {other}" for one, other in samples.NAMES))
    assert not names & words(made[0].read_text("utf-8"))
    reader = pypdf.PdfReader(made[2])
    assert 2 <= len(reader.pages) <= 4
    for page in reader.pages:
        assert "Shareable copy. For governors and heads of service." in page.extract_text()
    assert "Shareable copy" in str(sheets(made[3].read_bytes())["Read me"])


@pytest.mark.parametrize("window", ["2026-10-26..2026-10-30", "2026-09-07..2026-09-07"])
def test_dates_without_sessions_and_a_single_day(small: Path, window: str) -> None:
    one = samples.shared("900305", small, window=window, as_at=window[-10:])
    [tiles] = blocks_of(one.notebook, "tiles")
    attendance = tiles["tiles"][0]["value"]
    assert (attendance == "–") is (window == "2026-10-26..2026-10-30")
    assert re.fullmatch(r"–|\d+\.\d%", attendance)


def test_it_is_useful(demo_pages: dict[str, Shared]) -> None:
    """Two to four pages with findings, comparison, groups, and what became of the actions of a school with meetings."""
    for urn, one in demo_pages.items():
        assert 2 <= one.texts["pdf"].count("Shareable copy.") <= 4, urn
        [found] = blocks_of(one.notebook, "findings")
        assert len(found["findings"]) >= 2
        assert Tables(one.html).headed("Measure")[0]["Measure"] == "Attendance"
    text = visible(demo_pages["990005"], "pdf")
    assert re.search(r"actions for the school and its cohorts: \d+ closed, \d+ open", text)
    assert "For single pupils, " in text
    assert "Since the meeting of " in text
