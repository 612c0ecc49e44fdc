"""Every table. Owned rows carry `owner_id`, and composite foreign keys make a cross-owner link impossible."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Double,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, REGCONFIG, UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.core.database import new_id, now


class Provider(StrEnum):
    GOOGLE = "google"
    OPENAI = "openai"
    LOCAL = "local"


class KeySource(StrEnum):
    """Whose key paid for an answer; a model without one has none."""

    OWN = "own"
    SERVER = "server"


class DocumentStatus(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Grounding(StrEnum):
    """What a bot may answer from: its documents alone, or also what its model knows."""

    STRICT = "strict"
    OPEN = "open"


class EmbeddingModel(StrEnum):
    """Who makes a bot's vectors: multilingual-e5-small here, text-embedding-3-small or gemini-embedding-001."""

    LOCAL = "local"
    OPENAI = "openai"
    GOOGLE = "google"


class Finish(StrEnum):
    """How an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    BLOCKED = "blocked"
    INTERRUPTED = "interrupted"
    ERROR = "error"


def _word_of(words: type[StrEnum]) -> Enum:
    """A column that holds a word and gives its enum member; a plain string would fail `is`."""
    return Enum(
        words,
        native_enum=False,
        create_constraint=False,
        length=16,
        values_callable=lambda kind: [word.value for word in kind],
    )


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), uuid.UUID: UUID(as_uuid=True), str: Text()}


class User(Base):
    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(320))
    # Case-folded: what is compared.
    email_key: Mapped[str] = mapped_column(String(640), unique=True)
    password_hash: Mapped[str]
    is_disabled: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    # When a worker last took something of theirs: whoever has waited longest is next.
    words_served_at: Mapped[datetime | None]
    vectors_served_at: Mapped[datetime | None]


class Session(Base):
    """A login. The token names it; deleting it ends the token."""

    __tablename__ = "sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # What the client called itself when it logged in.
    user_agent: Mapped[str] = mapped_column(String(256), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    # To within a few minutes: it is not written with every request.
    last_used_at: Mapped[datetime] = mapped_column(default=now, server_default=text("now()"))
    expires_at: Mapped[datetime]


class Bot(Base):
    __tablename__ = "bots"
    __table_args__ = (
        UniqueConstraint("id", "owner_id"),
        Index("ix_bots_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(default="")
    system_prompt: Mapped[str] = mapped_column(default="")
    grounding: Mapped[Grounding] = mapped_column(
        _word_of(Grounding), default=Grounding.OPEN, server_default=text("'open'")
    )
    # The least confidence at which a strict bot answers, 0 to 1.
    min_score: Mapped[float] = mapped_column(Double, default=0.5, server_default=text("0.5"))
    # What a strict bot says instead; empty for the house's own sentence.
    refusal: Mapped[str] = mapped_column(default="", server_default=text("''"))
    # Whose vectors are searched, and whose are being made beside them.
    embedding_model: Mapped[EmbeddingModel] = mapped_column(
        _word_of(EmbeddingModel), default=EmbeddingModel.LOCAL, server_default=text("'local'")
    )
    next_embedding_model: Mapped[EmbeddingModel | None] = mapped_column(_word_of(EmbeddingModel))
    # Why the last change of model was given up.
    embedding_error: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    configs: Mapped[list["ModelConfig"]] = relationship(
        lazy="raise",
        order_by="(ModelConfig.position, ModelConfig.created_at, ModelConfig.id)",
        viewonly=True,
    )


class ModelConfig(Base):
    """One model of a bot's toolbox, for one task type."""

    __tablename__ = "model_configs"
    __table_args__ = (
        ForeignKeyConstraint(["bot_id", "owner_id"], ["bots.id", "bots.owner_id"], ondelete="CASCADE"),
        UniqueConstraint("bot_id", "task_type", "provider", "model_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID]
    bot_id: Mapped[uuid.UUID]
    task_type: Mapped[str] = mapped_column(String(32))
    provider: Mapped[Provider] = mapped_column(_word_of(Provider))
    model_id: Mapped[str] = mapped_column(String(200))
    # What the task type is for, in the owner's words; the router reads it.
    description: Mapped[str] = mapped_column(String(200), default="", server_default="")
    # The order in which the bot's models are asked; the elder first where two have the same.
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=now)


class ProviderKey(Base):
    """An owner's own key for a provider, sealed by `core.encryption` and bound to this row."""

    __tablename__ = "provider_keys"

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    provider: Mapped[Provider] = mapped_column(_word_of(Provider), primary_key=True)
    # Which encryption key sealed it.
    key_id: Mapped[str] = mapped_column(String(16))
    nonce: Mapped[bytes] = mapped_column(BYTEA)
    ciphertext: Mapped[bytes] = mapped_column(BYTEA)
    last4: Mapped[str] = mapped_column(String(4))
    # When the provider last accepted it; null where it was stored unchecked.
    checked_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Document(Base):
    """A text and, at once, the job of training on it: the lease, the attempts and the progress."""

    __tablename__ = "documents"
    __table_args__ = (
        ForeignKeyConstraint(["bot_id", "owner_id"], ["bots.id", "bots.owner_id"], ondelete="CASCADE"),
        UniqueConstraint("bot_id", "sha256"),
        UniqueConstraint("id", "owner_id"),
        UniqueConstraint("id", "bot_id", "owner_id"),
        Index(
            "ix_documents_unfinished",
            "published_at",
            postgresql_where=text("status IN ('queued', 'processing')"),
        ),
        Index("ix_documents_embedding_due", "published_at", postgresql_where=text("embedding_due")),
        # For the operator's count by status, which reads nothing else.
        Index("ix_documents_status", "status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID]
    bot_id: Mapped[uuid.UUID]
    filename: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    characters: Mapped[int] = mapped_column(Integer)
    encoding: Mapped[str] = mapped_column(String(32))
    language: Mapped[str | None] = mapped_column(String(8))
    sha256: Mapped[bytes] = mapped_column(BYTEA)
    # PostgreSQL's text search configuration for its language; null until its words are searchable.
    config: Mapped[str | None] = mapped_column(REGCONFIG)
    # How many lexeme occurrences its chunks hold together: BM25's mean length is made of it.
    words: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    # Whether it must still be embedded by the bot's next model, and how much of it is.
    embedding_due: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    chunks_embedded_next: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    text: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    status: Mapped[DocumentStatus] = mapped_column(_word_of(DocumentStatus), default=DocumentStatus.QUEUED)
    searchable_at: Mapped[datetime | None]
    chunks: Mapped[int] = mapped_column(default=0)
    chunks_embedded: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    published_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ready_at: Mapped[datetime | None]

    @property
    def searchable(self) -> bool:
        return self.searchable_at is not None


_OF_A_DOCUMENT = (
    ["document_id", "bot_id", "owner_id"],
    ["documents.id", "documents.bot_id", "documents.owner_id"],
)


class Chunk(Base):
    """A piece of a document: `document.text[start:end] == text`. Written in one transaction."""

    __tablename__ = "chunks"
    __table_args__ = (
        PrimaryKeyConstraint("document_id", "position"),
        ForeignKeyConstraint(*_OF_A_DOCUMENT, ondelete="CASCADE"),
    )

    document_id: Mapped[uuid.UUID]
    position: Mapped[int]
    bot_id: Mapped[uuid.UUID]
    owner_id: Mapped[uuid.UUID]
    start: Mapped[int]
    end: Mapped[int]
    # How many characters at its beginning the chunk before it holds too.
    overlap: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    text: Mapped[str]
    # What it stands under in the document; embedded with it.
    heading: Mapped[str]
    # The white space between it and the next chunk; null at the end, or where that is long.
    gap: Mapped[str | None]
    # Of what is embedded: half of its SHA-256.
    content_key: Mapped[bytes] = mapped_column(BYTEA)


class Posting(Base):
    """Where a document holds a lexeme: in the chunks at `positions`, so often each, of so many lexemes each.

    A row a document and lexeme, not a row a chunk: an eighth of the size, and one search reads a handful of rows.
    """

    __tablename__ = "postings"
    __table_args__ = (
        PrimaryKeyConstraint("bot_id", "lexeme", "config", "document_id"),
        ForeignKeyConstraint(*_OF_A_DOCUMENT, ondelete="CASCADE"),
        Index("ix_postings_document_id", "document_id"),
    )

    bot_id: Mapped[uuid.UUID]
    lexeme: Mapped[str]
    # The text search configuration of the document's language.
    config: Mapped[str] = mapped_column(REGCONFIG)
    document_id: Mapped[uuid.UUID]
    owner_id: Mapped[uuid.UUID]
    positions: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    counts: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    lengths: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))


class ChunkVector(Base):
    """What a model makes of a chunk. Those of several models live beside each other, each of its own dimensions."""

    __tablename__ = "vectors"
    __table_args__ = (
        PrimaryKeyConstraint("bot_id", "document_id", "model", "position"),
        ForeignKeyConstraint(*_OF_A_DOCUMENT, ondelete="CASCADE"),
        # For what was embedded before: the same text is not embedded again.
        Index("ix_vectors_model_content_key", "model", "content_key"),
    )

    bot_id: Mapped[uuid.UUID]
    document_id: Mapped[uuid.UUID]
    model: Mapped[EmbeddingModel] = mapped_column(_word_of(EmbeddingModel))
    position: Mapped[int]
    owner_id: Mapped[uuid.UUID]
    content_key: Mapped[bytes] = mapped_column(BYTEA)
    vector: Mapped[list[float]] = mapped_column(HALFVEC())


class Conversation(Base):
    __tablename__ = "conversations"
    __table_args__ = (
        ForeignKeyConstraint(["bot_id", "owner_id"], ["bots.id", "bots.owner_id"], ondelete="CASCADE"),
        UniqueConstraint("id", "owner_id"),
        Index("ix_conversations_bot_id_updated_at", "bot_id", "updated_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID]
    bot_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Message(Base):
    """A question or an answer. The model's fields are an answer's alone."""

    __tablename__ = "messages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "owner_id"],
            ["conversations.id", "conversations.owner_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["question_id", "conversation_id", "owner_id"],
            ["messages.id", "messages.conversation_id", "messages.owner_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("id", "owner_id"),
        UniqueConstraint("id", "conversation_id", "owner_id"),
        Index("ix_messages_conversation_id_id", "conversation_id", "id"),
        Index("ix_messages_question_id", "question_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID]
    conversation_id: Mapped[uuid.UUID]
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    # The question that an answer answers; a question can have several.
    question_id: Mapped[uuid.UUID | None]
    finish: Mapped[Finish | None] = mapped_column(_word_of(Finish))
    error_code: Mapped[str | None] = mapped_column(String(64))
    provider: Mapped[Provider | None] = mapped_column(_word_of(Provider))
    model_id: Mapped[str | None] = mapped_column(String(200))
    task_type: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    # Whether we counted the tokens because the provider did not.
    tokens_estimated: Mapped[bool | None]
    # Null where the price is unknown.
    cost_micro_usd: Mapped[int | None] = mapped_column(BigInteger)
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    citations: Mapped[list["Citation"]] = relationship(lazy="raise", order_by="Citation.n", viewonly=True)


class Citation(Base):
    """`document.text[start:end] == quote`; when the document goes, `document_id` is null, the quote stays."""

    __tablename__ = "citations"
    __table_args__ = (
        PrimaryKeyConstraint("message_id", "n"),
        ForeignKeyConstraint(["message_id", "owner_id"], ["messages.id", "messages.owner_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["document_id", "owner_id"],
            ["documents.id", "documents.owner_id"],
            ondelete="SET NULL (document_id)",
        ),
        Index("ix_citations_document_id", "document_id"),
    )

    message_id: Mapped[uuid.UUID]
    n: Mapped[int]
    owner_id: Mapped[uuid.UUID]
    document_id: Mapped[uuid.UUID | None]
    filename: Mapped[str] = mapped_column(String(255))
    start: Mapped[int]
    end: Mapped[int]
    quote: Mapped[str]


class LedgerEntry(Base):
    """What one answer used. It outlives the conversation and the bot, or deleting them would reset the count."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_owner_id_created_at", "owner_id", "created_at"),)

    # The answer's message id.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # No foreign key: the bot may be gone.
    bot_id: Mapped[uuid.UUID]
    provider: Mapped[Provider] = mapped_column(_word_of(Provider))
    model_id: Mapped[str] = mapped_column(String(200))
    task_type: Mapped[str] = mapped_column(String(32))
    key_source: Mapped[KeySource | None] = mapped_column(_word_of(KeySource))
    finish: Mapped[Finish] = mapped_column(_word_of(Finish))
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    tokens_estimated: Mapped[bool]
    # Null where the price is unknown.
    cost_micro_usd: Mapped[int | None] = mapped_column(BigInteger)
    # What the dearest model of the bot's toolbox would have cost for the same tokens; null without a known price.
    dearest_micro_usd: Mapped[int | None] = mapped_column(BigInteger)
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class UsageDay(Base):
    """An owner's counters of one day (UTC), which quotas are checked against in the statement that opens a turn."""

    __tablename__ = "usage_days"

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    # With the server's keys alone.
    server_micro_usd: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    # Held for answers that are being made: {message id: [micro-dollars, seconds since 1970 until when]}. In the row
    # itself, because only so a statement that waited for the row sees what another has just put there.
    holds: Mapped[dict[str, list[float]]] = mapped_column(JSONB, default=dict, server_default="{}")
