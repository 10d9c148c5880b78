"""The bank of the family's form: whole, warm, plain, in words for this child, and an authority's own where it has one."""

import re
from collections import Counter

import pytest
import textstat
import yaml
from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.errors import AttendanceError, ParamsError
from attendance_helpers.measures.pupil_days import CONDITIONS
from attendance_helpers.meetings.family import (
    FAMILY_CONDITIONS,
    area_titles,
    conversation,
    filled,
)
from attendance_helpers.meetings.family_bank import (
    BY_AGE,
    bank_faults,
    family_bank,
    field_keys,
    section_letters,
)
from attendance_helpers.register.family_form import IN_THE_WAY, ROWS, family_fields, row_key

YEARS = {"any": None, "younger": 4, "older": 10}
WAYS = [(child, age) for child in ("Sam", "") for age in BY_AGE]
ROW_KEYS = {
    row_key(stem, number, part.key): f"{stem}.{part.key}"
    for stem, (rows, parts) in ROWS.items()
    for number in range(1, rows + 1)
    for part in parts
}
TOPICS = ("health", "learning", "friends", "school_day", "home", "transport", "culture")


def form_fields(copy="school", blank=True):
    return family_fields(area_titles(), copy=copy, blank=blank)


def section_of(key):
    fields = {ROW_KEYS.get(key, key): field for key, field in form_fields().items()}
    return "f" if key.startswith("area") else fields[key].section


def stems_of(area, age="any"):
    """Return the raw stems of one area that a child of this age may be asked."""
    entry = next(entry for entry in family_bank()["areas"] if entry["key"] == area)
    return [stem for stem in entry["stems"] if stem.get("age", age) == age]


def by_section(child, age):
    """Return every text that a family may read, by section, filled in; those of the whole form under "form"."""
    talk = conversation(child=child, year_group=YEARS[age])
    texts = {letter: [one.title, one.intro] for letter, one in talk.sections.items()}
    for key, one in talk.asks.items():
        texts[section_of(key)] += [one.ask, one.hint]
    for stem, one in talk.tables.items():
        texts[ROWS[stem][1][0].section] += [one.title, one.intro]
    for area in talk.areas:
        asks = [stem["ask"] for stem in stems_of(area.key, age)]
        chosen = [ask.get(age, ask["any"]) if isinstance(ask, dict) else ask for ask in asks]
        texts["f"] += [area.title, *(filled(ask, child) for ask in chosen)]
    texts["form"] = [talk.help_screen, talk.help_paper, talk.used_for]
    del texts["m"]  # never in the family's copy
    return {letter: [text for text in found if text] for letter, found in texts.items()}


def grade(texts):
    ended = (text if text[-1] in ".?!" else f"{text}." for text in texts)
    return textstat.flesch_kincaid_grade(" ".join(ended))


def sentences(text):
    return re.split(r"(?<=[.?!])\s+", text)


# Completeness


def test_every_field_of_the_form_has_a_question():
    for blank in (True, False):
        for copy in ("family", "school"):
            asks = conversation().asks
            for key in form_fields(copy, blank):
                assert asks[ROW_KEYS.get(key, key)].ask, key


def test_the_bank_holds_what_the_form_needs_and_nothing_else():
    bank = family_bank()
    assert bank_faults(bank) == []
    assert set(bank) == {"form", "sections", "tables", "fields", "areas"}
    assert tuple(bank["sections"]) == section_letters() == tuple("abcdefghijklm")
    assert set(bank["tables"]) == set(ROWS)
    assert set(bank["fields"]) == set(field_keys())
    assert {field.section for field in form_fields().values()} == set(section_letters())


def test_every_section_and_table_has_a_title_and_an_introduction():
    talk = conversation(child="Sam", year_group=2)
    for one in (*talk.sections.values(), *talk.tables.values()):
        assert one.title
        assert one.intro
    assert all(one.title.endswith("?") for one in talk.sections.values())


def test_the_areas_are_those_that_a_meeting_looks_at():
    keys = [key for key, _ in area_titles()]
    assert keys == [*TOPICS, "part_time", "contact"]
    assert area_titles() == [(area.key, area.title) for area in conversation().areas]


@pytest.mark.parametrize(("child", "age"), WAYS)
def test_no_two_questions_of_one_form_are_the_same(child, age):
    talk = conversation(child=child, year_group=YEARS[age])
    asks = Counter(
        one.ask for key, one in talk.asks.items() if "." not in key and key != "area"
    )  # a cell of a table is named by its row as well
    asks.update(stem for area in talk.areas for stem in area.stems)
    assert [ask for ask, times in asks.items() if times > 1] == []


