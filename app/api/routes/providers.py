"""`/providers/`: which providers answer this account, and its own keys for them."""

import asyncio
from datetime import datetime

from fastapi import APIRouter, Response

from app import crud
from app.api.dependencies import BriefLoginDep, LoginDep, Services, ServicesDep, SessionDep
from app.api.errors import responses
from app.chat.catalog import CatalogModel
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
from app.schemas import NewProviderKey, ProviderModelView, ProviderView

router = APIRouter(prefix="/providers", tags=["Users"])

_CHECK_WITHIN_S = 10
_TOO_MANY_REQUESTS = 429


@router.get("/", summary="Lista los proveedores", response_model=list[ProviderView], responses=responses(401))
async def list_providers(services: ServicesDep, session: SessionDep, login: LoginDep) -> list[ProviderView]:
    """Cuáles responden a esta cuenta, con qué clave, y los modelos que se ofrecen con sus precios."""
    own = {key.provider: key for key in await crud.list_provider_keys(session, owner_id=login.user.id)}
    return [_view(provider, own.get(provider), services) for provider in Provider]


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
    return _view(provider, stored, services)


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


def _view(provider: Provider, own: ProviderKey | None, services: Services) -> ProviderView:
    source = KeySource.OWN if own else _server_source(provider, services)
    needs_key = services.chat.providers.needs_key(provider)
    is_unreadable = own is not None and not _is_readable(own, services)
    return ProviderView(
        provider=provider,
        configured=not is_unreadable and (source is not None or not needs_key),
        needs_key=needs_key,
        source=source,
        key_last4=own.last4 if own else None,
        key_problem="provider_key_unreadable" if is_unreadable else None,
        checked_at=own.checked_at if own else None,
        prices_as_of=services.chat.catalog.as_of,
        models=[_model_view(model) for model in services.chat.catalog.models(provider)],
    )


def _server_source(provider: Provider, services: Services) -> KeySource | None:
    """`server` where the operator has set the provider up for everybody."""
    if provider is Provider.LOCAL:
        is_set_up = bool(services.settings.local_base_url)
    else:
        is_set_up = services.chat.providers.server_key(provider) is not None
    return KeySource.SERVER if is_set_up else None


def _is_readable(own: ProviderKey, services: Services) -> bool:
    try:
        crud.open_provider_key(own, keyring=services.keyring)
    except ProviderKeyUnreadable:
        return False
    return True


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
