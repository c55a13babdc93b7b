"""The page about the desk names every row of the sources that `responses.yaml` goes back to, and no other."""

from __future__ import annotations

from reengage.language.ruleset import load_rules
from reengage.model.words import Response
from tests.docs.pages import in_code, tables
from tests.examples.play import ROOT

PAGE = ROOT / "docs" / "desk.md"
RULES = load_rules(ROOT / "rules")


def test_every_row_that_an_answer_goes_back_to_is_told() -> None:
    named = [word for row in tables(PAGE, "row") for word in in_code(row[0])]
    served = {one for policy in RULES.responses.values() for one in policy.desk.rows}
    assert sorted(named) == sorted(served)


def test_the_five_answers_of_one_source_and_the_seven_of_the_other_have_their_clock() -> None:
    clocks = {response: str(policy.desk.sla) for response, policy in RULES.responses.items() if policy.desk.sla}
    assert clocks == {
        Response.STOP_EMAILING: "1 business hour",
        Response.NOT_RELEVANT: "4 business hours",
        Response.NOT_NOW: "4 business hours",
        Response.HOSTILE: "immediate",
        Response.UNSUBSCRIBE: "real_time",
        Response.NOT_INTERESTED: "4 business hours",
        Response.ALREADY_WITH_VENDOR: "4 business hours",
        Response.SEND_EMAIL: "4 business hours",
        Response.NO_BUDGET: "4 business hours",
        Response.WRONG_PERSON: "4 business hours",
        Response.STOP_CALLING: "1 business hour",
        Response.POSITIVE: "4 business hours",
    }


def test_every_template_is_there_in_english_and_german() -> None:
    for template in RULES.replies.templates.values():
        assert set(template.texts) == {"en", "de"}, template.name
