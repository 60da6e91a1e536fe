"""The tables, column by column.

The turns are the record: a contact's newest turn says where the conversation stands, and nothing
else is kept that could differ from it. Rows are added and never changed; apart are the clinic's,
and what an erasure takes out of a turn and a contact (`store.erasure`).

Sealed columns are encrypted with the secret of the installation and cannot be searched; they are
bound to their place, so that one moved to another row no longer opens (`store.sealing`).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

REVISION = "0010"
"""The migration that these tables belong to; a test compares it with the scripts."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, ISO 8601 text of a fixed width on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = datetime.fromisoformat(value) if dialect.name == "sqlite" else value
        return moment.astimezone(UTC)


# Names that do not depend on the database, so that migrations can speak of them.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

clinics = Table(
    "clinics",
    metadata,
    # Given by whoever adds the clinic; 1 is the one from the environment.
    Column("id", Integer, primary_key=True, autoincrement=False),
    # As it is printed and spoken.
    Column("name", Text, nullable=False),
    # Such as en-US: which numbers and local words its callers are given.
    Column("locale", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # Where it is reached, E.164. NULL: not known before the line is started with it.
    Column("phone", Text),
    # An IANA name, such as Europe/London. NULL: its country's usual one.
    Column("time_zone", Text),
    # JSON: what it has settled for itself (`duty.clinic`). NULL: nothing.
    Column("settings", Text),
)

clinic_facts = Table(
    "clinic_facts",
    metadata,
    # What of a clinic is part of what is said, as it was `since` then, until its next row.
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    Column("since", Instant, nullable=False),
    Column("name", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("phone", Text),
)

numbers = Table(
    "numbers",
    metadata,
    # At which the line answers for that clinic, E.164. One that is not here is the first clinic's.
    Column("number", Text, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    # A keyed hash of clinic and address: finds a contact without keeping the number in the clear.
    # NULL, both: erased.
    Column("fingerprint", LargeBinary),
    # Sealed. A number, a SIP address, or for a hidden caller the call itself ("call:CA...").
    Column("address", LargeBinary),
    # When the first turn was heard.
    Column("created_at", Instant, nullable=False),
    # Sealed: the number on which they may be called back, E.164, for an address that is none.
    # NULL: none was given, or it was erased.
    Column("callback", LargeBinary),
    UniqueConstraint("fingerprint", "clinic_id"),
)

conversations = Table(
    "conversations",
    metadata,
    # A UUID of version 7 made from `started_at`: sorting by it is sorting by start.
    Column("id", Text, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, index=True),
    # The id and the version of the flow that it was begun under.
    Column("flow", Text, nullable=False),
    Column("flow_version", Text, nullable=False),
    # When its first turn was heard.
    Column("started_at", Instant, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    # From 1 within the conversation.
    Column("number", Integer, primary_key=True, autoincrement=False),
    # The conversation's contact, and the turn's place among all turns of that contact, from 1.
    # Two messages of one contact at the same moment both want the same place: one must wait for
    # the other, whether they go on with a conversation or begin a new one.
    # (Copies, like clinic_id, of what the conversation leads to: unique keys need them here. A
    # foreign key on them would make every turn lock the row of its clinic.)
    Column("contact_id", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    # The carrier's own key: "SM..." of a text, "CA...:7" of a turn of a call. A request that
    # comes again finds its turn by it.
    Column("clinic_id", Integer, nullable=False),
    Column("sid", Text, nullable=False),
    # The carrier's idempotency token. NULL: it sent none.
    Column("token", Text),
    # Keyed hashes: of the turn in clear, and of all turns of the contact up to it (`store.chain`).
    Column("digest", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    # When and why it was erased, and the mark that says who could. NULL, all three: it was not.
    Column("erased_at", Instant),
    Column("erased_because", Text),
    Column("tombstone", LargeBinary),
    # When it was heard.
    Column("at", Instant, nullable=False),
    # What was heard: "sms" or another channel, its medium ("text", "voice"), the kind of thing
    # ("text", "digits", "speech", "silence", "arrival", "hang_up", ...).
    Column("channel", Text, nullable=False),
    Column("medium", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # Sealed: the words or keys, as they came. NULL: none.
    Column("heard", LargeBinary),
    # The speech recogniser's confidence, 0 to 1; 1 for anything that was not recognised.
    Column("confidence", Float, nullable=False),
    # How many pictures or files came with it.
    Column("attachments", Integer, nullable=False),
    # STOP, START or HELP. NULL: the carrier did not say that it had answered such a word itself.
    Column("keyword", Text),
    # The number of the turn that it answers. NULL: the channel cannot tell.
    Column("in_reply_to", Integer),
    # The id of the question which that turn had put. NULL: none, or the channel cannot tell.
    Column("question", Text),
    # The id of the question that was open when it was heard. NULL: none was.
    Column("asked", Text),
    # How it was understood: an answer, a request or a miss, and the rule that says so.
    # NULL, both: there was nothing to understand, as when a call begins or ends.
    Column("meaning", Text),
    Column("rule", Text),
    # JSON: the red flags found in the words. NULL: nothing to understand.
    Column("flags", Text),
    # Sealed JSON: the messages, each of its paragraphs with key and words. NULL: nothing is said.
    Column("said", LargeBinary),
    # The state that the turn leaves: JSON, and its position for lists (consent, a question's id
    # or a disposition's id). NULL: erased.
    Column("state", Text),
    Column("position", Text, nullable=False),
    # JSON: what the clinic must be told, [] for nothing.
    Column("alerts", Text, nullable=False),
    # Whether the call is put through to the clinic; whether it is ended after the words.
    Column("connect", Boolean, nullable=False),
    Column("hang_up", Boolean, nullable=False),
    UniqueConstraint("contact_id", "ordinal"),
    # What tells most comes first: on a new database, where all clinics are one, PostgreSQL would
    # otherwise take any of these for as good as the right one.
    UniqueConstraint("sid", "clinic_id"),
)

_token = turns.c.token
Index(
    "uq_turns_token_clinic_id",
    _token,
    turns.c.clinic_id,
    unique=True,
    sqlite_where=_token.is_not(None),
    postgresql_where=_token.is_not(None),
)

sign_offs = Table(
    "sign_offs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    # Of the content that was signed (`flows.content`), and its flow.
    Column("digest", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("flow_version", Text, nullable=False),
    # JSON: each red flag's question and tier at that time, to tell what was lowered since.
    Column("red_flags", Text, nullable=False),
    # Who signed, in what role, and the number under which they are registered to practise.
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("registration", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # A keyed hash of all the above: without the secret nobody signs.
    Column("mark", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    # What must happen after a turn, or at a time: a text, a call, a look at the clock. The row
    # stays when it has happened: it is the record of it.
    Column("id", Integer, primary_key=True),
    # What makes it the same thing: asked for twice, it is there once.
    Column("key", Text, nullable=False, unique=True),
    # No foreign key: every turn would lock the row of its clinic.
    Column("clinic_id", Integer, nullable=False),
    # The conversation that it belongs to. NULL: none.
    Column("conversation_id", ForeignKey("conversations.id"), index=True),
    # What it is, which decides who handles it, and its lane (`store.outbox.Lane`).
    Column("kind", Text, nullable=False),
    Column("lane", Text, nullable=False),
    # JSON: ids and numbers of turns. No words, and no number of a patient.
    Column("payload", Text, nullable=False),
    # Our own number that it goes out from, E.164. NULL: the clinic's usual one.
    Column("sender", Text),
    Column("created_at", Instant, nullable=False),
    # When there is something to do. NULL: there is nothing left.
    Column("due_at", Instant),
    # Who is at it, and until when nobody else takes it. NULL, both: nobody is.
    Column("lease_by", Text),
    Column("lease_until", Instant),
    # How often the carrier was asked, and when last.
    Column("attempts", Integer, nullable=False),
    Column("tried_at", Instant),
    # `store.outbox.Stage`, and why it is so, a plain word. NULL: nothing to say.
    Column("stage", Text, nullable=False),
    Column("reason", Text),
    # The place among the texts of its number, once it has one. NULL: none yet.
    Column("slot_at", Instant),
    # The carrier's own: its key, its newest state and that state's rank, the code of its error.
    Column("carrier_sid", Text),
    Column("carrier_state", Text),
    Column("carrier_rank", Integer, nullable=False),
    Column("error_code", Integer),
    # When the carrier took it; when it was there, or was known not to get there.
    Column("sent_at", Instant),
    Column("settled_at", Instant),
)
_due = outbox.c.due_at.is_not(None)
Index(
    "ix_outbox_lane_due_at",
    outbox.c.lane,
    outbox.c.due_at,
    sqlite_where=_due,
    postgresql_where=_due,
)
_taken = outbox.c.carrier_sid.is_not(None)
Index(
    "ix_outbox_carrier_sid",
    outbox.c.carrier_sid,
    sqlite_where=_taken,
    postgresql_where=_taken,
)

senders = Table(
    "senders",
    metadata,
    # A number of ours, or a service of the carrier's that has several.
    Column("sender", Text, primary_key=True),
    # Milliseconds since 1970: when what was given a slot last has gone out.
    Column("free_at", BigInteger, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    # Which process it is: its kind, its host, and something of its own.
    Column("name", Text, primary_key=True),
    # "worker", "clock", ...
    Column("kind", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    # When it last said that it goes on.
    Column("seen_at", Instant, nullable=False),
)
