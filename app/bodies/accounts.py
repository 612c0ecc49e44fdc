"""Bodies of accounts, their sessions and what they may use."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, EmailStr, Field

from app.bodies.fields import HIDDEN, Body, Storable, View, example
from app.core.registration import RegistrationMode

Email = Annotated[EmailStr, Field(max_length=254, examples=["nuevo.usuario@ejemplo.com"])]
NewPassword = Annotated[
    str, Field(min_length=8, max_length=1024, examples=["una-clave-segura"], json_schema_extra=HIDDEN)
]


class NewUser(Body):
    model_config = example(email="nuevo.usuario@ejemplo.com", password="una-clave-segura")  # noqa: S106

    email: Email
    password: NewPassword


class LoginForm(BaseModel):
    """OAuth2's standard fields; only the e-mail and the password count."""

    username: Annotated[
        str, Field(max_length=254, description="El correo.", examples=["nuevo.usuario@ejemplo.com"]), Storable
    ]
    password: Annotated[str, Field(max_length=1024, examples=["una-clave-segura"], json_schema_extra=HIDDEN)]
    grant_type: Literal["password"] | None = None
    scope: Annotated[str, Field(max_length=200)] | None = None
    client_id: Annotated[str, Field(max_length=200)] | None = None
    client_secret: Annotated[str, Field(max_length=200)] | None = None


class PasswordChange(Body):
    password: Annotated[str, Field(max_length=1024, description="The one in force.", json_schema_extra=HIDDEN)]
    new_password: NewPassword


class UserView(View):
    id: uuid.UUID
    email: str
    created_at: datetime


class RegistrationView(View):
    mode: RegistrationMode
    domains: list[str] = Field(description="With `domain`, those whose e-mails can register; else empty.")


class TokenView(View):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105


class SessionView(View):
    """A login that is in force."""

    id: uuid.UUID
    user_agent: str = Field(description="What the client called itself at the login; empty where it did not.")
    created_at: datetime
    last_used_at: datetime = Field(description="To within a few minutes.")
    expires_at: datetime
    current: bool = Field(description="Whether it is the one that asks.")


class QuotaView(View):
    """One limit of the account, and how much of it is used."""

    quota: str = Field(
        description="`bots`, `documents`, `stored_bytes`, `tokens_per_day`, `server_keys_usd_per_day`."
    )
    used: int | float
    limit: int | float | None = Field(description="Null where the operator sets none.")
    resets_at: datetime | None = Field(description="When it is whole again; null where deleting makes room.")
