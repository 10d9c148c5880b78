"""Which counts are hidden: by the rule, by subtraction, and so that no reader who knows the rules can work one out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.publish import disclosure
from attendance_helpers.publish.disclosure import (
    MARK,
    pupil_counts,
    shown_headline,
    shown_parts,
    shown_rate,
)
from attendance_helpers.publish.disclosure_audit import pinned, value_range
from attendance_helpers.publish.disclosure_counts import Counts, Line, Rate, Sum
from attendance_helpers.publish.disclosure_search import Printed, hidden_counts, told_of_hidden


def all_costs(counts: Counts, whole: tuple[Any, ...] = ("all",)) -> Printed:
    return Printed({key: float(value) for key, value in counts.numbers.items()}, whole)


def agreeing(parts: Mapping[str, Any], total: Any, most: int) -> Iterator[tuple[int, ...]]:
    """Yield every way in which parts (marks from nought to `most`) can add up to a total, by trying all."""
    ranges = [range(most + 1) if value == MARK else [value] for value in parts.values()]
    for found in itertools.product(*ranges):
        if total == MARK or sum(found) == total:
            yield found


class TestAudit:
    def test_one_hidden_part_of_a_printed_sum_is_pinned(self) -> None:
        counts = Counts({"all": 30, "a": 3, "b": 27}, (Sum("all", ("a", "b")),))
        assert list(pinned(counts, ["a"])) == ["a"]
        assert list(pinned(counts, ["a", "b"])) == []
        assert list(pinned(counts, ["all", "a"])) == []

    def test_what_the_rules_tell_is_used(self) -> None:
        """Two parts that can only be one each, and two that can only be four each."""
        for total in (2, 8):
            half = total // 2
            numbers = {"all": total, "a": half, "b": half}
            known = {"a": (1, 4), "b": (1, 4)}
            counts = Counts(numbers, (Sum("all", ("a", "b")),), known=known)
            assert list(pinned(counts, ["a", "b"])) == ["a", "b"]
            assert value_range(counts, ["a", "b"], "a") == (half, half)

    @pytest.mark.parametrize(
        ("part", "base", "decimals"), [(7, 200, 1), (7, 2000, 1), (13, 4000, 0), (0, 50, 1)]
    )
    def test_a_printed_rate_bounds_its_count(self, part: int, base: int, decimals: int) -> None:
        rates = (Rate(("part",), ("base",), decimals),)
        counts = Counts({"part": part, "base": base}, rates=rates)
        alike = [n for n in range(base + 1) if prints_alike(n, part, base, decimals)]
        assert value_range(counts, ["part"], "part") == (min(alike), max(alike))
        assert list(pinned(counts, ["part"])) == (["part"] if len(alike) == 1 else [])

    def test_a_rate_with_a_hidden_base_counts_too(self) -> None:
        counts = Counts({"part": 10, "base": 30}, rates=(Rate(("part",), ("base",), 0),))
        low, high = value_range(counts, ["base"], "base")
        brute = [n for n in range(1, 200) if 32.5 <= 1000 / n < 33.5]
        assert (low, high) == (min(brute), max(brute))

    def test_a_base_of_nought_tells_nothing(self) -> None:
        counts = Counts({"part": 0, "base": 0}, rates=(Rate(("part",), ("base",)),))
        assert list(pinned(counts, ["part"])) == []

    def test_other_things_that_a_reader_knows_count(self) -> None:
        counts = Counts({"a": 1, "b": 9}, more=(Line({"a": 1.0, "b": 0.0}, 1, 1.5),))
        assert list(pinned(counts, ["a"])) == ["a"]

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(0, 6), min_size=2, max_size=4), st.data())
    def test_it_agrees_with_trying_every_possibility(
        self, numbers: list[int], data: st.DataObject
    ) -> None:
        names = [f"p{at}" for at in range(len(numbers))]
        values = dict(zip(names, numbers, strict=True)) | {"all": sum(numbers)}
        hidden = data.draw(st.sets(st.sampled_from([*names, "all"]), min_size=1))
        counts = Counts(values, (Sum("all", tuple(names)),))
        shown = {name: MARK if name in hidden else values[name] for name in names}
        total = MARK if "all" in hidden else values["all"]
        ways = list(agreeing(shown, total, most=sum(numbers) + 2))
        expected = {
            key
            for key in hidden
            if len({sum(way) if key == "all" else way[names.index(key)] for way in ways}) == 1
        }
        assert set(pinned(counts, sorted(hidden))) == expected


def prints_alike(n: int, part: int, base: int, decimals: int) -> bool:
    from attendance_helpers.publish.rounding import rounded_text

    return rounded_text(100 * n / base, decimals) == rounded_text(100 * part / base, decimals)


class TestHiddenCounts:
    def test_nothing_small_hides_nothing(self) -> None:
        counts = Counts({"all": 30, "a": 10, "b": 20}, (Sum("all", ("a", "b")),))
        assert hidden_counts(counts, all_costs(counts)) == frozenset()

    def test_a_small_count_takes_the_cheapest_other_with_it(self) -> None:
        counts = Counts({"all": 42, "a": 3, "b": 20, "c": 7, "d": 12}, (Sum("all", tuple("abcd")),))
        assert hidden_counts(counts, all_costs(counts)) == {"a", "c"}

    def test_two_small_counts_need_no_third(self) -> None:
        counts = Counts({"all": 27, "a": 3, "b": 4, "c": 20}, (Sum("all", tuple("abc")),))
        assert hidden_counts(counts, all_costs(counts)) == {"a", "b"}

    def test_unless_their_sum_tells_them(self) -> None:
        counts = Counts({"all": 22, "a": 1, "b": 1, "c": 20}, (Sum("all", tuple("abc")),))
        assert hidden_counts(counts, all_costs(counts)) == {"a", "b", "c"}

    def test_noughts_are_shown(self) -> None:
        counts = Counts({"all": 30, "a": 3, "b": 0, "c": 27}, (Sum("all", tuple("abc")),))
        assert hidden_counts(counts, all_costs(counts)) == {"a", "c"}

    def test_of_a_small_total_no_part_is_told_not_even_that_it_is_nought(self) -> None:
        """Four parts of one each: of those that are hidden, and no noughts, a total under five could only be that."""
        for numbers in ((1, 1, 1, 1), (1, 1, 1, 1, 0), (2, 0, 0)):
            parts = dict(zip("abcde", numbers, strict=False))
            counts = Counts({"all": sum(numbers), **parts}, (Sum("all", tuple(parts)),))
            hidden = hidden_counts(counts, all_costs(counts))
            assert hidden == {"all", *parts}
            told = told_of_hidden(counts, hidden, whole=["all"])
            assert told["all"] == (1, 4)  # as everybody can guess
            assert told["a"][0] == 0  # nobody can tell which of them are noughts
            audited = Counts(counts.numbers, counts.sums, known=told)
            assert list(pinned(audited, sorted(hidden))) == []

    def test_a_total_is_the_last_to_be_hidden(self) -> None:
        """Four and four: who knows that both are small would know both, but a total of eight tells nobody that."""
        counts = Counts({"all": 8, "a": 4, "b": 4}, (Sum("all", ("a", "b")),))
        assert hidden_counts(counts, all_costs(counts)) == {"a", "b"}

    def test_but_it_is_hidden_where_it_tells(self) -> None:
        counts = Counts({"all": 6, **dict.fromkeys("abcdef", 1)}, (Sum("all", tuple("abcdef")),))
        assert hidden_counts(counts, all_costs(counts)) == {"all", *"abcdef"}

    def test_equal_counts_give_equal_tables(self) -> None:
        numbers = {"all": 43, "a": 3, "b": 10, "c": 10, "d": 10, "e": 10}
        counts = Counts(numbers, (Sum("all", tuple("abcde")),))
        found = {hidden_counts(counts, all_costs(counts)) for _ in range(3)}
        assert found == {frozenset({"a", "b"})}

    def test_where_it_is_cheap_who_takes_the_rest_for_five_or_more_learns_nothing_either(
        self,
    ) -> None:
        """One and five make six: whoever knows which is the small one, and that the other is not, would know both."""
        numbers = {"all": 36, "a": 1, "b": 5, "c": 30}
        counts = Counts(numbers, (Sum("all", tuple("abc")),))
        assert hidden_counts(counts, all_costs(counts)) == {"a", "b", "c"}


class TestShownParts:
    def test_small_parts_and_totals(self) -> None:
        assert shown_parts({"Open": 3, "Done": 0}) == {"total": MARK, "Open": MARK, "Done": MARK}
        assert shown_parts({"Open": 12, "Done": 9}) == {"total": 21, "Open": 12, "Done": 9}
        assert shown_parts({}) == {"total": 0}

    @settings(max_examples=80, deadline=None)
    @given(st.lists(st.integers(0, 12), min_size=1, max_size=4))
    def test_no_hidden_part_is_the_only_one_possible(self, numbers: list[int]) -> None:
        parts = {f"p{at}": number for at, number in enumerate(numbers)}
        shown = shown_parts(parts)
        total = shown.pop("total")
        assert not [value for value in (*shown.values(), total) if value in (1, 2, 3, 4)]
        ways = list(agreeing(shown, total, most=sum(numbers) + 5))
        for at, name in enumerate(shown):
            if shown[name] == MARK:
                assert len({way[at] for way in ways}) > 1, (parts, shown, total)
        if total == MARK:
            assert len({sum(way) for way in ways}) > 1


class TestHeadline:
    @pytest.mark.parametrize(
        ("pupils", "persistent", "severe", "shown"),
        [
            (200, 30, 10, (200, 30, 10)),
            (200, 0, 0, (200, 0, 0)),
            (200, 30, 4, (200, 30, MARK)),
            (200, 30, 27, (200, 30, MARK)),  # the three who are not severely absent
            (200, 30, 30, (200, 30, 30)),
            (39, 36, 10, (39, MARK, 10)),  # the three who are not
            (39, 39, 10, (39, MARK, 10)),  # everyone: it tells of every pupil
            (200, 3, 0, (200, MARK, 0)),
            (4, 0, 0, (MARK, 0, 0)),
            (0, 0, 0, (0, 0, 0)),
        ],
    )
    def test_shown(self, pupils: int, persistent: int, severe: int, shown: tuple[Any, ...]) -> None:
        row = dict(zip(disclosure.MEASURES, (pupils, persistent, severe), strict=True))
        assert tuple(shown_headline(row).values()) == shown

    def test_rates(self) -> None:
        assert shown_rate(5, 10) == 50
        assert shown_rate(5, 9) is None
        assert shown_rate(MARK, 40) is None
        assert shown_rate(5, MARK) is None


@st.composite
def schools(draw: st.DrawFn) -> dict[Any, dict[str, int]]:
    """A school of pupils in year groups and with a yes or no, so that groups add up."""
    pupils = draw(
        st.lists(
            st.tuples(
                st.integers(1, 3), st.booleans(), st.sampled_from(["", "", "", "PA", "PA", "SA"])
            ),
            min_size=1,
            max_size=60,
        )
    )
    groups: dict[Any, list[str]] = {
        "": [],
        **{f"y{n}": [] for n in (1, 2, 3)},
        "yes": [],
        "no": [],
    }
    for year, flag, absent in pupils:
        for key in ("", f"y{year}", "yes" if flag else "no"):
            groups[key].append(absent)
    return {
        key: {
            "enrolments": len(held),
            "persistently_absent": sum(absent != "" for absent in held),
            "severely_absent": sum(absent == "SA" for absent in held),
        }
        for key, held in groups.items()
        if held or key == ""
    }


class TestTableOfGroups:
    @settings(max_examples=40, deadline=None)
    @given(schools())
    def test_nobody_who_knows_the_rules_can_work_out_a_hidden_count(
        self, groups: dict[Any, dict[str, int]]
    ) -> None:
        held = set(groups)
        partitions = [
            [k for k in keys if k in held] for keys in (("y1", "y2", "y3"), ("yes", "no"))
        ]
        listed = [key for key in groups if key != "no"]
        counts, printed = pupil_counts(groups, printed=listed, partitions=partitions)
        hidden = hidden_counts(counts, printed)
        never = [key for key in counts.numbers if key not in printed.costs]
        for key in printed.costs:
            assert key in hidden or counts.numbers[key] not in (1, 2, 3, 4)
        of = [*sorted(hidden, key=str), *printed.guarded]
        for known in ({}, told_of_hidden(counts, hidden, whole=printed.whole)):
            audited = Counts(counts.numbers, counts.sums, known=known)
            assert list(pinned(audited, [*hidden, *never], of=of)) == []

    def test_the_other_side_of_a_yes_is_guarded_though_no_table_has_it(self) -> None:
        """58 of 60 eligible: the two who are not would be told by the total."""
        row = {"persistently_absent": 0, "severely_absent": 0}
        groups = {"": {"enrolments": 60}, "yes": {"enrolments": 58}, "no": {"enrolments": 2}}
        counts, printed = pupil_counts(
            {key: {**row, **held} for key, held in groups.items()},
            printed=["", "yes"],
            partitions=[["yes", "no"]],
        )
        assert ("no", "enrolments") in printed.guarded
        assert hidden_counts(counts, printed) == {("yes", "enrolments")}
