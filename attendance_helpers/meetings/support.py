"""What stands of the support that a school has recorded, one row a pupil: the newest entry of each kind, up to a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

# What was ever on offer; "not offered" is an entry too, and no offer.
EARLY_HELP_EVER: Final = ("offered", "declined", "open", "closed")
NO_LEAD: Final = "none"  # recorded: somebody has looked, and there is no lead professional
_DATED_KINDS: Final = ("plan", "part_time")
# What stands of each kind, and the columns that tell it.
_STANDS: Final[Mapping[str, Mapping[str, str]]] = {
    "contact": {
        **{"date": "last_contact", "dated": "last_contact_dated", "what": "last_contact_method"},
        **{"by": "last_contact_by", "outcome": "last_contact_outcome"},
    },
    "barriers": {"what": "barriers", "date": "barriers_date"},
    "strategy": {"what": "strategy", "outcome": "strategy_effect", "date": "strategy_date"},
    "early_help": {
        **{"what": "early_help", "outcome": "early_help_followed", "date": "early_help_date"}
    },
    "lead": {"what": "lead", "outcome": "plan_treats_attendance", "date": "lead_date"},
    "plan": {"date": "plan_date", "dated": "plan_dated", "until": "review_date"},
    "stage": {"what": "stage", "date": "stage_date"},
    # A first day that nobody typed is not made up; the last day stands alone then.
    "part_time": {"typed": "part_time_from", "until": "part_time_until"},
    "legal": {
        **{"what": "legal_latest", "date": "legal_date"},
        **{"until": "legal_until", "outcome": "legal_outcome"},
    },
    "approach": {"what": "approach", "date": "approach_date"},
}
_DATES: Final = (
    *("last_entry", "last_contact", "barriers_date", "strategy_date", "early_help_date"),
    *("lead_date", "plan_date", "review_date", "stage_date", "part_time_from"),
    *("part_time_until", "legal_date", "legal_until", "approach_date"),
)
_TEXTS: Final = (
    *("last_contact_method", "last_contact_by", "last_contact_outcome", "barriers", "strategy"),
    *("strategy_effect", "early_help", "early_help_followed", "lead", "plan_treats_attendance"),
    *("stage", "legal", "legal_latest", "legal_outcome", "approach"),
)
_FLAGS: Final = (
    *("last_contact_dated", "early_help_ever", "lead_recorded"),
    *("plan_recorded", "plan_dated"),
)
_COUNTS: Final = ("entries", "contacts")
STANDING_COLUMNS: Final = (
    *("upn", "entries", "last_entry"),
    *("contacts", "last_contact", "last_contact_dated"),
    *("last_contact_method", "last_contact_by", "last_contact_outcome"),
    *("barriers", "barriers_date", "strategy", "strategy_effect", "strategy_date"),
    *("early_help", "early_help_date", "early_help_ever", "early_help_followed"),
    *("lead", "lead_date", "lead_recorded", "plan_treats_attendance"),
    *("plan_recorded", "plan_date", "plan_dated", "review_date", "stage", "stage_date"),
    *("part_time_from", "part_time_until"),
    *("legal", "legal_latest", "legal_date", "legal_until", "legal_outcome"),
    *("evidence", "approach", "approach_date"),
)


def standing(history: pd.DataFrame, *, as_at: dt.date) -> pd.DataFrame:
    """
    Return what stands of the support recorded for each pupil at a date.

    Answers: what is in place, since when, and what came of it?

    Of each kind the newest entry stands, by its date and then in the order in which entries were recorded; earlier ones remain in the
    history. What was written later about the same thing (an effect, what followed, a review date) belongs to it. Empty text means that
    nothing is recorded, and says nothing about what was done.

    Parameters
    ----------
    history : one row a dated entry (`upn`, `kind`, `date`, `what`, `by`, `outcome`, `until`, `dated`), those of one day in
        the order in which they were recorded; those with a text in `superseded` no longer stand
    as_at : the last date that counts; entries dated after (>) it are left out

    Returns
    -------
    DataFrame, one row a pupil with an entry, by UPN, columns `STANDING_COLUMNS`:
        `entries` (how many), `contacts` (how many, those of one method on one day once); `..._date` (the entry's date, which is the
        file's own where none was typed); `plan_dated`, `last_contact_dated` (the date was typed); `part_time_from` (missing where it
        was not typed); `early_help_ever` (offered, declined, open or closed at any time); `lead` (`none` where it was recorded that
        there is none) and `lead_recorded`; `review_date` (of the plan that stands); `legal` (every step with its date, newest first);
        `evidence` (tuple of what is held)

    Examples
    --------
    >>> history = pd.DataFrame({"upn": "p1", "kind": "lead", "date": pd.to_datetime(["2026-09-10", "2026-10-12"]),
    ...     "what": ["none", "Social worker"], "by": "", "outcome": "", "until": pd.NaT, "dated": True})
    >>> standing(history, as_at=dt.date(2026, 11, 20))[["upn", "entries", "lead"]].to_numpy().tolist()
    [['p1', 2, 'Social worker']]
    """
    rows = entries_until(history, as_at)
    if rows.empty:
        return no_support()
    things = single_entries(rows)
    latest = _latest(things)
    everyone = rows.groupby("upn").agg(entries=("kind", "size"), last_entry=("date", "max"))
    own = [
        latest.xs(kind, level="kind")[list(names)].rename(columns=names)
        for kind, names in _STANDS.items()
        if kind in latest.index.get_level_values("kind")
    ]
    return _typed(everyone.join([*own, *_gathered(things)]))


def standing_of(upns: Iterable[str], standing: pd.DataFrame) -> pd.DataFrame:
    """
    Return what stands for given pupils, one row each in their order; of a pupil without an entry, a row with nothing recorded.

    Examples
    --------
    >>> standing_of(["p1"], no_support())[["upn", "entries", "lead", "lead_recorded"]].to_numpy().tolist()
    [['p1', 0, '', False]]
    """
    wanted = pd.Index([str(upn) for upn in upns], name="upn", dtype="str")
    return _typed(standing.set_index("upn").reindex(wanted))


def no_support() -> pd.DataFrame:
    """Return what stands where nothing was recorded of any pupil: no rows, columns `STANDING_COLUMNS`."""
    return _typed(pd.DataFrame(index=pd.Index([], name="upn", dtype="str")))


def part_time_ends(standing: pd.DataFrame) -> pd.DataFrame:
    """
    Last day of each part-time timetable that stands, for `triggers.part_time_past_end`.

    Parameters
    ----------
    standing : as `standing` returns it

    Returns
    -------
    DataFrame, one row a pupil whose timetable has a last day on record: `upn`, `until`
    """
    ends = standing[["upn", "part_time_until"]].rename(columns={"part_time_until": "until"})
    return ends[ends["until"].notna()].reset_index(drop=True)


def entries_until(
    history: pd.DataFrame, as_at: dt.date, *, superseded: bool = False
) -> pd.DataFrame:
    """
    Return the entries dated on or before (<=) a date, by date and then as they stand, without missing text or spaces around it.

    Entries whose form was corrected since (`superseded`) no longer stand and are left out, unless they are asked for.
    """
    rows = history[history["date"] <= pd.Timestamp(as_at)]
    if not superseded and "superseded" in rows:
        rows = rows[rows["superseded"].astype("str").fillna("") == ""]
    texts = {
        name: rows[name].astype("str").fillna("").str.strip()
        for name in ("upn", "kind", "what", "by", "outcome")
    }
    rows = rows.assign(**texts).sort_values("date", kind="stable", ignore_index=True)
    return rows.astype({"dated": "bool", "date": "datetime64[s]", "until": "datetime64[s]"})


def single_entries(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return one row for each thing that was recorded: a contact, say, that was typed again with its outcome is one contact.

    The same thing is the same pupil, kind, day and text; of `by`, `outcome` and `until` the newest that is not empty is kept. Order: by
    date, then by when each was last recorded.

    Parameters
    ----------
    rows : as `entries_until` returns them
    """
    texts = {name: rows[name].mask(rows[name] == "") for name in ("by", "outcome")}
    grouped = rows.assign(**texts, last=range(len(rows)), dated=rows["dated"].astype("int64"))
    merged = grouped.groupby(["upn", "kind", "date", "what"]).agg(
        {"by": "last", "outcome": "last", "until": "last", "dated": "max", "last": "max"}
    )
    merged = merged.reset_index().sort_values(["date", "last"], ignore_index=True)
    return merged.drop(columns="last").fillna({"by": "", "outcome": ""}).astype({"dated": "bool"})


