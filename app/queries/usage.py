"""What an owner's answers used, summed by day, bot, model and task type."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import BotNotFound
from app.models import Provider


class Group(StrEnum):
    """What a sum is of."""

    TOTAL = "total"
    DAY = "day"
    BOT = "bot"
    MODEL = "model"
    TASK_TYPE = "task_type"


@dataclass(frozen=True, slots=True)
class UsageSum:
    """The sum of one group; of `day` to `task_type` there are those that make the group.

    `saved_micro_usd` is of the answers alone whose cost and whose dearest cost are both known.
    """

    group: Group
    day: date | None
    bot_id: uuid.UUID | None
    # None when the bot is gone.
    name: str | None
    provider: Provider | None
    model_id: str | None
    task_type: str | None
    answers: int
    input_tokens: int
    output_tokens: int
    answers_estimated: int
    cost_micro_usd: int
    answers_cost_unknown: int
    dearest_micro_usd: int
    saved_micro_usd: int


_SUMS = text("""
    WITH answers AS (
        SELECT (ledger.created_at AT TIME ZONE 'UTC')::date AS day, ledger.bot_id, bots.name, ledger.provider,
               ledger.model_id, ledger.task_type, ledger.input_tokens, ledger.output_tokens,
               ledger.tokens_estimated, ledger.cost_micro_usd AS cost, ledger.dearest_micro_usd AS dearest
        FROM ledger LEFT JOIN bots ON bots.id = ledger.bot_id AND bots.owner_id = ledger.owner_id
        WHERE ledger.owner_id = :owner_id AND ledger.created_at BETWEEN :first AND :last
              AND (CAST(:bot_id AS uuid) IS NULL OR ledger.bot_id = :bot_id)
    )
    SELECT CASE WHEN GROUPING(day) = 0 THEN 'day'
                WHEN GROUPING(bot_id) = 0 THEN 'bot'
                WHEN GROUPING(model_id) = 0 THEN 'model'
                WHEN GROUPING(task_type) = 0 THEN 'task_type'
                ELSE 'total' END AS "group",
           day, bot_id, name, provider, model_id, task_type,
           count(*) AS answers,
           coalesce(sum(input_tokens), 0) AS input_tokens,
           coalesce(sum(output_tokens), 0) AS output_tokens,
           count(*) FILTER (WHERE tokens_estimated) AS answers_estimated,
           coalesce(sum(cost), 0)::bigint AS cost_micro_usd,
           count(*) FILTER (WHERE cost IS NULL) AS answers_cost_unknown,
           coalesce(sum(dearest), 0)::bigint AS dearest_micro_usd,
           coalesce(sum(dearest - cost), 0)::bigint AS saved_micro_usd
    FROM answers
    GROUP BY GROUPING SETS ((), (day), (bot_id, name), (provider, model_id), (task_type))
    ORDER BY day, answers DESC, bot_id, provider, model_id, task_type
""")
_BOT_IS_OR_WAS = text("""
    SELECT EXISTS (SELECT FROM bots WHERE id = :bot_id AND owner_id = :owner_id)
        OR EXISTS (SELECT FROM ledger WHERE bot_id = :bot_id AND owner_id = :owner_id)
""")


async def sum_usage(
    session: AsyncSession, *, owner_id: uuid.UUID, first: date, last: date, bot_id: uuid.UUID | None = None
) -> list[UsageSum]:
    """Of the days (UTC) from `first` to `last`, both with it. The total is always there.

    Raises `BotNotFound` for a bot that is not the owner's and never answered for them.
    """
    if bot_id is not None:
        await _require_bot(session, bot_id, owner_id=owner_id)
    rows = await session.execute(
        _SUMS,
        {
            "owner_id": owner_id,
            "first": datetime.combine(first, time.min, UTC),
            "last": datetime.combine(last, time.max, UTC),
            "bot_id": bot_id,
        },
    )
    return [_as_sum(row) for row in rows.mappings()]


async def _require_bot(session: AsyncSession, bot_id: uuid.UUID, *, owner_id: uuid.UUID) -> None:
    """What a bot that is gone used is still asked for by its id."""
    if not await session.scalar(_BOT_IS_OR_WAS, {"bot_id": bot_id, "owner_id": owner_id}):
        raise BotNotFound


def _as_sum(row: RowMapping) -> UsageSum:
    fields = dict(row)
    group, provider = Group(fields.pop("group")), fields.pop("provider")
    return UsageSum(group=group, provider=provider and Provider(provider), **fields)
