"""Every setting, read once from the environment and `.env`."""

import re
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.broker import BROKER_SCHEMES, REDIS_SCHEMES
from app.core.errors import ConfigurationError
from app.core.registration import Registration, read_registration

_SAMPLE_SECRETS = ("change", "cambia", "secret", "sample", "ejemplo", "example", "xxxx", "password")
_MIN_SECRET_CHARACTERS = 32
_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_USUAL_PORTS = {"http": 80, "https": 443}


class Settings(BaseSettings):
    """Field names in upper case are the variables; the README's table explains each."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    environment: Literal["production", "development", "test"] = "production"
    secret_key: SecretStr = SecretStr("")
    encryption_key: SecretStr = SecretStr("")
    encryption_key_previous: SecretStr = SecretStr("")
    database_url: SecretStr = SecretStr("")
    # For whom knows the parts and not the address: compose, where a password may hold what an address may not.
    postgres_host: str = ""
    postgres_port: int = Field(5432, ge=1, le=65535)
    postgres_user: str = "bytchat"
    postgres_password: SecretStr = SecretStr("")
    postgres_db: str = "bytchat"
    redis_url: SecretStr = SecretStr("")
    redis_host: str = ""
    redis_port: int = Field(6379, ge=1, le=65535)
    redis_password: SecretStr = SecretStr("")
    broker_url: SecretStr = SecretStr("")
    registration: str = "open"
    registrations_per_hour: int = Field(100, ge=0)
    bytchat_home: Path | None = None
    api_host: str = "127.0.0.1"
    api_port: int = Field(8000, ge=1, le=65535)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"
    panel_port: int = Field(5173, ge=1, le=65535)
    trusted_proxies: str = ""
    cors_origins: str = ""
    access_token_minutes: int = Field(60 * 24 * 7, ge=1)
    database_pool_size: int = Field(10, ge=1, le=200)
    database_pooler: Literal["off", "transaction"] = "off"
    upload_limit_mb: int = Field(25, ge=1, le=200)
    job_lease_s: float = Field(60, gt=0)
    job_lost_after_s: float = Field(30, gt=0)
    sweep_every_s: float = Field(15, gt=0)
    standby_after_s: float = Field(0, ge=0)
    embed_slice_s: float = Field(10, gt=0)
    embed_threads: int = Field(2, ge=1, le=64)
    openai_base_url: str = "https://api.openai.com/v1"
    google_base_url: str = "https://generativelanguage.googleapis.com"
    local_base_url: str = ""
    openai_api_key: SecretStr = SecretStr("")
    google_api_key: SecretStr = SecretStr("")
    local_api_key: SecretStr = SecretStr("")
    server_keys: Literal["all", "off"] = "all"
    server_keys_usd_per_owner_day: Decimal = Field(Decimal(1), ge=0, max_digits=12, decimal_places=6)
    catalog_file: Path | None = None
    chats_per_minute: int = Field(60, ge=0)
    tokens_per_day: int = Field(0, ge=0)
    live_streams_per_owner: int = Field(20, ge=0)
    bots_per_owner: int = Field(100, ge=0)
    documents_per_owner: int = Field(1000, ge=0)
    storage_mb_per_owner: int = Field(1024, ge=0)
    connect_timeout_s: float = Field(5, gt=0)
    first_token_timeout_s: float = Field(30, gt=0)
    token_gap_timeout_s: float = Field(30, gt=0)
    answer_timeout_s: float = Field(300, gt=0)
    drain_s: float = Field(0, ge=0, le=10)
    scripted_models: bool = False

    @field_validator("openai_base_url", "google_base_url", "local_base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_sound = False
        if value and (not is_sound or "@" in parts.netloc):
            raise ValueError("is not an address like https://host/v1, without user or password")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        return ",".join(_origin(part) for part in value.split(",") if part.strip())

    @field_validator("registration")
    @classmethod
    def _is_registration(cls, value: str) -> str:
        return str(read_registration(value))

    @model_validator(mode="after")
    def _make_addresses(self) -> Self:
        """An address that is set goes before its parts."""
        if self.postgres_host and not self.database_url.get_secret_value():
            who = f"{quote(self.postgres_user, safe='')}:{_quoted(self.postgres_password)}"
            where = f"{self.postgres_host}:{self.postgres_port}/{quote(self.postgres_db, safe='')}"
            self.database_url = SecretStr(f"postgresql://{who}@{where}")
        if self.redis_host and not self.redis_url.get_secret_value():
            where = f"{self.redis_host}:{self.redis_port}/0"
            self.redis_url = SecretStr(f"redis://:{_quoted(self.redis_password)}@{where}")
        return self

    @property
    def jobs_url(self) -> str:
        """Celery's broker: the same Redis as that of the limits, unless another is named."""
        return (self.broker_url or self.redis_url).get_secret_value()

    @property
    def allowed_origins(self) -> list[str]:
        """Of pages elsewhere, as browsers spell them."""
        return self.cors_origins.split(",") if self.cors_origins else []

    @property
    def who_may_register(self) -> Registration:
        return read_registration(self.registration)


