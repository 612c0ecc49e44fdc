"""The statements of a chat turn: one reads all that it needs, one saves the question, one saves the answer.

Each is a single statement and so a transaction of its own: a round trip costs more than what it asks for.
"""

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import now
from app.core.encryption import Sealed
from app.core.errors import BotNotFound, ConversationNotFound, MessageNotFound, NotAuthenticated
from app.models import Finish, KeySource, Provider


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


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to save. A `title` means that its conversation begins with it."""

    id: uuid.UUID
    bot_id: uuid.UUID
    conversation_id: uuid.UUID
    title: str | None
    # None where the question is stored already and is answered again.
    text: str | None


@dataclass(frozen=True, slots=True)
class Reservation:
    """Micro-dollars of the server's keys held while an answer is made, within `cap` for the owner's `day`.

    Should nobody give them back, they are free `until` then, in seconds since 1970.
    """

    message_id: uuid.UUID
    day: date
    micro_usd: int
    cap_micro_usd: int
    until: float


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer with what it used. What was held for it on the owner's `day` is given back."""

    id: uuid.UUID
    bot_id: uuid.UUID
    conversation_id: uuid.UUID
    question_id: uuid.UUID
    text: str
    finish: Finish
    error_code: str | None
    provider: Provider
    model_id: str
    task_type: str
    reason: str
    key_source: KeySource | None
    input_tokens: int
    output_tokens: int
    tokens_estimated: bool
    cost_micro_usd: int | None
    dearest_micro_usd: int | None
    server_micro_usd: int
    first_token_ms: int
    duration_ms: int
    day: date


