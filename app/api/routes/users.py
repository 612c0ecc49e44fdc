"""`/users/`: accounts."""

from fastapi import APIRouter, Response

from app import crud
from app.api.dependencies import BriefLoginDep, ClientAddress, LoginDep, ServicesDep, SessionDep
from app.api.errors import responses
from app.core.database import transaction
from app.core.errors import PasswordTooCommon, WrongCredentials
from app.core.limits import registration_limits
from app.core.registration import Registration
from app.core.security import is_common_password
from app.models import User
from app.schemas import NewUser, PasswordChange, RegistrationView, UserView

router = APIRouter(prefix="/users", tags=["Users"])


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
        user = await crud.get_user_of_session(session, login.session_id)
        if user.password_hash != login.user.password_hash:
            raise WrongCredentials
        await crud.change_user_password(
            session, user, password_hash=password_hash, keep_session_id=login.session_id
        )
    return user


@router.delete("/me", summary="Borra la cuenta", status_code=204, response_class=Response, responses=responses(401))
async def remove_me(session: SessionDep, login: LoginDep) -> None:
    """Borra la cuenta y todo lo que le pertenece: bots, documentos y conversaciones."""
    await crud.remove_user(session, owner_id=login.user.id)