def test_a_box_that_the_introduction_names_is_there():
    intro = conversation().sections["f"].intro
    assert re.search(r'tick "(.*?)"', intro).group(1) in dict(IN_THE_WAY).values()


# For one child


@pytest.mark.parametrize(
    "key", ["pupil_words", "pupil_help", "best_days", "impact_learning", "impact_next"]
)
def test_questions_differ_by_age(key):
    asks = {conversation(child="Sam", year_group=year).asks[key] for year in (None, 4, 10)}
    assert len(asks) == 3


def test_year_6_is_younger_and_year_7_older():
    def trusted(year):
        return conversation(child="Sam", year_group=year).asks["trusted_adult"].ask

    assert [trusted(year) for year in (-1, 0, 6)] == [trusted(3)] * 3
    assert [trusted(year) for year in (7, 13)] == [trusted(10)] * 2
    assert trusted(6) == "Which grown-up in school would you go to for help?"
    assert trusted(7) == "Which adult in school would you talk to?"
    assert trusted(None) == "Which adult in school do you trust?"


def test_the_child_is_named_and_a_blank_form_says_your_child():
    assert conversation(child="Sam").sections["d"].title == "What does Sam say?"
    assert conversation().sections["d"].title == "What does your child say?"
    blank = conversation(found=["new_here"])
    assert next(a for a in blank.areas if a.key == "friends").stems[0].startswith("Your child join")
    assert conversation(child="  ") == conversation()


@pytest.mark.parametrize(
    ("text", "named", "blank"),
    [
        ("{child} is here.", "Sam is here.", "Your child is here."),
        ("Good! {child}'s book", "Good! Sam's book", "Good! Your child's book"),
        ("Ask {child}: {child} knows.", "Ask Sam: Sam knows.", "Ask your child: your child knows."),
        ('One. "{child} can."', 'One. "Sam can."', 'One. "Your child can."'),
        ('Say "yes." {child} can.', 'Say "yes." Sam can.', 'Say "yes." Your child can.'),
        ("One\n  {child}  two", "One Sam two", "One your child two"),
    ],
)
def test_a_sentence_begins_with_a_capital(text, named, blank):
    assert filled(text, "Sam") == named
    assert filled(text, "") == blank


def test_a_name_is_taken_as_it_stands():
    assert filled("{child} and {child}", r"\1 {child}") == r"\1 {child} and \1 {child}"
    assert filled("Is {child} here?", " Mary \n Ann ") == "Is Mary Ann here?"
    assert filled("Ask {child}.", "مريم") == "Ask مريم."


# What the register shows


def test_the_bank_knows_every_condition_that_is_measured():
    assert FAMILY_CONDITIONS == CONDITIONS


@pytest.mark.parametrize("condition", FAMILY_CONDITIONS)
def test_what_was_found_is_asked_first(condition):
    plain = {area.key: area.stems for area in conversation(child="Sam", year_group=5).areas}
    fitting = {
        area.key: [stem for stem in area.stems if stem not in plain[area.key]]
        for area in conversation(child="Sam", year_group=5, found=[condition]).areas
    }
    brought = {key: stems for key, stems in fitting.items() if stems}
    assert brought
    talk = conversation(child="Sam", year_group=5, found=[condition])
    for area in talk.areas:
        stems = brought.get(area.key, [])
        assert list(area.stems[: len(stems)]) == stems
        assert area.stems[len(stems)] == plain[area.key][0]


def test_what_was_not_found_is_not_asked():
    areas = conversation(child="Sam", year_group=5, found=["lates"]).areas
    day = next(area for area in areas if area.key == "school_day")
    assert day.stems[0].startswith("What is it like to walk in after the start?")
    assert not any("Monday" in stem for area in areas for stem in area.stems)


@given(
    found=st.lists(st.sampled_from(FAMILY_CONDITIONS)), year=st.sampled_from(list(YEARS.values()))
)
def test_each_area_asks_up_to_four_things_one_of_them_open(found, year):
    plain = {area.key: area.stems for area in conversation(year_group=year).areas}
    for area in conversation(year_group=year, found=found).areas:
        assert 3 <= len(set(area.stems)) == len(area.stems) <= 4
        assert set(area.stems) & set(plain[area.key])


def test_the_order_of_what_was_found_makes_no_difference():
    both = conversation(found=["mornings", "mondays"])
    assert both == conversation(found={"mondays", "mornings"})


def test_a_condition_that_is_none_is_refused():
    with pytest.raises(AttendanceError, match=r"expected conditions among mondays.*found Tuesday"):
        conversation(found=["Tuesday", "mondays"])


