"""The bank of questions: whole, plain, chosen by what was found, and never asking twice."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.errors import AttendanceError, ParamsError
from attendance_helpers.meetings.conditions import CONDITIONS
from attendance_helpers.meetings.questions import question_bank, questions

SECTIONS = [
    *("glance", "since", "trend", "against", "mix", "groups", "yeargroups", "bands", "weekdays"),
    *("lates", "reasons", "coding", "movement", "patterns", "severe", "persistent", "processes"),
    "counted",
]
WORDS = {
    "actions": "3 actions",
    "day": "Friday afternoon",
    "entered": "14 pupils",
    "field": "free school meals",
    "group": "girls eligible for free school meals in Year 9",
    "left": "6 pupils",
    "marks": "41 marks",
    "pupils": "12 pupils",
    "week": "24 November 2025",
    "year": "Year 9",
}


def found_of(section, *keys):
    return {key: {name: WORDS[name] for name in CONDITIONS[section][key]} for key in keys}


def every_text(section):
    """Return all of a section's questions, filled."""
    texts = []
    for question in question_bank()[section]:
        names = CONDITIONS[section][question.when] if question.when else ()
        texts.append(question.ask.format_map({name: WORDS[name] for name in names}))
    return texts


def test_every_section_of_the_pack_has_questions():
    assert list(CONDITIONS) == SECTIONS
    assert set(question_bank()) == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_bank_uses_only_known_keys_and_asks_something_for_each(section):
    used = {question.when for question in question_bank()[section] if question.when}
    assert used == set(CONDITIONS[section])


@pytest.mark.parametrize("section", SECTIONS)
def test_the_words_of_a_key_are_used_by_its_first_question(section):
    for key, names in CONDITIONS[section].items():
        first = next(q for q in question_bank()[section] if q.when == key)
        assert set(re.findall(r"{(\w+)}", first.ask)) == set(names), key


@pytest.mark.parametrize("section", SECTIONS)
def test_questions_are_plain(section):
    for text in every_text(section):
        assert text.endswith("?"), text
        assert not re.search(r"\b(must|failing|failure|blame|SA|PA)\b", text), text
        for sentence in re.split(r"(?<=[.?])\s", text):
            assert len(sentence.split()) <= 25, sentence


def test_no_question_stands_twice_in_the_whole_bank():
    texts = Counter(text for section in SECTIONS for text in every_text(section))
    assert [text for text, times in texts.items() if times > 1] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_school_of_which_nothing_was_found_is_still_asked_two_things(section):
    assert 2 <= len(questions(section)) <= 3


@pytest.mark.parametrize(
    ("section", "key"), [(section, key) for section in SECTIONS for key in CONDITIONS[section]]
)
def test_what_was_found_is_asked_first(section, key):
    asked = questions(section, found_of(section, key))
    first = next(q.ask for q in question_bank()[section] if q.when == key)
    filled = first.format_map(WORDS)
    assert asked[0] == filled[:1].upper() + filled[1:]
    assert 2 <= len(asked) <= 3


def test_the_order_is_that_of_the_bank_not_of_what_was_found():
    asked = questions("reasons", ["holiday_high", "illness_high"])
    assert [text.split()[0] for text in asked] == ["Illness", "Holidays", "What"]
    assert asked == questions("reasons", ["illness_high", "holiday_high"])


def test_the_order_may_be_that_of_what_was_found_instead():
    asked = questions("groups", ["sen_gap", "fsm_gap"], order="found", most=4)
    assert [text.split(" miss ")[0] for text in asked[:2]] == [
        "Pupils with SEN support",
        "Pupils eligible for free school meals",
    ]
    # The second question about one of them comes after the first about each.
    assert asked[2] == "Which help reaches these families without their having to ask for it?"
    assert questions("groups", ["sen_gap", "fsm_gap"])[0] == asked[1]


def test_two_questions_about_the_same_are_not_both_asked():
    dip = questions("trend", {"week_dip": {"week": "24 November 2025"}})
    assert dip[0].startswith("What happened in the week beginning 24 November 2025?")
    assert not any(text.startswith("Which weeks stand out") for text in dip)
    assert any(text.startswith("Which weeks stand out") for text in questions("trend"))


def test_words_are_filled_in_and_a_question_begins_with_a_capital():
    girls = questions("groups", [("sex_gap", {"group": "girls"})], most=1)
    assert girls == [
        "Girls miss more. What do they say about it when someone they trust asks them?"
    ]


def test_of_a_key_found_twice_the_first_is_asked():
    days = [("found_day", {"day": "Monday"}), ("found_day", {"day": "Friday"})]
    asked = questions("weekdays", days)
    assert asked[0].startswith("Mondays lose more")
    assert not any("Friday" in text for text in asked)


