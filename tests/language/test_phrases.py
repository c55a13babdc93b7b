from __future__ import annotations

from pathlib import Path

import pytest

from reengage.language.phrases import MOST_PHRASES, Phrases
from reengage.language.phrasing import fold_word, parse_phrase
from reengage.language.values import NotUnderstood
from reengage.language.wording import Wording, assemble_wording, load_wording
from reengage.language.yamlfile import read
from reengage.model.errors import ReengageError

STARTER = Path(__file__).parents[2] / "rules"


def loaded(*texts: str) -> Wording:
    return assemble_wording(read(text.encode(), f"rules/reading/{number}.yaml") for number, text in enumerate(texts, 1))


def phrases_of(*texts: str) -> Phrases:
    wording = loaded(*texts)
    assert not wording.errors
    return wording.phrases


def faults(text: str) -> list[tuple[str, int, str]]:
    found = loaded(text).errors
    assert all(one.help for one in found)
    return [(one.check, one.position.line, one.message) for one in found]


def test_a_project_without_phrases_is_no_error(tmp_path: Path) -> None:
    assert load_wording(tmp_path).phrases.lines == ()
    assert load_wording(tmp_path).diagnostics == ()


def test_phrases_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "reading").touch()
    with pytest.raises(ReengageError, match="cannot be read"):
        load_wording(tmp_path)


def test_the_starter_phrases_are_read_whole() -> None:
    phrases = load_wording(STARTER).phrases
    assert sorted(phrases.languages) == ["de", "en"]
    assert {line.language for line in phrases.lines} == {"de", "en"}
    assert all(line.steps for line in phrases.lines)


def test_languages_may_stand_in_one_file_or_in_several() -> None:
    here, there = "en: {says: {positive: {sure: [go on]}}}", "fr: {says: {positive: {sure: [allez]}}}"
    both = f"phrases:\n  {here}\n  {there}\n"
    for phrases in (phrases_of(both), phrases_of(f"phrases: {{{here}}}", f"phrases: {{{there}}}")):
        assert phrases.languages == ("en", "fr")
        assert [line.text for line in phrases.lines] == ["go on", "allez"]


def test_a_language_that_stands_twice_is_told_with_the_first_place() -> None:
    one = "phrases: {en: {says: {positive: {sure: [go on]}}}}"
    (problem,) = [found for found in loaded(one, one).errors if found.check == "duplicate-key"]
    assert problem.position.file == "rules/reading/2.yaml"
    assert "rules/reading/1.yaml:1:11" in problem.message
    assert problem.help


def test_a_set_may_hold_another_and_a_phrase_may_name_both() -> None:
    text = """
phrases:
  en:
    sets:
      mail: [email, e mail]
      contact: [call, <mail>]
    says:
      stop_emailing: {sure: [stop ... <contact>]}
"""
    (line,) = phrases_of(text).lines
    stop, contact = line.steps
    assert stop.words == (("stop",),)
    assert contact.words == (("call",), ("email",), ("e", "mail"))
    assert contact.gap == 4


@pytest.mark.parametrize(
    ("body", "check", "line", "words"),
    [
        ("says:\n      stop_mailing: {sure: [stop it]}", "unknown-key", 4, '"stop_mailing"'),
        ("says:\n      positive: {certain: [yes]}", "unknown-key", 4, '"certain"'),
        ("says:\n      positive:\n        sure: [yes <thanks>]", "wrong-value", 5, 'unknown set "thanks"'),
        ("says:\n      positive:\n        sure: ['...']", "wrong-value", 5, 'begin with "..."|end with "..."'),
        ("says:\n      positive:\n        sure: ['[yes]']", "wrong-value", 5, "match everything"),
        ("says:\n      positive:\n        sure: ['!?']", "wrong-value", 5, "match everything|no word"),
        ("says:\n      positive:\n        sure: [yes ...]", "wrong-value", 5, 'cannot end with "..."'),
        ("says:\n      positive:\n        sure: ['... yes']", "wrong-value", 5, 'cannot begin with "..."'),
        ("says:\n      positive:\n        sure: [<name> yes]", "wrong-value", 5, "cannot begin with something"),
        ("says:\n      positive:\n        sure: ['(yes|no']", "wrong-value", 5, "belongs to nothing"),
        ("says:\n      positive:\n        sure: [ye*]", "wrong-value", 5, "too many words"),
        ("says:\n      positive:\n        sure: [a b c d e f g h i j k l m]", "wrong-value", 5, "more than 12 parts"),
        (f"says:\n      positive:\n        sure: [{'yes ' * 300}]", "wrong-value", 5, "longer than 1000"),
        ("says: [yes]", "wrong-shape", 3, "block"),
        ("sets: {a: [yes]}", "missing-key", 3, '"says"'),
        ("clues: {price: [x y]}\n    says: {}", "unknown-key", 3, '"price"'),
        ("channels: {fax: [fax]}\n    says: {}", "unknown-key", 3, '"fax"'),
        ("dates: {months: {13: [undecimber]}}\n    says: {}", "unknown-key", 3, '"13"'),
        ("dates: {feasts: {soon: [easter]}}\n    says: {}", "unknown-key", 3, '"soon"'),
        ("dates: {numbers: {ten: [ten]}}\n    says: {}", "unknown-key", 3, '"ten"'),
        ("sets: {a: [<b>]}\n    says: {}", "wrong-value", 3, 'unknown set "b"'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_it_stands(body: str, check: str, line: int, words: str) -> None:
    found = faults(f"phrases:\n  en:\n    {body}\n")
    assert [(one[0], one[1]) for one in found][:1] == [(check, line)], found
    assert any(part in found[0][2] for part in words.split("|")), found


def test_a_language_is_named_in_small_letters() -> None:
    assert [one[0] for one in faults("phrases: {English!: {says: {}}}")] == ["wrong-value"]


def test_too_many_phrases_are_told() -> None:
    lines = ", ".join(f"word{number}" for number in range(MOST_PHRASES + 1))
    found = faults(f"phrases:\n  en:\n    says:\n      positive:\n        sure: [{lines}]\n")
    assert [one[0] for one in found] == ["wrong-shape"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Don’t", "dont"), ("DON'T", "dont"), ("löschen", "loeschen"), ("LÖSCHEN", "loschen"), ("Straße", "strasse"),
        ("STOPPPP", "stop"), ("réponse", "reponse"), ("ｓｔｏｐ", "stop"), ("un\u200bsubscribe", "unsubscribe"), ("ﬁne", "fine"),
    ],
)  # fmt: skip
def test_spellings_that_are_one_word(one: str, other: str) -> None:
    assert fold_word(one) == fold_word(other)


def test_numbers_keep_their_zeros() -> None:
    assert fold_word("2000") == "2000"


def test_a_gap_before_something_optional_stays_for_what_follows() -> None:
    steps = parse_phrase("stop ... [all] calls", {})
    assert [(step.gap, step.optional) for step in steps] == [(0, False), (4, True), (4, False)]


def test_an_empty_phrase_is_refused_with_help() -> None:
    with pytest.raises(NotUnderstood) as refused:
        parse_phrase("", {})
    assert refused.value.help
