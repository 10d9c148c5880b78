"""Documents of families from end to end, with a notebook that stands in for the real one: files, lists, what is kept, for whom."""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pypdf
import pytest
import yaml
from click.testing import CliRunner
from conftest import PUPILS_HEADER, ROOT, SCHOOLS_CSV, UPNS

from attendance_helpers.cli import main
from attendance_helpers.errors import AttendanceError, ParamsError, RecordError
from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.references import pupil_reference, reference_key
from attendance_helpers.run import family_jobs, family_list
from attendance_helpers.run.family import FamilyRun, family_documents, file_stem
from attendance_helpers.run.family_jobs import FamilyJob, FamilyOutcome
from attendance_helpers.run.params import Settings

URN = "900101"
WINDOW = "2026-09-07..2026-09-11"
NAMES = (("Severin", "Ann"), ("=1+1", "Bea"), ("O'Often", "Cy"), ("Quill", "Dee"))
# Away all week, half of it, less than half, never.
MARKS = ("I I I I I I I I I I", "I I I I I / \\ / \\ /", "I I I I / \\ / \\ / \\", "/ \\ " * 5)
PARAMETERS = """\
settings_file = ""
register = ""
school_urn = ""
window = ""
as_at = ""
profile = "family"
authority_folder = ""
reference = "blank"
meeting = ""
"""
COVER = """\
import os
from attendance_helpers.publish.blocks import Cover, Paragraph

print(register)
if reference == os.environ.get("FAILS"):
    raise KeyError(os.environ["SAYS"])
Cover("About your child", profile=profile, author="A school")
"""


def register_in(folder: Path) -> Path:
    """A register of one school, four pupils and one week."""
    drop = folder / "drop"
    drop.mkdir()
    (drop / "schools.csv").write_text(SCHOOLS_CSV)
    lines = [
        f"{URN},{upn},{surname},{forename},01/05/2018,F,3,Y,N,N,01/09/2025,"
        for upn, (surname, forename) in zip(UPNS, NAMES, strict=False)
    ]
    (drop / "pupils.csv").write_text(PUPILS_HEADER + "\n".join(lines) + "\n")
    rows = [f"{upn},07/09/2026,{m.strip()}" for upn, m in zip(UPNS, MARKS, strict=False)]
    (drop / f"marks_{URN}.csv").write_text("UPN,Week commencing,Marks\n" + "\n".join(rows) + "\n")
    import_drop(drop, folder / "r")
    return folder / "r"


def stand_in(folder: Path) -> Path:
    """A project folder whose family notebook is small, and says who each of its cells is for."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "params").symlink_to(ROOT / "params")

    def code(text: str, *tags: str) -> nbformat.NotebookNode:
        return nbformat.v4.new_code_cell(text, metadata={"tags": list(tags)})

    cells = [
        code(PARAMETERS, "parameters"),
        code(COVER),
        code('Paragraph("For everybody, form " + reference)'),
        code('Paragraph("What the school keeps")', "school-only"),
        code('Paragraph("A word to the family")', "family-only"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "notebooks" / "04_family_meeting.ipynb")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = stand_in(tmp_path_factory.mktemp("home") / "project")
        patch.setenv("ATTENDANCE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return register_in(tmp_path_factory.mktemp("register"))


def reference_of(register: Path, number: int) -> str:
    last = pd.Timestamp("2026-09-11").date()
    return pupil_reference(reference_key(register), urn=URN, upn=UPNS[number], as_at=last)


def made(register: Path, out: Path, **given: object) -> FamilyRun:
    options = {"school": URN, "window": WINDOW, "out": out, "jobs": 2, **given}
    return family_documents(store.opened(register), Settings(), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def run(home: Path, register: Path, tmp_path_factory: pytest.TempPathFactory) -> FamilyRun:
    """Both copies for all severely absent, of whom one fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAILS", reference_of(register, 0))
        patch.setenv("SAYS", f"{UPNS[0]} of Ann Severin")
        return made(register, tmp_path_factory.mktemp("out"), severe=True, answers_file=True)


def rows_of(run: FamilyRun) -> list[dict[str, str]]:
    with run.list_file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