def day_words(day: dt.date) -> str:
    """Return a date in words: 12 October 2026."""
    return f"{day.day} {day:%B %Y}"


def _latest(things: pd.DataFrame) -> pd.DataFrame:
    """
    Return for each pupil and kind what stands: the newest entry that begins something, with what later entries add to it.

    An entry with a text begins something; of a plan or a part-time timetable, one whose day somebody typed: a review or last day
    typed alone is about the one that stood already. `date` is that of the entry which began it, the other columns hold their newest
    value that is not empty.
    """
    kinds = things["kind"]
    begins = (things["what"] != "").mask(kinds.isin(_DATED_KINDS), things["dated"])
    begins = (begins | (kinds == "contact")).astype("int64")
    keys = [things["upn"], kinds]
    number = begins.groupby(keys).cumsum()
    kept = things[number == number.groupby(keys).transform("max")]
    texts = {name: kept[name].mask(kept[name] == "") for name in ("what", "by", "outcome")}
    kept = kept.assign(**texts, typed=kept["date"].where(kept["dated"]))
    how = {"what": "last", "by": "last", "outcome": "last", "until": "last"}
    return kept.groupby(["upn", "kind"]).agg(
        {**how, "date": "first", "dated": "first", "typed": "first"}
    )


def _gathered(things: pd.DataFrame) -> list[pd.Series]:
    """Return what is told of all entries of a kind together."""
    upns, kinds, what = things["upn"], things["kind"], things["what"]
    ever = what.str.casefold().isin(EARLY_HELP_EVER) & (kinds == "early_help")
    held = (kinds == "evidence") & (what != "")
    return [
        (kinds == "contact").groupby(upns).sum().rename("contacts"),
        (kinds == "plan").groupby(upns).any().rename("plan_recorded"),
        ((kinds == "lead") & (what != "")).groupby(upns).any().rename("lead_recorded"),
        ever.groupby(upns).any().rename("early_help_ever"),
        what[held].groupby(upns[held]).agg(_distinct).astype("object").rename("evidence"),
        _legal_steps(things[kinds == "legal"]).rename("legal"),
    ]


def _distinct(texts: pd.Series) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _legal_steps(steps: pd.DataFrame) -> pd.Series:
    """Return each pupil's steps with their dates, newest first."""
    words = [
        f"{what or 'step not named'}, {day_words(date) if dated else 'date not recorded'}"
        for what, date, dated in zip(steps["what"], steps["date"], steps["dated"], strict=True)
    ]
    listed = pd.Series(words[::-1], index=steps["upn"][::-1], dtype="object")
    return listed.groupby(level=0).agg("; ".join)


def _typed(found: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of what stands, in order and with their types; empty where there is nothing."""
    table = found.reindex(columns=list(STANDING_COLUMNS[1:]))
    columns = {
        **{name: table[name].astype("datetime64[s]") for name in _DATES},
        **{name: table[name].astype("object").fillna("").astype("str") for name in _TEXTS},
        **{name: table[name].astype("boolean").fillna(False).astype("bool") for name in _FLAGS},
        **{name: table[name].fillna(0).astype("int64") for name in _COUNTS},
        "evidence": table["evidence"].map(lambda held: held if isinstance(held, tuple) else ()),
    }
    typed = table.assign(**columns).astype({"evidence": "object"}).reset_index()
    return typed.astype({"upn": "str"})
