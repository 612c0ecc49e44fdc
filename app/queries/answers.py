"""The statements that a chat turn writes with: a question and what its answer may cost, an answer and what it used.

Each is a single statement and so a transaction of its own: a round trip costs more than what it asks for.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import now
from app.core.errors import ConversationNotFound
from app.models import Finish, KeySource, Provider


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
    values = {**asdict(question), **asdict(reservation), "owner_id": owner_id, "at": now()}
    try:
        row = (await session.execute(_ADD_QUESTION, values)).one()
    except IntegrityError as error:
        if _is_there_already(error):
            return True
        raise
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
        RETURNING 1
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
        -- After the day's row, as a question takes them: in another order two turns would wait for each other.
        UPDATE conversations SET updated_at = :at FROM (SELECT count(*) FROM counted) AS first
        WHERE id = :conversation_id AND owner_id = :owner_id
        RETURNING id
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
        -- After the conversation, as the removal of a bot takes them.
        SELECT documents.id FROM (SELECT count(*) FROM answer) AS first CROSS JOIN LATERAL (
            SELECT id FROM documents
            WHERE first.count > 0 AND owner_id = :owner_id AND id IN (SELECT document_id FROM cited) FOR KEY SHARE
        ) AS documents
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
    try:
        is_stored = (await session.execute(_ADD_ANSWER, values)).scalar_one()
    except IntegrityError as error:
        if _is_there_already(error):
            return
        raise
    if not is_stored:
        raise ConversationNotFound


def _is_there_already(error: IntegrityError) -> bool:
    """Whether it was stored and only the word of it lost: nobody else makes rows with ids of ours."""
    return isinstance(error.orig, UniqueViolation)


async def release_reservation(
    session: AsyncSession, message_id: uuid.UUID, *, owner_id: uuid.UUID, day: date, spent_micro_usd: int
) -> None:
    """Give back what was held for an answer that never began, save what it may have cost all the same."""
    await session.execute(
        text(
            "UPDATE usage_days SET holds = holds - CAST(:message_id AS text),"
            " server_micro_usd = server_micro_usd + :spent_micro_usd"
            " WHERE owner_id = :owner_id AND day = :day"
        ),
        {"owner_id": owner_id, "day": day, "message_id": message_id, "spent_micro_usd": spent_micro_usd},
    )