# Care


def test_safety_at_home_is_a_note_to_the_school_and_no_question_on_paper():
    notes = {area.key: area.school_note for area in conversation(child="Sam").areas}
    assert [key for key, note in notes.items() if note] == ["home"]
    assert notes["home"].startswith("If it is safe to ask")
    assert "safeguarding" in notes["home"]
    for child, age in WAYS:
        family = " ".join(text for found in by_section(child, age).values() for text in found)
        assert not re.search(r"abuse|violen|safeguard", family, re.IGNORECASE)


def test_home_asks_after_what_weighs_on_families():
    stems = " ".join(str(stem["ask"]) for stem in stems_of("home"))
    for word in ("money", "housing", "loss", "look after", "alone"):
        assert word in stems


@pytest.mark.parametrize(("child", "age"), WAYS)
def test_nothing_blames_and_nothing_names_a_condition_of_the_child(child, age):
    text = " ".join(text for found in by_section(child, age).values() for text in found)
    blame = r"why (don't|didn't|doesn't|do not|did not|does not|is|has)|should have|fail|must (?!tell)|refus|truan|excuse"
    condition = r"anxi|autis|adhd|depress|ebsa|disorder|phobi|school refus|avoid"
    assert not re.search(rf"\b({blame}|{condition})", text, re.IGNORECASE)
    assert "%" not in text
    assert "per cent" not in text


# Language

NOT_SAID = (
    *("unauthorised", "authorised", "barrier", "intervention", "compliance", "persistent"),
    *("severe", "threshold", "penalt", "prosecut", "legal", "court", "fine", "trigger", "stage"),
)


@pytest.mark.parametrize(("child", "age"), WAYS)
def test_words_that_are_not_for_families_are_not_used(child, age):
    for texts in by_section(child, age).values():
        for text in texts:
            assert not re.search(rf"\b({'|'.join(NOT_SAID)})", text, re.IGNORECASE), text
            assert not re.search(r"\b(PA|SA|EHCP|SEN|FSM|EBSA|LA)\b", text), text


@pytest.mark.parametrize(("child", "age"), WAYS)
def test_sentences_are_short_and_none_is_hard(child, age):
    for texts in by_section(child, age).values():
        for sentence in (sentence for text in texts for sentence in sentences(text)):
            words = len(sentence.split())
            assert words <= 25, sentence
            assert words < 6 or grade([sentence]) <= 9, sentence
            assert not re.search("[{}]", sentence)
            assert sentence[0].isupper() or sentence[0].isdigit(), sentence


@pytest.mark.parametrize(("child", "age"), WAYS)
def test_a_reader_of_eleven_can_read_each_section_and_the_whole(child, age):
    found = by_section(child, age)
    assert set(found) == {*"abcdefghijkl", "form"}
    assert {letter: grade(texts) for letter, texts in found.items() if grade(texts) > 6} == {}
    assert grade([text for texts in found.values() for text in texts]) <= 6


def test_what_measures_the_reading_age_tells_hard_texts_from_easy_ones():
    hard = "Unauthorised absence exceeding statutory thresholds necessitates formal intervention."
    assert grade([hard]) > 12
    assert grade(["What makes mornings harder? What would help?"]) < 6


@pytest.mark.parametrize(("child", "age"), WAYS)
def test_stems_ask(child, age):
    for area in conversation(child=child, year_group=YEARS[age], found=FAMILY_CONDITIONS).areas:
        for stem in area.stems:
            assert "?" in stem, stem


def test_the_form_says_how_to_fill_it_in_and_what_becomes_of_it():
    talk = conversation(child="Sam")
    assert "Press Save" in talk.help_screen
    assert "Nothing is sent" in talk.help_screen
    for text in (talk.help_screen, talk.help_paper):
        assert "safely" in text
        assert "You do not have to answer every question." in text
    assert "only with the people you agree to" in talk.used_for


# An authority's own


