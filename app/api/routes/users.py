"""`/users/`: accounts and their sessions."""

import asyncio
import uuid
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Response
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import OperationalError

from app import crud
from app.api.dependencies import BriefLoginDep, ClientAddress, LoginDep, Services, ServicesDep, SessionDep
from app.api.errors import responses
from app.core.database import transaction
from app.core.errors import DatabaseUnavailable, PasswordTooCommon, WrongCredentials
from app.core.limits import registration_limits
from app.core.registration import Registration
from app.core.security import is_common_password
from app.models import User
from app.schemas import NewUser, PasswordChange, RegistrationView, SessionView, UserView

router = APIRouter(prefix="/users", tags=["Users"])
log = structlog.get_logger()

# Of what the account is doing at the moment the longest: a batch of a training.
_REMOVE_WITHIN_S = 60
_REMOVE_AGAIN_AFTER_S = 0.1


@router.post("/", summary="Crea un usuario", response_model=UserView, responses=responses(403, 409, 422, 429))
async def register(body: NewUser, services: ServicesDep, address: ClientAddress) -> User:
    """Registra una cuenta nueva. El correo se compara sin distinguir mayúsculas."""
    settings = services.settings
    settings.who_may_register.require(body.email)
    if is_common_password(body.password):
        raise PasswordTooCommon
    await services.limiter.take(registration_limits(address, per_hour=settings.registrations_per_hour))
    password_hash = await services.passwords.hash(body.password)
    async with transaction(services.sessions) as session:
        return await crud.add_user(session, email=body.email, password_hash=password_hash)


@router.get("/registration", summary="Quién puede registrarse", response_model=RegistrationView)
async def read_registration(services: ServicesDep) -> Registration:
    """Si el registro está abierto a todo el mundo, a los correos de ciertos dominios o a nadie."""
    return services.settings.who_may_register


@router.get("/me", summary="Quién soy", response_model=UserView, responses=responses(401))
async def read_me(login: LoginDep) -> User:
    """La cuenta a la que pertenece el token."""
    return login.user


@router.patch("/me", summary="Cambia la contraseña", response_model=UserView, responses=responses(401, 422, 429))
async def change_password(body: PasswordChange, login: BriefLoginDep, services: ServicesDep) -> User:
    """Hace falta la contraseña actual. Cierra todas las demás sesiones."""
    if is_common_password(body.new_password):
        raise PasswordTooCommon
    await services.passwords.log_in(
        email_key=login.user.email_key,
        password=body.password,
        password_hash=login.user.password_hash,
        address=str(login.user.id),
    )
    password_hash = await services.passwords.hash(body.new_password)
    async with transaction(services.sessions) as session:
        user = await crud.get_user_of_session(session, login.session_id, hold=True)
        if user.password_hash != login.user.password_hash:
            raise WrongCredentials
        await crud.change_user_password(
            session, user, password_hash=password_hash, keep_session_id=login.session_id
        )
    return user


@router.delete("/me", summary="Borra la cuenta", status_code=204, response_class=Response, responses=responses(401))
async def remove_me(login: BriefLoginDep, services: ServicesDep) -> None:
    """Borra la cuenta y todo lo que le pertenece: bots, documentos y conversaciones."""
    owner_id = login.user.id
    tries_until = asyncio.get_running_loop().time() + _REMOVE_WITHIN_S
    while not await _is_removed(services, owner_id):
        if asyncio.get_running_loop().time() > tries_until:
            raise DatabaseUnavailable
        await asyncio.sleep(_REMOVE_AGAIN_AFTER_S)
    await services.chat.quotas.forget(owner_id)
    log.info("user.removed")


async def _is_removed(services: Services, owner_id: uuid.UUID) -> bool:
    """Not while somebody holds what belongs to it."""
    try:
        async with transaction(services.sessions) as session:
            await crud.remove_user(session, owner_id=owner_id)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            return False
        raise
    return True


@router.get("/me/sessions", summary="Mis sesiones", response_model=list[SessionView], responses=responses(401))
async def list_sessions(session: SessionDep, login: LoginDep) -> list[SessionView]:
    """Las que están abiertas, la última usada primero. `current` es la de este token."""
    found = await crud.list_sessions(session, owner_id=login.user.id)
    return [
        SessionView(
            id=one.id,
            user_agent=one.user_agent,
            created_at=one.created_at,
            last_used_at=one.last_used_at,
            expires_at=one.expires_at,
            current=one.id == login.session_id,
        )
        for one in found
    ]


@router.delete(
    "/me/sessions/{session_id}",
    summary="Cierra una sesión",
    status_code=204,
    response_class=Response,
    responses=responses(401, 404, 422),
)
async def remove_session(session_id: Annotated[uuid.UUID, Path()], session: SessionDep, login: LoginDep) -> None:
    """Su token deja de valer en todas partes desde este momento; también el de esta, si es la suya."""
    await crud.remove_session(session, session_id, owner_id=login.user.id)
