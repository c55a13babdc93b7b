"""The one canonical form of an e-mail address, a LinkedIn profile and a domain; by what keys a stop reaches them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Literal
from urllib.parse import unquote, urlsplit

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, ValidatedEmail, validate_email
from publicsuffixlist import PublicSuffixList

from reengage.people.phones import WHOLE, national
from reengage.people.visible import LONGEST, REMEMBERED, visible

Key = tuple[str, str]
"""(kind, value): what an opt-out is filed under and looked up by."""

LinkedinKind = Literal["linkedin", "linkedin_sales"]

LONGEST_SLUG = 500
"""Characters of what names a profile in its link; our choice: LinkedIn gives out 100."""


_FULL_STOPS = str.maketrans({"\u3002": ".", "\uff61": "."})
_NAMED = re.compile(
    r"[^<>]*<([^<>]+)>[^<>]*|[^@()]*\(([^@()]+@[^@()]+)\)[^@()]*|[^@\[\]]*\[([^@\[\]]+@[^@\[\]]+)\][^@\[\]]*"
)
_LABEL = re.compile(r"(?:mailto|smtp|e-?mail)\s*:(?://)?\s*", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"\s@\\]+)"\s*@')
_SHELL = "<>()[]{}'\"`´‘’‚‛“”„«»‹› \t"
_MENTIONED = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+[^\s<>()\[\],;:\"'.!?]")
_COMMENT = re.compile(r"\([^()]*\)|\[mailto:[^\[\]]*\]", re.IGNORECASE)
_LINKEDIN = r"(?:https?:)?/{0,2}(?:[a-z0-9-]+\.)*linkedin\.com\.?(?::\d+)?/+"
_ENDS_SLUG = re.escape(f"/?#&,;\\{_SHELL}") + r"\s"
_SLUG, _AFTER = f"([^{_ENDS_SLUG}]+)", f"(?:[{_ENDS_SLUG}].*)?"
_PROFILE = re.compile(rf"{_LINKEDIN}(?:(?:mwlite|comm|m)/)*(?:profile/)?in/+{_SLUG}{_AFTER}", re.IGNORECASE)
_OLD_PROFILE = re.compile(rf"{_LINKEDIN}pub/+(?!dir/){_SLUG}{'/([0-9a-f]{1,3})' * 3}{_AFTER}", re.IGNORECASE)
_SALES_LEAD = re.compile(rf"{_LINKEDIN}sales/(?:lead|people)/([\w-]+){_AFTER}", re.IGNORECASE)
_TWO_LINKS = re.compile(r"linkedin\.com.*[\s,;|\]]\S*linkedin\.com", re.IGNORECASE)


_HOST = r"(?!www\.)(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+([a-z]{2,24})"
_PLAIN_HOST = re.compile(rf"(?=.{{1,63}}\Z){_HOST}")
_PLAIN_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@.{{1,63}}\Z)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@{_HOST}")
_PLAIN_PROFILE = re.compile(rf"https?://(?:www\.)?linkedin\.com/in/([A-Za-z0-9_-]{{1,{LONGEST_SLUG}}})/?")
_RESERVED = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)


def _plainly(form: re.Pattern[str], text: str) -> str | None:
    """A text that is its own canonical form but for capitals, as nearly all are: reading it thoroughly takes 50 times
    as long, and gives the same."""
    plain = text.strip().lower() if text.isascii() else ""
    found = form.fullmatch(plain)
    return plain if found and found[1] not in _RESERVED else None


@lru_cache(REMEMBERED)
def canonical_email(text: str) -> str | None:
    """The address in lower case with an ASCII domain; None where there is not exactly one readable address."""
    return _plainly(_PLAIN_ADDRESS, text) or _address_in(text)


def _address_in(text: str) -> str | None:
    parts = _address(_bare_address(text))
    return f"{_fold(parts.local_part)}@{_bare_host(parts.ascii_domain)}" if parts else None


def canonical_linkedin(text: str) -> tuple[LinkedinKind, str] | None:
    """`linkedin.com/in/<slug>`, or the opaque Sales Navigator lead, whose upper and lower case differ.

    The `/pub/<name>/a/b/c` of old is the slug `<name>-cba` of today, with `b` and `c` filled up to three digits.
    None for anything but one link to a person.
    """
    if plain := _PLAIN_PROFILE.fullmatch(text):
        return "linkedin", f"linkedin.com/in/{plain[1].lower()}"
    link = visible(text).strip(_SHELL)
    link = link if "/" in link else unquote(link)
    if _TWO_LINKS.search(link):
        return None
    if (found := _SALES_LEAD.fullmatch(link)) and len(found[1]) <= LONGEST_SLUG:
        return "linkedin_sales", f"linkedin.com/sales/lead/{found[1]}"
    if found := _OLD_PROFILE.fullmatch(link):
        name, a, b, c = found.groups()
        return _profile(f"{name}-{c.zfill(3)}{b.zfill(3)}{a}")
    return _profile(found[1]) if (found := _PROFILE.fullmatch(link)) else None


def addresses_in(text: str) -> tuple[str, ...]:
    """The canonical e-mail addresses that a text mentions, in order."""
    found = (canonical_email(mention) for mention in _MENTIONED.findall(text[:LONGEST]))
    return tuple(dict.fromkeys(address for address in found if address))


@lru_cache(REMEMBERED)
def canonical_domain(text: str) -> str | None:
    """The host of a URL, an e-mail address or a domain: lower case, punycode, without `www.`; None if unreadable."""
    return _plainly(_PLAIN_HOST, text) or _host_in(text)


def _host_in(text: str) -> str | None:
    link = visible(text).translate(_FULL_STOPS).removeprefix("*.")
    try:
        host = urlsplit(link if "//" in link else f"//{link.removeprefix('mailto:')}").hostname
    except ValueError:
        return None
    parts = _address(f"x@{host.strip('.')}") if host else None
    return _bare_host(parts.ascii_domain) if parts else None


@lru_cache(REMEMBERED)
def registrable(domain: str) -> str | None:
    """The part of a canonical domain that someone registered; None for a public suffix such as `co.uk`."""
    found: str | None = _suffixes().privatesuffix(domain)
    return found


def is_freemail(domain: str) -> bool:
    """Whether anyone can have an address at this domain, so that it names no company."""
    return domain in FREEMAIL


def is_role_address(email: str) -> bool:
    """Whether a canonical address is a shared mailbox such as info@ that names nobody in particular."""
    local = email.rpartition("@")[0].partition("+")[0]
    return re.sub(r"[-_.]", "", local) in ROLES


def stored_keys(kind: str, value: str) -> tuple[Key, ...]:
    """What an opt-out for this canonical identifier is filed under."""
    if kind not in _WIDER:
        return ((kind, value),)
    return tuple(dict.fromkeys(((kind, value), *_loose_keys(kind, value))))


def lookup_keys(kind: str, value: str) -> tuple[Key, ...]:
    """What a contact's canonical identifier is looked up by: any key in common with `stored_keys` is a stop."""
    return (
        tuple(dict.fromkeys((*stored_keys(kind, value), *_domain_keys(kind, value))))
        if kind in _WIDER
        else ((kind, value),)
    )


