"""The tables of the lists that staff look at, and of what staff did, column by column.

`cards`, `card_marks` and `words` are derived from the turns (`store.cards`), and can be made again
from them at any time: nothing decides from them. `actions` are the staff's own, and are kept.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from store.tables import Instant, metadata

cards = Table(
    "cards",
    metadata,
    # One row for each conversation.
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("clinic_id", Integer, nullable=False),
    # Where it stands among the clinic's others (`store.cards.Place`); within one place the newest
    # conversation comes first, which its id says.
    Column("place", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    # The names of the channels in the order in which they were first used, a space between.
    Column("channels", Text, nullable=False),
    # That of the last turn.
    Column("language", Text, nullable=False),
    # The tier where it ended, "open", or "erased".
    Column("standing", Text, nullable=False),
    # The id of the disposition where it stands, and since when. NULL, both: it is open.
    Column("disposition", Text),
    Column("ended_at", Instant),
    # What the clinic has been told of, in that order, a space between; "" for nothing.
    Column("told", Text, nullable=False),
    # Since when something waits to be acknowledged. NULL: nothing does.
    Column("waiting_since", Instant),
    # When something was acknowledged last. NULL: never.
    Column("acknowledged_at", Instant),
    # When what came of it was written down. NULL: it was not, or something new has come since.
    Column("settled_at", Instant),
    # The id of the staff member who looks after it. NULL: nobody in particular.
    Column("assignee", Integer),
    # The conversation's id once more, by which lists are sorted. Sorted by the primary key itself,
    # PostgreSQL would walk that, over every card there is, to find a few that are rare.
    Column("sort_id", Text, nullable=False),
    # Each list is one of these, walked from its end.
    Index(None, "clinic_id", "place", "sort_id"),
    Index(None, "clinic_id", "standing", "place", "sort_id"),
    Index(None, "clinic_id", "language", "place", "sort_id"),
    Index(None, "clinic_id", "assignee", "place", "sort_id"),
)

card_marks = Table(
    "card_marks",
    metadata,
    # What a conversation is found by, or what its list says of it, of which it can have several:
    # "channel:voice", "question:bladder", "skipped:saddle".
    Column("conversation_id", ForeignKey("cards.conversation_id"), primary_key=True),
    Column("mark", Text, primary_key=True),
    # Copies of the card's, so that one index walks them in the order of the list.
    Column("clinic_id", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("sort_id", Text, nullable=False),
    Index(None, "clinic_id", "mark", "place", "sort_id"),
)

words = Table(
    "words",
    metadata,
    # A keyed hash of clinic and word (`store.word_index`), and a conversation in which it was used.
    Column("word", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True, index=True),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    # When, by whom (a staff member's id, and their name at that time), and what (`store.actions`).
    Column("at", Instant, nullable=False),
    Column("staff_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # A plain word that says more, such as what came of a call. NULL: there is no more to say.
    Column("detail", Text),
    # Who looks after it from then on, by id. NULL: nobody, or it is about something else.
    Column("assignee", Integer),
    # Sealed: what they wrote. NULL: nothing, or it was erased.
    Column("words", LargeBinary),
)
