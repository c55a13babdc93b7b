from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reengage.intake.reading.findings import findings_of
from reengage.intake.reading.lexicon import Lexicon
from reengage.intake.reading.matching import Index, Search
from reengage.intake.reading.tokens import tokenize
from reengage.intake.reading.understand import MOST_CHARACTERS, MOST_FOR_STOPS, When, understand
from reengage.language.phrases import Phrases
from reengage.language.wording import assemble_wording
from reengage.language.yamlfile import read
from reengage.model.reading import Reading
from reengage.model.words import STOPS, Channel, Response
from tests.intake.reading.conftest import PHRASES, replies

TODAY = When(date(2026, 11, 22))
INDEX = Index.of(PHRASES)
LISTS = ("en", "de", "mixed")
CLEAR_STOPS = (
    "Please unsubscribe me", "Stop emailing me!", "never call me again", "take me off your list", "Bitte keine Mails mehr",
    "Rufen Sie mich nie wieder an", "Löschen Sie meine Daten", "Fuck off", "remove me from your mailing list",
)  # fmt: skip


def reading(text: str, channel: Channel | None = None) -> Reading:
    return understand(text, PHRASES, TODAY, channel=channel)


def is_stop(text: str) -> bool:
    return reading(text).response in STOPS


@pytest.mark.parametrize("name", LISTS)
def test_of_a_hundred_stops_one_may_be_missed_and_of_ten_one_be_false(name: str) -> None:
    stops = [text for heading, text in replies(name) if heading == "stop"]
    others = [text for heading, text in replies(name) if heading != "stop"]
    missed = [text for text in stops if not is_stop(text)]
    false = [text for text in others if is_stop(text)]
    assert len(stops) > 100
    assert len(others) > 100
    assert len(missed) <= len(stops) / 100, missed
    assert len(false) <= len(stops) / 20, false


def test_other_answers_are_told_apart() -> None:
    wrong = defaultdict(list)
    asked: dict[str, int] = defaultdict(int)
    for heading, text in (reply for name in LISTS for reply in replies(name)):
        if heading in set(Response):
            asked[heading] += 1
            if reading(text).response != heading:
                wrong[heading].append(text)
    assert len(asked) == 10
    for heading, total in asked.items():
        assert len(wrong[heading]) <= 0.08 * total, (heading, wrong[heading])


def test_who_has_left_is_told_and_is_no_stop() -> None:
    readings = [(text, reading(text)) for name in LISTS for heading, text in replies(name) if heading == "left_company"]
    assert [text for text, one in readings if not one.left_company] == []
    assert [text for text, one in readings if one.response in STOPS] == []


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("Stop emailing me", "stop_emailing"),
        ("Stop calling me", "stop_calling"),
        ("Rufen Sie nie wieder an", "stop_calling"),
        ("Take me off your list", "unsubscribe"),
        ("Fuck off and take me off your list", "hostile"),
        ("You will hear from my lawyer", "hostile"),
        ("Not interested, please remove me.", "unsubscribe"),
        ("We have no budget, and please stop emailing.", "stop_emailing"),
        ("Sounds great, but never call this number again", "stop_calling"),
    ],
)
def test_a_clear_stop_is_sure_whatever_stands_beside_it(text: str, response: str) -> None:
    told = reading(text)
    assert (told.response, told.doubtful_stop) == (response, False)
    assert told.certainty >= 0.8


@pytest.mark.parametrize(
    "text",
    ["unsubcribe", "plaese stop", "remvoe my adress", "abmleden", "where did you get my number?", "this is spam?"],
)
def test_doubt_about_a_stop_is_a_stop_that_a_person_looks_at(text: str) -> None:
    told = reading(text)
    assert told.response in STOPS
    assert told.doubtful_stop == (told.certainty < 0.8)


def test_a_misspelt_stop_is_only_doubted() -> None:
    assert reading("please unsubscribee me").response == "unsubscribe"
    assert reading("do not conatct me").doubtful_stop


