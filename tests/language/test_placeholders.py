from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.language.placeholders import allowed, faults, fill, names
from tests.language.sample import THEN, rule_of


def signal_names(when: str) -> set[str]:
    return {name for name in allowed(rule_of(when, THEN).when) if name.startswith("signal.")}


def test_one_signal_lends_all_its_facts() -> None:
    assert signal_names("when: intent") == {"signal.topic", "signal.score"}


def test_several_signals_lend_what_they_share() -> None:
    assert signal_names("when: {any: [job_change, promotion]}") == {
        "signal.new_title",
        "signal.new_seniority",
        "signal.new_department",
        "signal.previous_title",
    }
    assert signal_names("when: {all: [intent, visit]}") == set()


def test_filling_replaces_each_once() -> None:
    assert fill("{a.b} and {a.b}, {c.d}", {"a.b": "{c.d}", "c.d": "x"}) == "{c.d} and {c.d}, x"


@pytest.mark.parametrize("values", [{}, {"a.b": ""}])
def test_an_unknown_or_empty_value_is_never_filled_with_nothing(values: dict[str, str]) -> None:
    with pytest.raises(KeyError, match=r"a\.b"):
        fill("{a.b}", values)


@pytest.mark.parametrize(
    "text",
    [
        "{contact.__class__}",
        "{0.__init__.__globals__}",
        "{{7*7}}",
        "${7*7}",
        "{{''.__class__.__mro__}}",
        "{{'a'*10**9}}",
        "{account.name!r}",
        "{account.name:>999999999}",
        "{account}",
        "{}",
        "{account.name",
        "account.name}",
        "{ account.name }",
        "{account.name.upper}",
        "{account[name]}",
    ],
)
def test_nothing_but_names_is_a_placeholder(text: str) -> None:
    assert list(faults(text, {"account.name", "contact.first_name"}))


def test_percent_signs_are_just_text() -> None:
    assert not list(faults("100 %(x)s %1000000000d", set()))


@given(st.text(alphabet="{}.ab _!:", max_size=40))
def test_a_text_without_faults_can_be_filled(text: str) -> None:
    if not list(faults(text, {"a.b"})):
        assert set(names(text)) <= {"a.b"}
        assert "{" not in fill(text, {"a.b": "x"})
