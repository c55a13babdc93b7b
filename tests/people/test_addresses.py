"""E-mail addresses as people and exports write them: what is one address, what only looks like it, what a stop reaches."""

from __future__ import annotations

import pytest

from reengage.people.identifiers import canonical_email, lookup_keys, stored_keys

JOHN = "john.doe@example.com"

SAME = [
    # upper and lower case, spaces
    "John.Doe@Example.COM",
    "JOHN.DOE@EXAMPLE.COM",
    "  john.doe@example.com\t",
    "john.doe@example.com\r\n",
    "\u00a0john.doe@example.com\u00a0",
    "john.doe @ example.com",
    # with a name
    "John Doe <john.doe@example.com>",
    "John Doe<JOHN.DOE@example.com>",
    '"Doe, John" <john.doe@example.com>',
    "'John Doe' <john.doe@example.com>",
    "=?utf-8?Q?J=C3=B6hn?= <john.doe@example.com>",
    "john.doe@example.com <john.doe@example.com>",
    "John Doe (john.doe@example.com)",
    "John Doe [john.doe@example.com]",
    "<john.doe@example.com>",
    # as a link or an entry of a directory
    "mailto:john.doe@example.com",
    "mailto: john.doe@example.com",
    "mailto://john.doe@example.com",
    "MAILTO:john.doe%40example.com?subject=hello",
    "<mailto:john.doe@example.com>",
    "john.doe@example.com [mailto:john.doe@example.com]",
    "SMTP:john.doe@example.com",
    "E-mail: john.doe@example.com",
    "john.doe%40example.com",
    # with what stood around it
    "john.doe@example.com.",
    "john.doe@example.com;",
    "john.doe@example.com, ",
    "john.doe@example.com!",
    "<john.doe@example.com",
    "john.doe@example.com>",
    "(john.doe@example.com)",
    "'john.doe@example.com'",
    "`john.doe@example.com`",
    "“john.doe@example.com”",
    "«john.doe@example.com»",
    '"john.doe"@example.com',
    # invisible characters
    "john.doe@example.com\u200b",
    "john.doe\u200b@example.com",
    "\ufeffjohn.doe@example.com",
    "john.doe@example.com\ufeff",
    "john.doe\u00ad@example.com",
    "\u202ajohn.doe@example.com\u202c",
    "john\u2060.doe@example.com",
    # compatibility forms
    "ｊｏｈｎ．ｄｏｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "john.doe\ufe6bexample.com",
    "\U0001d423\U0001d428\U0001d421\U0001d427.doe@example.com",
    "john.doe@example\u3002com",
    "john.doe@example\uff61com",
    "john.doe@example\uff0ecom",
    # comments
    "john.doe(work)@example.com",
    "(a (nested) remark)john.doe@(here)example.com(there)",
    "john.doe@example.com (was jd@old.example)",
    "john.doe@www.example.com",
]
"""Ways to write john.doe@example.com."""

DIFFERENT = [
    "john.do\u0435@example.com",  # Cyrillic е
    "j\u043ehn.doe@example.com",  # Cyrillic о
    "john.d\u03bfe@example.com",  # Greek ο
    "john.doe@ex\u0430mple.com",  # Cyrillic а
    "john.doe@examp\u0142e.com",
    "john.do\u00e9@example.com",
    "j0hn.doe@example.com",
    "john.doe@examp1e.com",
    "johndoe@example.com",
    "john_doe@example.com",
    "john-doe@example.com",
    "john.doe+crm@example.com",
    "doe@example.com",
    "john.doe@mail.example.com",
    "john.doe@example.co",
    "john.doe@example.com.au",
    "john.doe@example.org",
]
"""Other mailboxes, however alike they look."""

ONE_AND_THE_SAME = [
    ("j@b\u00fccher.example", "j@xn--bcher-kva.example"),
    ("j@B\u00dcCHER.example", "j@bu\u0308cher.example"),
    ("j@\u043f\u0440\u0438\u043c\u0435\u0440.example", "j@xn--e1afmkfd.example"),
    ("j@\u4f8b\u3048.example", "j@xn--r8jz45g.example"),
    ("jos\u00e9@acme.example", "jose\u0301@acme.example"),
    ("JOS\u00c9@acme.example", "jos\u00e9@acme.example"),
    ("\u0396\u0395\u03a5\u03a3@acme.example", "\u03b6\u03b5\u03c5\u03c2@acme.example"),
]
"""International domains and mailboxes in two spellings."""

UNREADABLE = [
    "",
    "@",
    "<>",
    "n/a",
    "john.doe",
    "john.doe@",
    "@example.com",
    "john..doe@example.com",
    "a@example.com, b@example.com",
    "a@example.com;b@example.com",
    "A <a@example.com>, B <b@example.com>",
    "a@example.com (b@example.com) [c@example.com]",
    "john doe@example.com",
    "john.doe@localhost",
    "john.doe@[127.0.0.1]",
    "\x00a@example.com",
    "a@" + "b." * 5_000 + "com",
    "(" * 5_000,
    "[" * 5_000,
]
"""Not one address that can be read."""

REACHED = [
    ("john.doe+crm@example.com", JOHN),
    (JOHN, "john.doe+crm@example.com"),
    ("john.doe+a@example.com", "John.Doe+b@example.com"),
    ("john.doe@gmail.com", "johndoe@gmail.com"),
    ("j.o.h.n.doe+x@googlemail.com", "johndoe@gmail.com"),
    ("johndoe@gmail.com", "John.Doe@GoogleMail.com"),
    ("gro\u00df@acme.example", "gross@acme.example"),
]
"""A stop for the left one reaches the right one, and yet they are two identifiers."""

NOT_REACHED = [
    (JOHN, "johndoe@example.com"),
    ("john.doe@example.com", "john.doe@example.org"),
    ("john.doe@gmail.com", "john.doe@example.com"),
    ("john.do\u0435@example.com", JOHN),
    ("+crm@example.com", "+sales@example.com"),
]


@pytest.mark.parametrize("text", SAME)
def test_every_spelling_is_one_address(text: str) -> None:
    assert canonical_email(text) == JOHN


@pytest.mark.parametrize("text", DIFFERENT)
def test_a_look_alike_is_another_address(text: str) -> None:
    assert canonical_email(text) not in (None, JOHN)


@pytest.mark.parametrize(("left", "right"), ONE_AND_THE_SAME)
def test_international_spellings_are_one(left: str, right: str) -> None:
    assert canonical_email(left) == canonical_email(right) is not None


@pytest.mark.parametrize("text", UNREADABLE)
def test_no_single_readable_address(text: str) -> None:
    assert canonical_email(text) is None


def keys(text: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    address = canonical_email(text)
    assert address is not None
    return set(stored_keys("email", address)), set(lookup_keys("email", address))


@pytest.mark.parametrize(("stated", "known"), REACHED)
def test_a_tag_and_a_providers_dots_count_for_a_stop_but_not_for_identity(stated: str, known: str) -> None:
    assert canonical_email(stated) != canonical_email(known)
    assert keys(stated)[0] & keys(known)[1]


@pytest.mark.parametrize(("stated", "known"), NOT_REACHED)
def test_a_stop_leaves_other_mailboxes_alone(stated: str, known: str) -> None:
    assert not keys(stated)[0] & keys(known)[1]