def _quoted(secret: SecretStr) -> str:
    return quote(secret.get_secret_value(), safe="")


def _origin(value: str) -> str:
    """As a browser sends it: in lower case, and without the port that the scheme has anyway."""
    match = _ORIGIN.fullmatch(value.strip().lower())
    port = int(match[3] or _USUAL_PORTS[match[1]]) if match else 0
    if match is None or not 0 < port <= 65535:
        raise ValueError("takes origins like https://panel.example.com:8443, separated by commas: no path, no *")
    shown = "" if port == _USUAL_PORTS[match[1]] else f":{port}"
    return f"{match[1]}://{match[2]}{shown}"


@lru_cache
def get_settings() -> Settings:
    """The process's settings. Raises `ConfigurationError` naming the variable that does not fit."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "?"
        raise ConfigurationError(problem=f"{name}: {first['msg']}.") from error


def require_services(settings: Settings) -> None:
    """Refuse to start without what the server needs, naming the variable (AUT-8)."""
    _require_url("DATABASE_URL", settings.database_url, schemes=("postgresql", "postgres"))
    _require_url("REDIS_URL", settings.redis_url, schemes=REDIS_SCHEMES)
    if settings.broker_url:
        _require_url("BROKER_URL", settings.broker_url, schemes=BROKER_SCHEMES)
    for name, secret in (("SECRET_KEY", settings.secret_key), ("ENCRYPTION_KEY", settings.encryption_key)):
        _require_secret(name, secret.get_secret_value(), settings)


def _require_secret(name: str, secret: str, settings: Settings) -> None:
    if settings.environment == "development" and secret:
        return
    if problem := _weakness(secret):
        raise ConfigurationError(problem=f"{name} {problem}. Make one with: openssl rand -hex 32")


def _require_url(name: str, value: SecretStr, *, schemes: tuple[str, ...]) -> None:
    url = value.get_secret_value()
    if not url:
        raise ConfigurationError(problem=f"{name} is not set. Set it in .env, or start with `make up`.")
    scheme, _, rest = url.partition("://")
    # SQLAlchemy's spelling names a driver behind the plus.
    if scheme.partition("+")[0] not in schemes or not rest:
        raise ConfigurationError(problem=f"{name} is not an address like {schemes[0]}://user:password@host/name.")


def _weakness(secret: str) -> str | None:
    if not secret:
        return "is not set"
    if len(secret) < _MIN_SECRET_CHARACTERS:
        return f"is shorter than {_MIN_SECRET_CHARACTERS} characters"
    if any(word in secret.lower() for word in _SAMPLE_SECRETS) or len(set(secret)) < 8:
        return "is a sample, not a secret"
    return None