@pytest.mark.parametrize(
    "text",
    [
        "Don't stop, this is great", "We run a one-stop shop", "Stop by our booth", "Our unsubscribe rates are our problem",
        "please delete my last mail, wrong recipient", "Please don't call before 10", "Do not contact me until Q3",
        "No calls this week", "Stop calling it a CRM", "We had to stop the rollout", "Can't stop thinking about it",
        "Don't call me today, call me next week", "Bitte nicht vor März anrufen", "Zögern Sie nicht, mich anzurufen",
        "Lassen Sie uns in Ruhe darüber sprechen", "Bitte streichen Sie Position 3 aus dem Angebot",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_stop_is_none(text: str) -> None:
    assert not is_stop(text)


def test_a_ban_until_a_day_is_timing_with_its_day() -> None:
    told = reading("Please do not contact me until Q3")
    assert (told.response, told.clues.call_back_on) == ("not_now", date(2027, 7, 1))


def test_a_ban_of_one_channel_is_a_stop_that_names_it() -> None:
    told = reading("Please don't call, e-mail me instead")
    assert (told.response, told.clues.channels) == ("stop_calling", (Channel.PHONE,))
    assert reading("Stop contacting me", Channel.PHONE).response == "stop_calling"
    assert reading("Stop contacting me", Channel.EMAIL).response == "stop_emailing"


def test_nothing_that_is_known_is_other_without_certainty() -> None:
    for text in ("", "  \n", "🙂", "lorem ipsum dolor", "12345"):
        told = reading(text)
        assert (told.response, told.certainty, told.evidence, told.language) == ("other", 0.0, (), "")


def test_certainty_falls_beside_other_answers() -> None:
    alone = reading("We have no budget.").certainty
    beside = reading("We have no budget. We are not interested.").certainty
    against = reading("We have no budget. But I'd love to see a demo.").certainty
    assert alone >= 0.9 > beside >= 0.8 > against > 0


def test_the_better_reason_is_the_answer_and_the_other_stands_beside_it() -> None:
    told = reading("Not interested, we already use Salesforce.")
    assert (told.response, told.also[0]) == ("already_with_vendor", "not_interested")


def test_evidence_quotes_the_text_as_it_was_written() -> None:
    told = reading("Hello,\nwe ALREADY  have a Vendor!")
    (first, *_) = told.evidence
    assert first.quote == "we ALREADY  have a Vendor"
    assert first.says == "already_with_vendor"
    assert first.phrase in {line.text for line in PHRASES.lines}
    assert first.language == told.language == "en"
    assert reading("Kein Interesse").language == "de"


def test_a_long_quote_is_clipped() -> None:
    told = reading("no" + " " * 500 + "thanks")
    assert max(len(one.quote) for one in told.evidence) <= 200


def test_an_answer_of_a_machine_is_no_answer_of_the_person() -> None:
    told = reading("I am out of the office until 14 August. I'm not interested in meetings.")
    assert told.response == "out_of_office"
    assert told.clues.call_back_on == date(2027, 8, 14)


@given(st.sampled_from(CLEAR_STOPS), st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_a_clear_stop_stands_in_any_text(stop: str, text: str) -> None:
    for whole in (f"{text}\n\n{stop}", f"{stop}\n\n{text}"):
        told = reading(whole)
        assert told.response in STOPS
        assert not told.doubtful_stop


ALL = tuple(text for name in LISTS for _, text in replies(name))


@given(st.sampled_from(CLEAR_STOPS), st.sampled_from(ALL), st.sampled_from(ALL))
@settings(max_examples=100, deadline=None)
def test_a_clear_stop_stands_among_other_replies(stop: str, before: str, after: str) -> None:
    told = reading(f"{before}\n\n{stop}\n\n{after}")
    assert told.response in STOPS
    assert not told.doubtful_stop


SPELLINGS = (
    str.upper, str.lower, str.title, lambda text: text.replace(" ", "   "), lambda text: text.replace(" ", "\n"),
    lambda text: text.replace("'", "’"), lambda text: text.replace("'", ""), lambda text: f"“{text}”", lambda text: f"{text}!!!!",
    lambda text: text.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae"), lambda text: text.replace("o", "o\u200b"),
    lambda text: text.translate({code: code + 0xFEE0 for code in range(ord("a"), ord("z") + 1)}),
)  # fmt: skip


@given(st.sampled_from(ALL), st.sampled_from(SPELLINGS))
@settings(max_examples=250, deadline=None)
def test_a_spelling_does_not_change_whether_it_is_a_stop(text: str, spell: object) -> None:
    written = spell(text)  # type: ignore[operator]
    if written.lower() == text.lower() or not any(char.isupper() for char in text[1:]):
        assert is_stop(written) == is_stop(text)


@given(st.text(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_the_same_twice(text: str) -> None:
    assert reading(text) == reading(text)
    assert 0 <= reading(text).certainty <= 1


WORDS = sorted({word for _, text in replies("en") for word in text.split()})


@given(st.lists(st.sampled_from(WORDS), max_size=60))
@settings(max_examples=100, deadline=None)
def test_words_in_any_order_are_read(words: list[str]) -> None:
    told = reading(" ".join(words))
    assert told.doubtful_stop <= (told.response in STOPS)


def work(text: str) -> int:
    """How many steps the search for phrases takes in a text."""
    search = Search(INDEX, tokenize(text))
    list(search.matches())
    return search.steps


@pytest.mark.parametrize("piece", ["stop call ", "don't ", "remove me not ", "no more emails before ", "a b c "])
def test_the_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    short, long = work(piece * 50), work(piece * 200)
    assert long <= 4.2 * short + 1000


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, " \n" * 500_000, "stop " * 200_000, "@" * 300_000, "a@" * 100_000, ". " * 300_000, "\u202e" * 100_000, "-\n" * 200_000],
)  # fmt: skip
def test_a_very_long_text_is_read(text: str) -> None:
    assert reading(text).certainty <= 1


def test_a_stop_behind_much_text_is_found() -> None:
    filler = "lorem ipsum dolor. " * (MOST_CHARACTERS // 10)
    assert len(filler) > MOST_CHARACTERS
    assert reading(filler + "\n\nPlease unsubscribe me.").response == "unsubscribe"
    assert reading(filler + "\n\nWe have no budget.").response == "other"


def test_what_was_not_read_to_its_end_is_not_sure() -> None:
    whole = "We have no budget.\n\n"
    assert reading(whole).certainty >= 0.8
    assert reading(whole + "lorem ipsum dolor. " * 2000).certainty < 0.8
    assert reading(whole + " " * (MOST_FOR_STOPS + 1)).certainty < 0.8


def small(body: str) -> Phrases:
    return assemble_wording([read(f"phrases:\n  xx:\n{body}".encode(), "rules/reading/xx.yaml")]).phrases


def test_a_project_decides_what_its_words_mean() -> None:
    phrases = small("    says:\n      no_budget: {sure: [keine kohle ... da]}\n      hostile: {sure: [kohle]}\n")
    assert understand("Keine Kohle mehr da", phrases, TODAY).response == "hostile"
    assert understand("Yes", phrases, TODAY).response == "other"


def test_what_is_taken_out_covers_its_words_and_a_longer_phrase_stands_against_it() -> None:
    phrases = small(
        "    says:\n      stop_emailing:\n        sure: [stop, if you don't stop]\n        not: [don't stop, stop sign]\n"
    )
    for text, stops in (("stop", True), ("don't stop", False), ("If you don't stop, …", True), ("a stop sign", False)):
        assert (understand(text, phrases, TODAY).response in STOPS) == stops, text
    assert understand("a stop sign. Now stop", phrases, TODAY).certainty >= 0.8


def test_a_gap_ends_with_the_sentence() -> None:
    phrases = small("    says:\n      not_now: {sure: [not ... now]}\n")
    assert understand("not just right now", phrases, TODAY).certainty >= 0.8
    assert understand("not one two three four five now", phrases, TODAY).response == "other"
    assert understand("I may not. Call now", phrases, TODAY).response == "other"


def test_what_must_stand_alone_hints_in_a_longer_text() -> None:
    phrases = small("    sets: {polite: [please]}\n    says:\n      unsubscribe: {alone: [end]}\n")
    assert understand("END please", phrases, TODAY).certainty >= 0.8
    assert understand("The end is near", phrases, TODAY).response == "other"
    assert understand("We had a long and good talk about it. End.", phrases, TODAY).doubtful_stop


def test_stars_stand_for_the_rest_of_a_word() -> None:
    lexicon = Lexicon.of(small("    says:\n      other: {sure: ['unsub*', '*verteiler', '*mail*', yes]}\n"))
    assert lexicon.forms("unsubscribed").words == {"unsub*"}
    assert lexicon.forms("mailverteiler").words == {"*verteiler", "*mail*"}
    assert lexicon.forms("no").words == frozenset()


def test_findings_come_best_first() -> None:
    tokens = tokenize("We have no budget and no interest")
    found = findings_of(Search(INDEX, tokens).matches(), tokens, PHRASES)
    weights = [one.weight for one in found]
    assert weights == sorted(weights, reverse=True)
    assert weights