class TestDocuments:
    def test_files_and_names(self, run: FamilyRun, register: Path) -> None:
        own = reference_of(register, 1)
        forms = ("html", "ipynb", "pdf")
        assert sorted(path.name for path in run.folder.iterdir()) == sorted(
            [
                *(f"{own}.{form}" for form in forms),
                *(f"{own}_school.{form}" for form in forms),
                f"{own}.yml",
                f"failed_{reference_of(register, 0)}.ipynb",
            ]
        )
        assert run.folder == run.folder.parents[1] / URN / "family"
        assert stat.S_IMODE(run.folder.stat().st_mode) == 0o700
        assert run.documents == 2

    def test_one_who_fails_stops_no_other_and_is_told_without_a_name(
        self, run: FamilyRun, register: Path
    ) -> None:
        assert {one.reference: one.status for one in run.outcomes} == {
            reference_of(register, 0): "failed",
            reference_of(register, 1): "done",
        }
        [failed] = run.failed
        assert "04_family_meeting.ipynb, cell" in failed.reason
        assert failed.reason.endswith("KeyError: '(a pupil) of (a pupil) (a pupil)'")

    def test_a_copy_holds_nothing_that_is_not_for_its_readers(
        self, run: FamilyRun, register: Path
    ) -> None:
        own = reference_of(register, 1)
        for ending in ("html", "ipynb"):
            family = (run.folder / f"{own}.{ending}").read_text("utf-8")
            school = (run.folder / f"{own}_school.{ending}").read_text("utf-8")
            assert "What the school keeps" not in family and "school-only" not in family
            assert "A word to the family" in family and "A word to the family" not in school
            assert "What the school keeps" in school
        text = pypdf.PdfReader(run.folder / f"{own}.pdf").pages[0].extract_text()
        assert f"form {own}" in text and "What the school keeps" not in text

    def test_the_family_s_notebook_says_nothing_of_this_machine(
        self, run: FamilyRun, register: Path, home: Path
    ) -> None:
        own = run.folder / f"{reference_of(register, 1)}.ipynb"
        text = own.read_text("utf-8")
        places = (register, register.parent, run.folder.parents[1], home, ROOT, Path.home())
        assert [str(place) for place in places if f"{place}/" in text or f'{place}"' in text] == []
        notebook = nbformat.read(own, as_version=4)
        nbformat.validate(notebook)
        assert "papermill" not in notebook.metadata
        [given] = [c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
        scope: dict[str, str] = {}
        exec(given.source, {}, scope)
        assert scope["register"] == "" and scope["profile"] == "family"
        assert scope["school_urn"] == URN and scope["window"] == WINDOW
        school = own.with_stem(f"{own.stem}_school").read_text("utf-8")
        assert str(register) in school  # the school's own notebook can be run again as it is

    def test_nothing_about_a_pupil_but_in_the_list(self, run: FamilyRun, register: Path) -> None:
        out = run.folder.parents[1]
        for path in out.rglob("*"):
            said = path.name
            if path.suffix in {".json", ".yml", ".html"} or path.name.endswith("_school.ipynb"):
                said += path.read_text("utf-8")
            assert not [word for word in (*UPNS, "Severin", "Bea") if word in said], path

    def test_nothing_is_left_beside_them(self, run: FamilyRun) -> None:
        out = run.folder.parents[1]
        assert [path.name for path in out.rglob(".*")] == [".lock"]


def test_the_real_notebook_s_family_copy_has_no_cell_of_the_school() -> None:
    real = json.loads((ROOT / "notebooks" / "04_family_meeting.ipynb").read_text("utf-8"))
    parts = {
        copy: json.dumps(family_jobs.notebook_for(real, copy)) for copy in ("family", "school")
    }
    assert "family_evidence" in parts["school"] and "internal(" in parts["school"]
    assert not [word for word in ("family_evidence", "internal(") if word in parts["family"]]


class TestTheList:
    def test_it_is_private_and_says_whose_they_are(self, run: FamilyRun, register: Path) -> None:
        assert stat.S_IMODE(run.list_file.stat().st_mode) == 0o600
        assert run.list_file.read_bytes().startswith("\ufeffreference,upn,".encode())
        own = reference_of(register, 1)
        [row] = rows_of(run)
        assert row["reference"] == own and row["upn"] == UPNS[1] and row["year_group"] == "3"
        assert row["surname"] == "'=1+1"  # a spreadsheet shows it and does not calculate
        assert row["files"].split() == sorted(
            f"{own}{end}"
            for end in (
                *(".html", ".ipynb", ".pdf", ".yml"),
                *("_school.html", "_school.ipynb", "_school.pdf"),
            )
        )

    def test_the_account_is_true(self, run: FamilyRun, register: Path) -> None:
        account = json.loads((run.folder.parent / "family.json").read_text("utf-8"))
        [(reference, held)] = account["references"].items()
        assert reference == reference_of(register, 1)
        assert held["as_at"] == "2026-09-11" and held["window"] == WINDOW
        paths = [run.folder / name for name in held["files"]]
        assert family_jobs.manifest.file_digests(paths) == held["files"]

    def test_rows_of_earlier_runs_stay_and_are_in_order(self, tmp_path: Path) -> None:
        def row(reference: str, surname: str, made: str = "1") -> dict[str, str]:
            names = dict.fromkeys(family_list.LIST_COLUMNS, "")
            return {**names, "reference": reference, "surname": surname, "made": made}

        family_list.write_list(tmp_path, [row("R2", "b"), {**row("R1", "C"), "year_group": "-1"}])
        family_list.write_list(tmp_path, [row("R2", "b", "2"), row("R3", "=a")])
        with (tmp_path / family_list.LIST).open(encoding="utf-8-sig", newline="") as lines:
            held = [(r["reference"], r["made"], r["year_group"]) for r in csv.DictReader(lines)]
        # In the order of surnames: "'=a", "b", "C".
        assert held == [("R3", "1", ""), ("R2", "2", ""), ("R1", "1", "-1")]
        before = (tmp_path / family_list.LIST).read_bytes()
        family_list.write_list(tmp_path, [])
        assert (tmp_path / family_list.LIST).read_bytes() == before

    def test_a_list_that_is_not_ours_any_more_is_kept(self, tmp_path: Path) -> None:
        path = tmp_path / family_list.LIST
        path.write_text("my;own;columns\n")
        assert family_list.write_list(tmp_path, []) == "family_references_1.csv"
        assert (tmp_path / "family_references_1.csv").read_text() == "my;own;columns\n"


class TestReferences:
    def test_the_same_over_runs_and_others_in_another_register(
        self, register: Path, tmp_path: Path
    ) -> None:
        held = store.opened(register)
        other = register_in(tmp_path)
        assert held.urns == store.opened(other).urns
        assert reference_of(register, 0) == reference_of(register, 0)
        assert reference_of(register, 0) != reference_of(other, 0)
        assert len({reference_of(register, number) for number in range(4)}) == 4

    def test_stems(self) -> None:
        day = pd.Timestamp("2026-11-20").date()
        assert file_stem("blank", "family", None) == "blank"
        assert file_stem("blank", "school", None) == "blank_school"
        assert file_stem("R", "family", day) == "R_agreed_2026-11-20"
        assert file_stem("R", "school", day) == "R_evidence_2026-11-20"


class TestFilledForms:
    def test_a_form_that_was_written_in_is_kept(
        self, run: FamilyRun, register: Path, tmp_path: Path
    ) -> None:
        """Written in by a browser, by a PDF program, and in the file for answers; and once more after another run."""
        shutil.copytree(run.folder.parents[1], tmp_path / "o")
        place = tmp_path / "o" / URN / "family"
        own = reference_of(register, 1)
        (place / f"{own}.html").write_text("a page with answers")
        (place / f"{own}_school.pdf").write_bytes(b"a PDF with answers")
        (place / f"{own}_filled_1.html").write_text("of last week")
        untouched = (place / f"{own}_school.html").read_bytes()
        again = made(register, tmp_path / "o", pupils=[UPNS[1].lower()])
        [outcome] = again.outcomes
        assert outcome.kept == (f"{own}_filled_2.html", f"{own}_school_filled_1.pdf")
        assert (place / f"{own}_filled_2.html").read_text() == "a page with answers"
        assert (place / f"{own}_school_filled_1.pdf").read_bytes() == b"a PDF with answers"
        assert (place / f"{own}_filled_1.html").read_text() == "of last week"
        assert "For everybody" in (place / f"{own}.html").read_text("utf-8")
        assert (place / f"{own}_school.html").read_bytes() == untouched
        [row] = rows_of(again)
        assert f"{own}.yml" in row["files"].split()  # of the run before

    def test_without_an_account_nothing_is_lost(self, tmp_path: Path) -> None:
        """Only what is byte for byte as it is now made may be replaced."""
        place, beside = tmp_path / "o" / URN / "family", tmp_path / "beside"
        place.mkdir(parents=True)
        beside.mkdir()
        for folder, same, other in ((place, "same", "old"), (beside, "same", "new")):
            (folder / "R.html").write_text(same)
            (folder / "R.pdf").write_text(other)
            (folder / "R.ipynb").write_text(other)
        job = FamilyJob("R", place, {}, {"family": "R"})
        _, kept = family_jobs._swapped_in(sorted(beside.iterdir()), job)
        assert kept == ("R_filled_1.pdf",)
        assert (place / "R_filled_1.pdf").read_text() == "old"
        assert (place / "R.ipynb").read_text() == "new"


class TestAnswersFile:
    def test_every_field_stands_in_it_empty(self, run: FamilyRun, register: Path) -> None:
        own = reference_of(register, 1)
        text = (run.folder / f"{own}.yml").read_text("utf-8")
        said = yaml.load(text, Loader=yaml.BaseLoader)
        assert said["reference"] == own and said["copy"] == "school"
        assert (said["as_at"], said["window"]) == ("2026-09-11", WINDOW)
        answers = said["answers"]
        assert not any(answers.values())
        assert {"goal", "area_health_said", "person_2_name", "evidence_1_kind"} <= set(answers)
        assert answers["copies_to"] == [] and answers["goal"] == ""

    def test_it_can_be_read_back(self, run: FamilyRun, register: Path, tmp_path: Path) -> None:
        from attendance_helpers.register.family_file import family_file

        own = reference_of(register, 1)
        text = (run.folder / f"{own}.yml").read_text("utf-8")
        path = tmp_path / "answers.yml"
        path.write_text(text.replace("\n  goal:", "\n  goal: |\n    Two days\n    a week"), "utf-8")
        found = family_file(path)
        assert found.reference == own
        assert found.answers["goal"].strip() == "Two days\na week"


class TestTheCommand:
    def command(self, register: Path, out: Path, *words: str) -> tuple[int, str]:
        given = ["family", "--school", URN, "--register", str(register), "--out", str(out)]
        dates = ["--window", WINDOW, "--quiet"]
        found = CliRunner().invoke(main, [*given, *dates, *words])
        return found.exit_code, found.output

    def test_blank(self, home: Path, register: Path, tmp_path: Path) -> None:
        status, said = self.command(register, tmp_path, "--blank", "--copy", "family")
        assert status == 0, said
        names = {path.name for path in (tmp_path / URN / "family").iterdir()}
        assert names == {"blank.html", "blank.ipynb", "blank.pdf"}
        assert "1 document made, 0 failed" in said and "family_references" not in said
        assert not (tmp_path / URN / family_list.LIST).exists()

    def test_one_pupil_from_a_file(self, home: Path, register: Path, tmp_path: Path) -> None:
        (tmp_path / "upns.txt").write_text(f"\ufeff{UPNS[3]}\r\n", "utf-8")
        words = ("--pupils-file", str(tmp_path / "upns.txt"), "--copy", "school")
        status, said = self.command(register, tmp_path, *words)
        assert status == 0, said
        own = reference_of(register, 3)
        assert (tmp_path / URN / "family" / f"{own}_school.pdf").exists()
        assert str(tmp_path / URN / family_list.LIST) in said
        assert UPNS[3] not in said and "Quill" not in said

    def test_a_failure_is_told_and_is_the_status(
        self, monkeypatch: pytest.MonkeyPatch, register: Path, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(
            "attendance_helpers.run.family.family_outcomes",
            lambda jobs, workers: [FamilyOutcome(job.reference, "failed", "why") for job in jobs],
        )
        status, said = self.command(register, tmp_path, "--pupil", UPNS[0])
        assert status == 1
        assert f"Failed: {reference_of(register, 0)}: why" in said

    def test_nobody(self, register: Path, tmp_path: Path) -> None:
        params = tmp_path / "p.yml"
        params.write_text("thresholds:\n  severe_perc: 100\n")
        words = ("--severe", "--params", str(params), "--window", "2026-09-12..2026-09-13")
        found = self.command(register, tmp_path / "o", *words, "--as-at", "2026-09-13")
        assert found[0] == 0 and "Nobody on roll is severely absent" in found[1]
        assert not (tmp_path / "o").exists()

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ((), "Expected one of --pupil, --severe and --blank"),
            (("--severe", "--blank"), "Expected one of --pupil, --severe and --blank"),
            (("--blank", "--meeting", "2026-09-10"), "--meeting: expected pupils who met"),
            (("--severe", "--meeting", "2026-09-10", "--answers-file"), "found --answers-file"),
        ],
    )
    def test_what_does_not_go_together(
        self, register: Path, tmp_path: Path, words: tuple[str, ...], message: str
    ) -> None:
        status, said = self.command(register, tmp_path / "o", *words)
        assert status == 2 and message in said and "Traceback" not in said

    def test_a_upn_of_nobody_is_not_repeated(self, register: Path, tmp_path: Path) -> None:
        words = ("--pupil", UPNS[0], "--pupil", "Z999999999999")
        status, said = self.command(register, tmp_path / "o", *words)
        assert status == 2
        assert f"School {URN}: expected UPNs of its list, found 1 that is not" in said
        assert "number 2" in said and "Z999" not in said


