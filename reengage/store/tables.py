"""The tables. Writes go through the modules beside this one, which validate; the schema refuses the rest.

Rows that can change are versioned: a new row is added and `superseded_at` of the old one is set, so that any
earlier moment can be read again. `recorded_at` is when we knew, `occurred_at` and `since` when it was.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from reengage.model.optout import SHARING, EntryKind, Purpose, StatedBy
from reengage.model.words import Channel, HoldKind, Outcome, Response, TaskState


def one_of(column: str, words: Any) -> CheckConstraint:
    """That a column of text holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def json_column(empty: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """A column of JSON that is never NULL, but this when empty."""
    return Column(JSON, nullable=False, default=empty)


class AccountRow(SQLModel, table=True):
    """A company; `name_key` is its name without legal form, `domain` the registrable one."""

    __tablename__ = "account"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str = Field(index=True)
    domain: str | None = Field(default=None, unique=True)
    crm_id: str | None = None
    recorded_at: datetime


class AccountStatusRow(SQLModel, table=True):
    """How we stood with a company, from when to when."""

    __tablename__ = "account_status"
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    status: str
    recorded_at: datetime
    superseded_at: datetime | None = None


class OwnerRow(SQLModel, table=True):
    """A rep, as known from when to when."""

    __tablename__ = "owner"
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(index=True)
    name: str = ""
    crm_id: str | None = None
    time_zone: str | None = None
    country: str | None = None
    manager_email: str | None = None
    territory: str | None = None
    business_hours: str | None = None
    active: bool = True
    recorded_at: datetime
    superseded_at: datetime | None = None


class ContactRow(SQLModel, table=True):
    """A row of the book; `same_as` is the contact that stands for this human, where that is another one.

    `recheck_at` is when time alone may next change what is decided.
    """

    __tablename__ = "contact"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    same_as: int | None = Field(default=None, foreign_key="contact.id", index=True)
    recorded_at: datetime
    recheck_at: datetime | None = Field(default=None, index=True)


class ProfileRow(SQLModel, table=True):
    """A contact's name and owner, as known from when to when."""

    __tablename__ = "profile"
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    first_name: str = ""
    last_name: str = ""
    country: str | None = None
    owner_email: str | None = None
    crm_system: str | None = None
    crm_id: str | None = None
    own_fields: dict[str, Any] = Field(default_factory=dict, sa_column=json_column(dict))
    recorded_at: datetime
    superseded_at: datetime | None = None


class IdentityRow(SQLModel, table=True):
    """That two contacts were found to be one human, or not to be: only ever appended to.

    `asked` is whether a person or a CRM said so; the other rows tell what followed from a shared identifier.
    """

    __tablename__ = "identity"
    __table_args__ = (one_of("kind", ("merged", "split")),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    contact_id: int = Field(foreign_key="contact.id", index=True)
    other_id: int = Field(foreign_key="contact.id", index=True)
    asked: bool
    source: str
    because: str | None = None
    recorded_at: datetime


class IdentifierRow(SQLModel, table=True):
    """A canonical identifier of a contact; `shared` is one that several contacts have.

    A `detached` one was split off: it names this contact no more, but a stop on it still reaches it. A `doubtful` one
    came with a signal that may be about this contact or another: it names nobody, but this contact's stop covers it.
    """

    __tablename__ = "identifier"
    __table_args__ = (
        Index(
            "identifier_names_one",
            "kind",
            "value",
            unique=True,
            sqlite_where=text("NOT shared"),
            postgresql_where=text("NOT shared"),
        ),
    )
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", primary_key=True, index=True)
    shared: bool = False
    detached: bool = False
    doubtful: bool = False
    source: str
    recorded_at: datetime


class EmploymentRow(SQLModel, table=True):
    """A contact at a company since a moment (None: as far back as we know), from an import or a signal.

    `site` is the company's domain as the source wrote it, where that is a part of the company's.
    """

    __tablename__ = "employment"
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    title: str | None = None
    seniority: str | None = None
    department: str | None = None
    site: str | None = None
    since: datetime | None = None
    source: str
    recorded_at: datetime
    superseded_at: datetime | None = None


class ConversationRow(SQLModel, table=True):
    """An earlier exchange; `title` is the one they had then, `tags` what is to be learnt from it."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("key"), one_of("response", Response))
    id: int | None = Field(default=None, primary_key=True)
    key: str
    contact_id: int = Field(foreign_key="contact.id", index=True)
    at: datetime
    channel: str | None = None
    rep_email: str | None = None
    response: str | None = None
    category: str | None = None
    their_words: str | None = None
    topic: str | None = None
    vendor: str | None = None
    contract_ends: date | None = None
    call_back_on: date | None = None
    wake_on: list[str] = Field(default_factory=list, sa_column=json_column(list))
    referred_to: str | None = None
    recording_url: str | None = None
    notes: str | None = None
    title: str | None = None
    campaign: str | None = None
    script_variant: str | None = None
    tags: list[str] = Field(default_factory=list, sa_column=json_column(list))
    recorded_at: datetime


class HoldRow(SQLModel, table=True):
    """Why a contact rests, from when to when; the conversation it came from says more."""

    __tablename__ = "hold"
    __table_args__ = (one_of("kind", HoldKind),)
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    kind: str
    since: datetime
    until: date | None = None
    promised: bool = False
    response: str
    category: str | None = None
    wake_on: list[str] = Field(default_factory=list, sa_column=json_column(list))
    recorded_at: datetime
    superseded_at: datetime | None = None


class OptOutRow(SQLModel, table=True):
    """The ledger of stops: only ever appended to, numbered without gaps, each entry chained to the one before.

    `subject` and `evidence` are keyed digests, so that what they stand for can be erased; `refers_to` is the entry
    that a decision is about. `received_at` is when we heard of it, `effective_at` when it was said.
    """

    __tablename__ = "opt_out"
    __table_args__ = (one_of("kind", EntryKind), one_of("purpose", Purpose), one_of("stated_by", StatedBy))
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str
    scope: str
    subject: str = Field(index=True)
    channels: list[str] = Field(default_factory=list, sa_column=json_column(list))
    purpose: str
    stated_by: str
    source: str
    received_at: datetime
    effective_at: datetime
    refers_to: int | None = Field(default=None, foreign_key="opt_out.id", index=True)
    evidence: str
    key_id: str
    recorded_at: datetime
    previous: str
    hash: str = Field(unique=True)


class EvidenceRow(SQLModel, table=True):
    """Whom an entry is about and what was said, in plain words; `erased_at` is when all of it was taken away."""

    __tablename__ = "opt_out_evidence"
    opt_out_id: int = Field(foreign_key="opt_out.id", primary_key=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    identifier_kind: str | None = None
    identifier_value: str | None = Field(default=None, index=True)
    their_words: str | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_column=json_column(dict))
    erased_at: datetime | None = None


class ContactKeyRow(SQLModel, table=True):
    """Every key under which an opt-out would reach this contact: joined with `opt_out_key`, it answers who may not."""

    __tablename__ = "contact_key"
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", primary_key=True, index=True)


class OptOutKeyRow(SQLModel, table=True):
    """The keys an entry is filed under; a contact's identifiers are looked up by theirs.

    The kind `digest` is a keyed digest of a key whose plain form was erased.
    """

    __tablename__ = "opt_out_key"
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    opt_out_id: int = Field(foreign_key="opt_out.id", primary_key=True)


class OptedOutRow(SQLModel, table=True):
    """Which channels of a contact are closed: derived from the ledger in the transaction that changes it.

    The channel `sharing` is closed where nothing about this person may be passed on to a vendor.
    """

    __tablename__ = "opted_out"
    __table_args__ = (one_of("channel", (*Channel, SHARING)),)
    contact_id: int = Field(foreign_key="contact.id", primary_key=True)
    channel: str = Field(primary_key=True)
    excluded: bool = Field(default=False, primary_key=True)
    provisional: bool = False
    since: datetime | None = None
    opt_out_id: int = Field(foreign_key="opt_out.id")


class RunRow(SQLModel, table=True):
    """One evaluation, complete: there is no row for one that was not."""

    __tablename__ = "run"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    watermark: int
    signal_mark: int
    rules: dict[str, str] = Field(default_factory=dict, sa_column=json_column(dict))
    outcomes: dict[str, int] = Field(default_factory=dict, sa_column=json_column(dict))
    candidates: int
    settings: str = ""
    slot: datetime | None = Field(default=None, unique=True)


class RuleRevisionRow(SQLModel, table=True):
    """When a meaning of a rule was first run: it judges only what arrived later."""

    __tablename__ = "rule_revision"
    rule: str = Field(primary_key=True)
    revision: str = Field(primary_key=True)
    since_seq: int
    since: datetime | None = None


class DecisionRow(SQLModel, table=True):
    """What became of one candidate in one run, and why."""

    __tablename__ = "decision"
    __table_args__ = (one_of("outcome", Outcome), Index("decision_contact_run", "contact_id", "run_id"))
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    contact_id: int = Field(foreign_key="contact.id")
    outcome: str
    rule: str | None = None
    revision: str | None = None
    trigger: str | None = None
    reason: str
    recorded_at: datetime


class TaskRow(SQLModel, table=True):
    """One reason to reach out; `key` is its dedupe key, for ever."""

    __tablename__ = "task"
    __table_args__ = (
        one_of("state", TaskState),
        one_of("channel", Channel),
        Index("task_of_owner", "owner", "created_at"),
    )
    key: str = Field(primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    contact_id: int = Field(foreign_key="contact.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    account: str
    account_key: str = Field(index=True)
    rule: str
    revision: str
    trigger: str
    channel: str
    priority: str
    subject: str
    note: str
    due: date = Field(index=True)
    owner: str
    because: str
    last_words: str
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_column(list))
    state: str = TaskState.OPEN
    outcome: str | None = None
    outcome_notes: str | None = None
    created_at: datetime = Field(index=True)
    closed_at: datetime | None = None


class DeliveryRow(SQLModel, table=True):
    """A task handed to a target, once; a recall likewise. It is `placed` when its file is known to stand."""

    __tablename__ = "delivery"
    task_key: str = Field(foreign_key="task.key", primary_key=True)
    target: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    batch: str
    placed: bool = False
    recorded_at: datetime
