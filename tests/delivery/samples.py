"""Tasks on their way out, sober and hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from reengage.delivery.outgoing import Outgoing, Recall

AT = datetime(2026, 9, 28, 7, tzinfo=UTC)

DANA = Outgoing(
    key="rx-0123456789abcdef0123",
    contact_id="C-1",
    contact="Dana Reyes",
    account="Initech",
    owner="pat@us.example",
    owner_name="Pat Doyle",
    channel="email",
    priority="high",
    due=date(2026, 9, 30),
    subject="Dana is now VP Sales at Hooli",
    because="moved to Hooli as VP Sales",
    last_words="“Ask me again, after the summer”",
    note="Why now: moved to Hooli.\nLast time: 2 Mar 2026 by phone.",
    rule="job-change-not-now",
    evidence=({"kind": "job_change", "facts": {"new_title": "VP Sales"}},),
    crm_system="espocrm",
    crm_contact_id="67a1b2c3d4e5f6a7b",
    crm_account_id="acc1",
    crm_owner_id="u1",
    created_at=AT,
)

_IDS = {
    "espocrm": ("67a1b2c3d4e5f6a7b", "acc1", "u1"),
    "odoo": ("4207", "7301", "9002"),
    "salesforce": ("0035g00000AbCdEAAV", "0015g00000AbCdEAAV", "0055g00000AbCdEAAV"),
    "hubspot": ("401", "8801", "u1"),
    "pipedrive": ("1207", "31", "u1"),
}


def known_to(crm: str, task: Outgoing = DANA) -> Outgoing:
    """The task, with the ids by which this CRM knows its people."""
    contact, account, owner = _IDS[crm]
    return replace(task, crm_system=crm, crm_contact_id=contact, crm_account_id=account, crm_owner_id=owner)


RECALL = Recall("rx-0123456789abcdef0123", datetime(2026, 10, 1, 9, tzinfo=UTC), "pat@us.example", "Pat Doyle")

_BITS = st.sampled_from(
    [
        *"=+-@<>|\"',;\\\t\r\n\x00\x07\x1b\x85\u2028\u202e\u200b\ufeff\uff1d\uff0b ",
        "null",
        "#N/A",
        "<br>",
        "&lt;",
        "=cmd|' /C calc'!A0",
        "ü",
        "日本",
    ]
)
hostile = st.one_of(st.text(max_size=40), st.lists(_BITS, max_size=12).map("".join), st.text("ab ", max_size=700))
"""Texts that break files: formulas, quotes, line ends, invisible characters, and what is too long."""


_KNOWN_IDS = st.sampled_from(sorted({id for ids in _IDS.values() for id in ids}))


@st.composite
def outgoing(draw: st.DrawFn) -> Outgoing:
    """A task of which every text is hostile; its key and words of ours are not."""
    texts = (
        "contact_id",
        "contact",
        "account",
        "owner",
        "owner_name",
        "subject",
        "because",
        "last_words",
        "note",
        "rule",
    )
    ids = ("crm_contact_id", "crm_account_id", "crm_owner_id")
    drawn: dict[str, Any] = {name: draw(hostile) for name in texts}
    drawn |= {name: draw(hostile | _KNOWN_IDS) for name in ids}
    number = draw(st.integers(0, 10**6))
    priority = draw(st.sampled_from(["high", "normal", "low"]))
    channel = draw(st.sampled_from(["email", "phone", "linkedin", "sms", "post"]))
    system = draw(st.sampled_from(["EspoCRM", "", *_IDS]))
    evidence: Any = ({"kind": "intent", "facts": {"topic": draw(hostile)}},)
    return replace(
        DANA, key=f"rx-{number:020x}", priority=priority, channel=channel, crm_system=system, evidence=evidence, **drawn
    )