_OPEN = text(
    """
    SELECT u.id AS owner_id, b.id AS bot_id, b.system_prompt, c.id AS conversation_id,
           coalesce(d.tokens, 0) AS tokens_today,
           coalesce(d.server_micro_usd, 0)
               + (SELECT coalesce(sum((hold -> 0)::bigint), 0) FROM jsonb_each(d.holds) AS held(id, hold)
                  WHERE (hold -> 1)::float8 > extract(epoch FROM now()))::bigint AS server_micro_usd_today,
           (SELECT json_agg(json_build_array(task_type, provider, model_id, description) ORDER BY id)
            FROM model_configs WHERE bot_id = b.id AND owner_id = u.id) AS toolbox,
           EXISTS (SELECT FROM documents WHERE bot_id = b.id AND owner_id = u.id AND status <> 'failed')
               AS has_documents,
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


_ADD_QUESTION = text(
    """
    WITH held AS (
        INSERT INTO usage_days AS d (owner_id, day, tokens, server_micro_usd, holds)
        SELECT :owner_id, :day, 0, 0,
               jsonb_build_object(CAST(:message_id AS text), jsonb_build_array(:micro_usd, CAST(:until AS float8)))
        WHERE :micro_usd > 0 AND :micro_usd <= :cap_micro_usd
        ON CONFLICT (owner_id, day) DO UPDATE SET holds = excluded.holds
            || (SELECT coalesce(jsonb_object_agg(id, hold), '{}') FROM jsonb_each(d.holds) AS held(id, hold)
                WHERE (hold -> 1)::float8 > extract(epoch FROM now()))
        WHERE d.server_micro_usd + :micro_usd
            + (SELECT coalesce(sum((hold -> 0)::bigint), 0) FROM jsonb_each(d.holds) AS held(id, hold)
               WHERE (hold -> 1)::float8 > extract(epoch FROM now())) <= :cap_micro_usd
        RETURNING 1
    ),
    may AS (SELECT WHERE :micro_usd = 0 OR EXISTS (SELECT FROM held)),
    begun AS (
        INSERT INTO conversations (id, owner_id, bot_id, title, created_at, updated_at)
        SELECT :conversation_id, :owner_id, :bot_id, CAST(:title AS varchar), :at, :at FROM may
        WHERE CAST(:title AS varchar) IS NOT NULL
        RETURNING id
    ),
    went_on AS (
        UPDATE conversations SET updated_at = :at FROM may
        WHERE id = :conversation_id AND owner_id = :owner_id AND CAST(:title AS varchar) IS NULL
        RETURNING id
    ),
    there AS (SELECT id FROM begun UNION ALL SELECT id FROM went_on),
    question AS (
        INSERT INTO messages (id, owner_id, conversation_id, role, text, created_at)
        SELECT :id, :owner_id, there.id, 'user', CAST(:text AS text), :at FROM there
        WHERE CAST(:text AS text) IS NOT NULL
    )
    SELECT EXISTS (SELECT FROM may) AS is_within_budget, EXISTS (SELECT FROM there) AS is_stored
    """
)


async def add_question(
    session: AsyncSession, question: NewQuestion, reservation: Reservation, *, owner_id: uuid.UUID
) -> bool:
    """Store it, and hold what its answer may cost. False, and nothing is stored, where that is over the cap.

    Raises `ConversationNotFound` when it was deleted meanwhile.
    """
    row = (
        await session.execute(
            _ADD_QUESTION, {**asdict(question), **asdict(reservation), "owner_id": owner_id, "at": now()}
        )
    ).one()
    if row.is_within_budget and not row.is_stored:
        raise ConversationNotFound
    return bool(row.is_within_budget)


_ADD_ANSWER = text(
    """
    WITH owner AS (SELECT id FROM users WHERE id = :owner_id FOR KEY SHARE),
    counted AS (
        INSERT INTO usage_days AS d (owner_id, day, tokens, server_micro_usd)
        SELECT id, :day, :tokens, :server_micro_usd FROM owner
        ON CONFLICT (owner_id, day) DO UPDATE SET
            tokens = d.tokens + excluded.tokens,
            server_micro_usd = d.server_micro_usd + excluded.server_micro_usd,
            holds = d.holds - CAST(:id AS text)
    ),
    entered AS (
        INSERT INTO ledger (id, owner_id, bot_id, provider, model_id, task_type, key_source, finish, input_tokens,
                            output_tokens, tokens_estimated, cost_micro_usd, dearest_micro_usd, first_token_ms,
                            duration_ms, created_at)
        SELECT :id, id, :bot_id, :provider, :model_id, :task_type, CAST(:key_source AS varchar), :finish,
               :input_tokens, :output_tokens, :tokens_estimated, CAST(:cost_micro_usd AS bigint),
               CAST(:dearest_micro_usd AS bigint), :first_token_ms, :duration_ms, :at
        FROM owner
    ),
    there AS (
        UPDATE conversations SET updated_at = :at WHERE id = :conversation_id AND owner_id = :owner_id RETURNING id
    ),
    answer AS (
        INSERT INTO messages (id, owner_id, conversation_id, role, text, question_id, finish, error_code, provider,
                              model_id, task_type, reason, input_tokens, output_tokens, tokens_estimated,
                              cost_micro_usd, first_token_ms, duration_ms, created_at)
        SELECT :id, :owner_id, id, 'assistant', :text, :question_id, :finish, CAST(:error_code AS varchar),
               :provider, :model_id, :task_type, :reason, :input_tokens, :output_tokens, :tokens_estimated,
               CAST(:cost_micro_usd AS bigint), :first_token_ms, :duration_ms, :at
        FROM there
        RETURNING id
    ),
    cited AS (
        SELECT * FROM jsonb_to_recordset(CAST(:citations AS jsonb))
            AS cited(n int, document_id uuid, filename text, start int, "end" int, quote text)
    ),
    kept AS (
        SELECT id FROM documents
        WHERE owner_id = :owner_id AND id IN (SELECT document_id FROM cited) FOR KEY SHARE
    ),
    citing AS (
        INSERT INTO citations (message_id, n, owner_id, document_id, filename, start, "end", quote)
        SELECT answer.id, cited.n, :owner_id, kept.id, cited.filename, cited.start, cited."end", cited.quote
        FROM cited CROSS JOIN answer LEFT JOIN kept ON kept.id = cited.document_id
    )
    SELECT EXISTS (SELECT FROM answer) AS is_stored
    """
)


async def add_answer(
    session: AsyncSession, answer: NewAnswer, citations: Sequence[dict[str, Any]], *, owner_id: uuid.UUID
) -> None:
    """Store it with its citations and enter it in the ledger.

    A document that was deleted meanwhile leaves its quote without a link. When the conversation was, the ledger
    keeps its entry and `ConversationNotFound` is raised.
    """
    values = {
        **asdict(answer),
        "owner_id": owner_id,
        "tokens": answer.input_tokens + answer.output_tokens,
        "citations": json.dumps(citations, default=str),
        "at": now(),
    }
    if not (await session.execute(_ADD_ANSWER, values)).scalar_one():
        raise ConversationNotFound


async def release_reservation(
    session: AsyncSession, message_id: uuid.UUID, *, owner_id: uuid.UUID, day: date
) -> None:
    """Give back what was held for an answer that never began."""
    await session.execute(
        text(
            "UPDATE usage_days SET holds = holds - CAST(:message_id AS text)"
            " WHERE owner_id = :owner_id AND day = :day"
        ),
        {"owner_id": owner_id, "day": day, "message_id": message_id},
    )
