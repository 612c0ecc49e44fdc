"""What a chat turn starts from, read in one statement: a round trip costs more than what it asks for."""

import base64
import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.encryption import Sealed
from app.core.errors import BotNotFound, ConversationNotFound, MessageNotFound, NotAuthenticated
from app.models import EmbeddingModel, Grounding, Provider


@dataclass(frozen=True, slots=True)
class ToolboxEntry:
    task_type: str
    provider: Provider
    model_id: str
    description: str


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """`question_id` is an answer's alone."""

    id: uuid.UUID
    role: str
    text: str
    question_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a turn starts from. The day's counters are those of the owner.

    `history` is oldest first; of a question that was answered several times it holds the last answer alone.
    """

    owner_id: uuid.UUID
    system_prompt: str
    toolbox: tuple[ToolboxEntry, ...]
    has_documents: bool
    keys: dict[Provider, Sealed]
    history: tuple[HistoryMessage, ...]
    tokens_today: int
    # Spent and held with the server's keys.
    server_micro_usd_today: int
    grounding: Grounding = Grounding.OPEN
    min_score: float = 0.5
    # Empty for the house's own sentence.
    refusal: str = ""
    # Whose vectors are searched.
    embedding_model: EmbeddingModel = EmbeddingModel.LOCAL

    @property
    def is_strict(self) -> bool:
        return self.grounding is Grounding.STRICT


_OPEN = text(
    """
    SELECT u.id AS owner_id, b.id AS bot_id, b.system_prompt, b.grounding, b.min_score, b.refusal,
           b.embedding_model, c.id AS conversation_id,
           coalesce(d.tokens, 0) AS tokens_today,
           coalesce(d.server_micro_usd, 0)
               + (SELECT coalesce(sum((hold -> 0)::bigint), 0) FROM jsonb_each(d.holds) AS held(id, hold)
                  WHERE (hold -> 1)::float8 > extract(epoch FROM now()))::bigint AS server_micro_usd_today,
           (SELECT json_agg(json_build_array(task_type, provider, model_id, description)
                            ORDER BY position, created_at, id)
            FROM model_configs WHERE bot_id = b.id AND owner_id = u.id) AS toolbox,
           EXISTS (SELECT FROM documents WHERE bot_id = b.id AND owner_id = u.id
                   AND (status <> 'failed' OR searchable_at IS NOT NULL)) AS has_documents,
           (SELECT json_agg(json_build_array(provider, key_id, encode(nonce, 'base64'),
                                             encode(ciphertext, 'base64')))
            FROM provider_keys WHERE owner_id = u.id) AS keys,
           (SELECT json_agg(json_build_array(id, role, text, question_id) ORDER BY id)
            FROM (SELECT id, role, text, question_id FROM messages AS said
                  WHERE conversation_id = c.id AND owner_id = u.id AND text <> ''
                        AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
                        AND NOT EXISTS (SELECT FROM messages AS newer
                                        WHERE newer.question_id = said.question_id AND newer.id > said.id
                                              AND newer.text <> '' AND (CAST(:before AS uuid) IS NULL
                                                                        OR newer.id < CAST(:before AS uuid)))
                  ORDER BY id DESC LIMIT :history) AS recent) AS history
    FROM sessions AS s
    JOIN users AS u ON u.id = s.owner_id AND NOT u.is_disabled
    LEFT JOIN bots AS b ON b.id = :bot_id AND b.owner_id = u.id
    LEFT JOIN conversations AS c ON c.id = :conversation_id AND c.bot_id = b.id AND c.owner_id = u.id
    LEFT JOIN usage_days AS d ON d.owner_id = u.id AND d.day = :day
    WHERE s.id = :session_id AND s.expires_at > now()
    """
)


async def open_turn(
    session: AsyncSession,
    *,
    session_id: uuid.UUID,
    bot_id: uuid.UUID,
    conversation_id: uuid.UUID | None,
    before: uuid.UUID | None,
    history: int,
    day: date,
) -> Opening:
    """Who asks, the bot, its toolbox, the talk so far (`before` a message) and the day's counters.

    Raises `NotAuthenticated`, `BotNotFound` or `ConversationNotFound`.
    """
    found = await session.execute(
        _OPEN,
        {
            "session_id": session_id,
            "bot_id": bot_id,
            "conversation_id": conversation_id,
            "before": before,
            "history": history,
            "day": day,
        },
    )
    row = found.one_or_none()
    if row is None:
        raise NotAuthenticated
    if row.bot_id is None:
        raise BotNotFound
    if conversation_id is not None and row.conversation_id is None:
        raise ConversationNotFound
    return Opening(
        owner_id=row.owner_id,
        system_prompt=row.system_prompt,
        toolbox=tuple(_entry(*parts) for parts in row.toolbox or ()),
        has_documents=row.has_documents,
        keys={Provider(kind): _sealed(*parts) for kind, *parts in row.keys or ()},
        history=tuple(_message(*parts) for parts in row.history or ()),
        tokens_today=row.tokens_today,
        server_micro_usd_today=row.server_micro_usd_today,
        grounding=Grounding(row.grounding),
        min_score=row.min_score,
        refusal=row.refusal,
        embedding_model=EmbeddingModel(row.embedding_model),
    )


def _entry(task_type: str, provider: str, model_id: str, description: str) -> ToolboxEntry:
    return ToolboxEntry(task_type, Provider(provider), model_id, description)


def _sealed(key_id: str, nonce: str, ciphertext: str) -> Sealed:
    return Sealed(key_id, base64.b64decode(nonce), base64.b64decode(ciphertext))


def _message(id: str, role: str, text: str, question_id: str | None) -> HistoryMessage:
    return HistoryMessage(uuid.UUID(id), role, text, uuid.UUID(question_id) if question_id else None)


_FIND_QUESTION = text(
    """
    SELECT question.id, question.text, question.conversation_id, conversation.bot_id
    FROM sessions AS s
    JOIN users AS u ON u.id = s.owner_id AND NOT u.is_disabled
    LEFT JOIN messages AS named ON named.id = :message_id AND named.owner_id = u.id
    LEFT JOIN messages AS question ON question.id = coalesce(named.question_id, named.id)
         AND question.owner_id = u.id AND question.role = 'user'
    LEFT JOIN conversations AS conversation ON conversation.id = question.conversation_id
    WHERE s.id = :session_id AND s.expires_at > now()
    """
)


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    id: uuid.UUID
    text: str
    conversation_id: uuid.UUID
    bot_id: uuid.UUID


async def get_question(session: AsyncSession, message_id: uuid.UUID, *, session_id: uuid.UUID) -> StoredQuestion:
    """The question that the message is or answers. Raises `NotAuthenticated` or `MessageNotFound`."""
    row = (
        await session.execute(_FIND_QUESTION, {"message_id": message_id, "session_id": session_id})
    ).one_or_none()
    if row is None:
        raise NotAuthenticated
    if row.id is None:
        raise MessageNotFound
    return StoredQuestion(**row._mapping)
