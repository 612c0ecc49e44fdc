"""`/token`: log in and out."""

from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response

from app import crud
from app.api.dependencies import ClientAddress, LoginDep, ServicesDep, SessionDep, UserAgent
from app.api.errors import responses
from app.core.database import transaction
from app.core.errors import SessionNotFound
from app.core.security import make_token
from app.schemas import LoginForm, TokenView

router = APIRouter(tags=["Authentication"])


@router.post(
    "/token",
    summary="Inicia sesión",
    response_model=TokenView,
    responses=responses(401, 422, 429),
)
async def log_in(
    form: Annotated[LoginForm, Form()], services: ServicesDep, address: ClientAddress, user_agent: UserAgent
) -> TokenView:
    """Con el correo (`username`) y la contraseña se obtiene un token de acceso.

    Va en la cabecera `Authorization: Bearer …` de las demás peticiones.
    """
    async with transaction(services.sessions) as session:
        user = await crud.find_user_by_email(session, form.username)
    usable = user if user is not None and not user.is_disabled else None
    await services.passwords.log_in(
        email_key=crud.email_key(form.username),
        password=form.password,
        password_hash=usable.password_hash if usable else None,
        address=address,
    )
    assert usable is not None
    lifetime = timedelta(minutes=services.settings.access_token_minutes)
    async with transaction(services.sessions) as session:
        login = await crud.add_session(
            session,
            owner_id=usable.id,
            password_hash=usable.password_hash,
            lifetime=lifetime,
            user_agent=user_agent,
        )
    token = make_token(
        user_id=usable.id,
        session_id=login.id,
        expires_at=login.expires_at,
        secret_key=services.settings.secret_key.get_secret_value(),
    )
    return TokenView(access_token=token)


@router.post(
    "/token/revoke",
    summary="Cierra la sesión",
    status_code=204,
    response_class=Response,
    responses=responses(401),
)
async def log_out(session: SessionDep, login: LoginDep) -> None:
    """Este token deja de valer en todas partes desde este momento."""
    # Another request may have ended it since this one was let in.
    with suppress(SessionNotFound):
        await crud.remove_session(session, login.session_id, owner_id=login.user.id)