_WIDER = frozenset({"email", "phone", "domain"})
"""Kinds that have keys beside their own."""


def _loose_keys(kind: str, value: str) -> Iterator[Key]:
    """Wider forms, equal for addresses or numbers that reach the same person."""
    if kind == "email":
        yield "email_any", _provider_folded(value.casefold())
    if kind == "phone":
        yield from (("phone9", digits.lstrip("0")[-WHOLE:]) for digits in (value.lstrip("+"), national(value)))


def _domain_keys(kind: str, value: str) -> Iterator[Key]:
    if kind in ("email", "domain"):
        yield from _with_parents(value.rpartition("@")[2])


@lru_cache(REMEMBERED)
def _with_parents(domain: str) -> tuple[Key, ...]:
    return tuple(("domain", one) for one in _parents(domain))


def _parents(domain: str) -> Iterator[str]:
    top = registrable(domain) or domain
    while domain != top:
        yield domain
        domain = domain.partition(".")[2]
    yield top


def _provider_folded(email: str) -> str:
    local, _, domain = email.rpartition("@")
    plain = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        return f"{plain.replace('.', '')}@gmail.com"
    return f"{plain}@{domain}"


def _fold(text: str) -> str:
    """In lower case; that takes a few letters apart, so they are put together again. An ß is not two s."""
    return unicodedata.normalize("NFKC", text.lower())


