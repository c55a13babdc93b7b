"""Whether two companies are one: by registrable domain, else by name without its legal form."""

from __future__ import annotations

import re
import unicodedata

from reengage.people.identifiers import canonical_domain, is_freemail, registrable

_ENDINGS = """
ab ag aktiengesellschaft aps as asa bv bvba co company corp corporation cv doo ehf eirl ev gbr gesmbh gmbh inc
incorporated jsc kabushikikaisha kft kg kgaa kk liability limited llc llp lp ltd ltda mbh nv ohg ooo oy oyj plc pllc
pte pty pvt rt sa sab sapi sarl sas sasu sca scs se sl slu spa spk spolka sprl spzoo srl sro tbk ug zrt
"""
_LEGAL_FORMS = frozenset(_ENDINGS.split())
"""Endings that say how a company is organised, as they read without dots."""

_ABBREVIATION = re.compile(r"\b(?:[^\W\d_]\s*[./]\s*)+[^\W\d_]\b\.?")
_ACCENTS = re.compile("[\u0300-\u036f]")

LONGEST = 500
"""Characters of a company's name that count; our choice: the longest registered ones have some 200."""


def company_key(name: str) -> str:
    """The name for comparison: case-folded, no accents, punctuation or legal form; empty if nothing is left."""
    words = _words(name[:LONGEST])
    while len(words) > 1 and (words[-1] in _LEGAL_FORMS or words[-1] == "and"):
        words.pop()
    return " ".join(words)[:LONGEST]


def same_company(name_a: str | None, domain_a: str | None, name_b: str | None, domain_b: str | None) -> bool | None:
    """Whether both are the same company; None where neither domains nor names can tell.

    A freemail domain names no company and counts as unknown.
    """
    sites = _site(domain_a), _site(domain_b)
    if all(sites):
        return sites[0] == sites[1]
    names = company_key(name_a or ""), company_key(name_b or "")
    return names[0] == names[1] if all(names) else None


def _words(name: str) -> list[str]:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold()))
    joined = _ABBREVIATION.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain)
    spelled = joined.replace("&", " and ").replace(".", "").replace("'", "").replace("\u2019", "")
    spaced = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", spelled))
    return spaced.replace("sp z oo", "spzoo").split()


def _site(domain: str | None) -> str | None:
    host = canonical_domain(domain) if domain else None
    return None if host is None or is_freemail(host) else registrable(host)