def test_at_most_so_many():
    everything = found_of("coding", *CONDITIONS["coding"])
    assert len(questions("coding", everything)) == 3
    assert len(questions("coding", everything, most=5)) == 5
    assert questions("coding", everything, most=0) == []


@given(data=st.data())
def test_nothing_is_asked_twice_whatever_was_found(data):
    section = data.draw(st.sampled_from(SECTIONS))
    keys = data.draw(st.lists(st.sampled_from(list(CONDITIONS[section])), unique=True))
    asked = questions(section, found_of(section, *keys), most=20)
    about = {}
    for question in question_bank()[section]:
        filled = question.ask.format_map(WORDS)
        about[filled[:1].upper() + filled[1:]] = question.about or filled
    subjects = [about[text] for text in asked]
    assert len(subjects) == len(set(subjects))
    assert not any("{" in text for text in asked)


def test_unknown_sections_and_keys_and_missing_words_are_refused():
    with pytest.raises(AttendanceError, match="found 'weather'"):
        questions("weather")
    with pytest.raises(AttendanceError, match=r"'lates'.*found 'found_day'"):
        questions("lates", {"found_day": {"day": "Monday"}})
    with pytest.raises(AttendanceError, match="found_year_day: expected words for day"):
        questions("weekdays", {"found_year_day": {"year": "Year 9", "day": " "}})
    with pytest.raises(AttendanceError, match="found_day: expected words for day"):
        questions("weekdays", ["found_day"])


def test_an_authority_s_own_bank_replaces_the_sections_that_it_has(tmp_path):
    bank = tmp_path / "ours.yml"
    bank.write_text(
        "lates:\n  - ask: Who meets {year} at the gate?\n    when: year_late\n  - ask: Why late?\n"
    )
    asked = questions("lates", {"year_late": {"year": "Year 8"}}, path=bank)
    assert asked == ["Who meets Year 8 at the gate?", "Why late?"]
    assert questions("trend", path=bank) == questions("trend")
    assert questions("lates", path="") == questions("lates")


def test_an_edited_bank_is_read_again(tmp_path):
    bank = tmp_path / "ours.yml"
    bank.write_text("lates: [{ask: One?}]\n")
    assert questions("lates", path=bank) == ["One?"]
    bank.write_text("lates: [{ask: Another?}]\n")
    assert questions("lates", path=str(bank)) == ["Another?"]


def test_all_that_is_wrong_with_a_bank_is_told_in_one_message(tmp_path):
    bank = tmp_path / "ours.yml"
    bank.write_text(
        """
weather: [{ask: Rain?}]
trend: []
lates:
  - {ask: "Who is late in {year}?"}
  - {ask: "Late {when?", when: none}
  - {ask: Why?, when: sometimes}
  - {ask: 7}
  - {when: none}
  - {ask: Why?, colour: red}
  - Why?
"""
    )
    with pytest.raises(ParamsError) as told:
        question_bank(bank)
    message = str(told.value)
    assert message.startswith("ours.yml: unknown section 'weather'")
    for fault in (
        "trend: found no list of questions",
        "lates, question 1: unknown word {year} (allowed: none)",
        "lates, question 2: braces that do not match",
        "lates, question 3: unknown 'when' 'sometimes' (allowed: after_close,",
        "lates, question 4: ask: found 7, which is no text",
        "lates, question 5: no 'ask'",
        "lates, question 6: unknown key 'colour'",
        "lates, question 7: found 'Why?'",
    ):
        assert fault in message
    assert message.count("ours.yml") == 1


def test_a_word_may_not_reach_into_its_value(tmp_path):
    bank = tmp_path / "ours.yml"
    for word in ("year.__class__", "year!r", "year:d", "year[0]"):
        bank.write_text(f'lates: [{{ask: "Who, {{{word}}}?", when: year_late}}]\n')
        with pytest.raises(ParamsError, match=re.escape(f"{{{word}}} (allowed: year)")):
            question_bank(bank)


@pytest.mark.parametrize(
    ("content", "found"),
    [("a: [", "expected YAML"), ("- ask: Why?", "found list"), ("", "found NoneType")],
)
def test_a_file_that_is_no_bank_is_refused(tmp_path, content, found):
    bank = tmp_path / "ours.yml"
    bank.write_text(content)
    with pytest.raises(ParamsError, match=f"ours.yml: {found}"):
        questions("lates", path=bank)


def test_a_missing_bank_is_refused(tmp_path):
    with pytest.raises(ParamsError, match=r"expected a file like questions\.yml, found none"):
        questions("lates", path=tmp_path / "none.yml")
