"""The tables of what comes in: signals, what they were made of, and what could not be taken in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from reengage.store.tables import json_column

_WAITING = text("mapped_at IS NULL")


class ReceivedRow(SQLModel, table=True):
    """What a source sent, before anything is made of it: a file, a page of an answer, a webhook.

    `content` is its bytes (zlib), None where they are not kept: too many, too old, or about someone erased.
    `doubt` says why it is not to be believed. It is `mapped_at` when all of it was taken in, by the map of that hash.
    """

    __tablename__ = "received"
    __table_args__ = (
        UniqueConstraint("connector", "sha256"),
        Index(
            "received_waiting",
            "connector",
            sqlite_where=text("mapped_at IS NULL"),
            postgresql_where=text("mapped_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    connector: str
    sha256: str
    name: str
    size: int
    content: bytes | None = None
    doubt: str | None = None
    received_at: datetime
    recorded_at: datetime = Field(index=True)
    mapped_at: datetime | None = None
    map_hash: str | None = None
    rows: int = 0


class SourceStateRow(SQLModel, table=True):
    """Where we stand with a polled source; `origin` is the hash of what the cursor belongs to."""

    __tablename__ = "source_state"
    connector: str = Field(primary_key=True)
    origin: str
    cursor: datetime | None = None
    polled_at: datetime | None = None
    not_before: datetime | None = None
    disabled_why: str | None = None


class SignalRow(SQLModel, table=True):
    """Something that happened, once per (`source`, `id`); about a contact, a company, everybody, or nobody we know.

    A record of something received (`received_id`, `line`) is one signal, also when its connector's map has changed.
    """

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("source", "id"),
        Index("signal_of_record", "received_id", "line", unique=True),
        Index("signal_account_seq", "account_id", "seq"),
    )
    seq: int | None = Field(default=None, primary_key=True)
    source: str
    id: str
    kind: str = Field(index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    about_id: int | None = Field(default=None, foreign_key="account.id")
    occurred_at: datetime
    received_at: datetime
    recorded_at: datetime
    certainty: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=json_column(dict))
    keys: dict[str, Any] = Field(default_factory=dict, sa_column=json_column(dict))
    received_id: int | None = Field(default=None, foreign_key="received.id")
    line: int | None = None
    rejected_at: datetime | None = None
    confirmed_at: datetime | None = None


class SignalKeyRow(SQLModel, table=True):
    """A key of a signal about nobody we know: whoever is imported with it later is whom it was about."""

    __tablename__ = "signal_key"
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    seq: int = Field(foreign_key="signal.seq", primary_key=True)


class SignalUseRow(SQLModel, table=True):
    """A signal that went into a task of this contact, and never wakes it again."""

    __tablename__ = "signal_use"
    contact_id: int = Field(foreign_key="contact.id", primary_key=True)
    key: str = Field(primary_key=True)
    task_key: str
    recorded_at: datetime


class NewsRow(SQLModel, table=True):
    """Our order of arrival: whose answer may have changed (a contact, everyone at a company, or everybody)."""

    __tablename__ = "news"
    seq: int | None = Field(default=None, primary_key=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")
    recorded_at: datetime = Field(index=True)


class FileRow(SQLModel, table=True):
    """That a source of stops was heard: a file of it that came, or was imported."""

    __tablename__ = "file"
    connector: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    path: str
    rows: int
    recorded_at: datetime


class QuarantineRow(SQLModel, table=True):
    """A row that could not be taken in, kept with its place and the reason."""

    __tablename__ = "quarantine"
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    received_id: int | None = Field(default=None, foreign_key="received.id", index=True)
    path: str
    line: int
    reason: str
    raw: str
    recorded_at: datetime


class ReviewRow(SQLModel, table=True):
    """A question for a person: a doubtful move, an identity that points at two people, a provisional opt-out."""

    __tablename__ = "review"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    signal_seq: int | None = Field(default=None, foreign_key="signal.seq", unique=True)
    opt_out_id: int | None = Field(default=None, foreign_key="opt_out.id", unique=True)
    question: str
    recorded_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    answered_why: str | None = None