def own_bank(tmp_path, content):
    file = tmp_path / "ours.yml"
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_what_an_authority_gives_stands_and_the_rest_is_the_packages(tmp_path):
    given = {
        "form": {"used_for": "We keep this for {child}."},
        "sections": {"b": {"title": "What makes {child} smile?"}},
        "tables": {"tried": {"title": "So far"}},
        "fields": {"goal": {"ask": {"any": "What next?", "younger": "What now?"}}},
    }
    path = own_bank(tmp_path, given)
    own, ours = conversation(child="Sam", path=path), conversation(child="Sam")
    assert own.used_for == "We keep this for Sam."
    assert (own.help_screen, own.help_paper) == (ours.help_screen, ours.help_paper)
    assert own.sections["b"].title == "What makes Sam smile?"
    assert own.sections["b"].intro == ""  # an entry is replaced whole
    assert {**own.sections, "b": None} == {**ours.sections, "b": None}
    assert own.tables["tried"].title == "So far"
    assert (own.asks["goal"].ask, own.asks["goal"].hint) == ("What next?", "")
    assert conversation(year_group=3, path=path).asks["goal"].ask == "What now?"
    assert conversation(year_group=9, path=path).asks["goal"].ask == "What next?"
    assert own.areas == ours.areas
    assert conversation(child="Sam") == ours  # the package's own is as it was


def test_areas_may_be_changed_added_and_left_out(tmp_path):
    areas = [
        {
            "key": "sea",
            "title": "Life by the sea",
            "stems": [{"ask": "How is the ferry, {child}?"}],
        },
        {
            "key": "health",
            "title": "Health",
            "ask": "Is {child} well?",
            "school_note": "Ask the nurse.",
            "stems": [
                {"ask": "Always?"},
                {"ask": "Little?", "age": "younger"},
                {"ask": "Big?", "age": "older"},
                {"ask": "Ill?", "when": "illness"},
                {"ask": "Ill and big?", "when": "illness", "age": "older"},
            ],
        },
    ]
    path = own_bank(tmp_path, {"areas": areas})
    assert area_titles(path) == [("sea", "Life by the sea"), ("health", "Health")]
    talk = conversation(child="Sam", year_group=8, found=["illness"], path=path)
    assert [area.key for area in talk.areas] == ["sea", "health"]
    assert talk.areas[0].stems == ("How is the ferry, Sam?",)
    assert talk.areas[1].stems == ("Ill?", "Ill and big?", "Always?", "Big?")
    assert talk.areas[1].school_note == "Ask the nurse."
    assert conversation(found=["illness"], path=path).areas[1].stems == ("Ill?", "Always?")
    fields = family_fields(area_titles(path), copy="family")
    assert {key for key in fields if key.startswith("area_")} == {
        key for key in talk.asks if key.startswith("area_")
    }
    assert talk.asks["area_health"].ask == "Is Sam well?"
    assert talk.asks["area_sea_said"].ask == "Life by the sea: What was said?"


def test_a_copy_of_the_packages_file_changes_nothing(tmp_path):
    path = own_bank(tmp_path, dict(family_bank()))
    assert conversation(child="Sam", year_group=3, path=path) == conversation(
        child="Sam", year_group=3
    )


