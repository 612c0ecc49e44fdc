"""What routes ask for: a transaction, the current user, the services, the loaders that answer 404."""

import asyncio
import ipaddress
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app import crud
from app.api.errors import language_of
from app.api.exports import Exports
from app.api.last_use import LastUse
from app.api.metrics import Metrics
from app.api.passwords import PasswordHasher
from app.api.readiness import Probes
from app.api.session_watch import SessionWatch
from app.api.streaming import LiveStreams
from app.chat.asking import ChatServices
from app.core.config import Settings
from app.core.database import Sessions, transaction
from app.core.encryption import Keyring
from app.core.errors import NotAuthenticated
from app.core.limits import Limiter
from app.core.logging import add_log_fields
from app.core.queue import Publisher
from app.core.security import read_token
from app.models import Bot, User


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that lives as long as the server."""

    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    publisher: Publisher
    limiter: Limiter
    passwords: PasswordHasher
    probes: Probes
    metrics: Metrics
    keyring: Keyring
    chat: ChatServices
    live: LiveStreams
    watch: SessionWatch
    last_use: LastUse
    exports: Exports
    # Uploads come in side by side and wait on the disk; who holds this has one in memory, several times as large.
    uploads: asyncio.Semaphore


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks, and by which session."""

    user: User
    session_id: uuid.UUID


def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]


async def get_session(services: ServicesDep) -> AsyncIterator[AsyncSession]:
    async with transaction(services.sessions) as session:
        yield session


# scope="function": committed before the response is sent, so that a 200 is never a promise.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]

_bearer = OAuth2PasswordBearer(tokenUrl="token", auto_error=False)
TokenDep = Annotated[str | None, Depends(_bearer)]


def _session_id(token: str | None, settings: Settings) -> uuid.UUID:
    if token is None:
        raise NotAuthenticated
    return read_token(token, secret_key=settings.secret_key.get_secret_value())


async def _authenticate(session: AsyncSession, token: str | None, services: Services) -> Login:
    session_id = _session_id(token, services.settings)
    user = await crud.get_user_of_session(session, session_id)
    add_log_fields(owner_id=str(user.id))
    services.last_use.note(session_id)
    return Login(user, session_id)


async def get_login(session: SessionDep, token: TokenDep, services: ServicesDep) -> Login:
    """In the request's own transaction."""
    return await _authenticate(session, token, services)


async def get_brief_login(token: TokenDep, services: ServicesDep) -> Login:
    """In a transaction of its own, for routes that wait long: they must not hold a connection meanwhile."""
    async with transaction(services.sessions) as session:
        return await _authenticate(session, token, services)


async def get_session_id(token: TokenDep, services: ServicesDep) -> uuid.UUID:
    """The session that the token names; whether it still lives, the caller's own statement tells."""
    session_id = _session_id(token, services.settings)
    services.last_use.note(session_id)
    return session_id


LoginDep = Annotated[Login, Depends(get_login)]
SessionIdDep = Annotated[uuid.UUID, Depends(get_session_id)]
BriefLoginDep = Annotated[Login, Depends(get_brief_login)]

BotId = Annotated[uuid.UUID, Path()]


async def get_owned_bot(bot_id: BotId, session: SessionDep, login: LoginDep) -> Bot:
    """The bot of the path. Raises `BotNotFound`, also for another owner's."""
    return await crud.get_bot(session, bot_id, owner_id=login.user.id)


OwnedBot = Annotated[Bot, Depends(get_owned_bot)]
Language = Annotated[str, Depends(language_of)]


def client_address(request: Request) -> str:
    """The peer's address, as the server sees it; IPv6 counts by its /64, which one customer owns whole."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


ClientAddress = Annotated[str, Depends(client_address)]

_MAX_USER_AGENT_CHARACTERS = 256


def user_agent(request: Request) -> str:
    """What the client calls itself, without what cannot be shown."""
    raw = request.headers.get("user-agent", "").encode("latin-1")
    try:
        named = raw.decode()
    except UnicodeDecodeError:
        named = raw.decode("latin-1")
    return "".join(character for character in named if character.isprintable())[:_MAX_USER_AGENT_CHARACTERS].strip()


UserAgent = Annotated[str, Depends(user_agent)]