class TestTrouble:
    def test_a_worker_that_dies_fails_its_own_pupil(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(family_jobs, "family_files", _dies_for_one)
        jobs = [FamilyJob(name, tmp_path, {}, {}) for name in ("R1", "R2", "R3", "R4", "R5")]
        found = {o.reference: o.status for o in family_jobs.family_outcomes(jobs, 2)}
        assert found == {**dict.fromkeys(("R1", "R3", "R4", "R5"), "done"), "R2": "failed"}

    def test_a_list_that_is_open_is_told_and_loses_nothing(
        self, register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "attendance_helpers.run.family.family_outcomes",
            lambda jobs, workers: [FamilyOutcome(job.reference, "done") for job in jobs],
        )
        (tmp_path / URN / family_list.LIST).mkdir(parents=True)
        found = made(register, tmp_path, pupils=[UPNS[0]])
        assert "family_references.csv" in found.unwritten and not found.failed

    def test_a_meeting_that_is_not_recorded(self, register: Path, tmp_path: Path) -> None:
        day = pd.Timestamp("2026-09-10").date()
        with pytest.raises(RecordError, match=r"on 2026-09-10, found none of pupil number 1 "):
            made(register, tmp_path / "o", pupils=[UPNS[0]], meeting=day)
        with pytest.raises(RecordError, match="found none of them"):
            made(register, tmp_path / "o", severe=True, meeting=day)
        assert not (tmp_path / "o").exists()

    def test_what_is_asked_for_wrongly_makes_nothing(self, register: Path, tmp_path: Path) -> None:
        with pytest.raises(AttendanceError):
            made(register, tmp_path, pupils=["nobody"])
        with pytest.raises(ParamsError):
            made(register, tmp_path, pupils=[UPNS[0]], severe=True)


def _dies_for_one(job: FamilyJob) -> FamilyOutcome:
    if job.reference == "R2":
        os._exit(9)
    return FamilyOutcome(job.reference, "done")


def test_a_folder_that_went_away_is_told_of_its_pupil_alone(tmp_path: Path) -> None:
    job = FamilyJob("BCDF-2345-GHJK", tmp_path / "gone" / URN / "family", {}, {"family": "x"})
    found = family_jobs.family_files(job)
    assert (found.status, found.files) == ("failed", {})
    assert "FileNotFoundError" in found.reason
    assert str(tmp_path) not in found.reason
