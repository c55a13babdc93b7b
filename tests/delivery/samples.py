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

RECALL = Recall("rx-0123456789abcdef0123", datetime(2026, 10, 1, 9, tzinfo=UTC))

_BITS = st.sampled_from(
    [
        *"=+-@<>|\"',;\\\t\r\n\x00\x07\x1b\x85\u2028\u202e\u200b\ufeff\uff1d\uff0b ",
        "null",
        "=cmd|' /C calc'!A0",
        "ü",
        "日本",
    ]
)
hostile = st.one_of(st.text(max_size=40), st.lists(_BITS, max_size=12).map("".join), st.text("ab ", max_size=700))
"""Texts that break files: formulas, quotes, line ends, invisible characters, and what is too long."""


@st.composite
def outgoing(draw: st.DrawFn) -> Outgoing:
    """A task of which every text is hostile; its key and words of ours are not."""
    texts = ("contact_id", "contact", "account", "owner", "subject", "because", "last_words", "note", "rule")
    ids = ("crm_contact_id", "crm_account_id", "crm_owner_id")
    drawn: dict[str, Any] = {name: draw(hostile) for name in texts}
    drawn |= {name: draw(hostile | st.just("67a1b2c3d4e5f6a7b")) for name in ids}
    number = draw(st.integers(0, 10**6))
    priority = draw(st.sampled_from(["high", "normal", "low"]))
    system = draw(st.sampled_from(["espocrm", "EspoCRM", "", "salesforce"]))
    evidence: Any = ({"kind": "intent", "facts": {"topic": draw(hostile)}},)
    return replace(DANA, key=f"rx-{number:020x}", priority=priority, crm_system=system, evidence=evidence, **drawn)
