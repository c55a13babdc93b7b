"""What each word of the language is for, in a sentence: the page of the reference and editors show the same."""

from __future__ import annotations

from collections.abc import Mapping

OWN_FIELD, OWN_SIGNAL = "a field of this project", "declared by a connector"
"""What there is to say of what a project adds itself."""

OF_RULES: Mapping[str, str] = {
    "id": "names the rule for ever, and is part of the key of its tasks; needed",
    "title": "one line for people",
    "description": "as many lines for people as you like",
    "who": "whom it is about; every held contact where it is missing",
    "when": "what has to happen; needed",
    "unless": "what stops the rule; any line of it is enough",
    "then": "`create_task`; needed",
    "cooldown": "how long the rule rests for a contact after its task",
    "good_for": "how long a signal that had to wait stays good, from when we received it",
    "before_promise": "`true`: a move to another company may come before the date that the contact named",
    "formerly": "ids that the rule had before, so that nothing is done twice after a rename",
    "enabled": "`false` switches the rule off",
}
"""What each key of a rule is for."""

OF_TASKS: Mapping[str, str] = {
    "subject": "why now, in the first 50 characters; needed",
    "note": "what stands between “why now” and what to do",
    "priority": "how soon it counts; a rule that a date alone can fire may only say `low`",
    "channel": "how to reach out, never on a channel that the person has closed",
    "owner": "whose task it is, or the e-mail address of a rep",
    "due": "until when, in the calendar of the owner",
    "bring": "the id of something in `rules/assets.yaml`",
}
"""What each key of `create_task` is for."""

OF_CONTACTS: Mapping[str, str] = {
    "said": "the last answer, where `rules/responses.yaml` makes a hold of it",
    "category": "the kind of no",
    "held": "resting until a date, or until there is a reason",
    "held_for": "how long the hold has lasted",
    "promised": "whether the date is one that the contact named",
    "title": "of the present job",
    "seniority": "of the present job",
    "department": "of the present job",
    "account": "the name of the company that the task would be about",
    "account_status": "of that company; `new` is not in the book, `unknown` is empty there",
    "owner": "the e-mail address of the contact's owner",
    "territory": "the owner's",
    "country": "the contact's",
    "last_contacted": "how long ago anybody of ours was in touch; under `unless` only",
    "open_task": "how long a task has been open; under `unless` only",
}
"""What each thing is that `who` and `unless` may ask about a contact."""

OF_SIGNALS: Mapping[str, str] = {
    "job_change": "a person moved to another company",
    "promotion": "a person has a new role in the same company",
    "left_company": "a person left; where to is not known",
    "team_expansion": "the company is hiring or has grown",
    "intent": "the company researches a topic",
    "visit": "somebody of the company looked at a page of ours",
    "funding": "the company raised money",
    "timer": "a date of a connector of kind `timer`",
    "snooze_ended": "the hold's date has come; follows from the hold",
    "contract_renewal": "their contract with a vendor ends; follows from the conversation",
}
"""What each signal tells."""

OF_BLOCKS: Mapping[str, str] = {
    "within": "how old the news may have been when we received it",
    "count": "how many signals that satisfy the other lines, within `within`",
    "after_quiet": "how long nothing was heard on the same topic before them",
}
"""What a signal under `when` may say beside its facts."""

OF_FACTS: Mapping[str, str] = {
    "new_title": "the title of the new role",
    "new_seniority": "of the new role; read from its title where the source does not say",
    "new_department": "of the new role; read from its title where the source does not say",
    "new_company": "the name of the company that they went to",
    "new_domain": "the domain of the company that they went to",
    "previous_title": "the title of the role before",
    "previous_company": "the name of the company that they left",
    "previous_domain": "the domain of the company that they left",
    "department": "the department that grows",
    "open_roles": "how many roles are open",
    "headcount_growth": "by how many per cent the team has grown",
    "topic": "what is researched, in the words of the source",
    "score": "how strongly, on the scale of the source",
    "page": "the page of ours that was looked at",
    "amount": "how much was raised, in the currency of the source",
    "stage": "which round it was, in the words of the source",
    "name": "the name that the connector gives its timer",
    "date": "the day itself",
    "due_in": "how long it is until that day",
    "words": "what the person said",
    "channels": "the channels that the stop closes; all where it is missing",
}
"""What each fact of a signal tells."""

OF_RANGES: Mapping[str, str] = {"at_least": "this or more", "at_most": "this or less"}
"""What the bounds of a range are."""

OF_GROUPS: Mapping[str, str] = {
    "any": "a list of which one is enough",
    "all": "a list of signals, each of which has to come",
    "apart": "how far the signals of `all` may lie apart",
}
"""What stands above lists of blocks."""

OF_FILES: Mapping[str, str] = {
    "rules": "who is woken by what, and the task that follows",
    "tests": "stories of one contact each, and what has to come of them",
    "responses": "what each answer of a contact means; one file of the project has it",
    "titles": "which seniority and department a title speaks of; one file of the project has it",
    "assets": "what a task may bring along; one file of the project has it",
    "replies": "what we say to an answer, in each language; one file of the project has it",
    "benchmarks": "what others report, for the learning report; one file of the project has it",
}
"""What a file of `rules/` may hold."""

OF_TESTS: Mapping[str, str] = {
    "name": "what the story shows; needed",
    "contact": "whom it is about; what is not said has a default",
    "signals": "what happens on which day",
    "expect": "what has to come of it on which day; needed",
}
"""What each key of a test is for."""

OF_DAYS: Mapping[str, str] = {
    "day": "the day, for example 2026-03-01; needed",
    "tasks": "the new tasks of that day; `[]` where nothing may happen",
    "because": "why nothing happens",
}
"""What each key of an expectation is for; a signal of a test has its `day` too."""

OF_GIVEN: Mapping[str, str] = {
    "first_name": "as the task greets them",
    "last_name": "as the task names them",
    "said": "their last answer",
    "held": "follows from the answer where it is missing",
    "category": "follows from the answer where it is missing",
    "held_since": "the day of that answer",
    "until": "the day on which the hold ends; follows from the answer where it is missing",
    "promised": "whether they named that day themselves",
    "promised_until": "the day that they named",
    "wake_on": "the only signals, topics or vendors that may wake them",
    "account": "the name of their company",
    "account_status": "of their company",
    "new_account_status": "of the company that a job change leads to",
    "owner": "the e-mail address of their owner",
    "vendor": "whose customer they are",
    "contract_ends": "the day on which their contract with that vendor ends",
    "last_contacted_on": "the day on which anybody of ours was last in touch; `held_since` where it is missing",
    "opted_out_on": "the day on which they said stop",
    "open_task_since": "since when a task for them has been open",
}
"""What each key of a test's contact is for, where it is not as in `who`."""

OF_EXPECTED: Mapping[str, str] = {
    "rule": "the id of the rule that makes the task",
    "priority": "how soon it counts",
    "channel": "the channel it was given",
    "subject": "the whole subject",
    "note": "the whole note",
    "due": "the day until which",
    "owner": "the e-mail address of whose task it is",
    "account": "the name of the company that it is about",
}
"""What a test may expect of a task."""


def given(name: str) -> str:
    """What a key of a test's contact is for."""
    return OF_GIVEN.get(name) or OF_CONTACTS.get(name, OWN_FIELD)
