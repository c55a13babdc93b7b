from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.language import values
from reengage.language.tree import Span
from reengage.language.values import NotUnderstood


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("14 days", Span(14, "day")),
        ("1 day", Span(1, "day")),
        ("6 weeks", Span(6, "week")),
        ("3 months", Span(3, "month")),
        ("1 year", Span(1, "year")),
        ("2 business days", Span(2, "business day")),
    ],
)
def test_a_duration_has_one_spelling_and_prints_as_written(text: str, meant: Span) -> None:
    assert values.span(text) == meant
    assert str(meant) == text


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("45d", '"45 days"'),
        ("1 days", '"1 day"'),
        ("6wks", '"6 weeks"'),
        ("3 Months", '"3 months"'),
        ("2 working days", '"2 business days"'),
        ("36 hours", "smallest unit is a day"),
        ("soon", "units: day, week, month, year, business day"),
        ("-3 days", "write a number and a unit"),
        ("\u0663 days", "write a number and a unit"),
        ("7301 days", "at most 7300 days"),
    ],
)
def test_another_spelling_of_a_duration_gets_advice(text: str, help: str) -> None:
    with pytest.raises(NotUnderstood) as problem:
        values.span(text)
    assert help in (problem.value.help or "")


def test_business_days_are_for_due_alone() -> None:
    with pytest.raises(NotUnderstood, match="only be used for"):
        values.calendar_span("2 business days")


@pytest.mark.parametrize(("text", "value"), [("70", 70), ("-3", -3), ("0.5", 0.5), ("70.0", 70)])
def test_numbers(text: str, value: float) -> None:
    assert values.number(text) == value


@pytest.mark.parametrize(
    "text", ["70%", "1,000", "0x10", "1e9", "nan", ".inf", "9" * 16, "\u0667", "", "1_000", "+1", "12:30"]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(NotUnderstood):
        values.number(text)


@pytest.mark.parametrize(
    ("text", "help"), [("yes", "did you mean true?"), ("NO", "did you mean false?"), ("True", "true?")]
)
def test_flags_are_true_or_false(text: str, help: str) -> None:
    assert values.flag("true") is True
    with pytest.raises(NotUnderstood) as problem:
        values.flag(text)
    assert help in (problem.value.help or "")


def test_days() -> None:
    assert values.day("2026-03-01") == date(2026, 3, 1)
    for text in ("2025-13-45", "2026-02-29", "20260301", "2026-W01-1", "1.3.2026", "\u0662\u0660\u0662\u0666-03-01"):
        with pytest.raises(NotUnderstood):
            values.day(text)


def test_a_misspelled_word_gets_the_nearest_one() -> None:
    with pytest.raises(NotUnderstood) as problem:
        values.choice("snoze", ["snooze", "suppressed"])
    assert problem.value.help == 'did you mean "snooze"?'


def test_an_id_gets_a_spelling_that_would_do() -> None:
    assert values.slug("job-change_2") == "job-change_2"
    with pytest.raises(NotUnderstood) as problem:
        values.slug("Job Change!")
    assert '"job-change"' in (problem.value.help or "")


PARSERS: list[Callable[[str], object]] = [
    values.span,
    values.calendar_span,
    values.number,
    values.whole_number,
    values.flag,
    values.day,
    values.slug,
    values.line_of_text,
]


@given(st.text(max_size=80), st.sampled_from(PARSERS))
def test_any_text_is_read_or_refused_in_words(text: str, parse: Callable[[str], object]) -> None:
    try:
        parse(text)
    except NotUnderstood as problem:
        assert problem.message.isprintable()  # noqa: PT017 - most texts parse


@given(st.text(max_size=60))
def test_folding_is_done_once(text: str) -> None:
    assert values.fold_text(f"  {text}\t") == values.fold_text(text)
