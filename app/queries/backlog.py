"""How much there is to do, of all owners together: for the operator's metrics."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import DocumentStatus

# Counting a million ready ones takes the database a tenth of a second and more.
_COUNTED_UP_TO = 100_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Documents by status, and for each unfinished status the age of its oldest, 0 where there is none."""

    documents: Mapping[DocumentStatus, int]
    oldest_s: Mapping[DocumentStatus, float]


async def get_backlog(session: AsyncSession, *, counted_up_to: int = _COUNTED_UP_TO) -> Backlog:
    """Costs little among millions of documents: where there are more, the ready ones are PostgreSQL's estimate."""
    # In the words of the indexes' own conditions.
    counts = await session.execute(
        text(
            "SELECT status, count(*) FROM documents WHERE status IN ('queued', 'processing', 'failed') "
            "GROUP BY status"
        )
    )
    oldest = await session.execute(
        text(
            "SELECT status, extract(epoch FROM clock_timestamp() - min(created_at)) FROM documents "
            "WHERE status IN ('queued', 'processing') GROUP BY status"
        )
    )
    documents = dict.fromkeys(DocumentStatus, 0) | {DocumentStatus(status): count for status, count in counts}
    documents[DocumentStatus.READY] = await _ready(session, sum(documents.values()), counted_up_to)
    none_old = {DocumentStatus.QUEUED: 0.0, DocumentStatus.PROCESSING: 0.0}
    return Backlog(
        documents, none_old | {DocumentStatus(status): max(float(age_s), 0.0) for status, age_s in oldest}
    )


async def _ready(session: AsyncSession, others: int, counted_up_to: int) -> int:
    # Before its first analysis a table's estimate is -1.
    estimate = await session.scalar(
        text("SELECT reltuples::bigint FROM pg_class WHERE oid = CAST('documents' AS regclass)")
    )
    if estimate is not None and estimate > counted_up_to:
        return max(int(estimate) - others, 0)
    return int(await session.scalar(text("SELECT count(*) FROM documents WHERE status = 'ready'")) or 0)