def _bare_address(text: str) -> str:
    """The address out of a display name, `mailto:`, comments and the punctuation of a sentence."""
    plain = visible(text).translate(_FULL_STOPS)
    if named := _NAMED.fullmatch(plain):
        plain = next(filter(None, named.groups())).strip()
    if label := _LABEL.match(plain):
        plain = plain[label.end() :].partition("?")[0]
    if label or "@" not in plain:
        plain = unquote(plain)
    while (without := _COMMENT.sub("", plain)) != plain:
        plain = without
    plain = _QUOTED.sub(r"\1@", plain).lstrip(_SHELL).rstrip(_SHELL + ".,;:!?")
    return re.sub(r"\s*@\s*", "@", plain)


def _address(plain: str) -> ValidatedEmail | None:
    try:
        return validate_email(plain, check_deliverability=False)
    except (EmailNotValidError, ValueError):
        return None


def _bare_host(host: str) -> str:
    """The host without `www.`, unless that would leave a public suffix."""
    while host.startswith("www.") and registrable(host[4:]):
        host = host[4:]
    return host


def _profile(slug: str) -> tuple[LinkedinKind, str] | None:
    plain = _fold(visible(unquote(slug))).rstrip(".")
    readable = re.fullmatch(_SLUG, plain) and "%" not in plain and len(plain) <= LONGEST_SLUG
    return ("linkedin", f"linkedin.com/in/{plain}") if readable else None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


_FREEMAIL = """
126.com 163.com aim.com aol.com att.net bellsouth.net bigpond.com bluewin.ch bol.com.br btinternet.com comcast.net
cox.net daum.net duck.com fastmail.com fastmail.fm foxmail.com free.fr freemail.hu freenet.de gmail.com gmx.at
gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.ca hotmail.co.uk hotmail.com hotmail.de
hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com inbox.com interia.pl laposte.net libero.it live.ca
live.co.uk live.com live.fr live.nl mac.com mail.com mail.ru me.com msn.com naver.com o2.pl onet.pl orange.fr
outlook.com outlook.de outlook.es outlook.fr pm.me proton.me protonmail.com qq.com rediffmail.com rocketmail.com
sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com t-online.de talktalk.net telenet.be terra.com.br
tiscali.it tutanota.com uol.com.br verizon.net virgilio.it virginmedia.com wanadoo.fr web.de wp.pl xtra.co.nz
yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr
yahoo.it yandex.com yandex.ru ymail.com ziggo.nl zohomail.com
"""
FREEMAIL = frozenset(_FREEMAIL.split())
"""Common providers of private mailboxes; their domains never stand for an account."""

_ROLES = """
abuse accounting accounts accountspayable admin administration administrator all ap ar billing board bookings
bonjour business buchhaltung careers comercial compliance compras contact contacto contactus contato customercare
customerservice customersupport dataprotection datenschutz devops dpo einkauf enquiries enquiry everyone events
feedback finance frontdesk general gdpr hallo hello help helpdesk hi hola hostmaster hr info information inquiries
inquiry investors invoices invoicing it itsupport jobs kontakt legal mail mailbox management marketing media news
newsletter noreply donotreply office operations ops orders partners payments post postmaster press privacy
procurement purchasing reception recruiting recruitment returns root sales salesteam secretary security service
services shop staff suporte support team technik techsupport unsubscribe ventas vertrieb web webmaster welcome
"""
ROLES = frozenset(_ROLES.split())
"""Names of shared mailboxes, without dots, dashes and underscores."""
