"""The tables of the desk: how each message was handled, what is owed for it, and what reps did all day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from reengage.model.desk import SlaKind, SlaState
from reengage.model.words import Channel, Response
from reengage.store.tables import json_column, one_of


class HandlingRow(SQLModel, table=True):
    """How one message was handled; `key` names it, so that the same one twice changes nothing.

    The four steps in their order: acknowledged by an SLA reply, `suppressed_at`, `logged_at`, `improved_at`.
    `reading` is what the words were taken for; with a `question` a person has to say what they mean, until
    `answered_at`. Who wrote it may be nobody we know: then there is no contact, and nothing to log.
    """

    __tablename__ = "handling"
    __table_args__ = (one_of("response", Response),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id", index=True)
    opt_out_id: int | None = Field(default=None, foreign_key="opt_out.id", index=True)
    received_id: int | None = Field(default=None, foreign_key="received.id", index=True)
    sent_at: datetime
    channel: str | None = None
    response: str | None = None
    reading: dict[str, Any] = Field(default_factory=dict, sa_column=json_column(dict))
    question: str | None = None
    answered_at: datetime | None = None
    answered_why: str | None = None
    suppressed_at: datetime | None = None
    logged_at: datetime | None = None
    improved_at: datetime | None = None
    recorded_at: datetime


class SlaReplyRow(SQLModel, table=True):
    """What we owe for a message: an answer, a confirmation of a stop, an introduction to ask for. Never a rule's task.

    `due_at` with the arithmetic that led to it; it is met if it is done by then.
    """

    __tablename__ = "sla_reply"
    __table_args__ = (
        one_of("kind", SlaKind),
        one_of("state", SlaState),
        one_of("channel", Channel),
        Index("sla_reply_contact_kind", "contact_id", "kind"),
    )
    key: str = Field(primary_key=True)
    handling_id: int | None = Field(default=None, foreign_key="handling.id", index=True)
    contact_id: int = Field(foreign_key="contact.id")
    kind: str
    response: str
    channel: str
    owner: str
    action: str
    text: str
    language: str
    sla: str
    due_at: datetime
    arithmetic: str
    state: str = SlaState.OPEN
    created_at: datetime
    done_at: datetime | None = None
    why: str | None = None


class SlaDeliveryRow(SQLModel, table=True):
    """What is owed, handed to a target once; or taken back there. It is `placed` when its file is known to stand."""

    __tablename__ = "sla_delivery"
    sla_key: str = Field(foreign_key="sla_reply.key", primary_key=True)
    target: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    batch: str
    placed: bool = False
    recorded_at: datetime


class ActivityRow(SQLModel, table=True):
    """What a rep did on a day, in numbers; `sends` are e-mails, `dials` calls."""

    __tablename__ = "activity"
    rep_email: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    sends: int = 0
    dials: int = 0
    voicemails: int = 0
    contacts_researched: int = 0
    scripts_tested: int = 0
    complaints: int = 0
    unsubscribes: int = 0
    recorded_at: datetime
