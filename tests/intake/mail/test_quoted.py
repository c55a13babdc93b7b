"""What a sender wrote, and what a program put around it: a stop of theirs is never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reengage.intake.mail.quoted import own_words

OURS = "> Hi Dana,\n> may I call you?\n> Unsubscribe from our mails"

ATTRIBUTIONS = [
    "On Mon, Feb 2, 2026 at 10:00 AM Anna Roe <anna@us.example> wrote:",
    "On Mon, Feb 2, 2026 at 10:00 AM Anna Roe\n<anna@us.example> wrote:",
    "On Mon, 2 Feb 2026 at 10:00,\nAnna Roe <anna@us.example>\nwrote:",
    "On 2 Feb 2026, at 10:00, Anna Roe <anna@us.example> wrote:",
    "On 02/02/2026 10:00, Anna Roe wrote:",
    "On Monday, February 2, 2026, 10:00:00 AM GMT+1, Anna Roe <anna@us.example> wrote:",
    "Am 02.02.2026 um 10:00 schrieb Anna Roe:",
    "Am Mo., 2. Feb. 2026 um 10:00 Uhr schrieb Anna Roe <anna@us.example>:",
    "Am 02.02.26 um 10:00 schrieb Anna Roe\nvia Vertrieb <anna@us.example>:",
    "Anna Roe <anna@us.example> schrieb am Mo., 2. Feb. 2026, 10:00:",
    "Le lun. 2 févr. 2026 à 10:00, Anna Roe <anna@us.example> a écrit :",
    "El lun, 2 feb 2026 a las 10:00, Anna Roe (<anna@us.example>) escribió:",
    "Il giorno lun 2 feb 2026 alle ore 10:00 Anna Roe <anna@us.example> ha scritto:",
    "Op ma 2 feb 2026 om 10:00 schreef Anna Roe <anna@us.example>:",
    "Den mån 2 feb. 2026 kl 10:00 skrev Anna Roe <anna@us.example>:",
    "Em seg., 2 de fev. de 2026 às 10:00, Anna Roe <anna@us.example> escreveu:",
    "W dniu 2.02.2026 o 10:00, Anna Roe pisze i napisał(a):",
    "2026-02-02 10:00 GMT+01:00 Anna Roe <anna@us.example>:",
]

HEADERS = [
    "From: Anna Roe <anna@us.example>\nSent: Monday, February 2, 2026 10:00 AM\nTo: Dana\nSubject: Offer\n",
    "*From:* Anna Roe\n*Sent:* Monday, February 2, 2026 10:00 AM\n*To:* Dana\n*Subject:* Offer",
    "________________________________\nFrom: Anna Roe <anna@us.example>\nSent: Monday\nTo: Dana\nSubject: Offer\n",
    "Von: Anna Roe <anna@us.example>\nGesendet: Montag, 2. Februar 2026 10:00\nAn: Dana\nBetreff: Angebot\n",
    "Gesendet: Montag, 2. Februar 2026 um 10:00 Uhr\nVon: Anna Roe\nAn: Dana\nBetreff: Angebot",
    "De : Anna Roe\nEnvoyé : lundi 2 février 2026\nÀ : Dana\nObjet : Offre",
    "-----Original Message-----\nFrom: Anna Roe",
    "-----Ursprüngliche Nachricht-----",
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
    *(text for text in ATTRIBUTIONS),
]


@pytest.mark.parametrize("header", ATTRIBUTIONS)
def test_the_line_above_a_quote_goes_with_it(header: str) -> None:
    assert own_words(f"No thanks.\n\n{header}\n{OURS}") == "No thanks."
    assert own_words(f"{header}\n{OURS}\n\nStop writing to me.") == "Stop writing to me."


@pytest.mark.parametrize("header", HEADERS)
def test_below_a_header_everything_unmarked_is_quoted(header: str) -> None:
    text = f"Not now, try again in May.\n\n{header}\n\nHi Dana,\nmay I call?\nUnsubscribe from our mails\n"
    assert own_words(text) == "Not now, try again in May."


@pytest.mark.parametrize(
    "text",
    [
        "On 3 March 2026 your colleague wrote:\n may I call? I said no. Stop it.",
        "On Monday he wrote: stop.\nAnd I mean it.",
        "On reflection: stop writing to me.",
        "Am I still on your list? Remove me:",
        "Am Montag schrieb mir Ihr Kollege:\nBitte streichen Sie mich.",
        "From: me\nThat is all. Stop.",
        "To: sales\nSubject: stop it",
        "Hi\n____________________\nStop writing to me",
        "- remove me from your list\n- never call me again",
        "Thanks,\nbut please stop writing to me.",
        "--\nstop",
        ">From now on leave me alone",
        "From now on leave me alone",
        "This message is for your boss: stop calling me.",
        "The information you hold of me is confidential and was disclosed without my consent. Delete it.",
        "If you are not going to stop copying me, I will notify the authority of your unauthorised use.",
        "This message is confidential: my data was disclosed to you in error, so take me off your list.",
        "Sent from my phone, please stop emailing me",
        "Sent from my heart: stop",
        "Get me off this list",
        "Von mir aus: Abmelden",
        "unsubscribe",
    ],
)
def test_what_may_be_their_own_stays(text: str) -> None:
    assert own_words(text, ["unsubscribe", "If you want no more mails, unsubscribe here"]) == text


def test_answers_between_quotes_and_below_them_stay() -> None:
    assert own_words("> may I call?\nNo. Stop writing to me.\n> next week?\nNever.") == (
        "No. Stop writing to me.\nNever."
    )


@pytest.mark.parametrize("pointer", ["See my answers below in red.", "Siehe unten.", "below", "I replied inline"])
def test_who_says_that_the_answer_is_below_keeps_what_is_below(pointer: str) -> None:
    kept = own_words(f"{pointer}\n\n{HEADERS[0]}\nMay I call?\nNo, stop it.\n")
    assert "No, stop it." in kept
    assert "From: Anna" not in kept


def test_a_sentence_before_the_line_above_a_quote_stays() -> None:
    text = f"On Tuesday 3 I am away.\nOn 2 Feb 2026, at 10:00, Anna <anna@us.example> wrote:\n{OURS}"
    assert own_words(text) == "On Tuesday 3 I am away."
    text = f"On your 5 mails: stop.\nAnna <anna@us.example> wrote on 2 Feb 2026 10:00:\n{OURS}"
    assert own_words(text) == "On your 5 mails: stop."


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy smartphone.",
        "Get Outlook for iOS<https://aka.example/o0ukef>",
        "Von meinem iPhone gesendet",
        "Gesendet mit der GMX App",
        "Envoyé de mon iPhone",
        "Sent from Mail for Windows",
    ],
)
def test_what_a_telephone_adds_goes(line: str) -> None:
    assert own_words(f"No thanks\n\n{line}") == "No thanks"


def test_a_signature_goes_as_far_as_it_is_one() -> None:
    assert own_words("No.\n-- \nDana Fox\nTo unsubscribe from Initech news, click") == "No."
    assert own_words("No.\n-- \nDana Fox\n\nP.S. Stop calling me.") == "No.\nP.S. Stop calling me."
    assert own_words("Hi.\n-- \nDana\n> your offer\nStop.") == "Hi.\nStop."
    assert "line 40" in own_words("Hi.\n--\n" + "\n".join(f"line {number}" for number in range(41)))


@pytest.mark.parametrize(
    "notice",
    [
        "This e-mail is confidential and intended only for the addressee. If you received it in error,\nplease delete"
        " it and do not copy or distribute it.",
        "CONFIDENTIALITY NOTICE: the contents are privileged. Do not disclose them.",
        "If you are not the intended recipient, please notify the sender and delete this message.",
        "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen. Wenn Sie nicht der richtige\n"
        "Adressat sind oder diese E-Mail irrtümlich erhalten haben, informieren Sie bitte sofort den Absender und\n"
        "löschen Sie diese E-Mail. Das unerlaubte Kopieren sowie die unbefugte Weitergabe ist nicht gestattet.",
    ],
)
def test_legal_notices_go_without_what_stands_around_them(notice: str) -> None:
    assert own_words(f"Not now.\n\n{notice}\n\nStop.") == "Not now.\n\n\nStop."


def test_a_warning_of_a_mail_server_goes_alone() -> None:
    banner = "CAUTION: This email originated from outside of the organization. Do not click links."
    assert own_words(f"{banner}\nStop writing to me.") == "Stop writing to me."


def test_our_own_footers_go_where_something_else_is_said() -> None:
    footers = ["If you no longer want to hear from us, unsubscribe here or\nwrite to stop@us.example"]
    text = "Call me in May\n\nIf you no longer want to hear from us,\n unsubscribe  HERE or write to stop@us.example"
    assert own_words(text, footers) == "Call me in May"
    assert own_words(footers[0], footers) == footers[0]


def test_nothing_but_a_quote_leaves_nothing() -> None:
    assert own_words(OURS) == own_words("") == own_words(f"{ATTRIBUTIONS[0]}\n{OURS}") == ""


WORDS = st.sampled_from(
    [
        "stop",
        "writing",
        "no thanks,",
        "On Monday",
        "wrote:",
        "--",
        "Von: Anna",
        "On 2 Feb 2026",
        "Sent from",
        "",
        "me.",
        "Hi",
    ]
)
LINES = st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=12)


@given(st.text(max_size=400) | LINES.map("\n".join))
def test_only_whole_lines_are_cut_and_none_is_made(text: str) -> None:
    left = iter(line.strip() for line in text.splitlines())
    assert all(line.strip() in left for line in own_words(text).splitlines())


@given(LINES, st.lists(WORDS, min_size=1, max_size=5))
def test_another_quoted_block_changes_nothing(lines: list[str], quoted: list[str]) -> None:
    text = "\n".join([*lines, "That is all."])
    block = "\n".join(f"> {line}" for line in quoted)
    assert own_words(f"{text}\n\n{block}") == own_words(text)
    assert own_words(f"{text}\n\n{ATTRIBUTIONS[0]}\n{block}") == own_words(text)


@given(LINES)
def test_a_line_of_ones_own_above_everything_stays(lines: list[str]) -> None:
    assert own_words("\n".join(["Please stop now", *lines])).startswith("Please stop now")


@pytest.mark.parametrize(
    "line", ["to: x\n", "____________\n\n", "--\n", "this e-mail is\n", "On 3 Feb 2026 a\n", "> \n"]
)
def test_long_texts_of_one_kind_of_line_take_no_long(line: str) -> None:
    text = line * (60_000 // len(line))
    assert len(own_words(text)) <= len(text)