AREA = {"key": "sea", "title": "Sea", "stems": [{"ask": "How?"}]}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["areas"], "found list"),
        ({"parts": {}}, "unknown part 'parts' (allowed: form, sections, tables, fields, areas)"),
        ({"form": {"help": "x"}}, "form: unknown key 'help' (allowed: help_screen, help_paper"),
        ({"form": {}}, "form: found {}, which has no entries"),
        ({"sections": None}, "sections: found None, which has no entries"),
        ({"sections": {"n": {"title": "x"}}}, "sections: unknown key 'n' (allowed: a, b"),
        ({"sections": {"a": {"intro": "x"}}}, "sections: a: no 'title'"),
        ({"sections": {"a": "Hello"}}, "sections: a: found 'Hello', which has no 'title'"),
        ({"tables": {"plan": {"title": "x"}}}, "tables: unknown key 'plan' (allowed: person"),
        ({"fields": {"goals": {"ask": "x"}}}, "fields: unknown key 'goals' (allowed: child_name"),
        ({"fields": {1: {"ask": "x"}}}, "fields: unknown key 1 "),
        ({"fields": {"goal": {"ask": "x", "note": "y"}}}, "fields: goal: unknown key 'note'"),
        ({"fields": {"goal": {"ask": 3}}}, "fields: goal: ask: found 3, which is no text"),
        ({"fields": {"goal": {"ask": " "}}}, "fields: goal: ask: found ' ', which is no text"),
        ({"fields": {"goal": {"ask": "x", "hint": ["y"]}}}, "goal: hint: found ['y'], which is no"),
        ({"fields": {"goal": {"ask": {"older": "x"}}}}, "goal: ask: no 'any'"),
        (
            {"fields": {"goal": {"ask": {"any": "x", "old": "y"}}}},
            "goal: ask: unknown age 'old' (allowed: any, younger, older)",
        ),
        ({"fields": {"goal": {"ask": "x" * 301}}}, "goal: ask: 301 characters (at most 300)"),
        ({"fields": {"goal": {"ask": "Hi {name}"}}}, "found '{name}' (allowed in braces: {child})"),
        ({"fields": {"goal": {"ask": "Hi {child!r}"}}}, "found '{child!r}' (allowed in braces"),
        ({"fields": {"goal": {"ask": "Hi {{child}}"}}}, "found '{}' (allowed in braces"),
        ({"fields": {"goal": {"ask": "Hi {child"}}}, "found '{child' (allowed in braces"),
        ({"fields": {"goal": {"ask": "Hi child}"}}}, "found '}' (allowed in braces"),
        ({"areas": []}, "areas: found [], which is no list of areas"),
        ({"areas": {"health": AREA}}, "which is no list of areas"),
        ({"areas": ["health"]}, "areas: area 1: found 'health'"),
        ({"areas": [{**AREA, "key": "Sea"}]}, "areas: area 1: key: found 'Sea' (2 to 31 small"),
        ({"areas": [{**AREA, "key": "s"}]}, "key: found 's'"),
        ({"areas": [{**AREA, "key": "sea\n"}]}, "key: found 'sea\\n'"),
        ({"areas": [{**AREA, "key": "s" * 32}]}, "(2 to 31 small letters and _, a letter first)"),
        ({"areas": [{"title": "x", "stems": [{"ask": "y"}]}]}, "area 1: key: found None"),
        ({"areas": [AREA, AREA]}, "areas: key 'sea' stands more than once"),
        (
            {"areas": [{**AREA, "key": "sea_said"}, AREA]},
            "areas: key 'sea_said' makes fields that another area has (area_sea_said)",
        ),
        ({"areas": [{**AREA, "titel": "x"}]}, "area 1: unknown key 'titel' (allowed: title, ask,"),
        ({"areas": [{**AREA, "title": ""}]}, "area 1: title: found '', which is no text"),
        ({"areas": [{**AREA, "title": "{child}'s sea"}]}, "title: expected one plain text for"),
        ({"areas": [{**AREA, "title": {"any": "x"}}]}, "title: expected one plain text for"),
        ({"areas": [{**AREA, "stems": []}]}, "area 1: stems: found [], which is no list"),
        ({"areas": [{**AREA, "stems": ["How?"]}]}, "stem 1: found 'How?', which has no 'ask'"),
        ({"areas": [{**AREA, "stems": [{"age": "older"}]}]}, "stem 1: no 'ask'"),
        (
            {"areas": [{**AREA, "stems": [{"ask": "x", "when": "friday"}]}]},
            "stem 1: unknown 'when' 'friday' (allowed: mondays, weekday,",
        ),
        (
            {"areas": [{**AREA, "stems": [{"ask": "x", "age": "any"}]}]},
            "stem 1: unknown 'age' 'any' (allowed: younger, older)",
        ),
        (
            {"areas": [{**AREA, "stems": [{"ask": "x", "when": ["lates"]}]}]},
            "stem 1: unknown 'when' ['lates']",
        ),
        (
            {"areas": [{**AREA, "stems": [{"ask": "x", "when": "lates"}]}]},
            "area 1: stems: none is for every child",
        ),
    ],
)
def test_faults_of_an_own_file_are_told(tmp_path, given, told):
    path = own_bank(tmp_path, given)
    with pytest.raises(ParamsError) as caught:
        conversation(path=path)
    message = str(caught.value)
    assert message.startswith("ours.yml: ")
    assert told in message
    assert "family_questions.yml" in message
    with pytest.raises(ParamsError):
        area_titles(path)


def test_all_faults_of_a_file_stand_in_one_message(tmp_path):
    given = {
        "form": {"help": "x"},
        "fields": {"goal": {"ask": 3}},
        "areas": [{**AREA, "key": "S", "stems": [{"ask": "{x}"}]}],
    }
    with pytest.raises(ParamsError) as caught:
        conversation(path=own_bank(tmp_path, given))
    for told in ("form: unknown key", "fields: goal: ask", "area 1: key", "area 1: stem 1: ask"):
        assert told in str(caught.value)


@pytest.mark.parametrize("content", ["", "# only a comment\n", "form: [", "form: {a: b"])
def test_a_file_that_holds_no_bank_is_refused(tmp_path, content):
    with pytest.raises(ParamsError, match=r"ours\.yml"):
        conversation(path=own_bank(tmp_path, content))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ParamsError, match=r"expected a file like family_questions\.yml"):
        area_titles(tmp_path / "none.yml")
    assert area_titles("") == area_titles()
