"""`/providers/`: which providers answer this account, and its own keys for them."""

import asyncio
import uuid
from datetime import datetime

from fastapi import APIRouter, Response

from app import crud
from app.api.dependencies import BriefLoginDep, LoginDep, Services, ServicesDep, SessionDep
from app.api.errors import responses
from app.chat.catalog import CatalogModel
from app.chat.toolbox import credentials
from app.core.database import now, transaction
from app.core.errors import (
    ProviderError,
    ProviderKeyRefused,
    ProviderKeyUnreadable,
    ProviderTakesNoKey,
    ProviderUnreachable,
)
from app.core.limits import key_check_limits
from app.models import KeySource, Provider, ProviderKey
from app.queries.keys import sealed_of
from app.schemas import NewProviderKey, ProviderModelView, ProviderView

router = APIRouter(prefix="/providers", tags=["Users"])

_CHECK_WITHIN_S = 10
_TOO_MANY_REQUESTS = 429


@router.get("/", summary="Lista los proveedores", response_model=list[ProviderView], responses=responses(401))
async def list_providers(services: ServicesDep, session: SessionDep, login: LoginDep) -> list[ProviderView]:
    """Cuáles responden a esta cuenta, con qué clave, y los modelos que se ofrecen con sus precios."""
    own = {key.provider: key for key in await crud.list_provider_keys(session, owner_id=login.user.id)}
    return [_view(provider, own.get(provider), login.user.id, services) for provider in Provider]


@router.put(
    "/{provider}/key",
    summary="Guarda una clave propia",
    response_model=ProviderView,
    responses=responses(401, 422, 429),
)
async def save_key(
    provider: Provider,
    body: NewProviderKey,
    services: ServicesDep,
    login: BriefLoginDep,
    unchecked: bool = False,
) -> ProviderView:
    """Se comprueba con una llamada barata al proveedor y se guarda cifrada; va antes que la del servidor.

    Si el proveedor no responde no se guarda, salvo con `?unchecked=true`, que no pregunta.
    """
    _require_takes_key(provider)
    await services.limiter.take(key_check_limits(login.user.id))
    checked_at = None if unchecked else await _accepted_at(provider, body.key, services)
    async with transaction(services.sessions) as session:
        stored = await crud.set_provider_key(
            session,
            provider,
            owner_id=login.user.id,
            key=body.key,
            keyring=services.keyring,
            checked_at=checked_at,
        )
    return _view(provider, stored, login.user.id, services)


@router.delete(
    "/{provider}/key",
    summary="Borra la clave propia",
    status_code=204,
    response_class=Response,
    responses=responses(401, 422),
)
async def remove_key(provider: Provider, session: SessionDep, login: LoginDep) -> None:
    """También si no la había."""
    _require_takes_key(provider)
    await crud.remove_provider_key(session, provider, owner_id=login.user.id)


def _require_takes_key(provider: Provider) -> None:
    if provider is Provider.LOCAL:
        raise ProviderTakesNoKey(provider=provider)


async def _accepted_at(provider: Provider, key: str, services: Services) -> datetime:
    """When the provider accepted the key. Raises `ProviderKeyRefused` or `ProviderUnreachable`."""
    try:
        async with asyncio.timeout(min(services.settings.first_token_timeout_s, _CHECK_WITHIN_S)):
            await services.chat.providers.check(provider, key=key)
    except TimeoutError as error:
        raise ProviderUnreachable(provider=provider) from error
    except ProviderError as error:
        if error.refuses_key:
            raise ProviderKeyRefused(provider=provider) from error
        # Only a key that it knows can be told to wait.
        if error.status != _TOO_MANY_REQUESTS:
            raise ProviderUnreachable(provider=provider) from error
    return now()


def _view(provider: Provider, own: ProviderKey | None, owner_id: uuid.UUID, services: Services) -> ProviderView:
    source = _answering_key(provider, own, owner_id, services)
    needs_key = services.chat.providers.needs_key(provider)
    is_unreadable = own is not None and source is not KeySource.OWN
    return ProviderView(
        provider=provider,
        configured=source is not None or not needs_key,
        needs_key=needs_key,
        source=KeySource.OWN if is_unreadable and source is None else source,
        key_last4=own.last4 if own else None,
        key_problem=ProviderKeyUnreadable.code if is_unreadable else None,
        checked_at=own.checked_at if own else None,
        prices_as_of=services.chat.catalog.as_of,
        models=[_model_view(model) for model in services.chat.catalog.models(provider)],
    )


def _answering_key(
    provider: Provider, own: ProviderKey | None, owner_id: uuid.UUID, services: Services
) -> KeySource | None:
    """Whose key a chat would use, chosen as a chat chooses it. A local server counts as the operator's."""
    if provider is Provider.LOCAL:
        return KeySource.SERVER if services.settings.local_base_url else None
    known, _ = credentials(
        owner_id=owner_id,
        sealed={provider: sealed_of(own)} if own else {},
        keyring=services.keyring,
        providers=services.chat.providers,
    )
    return known[provider].source if provider in known else None


def _model_view(model: CatalogModel) -> ProviderModelView:
    return ProviderModelView(
        model_id=model.model_id,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        input_usd_per_mtok=_usd(model.input_micro_usd_per_mtok),
        output_usd_per_mtok=_usd(model.output_micro_usd_per_mtok),
        reasons=model.reasons,
        sees_images=model.sees_images,
    )


def _usd(micro_usd: int | None) -> float | None:
    return None if micro_usd is None else micro_usd / 1_000_000
