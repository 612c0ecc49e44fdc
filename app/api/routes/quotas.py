"""`/users/me/quotas`: the account's limits, and how much of each is used."""

from datetime import UTC, datetime

from fastapi import APIRouter

from app import crud
from app.api.dependencies import LoginDep, ServicesDep, SessionDep
from app.api.errors import responses
from app.core.config import Settings
from app.core.database import now
from app.core.quotas import next_day
from app.core.stock import Stock, StockLimits
from app.queries.quotas import DayUse
from app.schemas import QuotaView

router = APIRouter(prefix="/users/me/quotas", tags=["Users"])


@router.get("", summary="Cuánto puedo usar", response_model=list[QuotaView], responses=responses(401))
async def list_quotas(session: SessionDep, login: LoginDep, services: ServicesDep) -> list[QuotaView]:
    """Lo que se guarda (borrar hace sitio) y lo que se gasta en un día (UTC), con lo que ya se ha usado."""
    at = now()
    stock = await crud.sum_stock(session, owner_id=login.user.id)
    today = await crud.sum_day(session, owner_id=login.user.id, day=at.astimezone(UTC).date())
    return [*_of_stock(stock, StockLimits.of(services.settings)), *_of_day(today, services.settings, at)]


def _of_stock(stock: Stock, limits: StockLimits) -> list[QuotaView]:
    return [
        QuotaView(quota="bots", used=stock.bots, limit=limits.bots or None, resets_at=None),
        QuotaView(quota="documents", used=stock.documents, limit=limits.documents or None, resets_at=None),
        QuotaView(quota="stored_bytes", used=stock.stored_bytes, limit=limits.stored_bytes or None, resets_at=None),
    ]


def _of_day(today: DayUse, settings: Settings, at: datetime) -> list[QuotaView]:
    # Of dollars 0 is no limit either, but none at all.
    dollars = 0.0 if settings.server_keys == "off" else float(settings.server_keys_usd_per_owner_day)
    tomorrow = next_day(at)
    return [
        QuotaView(
            quota="tokens_per_day", used=today.tokens, limit=settings.tokens_per_day or None, resets_at=tomorrow
        ),
        QuotaView(
            quota="server_keys_usd_per_day",
            used=today.server_micro_usd / 1_000_000,
            limit=dollars,
            resets_at=tomorrow,
        ),
    ]
